"""What a request may look like: the API's own shapes as data, and `validate`, which says all that is wrong with one.

`shapes.json` is made from botocore's model by tools/make_shapes.py. Messages are worded as the service words them, with
the path and `.N.member.` places that count from 1; unknown members and wrong types, which AWS's own tools refuse before
sending, are told the same way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

SECRET_KEYS = frozenset({"OAuthToken", "ClientSecret", "RefreshToken", "SecretToken"})
MASK = "****"
_LONGEST = 200


class Violation(NamedTuple):
    """One broken constraint. `value` is how the message shows what was given; empty for a map, which is not shown."""

    path: str
    value: str
    constraint: str

    def __str__(self) -> str:
        value = f" {self.value}" if self.value else ""
        return f"Value{value} at '{self.path}' failed to satisfy constraint: {self.constraint}"


Check = Callable[[Any], "list[Violation] | None"]


def validate(operation: str, request: Mapping[str, Any]) -> tuple[str, str] | None:
    """None for a request that the model allows; otherwise AWS's exception name and the message with every violation."""
    if operation not in _facts()["operations"]:
        hint = _meant(operation, operations())
        return "UnknownOperationException", f"CodePipeline has no operation {operation}{hint}"
    found = _check_of(operation)(request)
    if not found:
        return None
    title = f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected: "
    return "ValidationException", title + "; ".join(map(str, found))


def violations(operation: str, request: Mapping[str, Any]) -> list[Violation]:
    """As `validate`, one by one."""
    return _check_of(operation)(request) or []


def operations() -> tuple[str, ...]:
    """The names of all operations, in alphabetical order."""
    return tuple(_facts()["operations"])


def members_of(operation: str) -> frozenset[str]:
    """The members of an operation's request."""
    shape = _facts()["operations"][operation]["input"]
    return frozenset(_facts()["shapes"][shape].get("members", {}) if shape else ())


def errors_of(operation: str) -> frozenset[str]:
    """The exceptions that the API declares for an operation."""
    return frozenset(_facts()["operations"][operation]["errors"])


def status_of(error: str) -> int:
    """The HTTP status of an exception: 400 but for a few."""
    return int(_facts()["statuses"].get(error, 400))


def without_nulls(value: Any) -> Any:
    """JSON's null means that a member is absent; a door that reads JSON takes them out before it calls."""
    if isinstance(value, dict):
        return {key: without_nulls(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [without_nulls(part) for part in value]
    return value


@cache
def _facts() -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(Path(__file__).with_name("shapes.json").read_text(encoding="utf-8"))
    return facts


@cache
def _check_of(operation: str) -> Check:
    shape = _facts()["operations"][operation]["input"]
    return _compiled(shape) if shape else _structure({"members": {}})


@cache
def _compiled(name: str) -> Check:
    """The check of a shape: made when first needed, so that nobody pays for operations that they never call."""
    shape = _facts()["shapes"][name]
    return _MAKERS[shape["type"]](shape)


# ---------------------------------------------------------------------------------------------- scalars


def _string(shape: Mapping[str, Any]) -> Check:
    low, high = shape.get("min", 0), shape.get("max", float("inf"))
    allowed = frozenset(shape["enum"]) if "enum" in shape else None
    matches = re.compile(shape["pattern"], re.ASCII).fullmatch if "pattern" in shape else None

    def check(value: Any) -> list[Violation] | None:
        if not isinstance(value, str):
            return _not_a(value, "string")
        length = len(value)
        if length < low or length > high or (matches and not matches(value)) or (allowed and value not in allowed):
            return [Violation("", _quoted(value), text) for text in _broken(shape, value)]
        return None

    return check


def _broken(shape: Mapping[str, Any], value: str) -> Iterable[str]:
    """Which of a string's constraints a value breaks."""
    texts = _constraints(shape)
    if "pattern" in shape and not re.compile(shape["pattern"], re.ASCII).fullmatch(value):
        yield texts["pattern"]
    if "enum" in shape and value not in shape["enum"]:
        yield texts["enum"]
    if len(value) > shape.get("max", len(value)):
        yield texts["max"]
    if len(value) < shape.get("min", 0):
        yield texts["min"]


def _constraints(shape: Mapping[str, Any]) -> dict[str, str]:
    """A shape's constraints in the service's words."""
    what = "value" if shape["type"] == "integer" else "length"
    words = {
        "pattern": "Member must satisfy regular expression pattern: {}",
        "enum": "Member must satisfy enum value set: {}",
        "max": f"Member must have {what} less than or equal to {{}}",
        "min": f"Member must have {what} greater than or equal to {{}}",
    }
    return {key: text.format(_listed(shape[key]) if key == "enum" else shape[key])
            for key, text in words.items() if key in shape}


def _integer(shape: Mapping[str, Any]) -> Check:
    low, high = shape.get("min"), shape.get("max")

    def check(value: Any) -> list[Violation] | None:
        if not isinstance(value, int) or isinstance(value, bool):
            return _not_a(value, "integer")
        if low is not None and value < low:
            return [Violation("", _quoted(value), _constraints(shape)["min"])]
        if high is not None and value > high:
            return [Violation("", _quoted(value), _constraints(shape)["max"])]
        return None

    return check


def _boolean(shape: Mapping[str, Any]) -> Check:
    return lambda value: None if isinstance(value, bool) else _not_a(value, "boolean")


def _timestamp(shape: Mapping[str, Any]) -> Check:
    return lambda value: None if _is_moment(value) else _not_a(value, "timestamp")


def _is_moment(value: Any) -> bool:
    """A datetime, seconds since 1970, or ISO 8601."""
    if isinstance(value, str):
        try:
            return bool(datetime.fromisoformat(value))
        except ValueError:
            return False
    return isinstance(value, datetime | int | float) and not isinstance(value, bool)


# ---------------------------------------------------------------------------------------------- containers


def _structure(shape: Mapping[str, Any]) -> Check:
    names, required = tuple(shape["members"]), tuple(shape.get("required", ()))
    checks: dict[str, Check] = {}

    def check(value: Any) -> list[Violation] | None:
        if not isinstance(value, dict | Mapping):
            return _not_a(value, "structure")
        found: list[Violation] = []
        for name, part in value.items():
            one = checks.get(name)
            if one is None:
                if name not in shape["members"]:
                    found.append(_unknown(name, part, names))
                    continue
                one = checks[name] = _compiled(shape["members"][name])
            if bad := one(part):
                found += _inside(name, bad)
        for name in required:
            if name not in value:
                found.append(Violation(name, "null", "Member must not be null"))
        return found

    return check


def _list(shape: Mapping[str, Any]) -> Check:
    element = _facts()["shapes"][shape["member"]]
    one, scalar = _compiled(shape["member"]), _is_scalar(element)

    def check(value: Any) -> list[Violation] | None:
        if isinstance(value, str | Mapping) or not isinstance(value, Sequence):
            return _not_a(value, "list")
        found = _sized(shape, value)
        for place, part in enumerate(value, 1):
            if bad := one(part):
                if scalar and isinstance(part, str):
                    return [*found, Violation("", _quoted(value), f"Member must satisfy constraint: {_all(element)}")]
                found += _inside(f"{place}.member", bad)
        return found

    return check


def _map(shape: Mapping[str, Any]) -> Check:
    shapes = _facts()["shapes"]
    key_check, check_part = _compiled(shape["key"]), _compiled(shape["value"])
    scalar = _is_scalar(shapes[shape["value"]])

    def check(value: Any) -> list[Violation] | None:
        if not isinstance(value, dict | Mapping):
            return _not_a(value, "map")
        found = _sized(shape, value)
        if any(key_check(key) for key in value):
            found.append(Violation("", "", f"Map keys must satisfy constraint: {_all(shapes[shape['key']])}"))
        bad = {str(key): broken for key, part in value.items() if (broken := check_part(part))}
        if bad and scalar and all(isinstance(value[key], str) for key in bad):
            found.append(Violation("", "", f"Map value must satisfy constraint: {_all(shapes[shape['value']])}"))
            return found
        for key, broken in bad.items():
            found += _inside(key if scalar else f"{key}.member", broken)
        return found

    return check


def _sized(shape: Mapping[str, Any], value: Any) -> list[Violation]:
    count = len(value)
    texts = _constraints(shape) if "min" in shape or "max" in shape else {}
    if count > shape.get("max", count):
        return [Violation("", _quoted(value), texts["max"])]
    if count < shape.get("min", 0):
        return [Violation("", _quoted(value), texts["min"])]
    return []


_MAKERS: Mapping[str, Callable[[Mapping[str, Any]], Check]] = {
    "string": _string, "integer": _integer, "boolean": _boolean, "timestamp": _timestamp,
    "structure": _structure, "list": _list, "map": _map,
}


# ---------------------------------------------------------------------------------------------- words


def _inside(name: str, found: list[Violation]) -> list[Violation]:
    """What is wrong with a part, told from outside it; what a secret's name stands for is not shown."""
    return [
        Violation(f"{name}.{one.path}" if one.path else name,
                  f"'{MASK}'" if name in SECRET_KEYS and one.value != "null" else one.value, one.constraint)
        for one in found
    ]


def _not_a(value: Any, kind: str) -> list[Violation]:
    if value is None:
        return [Violation("", "null", "Member must not be null")]
    return [Violation("", _quoted(value), f"Member must be of type {kind}")]


def _unknown(name: Any, value: Any, names: tuple[str, ...]) -> Violation:
    known = f"Member must be one of {_listed(names)}" if names else "The operation takes no members"
    shown = f"'{MASK}'" if name in SECRET_KEYS else _quoted(value)
    return Violation(str(name), shown, known + _meant(str(name), names))


def _meant(name: str, names: tuple[str, ...]) -> str:
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    return f" (did you mean '{close[0]}'?)" if close else ""


def _is_scalar(shape: Mapping[str, Any]) -> bool:
    return shape["type"] not in ("structure", "list", "map")


def _all(shape: Mapping[str, Any]) -> str:
    texts = _constraints(shape)
    return _listed([texts[key] for key in ("max", "min", "pattern", "enum") if key in texts])


def _listed(parts: Iterable[str]) -> str:
    return f"[{', '.join(parts)}]"


def _quoted(value: Any) -> str:
    text = _shown(value)
    return f"'{text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}'"


def _shown(value: Any) -> str:
    """As the service prints values: `{name=app, files=[a, b]}`, without secrets."""
    if isinstance(value, Mapping):
        parts = (f"{key}={MASK if key in SECRET_KEYS else _shown(part)}" for key, part in value.items())
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, list | tuple):
        return _listed([_shown(part) for part in value])
    return str(value).lower() if isinstance(value, bool) else str(value)
