"""A run as the event log that vidigi animates: arrivals, queues, uses of resources and departures, a row for each.

An execution is an entity; an action is a resource, with as many units (`resource_id`) as were in use at once. Times are
minutes since the start of the clock.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

from ..record import Record
from ..state import fold
from .tables import Row, tables

COLUMNS = ("entity_id", "event_type", "event", "time", "pathway", "run_number", "timestamp", "resource_id")
ARRIVES, QUEUES, USES, ENDS, DEPARTS = range(5)


def to_vidigi(records: Sequence[Record], run: int = 0) -> list[Row]:
    """The rows, in order of time. Who is not over at the end does not depart."""
    found = tables(records)
    start = datetime.fromisoformat(fold(records[:1]).start)
    several = len({row["pipeline"] for row in found["executions"]}) > 1
    events = [*_arrivals(found["executions"]), *_queues(found["waits"]), *_uses(found["actions"])]
    events.sort(key=lambda one: (one[0], one[1]))
    rows = [_row(at, start, run, said) for at, _, said in events]
    return [{**row, "entity_id": f"{row['pathway']} {row['entity_id']}"} for row in rows] if several else rows


def _row(at: datetime, start: datetime, run: int, said: Row) -> Row:
    row = {"time": (at - start) / timedelta(minutes=1), "run_number": run, "timestamp": at.isoformat(), **said}
    return {column: row.get(column) for column in COLUMNS}


def _entity(row: Row) -> Row:
    return {"entity_id": row["execution"], "pathway": row["pipeline"]}


def _arrivals(rows: Sequence[Row]) -> Iterator[tuple[datetime, int, Row]]:
    for row in rows:
        yield row["started"], ARRIVES, {**_entity(row), "event_type": "arrival_departure", "event": "arrival"}
        if row["ended"] is not None:
            yield row["ended"], DEPARTS, {**_entity(row), "event_type": "arrival_departure", "event": "depart"}


def _queues(rows: Sequence[Row]) -> Iterator[tuple[datetime, int, Row]]:
    for row in rows:
        yield row["started"], QUEUES, {**_entity(row), "event_type": "queue", "event": f"in front of {row['stage']}"}


def _uses(rows: Sequence[Row]) -> Iterator[tuple[datetime, int, Row]]:
    """Each attempt takes the lowest unit of its action that is free. One that took no time at all keeps its unit for that
    second, because its end comes after every beginning of it."""
    busy: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda one: one["started"]):
        place = f"{row['stage']}/{row['action']}"
        units = busy.setdefault(place, [])
        free = next((unit for unit, last in enumerate(units) if _is_free(last, row["started"])), len(units))
        units[free:free + 1] = [row]
        said: Row = {**_entity(row), "event": place, "resource_id": free + 1}
        yield row["started"], USES, {**said, "event_type": "resource_use"}
        if row["ended"] is not None:
            yield row["ended"], ENDS if row["ended"] == row["started"] else ARRIVES, {
                **said, "event_type": "resource_use_end"}


def _is_free(last: Row, at: datetime) -> bool:
    return last["ended"] is not None and last["ended"] <= at and last["started"] < at


def to_csv(rows: Sequence[Row]) -> str:
    target = StringIO()
    writer: Any = csv.DictWriter(target, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue()
