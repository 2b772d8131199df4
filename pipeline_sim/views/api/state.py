"""GetPipelineState: where each stage stands now (9.4, 9.5).

A stage shows the execution that entered it last; different stages may show different ones. In PARALLEL mode there is no
state of the pipeline: stages are named and empty (4.3) [UG:execution-modes].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...ids import approval_token, attempt_id, execution_id, rule_id
from ...pipeline.model import PARALLEL, Action, Condition, Stage
from ...record import BEFORE_ENTRY, ON_FAILURE, ON_SUCCESS
from ...state import (
    Attempt,
    ConditionRun,
    ExecutionState,
    PipelineState,
    RuleRun,
    StageRun,
    StageState,
    State,
    Transition,
)
from ..links import entity_url, external_id, external_url, log_stream_arn, revision_url, summary
from ..names import caller_arn, moment
from .find import entered, pipeline_of


def get_pipeline_state(state: State, request: Mapping[str, Any]) -> dict[str, Any]:
    pipeline = pipeline_of(state, request["name"])
    return {
        "pipelineName": pipeline.name,
        "pipelineVersion": pipeline.definition.version,
        "stageStates": [_stage(state, pipeline, stage) for stage in pipeline.definition.stages],
        "created": moment(state, pipeline.created),
        "updated": moment(state, pipeline.updated),
    }


def without_empty(**members: Any) -> dict[str, Any]:
    """What has a value: the API leaves the rest out."""
    return {name: value for name, value in members.items() if value not in (None, "")}


# ---------------------------------------------------------------------------------------------- stages


def _stage(state: State, pipeline: PipelineState, stage: Stage) -> dict[str, Any]:
    door = pipeline.stages[stage.name]
    answer: dict[str, Any] = {"stageName": stage.name}
    execution = latest_in(pipeline, stage.name, door)
    inbound = [] if pipeline.definition.mode == PARALLEL else [
        _stage_execution(state, pipeline.executions[number], "InProgress") for number in door.waiting]
    if inbound:
        answer["inboundExecution"] = inbound[0]
    answer["inboundExecutions"] = inbound
    answer["inboundTransitionState"] = _transition(state, door.inbound)
    answer["actionStates"] = [_action(state, pipeline, stage, action, execution) for action in stage.actions]
    if execution is not None:
        answer["latestExecution"] = _stage_execution(state, execution, execution.stages[stage.name].status)
    run = execution.stages[stage.name] if execution else None
    return answer | _conditions(state, stage, run) | _retries(run)


def latest_in(pipeline: PipelineState, stage: str, door: StageState) -> ExecutionState | None:
    """Which execution a stage shows. After a change away from PARALLEL it is the last of another mode (4.3)."""
    if pipeline.definition.mode == PARALLEL or door.latest is None:
        return None
    execution = pipeline.executions[door.latest]
    if execution.mode != PARALLEL:
        return execution
    others = (other for other in reversed(pipeline.executions.values()) if other.mode != PARALLEL)
    return next((other for other in others if entered(other.stages.get(stage))), None)


def _stage_execution(state: State, execution: ExecutionState, status: str) -> dict[str, Any]:
    identifier = execution_id(state.seed, execution.pipeline, execution.number)
    return {"pipelineExecutionId": identifier, "status": status, "type": execution.start.kind}


def _transition(state: State, door: Transition) -> dict[str, Any]:
    answer: dict[str, Any] = {"enabled": door.enabled}
    if door.changed is not None:
        answer |= {"lastChangedBy": caller_arn(state, door.by), "lastChangedAt": moment(state, door.changed)}
    if not door.enabled:
        answer["disabledReason"] = door.reason
    return answer


def _retries(run: StageRun | None) -> dict[str, Any]:
    if run is None or not run.latest_retry:
        return {}
    counts = without_empty(autoStageRetryAttempt=run.automatic or None, manualStageRetryAttempt=run.manual or None)
    return {"retryStageMetadata": counts | {"latestRetryTrigger": run.latest_retry}}


# ---------------------------------------------------------------------------------------------- actions


def _action(
    state: State, pipeline: PipelineState, stage: Stage, action: Action, execution: ExecutionState | None
) -> dict[str, Any]:
    run = execution.stages[stage.name] if execution else None
    attempt = run.latest(action.name) if run else None
    answer: dict[str, Any] = {"actionName": action.name}
    answer |= _revision(state, pipeline, action, execution, attempt)
    if execution is not None and attempt is not None:
        answer["latestExecution"] = action_execution(state, execution, action, attempt)
    refused = pipeline.polls.get(action.name)
    if refused is not None and action.is_source and (attempt is None or attempt.started <= refused.time):
        answer["latestExecution"] = {"status": "Failed", "lastStatusChange": moment(state, refused.time), "errorDetails":
                                     {"code": refused.code, "message": refused.message[:5000]}}
    if url := entity_url(state, action):
        answer["entityUrl"] = url
    return answer


def _revision(
    state: State, pipeline: PipelineState, action: Action, execution: ExecutionState | None, attempt: Attempt | None
) -> dict[str, Any]:
    """The revision of a source action: the one that it took, or the newest that is known."""
    if not action.is_source:
        return {}
    revision = attempt.result.revision if attempt else None
    revision = revision or pipeline.newest.get(action.name)
    if revision is None:
        return {}
    return without_empty(
        currentRevision={"revisionId": revision.id, "revisionChangeId": revision.id[:100],
                         "created": moment(state, revision.created)},
        revisionUrl=revision_url(state, action, revision))


def action_execution(state: State, execution: ExecutionState, action: Action, attempt: Attempt) -> dict[str, Any]:
    """One attempt as the state shows it. An approval's token is there while it waits, and in PARALLEL mode nowhere but
    in ListActionExecutions (4.7)."""
    result, pending = attempt.result, attempt.status == "InProgress"
    changed = attempt.ended if attempt.ended is not None else attempt.started
    name = external_id(state, execution, action, attempt)
    return without_empty(
        actionExecutionId=attempt_id(state.seed, attempt.index),
        status=attempt.status,
        summary=summary(state, execution, action, attempt, name)[:2048],
        lastStatusChange=moment(state, changed),
        token=approval_token(state.seed, attempt.index) if action.is_approval and pending else None,
        lastUpdatedBy=caller_arn(state, result.by) if result.by else None,
        externalExecutionId=None if action.is_approval else name,
        externalExecutionUrl=external_url(state, execution, action, attempt, name),
        percentComplete=percent_of(state, attempt),
        errorDetails=error_of(attempt),
        logStreamARN=log_stream_arn(state, execution, action, attempt),
    )


def error_of(attempt: Attempt | RuleRun) -> dict[str, str] | None:
    """`errorDetails` of what failed."""
    result = attempt.result
    if attempt.status != "Failed" or not (result.code or result.message):
        return None
    return without_empty(code=result.code, message=result.message[:5000])


def percent_of(state: State, attempt: Attempt) -> int | None:
    """How far a job worker says that it is; nobody else says it."""
    if not attempt.result.job:
        return None
    said = [job.percent for job in state.jobs.values() if job.attempt == attempt.index and job.percent is not None]
    return said[-1] if said else None


# ---------------------------------------------------------------------------------------------- conditions


_MEMBERS = {BEFORE_ENTRY: "beforeEntryConditionState", ON_SUCCESS: "onSuccessConditionState",
            ON_FAILURE: "onFailureConditionState"}


def _conditions(state: State, stage: Stage, run: StageRun | None) -> dict[str, Any]:
    return {_MEMBERS[gate]: _condition(state, condition, run.gates.get(gate, []) if run else [])
            for gate, condition in stage.conditions.items()}


def _condition(state: State, condition: Condition, runs: list[ConditionRun]) -> dict[str, Any]:
    if not runs:
        return {"conditionStates": [{"ruleStates": [{"ruleName": rule.name} for rule in condition.rules]}]}
    run = runs[-1]
    changed = run.ended if run.ended is not None else run.started
    latest = without_empty(status=run.status, summary=run.summary[:2048])
    rules = [_rule(state, rule.name, run.rules.get(rule.name)) for rule in condition.rules]
    one = {"latestExecution": {**latest, "lastStatusChange": moment(state, changed)}, "ruleStates": rules}
    return {"latestExecution": latest, "conditionStates": [one]}


def _rule(state: State, name: str, run: RuleRun | None) -> dict[str, Any]:
    if run is None:
        return {"ruleName": name}
    changed = run.ended if run.ended is not None else run.started
    return {"ruleName": name, "latestExecution": without_empty(
        ruleExecutionId=rule_id(state.seed, run.index),
        status=run.status,
        summary=run.result.summary[:2048],
        lastStatusChange=moment(state, changed),
        lastUpdatedBy=caller_arn(state, run.result.by) if run.result.by else None,
        externalExecutionId=run.result.external[:1500],
        errorDetails=error_of(run),
    )}
