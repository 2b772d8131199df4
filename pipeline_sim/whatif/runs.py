"""Many runs of a pipeline, evaluated block by block: by arrays where they can, by the simulation where they cannot.

Run *r* has the seed `seed + r`, whoever evaluates it and however the runs are divided among blocks and processes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..pipeline.model import Pipeline
from ..scenario import Scenario
from ..simulation import Simulation
from .arrays import Block, evaluate
from .cluster import spread
from .plan import NEVER, NotAnArray, Plan, plan_of
from .points import evaluated_at
from .retelling import tables_of
from .tables import NAMES, OVER, Executions, Tables, Visits, Works, joined, of_simulation, stacked, table_of, with_runs
from .telling import executions_of
from .words import seeds_from

__all__ = ["NAMES", "OVER", "Executions", "Tables", "Visits", "Works", "blocks", "blocks_of", "planned",
           "simulation_of"]

ROOM, DETAILED = 1 << 19, 1 << 15
"""So many executions a block holds at most, without and with detail: what bounds the memory, however many the runs."""
WIDEST = 1 << 15
"""So many runs at most: half as many take a third longer, as every small step on the way costs a call."""
SIMULATED = 50
"""So many runs are in a block where the simulation does them one by one."""


class Planned(NamedTuple):
    """A pipeline in its world with the plan that arrays go by; without one, `against` says why the simulation must do these
    runs one by one."""

    pipeline: Pipeline
    scenario: Scenario
    plan: Plan | None
    against: str = ""


def planned(pipeline: Pipeline, scenario: Scenario) -> Planned:
    try:
        return Planned(pipeline, scenario, plan_of(pipeline, scenario))
    except NotAnArray as refused:
        return Planned(pipeline, scenario, None, str(refused))


def blocks(
    pipeline: Pipeline, scenario: Scenario, runs: int, seed: int = 0, *, workers: int = 1, client: Any = None,
    detail: bool = True,
) -> Iterator[Tables]:
    """The runs in order, block by block, as `Tables`: `executions` always; `visits` (a row for each stage that an execution
    came to, with its waits by cause) and `works` (a row for each action in these, with attempts, billed minutes and time
    in line) with `detail`. `tables` says what each column means. Memory is bounded by a block, whatever `runs` is.

    `workers` is a number of processes on this machine, `client` a `dask.distributed.Client`; neither changes a number.
    """
    yield from blocks_of(planned(pipeline, scenario), runs, seed, workers, client, detail)


def blocks_of(
    world: Planned, runs: int, seed: int, workers: int = 1, client: Any = None, detail: bool = False
) -> Iterator[Tables]:
    """The same of a world that has been planned."""
    size = size_of(world.plan, DETAILED if detail else ROOM) if world.plan else SIMULATED
    tasks = ((world, seed, first, min(size, runs - first), detail) for first in range(0, runs, size))
    yield from spread(_block, tasks, workers, client)


def size_of(plan: Plan, room: int = ROOM) -> int:
    """How many runs go into a block, from how many executions one of them is likely to have."""
    if plan.shared and room == ROOM:
        room *= 4  # in lockstep a pass costs what it costs, so that more runs take little longer
    return max(1, min(WIDEST, room // max(1, expected_of(plan))))


def expected_of(plan: Plan) -> int:
    """How many executions a run is likely to have."""
    expected = len(plan.fixed)
    for stream in plan.streams:
        counted = stream.most if stream.most is not None else NEVER
        lasting = (stream.ends - stream.begins) // stream.every + 1 if stream.ends is not None else NEVER
        expected += min(counted, lasting)
    return expected


def together(worlds: Sequence[Planned], runs: int, seed: int, workers: int = 1, client: Any = None) -> list[Executions]:
    """The executions of all runs in each of several worlds that arrays can do, as `blocks` gives them one by one; what the
    worlds have in common is evaluated once."""
    size = min(size_of(world.plan) for world in worlds if world.plan)
    tasks = ((worlds, seed, first, min(size, runs - first)) for first in range(0, runs, size))
    parts = list(spread(_together, tasks, workers, client))
    return [stacked(Executions, [part[place] for part in parts]) for place in range(len(worlds))]


def _together(worlds: Sequence[Planned], seed: int, first: int, count: int) -> list[Executions]:
    plans = [world.plan for world in worlds if world.plan]
    found = {place: _finished(worlds[place], seed, executions_only(block, first, count), block, False).executions
             for place, block in evaluated_at(plans, seeds_from(seed + first, count))}
    return [found[place] for place in range(len(worlds))]


def executions_only(block: Block, first: int, count: int) -> Tables:
    """The tables of a block without detail."""
    return Tables(first, count, executions_of(block, first), table_of(Visits, []), table_of(Works, []))


def _finished(world: Planned, seed: int, found: Tables, block: Block, detail: bool) -> Tables:
    """Tables with the runs that arrays leave to the simulation."""
    rest = [simulated(world.pipeline, world.scenario, seed, found.first + int(run), detail)
            for run in np.flatnonzero(~block.exact)]
    return with_runs(found, rest) if rest else found


def _block(world: Planned, seed: int, first: int, count: int, detail: bool) -> Tables:
    pipeline, scenario, plan, _ = world
    if plan is None:
        return joined([simulated(pipeline, scenario, seed, run, detail) for run in range(first, first + count)])
    seeds = seeds_from(seed + first, count)
    block = evaluate(plan, seeds, detail)
    found = tables_of(plan, block, seeds, first) if detail else executions_only(block, first, count)
    return _finished(world, seed, found, block, detail)


def simulation_of(pipeline: Pipeline, scenario: Scenario, seed: int, run: int) -> Simulation:
    """One run, as the simulation steps through it, to its end."""
    return Simulation(pipeline, scenario, seed=seed + run).run()


def simulated(pipeline: Pipeline, scenario: Scenario, seed: int, run: int, detail: bool = True) -> Tables:
    """The tables of one run by the simulation."""
    return of_simulation(simulation_of(pipeline, scenario, seed, run), pipeline, run, detail)
