"""How a structure is edited: each function takes one and gives a new one, in the terms of the console's editor.

A place is a stage (`Prod`) or an action (`Prod/Deploy`), or the same by numbers, `(2,)` or `(2, 1)`, for in a draft names
may be missing or given twice. Whether the result is right is for `check` to say: taking an action out may leave a reader
of its artifact behind. Raises ValueError for a place that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .check.members import plain
from .fault import near

Structure = Mapping[str, Any]
Part = dict[str, Any]
Place = str | tuple[int, ...]
EARLIER, LATER = ("left", "up"), ("right", "down")


# ---------------------------------------------------------------------------------------------- finding places


def _found(parts: list[Part], name: str | int, what: str) -> Part:
    if isinstance(name, int):
        if not 0 <= name < len(parts):
            raise ValueError(f"There is no {what} number {name + 1}.")
        return parts[name]
    known = {part.get("name", ""): part for part in parts}
    if name not in known:
        hint = near(name, known) or f"There are {', '.join(known)}."
        raise ValueError(f"There is no {what} '{name}'. {hint}")
    return known[name]


def _stage(structure: Structure, place: Place | int) -> Part:
    return _found(structure["stages"], place[0] if isinstance(place, tuple) else place, "stage")


def _place(structure: Structure, place: Place) -> tuple[Part, Part]:
    """The stage and the action of `Stage/Action`."""
    stage_name, slash, name = place.partition("/") if isinstance(place, str) else (place[0], len(place) > 1, place[-1])
    stage = _stage(structure, stage_name)
    if not slash:
        raise ValueError(f"'{place}' is a stage; an action is written {place}/{stage['actions'][0]['name']}.")
    return stage, _found(stage["actions"], name, f"action in {stage.get('name', '')}")


def _is_stage(place: Place) -> bool:
    return "/" not in place if isinstance(place, str) else len(place) == 1


def _order(action: Structure) -> int:
    order: int = action.get("runOrder", 1)
    return order


def _new_name(parts: Iterable[Structure], name: str, what: str) -> str:
    if name in [part.get("name") for part in parts]:
        raise ValueError(f"There is {what} '{name}' already: choose another name.")
    return name


def _spot(parts: list[Part], before: str | int | None, after: str | int | None, what: str) -> int:
    """Where a part goes in a list: before or after another, or at the end."""
    if before is not None and after is not None:
        raise ValueError("Say before or after, not both.")
    if before is None and after is None:
        return len(parts)
    wanted = _found(parts, after if before is None else before, what)  # type: ignore[arg-type]  # one of them is given
    return _index(parts, wanted) + (after is not None)


def _index(parts: list[Part], wanted: Part) -> int:
    """Where this very part is: two of a draft may say the same."""
    return next(number for number, part in enumerate(parts) if part is wanted)


# ---------------------------------------------------------------------------------------------- stages


def add_stage(
    structure: Structure, stage: Structure, *, before: str | int | None = None, after: str | int | None = None
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


def rename(structure: Structure, place: Place, name: str) -> Part:
    """With another name for a stage or an action; a trigger follows its source action."""
    new = _copy(structure)
    if _is_stage(place):
        stage = _stage(new, place)
        stage["name"] = _new_name(new["stages"], name, "a stage")
        return new
    stage, action = _place(new, place)
    _new_name(stage["actions"], name, f"an action in {stage.get('name', '')}")
    for trigger in new.get("triggers") or ():
        git = trigger.get("gitConfiguration") or {}
        if action["actionTypeId"].get("category") == "Source" and git.get("sourceActionName") == action.get("name", ""):
            git["sourceActionName"] = name
    action["name"] = name
    return new


def without(structure: Structure, place: Place) -> Part:
    """Without a stage, or without an action; a stage that has lost its last action goes too."""
    new = _copy(structure)
    if _is_stage(place):
        _take_out(new["stages"], _stage(new, place))
        return new
    stage, action = _place(new, place)
    _leave(new, stage, action)
    return new


def _take_out(parts: list[Part], part: Part) -> None:
    del parts[_index(parts, part)]


def _leave(structure: Part, stage: Part, action: Part) -> None:
    """An action leaves its stage; one that has lost its last action goes too."""
    _take_out(stage["actions"], action)
    if not stage["actions"]:
        _take_out(structure["stages"], stage)


# ---------------------------------------------------------------------------------------------- actions


def add_action(
    structure: Structure, stage: str | int, action: Structure, *, beside: str | int | None = None,
    below: str | int | None = None,
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
    _take_out(home["actions"], action)
    _put(target, action, beside, below)
    if not home["actions"]:
        _take_out(new["stages"], home)
    return new


def _put(stage: Part, action: Part, beside: str | int | None, below: str | int | None) -> None:
    """Into a group or a new one. A new group in between pushes the later ones down where there is no number free."""
    if beside is not None and below is not None:
        raise ValueError("Say beside or below, not both.")
    actions = stage["actions"]
    home = stage.get("name", "")
    _new_name(actions, action["name"], f"an action in {home}")
    if beside is not None:
        action["runOrder"] = _order(_found(actions, beside, f"action in {home}"))
    elif below is not None:
        action["runOrder"] = _order(_found(actions, below, f"action in {home}")) + 1
        _make_room(actions, action["runOrder"])
    else:
        action["runOrder"] = max(map(_order, actions), default=0) + 1
    actions.append(action)


def _make_room(actions: list[Part], order: int) -> None:
    if any(_order(one) == order for one in actions):
        for one in actions:
            one["runOrder"] = _order(one) + (_order(one) >= order)


def edit_action(structure: Structure, place: Place, **members: Any) -> Part:
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


def put_action(structure: Structure, place: Place, action: Structure) -> Part:
    """With another action in the place of one."""
    new = _copy(structure)
    stage, old = _place(new, place)
    stage["actions"][_index(stage["actions"], old)] = plain(action)
    return new


def edit_stage(structure: Structure, place: Place, **members: Any) -> Part:
    """With other members of a stage (`onFailure={"result": "ROLLBACK"}`); None takes one out."""
    new = _copy(structure)
    _set(_stage(new, place), members)
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
    _take_out(stage["actions"], other)
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


# ---------------------------------------------------------------------------------------------- step by step


def moved(structure: Structure, place: Place, way: str) -> tuple[Part, tuple[int, ...]]:
    """With a stage or an action one step to the `left`, `right`, `up` or `down`, and its new place in numbers.

    A stage changes places with its neighbour. An action goes left and right among those that run at the same time, and
    from the end of its group on into the neighbouring stage; up and down into a group of its own, and from there into
    the next one.
    """
    if way not in EARLIER + LATER:
        raise ValueError(f"There is no way '{way}': left, right, up or down.")
    new = _copy(structure)
    step = -1 if way in EARLIER else 1
    if _is_stage(place):
        part = _stage(new, place)
        _swap(new["stages"], part, _next(new["stages"], part, step, "stage"))
        return new, (_index(new["stages"], part),)
    stage, part = _place(new, place)
    if way in ("up", "down"):
        _climb(stage, part, step)
    else:
        stage = _sidle(new, stage, part, step)
    return new, (_index(new["stages"], stage), _index(stage["actions"], part))


def _next(parts: list[Part], part: Part, step: int, what: str) -> Part:
    number = _index(parts, part) + step
    if not 0 <= number < len(parts):
        raise ValueError(f"It is the {'first' if step < 0 else 'last'} {what} already.")
    return parts[number]


def _swap(parts: list[Part], one: Part, other: Part) -> None:
    here, there = _index(parts, one), _index(parts, other)
    parts[here], parts[there] = other, one


def _climb(stage: Part, part: Part, step: int) -> None:
    """Out of a group into one of its own; alone already, into the next group."""
    actions, order = stage["actions"], _order(part)
    if any(_order(one) == order for one in actions if one is not part):
        for one in actions:
            if one is not part:
                one["runOrder"] = _order(one) + (_order(one) > order or (step < 0 and _order(one) == order))
        part["runOrder"] = order + (step > 0)
        return
    orders = [_order(one) for one in actions if (_order(one) - order) * step > 0]
    if not orders:
        raise ValueError(f"It is the {'first' if step < 0 else 'last'} of its stage already.")
    part["runOrder"] = min(orders) if step > 0 else max(orders)


def _sidle(structure: Part, stage: Part, part: Part, step: int) -> Part:
    """Among its group; from its end into the neighbouring stage, beside the first group there or the last."""
    group = [one for one in stage["actions"] if _order(one) == _order(part)]
    if 0 <= _index(group, part) + step < len(group):
        _swap(stage["actions"], part, _next(group, part, step, "action"))
        return stage
    target = _next(structure["stages"], stage, step, "stage")
    _new_name(target["actions"], part["name"], f"an action in {target.get('name', '')}")
    orders = [_order(one) for one in target["actions"]] or [1]
    part["runOrder"] = min(orders) if step > 0 else max(orders)
    target["actions"].insert(0 if step > 0 else len(target["actions"]), part)
    _leave(structure, stage, part)
    return target


# ---------------------------------------------------------------------------------------------- the pipeline


def set_mode(structure: Structure, mode: str) -> Part:
    """In another execution mode. QUEUED and PARALLEL make it a pipeline of type V2, which has them (1.2)."""
    new = _copy(structure)
    new["executionMode"] = mode
    if mode in ("QUEUED", "PARALLEL"):
        new["pipelineType"] = "V2"
    return new


def edit_pipeline(structure: Structure, **members: Any) -> Part:
    """With other members of the pipeline itself; None takes one out."""
    new = _copy(structure)
    _set(new, members)
    return new


def _set(part: Part, members: Mapping[str, Any]) -> None:
    for member, value in members.items():
        if value is None:
            part.pop(member, None)
        else:
            part[member] = plain(value)


def _copy(structure: Structure) -> Part:
    copy: Part = plain(structure)
    return copy
