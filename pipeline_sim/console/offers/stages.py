"""What may be done with stages, transitions, conditions and executions: AWS's own calls, each with its request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ...ids import approval_token, execution_id
from ...pipeline.model import PARALLEL, Action, Stage
from ...record import BEFORE_ENTRY, ON_SUCCESS
from ...state import Attempt, ExecutionState, PipelineState
from ...views.api import answer
from ..act import CALL, Act
from ..moment import Moment
from ..things import LABELS
from .forms import Field, Offer, Values

RECENT = 20
"""So many executions are offered where one is to be chosen, the newest."""


def identifier(moment: Moment, execution: ExecutionState) -> str:
    return execution_id(moment.seed, execution.pipeline, execution.number)


# ---------------------------------------------------------------------------------------------- transitions


def transitions(pipeline: PipelineState, stage: Stage, side: str) -> Iterator[Offer]:
    """Close or open one side of a stage's door: what it is not now."""
    door = pipeline.stages[stage.name]
    way, which = ("into", door.inbound) if side == "Inbound" else ("out of", door.outbound)
    request = {"pipelineName": pipeline.name, "stageName": stage.name, "transitionType": side}
    if which.enabled:
        reason = Field("reason", "Reason", value="Held back", hint="Others see it beside the transition.")
        yield Offer(f"disable-{side}-{stage.name}", f"Disable the transition {way} {stage.name}",
                    lambda said: Act(CALL, "DisableStageTransition", {**request, "reason": said["reason"]}), (reason,))
    else:
        yield Offer(f"enable-{side}-{stage.name}", f"Enable the transition {way} {stage.name}",
                    lambda said: Act(CALL, "EnableStageTransition", request))


# ---------------------------------------------------------------------------------------------- approvals


def approvals(
    moment: Moment, pipeline: PipelineState, stage: Stage, action: Action, execution: ExecutionState | None = None
) -> Iterator[Offer]:
    """Approve or reject: where several executions wait (PARALLEL), which of them, unless one is meant."""
    waiting = _waiting([execution] if execution else list(pipeline.executions.values()), stage, action)
    if not waiting:
        return
    who = tuple((str(attempt.index), f"execution {number}") for number, attempt in waiting)
    chosen = Field("execution", "Execution", "choice", who[0][0], who)
    comment = Field("summary", "Comment", hint="It stays in the history of the action.")

    def make(status: str) -> Callable[[Values], Act]:
        return lambda said: Act(CALL, "PutApprovalResult", {
            "pipelineName": pipeline.name, "stageName": stage.name, "actionName": action.name,
            "result": {"summary": said["summary"], "status": status},
            "token": approval_token(moment.seed, int(said["execution"]))})

    for status, label in (("Approved", "Approve"), ("Rejected", "Reject")):
        yield Offer(label.lower(), f"{label} {stage.name}/{action.name}", make(status), (chosen, comment))


def _waiting(executions: Sequence[ExecutionState], stage: Stage, action: Action) -> list[tuple[int, Attempt]]:
    """The attempts that wait for an answer, the oldest execution's first; else the last one that there was: its token is
    spent, and the refusal says how."""
    found = [(execution.number, attempts[-1]) for execution in executions
             if (run := execution.stages.get(stage.name)) and (attempts := run.attempts.get(action.name))]
    return [one for one in found if one[1].status == "InProgress"] or found[-1:]


# ---------------------------------------------------------------------------------------------- retry, rollback


def retries(moment: Moment, pipeline: PipelineState, stage: Stage, execution: ExecutionState | None) -> Iterator[Offer]:
    """Retry a stage's failed actions, or all: of an execution, or of those that the stage shows."""
    shown = [execution] if execution is not None else _shown(pipeline, stage)
    if not shown:
        return
    who = tuple((str(one.number), f"execution {one.number}") for one in shown)
    fields = (Field("execution", "Execution", "choice", who[0][0], who),)

    def make(mode: str) -> Callable[[Values], Act]:
        return lambda said: Act(CALL, "RetryStageExecution", {
            "pipelineName": pipeline.name, "stageName": stage.name,
            "pipelineExecutionId": identifier(moment, pipeline.executions[int(said["execution"])]), "retryMode": mode})

    for mode, what in (("FAILED_ACTIONS", "the failed actions of "), ("ALL_ACTIONS", "all actions of ")):
        yield Offer(f"retry-{mode}-{stage.name}", f"Retry {what}{stage.name}", make(mode), fields)


def _shown(pipeline: PipelineState, stage: Stage) -> list[ExecutionState]:
    """The execution that a stage shows; in PARALLEL mode those that have not succeeded in it, the newest first."""
    if pipeline.definition.mode != PARALLEL:
        latest = pipeline.stages[stage.name].latest
        return [pipeline.executions[latest]] if latest is not None else []
    inside = (one for one in reversed(pipeline.executions.values())
              if (run := one.stages.get(stage.name)) is not None and run.status in ("Failed", "Stopped", "InProgress"))
    return [one for one, _ in zip(inside, range(RECENT), strict=False)]


def rollbacks(moment: Moment, pipeline: PipelineState, stage: Stage) -> Iterator[Offer]:
    """Roll a stage back to an execution that succeeded there: the targets are those that AWS lists for it."""
    request = {"pipelineName": pipeline.name, "maxResults": RECENT,
               "filter": {"succeededInStage": {"stageName": stage.name}}}
    targets = answer(moment.state, "ListPipelineExecutions", request)["pipelineExecutionSummaries"]
    numbers = {identifier(moment, one): one.number for one in pipeline.executions.values()}
    who = tuple((one["pipelineExecutionId"], f"execution {numbers[one['pipelineExecutionId']]}") for one in targets)
    if who:
        first = who[1] if len(who) > 1 and _stands(pipeline, stage, numbers[who[0][0]]) else who[0]
        yield Offer(f"rollback-{stage.name}", f"Roll {stage.name} back", lambda said: Act(CALL, "RollbackStage", {
            "pipelineName": pipeline.name, "stageName": stage.name,
            "targetPipelineExecutionId": said["target"]}), (Field("target", "To", "choice", first[0], who),))


def _stands(pipeline: PipelineState, stage: Stage, number: int) -> bool:
    """Whether what the stage holds now is this execution's: nobody means to roll back to where it stands."""
    return pipeline.stages[stage.name].latest == number


# ---------------------------------------------------------------------------------------------- stops, overrides


def stops(moment: Moment, pipeline: PipelineState, execution: ExecutionState) -> Iterator[Offer]:
    """Stop and wait, stop and abandon."""
    reason = Field("reason", "Reason")

    def make(abandon: bool) -> Callable[[Values], Act]:
        return lambda said: Act(CALL, "StopPipelineExecution", {
            "pipelineName": pipeline.name, "pipelineExecutionId": identifier(moment, execution), "abandon": abandon,
            **({"reason": said["reason"]} if said["reason"] else {})})

    for abandon, how in ((False, "wait for its actions"), (True, "abandon its actions")):
        yield Offer(f"stop-{'abandon' if abandon else 'wait'}-{execution.number}",
                    f"Stop execution {execution.number} and {how}", make(abandon), (reason,))


def overrides(
    moment: Moment, pipeline: PipelineState, stage: Stage, execution: ExecutionState | None, gate: str = ""
) -> Iterator[Offer]:
    """Override the conditions of a stage that can be overridden at all."""
    shown = [execution] if execution is not None else _shown(pipeline, stage)
    if not shown:
        return
    who = tuple((str(one.number), f"execution {one.number}") for one in shown)

    def make(which: str) -> Callable[[Values], Act]:
        return lambda said: Act(CALL, "OverrideStageCondition", {
            "pipelineName": pipeline.name, "stageName": stage.name, "conditionType": which,
            "pipelineExecutionId": identifier(moment, pipeline.executions[int(said["execution"])])})

    for which in (BEFORE_ENTRY, ON_SUCCESS):
        if gate in ("", which) and which in stage.conditions:
            yield Offer(f"override-{which}-{stage.name}", f"Override the {LABELS[which]} condition of {stage.name}",
                        make(which), (Field("execution", "Execution", "choice", who[0][0], who),))


def words(said: Values, *names: str) -> dict[str, str]:
    """The values of these fields that are filled in."""
    return {name: said[name] for name in names if said.get(name)}
