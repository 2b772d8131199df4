"""Where everything lies: the exact layout of a pipeline, in whole pixels.

A pipeline is stages of groups of parallel actions, so its picture needs no layout engine: stages follow each other
from top to bottom (`TB`, as in AWS's console) or from left to right (`LR`), groups lie one below the other, actions of
a group side by side. Nothing here depends on a run: a console lays out once and moves only tokens and classes.
"""

from __future__ import annotations

from functools import lru_cache

from ...pipeline.model import Action, Pipeline, Stage
from . import words
from .shapes import ActionBox, Box, ChipBox, Direction, GroupBox, Line, Path, Point, Scene, StageBox, TransitionBox
from .text import fit

MARGIN = 16
PAD = 12
GAP = 12
STEP = 26  # between one group and the next, with its arrow
CARD_MIN, CARD_MAX = 128, 192
INSET = 10
NAME, SMALL, CHIPS, HEAD = 14, 12, 11, 16  # sizes of letters
NAME_LINE, SMALL_LINE, HEAD_LINE, STATUS_LINE = 17, 16, 20, 22
CHIP = 22
RIM = 6  # round the parallel actions of a group
APART = 22  # more between rows of cards, where artifacts flow
BETWEEN_TB, BETWEEN_LR = 64, 92  # between one stage and the next, with its transition
ROWS_LR = 44
SWITCH_W, SWITCH_H = 32, 18
TOKEN = 22
TOKENS_IN, TOKENS_BEFORE = 5, 5
TOKENS_AT = 4  # at an action: in PARALLEL mode several are at one
COLUMNS_TB, COLUMNS_LR = 4, 2  # where no width is given
FITS = 1200  # a picture up to this wide goes from left to right unless told otherwise
NARROWEST = CARD_MIN + 2 * (MARGIN + PAD)


def scene(pipeline: Pipeline, direction: Direction | None = None, width: int | None = None, *,
          marked: bool = True, artifacts: bool = False) -> Scene:
    """Lay a pipeline out.

    `width`: the pixels there are; a picture from top to bottom fills them, one from left to right breaks into rows.
    `direction`: None takes LR where the picture fits beside itself, else TB. `marked=False` leaves no room for
    statuses and tokens. `artifacts` adds the ways of the artifacts.
    """
    from .flows import gutter, with_flows

    room = None if width is None else max(width, NARROWEST)
    chosen = direction or choose(pipeline, room, artifacts)
    aside = gutter(pipeline) if artifacts else 0
    lay = _down if chosen == "TB" else _across
    found = lay(pipeline, room, marked, aside)
    return with_flows(pipeline, found, aside) if artifacts else found


def choose(pipeline: Pipeline, room: int | None = None, artifacts: bool = False) -> Direction:
    """From left to right while it fits into `room` (else 1,200 px: four plain stages); screens are wide."""
    columns = sum(_columns(stage, COLUMNS_LR) for stage in pipeline.stages)
    gaps = (len(pipeline.stages) - 1) * BETWEEN_LR
    inner = sum(2 * PAD + (_columns(stage, COLUMNS_LR) - 1) * GAP for stage in pipeline.stages)
    natural = 2 * MARGIN + columns * CARD_MAX + inner + gaps
    return "LR" if natural <= (room or FITS) else "TB"


# ---------------------------------------------------------------------------------------------- from top to bottom


def _down(pipeline: Pipeline, room: int | None, marked: bool, aside: int) -> Scene:
    columns = max((_columns(stage, COLUMNS_TB) for stage in pipeline.stages), default=1)
    natural = columns * CARD_MAX + (columns - 1) * GAP + 2 * PAD
    wide = max(natural, 320) if room is None else min(max(natural, 480), room - 2 * MARGIN - aside)
    wide = max(wide, NARROWEST - 2 * MARGIN)
    stages, transitions = [], []
    y = before = MARGIN + BETWEEN_TB
    for place, stage in enumerate(pipeline.stages):
        box = _stage(stage, place, MARGIN, y, wide, marked, aside > 0)
        transitions.append(above(box, place, before if place else box.box.y - BETWEEN_TB + 10))
        stages.append(box)
        before = box.box.bottom
        y = before + BETWEEN_TB
    return Scene("TB", wide + 2 * MARGIN + aside, before + MARGIN, BETWEEN_TB, tuple(stages), tuple(transitions))


def above(stage: StageBox, place: int, start: int) -> TransitionBox:
    x = stage.box.middle.x
    y = stage.box.y - BETWEEN_TB // 2 - 3
    switch = Box(x - SWITCH_W // 2, y - SWITCH_H // 2, SWITCH_W, SWITCH_H)
    fit_in = max(1, min(TOKENS_BEFORE, (switch.x - stage.box.x - 4) // (TOKEN + 2)))
    tokens = tuple(Point(switch.x - 8 - TOKEN // 2 - n * (TOKEN + 2), y) for n in range(fit_in))
    path = (Point(x, start), Point(x, stage.box.y))
    return TransitionBox(f"transition-{place}", stage.name, path, switch, Point(switch.right + 8, y), tokens)


# ---------------------------------------------------------------------------------------------- from left to right


def _across(pipeline: Pipeline, room: int | None, marked: bool, aside: int) -> Scene:
    """Rows of stages, one row where there is room; a row's stages are aligned at their heads, where the arrows run."""
    gap = BETWEEN_LR + (12 if aside else 0)
    stages: list[StageBox] = []
    transitions: list[TransitionBox] = []
    x, y, low, right = MARGIN + gap, MARGIN, MARGIN, MARGIN + gap
    limit = None if room is None or aside else room - MARGIN
    for place, stage in enumerate(pipeline.stages):
        wide = _width_across(stage, None if limit is None else limit - MARGIN - gap)
        first = x == MARGIN + gap
        if limit is not None and not first and x + wide > limit:
            x, y, first = MARGIN + gap, low + ROWS_LR, True
        box = _stage(stage, place, x, y, wide, marked, aside > 0)
        transitions.append(_beside(box, place, stages[-1] if stages else None, first, gap))
        stages.append(box)
        low, right = max(low, box.box.bottom), max(right, box.box.right)
        x = box.box.right + gap
    return Scene("LR", right + MARGIN, low + MARGIN, gap, tuple(stages), tuple(transitions))


def _width_across(stage: Stage, room: int | None) -> int:
    columns = _columns(stage, COLUMNS_LR)
    wide = columns * CARD_MAX + (columns - 1) * GAP + 2 * PAD
    return wide if room is None else max(min(wide, room), CARD_MIN + 2 * PAD)


def _beside(stage: StageBox, place: int, last: StageBox | None, first: bool, gap: int) -> TransitionBox:
    y = stage.head.middle.y
    x = stage.box.x - gap // 2 - 2
    switch = Box(x - SWITCH_W // 2, y - SWITCH_H // 2, SWITCH_W, SWITCH_H)
    under = y + SWITCH_H // 2
    # "Disabled" stands below the switch, and those who wait below the word: three, and three more
    slots = [Point(x + (1 - n % 3) * (TOKEN + 2), under + 32 + n // 3 * (TOKEN + 2)) for n in range(TOKENS_BEFORE + 1)]
    path = _way_in(stage, last, first, y, gap)
    return TransitionBox(f"transition-{place}", stage.name, path, switch, Point(x - 24, under + 11), tuple(slots))


def _way_in(stage: StageBox, last: StageBox | None, first: bool, y: int, gap: int) -> Path:
    end = Point(stage.box.x, y)
    if last is None:
        return (Point(end.x - gap + 12, y), end)
    if not first:
        return (Point(last.box.right, y), end)
    turn, between, back = last.box.right + 12, stage.box.y - ROWS_LR // 2, stage.box.x - gap + 8
    start = Point(last.box.right, last.head.middle.y)
    return (start, Point(turn, start.y), Point(turn, between), Point(back, between), Point(back, y), end)


# ---------------------------------------------------------------------------------------------- a stage


def groups(stage: Stage) -> list[list[tuple[int, Action]]]:
    """The actions by rising run order, each with its place in the stage."""
    found: dict[int, list[tuple[int, Action]]] = {}
    for index, action in enumerate(stage.actions):
        found.setdefault(action.run_order, []).append((index, action))
    return [found[order] for order in sorted(found)]


def _columns(stage: Stage, most: int) -> int:
    return min(most, max((len(group) for group in stage.groups), default=1))


def _stage(stage: Stage, place: int, x: int, y: int, wide: int, marked: bool, wider: bool) -> StageBox:
    head, lines = head_of(stage, x, y, wide, marked)
    chips = words.chips(stage)
    below = head.bottom + PAD
    entry = tuple(chip_of(chip, place, x, below, wide) for chip in chips if chip.kind == "entry")
    below += len(entry) * (CHIP + GAP)
    laid, arrows = _groups(stage, place, Box(x + PAD, below, wide - 2 * PAD, 0), marked, wider)
    below = laid[-1].box.bottom + (PAD + PAD if wider else PAD) if laid else below
    after = [chip for chip in chips if chip.kind != "entry"]
    rest = tuple(chip_of(chip, place, x, below + n * (CHIP + 6), wide) for n, chip in enumerate(after))
    below = rest[-1].box.bottom + PAD if rest else below
    line = head.bottom - STATUS_LINE // 2 - 5
    tokens = tuple(Point(head.right - PAD - TOKEN // 2 - n * (TOKEN + 2), line) for n in range(TOKENS_IN))
    room = max(1, (wide - 2 * PAD - 100) // (TOKEN + 2))  # the word beside them needs 100 px
    return StageBox(f"stage-{place}", stage.name, Box(x, y, wide, below - y), head, lines, Point(x + PAD, line),
                    tokens[:room], entry + rest, laid, arrows)


def head_of(stage: Stage, x: int, y: int, wide: int, marked: bool) -> tuple[Box, tuple[Line, ...]]:
    texts = fit(stage.name, wide - 2 * PAD, HEAD, True, 2)
    lines = tuple(Line(x + PAD, y + 22 + n * HEAD_LINE, text, "head") for n, text in enumerate(texts))
    return Box(x, y, wide, 12 + len(lines) * HEAD_LINE + (STATUS_LINE + 4 if marked else 0)), lines


def chip_of(chip: words.Chip, place: int, x: int, y: int, wide: int) -> ChipBox:
    (text,) = fit(chip.text, wide - 2 * PAD - 32, CHIPS)
    return ChipBox(f"{chip.kind}-{place}", Box(x + PAD, y, wide - 2 * PAD, CHIP), chip.glyph, text, chip.title)


def _groups(stage: Stage, place: int, room: Box, marked: bool,
            wider: bool) -> tuple[tuple[GroupBox, ...], tuple[Path, ...]]:
    """The groups one below the other. With artifacts the steps are higher: their ways run there."""
    laid: list[GroupBox] = []
    arrows: list[Path] = []
    y = room.y + (PAD if wider else 0)
    for order, actions in enumerate(groups(stage)):
        named = [(f"action-{place}-{index}", action) for index, action in actions]
        group = _group(f"group-{place}-{order}", named, room, y, marked, wider)
        if laid:
            x = room.x + room.w // 2
            arrows.append((Point(x, laid[-1].box.bottom), Point(x, group.box.y)))
        laid.append(group)
        y = group.box.bottom + STEP + (APART if wider else 0)
    return tuple(laid), tuple(arrows)


def _group(name: str, actions: list[tuple[str, Action]], room: Box, y: int, marked: bool, wider: bool) -> GroupBox:
    fits = max(1, (room.w + GAP) // (CARD_MIN + GAP))
    columns = _even(len(actions), fits if room.w < CARD_MAX * 2 else max(1, (room.w + GAP) // (CARD_MAX + GAP)))
    wide = min(CARD_MAX, (room.w - (columns - 1) * GAP) // columns)
    rows = []
    rim = RIM if len(actions) > 1 else 0
    below = y + rim
    for first in range(0, len(actions), columns):
        row = _row(actions[first:first + columns], room, below, wide, marked, wider)
        rows.append(row)
        below = row[0].box.bottom + GAP + (APART if wider else 0)
    left, right = rows[0][0].box.x - rim, rows[0][-1].box.right + rim  # the first row is the longest
    return GroupBox(name, Box(left, y, right - left, rows[-1][0].box.bottom + rim - y), tuple(rows))


def _even(count: int, fits: int) -> int:
    """How many to a row, so that the rows are of a length: 5 where 4 fit are 3 and 2."""
    rows = -(-count // fits)
    return -(-count // rows)


def _row(actions: list[tuple[str, Action]], room: Box, y: int, wide: int, marked: bool,
         wider: bool) -> tuple[ActionBox, ...]:
    texts = [_texts(action, wide - 2 * INSET) for _, action in actions]
    high = max(sum(line for _, _, line in each) for each in texts) + 14
    high += (STATUS_LINE if marked else 0) + (PAD if wider else 0)
    x = room.x + (room.w - len(actions) * (wide + GAP) + GAP) // 2
    found = []
    for (name, action), lines in zip(actions, texts, strict=True):
        found.append(_action(name, action.name, Box(x, y, wide, high), lines, PAD // 2 if wider else 0))
        x += wide + GAP
    return tuple(found)


_Text = tuple[str, str, int]


@lru_cache(maxsize=4096)
def _lines_of(name: str, under: str, detail: str, room: int, shift: int) -> tuple[_Text, ...]:
    found = [(text, "name", NAME_LINE) for text in fit(name, room, NAME, True, 2)]
    found.append((fit(under, room - shift, SMALL)[0], "provider", SMALL_LINE))
    if detail:
        found += [(text, "detail", SMALL_LINE) for text in fit(detail, room, SMALL, False, 2)]
    return tuple(found)


def _texts(action: Action, room: int) -> tuple[_Text, ...]:
    shift = 18 if action.is_approval else 0  # the sign of an approval stands in front of the word
    return _lines_of(action.name, words.provider(action), words.source(action), room, shift)


def _action(name: str, full: str, box: Box, texts: tuple[_Text, ...], lower: int) -> ActionBox:
    y = box.y + 6 + lower
    lines = []
    for text, kind, high in texts:
        y += high
        lines.append(Line(box.x + INSET, y - 3, text, kind))
    status = Point(box.x + INSET, box.bottom - STATUS_LINE // 2 - 4 - lower)
    tokens = tuple(Point(box.right - 4 - n * (TOKEN + 2), box.y) for n in range(TOKENS_AT))
    return ActionBox(name, full, box, tuple(lines), status, tokens)
