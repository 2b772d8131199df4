"""Points of a knob that share their fates come to what each of them comes to alone, byte for byte."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_sim import Pipeline, Scenario
from pipeline_sim.whatif import points as points_of
from pipeline_sim.whatif.arrays import Block, evaluate
from pipeline_sim.whatif.plan import Attempts, NotAnArray, Plan, plan_of
from pipeline_sim.whatif.points import evaluated_at, families
from pipeline_sim.whatif.words import bases, seeds_from, words

from .stories import pipeline
from .whatif_worlds import World, worlds

RUNS = 4
SHARES = [0, 0.02, 0.1, 0.1, 0.25, 0.3, 0.5, 1]
SHOP: dict[str, Any] = {
    "Source": ["App"], "Test": {"actions": [["Unit", "Lint"], "Load"], "onFailure": {"result": "RETRY"}},
    "Prod": [{"Ok": "Manual"}, "Deploy"]}
WORLD: dict[str, Any] = {
    "actions": {"*": {"duration": {"p50": "2m", "p95": "6m"}, "failure": 0.1}}, "pushes": [0, 60],
    "approvals": {"*": {"response": {"exponential": "10m"}, "probability": 0.9}}}


def shop(mode: str = "QUEUED", **world: Any) -> tuple[Pipeline, Scenario]:
    return pipeline(SHOP, mode=mode), Scenario.load({**WORLD, **world})


def as_bytes(block: Block) -> list[Any]:
    backs = [column for one in block.rollbacks for column in one]
    return [block.never, *((column.dtype, column.shape, column.tobytes())
                           for column in (block.start, block.end, block.status, block.exact, *backs))]


def same_as_alone(plans: list[Plan], seed: int, runs: int) -> None:
    seeds = seeds_from(seed, runs)
    found = dict(evaluated_at(plans, seeds))
    assert sorted(found) == list(range(len(plans)))
    for place, plan in enumerate(plans):
        assert as_bytes(found[place]) == as_bytes(evaluate(plan, seeds))


def turned(plan: Plan, stage: int, which: int, threshold: int) -> Plan:
    """The plan with another threshold for one of a stage's actions or rules."""
    one = plan.stages[stage]
    every = [*one.actions, *one.before, *one.success, *one.failure]
    old = every[which % len(every)]

    def of(actions: tuple[Attempts, ...]) -> tuple[Attempts, ...]:
        return tuple(replace(action, threshold=threshold) if action is old else action for action in actions)

    changed = replace(one, groups=tuple(map(of, one.groups)), before=of(one.before), success=of(one.success),
                      failure=of(one.failure))
    return replace(plan, stages=(*plan.stages[:stage], changed, *plan.stages[stage + 1:]))


@settings(max_examples=60, deadline=None)
@given(worlds(), st.integers(0, 4), st.integers(0, 9), st.permutations(SHARES), st.sampled_from([0.3, 0.6]))
def test_points_of_any_chance_come_to_what_each_comes_to_alone(
    world: World, stage: int, which: int, shares: list[float], scale: float
) -> None:
    body, said, seed = world
    try:
        plan = plan_of(Pipeline.load(body), Scenario.load(said))
    except NotAnArray:
        return
    stage %= len(plan.stages)
    same_as_alone([turned(plan, stage, which, round(share * scale * 2**32)) for share in shares], seed, RUNS)


@pytest.mark.parametrize("knob", ["Test/Unit", "Test/Load", "Source/App", "Prod/Deploy"])
def test_a_fine_grid_is_evaluated_by_fates_and_not_point_by_point(knob: str, monkeypatch: pytest.MonkeyPatch) -> None:
    base, world = shop()
    plans = [plan_of(base, world.but(knob, failure=percent / 100)) for percent in range(25)]
    alone = [as_bytes(evaluate(plan, seeds_from(3, 200))) for plan in plans]
    monkeypatch.setattr(points_of, "evaluate", None)
    monkeypatch.setattr(points_of, "WIDE", 1)  # in several pieces
    assert [as_bytes(block) for _, block in sorted(evaluated_at(plans, seeds_from(3, 200)))] == alone
    assert len(set(map(str, alone))) > 10


def test_over_two_knobs_each_line_of_the_grid_is_a_family() -> None:
    base, world = shop()
    plans = [plan_of(base, world.but("Test/Unit", failure=one).but("Prod/Deploy", failure=two))
             for one in (0.1, 0.2, 0.3) for two in (0.1, 0.2, 0.3, 0.4)]
    assert [family.places for family in families(plans)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    same_as_alone(plans, 7, 50)


def test_what_differs_in_more_than_a_chance_stays_apart() -> None:
    base, world = shop()
    others = [world, world.but("Test/Unit", duration="3m"), world.but("Test/Unit", failure=0.5, duration="3m"),
              world.but(pushes=[0, 70]), world.but("Prod/Ok", probability=0.2), world]
    plans = [plan_of(base, other) for other in others] + [plan_of(shop("SUPERSEDED")[0], world)]
    assert [family.places for family in families(plans)] == [[0, 4, 5], [1, 2], [3], [6]]
    same_as_alone(plans, 7, 50)


def test_a_person_who_retries_is_asked_as_often_at_every_point() -> None:
    base, world = shop(retry={"after": "5m", "times": 2})
    same_as_alone([plan_of(base, world.but("Test/Unit", failure=share)) for share in np.linspace(0, 0.9, 30)], 1, 150)


@pytest.mark.parametrize(("stage", "world"), [
    ({"retry": "ALL_ACTIONS"}, {}),
    ({}, {"timeouts": {"CodeBuild": 150}}),
    ({}, {"actions": {"*": {"duration": {"p50": "2m", "p95": "6m"}}, "Test/Unit": {"failure": 0.1, "defect": 0.3}}}),
    ({}, {"retry": {"after": "5m", "times": 1, "mode": "ALL_ACTIONS"}}),
    ({"unit": "Manual"}, {}),
    ({"result": "ROLLBACK"}, {"pushes": [0, 2000, 4000]}),
])
def test_whatever_makes_an_action_run_again_its_draw_counts(stage: dict[str, str], world: dict[str, Any]) -> None:
    again = {"result": "RETRY", "retryConfiguration": {"retryMode": stage.get("retry", "FAILED_ACTIONS")}}
    shop_of = pipeline({**SHOP, "Test": {
        "actions": [[{"Unit": stage.get("unit", "CodeBuild")}, "Lint"], "Load"],
        "onFailure": {"result": "ROLLBACK"} if "result" in stage else again}})
    plan = plan_of(shop_of, Scenario.load({**WORLD, **world}))
    same_as_alone([turned(plan, 1, 0, round(share * 2**32)) for share in np.linspace(0.1, 0.6, 14)], 11, 400)


def test_a_draw_that_is_just_the_threshold_does_not_fail_there() -> None:
    plan = plan_of(*shop(pushes=[0]))
    key = plan.stages[0].actions[0].key
    draws = sorted(int(one >> np.uint64(32)) for one in words(bases(seeds_from(5, 8), key), np.ones(1), 1))
    same_as_alone([turned(plan, 0, 0, draw + more) for draw in draws for more in (0, 1)], 5, 8)
