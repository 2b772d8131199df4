"""What is true now: `fold(records)` gives the State that the records lead to, `apply` takes in one more record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..calm import calm
from ..record import (
    INBOUND,
    ActionChanged,
    AlarmChanged,
    Began,
    Called,
    ExecutionChanged,
    PollFailed,
    Record,
    Result,
    Revision,
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
    StageState,
    State,
)


def fold(records: Iterable[Record]) -> State:
    """The state that these records lead to."""
    state = State()
    with calm():
        for record in records:
            apply(state, record)
    return state


def apply(state: State, record: Record) -> None:
    """Take in one record."""
    state.now = record[0]
    TAKE_IN[type(record)](state, record)
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
    for pipeline, action, _ in record.held:  # it started nothing, and yet it is what the source has now
        if pipeline in state.pipelines and _follows(state.pipelines[pipeline], action, record.revision):
            state.pipelines[pipeline].newest[action] = record.revision


def _follows(pipeline: PipelineState, name: str, revision: Revision) -> bool:
    """Whether a push was to the branch that a source action follows."""
    source = pipeline.definition.stages[0].by_name.get(name)
    if source is None or revision.event != "push" or (revision.tag and not revision.branch):
        return False
    branch = source.configuration.get("BranchName", source.configuration.get("Branch", ""))
    return not revision.branch or not branch or revision.branch == branch


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
        before = execution.reason if execution.status == "Stopping" else None  # which is being sharpened to abandon
        execution.reason, execution.abandoned = record.summary or before or "", record.abandon
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
    now, where, number, name, status, _, _ = record
    pipeline = state.pipelines[where]
    execution = pipeline.executions[number]
    stage = pipeline.stages.get(name)
    run = execution.stages.get(name)
    if status == "InProgress":
        run = _entered(stage, execution, run, record)
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
    stage: StageState | None, execution: ExecutionState, run: StageRun | None, record: StageChanged
) -> StageRun:
    now, _, number, name, _, retry, _ = record
    execution.stage = name
    if run is None:
        run = execution.stages[name] = StageRun("InProgress", now)
    if stage is not None:
        if run.status == INBOUND:
            stage.waiting.remove(number)
        stage.latest = number
        if execution.start.mode != "PARALLEL":
            stage.holder = number
    if retry:
        if run.status == "InProgress" and retry == "ManualStageRetry":
            execution.attempt += 1  # beside siblings that still run: the execution itself does not change
        _retried(run, record)
    else:
        run.entered = now
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
    # The most frequent record by far: written out in one piece.
    now, pipeline, number, stage, name, count, status, result = record
    execution = state.pipelines[pipeline].executions[number]
    run = execution.stages[stage]
    if status != "InProgress":
        attempt = run.attempts[name][-1]
        attempt.status, attempt.ended = status, now
        run.running -= 1
        execution.updated = now
        if result is not None:
            held = attempt.result.configuration
            attempt.result = result if held is None else result._replace(configuration=held)
            if result.revision is not None and status == "Succeeded":
                execution.revisions[name] = result.revision
        if status == "Succeeded":
            for output in execution.definition.by_name[stage].by_name[name].outputs:
                execution.artifacts[output] = attempt.index
        return
    attempts = run.attempts.get(name)
    if attempts is not None and attempts[-1].number == count:
        attempts[-1].waits, attempts[-1].began = "", now
        return
    attempt = Attempt(count, state.count, now)
    if attempts is None:
        run.attempts[name] = [attempt]
    else:
        attempts.append(attempt)
    run.running += 1
    inputs = execution.definition.by_name[stage].by_name[name].inputs
    if inputs:
        made = execution.artifacts
        attempt.inputs = (made[inputs[0]],) if len(inputs) == 1 and inputs[0] in made else tuple(
            [made[artifact] for artifact in inputs if artifact in made])
    if result is None:
        attempt.began = now
    else:
        _opened(state, record, attempt, result)


def _opened(state: State, record: ActionChanged, attempt: Attempt, result: Result) -> None:
    """An attempt begins with more than its name: a job, a place in a line, a resolved configuration."""
    attempt.result, attempt.waits = result, result.waits
    attempt.began = None if result.waits else record.time
    if result.job:
        _add_job(state, record, attempt.index)


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
        rules[record.rule] = RuleRun(state.count, record.time, result=record.result or NO_RESULT)
        return
    rule = rules[record.rule]
    rule.status, rule.ended = record.status, record.time
    rule.result = (record.result or NO_RESULT)._replace(configuration=rule.result.configuration)


def _condition_changed(state: State, conditions: list[ConditionRun], record: RuleChanged) -> None:
    if record.status == "InProgress":
        conditions.append(ConditionRun(state.count, record.time))
        return
    condition = conditions[-1]
    condition.status, condition.ended = record.status, record.time
    condition.summary = record.result.summary if record.result else ""


def _alarm_changed(state: State, record: AlarmChanged) -> None:
    state.alarms[record.alarm] = record.status


def _poll_failed(state: State, record: PollFailed) -> None:
    state.pipelines[record.pipeline].polls[record.action] = record


def _called(state: State, record: Called) -> None:
    if record.error is None:
        effect = EFFECTS.get(record.operation)
        if effect is not None:
            effect(state, record)


TAKE_IN: dict[type, Callable[[State, Any], None]] = {
    Began: _began,
    Called: _called,
    RevisionArrived: _revision_arrived,
    ExecutionChanged: _execution_changed,
    StageChanged: _stage_changed,
    ActionChanged: _action_changed,
    RuleChanged: _rule_changed,
    AlarmChanged: _alarm_changed,
    PollFailed: _poll_failed,
}
