"""What requests can be made from the API's model: one that is right in every member, and one for each way to be wrong.

Made from botocore's own shapes, so that they are independent of `shapes.json`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

UUID = "3f0b8c52-5a0f-4d7e-8a3e-1b2c3d4e5f60"
EXAMPLES = (
    "a", "1", UUID, "111122223333", "AWS", "arn:aws:iam::111122223333:role/a",
    "arn:aws:codepipeline:eu-west-1:111122223333:a", "arn:aws:lambda:eu-west-1:111122223333:function:a", "aaaaaa",
)
STRANGE = ("§", "\n", "a b")


class Wrong(NamedTuple):
    """A request that breaks one constraint of the model, and where the refusal must say so."""

    path: str
    constraint: str
    request: Any


Wrap = Callable[[Any], Any]


def right(shape: Any) -> Any:
    """A value with every member that fits a shape."""
    return _RIGHT[shape.type_name](shape)


def _text(shape: Any) -> str:
    if shape.enum:
        return str(shape.enum[0])
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max", 10**9)
    matches = re.compile(shape.metadata.get("pattern", r"[\s\S]*"), re.ASCII).fullmatch
    return next(example for example in EXAMPLES if low <= len(example) <= high and matches(example))


_RIGHT: dict[str, Callable[[Any], Any]] = {
    "string": _text,
    "integer": lambda shape: shape.metadata.get("min", 1),
    "boolean": lambda shape: True,
    "timestamp": lambda shape: datetime(2030, 1, 7, tzinfo=UTC),
    "structure": lambda shape: {name: right(member) for name, member in shape.members.items()},
    "list": lambda shape: [right(shape.member)],
    "map": lambda shape: {right(shape.key): right(shape.value)},
}


def wrongs(shape: Any, path: str = "", wrap: Wrap = lambda value: value) -> Iterator[Wrong]:
    """Every way to break one constraint of a shape and its parts."""
    if path:
        yield Wrong(path, "type", wrap(["x"] if shape.type_name in ("string", "structure", "map") else {"x": "y"}))
    yield from (Wrong(path, name, wrap(value)) for name, value in _broken(shape))
    yield from _PARTS.get(shape.type_name, _nothing)(shape, path, wrap)


def _broken(shape: Any) -> Iterator[tuple[str, Any]]:
    """Values that break one constraint of a shape itself."""
    limits, kind = shape.metadata, shape.type_name
    if kind == "integer":
        yield from ((name, limits[name] + step) for name, step in (("min", -1), ("max", 1)) if name in limits)
        return
    if limits.get("min") and kind in ("string", "list"):
        yield "min", "" if kind == "string" else []
    if "max" in limits:
        yield "max", _too_long(shape, limits["max"])
    if kind == "string" and "pattern" in limits:
        matches = re.compile(limits["pattern"], re.ASCII).fullmatch
        yield "pattern", next(text for text in STRANGE if not matches(text))
    if getattr(shape, "enum", None):
        yield "enum", "NoSuchValue"


def _too_long(shape: Any, most: int) -> Any:
    if shape.type_name == "string":
        return "a" * (most + 1)
    if shape.type_name == "list":
        return [right(shape.member)] * (most + 1)
    return {f"a{number}": right(shape.value) for number in range(most + 1)}


def _members(shape: Any, path: str, wrap: Wrap) -> Iterator[Wrong]:
    whole, before = right(shape), f"{path}." if path else ""
    yield Wrong(f"{before}notAMember", "unknown member", wrap({**whole, "notAMember": "x"}))
    for name, member in shape.members.items():
        if name in shape.required_members:
            rest = {key: value for key, value in whole.items() if key != name}
            yield Wrong(f"{before}{name}", "required", wrap(rest))
        yield from wrongs(member, f"{before}{name}", _inside(wrap, whole, name))


def _inside(wrap: Wrap, whole: dict[str, Any], name: str) -> Wrap:
    return lambda value: wrap({**whole, name: value})


def _elements(shape: Any, path: str, wrap: Wrap) -> Iterator[Wrong]:
    """What is wrong inside an element; of a plain one the list is told."""
    inner = path if shape.member.type_name == "string" else f"{path}.1.member"
    for wrong in wrongs(shape.member, inner, lambda value: wrap([value])):
        if wrong.constraint == "type" and wrong.path == inner:
            yield wrong._replace(path=f"{path}.1.member")
        else:
            yield wrong


def _entries(shape: Any, path: str, wrap: Wrap) -> Iterator[Wrong]:
    key, value = right(shape.key), right(shape.value)
    for name, bad in _broken(shape.key):
        yield Wrong(path, f"key {name}", wrap({bad: value}))
    plain = shape.value.type_name == "string"
    for wrong in wrongs(shape.value, path if plain else f"{path}.{key}.member", lambda part: wrap({key: part})):
        yield wrong._replace(path=f"{path}.{key}") if plain and wrong.constraint == "type" else wrong


def _nothing(shape: Any, path: str, wrap: Wrap) -> Iterator[Wrong]:
    return iter(())


_PARTS: dict[str, Callable[[Any, str, Wrap], Iterator[Wrong]]] = {
    "structure": _members, "list": _elements, "map": _entries,
}
