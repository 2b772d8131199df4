"""How a loop (`Fn::ForEach`) is written out: once for each value of its collection."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .template import as_text

if TYPE_CHECKING:
    from .resolve import Resolver

LOOP = "Fn::ForEach"


def expanded(resolver: Resolver, mapping: dict[str, Any], path: str) -> dict[str, Any]:
    """The mapping with each loop in it replaced by what it makes; what cannot be is told and left out."""
    if not any(key.startswith(LOOP) for key in mapping):
        return mapping
    found: dict[str, Any] = {}
    for key, value in mapping.items():
        if key.startswith(LOOP):
            found.update(_written_out(resolver, value, f"{path}.{key}"))
        else:
            found[key] = value
    return found


def _written_out(resolver: Resolver, loop: Any, path: str) -> dict[str, Any]:
    if not (isinstance(loop, list) and len(loop) == 3 and isinstance(loop[0], str) and isinstance(loop[2], dict)):
        resolver.told.tell(path, f"{LOOP} is not written as CloudFormation takes it (the form is [name, [values], "
                           "{key: value}]); it is left out.")
        return {}
    name, collection, body = loop
    values = resolver.resolve(collection, f"{path}[1]")
    if not isinstance(values, list):
        resolver.told.tell(path, f"The values that {LOOP} goes through are not known; it is left out.")
        return {}
    found: dict[str, Any] = {}
    with resolver.within(path):
        for value in values:
            if isinstance(value, str | int | float):
                once = _with(resolver, body, name, as_text(value), path)
                found.update(expanded(resolver, once, path))
    return found


def _with(resolver: Resolver, value: Any, name: str, item: str, path: str) -> Any:
    """The value with the loop's variable replaced: `${Name}`, `&{Name}` (without signs) and `Ref`."""
    resolver.budget.spend(1, path)
    if isinstance(value, dict):
        if value == {"Ref": name}:
            return item
        return {_text(key, name, item): _with(resolver, part, name, item, path) for key, part in value.items()}
    if isinstance(value, list):
        return [_with(resolver, part, name, item, path) for part in value]
    return _text(value, name, item) if isinstance(value, str) else value


def _text(text: str, name: str, item: str) -> str:
    return text.replace("${" + name + "}", item).replace("&{" + name + "}", re.sub(r"[^A-Za-z0-9]", "", item))
