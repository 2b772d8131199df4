"""Any number of workers, here or on a cluster, gives the same numbers; a lost worker loses nothing; memory is bounded."""

from __future__ import annotations

import pickle
import tracemalloc
from collections.abc import Iterator
from typing import Any

import joblib
import numpy as np
import pytest

from pipeline_sim import Pipeline, Scenario
from pipeline_sim.whatif import replicate, streaming
from pipeline_sim.whatif import runs as runs_of
from pipeline_sim.whatif.cluster import spread
from pipeline_sim.whatif.runs import blocks, simulation_of
from pipeline_sim.whatif.streaming import Summary, of_run, streamed, swept

from .stories import pipeline

SHOP: dict[str, Any] = {
    "Source": ["App"], "Test": {"actions": [["Unit", "Lint"]], "onFailure": {"result": "RETRY"}},
    "Prod": {"actions": [{"Ok": "Manual"}, "Deploy"], "onFailure": {"result": "ROLLBACK"}}}
WORLD: dict[str, Any] = {
    "actions": {"*": {"duration": {"p50": "2m", "p95": "6m"}, "failure": 0.1}},
    "approvals": {"*": {"response": {"exponential": "10m"}}}, "pushes": [{"every": "9m", "count": 9}]}


def shop(mode: str = "QUEUED", **world: Any) -> tuple[Pipeline, Scenario]:
    return pipeline(SHOP, mode=mode), Scenario.load({**WORLD, **world})


def as_bytes(pipeline: Pipeline, scenario: Scenario, **where: Any) -> bytes:
    """All tables of sixty runs."""
    return pickle.dumps([column.tobytes() for block in blocks(pipeline, scenario, 60, 5, **where)
                         for table in (block.executions, block.visits, block.works) for column in table.columns().values()])


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small blocks and tasks, so that there are many."""
    monkeypatch.setattr(runs_of, "DETAILED", 100)
    monkeypatch.setattr(streaming, "LONG", 90)
    monkeypatch.setattr(streaming, "ROOM", 45)


@pytest.mark.usefixtures("small")
def test_two_processes_give_the_same_bytes_as_one() -> None:
    assert as_bytes(*shop(), workers=2) == as_bytes(*shop())
    assert streamed(*shop(), 60, 5, workers=2) == streamed(*shop(), 60, 5)


@pytest.mark.usefixtures("small")
def test_joblibs_own_backends_are_respected() -> None:
    with joblib.parallel_config(backend="threading"):
        assert streamed(*shop(), 60, 5, workers=2) == streamed(*shop(), 60, 5)


def test_a_summary_says_what_the_table_says() -> None:
    result, found = replicate(*shop(), 50, seed=3), streamed(*shop(), 50, 3)
    table, mine = result.executions, result.leads.value
    assert found.lead_time == mine.mean()
    assert found.lead_time_within(0.5) == np.sort(mine)[(len(mine) - 1) // 2]
    assert found.total("carried") == len(mine) > found.total("Succeeded")  # some came with a newer one
    assert sum(found.statuses) + found.rollbacks == len(table.run)
    assert found.rollbacks == (table.rollback >= 0).sum() > 0


def test_a_summary_merges_to_the_same_however_the_runs_are_divided() -> None:
    parts = [of_run(simulation_of(*shop(), 3, run), shop()[0]) for run in range(30)]
    backwards: Summary = parts[-1]
    for part in reversed(parts[:-1]):
        backwards = backwards + part
    assert backwards == streamed(*shop(), 30, 3)


def test_what_the_simulation_does_is_summed_up_alike() -> None:
    world = shop(settings={"execution_limit": 4})
    by_simulation = [of_run(simulation_of(*world, 3, run), world[0]) for run in range(20)]
    total = by_simulation[0]
    for one in by_simulation[1:]:
        total = total + one
    assert streamed(*world, 20, 3) == total


def test_a_sweep_gives_each_point_what_it_gives_alone() -> None:
    base, mode = shop()
    worlds = [(base, mode.but("Test/Unit", failure=share)) for share in (0.1, 0.3, 0.5)]
    worlds += [(base, mode.but("Prod/Deploy", duration="3m")), shop("SUPERSEDED"), worlds[0]]
    worlds += [shop(pushes=[{"every": "3m", "count": 4}]), shop(capacity={"CodeBuild": 1}, approvals={})]
    worlds += [(base, mode.but("Test/Lint", failure=share / 50)) for share in range(20)]  # some fates are shared
    assert swept(worlds, 40, 2) == [streamed(*world, 40, 2) for world in worlds]


@pytest.mark.usefixtures("small")
def test_memory_does_not_grow_with_the_runs() -> None:
    streamed(*few_seconds(), 20, 1)
    assert most_memory(400) < 2 * most_memory(40)


def few_seconds() -> tuple[Pipeline, Scenario]:
    """What grows is the number of different lead times alone: here there are few."""
    return shop(actions={"*": {"duration": {"sample": [60, 120]}, "failure": 0.1}}, approvals={"*": {"response": "10m"}},
                pushes=[{"every": "9m", "count": 9, "regular": True}])


def most_memory(runs: int) -> int:
    tracemalloc.start()
    try:
        streamed(*few_seconds(), runs, 1)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# ---------------------------------------------------------------------------------------------- a cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two workers of Dask's on this machine."""
    distributed = pytest.importorskip("distributed")
    anywhere = {"dashboard_address": "127.0.0.1:0", "host": "127.0.0.1"}  # None would be port 8787, where another may be
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, **anywhere) as made, distributed.Client(made) as client:
        yield client


def slowly(number: int) -> tuple[int, int]:
    """A task that lasts long enough to be killed in."""
    import os
    import time

    time.sleep(0.15)
    return number, os.getpid()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_cluster_gives_the_same_bytes_as_one_process(cluster: Any, small: None) -> None:
    assert as_bytes(*shop(), client=cluster) == as_bytes(*shop())
    assert streamed(*shop(), 60, 5, client=cluster) == streamed(*shop(), 60, 5)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_worker_that_is_killed_midway_loses_nothing(cluster: Any) -> None:
    import os
    import signal

    answers = spread(slowly, [(number,) for number in range(24)], client=cluster)
    first = [next(answers) for _ in range(4)]
    victim = first[0][1]
    os.kill(victim, signal.SIGKILL)
    found = [*first, *answers]
    assert [number for number, _ in found] == list(range(24))
    assert {process for _, process in found} > {victim}
