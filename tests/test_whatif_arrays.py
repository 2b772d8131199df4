"""The array path does what the simulation does, execution by execution, on worlds full of ties."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_sim import Pipeline, Scenario, Simulation
from pipeline_sim.scenario import Hours
from pipeline_sim.whatif.arrays import STATUSES, evaluate
from pipeline_sim.whatif.arrivals import worked
from pipeline_sim.whatif.plan import NEVER, plan_of
from pipeline_sim.whatif.words import seeds_from

from .stories import structure

FEW = st.integers(0, 5)
LUCK = st.sampled_from([0, 0, 0, 0, 0, 0.3, 0.6])
TAKES = st.one_of(FEW, st.fixed_dictionaries({"sample": st.lists(FEW, min_size=1, max_size=4)}))
MODES = st.sampled_from(["QUEUED", "SUPERSEDED", "PARALLEL"])
RUNS = 4


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], int]:
    """A pipeline that arrays can do, how its world behaves, and the first seed."""
    mode, actions = draw(MODES), {"Source/App": {"duration": draw(TAKES), "failure": draw(LUCK)}}
    stages: dict[str, Any] = {"Source": ["App"]}
    for number in range(draw(st.integers(1, 4))):
        stages[f"S{number}"] = _stage(draw, f"S{number}", mode, actions)
    world: dict[str, Any] = {
        "actions": actions, "pushes": draw(_pushes()), "timeouts": draw(st.sampled_from([{}, {}, {"CodeBuild": 4}])),
        "calls": draw(st.lists(_calls(list(stages)[mode == "PARALLEL":]), max_size=4)),
        "approvals": {"*": draw(st.one_of(st.just("nobody"), _approvers()))},
        "settings": draw(st.sampled_from([{}, {}, {"execution_limit": 3}]))}
    return structure(stages, mode=mode), world, draw(st.integers(0, 2**32))


def _stage(draw: st.DrawFn, name: str, mode: str, actions: dict[str, Any]) -> dict[str, Any]:
    groups: list[Any] = []
    for order in range(draw(st.integers(1, 3))):
        names = [f"A{order}{letter}" for letter in "xyz"[:draw(st.integers(1, 3))]]
        approval = draw(st.integers(0, 3)) == 0
        groups.append([{one: "Manual"} if approval else one for one in names])
        for one in names:
            defect = draw(st.sampled_from([0, 0, 0, 0.4]))
            actions[f"{name}/{one}"] = {"duration": draw(TAKES), "failure": draw(LUCK), "defect": defect}
    stage: dict[str, Any] = {"actions": groups}
    retry = draw(st.sampled_from([None, "FAILED_ACTIONS", "ALL_ACTIONS"]))
    if retry:
        stage["onFailure"] = {"result": "RETRY", "retryConfiguration": {"retryMode": retry}}
    return stage


def _approvers() -> st.SearchStrategy[dict[str, Any]]:
    hours = st.sampled_from([{"from": "09:01", "to": "10:00"}, {"days": "Mon-Sun", "from": "09:00", "to": "09:01"}])
    plain = {"probability": st.sampled_from([0.5, 0.7, 1]), "response": TAKES}
    return st.one_of(st.fixed_dictionaries(plain), st.fixed_dictionaries({**plain, "hours": hours}))


def _pushes() -> st.SearchStrategy[list[Any]]:
    stream = st.fixed_dictionaries({"every": st.integers(1, 6), "count": st.integers(0, 8), "from": FEW},
                                   optional={"until": st.integers(5, 30), "regular": st.booleans()})
    return st.one_of(st.lists(st.one_of(st.integers(0, 14), st.integers(0, 14), stream), max_size=9))


def _calls(stages: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    transition = {"at": st.integers(0, 25), "stageName": st.sampled_from(stages),
                  "transitionType": st.sampled_from(["Inbound", "Outbound"])}
    closes = {"operation": st.just("DisableStageTransition"), "reason": st.just("x"), **transition}
    return st.one_of(st.fixed_dictionaries(closes), st.fixed_dictionaries(
        {"operation": st.just("EnableStageTransition"), **transition}))


Told = list[tuple[Any, ...]]


def by_simulation(body: Any, said: Any, seed: int) -> Told:
    """Every execution: status, start, end, and when it came to each stage, entered and left it."""
    sim = Simulation(Pipeline.load(body), Scenario.load(said), seed=seed).run()
    told: Told = []
    for execution in sim.state.pipelines["shop"].executions.values():
        visits = []
        for stage in body["stages"]:
            run = execution.stages.get(stage["name"])
            inside = run is not None and run.entered is not None
            visits.append((run.arrived, run.entered, run.ended) if run and inside else (run.arrived if run else None,
                                                                                         None, None))
        end = None if execution.status == "InProgress" else execution.updated
        told.append((execution.status, execution.started, end, visits))
    return told


def by_arrays(body: Any, said: Any, seed: int, runs: int) -> list[Told | None]:
    """The same of several runs; None for a run that reached the limit of executions."""
    block = evaluate(plan_of(Pipeline.load(body), Scenario.load(said)), seeds_from(seed, runs), visits=True)
    return [_column(block, run) if block.exact[run] else None for run in range(runs)]


def _column(block: Any, run: int) -> Told:
    def time(one: Any) -> int | None:
        return int(one) if one < NEVER else None

    return [(STATUSES[block.status[row, run]], time(block.start[row, run]), time(block.end[row, run]),
             [tuple(time(one[row, run]) for one in (visit.arrive, visit.enter, visit.leave)) for visit in block.visits])
            for row in range(len(block.start)) if block.status[row, run]]


@settings(max_examples=80, deadline=None)
@given(worlds())
def test_arrays_and_simulation_agree_on_every_execution(world: Any) -> None:
    body, said, seed = world
    for run, told in enumerate(by_arrays(body, said, seed, RUNS)):
        if told is not None:
            assert told == by_simulation(body, said, seed + run)


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
