"""What a console draws on: the pipeline's picture for several widths, with the places where a run is to be shown.

The console always shows the exact layout (`views.graph.layout`). graphviz's `dot` writes words, signs and tokens into its
drawing, makes room by them, and knows no width: a picture that lives would have to be drawn again at every step, and
once more for every window. Ids, classes and titles are the same as in dot's drawing, and `Console.svg` and
`Console.png` give any moment as dot draws it. All widths are laid out beforehand, so that a saved page, too, fits any
window.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from ..pipeline.model import Pipeline
from ..views.graph import Scene, overview, scene
from ..views.graph.drawing import draw
from ..views.graph.icons import icon
from ..views.graph.marks import LOOKS, NO_MARKS, status_key, word
from ..views.graph.words import action_title, stage_title
from ..views.picture import GATES
from . import sources

NARROW = 328
WIDTHS = (620, 900, 1180, 1420, 1800)
MANY_WIDTH = 900
MANY = 60  # actions; of a pipeline with more, one full width is enough, and artifacts are drawn when somebody asks


_TITLES = re.compile(r'(<g id="(?:stage-[^>]*|action-[^"]*" class="[^"]*"))(?: data-name="[^"]*")?><title>[^<]*</title>')
"""What `names` says travels once, and not in each width."""


class Drawing(NamedTuple):
    """On what a film is drawn from a cursor on. `before` leaves room in front of the first stage."""

    k: int
    definition: Pipeline | None
    before: bool


def pictures(drawings: Iterable[Drawing]) -> dict[str, Any]:
    """Every drawing, the names of its elements, how each status looks, and what stands round them, as JSON has it."""
    return {"cuts": [{"k": each.k, **_cut(each)} for each in drawings], "looks": looks(), "skeleton": sources.skeleton(),
            "signs": sources.signs()}


def _cut(drawing: Drawing) -> dict[str, Any]:
    pipeline = drawing.definition
    if pipeline is None:
        return {"names": {}, "plain": [], "flows": []}
    flows = [] if _many(pipeline) else layouts(pipeline, drawing.before, True)
    return {"names": names(pipeline), "mode": pipeline.mode, "plain": layouts(pipeline, drawing.before, False),
            "flows": flows}


def _many(pipeline: Pipeline) -> bool:
    return sum(len(stage.actions) for stage in pipeline.stages) > MANY


def layouts(pipeline: Pipeline, before: bool, artifacts: bool) -> list[dict[str, Any]]:
    """The layouts of a pipeline by rising width."""
    found: dict[int, Scene] = {}
    if not _many(pipeline):
        narrow = scene(pipeline, "TB", NARROW, artifacts=artifacts)
        found[narrow.width] = narrow
    elif not artifacts:
        found[NARROW] = overview(pipeline, NARROW)
    for width in (MANY_WIDTH,) if _many(pipeline) else WIDTHS:
        laid = scene(pipeline, "LR", width, artifacts=artifacts)
        found.setdefault(laid.width, laid)
    return [layout(pipeline, found[width], before) for width in sorted(found)]


def layout(pipeline: Pipeline, laid: Scene, before: bool) -> dict[str, Any]:
    """One drawing, and the places in it by element."""
    drawn = _TITLES.sub(r"\1><title/>", draw(pipeline, laid, NO_MARKS, "live", whole=before))
    return {"width": laid.width, "svg": drawn, "places": places(laid), "in": _inside(laid)}


def places(laid: Scene) -> dict[str, Any]:
    """Of stages the head, the place of the status and those of tokens; of transitions the way, the switch, the place of
    the word and those of tokens; of an action, whose places follow from its card, nothing."""
    found: dict[str, Any] = {}
    for stage in laid.stages:
        found[stage.id] = {"head": stage.head, "at": stage.status, "tokens": stage.tokens}
    for way in laid.transitions:
        found[way.id] = {"path": way.path, "switch": way.switch, "at": way.word, "tokens": way.tokens}
    return found


def _inside(laid: Scene) -> dict[str, Any] | None:
    """Where status and tokens of every action are: from the lower left and the upper right corner of its card. None where
    an action is a sign alone."""
    for stage in laid.stages:
        for group in stage.groups:
            for each in group.actions:
                if not each.lines:
                    return None
                box, (x, y) = each.box, each.status
                return {"at": [x - box.x, y - box.bottom],
                        "tokens": [[token.x - box.right, token.y - box.y] for token in each.tokens]}
    return {"at": [0, 0], "tokens": []}


def names(definition: Pipeline) -> dict[str, list[str]]:
    """What elements are called, the sentence about each, and which are approvals."""
    found: dict[str, list[str]] = {}
    for place, stage in enumerate(definition.stages):
        found[f"stage-{place}"] = [stage.name, stage_title(stage, None)]
        found[f"transition-{place}"] = [f"Transition into {stage.name}", ""]
        found |= {f"{gate}-{place}": [f"{stage.name} {gate} condition", ""] for gate in GATES.values()}
        for index, action in enumerate(stage.actions):
            found[f"action-{place}-{index}"] = [f"{stage.name}/{action.name}", action_title(stage, action, None),
                                                *(["approval"] if action.is_approval else [])]
    return found


def looks() -> dict[str, list[str]]:
    """Word, sign and glyph by status; of an approval in progress the word under `approval`."""
    found = {status: [each.word, icon(status_key(status)), each.glyph] for status, each in LOOKS.items()}
    return found | {"approval": [word("InProgress", True), icon("approval"), ""]}
