"""What a history teaches: for each number of a scenario the value that fits, how sure it is, how much it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...pipeline.model import Pipeline
from ..definitions import definitions
from ..values import History, PastAttempt
from ..visits import Known, Round, rounds_of, visits_of
from .action import ActionFit
from .arrivals import ArrivalFit, Block, fit_arrivals
from .durations import DurationFit, Observed, Point, fit_durations
from .outcomes import OutcomeFit, fit_outcomes
from .people import ApproverFit, RetryFit, fit_approver, fit_retries, ran_out_of_time
from .rules import fit_rules

NOT_REACHED = ("ConfigurationError", "PermissionError")
"""Failures before the provider was reached: neither their duration nor their chance is the provider's."""


@dataclass(frozen=True)
class WaitFit:
    """How long executions that entered a stage had stood in front of it. A simulation makes these itself; they are there
    to compare."""

    stage: str
    entered: int
    waited: int
    median: float
    longest: float


@dataclass(frozen=True)
class Calibration:
    """All of it, for one pipeline."""

    history: History
    pipeline: Pipeline
    zone: str
    actions: tuple[ActionFit, ...]
    approvals: tuple[tuple[str, ApproverFit], ...]
    arrivals: ArrivalFit
    triggers: tuple[tuple[str, int], ...]
    retries: RetryFit
    waits: tuple[WaitFit, ...]
    rules: tuple[ActionFit, ...] = ()


def calibrate(history: History, zone: str = "UTC") -> Calibration:
    """What the history teaches; `zone` is where people work. ValueError where that is no time zone."""
    known = definitions(history)
    pipeline = known.get(history.definition.version) if history.definition else None
    pipeline = pipeline or list(known.values())[-1]
    rows = _by_place(history, pipeline)
    approvals = {place for place, found in rows.items() if found[-1].is_approval}
    started = [one for one in history.executions if one.kind == "STANDARD"]
    return Calibration(
        history, pipeline, zone,
        tuple(_action(place, found, history) for place, found in rows.items() if place not in approvals),
        tuple((place, fit_approver(rows[place], history, zone)) for place in rows if place in approvals),
        fit_arrivals([one.started for one in started], history.begins, history.ends, zone),
        tuple(Counter(one.trigger or "unknown" for one in started).most_common()),
        _retries(history, known[max(known)]), tuple(_waits(history, pipeline)), fit_rules(history, pipeline))


def _by_place(history: History, pipeline: Pipeline) -> dict[str, list[PastAttempt]]:
    """The attempts of each action that the pipeline has, in its order."""
    found: dict[str, list[PastAttempt]] = {f"{stage.name}/{action.name}": [] for stage, action in pipeline.walk()}
    for row in history.attempts:
        if row.place in found:
            found[row.place].append(row)
    return {place: rows for place, rows in found.items() if rows}


# ---------------------------------------------------------------------------------------------- actions


def _action(place: str, rows: Sequence[PastAttempt], history: History) -> ActionFit:
    reached = [row for row in rows if row.code not in NOT_REACHED]
    observed = [Observed(_seconds(row, history), _is_over(row)) for row in reached]
    over = [row for row in reached if _is_over(row)]
    outcome = fit_outcomes((_revision(row, history), row.status == "Failed") for row in over)
    failed = sorted(_seconds(row, history) for row in over if row.status == "Failed")
    return ActionFit(place, rows[-1].type.get("provider", ""), fit_durations(observed), outcome,
                     failed[len(failed) // 2] if failed else None)


def _seconds(row: PastAttempt, history: History) -> float:
    return max(0.0, ((row.ended or history.ends) - row.started).total_seconds())


def _is_over(row: PastAttempt) -> bool:
    """Whether the attempt came to its own end: not stopped, not out of time, not under way."""
    return row.ended is not None and row.status in ("Succeeded", "Failed") and not ran_out_of_time(row)


def _revision(row: PastAttempt, history: History) -> str:
    """What the attempt ran on; where that is not known, its execution stands for it."""
    execution = history.by_id.get(row.execution)
    return (execution.revision_key if execution else "") or row.execution


# ---------------------------------------------------------------------------------------------- stages


def _known(history: History, pipeline: Pipeline) -> Iterator[Known]:
    for number, one in enumerate(history.executions, 1):
        yield Known(number, pipeline, one, history.of.get(one.id, ()), {}, None,
                    lambda moment: round((moment - history.begins).total_seconds()), history.rules_of.get(one.id, ()))


def _retries(history: History, pipeline: Pipeline) -> RetryFit:
    found: list[tuple[float, bool, str, bool]] = []
    most = 0
    for known in _known(history, pipeline):
        rounds = rounds_of(known)
        counts: Counter[str] = Counter()
        for place, one in enumerate(rounds, 1):
            following = rounds[place] if place < len(rounds) else None
            ended = max((row.ended for _, row in one.attempts if row.ended), default=None)
            if ended is None or not _failed(one):
                continue
            by_hand = following is not None and following.retry == "ManualStageRetry"
            if following is not None and not by_hand:
                continue
            begins = following.attempts[0][1].started if following is not None else history.ends
            found.append(((begins - ended).total_seconds(), by_hand, following.mode if following else "", True))
            counts[one.stage] += by_hand
        most = max([most, *counts.values()])
    return fit_retries(found, most)


def _failed(one: Round) -> bool:
    newest = {row.action: row.status for _, row in one.attempts}
    return "Failed" in newest.values() and "Abandoned" not in newest.values()


def _waits(history: History, pipeline: Pipeline) -> Iterator[WaitFit]:
    waits: dict[str, list[float]] = {}
    for known in _known(history, pipeline):
        left = known.execution.started
        for one in visits_of(known):
            if not one.go.retry and known.execution.kind == "STANDARD":
                waits.setdefault(one.stage, []).append(max(0.0, (one.begins - left).total_seconds()))
            left = max(left, one.ends)
    for stage in pipeline.stages:
        if found := sorted(waits.get(stage.name, ())):
            long = [one for one in found if one >= 1]
            yield WaitFit(stage.name, len(found), len(long), long[len(long) // 2] if long else 0.0, found[-1])


__all__ = ["ActionFit", "ApproverFit", "ArrivalFit", "Block", "Calibration", "DurationFit", "OutcomeFit", "Point",
           "RetryFit", "WaitFit", "calibrate"]
