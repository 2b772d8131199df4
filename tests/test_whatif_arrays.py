"""The array path does what the simulation does, execution by execution, on worlds full of ties."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_sim import Pipeline, Scenario, Simulation
from pipeline_sim.scenario import Hours
from pipeline_sim.whatif.arrays import evaluate
from pipeline_sim.whatif.arrivals import worked
from pipeline_sim.whatif.plan import NEVER, NotAnArray, Plan, plan_of
from pipeline_sim.whatif.runs import blocks, simulated
from pipeline_sim.whatif.tables import NAMES, OVER, joined
from pipeline_sim.whatif.telling import executions_of
from pipeline_sim.whatif.words import seeds_from

from .stories import structure
from .whatif_worlds import World, lines, worlds

RUNS = 2
Told = list[tuple[Any, ...]]


def by_simulation(body: Any, said: Any, seed: int) -> Told:
    """Every execution: status, start, end; if it is no rollback, when it came to each stage, entered and left it."""
    return told_of(body, Pipeline.load(body), Scenario.load(said), seed)


def told_of(body: Any, pipeline: Pipeline, scenario: Scenario, seed: int) -> Told:
    sim = Simulation(pipeline, scenario, seed=seed).run()
    told: Told = []
    for execution in sim.state.pipelines["shop"].executions.values():
        end = None if execution.status == "InProgress" else execution.updated
        told.append((execution.status, execution.started, end, execution.start.kind == "ROLLBACK", [
            _visit(execution.stages.get(stage["name"])) for stage in body["stages"]]))
    return told


def _visit(run: Any) -> tuple[Any, ...]:
    inside = run is not None and run.entered is not None
    return (run.arrived, run.entered, run.ended) if run and inside else (run.arrived if run else None, None, None)


def by_arrays(body: Any, said: Any, seed: int, runs: int) -> list[Told | None]:
    """The same of several runs; None for a run that is not exact."""
    return told_by_arrays(plan_of(Pipeline.load(body), Scenario.load(said)), seed, runs)


def told_by_arrays(plan: Plan, seed: int, runs: int) -> list[Told | None]:
    block = evaluate(plan, seeds_from(seed, runs), visits=True)
    table = executions_of(block, 0)
    told: list[Told | None] = [[] if exact else None for exact in block.exact]
    for place in range(len(table.run)):
        one = {name: int(column[place]) for name, column in table.columns().items()}
        mine = told[one["run"]]
        assert mine is not None
        mine.append((NAMES[one["status"]], one["start"], None if one["end"] == OVER else one["end"], one["rollback"] != OVER,
                     _visits(block, one)))
        assert one["number"] == len(mine)
    return told


def _visits(block: Any, one: dict[str, int]) -> list[tuple[Any, ...]]:
    if one["rollback"] != OVER:
        return [(one["start"], one["start"], one["end"]) if stage == one["rollback"] else (None, None, None)
                for stage in range(len(block.visits))]
    at = (one["push"] - 1, one["run"])
    found = []
    for visit in block.visits:
        times = (visit.arrive[at] if visit.here[at] else NEVER, visit.crossed.enter[at], visit.crossed.leave[at])
        found.append(tuple(int(time) if time < block.never else None for time in times))
    return found


def agree(world: World, runs: int = RUNS) -> int:
    """How many runs are exact, after looking at each execution of these."""
    body, said, seed = world
    pipeline, scenario = Pipeline.load(body), Scenario.load(said)
    found = told_by_arrays(plan_of(pipeline, scenario), seed, runs)
    for run, told in enumerate(found):
        if told is not None:
            assert told == told_of(body, pipeline, scenario, seed + run)
    return sum(told is not None for told in found)


@settings(max_examples=700, deadline=None)
@given(worlds())
def test_arrays_and_simulation_agree_on_every_execution(world: World) -> None:
    with suppress(NotAnArray):
        agree(world)


@settings(max_examples=300, deadline=None)
@given(worlds(capacity=True))
def test_lockstep_and_simulation_agree_on_every_execution(world: World) -> None:
    agree(world)


def test_an_action_that_takes_just_its_limit_is_in_time() -> None:
    body = structure({"Source": ["App"], "Build": ["Compile"]})
    said = {"actions": {"Build/Compile": {"duration": {"sample": [4, 5]}}}, "pushes": [0], "timeouts": {"CodeBuild": 4}}
    found = by_arrays(body, said, 0, 20)
    assert found == [by_simulation(body, said, seed) for seed in range(20)]
    assert {told[0][0] for told in found if told} == {"Succeeded", "Failed"}


@given(st.lists(st.tuples(st.integers(0, 300_000), st.sampled_from([0, 1, 59, 60, 61, 3600, 90_000])), min_size=1,
                max_size=8), st.sampled_from(["09:00", "09:01", "00:00"]), st.sampled_from(["09:02", "24:00"]))
def test_office_time_passes_for_many_as_for_one(asked: list[tuple[int, int]], opens: str, closes: str) -> None:
    hours = Hours.parse({"days": "Mon-Wed", "from": opens, "to": closes}, Scenario().start)
    at, work = np.array(asked).T
    assert worked(hours, at, work).tolist() == [hours.add(*one) for one in asked]


def test_no_work_outside_the_hours_is_done_at_the_next_opening() -> None:
    hours = Hours.parse({"from": "09:00", "to": "09:02"}, Scenario().start)
    moments = [0, 119, 120, 121, 86_399, 86_400]
    assert worked(hours, np.array(moments), np.zeros(6, np.int64)).tolist() == [hours.add(one, 0) for one in moments]


@settings(max_examples=60, deadline=None)
@given(st.one_of(worlds(), worlds(capacity=True)))
def test_arrays_tell_of_visits_and_works_what_the_simulation_does(world: World) -> None:
    same_tables(world, RUNS)


@settings(max_examples=100, deadline=None)
@given(lines())
def test_who_leaves_a_line_ends_after_those_who_began_at_once(world: World) -> None:
    same_tables(world, 1)


@pytest.mark.parametrize(("takes", "result"), [(1, "Succeeded"), (2, "Failed")])
def test_a_slot_that_was_taken_out_of_the_line_comes_back_after_the_time_out(takes: int, result: str) -> None:
    body = structure({"Source": ["App"], "Build": {"actions": [["First", "Second", "Third"]]}})
    said = {"actions": {"Source/App": {"duration": 0}, "Build/First": {"duration": 2}, "Build/Second": {"duration": takes},
                        "Build/Third": {"duration": 0}},
            "pushes": [0], "timeouts": {"CodeBuild": 4}, "capacity": {"CodeBuild": 1}}
    same_tables((body, said, 0), 1)
    works = next(blocks(Pipeline.load(body), Scenario.load(said), 1)).works
    assert NAMES[works.status[-1]] == result


def same_tables(world: World, runs: int) -> None:
    body, said, seed = world
    pipeline, scenario = Pipeline.load(body), Scenario.load(said)
    found = next(blocks(pipeline, scenario, runs, seed))
    told = joined([simulated(pipeline, scenario, seed, run) for run in range(runs)])
    for table in ("executions", "visits", "works"):
        for name, column in getattr(found, table).columns().items():
            assert column.tolist() == getattr(told, table).columns()[name].tolist(), (table, name)
            assert column.dtype == getattr(told, table).columns()[name].dtype, name
