"""What each run comes to: counts, seconds and dollars, run by run, by the definitions of `views.metrics` and `views.cost`.

A `Sums` is small (some dozens of numbers a run, and the lead and restore times), so that many runs fit where their
tables do not. Arrays and simulations make the same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..calm import calm
from ..pipeline.model import PARALLEL, Action, Pipeline
from ..scenario import Scenario
from ..simulation import Simulation
from ..views import cost, metrics
from ..views.spans import APPROVAL, CAUSES, STAGE_LOCK, TRANSITION
from .arrays import ABSENT, FAILED, LOST, SUCCEEDED
from .inside import Inside, Tried, deployed, produced, taken
from .plan import NEVER
from .words import Ints

Floats = NDArray[np.float64]
COUNTS = ("executions", "ended", "succeeded", "failed", "superseded", "deployments", "deployed", "failures", "changes",
          "carried", "seconds")
MONEY = ("minutes", "v1", "v2", "builds")


@dataclass(frozen=True)
class Sample:
    """Values that come in runs: which run, and how much."""

    run: NDArray[np.int32]
    value: Ints


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


# ---------------------------------------------------------------------------------------------- from arrays


def of_arrays(inner: Inside, scenario: Scenario, bill: Bill, first: int) -> Sums:
    """The sums of a block of runs, as the views would count them."""
    columns = {name: np.zeros(inner.block.start.shape[1]) for name in names(inner.pipeline)}
    leads, restores = _delivered(inner, columns)
    columns["seconds"] = inner.now.astype(np.float64)
    _executed(inner, columns)
    _used(inner, columns)
    _paid(inner, scenario, bill, columns)
    return Sums(columns, _moved(leads, first), _moved(restores, first))


def _moved(sample: Sample, first: int) -> Sample:
    return Sample((sample.run + first).astype(np.int32), sample.value)


def _executed(inner: Inside, columns: dict[str, Floats]) -> None:
    status = inner.block.status
    for name, codes in {"executions": None, "ended": (SUCCEEDED, FAILED, LOST), "succeeded": (SUCCEEDED,),
                        "failed": (FAILED,), "superseded": (LOST,)}.items():
        chosen = status != ABSENT if codes is None else np.isin(status, codes)
        columns[name] = chosen.sum(axis=0, dtype=np.float64)
    columns["changes"] = columns["executions"]


def _delivered(inner: Inside, columns: dict[str, Floats]) -> tuple[Sample, Sample]:
    """Deployments, what they carried, and how long production was broken."""
    last = inner.block.visits[-1]
    there, good, began = last.leave < NEVER, inner.block.status == SUCCEEDED, deployed(inner)
    columns["deployments"] = (there & began).sum(axis=0, dtype=np.float64)
    columns["deployed"] = (good & began).sum(axis=0, dtype=np.float64)
    columns["failures"] = (there & began & ~good).sum(axis=0, dtype=np.float64)
    leads = _leads(inner, last.leave, good) if produced(inner.pipeline) else _sample([])
    columns["carried"] = np.bincount(leads.run, minlength=there.shape[1]).astype(np.float64)
    return leads, _restores(inner, last.leave, good, there & began & ~good)


def _leads(inner: Inside, leave: Ints, good: NDArray[np.bool_]) -> Sample:
    """A change is carried by the first success whose execution took it or a newer one."""
    reached = np.minimum.accumulate(np.where(good, leave, NEVER)[::-1], axis=0)[::-1]
    run, row = np.nonzero(((reached < NEVER) & (inner.block.status != ABSENT)).T)
    return Sample(run.astype(np.int32), reached[row, run] - inner.block.start[row, run])


def _restores(inner: Inside, leave: Ints, good: NDArray[np.bool_], bad: NDArray[np.bool_]) -> Sample:
    """From the first failure in production to the next success there."""
    rows, runs = leave.shape
    order = np.argsort(leave, axis=0, kind="stable") if inner.plan.mode == PARALLEL else np.arange(rows)[:, None]
    broken, found, every = np.full(runs, -1, np.int64), [], np.arange(runs)
    for row in order if inner.plan.mode != PARALLEL else list(order):
        place = np.broadcast_to(row, (runs,))
        time, fine, wrong = leave[place, every], good[place, every], bad[place, every]
        mended = np.flatnonzero(fine & (broken >= 0))
        found.append((mended, time[mended] - broken[mended]))
        broken[mended] = -1
        broken = np.where(wrong & (broken < 0), time, broken)
    none = np.zeros(0, np.int64)
    run, value = (np.concatenate([none, *(pair[side] for pair in found)]) for side in (0, 1))
    sort = np.argsort(run, kind="stable")
    return Sample(run[sort].astype(np.int32), value[sort])


def _used(inner: Inside, columns: dict[str, Floats]) -> None:
    """How long stages were occupied, and how long executions stood in front of them, by cause."""
    for place, stage in enumerate(inner.plan.stages):
        visit = inner.block.visits[place]
        inside = visit.enter < NEVER
        lasted = np.where(inside, visit.leave - visit.enter, 0)
        columns[f"load:{stage.name}"] = lasted.sum(axis=0, dtype=np.float64)
        columns[f"busy:{stage.name}"] = _covered(visit.enter, visit.leave) if inner.plan.mode == PARALLEL else (
            columns[f"load:{stage.name}"])
        columns[f"visits:{stage.name}"] = inside.sum(axis=0, dtype=np.float64)
        begin, end = inner.in_front(place)
        front = (end - begin).sum(axis=0, dtype=np.float64)
        closed = sum((np.maximum(np.minimum(end, closes) - np.maximum(begin, opens), 0).sum(axis=0, dtype=np.float64)
                      for opens, closes in stage.closed), np.zeros_like(front))
        columns[f"front:{stage.name}"] = front
        columns[f"wait:{TRANSITION}"] = columns[f"wait:{TRANSITION}"] + closed
        columns[f"wait:{STAGE_LOCK}"] = columns[f"wait:{STAGE_LOCK}"] + front - closed


def _covered(enter: Ints, leave: Ints) -> Floats:
    """The time in which somebody is inside, run by run."""
    order = np.argsort(enter, axis=0, kind="stable")
    begin, end = np.take_along_axis(enter, order, 0), np.take_along_axis(leave, order, 0)
    inside = begin < NEVER
    begin, end = np.where(inside, begin, 0), np.where(inside, end, 0)
    until = np.maximum.accumulate(np.concatenate([np.zeros_like(end[:1]), end]), axis=0)[:-1]
    found: Floats = np.maximum(end - np.maximum(begin, until), 0).sum(axis=0, dtype=np.float64)
    return found


# ---------------------------------------------------------------------------------------------- money


def _paid(inner: Inside, scenario: Scenario, bill: Bill, columns: dict[str, Floats]) -> None:
    runs = inner.block.start.shape[1]
    for one in inner.tried:
        lasted = one.end - one.start
        minutes = np.bincount(one.run, weights=-(-lasted // cost.MINUTE), minlength=runs)
        if one.action.is_approval:
            columns[f"wait:{APPROVAL}"] = columns[f"wait:{APPROVAL}"] + np.bincount(one.run, lasted, runs)
        elif one.action.type.owner != "Custom":
            columns["minutes"] = columns["minutes"] + minutes
        rate = _rate(one, inner, bill)
        if rate:
            columns["builds"] = columns["builds"] + minutes * rate
    columns["v2"] = columns["minutes"] * bill.prices.action_minute
    columns["v1"] = _months(inner, scenario) * bill.prices.pipeline_month


def _rate(one: Tried, inner: Inside, bill: Bill) -> float:
    place = f"{inner.pipeline.stages[one.stage].name}/{one.action.name}"
    return build_rate(one.action, place, bill)


def build_rate(action: Action, place: str, bill: Bill) -> float:
    """USD for a minute of this action's build; 0 where it builds nothing."""
    kind = cost.compute_of(action, place, dict(bill.compute))
    return bill.prices.builds.get(kind, 0.0) if kind else 0.0


def _months(inner: Inside, scenario: Scenario) -> Floats:
    """In how many calendar months (UTC) a change ran through that none before had."""
    new = inner.block.status != ABSENT  # each execution brings a change of its own …
    if inner.plan.mode == PARALLEL and inner.pipeline.sources[0].provider in ("CodeCommit", "S3"):
        new = taken(inner)  # … which these take only when they start
    latest = int(np.where(new, inner.block.start, 0).max(initial=0))
    bounds = month_bounds(scenario, latest)
    found = np.zeros(new.shape[1])
    for begin, end in zip(bounds, bounds[1:], strict=False):
        found += (new & (inner.block.start >= begin) & (inner.block.start < end)).any(axis=0)
    return found


@lru_cache(maxsize=64)
def month_bounds(scenario: Scenario, latest: int) -> list[int]:
    """Where calendar months begin (the first: with the clock), in seconds, until one begins after `latest`."""
    bounds, start = [0], scenario.start
    year, month = start.year, start.month
    while bounds[-1] <= latest:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        bounds.append(int((start.replace(year=year, month=month, day=1, hour=0, minute=0, second=0) - start).total_seconds()))
    return bounds


def simulated(pipeline: Pipeline, scenario: Scenario, seed: int, first: int, count: int, bill: Bill) -> Sums:
    """The sums of some runs, each of them simulated."""
    with calm():
        return of_simulations(((run, Simulation(pipeline, scenario, seed=seed + run).run())
                               for run in range(first, first + count)), pipeline, bill)
