"""Asking what if: changes in words, two worlds, grids, what matters, from where on it pays, how many runs are enough."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from pipeline_sim import Faults, Scenario
from pipeline_sim.scenario import Quantiles
from pipeline_sim.whatif import break_even, changed, compare, morris, replicate, sobol, steady, sweep, tornado
from pipeline_sim.whatif.compare import BETTER, OPEN, SAME, WORSE
from pipeline_sim.whatif.plan import plan_of
from pipeline_sim.whatif.precision import Precision, half
from pipeline_sim.whatif.sensitivity import Range, usual
from pipeline_sim.whatif.steady import crossing, mser

from .stories import pipeline

STAGES: dict[str, Any] = {"Source": ["App"], "Test": ["Unit", "Lint"], "Prod": [{"Ok": "Manual"}, "Deploy"]}
WORLD: dict[str, Any] = {
    "actions": {"Source/App": {"duration": 5}, "CodeBuild": {"duration": {"p50": "2m", "p95": "6m"}},
                "Test/Unit": {"failure": 0.2}},
    "approvals": {"*": {"response": {"exponential": "10m"}}}, "pushes": [{"every": "30m", "count": 8}]}
SHOP, SCENARIO = pipeline(STAGES, mode="QUEUED"), Scenario.load(WORLD)
HERE = (SHOP, SCENARIO)


def behaviour(world: Any, place: str) -> Any:
    stage, _, name = place.partition("/")
    return world[1].behaviour(stage, world[0].stage(stage).action(name))


# ---------------------------------------------------------------------------------------------- knobs


def test_a_change_in_words_is_the_scenarios_own() -> None:
    world = changed(HERE, "Test/*.failure=30%", "pushes.every=1h", "capacity.CodeBuild=5",
                    "Prod/Ok.response={p50: 1h, p95: 3h}")
    assert [behaviour(world, f"Test/{name}").failure for name in ("Unit", "Lint")] == [0.3, 0.3]
    assert world[1].streams[0].every == 3600
    assert world[1].capacity == {"CodeBuild": 5}
    approver = world[1].approver("Prod", SHOP.stage("Prod").action("Ok"))
    assert approver is not None and approver.response.quantile(0.5) == pytest.approx(3600, abs=1)


def test_a_factor_multiplies_what_each_action_has_now() -> None:
    world = changed(HERE, "Test/*.duration=x0.5", "Test/Unit.failure=x2", "pushes.every=×2")
    assert behaviour(world, "Test/Lint").duration == Quantiles.parse({"p50": "2m", "p95": "6m"}).scaled(0.5)
    assert behaviour(world, "Test/Unit").failure == 0.4
    assert world[1].streams[0].every == 3600


def test_the_pipeline_changes_in_its_own_words() -> None:
    shop, _ = changed(HERE, "parallel=Test/Unit,Test/Lint", "mode=parallel", "Test.retry=FAILED_ACTIONS", "without=Prod/Ok")
    assert len(shop.stage("Test").groups) == 1
    assert (shop.mode, [action.name for action in shop.stage("Prod").actions]) == ("PARALLEL", ["Deploy"])
    on_failure = shop.stage("Test").on_failure
    assert on_failure is not None and on_failure.retry_mode == "FAILED_ACTIONS"
    again, _ = changed((shop, SCENARIO), "sequence=Test/Unit,Test/Lint", "Test.retry=none")
    assert len(again.stage("Test").groups) == 2
    assert again.stage("Test").on_failure is None


@pytest.mark.parametrize(("words", "why"), [
    ("Test/Unit.failure", "is no change: write it as"), ("speed=2", "'speed' is no knob"),
    ("mode=FAST", "no execution mode"),
    ("Tset/Unit.failure=1%", "Did you mean 'Test/Unit'"), ("Test/Unit.failur=1%", "Did you mean 'failure'"),
    ("Test/Lint.failure=x2", "a factor changes nothing"), ("Test/Unit.failure=x9", "between 0 % and 100 %"),
    ("Test/Unit.failure=120%", "is no probability"), ("parallel=Test/Unit", "name two actions"),
    ("Tst.retry=none", "Did you mean 'Test'"), ("Test.retry=often", "no way to retry"),
    ("Test/Unit.duration={", "cannot be read"),
    ("pushes.evry=1h", "evry"), ("without=Prod/Deploi", "Did you mean 'Deploy'")])
def test_a_change_that_makes_no_sense_says_why(words: str, why: str) -> None:
    with pytest.raises((ValueError, Faults), match=why):
        changed(HERE, words)


def test_pushes_that_are_listed_have_no_rate() -> None:
    with pytest.raises(ValueError, match="No stream of pushes"):
        changed((SHOP, SCENARIO.but(pushes=[0])), "pushes.every=1h")


# ---------------------------------------------------------------------------------------------- two worlds


def test_a_comparison_says_by_how_much_and_how_sure() -> None:
    paired = compare(HERE, SHOP.parallel("Test/Unit", "Test/Lint"), 300)
    gap = paired.difference("lead time")
    assert gap.high < 0
    assert paired.verdict("lead time") == BETTER
    assert paired.improvement("lead time").low > 0.9
    assert paired.verdict("deployment frequency") in (OPEN, BETTER)
    assert paired.verdict("superseded") == SAME
    assert paired.runs_to_settle("lead time") < 300  # type: ignore[operator]
    assert "run at the same time" in paired.asked or "Test/Unit" in paired.asked
    alone = [one.measure("lead time") for one in (paired.base, paired.change)]
    assert half(gap) < max(map(half, alone)), "pairing gained nothing"


def test_a_change_of_the_scenario_alone_and_no_change_at_all() -> None:
    worse = compare(HERE, SCENARIO.but("Test/Unit", failure=0.5), 200)
    assert worse.verdict("success") == WORSE
    assert "Test/Unit: fails in 50 % of attempts." in worse.asked
    nothing = compare(HERE, HERE, 50)
    assert (nothing.verdict("lead time"), nothing.runs_to_settle("lead time")) == (SAME, None)
    assert nothing.asked == "Nothing is different."
    assert "success" in worse._repr_html_() and "worse" in str(worse)


def test_the_run_in_which_two_worlds_differ_most() -> None:
    paired = compare(HERE, SCENARIO.but("Prod/Deploy", duration="20m"), 60)
    both = paired.most_different("lead time")
    gaps = np.abs(paired.differences("lead time"))
    assert abs(both.change.value - both.base.value) == gaps.max()
    assert both.base.seed == both.change.seed
    assert both.change.simulation().now > both.base.simulation().now


def test_as_many_pairs_as_settle_it() -> None:
    paired = compare(HERE, SCENARIO.but("Test/Unit", failure=0.22), to="settled", of="success")
    assert paired.verdict("success") == WORSE
    assert 500 <= paired.base.runs < 100_000
    precise = compare(HERE, SCENARIO.but("Prod/Deploy", duration="20m"), to="±20s", of="lead time")
    assert half(precise.difference("lead time")) <= 20


# ---------------------------------------------------------------------------------------------- how many runs


def test_runs_are_added_until_the_interval_is_narrow_enough() -> None:
    found = replicate(SHOP, SCENARIO, to="±2%", of="lead time", seed=4)
    one = found.measure("lead time")
    assert half(one) <= 0.02 * one.value
    again = replicate(SHOP, SCENARIO, found.runs, seed=4)
    assert again.executions.end.tolist() == found.executions.end.tolist()
    assert replicate(SHOP, SCENARIO, to="±0.01%", most=700).runs == 700


@pytest.mark.parametrize(("text", "unit", "reach", "relative"), [
    ("±1%", "share", 0.01, False), ("1 %", "seconds", 0.01, True), ("+-30s", "seconds", 30, False),
    ("2m", "seconds", 120, False), ("±0.5", "count", 0.5, False)])
def test_precision_is_understood(text: str, unit: str, reach: float, relative: bool) -> None:
    assert Precision.parse(text, unit) == Precision(reach, relative)


def test_what_is_no_precision_is_refused() -> None:
    for text, unit in (("much", "share"), ("±0%", "share"), ("±30s", "share")):
        with pytest.raises(ValueError, match=r"write ±1%"):
            Precision.parse(text, unit)
    with pytest.raises(ValueError, match="not both"):
        replicate(SHOP, SCENARIO, 10, to="±1%")


# ---------------------------------------------------------------------------------------------- grids, what matters


def test_a_sweep_turns_every_knob_to_every_value() -> None:
    found = sweep(SHOP, SCENARIO, {"Test/Unit.failure": [0, 0.3], "mode": ["QUEUED", "SUPERSEDED", "PARALLEL"]}, 60)
    assert found.values("success").shape == (2, 3)
    assert (found.values("success")[0] == 1).all()
    assert [point.at for point in found.points][1] == (0, "SUPERSEDED")
    assert found.best("success").at[0] == 0
    assert found.points[0].differences["success"].value == 0
    assert list(found.pandas()["mode"])[:2] == ["QUEUED", "SUPERSEDED"]
    assert "PARALLEL" in str(found) and "PARALLEL" in found._repr_html_()
    with pytest.raises(ValueError, match="at least one value"):
        sweep(SHOP, SCENARIO, {"mode": []})
    with pytest.raises(ValueError, match="No measure"):
        sweep(SHOP, SCENARIO, {"mode": ["QUEUED"]}, of=["speed"])


OF = ("success", "lead time", "lead time p75", "cost", "waiting")


def test_every_point_of_a_sweep_is_what_its_world_comes_to_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    shares, one = [share / 16 for share in range(8)], SCENARIO.but(pushes=[0, 600], settings={"execution_limit": 1})
    alone = [replicate(SHOP, one.but("Test/Unit", failure=share), 30, seed=4).summary(*OF) for share in shares]
    replicate_of = import_module("pipeline_sim.whatif.replicate")  # the package's name for it is the function
    monkeypatch.setattr(replicate_of, "_once", None)
    for room in (10**6, 150):  # all points together, or some
        monkeypatch.setattr(replicate_of, "TOGETHER", room)
        found = sweep(SHOP, one, {"Test/Unit.failure": shares}, 30, of=OF, seed=4)
        assert [point.estimates for point in found.points] == alone


@pytest.mark.parametrize("mode", ["QUEUED", "PARALLEL"])
def test_each_world_is_planned_once(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    planned = []

    def noted(*world: Any) -> Any:
        planned.append(world)
        return plan_of(*world)

    monkeypatch.setattr("pipeline_sim.whatif.runs.plan_of", noted)
    sweep(SHOP, SCENARIO.but(pushes=[0]), {"mode": [mode], "Test/Unit.failure": [0.1, 0.2, 0.3]}, 2)
    assert len(planned) == 3
    replicate(SHOP, SCENARIO.but(capacity={"CodeBuild": 1}), 2)
    assert len(planned) == 4


def test_the_tornado_puts_first_what_matters_most() -> None:
    found = tornado(SHOP, SCENARIO.but(pushes=[0]), runs=300)
    assert found.bars[0].knob == "Prod/Ok.response"
    assert found.bars[0].at_low.high < 0 < found.bars[0].at_high.low
    assert {bar.knob for bar in found.bars} == {one.knob for one in usual(SHOP, SCENARIO.but(pushes=[0]))}
    assert "Test/Unit.failure" in str(found) and "Prod/Ok.response" in found._repr_html_()


def test_a_range_knows_the_values_between_its_ends() -> None:
    assert Range("a", "x0.5", "x2").at(0.5) == "x1.25"
    assert Range("a", 0, 0.4).at(0.25) == 0.1
    assert Range("a", "10%", "20%").at(0.5) == "15%"


def test_morris_and_sobol_find_the_knob_that_matters() -> None:
    world = SCENARIO.but(pushes=[0])
    knobs = {"Prod/Ok.response": ("x0.5", "x2"), "Test/Unit.failure": (0, 0.1)}
    screened = morris(SHOP, world, knobs, trajectories=4, runs=100)
    assert screened.effects[0].knob == "Prod/Ok.response"
    assert screened.evaluations == 4 * 3
    shares = sobol(SHOP, world, {**knobs, "Prod/Ok.response": ("x0.9", "x4")}, samples=16, runs=100)
    assert shares.effects[0].knob == "Prod/Ok.response"
    assert shares.effects[0].spread > 0.8
    assert "in company" in str(shares)


def test_where_nothing_breaks_even_it_says_so() -> None:
    world = Scenario.load({"actions": {"Source/App": {"duration": 0}, "Test/Unit": {"duration": 60, "failure": 0.1}}})
    here = (pipeline({"Source": ["App"], "Test": ["Unit"]}), world)
    found = break_even(here, "Test.retry=FAILED_ACTIONS", "Test/Unit.failure", (0.01, 0.6), of="success", runs=500)
    assert np.isnan(found.at.value)
    assert "better for the success everywhere" in str(found)
    cost = break_even(here, changed(here, "Test.retry=FAILED_ACTIONS"), "Test/Unit.failure", (0, 0.6), of="cost", runs=500)
    assert "worse for the cost everywhere" in str(cost)


def test_break_even_finds_a_root_that_is_known() -> None:
    """A test of 75 seconds that never fails, against one of 60 seconds that is tried again when it fails, whose successes
    take 60 + 60 p / (1 + p) seconds on average."""
    stages: dict[str, Any] = {"Source": ["App"], "Test": ["Unit"]}
    world = Scenario.load({"actions": {"Source/App": {"duration": 0}, "Test/Unit": {"duration": 60, "failure": 0.1}}})
    base = changed((pipeline(stages), world), "Test.retry=FAILED_ACTIONS")

    def sure(here: Any) -> Any:
        return changed(here, "Test/Unit.failure=0", "Test/Unit.duration=75")

    found = break_even(base, sure, "Test/Unit.failure", (0.01, 0.9), of="lead time", runs=8000)
    truth = 1 / 3  # where that is 75
    assert found.at.low <= truth <= found.at.high
    assert found.at.high - found.at.low < 0.1
    assert found.above
    assert "better for the lead time while Test/Unit.failure > 0.3" in str(found)


# ---------------------------------------------------------------------------------------------- the long run


def test_mser_cuts_where_the_warm_up_ends() -> None:
    chance = np.random.default_rng(2)
    values = np.concatenate([np.linspace(0, 10, 50), np.full(350, 10.0)]) + chance.normal(size=400)
    assert 30 <= mser(values) <= 60
    assert mser(np.full(100, 3.0)) == 0


def test_a_queue_that_fills_slowly_is_cut_before_it_makes_the_mean_too_short() -> None:
    """An M/D/1 queue at 85 %, 40 runs: MSER-5 alone cuts so early that the mean is short of the truth."""
    body = pipeline({"Source": ["App"], "Build": ["Make"]}, mode="QUEUED")
    world = Scenario.load({"actions": {"Source/App": {"duration": 0}, "Build/Make": {"duration": 510}},
                           "pushes": [{"every": 600, "count": 800}], "settings": {"execution_limit": 10_000}})
    truth, plain, cut = 510 + 0.85 * 510 / (2 * 0.15), [], []
    for seed in range(0, 12_000, 1_000):
        found = steady(replicate(body, world, 40, seed=seed))
        cut.append(found.lead_time.value / truth - 1)
        plain.append(found.result.leads.value.reshape(40, 800)[:, mser(found.curve):].mean() / truth - 1)
    assert abs(np.mean(cut)) < 0.01
    assert np.mean(plain) < np.mean(cut)
    assert crossing(np.full(100, 3.0)) == 0


def test_a_line_that_grows_is_not_steady_and_says_so() -> None:
    crowded = SCENARIO.but(pushes=[{"every": "9m", "count": 150}], settings={"execution_limit": 1000})
    found = steady(replicate(SHOP, crowded, 40))
    assert not found.steady
    assert "Not steady" in str(found)
    calm = SCENARIO.but(pushes=[{"every": "1h", "count": 150}], settings={"execution_limit": 1000})
    settled = steady(replicate(SHOP, calm, 60))
    assert settled.steady
    assert "warm-up" in settled.why
    assert settled.lead_time_within(0.5).value < settled.lead_time_within(0.9).value
    with pytest.raises(ValueError, match="the long run needs 50"):
        steady(replicate(SHOP, SCENARIO, 20))
