"""The way of one execution of a history through its pipeline, as the records that a simulation would have written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from ..record import (
    INBOUND,
    ActionChanged,
    ExecutionChanged,
    Record,
    Result,
    RuleChanged,
    StageChanged,
    Start,
)
from .gates import Asked, records_of
from .values import PastAttempt
from .visits import Known, Round, Visit, visits_of

ENDS, LEAVES, ARRIVES, OVERTAKEN, ENTERS, STARTS = 0, 1, 2, 3, 4, 9
"""The order within an instant: who is superseded sees the other one arrive first."""
SAME = timedelta(seconds=1)
"""Nearer than that, two moments that AWS wrote down are one."""
UNTOLD = "its actions are not in the history"
ACTIVE = ("InProgress", "Stopping")


class Event(NamedTuple):
    """A record with its place among those of the same instant: `order` first, then later stages before earlier ones."""

    time: int
    order: int
    place: int
    record: Record


def way(known: Known) -> Iterator[Event]:
    """The events in their order; their times never go back."""
    at = known.seconds(known.execution.started)
    for event in _events(known, at):
        at = max(at, event.time)
        yield event if event.time == at else event._replace(time=at, record=event.record._replace(time=at))


def _events(known: Known, at: int) -> Iterator[Event]:
    execution, visits = known.execution, visits_of(known)
    if not visits and execution.status == "Failed" and not execution.must_have_acted:
        yield _started(known, at, "Failed")
        return
    yield _started(known, at, "InProgress")
    rollback = execution.kind == "ROLLBACK"
    for number, one in enumerate(visits):
        place, begins = known.definition.index[one.stage], known.seconds(one.begins)
        if one.go.retry:
            yield from _retried(known, one.go, begins, place)
        else:
            yield from _arrives(known, one.stage, at, begins, place, rollback)
        yield from _asked(known, one.before, place)
        if one.bypassed:
            yield from _overridden(known, one, place)
        yield from _works(known, one.go, place)
        yield from _asked(known, one.after, place)
        at = max(at, known.seconds(one.ends))
        if number + 1 < len(visits):
            following = visits[number + 1]
            yield from _between(known, one, following, at, place)
            at = max(at, known.seconds(following.begins)) if one.forgiven(following) else at
    yield from _end(known, visits, at)


def _started(known: Known, at: int, status: str) -> Event:
    said = known.execution
    start = Start(known.definition.version, said.mode or known.definition.mode, said.trigger or "StartPipelineExecution",
                  _detail(known), known.number, said.kind or "STANDARD", known.revisions, {}, known.target,
                  known.attempts[0].stage if said.kind == "ROLLBACK" and known.attempts else "")
    return Event(at, STARTS, 0, ExecutionChanged(at, known.definition.name, known.number, status, said.summary, start))


def _detail(known: Known) -> str:
    """As the simulation keeps it: a webhook's or a poll's detail is the source action."""
    if known.execution.trigger in ("Webhook", "PollForSourceChanges") and known.execution.revisions:
        return known.execution.revisions[0].action
    return known.execution.detail


# ---------------------------------------------------------------------------------------------- conditions


def _asked(known: Known, several: Sequence[Asked], place: int) -> Iterator[Event]:
    for one in several:
        cancelled = known.execution.status == "Cancelled"
        for record in records_of(one, known.definition.name, known.number, known.seconds, cancelled):
            yield Event(record.time, ENTERS if record.status == "InProgress" else ENDS, place, record)


def _overridden(known: Known, one: Visit, place: int) -> Iterator[Event]:
    """An entry condition failed, and its stage's actions ran for all that."""
    last, at = one.before[-1], known.seconds(one.go.attempts[0][1].started)
    failed = known.seconds(last.ends or last.begins)
    yield _stage_event(known, failed, LEAVES, one.stage, "Failed")
    yield _execution_event(known, failed, "Failed")
    name, number = known.definition.name, known.number
    yield Event(at, ENDS, place, RuleChanged(at, name, number, one.stage, last.gate, "", "Overridden"))
    yield _execution_event(known, at, "InProgress")
    yield _stage_event(known, at, ENTERS, one.stage, "InProgress")


# ---------------------------------------------------------------------------------------------- in and out of stages


def _stage_event(known: Known, at: int, order: int, stage: str, status: str, retry: str = "", mode: str = "") -> Event:
    return Event(at, order, known.definition.index[stage],
                 StageChanged(at, known.definition.name, known.number, stage, status, retry, mode))


def _execution_event(known: Known, at: int, status: str, summary: str = "", abandon: bool = False) -> Event:
    order = OVERTAKEN if status == "Superseded" else LEAVES
    return Event(at, order, 0, ExecutionChanged(at, known.definition.name, known.number, status, summary,
                                                abandon=abandon))


def _arrives(known: Known, stage: str, at: int, begins: int, place: int, rollback: bool) -> Iterator[Event]:
    if at < begins and not rollback:
        yield _stage_event(known, at, ARRIVES, stage, INBOUND)
    yield _stage_event(known, begins, ENTERS, stage, "InProgress")


def _retried(known: Known, one: Round, begins: int, place: int) -> Iterator[Event]:
    yield _execution_event(known, begins, "InProgress")
    yield _stage_event(known, begins, ENTERS, one.stage, "InProgress", one.retry, one.mode)


def _works(known: Known, one: Round, place: int) -> Iterator[Event]:
    """The attempts' beginnings and ends in order of time; at one second an end goes before another's beginning, and a
    first attempt's end before the second begins."""
    events: list[tuple[int, int, int, int, Event]] = []
    for number, (attempt, row) in enumerate(one.attempts):
        begins = known.seconds(row.started)
        events.append((begins, attempt, 2, number,
                       _action_event(known, row, attempt, begins, place, ENTERS, "InProgress", None)))
        if row.ended is not None:
            ends = known.seconds(row.ended)
            events.append((ends, attempt, 3 if ends == begins else 1, number,
                           _action_event(known, row, attempt, ends, place, ENDS, row.status, _result(known, row))))
    yield from (event for *_, event in sorted(events, key=lambda one: one[:4]))


def _action_event(
    known: Known, row: PastAttempt, attempt: int, at: int, place: int, order: int, status: str, result: Result | None
) -> Event:
    return Event(at, order, place, ActionChanged(at, known.definition.name, known.number, row.stage, row.action, attempt,
                                                 status, result))


def _result(known: Known, row: PastAttempt) -> Result:
    revision = known.revisions.get(row.action) if row.is_source and row.status == "Succeeded" else None
    summary = revision.message if revision is not None else row.summary  # that of a connection is JSON
    return Result(summary, row.code, row.message, row.variables, revision, row.external,
                  row.by if row.is_approval else "")


def _between(known: Known, one: Visit, following: Visit, at: int, place: int) -> Iterator[Event]:
    """Out of a stage: to the next one, or failed until somebody retries."""
    if one.forgiven(following):
        yield from _forgiven(known, one, at, max(at, known.seconds(following.begins)), place)
    elif not following.go.retry:
        yield _stage_event(known, at, LEAVES, one.stage, "Skipped" if one.skipped else "Succeeded")
    elif one.before and one.before[-1].status == "Abandoned" and not one.go.attempts:
        yield _execution_event(known, at, "Stopping")
        yield _stage_event(known, at, LEAVES, one.stage, "Stopped")
        yield _execution_event(known, at, "Stopped")
    elif following.go.retry == "ManualStageRetry":
        yield _stage_event(known, at, LEAVES, one.stage, "Failed")
        yield _execution_event(known, at, "Failed")


def _forgiven(known: Known, one: Visit, failed: int, at: int, place: int) -> Iterator[Event]:
    """A condition of success failed and was overridden: the stage has succeeded after all."""
    name, number = known.definition.name, known.number
    yield _stage_event(known, failed, LEAVES, one.stage, "Failed")
    yield _execution_event(known, failed, "Failed")
    yield Event(at, ENDS, place, RuleChanged(at, name, number, one.stage, one.after[-1].gate, "", "Overridden"))
    yield _execution_event(known, at, "InProgress")
    yield _stage_event(known, at, ENTERS, one.stage, "InProgress")
    yield _stage_event(known, at, LEAVES, one.stage, "Succeeded")


# ---------------------------------------------------------------------------------------------- the end


def _end(known: Known, visits: Sequence[Visit], at: int) -> Iterator[Event]:
    """How it ended, or where it stands now."""
    said, updated = known.execution, max(at, known.seconds(known.execution.updated))
    last = visits[-1] if visits else None
    done = last is None or _is_done(known, visits)
    following = _following(known, last.stage if last else None)
    if said.status in ("Succeeded", "Failed"):
        if last is not None and said.status == "Succeeded" and last.forgiven(None):
            yield from _forgiven(known, last, at, updated, known.definition.index[last.stage])
            at = updated
        elif last is not None:
            yield _stage_event(known, at, LEAVES, last.stage, "Skipped" if last.skipped else said.status)
        told = said.summary or (UNTOLD if last is None and said.status == "Failed" else "")
        yield _execution_event(known, at if last is not None else updated, said.status, told)
        return
    done = done and not (last is not None and _stopped_with_it(known, last))
    if done and last is not None:
        yield _stage_event(known, at, LEAVES, last.stage, "Skipped" if last.skipped else "Succeeded")
    if done and following is not None:
        yield _stage_event(known, at, ARRIVES, following, INBOUND)
    if said.status == "Stopping" or said.status == "Stopped":
        abandoned = any(row.status == "Abandoned" for row in known.attempts)
        yield _execution_event(known, updated if done else at, "Stopping", said.stop_reason or "", abandoned)
    if said.status in ACTIVE:
        return
    if not done and last is not None and said.status in ("Stopped", "Cancelled"):
        yield _stage_event(known, updated, LEAVES, last.stage, said.status)
    yield _execution_event(known, updated, said.status, said.summary or said.stop_reason or "")


def _stopped_with_it(known: Known, last: Visit) -> bool:
    """Whether the execution was stopped, or cancelled by an update, as its running actions ended: it never left their
    stage."""
    ended = [row.ended for _, row in last.go.attempts if row.ended is not None]
    ended += [one.ends for one in (*last.before, *last.after) if one.ends is not None]
    said = known.execution
    return said.status in ("Stopped", "Cancelled") and bool(ended) and said.updated - max(ended) < SAME


def _is_done(known: Known, visits: Sequence[Visit]) -> bool:
    """Whether the stage where it was last was skipped, or every action of it and the condition after them succeeded."""
    last = visits[-1]
    if not last.go.attempts or last.after and last.after[-1].status != "Succeeded":
        return last.skipped
    stage = last.stage
    newest = {row.action: row.status for one in visits if one.stage == stage for _, row in one.go.attempts}
    return all(newest.get(action.name) == "Succeeded" for action in known.definition.stage(stage).actions)


def _following(known: Known, stage: str | None) -> str | None:
    """The stage after this one; the first where there was none."""
    place = known.definition.index[stage] + 1 if stage is not None else 0
    stages = known.definition.stages
    return stages[place].name if place < len(stages) else None
