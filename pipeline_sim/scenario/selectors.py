"""Which of the things that a scenario says hold for a place: names before globs before providers before `*`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

Rank = tuple[int, int, int]


def said_of(tables: Iterable[Mapping[str, Any]], place: str, provider: str) -> dict[str, Any]:
    """What is said of a place, key by key: the most particular selector of a table has the last word on each key, and a
    later table goes before an earlier one."""
    merged: dict[str, Any] = {}
    for table in tables:
        ranked = ((_rank(selector, place, provider), said) for selector, said in table.items())
        for _, said in sorted(((rank, said) for rank, said in ranked if rank is not None), key=lambda pair: pair[0]):
            merged.update({"nobody": True} if said == "nobody" else {"nobody": False, **said})
    return merged


def names(selector: str, place: str, provider: str) -> bool:
    """Whether a selector names a place."""
    return _rank(selector, place, provider) is not None


def is_glob(selector: str) -> bool:
    return any(sign in selector for sign in "*?[")


def _rank(selector: str, place: str, provider: str) -> Rank | None:
    """How particular a selector is for a place (of equals, the one written later); None where it does not name it."""
    if selector == place:
        return (3, 0, 0)
    if selector == "*":
        return (0, 0, 0)
    if selector == provider:
        return (1, 0, 0)
    if is_glob(selector) and fnmatchcase(place, selector):
        return (2, -sum(selector.count(sign) for sign in "*?["), len(selector))
    return None
