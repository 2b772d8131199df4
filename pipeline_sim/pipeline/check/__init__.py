"""What is wrong with a pipeline's structure: every fault at once, in the order in which AWS looks (1.5).

First the constraints on single members (ValidationException), then the structure as a whole. A fault carries the
exception that AWS would raise; `first_error` is the one that a CreatePipeline call gets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..fault import Fault
from .actions import look_at_actions
from .artifacts import look_at_artifacts
from .conditions import look_at_conditions
from .members import look_at_members, usable
from .settings import look_at_settings
from .stages import V2_FIELDS, look_at_structure, uses_v2
from .stores import look_at_stores
from .variables import look_at_variables
from .walk import CATEGORIES, OWNERS, STRUCTURE, Draft, TypeKey

LOOKS = (look_at_structure, look_at_stores, look_at_conditions, look_at_actions, look_at_settings, look_at_artifacts,
         look_at_variables)


def check(
    structure: Mapping[str, Any], custom_types: Mapping[TypeKey, Mapping[str, Any]] | None = None, *,
    region: str | None = None,
) -> list[Fault]:
    """All faults of a structure, warnings among them.

    `custom_types` are those the account has, by (category, owner, provider, version), as their CreateCustomActionType
    requests declare them; without any, every custom type will do. `region` is where the pipeline is to be.
    """
    draft = Draft(usable(structure), custom_types, region)
    return [*look_at_members(structure), *(fault for look in LOOKS for fault in look(draft))]


def aws_message(fault: Fault) -> str:
    """One fault in the words of an answer of the API."""
    if fault.error == "ValidationException":
        return f"1 validation error detected: {fault.message}"
    return f"{fault.message} ({fault.path})" if fault.path else fault.message


def first_error(faults: Iterable[Fault]) -> tuple[str, str]:
    """The exception and message that AWS answers with: all broken member constraints at once, or the first fault of the
    structure (1.5). Raises ValueError where there is no fault but warnings."""
    real = [fault for fault in faults if not fault.warning]
    members = [fault.message for fault in real if fault.error == "ValidationException"]
    if members:
        count = f"{len(members)} validation error{'s' if len(members) > 1 else ''} detected: "
        return "ValidationException", count + "; ".join(members)
    if not real:
        raise ValueError("There is no fault that AWS would refuse.")
    return real[0].error, aws_message(real[0])


def cannot_run(structure: Mapping[str, Any], faults: Iterable[Fault]) -> list[Fault]:
    """Those faults without whose repair nothing can be simulated: no stages, stages without actions, names that are
    missing or given twice, actions without a type."""
    unusable = dict(_unusable(Draft(usable(structure))))
    said = [fault for fault in faults if fault.path in unusable]
    told = {fault.path for fault in said}
    return [*said, *(Fault(path, "", STRUCTURE, message, "Without it nothing can be simulated.")
                     for path, message in unusable.items() if path not in told)]


def _unusable(draft: Draft) -> Iterator[tuple[str, str]]:
    if not draft.structure.get("name"):
        yield "name", "The pipeline has no name."
    if not draft.stages:
        yield "stages", "The pipeline has no stages."
    seen: set[tuple[int, str]] = set()
    for number, stage in enumerate(draft.stages):
        name = stage.get("name", "")
        if not name or (-1, name) in seen:
            yield f"stages[{number}].name", f"The stage's name '{name}' is missing or used twice."
        seen.add((-1, name))
        if not draft.of_stage(number):
            yield f"stages[{number}].actions", f"The stage {name} has no actions."
    for action in draft.actions:
        if not action.name or (action.stage, action.name) in seen:
            yield f"{action.path}.name", f"The action's name '{action.name}' is missing or used twice in its stage."
        seen.add((action.stage, action.name))
        if action.kind.category not in CATEGORIES or action.kind.owner not in OWNERS or not action.kind.provider:
            yield f"{action.path}.actionTypeId", f"The action {action.where} has no complete type."


__all__ = ["V2_FIELDS", "aws_message", "cannot_run", "check", "first_error", "uses_v2"]
