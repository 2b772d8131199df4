"""A run as tables: executions, stages, actions and waits, a row for each, as CSV or Parquet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from ..ids import attempt_id, execution_id
from ..record import Record
from ..state import Attempt, ExecutionState, State, fold
from ..views.spans import IN_FRONT, STAGE, Span, spans

Row = dict[str, Any]
TEXT, NUMBER, TIME = "text", "number", "time"
_COMMON = {"pipeline": TEXT, "execution": NUMBER, "execution_id": TEXT}
_SPENT = {"started": TIME, "ended": TIME, "seconds": NUMBER}
COLUMNS: dict[str, dict[str, str]] = {
    "executions": {**_COMMON, "status": TEXT, "mode": TEXT, "kind": TEXT, "trigger": TEXT, "version": NUMBER, **_SPENT,
                   "revisions": TEXT, "summary": TEXT},
    "stages": {**_COMMON, "stage": TEXT, "status": TEXT, **_SPENT},
    "actions": {**_COMMON, "stage": TEXT, "action": TEXT, "attempt": NUMBER, "attempt_id": TEXT, "category": TEXT,
                "provider": TEXT, "status": TEXT, **_SPENT, "code": TEXT, "message": TEXT, "by": TEXT},
    "waits": {**_COMMON, "stage": TEXT, "cause": TEXT, "status": TEXT, **_SPENT, "reason": TEXT},
}
"""The columns of each table, with the kind of their values. What is not over yet has no end and no seconds."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def tables(records: Sequence[Record]) -> dict[str, list[Row]]:
    """The rows by table, in the order in which things began; times are dates."""
    state, found = fold(records), spans(records)
    executions = [(pipeline.name, one) for pipeline in _pipelines(state) for one in pipeline.executions.values()]
    rows = {"executions": [_execution(state, name, one) for name, one in executions],
            "stages": [_stage(state, span) for span in found if span.what == STAGE],
            "actions": sorted((row for name, one in executions for row in _actions(state, name, one)),
                              key=lambda row: row["started"]),
            "waits": [_wait(state, span) for span in found if span.what == IN_FRONT]}
    return {table: [{column: row.get(column) for column in COLUMNS[table]} for row in some]
            for table, some in rows.items()}


def _pipelines(state: State) -> Iterable[Any]:
    return [*state.pipelines.values(), *state.deleted]


def _common(state: State, pipeline: str, number: int) -> Row:
    return {"pipeline": pipeline, "execution": number, "execution_id": execution_id(state.seed, pipeline, number)}


def _spent(state: State, started: int, ended: int | None) -> Row:
    zero = datetime.fromisoformat(state.start)
    return {"started": zero + timedelta(seconds=started), "seconds": None if ended is None else ended - started,
            "ended": None if ended is None else zero + timedelta(seconds=ended)}


def _execution(state: State, pipeline: str, one: ExecutionState) -> Row:
    revisions = ", ".join(f"{action}={revision.id}" for action, revision in one.revisions.items())
    return {**_common(state, pipeline, one.number), "status": one.status, "mode": one.mode, "kind": one.start.kind,
            "trigger": one.start.trigger, "version": one.definition.version, "revisions": revisions,
            "summary": one.summary, **_spent(state, one.started, None if one.active else one.updated)}


def _stage(state: State, span: Span) -> Row:
    return {**_common(state, span.pipeline, span.execution), "stage": span.stage, "status": span.status,
            **_spent(state, span.start, span.end)}


def _wait(state: State, span: Span) -> Row:
    return {**_stage(state, span), "cause": span.cause, "reason": span.reason}


def _actions(state: State, pipeline: str, one: ExecutionState) -> Iterator[Row]:
    for stage, run in one.stages.items():
        for name, attempts in run.attempts.items():
            kind = one.definition.stage(stage).action(name).type
            for attempt in attempts:
                yield {**_common(state, pipeline, one.number), "stage": stage, "action": name,
                       "category": kind.category, "provider": kind.provider, **_attempt(state, attempt)}


def _attempt(state: State, attempt: Attempt) -> Row:
    result = attempt.result
    return {"attempt": attempt.number, "attempt_id": attempt_id(state.seed, attempt.index), "status": attempt.status,
            "code": result.code, "message": result.message, "by": result.by,
            **_spent(state, attempt.started, attempt.ended)}


# ---------------------------------------------------------------------------------------------- writing


def to_csv(table: str, rows: Iterable[Row]) -> str:
    """A table as CSV with a head. A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    target = StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(COLUMNS[table])
    for row in rows:
        writer.writerow([_cell(value) for value in row.values()])
    return target.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def to_arrow(table: str, rows: Sequence[Row]) -> Any:
    """A table of Arrow, with types. Needs pyarrow (`pipeline-sim[whatif]`)."""
    import pyarrow as pa

    kinds = {TEXT: pa.string(), NUMBER: pa.int64(), TIME: pa.timestamp("s", tz="UTC")}
    return pa.Table.from_pylist(list(rows), schema=pa.schema([(name, kinds[kind])
                                                              for name, kind in COLUMNS[table].items()]))


def write_csv(records: Sequence[Record], folder: Path) -> list[Path]:
    """The four tables as files of a folder."""
    return [_written(folder / f"{table}.csv", to_csv(table, rows)) for table, rows in tables(records).items()]


def write_parquet(records: Sequence[Record], folder: Path) -> list[Path]:
    """The four tables as files of a folder, with types."""
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table, rows in tables(records).items():
        written.append(folder / f"{table}.parquet")
        pq.write_table(to_arrow(table, rows), written[-1])
    return written


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")
    return path
