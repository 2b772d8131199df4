"""What a console draws on: the pipeline's picture for several widths, with the places where a run is to be shown.

The console always shows the exact layout (`views.graph.layout`). graphviz's `dot` writes words, signs and tokens into its
drawing, makes room by them, and knows no width: a picture that lives would have to be drawn again at every step, and
once more for every window. Ids, classes and titles are the same as in dot's drawing, and `Console.svg` and
`Console.png` give any moment as dot draws it. All widths are laid out beforehand, so that a saved page, too, fits any
window.
"""

from __future__ import annotations

from typing import Any

from ..pipeline.model import Pipeline
from ..views.graph import Scene, scene
from ..views.graph.drawing import draw
from ..views.graph.marks import NO_MARKS

NARROW = 328
WIDTHS = (620, 900, 1180, 1640)
MANY_WIDTHS = (1180,)
MANY = 60  # actions; of a pipeline with more, two widths are enough


def picture(pipeline: Pipeline, before: bool) -> dict[str, Any]:
    """Layouts by rising width, without and with artifacts. `before` leaves room in front of the first stage."""
    many = sum(len(stage.actions) for stage in pipeline.stages) > MANY
    widths = MANY_WIDTHS if many else WIDTHS
    flows = any(action.inputs for stage in pipeline.stages for action in stage.actions)
    return {"plain": _layouts(pipeline, widths, before, False),
            "flows": _layouts(pipeline, widths[-1:] if many else widths, before, True) if flows else []}


def _layouts(pipeline: Pipeline, widths: tuple[int, ...], before: bool, artifacts: bool) -> list[dict[str, Any]]:
    found: dict[int, Scene] = {}
    narrow = scene(pipeline, "TB", NARROW, artifacts=artifacts)
    found[narrow.width] = narrow
    for width in widths:
        laid = scene(pipeline, "LR", width, artifacts=artifacts)
        found.setdefault(laid.width, laid)
    return [layout(pipeline, found[width], before) for width in sorted(found)]


def layout(pipeline: Pipeline, laid: Scene, before: bool) -> dict[str, Any]:
    """One drawing, and the places in it by element."""
    return {"width": laid.width, "svg": draw(pipeline, laid, NO_MARKS, "live", whole=before), "places": places(laid)}


def places(laid: Scene) -> dict[str, Any]:
    """Of stages and actions the box, the place of the status and those of tokens; of transitions the way, the switch,
    the place of the word and those of tokens; of conditions the box."""
    found: dict[str, Any] = {}
    for stage in laid.stages:
        found[stage.id] = {"box": stage.box, "head": stage.head, "at": stage.status, "tokens": stage.tokens}
        found |= {chip.id: {"box": chip.box} for chip in stage.chips}
        for group in stage.groups:
            found |= {each.id: {"box": each.box, "at": each.status, "tokens": each.tokens} for each in group.actions}
    for way in laid.transitions:
        found[way.id] = {"path": way.path, "switch": way.switch, "at": way.word, "tokens": way.tokens}
    return found
