"""How sure numbers are: measures with their intervals, in one world or between two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FuncFormatter

from ..compare import SAME
from ..measures import SUMMARY
from .style import Picture, Style, by_day_and_night, frame, grid, note, rows, style_of

if TYPE_CHECKING:
    from ..compare import Comparison
    from ..intervals import Estimate
    from ..result import Result

HUES = {"better": "green", "worse": "vermillion"}
SIGNS = {"better": "o", "worse": "X"}


@by_day_and_night
def measures(result: Result, names: tuple[str, ...] = SUMMARY, style: str | Style = "light") -> Picture:
    """The measures, each with its interval in per cent of its value: what is known well, and what is not."""
    look = style_of(style)
    known = {name: one for name, one in result.summary(*names).items()
             if one.count and one.value and np.isfinite([one.low, one.high]).all()}
    if not known:
        raise ValueError("There is nothing to measure in these runs.")
    widest = max(known, key=lambda name: _reach(known[name]))
    first = "lead time" if "lead time" in known else next(iter(known))
    title = (f"{result.runs:,} runs know the {first} to ± {_reach(known[first]):.1%}, everything to "
             f"± {_reach(known[widest]):.1%} ({widest})")
    below = f"{result.pipeline.name}: each measure with its 95 % interval, in per cent of its value."
    high = 1.5 * look.size + 0.32 * look.size * len(known) + 0.3
    figure, axes = frame(look, title, below, high=high, left=1.75, right=1.25)
    for place, (name, one) in enumerate(known.items()):
        low, high = one.low / one.value - 1, one.high / one.value - 1
        axes.plot([low, high], [place, place], color=look.line("blue"), linewidth=4 * look.size, solid_capstyle="butt")
        axes.plot([0], [place], "o", color=look.theme.text, markersize=5 * look.size, zorder=3)
        note(axes, look, 1.01, place, result.about(name).told(one.value), transform=axes.get_yaxis_transform(), va="center")
    rows(axes, look, list(known))
    reach = max(_reach(one) for one in known.values()) * 1.1
    axes.set_xlim(-reach, reach)
    _percent(axes.xaxis)
    axes.set_xlabel("off the value")
    grid(axes, look, "x")
    return Picture(figure, title)


def _reach(one: Estimate) -> float:
    return max(one.high - one.value, one.value - one.low) / abs(one.value)


def _percent(axis: object) -> None:
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:+g}%" if value else "0"))  # type: ignore[attr-defined]


@by_day_and_night
def differences(pair: Comparison, style: str | Style = "light") -> Picture:
    """What a change does to each measure, in per cent of what it was, with the paired interval."""
    look = style_of(style)
    known = {}
    for name in pair.names:
        base, gap = pair.base.measure(name).value, pair.difference(name)
        if base and pair.verdict(name) != SAME and np.isfinite([base, gap.low, gap.high]).all():
            known[name] = (gap.value / base, gap.low / base, gap.high / base)
    if not known:
        raise ValueError("The two worlds do not differ in anything that is measured.")
    verdicts = {name: pair.verdict(name) for name in known}
    good, bad = ([name for name in known if verdicts[name] == what] for what in ("better", "worse"))
    title = f"Better: {', '.join(good) or 'nothing'}. Worse: {', '.join(bad) or 'nothing'}."
    below = f"{pair.asked} {pair.base.runs:,} pairs of runs under the same luck; lines: 95 %."
    high = 1.9 * look.size + 0.36 * look.size * len(known) + 0.3
    figure, axes = frame(look, title, below, high=high, left=1.75, right=1.15)
    for place, (name, (value, low, high)) in enumerate(known.items()):
        hue = HUES.get(verdicts[name], "grey")
        axes.plot([low, high], [place, place], color=look.line(hue), linewidth=3.5 * look.size, solid_capstyle="butt")
        axes.plot([value], [place], SIGNS.get(verdicts[name], "D"), color=look.line(hue), markersize=8 * look.size)
        note(axes, look, 1.01, place, verdicts[name], hue, transform=axes.get_yaxis_transform(), va="center")
    rows(axes, look, list(known))
    axes.axvline(0, color=look.theme.text, linewidth=1.2 * look.size)
    _percent(axes.xaxis)
    axes.set_xlabel("change against before")
    grid(axes, look, "x")
    return Picture(figure, title)
