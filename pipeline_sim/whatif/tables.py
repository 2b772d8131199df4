"""What is known of many runs: tables of executions, of their ways through stages, of the actions in these.

A table is a frozen dataclass of NumPy columns of one length. Times are seconds of the simulated clock, OVER where the
thing has not happened; statuses are indices of NAMES, stages and actions are places in the definition, from 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..pipeline.model import Pipeline
from ..simulation import Simulation
from ..state import Attempt, ExecutionState, PipelineState, StageRun
from .transitions import spans_of

OVER = -1
"""The time of what has not happened."""
NAMES = ("", "InProgress", "Succeeded", "Failed", "Superseded", "Cancelled", "Stopped", "Stopping", "Skipped", "Inbound",
         "Abandoned")
STATUS = {name: place for place, name in enumerate(NAMES)}
Column = NDArray[Any]


@dataclass(frozen=True)
class Executions:
    """One row for each execution. `push` is the number, from 1, of the push that started it, or of the one that a rollback
    goes back to (the push of its target); `rollback` is the stage that a rollback runs, OVER for all others."""

    run: NDArray[np.int32]
    number: NDArray[np.int32]
    status: NDArray[np.int8]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    push: NDArray[np.int32]
    rollback: NDArray[np.int8]

    def columns(self) -> dict[str, Column]:
        return columns_of(self)


@dataclass(frozen=True)
class Visits:
    """One row for each stage that an execution came to. `status` is Succeeded, Failed, Skipped, Stopped, Superseded (in
    front of it), Inbound (still in front) or InProgress; `arrived` and `entered` are OVER for what it never did, `ended`
    where it left, for good.

    In front of the stage it waited `lock` seconds for the one inside and `transition` seconds for a disabled
    transition. Of the time inside, `conditions` seconds went by in conditions, `away` seconds between a failure and the
    person's retry. `retries` counts automatic retries, `manual` those of persons.
    """

    run: NDArray[np.int32]
    number: NDArray[np.int32]
    stage: NDArray[np.int8]
    status: NDArray[np.int8]
    arrived: NDArray[np.int64]
    entered: NDArray[np.int64]
    ended: NDArray[np.int64]
    lock: NDArray[np.int64]
    transition: NDArray[np.int64]
    conditions: NDArray[np.int64]
    away: NDArray[np.int64]
    retries: NDArray[np.int8]
    manual: NDArray[np.int8]

    def columns(self) -> dict[str, Column]:
        return columns_of(self)


@dataclass(frozen=True)
class Works:
    """One row for each action that ran in a visit: `action` is its place among the stage's actions, `attempts` how often
    it ran, `status` how the last attempt ended. `began` is when the first attempt began and `ended` when the last one
    did; `seconds` is the sum of all attempts, of which `queued` passed in line for a shared capacity. `minutes` adds up
    the attempts each rounded up, `builds` the same without the time in line: what is billed, where it is."""

    run: NDArray[np.int32]
    number: NDArray[np.int32]
    stage: NDArray[np.int8]
    action: NDArray[np.int16]
    status: NDArray[np.int8]
    attempts: NDArray[np.int16]
    began: NDArray[np.int64]
    ended: NDArray[np.int64]
    seconds: NDArray[np.int64]
    queued: NDArray[np.int64]
    minutes: NDArray[np.int64]
    builds: NDArray[np.int64]

    def columns(self) -> dict[str, Column]:
        return columns_of(self)


@dataclass(frozen=True)
class Tables:
    """All of some runs, `first` and the `runs` - 1 after it: rows by run, number, stage, action. `visits` and `works` are
    empty where nobody asked for them."""

    first: int
    runs: int
    executions: Executions
    visits: Visits
    works: Works


Table = TypeVar("Table", Executions, Visits, Works)
TYPES: dict[str, Any] = {"run": np.int32, "number": np.int32, "status": np.int8, "push": np.int32, "rollback": np.int8,
                         "stage": np.int8, "action": np.int16, "attempts": np.int16, "retries": np.int8, "manual": np.int8}


def columns_of(table: Any) -> dict[str, Column]:
    """The columns of a table by name."""
    return {one.name: getattr(table, one.name) for one in fields(table)}


def table_of(kind: type[Table], rows: Sequence[Sequence[int]]) -> Table:
    """A table from rows of numbers."""
    names = [one.name for one in fields(kind)]
    found = np.array(rows, np.int64).reshape(len(rows), len(names))
    return kind(**{name: found[:, place].astype(TYPES.get(name, np.int64)) for place, name in enumerate(names)})


def chosen(table: Table, rows: Column) -> Table:
    """The rows that an index or a mask chooses."""
    return type(table)(**{name: column[rows] for name, column in columns_of(table).items()})


def stacked(kind: type[Table], parts: Sequence[Table]) -> Table:
    """Tables one below the other."""
    if not parts:
        return table_of(kind, [])
    if len(parts) == 1:
        return parts[0]
    return kind(**{one.name: np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(kind)})


def joined(parts: Sequence[Tables]) -> Tables:
    """The tables of runs that follow each other."""
    return Tables(parts[0].first, sum(part.runs for part in parts), stacked(Executions, [part.executions for part in parts]),
                  stacked(Visits, [part.visits for part in parts]), stacked(Works, [part.works for part in parts]))


def with_runs(found: Tables, others: Sequence[Tables]) -> Tables:
    """The tables with those of single runs that are missing in them, each at its place."""
    parts = joined([found, *others])
    tables: list[Any] = [parts.executions, parts.visits, parts.works]
    return Tables(found.first, found.runs, *(chosen(one, np.argsort(one.run, kind="stable")) for one in tables))


# ---------------------------------------------------------------------------------------------- of a simulation


def of_simulation(sim: Simulation, pipeline: Pipeline, run: int, detail: bool = True) -> Tables:
    """The tables of one run that has been simulated to its end."""
    state = sim.state.pipelines[pipeline.name]
    closed = spans_of(sim.records, pipeline) if detail else {}
    visits: list[list[int]] = []
    works: list[list[int]] = []
    for one in state.executions.values() if detail else ():
        for name, visit in one.stages.items():
            place = pipeline.index[name]
            visits.append([run, one.number, place, *_visit(one, name, visit, closed[name])])
            works += _works(pipeline, [run, one.number, place], name, visit)
    executions = [[run, one.number, STATUS[one.status], one.started, _end(one), _push(state, one), _rolled(pipeline, one)]
                  for one in state.executions.values()]
    return Tables(run, 1, table_of(Executions, executions), table_of(Visits, sorted(visits)), table_of(Works, sorted(works)))


def _end(one: ExecutionState) -> int:
    return OVER if one.active else one.updated


def _push(pipeline: PipelineState, one: ExecutionState) -> int:
    target = one.start.target
    return one.start.luck if target is None else pipeline.executions[target].start.luck


def _rolled(pipeline: Pipeline, one: ExecutionState) -> int:
    return pipeline.index[one.start.stage] if one.start.kind == "ROLLBACK" else OVER


def _visit(one: ExecutionState, name: str, visit: StageRun, closed: tuple[tuple[int, int], ...]) -> list[int]:
    here, front = one.stage == name, visit.entered is None
    status = one.status if here and front and not one.active else visit.status
    ended = OVER if visit.ended is None else visit.ended
    until = ended if front else visit.entered
    shut = lock = 0
    if until is not None and until != OVER:
        shut = sum(max(0, min(until, end) - max(visit.arrived, begin)) for begin, end in closed)
        lock = until - visit.arrived - shut
    conditions = sum(ran.ended - ran.started for gate in visit.gates.values() for ran in gate if ran.ended is not None)
    return [STATUS[status], visit.arrived, OVER if visit.entered is None else visit.entered, OVER if front else ended, lock,
            shut, conditions, _away(visit), visit.automatic, visit.manual]


def _away(visit: StageRun) -> int:
    """Seconds inside in which nothing ran: what a failed stage waits for the person who retries it."""
    if visit.entered is None or visit.ended is None:
        return 0
    spans = [(ran.started, ran.ended or ran.started) for gate in visit.gates.values() for ran in gate]
    spans += [(one.started, one.ended or one.started) for attempts in visit.attempts.values() for one in attempts]
    away, until = 0, visit.entered
    for begin, end in sorted(spans):
        away, until = away + max(0, begin - until), max(until, end)
    return away + max(0, visit.ended - until)  # a retry that finds nothing to do again leaves at once


def _works(pipeline: Pipeline, key: list[int], name: str, visit: StageRun) -> Iterator[list[int]]:
    places = {action.name: place for place, action in enumerate(pipeline.stage(name).actions)}
    for action, attempts in visit.attempts.items():
        yield [*key, places[action], STATUS[attempts[-1].status], len(attempts), attempts[0].started,
               OVER if attempts[-1].ended is None else attempts[-1].ended, *_sums(attempts)]


def _sums(attempts: Iterable[Attempt]) -> list[int]:
    """Seconds of all attempts, those in line, minutes and build minutes."""
    seconds = queued = minutes = builds = 0
    for one in attempts:
        end = one.started if one.ended is None else one.ended
        slot = end if one.began is None else one.began
        seconds, queued = seconds + end - one.started, queued + slot - one.started
        minutes, builds = minutes + _minutes(end - one.started), builds + _minutes(end - slot)
    return [seconds, queued, minutes, builds]


def _minutes(seconds: int) -> int:
    return -(-seconds // 60)
