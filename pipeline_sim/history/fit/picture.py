"""How well a calibration tells what was observed: for each action the data beside the distribution, and when pushes came.

Steps are the data (estimated with what had not ended), the line is the scenario's distribution. Where they part, the
scenario tells it badly.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from ...scenario import duration_text
from . import Calibration
from .arrivals import DAY_TYPES, HOURS, ArrivalFit
from .durations import DurationFit

ACROSS = 3
THEMES = {"light": ("#ffffff", "#16191f", "#0972d3", "#d45b07", "#c6c6cd"),
          "dark": ("#0f1b2a", "#e9ebed", "#539fe5", "#f89256", "#414d5c")}
"""Ground, ink, data, model, grid."""


def draw(found: Calibration, target: str | Path | None = None, *, theme: str = "light", form: str = "png") -> bytes:
    """The picture's bytes, in `form` (png, svg, pdf); written to a file, too, where one is named: its ending says the form.
    Raises ModuleNotFoundError without matplotlib (`pipeline-sim[whatif]`)."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    ground, ink, *_ = THEMES[theme]
    panels = list(_panels(found))
    down = -(-len(panels) // ACROSS)
    with matplotlib.rc_context({"text.color": ink, "axes.labelcolor": ink, "xtick.color": ink, "ytick.color": ink,
                                "axes.edgecolor": THEMES[theme][4], "font.size": 9, "svg.hashsalt": "pipeline-sim"}):
        figure = Figure(figsize=(4.2 * ACROSS, 2.7 * down + 0.4), facecolor=ground, layout="tight")
        FigureCanvasAgg(figure)
        figure.suptitle(f"{_plain(found.pipeline.name)}: what was observed, and what the scenario says", color=ink)
        for place, (title, fit) in enumerate(panels):
            axes = figure.add_subplot(down, ACROSS, place + 1)
            axes.set_facecolor(ground)
            axes.grid(color=THEMES[theme][4], linewidth=0.5)
            axes.set_title(_plain(title), color=ink, fontsize=10)
            _arrivals(axes, fit, theme) if isinstance(fit, ArrivalFit) else _durations(axes, fit, theme)
        return _saved(figure, target, form)


def _saved(figure: Any, target: str | Path | None, form: str) -> bytes:
    buffer = BytesIO()
    form = Path(target).suffix.lstrip(".").lower() or form if target is not None else form
    try:
        figure.savefig(buffer, format=form, dpi=110, facecolor=figure.get_facecolor())
    except ValueError as error:
        raise ValueError(f"A picture is written as png, svg or pdf, not as {form!r}.") from error
    if target is not None:
        Path(target).write_bytes(buffer.getvalue())
    return buffer.getvalue()


def _plain(text: str) -> str:
    """A name as it is: a dollar sign would begin a formula."""
    return text.replace("$", r"\$")


def _panels(found: Calibration) -> Iterator[tuple[str, DurationFit | ArrivalFit]]:
    for action in (*found.actions, *found.rules):
        yield _title(action.place, action.duration), action.duration
    for place, fit in found.approvals:
        yield _title(f"{place}{', office time' if fit.hours else ''}", fit.response), fit.response
    if found.arrivals.count:
        yield f"pushes, n = {found.arrivals.count} ({found.zone})", found.arrivals


def _title(place: str, fit: DurationFit) -> str:
    censored = f" + {fit.censored} without end" if fit.censored else ""
    return f"{place}, n = {fit.ended}{censored}{' (few)' if fit.small else ''}"


# ---------------------------------------------------------------------------------------------- panels


def _durations(axes: Any, fit: DurationFit, theme: str) -> None:
    _, ink, data, model, _ = THEMES[theme]
    if fit.distribution is None:
        axes.text(0.5, 0.5, "none had an end", transform=axes.transAxes, ha="center", color=ink)
        return
    table = fit.distribution.table()
    shown = [table[int(share * (len(table) - 1))] for share in (n / 400 for n in range(1, 399))]
    axes.plot([max(one, 0.5) for one in shown], [n / 400 for n in range(1, 399)], color=model, linewidth=1.6,
              label="scenario")
    values, shares = fit.curve
    axes.step([max(one, 0.5) for one in values], shares, where="post", color=data, linewidth=1.2, label="observed")
    axes.set_xscale("log")
    axes.set_ylim(0, 1.02)
    axes.set_ylabel("share that took no longer")
    _ticks(axes, max(values[0], 0.5), max(values[-1], 1.0))
    axes.text(0.98, 0.06, f"greatest distance {fit.distance * 100:.0f} %", transform=axes.transAxes, ha="right", color=ink,
              fontsize=8)
    axes.legend(loc="upper left", frameon=False, labelcolor=ink, fontsize=8)


_ROUND = (1, 5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400, 259_200, 604_800)


def _ticks(axes: Any, low: float, high: float) -> None:
    """Durations as people say them, at most six of them."""
    from matplotlib.ticker import FixedLocator, NullLocator

    inside = [one for one in _ROUND if low / 1.5 <= one <= high * 1.5] or [round(low) or 1]
    step = -(-len(inside) // 6)
    axes.xaxis.set_major_locator(FixedLocator(inside[::step]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels([duration_text(one, 1) for one in inside[::step]])


def _arrivals(axes: Any, fit: ArrivalFit, theme: str) -> None:
    """Pushes per hour by the hour of the day, on workdays and at the weekend, and the streams."""
    _, ink, data, model, _ = THEMES[theme]
    for (name, days), shade in zip(DAY_TYPES, (0.75, 0.35), strict=True):
        seconds = [sum(fit.exposure[day][hour] for day in days) for hour in range(HOURS)]
        counts = [sum(fit.counts[day][hour] for day in days) for hour in range(HOURS)]
        rates = [3600 * count / spent if spent else 0 for count, spent in zip(counts, seconds, strict=True)]
        axes.bar(range(HOURS), rates, width=1, align="edge", color=data, alpha=shade, label=name)
        blocks = [block for block in fit.blocks if block.days == name]
        axes.step([block.begins for block in blocks] + [HOURS] * bool(blocks),
                  [3600 / block.every for block in blocks] + [0] * bool(blocks), where="post", color=model,
                  linewidth=1.6, linestyle="-" if shade > 0.5 else ":", label=f"scenario, {name}")
    axes.set_xlim(0, HOURS)
    axes.set_xticks(range(0, HOURS + 1, 4))
    axes.set_xlabel("hour of the day")
    axes.set_ylabel("pushes an hour")
    axes.legend(loc="upper left", frameon=False, labelcolor=ink, fontsize=7)
