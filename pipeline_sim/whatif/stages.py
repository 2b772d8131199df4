"""What becomes of executions inside one stage, many at once: how long it takes, and whether it succeeds.

First attempts are evaluated as if nothing failed; the few executions that hold a failed action are then done again, by
the rules of failure and automatic retry.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..scenario.chance import C2
from .arrivals import worked
from .plan import Attempts, StagePlan
from .words import Ints, Words, bases, below, durations, keyed, mixed, words

Flags = NDArray[np.bool_]
_C2 = np.uint64(C2)


@dataclass(frozen=True)
class Luck:
    """An action with the bases of its draws, one for each run."""

    action: Attempts
    base: Words
    defect: Words

    def of(self, runs: Ints) -> Luck:
        """The same for chosen runs."""
        return Luck(self.action, self.base[runs], self.defect[runs])


Groups = list[list[Luck]]


def lucks(stage: StagePlan, seeds: Words) -> Groups:
    """The luck of a stage's actions under these seeds."""
    return [[Luck(action, bases(seeds, action.key), bases(seeds, action.defect_key)) for action in group]
            for group in stage.groups]


def attempted(luck: Luck, key: Words, numbers: Ints, begin: Ints | None) -> tuple[Ints, Flags | None]:
    """Duration and failure of one attempt each; `key` is what number and attempt add to the base. None: no failure."""
    action = luck.action
    if action.duration is None:
        shape = np.broadcast_shapes(luck.base.shape, key.shape)
        return np.full(shape, action.timeout, np.int64), np.ones(shape, np.bool_)
    drawn = mixed(luck.base + key)
    wait = durations(drawn, action.duration)
    if action.hours is not None and begin is not None:
        wait = worked(action.hours, begin, wait) - begin
    failed = _failed(luck, drawn, numbers)
    if action.hours is None and action.duration.at(0xFFFF) <= action.timeout:
        return wait, failed
    late = wait > action.timeout
    return np.minimum(wait, action.timeout), late if failed is None else failed | late


def _failed(luck: Luck, drawn: Words, numbers: Ints) -> Flags | None:
    action = luck.action
    failed: Flags | None = None
    if action.passes:
        if action.threshold < 1 << 32:
            failed = ~below(drawn, action.threshold)
    elif action.threshold:
        failed = below(drawn, action.threshold)
    if action.defect:
        broken = below(words(luck.defect, numbers, 0), action.defect)
        failed = broken if failed is None else failed | broken
    return failed


def through(stage: StagePlan, groups: Groups, numbers: Ints, begin: Ints | None = None) -> tuple[Ints, Flags]:
    """Seconds in the stage and success, for one row of executions each `numbers` (a column) and one column a run.
    `begin` is when each begins, where the clock matters."""
    time, failed = _at_first(groups, numbers, begin)
    if failed is None:
        return time, np.ones(time.shape, np.bool_)
    rows, runs = np.nonzero(failed)
    if not len(rows):
        return time, ~failed
    chosen = [[luck.of(runs) for luck in group] for group in groups]
    since = None if begin is None else np.broadcast_to(begin, time.shape)[rows, runs]
    time[rows, runs], good = again(stage, chosen, np.broadcast_to(numbers, time.shape)[rows, runs], since)
    ok = ~failed
    ok[rows, runs] = good
    return time, ok


def _at_first(groups: Groups, numbers: Ints, begin: Ints | None) -> tuple[Ints, Flags | None]:
    """First attempts as if nothing failed, and where something did."""
    key = keyed(numbers, 1)
    total: Ints | None = None
    failed: Flags | None = None
    for group in groups:
        now = begin if begin is None or total is None else begin + total
        found = [attempted(luck, key, numbers, now) for luck in group]
        longest = found[0][0]
        for wait, _ in found[1:]:
            longest = np.maximum(longest, wait)
        for _, bad in found:
            failed = bad if failed is None else failed if bad is None else failed | bad
        total = longest if total is None else total + longest
    assert total is not None
    return total, failed


# ---------------------------------------------------------------------------------------------- with failures


def again(stage: StagePlan, groups: Groups, numbers: Ints, begin: Ints | None) -> tuple[Ints, Flags]:
    """The same by all the rules, for executions in one flat array: the stage as it first ran, and its automatic retry
    where it has one: a second round in which each action's attempts are counted on."""
    since = np.zeros(len(numbers), np.int64) if begin is None else begin
    actions = [luck for group in groups for luck in group]
    tried = [np.zeros(len(numbers), np.uint64) for _ in actions]
    good = [np.zeros(len(numbers), np.bool_) for _ in actions]
    time, ok = _round(groups, numbers, since, since, tried, good, "ALL_ACTIONS", np.ones(len(numbers), np.bool_))
    if stage.retry:
        time, second = _round(groups, numbers, since, time, tried, good, stage.retry, ~ok)
        ok = ok | second
    return time - since, ok


def _round(
    groups: Groups, numbers: Ints, since: Ints, time: Ints, tried: list[Words], good: list[Flags], mode: str, going: Flags
) -> tuple[Ints, Flags]:
    """One pass through the action groups, for those `going`; when each comes to its end, and who got through."""
    place = 0
    for group in groups:
        longest, bad = np.zeros_like(time), np.zeros_like(going)
        for luck in group:
            runs = going if mode == "ALL_ACTIONS" else going & ~good[place]
            tried[place] = tried[place] + runs
            wait, failed = attempted(luck, keyed(numbers, 0) + tried[place] * _C2, numbers, time)
            longest = np.maximum(longest, np.where(runs, wait, 0))
            if failed is not None:
                bad |= runs & failed
            good[place] = np.where(runs, True if failed is None else ~failed, good[place])
            place += 1
        time, going = time + longest, going & ~bad
    return time, going
