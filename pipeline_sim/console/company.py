"""Who looks at the same simulation: consoles of one simulation share a lock, and follow when one of them changes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import RLock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet

from ..simulation import Simulation

if TYPE_CHECKING:
    from .widget import Console

_LOCKS: WeakKeyDictionary[Simulation, Any] = WeakKeyDictionary()
_ALL: WeakSet[Console] = WeakSet()
_listening: list[Callable[..., None]] = []


def lock_of(simulation: Simulation) -> Any:
    """Messages of a browser may come in beside a cell that runs."""
    return _LOCKS.setdefault(simulation, RLock())


def join(console: Console) -> None:
    """From now on this console follows its simulation: after each cell, and after what another console did."""
    _ALL.add(console)
    if not _listening:
        _listen()


def beside(simulation: Simulation) -> Iterator[Console]:
    """The consoles that show this simulation."""
    return (console for console in list(_ALL) if console.simulation is simulation)


def after_a_cell(*_: object) -> None:
    """What a cell has done to a simulation is seen at once."""
    for console in list(_ALL):
        console.refresh()


def _listen() -> None:
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:  # no notebook, no cells
        return
    shell = get_ipython()
    if shell is not None:
        shell.events.register("post_run_cell", after_a_cell)
        _listening.append(after_a_cell)
