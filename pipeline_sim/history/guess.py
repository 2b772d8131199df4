"""What list-pipeline-executions would have said, guessed from the attempts of actions alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ..pipeline.fault import Fault
from .values import PastAttempt, PastExecution, PastRevision

BETWEEN = ""
"""The status of an execution that has done all its work in a stage and none in a later one."""


def executions_of(
    listed: Mapping[str, PastExecution], attempts: Sequence[PastAttempt]
) -> tuple[tuple[PastExecution, ...], list[Fault]]:
    """All executions, oldest first: the listed ones, and those that only their attempts tell of."""
    by_execution: dict[str, list[PastAttempt]] = {}
    for attempt in attempts:
        by_execution.setdefault(attempt.execution, []).append(attempt)
    known = {key: one if one.revisions else replace(one, revisions=_revisions(by_execution.get(key, ())))
             for key, one in listed.items()}
    last_stage = _last_stage(attempts)
    guessed = {key: _guess(key, rows, last_stage) for key, rows in by_execution.items() if key not in known}
    found = _with_superseded({**known, **guessed}, by_execution)
    are = "executions are" if len(guessed) > 1 else "execution is"
    notes = [Fault("history", "", "", f"{len(guessed)} {are} not in list-pipeline-executions; what became of them is "
                   "guessed from their actions.", "", warning=True)] if guessed and known else []
    return found, notes


def _last_stage(attempts: Sequence[PastAttempt]) -> str:
    """The stage that is entered last by those that come furthest."""
    order: dict[str, int] = {}
    ways: dict[str, list[str]] = {}
    for attempt in attempts:
        way = ways.setdefault(attempt.execution, [])
        if attempt.stage not in way:
            way.append(attempt.stage)
            order[attempt.stage] = max(order.get(attempt.stage, 0), len(way))
    return max(order, key=lambda name: order[name]) if order else ""


def _guess(identifier: str, rows: Sequence[PastAttempt], last_stage: str) -> PastExecution:
    stage = rows[-1].stage
    newest = {row.action: row for row in rows if row.stage == stage}
    return PastExecution(identifier, _status(newest, stage, last_stage), rows[0].started,
                         max(row.ended or row.started for row in rows), _revisions(rows), guessed=True)


def _status(newest: Mapping[str, PastAttempt], stage: str, last_stage: str) -> str:
    statuses = {row.status for row in newest.values()}
    for sign, status in (("InProgress", "InProgress"), ("Abandoned", "Stopped"), ("Failed", "Failed")):
        if sign in statuses:
            return status
    return "Succeeded" if stage == last_stage else BETWEEN


def _with_superseded(
    found: Mapping[str, PastExecution], rows: Mapping[str, Sequence[PastAttempt]]
) -> tuple[PastExecution, ...]:
    """Who stands behind a stage that a later execution has come through, too, was superseded by that one."""
    ordered = sorted(found.values(), key=lambda one: one.started)
    through: dict[str, datetime] = {}
    result = []
    for one in reversed(ordered):
        mine = rows.get(one.id, ())
        if one.status == BETWEEN:
            overtaken = through.get(mine[-1].stage)
            one = replace(one, status="InProgress") if overtaken is None else replace(
                one, status="Superseded", updated=max(one.updated, overtaken))
        for stage, ended in _came_through(one, mine):
            through[stage] = ended
        result.append(one)
    return tuple(reversed(result))


def _came_through(one: PastExecution, rows: Sequence[PastAttempt]) -> Iterator[tuple[str, datetime]]:
    """The stages that an execution has left behind, and when."""
    for stage in dict.fromkeys(row.stage for row in rows):
        ends = [row.ended for row in rows if row.stage == stage and row.ended is not None]
        newest = {row.action: row.status for row in rows if row.stage == stage}
        if ends and all(status == "Succeeded" for status in newest.values()):
            yield stage, max(ends)


def _revisions(rows: Sequence[PastAttempt]) -> tuple[PastRevision, ...]:
    """What source actions took: what the provider calls it is the revision's id."""
    found = {row.action: PastRevision(row.action, row.external, row.summary)
             for row in rows if row.is_source and row.status == "Succeeded" and row.external}
    return tuple(found.values())
