"""The sums of runs, added up from their tables: what `views.metrics` and `views.cost` would say of each run by itself.

What tables do not tell is refused by `untold`; the views then look at the records of each run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from ..pipeline.model import PARALLEL, Action, Pipeline
from ..scenario import Scenario
from ..views import cost
from ..views.spans import APPROVAL, CAPACITY, STAGE_LOCK, TRANSITION
from .arrivals import found_by
from .delivery import Visit, delivered
from .plan import NEVER, Plan
from .sums import Bill, Floats, Sample, Sums, names
from .tables import OVER, STATUS, Tables
from .words import Ints

FAR = 1 << 40
"""Later than any time of a run."""


def untold(pipeline: Pipeline, plan: Plan) -> str:
    """Why tables do not say all that is counted; empty where they do."""
    last = plan.stages[-1]
    rules = [rule for stage in pipeline.stages for condition in stage.conditions.values() for rule in condition.rules]
    if any(rule.provider in ("CodeBuild", "Commands") for rule in rules):
        return "rules that build are billed"
    if last.policy:
        return "when production first failed is not said where people retry it"
    if plan.mode == PARALLEL and any(stage.policy for stage in plan.stages):
        return "spans of retries overlap in PARALLEL mode"
    return "a source may take a newer revision than its push's (4.1)" if takes_newer(pipeline, plan) else ""


def takes_newer(pipeline: Pipeline, plan: Plan) -> bool:
    """Whether an execution may carry a newer change than the one that started it, although none superseded it."""
    first = plan.stages[0]
    late = first.closed or first.retry or len(first.groups) > 1 or first.before or first.failure or first.policy
    return plan.mode == PARALLEL and bool(late) and pipeline.sources[0].provider in ("CodeCommit", "S3")


def unsure(tables: Tables, pipeline: Pipeline, plan: Plan) -> list[int]:
    """The runs in which a deployment fails in the same second in which another succeeds: tables do not say which of them
    came first, which the time to restore depends on. Elsewhere executions leave production one after another."""
    if plan.mode != PARALLEL:
        return []
    visit = _production(Book(tables, pipeline, plan, 0))
    moment = np.stack([visit.run, visit.ended])
    _, place = np.unique(moment, axis=1, return_inverse=True)
    mixed = np.bincount(place, visit.good).astype(np.bool_) & np.bincount(place, visit.bad).astype(np.bool_)
    found: list[int] = (np.unique(visit.run[mixed[place]]) + tables.first).tolist()
    return found


@dataclass(frozen=True)
class Book:
    """The tables of a block of runs, with what is asked of them again and again; runs are counted from 0. `arrived` says
    when changes arrive, where a polled source finds them later."""

    tables: Tables
    pipeline: Pipeline
    plan: Plan
    last_call: int
    arrived: Ints | None = None

    def per_run(self, run: Ints, weights: Ints | Floats | None = None) -> Floats:
        found: Floats = np.bincount(run - self.tables.first, weights, self.tables.runs).astype(np.float64)
        return found

    @cached_property
    def now(self) -> Ints:
        """Where the clock stands when a run is over: at its last record."""
        found = np.full(self.tables.runs, self.last_call, np.int64)
        executions, visits, works = self.tables.executions, self.tables.visits, self.tables.works
        for run, times in ((executions.run, executions.start), (executions.run, executions.end), (visits.run, visits.ended),
                           (works.run, works.ended), (visits.run, self._refused)):
            np.maximum.at(found, run - self.tables.first, times)
        return found

    @property
    def _refused(self) -> Ints:
        """When a person's retry was refused: whoever still could have tried did, after that while."""
        visits = self.tables.visits
        after = np.array([stage.policy.after if stage.policy else 0 for stage in self.plan.stages])[visits.stage]
        times = np.array([stage.policy.times if stage.policy else 0 for stage in self.plan.stages])[visits.stage]
        tried = (visits.status == STATUS["Failed"]) & (visits.manual < times)
        return np.where(tried, visits.ended + after, OVER)

    @cached_property
    def first_row(self) -> Ints:
        """Where the executions of each run begin in their table."""
        return np.searchsorted(self.tables.executions.run, np.arange(self.tables.runs) + self.tables.first)

    def row_of(self, run: Ints, number: Ints) -> Ints:
        """The rows of executions by run and number."""
        found: Ints = self.first_row[run - self.tables.first] + number - 1
        return found


def added(
    tables: Tables, pipeline: Pipeline, plan: Plan, scenario: Scenario, bill: Bill, arrived: Ints | None = None
) -> Sums:
    """The sums of a block of runs. `arrived`: see `Book`."""
    book = Book(tables, pipeline, plan, max((call.at for call in scenario.calls), default=0), arrived)
    columns = {name: np.zeros(tables.runs) for name in names(pipeline)}
    columns["seconds"] = book.now.astype(np.float64)
    _counted(book, columns)
    leads, restores = _delivered(book, columns)
    _used(book, columns)
    _paid(book, scenario, bill, columns)
    return Sums(columns, leads, restores)


def _counted(book: Book, columns: dict[str, Floats]) -> None:
    table = book.tables.executions
    columns["executions"] = book.per_run(table.run)
    columns["ended"] = book.per_run(table.run[~np.isin(table.status, [STATUS["InProgress"], STATUS["Stopping"]])])
    for name in ("succeeded", "failed", "superseded"):
        columns[name] = book.per_run(table.run[table.status == STATUS[name.capitalize()]])
    columns["changes"] = (book.per_run(table.run[table.rollback == OVER]) if book.arrived is None else
                          np.count_nonzero(book.arrived < NEVER, axis=0).astype(np.float64))


# ---------------------------------------------------------------------------------------------- deliveries


def _delivered(book: Book, columns: dict[str, Floats]) -> tuple[Sample, Sample]:
    visit = _production(book)
    found = delivered(visit, book.tables.runs)
    standard = visit.deployed & ~visit.back & (visit.good | visit.bad)
    columns["deployments"] = np.bincount(visit.run[standard], minlength=book.tables.runs).astype(np.float64)
    good = standard & visit.good
    columns["deployed"] = np.bincount(visit.run[good], minlength=book.tables.runs).astype(np.float64)
    columns["broken"] = found.broken.astype(np.float64)
    columns["failures"] = np.bincount(visit.run[found.failed], minlength=book.tables.runs).astype(np.float64)
    leads = _leads(book, visit, good)
    columns["carried"] = book.per_run(leads.run)
    return leads, Sample((found.restored + book.tables.first).astype(np.int32), found.seconds)


def _production(book: Book) -> Visit:
    """The visits to the production stage that have ended, in their order."""
    tables, last = book.tables, len(book.pipeline.stages) - 1
    seen = tables.visits
    approvals = np.array([action.is_approval for action in book.pipeline.stages[last].actions])
    began = tables.works.stage == last
    began[began] = ~approvals[tables.works.action[began]]
    deployed = np.zeros(len(tables.executions.run), np.bool_)
    deployed[book.row_of(tables.works.run[began], tables.works.number[began])] = True
    here = np.flatnonzero((seen.stage == last) & (seen.entered != OVER) & (seen.ended != OVER))
    here = here[np.lexsort((seen.number[here], seen.entered[here], seen.ended[here], seen.run[here]))]
    row = book.row_of(seen.run[here], seen.number[here])
    return Visit((seen.run[here] - tables.first).astype(np.int64), seen.entered[here], seen.ended[here],
                 seen.status[here] == STATUS["Succeeded"], seen.status[here] == STATUS["Failed"],
                 deployed[row], tables.executions.rollback[row] != OVER, tables.executions.push[row])


def _leads(book: Book, visit: Visit, good: NDArray[np.bool_]) -> Sample:
    """A change is carried by the first deployment that succeeds with it or a newer one."""
    table, first = book.tables.executions, book.tables.first
    own = table.rollback == OVER
    pushes = int(table.push.max(initial=0))
    begun, reached = np.full((book.tables.runs, pushes + 1), FAR), np.full((book.tables.runs, pushes + 1), FAR)
    begun[table.run[own] - first, table.push[own]] = table.start[own]
    np.minimum.at(reached, (visit.run[good], visit.push[good]), visit.ended[good])
    reached = np.minimum.accumulate(reached[:, ::-1], axis=1)[:, ::-1]
    if book.arrived is not None:
        return _leads_by_looks(book, book.arrived, reached)
    run, push = np.nonzero((reached < FAR) & (begun < FAR))
    return Sample((run + first).astype(np.int32), reached[run, push] - begun[run, push])


def _leads_by_looks(book: Book, arrived: Ints, reached: Ints) -> Sample:
    """The same of changes that a polled source finds; `reached` is by run and push. (Runs in which the source fell asleep
    are the simulation's, whatever comes out here.)"""
    push = np.minimum(found_by(arrived, book.plan.polling) + 1, reached.shape[1] - 1)
    run, change = np.nonzero(arrived.T < NEVER)
    when = reached[run, push[change, run]]
    carried = when < FAR
    run, change = run[carried], change[carried]
    return Sample((run + book.tables.first).astype(np.int32), when[carried] - arrived[change, run])


# ---------------------------------------------------------------------------------------------- waiting and use


def _used(book: Book, columns: dict[str, Floats]) -> None:
    seen, now = book.tables.visits, book.now[book.tables.visits.run - book.tables.first]
    inside = seen.entered != OVER
    waiting = ~inside & (seen.status == STATUS["Inbound"])
    shut = np.where(waiting, _closed(book, now), seen.transition)
    lock = np.where(waiting, now - seen.arrived - shut, seen.lock)
    columns[f"wait:{TRANSITION}"], columns[f"wait:{STAGE_LOCK}"] = book.per_run(seen.run, shut), book.per_run(seen.run, lock)
    lasted = np.where(inside, np.where(seen.ended != OVER, seen.ended, now) - seen.entered - seen.away, 0)
    for place, stage in enumerate(book.pipeline.stages):
        here = seen.stage == place
        columns[f"load:{stage.name}"] = book.per_run(seen.run[here], lasted[here])
        columns[f"visits:{stage.name}"] = book.per_run(seen.run[here], (inside * (1 + seen.manual))[here])
        columns[f"front:{stage.name}"] = book.per_run(seen.run[here], (lock + shut)[here])
        columns[f"busy:{stage.name}"] = (_covered(book, here & inside) if book.plan.mode == PARALLEL else
                                         columns[f"load:{stage.name}"])


def _closed(book: Book, now: Ints) -> Ints:
    """How long the way was closed for those who still stand in front of a stage."""
    seen = book.tables.visits
    found = np.zeros(len(seen.run), np.int64)
    for place, stage in enumerate(book.plan.stages):
        here = seen.stage == place
        for begin, end in stage.closed:
            found[here] += np.maximum(0, np.minimum(now[here], min(end, FAR)) - np.maximum(seen.arrived[here], begin))
    return found


def _covered(book: Book, here: NDArray[np.bool_]) -> Floats:
    """The time in which somebody is inside, run by run."""
    seen = book.tables.visits
    run = seen.run[here].astype(np.int64) - book.tables.first
    order = np.lexsort((seen.entered[here], run))
    run, begin, end = run[order], seen.entered[here][order] + run[order] * FAR, seen.ended[here][order] + run[order] * FAR
    until = np.concatenate([[0], np.maximum.accumulate(end)[:-1]]) if len(end) else end
    return book.per_run(run + book.tables.first, np.maximum(end - np.maximum(begin, until), 0))


# ---------------------------------------------------------------------------------------------- money


def _paid(book: Book, scenario: Scenario, bill: Bill, columns: dict[str, Floats]) -> None:
    works = book.tables.works
    actions = [(place, number, action) for place, stage in enumerate(book.pipeline.stages)
               for number, action in enumerate(stage.actions)]
    for place, number, action in actions:
        here = (works.stage == place) & (works.action == number)
        run = works.run[here]
        columns[f"wait:{CAPACITY}"] = columns[f"wait:{CAPACITY}"] + book.per_run(run, works.queued[here])
        if action.is_approval:
            waited = works.seconds[here] - works.queued[here]
            columns[f"wait:{APPROVAL}"] = columns[f"wait:{APPROVAL}"] + book.per_run(run, waited)
        elif action.type.owner != "Custom":
            columns["minutes"] = columns["minutes"] + book.per_run(run, works.minutes[here])
        rate = build_rate(action, f"{book.pipeline.stages[place].name}/{action.name}", bill)
        if rate:
            columns["builds"] = columns["builds"] + book.per_run(run, works.builds[here]) * rate
    columns["v2"] = columns["minutes"] * bill.prices.action_minute
    columns["v1"] = _months(book, scenario) * bill.prices.pipeline_month


def build_rate(action: Action, place: str, bill: Bill) -> float:
    """USD for a minute of this action's build; 0 where it builds nothing."""
    kind = cost.compute_of(action, place, dict(bill.compute))
    return bill.prices.builds.get(kind, 0.0) if kind else 0.0


def _months(book: Book, scenario: Scenario) -> Floats:
    """In how many calendar months (UTC) a change ran through that none before had: each push brings one, which in PARALLEL
    mode a CodeCommit or S3 source takes only when it starts (4.1)."""
    table = book.tables.executions
    new = table.rollback == OVER
    if book.plan.mode == PARALLEL and book.pipeline.sources[0].provider in ("CodeCommit", "S3"):
        new &= _took_source(book)
    bounds = month_bounds(scenario, int(table.start.max(initial=0)))
    month = np.searchsorted(bounds, table.start[new], "right")
    pairs = np.unique((table.run[new].astype(np.int64) - book.tables.first) * len(bounds) + month)
    return np.bincount(pairs // len(bounds), minlength=book.tables.runs).astype(np.float64)


def _took_source(book: Book) -> NDArray[np.bool_]:
    works = book.tables.works
    source = next(place for place, action in enumerate(book.pipeline.stages[0].actions) if action.is_source)
    here = (works.stage == 0) & (works.action == source) & (works.status == STATUS["Succeeded"])
    found = np.zeros(len(book.tables.executions.run), np.bool_)
    found[book.row_of(works.run[here], works.number[here])] = True
    return found


@lru_cache(maxsize=64)
def month_bounds(scenario: Scenario, latest: int) -> tuple[int, ...]:
    """Where calendar months begin (the first: with the clock), in seconds, until one begins after `latest`."""
    bounds, start = [0], scenario.start
    year, month = start.year, start.month
    while bounds[-1] <= latest:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        begin = start.replace(year=year, month=month, day=1, hour=0, minute=0, second=0)
        bounds.append(int((begin - start).total_seconds()))
    return tuple(bounds)
