"""What happened on the way: visits and works of a block, told again where arrays have only kept who came through when.

An entry, the retries that took place and the luck say everything, so that the way through each stage is gone once more,
by the same rules, with `Notes` taken. Only who asks for these tables pays for them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import Block, Visit
from .crossings import UNASKED, Rollback, stops_of
from .lockstep import Kept
from .plan import Plan, StagePlan
from .rounds import ROUND, SUCCEEDED, Notes, Way, backwards, notes, one_round, way_of
from .stages import StageLuck, stage_luck
from .tables import OVER, STATUS, TYPES, Executions, Tables, Visits, Works, chosen, columns_of, stacked
from .telling import executions_of
from .words import Ints, Words

Table = dict[str, Any]


def tables_of(plan: Plan, block: Block, seeds: Words, first: int) -> Tables:
    """The tables of a block's exact runs; `block` has been evaluated with its visits."""
    executions = executions_of(block, first)
    number = _numbers(block, executions, first)
    visits: list[Visits] = []
    works: list[Works] = []
    for place, (stage, visit) in enumerate(zip(plan.stages, block.visits, strict=True)):
        luck = stage_luck(stage, seeds)
        row, run = np.nonzero(visit.here & block.exact)
        keys = {"run": run + first, "number": number[row, run], "stage": np.full(len(run), place)}
        if block.kept:
            before = sum(len(one.actions) for one in plan.stages[:place])
            told = _kept_notes(stage, block.kept, before, place, row, run)
            visits.append(_visits(stage, visit, block.never, keys, row, run, told))
            works.append(_works(stage, keys, told))
            continue
        told, way = _told(plan, luck, block, visit, row, run)
        visits.append(_visits(stage, visit, block.never, keys, row, run, told))
        works.append(_works(stage, keys, told))
        if place < len(block.rollbacks) and len(block.rollbacks[place].run):
            backs = _kept(block.rollbacks[place], block)
            spent = _spent(backs, row, run, way)
            again = {"run": backs.run + first, "number": _number_of(executions, backs, place, first),
                     "stage": np.full(len(backs.run), place)}
            told = _told_backwards(luck, visit, backs, spent)
            visits.append(_visits_back(backs, again, told))
            works.append(_works(stage, again, told))
    return Tables(first, len(seeds), executions, _in_order(stacked(Visits, visits), executions, len(plan.stages)),
                  _in_order(stacked(Works, works), executions, len(plan.stages)))


def _numbers(block: Block, executions: Executions, first: int) -> Ints:
    """The number of the execution of each push (row) and run (column)."""
    number = np.zeros(block.start.shape, np.int32)
    plain = executions.rollback == OVER
    number[executions.push[plain] - 1, executions.run[plain] - first] = executions.number[plain]
    return number


def _in_order(table: Any, executions: Executions, stages: int) -> Any:
    """By run, number, stage, action."""
    widest = int(executions.number.max(initial=0)) + 1
    key = (table.run.astype(np.int64) * widest + table.number) * stages + table.stage
    if hasattr(table, "action"):
        key = key * (int(table.action.max(initial=0)) + 1) + table.action
    return chosen(table, np.argsort(key, kind="stable"))


def _made(kind: Any, columns: Table) -> Any:
    return kind(**{name: np.asarray(column).astype(TYPES.get(name, np.int64)) for name, column in columns.items()})


# ---------------------------------------------------------------------------------------------- gone once more


def _told(plan: Plan, luck: StageLuck, block: Block, visit: Visit, row: Ints, run: Ints) -> tuple[Notes, Way]:
    """Notes of all who came to the stage; who did not enter has none."""
    stage, count = luck.stage, len(run)
    taken = notes(len(stage.actions), count)
    way = way_of(luck, run, row + 1, row + 1, stops=_stops(plan, block, row, run), notes=taken)
    time = visit.crossed.enter[row, run].astype(np.int64)
    going, manual = visit.crossed.outcome[row, run] != 0, visit.crossed.manual[row, run]
    time = np.where(going, time, 0)
    redo = ""
    for turn in range(1 + int(manual.max(initial=0))):
        time, _, _ = one_round(way, time, going & (manual >= turn), redo)
        if stage.policy:
            time, redo = time + stage.policy.after, stage.policy.mode
    return taken, way


def _stops(plan: Plan, block: Block, row: Ints, run: Ints) -> tuple[Ints, Ints] | None:
    if not plan.stops:
        return None
    waits, abandons = np.full(len(run), UNASKED), np.full(len(run), UNASKED)
    for number in {stop.number for stop in plan.stops if stop.number <= len(block.start)}:
        mine = row == number - 1
        stops = stops_of(plan.stops, block.start[number - 1], number - 1)
        assert stops is not None
        waits[mine], abandons[mine] = stops[0][run[mine]], stops[1][run[mine]]
    return waits, abandons


def _kept(backs: Rollback, block: Block) -> Rollback:
    exact = block.exact[backs.run]
    return Rollback(*(column[exact] for column in backs))


def _spent(backs: Rollback, row: Ints, run: Ints, way: Way) -> Ints:
    """Whether the executions that failed had used their automatic retry."""
    width = int(max(run.max(initial=0), backs.run.max(initial=0))) + 1
    place = np.searchsorted(row * width + run, backs.row * width + backs.run)
    spent: Ints = way.spent[place].astype(np.int64)
    return spent


def _told_backwards(luck: StageLuck, visit: Visit, backs: Rollback, spent: Ints) -> Notes:
    taken = notes(len(luck.stage.actions), len(backs.run))
    turn = visit.crossed.manual[backs.row, backs.run].astype(np.int64)
    backwards(luck, backs.run, backs.row + 1 + (turn + spent + 1) * ROUND, backs.target + 1, backs.begin, taken)
    return taken


def _number_of(executions: Executions, backs: Rollback, stage: int, first: int) -> Ints:
    """The numbers of rollbacks: within a run those of a stage are numbered in the order in which they began."""
    mine = executions.rollback == stage
    number: Ints = np.empty(len(backs.run), np.int64)
    number[np.lexsort((backs.row, backs.begin, backs.run))] = executions.number[mine]
    return number


# ---------------------------------------------------------------------------------------------- as tables


def _visits(stage: StagePlan, visit: Visit, never: int, keys: Table, row: Ints, run: Ints, told: Notes) -> Visits:
    one = visit.crossed
    arrived, entered, left = (times[row, run].astype(np.int64) for times in (visit.arrive, one.enter, one.leave))
    outcome, waiting, gone = one.outcome[row, run], one.waiting[row, run], one.gone[row, run].astype(np.int64)
    inside, manual = outcome != 0, one.manual[row, run].astype(np.int64)
    until = np.where(inside, entered, np.where(waiting != 0, gone, arrived))
    shut = np.zeros(len(run), np.int64)
    for begin, end in stage.closed:
        shut += np.maximum(0, np.minimum(until, min(end, never)) - np.maximum(arrived, begin))
    status = np.where(inside, outcome, np.where(waiting != 0, waiting, STATUS["Inbound"]))
    away = manual * (stage.policy.after if stage.policy else 0)
    made: Visits = _made(Visits, {
        **keys, "status": status, "arrived": arrived, "entered": np.where(inside, entered, OVER),
        "ended": np.where(inside, left, OVER), "lock": until - arrived - shut, "transition": shut,
        "conditions": told.conditions, "away": away, "retries": told.retries, "manual": manual})
    return made


def _visits_back(backs: Rollback, keys: Table, told: Notes) -> Visits:
    none = np.zeros(len(backs.run), np.int64)
    made: Visits = _made(Visits, {
        **keys, "status": np.where(backs.ok, SUCCEEDED, STATUS["Failed"]), "arrived": backs.begin, "entered": backs.begin,
        "ended": backs.end, "lock": none, "transition": none, "conditions": told.conditions, "away": none,
        "retries": told.retries, "manual": none})
    return made


def _works(stage: StagePlan, keys: Table, told: Notes) -> Works:
    action, place = np.nonzero(told.attempts)
    numbers = np.array([one.place for one in stage.actions])
    columns = {name: column[action, place] for name, column in columns_of(told).items() if column.ndim == 2}
    made: Works = _made(Works, {
        **{name: column[place] for name, column in keys.items()}, "action": numbers[action], "status": columns["status"],
        "attempts": columns["attempts"], "began": columns["began"], "ended": columns["ended"],
        "seconds": columns["seconds"], "queued": columns["queued"], "minutes": columns["minutes"],
        "builds": columns["builds"]})
    return made


# ---------------------------------------------------------------------------------------------- of runs in lockstep


def _kept_notes(stage: StagePlan, kept: Kept, first: int, place: int, row: Ints, run: Ints) -> Notes:
    """What was written down on the way, of the stage's actions, which begin with the `first` of all."""
    mine = slice(first, first + len(stage.actions))

    def of(column: Ints) -> Ints:
        found: Ints = column[mine, row, run]
        return found

    return Notes(of(kept.attempts), of(kept.began), of(kept.ended), of(kept.seconds), of(kept.minutes), of(kept.work),
                 np.zeros(len(run), np.int64), kept.retries[place, row, run], of(kept.queued), of(kept.builds))
