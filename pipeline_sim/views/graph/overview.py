"""How a large pipeline fits a narrow screen: a card for each stage, in one column, and in it a sign for each action.

Parallel actions lie in one field, as in the full picture; those that run later follow, on the same line where there is
room. An action's name is its title, for the sign alone is drawn.
"""

from __future__ import annotations

from ...pipeline.model import Pipeline, Stage
from . import words
from .layout import BETWEEN_TB, CHIP, GAP, MARGIN, NARROWEST, PAD, TOKEN, above, chip_of, groups, head_of
from .shapes import ActionBox, Box, GroupBox, Point, Scene, StageBox

SIGN = 26
APART = 4
RIM = 3
STEP = 10  # from one run order to the next
TOKENS = 5


def overview(pipeline: Pipeline, width: int) -> Scene:
    """The layout, as `layout.scene` makes it, in so many pixels."""
    wide = max(width, NARROWEST) - 2 * MARGIN
    stages, transitions = [], []
    y = before = MARGIN + BETWEEN_TB
    for place, stage in enumerate(pipeline.stages):
        box = _stage(stage, place, y, wide)
        transitions.append(above(box, place, before if place else box.box.y - BETWEEN_TB + 10))
        stages.append(box)
        before = box.box.bottom
        y = before + BETWEEN_TB
    return Scene("TB", wide + 2 * MARGIN, before + MARGIN, BETWEEN_TB, tuple(stages), tuple(transitions))


def _stage(stage: Stage, place: int, y: int, wide: int) -> StageBox:
    head, lines = head_of(stage, MARGIN, y, wide, True)
    laid = _groups(stage, place, Box(MARGIN + PAD, head.bottom + PAD, wide - 2 * PAD, 0))
    below = (laid[-1].box if laid else head).bottom + PAD
    chips = tuple(chip_of(chip, place, MARGIN, below + n * (CHIP + 6), wide) for n, chip in enumerate(words.chips(stage)))
    below = chips[-1].box.bottom + PAD if chips else below
    line = head.bottom - 16
    room = max(1, min(TOKENS, (wide - 2 * PAD - 100) // (TOKEN + 2)))
    tokens = tuple(Point(head.right - PAD - TOKEN // 2 - n * (TOKEN + 2), line) for n in range(room))
    return StageBox(f"stage-{place}", stage.name, Box(MARGIN, y, wide, below - y), head, lines, Point(MARGIN + PAD, line),
                    tokens, chips, laid, ())


def _groups(stage: Stage, place: int, room: Box) -> tuple[GroupBox, ...]:
    """From left to right and on to the next line, a group never broken that fits into one."""
    fits = max(1, (room.w - 2 * RIM + APART) // (SIGN + APART))
    laid: list[GroupBox] = []
    x, y = room.x, room.y
    for order, actions in enumerate(groups(stage)):
        columns = min(fits, len(actions))
        wide = columns * (SIGN + APART) - APART + 2 * RIM
        if laid and x + wide > room.right:
            x, y = room.x, laid[-1].box.bottom + GAP // 2
        signs = [_sign(f"action-{place}-{index}", action.name, x + RIM + n % columns * (SIGN + APART),
                       y + RIM + n // columns * (SIGN + APART)) for n, (index, action) in enumerate(actions)]
        rows = tuple(tuple(signs[first:first + columns]) for first in range(0, len(signs), columns))
        laid.append(GroupBox(f"group-{place}-{order}", Box(x, y, wide, signs[-1].box.bottom + RIM - y), rows))
        x += wide + STEP
    return tuple(laid)


def _sign(name: str, full: str, x: int, y: int) -> ActionBox:
    return ActionBox(name, full, Box(x, y, SIGN, SIGN), (), Point(x + SIGN // 2, y + SIGN // 2), ())
