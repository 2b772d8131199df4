"""The way of one execution of a history through its pipeline, as the records that a simulation would have written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from ..pipeline.model import Pipeline
from ..record import (
    BEFORE_ENTRY,
    INBOUND,
    ON_SUCCESS,
    ActionChanged,
    ExecutionChanged,
    Record,
    Result,
    Revision,
    RuleChanged,
    StageChanged,
    Start,
)
from .gates import Asked, asked, records_of
from .values import AT_ONCE, PastAttempt, PastExecution, PastRule

ENDS, LEAVES, ARRIVES, OVERTAKEN, ENTERS, STARTS = 0, 1, 2, 3, 4, 9
"""The order within an instant: who is superseded sees the other one arrive first."""
SAME = timedelta(seconds=1)
"""Nearer than that, two moments that AWS wrote down are one."""
UNTOLD = "its actions are not in the history"
ACTIVE = ("InProgress", "Stopping")
AGAIN = ("ManualStageRetry", "FAILED_ACTIONS")
"""How a stage begins again that its entry condition, or a stop in it, had ended."""


class Event(NamedTuple):
    """A record with its place among those of the same instant: `order` first, then later stages before earlier ones."""

    time: int
    order: int
    place: int
    record: Record


class Known(NamedTuple):
    """What is known of an execution: its number, definition, row, attempts (oldest first), revisions, and whom it rolls
    back to. `seconds` reads a moment on the clock."""

    number: int
    definition: Pipeline
    execution: PastExecution
    attempts: Sequence[PastAttempt]
    revisions: Mapping[str, Revision]
    target: int | None
    seconds: Callable[[datetime], int]
    rules: Sequence[PastRule] = ()


class Round(NamedTuple):
    """One go at a stage: its attempts with their numbers, and how it began (`""`, or as which retry and mode)."""

    stage: str
    attempts: list[tuple[int, PastAttempt]]
    retry: str = ""
    mode: str = ""


class Visit(NamedTuple):
    """One go at a stage with the conditions before and after it; one that an entry condition ended has no attempts."""

    go: Round
    before: list[Asked]
    after: list[Asked]

    @property
    def stage(self) -> str:
        return self.go.stage

    @property
    def begins(self) -> datetime:
        return min([*(one.begins for one in self.before), *(row.started for _, row in self.go.attempts)])

    @property
    def bypassed(self) -> bool:
        """Whether actions ran although the entry condition had failed: somebody had overridden it."""
        return bool(self.go.attempts and self.before and self.before[-1].failed and not self.before[-1].skips)

    @property
    def skipped(self) -> bool:
        return not self.go.attempts and bool(self.before) and self.before[-1].skips

    @property
    def stopped(self) -> bool:
        """Whether a stop ended it while its entry condition was looked at."""
        return not self.go.attempts and bool(self.before) and self.before[-1].status == "Abandoned"

    @property
    def undone(self) -> bool:
        """Whether its success condition failed: whoever went on from there was let through against it."""
        return bool(self.after) and self.after[-1].gate == ON_SUCCESS and self.after[-1].failed

    @property
    def ends(self) -> datetime:
        """The last moment that is known of it."""
        return max([self.begins, *(row.ended or row.started for _, row in self.go.attempts),
                    *(one.ends or one.begins for one in (*self.before, *self.after))])


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
            at = max(at, known.seconds(following.begins)) if one.undone and not following.go.retry else at
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


# ---------------------------------------------------------------------------------------------- rounds


def rounds_of(known: Known) -> list[Round]:
    """The attempts stage by stage. A stage begins again when one of its actions does after all that ran had ended, and
    one of them had failed."""
    found: list[Round] = []
    counts: dict[tuple[str, str], int] = {}
    for row in _one_at_a_time(known.attempts):
        key = (row.stage, row.action)
        counts[key] = counts.get(key, 0) + 1
        current = found[-1] if found else None
        if current is None or current.stage != row.stage:
            found.append(Round(row.stage, [(counts[key], row)]))
        elif counts[key] > 1 and _is_over(current, row):
            found.append(Round(row.stage, [(counts[key], row)], *_retry(known, current, row)))
        else:
            current.attempts.append((counts[key], row))
    return found


def _one_at_a_time(rows: Sequence[PastAttempt]) -> list[PastAttempt]:
    """The attempts with their clocks put right: an action begins again only when its attempt before has ended. One that
    never did, in a page that was saved too early, is counted as abandoned."""
    found = list(rows)
    latest: dict[tuple[str, str], int] = {}
    for number, row in enumerate(found):
        before = latest.get((row.stage, row.action))
        latest[row.stage, row.action] = number
        if before is None:
            continue
        ended = found[before].ended
        if ended is None:
            found[before] = replace(found[before], ended=row.started, status="Abandoned")
        elif ended > row.started:
            found[number] = replace(row, started=ended, ended=max(ended, row.ended) if row.ended else None)
    return sorted(found, key=lambda row: row.started)


def _is_over(one: Round, row: PastAttempt) -> bool:
    """Whether a row belongs to the next go: what begins together with this one is of it, however short that is."""
    if row.started == one.attempts[0][1].started and all(other.action != row.action for _, other in one.attempts):
        return False
    ended = [other.ended for _, other in one.attempts]
    return all(moment is not None and moment <= row.started for moment in ended) and any(
        other.status != "Succeeded" for _, other in one.attempts)


def _retry(known: Known, before: Round, row: PastAttempt) -> tuple[str, str]:
    """By itself or by a person, and which actions begin again: a successful one only where all do."""
    stage = known.definition.by_name.get(row.stage)  # a calibration looks at all versions with the newest
    on_failure = stage.on_failure if stage is not None else None
    ended = max(other.ended for _, other in before.attempts if other.ended is not None)
    by_itself = (on_failure is not None and on_failure.result == "RETRY" and not before.retry
                 and (row.started - ended).total_seconds() <= AT_ONCE)
    done = {other.action for _, other in before.attempts if other.status == "Succeeded"}
    return "AutomatedStageRetry" if by_itself else "ManualStageRetry", "ALL_ACTIONS" if row.action in done else (
        "FAILED_ACTIONS")


# ---------------------------------------------------------------------------------------------- conditions


def visits_of(known: Known) -> list[Visit]:
    """The goes at stages with their conditions, in order of time. An entry condition that is asked again had ended a go of
    its own, after which somebody retried."""
    found = [Visit(one, [], []) for one in rounds_of(known)]
    for one in asked(known.definition, known.rules, known.attempts):
        own = [visit for visit in found if visit.stage == one.stage]
        if one.gate == BEFORE_ENTRY:
            later = next((visit for visit in own if visit.go.attempts and (
                visit.go.attempts[0][1].started >= (one.ends or one.begins))), None)
            if later is None or one.skips:
                again = own[-1:] and not own[-1].go.attempts
                later = Visit(Round(one.stage, [], *AGAIN) if again else Round(one.stage, []), [], [])
                found.append(later)
            elif later.before:
                found.append(Visit(later.go._replace(attempts=[]), later.before, []))
                found[found.index(later)] = later = Visit(later.go._replace(retry=AGAIN[0], mode=AGAIN[1]), [], [])
            later.before.append(one)
        else:
            earlier = [visit for visit in own if visit.begins <= one.begins]
            for visit in earlier[-1:]:
                visit.after.append(one)
    places = known.definition.index  # a calibration looks at all versions with the newest, which may lack a stage
    return sorted(found, key=lambda visit: (visit.begins, places.get(visit.stage, 0)))


def _asked(known: Known, several: Sequence[Asked], place: int) -> Iterator[Event]:
    for one in several:
        for record in records_of(one, known.definition.name, known.number, known.seconds):
            if known.execution.status == "Cancelled" and record.status == "Abandoned" and not record.rule:
                record = record._replace(status="Cancelled")  # an update, and no stop, ended it
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


def _let_through(known: Known, one: Visit, failed: int, at: int, place: int) -> Iterator[Event]:
    """A success condition failed, and the execution went on for all that."""
    last, name, number = one.after[-1], known.definition.name, known.number
    yield _stage_event(known, failed, LEAVES, one.stage, "Failed")
    yield _execution_event(known, failed, "Failed")
    yield Event(at, ENDS, place, RuleChanged(at, name, number, one.stage, last.gate, "", "Overridden"))
    yield _execution_event(known, at, "InProgress")
    yield _stage_event(known, at, ENTERS, one.stage, "InProgress")
    yield _stage_event(known, at, LEAVES, one.stage, "Succeeded")


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
    """Out of a stage: to the next one, or failed (stopped, too) until somebody retries."""
    if not following.go.retry and one.undone:
        yield from _let_through(known, one, at, known.seconds(following.begins), place)
    elif not following.go.retry:
        yield _stage_event(known, at, LEAVES, one.stage, "Skipped" if one.skipped else "Succeeded")
    elif one.stopped:
        yield _execution_event(known, at, "Stopping")
        yield _stage_event(known, at, LEAVES, one.stage, "Stopped")
        yield _execution_event(known, at, "Stopped")
    elif following.go.retry == "ManualStageRetry":
        yield _stage_event(known, at, LEAVES, one.stage, "Failed")
        yield _execution_event(known, at, "Failed")


# ---------------------------------------------------------------------------------------------- the end


def _end(known: Known, visits: Sequence[Visit], at: int) -> Iterator[Event]:
    """How it ended, or where it stands now."""
    said, updated = known.execution, max(at, known.seconds(known.execution.updated))
    last = visits[-1] if visits else None
    done = last is None or _is_done(known, visits)
    following = _following(known, last.stage if last else None)
    if last is not None and last.undone and said.status == "Succeeded":
        yield from _let_through(known, last, at, updated, known.definition.index[last.stage])
        yield _execution_event(known, updated, said.status, said.summary)
        return
    if said.status in ("Succeeded", "Failed"):
        if last is not None:
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
