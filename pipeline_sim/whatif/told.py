"""How results are told: as text on a terminal, as HTML in a notebook. Names come from definitions, and are escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from ..scenario import duration_text
from .measures import DAY, SECONDS, SHARE, tell

if TYPE_CHECKING:
    from .compare import Comparison
    from .result import Result

STYLE = ("<style>.pipeline-sim-whatif{border-collapse:collapse;font-variant-numeric:tabular-nums}"
         ".pipeline-sim-whatif td,.pipeline-sim-whatif th{padding:.2em .8em;text-align:right;border-bottom:1px solid "
         "var(--jp-border-color2,#ccc)}.pipeline-sim-whatif td:first-child,.pipeline-sim-whatif th:first-child,"
         ".pipeline-sim-whatif td:last-child{text-align:left}.pipeline-sim-whatif caption{text-align:left;font-weight:600;"
         "padding:.3em .8em}.pipeline-sim-whatif td:last-child{opacity:.75;font-size:.92em}</style>")
Row = tuple[str, str, str, str]


def rows(result: Result, *names: str) -> Iterator[Row]:
    """Name, value, interval and definition of each measure; those with nothing to measure are left out."""
    for name, one in result.summary(*names).items():
        if one.count and not np.isnan(one.value):
            about = result.about(name)
            yield name, about.told(one.value), f"{about.told(one.low)} to {about.told(one.high)}", about.meaning


def heading(result: Result) -> str:
    return f"{result.runs:,} run{'s' if result.runs > 1 else ''} of {result.pipeline.name}, by {result.by}"


def remarks(result: Result) -> Iterator[str]:
    """The bottleneck, what is waited for, and what numbers would else be taken for."""
    bottleneck = result.bottleneck
    if bottleneck is not None:
        yield f"Bottleneck: {bottleneck}."
    waits = sorted(result.waiting.items(), key=lambda pair: -pair[1].value)
    if waits:
        told = ", ".join(f"{cause} {duration_text(round(one.value))}" for cause, one in waits if one.value >= 0.5)
        if told:
            yield f"An execution waits on average: {told}."
    lasted = float(result.sums["seconds"].mean())
    if 0 < lasted < DAY and result.sums["deployed"].any():
        yield f"A run lasts {tell(lasted, SECONDS)} on average: what is said of a day is that pace, kept up."
    restored = result.measure("restored")
    if restored.count and restored.value < 1:
        yield (f"Of the times that production was broken {tell(restored.value, SHARE)} were mended before the run was over; "
               "the time to restore is of these alone.")


def text(result: Result) -> str:
    """The summary, a line for each measure."""
    lines = [f"  {name:<22} {value:>14}   ({interval})" for name, value, interval, _ in rows(result)]
    return "\n".join([heading(result), *lines, *(f"  {line}" for line in remarks(result)),
                      f"  Intervals hold 95 % of the time; seeds {result.seed} to {result.seed + result.runs - 1}."])


def html(result: Result) -> str:
    """The summary as a table."""
    body = table(heading(result), ("measure", "value", "95 % interval", "what it is"), rows(result))
    return STYLE + body + "".join(f"<p>{escape(line)}</p>" for line in remarks(result))


def table(caption: str, heads: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    """A table of texts."""
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in body)
    return (f'<table class="pipeline-sim-whatif"><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>'
            f"<tbody>{lines}</tbody></table>")


# ---------------------------------------------------------------------------------------------- two worlds


def compared(comparison: Comparison, *names: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Name, base, change, difference with its interval, verdict."""
    for name in names or comparison.names:
        base, change = comparison.base.measure(name), comparison.change.measure(name)
        if not (base.count and change.count) or np.isnan(base.value) or np.isnan(change.value):
            continue
        about, gap = comparison.base.about(name), comparison.difference(name)
        interval = f"{about.signed(gap.value)} ({about.signed(gap.low)} to {about.signed(gap.high)})"
        yield name, about.told(base.value), about.told(change.value), interval, comparison.verdict(name)


def comparison_text(comparison: Comparison) -> str:
    heads = f"  {'':<22} {'before':>12} {'after':>12}   difference"
    lines = [f"  {name:<22} {base:>12} {change:>12}   {gap}  {verdict}"
             for name, base, change, gap, verdict in compared(comparison)]
    return "\n".join([f"{comparison.base.runs:,} pairs of runs under the same luck: {comparison.asked}", heads, *lines,
                      f"  Intervals of the differences hold {comparison.confidence * 100:.3g} % of the time."])


def comparison_html(comparison: Comparison) -> str:
    return STYLE + table(f"{comparison.base.runs:,} pairs of runs under the same luck: {comparison.asked}",
                         ("measure", "before", "after", "difference", "verdict"), compared(comparison))




def columns(heads: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    """A table of texts in columns of equal width."""
    lines = [tuple(heads), *map(tuple, body)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
                     for line in lines)
