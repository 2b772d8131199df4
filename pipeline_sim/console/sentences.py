"""What each record says, in one sentence: for the event log, and for whoever hears the console instead of seeing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..pipeline.model import Pipeline
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
)
from ..state import State
from ..views.graph.marks import word
from ..views.words import error_text, one_line, person

LONGEST = 160


def sentence(state: State, record: Record) -> str:
    """The record as a sentence. `state` is the one after it."""
    return one_line(_SAYS[type(record)](state, record), LONGEST)


def _began(state: State, record: Began) -> str:
    names = ", ".join(pipeline.name for pipeline in record.pipelines) or "an account without pipelines"
    return f"The clock starts: {names}."


def _called(state: State, record: Called) -> str:
    if record.error is not None:
        return f"{record.operation} by {person(record.by)} is refused: {record.error[0]}: {record.error[1]}"
    at = "/".join(str(record.request[key]) for key in ("stageName", "actionName") if key in record.request)
    return f"{record.operation}{f' {at}' if at else ''} by {person(record.by)}."


def _arrived(state: State, record: RevisionArrived) -> str:
    revision = record.revision
    told = f"Push {revision.number}{f' by {revision.author}' if revision.author else ''}"
    told += f": {revision.message or revision.id}"
    return f"{told} (held: {record.held[0][2]})" if record.held and not record.targets else told


def _execution(state: State, record: ExecutionChanged) -> str:
    if record.start is not None:
        return f"Execution {record.execution} starts ({record.start.kind.lower()}, {record.start.trigger})."
    rest = f": {record.summary}" if record.summary else "."
    return f"Execution {record.execution}: {word(record.status)}{rest}"


def _stage(state: State, record: StageChanged) -> str:
    if record.status == INBOUND:
        return f"Execution {record.execution} arrives in front of {record.stage}."
    if record.status == "InProgress":
        again = {"AutomatedStageRetry": " again (automatic retry)", "ManualStageRetry": " again (retry)"}
        return f"Execution {record.execution} enters {record.stage}{again.get(record.retry, '')}."
    return f"{record.stage}: {word(record.status)} (execution {record.execution})."


def _action(state: State, record: ActionChanged) -> str:
    result = record.result
    if result is not None and result.waits and record.status == "InProgress":
        told = f"Queued for {result.waits}"
    else:
        told = word(record.status, _approval(_definition(state, record), record.stage, record.action))
    attempt = f", attempt {record.attempt}" if record.attempt > 1 else ""
    error = f": {text}" if result is not None and record.status == "Failed" and (text := error_text(result)) else "."
    return f"{record.stage}/{record.action}: {told} (execution {record.execution}{attempt}){error}"


def _definition(state: State, record: ActionChanged) -> Pipeline | None:
    owner = state.pipelines.get(record.pipeline)
    return owner.executions[record.execution].definition if owner is not None else None


def _approval(definition: Pipeline | None, stage: str, action: str) -> bool:
    return definition is not None and definition.by_name[stage].by_name[action].is_approval


def _rule(state: State, record: RuleChanged) -> str:
    what = f"rule {record.rule}" if record.rule else "condition"
    rest = f": {record.result.summary}" if record.result is not None and record.result.summary else "."
    return f"{record.stage}, {record.gate} {what}: {word(record.status)} (execution {record.execution}){rest}"


def _alarm(state: State, record: AlarmChanged) -> str:
    return f"Alarm {record.alarm}: {record.status}."


_SAYS: dict[type, Callable[[State, Any], str]] = {
    Began: _began, Called: _called, RevisionArrived: _arrived, ExecutionChanged: _execution, StageChanged: _stage,
    ActionChanged: _action, RuleChanged: _rule, AlarmChanged: _alarm,
}
