"""What happened as a table that a notebook shows and a terminal prints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from ..record import Record
from ..state import State
from .graph.marks import look
from .timeline import HEADINGS, Ending, Row, cells, endings, rows, text


@dataclass(frozen=True, repr=False)
class Timeline:
    """The rows of a run, and how each execution ended. `print` it, or let a notebook show it."""

    rows: tuple[Row, ...]
    endings: tuple[Ending, ...]

    def __str__(self) -> str:
        return "\n".join([text(self.rows), "", *(ending.sentence for ending in self.endings)])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        many = len({row.pipeline for row in self.rows}) > 1
        head = "".join(f'<th style="text-align:left">{name}</th>' for name in HEADINGS)
        body = "".join(_row(row, many) for row in self.rows)
        told = "".join(f"<div>{escape(ending.sentence)}</div>" for ending in self.endings)
        return (f'<div style="overflow-x:auto"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
                f'<div style="margin-top:.5em">{told}</div>')


def _row(row: Row, many: bool) -> str:
    shown = list(cells(row, many=many))
    place = HEADINGS.index("status")
    shown[place] = f"{look(row.status).glyph} {shown[place]}"
    *facts, reason = (escape(cell) for cell in shown)
    told = "".join(f'<td style="text-align:left;white-space:nowrap">{fact}</td>' for fact in facts)
    return f'<tr>{told}<td style="text-align:left">{reason}</td></tr>'


def timeline(records: Iterable[Record], state: State, now: int) -> Timeline:
    """The timeline of these records, seen from `now`."""
    return Timeline(tuple(rows(records, now)), tuple(endings(state, now)))
