"""Whose code runs now: what a function of the user's calls, it calls in the run that called it, and by itself.

A function may hold a client of the run that it was written for. In a fork of that run its calls go to the fork, as in AWS
the calls of a Lambda function go to the account in which it runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from . import Simulation


class Running(NamedTuple):
    """A function that runs: in which simulation, and who calls when it does."""

    simulation: Simulation
    by: str


_RUNNING: ContextVar[Running | None] = ContextVar("running", default=None)


@contextmanager
def running(sim: Simulation, by: str) -> Iterator[None]:
    """Until the end of this block a function of the user's runs."""
    before = _RUNNING.set(Running(sim, by))
    try:
        yield
    finally:
        _RUNNING.reset(before)


def inside() -> bool:
    """Whether a function runs. It takes no time on the clock: nothing else happens before it is done."""
    return _RUNNING.get() is not None


def here(sim: Simulation) -> Simulation:
    """Where a call on a simulation belongs: to the one whose function makes it, or to itself."""
    found = _RUNNING.get()
    return sim if found is None else found.simulation


def caller() -> str | None:
    """Who calls where nobody is named: the function that runs; None where none does."""
    found = _RUNNING.get()
    return None if found is None else found.by


def stand_still() -> None:
    """ValueError where a function runs: it cannot let time pass."""
    if inside():
        raise ValueError("A function runs within an instant: it cannot move the clock. Return, and be called again.")
