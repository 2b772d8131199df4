"""What graphviz is told: each stage one node whose label is a table of its actions, each transition a node between two.

One table for a stage, because dot would spread parallel and sequential actions along one axis; its own work is where
stages, transitions and artifacts go. Texts are escaped twice over: for HTML, and against dot's own backslashes. This
and `dot_drawing` are the only places that know the `graphviz` package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...pipeline.model import Action, Pipeline, Stage
from . import words
from .flows import flows
from .layout import CARD_MAX, CHIPS, COLUMNS_LR, COLUMNS_TB, HEAD, INSET, NAME, SMALL, choose, groups
from .marks import FLOW_HUES, LIGHT, NO_MARKS, THEMES, TOKENS, Marks, Theme, look, token_hue, word
from .shapes import Direction
from .text import FONT, escape, fit, width

if TYPE_CHECKING:
    import graphviz

_FONT = FONT.replace("'", "")
_BORDERS = {"dashed": "DASHED", "dotted": "DOTTED", "dashdot": "DASHED"}
_TIGHT = 'BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"'
_ROOM = '<TR><TD HEIGHT="10"></TD></TR>'
_TOKENS_SHOWN = 5
TITLE = 15  # its letters are the only bold ones of this size


def dot_source(pipeline: Pipeline, marks: Marks | None = None, *, artifacts: bool = False, theme: str = "light",
               direction: Direction | None = None) -> str:
    """The picture in DOT. The theme `auto` has the light colours on a transparent page."""
    return str(digraph(pipeline, marks, artifacts=artifacts, theme=theme, direction=direction).source)


def digraph(pipeline: Pipeline, marks: Marks | None, *, artifacts: bool, theme: str,
            direction: Direction | None) -> graphviz.Digraph:
    """The same, before it is text."""
    import graphviz

    chosen = direction or choose(pipeline, artifacts=artifacts)
    colours = THEMES.get(theme, LIGHT)
    text = {"fontname": _FONT, "fontsize": str(SMALL), "fontcolor": colours.text}
    page = "transparent" if theme == "auto" else colours.page
    room = {"nodesep": "0.3", "ranksep": "0.2" if chosen == "TB" else "0.3", "pad": "0.2"}
    title = {"label": _headline(*words.headline(pipeline), colours), "labelloc": "t", "labeljust": "l"}
    graph = graphviz.Digraph("pipeline", graph_attr={"rankdir": chosen, "bgcolor": page, **room, **title, **text},
                             node_attr={"shape": "plain", **text},
                             edge_attr={"color": colours.quiet, "penwidth": "2", "arrowsize": "0.7", **text})
    for place, stage in enumerate(pipeline.stages):
        if place:
            _transition(graph, pipeline, place, marks, chosen, colours)
        elif marks and (marks.at("transition-0") or "transition-0" in marks.disabled):
            _transition(graph, pipeline, 0, marks, chosen, colours)
        graph.node(f"stage-{place}", _stage(stage, place, pipeline, marks, chosen, artifacts, colours),
                   id=f"stage-{place}", **{"class": "stage"})
    if artifacts:
        _artifacts(graph, pipeline, chosen, colours)
    return graph


# ---------------------------------------------------------------------------------------------- tables


def _headline(name: str, kind: str, theme: Theme) -> str:
    (title,) = fit(name, 420, TITLE, True)
    cells = _cell(_font(title, theme.text, TITLE, True), f'WIDTH="{round(width(title, TITLE, True)) + 8}"')
    cells += _cell(_font(kind, theme.soft, SMALL))
    plate = _table(_row(cells), theme.edge, theme.card, 'CELLPADDING="4"')
    return f"<<TABLE {_TIGHT}>{_row(_cell(plate))}{_ROOM}</TABLE>>"


def _stage(stage: Stage, place: int, pipeline: Pipeline, marks: Marks | None, direction: Direction, artifacts: bool,
           theme: Theme) -> str:
    status = marks.status.get(f"stage-{place}") if marks else None
    chips = words.chips(stage)
    rows = [_row(_cell(_head(stage, place, status, marks, theme), f'PORT="head" ALIGN="LEFT" CELLPADDING="6" '
                       f'{_named(f"stage-{place}-head", words.stage_title(stage, status))}'))]
    rows += [_chip(chip, place, marks, theme) for chip in chips if chip.kind == "entry"]
    for order, group in enumerate(groups(stage)):
        if order:
            rows.append(_row(_cell(_font("↓", theme.soft, 15))))
        rows.append(_row(_cell(_group(stage, place, group, marks, direction, artifacts, theme), 'CELLPADDING="5"')))
    rows += [_chip(chip, place, marks, theme) for chip in chips if chip.kind != "entry"]
    rows.append(_ROOM)
    return f"<{_marked(rows, status, theme.edge, theme.stage, theme)}>"


def _head(stage: Stage, place: int, status: str | None, marks: Marks | None, theme: Theme) -> str:
    names = "<BR ALIGN=\"LEFT\"/>".join(_escape(line) for line in fit(stage.name, 360, HEAD, True, 2))
    tokens = _tokens(marks.at(f"stage-{place}"), theme) if marks else ""
    rows = _row(_cell(_font_raw(names, theme.text, HEAD, True), 'ALIGN="LEFT"')
                + (_cell(tokens, 'ALIGN="RIGHT" ROWSPAN="2" CELLPADDING="4"') if tokens else ""))
    if status:
        rows += _row(_cell(_status(status, False, theme), 'ALIGN="LEFT"'))
    return f'<TABLE {_TIGHT}>{rows}</TABLE>'


def _group(stage: Stage, place: int, group: list[tuple[int, Action]], marks: Marks | None, direction: Direction,
           artifacts: bool, theme: Theme) -> str:
    columns = COLUMNS_TB if direction == "TB" else COLUMNS_LR
    names = [f"action-{place}-{index}" for index, _ in group]
    lines = [_lines(action, marks.status.get(name) if marks else None, artifacts, theme)
             for name, (_, action) in zip(names, group, strict=True)]
    high = max(sum(line for _, line in each) for each in lines) + 12
    cells = [_action(stage, action, name, marks, told, high, theme)
             for name, (_, action), told in zip(names, group, lines, strict=True)]
    rows = "".join(_row("".join(cells[first:first + columns])) for first in range(0, len(cells), columns))
    if len(group) == 1:
        return f"<TABLE {_TIGHT}>{rows}</TABLE>"
    return _table(rows, theme.head, theme.head, 'CELLSPACING="6"')


def _action(stage: Stage, action: Action, name: str, marks: Marks | None, lines: list[tuple[str, int]], high: int,
            theme: Theme) -> str:
    """A card of a fixed size, for dot would stretch it to the width of the stage."""
    status = marks.status.get(name) if marks else None
    wide = CARD_MAX - 2 * INSET
    told = "".join(_row(_cell(text, f'ALIGN="LEFT" WIDTH="{wide}" HEIGHT="{line}"')) for text, line in lines)
    inner = f'<TABLE {_TIGHT} {_fixed(wide, high - 12)}>{told}</TABLE>'
    field = _row(_cell(inner, f'WIDTH="{CARD_MAX - 8}" HEIGHT="{high - 8}"'))
    card = _marked([field], status, theme.edge, theme.card, theme, True, (CARD_MAX, high))
    if marks and marks.at(name):
        tokens = _cell(_tokens(marks.at(name), theme), 'VALIGN="TOP"')
        card = f"<TABLE {_TIGHT}>{_row(_cell(card) + tokens)}</TABLE>"
    return _cell(card, f'PORT="{name}" {_named(name, words.action_title(stage, action, status))}')


def _lines(action: Action, status: str | None, artifacts: bool, theme: Theme) -> list[tuple[str, int]]:
    """Each line of a card, with its height in points."""
    room = CARD_MAX - 2 * INSET
    lines = [(_font(line, theme.text, NAME, True), 18) for line in fit(action.name, room, NAME, True, 2)]
    sign = "☑ " if action.is_approval else ""
    small = [sign + fit(words.provider(action), room - 2 * INSET, SMALL)[0]]
    small += fit(words.source(action), room, SMALL, False, 2)
    if artifacts:
        ends = (("in:", action.inputs), ("out:", action.outputs))
        small += [f"{end} {', '.join(names)}" for end, names in ends if names]
    lines += [(_font(fit(text, room, SMALL)[0], theme.soft, SMALL), 16) for text in small if text]
    return lines + ([(_status(status, action.is_approval, theme), 17)] if status else [])


def _chip(chip: words.Chip, place: int, marks: Marks | None, theme: Theme) -> str:
    name = f"{chip.kind}-{place}"
    status = marks.status.get(name) if marks else None
    glyph = look(status).glyph if status else chip.glyph
    text = _font(f"{glyph} {chip.text}", theme.shades[look(status).hue].ink if status else theme.soft, CHIPS)
    field = _row(_cell(text, 'CELLPADDING="3" ALIGN="LEFT"'))
    box = _marked([field], status, theme.edge, theme.card, theme, tinted=True)
    return _row(_cell(box, f'CELLPADDING="5" {_named(name, words.ended(chip.title, status))}'))


def _status(status: str, approval: bool, theme: Theme) -> str:
    shown = look(status)
    return _font(f"{shown.glyph} {word(status, approval)}", theme.shades[shown.hue].ink, SMALL, True)


def _tokens(numbers: tuple[int, ...], theme: Theme) -> str:
    """Side by side, the first at the right as in front of a door. Empty where there are none."""
    if not numbers:
        return ""
    shown = numbers if len(numbers) <= _TOKENS_SHOWN else numbers[:_TOKENS_SHOWN - 1]
    discs = [(str(number), *TOKENS[token_hue(number)]) for number in shown]
    if len(shown) < len(numbers):
        discs.append((f"+{len(numbers) - len(shown)}", theme.card, theme.text))
    wide = max(22, 10 + 7 * max(len(text) for text, _, _ in discs))
    cells = "".join(_token(*disc, wide, theme) for disc in reversed(discs))
    size = _fixed(len(discs) * (wide + 2) + 2, 26)
    return f'<TABLE BORDER="0" ALIGN="RIGHT" CELLBORDER="0" CELLSPACING="2" CELLPADDING="0" {size}>{_row(cells)}</TABLE>'


def _token(text: str, fill: str, ink: str, wide: int, theme: Theme) -> str:
    inner = _row(_cell(_font(text, ink, SMALL, True), f'WIDTH="{wide - 2}" HEIGHT="20"'))
    return _cell(_table(inner, theme.text, fill, f'CELLPADDING="0" {_fixed(wide, 22)}'))


# ---------------------------------------------------------------------------------------------- edges


def _transition(graph: graphviz.Digraph, pipeline: Pipeline, into: int, marks: Marks | None, direction: Direction,
                theme: Theme) -> None:
    """Stage, switch, stage; heavier than what artifacts pull at."""
    name, shown = f"transition-{into}", marks or NO_MARKS
    closed = name in shown.disabled
    title = words.transition_title(pipeline, into, shown)
    graph.node(name, f"<{_switch(name, title, closed, shown.at(name), direction, theme)}>", id=name,
               **{"class": "transition"})
    ways = {"style": "dashed" if closed else "solid", "weight": "100"}
    leave, arrive = (":s", ":n") if direction == "TB" else (":e", ":w")
    head = "" if direction == "TB" else ":head"
    if into:
        graph.edge(f"stage-{into - 1}{head}{leave}", f"{name}:switch{arrive}", arrowhead="none", **ways)
    graph.edge(f"{name}:switch{leave}", f"stage-{into}{head}{arrive}", **ways)


def _switch(name: str, title: str, closed: bool, waiting: tuple[int, ...], direction: Direction, theme: Theme) -> str:
    """The switch in the middle, who waits before it, "Disabled" behind: beside it from top to bottom, else below."""
    colour = theme.shades["vermillion"].line if closed else theme.quiet
    knob = _cell(_table(_row(_cell("")), colour, colour, _fixed(10, 10)), 'WIDTH="16" HEIGHT="16"')
    gap = _cell(_font("×", colour, SMALL, True) if closed else "", 'WIDTH="16" HEIGHT="16"')
    inner = _row(knob + gap if closed else gap + knob)
    switch = _cell(_table(inner, colour, theme.card, f'PORT="switch" CELLPADDING="0" {_fixed(34, 18)}'),
                   _named(f"{name}-switch", title))
    told = _table(_row(_cell(_font(words.DISABLED, theme.shades["vermillion"].ink, SMALL, True))), theme.edge,
                  theme.card, 'CELLPADDING="2"') if closed else ""
    tokens = _tokens(waiting, theme)
    queue = _table(_row(_cell(tokens)), theme.edge, theme.card, "") if tokens else ""
    if direction == "LR":
        rows = [_row(switch), *(_row(_cell(part)) for part in (told, queue) if part)]
    else:
        rows = [_row((_cell(queue) if queue else "") + switch + (_cell(told) if told else ""))]
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="3" CELLPADDING="0">{"".join(rows)}</TABLE>'


def _artifacts(graph: graphviz.Digraph, pipeline: Pipeline, direction: Direction, theme: Theme) -> None:
    """One edge for each stage that takes an artifact of another one. It ends at the stages, for dot would lead it
    across their cards; who makes and who takes it stands on the cards."""
    for number, flow in enumerate(flows(pipeline)):
        shade = theme.shades[FLOW_HUES[number % len(FLOW_HUES)]]
        for stage in sorted({place.stage for place, _ in flow.takers} - {flow.maker.stage}):
            (name,) = fit(flow.name, CARD_MAX, SMALL)
            graph.edge(f"stage-{flow.maker.stage}", f"stage-{stage}", label=f"<{_font(name, shade.ink, SMALL)}>",
                       color=shade.line, penwidth="1.4", tooltip=_plain(f"Artifact {flow.name}"),
                       **{"class": f"artifact artifact-{number}"})


# ---------------------------------------------------------------------------------------------- HTML-like labels


def _escape(text: str) -> str:
    """dot replaces `\\N` and its like in labels and tooltips alike."""
    return escape(text).replace("\\", "\\\\")


def _plain(text: str) -> str:
    """A text for an attribute that is no label: never taken for HTML; its entities and backslashes its own."""
    import graphviz

    return str(graphviz.escape(escape(text)))


def _fixed(width: int, height: int) -> str:
    return f'FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{height}"'


def _named(name: str, title: str) -> str:
    """dot writes a cell's id and title only where it has a target."""
    return f'ID="{name}" TARGET="_self" TITLE="{_escape(title)}"'


def _font(text: str, colour: str, size: int, bold: bool = False) -> str:
    return _font_raw(_escape(text), colour, size, bold)


def _font_raw(html: str, colour: str, size: int, bold: bool = False) -> str:
    inner = f"<B>{html}</B>" if bold else html
    return f'<FONT COLOR="{colour}" POINT-SIZE="{size}">{inner}</FONT>' if html else ""


def _row(cells: str) -> str:
    return f"<TR>{cells}</TR>"


def _cell(inner: str, attributes: str = "") -> str:
    return f"<TD {attributes}>{inner}</TD>" if attributes else f"<TD>{inner}</TD>"


def _table(rows: str, line: str, fill: str, attributes: str, width: float = 1, style: str = "ROUNDED") -> str:
    spacing = "" if "CELLSPACING" in attributes else 'CELLSPACING="0" '
    return (f'<TABLE BORDER="{width:g}" STYLE="{style}" COLOR="{line}" BGCOLOR="{fill}" CELLBORDER="0" '
            f"{spacing}{attributes}>{rows}</TABLE>")


def _marked(rows: list[str], status: str | None, edge: str, fill: str, theme: Theme, tinted: bool = False,
            size: tuple[int, int] | None = None) -> str:
    """A card whose border tells its status."""
    sized = _fixed(*size) if size else ""
    if status is None:
        return _table("".join(rows), edge, fill, f'CELLPADDING="0" {sized}')
    shown = look(status)
    shade = theme.shades[shown.hue]
    style = ",".join(filter(None, ("ROUNDED", _BORDERS.get(shown.border, ""))))
    return _table("".join(rows), shade.line, shade.tint if tinted else fill, f'CELLPADDING="0" {sized}',
                  round(shown.weight), style)
