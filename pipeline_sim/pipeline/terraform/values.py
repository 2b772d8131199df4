"""What an expression can be worth: plain values, and values that only a run of Terraform would know."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..standins import StandIn, word

_DULL = re.compile(r"\b(var|local|data|module|each|self|value)\b\.?")


class Failed(Exception):
    """An expression that Terraform would refuse, too: `try` goes on with the next, elsewhere it is told."""


@dataclass(frozen=True)
class Unknown:
    """A value that nobody knows before Terraform runs. `path` is where it would come from: `var.stages[0].name`."""

    path: str

    def below(self, name: object) -> Unknown:
        named = isinstance(name, str) and name.isidentifier()
        return Unknown(f"{self.path}.{name}" if named else f"{self.path}[{name}]")

    @property
    def stand_in(self) -> StandIn:
        """`var.stages[0].name` → `stages-0-name`."""
        return StandIn(word(_DULL.sub("", self.path).replace('"', "")))


@dataclass(frozen=True)
class Reference:
    """A name that is not complete yet (`aws_iam_role.build`): the next attribute says what is asked for."""

    parts: tuple[str, ...]
    index: object = None

    @property
    def path(self) -> str:
        return ".".join(self.parts)


def remedy(value: Unknown | Reference) -> str:
    """What to do about an unknown value: variables can be given."""
    if not value.path.startswith("var."):
        return ""
    name = re.split(r"[.\[]", value.path.removeprefix("var."))[0]
    return f"Give it with --parameter {name}=VALUE."


def as_text(value: Any) -> str:
    """A scalar as Terraform converts it to a string: `true`, `1`, `1.5`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return value if isinstance(value, str) else str(value)


def items(value: Any) -> list[tuple[Any, Any]]:
    """Keys and values in the order in which Terraform goes through them: maps by key, lists and sets as they are."""
    if isinstance(value, dict):
        return sorted(value.items(), key=lambda item: str(item[0]))
    return list(enumerate(value)) if isinstance(value, list) else []


def has_unknown(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(has_unknown(part) for part in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, Unknown | Reference)


def uncertain(values: Iterable[Any]) -> bool:
    """Whether a text made of these would be a guess."""
    return any(isinstance(value, Unknown | Reference | StandIn) or
               isinstance(value, dict | list) and uncertain(value.values() if isinstance(value, dict) else value)
               for value in values)


def to_json(value: Any) -> str:
    """JSON as `jsonencode` writes it: keys in order, nothing between the parts, `<`, `>` and `&` escaped."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
