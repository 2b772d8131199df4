"""What a pattern sees of an event: its leaves by path, each with the members of arrays that it lies in.

`{"items": [{"id": 1}, {"id": 2}]}` has the path `items.id` twice, once in each member of one array. Two fields of a
pattern must be met within the same member of an array that both lie in (array consistency).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from .pattern import Leaf

Place = Mapping[int, int]
"""By array, which of its members: `{0: 3}` is the fourth of the first array that holds objects."""


@dataclass(frozen=True)
class Held:
    """One value of a path, and where it lies."""

    value: Leaf
    place: Place


DEEPEST = 100


def leaves(event: Mapping[str, Any] | str) -> Mapping[str, list[Held]]:
    """The values of every path. Objects and empty arrays are no values; dots in a name and between names are the same.
    Raises ValueError for what is no event."""
    document = json.loads(event) if isinstance(event, str) else event
    if not isinstance(document, Mapping):
        raise ValueError("an event is a JSON object")
    found: dict[str, list[Held]] = {}
    for path, held in _walk("", document, {}, count(), 0):
        found.setdefault(path, []).append(held)
    return found


def _walk(path: str, value: Any, place: Place, arrays: Iterator[int], depth: int) -> Iterator[tuple[str, Held]]:
    if depth > DEEPEST:
        raise ValueError("the event is nested too deeply")
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _walk(f"{path}.{key}" if path else str(key), part, place, arrays, depth + 1)
    elif isinstance(value, list | tuple):
        array = next(arrays)
        for index, part in enumerate(value):
            inner = {**place, array: index} if isinstance(part, Mapping | list | tuple) else place
            yield from _walk(path, part, inner, arrays, depth + 1)
    else:
        yield path, Held(value, place)


def together(one: Place, other: Place) -> Place | None:
    """Both places in one; None where they are in different members of an array."""
    if any(other.get(array, index) != index for array, index in one.items()):
        return None
    return {**one, **other}
