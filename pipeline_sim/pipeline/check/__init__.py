"""What is wrong with a pipeline's structure: every fault at once, in the order in which AWS looks (1.5).

First the constraints on single members (ValidationException), then the structure as a whole. A fault carries the
exception that AWS would raise; `first_error` is the one that a CreatePipeline call gets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..fault import Fault
from .actions import look_at_actions
from .artifacts import look_at_artifacts
from .members import look_at_members, usable
from .stages import V2_FIELDS, look_at_structure, uses_v2
from .variables import look_at_variables
from .walk import Draft


def check(structure: Mapping[str, Any], custom_types: Mapping[tuple[str, str, str, str], Any] | None = None) -> list[Fault]:
    """All faults of a structure, warnings among them. `custom_types` are those the account has; None takes any."""
    members = list(look_at_members(structure))
    draft = Draft(usable(structure), custom_types)
    found: list[Fault] = []
    for look in (look_at_structure, look_at_actions, look_at_artifacts, look_at_variables):
        found += look(draft)
    return [*members, *found]


def first_error(faults: Iterable[Fault]) -> tuple[str, str]:
    """The exception and message that AWS answers with: all broken member constraints at once, or the first fault of the
    structure."""
    real = [fault for fault in faults if not fault.warning]
    members = [fault for fault in real if fault.error == "ValidationException"]
    if members:
        count = f"{len(members)} validation error{'s' if len(members) > 1 else ''} detected: "
        return "ValidationException", count + "; ".join(fault.message for fault in members)
    return real[0].error, f"{real[0].message} ({real[0].path})"


def cannot_run(structure: Mapping[str, Any], faults: Iterable[Fault]) -> list[Fault]:
    """Those faults without whose repair nothing can be simulated: no stages, stages without actions, names that are
    missing or given twice, actions without a type."""
    draft = Draft(usable(structure), None)
    broken = list(draft.unusable())
    paths = {path for path, _ in broken}
    said = [fault for fault in faults if fault.path in paths]
    known = {fault.path for fault in said}
    return [*said, *(Fault(path, "", "InvalidStructureException", message, "Without it nothing can be simulated.")
                     for path, message in broken if path not in known)]


__all__ = ["V2_FIELDS", "cannot_run", "check", "first_error", "uses_v2"]
