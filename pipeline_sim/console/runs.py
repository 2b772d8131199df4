"""What are the runs called that a console keeps? By the act that began them, and the one that came first as such."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

from ..simulation import Simulation

_CALLED: WeakKeyDictionary[Simulation, str] = WeakKeyDictionary()


def call(run: Simulation, name: str) -> None:
    """An act has begun this run."""
    _CALLED[run] = name


def began_by_an_act(run: Simulation) -> bool:
    return run in _CALLED


def name_of(run: Simulation, runs: Sequence[Simulation]) -> str:
    """Its name among all of a console's, in the order of their coming. A cell may have shown runs of its own."""
    if run in _CALLED:
        return _CALLED[run]
    number = list(runs).index(run) + 1
    return "the first run" if number == 1 else f"run {number}, shown by a cell"
