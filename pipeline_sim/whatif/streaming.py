"""Ten million runs in little memory: each block is reduced to sums and counts, which are whole numbers and merge exactly.

A `Summary` knows how many executions of the runs came to which end, how long those took that succeeded (each second
counted, so that its quantiles are exact), and how runs vary: the sums of squares and products that intervals need.
Merging is adding: the order, the blocks and the number of workers leave no trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..pipeline.model import Pipeline
from ..scenario import Scenario
from .arrays import Block, Memory, evaluate
from .cluster import spread
from .plan import NotAnArray, Plan, plan_of
from .runs import ROOM, simulated, size_of
from .tables import NAMES, OVER, STATUS, Executions
from .words import Ints, seeds_from

Matrix = tuple[tuple[int, ...], ...]
COLUMNS = ("runs", "Succeeded", "Failed", "Superseded", "lead time")
SECONDS = 1 << 22
"""Up to so many seconds, lead times are counted in one array; longer ones are sorted."""
LONG, SIMULATED = 1 << 21, 1 << 11
"""A task has so many executions, where arrays do it and where the simulation does: a quarter of a second and more."""


@dataclass(frozen=True, eq=False)
class Summary:
    """What `runs` runs come to. `statuses` counts executions by NAMES, rollbacks apart; `rollbacks` those.

    `seconds` are the lead times that occur (push to the end of the last stage, of what succeeded), rising, and `counts` how
    often. `products[i][j]` is the sum over runs of column i times column j of COLUMNS, where the column `runs` is 1 and
    `lead time` the sum of a run's lead times: `products[0]` holds the plain sums.
    """

    runs: int
    statuses: tuple[int, ...]
    rollbacks: int
    seconds: NDArray[np.int64]
    counts: NDArray[np.int64]
    products: Matrix

    def __eq__(self, other: object) -> bool:
        """Whether every number is the same."""
        return isinstance(other, Summary) and self._plain() == other._plain()

    def __hash__(self) -> int:
        return hash(self._plain())

    def _plain(self) -> tuple[object, ...]:
        return (self.runs, self.statuses, self.rollbacks, self.seconds.tobytes(), self.counts.tobytes(), self.products)

    def __add__(self, other: Summary) -> Summary:
        """Both together."""
        seconds, counts = _counted_together(
            np.concatenate([self.seconds, other.seconds]), np.concatenate([self.counts, other.counts]))
        return Summary(
            self.runs + other.runs, tuple(map(sum, zip(self.statuses, other.statuses, strict=True))),
            self.rollbacks + other.rollbacks, seconds, counts,
            tuple(tuple(map(sum, zip(*rows, strict=True))) for rows in zip(self.products, other.products, strict=True)))

    def total(self, column: str) -> int:
        """The sum of one of the COLUMNS over all runs."""
        return self.products[0][COLUMNS.index(column)]

    @property
    def success(self) -> float:
        """The share of executions that succeeded, of all that succeeded or failed; NaN where nothing did."""
        good, bad = self.total("Succeeded"), self.total("Failed")
        return good / (good + bad) if good + bad else float("nan")

    @property
    def lead_time(self) -> float:
        """The mean lead time in seconds; NaN where nothing succeeded."""
        done = self.total("Succeeded")
        return self.total("lead time") / done if done else float("nan")

    def lead_time_within(self, share: float) -> int:
        """The lead time that `share` of what succeeded does not exceed: exact, for each second is counted."""
        if not len(self.counts):
            raise ValueError("Nothing succeeded, so that there is no lead time.")
        reached = np.cumsum(self.counts)
        return int(self.seconds[np.searchsorted(reached, max(1, share * reached[-1] - 1e-9))])


def streamed(
    pipeline: Pipeline, scenario: Scenario, runs: int, seed: int = 0, *, workers: int = 1, client: Any = None
) -> Summary:
    """A summary of any number of runs, in memory that does not grow with them."""
    return swept([(pipeline, scenario)], runs, seed, workers=workers, client=client)[0]


def swept(
    worlds: Sequence[tuple[Pipeline, Scenario]], runs: int, seed: int = 0, *, workers: int = 1, client: Any = None
) -> list[Summary]:
    """Summaries of several worlds under the same luck. What two of them have in common (their pushes, stages that are the
    same, all up to the first that is not) is evaluated once."""
    plans = [_plan(*world) for world in worlds]
    size = _runs_in_a_task(plans)
    tasks = ((worlds, plans, seed, first, min(size, runs - first)) for first in range(0, runs, size))
    found = spread(summaries_of, tasks, workers, client)
    return reduce(lambda one, other: [a + b for a, b in zip(one, other, strict=True)], found)


def _plan(pipeline: Pipeline, scenario: Scenario) -> Plan | None:
    try:
        return plan_of(pipeline, scenario)
    except NotAnArray:
        return None


def _runs_in_a_task(plans: list[Plan | None]) -> int:
    """So many that a task takes long enough to be worth handing out, whoever does it."""
    sizes = [size_of(plan, LONG) if plan else SIMULATED // 16 for plan in plans]
    return max(1, min(sizes))


def summaries_of(
    worlds: Sequence[tuple[Pipeline, Scenario]], plans: Sequence[Plan | None], seed: int, first: int, count: int
) -> list[Summary]:
    """A task: the summaries of `count` runs from `first` on, of each world."""
    size = min([count, *(size_of(plan, ROOM) for plan in plans if plan)])
    parts = [_block(worlds, plans, seed, at, min(size, first + count - at)) for at in range(first, first + count, size)]
    return reduce(lambda one, other: [a + b for a, b in zip(one, other, strict=True)], parts)


def _block(
    worlds: Sequence[tuple[Pipeline, Scenario]], plans: Sequence[Plan | None], seed: int, first: int, count: int
) -> list[Summary]:
    memory, seeds, found = Memory() if len(worlds) > 1 else None, seeds_from(seed + first, count), []
    for world, plan in zip(worlds, plans, strict=True):
        if plan is None:
            found.append(_simulated(*world, seed, range(first, first + count)))
            continue
        block = evaluate(plan, seeds, memory=memory)
        left = first + np.flatnonzero(~block.exact)
        mine = of_block(block)
        found.append(mine + _simulated(*world, seed, left.tolist()) if len(left) else mine)
    return found


def _simulated(pipeline: Pipeline, scenario: Scenario, seed: int, runs: Iterable[int]) -> Summary:
    return reduce(Summary.__add__, (of_table(simulated(pipeline, scenario, seed, run, False).executions) for run in runs))


# ---------------------------------------------------------------------------------------------- one block, one run


def of_block(block: Block) -> Summary:
    """The exact runs of a block."""
    status, start, end = block.status, block.start, block.end
    if not block.exact.all():
        status, start, end = (one[:, block.exact] for one in (status, start, end))
    good = status == STATUS["Succeeded"]
    leads = np.subtract(end, start, where=good, out=np.zeros(status.shape, np.int64), casting="unsafe")
    columns = [np.ones(status.shape[1], np.int64), *(np.count_nonzero(status == STATUS[name], axis=0)
                                                     for name in COLUMNS[1:4]), leads.sum(axis=0)]
    backs = sum(int(block.exact[one.run].sum()) for one in block.rollbacks)
    return _summary(status.ravel(), leads[good], columns, backs)


def of_table(table: Executions) -> Summary:
    """One run that has been simulated."""
    plain = table.rollback == OVER
    status, leads = table.status[plain], (table.end - table.start)[plain]
    leads = leads[status == STATUS["Succeeded"]]
    columns = [np.array([value], np.int64) for value in (
        1, *(np.count_nonzero(status == STATUS[name]) for name in COLUMNS[1:4]), leads.sum())]
    return _summary(status, leads, columns, int((~plain).sum()))


def _summary(status: Ints, leads: Ints, columns: list[Ints], backs: int) -> Summary:
    seconds, counts = _counted(leads)
    held = np.stack(columns).astype(object) if _may_overflow(columns) else np.stack(columns).astype(np.int64)
    products = tuple(tuple(int(value) for value in row) for row in held @ held.T)
    statuses = np.bincount(status.astype(np.uint8), minlength=len(NAMES))
    return Summary(len(columns[0]), (0, *statuses.tolist()[1:]), backs, seconds, counts, products)


def _may_overflow(columns: list[Ints]) -> bool:
    largest = max(int(column.max(initial=0)) for column in columns)
    return largest**2 * len(columns[0]) >= 1 << 62


def _counted(leads: Ints) -> tuple[Ints, Ints]:
    if len(leads) and int(leads.max()) < SECONDS:
        found = np.bincount(leads)
        there = np.flatnonzero(found)
        return there, found[there]
    seconds, counts = np.unique(leads, return_counts=True)
    return seconds.astype(np.int64), counts.astype(np.int64)


def _counted_together(seconds: Ints, counts: Ints) -> tuple[Ints, Ints]:
    found, place = np.unique(seconds, return_inverse=True)
    sums = np.zeros(len(found), np.int64)
    np.add.at(sums, place, counts)
    return found, sums
