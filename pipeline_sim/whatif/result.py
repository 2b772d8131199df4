"""What many runs say: measures with their intervals, tables, and any one run again.

Executions of one run share its queues, so that they are no independent observations: shares, means and quantiles are
bounded by how they vary from run to run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..pipeline.model import PARALLEL, Pipeline
from ..scenario import Scenario
from ..simulation import Simulation
from . import measures, parts
from .intervals import Estimate
from .measures import Measure
from .passes import sums_of, tables_of
from .plan import plan_of
from .runs import NAMES, OVER, Executions, simulation_of
from .sums import Bill, Floats, Sample, Sums
from .table import Table

if TYPE_CHECKING:
    from pandas import DataFrame

    from .pictures import Picture

SUCCEEDED, FAILED = map(NAMES.index, ("Succeeded", "Failed"))
WORST = {"lead time": "longest lead time"}
ROOM_FOR_TABLES = 20_000_000


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

    def console(self) -> Any:
        """The same run in the console, where every moment can be looked at. Needs `pipeline-sim[lab]`."""
        from ..console import Console

        return Console(self.simulation())

    def picture(self, style: str = "light") -> Picture:
        """This run as bars in time."""
        from .pictures import timeline

        return timeline(self, style)


@dataclass(frozen=True)
class Bottleneck:
    """The stage that is occupied most: its utilisation, and in which share of the runs it is this stage."""

    stage: str
    utilisation: Estimate
    runs: Estimate

    def __str__(self) -> str:
        return f"{self.stage}: occupied {self.utilisation.value:.0%} of the time, first in {self.runs.value:.0%} of the runs"


@dataclass(frozen=True)
class Result:
    """`runs` runs of a pipeline in a world. `by` says who evaluated them: "arrays", or "simulation" and why."""

    pipeline: Pipeline
    scenario: Scenario
    runs: int
    seed: int
    executions: Executions
    by: str
    bill: Bill = field(default=Bill())
    workers: int = field(default=1, compare=False)
    client: Any = field(default=None, compare=False, repr=False)

    # ------------------------------------------------------------------------------------------ measures

    def measure(self, name: str, confidence: float = 0.95) -> Estimate:
        """A measure by name with its interval: see `measures.MEASURES`, `docs/whatif.md`. Times are in seconds."""
        return parts.estimate(self.parts(name), confidence)

    def parts(self, name: str) -> parts.Parts:
        return self.about(name).parts(self)

    def about(self, name: str) -> Measure:
        """A measure's unit and definition."""
        return measures.find(name, self.pipeline)

    def summary(self, *names: str) -> Mapping[str, Estimate]:
        """The usual measures by name, or those that are named; times in seconds."""
        return {name: self.measure(name) for name in names or measures.SUMMARY}

    @property
    def success(self) -> Estimate:
        """The share of executions that succeeded, of all that succeeded or failed."""
        return self.measure("success")

    @property
    def superseded(self) -> Estimate:
        """The share of executions that were superseded, of all that ended."""
        return self.measure("superseded")

    @property
    def lead_time(self) -> Estimate:
        """The mean time from a change's arrival to the end of the deployment that carries it: seconds."""
        return self.measure("lead time")

    def lead_time_within(self, share: float) -> Estimate:
        """The lead time that `share` of the carried changes do not exceed: seconds."""
        if not 0 < share < 1:
            raise ValueError(f"A share of changes lies between 0 and 1, not at {share!r}; the median is 0.5.")
        return parts.estimate(parts.Quantile(self.leads, share, self.runs))

    @property
    def deployments(self) -> Estimate:
        """Executions that succeed in a run."""
        return self.measure("deployments")

    @property
    def throughput(self) -> Estimate:
        """Executions that succeed in a day."""
        return self.measure("throughput")

    @property
    def waiting(self) -> Mapping[str, Estimate]:
        """Seconds that an execution waits on average, by cause; causes that do not occur are left out."""
        found = {one.name.partition(": ")[2]: parts.estimate(one.parts(self)) for one in measures.of_causes()}
        return {cause: one for cause, one in found.items() if one.value}

    @property
    def utilisation(self) -> Mapping[str, Estimate]:
        """The share of the time in which somebody is in a stage, by stage."""
        return {stage.name: self.measure(f"utilisation: {stage.name}") for stage in self.pipeline.stages}

    @property
    def bottleneck(self) -> Bottleneck | None:
        """The stage with the highest utilisation, and among equals the earliest; None where nothing ran."""
        names = [stage.name for stage in self.pipeline.stages]
        busy = np.array([self.sums[f"busy:{name}"] for name in names])
        if not busy.any():
            return None
        place = int(np.argmax(busy.sum(axis=1) / self.sums["seconds"].sum()))
        ran = busy.max(axis=0) > 0
        first = parts.Ratio((busy.argmax(axis=0) == place) * ran * 1.0, ran * 1.0, True)
        return Bottleneck(names[place], self.measure(f"utilisation: {names[place]}"), parts.estimate(first))

    # ------------------------------------------------------------------------------------------ single runs

    def worst(self, measure: str = "lead time") -> OneRun:
        """The run in which a measure is worst: with the longest lead time (`"lead time"`), the most failed executions
        (`"failures"`), the lowest success, …"""
        chosen = self.about(WORST.get(measure, measure))
        values = self.by_run(chosen.name)
        if np.isnan(values).all():
            raise ValueError(f"No run has a {measure}: nothing succeeded.")
        run = int(np.nanargmin(values) if chosen.better > 0 else np.nanargmax(values))
        return self.run(run, float(values[run]))

    def run(self, run: int, value: float = float("nan")) -> OneRun:
        """One run by its number, from 0."""
        if not 0 <= run < self.runs:
            raise ValueError(f"There is no run {run}: they are numbered from 0 to {self.runs - 1}.")
        return OneRun(run, self.seed + run, value, self.pipeline, self.scenario)

    def by_run(self, measure: str) -> Floats:
        """A measure of each run by itself; NaN where a run has none."""
        return parts.each_run(self.parts(measure))

    # ------------------------------------------------------------------------------------------ tables

    def pandas(self) -> DataFrame:
        """The table of executions, statuses by name."""
        return Table(self.executions.columns(), {"status": NAMES}).pandas()

    @property
    def stages(self) -> Table:
        """Every visit to a stage, with its waits in front of it: the columns of `tables.Visits`."""
        return self._tables[0]

    @property
    def actions(self) -> Table:
        """Every action in a visit, with its attempts and billed minutes: the columns of `tables.Works`."""
        return self._tables[1]

    @property
    def waits(self) -> Table:
        """Every wait: run, number, stage, action (none in front of a stage), cause, seconds."""
        return self._tables[2]

    def tables(self, first: int = 0, runs: int | None = None) -> tuple[Table, Table, Table]:
        """Stages, actions and waits of some of the runs: where the tables of all would be too large."""
        count = self.runs - first if runs is None else min(runs, self.runs - first)
        chosen = (self.executions.run >= first) & (self.executions.run < first + count)
        rows = int(chosen.sum()) * sum(len(stage.actions) for stage in self.pipeline.stages)
        if rows > ROOM_FOR_TABLES:
            raise ValueError(f"The table of actions would have some {rows:,} rows: take fewer runs, as in tables(0, 100). "
                             "Measures need no tables.")
        return tables_of(self.pipeline, self.scenario, self.seed, first, count, self.workers)

    @cached_property
    def _tables(self) -> tuple[Table, Table, Table]:
        return self.tables()

    # ------------------------------------------------------------------------------------------ what measures ask

    @cached_property
    def sums(self) -> Sums:
        """What each run comes to. Runs are looked at once more for it, when somebody asks."""
        return sums_of(self.pipeline, self.scenario, self.seed, self.runs, self.bill, self.workers, self.client)

    @cached_property
    def leads(self) -> Sample:
        """All lead times, with their runs. Where executions do not overtake each other, these alone say them."""
        last = self.pipeline.stages[-1]
        deploys = any(not action.is_approval for action in last.actions)
        skips = last.before_entry is not None and last.before_entry.result == "SKIP"
        told = self.by == "arrays" and deploys and not skips and not plan_of(self.pipeline, self.scenario).polling
        return (self._leads if told else None) or self.sums.leads

    @cached_property
    def _leads(self) -> Sample | None:
        """A change is carried by the next execution that succeeds; None where one may have overtaken another."""
        table = self.executions
        own = table.rollback == OVER  # a rollback carries no change
        run, start, end = table.run[own], table.start[own], table.end[own]
        succeeded = table.status[own] == SUCCEEDED
        good = np.flatnonzero(succeeded)
        if not len(good):
            return Sample(run[:0], end[:0])
        if self.pipeline.mode == PARALLEL and ((np.diff(run) == 0).any()):
            return None
        if ((np.diff(end[good]) < 0) & (np.diff(run[good]) == 0)).any():
            return None
        place = np.cumsum(succeeded) - succeeded  # how many have succeeded before
        by = good[np.minimum(place, len(good) - 1)]
        carried = (place < len(good)) & (run[by] == run)
        return Sample(run[carried], end[by[carried]] - start[carried])

    def summed(self, sample: Sample) -> tuple[Floats, Floats]:
        """Sum and count of a sample in each run."""
        return (np.bincount(sample.run, weights=sample.value, minlength=self.runs).astype(np.float64),
                np.bincount(sample.run, minlength=self.runs).astype(np.float64))

    def count(self, status: int) -> Floats:
        """How many executions of each run ended so."""
        chosen: NDArray[np.int32] = self.executions.run[self.executions.status == status]
        return np.bincount(chosen, minlength=self.runs).astype(np.float64)

    def ended(self) -> Floats:
        """How many executions of each run are over."""
        active = np.isin(self.executions.status, [NAMES.index("InProgress"), NAMES.index("Stopping")])
        return np.bincount(self.executions.run[~active], minlength=self.runs).astype(np.float64)

    # ------------------------------------------------------------------------------------------ shown

    def picture(self, style: str = "light") -> Picture:
        """The distribution of lead times. `pictures` has more."""
        from .pictures import lead_times

        return lead_times(self, style)

    def __str__(self) -> str:
        from .told import text

        return text(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def _repr_html_(self) -> str:
        from .told import html

        return html(self)
