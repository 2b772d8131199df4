"""What a draft looks like: drawn whatever its faults, with the places of the + buttons and of every fault."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ...pipeline.build import from_structure, with_defaults
from ...pipeline.check.members import usable
from ...pipeline.fault import Fault
from ...pipeline.model import Pipeline
from ...views.graph import Scene, scene, words
from ...views.graph.drawing import draw
from ...views.graph.shapes import Box
from ...views.graph.text import escape

NARROW = 560  # pixels; below, stages follow each other downwards
_STAGE = re.compile(r"stages\[(\d+)\](?:\.actions\[(\d+)\])?")
_IDS = re.compile(r'<g id="[a-z0-9-]+"')  # several editors stand in one page
_TYPE = {"category": "Build", "owner": "AWS", "provider": "?", "version": "1"}


class Spot(NamedTuple):
    """A button that lies on the picture: its middle (of a +) or its box, its name, and what is sent when it is pressed."""

    box: Box
    label: str
    message: Mapping[str, Any]
    thing: str = ""


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
    members: dict[str, Any] = {key: copy[key] for key in ("name", "executionMode", "pipelineType") if key in copy}
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


def picture(pipeline: Pipeline, width: int, faults: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """The drawing for a width, with a layer of buttons on it: cards to choose, + to add, marks where there are faults."""
    laid = scene(pipeline, "TB" if width < NARROW else "LR", width, marked=False)
    drawn = _IDS.sub("<g", draw(pipeline, laid, None, "live", whole=True)).replace('role="img"', 'role="group"', 1)
    layer = "".join([*(_button(spot, faults) for spot in things(pipeline, laid)), *map(_plus, pluses(laid))])
    return {"svg": drawn.replace("</svg>", f"{layer}</svg>"), "wide": laid.width}


def things(pipeline: Pipeline, laid: Scene) -> Iterator[Spot]:
    """What can be chosen: the heads of stages, the cards of actions."""
    for of, stage in zip(pipeline.stages, laid.stages, strict=True):
        yield Spot(stage.head, words.stage_title(of, None), {"do": "select", "place": stage.id}, stage.id)
        for action in (action for group in stage.groups for action in group.actions):
            told = words.action_title(of, of.actions[place_of(action.id)[1]], None)
            yield Spot(action.box, told, {"do": "select", "place": action.id}, action.id)


def pluses(laid: Scene) -> Iterator[Spot]:
    """A + in front of every stage and one after the last, at the right of every action, below every group."""
    for number, stage in enumerate(laid.stages):
        middle = laid.transitions[number].switch.middle
        yield Spot(Box(*middle, 0, 0), f"Add a stage before {stage.name}", {"do": "add_stage", "number": number})
        for group in stage.groups:
            for action in group.actions:
                yield _adding(action.box.right + 6, action.box.middle.y, f"beside {action.name}", action.id, True)
            last = group.actions[-1]
            under = any(chip.box.y > group.box.y for chip in stage.chips) and group is stage.groups[-1]
            yield _adding(group.box.middle.x, group.box.bottom + (5 if under else 10), f"group below {last.name}", last.id)
        if not stage.groups:
            yield _adding(stage.box.middle.x, stage.box.bottom, f"to {stage.name}", stage.id)
    yield Spot(_end(laid), "Add a stage at the end", {"do": "add_stage", "number": len(laid.stages)})


def _adding(x: int, y: int, where: str, place: str, beside: bool = False) -> Spot:
    return Spot(Box(x, y, 0, 0), f"Add an action {where}", {"do": "add_action", "place": place, "beside": beside})


def _end(laid: Scene) -> Box:
    if not laid.stages:
        return Box(40, 10, 0, 0)
    box = laid.stages[-1].box
    return Box(box.middle.x, box.bottom + 12, 0, 0) if laid.direction == "TB" else Box(box.right + 8, box.y + 18, 0, 0)


def _opened(kind: str, spot: Spot, label: str) -> str:
    message = escape(json.dumps(spot.message))
    return (f'<g class="{kind}" role="button" tabindex="-1" aria-label="{escape(label)}" data-message="{message}" '
            f'data-thing="{spot.thing}"><title>{escape(label)}</title>')


def _plus(spot: Spot) -> str:
    x, y, _, _ = spot.box
    return (f'{_opened("plus", spot, spot.label)}<circle class="hit" cx="{x}" cy="{y}" r="12"/>'
            f'<circle cx="{x}" cy="{y}" r="8"/><path d="M{x - 4} {y}h8M{x} {y - 4}v8"/></g>')


def _button(spot: Spot, faults: Sequence[Mapping[str, Any]]) -> str:
    own = [row for row in faults if row["thing"] == spot.thing]
    kind = " mild" if all(row["warning"] for row in own) else ""
    x, y, wide, high = spot.box
    mark = (f'<g class="mark{kind}"><circle cx="{x + 4}" cy="{y + 2}" r="9"/>'
            f'<text x="{x + 4}" y="{y + 6}">{len(own)}</text></g>' if own else "")
    label = ". ".join([spot.label, *(str(row["message"]) for row in own)])
    return (f'{_opened("thing" + (" faulty" if own and not kind else ""), spot, label)}'
            f'<rect x="{x}" y="{y}" width="{wide}" height="{high}" rx="8"/>{mark}</g>')


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
