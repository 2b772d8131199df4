"""What happened inside the stages of many runs on the array path: every visit, every attempt, when and with what end.

The array path itself only asks how long a stage takes. Here the same draws are looked at again, attempt by attempt, for
the runs that somebody wants to see or to pay for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..pipeline.model import Action, Pipeline
from ..scenario import Scenario
from .arrays import LOST, Block, Visits, evaluate
from .plan import NEVER, Plan, StagePlan
from .stages import C2, Flags, Luck, attempted, lucks
from .words import Ints, Words, keyed


@dataclass(frozen=True)
class Tried:
    """One attempt of an action in many executions; `row` (number - 1) and `run` say in which."""

    stage: int
    action: Action
    number: Ints
    row: Ints
    run: Ints
    start: Ints
    end: Ints
    failed: Flags


@dataclass(frozen=True)
class Inside:
    """A block of runs, seen from within. Rows are executions, columns are runs."""

    pipeline: Pipeline
    plan: Plan
    block: Block
    tried: tuple[Tried, ...]
    last_call: int

    @cached_property
    def now(self) -> Ints:
        """Where the clock stands when a run is over: at its last record."""
        times = [self.block.start, self.block.end, *(visit.leave for visit in self.block.visits)]
        last = np.max([np.max(np.where(time < NEVER, time, 0), axis=0, initial=0) for time in times], axis=0)
        found: Ints = np.maximum(last, self.last_call)
        return found

    def in_front(self, stage: int) -> tuple[Ints, Ints]:
        """From when to when executions stood in front of a stage; both 0 for those that never came there."""
        visit, block = self.block.visits[stage], self.block
        came = visit.arrive < NEVER
        gone = (block.status == LOST) & (visit.enter >= NEVER)
        until = np.where(visit.enter < NEVER, visit.enter, np.where(gone, block.end, self.now))
        return np.where(came, visit.arrive, 0), np.where(came, until, 0)


def inside(pipeline: Pipeline, scenario: Scenario, plan: Plan, seeds: Words) -> Inside:
    """The runs with these seeds, seen from within."""
    block = evaluate(plan, seeds, visits=True)
    tried = [one for place, stage in enumerate(plan.stages)
             for one in _stage(pipeline, place, stage, seeds, block.visits[place])]
    return Inside(pipeline, plan, block, tuple(tried), max((call.at for call in scenario.calls), default=0))


def _stage(pipeline: Pipeline, place: int, stage: StagePlan, seeds: Words, visit: Visits) -> Iterator[Tried]:
    row, run = np.nonzero(visit.enter < NEVER)
    if not len(row):
        return
    groups = [[luck.of(run) for luck in group] for group in lucks(stage, seeds)]
    walk = _Walk(place, row, run, visit.enter[row, run], [*map(list, pipeline.stages[place].groups)], groups)
    everybody = np.ones(len(row), np.bool_)
    yield from walk.round("ALL_ACTIONS", everybody)
    if stage.retry and not walk.through.all():
        yield from walk.round(stage.retry, ~walk.through)


class _Walk:
    """Executions on their way through the groups of one stage, as `stages.again` takes them."""

    def __init__(self, place: int, row: Ints, run: Ints, time: Ints, actions: list[list[Action]],
                 groups: list[list[Luck]]) -> None:
        self.place, self.row, self.run, self.time = place, row, run, time
        self.pairs = [list(zip(names, group, strict=True)) for names, group in zip(actions, groups, strict=True)]
        self.tried = {action.name: np.zeros(len(row), np.int64) for names in actions for action in names}
        self.good = {name: np.zeros(len(row), np.bool_) for name in self.tried}
        self.through = np.zeros(len(row), np.bool_)

    def round(self, mode: str, going: Flags) -> Iterator[Tried]:
        """One pass through the groups for those `going`; who gets through is noted."""
        for group in self.pairs:
            longest, bad = np.zeros_like(self.time), np.zeros_like(going)
            for action, luck in group:
                runs = going if mode == "ALL_ACTIONS" else going & ~self.good[action.name]
                wait, failed = self._attempt(action, luck, runs)
                longest = np.maximum(longest, np.where(runs, wait, 0))
                bad |= runs & failed
                yield self._told(action, runs, wait, failed)
            self.time, going = self.time + longest, going & ~bad
        self.through |= going

    def _attempt(self, action: Action, luck: Luck, runs: Flags) -> tuple[Ints, Flags]:
        self.tried[action.name] += runs
        numbers = self.row + 1
        key = keyed(numbers, 0) + self.tried[action.name].astype(np.uint64) * np.uint64(C2)
        wait, failed = attempted(luck, key, numbers, self.time)
        failed = np.zeros(len(runs), np.bool_) if failed is None else np.broadcast_to(failed, runs.shape)
        self.good[action.name] = np.where(runs, ~failed, self.good[action.name])
        return wait, failed

    def _told(self, action: Action, runs: Flags, wait: Ints, failed: Flags) -> Tried:
        start = self.time[runs]
        return Tried(self.place, action, self.tried[action.name][runs], self.row[runs], self.run[runs], start,
                     start + wait[runs], failed[runs])


def produced(pipeline: Pipeline) -> bool:
    """Whether the production stage deploys: it has an action that is no approval."""
    return any(not action.is_approval for action in pipeline.stages[-1].actions)


def deployed(inner: Inside) -> Flags:
    """Which executions deployed: an action other than an approval began in the production stage."""
    found = np.zeros(inner.block.start.shape, np.bool_)
    last = len(inner.pipeline.stages) - 1
    for one in inner.tried:
        if one.stage == last and not one.action.is_approval:
            found[one.row, one.run] = True
    return found


def taken(inner: Inside) -> Flags:
    """Which executions took a revision: their source action succeeded."""
    found = np.zeros(inner.block.start.shape, np.bool_)
    for one in inner.tried:
        if one.action.is_source:
            found[one.row[~one.failed], one.run[~one.failed]] = True
    return found
