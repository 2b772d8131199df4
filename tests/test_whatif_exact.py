"""Closed forms and queueing theory agree with what is simulated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_sim import Scenario
from pipeline_sim.scenario import Quantiles
from pipeline_sim.whatif import parts, replicate, steady
from pipeline_sim.whatif.exact import NotClosed, exact
from pipeline_sim.whatif.laws import Law, longest
from pipeline_sim.whatif.queues import wait_m_g_1, wait_m_m_c
from pipeline_sim.whatif.sums import Sample

from .stories import pipeline

STAGES: dict[str, Any] = {"Source": ["App"], "Test": {"actions": [["Unit", "Lint"], "Load"]},
                          "Prod": [{"Ok": "Manual"}, "Deploy"]}
WORLD: dict[str, Any] = {
    "actions": {"*": {"duration": {"p50": 60, "p95": 180}}, "Test/Unit": {"failure": 0.2, "duration": {"uniform": [30, 90]}},
                "Test/Lint": {"failure": 0.1, "defect": 0.05}, "Test/Load": {"failure": 0.15}},
    "approvals": {"*": {"response": {"exponential": "10m"}, "probability": 0.9}}, "pushes": [0]}
SURE = 0.9995
"""Many intervals are looked at here: each is so wide that all of them together seldom miss by luck, and seeds are fixed."""


def retrying(mode: str | None) -> Any:
    stages = {**STAGES, "Test": dict(STAGES["Test"])}
    if mode:
        stages["Test"]["onFailure"] = {"result": "RETRY", "retryConfiguration": {"retryMode": mode}}
    return pipeline(stages)


@pytest.mark.parametrize("mode", [None, "FAILED_ACTIONS", "ALL_ACTIONS"])
def test_the_interval_of_the_runs_holds_the_exact_value(mode: str | None) -> None:
    shop, scenario = retrying(mode), Scenario.load(WORLD)
    twin, result = exact(shop, scenario), replicate(shop, scenario, 20_000)
    for name, value in twin.values().items():
        one = result.measure(name, SURE)
        assert one.low <= value <= one.high, (name, value, one)
    beside = twin.beside(result)
    assert beside.agree >= len(beside.rows) - 2
    assert "lead time p90" in str(beside)


def test_a_retry_helps_as_a_geometric_law_says() -> None:
    world = {"actions": {"*": {"duration": 60}, "Test/Unit": {"duration": 60, "failure": 0.2}}, "pushes": [0]}
    stages = {"Source": ["App"], "Test": {"actions": ["Unit"], "onFailure": {
        "result": "RETRY", "retryConfiguration": {"retryMode": "FAILED_ACTIONS"}}}}
    twin = exact(pipeline(stages), Scenario.load(world))
    assert twin.success == pytest.approx(1 - 0.2 ** 2, abs=1e-6)
    assert twin.lead_time.mean == pytest.approx(60 + (0.8 * 60 + 0.16 * 120) / 0.96, abs=1e-4)
    assert twin.visits.tolist() == [1, 1]
    assert twin.duration == pytest.approx(60 + 0.8 * 60 + 0.2 * 120, abs=1e-4)
    assert twin.chain.sum(axis=1) == pytest.approx(1)


def test_a_broken_revision_stays_broken_in_a_retry() -> None:
    world = {"actions": {"*": {"duration": 60}, "Test/Unit": {"defect": 0.3}}, "pushes": [0]}
    stages = {"Source": ["App"], "Test": {"actions": ["Unit"], "onFailure": {
        "result": "RETRY", "retryConfiguration": {"retryMode": "FAILED_ACTIONS"}}}}
    assert exact(pipeline(stages), Scenario.load(world)).success == pytest.approx(0.7, abs=1e-6)


def test_in_parallel_mode_every_execution_is_alone() -> None:
    shop, scenario = pipeline(STAGES, mode="PARALLEL"), Scenario.load({**WORLD, "pushes": [{"every": "1h", "count": 30}]})
    twin, result = exact(shop, scenario), replicate(shop, scenario, 400)
    one = result.measure("success", SURE)
    assert one.low <= twin.success <= one.high
    assert [name for name, _, _ in twin.beside(result).rows] == ["success"], "a newer execution may bring a change earlier"


def test_where_executions_overtake_a_change_comes_with_the_first_that_has_it() -> None:
    """An hour on average, and a push every five minutes: some newer execution is faster, nearly always."""
    shop = pipeline({"Source": ["App"], "Test": ["Unit"]}, mode="PARALLEL")
    world = Scenario.load({"actions": {"Source/App": {"duration": 0}, "Test/Unit": {"duration": {"uniform": [0, 7200]}}},
                           "pushes": [{"every": 300, "count": 200}]})
    assert exact(shop, world).lead_time.mean == pytest.approx(3600, abs=1)
    assert replicate(shop, world, 20).lead_time.high < 1800


@pytest.mark.parametrize(("change", "why"), [
    ({"pushes": [0, 60]}, "wait for each other"), ({"retry": {"after": "5m"}}, "people retry"),
    ({"approvals": {"*": {"hours": "office"}}}, "keeps hours"), ({"timeouts": {"CodeBuild": "2m"}}, "can time out"),
    ({"capacity": {"CodeBuild": 1}}, "CodeBuild can be used up"),
    ({"transitions": [{"stage": "Prod", "from": 0, "to": "1h"}]}, "is closed for a while")])
def test_where_there_is_no_closed_form_it_says_why(change: dict[str, Any], why: str) -> None:
    with pytest.raises(NotClosed, match=why):
        exact(pipeline(STAGES), Scenario.load({**WORLD, **change}))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=4), min_size=1, max_size=3))
def test_sums_and_maxima_of_small_laws_are_what_counting_gives(samples: list[list[int]]) -> None:
    laws = [Law.of(Quantiles("sample", tuple(sorted(map(float, sample))))) for sample in samples]
    grids = np.meshgrid(*samples, indexing="ij")
    top, total = np.max(grids, axis=0).ravel(), np.sum(grids, axis=0).ravel()
    assert longest(laws).mean == pytest.approx(top.mean(), abs=1e-3)
    summed = laws[0]
    for law in laws[1:]:
        summed = summed + law
    assert summed.mean == pytest.approx(total.mean(), abs=1e-3)
    assert summed.within(3) == pytest.approx((total <= 3).mean(), abs=1e-3)


# ---------------------------------------------------------------------------------------------- queues


def test_a_queued_pipeline_with_one_slow_stage_is_an_m_g_1_queue() -> None:
    """ρ = 0.7: pushes every 10 minutes, 7 minutes in the stage. The line is empty at first: 150 of 600 are cut."""
    takes = Quantiles.parse({"mean": 420, "sd": 300})
    shop = pipeline({"Source": ["App"], "Build": ["Make"]}, mode="QUEUED")
    world = Scenario.load({"actions": {"Source/App": {"duration": 0}, "Build/Make": {"duration": takes}},
                           "pushes": [{"every": 600, "count": 600}], "settings": {"execution_limit": 10_000}})
    result = replicate(shop, world, 400, seed=2)
    assert result.by == "arrays"
    front = result.stages.where((result.stages["stage"] == 1) & (result.stages["number"] > 150))
    waited = Sample(front["run"], front["entered"] - front["arrived"])
    one = parts.estimate(parts.Ratio(*result.summed(waited)), SURE)
    assert one.low <= wait_m_g_1(1 / 600, Law.of(takes)) <= one.high
    assert (one.high - one.low) / one.value < 0.2, "an interval that says nothing"
    found = steady(result)
    assert found.steady, found.why
    assert found.lead_time.low <= wait_m_g_1(1 / 600, Law.of(takes)) + Law.of(takes).mean <= found.lead_time.high


def test_builds_that_share_two_slots_are_an_m_m_2_queue() -> None:
    """Every execution needs one build of 10 minutes on average, one arrives every 8 minutes: ρ = 0.625."""
    shop = pipeline({"Source": ["App"], "Build": ["Make"]}, mode="PARALLEL")
    world = Scenario.load({"actions": {"Source/App": {"duration": 0}, "Build/Make": {"duration": {"exponential": 600}}},
                           "pushes": [{"every": 480, "count": 300}], "capacity": {"CodeBuild": 2},
                           "settings": {"execution_limit": 10_000}})
    result = replicate(shop, world, 30, seed=1)
    tried = result.actions.where((result.actions.column("action") == "Make") & (result.actions["number"] > 40))
    queued = Sample(tried["run"], tried["queued"])
    one = parts.estimate(parts.Ratio(*result.summed(queued)), 0.99)
    assert one.low <= wait_m_m_c(1 / 480, 600, 2) <= one.high
    assert (one.high - one.low) / one.value < 0.5, "an interval that says nothing"


def test_a_line_that_grows_without_end_has_no_mean() -> None:
    with pytest.raises(ValueError, match="grows without end"):
        wait_m_m_c(1, 3, 2)
    exponential = Law.of(Quantiles("exponential", (420,)))
    assert wait_m_m_c(1 / 600, 420, 1) == pytest.approx(wait_m_g_1(1 / 600, exponential), rel=0.01)
