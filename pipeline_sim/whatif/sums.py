"""What each run comes to: counts, seconds and dollars, run by run, by the definitions of `views.metrics` and `views.cost`.

A `Sums` is small (some dozens of numbers a run, and the lead and restore times), so that many runs fit where their
tables do not. The simulation makes it by the views, `adding` from tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..calm import calm
from ..pipeline.model import Pipeline
from ..scenario import Scenario
from ..simulation import Simulation
from ..views import cost, metrics
from ..views.spans import CAUSES
from .intervals import at_share
from .words import Ints

Floats = NDArray[np.float64]
COUNTS = ("executions", "ended", "succeeded", "failed", "superseded", "deployments", "deployed", "failures", "broken",
          "changes", "carried", "seconds")
MONEY = ("minutes", "v1", "v2", "builds")


@dataclass(frozen=True)
class Sample:
    """Values that come in runs: which run, and how much."""

    run: NDArray[np.int32]
    value: Ints

    @cached_property
    def ordered(self) -> Ints:
        """The values in rising order: sorted once for all quantiles, and in half the time where 32 bits are enough."""
        narrow = self.value.dtype == np.int64 and len(self.value) and self.value.max() < 1 << 31
        return np.sort(self.value.astype(np.int32) if narrow else self.value)

    def quantile(self, share: float) -> float:
        """The value that a share of all do not exceed; NaN where there is none."""
        return at_share(self.ordered, share)


@dataclass(frozen=True)
class Sums:
    """One column for each thing that is added up, one number for each run; and the times that are not added up."""

    columns: Mapping[str, Floats]
    leads: Sample
    restores: Sample

    def __getitem__(self, name: str) -> Floats:
        return self.columns[name]


@dataclass(frozen=True)
class Bill:
    """What is needed to know what a run costs: prices, and which project builds on what (`views.cost.ledger`)."""

    prices: cost.Prices = cost.PRICES
    compute: tuple[tuple[str, str], ...] = ()


def names(pipeline: Pipeline) -> tuple[str, ...]:
    """The columns of the sums of a pipeline."""
    stages = [stage.name for stage in pipeline.stages]
    return (*COUNTS, *MONEY, *(f"wait:{cause}" for cause in CAUSES),
            *(f"{what}:{stage}" for what in ("busy", "load", "visits", "front") for stage in stages))


def stacked(parts: list[Sums]) -> Sums:
    """Blocks of runs, one after another."""
    first = parts[0]
    return Sums({name: np.concatenate([part.columns[name] for part in parts]) for name in first.columns},
                _stacked([part.leads for part in parts]), _stacked([part.restores for part in parts]))


def _stacked(samples: list[Sample]) -> Sample:
    return Sample(np.concatenate([one.run for one in samples]), np.concatenate([one.value for one in samples]))


def moved(found: Sums, by: int) -> Sums:
    """The same of runs that are numbered from `by` on."""
    leads, restores = (Sample((one.run + by).astype(np.int32), one.value) for one in (found.leads, found.restores))
    return Sums(found.columns, leads, restores)


def put(found: Sums, run: int, one: Sums) -> Sums:
    """The same with another finding of one run, the only one in `one`."""
    columns = {name: column.copy() for name, column in found.columns.items()}
    for name, column in columns.items():
        column[run] = one[name][0]
    leads, restores = (_put(mine, run, its) for mine, its in ((found.leads, one.leads), (found.restores, one.restores)))
    return Sums(columns, leads, restores)


def _put(sample: Sample, run: int, one: Sample) -> Sample:
    others = sample.run != run
    both = _stacked([Sample(sample.run[others], sample.value[others]), Sample(np.full_like(one.run, run), one.value)])
    order = np.argsort(both.run, kind="stable")
    return Sample(both.run[order], both.value[order])


# ---------------------------------------------------------------------------------------------- from a simulation


def of_simulations(sims: Iterable[tuple[int, Simulation]], pipeline: Pipeline, bill: Bill) -> Sums:
    """The sums of runs that were simulated, as the views count them."""
    rows, leads, restores = [], [], []
    for run, sim in sims:
        told = metrics.measure(sim.records, pipeline.name)
        rows.append({**_counts(told), **_costs(sim, bill), **_uses(told)})
        leads += [(run, value) for value in told.lead_times]
        restores += [(run, value) for value in told.restore_times]
    columns = {name: np.array([row[name] for row in rows], np.float64) for name in names(pipeline)}
    return Sums(columns, _sample(leads), _sample(restores))


def _sample(pairs: list[tuple[int, int]]) -> Sample:
    both = np.array(pairs, np.int64).reshape(-1, 2)
    return Sample(both[:, 0].astype(np.int32), both[:, 1])


def _counts(told: metrics.Metrics) -> dict[str, float]:
    ended = sum(count for status, count in told.statuses.items() if status not in ("InProgress", "Stopping"))
    done = [one for one in told.deployments if one.status == "Succeeded"]
    return {
        "executions": told.executions, "ended": ended, "succeeded": told.statuses.get("Succeeded", 0),
        "failed": told.statuses.get("Failed", 0), "superseded": told.statuses.get("Superseded", 0),
        "deployments": len(told.deployments), "deployed": len(done), "failures": sum(one.failed for one in told.deployments),
        "broken": told.broken_since is not None,
        "changes": len(told.lead_times) + told.pending, "carried": sum(len(one.carried) for one in done),
        "seconds": told.seconds}


def _costs(sim: Simulation, bill: Bill) -> dict[str, float]:
    lines = cost.ledger(sim.state, bill.prices, dict(bill.compute)).lines
    both = cost.compare(sim.state, bill.prices)
    return {"minutes": sum(line.minutes for line in lines), "v1": sum(one.v1 for one in both),
            "v2": sum(one.v2 for one in both), "builds": sum(line.build_amount for line in lines)}


def _uses(told: metrics.Metrics) -> dict[str, float]:
    found: dict[str, float] = {f"wait:{cause}": told.waits.get(cause, 0) for cause in CAUSES}
    for use in told.stages:
        found |= {f"busy:{use.stage}": round(use.utilisation * told.seconds), f"load:{use.stage}":
                  round(use.load * told.seconds), f"visits:{use.stage}": use.visits, f"front:{use.stage}": use.waited}
    return found


def simulated(pipeline: Pipeline, scenario: Scenario, seed: int, first: int, count: int, bill: Bill) -> Sums:
    """The sums of some runs, each of them simulated."""
    with calm():
        return of_simulations(((run, Simulation(pipeline, scenario, seed=seed + run).run())
                               for run in range(first, first + count)), pipeline, bill)
