"""What a JsonPath selects in a document, as far as webhook filters need it: `$.ref`, `$.a[0]['b']`, `$.a.*`, `$..b`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_STEP = re.compile(r"(?P<deep>\.\.)?(?:\.?(?P<name>[\w-]+|\*)|\[(?:(?P<index>\d+)|'(?P<quoted>[^']*)'|\"(?P<double>[^\"]*)\""
                   r"|(?P<all>\*))\])")
MOST = 10_000
"""How many values a step may leave: a payload comes from outside."""


def select(path: str, document: Any) -> list[Any]:
    """The values at a path, which may be none. ValueError where the path is of a kind that is not understood here, such
    as slices and filters."""
    if not path.startswith("$"):
        raise ValueError(f"'{path}' does not begin with $")
    found, at = [document], 1
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise ValueError(f"'{path[at:]}' in '{path}' is not understood")
        at = step.end()
        parents = [one for value in found for one in _within(value)] if step["deep"] else found
        found = [one for parent in parents for one in _children(parent, step)][:MOST]
    return found


def _within(value: Any) -> Iterator[Any]:
    """A value and all that it holds, at any depth."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += reversed(list(one.values()) if isinstance(one, dict) else one if isinstance(one, list) else [])


def _children(value: Any, step: re.Match[str]) -> Iterator[Any]:
    if step["all"] or step["name"] == "*":
        yield from value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    elif step["index"] is not None:
        if isinstance(value, list) and int(step["index"]) < len(value):
            yield value[int(step["index"])]
    else:
        name = next(step[group] for group in ("name", "quoted", "double") if step[group] is not None)
        if isinstance(value, dict) and name in value:
            yield value[name]
