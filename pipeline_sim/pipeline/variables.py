"""What `#{namespace.key}` in a text refers to, and what becomes of it: one pass, nothing resolved twice (5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

REFERENCE = re.compile(r"#\{([^{}]*)\}")
_WELL_FORMED = re.compile(r"([A-Za-z0-9@\-_]+)\.([A-Za-z0-9@\-_.]+)\Z")
RESOLVED_BYTES = 100 * 1024


class Reference(NamedTuple):
    """One `#{…}`: its text, and namespace and key where it is well formed."""

    text: str
    namespace: str
    key: str

    @property
    def well_formed(self) -> bool:
        return bool(self.namespace)


def references(text: str) -> list[Reference]:
    """Every reference in a text, from left to right."""
    return [_reference(match[1]) for match in REFERENCE.finditer(text)] if "#{" in text else []


def _reference(inside: str) -> Reference:
    parts = _WELL_FORMED.match(inside)
    return Reference(f"#{{{inside}}}", parts[1], parts[2]) if parts else Reference(f"#{{{inside}}}", "", "")


def references_in(work: Mapping[str, Any]) -> Iterator[tuple[str, Reference]]:
    """The references of an action or rule as the structure has it, each with the member that it stands in
    (`configuration.UserParameters`, `commands[0]`): variables work in these two only (5)."""
    for key, text in (work.get("configuration") or {}).items():
        for reference in references(text):
            yield f"configuration.{key}", reference
    for number, text in enumerate(work.get("commands") or ()):
        for reference in references(text):
            yield f"commands[{number}]", reference


def resolve(text: str, find: Callable[[str, str], str | None]) -> tuple[str, list[str]]:
    """The text with the values put in, and the references that have none. Values are not looked through again
    [PROBE-B]."""
    if "#{" not in text:
        return text, []
    missing: list[str] = []

    def value(match: re.Match[str]) -> str:
        reference = _reference(match[1])
        found = find(reference.namespace, reference.key) if reference.well_formed else None
        if found is None:
            missing.append(reference.text)
            return match[0]
        return found

    return REFERENCE.sub(value, text), missing


def size_of(configuration: Mapping[str, str]) -> int:
    """How many bytes a resolved configuration has, keys and values; no more than that where it is far from the limit."""
    letters = sum(map(len, configuration)) + sum(map(len, configuration.values()))
    if letters * 4 <= RESOLVED_BYTES:
        return letters
    return sum(len(key.encode()) + len(value.encode()) for key, value in configuration.items())
