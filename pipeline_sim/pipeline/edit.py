"""How a structure is edited: each function takes one and gives a new one, in the terms of the console's editor.

A place is a stage (`Prod`) or an action (`Prod/Deploy`). Whether the result is right is for `check` to say: taking an
action out may leave a reader of its artifact behind. Raises ValueError for a place that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .check.members import plain
from .fault import near

Structure = Mapping[str, Any]
Part = dict[str, Any]


# ---------------------------------------------------------------------------------------------- finding places


def _found(parts: Iterable[Part], name: str, what: str) -> Part:
    known = {part["name"]: part for part in parts}
    if name not in known:
        hint = near(name, known) or f"There are {', '.join(known)}."
        raise ValueError(f"There is no {what} '{name}'. {hint}")
    return known[name]


def _stage(structure: Structure, name: str) -> Part:
    return _found(structure["stages"], name, "stage")


def _place(structure: Structure, place: str) -> tuple[Part, Part]:
    """The stage and the action of `Stage/Action`."""
    stage_name, slash, name = place.partition("/")
    stage = _stage(structure, stage_name)
    if not slash:
        raise ValueError(f"'{place}' is a stage; an action is written {place}/{stage['actions'][0]['name']}.")
    return stage, _found(stage["actions"], name, f"action in {stage_name}")


def _order(action: Structure) -> int:
    order: int = action.get("runOrder", 1)
    return order


def _new_name(parts: Iterable[Structure], name: str, what: str) -> str:
    if name in [part["name"] for part in parts]:
        raise ValueError(f"There is {what} '{name}' already: choose another name.")
    return name


def _spot(parts: list[Part], before: str | None, after: str | None, what: str) -> int:
    """Where a part goes in a list: before or after another, or at the end."""
    if before is not None and after is not None:
        raise ValueError("Say before or after, not both.")
    if before is None and after is None:
        return len(parts)
    return parts.index(_found(parts, str(before or after), what)) + (after is not None)


# ---------------------------------------------------------------------------------------------- stages


def add_stage(
    structure: Structure, stage: Structure, *, before: str | None = None, after: str | None = None
) -> Part:
    """With a stage (a name and at least one action) more: at the end, or before or after another."""
    new = _copy(structure)
    _new_name(new["stages"], stage["name"], "a stage")
    new["stages"].insert(_spot(new["stages"], before, after, "stage"), plain(stage))
    return new


def move_stage(structure: Structure, name: str, *, before: str | None = None, after: str | None = None) -> Part:
    """With a stage elsewhere: before or after another, or at the end."""
    new = _copy(structure)
    moved = _stage(new, name)
    new["stages"].remove(moved)
    new["stages"].insert(_spot(new["stages"], before, after, "stage"), moved)
    return new


def rename(structure: Structure, place: str, name: str) -> Part:
    """With another name for a stage or an action; a trigger follows its source action."""
    new = _copy(structure)
    if "/" not in place:
        stage = _stage(new, place)
        stage["name"] = _new_name(new["stages"], name, "a stage")
        return new
    stage, action = _place(new, place)
    _new_name(stage["actions"], name, f"an action in {stage['name']}")
    for trigger in new.get("triggers") or ():
        git = trigger.get("gitConfiguration") or {}
        if action["actionTypeId"]["category"] == "Source" and git.get("sourceActionName") == action["name"]:
            git["sourceActionName"] = name
    action["name"] = name
    return new


def without(structure: Structure, place: str) -> Part:
    """Without a stage, or without an action; a stage that has lost its last action goes too."""
    new = _copy(structure)
    if "/" not in place:
        new["stages"].remove(_stage(new, place))
        return new
    stage, action = _place(new, place)
    stage["actions"].remove(action)
    if not stage["actions"]:
        new["stages"].remove(stage)
    return new


# ---------------------------------------------------------------------------------------------- actions


def add_action(
    structure: Structure, stage: str, action: Structure, *, beside: str | None = None, below: str | None = None
) -> Part:
    """With an action more: `beside` another (the same run order: they run at once), in a new group `below` another, or
    in a new group at the end of the stage."""
    new = _copy(structure)
    _put(_stage(new, stage), plain(action), beside, below)
    return new


def move_action(
    structure: Structure, place: str, stage: str, *, beside: str | None = None, below: str | None = None
) -> Part:
    """With an action in another stage, or elsewhere in its own."""
    new = _copy(structure)
    home, action = _place(new, place)
    target = _stage(new, stage)
    home["actions"].remove(action)
    _put(target, action, beside, below)
    if not home["actions"]:
        new["stages"].remove(home)
    return new


def _put(stage: Part, action: Part, beside: str | None, below: str | None) -> None:
    """Into a group or a new one. A new group in between pushes the later ones down where there is no number free."""
    if beside is not None and below is not None:
        raise ValueError("Say beside or below, not both.")
    actions = stage["actions"]
    _new_name(actions, action["name"], f"an action in {stage['name']}")
    if beside is not None:
        action["runOrder"] = _order(_found(actions, beside, f"action in {stage['name']}"))
    elif below is not None:
        action["runOrder"] = _order(_found(actions, below, f"action in {stage['name']}")) + 1
        _make_room(actions, action["runOrder"])
    else:
        action["runOrder"] = max(map(_order, actions), default=0) + 1
    actions.append(action)


def _make_room(actions: list[Part], order: int) -> None:
    if any(_order(one) == order for one in actions):
        for one in actions:
            one["runOrder"] = _order(one) + (_order(one) >= order)


def edit_action(structure: Structure, place: str, **members: Any) -> Part:
    """With other members: `configuration={"ProjectName": "b", "PrimarySource": None}` changes these keys and leaves the
    others. None takes a member or a key out."""
    new = _copy(structure)
    _, action = _place(new, place)
    for member, value in members.items():
        if isinstance(value, Mapping) and isinstance(action.get(member), dict):
            value = {**action[member], **value}
            value = {key: part for key, part in value.items() if part is not None}
        action[member] = plain(value)
        if value is None:
            del action[member]
    return new


def parallel(structure: Structure, first: str, second: str) -> Part:
    """With two actions of a stage in one group, at the earlier one's run order: they run at once."""
    new = _copy(structure)
    one, other = _pair(new, first, second)
    one["runOrder"] = other["runOrder"] = min(_order(one), _order(other))
    return new


def in_sequence(structure: Structure, first: str, second: str) -> Part:
    """With the second action in a group of its own right after the first."""
    new = _copy(structure)
    stage, one = _place(new, first)
    _, other = _pair(new, first, second)
    stage["actions"].remove(other)
    _put(stage, other, None, one["name"])
    return new


def _pair(structure: Structure, first: str, second: str) -> tuple[Part, Part]:
    stage, one = _place(structure, first)
    home, other = _place(structure, second)
    if stage is not home:
        raise ValueError(f"{first} and {second} are in different stages: move one of them with move_action first.")
    if one is other:
        raise ValueError(f"{first} is one action; name two.")
    return one, other


# ---------------------------------------------------------------------------------------------- the pipeline


def set_mode(structure: Structure, mode: str) -> Part:
    """In another execution mode. QUEUED and PARALLEL make it a pipeline of type V2, which has them (1.2)."""
    new = _copy(structure)
    new["executionMode"] = mode
    if mode in ("QUEUED", "PARALLEL"):
        new["pipelineType"] = "V2"
    return new


def _copy(structure: Structure) -> Part:
    copy: Part = plain(structure)
    return copy
