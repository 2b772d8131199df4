"""How a record is told in one short line: `#1 Build/Lint Failed JobFailed`, as questions and their moments name it."""

from __future__ import annotations

from collections.abc import Iterable

from ..record import (
    ActionChanged,
    AlarmChanged,
    Called,
    ExecutionChanged,
    Record,
    RevisionArrived,
    RuleChanged,
    StageChanged,
)


def line(record: Record) -> str:
    """The line of a record, without its time; empty for the beginning."""
    if isinstance(record, ExecutionChanged):
        return f"#{record.execution} {record.status}" + (f" by {record.start.trigger}" if record.start else "")
    if isinstance(record, StageChanged):
        return f"#{record.execution} {record.stage} {record.status}" + (f" by {record.retry}" if record.retry else "")
    if isinstance(record, ActionChanged):
        return _attempt(record)
    if isinstance(record, RuleChanged):
        rule = f"/{record.rule}" if record.rule else ""
        return f"#{record.execution} {record.stage} {record.gate}{rule} {record.status}"
    if isinstance(record, Called):
        return f"{record.operation} refused: {record.error[0]}" if record.error else record.operation
    if isinstance(record, RevisionArrived):
        return f"push {record.revision.number}" + (f" held: {record.held[0][2]}" if record.held else "")
    return f"alarm {record.alarm} {record.status}" if isinstance(record, AlarmChanged) else ""


def _attempt(record: ActionChanged) -> str:
    result = record.result
    code = f" {result.code}" if result and result.code else ""
    waits = f" waits for {result.waits}" if result and result.waits else ""
    again = f" (attempt {record.attempt})" if record.attempt > 1 else ""
    return f"#{record.execution} {record.stage}/{record.action} {record.status}{code}{waits}{again}"


def moment(records: Iterable[Record], words: str) -> int | None:
    """How many records have happened once the first has whose line begins with these words; None where none has."""
    return next((place for place, record in enumerate(records, 1) if line(record).startswith(words)), None)
