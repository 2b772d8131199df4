"""Terraform's functions: those that a pipeline is commonly written with. Others give an unknown value."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..fault import Unreadable
from ..standins import StandIn
from .values import Failed, Reference, Unknown, as_text, has_unknown, items, to_json, uncertain

if TYPE_CHECKING:
    from .evaluate import Evaluator

MOST, LONGEST = 10_000, 200_000
_VERB = re.compile(r"%(?:\[(\d+)\])?([-+ 0#]*)(\d{0,3})(?:\.(\d{1,2}))?([a-zA-Z%])")


def called(reader: Evaluator, name: str, values: list[Any]) -> Any:
    """What a function gives. Unknown values become stand-ins in a text, and make all else unknown."""
    function, for_texts = FUNCTIONS[name]
    for value in values:
        _bounded(reader, name, value)
    if name in LOOSE:
        found = _tried(name, function, values)
    elif for_texts:
        values = [reader.plain(value) for value in values]
        found = _tried(name, function, values)
        found = _like(found, values)
    elif any(isinstance(value, Unknown | Reference) for value in values):
        paths = (value.path for value in values if isinstance(value, Unknown | Reference))
        return Unknown(f"{name}({', '.join(paths)})")
    else:
        found = _tried(name, function, values)
    return _bounded(reader, name, found)


def _tried(name: str, function: Callable[..., Any], values: list[Any]) -> Any:
    try:
        return function(*values)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, StopIteration) as error:
        raise Failed(f"{name}() does not take these arguments ({error})") from error


def _like(found: Any, values: list[Any]) -> Any:
    if not uncertain(values):
        return found
    if isinstance(found, list):
        return [StandIn(one) if isinstance(one, str) else one for one in found]
    return StandIn(found) if isinstance(found, str) else found


def _bounded(reader: Evaluator, name: str, found: Any) -> Any:
    size = len(found) if isinstance(found, str | list | dict) else 0
    reader.budget.spend(size // 100 if isinstance(found, str) else size, reader.path)
    if size > (LONGEST if isinstance(found, str) else MOST):
        raise Unreadable(f"{reader.path}: {name}() makes {size} characters or values; a configuration is smaller.")
    return found


# ---------------------------------------------------------------------------------------------- texts


def _format(pattern: str, *values: Any) -> str:
    given = iter(values)

    def piece(match: re.Match[str]) -> str:
        place, flags, width, precision, verb = match.groups()
        if verb == "%":
            return "%"
        value = values[int(place) - 1] if place else next(given, "")
        return _verb(value, flags, width, precision, verb)

    return _VERB.sub(piece, pattern)


def _verb(value: Any, flags: str, width: str, precision: str | None, verb: str) -> str:
    if verb in "sv":
        text = value if isinstance(value, str) else to_json(value) if isinstance(value, dict | list) else as_text(value)
        return text.ljust(int(width or 0)) if "-" in flags else text.rjust(int(width or 0))
    if verb == "q":
        return to_json(value)
    number = float(value) if verb in "feEgG" else int(value)
    form = "%" + flags + width + (f".{precision}" if precision else "") + (verb if verb in "dxXofeEgG" else "d")
    return form % number


def _format_list(pattern: str, *values: Any) -> list[str]:
    rounds = max((len(value) for value in values if isinstance(value, list)), default=1)
    return [_format(pattern, *(value[place] if isinstance(value, list) else value for value in values))
            for place in range(rounds)]


def _join(separator: str, *lists: Any) -> str:
    texts = [one for part in lists for one in (part if isinstance(part, list) else [part])]
    return separator.join(as_text(one) for one in texts if one is not None)


def _replace(text: str, old: str, new: str) -> Any:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        return Unknown(f"replace({old})")  # a regular expression of somebody else's is not run
    return text.replace(old, new)


def _split(separator: str, text: str) -> list[str]:
    return text.split(separator) if separator else list(text)


def _substr(text: str, offset: int, length: int) -> str:
    start = offset if offset >= 0 else len(text) + offset
    return text[start:] if length < 0 else text[start:start + length]


def _title(text: str) -> str:
    return re.sub(r"(^|\s)(\w)", lambda match: match[1] + match[2].upper(), text)


def _jsondecode(text: str) -> Any:
    return json.loads(text)


# ---------------------------------------------------------------------------------------------- collections


def _flatten(values: list[Any]) -> list[Any]:
    return [one for value in values for one in (_flatten(value) if isinstance(value, list) else [value])]


def _distinct(values: list[Any]) -> list[Any]:
    return list({to_json(value): value for value in values}.values())


def _to_set(values: Any) -> list[Any]:
    found = _distinct(list(values))
    return sorted(found) if all(isinstance(value, str) for value in found) else found


def _merge(*maps: Any) -> Any:
    known = [one for one in maps if isinstance(one, dict)]
    if not known and any(isinstance(one, Unknown | Reference) for one in maps):
        return next(one for one in maps if isinstance(one, Unknown | Reference))
    return {key: value for one in known for key, value in one.items()}


def _concat(*lists: Any) -> Any:
    if all(isinstance(one, Unknown | Reference) for one in lists):
        return lists[0] if lists else []
    return [value for one in lists if one is not None
            for value in (one if isinstance(one, list) else [one.below("*")] if isinstance(one, Unknown) else [one])]


def _lookup(mapping: Any, key: Any, *default: Any) -> Any:
    if isinstance(mapping, Unknown) and isinstance(key, str):
        return mapping.below(key)
    if isinstance(mapping, Unknown | Reference) or isinstance(key, Unknown | Reference):
        return Unknown(f"lookup({getattr(mapping, 'path', '')})")
    if as_text(key) in mapping:
        return mapping[as_text(key)]
    if not default:
        raise Failed(f"there is no '{key}'")
    return default[0]


def _contains(values: Any, value: Any) -> Any:
    if isinstance(values, Unknown | Reference):
        return Unknown(f"contains({values.path})")
    if value in values:
        return True
    return Unknown("contains()") if has_unknown(values) or uncertain([value]) else False


def _coalesce(*values: Any) -> Any:
    return next(value for value in values if value is not None and value != "")


def _coalesce_list(*values: Any) -> Any:
    return next(value for value in values if value)


def _element(values: list[Any], index: Any) -> Any:
    if isinstance(values, Unknown):
        return values.below(index)
    return values[int(index) % len(values)]


def _zipmap(keys: list[Any], values: list[Any]) -> dict[str, Any]:
    return {as_text(key): value for key, value in zip(keys, values, strict=True)}


def _range(*bounds: Any) -> list[int]:
    found = range(*(int(bound) for bound in bounds))
    if len(found) > 1024:
        raise Failed("range() makes more than 1024 numbers")
    return list(found)


def _sum(values: list[Any]) -> Any:
    return sum(values)


def _compact(values: Any) -> Any:
    return values if isinstance(values, Unknown) else [value for value in values if value not in (None, "")]


def _one(values: Any) -> Any:
    if isinstance(values, Unknown):
        return values.below(0)
    return values[0] if values else None


def _to_bool(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _to_number(value: Any) -> Any:
    return value if not isinstance(value, str) else int(value) if value.lstrip("-").isdecimal() else float(value)


def _keys(value: dict[str, Any]) -> list[str]:
    return [key for key, _ in items(value)]


def _values(value: dict[str, Any]) -> list[Any]:
    return [part for _, part in items(value)]


def _chunks(values: list[Any], size: int) -> list[Any]:
    return [values[at:at + size] for at in range(0, len(values), max(int(size), 1))]


def _same(value: Any, *_: Any) -> Any:
    return value


# what takes unknown values as they are
LOOSE = frozenset({"merge", "concat", "lookup", "contains", "coalesce", "coalescelist", "element", "compact", "flatten",
                   "distinct", "one", "tolist", "tomap", "sensitive", "nonsensitive", "list", "map", "ephemeralasnull"})

FUNCTIONS: Mapping[str, tuple[Callable[..., Any], bool]] = {
    # texts
    "format": (_format, True), "formatlist": (_format_list, True), "join": (_join, True), "replace": (_replace, True),
    "split": (_split, True), "substr": (_substr, True), "title": (_title, True), "lower": (str.lower, True),
    "upper": (str.upper, True), "trimspace": (str.strip, True), "trim": (str.strip, True),
    "trimprefix": (str.removeprefix, True), "trimsuffix": (str.removesuffix, True), "chomp": (str.rstrip, True),
    "tostring": (lambda value: None if value is None else as_text(value), True),
    "jsonencode": (to_json, True), "base64encode": (lambda text: base64.b64encode(text.encode()).decode(), True),
    "startswith": (str.startswith, False), "endswith": (str.endswith, False), "jsondecode": (_jsondecode, False),
    "strcontains": (lambda text, part: part in text, False),
    # collections
    "length": (len, False), "concat": (_concat, False), "merge": (_merge, False), "lookup": (_lookup, False),
    "element": (_element, False), "coalesce": (_coalesce, False), "coalescelist": (_coalesce_list, False),
    "compact": (_compact, False), "contains": (_contains, False), "flatten": (_flatten, False),
    "distinct": (_distinct, False), "keys": (_keys, False), "values": (_values, False), "zipmap": (_zipmap, False),
    "index": (lambda values, value: values.index(value), False), "reverse": (lambda values: values[::-1], False),
    "slice": (lambda values, start, end: values[start:end], False), "sort": (sorted, False), "one": (_one, False),
    "range": (_range, False), "toset": (_to_set, False), "tolist": (_same, False), "tomap": (_same, False),
    "setunion": (lambda *sets: _to_set(one for part in sets for one in part), False),
    "setsubtract": (lambda left, right: [one for one in left if one not in right], False),
    "setintersection": (lambda left, *more: [one for one in left if all(one in part for part in more)], False),
    "chunklist": (_chunks, False),
    "alltrue": (lambda values: all(value in (True, "true") for value in values), False),
    "anytrue": (lambda values: any(value in (True, "true") for value in values), False),
    "list": (lambda *values: list(values), False),
    # numbers and types
    "tonumber": (_to_number, False), "tobool": (_to_bool, False), "max": (max, False), "min": (min, False),
    "sum": (_sum, False), "abs": (abs, False), "ceil": (math.ceil, False), "floor": (math.floor, False),
    "sensitive": (_same, False), "nonsensitive": (_same, False),
}


# ---------------------------------------------------------------------------------------------- try and can

Attempt = Callable[[], Any]


def _try(reader: Evaluator, attempts: list[Attempt]) -> Any:
    for attempt in attempts:
        try:
            return attempt()
        except Failed:
            continue
    raise Failed("no argument of try() can be worked out")


def _can(reader: Evaluator, attempts: list[Attempt]) -> Any:
    try:
        found = attempts[0]()
    except (Failed, IndexError):
        return False
    return Unknown(f"can({found.path})") if isinstance(found, Unknown) else True


SPECIAL: Mapping[str, Callable[[Evaluator, list[Attempt]], Any]] = {"try": _try, "can": _can}

__all__ = ["FUNCTIONS", "SPECIAL", "called"]
