"""How artifacts flow: from the action that makes one to each that takes it, on ways of their own between the cards.

A way leaves its maker below, runs in the space under that row, then in a track beside the stages, and enters its taker
from above. Cards never lie on a way. Artifacts whose tracks would overlap get different ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from ...pipeline.model import Action, Pipeline
from .layout import MARGIN, SMALL, groups
from .shapes import ActionBox, Box, FlowBox, LabelBox, Path, Point, Scene, StageBox
from .text import fit, width

TRACK = 9
FIRST = 16  # from a stage's edge to the first track
MOST = 12
LABEL = 16


class Place(NamedTuple):
    """Where an action stands in the order of things: its stage, its group there, its position in the stage."""

    stage: int
    group: int
    position: int

    @property
    def id(self) -> str:
        return f"action-{self.stage}-{self.position}"


class Flow(NamedTuple):
    """One artifact: who makes it, as which of its outputs; who takes it, as which input; its track."""

    name: str
    maker: Place
    output: int
    takers: tuple[tuple[Place, int], ...]
    track: int


def flows(pipeline: Pipeline) -> tuple[Flow, ...]:
    """Every artifact that an action makes and a later one takes. A name made twice flows from its last maker before."""
    makers: dict[str, tuple[Place, int]] = {}
    takers: dict[tuple[str, Place, int], list[tuple[Place, int]]] = {}
    for group in _groups(pipeline):
        for place, action in group:
            for index, name in enumerate(action.inputs):
                if name in makers:
                    takers.setdefault((name, *makers[name]), []).append((place, index))
        for place, action in group:
            makers.update({name: (place, index) for index, name in enumerate(action.outputs)})
    tracks = _tracks([(maker, max(place for place, _ in found)) for (_, maker, _), found in takers.items()])
    return tuple(Flow(name, maker, output, tuple(found), track)
                 for ((name, maker, output), found), track in zip(takers.items(), tracks, strict=True))


def _groups(pipeline: Pipeline) -> Iterator[list[tuple[Place, Action]]]:
    for number, stage in enumerate(pipeline.stages):
        for order, group in enumerate(groups(stage)):
            yield [(Place(number, order, index), action) for index, action in group]


def _tracks(spans: list[tuple[Place, Place]]) -> list[int]:
    """For each span from a maker to its last taker the first track that is free all along."""
    busy: list[Place] = []
    found = []
    for start, end in spans:
        free = next((track for track, until in enumerate(busy) if until[:2] < start[:2]), len(busy))
        busy[free:free + 1] = [end]
        found.append(free)
    return found


def gutter(pipeline: Pipeline) -> int:
    """How wide the tracks are together, the space before them included; more than zero."""
    highest = max((flow.track for flow in flows(pipeline)), default=-1)
    return FIRST + TRACK * min(highest + 1, MOST) + 8


# ---------------------------------------------------------------------------------------------- on a scene


def with_flows(pipeline: Pipeline, scene: Scene, aside: int) -> Scene:
    """The scene with the artifacts' ways, and their names at both ends."""
    boxes = {action.id: (stage, action) for stage in scene.stages for group in stage.groups for action in group.actions}
    found = flows(pipeline)
    ways = []
    for number, flow in enumerate(found):
        for place, taking in flow.takers:
            path = _way(scene, boxes[flow.maker.id], boxes[place.id], flow, taking, number)
            ways.append(FlowBox(f"artifact-{number}", flow.name, flow.maker.id, place.id, path))
    points = [point for way in ways for point in way.path]
    wide = max([scene.width, *(point.x + MARGIN for point in points)])
    high = max([scene.height, *(point.y + MARGIN for point in points)])
    labels = tuple(_labels(pipeline, {name: action for name, (_, action) in boxes.items()}))
    return replace(scene, width=wide, height=high, flows=tuple(ways), labels=labels)


Boxes = tuple[StageBox, ActionBox]


def _way(scene: Scene, maker: Boxes, taker: Boxes, flow: Flow, taking: int, number: int) -> Path:
    """Down out of the maker, along, down into the taker; every third artifact shares a height."""
    shift = 3 * (number % 3)
    out = Point(_port(maker[1].box, flow.output), maker[1].box.bottom + LABEL // 2)
    into = Point(_port(taker[1].box, taking), taker[1].box.y - LABEL // 2)
    leave, arrive = out.y + 4 + shift, into.y - 4 - shift
    if _adjoin(maker, taker):
        middle: tuple[Point, ...] = (Point(out.x, leave), Point(into.x, leave))
    else:
        tracks = _across if scene.direction == "LR" else _beside
        middle = tracks(scene, maker[0], taker[0], flow.track % MOST, Point(out.x, leave), Point(into.x, arrive))
    return (out, *middle, into)


def _adjoin(maker: Boxes, taker: Boxes) -> bool:
    """In one stage, and no row of cards lies between the two: the way needs no track."""
    if maker[0] is not taker[0]:
        return False
    rows = [row for group in maker[0].groups for row in group.rows]
    heights = [row[0].box.y for row in rows]
    return heights.index(taker[1].box.y) == heights.index(maker[1].box.y) + 1


def _beside(scene: Scene, maker: StageBox, _: StageBox, track: int, leave: Point, arrive: Point) -> Path:
    x = maker.box.right + FIRST + TRACK * track
    return (leave, Point(x, leave.y), Point(x, arrive.y), arrive)


def _across(scene: Scene, maker: StageBox, taker: StageBox, track: int, leave: Point, arrive: Point) -> Path:
    """In the space right of the maker's stage; below all stages, where others lie between."""
    x = maker.box.right + FIRST + TRACK * (track % 8)
    first = (leave, Point(x, leave.y))
    places = [stage.id for stage in scene.stages]
    if places.index(taker.id) - places.index(maker.id) <= 1:
        return (*first, Point(x, arrive.y), arrive)
    low = scene.height - MARGIN + 12 + TRACK * track
    back = taker.box.x - 8 - 5 * (track % 6)
    return (*first, Point(x, low), Point(back, low), Point(back, arrive.y), arrive)


def _port(box: Box, number: int) -> int:
    """Ways enter and leave right of the middle: the arrow between groups runs there."""
    return box.right - 24 - 14 * (number % max(1, (box.w - 40) // 14))


def _labels(pipeline: Pipeline, boxes: dict[str, ActionBox]) -> Iterator[LabelBox]:
    for number, stage in enumerate(pipeline.stages):
        for index, action in enumerate(stage.actions):
            box = boxes[f"action-{number}-{index}"].box
            if action.inputs:
                yield _label(f"inputs-{number}-{index}", "takes", action.inputs, box, box.y)
            if action.outputs:
                yield _label(f"outputs-{number}-{index}", "makes", action.outputs, box, box.bottom)


def _label(name: str, verb: str, artifacts: tuple[str, ...], box: Box, y: int) -> LabelBox:
    """On the card's edge, as wide as its ports need."""
    names = ", ".join(artifacts)
    (text,) = fit(names, box.w - 32, SMALL - 1)
    wide = max(int(width(text, SMALL - 1)) + 16, 24 + 14 * min(len(artifacts), 6))
    return LabelBox(name, Box(box.right - 8 - wide, y - LABEL // 2, wide, LABEL), text, f"{verb} {names}")
