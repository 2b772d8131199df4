"""What knobs do: a tornado of many, a curve over one, a heat map over two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb

from ..knobs import factor_of
from ..measures import find
from .style import Picture, Style, by_day_and_night, frame, grid, note, rows, style_of, unit_axis

if TYPE_CHECKING:
    from ..sensitivity import Bar, Tornado
    from ..sweep import Sweep

SHOWN = 12


@by_day_and_night
def tornado(found: Tornado, style: str | Style = "light") -> Picture:
    """What each knob does by itself, the strongest at the top."""
    look, about = style_of(style), find(found.measure, found.pipeline)
    bars = found.bars[:SHOWN]
    first = bars[0]
    ends = sorted((first.at_low.value, first.at_high.value))
    title = (f"{first.knob} matters most for the {found.measure}: from {first.low} to {first.high} it moves it by "
             f"{about.signed(ends[0])} to {about.signed(ends[1])}")
    below = (f"{found.measure} now: {about.sentence(found.base)}; one knob at a time, {found.runs:,} runs each, under the "
             "same luck. Whiskers: 95 %.")
    width = max(len(bar.knob) for bar in bars)
    figure, axes = frame(look, title, below, high=1.6 * look.size + 0.36 * look.size * len(bars) + 0.3,
                            left=0.3 + 0.078 * width)
    for place, bar in enumerate(bars):
        _bar(axes, look, place, bar, 0.02 * max(abs(one.value) for one in (first.at_low, first.at_high)))
    rows(axes, look, [bar.knob for bar in bars])
    axes.axvline(0, color=look.theme.text, linewidth=1.2 * look.size)
    sides = [0.0, *(side for bar in bars for one in (bar.at_low, bar.at_high) for side in (one.low, one.high))]
    longest = max(sides) - min(sides)
    axes.set_xlim(min(sides) - 0.12 * look.size * longest, max(sides) + 0.12 * look.size * longest)
    unit_axis(axes, "x", about.unit, longest, f"difference of the {found.measure}")
    grid(axes, look, "x")
    return Picture(figure, title)


def _bar(axes: Axes, look: Style, place: int, bar: Bar, least: float) -> None:
    """Both ends of a knob, the longer one behind; what they stand for is named once on each side, the nearer one first."""
    ends = sorted(((bar.at_high, bar.high, "blue"), (bar.at_low, bar.low, "sky")), key=lambda end: -abs(end[0].value))
    for one, _, hue in ends:
        axes.barh(place, one.value, 0.62, color=look.line(hue), zorder=2)
        axes.plot([one.low, one.high], [place, place], color=look.theme.text, linewidth=1.1 * look.size, zorder=3)
    for right in (True, False):
        here = [(one, end) for one, end, _ in reversed(ends) if abs(one.value) >= least and (one.value > 0) == right]
        if here:
            edge = max(one.high for one, _ in here) if right else min(one.low for one, _ in here)
            named = here if right else here[::-1]
            note(axes, look, edge, place, f" {', '.join(_end(end) for _, end in named)} ", ha="left" if right else "right",
                 va="center", fontsize=look.points(8), color=look.theme.soft)


def _end(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).replace("x", "×")


@by_day_and_night
def curve(found: Sweep, measure: str | None = None, style: str | Style = "light") -> Picture:
    """A measure over one knob, with its interval."""
    look, name = style_of(style), measure or found.names[0]
    about = find(name, found.pipeline)
    if len(found.grid) != 1:
        raise ValueError(f"A curve is over one knob; this sweep has {len(found.grid)}: heat shows two.")
    (knob, values), = found.grid.items()
    ones = [point.estimates[name] for point in found.points]
    best, worst = (pick([one for one in ones if one.count], key=lambda one: one.value * (about.better or 1))
                   for pick in (max, min))
    title = (f"{name[0].upper() + name[1:]}: {about.told(ones[0].value)} with {knob} = {values[0]}, "
             f"{about.told(ones[-1].value)} with {values[-1]}")
    below = (f"{found.pipeline.name}: {found.runs:,} runs at each point, under the same luck. Band: 95 %. Best "
             f"{about.told(best.value)}, worst {about.told(worst.value)}.")
    figure, axes = frame(look, title, below, left=0.75)
    at, numeric = _places(values)
    axes.fill_between(at, [one.low for one in ones], [one.high for one in ones], color=look.line("blue"), alpha=0.25,
                      linewidth=0)
    axes.plot(at, [one.value for one in ones], "o-", color=look.line("blue"), linewidth=2.2 * look.size,
              markersize=5 * look.size)
    if not numeric:
        axes.set_xticks(at, [str(value) for value in values])
    axes.set_xlabel(knob, parse_math=False)
    unit_axis(axes, "y", about.unit, max(one.value for one in ones if one.count), name)
    grid(axes, look)
    return Picture(figure, title)


def _places(values: tuple[Any, ...]) -> tuple[list[float], bool]:
    """Where values stand on an axis: numbers at their places, words one after another."""
    numbers = [value if isinstance(value, int | float) else factor_of(value) for value in values]
    if any(number is None for number in numbers):
        return [float(place) for place in range(len(values))], False
    return [float(number) for number in numbers if number is not None], all(isinstance(one, int | float) for one in values)


@by_day_and_night
def heat(found: Sweep, measure: str | None = None, style: str | Style = "light") -> Picture:
    """A measure over two knobs, its value in each cell."""
    look, name = style_of(style), measure or found.names[0]
    if len(found.grid) != 2:
        raise ValueError(f"A heat map is over two knobs; this sweep has {len(found.grid)}: curve shows one.")
    about, values, best = find(name, found.pipeline), found.values(name), found.best(name)
    (down, downs), (across, acrosses) = found.grid.items()
    title = (f"The {name} is best, {about.told(best.estimates[name].value)}, with {down} = {best.at[0]} and "
             f"{across} = {best.at[1]}")
    below = (f"{found.pipeline.name}: {found.runs:,} runs in each cell, under the same luck. The stronger the "
             "blue, the worse; the frame is best.")
    figure, axes = frame(look, title, below, left=0.75, high=1.7 * look.size + 0.5 * look.size * len(downs) + 0.3)
    colours = LinearSegmentedColormap.from_list("pipeline-sim", [look.theme.shades["blue"].tint, look.line("blue")])
    badness = -values * (about.better or -1)
    axes.pcolormesh(badness, cmap=colours)  # shapes, not pixels: their colours follow the page's light and dark
    axes.set(xlim=(0, len(acrosses)), ylim=(len(downs), 0))
    span = float(np.nanmax(badness) - np.nanmin(badness)) or 1.0
    for (row, column), value in np.ndenumerate(values):
        dark = (badness[row, column] - np.nanmin(badness)) / span
        told = about.told(float(value)) if np.isfinite(value) else "none"
        axes.text(column + 0.5, row + 0.5, told, ha="center", va="center", fontsize=look.points(9),
                  color=_readable(colours(dark)), parse_math=False)
    place = found.points.index(best)
    _framed(axes, look, place // len(acrosses), place % len(acrosses))
    axes.set_xticks([place + 0.5 for place in range(len(acrosses))], [_end(value) for value in acrosses])
    axes.set_yticks([place + 0.5 for place in range(len(downs))], [_end(value) for value in downs])
    axes.set_xlabel(across, parse_math=False)
    axes.set_ylabel(down, parse_math=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0)
    return Picture(figure, title)


def _readable(colour: Any) -> str:
    """Black or white, whichever stands out more. (Of the blackest black, matplotlib's SVG would say nothing.)"""
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000001" if (light + 0.05) / 0.05 > 1.05 / (light + 0.05) else "#ffffff"


def _framed(axes: Axes, look: Style, row: int, column: int) -> None:
    x, y = [column + 0.02, column + 0.98], [row + 0.04, row + 0.96]
    axes.plot([x[0], x[1], x[1], x[0], x[0]], [y[0], y[0], y[1], y[1], y[0]], color=look.line("orange"),
              linewidth=3 * look.size)
