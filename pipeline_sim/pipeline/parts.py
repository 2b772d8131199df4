"""What a new stage or action begins as, and what stays of an action whose provider changes: pure, like `edit`.

A new part is as right as can be known beforehand: a name of its own, inputs that an earlier action makes. What only its
author knows (a project, an application) stays empty, and `check` says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .catalogue import ActionInfo, action_type
from .check.members import plain
from .model import ActionType

Structure = Mapping[str, Any]
Part = dict[str, Any]

SOURCE = ActionType("Source", "AWS", "CodeCommit")
BUILD = ActionType("Build", "AWS", "CodeBuild")
APPROVAL = ActionType("Approval", "AWS", "Manual")


def free_name(parts: Sequence[Structure], stem: str) -> str:
    """`Deploy`, or `Deploy2` where there is one already, and so on."""
    taken = [part.get("name") for part in parts]
    names = [stem, *(f"{stem}{number}" for number in range(2, len(taken) + 2))]
    return next(name for name in names if name not in taken)


def fresh_stage(structure: Structure, number: int) -> Part:
    """A stage that may stand at this number, with one action: what it does is then chosen."""
    stages = structure["stages"]
    action = _fresh(structure, number, [], SOURCE if number == 0 and not stages else APPROVAL)
    return {"name": free_name(stages, "Stage"), "actions": [action]}


def fresh_action(structure: Structure, number: int, like: int | None = None) -> Part:
    """An action for a stage: of the type of one in it (`like`), else a source in the first stage and a build elsewhere."""
    actions = structure["stages"][number]["actions"]
    if like is None:
        return _fresh(structure, number, actions, BUILD if number else SOURCE)
    model = actions[like]
    made = _fresh(structure, number, actions, type_of(model))
    return {**made, "inputArtifacts": plain(model.get("inputArtifacts") or [])}


def _fresh(structure: Structure, number: int, beside: Sequence[Structure], kind: ActionType) -> Part:
    stem = {"Manual": "Approve"}.get(kind.provider, kind.category)
    bare = {"name": free_name(beside, stem), "runOrder": 1, "configuration": {}, "inputArtifacts": [], "outputArtifacts": []}
    return with_type(structure, number, {**bare, "actionTypeId": {}}, kind)


def with_type(structure: Structure, number: int, action: Structure, kind: ActionType) -> Part:
    """The action of stage `number` with another type: the keys that it shares stay, and as many artifacts as it takes
    and gives; what it must have of these is added."""
    info = action_type(kind)
    new: Part = {**plain(action), "actionTypeId": {
        "category": kind.category, "owner": kind.owner, "provider": kind.provider, "version": kind.version}}
    if info is None:
        return new
    given = new.get("configuration") or {}
    new["configuration"] = {key: value for key, value in given.items() if info.open_keys or key in info.key_names}
    new["inputArtifacts"] = _inputs(structure, number, new, info)
    new["outputArtifacts"] = _outputs(structure, new, info)
    if not info.timeout_settable:
        new.pop("timeoutInMinutes", None)
    return new


def _inputs(structure: Structure, number: int, action: Structure, info: ActionInfo) -> list[Part]:
    kept = list(action.get("inputArtifacts") or ())[:info.inputs[1]]
    made = artifacts_before(structure, number)
    return kept or [{"name": name} for name in made[-1:] if info.inputs[0]]


def _outputs(structure: Structure, action: Structure, info: ActionInfo) -> list[Part]:
    kept = list(action.get("outputArtifacts") or ())[:info.outputs[1]]
    if kept or not info.outputs[0]:
        return kept
    taken = [{"name": name} for name in artifacts_before(structure, len(structure["stages"]))]
    return [{"name": free_name(taken, f"{action.get('name', '')}Output")}]


def artifacts_before(structure: Structure, number: int) -> list[str]:
    """The artifacts that the stages in front of one make, in the order of their making."""
    return [one["name"] for stage in structure["stages"][:number] for action in stage["actions"]
            for one in action.get("outputArtifacts") or () if one.get("name")]


def type_of(action: Structure) -> ActionType:
    kind = action.get("actionTypeId") or {}
    return ActionType(kind.get("category", ""), kind.get("owner", ""), kind.get("provider", ""), kind.get("version", "1"))

