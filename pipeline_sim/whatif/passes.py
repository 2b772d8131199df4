"""Looking into runs, for what executions alone do not say: sums of every run, tables of some.

Block by block, so that memory stays bounded; by arrays where they can, else by the simulation.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..pipeline.model import Pipeline
from ..scenario import Scenario
from ..views.spans import APPROVAL, CAPACITY, CAUSES, STAGE_LOCK, TRANSITION
from . import sums
from .adding import added, unsure, untold
from .arrivals import awake, pushes
from .cluster import spread
from .plan import NotAnArray, Plan, plan_of
from .runs import DETAILED, Planned, blocks, blocks_of, size_of
from .sums import Bill, Sums
from .table import Table, stacked
from .tables import NAMES, Tables, columns_of
from .words import seeds_from

BATCH = 25


def sums_of(
    pipeline: Pipeline, scenario: Scenario, seed: int, runs: int, bill: Bill, workers: int = 1, client: Any = None
) -> Sums:
    """The sums of all runs; each block is added up where it is evaluated."""
    plan = _plan(pipeline, scenario)
    size = size_of(plan, DETAILED) if plan is not None else BATCH
    tasks = ((pipeline, scenario, plan, seed, first, min(size, runs - first), bill) for first in range(0, runs, size))
    return sums.stacked(list(spread(_sums, tasks, workers, client)))


def _sums(pipeline: Pipeline, scenario: Scenario, plan: Plan | None, seed: int, first: int, count: int, bill: Bill) -> Sums:
    if plan is None:
        return sums.simulated(pipeline, scenario, seed, first, count, bill)
    tables = next(blocks_of(Planned(pipeline, scenario, plan), count, seed + first, detail=True))
    arrived = pushes(plan, seeds_from(seed + first, count)) if plan.polling else None
    found = added(tables, pipeline, plan, scenario, bill, arrived)
    asleep = [] if arrived is None else np.flatnonzero(~awake(arrived)).tolist()
    for run in sorted({*unsure(tables, pipeline, plan), *asleep}):
        found = sums.put(found, run, sums.simulated(pipeline, scenario, seed + first, run, 1, bill))
    return sums.moved(found, first)


def _plan(pipeline: Pipeline, scenario: Scenario) -> Plan | None:
    """The plan of the arrays, where their tables say all that is counted."""
    try:
        plan = plan_of(pipeline, scenario)
    except NotAnArray:
        return None
    return None if untold(pipeline, plan) else plan


# ---------------------------------------------------------------------------------------------- tables for people


def tables_of(
    pipeline: Pipeline, scenario: Scenario, seed: int, first: int, count: int, workers: int = 1
) -> tuple[Table, Table, Table]:
    """The tables of stages, actions and waits of some runs."""
    parts = [_tables(pipeline, tables, first) for tables in blocks(pipeline, scenario, count, seed + first, workers=workers)]
    stages, actions, waits = (stacked([part[place] for part in parts]) for place in range(3))
    return stages, actions, waits


def _tables(pipeline: Pipeline, tables: Tables, first: int) -> tuple[Table, Table, Table]:
    stages = tuple(stage.name for stage in pipeline.stages)
    actions = ("", *dict.fromkeys(action.name for _, action in pipeline.walk()))
    visits, works = columns_of(tables.visits), columns_of(tables.works)
    visits["run"], works["run"] = visits["run"] + first, works["run"] + first
    widest = max(len(stage.actions) for stage in pipeline.stages)
    codes = np.zeros((len(stages), widest), np.int16)
    for place, stage in enumerate(pipeline.stages):
        codes[place, :len(stage.actions)] = [actions.index(action.name) for action in stage.actions]
    works["action"] = codes[works["stage"], tables.works.action]
    words = {"stage": stages, "action": actions, "status": NAMES}
    return (Table(visits, {"stage": stages, "status": NAMES}), Table(works, words),
            _waits(pipeline, visits, works, tables, {"stage": stages, "action": actions, "cause": CAUSES}))


def _waits(pipeline: Pipeline, visits: Any, works: Any, tables: Tables, words: dict[str, tuple[str, ...]]) -> Table:
    """A row for each wait that lasted: in front of a stage (no action) by cause, for an approval, for a capacity."""
    approvals = np.array([[place < len(stage.actions) and stage.actions[place].is_approval for place in range(
        max(len(one.actions) for one in pipeline.stages))] for stage in pipeline.stages])
    approval = approvals[tables.works.stage, tables.works.action]
    found = [(visits, STAGE_LOCK, visits["lock"]), (visits, TRANSITION, visits["transition"]),
             (works, CAPACITY, works["queued"]), (works, APPROVAL, (works["seconds"] - works["queued"]) * approval)]
    columns: dict[str, list[Any]] = {name: [] for name in ("run", "number", "stage", "action", "cause", "seconds")}
    for table, cause, seconds in found:
        kept = seconds > 0
        for name in ("run", "number", "stage"):
            columns[name].append(table[name][kept])
        columns["action"].append(table["action"][kept] if "action" in table else np.zeros(int(kept.sum()), np.int16))
        columns["cause"].append(np.full(int(kept.sum()), CAUSES.index(cause), np.int8))
        columns["seconds"].append(seconds[kept])
    table = Table({name: np.concatenate(parts) for name, parts in columns.items()}, words)
    return table.where(np.lexsort((table["action"], table["stage"], table["number"], table["run"])))
