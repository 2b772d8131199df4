"""How a scene becomes SVG: no script, no reference to anything outside or inside, every text escaped.

Colours are CSS by class, so that a front end changes a status by changing a class. The theme `auto` follows the
reader's system and leaves the page itself untouched; whatever lies on the page is legible on white and on black.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from ...pipeline.model import Action, Pipeline, Stage
from . import words
from .icons import icon
from .layout import HEAD, INSET, NAME, SMALL, TOKEN
from .marks import FLOW_HUES, NO_MARKS, Marks, status_key, token_hue, word
from .shapes import ActionBox, Box, ChipBox, FlowBox, LabelBox, Line, Path, Point, Scene, StageBox, TransitionBox
from .style import style
from .text import escape, fit, pressed, width

TITLE = 40


def draw(pipeline: Pipeline, scene: Scene, marks: Marks | None = None, theme: str = "light", *,
         whole: bool = False) -> str:
    """The whole picture. Without marks it is the pipeline alone: nothing that a run would tell is shown.

    The theme `live` brings no style sheet: the page has `style.style` of its own. `whole` keeps the way into the
    pipeline, where nobody waits there either.
    """
    shown = marks or NO_MARKS
    left, top = (0, 0) if whole else _cut(scene, shown)
    wide, high = scene.width - left, scene.height - top + TITLE
    box = f"{left} {top - TITLE} {wide} {high}"
    parts = chain(
        _page(box, theme),
        _headline(pipeline, left, top - TITLE, wide),
        (_transition(pipeline, place, each, shown, marks is not None)
         for place, each in enumerate(scene.transitions) if place or not (left or top)),
        (_stage(pipeline, place, each, marks) for place, each in enumerate(scene.stages)),
        map(_flow, scene.flows),
        map(_label, scene.labels),
    )
    return (f'<svg xmlns="http://www.w3.org/2000/svg" class="pipeline-sim theme-{theme}" role="img" '
            f'aria-label="{escape(words.sentence(pipeline, marks))}" viewBox="{box}" width="{wide}" height="{high}">'
            f"{_sheet(theme)}{''.join(parts)}</svg>\n")


def _sheet(theme: str) -> str:
    return "" if theme == "live" else f"<style>{style(theme)}</style>"


def _cut(scene: Scene, marks: Marks) -> tuple[int, int]:
    """What is left out at the left and above: the way into the pipeline, where it has nothing to say."""
    if marks.at("transition-0") or "transition-0" in marks.disabled:
        return 0, 0
    if scene.direction == "TB":
        return 0, scene.start
    one_row = len({stage.box.y for stage in scene.stages}) == 1
    return (scene.start if one_row else 0), 0


def _page(box: str, theme: str) -> Iterator[str]:
    if theme not in ("auto", "live"):
        x, y, wide, high = box.split()
        yield f'<rect class="page" x="{x}" y="{y}" width="{wide}" height="{high}"/>'


def _headline(pipeline: Pipeline, x: int, y: int, wide: int) -> Iterator[str]:
    """On a plate, for the page below may have any colour."""
    name, kind = words.headline(pipeline)
    room = wide - 32
    (title,) = fit(name, room - 20, 15, True)
    used = width(title, 15, True) + 20
    (rest,) = fit(kind, max(room - used - 24, 1), 12)
    shows = len(rest) > 1
    plate = round(used + (width(rest, 12) + 16 if shows else 0))
    yield (f'<g class="headline"><title>{escape(f"{name}: {kind}")}</title>'
           f'<rect class="plate" x="{x + 16}" y="{y + 8}" width="{plate}" height="28" rx="6"/>'
           f'{_text(Line(x + 26, y + 27, title, "name"), pressed(title, 0, 15, True))}')
    if shows:
        yield _text(Line(round(x + 16 + used + 4), y + 27, rest, "detail"), pressed(rest, 0, 12))
    yield "</g>"


# ---------------------------------------------------------------------------------------------- stages and actions


def _stage(pipeline: Pipeline, place: int, box: StageBox, marks: Marks | None) -> str:
    stage = pipeline.stages[place]
    status = _status_of(marks, box.id)
    title = words.stage_title(stage, status)
    parts = [_open(box.id, _classes("stage", status), stage.name, title), _rect(box.box, "card", 10),
             f'<path class="head" d="{_round_top(box)}"/>', *(_text(line, _press(line, box.box)) for line in box.lines)]
    if marks:
        parts += (_status(box.status, status), *_tokens(marks.at(box.id), box.tokens, "inside"))
    parts += (_chip(chip, _status_of(marks, chip.id)) for chip in box.chips)
    parts += (_arrow(path, "order") for path in box.arrows)
    for group in box.groups:
        if len(group.actions) > 1:
            parts.append(_rect(group.box, "group", 11))
        for each in group.actions:
            parts.append(_action(pipeline, place, each, marks))
    return "".join(parts) + "</g>"


def _action(pipeline: Pipeline, place: int, box: ActionBox, marks: Marks | None) -> str:
    stage = pipeline.stages[place]
    action = stage.actions[int(box.id.rpartition("-")[2])]
    status = _status_of(marks, box.id)
    if not box.lines:
        return _sign(stage, action, box, status)
    kind = "action approval" if action.is_approval else "action"
    parts = [_open(box.id, _classes(kind, status), action.name, words.action_title(stage, action, status)),
             _rect(box.box, "card", 7)]
    for line in box.lines:
        if action.is_approval and line.kind == "provider":
            parts.append(f'<g class="sign" transform="translate({line.x} {line.y - 12})">{icon("approval")}</g>')
            line = line._replace(x=line.x + 18)
        parts.append(_text(line, _press(line, box.box)))
    if marks:
        parts += (_status(box.status, status, action.is_approval),
                  *_tokens(marks.at(box.id), box.tokens, "inside"))
    return "".join(parts) + "</g>"


def _sign(stage: Stage, action: Action, box: ActionBox, status: str | None) -> str:
    """An action of an overview, which has no room for words."""
    sign = icon(status_key(status)) if status else icon("approval") if action.is_approval else ""
    title = words.action_title(stage, action, status)
    return (f'{_open(box.id, _classes("action small", status), action.name, title)}{_rect(box.box, "card", 6)}'
            f'<g class="sign" transform="translate({box.status.x - 8} {box.status.y - 8})">{sign}</g></g>')


def _status(at: Point, status: str | None, approval: bool = False) -> str:
    """Sign and word. Without a status the places stay, empty, so that a front end can fill them."""
    if status is None:
        return ""
    return (f'<g class="status"><g class="sign" transform="translate({at.x} {at.y - 8})">{icon(status_key(status))}</g>'
            f'<text class="word" x="{at.x + 20}" y="{at.y + 4}">{escape(word(status, approval))}</text></g>')


def _chip(chip: ChipBox, status: str | None) -> str:
    x, y, _, high = chip.box
    told = words.ended(chip.title, status)
    sign = icon(status_key(status) if status else chip.glyph)
    return (f'{_open(chip.id, _classes("condition", status), chip.text, told)}{_rect(chip.box, "card", 11)}'
            f'<g class="sign" transform="translate({x + 7} {y + 3})">{sign}</g>'
            f'<text class="detail" x="{x + 27}" y="{y + high // 2 + 4}">{escape(chip.text)}</text></g>')


# ---------------------------------------------------------------------------------------------- between stages


def _transition(pipeline: Pipeline, place: int, box: TransitionBox, marks: Marks, marked: bool) -> str:
    closed = box.id in marks.disabled
    kind = "transition disabled" if closed else "transition enabled"
    waits = _waiting(marks.at(box.id), box.tokens) if marked else ()
    return "".join([_open(box.id, kind, box.into, words.transition_title(pipeline, place, marks)),
                    _arrow(box.path, "way"), _switch(box, closed), *waits]) + "</g>"


def _switch(box: TransitionBox, closed: bool) -> str:
    """A knob at the right lets pass; at the left, with a bar through it and the word, it does not."""
    x, y, wide, high = box.switch
    radius = high // 2
    knob = x + radius if closed else x + wide - radius
    drawn = (f'{_rect(box.switch, "switch", radius)}'
             f'<circle class="knob" cx="{knob}" cy="{y + radius}" r="{radius - 4}"/>')
    if not closed:
        return drawn
    (plate, left) = (round(width(words.DISABLED, 12, True)) + 10, box.word.x - 5)
    return (drawn + f'<path class="bar" d="M{x + wide - 13} {y + 5}l8 8m0 -8l-8 8"/>'
            + f'<rect class="plate" x="{left}" y="{box.word.y - 9}" width="{plate}" height="18" rx="4"/>'
            + f'<text class="word" x="{box.word.x}" y="{box.word.y + 4}">{words.DISABLED}</text>')


def _waiting(numbers: tuple[int, ...], places: tuple[Point, ...]) -> Iterator[str]:
    """On a plate of their own, in front of the door."""
    used = places[:len(numbers)]
    if not used:
        return
    left, top = min(at.x for at in used), min(at.y for at in used)
    wide, high = max(at.x for at in used) - left + TOKEN + 6, max(at.y for at in used) - top + TOKEN + 6
    yield _rect((left - TOKEN // 2 - 3, top - TOKEN // 2 - 3, wide, high), "plate", TOKEN // 2 + 3)
    yield from _tokens(numbers, places, "waiting")


def _tokens(numbers: tuple[int, ...], places: tuple[Point, ...], kind: str) -> Iterator[str]:
    """One disc for each execution; the last place counts the others where they are too many."""
    shown = numbers if len(numbers) <= len(places) else numbers[:len(places) - 1]
    for number, at in zip(shown, places, strict=False):
        hue = f"token-hue-{token_hue(number)}"
        yield _token(at, str(number), f"token {kind} {hue}", f"Execution {number}, {kind}", f' id="token-{number}"')
    if len(shown) < len(numbers):
        rest = numbers[len(shown):]
        title = f"Executions {', '.join(map(str, rest))}, {kind}"
        yield _token(places[-1], f"+{len(rest)}", f"token more {kind}", title, "")


def _token(at: Point, text: str, kind: str, title: str, named: str) -> str:
    half = TOKEN // 2
    wide = max(TOKEN, round(width(text, 12, True)) + 8)
    return (f'<g{named} class="{kind}"><title>{title}</title><rect x="{at.x - wide // 2}" y="{at.y - half}" '
            f'width="{wide}" height="{TOKEN}" rx="{half}"/>'
            f'<text x="{at.x}" y="{at.y + 4}">{text}</text></g>')


def _flow(flow: FlowBox) -> str:
    name = escape(flow.name)
    hue = int(flow.id.rpartition("-")[2]) % len(FLOW_HUES)
    return (f'<g class="{flow.id} artifact flow-hue-{hue}" data-name="{name}"><title>Artifact {name}</title>'
            f"{_arrow(flow.path, 'flow')}</g>")


def _label(label: LabelBox) -> str:
    x, y, _, high = label.box
    return (f'<g id="{label.id}" class="artifacts"><title>{escape(label.title)}</title>{_rect(label.box, "plate", 8)}'
            f'<text x="{x + 8}" y="{y + high - 4}">{escape(label.text)}</text></g>')


# ---------------------------------------------------------------------------------------------- shapes


def _status_of(marks: Marks | None, element: str) -> str | None:
    return marks.status.get(element) if marks else None


def _classes(kind: str, status: str | None) -> str:
    return f"{kind} status-{status_key(status)}" if status else kind


def _open(name: str, kind: str, data: str, title: str) -> str:
    return f'<g id="{name}" class="{kind}" data-name="{escape(data)}"><title>{escape(title)}</title>'


def _rect(box: tuple[int, int, int, int], kind: str, radius: int) -> str:
    x, y, wide, high = box
    return f'<rect class="{kind}" x="{x}" y="{y}" width="{wide}" height="{high}" rx="{radius}"/>'


def _text(line: Line, length: int = 0) -> str:
    """`length`, where it is given, holds whatever the font is."""
    press = f' textLength="{length}" lengthAdjust="spacingAndGlyphs"' if length else ""
    return f'<text class="{line.kind}" x="{line.x}" y="{line.y}"{press}>{escape(line.text)}</text>'


def _press(line: Line, card: Box) -> int:
    """So that a line that nearly fills its card does not leave it."""
    size, bold = _LETTERS[line.kind]
    return pressed(line.text, card.right - line.x - INSET, size, bold)


_LETTERS = {"head": (HEAD, True), "name": (NAME, True), "provider": (SMALL, False), "detail": (SMALL, False)}


def _round_top(stage: StageBox) -> str:
    """The head's field within the card's border, round where the card is."""
    x, y, wide, high = stage.head
    x, y, wide, high = x + 1, y + 1, wide - 2, high - 1
    return f"M{x} {y + high}v{9 - high}a9 9 0 0 1 9 -9h{wide - 18}a9 9 0 0 1 9 9v{high - 9}z"


def _arrow(path: Path, kind: str) -> str:
    """A line with round corners that ends in a head."""
    tip, before = path[-1], path[-2]
    dx, dy = _unit(before, tip)
    end = Point(tip.x - 7 * dx, tip.y - 7 * dy)
    head = (f"M{tip.x} {tip.y}L{tip.x - 8 * dx - 4 * dy} {tip.y - 8 * dy + 4 * dx}"
            f"L{tip.x - 8 * dx + 4 * dy} {tip.y - 8 * dy - 4 * dx}z")
    return f'<path class="{kind}" d="{_rounded((*path[:-1], end))}"/><path class="{kind}-head" d="{head}"/>'


def _rounded(path: Iterable[Point]) -> str:
    points = [*dict.fromkeys(path)]
    drawn = [f"M{points[0].x} {points[0].y}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        (ax, ay), (bx, by) = _unit(before, corner), _unit(corner, after)
        size = min(6, _length(before, corner) // 2, _length(corner, after) // 2)
        drawn.append(f"L{corner.x - ax * size} {corner.y - ay * size}"
                     f"Q{corner.x} {corner.y} {corner.x + bx * size} {corner.y + by * size}")
    drawn.append(f"L{points[-1].x} {points[-1].y}")
    return "".join(drawn)


def _length(start: Point, end: Point) -> int:
    return abs(end.x - start.x) + abs(end.y - start.y)


def _unit(start: Point, end: Point) -> tuple[int, int]:
    """The direction of a way that runs along an axis."""
    return (end.x > start.x) - (end.x < start.x), (end.y > start.y) - (end.y < start.y)
