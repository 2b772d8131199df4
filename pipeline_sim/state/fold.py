"""What is true now: `fold(records)` gives the State that the records lead to, `apply` takes in one more record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..record import (
    INBOUND,
    ActionChanged,
    AlarmChanged,
    Began,
    Called,
    ExecutionChanged,
    Record,
    RevisionArrived,
    RuleChanged,
    StageChanged,
    Start,
)
from .effects import EFFECTS, add_pipeline
from .values import (
    ACTIVE,
    NO_RESULT,
    Attempt,
    ConditionRun,
    ExecutionState,
    Job,
    PipelineState,
    RuleRun,
    StageRun,
    State,
)


def fold(records: Iterable[Record]) -> State:
    """The state that these records lead to."""
    state = State()
    for record in records:
        apply(state, record)
    return state


def apply(state: State, record: Record) -> None:
    """Take in one record."""
    state.now = record.time
    _APPLY[type(record)](state, record)
    state.count += 1


def _began(state: State, record: Began) -> None:
    state.seed, state.start = record.seed, record.start
    state.account, state.region, state.settings = record.account, record.region, record.settings
    for pipeline in record.pipelines:
        add_pipeline(state, pipeline)


def _revision_arrived(state: State, record: RevisionArrived) -> None:
    state.revisions = max(state.revisions, record.revision.number)
    for pipeline, action in record.targets:
        if pipeline in state.pipelines:
            state.pipelines[pipeline].newest[action] = record.revision


def _execution_changed(state: State, record: ExecutionChanged) -> None:
    pipeline = state.pipelines[record.pipeline]
    if record.start is not None:
        _execution_started(state, pipeline, record, record.start)
        return
    execution = pipeline.executions[record.execution]
    status = record.status
    if status == "InProgress":
        execution.attempt += 1
    elif status == "Stopping":
        execution.reason, execution.abandoned = record.summary, record.abandon
    elif execution.stage and (run := execution.stages.get(execution.stage)) and run.status == INBOUND:
        _leave_line(pipeline, execution, run, record.time)
        if status == "Stopped":
            execution.reason = record.summary
    execution.status = status
    execution.updated = record.time
    if record.summary and status != "Stopping":
        execution.summary = record.summary
    if status in ACTIVE:
        pipeline.active[record.execution] = None
    else:
        pipeline.active.pop(record.execution, None)


def _leave_line(pipeline: PipelineState, execution: ExecutionState, run: StageRun, now: int) -> None:
    if stage := pipeline.stages.get(execution.stage):
        stage.waiting.remove(execution.number)
    run.ended = now


def _execution_started(state: State, pipeline: PipelineState, record: ExecutionChanged, start: Start) -> None:
    definition = pipeline.versions[start.version]
    number, now = record.execution, record.time
    execution = ExecutionState(number, record.pipeline, definition, start, record.status, now, now, record.summary)
    if start.revisions:
        execution.revisions.update(start.revisions)
    if start.target is not None:
        target = pipeline.executions[start.target]
        execution.revisions = dict(target.revisions)
        execution.artifacts = dict(target.artifacts)
    pipeline.executions[number] = execution
    if start.kind == "STANDARD":
        pipeline.starts = start.luck
    if record.status in ACTIVE:
        pipeline.active[number] = None


def _stage_changed(state: State, record: StageChanged) -> None:
    pipeline = state.pipelines[record.pipeline]
    number, name, status, now = record.execution, record.stage, record.status, record.time
    execution = pipeline.executions[number]
    stage = pipeline.stages.get(name)
    run = execution.stages.get(name)
    if status == "InProgress":
        run = _entered(pipeline, stage, execution, run, record)
    elif status == INBOUND:
        execution.stage = name
        run = execution.stages[name] = StageRun(status, now)
        if stage is not None:
            stage.waiting.append(number)
    elif run is None:
        run = execution.stages[name] = StageRun(status, now)
    elif status != "Stopping":
        run.ended = now
        if stage is not None:
            if stage.holder == number:
                stage.holder = None
            if status == "Succeeded":
                stage.succeeded.append(number)
    run.status = status
    execution.updated = now


def _entered(
    pipeline: PipelineState,
    stage: StageState | None,
    execution: ExecutionState,
    run: StageRun | None,
    record: StageChanged,
) -> StageRun:
    number = record.execution
    execution.stage = record.stage
    if run is None:
        run = execution.stages[record.stage] = StageRun("InProgress", record.time)
    if stage is not None:
        if run.status == INBOUND:
            stage.waiting.remove(number)
        stage.latest = number
        if execution.start.mode != "PARALLEL":
            stage.holder = number
    if record.retry:
        _retried(run, record)
    else:
        run.entered = record.time
    run.ended = None
    return run


def _retried(run: StageRun, record: StageChanged) -> None:
    run.latest_retry, run.retried_at = record.retry, record.time
    run.round += 1
    if record.retry == "AutomatedStageRetry":
        run.automatic += 1
    else:
        run.manual += 1


def _action_changed(state: State, record: ActionChanged) -> None:
    execution = state.pipelines[record.pipeline].executions[record.execution]
    run = execution.stages[record.stage]
    status = record.status
    attempts = run.attempts.get(record.action)
    if attempts is None:
        attempts = run.attempts[record.action] = []
    if status == "InProgress":
        if attempts and attempts[-1].number == record.attempt:
            attempts[-1].waits, attempts[-1].began = "", record.time
            return
        _attempt_began(state, execution, run, attempts, record)
        return
    attempt = attempts[-1]
    attempt.status, attempt.ended = status, record.time
    run.running -= 1
    execution.updated = record.time
    if record.result is not None:
        attempt.result = record.result
    if status == "Succeeded":
        _made(execution, attempt, record)


def _attempt_began(
    state: State, execution: ExecutionState, run: StageRun, attempts: list[Attempt], record: ActionChanged
) -> None:
    attempt = Attempt(record.attempt, state.count, record.time)
    inputs = execution.definition.by_name[record.stage].by_name[record.action].inputs
    if inputs:
        made = execution.artifacts
        attempt.inputs = tuple([made[name] for name in inputs if name in made])
    attempts.append(attempt)
    run.running += 1
    result = record.result
    if result is not None:
        attempt.result, attempt.waits = result, result.waits
        if result.job:
            _add_job(state, record, attempt.index)
    elif attempt.began is None:
        attempt.began = record.time


def _made(execution: ExecutionState, attempt: Attempt, record: ActionChanged) -> None:
    outputs = execution.definition.by_name[record.stage].by_name[record.action].outputs
    for name in outputs:
        execution.artifacts[name] = attempt.index
    if record.result is not None and record.result.revision is not None:
        execution.revisions[record.action] = record.result.revision


def _add_job(state: State, record: ActionChanged, attempt: int, continuation: str = "") -> None:
    number = state.count
    state.jobs[number] = Job(number, attempt, record.pipeline, record.execution, record.stage, record.action,
                             record.time, continuation=continuation)


def _rule_changed(state: State, record: RuleChanged) -> None:
    run = state.execution(record.pipeline, record.execution).stages[record.stage]
    conditions = run.gates.setdefault(record.gate, [])
    if not record.rule:
        _condition_changed(state, conditions, record)
        return
    rules = conditions[-1].rules
    if record.status == "InProgress":
        rules[record.rule] = RuleRun(state.count, record.time)
        return
    rule = rules[record.rule]
    rule.status, rule.ended = record.status, record.time
    rule.result = record.result or NO_RESULT


def _condition_changed(state: State, conditions: list[ConditionRun], record: RuleChanged) -> None:
    if record.status == "InProgress":
        conditions.append(ConditionRun(state.count, record.time))
        return
    condition = conditions[-1]
    condition.status, condition.ended = record.status, record.time
    condition.summary = record.result.summary if record.result else ""


def _alarm_changed(state: State, record: AlarmChanged) -> None:
    state.alarms[record.alarm] = record.status


def _called(state: State, record: Called) -> None:
    if record.error is None:
        effect = EFFECTS.get(record.operation)
        if effect is not None:
            effect(state, record)


_APPLY: dict[type, Callable[[State, Any], None]] = {
    Began: _began,
    Called: _called,
    RevisionArrived: _revision_arrived,
    ExecutionChanged: _execution_changed,
    StageChanged: _stage_changed,
    ActionChanged: _action_changed,
    RuleChanged: _rule_changed,
    AlarmChanged: _alarm_changed,
}
