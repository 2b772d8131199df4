"""What happens in time: one run as bars, the lines in front of stages over many runs, where the warm-up ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from ...views.metrics import measure
from ...views.spans import IN_FRONT, STAGE, Span, spans
from ..sums import Floats
from .style import HUES, Picture, Style, by_day_and_night, frame, grid, note, rows, short, style_of, time_axis

if TYPE_CHECKING:
    from ..result import OneRun, Result
    from ..steady import Steady

MOST_ROWS = 30
MOMENTS = 200


@by_day_and_night
def timeline(one: OneRun, style: str | Style = "light") -> Picture:
    """One run: a row for each execution, a bar for each stage that it is in, a thin line where it waits in front of one."""
    look, sim = style_of(style), one.simulation()
    found = [span for span in spans(sim.records) if span.what in (STAGE, IN_FRONT) and span.pipeline == one.pipeline.name]
    numbers = sorted({span.execution for span in found})
    if not numbers:
        raise ValueError("Nothing happened in this run.")
    shown = numbers[:MOST_ROWS]
    told = measure(sim.records, one.pipeline.name)
    lasted = ", ".join(f"{count} {status.lower()}" for status, count in told.statuses.items())
    slowest = f"; the slowest change took {short(max(told.lead_times))}" if told.lead_times else ""
    title = f"{len(numbers)} execution{'s' if len(numbers) > 1 else ''} in {short(told.seconds)}: {lasted}{slowest}"
    more = f" The first {MOST_ROWS} executions are shown." if len(numbers) > MOST_ROWS else ""
    figure, axes = frame(look, title, f"{one.pipeline.name}, seed {one.seed}.{more}", left=0.8, above=0.26,
                            high=2.0 * look.size + 0.3 * look.size * len(shown) + 0.2)
    stages = [stage.name for stage in one.pipeline.stages]
    for span in found:
        if span.execution in shown and span.stage in stages:
            _span(axes, look, span, shown.index(span.execution), stages.index(span.stage), sim.state.now)
    rows(axes, look, [f"#{number}" for number in shown])
    axes.set_xlim(0, max(1, sim.state.now) * 1.005)
    time_axis(axes, "x", sim.state.now, "time")
    grid(axes, look, "x")
    keys = [Patch(color=look.line(HUES[place % len(HUES)]), label=name) for place, name in enumerate(stages)]
    legend = axes.legend(handles=keys, ncols=min(6, len(keys)), loc="lower left", bbox_to_anchor=(0, 1), frameon=False,
                         fontsize=look.points(9), labelcolor=look.theme.text, handlelength=1.2, borderaxespad=0.2)
    for text in legend.get_texts():
        text.set_parse_math(False)
    return Picture(figure, title)


def _span(axes: Axes, look: Style, span: Span, row: int, stage: int, now: int) -> None:
    length, hue = span.lasted(now), HUES[stage % len(HUES)]
    if span.what == IN_FRONT:
        axes.plot([span.start, span.start + length], [row, row], color=look.line(hue), linewidth=1.8 * look.size,
                  dashes=(1.5, 1))
        return
    failed = span.status == "Failed"
    axes.barh(row, length, 0.66, span.start, color=look.line(hue), linewidth=0.8,
              edgecolor=look.theme.page if failed else look.line(hue), hatch="////" if failed else None)
    if failed:
        note(axes, look, span.start + length, row, "✗", "vermillion", fontweight="bold", va="center", ha="left")


@by_day_and_night
def queue(result: Result, style: str | Style = "light", stage: str = "") -> Picture:
    """How many executions stand in front of a stage (the one with the longest line) as time goes by: mean over the runs,
    and the range in which nine of ten runs are."""
    look = style_of(style)
    names = [one.name for one in result.pipeline.stages]
    if stage and stage not in names:
        raise ValueError(f"There is no stage {stage!r}: {', '.join(names)}.")
    chosen = stage or max(names, key=lambda name: float(result.sums[f"front:{name}"].sum()))
    at, lines = in_line(result, names.index(chosen))
    mean = lines.mean(axis=0)
    if not mean.any():
        raise ValueError(f"Nobody ever stands in front of {chosen}.")
    peak = int(mean.argmax())
    title = (f"In front of {chosen} stand {mean.mean():.1f} executions on average, most after {short(at[peak])}: "
             f"{mean[peak]:.1f}")
    below = f"{result.pipeline.name}: mean of {len(lines):,} runs with its 95 % interval; a tenth is above the dashes."
    figure, axes = frame(look, title, below)
    reach = 1.96 * lines.std(axis=0) / len(lines) ** 0.5
    high = np.quantile(lines, 0.9, axis=0)
    axes.fill_between(at, np.maximum(mean - reach, 0), mean + reach, color=look.line("blue"), alpha=0.25, linewidth=0)
    axes.plot(at, high, color=look.line("orange"), linewidth=1.3 * look.size, dashes=(3, 2), drawstyle="steps-mid")
    axes.plot(at, mean, color=look.line("blue"), linewidth=2.2 * look.size)
    axes.set_xlim(0, at[-1])
    axes.set_ylim(0, max(float(high.max()), float((mean + reach).max()), 0.1) * 1.08)
    axes.set_ylabel("executions in line")
    time_axis(axes, "x", float(at[-1]), "time")
    grid(axes, look)
    return Picture(figure, title)


def in_line(result: Result, stage: int, most: int = 400) -> tuple[Floats, Floats]:
    """Moments, and for each of some runs how many executions stand in front of a stage then."""
    runs = min(result.runs, most)
    visits = result.tables(0, runs)[0]
    end = float(np.quantile(result.sums["seconds"][:runs], 0.9))
    at = np.linspace(0, max(1.0, end), MOMENTS)
    here = visits["stage"] == stage
    run, arrive, enter = visits["run"][here], visits["arrived"][here], visits["entered"][here]
    gone = _gone(result, visits["number"][here], run)
    leave = np.where(enter >= 0, enter, gone)
    lines = np.zeros((runs, MOMENTS + 1))
    for times, sign in ((arrive, 1), (leave, -1)):
        np.add.at(lines, (run, np.searchsorted(at, times, "left")), sign)
    return at, lines.cumsum(axis=1)[:, :-1]


def _gone(result: Result, number: Floats, run: Floats) -> Floats:
    """When executions ended that never entered."""
    table = result.executions
    width = int(table.number.max(initial=0)) + 1
    ends = np.full((result.runs, width), np.iinfo(np.int64).max)
    ends[table.run, table.number] = np.where(table.end >= 0, table.end, np.iinfo(np.int64).max)
    found: Floats = ends[run, number]
    return found


@by_day_and_night
def warm_up(found: Steady, style: str | Style = "light") -> Picture:
    """The mean lead time of the k-th change (Welch's curve), and where the warm-up is cut."""
    look = style_of(style)
    title = (f"After {found.cut} changes the lead time is steady at {short(found.lead_time.value)} "
             f"({short(found.lead_time.low)} to {short(found.lead_time.high)})" if found.steady else
             "The lead time does not become steady: run longer, or push less")
    figure, axes = frame(look, title, found.why)
    number = np.arange(1, len(found.curve) + 1)
    axes.plot(number, found.curve, color=look.line("sky"), linewidth=1.0 * look.size)
    smooth = np.convolve(found.curve, np.ones(11) / 11, "valid") if len(found.curve) > 20 else found.curve
    axes.plot(number[5:5 + len(smooth)] if len(smooth) < len(number) else number, smooth, color=look.line("blue"),
              linewidth=2.2 * look.size)
    axes.axvspan(0, found.cut, color=look.theme.head, zorder=0)
    if found.cut:
        note(axes, look, found.cut, float(found.curve.max()), " warm-up ends", va="top")
    axes.set_xlim(1, len(found.curve))
    axes.set_ylim(0, float(found.curve.max()) * 1.08)
    axes.set_xlabel("number of the change in its run")
    time_axis(axes, "y", float(found.curve.max()), "mean lead time")
    grid(axes, look)
    return Picture(figure, title)
