"""How a run is told on the command line: a table of what happened, and a sentence for each execution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..record import Called, Record
from ..simulation import Simulation
from ..state import State
from ..views.timeline import HEADINGS, Row, cells, endings, rows, text
from ..views.words import clock, person
from .report import shown, tell

if TYPE_CHECKING:
    from rich.console import Console

COLOURS = {"Succeeded": "green", "Failed": "red", "InProgress": "cyan", "Stopped": "yellow", "Stopping": "yellow",
           "Superseded": "bright_black", "Cancelled": "yellow", "Abandoned": "yellow", "Skipped": "bright_black"}


def tell_run(simulation: Simulation, screen: Console) -> None:
    """The timeline of a whole run, then how each execution ended."""
    tell_records(simulation.records, simulation.state, simulation.now, screen)


def tell_records(records: Sequence[Record], state: State, now: int, screen: Console) -> None:
    """The same of any records."""
    found = rows(records, now)
    many = len(state.pipelines) > 1
    if screen.is_terminal:
        _tell_coloured(found, many, screen)
    else:
        tell(screen, text(found))
    screen.print()
    for ending in endings(state, now):
        tell(screen, ending.sentence, COLOURS.get(ending.status, ""))
    for sentence in refusals(records, state):
        tell(screen, sentence, "red")


def refusals(records: Sequence[Record], state: State) -> list[str]:
    """A sentence for each kind of call that was refused: nothing in a timeline shows what did not happen."""
    found: dict[tuple[str, str, str], list[int]] = {}
    for record in records:
        if isinstance(record, Called) and record.error is not None:
            found.setdefault((record.operation, record.by, ": ".join(record.error)), []).append(record.time)
    return [f"{operation} by {person(by)} was refused at {clock(state, times[0])}"
            f"{f' and {len(times) - 1} times more' if len(times) > 1 else ''}: {error}"
            for (operation, by, error), times in found.items()]


def _tell_coloured(found: list[Row], many: bool, screen: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for head in HEADINGS:
        right = head in ("time", "execution", "attempt", "duration")
        table.add_column(head, justify="right" if right else "left", overflow="fold", no_wrap=right)
    for row in found:
        table.add_row(*(Text(shown(cell)) for cell in cells(row, many=many)), style=COLOURS.get(row.status, ""))
    screen.print(table)
