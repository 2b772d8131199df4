"""What an offer looks like to somebody: a form to fill in, the command that does the same, and what stands against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..act import CALL, Act
from ..moment import Moment, against_call
from ..things import Thing
from .commands import command, python

Values = Mapping[str, str]


class Field(NamedTuple):
    """One field of a form. `kind` is `text`, `lines`, `number` or `choice`; a choice is (value, what it is called)."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""


@dataclass(frozen=True)
class Offer:
    """Something that may be done with a thing. `make` gives the act that filled-in values mean; ValueError where they mean
    none. `note` says what AWS has for it where that is no command."""

    id: str
    label: str
    make: Callable[[Values], Act]
    fields: tuple[Field, ...] = ()
    note: str = ""

    def act(self, values: Values) -> Act:
        """The act, with what is not filled in as the form has it at first."""
        filled = {field.name: str(values.get(field.name, field.value)) for field in self.fields}
        for field in self.fields:
            if field.kind == "choice" and filled[field.name] not in {value for value, _ in field.choices}:
                raise ValueError(f"{field.label}: {filled[field.name]!r} is not one of the choices.")
        return self.make(filled)


def as_data(moment: Moment, thing: Thing, offer: Offer, values: Values | None = None) -> dict[str, Any]:
    """The offer as JSON, with the command of the values as they stand and AWS's refusal of it, if any."""
    row: dict[str, Any] = {
        "id": offer.id, "label": offer.label, "note": offer.note, "command": "", "python": "", "refused": None,
        "fields": [{**field._asdict(), "choices": [list(choice) for choice in field.choices]} for field in offer.fields],
    }
    try:
        act = offer.act(values or {})
    except ValueError as fault:
        return row | {"operation": "", "refused": {"error": "", "message": str(fault)}}
    refused = against_call(moment, act.name, act.arguments) if act.kind == CALL else None
    return row | {
        "operation": act.name if act.kind == CALL else act.kind,
        "command": command(moment, thing.pipeline, act), "python": python(act),
        "refused": {"error": refused.error, "message": refused.message} if refused else None,
    }
