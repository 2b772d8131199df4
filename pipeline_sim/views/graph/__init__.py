"""How a pipeline looks: like AWS's console, drawn by graphviz, or by ourselves where graphviz is missing.

`svg` and `dot_source` return text, `render` writes a file, `mimebundle` is what a notebook shows, `scene` says where
everything lies for a front end that draws itself. What a run adds comes in from outside as `Marks`.
"""

from __future__ import annotations

import base64
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Literal

from ...pipeline.model import Pipeline
from . import words
from .dot import dot_source
from .dot_drawing import CannotDraw, dot_svg, run_dot
from .drawing import draw
from .layout import choose, scene
from .marks import Marks, action_id, stage_id, transition_id
from .overview import overview
from .shapes import Direction, Scene, plain

__all__ = ["CannotDraw", "Direction", "Drawn", "Engine", "Marks", "Scene", "Theme", "action_id", "choose", "dot_source",
           "mimebundle", "overview", "plain", "png", "render", "scene", "stage_id", "svg", "transition_id"]

Theme = Literal["light", "dark", "auto"]
Engine = Literal["auto", "dot", "exact"]

GET_DOT = ("To have graphviz draw, install its program `dot`: apt install graphviz, dnf install graphviz, "
           "brew install graphviz, winget install graphviz, or conda install -c conda-forge graphviz.")
HINT = f"Drawn by pipeline-sim itself, for graphviz's `dot` is not here. {GET_DOT}"
HINT_IN_BROWSER = "Drawn by pipeline-sim itself, for a Python in the browser cannot start graphviz's `dot`."
FORMATS = ("svg", "png", "pdf", "dot")


@dataclass(frozen=True)
class Drawn:
    """What was written: its format, by what (`dot`, `exact`, or `source` for DOT itself), and a line for the reader
    where dot was missing, else an empty one."""

    format: str
    engine: str
    hint: str = ""


def svg(pipeline: Pipeline, marks: Marks | None = None, *, artifacts: bool = False, theme: Theme = "light",
        engine: Engine = "auto", direction: Direction | None = None, width: int | None = None) -> str:
    """The picture as SVG: by dot where it is there, else exactly laid out; ids, classes and titles are the same.

    `width` (pixels) asks for the exact layout, for dot knows none. Theme `auto` follows the reader's system on a
    transparent page. Raises CannotDraw where dot is asked for and missing.
    """
    return _svg(pipeline, marks, artifacts, theme, engine, direction, width)[0]


def _svg(pipeline: Pipeline, marks: Marks | None, artifacts: bool, theme: Theme, engine: Engine,
         direction: Direction | None, width: int | None) -> tuple[str, str]:
    """The picture, and what drew it."""
    if engine == "dot" or (engine == "auto" and width is None):
        drawn = dot_svg(pipeline, marks, artifacts=artifacts, theme=theme, direction=direction)
        if drawn is not None:
            return drawn, "dot"
        if engine == "dot":
            raise CannotDraw(f"graphviz's program `dot` is not here, or does not work. {GET_DOT}")
    found = scene(pipeline, direction, width, marked=marks is not None, artifacts=artifacts)
    return draw(pipeline, found, marks, theme), "exact"


def render(pipeline: Pipeline, path: str | Path, marks: Marks | None = None, *, artifacts: bool = False,
           theme: Theme = "light", engine: Engine = "auto", direction: Direction | None = None) -> Drawn:
    """Write the picture to a file whose ending says the format. Raises CannotDraw, and OSError from writing.

    `.svg` and `.dot` can always be written; `.png` and `.pdf` need dot.
    """
    target = Path(path)
    kind = target.suffix[1:].lower()
    if kind not in FORMATS:
        raise CannotDraw(f"{target}: the ending says the format, and it must be one of "
                         f"{', '.join('.' + each for each in FORMATS)}")
    if kind == "dot":
        target.write_text(dot_source(pipeline, marks, artifacts=artifacts, theme=theme, direction=direction), "utf-8")
        return Drawn(kind, "source")
    if kind == "svg":
        text, used = _svg(pipeline, marks, artifacts, theme, engine, direction, None)
        target.write_text(text, "utf-8")
        return Drawn(kind, used, _hint() if used == "exact" and engine == "auto" else "")
    image = run_dot(pipeline, marks, kind, artifacts=artifacts, theme=theme, direction=direction)
    if image is None:
        raise CannotDraw(f"{target}: a .{kind} is drawn by graphviz's program `dot`, which is not here or does not "
                         f"work. {GET_DOT} An .svg needs no dot: {target.with_suffix('.svg')}")
    target.write_bytes(image)
    return Drawn(kind, "dot")


def png(pipeline: Pipeline, marks: Marks | None = None, *, artifacts: bool = False, theme: Theme = "light",
        direction: Direction | None = None) -> bytes:
    """The picture as PNG, drawn by dot. Raises CannotDraw where it is missing."""
    image = run_dot(pipeline, marks, "png", artifacts=artifacts, theme=theme, direction=direction)
    if image is None:
        raise CannotDraw(f"A PNG is drawn by graphviz's program `dot`, which is not here or does not work. {GET_DOT}")
    return image


def mimebundle(pipeline: Pipeline, marks: Marks | None = None) -> dict[str, str]:
    """What a notebook shows: an image in HTML, which also untrusted notebooks keep, and one line of text."""
    picture, used = _svg(pipeline, marks, False, "auto", "auto", None, None)
    source = base64.b64encode(picture.encode()).decode()
    told = words.sentence(pipeline, marks)
    hint = f'<div style="font-size:small;opacity:.8">{escape(_hint())}</div>' if used == "exact" else ""
    html = (f'<div><img alt="{escape(told)}" style="max-width:100%;height:auto" '
            f'src="data:image/svg+xml;base64,{source}"/></div>{hint}')
    return {"text/html": html, "text/plain": told}


def _hint() -> str:
    return HINT_IN_BROWSER if sys.platform == "emscripten" else HINT
