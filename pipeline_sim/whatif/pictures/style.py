"""The project's own style: colours of the console's themes (Okabe and Ito's hues), quiet axes, a title that says it all."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from html import escape
from inspect import signature
from pathlib import Path
from textwrap import wrap
from typing import Any, ParamSpec

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator, NullLocator

from ...scenario import duration_text
from ...views.graph.marks import DARK, LIGHT, Theme
from ..measures import SECONDS, SHARE, USD, tell
from .both import FONTS, both

HUES = ("blue", "orange", "green", "purple", "sky", "vermillion", "yellow")
FORMATS = ("svg", "png", "pdf")
PLAIN = 80  # dots an inch where an image stands in for the drawing
NARROW, FITS = "overflow-x:auto", "max-width:100%;min-width:34em;height:auto"
"""Where there is little room, a picture is pushed to the side, not made so small that nobody can read it."""
Asked = ParamSpec("Asked")


@dataclass(frozen=True)
class Style:
    """How pictures look: a theme, and how large words and lines are (1 on paper and screen)."""

    name: str
    theme: Theme
    size: float = 1.0

    def line(self, hue: str) -> str:
        return self.theme.shades[hue].line

    def ink(self, hue: str) -> str:
        return self.theme.shades[hue].ink

    def points(self, size: float) -> float:
        return size * self.size


STYLES = {one.name: one for one in (Style("light", LIGHT), Style("dark", DARK), Style("projector", LIGHT, 1.5))}


def style_of(name: str | Style) -> Style:
    if isinstance(name, Style):
        return name
    if name not in STYLES:
        raise ValueError(f"No style is called {name!r}: {', '.join(STYLES)}.")
    return STYLES[name]


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure, and what it shows in a sentence. `dark` draws the same for the night, where the style was not chosen."""

    figure: Figure
    title: str
    dark: Callable[[], Picture] | None = None

    def bytes(self, format: str = "svg", dpi: int = 160) -> bytes:
        """The picture as a file of this format; the same picture gives the same bytes."""
        if format not in FORMATS:
            raise ValueError(f"{format!r}: a picture is written as {', '.join(FORMATS)}.")
        out = io.BytesIO()
        told: dict[str, dict[str, Any]] = {"svg": {"Date": None, "Title": self.title}, "pdf": {"CreationDate": None},
                                           "png": {"Title": self.title}}
        with rc_context({"svg.hashsalt": "pipeline-sim"}):
            self.figure.savefig(out, format=format, dpi=dpi, metadata=told[format])
        return out.getvalue()

    def save(self, path: str | Path) -> Path:
        """Write it; the ending of the name says the format."""
        place = Path(path)
        place.write_bytes(self.bytes(place.suffix.lstrip(".").lower()))
        return place

    def image(self) -> str:
        """As the source of an `<img>`."""
        return _source(self.bytes("svg"))

    def themed(self) -> str:
        """As the source of an `<img>` that is light or dark as the page is; as it was drawn where a style was chosen."""
        with rc_context(FONTS):
            drawn = self.bytes("svg").decode()
            found = both(drawn, self.dark().bytes("svg").decode()) if self.dark else None
        return _source((found or drawn).encode())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """An image in HTML, which also untrusted notebooks keep; a plain one for what shows no HTML."""
        html = f'<div style="{NARROW}"><img alt="{escape(self.title)}" style="{FITS}" src="{self.themed()}"/></div>'
        return {"text/html": html, "image/png": base64.b64encode(self.bytes("png", PLAIN)).decode(),
                "text/plain": self.title}


def _source(svg: bytes) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode()


def by_day_and_night(draw: Callable[Asked, Picture]) -> Callable[Asked, Picture]:
    """A picture that is drawn light, as it is unless somebody chooses, knows how it is drawn dark."""
    asked = signature(draw)

    @wraps(draw)
    def drawn(*given: Asked.args, **more: Asked.kwargs) -> Picture:
        picture, said = draw(*given, **more), asked.bind(*given, **more)
        said.apply_defaults()
        if style_of(said.arguments["style"]).name != "light":
            return picture
        said.arguments["style"] = "dark"
        return replace(picture, dark=lambda: draw(*said.args, **said.kwargs))
    return drawn


# ---------------------------------------------------------------------------------------------- frames


def frame(style: Style, title: str, below: str = "", *, wide: float = 8.0, high: float = 0.0, left: float = 0.72,
          right: float = 0.25, above: float = 0.0) -> tuple[Figure, Axes]:
    """A figure with its title at the left, what it rests on below it, and quiet axes. `left`, `right` and `above` are room
    for names beside the axes, in inches of a small picture."""
    high = high or 3.0 + 1.5 * style.size
    figure = Figure(figsize=(wide, high), facecolor=style.theme.page)
    FigureCanvasAgg(figure)
    top = 0.14 * style.size
    for line in wrap(title, int(wide * 8.9 / style.size)):
        _words(figure, top, line, style.points(12.5), style.theme.text, "bold")
        top += 0.235 * style.size
    for line in wrap(below, int(wide * 13.4 / style.size), max_lines=3, placeholder=" …"):
        _words(figure, top + 0.03, line, style.points(9), style.theme.soft, "normal")
        top += 0.19 * style.size
    edges = {"left": left * style.size / wide, "right": 1 - right * style.size / wide, "bottom": 0.62 * style.size / high,
             "top": 1 - (top + 0.18 + above * style.size) / high}
    axes = figure.subplots(gridspec_kw=edges)
    _quiet(axes, style)
    return figure, axes


def _words(figure: Figure, down: float, text: str, size: float, colour: str, weight: str) -> None:
    wide, high = figure.get_size_inches()
    figure.text(0.16 / wide, 1 - down / high, text, fontsize=size, color=colour, fontweight=weight, ha="left", va="top",
                parse_math=False)


def _quiet(axes: Axes, style: Style) -> None:
    theme = style.theme
    axes.set_facecolor(theme.page)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(theme.edge)
    axes.tick_params(colors=theme.edge, labelcolor=theme.soft, labelsize=style.points(9), length=3)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set_color(theme.soft)
        label.set_fontsize(style.points(9.5))


def grid(axes: Axes, style: Style, axis: str = "y") -> None:
    """Faint lines behind the data."""
    axes.grid(visible=True, axis=axis, color=style.theme.head, linewidth=0.8 * style.size)  # type: ignore[arg-type]
    axes.set_axisbelow(True)


def rows(axes: Axes, style: Style, names: list[str]) -> None:
    """Names of rows, from top to bottom."""
    axes.set_yticks(range(len(names)))
    for label in axes.set_yticklabels(names, color=style.theme.text, fontsize=style.points(9.5), parse_math=False):
        label.set_color(style.theme.text)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def note(axes: Axes, style: Style, x: float, y: float, text: str, hue: str = "", **more: Any) -> Text:
    """A word beside the data, never read as mathematics."""
    colour = style.ink(hue) if hue else style.theme.text
    return axes.text(x, y, text, **{"fontsize": style.points(9), "color": colour, "parse_math": False, **more})


# ---------------------------------------------------------------------------------------------- units


UNITS = ((86_400 * 2, 86_400, "d"), (7_200, 3_600, "h"), (120, 60, "min"), (0, 1, "s"))
STEPS = (0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 250, 500)
MOMENTS = (1, 5, 15, 60, 300, 900, 1_800, 3_600, 3 * 3_600, 6 * 3_600, 12 * 3_600, 86_400, 3 * 86_400,
           7 * 86_400, 30 * 86_400)


def time_axis(axes: Axes, side: str, longest: float, what: str) -> None:
    """An axis of seconds, in the unit that suits its length."""
    size, word = next((size, word) for least, size, word in UNITS if longest >= least)
    axis = axes.xaxis if side == "x" else axes.yaxis
    step = next((step for step in STEPS if longest / size / step <= 8), 0)
    axis.set_major_locator(MultipleLocator(size * step) if step else MaxNLocator(nbins=7))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / size:g}"))
    (axes.set_xlabel if side == "x" else axes.set_ylabel)(f"{what} [{word}]")


def log_time_axis(axes: Axes, shortest: float, longest: float, what: str) -> None:
    """A logarithmic axis of seconds, for times that lie far apart."""
    axes.set_xscale("log")
    shown = [moment for moment in MOMENTS if shortest <= moment <= longest]
    axes.set_xticks(shown, [duration_text(moment) for moment in shown])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(what)


def unit_axis(axes: Axes, side: str, unit: str, longest: float, what: str) -> None:
    """An axis of a measure in its unit."""
    if unit == SECONDS:
        time_axis(axes, side, longest, what)
        return
    axis = axes.xaxis if side == "x" else axes.yaxis
    if unit == SHARE:
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:g}%"))
    label = what if unit in (SHARE, "count") else f"{what} [{'USD' if unit == USD else unit}]"
    (axes.set_xlabel if side == "x" else axes.set_ylabel)(label)


def short(seconds: float) -> str:
    """A time for a label; `?` for one that is not bounded."""
    return tell(seconds, SECONDS)
