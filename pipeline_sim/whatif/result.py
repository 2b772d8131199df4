"""What many runs say: tables of executions and stages, measures with their intervals, and any one run again.

Executions of one run share its queues, so that they are no independent observations: shares, means and quantiles are
bounded by how they vary from run to run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..pipeline.model import Pipeline
from ..scenario import Scenario, duration_text
from ..simulation import Simulation
from . import intervals
from .intervals import Estimate
from .runs import NAMES, Executions, simulation_of

if TYPE_CHECKING:
    from pandas import DataFrame

DAY = 86_400
SUCCEEDED, FAILED, SUPERSEDED = map(NAMES.index, ("Succeeded", "Failed", "Superseded"))
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class OneRun:
    """One run of many: its number, its seed, and what was remarkable about it."""

    run: int
    seed: int
    value: float
    pipeline: Pipeline
    scenario: Scenario

    def simulation(self) -> Simulation:
        """The same run, as the simulation steps through it, at its end."""
        return simulation_of(self.pipeline, self.scenario, self.seed, 0)


@dataclass(frozen=True)
class Result:
    """`runs` runs of a pipeline in a world. `by` says who evaluated them: "arrays", or "simulation" and why."""

    pipeline: Pipeline
    scenario: Scenario
    runs: int
    seed: int
    executions: Executions
    by: str

    # ------------------------------------------------------------------------------------------ measures

    @property
    def success(self) -> Estimate:
        """The share of executions that succeeded, of all that succeeded or failed."""
        return self._share(SUCCEEDED, (SUCCEEDED, FAILED))

    @property
    def superseded(self) -> Estimate:
        """The share of executions that were superseded, of all that ended."""
        return self._share(SUPERSEDED, (SUCCEEDED, FAILED, SUPERSEDED))

    @property
    def lead_time(self) -> Estimate:
        """The mean time from push to the end of the last stage, of executions that succeeded: seconds."""
        runs, times = self._leads
        if self._single:
            return intervals.mean(times)
        return intervals.ratio_of_sums(np.bincount(runs, weights=times, minlength=self.runs),
                                       np.bincount(runs, minlength=self.runs))

    def lead_time_within(self, share: float) -> Estimate:
        """The lead time that `share` of the succeeded executions do not exceed: seconds."""
        if not 0 < share < 1:
            raise ValueError(f"A share of executions lies between 0 and 1, not at {share!r}; the median is 0.5.")
        runs, times = self._leads
        return intervals.quantile_by_runs(times, runs, self.runs, share)

    @property
    def deployments(self) -> Estimate:
        """Executions that succeed in a run."""
        return intervals.mean(self._count(SUCCEEDED))

    @property
    def throughput(self) -> Estimate:
        """Executions that succeed in a day, from the first push to the last end of each run."""
        table = self.executions
        begin, end = np.full(self.runs, np.iinfo(np.int64).max), np.zeros(self.runs, np.int64)
        np.minimum.at(begin, table.run, table.start)
        np.maximum.at(end, table.run, table.end)
        lasted = np.maximum(end - begin, 0) * (begin <= end)
        return intervals.ratio_of_sums(self._count(SUCCEEDED) * float(DAY), lasted)

    def summary(self) -> Mapping[str, Estimate]:
        """The measures by name; times in seconds."""
        return {
            "success": self.success, "superseded": self.superseded, "lead time": self.lead_time,
            **{f"lead time p{percent}": self.lead_time_within(percent / 100) for percent in (50, 75, 90, 95)},
            "deployments": self.deployments, "throughput": self.throughput}

    def __str__(self) -> str:
        lines = [f"{self.runs:,} runs of {self.pipeline.name}, by {self.by}"]
        return "\n".join([*lines, *(f"  {name:<14} {_told(name, one)}" for name, one in self.summary().items())])

    # ------------------------------------------------------------------------------------------ single runs, tables

    def worst(self, measure: str = "lead time") -> OneRun:
        """The run with the longest lead time (`"lead time"`), or with the most failed executions (`"failures"`)."""
        values = self.by_run(measure)
        if np.isnan(values).all():
            raise ValueError(f"No run has a {measure}: nothing succeeded.")
        run = int(np.nanargmax(values))
        return OneRun(run, self.seed + run, float(values[run]), self.pipeline, self.scenario)

    def by_run(self, measure: str) -> Floats:
        """A measure of each run: `"lead time"` (the longest, NaN where nothing succeeded), `"failures"`, `"success"` (the
        share, NaN where nothing ended), `"superseded"`, `"deployments"`."""
        if measure not in _BY_RUN:
            raise ValueError(f"No measure is called {measure!r}. Measures of a run: {', '.join(_BY_RUN)}.")
        found: Floats = _BY_RUN[measure](self)
        return found

    def pandas(self) -> DataFrame:
        """The table of executions, statuses by name."""
        from pandas import DataFrame

        table = self.executions
        return DataFrame({**table.columns(), "status": np.array(NAMES)[table.status]}).astype({"status": "category"})

    # ------------------------------------------------------------------------------------------ within

    @cached_property
    def _single(self) -> bool:
        """Whether no run has more than one execution: then all executions are independent."""
        return len(self.executions.run) <= self.runs and bool((self.executions.number <= 1).all())

    @cached_property
    def _leads(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        table = self.executions
        done = table.status == SUCCEEDED
        return table.run[done], table.end[done] - table.start[done]

    def _count(self, status: int) -> Floats:
        chosen = self.executions.run[self.executions.status == status]
        return np.bincount(chosen, minlength=self.runs).astype(np.float64)

    def _share(self, status: int, among: tuple[int, ...]) -> Estimate:
        hits, all_ = self._count(status), np.sum([self._count(one) for one in among], axis=0)
        if self._single:
            return intervals.proportion(int(hits.sum()), int(all_.sum()))
        return intervals.share_by_runs(hits, all_)

    def _longest(self) -> Floats:
        runs, times = self._leads
        longest = np.full(self.runs, -1, np.int64)
        np.maximum.at(longest, runs, times)
        return np.where(longest < 0, np.nan, longest)

    def _success(self) -> Floats:
        good = self._count(SUCCEEDED)
        ended = good + self._count(FAILED)
        return np.where(ended > 0, good / np.maximum(ended, 1), np.nan)


_BY_RUN: dict[str, Any] = {
    "lead time": Result._longest,
    "failures": lambda result: result._count(FAILED),
    "success": Result._success,
    "superseded": lambda result: result._count(SUPERSEDED),
    "deployments": lambda result: result._count(SUCCEEDED),
}


def _told(name: str, one: Estimate) -> str:
    if not one.count:
        return "nothing to measure"
    if name.startswith("lead time"):
        value, low, high = (duration_text(round(side)) if np.isfinite(side) else "?"
                            for side in (one.value, one.low, one.high))
        return f"{value} ({low} to {high})"
    if name in ("success", "superseded"):
        return f"{one.value:.1%} ({one.low:.1%} to {one.high:.1%})"
    return f"{one.value:.2f} ({one.low:.2f} to {one.high:.2f})" + (" a day" if name == "throughput" else "")
