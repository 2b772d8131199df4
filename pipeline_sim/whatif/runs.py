"""Many runs of a pipeline, evaluated block by block: by arrays where they can, by the simulation where they cannot.

Run *r* has the seed `seed + r`, whoever evaluates it and however the runs are divided among blocks and processes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..pipeline.model import Pipeline
from ..scenario import Scenario
from ..simulation import Simulation
from .arrays import STATUSES, Block, evaluate
from .plan import NEVER, NotAnArray, Plan, plan_of
from .words import Ints, seeds_from

if TYPE_CHECKING:
    from ..state import ExecutionState

ROOM = 1 << 19
"""So many executions a block holds at most: what bounds the memory, however many the runs."""
WIDEST = 1 << 14
OVER = -1
"""The end of what has not ended, in tables."""
MORE = ("Cancelled", "Stopped", "Stopping")
NAMES = (*STATUSES, *MORE)


@dataclass(frozen=True)
class Executions:
    """A table of executions, column by column: run, number, status (an index of NAMES), start and end in seconds (OVER:
    it has not ended)."""

    run: NDArray[np.int32]
    number: NDArray[np.int32]
    status: NDArray[np.int8]
    start: Ints
    end: Ints

    def columns(self) -> dict[str, NDArray[Any]]:
        return {"run": self.run, "number": self.number, "status": self.status, "start": self.start, "end": self.end}


def reason_against_arrays(pipeline: Pipeline, scenario: Scenario) -> str:
    """Why the simulation must do these runs one by one; empty where arrays can."""
    try:
        plan_of(pipeline, scenario)
    except NotAnArray as refused:
        return str(refused)
    return ""


def evaluated(pipeline: Pipeline, scenario: Scenario, runs: int, seed: int, workers: int = 1) -> Executions:
    """All executions of all runs, by run and number."""
    try:
        plan: Plan | None = plan_of(pipeline, scenario)
    except NotAnArray:
        plan = None
    size = blocks_of(plan) if plan else 50
    tasks = [(pipeline, scenario, plan, seed, first, min(size, runs - first)) for first in range(0, runs, size)]
    if workers == 1:
        return joined([_block(*task) for task in tasks])
    from joblib import Parallel, delayed

    return joined(Parallel(n_jobs=workers)(delayed(_block)(*task) for task in tasks))


def blocks_of(plan: Plan) -> int:
    """How many runs go into a block, from how many executions one of them is likely to have."""
    expected = len(plan.fixed)
    for stream in plan.streams:
        counted = stream.most if stream.most is not None else NEVER
        lasting = (stream.ends - stream.begins) // stream.every + 1 if stream.ends is not None else NEVER
        expected += min(counted, lasting)
    return max(1, min(WIDEST, ROOM // max(1, expected)))


def _block(pipeline: Pipeline, scenario: Scenario, plan: Plan | None, seed: int, first: int, count: int) -> Executions:
    if plan is None:
        return joined([simulated(pipeline, scenario, seed, run) for run in range(first, first + count)])
    block = evaluate(plan, seeds_from(seed + first, count))
    table = _of_block(block, first)
    if block.exact.all():
        return table
    kept = block.exact[table.run - first]
    parts = [Executions(**{name: column[kept] for name, column in table.columns().items()})]
    parts += [simulated(pipeline, scenario, seed, first + int(run)) for run in np.flatnonzero(~block.exact)]
    found = joined(parts)
    order = np.lexsort((found.number, found.run))
    return Executions(**{name: column[order] for name, column in found.columns().items()})


def _of_block(block: Block, first: int) -> Executions:
    run, row = np.nonzero(block.status.T)
    start, end = block.start.T[run, row], block.end.T[run, row]
    return Executions((run + first).astype(np.int32), (row + 1).astype(np.int32), block.status.T[run, row], start,
                      np.where(end < NEVER, end, OVER))


def simulation_of(pipeline: Pipeline, scenario: Scenario, seed: int, run: int) -> Simulation:
    """One run, as the simulation steps through it, to its end."""
    return Simulation(pipeline, scenario, seed=seed + run).run()


def simulated(pipeline: Pipeline, scenario: Scenario, seed: int, run: int) -> Executions:
    """The executions of one run by the simulation."""
    found = list(simulation_of(pipeline, scenario, seed, run).state.pipelines[pipeline.name].executions.values())
    return Executions(
        np.full(len(found), run, np.int32), np.array([one.number for one in found], np.int32),
        np.array([NAMES.index(one.status) for one in found], np.int8),
        np.array([one.started for one in found], np.int64), np.array(list(_ends(found)), np.int64))


def _ends(found: list[ExecutionState]) -> Iterator[int]:
    for one in found:
        yield OVER if one.status in ("InProgress", "Stopping") else one.updated


def joined(parts: list[Executions]) -> Executions:
    """Tables one below the other."""
    if not parts:
        empty = np.zeros(0, np.int64)
        return Executions(empty.astype(np.int32), empty.astype(np.int32), empty.astype(np.int8), empty, empty)
    tables = [part.columns() for part in parts]
    return Executions(**{name: np.concatenate([table[name] for table in tables]) for name in tables[0]})
