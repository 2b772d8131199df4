"""A progress bar on long work: on a terminal and in a notebook by rich, nowhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 1.0
"""So many seconds go by before a bar is worth showing."""
Thing = TypeVar("Thing")


class Teller(Protocol):
    """Told how much is done."""

    def __call__(self, done: int, /) -> None: ...


@contextmanager
def bar(what: str, total: int, show: bool | None = None) -> Iterator[Teller]:
    """Call what is given with how much is done. Nothing is shown before PATIENCE is over, and nothing at all where
    nobody looks: `show` None asks whether this is a terminal or a notebook."""
    wanted = _watched() if show is None else show
    began, shown = time.monotonic(), list[tuple["Progress", object]]()

    def tell(done: int) -> None:
        if wanted and not shown and time.monotonic() - began > PATIENCE and done < total:
            shown.append(_begun(what, total))
        for progress, task in shown:
            progress.update(task, completed=done)  # type: ignore[arg-type]

    try:
        yield tell
    finally:
        for progress, _ in shown:
            progress.stop()


def each(things: Iterable[Thing], what: str, total: int, show: bool | None = None) -> Iterator[Thing]:
    """The things one by one, with a bar that counts them."""
    with bar(what, total, show) as tell:
        for done, thing in enumerate(things):
            tell(done)
            yield thing


def _watched() -> bool:
    return sys.stderr.isatty() or "ipykernel" in sys.modules


def _begun(what: str, total: int) -> tuple[Progress, object]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    progress = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
                        console=Console(stderr=True), transient=True)
    task = progress.add_task(what, total=total)
    progress.start()
    return progress, task
