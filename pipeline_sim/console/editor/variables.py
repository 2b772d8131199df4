"""The forms of lists of variables: of an action's environment, and of the pipeline's own.

CodeBuild's environment stands in the configuration as JSON within a text, that of a Commands action as a list in the
definition; a person need not know which.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ...pipeline.parts import free_name
from .field import PRESS, Field, choice, given_of, text_of

Part = dict[str, Any]
JSON_KEY = "EnvironmentVariables"


class Kind(NamedTuple):
    """A list: its title, the members of a row with their labels, the types that one may be of, and how many there may
    be."""

    title: str
    members: tuple[tuple[str, str], ...]
    types: tuple[str, ...] = ()
    most: int = 1000


_ROW = (("name", "Name"), ("value", "Value"))
KINDS: Mapping[str, Kind] = {
    "environment": Kind("Environment variables", _ROW, ("PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER")),
    "environmentVariables": Kind("Environment variables", _ROW, ("PLAINTEXT", "SECRETS_MANAGER"), 10),
    "variables": Kind("Variables of the pipeline", (("name", "Name"), ("defaultValue", "Default value"),
                                                    ("description", "Description")), most=50)}
"""By where they stand: in the configuration, in the action, in the pipeline."""


def rows_of(part: Mapping[str, Any], where: str) -> list[Part] | None:
    """The rows; None where what stands there is no list of them."""
    found: Any = part.get(where) or []
    if where == "environment":
        try:
            found = json.loads(text_of(given_of(part).get(JSON_KEY)) or "[]")
        except ValueError:
            return None
    return found if isinstance(found, list) and all(isinstance(row, dict) for row in found) else None


def fields_of(rows: Sequence[Part], where: str) -> Iterator[Field]:
    """A row of fields for each variable, and the buttons."""
    kind = KINDS[where]
    for number, row in enumerate(rows):
        for name, label in kind.members:
            inside = f"configuration.{JSON_KEY}" if "#{" in text_of(row.get(name)) else ""
            yield Field(f"{where}.{number}.{name}", f"{label} {number + 1}", text_of(row.get(name)), group=kind.title,
                        required=name in ("name", "value"), member=inside if where == "environment" else
                        f"{where}[{number}].{name}")
        if kind.types:
            yield choice(f"{where}.{number}.type", f"Type {number + 1}", row.get("type") or kind.types[0],
                         [(one, one) for one in kind.types])._replace(group=kind.title, member="")
        yield Field(f"drop:{where}.{number}", f"Remove {text_of(row.get('name')) or f'variable {number + 1}'}", kind=PRESS,
                    group=kind.title)
    if len(rows) < kind.most:
        yield Field(f"grow:{where}", "Add a variable", kind=PRESS, group=kind.title)


def with_row(part: Mapping[str, Any], where: str, number: int, name: str, written: str) -> list[Part]:
    """The rows with one member changed. What AWS can do without goes where it is empty."""
    rows = _found(part, where, number)
    row = {**rows[number], name: written.strip() if name != "value" else written}
    if not row[name] and name not in ("name", "value"):
        del row[name]
    rows[number] = row
    return rows


def grown(part: Mapping[str, Any], where: str) -> tuple[list[Part], str]:
    """With a row more, and the field to write on in."""
    rows = rows_of(part, where) or []
    free = free_name(rows, "NAME")
    new: Part = {"name": free} if where == "variables" else {"name": free, "value": "value"}
    return [*rows, new], f"{where}.{len(rows)}.name"


def dropped(part: Mapping[str, Any], where: str, number: int) -> tuple[list[Part], str]:
    rows = _found(part, where, number)
    del rows[number]
    return rows, f"grow:{where}"


def _found(part: Mapping[str, Any], where: str, number: int) -> list[Part]:
    rows = rows_of(part, where)
    if rows is None or not 0 <= number < len(rows):
        raise ValueError(f"There is no variable number {number + 1}.")
    return list(rows)


def members(part: Mapping[str, Any], where: str, rows: Sequence[Part]) -> dict[str, Any]:
    """What of an action or a pipeline is to be set, so that it has these rows; None takes a member out."""
    if where != "environment":
        return {where: list(rows) or None}
    return {"configuration": {**given_of(part), JSON_KEY: json.dumps(rows, ensure_ascii=False) if rows else None}}
