"""What a draft looks like: drawn whatever its faults, with the places of the + buttons and of every fault."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ...pipeline.build import from_structure, with_defaults
from ...pipeline.check.members import usable
from ...pipeline.fault import Fault
from ...pipeline.model import Pipeline
from ...views.graph import Scene, scene
from ...views.graph.drawing import draw

NARROW = 560  # pixels; below, stages follow each other downwards
_STAGE = re.compile(r"stages\[(\d+)\](?:\.actions\[(\d+)\])?")
_TYPE = {"category": "Build", "owner": "AWS", "provider": "?", "version": "1"}


class Plus(NamedTuple):
    """A button with a +: its middle, its name, and what is sent when it is pressed."""

    x: int
    y: int
    label: str
    message: Mapping[str, Any]


def drawable(structure: Any) -> Pipeline:
    """Values to draw, of any structure at all: what is missing is empty, what is of a wrong type is left out."""
    copy = usable(structure, enums=True)
    stages = [stage for stage in copy.get("stages") or () if isinstance(stage, dict)]
    for stage in stages:
        stage["name"] = str(stage.get("name", ""))
        stage["actions"] = [_action(action) for action in stage.get("actions") or ()]
        for gate in ("beforeEntry", "onSuccess", "onFailure"):
            if not _complete(stage.get(gate)):
                stage.pop(gate, None)
    members = {key: copy[key] for key in ("name", "executionMode", "pipelineType") if key in copy}
    return from_structure(with_defaults({"name": "", **members, "stages": stages}))


def _action(action: Any) -> dict[str, Any]:
    given = action if isinstance(action, dict) else {}
    kept = {key: given[key] for key in ("runOrder", "inputArtifacts", "outputArtifacts", "configuration") if key in given}
    return {**kept, "name": str(given.get("name", "")), "actionTypeId": {**_TYPE, **(given.get("actionTypeId") or {})}}


def _complete(gate: Any) -> bool:
    """Whether a stage's condition has all that its picture tells of it."""
    if not isinstance(gate, dict):
        return False
    rules = [rule for condition in gate.get("conditions") or () for rule in (condition or {}).get("rules") or ()]
    conditions = gate.get("conditions") or ()
    return all("result" in (one or {}) for one in conditions) and all(
        rule.get("name") and (rule.get("ruleTypeId") or {}).get("provider") for rule in rules)


def picture(pipeline: Pipeline, width: int) -> dict[str, Any]:
    """The drawing for a width, and the + buttons on it."""
    laid = scene(pipeline, "TB" if width < NARROW else "LR", width, marked=False)
    return {"svg": draw(pipeline, laid, None, "live", whole=True), "width": laid.width,
            "plus": [plus._asdict() for plus in pluses(pipeline, laid)]}


def pluses(pipeline: Pipeline, laid: Scene) -> Iterator[Plus]:
    """One at the right of every action, one below every group, one in front of every stage and one after the last."""
    down = laid.direction == "TB"
    for number, stage in enumerate(laid.stages):
        middle = laid.transitions[number].switch.middle
        yield Plus(*middle, f"Add a stage before {stage.name}", {"do": "add_stage", "number": number})
        for group in stage.groups:
            for action in group.actions:
                yield Plus(action.box.right + 6, action.box.middle.y, f"Add an action beside {action.name}",
                           {"do": "add_action", "place": action.id, "beside": True})
            last = group.actions[-1]
            yield Plus(group.box.middle.x, group.box.bottom + 10, f"Add an action group below {last.name}",
                       {"do": "add_action", "place": last.id, "beside": False})
        if not stage.groups:
            yield Plus(stage.box.middle.x, stage.box.bottom, f"Add an action to {stage.name}",
                       {"do": "add_action", "place": stage.id, "beside": False})
    box = laid.stages[-1].box if laid.stages else None
    at = (40, 40) if box is None else (box.middle.x, box.bottom + 12) if down else (box.right + 10, box.y + 22)
    yield Plus(*at, "Add a stage at the end", {"do": "add_stage", "number": len(laid.stages)})


# ---------------------------------------------------------------------------------------------- faults


def element_of(path: str) -> str:
    """The element of the picture that a fault's path leads to: `stages[2].actions[1].name` → `action-2-1`."""
    found = _STAGE.match(path)
    if found is None:
        return "pipeline"
    stage, action = found.groups()
    return f"stage-{stage}" if action is None else f"action-{stage}-{action}"


def place_of(element: str) -> tuple[int, ...]:
    """`action-2-1` → (2, 1), `stage-2` → (2,), anything else → ()."""
    found = re.fullmatch(r"(?:stage-(\d+)|action-(\d+)-(\d+))", element)
    return tuple(int(part) for part in found.groups() if part is not None) if found else ()


def id_of(place: tuple[int, ...]) -> str:
    return "-".join(["action" if len(place) == 2 else "stage", *map(str, place)]) if place else ""


def rows(faults: Iterable[Fault]) -> list[dict[str, Any]]:
    """The faults as the list shows them, the ones that AWS refuses first."""
    found = [{"thing": element_of(fault.path), "path": fault.path, "where": fault.where, "message": fault.message,
              "fix": fault.fix, "warning": fault.warning} for fault in faults]
    return sorted(found, key=lambda row: bool(row["warning"]))
