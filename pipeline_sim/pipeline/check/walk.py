"""A structure as it is being checked: its stages and actions with their places, whatever else is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from ..fault import Fault
from ..model import ActionType


class PlacedAction(NamedTuple):
    """One action of the structure, where it stands and what it is."""

    stage: int
    place: int
    stage_name: str
    name: str
    body: Mapping[str, Any]

    @property
    def path(self) -> str:
        return f"stages[{self.stage}].actions[{self.place}]"

    @property
    def where(self) -> str:
        return f"{self.stage_name}/{self.name}"

    @property
    def kind(self) -> ActionType:
        kind = self.body.get("actionTypeId") or {}
        return ActionType(str(kind.get("category", "")), str(kind.get("owner", "")), str(kind.get("provider", "")),
                          str(kind.get("version", "")))

    @property
    def order(self) -> int:
        order = self.body.get("runOrder", 1)
        return order if isinstance(order, int) else 1

    @property
    def settings(self) -> Mapping[str, Any]:
        found = self.body.get("configuration")
        return found if isinstance(found, Mapping) else {}

    def names(self, key: str) -> list[str]:
        """The names of its `inputArtifacts` or `outputArtifacts`."""
        return [str(artifact["name"]) for artifact in self.body.get(key) or () if "name" in artifact]

    def before(self, other: PlacedAction) -> bool:
        """Whether it has certainly ended when the other begins: an earlier stage, or a lower run order."""
        return self.stage < other.stage or (self.stage == other.stage and self.order < other.order)

    def fault(self, error: str, message: str, fix: str = "", below: str = "", warning: bool = False) -> Fault:
        return Fault(self.path + (f".{below}" if below else ""), self.where, error, message, fix, warning)


class Draft:
    """The structure, with its lists and mappings where they belong (`members.usable` sees to that)."""

    def __init__(self, structure: Mapping[str, Any], custom_types: Mapping[Any, Any] | None) -> None:
        self.structure = structure
        self.custom_types = custom_types

    @cached_property
    def stages(self) -> list[Mapping[str, Any]]:
        return list(self.structure.get("stages") or ())

    @cached_property
    def actions(self) -> list[PlacedAction]:
        return [PlacedAction(number, place, str(stage.get("name", "")), str(action.get("name", "")), action)
                for number, stage in enumerate(self.stages)
                for place, action in enumerate(stage.get("actions") or ())]

    def of_stage(self, number: int) -> list[PlacedAction]:
        return [action for action in self.actions if action.stage == number]

    def unusable(self) -> Iterator[tuple[str, str]]:
        """What nothing can be simulated without: (path, sentence)."""
        if not self.structure.get("name"):
            yield "name", "The pipeline has no name."
        if not self.stages:
            yield "stages", "The pipeline has no stages."
        seen: set[str] = set()
        for number, stage in enumerate(self.stages):
            path, name = f"stages[{number}]", str(stage.get("name", ""))
            if not name or name in seen:
                yield f"{path}.name", f"The stage's name '{name}' is missing or used twice."
            seen.add(name)
            actions = self.of_stage(number)
            if not actions:
                yield path, f"The stage {name} has no actions."
            yield from _unusable_actions(actions)


def _unusable_actions(actions: list[PlacedAction]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for action in actions:
        if not action.name or action.name in seen:
            yield f"{action.path}.name", f"The action's name '{action.name}' is missing or used twice in its stage."
        seen.add(action.name)
        if not action.kind.category or not action.kind.provider or not action.kind.owner:
            yield f"{action.path}.actionTypeId", f"The action {action.name} has no complete type."
