"""How lead times are spread: in one world with its percentiles, in two worlds against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from ..sums import Floats, Sample
from .style import Picture, Style, by_day_and_night, frame, grid, log_time_axis, note, short, style_of, time_axis

if TYPE_CHECKING:
    from ..compare import Comparison
    from ..result import Result

BINS = 60
FAR = 12
"""A longest time of so many medians wants a logarithmic axis."""
TAIL = 0.995
"""The longest of 200 lead times are left out of the picture, and that is said."""


@by_day_and_night
def lead_times(result: Result, style: str | Style = "light", percentiles: tuple[int, ...] = (50, 90, 95)) -> Picture:
    """The distribution of lead times, with percentiles."""
    look, sample = style_of(style), result.leads
    if not len(sample.value):
        raise ValueError("No change came into production: there is no lead time to show.")
    marks = [(percent, result.lead_time_within(percent / 100)) for percent in sorted(percentiles)]
    first, last = marks[0], marks[-1]
    title = (f"{_share(first[0])} of all changes {'is' if first[0] == 50 else 'are'} in production within "
             f"{short(first[1].value)}, {last[0]} % within {short(last[1].value)}")
    below = (f"{result.pipeline.name}: {len(sample.value):,} changes in {result.runs:,} runs. "
             f"The {last[0]}th percentile lies between {short(last[1].low)} and {short(last[1].high)} (95 %).")
    begin, end = _ends([sample], marks[-1][1].value)
    below += _cut(sample, end)
    figure, axes = frame(look, title, below)
    heights, edges = np.histogram(np.clip(sample.value, begin, end), _bins(begin, end))
    shares = heights / len(sample.value)
    axes.bar(edges[:-1], shares, np.diff(edges), align="edge", color=look.line("blue"), edgecolor=look.theme.page,
             linewidth=0.4)
    _percentiles(axes, look, [(percent, one.value) for percent, one in marks], float(shares.max()))
    axes.set_ylim(0, float(shares.max()) * (1.1 + 0.09 * len(marks) * look.size))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value * 100:g}%")
    axes.set_ylabel("share of the changes")
    _axis(axes, begin, end, "lead time, from push to production")
    grid(axes, look)
    return Picture(figure, title)


def _share(percent: int) -> str:
    return "Half" if percent == 50 else f"{percent} %"


def _ends(samples: list[Sample], at_least: float = 0) -> tuple[float, float]:
    """Where the axis begins and ends: at zero, but where times lie so far apart that it must be logarithmic."""
    values = np.concatenate([sample.value for sample in samples])
    end = max(1.0, min(float(values.max()), max(float(np.quantile(values, TAIL)), at_least) * 1.02))
    low, middle = (max(1.0, float(np.quantile(values, share))) for share in (0.002, 0.5))
    return (low if end / middle > FAR and low > 1 else 0.0), end


def _bins(begin: float, end: float) -> Floats:
    return np.geomspace(begin, end, BINS + 1) if begin else np.linspace(0, end, BINS + 1)


def _axis(axes: Axes, begin: float, end: float, what: str) -> None:
    axes.set_xlim(begin, end)
    if begin:
        log_time_axis(axes, begin, end, what)
    else:
        time_axis(axes, "x", end, what)


def _cut(sample: Sample, end: float) -> str:
    beyond = int((sample.value > end).sum())
    return f" The last bar holds this and more: {beyond / len(sample.value):.1%}." if beyond else ""


def _percentiles(axes: Axes, look: Style, marks: list[tuple[int, float]], high: float) -> None:
    hues = ("green", "orange", "vermillion")
    for place, (percent, value) in enumerate(marks):
        hue, top = hues[place % 3], high * (1.06 + 0.09 * (len(marks) - 1 - place) * look.size)
        axes.plot([value, value], [0, top], color=look.line(hue), linewidth=1.6 * look.size)
        note(axes, look, value, top, f" p{percent}  {short(value)}", hue, fontweight="bold", va="center")


@by_day_and_night
def comparison(pair: Comparison, style: str | Style = "light") -> Picture:
    """Two worlds: which share of the changes is in production by when."""
    look, (base, change) = style_of(style), (pair.base.leads, pair.change.leads)
    if not len(base.value) or not len(change.value):
        raise ValueError("In one of the worlds no change came into production: there are no lead times to compare.")
    title, below = _said(pair), pair.asked
    figure, axes = frame(look, title, below)
    begin, end = _ends([base, change])
    middles = []
    for sample, hue, line in ((base, "grey", "--"), (change, "blue", "-")):
        at, share = _curve(sample, begin, end)
        axes.plot(at, share, line, color=look.line(hue), linewidth=2.4 * look.size)
        middle = sample.quantile(0.5)
        middles.append(middle)
        axes.plot([middle], [0.5], "o", color=look.line(hue), markersize=6 * look.size)
    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value * 100:g}%")
    axes.set_ylabel("in production by then")
    _axis(axes, begin, end, "lead time, from push to production")
    _name_curves(axes, look, middles)
    grid(axes, look)
    return Picture(figure, title)


def _name_curves(axes: Axes, look: Style, middles: list[float]) -> None:
    """Each name at its median, on the outer side of both curves."""
    both = [("before", "grey", middles[0]), ("after", "blue", middles[1])]
    for (name, hue, middle), last in zip(sorted(both, key=lambda one: one[2]), (False, True), strict=True):
        place = axes.transAxes.inverted().transform(axes.transData.transform((middle, 0.5)))[0]
        right = last or place < 0.17 * look.size  # there is no room at the left
        off = (9 * look.size if right else -9 * look.size, 0 if last or not right else -12 * look.size)
        axes.annotate(f"{name}: {short(middle)}", (middle, 0.5), xytext=off, textcoords="offset points",
                      ha="left" if right else "right", va="center", fontsize=look.points(9.5), fontweight="bold",
                      color=look.ink(hue))


def _curve(sample: Sample, begin: float, end: float) -> tuple[Floats, Floats]:
    at = np.geomspace(begin, end, 400) if begin else np.linspace(0, end, 400)
    share: Floats = np.searchsorted(sample.ordered, at, "right") / len(sample.value)
    return at, share


def _said(pair: Comparison) -> str:
    gap = pair.difference("lead time")
    verdict, size = pair.verdict("lead time"), short(abs(gap.value))
    low, high = sorted((abs(gap.low), abs(gap.high)))
    if verdict == "no difference":
        return "The change makes no difference to the lead time"
    if verdict == "not settled":
        return (f"Whether the change makes lead times shorter is not settled: {short(gap.low)} to {short(gap.high)} on "
                f"average, after {pair.base.runs:,} pairs of runs")
    word = "shorter" if gap.value < 0 else "longer"
    return f"The change makes lead times {size} {word} on average ({short(low)} to {short(high)})"
