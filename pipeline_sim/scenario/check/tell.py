"""How a fault of a scenario is told: where it is, what is wrong, what can be written instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ...pipeline.fault import Fault, near

Found = Iterator[Fault]
REFUSALS = (ValueError, TypeError, KeyError, AttributeError, OverflowError)


def fault(path: str, message: str, fix: str = "") -> Fault:
    return Fault(path.lstrip("."), "", "ScenarioError", message, fix)


def tried(path: str, make: Callable[[], object]) -> Found:
    """The fault that a function of `parse` or `coming` finds."""
    try:
        make()
    except REFUSALS as error:
        yield fault(path, f"{error} is missing." if isinstance(error, KeyError) else str(error))


def known(path: str, said: Any, keys: Iterable[str], needed: tuple[str, ...] = ()) -> Found:
    """Whether this is a mapping with no other keys than these, and with those that it needs."""
    listed = ", ".join(sorted(keys))
    if not isinstance(said, Mapping):
        what = "this says nothing" if said is None else f"{said!r} is no mapping"
        yield fault(path, f"{what}.", f"Keys: {listed}.")
        return
    for key in said:
        if key not in keys:
            yield fault(f"{path}.{key}", f"there is no key '{key}' here.", near(str(key), keys) or f"Keys: {listed}.")
    for key in needed:
        if key not in said:
            yield fault(path, f"'{key}' is missing.", f"Keys: {listed}.")


def tabled(path: str, said: Any, like: str) -> Found:
    """Whether this is a mapping from names."""
    if not isinstance(said, Mapping):
        yield fault(path, f"{said!r} is no mapping.", f"Write {like}.")
