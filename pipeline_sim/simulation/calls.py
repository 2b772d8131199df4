"""What calls do: each operation of the API that changes something, refused by a rule or followed by its effects.

A handler answers with a `Reply`: the answer, and what follows from it. The call is written down in between: log first,
then effect. Operations that need the state alone are answered by `views.api`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple

from ..ids import approval_token, execution_id, execution_number
from ..pipeline.check import check, first_error
from ..pipeline.model import Action, Pipeline
from ..pipeline.read import from_structure, with_defaults
from ..record import INBOUND, ExecutionChanged, Revision, RevisionArrived, StageChanged
from ..refused import Refused
from ..rules import (
    Refusal,
    against_answering,
    against_overriding,
    against_resuming,
    against_retrying,
    against_rolling_back,
    against_starting,
    against_stopping,
    execution_of,
    id_of,
    wants_summary,
)
from ..shapes import MASK, SECRET_KEYS, members_of
from ..state import ExecutionState, PipelineState, StageState
from ..views.api import ANSWERS
from ..views.api.definitions import without_secrets
from ..views.api.tags import check_tags
from ..views.names import moment
from . import conditions, jobs
from .providers import approval_result
from .starts import start
from .walk import admit, cancel_outdated, roll_back, set_off, stop_waiting, stopped
from .work import begin

if TYPE_CHECKING:
    from . import Simulation

Request = Mapping[str, Any]
PIPELINES = 1000
BY_NAME = ("StartPipelineExecution", "GetPipeline", "GetPipelineState", "DeletePipeline")
"""The operations that call a pipeline's name `name`."""


class Reply(NamedTuple):
    """The answer to a call, what of it is kept in the records, and what follows from the call."""

    answer: dict[str, Any]
    keep: Mapping[str, Any] | None = None
    then: Callable[[], object] | None = None


Handler = Callable[["Simulation", Request, str], Reply]


def reply(sim: Simulation, operation: str, request: Request, by: str) -> Reply:
    """Answer a call or raise `Refused`; nothing has changed yet."""
    handler = _HANDLERS.get(operation)
    if handler is not None:
        return handler(sim, request, by)
    answer = ANSWERS[operation](sim.state, request)
    reads = operation.startswith(("Get", "List"))
    return Reply(answer, None if reads else answer, jobs.after(sim, operation, request))


def authorise(sim: Simulation, operation: str, request: Request, by: str) -> None:
    """Whether the caller's own policies allow the call (8.2, 8.3). Who is not in the scenario may do everything."""
    if by in sim.identities:
        from .permissions import against_calling

        _refuse(against_calling(sim, operation, request, by))


def fill_in(sim: Simulation, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """A person's request in full: the only pipeline's name, `execution: 3` and `target: 2` as ids, the token of the
    approval that waits."""
    if "pipeline" in request:  # a whole structure has its name inside
        return request
    names = list(sim.state.pipelines)
    key = "name" if operation in BY_NAME else "pipelineName"
    if len(names) == 1 and key not in request and key in members_of(operation):
        request[key] = names[0]
    pipeline = sim.state.pipelines.get(str(request.get(key)))
    if pipeline is None:
        return request
    for word, member in (("execution", "pipelineExecutionId"), ("target", "targetPipelineExecutionId")):
        number = request.pop(word, None)
        if isinstance(number, int) and number in pipeline.executions:
            request[member] = id_of(sim.state, pipeline.executions[number])
    if "actionName" in request and "result" in request and "token" not in request:
        request["token"] = pending_token(sim, pipeline, str(request.get("stageName")), str(request["actionName"]))
    return request


def pending_token(sim: Simulation, pipeline: PipelineState, stage: str, action: str) -> str:
    """The token that a person would answer with: of the approval that waits there, the oldest execution's first; else
    of the newest that waited; else one that nobody has."""
    found = [(attempt.status != "InProgress", attempt.index)
             for execution in pipeline.executions.values() if stage in execution.stages
             for attempt in execution.stages[stage].attempts.get(action, ())]
    waiting = [index for done, index in found if not done]
    return approval_token(sim.seed, waiting[0] if waiting else max((index for _, index in found), default=0))


def _refuse(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise Refused(refusal.error, refusal.message)


# ---------------------------------------------------------------------------------------------- finding things


def _pipeline(sim: Simulation, name: str) -> PipelineState:
    if name not in sim.state.pipelines:
        raise Refused("PipelineNotFoundException",
                      f"Account '{sim.state.account}' does not have a pipeline with name '{name}'")
    return sim.state.pipelines[name]


def _stage(pipeline: PipelineState, name: str) -> StageState:
    if name not in pipeline.stages:
        raise Refused("StageNotFoundException", f"The pipeline {pipeline.name} has no stage named {name}")
    return pipeline.stages[name]


def _execution(sim: Simulation, pipeline: PipelineState, request: Request, error: str) -> ExecutionState:
    execution = execution_of(sim.state, pipeline, request["pipelineExecutionId"])
    if execution is None:
        raise Refused(error, f"The pipeline {pipeline.name} has no execution {request['pipelineExecutionId']}")
    return execution


# ---------------------------------------------------------------------------------------------- definitions


def _checked(sim: Simulation, structure: Mapping[str, Any], version: int) -> Pipeline:
    found = check(structure, custom_types=sim.state.custom_types, region=sim.state.region)
    faults = [fault for fault in found if not fault.warning]
    if faults:
        raise Refused(*first_error(faults))
    checked = from_structure(with_defaults({**structure, "version": version}))
    if sim.trust:
        _against_its_roles(sim, checked)
    return checked


def _against_its_roles(sim: Simulation, pipeline: Pipeline) -> None:
    """A role that may not be assumed is refused with the definition (1.5, 8.1) [PROBE-B, WEB]."""
    from .permissions import SERVICE, against_assuming

    if against_assuming(sim, pipeline) is not None:
        raise Refused("InvalidStructureException",
                      f"{SERVICE} is not authorized to perform AssumeRole on role {pipeline.role_arn}")
    for stage, action in pipeline.walk():
        if against_assuming(sim, pipeline, action) is not None:
            raise Refused("InvalidStructureException",
                          f"{pipeline.role_arn} is not authorized to perform AssumeRole on role {action.role_arn} of the "
                          f"action {stage.name}/{action.name}")


def create_pipeline(sim: Simulation, request: Request, by: str) -> Reply:
    """A pipeline is created and runs once (0.3, 4.2); a polling source finds its revision by itself [PROBE-B]."""
    new = _checked(sim, request["pipeline"], 1)
    check_tags(request.get("tags", ()))
    if new.name in sim.state.pipelines:
        raise Refused("PipelineNameInUseException", f"A pipeline with the name '{new.name}' already exists")
    if len(sim.state.pipelines) >= PIPELINES:
        raise Refused("LimitExceededException", f"The account has {PIPELINES} pipelines, its limit")
    answer: dict[str, Any] = {"pipeline": dict(new.structure)}
    if request.get("tags"):
        answer["tags"] = list(request["tags"])
    shown = {**answer, "pipeline": without_secrets(sim.state, answer["pipeline"])}
    return Reply(shown, answer, lambda: _first_run(sim, sim.state.pipelines[new.name], by))


def _first_run(sim: Simulation, pipeline: PipelineState, by: str) -> None:
    from .world import detections, may_look

    polling = [action for action in pipeline.definition.sources
               if "PollForSourceChanges" in detections(sim, pipeline, action)]
    for action in [action for action in polling if may_look(sim, pipeline, action)]:
        start(sim, pipeline, "PollForSourceChanges", action.name)
    if not polling:
        start(sim, pipeline, "CreatePipeline", by)


def update_pipeline(sim: Simulation, request: Request, by: str) -> Reply:
    """The next version of a pipeline; it does not start a run and ends those under way (0.3, 4.3). The API declares no
    PipelineNotFoundException here: an unknown name is an InvalidStructureException (1.5)."""
    name = request["pipeline"]["name"]
    if name not in sim.state.pipelines:
        raise Refused("InvalidStructureException", f"There is no pipeline named '{name}' to update")
    pipeline = sim.state.pipelines[name]
    given = _with_secrets(request["pipeline"], pipeline.definition)
    new = _checked(sim, given, pipeline.definition.version + 1)
    answer = {"pipeline": dict(new.structure)}
    shown = {"pipeline": without_secrets(sim.state, new.structure)}
    return Reply(shown, answer, lambda: cancel_outdated(sim, pipeline))


def _with_secrets(structure: Mapping[str, Any], old: Pipeline) -> dict[str, Any]:
    """The structure in which a mask that was read and sent back stands for the secret it hides, as long as stage and
    action keep their names (1.1) [UG:pipeline-requirements]."""
    known = {(stage.name, action.name): action.configuration for stage, action in old.walk()}
    filled = deepcopy(dict(structure))
    for stage in filled["stages"]:
        for action in stage["actions"]:
            before = known.get((stage["name"], action["name"]), {})
            for key, value in action.get("configuration", {}).items():
                if key in SECRET_KEYS and value == MASK and key in before:
                    action["configuration"][key] = before[key]
    return filled


def delete_pipeline(sim: Simulation, request: Request, by: str) -> Reply:
    """A pipeline goes, with its executions under way; an unknown name is no error [knowledge]."""
    name = request["name"]
    return Reply({}, {}, lambda: _forget_runs(sim, name))


def _forget_runs(sim: Simulation, name: str) -> None:
    """The runs of a pipeline that is gone end unheard: there is no execution left to write of."""
    for key in [key for key in sim.runs if key[0] == name]:
        run = sim.runs.pop(key)
        run.over = True
        if run.check is not None:
            run.check.leave(sim)
        for work in run.works:
            if not work.status:
                work.leave()
                work.status = "Abandoned"


# ---------------------------------------------------------------------------------------------- start and stop


def start_execution(sim: Simulation, request: Request, by: str) -> Reply:
    """Release change. A repeated clientRequestToken gives the first execution again (4.2) [PROBE-B]."""
    pipeline = _pipeline(sim, request["name"])
    variables = _variables(request)
    revisions = _overrides(sim, pipeline, request)
    token = request.get("clientRequestToken")
    if token in pipeline.tokens:
        answer = {"pipelineExecutionId": id_of(sim.state, pipeline.executions[pipeline.tokens[token]])}
        return Reply(answer, answer)
    _refuse(against_starting(sim.state, pipeline))
    answer = {"pipelineExecutionId": execution_id(sim.seed, pipeline.name, len(pipeline.executions) + 1)}
    return Reply(answer, answer,
                 lambda: start(sim, pipeline, "StartPipelineExecution", by, revisions, variables))


def _variables(request: Request) -> dict[str, str]:
    given = request.get("variables", ())
    names = [variable["name"] for variable in given]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise Refused("ValidationException", f"The pipeline variables {', '.join(sorted(twice))} are given twice")
    return {variable["name"]: variable["value"] for variable in given}


OVERRIDES = {"CodeCommit": ("COMMIT_ID",), "CodeStarSourceConnection": ("COMMIT_ID",), "GitHub": ("COMMIT_ID",),
             "ECR": ("IMAGE_DIGEST",), "S3": ("S3_OBJECT_VERSION_ID", "S3_OBJECT_KEY")}


def _overrides(sim: Simulation, pipeline: PipelineState, request: Request) -> dict[str, Revision]:
    """Source revision overrides (4.2): a V2 pipeline, a source action, a revision type that its provider knows."""
    given = request.get("sourceRevisions", ())
    sources = {action.name: action for action in pipeline.definition.sources}
    for override in given:
        source = sources.get(override["actionName"])
        allowed = _allowed(source) if source else ()
        if pipeline.definition.type != "V2" or source is None or override["revisionType"] not in allowed:
            raise Refused("ValidationException", _against_override(pipeline, override, sources))
    return {override["actionName"]: _overriding(sim, pipeline, override) for override in given}


def _allowed(source: Action) -> tuple[str, ...]:
    """The revision types that a source takes; S3 another key only where it says so (2.2) [PROBE-B]."""
    closed = source.configuration.get("AllowOverrideForS3ObjectKey", "false").lower() != "true"
    return tuple(kind for kind in OVERRIDES.get(source.provider, ()) if kind != "S3_OBJECT_KEY" or not closed)


def _against_override(pipeline: PipelineState, override: Request, sources: Mapping[str, Any]) -> str:
    name = override["actionName"]
    if pipeline.definition.type != "V2":
        return "Source revision overrides need a pipeline of type V2"
    if name not in sources:
        return f"Source revision override: {name} is not a source action of {pipeline.name}"
    if override["revisionType"] == "S3_OBJECT_KEY" and sources[name].provider == "S3":
        return f"Source revision override: {name} takes another key only with AllowOverrideForS3ObjectKey set to true"
    return f"Source revision override: {name} does not take a revision of type {override['revisionType']}"


def _overriding(sim: Simulation, pipeline: PipelineState, override: Request) -> Revision:
    """A revision seen before keeps its number, and so its defects; any other one is new."""
    value = override["revisionValue"]
    for execution in pipeline.executions.values():
        for revision in execution.revisions.values():
            if revision.id == value:
                return revision
    newest = pipeline.newest.get(override["actionName"])
    if newest is not None and newest.id == value:
        return newest
    return Revision(sim.state.revisions + 1, value, sim.now)


def stop_execution(sim: Simulation, request: Request, by: str) -> Reply:
    """Stop and wait, or stop and abandon (4.8)."""
    pipeline = _pipeline(sim, request["pipelineName"])
    execution = _execution(sim, pipeline, request, "PipelineExecutionNotStoppableException")
    abandon = bool(request.get("abandon", False))
    _refuse(against_stopping(execution, abandon))
    answer = {"pipelineExecutionId": request["pipelineExecutionId"]}
    return Reply(answer, answer, lambda: _stop(sim, pipeline, execution, abandon, request.get("reason", "")))


def _stop(sim: Simulation, pipeline: PipelineState, execution: ExecutionState, abandon: bool, reason: str) -> None:
    run = sim.runs[pipeline.name, execution.number]
    stage = execution.run
    if stage is None or stage.status == INBOUND:
        stop_waiting(sim, run, reason)
        return
    sim.record(ExecutionChanged(sim.now, pipeline.name, execution.number, "Stopping", reason, abandon=abandon))
    if stage.status != "Stopping":
        sim.record(StageChanged(sim.now, pipeline.name, execution.number, execution.stage, "Stopping"))
    if run.check is not None:
        conditions.abandon(sim, run)
        abandon = True
    if abandon:
        for work in run.works:
            work.abandon("Abandoned: the execution was stopped without waiting for the action.")
        stopped(sim, run, execution.stage)


# ---------------------------------------------------------------------------------------------- retry, rollback


def retry_stage(sim: Simulation, request: Request, by: str) -> Reply:
    """Retry the failed actions of a stage, or all (4.9): the same execution, new attempts."""
    pipeline = _pipeline(sim, request["pipelineName"])
    name = request["stageName"]
    _stage(pipeline, name)
    execution = _execution(sim, pipeline, request, "StageNotRetryableException")
    mode = request["retryMode"]
    _refuse(against_retrying(sim.state, pipeline, name, execution, mode))
    answer = {"pipelineExecutionId": request["pipelineExecutionId"]}
    return Reply(answer, answer, lambda: _retry(sim, pipeline, execution, name, mode))


def _retry(sim: Simulation, pipeline: PipelineState, execution: ExecutionState, stage: str, mode: str) -> None:
    again = StageChanged(sim.now, pipeline.name, execution.number, stage, "InProgress", "ManualStageRetry", mode)
    run = sim.runs.get((pipeline.name, execution.number))
    if run is not None:
        sim.record(again)
        _retry_beside_siblings(sim, run, stage)
        return
    sim.record(ExecutionChanged(sim.now, pipeline.name, execution.number, "InProgress"))
    sim.record(again)
    set_off(sim, pipeline, execution, execution.definition.index[stage], mode)


def _retry_beside_siblings(sim: Simulation, run: Any, stage: str) -> None:
    """A failed action begins again while its siblings of the same run order still run (4.5)."""
    attempts = run.execution.stages[stage].attempts
    for work in list(run.works):
        if work.status and attempts[work.action.name][-1].status == "Failed":
            run.works.append(begin(sim, run, work.prepared))


def rollback_stage(sim: Simulation, request: Request, by: str) -> Reply:
    """A stage goes back to what an earlier execution had in it (4.10): a new execution of that stage alone."""
    pipeline = _pipeline(sim, request["pipelineName"])
    stage = request["stageName"]
    _stage(pipeline, stage)
    identifier = request["targetPipelineExecutionId"]
    target = pipeline.executions.get(execution_number(sim.seed, pipeline.name, identifier) or 0)
    if target is None:
        raise Refused("PipelineExecutionNotFoundException", f"{pipeline.name} has no execution {identifier}")
    _refuse(against_rolling_back(sim.state, pipeline, stage, target))
    number = len(pipeline.executions) + 1
    answer = {"pipelineExecutionId": execution_id(sim.seed, pipeline.name, number)}
    luck = (1 << 40) + number
    return Reply(answer, answer,
                 lambda: roll_back(sim, pipeline, stage, target.number, "ManualRollback", by, luck))


def override_condition(sim: Simulation, request: Request, by: str) -> Reply:
    """A condition that failed or still runs is overridden, and the stage proceeds (4.11)."""
    pipeline = _pipeline(sim, request["pipelineName"])
    stage, gate = request["stageName"], request["conditionType"]
    _stage(pipeline, stage)
    execution = _execution(sim, pipeline, request, "ConditionNotOverridableException")
    _refuse(against_overriding(sim.state, pipeline, stage, execution, gate))
    return Reply({}, {}, lambda: conditions.override(sim, pipeline, execution, stage, gate))


# ---------------------------------------------------------------------------------------------- doors and approvals


def disable_transition(sim: Simulation, request: Request, by: str) -> Reply:
    """A transition is disabled (4.6): nobody enters, whoever is in the stage goes on."""
    _stage(_pipeline(sim, request["pipelineName"]), request["stageName"])
    return Reply({}, {})


def enable_transition(sim: Simulation, request: Request, by: str) -> Reply:
    """A transition is enabled (4.6); who waits in front of it may enter, unless it was disabled for too long."""
    pipeline = _pipeline(sim, request["pipelineName"])
    stage, side = request["stageName"], request["transitionType"]
    door = _stage(pipeline, stage)
    stale = against_resuming(sim.state, door.inbound if side == "Inbound" else door.outbound)
    return Reply({}, {}, lambda: _admit_around(sim, pipeline, _next_door(pipeline, stage, side), stale))


def _next_door(pipeline: PipelineState, stage: str, side: str) -> str | None:
    """In front of which stage people wait because of this side of a stage's transitions."""
    index = pipeline.definition.index[stage] + (side == "Outbound")
    stages = pipeline.definition.stages
    return stages[index].name if index < len(stages) else None


def _admit_around(sim: Simulation, pipeline: PipelineState, stage: str | None, stale: str | None) -> None:
    if stage is None:
        return
    for number in list(pipeline.stages[stage].waiting) if stale else ():
        stop_waiting(sim, sim.runs[pipeline.name, number], stale or "")
    admit(sim, pipeline, stage)


def put_approval(sim: Simulation, request: Request, by: str) -> Reply:
    """Somebody answers a pending approval (4.7)."""
    pipeline = _pipeline(sim, request["pipelineName"])
    stage, action = request["stageName"], request["actionName"]
    _stage(pipeline, stage)
    if action not in pipeline.definition.stage(stage).by_name:
        raise Refused("ActionNotFoundException", f"The stage {stage} has no action named {action}")
    found = against_answering(sim.state, pipeline, stage, action, request["token"])
    if isinstance(found, Refusal):
        raise Refused(found.error, found.message)
    execution, _ = found
    result = request["result"]
    if wants_summary(execution.definition.stage(stage).action(action)) and not result["summary"].strip():
        raise Refused("ValidationException", f"The approval {stage}/{action} needs a summary")
    answer = {"approvedAt": moment(sim.state, sim.now)}
    return Reply(answer, answer, lambda: answer_approval(sim, execution, action, result["status"],
                                                         result["summary"], by))


def answer_approval(
    sim: Simulation, execution: ExecutionState, action: str, status: str, summary: str, by: str
) -> None:
    """The approval ends: Approved succeeds, Rejected fails the action like any other failure (4.7)."""
    run = sim.runs[execution.pipeline, execution.number]
    work = next(work for work in run.works if work.action.name == action and not work.status)
    work.finish(*approval_result(status, summary, by))


def put_action_revision(sim: Simulation, request: Request, by: str) -> Reply:
    """A custom source reports a revision (4.2): new where it was not seen before, and then it starts a run."""
    pipeline = _pipeline(sim, request["pipelineName"])
    stage, action = request["stageName"], request["actionName"]
    _stage(pipeline, stage)
    if action not in pipeline.definition.stage(stage).by_name:
        raise Refused("ActionNotFoundException", f"The stage {stage} has no action named {action}")
    given = request["actionRevision"]
    revision = _overriding(sim, pipeline, {"actionName": action, "revisionValue": given["revisionId"]})
    new = revision.number > sim.state.revisions
    if new:
        _refuse(against_starting(sim.state, pipeline))
    number = len(pipeline.executions) + (1 if new else 0)
    told = new != (sim.state.settings.get("new_revision") == "as the model says")
    answer = {"newRevision": told, "pipelineExecutionId": execution_id(sim.seed, pipeline.name, max(number, 1))}
    return Reply(answer, answer, (lambda: _put_revision(sim, pipeline, action, revision, by)) if new else None)


def _put_revision(sim: Simulation, pipeline: PipelineState, action: str, revision: Revision, by: str) -> None:
    sim.record(RevisionArrived(sim.now, revision, ((pipeline.name, action),), action))
    start(sim, pipeline, "PutActionRevision", by, {action: revision})


_HANDLERS: dict[str, Handler] = {
    "CreatePipeline": create_pipeline,
    "UpdatePipeline": update_pipeline,
    "DeletePipeline": delete_pipeline,
    "StartPipelineExecution": start_execution,
    "StopPipelineExecution": stop_execution,
    "RetryStageExecution": retry_stage,
    "RollbackStage": rollback_stage,
    "OverrideStageCondition": override_condition,
    "EnableStageTransition": enable_transition,
    "DisableStageTransition": disable_transition,
    "PutApprovalResult": put_approval,
    "PutActionRevision": put_action_revision,
}
