"""What happened, line by line: every attempt, every wait and every rule with its reason, and how each execution ended.

`rows` are for a table, `lanes` for a Gantt chart, `text` is the table for a pipe, `endings` are the summary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..calm import calm
from ..record import Record
from ..state import PipelineState, State
from .spans import ACTION, IN_FRONT, RULE, STAGE, Span, Spans, spans, waited
from .words import DAY, lasting, one_line


@dataclass(frozen=True, slots=True)
class Row:
    """One line: an attempt of an action, a wait in front of a stage, a run of a rule (`what`). `end` is None while it
    lasts; `duration` then counts up to where the records end. `reason` is why it waited, failed, or ended as it did."""

    pipeline: str
    execution: int
    stage: str
    name: str
    what: str
    attempt: int
    start: int
    end: int | None
    duration: int
    status: str
    reason: str
    index: int
    gate: str = ""

    @property
    def place(self) -> str:
        """`Prod/Deploy`, `Prod` for a wait in front of it, `Prod BEFORE_ENTRY/Window` for a rule."""
        if self.what == IN_FRONT:
            return f"in front of {self.stage}"
        return f"{self.stage} {self.gate}/{self.name}" if self.gate else f"{self.stage}/{self.name}"


def rows(records: Iterable[Record], now: int | None = None) -> list[Row]:
    """One row for each attempt, wait in front of a stage and rule, in the order in which they began. Waits that took no
    time are left out. `now` is where the clock stands, if not at the last record."""
    walk = Spans()
    with calm():
        for record in records:
            walk.take(record)
    return rows_of(walk.all, walk.state.now if now is None else now)


def rows_of(found: Iterable[Span], now: int) -> list[Row]:
    """The rows of spans: those of one thing that began with one record are one row."""
    things: dict[int, list[Span]] = {}
    for span in found:
        if span.what != STAGE:
            things.setdefault(span.index, []).append(span)
    return [_row(parts, now) for parts in things.values() if _worth_a_row(parts)]


def _worth_a_row(parts: Sequence[Span]) -> bool:
    first, last = parts[0], parts[-1]
    return first.what != IN_FRONT or last.end != first.start or last.status != "Entered"


def _row(parts: Sequence[Span], now: int) -> Row:
    first, last = parts[0], parts[-1]
    end = last.end
    duration = (now if end is None else end) - first.start
    return Row(first.pipeline, first.execution, first.stage, first.name, first.what, first.attempt, first.start, end,
               duration, last.status, _reason(parts, now), first.index, first.gate)


def _reason(parts: Sequence[Span], now: int) -> str:
    """The reasons of a row's spans, one after another."""
    if len(parts) == 1:
        return parts[0].reason
    last = parts[-1]
    said = [waited(span.lasted(now), span.cause, span.reason) for span in parts if span.cause]
    return "; then ".join(said if last.cause else [*said, last.reason] if last.reason else said)


# ---------------------------------------------------------------------------------------------- as text

Clock = Callable[[int], str]


def since_start(seconds: int) -> str:
    """A moment as the time since the clock's start: `0:09:20`, `2d 0:09:20`."""
    days, rest = divmod(seconds, DAY)
    text = f"{rest // 3600}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    return f"{days}d {text}" if days else text


HEADINGS = ("time", "execution", "stage/action", "attempt", "duration", "status", "reason")


def cells(row: Row, clock: Clock = since_start, many: bool = False) -> tuple[str, ...]:
    """A row's texts under `HEADINGS`; `many` names the pipeline too."""
    execution = f"{row.pipeline} {row.execution}" if many else str(row.execution)
    attempt = str(row.attempt) if row.what == ACTION else ""
    open_end = "" if row.end is not None else "+"
    return (clock(row.start), execution, one_line(row.place), attempt, lasting(row.duration) + open_end, row.status,
            one_line(row.reason))


def text(found: Sequence[Row], clock: Clock = since_start) -> str:
    """The rows as a plain table. A duration that ends in `+` still grows."""
    many = len({row.pipeline for row in found}) > 1
    table = [HEADINGS, *(cells(row, clock, many) for row in found)]
    widths = [max(len(line[column]) for line in table) for column in range(len(HEADINGS) - 1)]
    return "\n".join(_line(line, widths) for line in table)


def _line(line: Sequence[str], widths: Sequence[int]) -> str:
    right = (0, 1, 3, 4)
    parts = [cell.rjust(width) if place in right else cell.ljust(width)
             for place, (cell, width) in enumerate(zip(line, widths, strict=False))]
    return "  ".join([*parts, line[-1]]).rstrip()


# ---------------------------------------------------------------------------------------------- how each ended


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of an execution: `sentence` says it, and why. `duration` counts up to now where it is not over."""

    pipeline: str
    execution: int
    status: str
    started: int
    duration: int
    sentence: str


def endings(state: State, now: int | None = None) -> list[Ending]:
    """What happened to each execution, and why it ended so, oldest first."""
    at = state.now if now is None else now
    return [ending for pipeline in state.pipelines.values() for ending in _endings(state, pipeline, at)]


def _endings(state: State, pipeline: PipelineState, now: int) -> Iterable[Ending]:
    from .why import why_execution

    for execution in pipeline.executions.values():
        until = now if execution.active else execution.updated
        yield Ending(pipeline.name, execution.number, execution.status, execution.started,
                     until - execution.started, why_execution(state, pipeline, execution).sentence)


# ---------------------------------------------------------------------------------------------- as lanes


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of a Gantt chart: an execution, a stage or an action, with its spans in the order of their beginning."""

    pipeline: str
    label: str
    execution: int | None
    stage: str
    name: str
    spans: tuple[Span, ...]


_Key = tuple[str, int | None, str, str]
_DETAIL = (IN_FRONT, ACTION, RULE)
_FOLDED = (IN_FRONT, STAGE)


def lanes(records: Iterable[Record], by: str = "executions", folded: bool = False) -> list[Lane]:
    """A run as lanes: `by` executions, stages or actions. A folded lane shows stages instead of what is in them."""
    return lanes_of(spans(records), by, folded)


def lanes_of(found: Iterable[Span], by: str = "executions", folded: bool = False) -> list[Lane]:
    """The lanes of spans. ValueError for another `by` than executions, stages or actions."""
    if by not in _KEYS:
        raise ValueError(f"Lanes are by executions, stages or actions, not by {by!r}.")
    shown = _FOLDED if folded or by == "stages" else (ACTION,) if by == "actions" else _DETAIL
    key_of = _KEYS[by]
    groups: dict[_Key, list[Span]] = {}
    for span in found:
        if span.what in shown:
            groups.setdefault(key_of(span), []).append(span)
    return [Lane(key[0], _label(key), *key[1:], tuple(group)) for key, group in groups.items()]


_KEYS: dict[str, Callable[[Span], _Key]] = {
    "executions": lambda span: (span.pipeline, span.execution, "", ""),
    "stages": lambda span: (span.pipeline, None, span.stage, ""),
    "actions": lambda span: (span.pipeline, None, span.stage, span.name),
}


def _label(key: _Key) -> str:
    _, execution, stage, name = key
    if execution is not None:
        return f"execution {execution}"
    return f"{stage}/{name}" if name else stage
