"""Ten million runs in little memory: each block is reduced to sums and counts, which are whole numbers and merge exactly.

A `Summary` knows how many executions of the runs came to which end, the lead times of their changes (each second counted,
so that quantiles are exact), and how runs vary: the sums of squares and products that intervals need. All means what it
means to `replicate`.
Merging is adding: the order, the blocks and the number of workers leave no trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..pipeline.model import Pipeline
from ..scenario import Scenario
from ..simulation import Simulation
from ..views import metrics
from .adding import takes_newer
from .arrays import Block, evaluate
from .arrivals import found_by
from .cluster import spread
from .plan import NEVER, NotAnArray, Plan, plan_of
from .points import evaluated_at
from .replicate import asked
from .runs import ROOM, simulation_of, size_of
from .tables import NAMES, OVER, STATUS, of_simulation
from .words import Flags, Ints, Words, seeds_from

Matrix = tuple[tuple[int, ...], ...]
COLUMNS = ("runs", "Succeeded", "Failed", "Superseded", "carried", "lead time")
SECONDS = 1 << 22
"""Up to so many seconds, lead times are counted in one array; longer ones are sorted."""
LONG, SIMULATED = 1 << 21, 1 << 11
"""A task has so many executions, where arrays do it and where the simulation does: a quarter of a second and more."""


@dataclass(frozen=True, eq=False)
class Summary:
    """What `runs` runs come to. `statuses` counts executions by NAMES, rollbacks apart; `rollbacks` those.

    `seconds` are the lead times that occur (from a change to the end of the first deployment that carries it), rising, and
    `counts` how often. `products[i][j]` is the sum over runs of column i times column j of COLUMNS, where the column `runs`
    is 1, `carried` the number of changes with a lead time, and `lead time` their sum: `products[0]` holds the plain sums.
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
        """The mean lead time in seconds; NaN where nothing came into production."""
        done = self.total("carried")
        return self.total("lead time") / done if done else float("nan")

    def lead_time_within(self, share: float) -> int:
        """The lead time that `share` of the carried changes do not exceed: exact, for each second is counted."""
        if not len(self.counts):
            raise ValueError("Nothing came into production, so that there is no lead time.")
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
    """Summaries of several worlds under the same luck. What they have in common is evaluated once: pushes, stages that are
    the same, and, where one chance alone differs, all that becomes of a run at several of its values."""
    worlds = [(pipeline, asked(pipeline, scenario)) for pipeline, scenario in worlds]
    plans = [_plan(*world) for world in worlds]
    size = _runs_in_a_task(plans)
    tasks = ((worlds, plans, seed, first, min(size, runs - first)) for first in range(0, runs, size))
    found = spread(summaries_of, tasks, workers, client)
    return reduce(lambda one, other: [a + b for a, b in zip(one, other, strict=True)], found)


def _plan(pipeline: Pipeline, scenario: Scenario) -> Plan | None:
    try:
        plan = plan_of(pipeline, scenario)
    except NotAnArray:
        return None
    return None if takes_newer(pipeline, plan) else plan


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
    found = {place: _simulated(*worlds[place], seed, range(first, first + count))
             for place, plan in enumerate(plans) if plan is None}
    places = [place for place, plan in enumerate(plans) if plan is not None]
    able = [plan for plan in plans if plan is not None]
    for at, block in _evaluated(able, seeds_from(seed + first, count)):
        place = places[at]
        left, mine = first + np.flatnonzero(~block.exact), of_block(block, worlds[place][0], able[at])
        found[place] = mine + _simulated(*worlds[place], seed, left.tolist()) if len(left) else mine
    return [found[place] for place in range(len(worlds))]


def _evaluated(plans: Sequence[Plan], seeds: Words) -> Iterator[tuple[int, Block]]:
    """The blocks of plans by their places. Where production may be skipped, who visited it must be known."""
    told = [place for place, plan in enumerate(plans) if plan.stages[-1].skips]
    yield from ((place, evaluate(plans[place], seeds, visits=True)) for place in told)
    others = [place for place in range(len(plans)) if place not in told]
    yield from ((others[at], block) for at, block in evaluated_at([plans[place] for place in others], seeds))


def _simulated(pipeline: Pipeline, scenario: Scenario, seed: int, runs: Iterable[int]) -> Summary:
    return reduce(Summary.__add__, (of_run(simulation_of(pipeline, scenario, seed, run), pipeline) for run in runs))


# ---------------------------------------------------------------------------------------------- one block, one run


def of_block(block: Block, pipeline: Pipeline, plan: Plan) -> Summary:
    """The exact runs of a block."""
    status, start, end, good = block.status, block.start, block.end, _deployed(block, pipeline)
    if not block.exact.all():
        start, end = start[:, block.exact], end[:, block.exact]
        status, good = status[:, block.exact], good[:, block.exact]
    reached = np.where(good, end, block.never)  # a change is carried by the first that succeeds with it or a newer one
    if len(reached) > 1:
        reached = np.minimum.accumulate(reached[::-1], axis=0)[::-1]
    carried = (reached < block.never) & (status != 0)
    if block.arrived is not None:
        start, carried, reached = _by_looks(block, plan.polling, carried, reached)
    leads = np.subtract(reached, start, where=carried, out=np.zeros(start.shape, np.int64), casting="unsafe")
    columns = [np.ones(status.shape[1], np.int64), *(np.count_nonzero(status == STATUS[name], axis=0)
                                                     for name in COLUMNS[1:4]), carried.sum(axis=0), leads.sum(axis=0)]
    backs = sum(int(block.exact[one.run].sum()) for one in block.rollbacks)
    return _summary(status.ravel(), leads[carried], columns, backs)


def _by_looks(block: Block, every: int, carried: Flags, reached: Ints) -> tuple[Ints, Flags, Ints]:
    """The same of changes: when each arrived, whether it is carried, and when it is in production."""
    assert block.arrived is not None
    arrived = block.arrived[:, block.exact]
    there = arrived < NEVER
    place = np.where(there, found_by(arrived, every), 0), np.arange(arrived.shape[1])
    return arrived, carried[place] & there, reached[place]


def _deployed(block: Block, pipeline: Pipeline) -> Flags:
    """Which executions came through the last stage, and something other than an approval ran in it."""
    good: Flags = block.status == STATUS["Succeeded"]
    if all(action.is_approval for action in pipeline.stages[-1].actions):
        return np.zeros_like(good)
    return good & (block.visits[-1].crossed.outcome == STATUS["Succeeded"]) if block.visits else good


def of_run(sim: Simulation, pipeline: Pipeline) -> Summary:
    """One run that has been simulated, as the views see it."""
    table = of_simulation(sim, pipeline, 0, False).executions
    plain = table.rollback == OVER
    status, leads = table.status[plain], np.array(metrics.measure(sim.records, pipeline.name).lead_times, np.int64)
    columns = [np.array([value], np.int64) for value in (
        1, *(np.count_nonzero(status == STATUS[name]) for name in COLUMNS[1:4]), len(leads), leads.sum())]
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
