"""Who enters a stage when, and what becomes of it there, where more decides than the lock and the mode.

    enter = W(max(arrival, free))               W(t): the first instant at or after t at which the way in is open
    leave = enter + time inside                 free = leave, after a failure, too: the stage is unlocked
    rollback, after a failure where the stage has had a success:   free = end of the rollback
    a person's retry `after` a failure at t:    takes place where nobody enters before t + after; then free = its end
    a stop at x:  in front of the stage where arrival < x <= enter;   inside it where enter < x <= leave

Within one instant a stop comes before everything in stages, the opening of a transition too; what happens in this stage
comes before anybody's arrival from the stage before. So at t + after the person is earlier than who arrives just then, and
later than who has waited for the transition to open or for the lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..pipeline.model import PARALLEL, SUPERSEDED
from .doors import followed
from .plan import Stop
from .rounds import FAILED, STOPPED, SUCCEEDED, Codes, Round, rounds, way_of
from .stages import StageLuck
from .words import Flags, Ints

UNASKED = (1 << 63) - 1
"""When nobody is asked to stop: after all that never comes."""


class Rollback(NamedTuple):
    """Rollbacks of one stage: the failed execution (its row) of which run, when they begin and end, with success; the row
    that they go back to."""

    row: Ints
    run: Ints
    begin: Ints
    end: Ints
    ok: Flags
    target: Ints


@dataclass(frozen=True)
class Crossed:
    """Rows are executions, columns runs; `never` where it does not happen. `outcome` is a status code, 0 for who does not
    enter; `gone` is when who waits in front of the stage ends there, by a stop or a newer execution, and `waiting` how.
    `manual` counts the retries by a person; `busy` is when the stage is free again of what an execution left behind."""

    enter: Ints
    leave: Ints
    outcome: Codes
    waiting: Codes
    gone: Ints
    manual: Ints
    busy: Ints
    rollbacks: Rollback


@dataclass(frozen=True)
class Crossing:
    """What a stage's recursion goes by. `took` and `failed` are its first attempts, where these do not need the clock."""

    mode: str
    luck: StageLuck
    arrive: Ints
    here: Flags
    started: Ints
    stops: tuple[Stop, ...]
    never: int
    superseded: int
    took: Ints | None
    failed: Flags | None


def crossed(one: Crossing) -> Crossed:
    """All executions, row by row."""
    shape, never, dtype = one.arrive.shape, one.never, one.arrive.dtype
    out = Crossed(np.full(shape, never, dtype), np.full(shape, never, dtype), np.zeros(shape, np.int8),
                  np.zeros(shape, np.int8), np.full(shape, never, dtype), np.zeros(shape, np.int8),
                  np.zeros(shape, dtype), NO_ROLLBACK)
    following = followed(one.arrive, one.here, never)
    prepared = _Prepared.of(one)
    free, latest = np.zeros(shape[1], np.int64), np.full(shape[1], -1)
    backs: list[Rollback] = []
    for row in range(shape[0]):
        free = _row(one, out, prepared, row, free, latest, following[row], backs)
    if not backs:
        return out
    return Crossed(out.enter, out.leave, out.outcome, out.waiting, out.gone, out.manual, out.busy,
                   Rollback(*(np.concatenate(column) for column in zip(*backs, strict=True))))


_NONE = np.zeros(0, np.int64)
NO_ROLLBACK = Rollback(_NONE, _NONE, _NONE, _NONE, np.zeros(0, np.bool_), _NONE)


def opened(spans: tuple[tuple[int, int], ...], time: Ints, never: int) -> Ints:
    """The first instant at or after `time` at which the way into the stage is open."""
    for begin, end in spans:
        time = np.where((time >= begin) & (time < end), min(end, never), time)
    return time


@dataclass(frozen=True)
class _Prepared:
    """The rounds of all executions that fail at first, where they need neither the clock nor to know whom they follow;
    `begins` says at which of them each row begins."""

    runs: Ints
    begins: Ints
    rounds: list[Round]

    @staticmethod
    def of(one: Crossing) -> _Prepared | None:
        if one.failed is None or _needs_target(one):
            return None
        place = np.flatnonzero(one.failed)
        width = one.failed.shape[1]
        row, run = place // width, place % width
        way = way_of(one.luck, run, row + 1, row + 1)
        found = rounds(one.luck, way, run, np.zeros(len(run), np.int64))
        return _Prepared(run, np.searchsorted(row, np.arange(len(one.failed) + 1)), found)

    def at(self, row: int, begin: Ints, entering: Flags) -> tuple[Ints, list[Round]]:
        """Who fails at first among those who enter in this row, and what becomes of them."""
        here = slice(self.begins[row], self.begins[row + 1])
        runs = self.runs[here]
        inside = entering[runs]
        runs = runs[inside]
        since = begin[runs]
        return runs, [Round(since + time[here][inside], outcome[here][inside], rolls[here][inside],
                            since + back[here][inside], ok[here][inside]) for time, outcome, rolls, back, ok in self.rounds]


def _needs_target(one: Crossing) -> bool:
    stage = one.luck.stage
    return stage.may_go_back and any(action.defect for action in stage.actions)


def _row(
    one: Crossing, out: Crossed, prepared: _Prepared | None, row: int, free: Ints, latest: Ints, following: Ints,
    backs: list[Rollback],
) -> Ints:
    """One execution of every run comes to the stage; when it is free afterwards. `latest` is who succeeded here last."""
    never, here, arrive = one.never, one.here[row], one.arrive[row].astype(np.int64)
    begin = arrive if one.mode == PARALLEL else np.maximum(arrive, free)
    begin = opened(one.luck.stage.closed, begin, never)
    entering = here & (begin < never)
    if one.mode == SUPERSEDED:
        lost = here & (following < begin)
        entering &= ~lost
        out.gone[row][lost], out.waiting[row][lost] = following[lost], one.superseded
    stops = stops_of(one.stops, one.started[row], row)
    if stops is not None:
        entering = _stopped_in_front(out, row, arrive, begin, entering, here, stops)
    out.enter[row][entering] = begin[entering]
    runs, found = _inside(one, out, prepared, row, begin, entering, latest, stops)
    free = np.where(entering, out.leave[row], free) if one.mode != PARALLEL else free
    if len(runs):
        _after_failure(one, out, row, runs, found, free, latest, following, backs)
    latest[out.outcome[row] == SUCCEEDED] = row
    return free


def _inside(
    one: Crossing, out: Crossed, prepared: _Prepared | None, row: int, begin: Ints, entering: Flags, latest: Ints,
    stops: tuple[Ints, Ints] | None,
) -> tuple[Ints, list[Round]]:
    """Write down how those who enter leave at first; the runs that were looked at closely, and all their rounds."""
    by_rules = entering
    if one.took is not None and one.failed is not None:
        out.leave[row][entering] = (begin + one.took[row])[entering]
        out.outcome[row][entering] = SUCCEEDED
        by_rules = entering & one.failed[row]
        if stops is not None:
            by_rules = by_rules | (entering & (np.minimum(*stops) <= out.leave[row]))
    if prepared is not None and stops is None:
        runs, found = prepared.at(row, begin, entering)
    else:
        runs = np.flatnonzero(by_rules)
        numbers, chosen = np.full(len(runs), row + 1), None if stops is None else (stops[0][runs], stops[1][runs])
        way = way_of(one.luck, runs, numbers, numbers, stops=chosen)
        found = rounds(one.luck, way, runs, begin[runs], latest[runs] + 1)
    out.leave[row][runs], out.outcome[row][runs] = found[0].time, found[0].outcome
    return runs, found


# ---------------------------------------------------------------------------------------------- after a failure


def _after_failure(
    one: Crossing, out: Crossed, row: int, runs: Ints, found: list[Round], free: Ints, latest: Ints, following: Ints,
    backs: list[Rollback],
) -> None:
    """Rollbacks and retries of who has failed in this row; `free` and the outcome are brought up to date."""
    going, parallel = found[0].outcome == FAILED, one.mode == PARALLEL
    for turn, (end, _, rolls, back, ok) in enumerate(found):
        if not going.any():
            return
        rolled = going & rolls & (latest[runs] >= 0) & (not parallel)
        if rolled.any():
            who = runs[rolled]
            backs.append(Rollback(np.full(len(who), row), who, end[rolled], back[rolled], ok[rolled], latest[who]))
            free[who] = out.busy[row][who] = back[rolled]
        going = going & ~rolled
        if turn + 1 == len(found):
            return
        going &= _nobody_before(one, end, following[runs])
        time, outcome = found[turn + 1].time, found[turn + 1].outcome
        who = runs[going]
        out.leave[row][who], out.outcome[row][who] = time[going], outcome[going]
        out.manual[row][who] += 1
        if not parallel:
            free[who] = time[going]
        going = going & (outcome == FAILED)


def _nobody_before(one: Crossing, failed: Ints, following: Ints) -> Flags:
    """Whether a person may retry: nobody has entered by then, `after` the failure."""
    policy = one.luck.stage.policy
    assert policy is not None
    at = failed + policy.after
    if one.mode == PARALLEL:
        return np.ones(len(at), np.bool_)
    enters = opened(one.luck.stage.closed, np.maximum(following, failed), one.never)
    nobody: Flags = (following >= one.never) | (enters > at) | ((enters == at) & (following == enters))
    return nobody


# ---------------------------------------------------------------------------------------------- stops


def stops_of(stops: tuple[Stop, ...], started: Ints, row: int) -> tuple[Ints, Ints] | None:
    """When the execution of this row is asked to stop and wait, and to stop and abandon, after its start in each run."""
    asked = [stop for stop in stops if stop.number == row + 1]
    if not asked:
        return None
    times = []
    for abandon in (False, True):
        at = np.full(len(started), UNASKED)
        for stop in asked:
            if stop.abandon == abandon:
                at = np.where(started < stop.at, np.minimum(at, stop.at), at)
        times.append(at)
    return times[0], times[1]


def _stopped_in_front(
    out: Crossed, row: int, arrive: Ints, begin: Ints, entering: Flags, here: Flags, stops: tuple[Ints, Ints]
) -> Flags:
    """Who is stopped while it waits ends at once and never enters; who enters all the same."""
    at = np.minimum(*stops)
    until = np.minimum(begin, out.gone[row])
    stopped = here & (at <= until) & (arrive < at)
    out.gone[row][stopped], out.waiting[row][stopped] = at[stopped], STOPPED
    entered: Flags = entering & ~stopped
    return entered
