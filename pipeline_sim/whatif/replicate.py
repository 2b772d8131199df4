"""Doing the runs: `replicate` runs one pipeline in one world as often as it is told, or as a precision asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np

from ..pipeline.model import Pipeline
from ..scenario import Scenario
from ..views.cost import PRICES, Prices
from .precision import MOST, PILOT, Precision
from .progress import bar
from .result import Result
from .runs import Executions, Planned, blocks_of, expected_of, planned, together
from .sums import Bill
from .tables import stacked

World = tuple[Pipeline, Scenario]
RUNS = 10_000
TOGETHER = 1 << 20
"""Worlds are evaluated together as long as they have no more executions in all."""


def replicate(
    pipeline: Pipeline, scenario: Scenario, runs: int | None = None, *, to: str | float | None = None,
    of: str = "lead time", seed: int = 0, workers: int = 1, client: Any = None, most: int = MOST,
    prices: Prices = PRICES, compute: Mapping[str, str] | None = None, progress: bool | None = None,
) -> Result:
    """Run a pipeline in a world many times; run *r* has the seed `seed + r`, whatever the number of `workers`
    (processes), on this machine or at a `client` of Dask. Arrays do it where they can, otherwise the simulation, run by run.

    `runs` says how often (10,000); or `to` says how precise the measure `of` shall be (`"±1%"`, `"±30s"`), and as many
    runs are done as that takes, `most` of them at most. Where the scenario brings neither pushes nor calls, a change is
    released when the clock starts. `prices` and `compute` are those of `views.cost.ledger`. ValueError where pushes have
    no end, or the question makes no sense.
    """
    _check(runs, workers)
    if to is not None and runs is not None:
        raise ValueError("Say how many runs, or how precise (to): not both.")
    world = planned(pipeline, asked(pipeline, scenario))
    first = RUNS if runs is None and to is None else runs or min(PILOT, most)
    bill = Bill(prices, tuple((compute or {}).items()))
    result = _once(world, first, seed, bill, workers, client, progress)
    if to is None:
        return result
    return _precise(result, Precision.parse(to, result.about(of).unit), of, most, progress)


def replicated(
    worlds: Sequence[World], runs: int, *, seed: int = 0, workers: int = 1, client: Any = None, prices: Prices = PRICES,
    compute: Mapping[str, str] | None = None,
) -> Iterator[Result]:
    """`replicate` for each of several worlds under the same luck. Worlds next to each other are evaluated together where
    arrays can do them and their executions take little memory: what they have in common is then evaluated once."""
    _check(runs, workers)
    bill = Bill(prices, tuple((compute or {}).items()))
    for some in _batches([planned(pipeline, asked(pipeline, scenario)) for pipeline, scenario in worlds], runs):
        if some[0].plan is None:
            yield from (_once(world, runs, seed, bill, workers, client, False) for world in some)
            continue
        for world, table in zip(some, together(some, runs, seed, workers, client), strict=True):
            yield _told(world, runs, seed, table, bill, workers, client)


def _batches(worlds: Sequence[Planned], runs: int) -> Iterator[list[Planned]]:
    """Worlds that follow each other and can be evaluated together; those that arrays cannot do, one by one."""
    for _, some in groupby(worlds, lambda world: world.plan is not None):
        left = list(some)
        while left:
            rows = expected_of(left[0].plan) * runs if left[0].plan else TOGETHER
            count = max(1, TOGETHER // max(1, rows))
            yield left[:count]
            left = left[count:]


def _once(
    world: Planned, runs: int, seed: int, bill: Bill, workers: int, client: Any, progress: bool | None
) -> Result:
    table = executions(world, runs, seed, workers, client, progress)
    return _told(world, runs, seed, table, bill, workers, client)


def _told(
    world: Planned, runs: int, seed: int, table: Executions, bill: Bill, workers: int, client: Any
) -> Result:
    by = f"simulation ({world.against})" if world.against else "arrays"
    return _started(Result(world.pipeline, world.scenario, runs, seed, table, by, bill, workers, client))


def _check(runs: int | None, workers: int) -> None:
    if workers < 1 or (runs is not None and runs < 1):
        raise ValueError(f"runs and workers are at least 1, not {runs} and {workers}.")


def _started(result: Result) -> Result:
    """ValueError where nothing happens."""
    if not len(result.executions.run):
        raise ValueError(f"Nothing starts {result.pipeline.name} in these runs. Give the scenario pushes that its triggers "
                         "let pass, or calls to StartPipelineExecution.")
    return result


def asked(pipeline: Pipeline, scenario: Scenario) -> Scenario:
    """The scenario as many runs take it: with an end, and with something that happens: where nothing does, a change at the
    first source. ValueError."""
    if scenario.endless:
        raise ValueError("This scenario pushes without end: give its stream a count, until or for, such as for: 30d.")
    if not scenario.silent:
        return scenario
    first = [f"{pipeline.stages[0].name}/{action.name}" for action in pipeline.sources][:1]
    return scenario.but(pushes=[{"at": 0, "source": first[0]} if len(pipeline.sources) > 1 else 0])


def executions(
    world: Planned, runs: int, seed: int, workers: int = 1, client: Any = None, progress: bool | None = None
) -> Executions:
    """The executions of all runs, block by block, which a bar counts."""
    parts, done = [], 0
    with bar(f"{world.pipeline.name}: {runs:,} runs", runs, progress) as tell:
        for block in blocks_of(world, runs, seed, workers, client):
            parts.append(block.executions)
            done += block.runs
            tell(done)
    return stacked(Executions, parts)


def _precise(result: Result, precision: Precision, of: str, most: int, progress: bool | None) -> Result:
    one = result.measure(of)
    while not precision.reached(one) and result.runs < most:
        result = more(result, min(most, precision.runs(one, result.runs)) - result.runs, progress)
        one = result.measure(of)
    return result


def more(result: Result, runs: int, progress: bool | None = None) -> Result:
    """The same with so many runs more; those that there are stay."""
    world = planned(result.pipeline, result.scenario)
    added = executions(world, runs, result.seed + result.runs, result.workers, result.client, progress)
    moved = replace(added, run=(added.run + result.runs).astype(np.int32))
    return replace(result, runs=result.runs + runs, executions=stacked(Executions, [result.executions, moved]))
