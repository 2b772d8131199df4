"""Artifacts: each name made once, and made by the time it is needed (1.3, 3)."""

from __future__ import annotations

from collections.abc import Iterator

from ..fault import Fault, near
from .stages import STRUCTURE
from .walk import Draft, PlacedAction


def look_at_artifacts(draft: Draft) -> Iterator[Fault]:
    made: dict[str, PlacedAction] = {}
    for action in draft.actions:
        for place, name in enumerate(action.names("outputArtifacts")):
            if name in made:
                yield action.fault(STRUCTURE, f"The output artifact '{name}' is made by {made[name].where} already.",
                                   "Artifact names must be unique in the pipeline.", f"outputArtifacts[{place}]")
            made.setdefault(name, action)
    for action in draft.actions:
        for place, name in enumerate(action.names("inputArtifacts")):
            against = _against_reading(action, name, made)
            if against:
                message, fix = against
                yield action.fault(STRUCTURE, message, fix, f"inputArtifacts[{place}]")


def _against_reading(reader: PlacedAction, name: str, made: dict[str, PlacedAction]) -> tuple[str, str] | None:
    """Why an input artifact is not there in time, and what to do."""
    maker = made.get(name)
    if maker is None:
        earlier = [known for known, action in made.items() if action.before(reader)]
        other = next((known for known in earlier if known.lower() == name.lower()), None)
        if other:
            return (f"Input artifact '{name}' is made by no earlier action; {made[other].where} makes '{other}'.",
                    f"Write '{other}': names are case sensitive.")
        return (f"Input artifact '{name}' is not declared as an output of any preceding action.",
                near(name, earlier) or f"Made before: {', '.join(earlier) or 'nothing'}.")
    if maker.before(reader):
        return None
    if maker is reader:
        return f"The action reads the artifact '{name}' that it makes itself.", "Give the output another name."
    if maker.stage == reader.stage and maker.order == reader.order:
        return (f"Input artifact '{name}' is made by {maker.where} in the same action group.",
                f"Give {reader.name} a higher runOrder than {maker.order}.")
    return (f"Input artifact '{name}' is made later, by {maker.where}.", f"Move {maker.where} before {reader.where}.")
