"""The goes of one execution of a history at its stages: the attempts of each, and the conditions before and after them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from ..pipeline.model import Pipeline
from ..record import BEFORE_ENTRY, ON_SUCCESS, Revision
from .gates import Asked, asked
from .values import AT_ONCE, PastAttempt, PastExecution, PastRule


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

    def forgiven(self, following: Visit | None) -> bool:
        """Whether the execution went on although the condition after the actions had failed: somebody had overridden it."""
        refused = bool(self.after) and self.after[-1].failed and self.after[-1].gate == ON_SUCCESS
        return refused and (following is None or following.stage != self.stage)

    @property
    def skipped(self) -> bool:
        return not self.go.attempts and bool(self.before) and self.before[-1].skips

    @property
    def ends(self) -> datetime:
        """The last moment that is known of it."""
        return max([self.begins, *(row.ended or row.started for _, row in self.go.attempts),
                    *(one.ends or one.begins for one in (*self.before, *self.after))])


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
        elif counts[key] > 1 and (_is_over(current, row) or _was_refused(known, current, row)):
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


def _was_refused(known: Known, one: Round, row: PastAttempt) -> bool:
    """Whether all actions of a stage had ended and the condition after them had failed before this row began."""
    ended = [other.ended for _, other in one.attempts if other.ended is not None]
    return len(ended) == len(one.attempts) and any(
        rule.stage == row.stage and rule.status == "Failed" and rule.ended is not None
        and max(ended) <= rule.started and rule.ended <= row.started for rule in known.rules)


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


# ---------------------------------------------------------------------------------------------- visits


def visits_of(known: Known) -> list[Visit]:
    """The goes at stages with their conditions, in order of time."""
    found = [Visit(one, [], []) for one in rounds_of(known)]
    for one in reversed(asked(known.definition, known.rules, known.attempts)):
        own = [visit for visit in found if visit.stage == one.stage]
        if one.gate == BEFORE_ENTRY:
            later = min((visit for visit in own if visit.begins >= (one.ends or one.begins)), key=lambda visit: visit.begins,
                        default=None)
            if later is None or later.before or one.skips:
                later = Visit(Round(one.stage, []), [], [])
                found.append(later)
            later.before.insert(0, one)
        else:
            earlier = [visit for visit in own if visit.begins <= one.begins]
            for visit in earlier[-1:]:
                visit.after.insert(0, one)
    places = known.definition.index  # a calibration looks at all versions with the newest, which may lack a stage
    return _as_retries(sorted(found, key=lambda visit: (visit.begins, places.get(visit.stage, 0))))


def _as_retries(visits: list[Visit]) -> list[Visit]:
    """Who enters a stage again behind an entry condition that let nobody in has retried it."""
    found: list[Visit] = []
    for one in visits:
        before = found[-1] if found else None
        again = before is not None and before.stage == one.stage and not before.go.attempts and not one.go.retry
        found.append(one._replace(go=one.go._replace(retry="ManualStageRetry", mode="FAILED_ACTIONS")) if again else one)
    return found
