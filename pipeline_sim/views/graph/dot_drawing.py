"""How dot's own drawing becomes like ours: the same ids, classes, titles and size, nothing that leads outside.

dot writes ids of cells as `a_action-2-1` on links without a target, sizes in points and a DOCTYPE that names a file on
the web; versions differ. What cannot be found again makes the drawing unfit, and the caller draws without dot.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import NamedTuple

from ...pipeline.model import Pipeline
from . import words
from .dot import TITLE, digraph
from .marks import DARK, LIGHT, NO_MARKS, Marks, Theme, status_key
from .shapes import Direction
from .text import FONT, clean, pressed


class CannotDraw(Exception):
    """The picture cannot be drawn like this; the message says what to do instead."""


def run_dot(pipeline: Pipeline, marks: Marks | None, kind: str, *, artifacts: bool, theme: str,
            direction: Direction | None) -> bytes | None:
    """What dot makes of the picture: `svg`, `png` or `pdf`. None where there is no dot, or where it fails.

    Without a binary graphviz raises ExecutableNotFound; in a browser, where no process can be started, OSError 138.
    """
    import graphviz

    graph = digraph(pipeline, marks, artifacts=artifacts, theme=theme, direction=direction)
    if kind == "png":
        graph.graph_attr["dpi"] = "144"  # twice a screen's 72: sharp on a projector
    try:
        return bytes(graph.pipe(format=kind, quiet=True))
    except (graphviz.ExecutableNotFound, graphviz.CalledProcessError, OSError):
        return None


class Element(NamedTuple):
    kind: str
    name: str
    title: str


def dot_svg(pipeline: Pipeline, marks: Marks | None, *, artifacts: bool, theme: str,
            direction: Direction | None) -> str | None:
    """dot's drawing with our ids. None where there is no dot, or a dot that writes something else."""
    drawn = run_dot(pipeline, marks, "svg", artifacts=artifacts, theme=theme, direction=direction)
    return None if drawn is None else like_ours(drawn, pipeline, marks, theme)


def like_ours(drawn: bytes, pipeline: Pipeline, marks: Marks | None, theme: str) -> str | None:
    """None where an element of the pipeline is not found again."""
    try:
        root = ET.fromstring(drawn)
    except ET.ParseError:
        return None
    _bare(root)
    _press(root)
    elements = _elements(pipeline, marks)
    found = set()
    for each in root.iter("g"):
        name = each.attrib.pop("id", "").removeprefix("a_")
        if name in elements and name not in found:
            _name(each, name, elements[name])
            found.add(name)
    if not elements.keys() - {"transition-0"} <= found:
        return None
    _head(root, pipeline, marks, theme)
    return ET.tostring(root, encoding="unicode") + "\n"


def _elements(pipeline: Pipeline, marks: Marks | None) -> Mapping[str, Element]:
    """All that must be in the drawing, by id."""
    shown = marks or NO_MARKS
    found = {}

    def add(name: str, kind: str, data: str, title: str) -> None:
        status = shown.status.get(name) if marks else None
        found[name] = Element(f"{kind} status-{status_key(status)}" if status else kind, data, title)

    for place, stage in enumerate(pipeline.stages):
        add(f"stage-{place}", "stage", stage.name, words.stage_title(stage, shown.status.get(f"stage-{place}")))
        closed = f"transition-{place}" in shown.disabled
        add(f"transition-{place}", f"transition {'disabled' if closed else 'enabled'}", stage.name,
            words.transition_title(pipeline, place, shown))
        for index, action in enumerate(stage.actions):
            name = f"action-{place}-{index}"
            add(name, "action approval" if action.is_approval else "action", action.name,
                words.action_title(stage, action, shown.status.get(name)))
        for chip in words.chips(stage):
            name = f"{chip.kind}-{place}"
            add(name, "condition", chip.text, words.ended(chip.title, shown.status.get(name)))
    return found


def _name(each: ET.Element, name: str, element: Element) -> None:
    each.set("id", name)
    each.set("class", element.kind)
    each.set("data-name", clean(element.name))
    _title(each, element.title)


def _title(each: ET.Element, text: str) -> None:
    title = ET.Element("title")
    title.text = clean(text)
    each.insert(0, title)


def _bare(root: ET.Element) -> None:
    """Plain names of tags and attributes; what stands on every text once, at the root; links, for they lead nowhere,
    become groups, and what they would say on hovering is kept where it is about an artifact."""
    for each in list(root.iter()):
        each.tag = each.tag.rpartition("}")[2]
        each.attrib = {key.rpartition("}")[2]: "none" if value == "transparent" else value
                       for key, value in each.attrib.items() if key != "font-family"}
        for old in [child for child in each if child.tag.endswith("title")]:
            each.remove(old)
    for edge in root.iter("g"):
        kind = edge.get("class", "").partition("edge ")[2]
        if kind.startswith("artifact"):
            edge.set("class", kind)
            _title(edge, next((link.get("title", "") for link in edge.iter("a")), ""))
    for link in root.iter("a"):
        link.tag = "g"
        link.attrib.clear()


def _press(root: ET.Element) -> None:
    """The pipeline's name keeps to its cell, whatever font the reader has: dot measured it with one of its own."""
    for text in root.iter("text"):
        if text.get("font-weight") == "bold" and float(text.get("font-size", 0)) == TITLE:
            if length := pressed(text.text or "", 0, TITLE, True):
                text.attrib |= {"textLength": str(length), "lengthAdjust": "spacingAndGlyphs"}
            return


def _head(root: ET.Element, pipeline: Pipeline, marks: Marks | None, theme: str) -> None:
    wide, high = (f"{float(size.removesuffix('pt')):.0f}" for size in (root.get("width", ""), root.get("height", "")))
    box = root.get("viewBox", f"0 0 {wide} {high}")
    root.attrib.clear()
    root.attrib.update({"xmlns": "http://www.w3.org/2000/svg", "class": f"pipeline-sim theme-{theme}", "role": "img",
                        "aria-label": clean(words.sentence(pipeline, marks)), "viewBox": box, "width": wide,
                        "height": high, "font-family": FONT})
    if theme == "auto":
        style = ET.Element("style")
        style.text = _turned()
        root.insert(0, style)


def _turned() -> str:
    """dot writes colours as attributes; for readers of dark pages a sheet turns each light one into its dark twin."""
    pairs = dict(zip(_colours(LIGHT), _colours(DARK), strict=True))
    rules = "".join(f".theme-auto [{what}='{light}']{{{what}:{dark}}}"
                    for light, dark in pairs.items() for what in ("fill", "stroke"))
    return f"@media (prefers-color-scheme:dark){{{rules}}}"


def _colours(theme: Theme) -> list[str]:
    """Every colour of a theme, always in the same order."""
    single = [theme.stage, theme.head, theme.card, theme.edge, theme.text, theme.soft, theme.quiet]
    return single + [colour for shade in theme.shades.values() for colour in (shade.line, shade.ink, shade.tint)]
