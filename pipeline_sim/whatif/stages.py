"""First attempts in a stage, as if nothing failed: how long each execution takes, and where something did fail.

    time = 0;   for each run order: time += max(durations of its actions)

This is done for all executions of a block at once, piece by piece, and is where a block's time goes. The few that hold
a failure are looked at again, by all the rules (`rounds`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .plan import Attempts, StagePlan
from .words import LOW, PIECE, Desk, Flags, Ints, Words, bases, below, keyed, mixed, table


class Turned(NamedTuple):
    """A chance that is not the same in all runs of a block: `thresholds`, one for each run, stand in for that of the action
    (or rule) with this `key`."""

    key: str
    thresholds: Words


@dataclass(frozen=True)
class Luck:
    """An action with the bases of its draws, one for each run; and its threshold, one for all or one for each."""

    action: Attempts
    base: Words
    defect: Words | None
    threshold: int | Words

    def of(self, runs: Ints) -> Luck:
        """The same for chosen runs."""
        threshold = self.threshold if isinstance(self.threshold, int) else self.threshold[runs]
        return Luck(self.action, self.base[runs], None if self.defect is None else self.defect[runs], threshold)

    @property
    def chancy(self) -> bool:
        """Whether draws decide what fails, time-outs apart."""
        return not isinstance(self.threshold, int) or 0 < self.threshold < 1 << 32


def luck_of(action: Attempts, seeds: Words, turned: Turned | None = None) -> Luck:
    """An action's luck under these seeds."""
    threshold = turned.thresholds if turned is not None and turned.key == action.key else action.threshold
    return Luck(action, bases(seeds, action.key), bases(seeds, action.defect_key) if action.defect else None, threshold)


def lucks(actions: tuple[Attempts, ...], seeds: Words, turned: Turned | None = None) -> list[Luck]:
    return [luck_of(action, seeds, turned) for action in actions]


@dataclass(frozen=True)
class StageLuck:
    """The luck of a stage's actions, group by group, and of its rules, gate by gate: bases for each run."""

    stage: StagePlan
    actions: list[Luck]
    rules: dict[str, list[Luck]]

    @property
    def sequence(self) -> list[list[Luck]]:
        """As `StagePlan.sequence`."""
        actions = iter(self.actions)
        groups = [[next(actions) for _ in group] for group in self.stage.groups]
        return [*([rule] for rule in self.rules["before"]), *groups, *([rule] for rule in self.rules["success"])]


def stage_luck(stage: StagePlan, seeds: Words, turned: Turned | None = None) -> StageLuck:
    """The luck of all that happens in a stage under these seeds."""
    rules = {"before": stage.before, "success": stage.success, "failure": stage.failure}
    return StageLuck(stage, lucks(stage.actions, seeds, turned),
                     {gate: lucks(found, seeds, turned) for gate, found in rules.items()})


def first_attempts(luck: StageLuck, rows: int, runs: int, work: Desk) -> tuple[Ints, Flags]:
    """What every execution (rows) of every run (columns) takes in the stage if nothing fails, and where something does:
    on the desk, until the next stage."""
    parts, took, failed = luck.sequence, work.took, work.failed
    took[...], failed[...] = 0, False
    step = max(1, PIECE // max(1, runs))
    first = keyed(np.arange(1, rows + 1)[:, None], 1)
    fixed = keyed(np.arange(1, rows + 1)[:, None], 0)
    for row in range(0, rows, step):
        here = slice(row, row + step)
        piece = work.shaped(took[here].shape)
        for group in parts:
            _group(group, first[here], fixed[here], took[here], failed[here], piece)
    return took, failed


def _group(group: list[Luck], key: Words, fixed: Words, took: Ints, failed: Flags, work: Desk) -> None:
    """Add the longest of a group's first attempts to `took`; `fixed` keys what no attempt changes, a defect."""
    longest: Ints | int = 0
    for luck in group:
        out = work.waits if isinstance(longest, np.ndarray) else work.longest
        wait = _attempt(luck, key, failed, work, out)
        if luck.defect is not None:
            _defect(luck.defect, luck.action.defect, fixed, failed, work)
        longest = _longer(longest, wait)
    took += longest


def _longer(one: Ints | int, other: Ints | int) -> Ints | int:
    """The longer of two waits, in place where one of them is an array."""
    if isinstance(one, np.ndarray):
        return np.maximum(one, other, out=one)
    return np.maximum(other, one, out=other) if isinstance(other, np.ndarray) else max(one, other)


def _attempt(luck: Luck, key: Words, failed: Flags, work: Desk, out: Ints) -> Ints | int:
    """Duration of an attempt each (a number, where it is the same for all); failures are noted in `failed`."""
    action, duration = luck.action, luck.action.duration
    if duration is None:
        failed[...] = True
        return action.timeout
    chancy = luck.chancy
    if not chancy and (action.threshold == 0) == action.passes:
        failed[...] = True
    if not chancy and duration.kind == "constant":
        return _in_time(action, duration.at(0), failed)
    drawn = mixed(np.add(luck.base, key, out=work.words), work.spare)
    if chancy:
        bad = below(drawn, luck.threshold, work.flags)
        np.logical_or(failed, np.logical_not(bad, out=bad) if action.passes else bad, out=failed)
    if duration.kind == "constant":
        return _in_time(action, duration.at(0), failed)
    place = np.bitwise_and(drawn, LOW, out=work.spare).view(np.int64)
    wait: Ints = table(duration, out.dtype).take(place, out=out, mode="wrap")  # all are in range: "raise" would copy
    if not action.in_time:
        np.logical_or(failed, np.greater(wait, action.timeout, out=work.flags), out=failed)
        np.minimum(wait, action.timeout, out=wait)
    return wait


def _in_time(action: Attempts, wait: int, failed: Flags) -> int:
    """A duration that is the same for all, cut at the time-out."""
    if wait > action.timeout:
        failed[...] = True
    return min(wait, action.timeout)


def _defect(base: Words, threshold: int, fixed: Words, failed: Flags, work: Desk) -> None:
    """Revisions that are broken at this place; the durations on the desk stay as they are."""
    drawn = mixed(np.add(base, fixed, out=work.words), work.spare)
    np.logical_or(failed, below(drawn, threshold, work.flags), out=failed)
