"""Looking at runs once more, for what executions alone do not say: sums of every run, tables of some.

Block by block, so that memory stays bounded; by arrays where they can, else by the simulation.
"""

from __future__ import annotations

import numpy as np

from ..pipeline.model import PARALLEL, Pipeline
from ..scenario import Scenario
from . import details, sums
from .inside import Inside, inside
from .plan import NotAnArray, Plan, plan_of
from .runs import blocks_of, simulation_of
from .sums import Bill, Sums
from .table import Table, stacked
from .words import seeds_from

NARROWER = 16
"""A block that is looked into holds so many times fewer executions: each has all its attempts beside it."""
BATCH = 25


def plan_or_none(pipeline: Pipeline, scenario: Scenario) -> Plan | None:
    """The plan, where arrays can say all that happens in a run."""
    try:
        plan = plan_of(pipeline, scenario)
    except NotAnArray:
        return None
    return None if _takes_newer(pipeline, plan) else plan


def _takes_newer(pipeline: Pipeline, plan: Plan) -> bool:
    """In PARALLEL mode a CodeCommit or S3 source takes the newest revision when it starts (4.1)
    [UG:concepts-how-it-works]: not its own push's, where it may start later than that."""
    first = plan.stages[0]
    late = bool(first.closed or first.retry or len(first.groups) > 1)
    return late and plan.mode == PARALLEL and pipeline.sources[0].provider in ("CodeCommit", "S3")


def sums_of(pipeline: Pipeline, scenario: Scenario, seed: int, runs: int, bill: Bill, workers: int = 1) -> Sums:
    """The sums of all runs."""
    plan = plan_or_none(pipeline, scenario)
    size = max(1, blocks_of(plan) // NARROWER) if plan else BATCH
    tasks = [(pipeline, scenario, plan, seed, first, min(size, runs - first), bill) for first in range(0, runs, size)]
    if workers == 1:
        return sums.stacked([_sums(*task) for task in tasks])
    from joblib import Parallel, delayed

    return sums.stacked(Parallel(n_jobs=workers)(delayed(_sums)(*task) for task in tasks))


def _sums(pipeline: Pipeline, scenario: Scenario, plan: Plan | None, seed: int, first: int, count: int, bill: Bill) -> Sums:
    if plan is None:
        return sums.simulated(pipeline, scenario, seed, first, count, bill)
    inner = inside(pipeline, scenario, plan, seeds_from(seed + first, count))
    found = sums.of_arrays(inner, scenario, bill, first)
    if inner.block.exact.all():
        return found
    return _mended(found, inner, scenario, seed, first, bill)


def _mended(found: Sums, inner: Inside, scenario: Scenario, seed: int, first: int, bill: Bill) -> Sums:
    """With the runs simulated that reached the limit of executions."""
    bad = np.flatnonzero(~inner.block.exact)
    others = sums.stacked([sums.simulated(inner.pipeline, scenario, seed, first + int(run), 1, bill) for run in bad])
    columns = {name: column.copy() for name, column in found.columns.items()}
    for name, column in columns.items():
        column[bad] = others.columns[name]
    samples = []
    for kind in ("leads", "restores"):
        ours, theirs = getattr(found, kind), getattr(others, kind)
        kept = ~np.isin(ours.run, bad + first)
        run, value = np.concatenate([ours.run[kept], theirs.run]), np.concatenate([ours.value[kept], theirs.value])
        order = np.argsort(run, kind="stable")
        samples.append(sums.Sample(run[order], value[order]))
    return Sums(columns, *samples)


def tables_of(pipeline: Pipeline, scenario: Scenario, seed: int, first: int, count: int) -> tuple[Table, Table, Table]:
    """The tables of stages, actions and waits of some runs."""
    plan = plan_or_none(pipeline, scenario)
    size = max(1, blocks_of(plan) // NARROWER) if plan else BATCH
    parts = [_tables(pipeline, scenario, plan, seed, at, min(size, first + count - at))
             for at in range(first, first + count, size)]
    stages, actions, waits = (stacked([part[place] for part in parts]) for place in range(3))
    return stages, actions, waits


def _tables(
    pipeline: Pipeline, scenario: Scenario, plan: Plan | None, seed: int, first: int, count: int
) -> tuple[Table, Table, Table]:
    if plan is not None:
        inner = inside(pipeline, scenario, plan, seeds_from(seed + first, count))
        if inner.block.exact.all():
            return details.stages_of(inner, first), details.actions_of(inner, first), details.waits_of(inner, first)
    one_by_one = [details.tables_of(simulation_of(pipeline, scenario, seed, run), pipeline, run)
                  for run in range(first, first + count)]
    stages, actions, waits = (stacked([one[place] for one in one_by_one]) for place in range(3))
    return stages, actions, waits
