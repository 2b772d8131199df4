"""A structure as it is being checked: its stages, actions and rules with their places, whatever else is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from ..catalogue import ActionInfo, action_type, declared_type
from ..fault import Fault
from ..model import ActionType

STRUCTURE, STAGE, ACTION = ("InvalidStructureException", "InvalidStageDeclarationException",
                            "InvalidActionDeclarationException")
GATES = ("beforeEntry", "onSuccess", "onFailure")
CATEGORIES = ("Source", "Build", "Deploy", "Test", "Invoke", "Approval", "Compute")
OWNERS = ("AWS", "ThirdParty", "Custom")
TypeKey = tuple[str, str, str, str]


class PlacedAction(NamedTuple):
    """One action of the structure, where it stands and what it is."""

    stage: int
    place: int
    stage_name: str
    name: str
    body: Mapping[str, Any]
    kind: ActionType

    @property
    def path(self) -> str:
        return f"stages[{self.stage}].actions[{self.place}]"

    @property
    def where(self) -> str:
        return f"{self.stage_name}/{self.name}"

    @property
    def order(self) -> int:
        order: int = self.body.get("runOrder", 1)
        return order

    @property
    def settings(self) -> Mapping[str, str]:
        return self.body.get("configuration") or {}

    def names(self, key: str) -> list[str]:
        """The names of its `inputArtifacts` or `outputArtifacts`."""
        return [artifact["name"] for artifact in self.body.get(key) or () if "name" in artifact]

    def before(self, other: PlacedAction) -> bool:
        """Whether it has certainly ended when the other begins: an earlier stage, or a lower run order (1.3)."""
        return self.stage < other.stage or (self.stage == other.stage and self.order < other.order)

    def sees(self, producer: PlacedAction) -> bool:
        return producer.before(self)

    def fault(self, error: str, message: str, fix: str = "", below: str = "", warning: bool = False) -> Fault:
        return Fault(self.path + (f".{below}" if below else ""), self.where, error, message, fix, warning)


class PlacedRule(NamedTuple):
    """One rule of a stage's condition."""

    stage: int
    stage_name: str
    gate: str
    path: str
    name: str
    body: Mapping[str, Any]
    result: str

    @property
    def where(self) -> str:
        return f"{self.stage_name}/{self.name}"

    @property
    def provider(self) -> str:
        return str((self.body.get("ruleTypeId") or {}).get("provider", ""))

    @property
    def settings(self) -> Mapping[str, str]:
        return self.body.get("configuration") or {}

    def names(self, key: str) -> list[str]:
        return [artifact["name"] for artifact in self.body.get(key) or () if "name" in artifact]

    def sees(self, producer: PlacedAction) -> bool:
        """An entry condition comes before the stage's own actions, the others after them (4.11)."""
        return producer.stage < self.stage or (producer.stage == self.stage and self.gate != "beforeEntry")

    def fault(self, error: str, message: str, fix: str = "", below: str = "", warning: bool = False) -> Fault:
        return Fault(self.path + (f".{below}" if below else ""), self.where, error, message, fix, warning)


Reader = PlacedAction | PlacedRule


class Draft:
    """A structure whose members are of the right types (`members.usable` sees to that), and what is known of the place
    where it is to be: the custom types of the account (None: any will do), the Region (None: not known)."""

    def __init__(
        self, structure: Mapping[str, Any], custom_types: Mapping[TypeKey, Mapping[str, Any]] | None = None,
        region: str | None = None,
    ) -> None:
        self.structure = structure
        self.custom_types = custom_types
        self.region = region

    @cached_property
    def stages(self) -> list[Mapping[str, Any]]:
        return list(self.structure.get("stages") or ())

    @cached_property
    def actions(self) -> list[PlacedAction]:
        return [PlacedAction(number, place, stage.get("name", ""), action.get("name", ""), action, _kind(action))
                for number, stage in enumerate(self.stages)
                for place, action in enumerate(stage.get("actions") or ())]

    @cached_property
    def rules(self) -> list[PlacedRule]:
        return [rule for number, stage in enumerate(self.stages) for gate in GATES if stage.get(gate)
                for rule in _rules(number, stage, gate)]

    @cached_property
    def readers(self) -> list[Reader]:
        """Whatever may read artifacts and variables."""
        return [*self.actions, *self.rules]

    def of_stage(self, number: int) -> list[PlacedAction]:
        return self._by_stage[number]

    @cached_property
    def _by_stage(self) -> list[list[PlacedAction]]:
        found: list[list[PlacedAction]] = [[] for _ in self.stages]
        for action in self.actions:
            found[action.stage].append(action)
        return found

    def info(self, kind: ActionType) -> ActionInfo | None:
        """What is known of a type: of a custom one what the account has declared."""
        if kind.owner != "Custom" or self.custom_types is None:
            return action_type(kind)
        declared = self.custom_types.get(kind.key)
        return None if declared is None else declared_type(kind, declared)

    @cached_property
    def home(self) -> str | None:
        """The pipeline's own Region: as told, or that of its source actions, which cannot run elsewhere (1.1)."""
        return self.region or next((action.body["region"] for action in self.actions
                                    if action.kind.category == "Source" and action.body.get("region")), None)


def _kind(action: Mapping[str, Any]) -> ActionType:
    kind = action.get("actionTypeId") or {}
    return ActionType(*(kind.get(key, "") for key in ("category", "owner", "provider", "version")))


def _rules(number: int, stage: Mapping[str, Any], gate: str) -> Iterator[PlacedRule]:
    for place, condition in enumerate(stage[gate].get("conditions") or ()):
        for rank, rule in enumerate(condition.get("rules") or ()):
            yield PlacedRule(number, stage.get("name", ""), gate, f"stages[{number}].{gate}.conditions[{place}]."
                             f"rules[{rank}]", rule.get("name", ""), rule, condition.get("result", ""))
