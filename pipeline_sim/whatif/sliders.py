"""Sliders in a notebook: `explore(pipeline, scenario)` answers while they are dragged.

While a slider moves, only what executions say is shown (success, lead times, deployments), from arrays, in a picture of
our own that is drawn in a millisecond; costs, waiting and the bottleneck follow when the hand rests. Moves that arrive
while an answer is made are one question: the latest.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets as widgets
import numpy as np

from ..console.hearing import in_order
from ..pipeline.fault import Faults
from ..pipeline.model import Pipeline
from ..scenario import Scenario
from .compare import SAME, Comparison
from .knobs import CHANCES, World, turned
from .replicate import asked, replicate
from .result import Result
from .sensitivity import usual
from .sums import Floats

ONE, MANY = 10_000, 200
"""Runs of a single change, and of a stream of pushes."""
AT_ONCE, AT_REST = 0.02, 0.5
"""Seconds after a move until the quick answer is made, and until the whole one is."""
QUICK = ("success", "superseded", "lead time", "lead time p50", "lead time p90", "lead time p95", "deployments")
WHOLE = (*QUICK, "delivered", "deployment frequency", "change failure rate", "waiting", "cost")


FULL = {"max_width": "100%"}
NAME = {"height": "auto", **FULL}


@dataclass(frozen=True)
class Lever:
    """A slider and the knob that it turns: `value` reads the slider as the knob takes it, None where it rests."""

    knob: str
    widget: Any
    value: Callable[[], Any]
    sign: str = ""

    @property
    def reading(self) -> str:
        """Where it stands: `20%`, `× 0.5`, `3`."""
        if self.sign:
            return f"× {self.widget.value:g}"
        return f"{self.widget.value:.0%}" if isinstance(self.widget, widgets.FloatSlider) else str(self.widget.value)

    @property
    def shown(self) -> Any:
        """The slider under its name, for which there is too little room beside it."""
        return widgets.VBox([widgets.Label(f"{self.knob}{self.sign}", layout=NAME), self.widget], layout=FULL)


class Explorer:
    """The sliders of a world, and what they come to. `box` is what a notebook shows; `world` is where the sliders stand."""

    def __init__(self, pipeline: Pipeline, scenario: Scenario, knobs: Sequence[str] | None = None, runs: int | None = None,
                 seed: int = 0) -> None:
        self.base_world: World = (pipeline, asked(pipeline, scenario))
        self.runs = runs or (MANY if scenario.streams else ONE)
        self.seed = seed
        self.base = self._result(self.base_world)
        self.result = self.base
        self.levers = [_lever(self.base_world, name) for name in _names(self.base_world, knobs)]
        self.shown = widgets.HTML(layout=widgets.Layout(flex="1 1 26em", min_width="0", overflow="auto"))
        self.note = widgets.HTML()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        for lever in self.levers:
            in_order(lever.widget).observe(self._moved, "value")
        again = widgets.Button(description="As it was", tooltip="All sliders back to where they were")
        in_order(again).on_click(self._reset)
        hand = widgets.VBox([*(lever.shown for lever in self.levers), again, self.note], layout=FULL)
        self.box = widgets.HBox([hand, self.shown], layout=widgets.Layout(
            flex_flow="row wrap", align_items="flex-start", grid_gap="1.5em"))
        self.answer(whole=True)

    @property
    def world(self) -> World:
        """The world as the sliders say. ValueError, or Faults, where it makes no sense."""
        world = self.base_world
        for lever in self.levers:
            value = lever.value()
            if value is not None:
                world = turned(world, lever.knob, value)
        return world

    @property
    def comparison(self) -> Comparison:
        """Where the sliders stand, against the world as it was."""
        return Comparison(self.base, self.result)

    def answer(self, whole: bool = False) -> None:
        """Show what the world comes to where the sliders stand; `whole` with what takes longer."""
        try:
            self.result = self._result(self.world)
        except (ValueError, Faults) as problem:
            self.note.value = f'<p role="alert">{escape(str(problem))}</p>'
            return
        self.note.value = _by(self.result)
        self.shown.value = picture(self.base, self.result) + figures(self.base, self.result, WHOLE if whole else QUICK)

    def _result(self, world: World) -> Result:
        return replicate(*world, self.runs, seed=self.seed, progress=False)

    def _reset(self, _: Any) -> None:
        for lever in self.levers:
            lever.widget.value = 1.0 if isinstance(lever.widget, widgets.FloatLogSlider) else lever.widget.resting

    def _moved(self, _: Any) -> None:
        """Answer soon, but once for all moves that come together; where no loop runs, at once."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.answer(whole=True)
            return
        if "soon" not in self._timers:
            self._timers["soon"] = loop.call_later(AT_ONCE, self._soon)
        rest = self._timers.pop("rest", None)
        if rest is not None:
            rest.cancel()
        self._timers["rest"] = loop.call_later(AT_REST, self._rested)

    def _soon(self) -> None:
        del self._timers["soon"]
        self.answer()

    def _rested(self) -> None:
        self._timers.pop("rest", None)
        self.answer(whole=True)

    def _repr_mimebundle_(self, **more: Any) -> Any:
        made = self.box._repr_mimebundle_(**more)
        data, metadata = made if isinstance(made, tuple) else (made or {}, {})
        return {**data, "text/html": still(self), "text/plain": _told(self)}, metadata


def explore(pipeline: Pipeline, scenario: Scenario, knobs: Sequence[str] | None = None, *, runs: int | None = None,
            seed: int = 0) -> Explorer:
    """Sliders over the knobs of a world (or over those that are named: `["Test/Unit.failure", "capacity.CodeBuild"]`).
    Chances go from 0 to 100 %; times and the rate of pushes are multiplied, from a quarter to four times."""
    return Explorer(pipeline, scenario, knobs, runs, seed)


def beside(things: Sequence[Any], titles: Sequence[str]) -> Any:
    """Widgets side by side, each under its title."""
    parts = [widgets.VBox([widgets.HTML(f"<b>{escape(title)}</b>"), thing], layout=widgets.Layout(flex="1 1 30em"))
             for thing, title in zip(things, titles, strict=True)]
    return widgets.HBox(parts, layout=widgets.Layout(flex_flow="row wrap"))


# ---------------------------------------------------------------------------------------------- sliders


def _names(world: World, knobs: Sequence[str] | None) -> list[str]:
    if knobs is not None:
        return list(knobs)
    pipeline, scenario = world
    every = [f"{stage.name}/{action.name}.failure" for stage, action in pipeline.walk()
             if not action.is_source and not action.is_approval]
    return [*dict.fromkeys([*(one.knob for one in usual(pipeline, scenario)), *every]),
            *(f"capacity.{name}" for name in scenario.capacity)]


def _lever(world: World, knob: str) -> Lever:
    """The slider that suits a knob."""
    pipeline, scenario = world
    head, _, key = knob.rpartition(".")
    if head == "capacity":
        return _counted(knob, int(scenario.capacity.get(key, 1)))
    if key in CHANCES:
        return _chance(knob, _now(world, head, key))
    turned(world, knob, "x1")  # a name that means nothing is refused here, not at the first move
    return _factor(knob)


def _now(world: World, selector: str, key: str) -> float:
    """What a chance is now: of the first action that the selector names. ValueError for a name that means nothing."""
    from .knobs import current, matching

    turned(world, f"{selector}.{key}", 0.5)
    found = [current(world[1], place, action, key) for place, action in matching(world[0], selector)]
    return float(next((one for one in found if isinstance(one, float | int)), 0.0))


STYLE: dict[str, Any] = {"layout": {"width": "22em", "max_width": "100%"}, "continuous_update": True}


def _chance(knob: str, now: float) -> Lever:
    slider = widgets.FloatSlider(value=now, min=0, max=1, step=0.01, tooltip=knob, readout_format=".0%", **STYLE)
    slider.resting = now
    return Lever(knob, slider, lambda: None if slider.value == now else round(float(slider.value), 6))


def _factor(knob: str) -> Lever:
    slider = widgets.FloatLogSlider(value=1, base=2, min=-2, max=2, step=0.125, tooltip=knob,
                                    readout_format=".2f", **STYLE)
    return Lever(knob, slider, lambda: None if slider.value == 1 else f"x{slider.value:.6g}", " ×")


def _counted(knob: str, now: int) -> Lever:
    slider = widgets.IntSlider(value=now, min=1, max=max(20, 2 * now), tooltip=knob, **STYLE)
    slider.resting = now
    return Lever(knob, slider, lambda: None if slider.value == now else int(slider.value))


# ---------------------------------------------------------------------------------------------- what is shown

BARS, WIDE, HIGH = 48, 480, 180
INK, SOFT, EDGE = "var(--jp-ui-font-color1,#16191f)", "var(--jp-ui-font-color2,#4a5560)", "var(--jp-border-color1,#7d8790)"
BLUE, ORANGE = "#0083cd", "#b37c00"


def _by(result: Result) -> str:
    return f'<p style="color:{SOFT}">{result.runs:,} runs, by {escape(result.by)}</p>'


def picture(base: Result, now: Result) -> str:
    """The distribution of lead times as SVG; the world as it was is the outline behind it."""
    values = [one.leads.value for one in (base, now)]
    if not len(values[1]):
        return f'<p style="color:{INK}">No change comes into production.</p>'
    end = max(1.0, *(one.leads.quantile(0.99) for one in (base, now) if len(one.leads.value)))
    shares = [_shares(one, end) for one in values]
    top = max(float(one.max()) for one in shares) or 1.0
    step = WIDE / BARS
    bars = "".join(f'<rect x="{place * step:.1f}" y="{HIGH * (1 - share / top):.1f}" width="{step - 1:.1f}" '
                   f'height="{HIGH * share / top:.1f}"/>' for place, share in enumerate(shares[1]) if share > 0)
    corners = ((x, HIGH * (1 - share / top)) for place, share in enumerate(shares[0])
               for x in (place * step, (place + 1) * step))
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    marks = "".join(_mark(percent, now.leads.quantile(percent / 100), end, place)
                    for place, percent in enumerate((50, 90)))
    told = now.about("lead time").told
    title = f"Lead times up to {told(end)}; half are within {told(now.leads.quantile(0.5))}"
    return (f'<svg viewBox="0 -44 {WIDE} {HIGH + 64}" width="{WIDE}" role="img" aria-label="{escape(title, quote=True)}" '
            f'style="max-width:100%;font:12px sans-serif"><title>{escape(title)}</title><g fill="{BLUE}">{bars}</g>'
            f'<polyline points="{line}" fill="none" stroke="{EDGE}" stroke-width="1.5" stroke-dasharray="4 3"/>{marks}'
            f'<line x2="{WIDE}" y1="{HIGH}" y2="{HIGH}" stroke="{EDGE}"/>{_ticks(end, told)}'
            f'<text y="-32" fill="{SOFT}">lead time; dashes: as it was</text></svg>')


NIGHT = (":root{--jp-ui-font-color1:#16191f;--jp-ui-font-color2:#4a5560;--jp-border-color1:#7d8790}"
         "@media (prefers-color-scheme:dark){:root{--jp-ui-font-color1:#f2f3f3;--jp-ui-font-color2:#b6bec9;"
         "--jp-border-color1:#7d8998}}")
"""In an image, JupyterLab's colours are not known; it follows the page's light and dark by itself."""


def still(explorer: Explorer) -> str:
    """What stands where no slider can be dragged: where they were, the picture and the table."""
    base, now = explorer.base, explorer.result
    drawn = picture(base, now)
    drawn = _image(drawn, _told(explorer)) if drawn.startswith("<svg") else drawn
    where = "".join(f"<li>{escape(lever.knob)}: {escape(lever.reading)}</li>" for lever in explorer.levers)
    return f"<p>Sliders:</p><ul>{where}</ul><div>{drawn}</div>{figures(base, now, WHOLE)}{explorer.note.value}"


def _image(drawn: str, told: str) -> str:
    """An image in HTML, which also those keep who strip drawings from it."""
    head, body = drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).split("<g ", 1)
    coded = base64.b64encode(f"{head}<style>{NIGHT}</style><g {body}".encode()).decode()
    return f'<img alt="{escape(told)}" style="max-width:100%;height:auto" src="data:image/svg+xml;base64,{coded}"/>'


def _told(explorer: Explorer) -> str:
    about, one = explorer.result.about("lead time"), explorer.result.measure("lead time")
    told = about.sentence(one) if one.count else "no change comes into production"
    return f"{len(explorer.levers)} sliders over {explorer.base_world[0].name}. Where they stand, lead time: {told}"


def _shares(values: Any, end: float) -> Floats:
    heights, _ = np.histogram(np.minimum(values, end), BARS, (0, end))
    found: Floats = heights / max(1, len(values))
    return found


def _mark(percent: int, value: float, end: float, place: int) -> str:
    x = min(WIDE, value / end * WIDE)
    side = "end" if x > WIDE * 0.75 else "start"
    y = -12 + 14 * place
    return (f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y}" y2="{HIGH}" stroke="{ORANGE}" stroke-width="2"/><text x="{x:.1f}" '
            f'dx="{-5 if side == "end" else 5}" y="{y + 4}" text-anchor="{side}" fill="{INK}">p{percent}</text>')


def _ticks(end: float, told: Callable[[float], str]) -> str:
    places = ((0, "start"), (0.25, "middle"), (0.5, "middle"), (0.75, "middle"), (1, "end"))
    return "".join(f'<text x="{share * WIDE:.0f}" y="{HIGH + 16}" fill="{SOFT}" text-anchor="{anchor}">'
                   f"{escape(told(share * end))}</text>" for share, anchor in places)


def figures(base: Result, now: Result, names: Sequence[str]) -> str:
    """Each measure as it was and as it is, with what the change does to it."""
    from .told import STYLE as TABLE
    from .told import table

    pair, rows = Comparison(base, now), []
    for name in names:
        one, other = base.measure(name), now.measure(name)
        about, gap = now.about(name), pair.difference(name)
        if not other.count or np.isnan(other.value):
            rows.append((name, about.sentence(one), "nothing to measure", ""))
            continue
        verdict = pair.verdict(name)
        moved = "" if verdict == SAME or not gap.count else f"{about.signed(gap.value)} ({verdict})"
        rows.append((name, about.told(one.value), about.sentence(other), moved))
    bottleneck = now.bottleneck if len(names) > len(QUICK) else None
    below = f"<p>Bottleneck: {escape(str(bottleneck))}.</p>" if bottleneck else ""
    told = table("", ("measure", "as it was", "now", "difference"), rows)
    return f"{TABLE}<div style=\"line-height:1.4\">{told}{below}</div>"


