"""What is measured, and how exactly: name, unit and definition of each measure, as `views.metrics` and `views.cost` count.

`MEASURES` is the list; `find` also knows `lead time p90` (any percentile), `utilisation: Prod` and the like for stages,
and `waiting: approval` and the like for causes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..pipeline.fault import near
from ..pipeline.model import Pipeline
from ..scenario import duration_text
from ..views.spans import CAUSES
from .intervals import Estimate
from .parts import Mean, Parts, Quantile, Ratio
from .runs import NAMES
from .sums import Floats

if TYPE_CHECKING:
    from .result import Result

DAY = 86_400
SUCCEEDED, FAILED, SUPERSEDED = map(NAMES.index, ("Succeeded", "Failed", "Superseded"))
SHARE, SECONDS, A_DAY, COUNT, USD, MINUTES = "share", "seconds", "a day", "count", "USD", "minutes"


@dataclass(frozen=True)
class Measure:
    """A measure: its unit, its definition, whether more is better (1), worse (-1) or neither (0), and its parts."""

    name: str
    unit: str
    meaning: str
    better: int
    parts: Callable[[Result], Parts]

    def told(self, value: float) -> str:
        """A value with its unit, as a person reads it."""
        return tell(value, self.unit)

    def signed(self, value: float) -> str:
        """A difference with its sign; of shares in percentage points."""
        if self.unit == SHARE and np.isfinite(value):
            points = round(value * 100, 4) + 0.0  # no minus in front of nothing
            return f"{points:+.1f} points" if abs(points) >= 0.1 or not points else f"{points:+.2g} points"
        told = self.told(value)
        return f"+{told}" if value > 0 and told != "?" else told

    def sentence(self, one: Estimate) -> str:
        """`41m (40m to 43m)`, or that there is nothing to measure."""
        if not one.count or np.isnan(one.value):
            return "nothing to measure"
        return f"{self.told(one.value)} ({self.told(one.low)} to {self.told(one.high)})"


def tell(value: float, unit: str) -> str:
    """`12.3%`, `1h 5m`, `3.20 a day`, `1.25 USD`; `?` for what is not bounded."""
    if not np.isfinite(value):
        return "?"
    if unit == SECONDS:
        return _time(value)
    if unit == SHARE:
        return f"{value:.1%}" if abs(value) >= 0.01 or value == 0 else f"{value:.2%}"
    number = f"{value:,.2f}" if abs(value) >= 0.1 or value == 0 else f"{value:.3g}"
    return number if unit == COUNT else f"{number} {unit}"


def _time(seconds: float) -> str:
    """With two units, rounded to the smaller one."""
    size = abs(seconds)
    if size < 10 and seconds != round(seconds):
        return f"{seconds:.1f}s"
    step = 3600 if size >= DAY else 60 if size >= 3600 else 1
    return duration_text(round(seconds / step) * step)


def _ratio(top: str, bottom: str, share: bool = False, times: float = 1) -> Callable[[Result], Parts]:
    return lambda result: Ratio(result.sums[top] * times, result.sums[bottom], share)


def _mean(column: str) -> Callable[[Result], Parts]:
    return lambda result: Mean(result.sums[column])


def _share(status: int, among: tuple[int, ...]) -> Callable[[Result], Parts]:
    return lambda result: Ratio(result.count(status), np.sum([result.count(one) for one in among], axis=0), True)


def _lead(share: float | None) -> Callable[[Result], Parts]:
    if share is None:
        return lambda result: Ratio(*result.summed(result.leads))
    return lambda result: Quantile(result.leads, share, result.runs)


def _restore(result: Result) -> Parts:
    return Quantile(result.sums.restores, 0.5, result.runs)


def _restored(result: Result) -> Parts:
    mended = np.bincount(result.sums.restores.run, minlength=result.runs).astype(np.float64)
    return Ratio(mended, mended + result.sums["broken"], True)


def _longest(result: Result) -> Parts:
    longest = np.full(result.runs, -1, np.int64)
    np.maximum.at(longest, result.leads.run, result.leads.value)
    return Mean(np.where(longest < 0, np.nan, longest))


def _cost(result: Result) -> Floats:
    return result.sums["v2" if result.pipeline.type == "V2" else "v1"] + result.sums["builds"]


CARRIED = ("from a change's arrival to the end of the production stage (the last) of the deployment that carries it; a "
           "superseded change is carried by a newer one")
MEASURES: dict[str, Measure] = {one.name: one for one in (
    Measure("success", SHARE, "executions that succeeded, of all that succeeded or failed", 1,
            _share(SUCCEEDED, (SUCCEEDED, FAILED))),
    Measure("succeeded share", SHARE, "executions that succeeded, of all that ended, superseded ones included", 1,
            lambda result: Ratio(result.count(SUCCEEDED), result.ended(), True)),
    Measure("superseded", SHARE, "executions that a newer one superseded, of all that ended", -1,
            lambda result: Ratio(result.count(SUPERSEDED), result.ended(), True)),
    Measure("lead time", SECONDS, f"mean time {CARRIED}", -1, _lead(None)),
    Measure("delivered", SHARE, "changes that a deployment has carried into production when the run is over, of all that "
            "arrived; lead times speak of these alone", 1, _ratio("carried", "changes", True)),
    Measure("longest lead time", SECONDS, "mean over the runs of each run's longest lead time", -1, _longest),
    Measure("deployments", COUNT, "executions that succeeded, in a run", 1, lambda result: Mean(result.count(SUCCEEDED))),
    Measure("failures", COUNT, "executions that failed, in a run", -1, lambda result: Mean(result.count(FAILED))),
    Measure("deployment frequency", A_DAY, "successful deployments a day, from the clock's start to a run's last event; a "
            "deployment is a visit to the production stage in which an action other than an approval began", 1,
            _ratio("deployed", "seconds", times=DAY)),
    Measure("change failure rate", SHARE, "deployments that failed, also where a retry mended them, or that were rolled "
            "back after a success; of all deployments", -1, _ratio("failures", "deployments", True)),
    Measure("time to restore", SECONDS, "median time from a failure in production to the next success there", -1, _restore),
    Measure("restored", SHARE, "of the times that production was broken, those that a success mended before the run was "
            "over; the time to restore is of these alone", 1, _restored),
    Measure("throughput", A_DAY, "executions that succeeded a day, from the clock's start to a run's last event", 1,
            _ratio("succeeded", "seconds", times=DAY)),
    Measure("changes per deployment", COUNT, "changes that a successful deployment carries on average", -1,
            _ratio("carried", "deployed")),
    Measure("waiting", SECONDS, "time that an execution waits on average, whatever the cause", -1, lambda result: Ratio(
        np.sum([result.sums[f"wait:{cause}"] for cause in CAUSES], axis=0), result.sums["executions"])),
    Measure("action minutes", MINUTES, "minutes of actions in a run, each attempt rounded up; approvals and custom actions "
            "are free", -1, _mean("minutes")),
    Measure("cost V1", USD, "a run as a pipeline of type V1: a fixed price for each month in which a change ran through; "
            "without builds, before free tiers", -1, _mean("v1")),
    Measure("cost V2", USD, "a run as a pipeline of type V2: its action minutes; without builds, before free tiers", -1,
            _mean("v2")),
    Measure("cost builds", USD, "a run's build minutes by compute type, before free tiers", -1, _mean("builds")),
    Measure("cost", USD, "a run in the pipeline's own type, builds included, before free tiers", -1,
            lambda result: Mean(_cost(result))),
    Measure("cost per deployment", USD, "the same for each successful deployment", -1,
            lambda result: Ratio(_cost(result), result.sums["deployed"])),
)}
SUMMARY = ("success", "superseded", "delivered", "lead time", "lead time p50", "lead time p75", "lead time p90",
           "lead time p95", "deployments", "deployment frequency", "change failure rate", "time to restore", "throughput",
           "changes per deployment", "waiting", "cost", "cost per deployment", "cost V1", "cost V2", "cost builds")
_PERCENTILE = re.compile(r"lead time p(\d{1,2}(?:\.\d+)?)")


def find(name: str, pipeline: Pipeline) -> Measure:
    """A measure by name. ValueError that names what there is."""
    if name in MEASURES:
        return MEASURES[name]
    percentile = _PERCENTILE.fullmatch(name)
    if percentile and float(percentile[1]) > 0:
        share = float(percentile[1]) / 100
        return Measure(name, SECONDS, f"{share * 100:g} % of the carried changes have no longer lead time than this", -1,
                       _lead(share))
    known = {one.name: one for one in of_stages(pipeline)} | {one.name: one for one in of_causes()}
    if name not in known:
        hint = near(name, [*MEASURES, *known])
        raise ValueError(f"No measure is called {name!r}. {hint or ''} Measures: {', '.join(MEASURES)}, lead time p90 (any "
                         f"percentile), {', '.join(known)}.".replace("  ", " "))
    return known[name]


def of_stages(pipeline: Pipeline) -> Iterator[Measure]:
    """The measures of single stages: `utilisation: Prod`, `load: Prod`, `queue: Prod`."""
    for stage in pipeline.stages:
        name = stage.name
        yield Measure(f"utilisation: {name}", SHARE, "the share of the time in which somebody is in the stage", 0,
                      _ratio(f"busy:{name}", "seconds"))
        yield Measure(f"load: {name}", COUNT, "how many executions are in the stage on average", 0,
                      _ratio(f"load:{name}", "seconds"))
        yield Measure(f"queue: {name}", COUNT, "how many executions stand in front of the stage on average", -1,
                      _ratio(f"front:{name}", "seconds"))


def of_causes() -> Iterator[Measure]:
    """Waiting by cause: `waiting: stage lock`."""
    for cause in CAUSES:
        yield Measure(f"waiting: {cause}", SECONDS, f"time that an execution waits on average; cause: {cause}", -1,
                      _ratio(f"wait:{cause}", "executions"))
