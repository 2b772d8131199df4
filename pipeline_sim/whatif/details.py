"""Stages, actions and waits of many runs as tables: from arrays, or from the records of simulations.

Times are seconds since the clock's start; what has not ended ends at OVER. A wait in front of a stage is cut where its
cause changes, as `views.spans` cuts it, and waits of no length are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..pipeline.model import Pipeline
from ..simulation import Simulation
from ..views.spans import APPROVAL, CAUSES, STAGE_LOCK, TRANSITION, WAIT, spans
from .inside import Inside
from .plan import NEVER
from .runs import OVER
from .table import Column, Table
from .words import Ints

STATUSES = ("InProgress", "Succeeded", "Failed", "Stopped", "Abandoned", "Cancelled", "Skipped", "Waiting")
IN_PROGRESS, SUCCEEDED, FAILED, WAITING = map(STATUSES.index, ("InProgress", "Succeeded", "Failed", "Waiting"))


def names_of(pipeline: Pipeline) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of the columns `stage` and `action`; the first action is none."""
    stages = tuple(stage.name for stage in pipeline.stages)
    return stages, ("", *dict.fromkeys(action.name for _, action in pipeline.walk()))


def _ints(columns: dict[str, list[Column]]) -> dict[str, Column]:
    none = np.zeros(0, np.int64)
    return {name: np.concatenate([none, *parts]).astype(np.int64 if name in ("start", "end", "arrive", "enter", "leave")
                                                        else np.int32) for name, parts in columns.items()}


def _sorted(table: Table, *names: str) -> Table:
    return table.where(np.lexsort([table[name] for name in reversed(names)]))


# ---------------------------------------------------------------------------------------------- from arrays


def stages_of(inner: Inside, first: int) -> Table:
    """Every arrival in front of a stage: run, number, stage, status, arrive, enter, leave."""
    columns: dict[str, list[Column]] = {name: [] for name in ("run", "number", "stage", "status", "arrive", "enter", "leave")}
    for place, visit in enumerate(inner.block.visits):
        row, run = np.nonzero(visit.arrive < NEVER)
        enter, leave = visit.enter[row, run], visit.leave[row, run]
        later = inner.block.visits[place + 1].arrive if place + 1 < len(inner.block.visits) else None
        good = (later[row, run] < NEVER) if later is not None else inner.block.status[row, run] == 2
        status = np.where(enter >= NEVER, WAITING, np.where(good, SUCCEEDED, FAILED))
        parts = (run + first, row + 1, np.full(len(run), place), status, visit.arrive[row, run],
                 np.where(enter < NEVER, enter, OVER), np.where(leave < NEVER, leave, OVER))
        for name, part in zip(columns, parts, strict=True):
            columns[name].append(part)
    words = {"stage": names_of(inner.pipeline)[0], "status": STATUSES}
    return _sorted(Table(_ints(columns), words), "run", "number", "stage")


def actions_of(inner: Inside, first: int) -> Table:
    """Every attempt of an action: run, number, stage, action, attempt, status, start, end."""
    stages, actions = names_of(inner.pipeline)
    columns: dict[str, list[Column]] = {
        name: [] for name in ("run", "number", "stage", "action", "attempt", "status", "start", "end")}
    for one in inner.tried:
        many = len(one.row)
        parts = (one.run + first, one.row + 1, np.full(many, one.stage), np.full(many, actions.index(one.action.name)),
                 one.number, np.where(one.failed, FAILED, SUCCEEDED), one.start, one.end)
        for name, part in zip(columns, parts, strict=True):
            columns[name].append(part)
    table = Table(_ints(columns), {"stage": stages, "action": actions, "status": STATUSES})
    return _sorted(table, "run", "number", "stage", "action", "attempt")


def waits_of(inner: Inside, first: int) -> Table:
    """Every wait: run, number, stage, action (none in front of a stage), cause, start, end."""
    stages, actions = names_of(inner.pipeline)
    columns: dict[str, list[Column]] = {name: [] for name in ("run", "number", "stage", "action", "cause", "start", "end")}
    for place, action, cause, row, run, start, end in _waits(inner):
        long = end > start
        many = int(long.sum())
        parts = (run[long] + first, row[long] + 1, np.full(many, place), np.full(many, actions.index(action)),
                 np.full(many, CAUSES.index(cause)), start[long], end[long])
        for name, part in zip(columns, parts, strict=True):
            columns[name].append(part)
    table = Table(_ints(columns), {"stage": stages, "action": actions, "cause": CAUSES})
    return _sorted(table, "run", "number", "start", "stage", "action")


def _waits(inner: Inside) -> Iterator[tuple[int, str, str, Ints, Ints, Ints, Ints]]:
    for place, stage in enumerate(inner.plan.stages):
        begin, end = inner.in_front(place)
        row, run = np.nonzero(end > begin)
        begin, end = begin[row, run], end[row, run]
        for cause, opens, closes in by_cause(stage.closed):
            yield place, "", cause, row, run, np.maximum(begin, opens), np.minimum(end, closes)
    for one in inner.tried:
        if one.action.is_approval:
            yield one.stage, one.action.name, APPROVAL, one.row, one.run, one.start, one.end


def by_cause(closed: tuple[tuple[int, int], ...]) -> Iterator[tuple[str, int, int]]:
    """Why nobody enters a stage, by stretch of time: its transition is closed, or else somebody is inside."""
    at = 0
    for begin, end in closed:
        if begin > at:
            yield STAGE_LOCK, at, begin
        yield TRANSITION, begin, end
        at = end
    if at < NEVER:
        yield STAGE_LOCK, at, NEVER


# ---------------------------------------------------------------------------------------------- from records


def tables_of(sim: Simulation, pipeline: Pipeline, run: int) -> tuple[Table, Table, Table]:
    """The stages, actions and waits of one run that was simulated."""
    stages, actions = names_of(pipeline)
    visited, attempts, waits = [], [], []
    for execution in sim.state.pipelines[pipeline.name].executions.values():
        for stage, seen in execution.stages.items():
            place = stages.index(stage)
            status = "Waiting" if seen.entered is None else seen.status
            visited.append((run, execution.number, place, _status(status), seen.arrived, _over(seen.entered),
                            _over(seen.ended if seen.entered is not None else None)))
            for name, tried in seen.attempts.items():
                attempts += [(run, execution.number, place, actions.index(name), one.number, _status(one.status),
                              one.started, _over(one.ended)) for one in tried]
    for span in spans(sim.records):
        if span.kind == WAIT and span.lasted(sim.state.now) > 0 and span.stage in stages:
            name = span.name if span.name in actions else ""
            waits.append((run, span.execution, stages.index(span.stage), actions.index(name), CAUSES.index(span.cause),
                          span.start, sim.state.now if span.end is None else span.end))
    words = {"stage": stages, "action": actions, "status": STATUSES, "cause": CAUSES}
    return (_of_rows(visited, ("run", "number", "stage", "status", "arrive", "enter", "leave"), words),
            _of_rows(attempts, ("run", "number", "stage", "action", "attempt", "status", "start", "end"), words),
            _sorted(_of_rows(waits, ("run", "number", "stage", "action", "cause", "start", "end"), words),
                    "run", "number", "start", "stage", "action"))


def _of_rows(rows: list[tuple[int, ...]], names: tuple[str, ...], words: dict[str, tuple[str, ...]]) -> Table:
    columns = np.array(rows, np.int64).reshape(-1, len(names)).T
    table = Table(_ints({name: [column] for name, column in zip(names, columns, strict=True)}),
                  {name: told for name, told in words.items() if name in names})
    return _sorted(table, *(name for name in ("run", "number", "stage", "action", "attempt") if name in names))


def _status(status: str) -> int:
    return STATUSES.index(status) if status in STATUSES else STATUSES.index("Stopped")


def _over(time: int | None) -> int:
    return OVER if time is None else time
