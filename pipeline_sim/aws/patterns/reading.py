"""How a pattern is read: which branches its `$or` make, and what EventBridge refuses about it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NoReturn

from .alternatives import RESERVED, alternative
from .pattern import Alternative, InvalidEventPattern, Pattern

LONGEST = 4096
"""Letters that a pattern may have in PutRule [MODEL events]; the account's quota is 2048 at first (`QUOTA`)."""
QUOTA = 2048
MOST_BRANCHES = 1000
DEEPEST = 100

_Fields = dict[str, tuple[Alternative, ...]]


def parse(pattern: str | Mapping[str, Any]) -> Pattern:
    """Read a pattern, from JSON text or as a dict. A key that the text gives twice counts as its last. Raises
    InvalidEventPattern."""
    if isinstance(pattern, str):
        return _parsed(pattern)
    if not isinstance(pattern, Mapping):
        raise InvalidEventPattern("Filter is not an object")
    try:
        text = json.dumps(pattern, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidEventPattern("Invalid JSON", "", str(error)) from error
    _measure(text)
    return _compiled(json.loads(text))


@lru_cache(maxsize=512)
def _parsed(text: str) -> Pattern:
    _measure(text)
    try:
        document = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise InvalidEventPattern("Invalid JSON", "", str(error)) from error
    return _compiled(document)


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


def _measure(text: str) -> None:
    if len(text) > LONGEST:
        raise InvalidEventPattern(f"Event pattern is {len(text)} characters long", "",
                                  f"Member must have length less than or equal to {LONGEST}.")


def _compiled(document: Any) -> Pattern:
    """EventBridge reads `$or` as what it is and, where that fails, once more as the name of a field; if that fails too, its
    reason is the second one. Ours tells both."""
    if not isinstance(document, Mapping):
        raise InvalidEventPattern("Filter is not an object")
    if _combinations(document) > MOST_BRANCHES:
        raise InvalidEventPattern(f"Event pattern contains more than {MOST_BRANCHES} rule combinations", "$or")
    try:
        return Pattern(tuple(_object([], "", document, True)), document)
    except InvalidEventPattern as first:
        try:
            return Pattern(tuple(_object([], "", document, False)), document)
        except InvalidEventPattern as second:
            if second.reason == first.reason:
                raise first from None
            raise InvalidEventPattern(second.reason, second.path, f"Read as $or: {first.reason} at {first.path}.") from None


def _combinations(node: Any, depth: int = 0) -> int:
    """How many branches the lengths of all `$or` multiply to."""
    if not isinstance(node, Mapping):
        return 1
    if depth > DEEPEST:
        raise InvalidEventPattern("Event pattern is nested too deeply")
    product = 1
    for key, value in node.items():
        members = value if key == "$or" and isinstance(value, list) else [value]
        product *= max(len(members), 1)
        for member in members:
            product *= _combinations(member, depth + 1)
        if product > MOST_BRANCHES:
            return product
    return product


def _object(
    branches: list[_Fields], start: str, said: Mapping[str, Any], with_or: bool, inside: bool = False
) -> list[_Fields]:
    """The branches with the fields of an object added. A field that is named twice counts as its last [aws/event-ruler]."""
    if not said:
        raise InvalidEventPattern("Empty objects are not allowed", start)
    for key, value in said.items():
        path = f"{start}.{key}" if start else key
        if key == "$or" and with_or:
            branches = _either(branches, start, value)
        elif inside and key in RESERVED:
            raise InvalidEventPattern(f"{key} is Ruler reserved fieldName which cannot be used inside $or.", path)
        elif isinstance(value, Mapping):
            branches = _object(branches, path, value, with_or, inside)
        elif isinstance(value, list):
            branches = _with_field(branches, path, value)
        else:
            raise InvalidEventPattern(f'"{key}" must be an object or an array', path, f"Write [{json.dumps(value)}].")
    return branches


def _with_field(branches: list[_Fields], path: str, values: list[Any]) -> list[_Fields]:
    if not values:
        raise InvalidEventPattern("Empty arrays are not allowed", path)
    found = tuple(alternative(value, f"{path}[{number}]") for number, value in enumerate(values))
    return [{**fields, path: found} for fields in branches or [{}]]


def _either(branches: list[_Fields], start: str, members: Any) -> list[_Fields]:
    """`$or`: each branch so far, once for each member."""
    path = f"{start}.$or" if start else "$or"
    if not isinstance(members, list):
        raise InvalidEventPattern("It must be an Array followed with $or.", path)
    if len(members) < 2:
        raise InvalidEventPattern("There must have at least 2 Objects in $or relationship.", path)
    if not all(isinstance(member, Mapping) for member in members):
        raise InvalidEventPattern("Only JSON object is allowed in array of $or relationship.", path)
    return list(_forked(branches, start, members))


def _forked(branches: list[_Fields], start: str, members: list[Mapping[str, Any]]) -> Iterable[_Fields]:
    for member in members:
        yield from _object(list(branches), start, member, True, True)
