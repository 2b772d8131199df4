"""Many runs: who evaluates them, what they say, and one of them picked out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.special import bdtr

from pipeline_sim import Scenario, Simulation
from pipeline_sim.views.metrics import measure
from pipeline_sim.whatif import Estimate, Result, compare, exact, intervals, parts, replicate, streamed, swept
from pipeline_sim.whatif import runs as runs_of
from pipeline_sim.whatif.plan import NotAnArray, plan_of
from pipeline_sim.whatif.sums import Sample

from . import test_laws
from .stories import pipeline, structure
from .test_whatif_arrays import by_arrays, by_simulation

SHOP: dict[str, Any] = {"Source": ["App"], "Test": [["Unit", "Lint"]], "Prod": [{"Ok": "Manual"}, "Deploy"]}
WORLD: dict[str, Any] = {
    "actions": {"*": {"duration": {"p50": "2m", "p95": "6m"}}, "Test/Unit": {"failure": 0.2}},
    "approvals": {"*": {"response": {"exponential": "10m"}}}, "pushes": [0]}


def many(runs: int = 400, mode: str = "SUPERSEDED", **world: Any) -> Result:
    return replicate(pipeline(SHOP, mode=mode), Scenario.load({**WORLD, **world}), runs, seed=5)


def rows(result: Result) -> list[list[int]]:
    return [column.tolist() for column in result.executions.columns().values()]


def test_a_fifth_fails_and_the_interval_knows_it() -> None:
    result = many(4000)
    assert result.by == "arrays"
    assert result.success.low < 0.8 < result.success.high
    assert result.success.high - result.success.low < 0.03


def test_the_simulation_gives_the_same_table_where_arrays_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    pushes = [{"every": "4m", "count": 6}]
    by_array = many(20, pushes=pushes)

    def refuse(*_: Any) -> None:
        raise NotAnArray("Not today.")

    monkeypatch.setattr(runs_of, "plan_of", refuse)
    one_by_one = many(20, pushes=pushes)
    assert one_by_one.by == "simulation (Not today.)"
    assert rows(one_by_one) == rows(by_array)


def test_runs_that_reach_the_limit_of_executions_are_simulated() -> None:
    pushes = [{"every": "4m", "count": 9}]
    free = many(30, "QUEUED", pushes=pushes)
    tight = many(30, "QUEUED", pushes=pushes, settings={"execution_limit": 4})
    world = Scenario.load({**WORLD, "pushes": pushes, "settings": {"execution_limit": 4}})
    told = [one for run in range(30) for one in by_simulation(structure(SHOP, mode="QUEUED"), world.data, 5 + run)]
    statuses = [runs_of.NAMES[status] for status in tight.executions.status]
    assert tight.by == "arrays"
    assert statuses == [status for status, *_ in told]
    assert rows(tight) != rows(free)


@pytest.mark.parametrize("mode", ["QUEUED", "PARALLEL"])
def test_blocks_and_workers_change_nothing(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pushes = [{"every": "10m", "count": 5}]
    whole = many(50, mode, pushes=pushes)
    monkeypatch.setattr(runs_of, "ROOM", 35)
    assert rows(many(50, mode, pushes=pushes)) == rows(whole)


def test_the_worst_run_opens_as_a_simulation() -> None:
    result = many(pushes=[{"every": "10m", "count": 5}])
    worst = result.worst("lead time")
    executions = worst.simulation().state.pipelines["shop"].executions.values()
    assert len(executions) == 5
    leads = measure(worst.simulation().records).lead_times
    assert max(leads) == worst.value == np.nanmax(result.by_run("longest lead time"))
    assert worst.seed == 5 + worst.run


def test_the_worst_run_opens_in_the_console() -> None:
    """It gets the run as the simulation stepped through it; two of them stand side by side."""
    worst = many(50).worst("lead time")
    assert worst.console().simulation.records == worst.simulation().records
    both = compare((pipeline(SHOP), Scenario.load(WORLD)), "Prod/Deploy.duration=1h", 20).most_different()
    shown = [box.children[1].simulation.records for box in both.console().children]
    assert shown == [both.base.simulation().records, both.change.simulation().records]
    assert shown[0] != shown[1]


def test_intervals_of_results_hold_the_exact_value_as_often_as_they_say() -> None:
    """The same question with 150 stretches of seeds: some 95 % of the intervals must hold the truth."""
    shop, world = pipeline(SHOP), Scenario.load(WORLD)
    truth = exact(shop, world).values()
    held = dict.fromkeys(truth, 0)
    for number in range(150):
        result = replicate(shop, world, 80, seed=1000 * number)
        for name, value in truth.items():
            one = result.measure(name)
            held[name] += one.low <= value <= one.high
    assert all(0.9 <= count / 150 <= 1 for count in held.values()), held
    assert sum(held.values()) / 150 / len(held) > 0.93


def test_the_same_luck_shows_a_small_change_at_once() -> None:
    shop, world = pipeline(SHOP), Scenario.load(WORLD)
    slower = world.but("Prod/Deploy", duration={"p50": "125s", "p95": "375s"})
    paired = compare((shop, world), (shop, slower), 500)
    slowdown = 150 * 5 / 120  # the mean of such a deployment is 150 seconds
    assert 0 < paired.difference().low < slowdown < paired.difference().high < 10
    assert paired.improvement().value == 0
    assert replicate(shop, world, 500).lead_time.high > replicate(shop, slower, 500).lead_time.low


def test_a_table_for_pandas_names_the_statuses() -> None:
    frame = many(50).pandas()
    assert set(frame["status"]) == {"Succeeded", "Failed"}
    assert len(frame) == 50


def test_what_is_wrong_with_a_question_is_said() -> None:
    with pytest.raises(ValueError, match=r"No measure .* 'speed'.*Measures: success, .*any percentile.*queue: Prod"):
        many(5).by_run("speed")
    with pytest.raises(ValueError, match="without end"):
        many(5, pushes=[{"every": "1h"}])


CLOSED = {"stage": "Prod", "from": 0, "to": "1h"}


def test_a_world_without_pushes_gets_one_change_at_its_first_source() -> None:
    two = pipeline({**SHOP, "Source": [["App", "Data"]]})
    quiet = Scenario.load({key: value for key, value in WORLD.items() if key != "pushes"})
    result = replicate(two, quiet, 3)
    assert len(result.executions.run) == 3
    assert result.measure("delivered").count == 3
    tagged = pipeline({**SHOP, "Source": [{"App": "CodeStarSourceConnection"}]}, triggers=[{
        "providerType": "CodeStarSourceConnection",
        "gitConfiguration": {"sourceActionName": "App", "push": [{"tags": {"includes": ["v*"]}}]}}])
    with pytest.raises(ValueError, match="Nothing starts shop in these runs"):
        replicate(tagged, quiet, 3)


@pytest.mark.parametrize(("world", "reason"), [
    ({"capacity": {"CodeBuild": 1}, "retry": {"after": "5m"}}, "CodeBuild .1. can be used up, and .* retried by people"),
    ({"capacity": {"CodeBuild": 1}, "transitions": [CLOSED]}, "the transition into Prod is disabled"),
    ({"actions": {"Test/Unit": {"attempts": {1: "Failed"}}}}, "scripts single attempts of Test/Unit"),
    ({"calls": [{"at": 5, "operation": "StartPipelineExecution"}]}, "calls StartPipelineExecution"),
    ({"retry": {"after": 5}, "calls": [{"at": 5, "operation": "StopPipelineExecution", "execution": 1}]}, "people retry"),
])
def test_what_arrays_do_not_model_they_refuse(world: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotAnArray, match=reason):
        plan_of(pipeline(SHOP), Scenario.load({**WORLD, **world}))


@pytest.mark.parametrize("world", [
    {"capacity": {"CodeBuild": 1}}, {"retry": {"after": "5m"}}, {"transitions": [CLOSED]},
    {"calls": [{"at": 5, "operation": "StopPipelineExecution", "execution": 1}]},
])
def test_what_they_do_model_is_no_matter_of_the_simulation(world: dict[str, Any]) -> None:
    assert many(20, **world).by == "arrays"


@settings(max_examples=60, deadline=None)
@given(test_laws.worlds())
def test_any_world_is_either_refused_or_done_exactly(world: Any) -> None:
    body, said, seed = world
    try:
        found = by_arrays(body, said, seed, 1)[0]
    except NotAnArray:
        return
    assert found is None or found == by_simulation(body, said, seed)


# ---------------------------------------------------------------------------------------------- intervals


def test_shares_and_quantiles_have_the_textbooks_exact_intervals() -> None:
    few = intervals.proportion(1, 10)
    assert (round(few.low, 4), round(few.high, 4)) == (0.0025, 0.4450)
    assert intervals.proportion(0, 10).low == 0
    median = intervals.quantile(np.arange(1, 101), 0.5)
    assert (median.value, median.low, median.high) == (50, 40, 61)
    assert intervals.quantile(np.arange(5), 0.95).high == float("inf")


def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed() -> None:
    """Nine of ten changes took at most nine minutes: 90 % have no longer lead time, whoever is asked."""
    ten = np.arange(1, 11)
    sample = Sample(np.arange(10, dtype=np.int32), ten)
    assert intervals.quantile(ten, 0.9).value == sample.quantile(0.9) == 9
    assert intervals.quantile(ten, 0.5).value == sample.quantile(0.5) == 5


def test_a_mean_has_students_interval() -> None:
    found = intervals.mean(np.array([1.0, 2.0, 3.0, 4.0]))
    assert (found.value, round(found.high - found.value, 3)) == (2.5, 2.054)


def test_intervals_over_runs_hold_what_they_promise() -> None:
    """Executions of one run resemble each other: 95 % of the intervals must hold the truth all the same."""
    chance = np.random.default_rng(1)
    held = [0, 0]
    for _ in range(400):
        shared = chance.normal(size=(60, 1))
        values = (shared + chance.normal(size=(60, 20))).ravel()
        runs = np.repeat(np.arange(60, dtype=np.int32), 20)
        median = intervals.quantile_by_runs(values, runs, 60, 0.5)
        share = intervals.share_by_runs(np.bincount(runs, weights=values > 0), np.bincount(runs))
        held[0] += median.low <= 0 <= median.high
        held[1] += share.low <= 0.5 <= share.high
    assert all(0.92 <= one / 400 <= 0.98 for one in held)




def held(truth: float, make: Callable[[np.random.Generator], Estimate], times: int = 400) -> float:
    """How often the interval holds the truth, over that many experiments."""
    chance = np.random.default_rng(7)
    found = [make(chance) for _ in range(times)]
    return sum(one.low <= truth <= one.high for one in found) / times


@pytest.mark.parametrize("share", [0.0002, 0.005, 0.99])
def test_rare_failures_are_held_as_often_as_it_is_said(share: float) -> None:
    """One in a thousand: most samples show none, some show one, and 95 % of all intervals must hold the truth."""
    assert held(share, lambda chance: intervals.proportion(int(chance.binomial(900, share)), 900)) >= 0.95


@pytest.mark.parametrize(("runs", "each", "share"), [(200, 5, 0.003), (50, 20, 0.005), (30, 10, 0.985)])
def test_rare_failures_are_held_where_trials_come_in_runs(runs: int, each: int, share: float) -> None:
    def make(chance: np.random.Generator) -> Estimate:
        among = chance.poisson(each, runs)
        return intervals.share_by_runs(chance.binomial(among, share), among)

    assert held(share, make) >= 0.94


def test_the_mean_of_what_has_a_long_tail_is_not_said_to_be_shorter_than_it_is() -> None:
    truth = float(np.exp(0.84**2 / 2))
    assert held(truth, lambda chance: intervals.mean(chance.lognormal(0, 0.84, 20)), 1000) >= 0.91
    above = held(truth, lambda chance: replace(intervals.mean(chance.lognormal(0, 0.84, 100)), low=0), 1000)
    assert above >= 0.955  # Student's t alone: 0.94, for all that it misses is on one side


@pytest.mark.parametrize(("runs", "each"), [(10, 10), (50, 3)])
def test_an_extreme_percentile_of_few_runs_has_no_upper_end(runs: int, each: int) -> None:
    """99 % of 100 changes: the longest of them does not bound it."""
    def make(chance: np.random.Generator) -> Estimate:
        values = (chance.normal(size=(runs, 1)) + chance.normal(size=(runs, each))).ravel()
        return intervals.quantile_by_runs(values, np.repeat(np.arange(runs, dtype=np.int32), each), runs, 0.99)

    assert held(2.326 * 2**0.5, make) >= 0.94


def test_the_ranks_of_a_quantile_are_those_of_the_binomial_distribution() -> None:
    for count, share in ((1, 0.5), (7, 0.01), (100, 0.5), (999, 0.99), (5000, 0.9)):
        below = bdtr(np.arange(count + 1), count, share)
        wanted = int(np.searchsorted(below, 0.025, "right")), int(np.searchsorted(below, 0.975)) + 1
        values = np.arange(1, count + 1)
        found = intervals.quantile(values, share)
        assert found.low == (wanted[0] or float("-inf"))
        assert found.high == (wanted[1] if wanted[1] <= count else float("inf"))


# ---------------------------------------------------------------------------------------------- differences


@pytest.mark.parametrize(("base", "change"), [(0.0, 0.0005), (0.001, 0.002), (0.01, 0.011), (0.98, 1.0)])
def test_the_difference_of_rare_failures_is_held_as_often_as_it_is_said(base: float, change: float) -> None:
    """Under the same luck a change fails in a few runs more: in so few that some samples show none of them."""
    def make(chance: np.random.Generator) -> Estimate:
        drawn, one = chance.random(2000), np.ones(2000)
        before, after = ((drawn < share).astype(np.float64) for share in (base, change))
        return parts.difference(parts.Ratio(before, one, True), parts.Ratio(after, one, True))

    assert held(change - base, make) >= 0.94


@pytest.mark.parametrize("often", [0.5, 1, 2, 4])
def test_a_few_runs_that_differ_either_way_prove_nothing(often: float) -> None:
    """Of 2,000 runs the change spoils a few and mends as many: one that differs is no reason to call it worse."""
    def make(chance: np.random.Generator) -> Estimate:
        drawn, one = chance.random(2000), np.ones(2000)
        before = (drawn < 0.3).astype(np.float64)
        spoilt, mended = chance.random(2000) < often / 2000 / 0.3, chance.random(2000) < often / 2000 / 0.7
        after = np.where(before == 1, ~spoilt, mended).astype(np.float64)
        return parts.difference(parts.Ratio(before, one, True), parts.Ratio(after, one, True))

    assert held(0, make, 1000) >= 0.94


def test_the_difference_of_a_percentile_that_few_reach_is_not_bounded() -> None:
    values = np.arange(40)
    base = parts.Quantile(Sample(np.arange(40, dtype=np.int32), values), 0.99, 40)
    later = parts.Quantile(Sample(np.arange(40, dtype=np.int32), values + 1), 0.99, 40)
    assert parts.difference(base, later).high == float("inf")
    assert parts.difference(base, base).high == 0


def test_who_looks_until_there_is_a_winner_is_not_fooled_more_often_than_one_in_twenty() -> None:
    """Two actions at once change places: nothing changes on average, though every run does. To look again and again until
    95 % intervals leave zero would call every fourth of such changes better or worse."""
    body = pipeline({"Source": ["App"], "Test": [["Unit", "Lint"]]})
    slow, fast = {"duration": {"exponential": "10m"}}, {"duration": {"exponential": "4m"}}
    one = Scenario.load({"actions": {"Test/Unit": slow, "Test/Lint": fast}})
    other = Scenario.load({"actions": {"Test/Unit": fast, "Test/Lint": slow}})
    fooled = 0
    for turn in range(40):
        pair = compare((body, one), (body, other), to="settled", seed=turn * 10**6, most=32_000)
        fooled += pair.verdict() in ("better", "worse")
    assert fooled <= 5
    assert compare((body, one), (body, other.but("Test/Unit", duration="1m")), to="settled").verdict() == "better"


# ---------------------------------------------------------------------------------------------- real pipelines


POLLED: dict[str, Any] = {"Source": [{"App": {"configuration": {"PollForSourceChanges": "true"}}}],
                          "Test": [["Unit", "Lint"]], "Prod": ["Deploy"]}
OFTEN: dict[str, Any] = {**WORLD, "polling": "5m", "pushes": [{"every": "4m", "count": 30}, {"at": "90m"}, {"at": "90m"}]}


@pytest.mark.parametrize("mode", ["SUPERSEDED", "QUEUED", "PARALLEL"])
def test_a_look_at_a_polled_source_finds_all_changes_since_the_last_one(mode: str) -> None:
    body, world = pipeline(POLLED, mode=mode), Scenario.load(OFTEN)
    result, summary = replicate(body, world, 25, seed=3), streamed(body, world, 25, seed=3)
    assert result.by == "arrays"
    runs = [measure(Simulation(body, world, seed=3 + run).run().records, body.name) for run in range(25)]
    wanted = sorted(lead for told in runs for lead in told.lead_times)
    assert sorted(result.leads.value.tolist()) == wanted
    assert sum(told.executions for told in runs) == len(result.executions.run) < 25 * 32
    assert result.sums["changes"].tolist() == [32] * 25
    assert (summary.total("lead time"), summary.total("carried")) == (sum(wanted), len(wanted))
    assert swept([(body, world), (body, world.but("Test/Unit", failure=0.3))], 25, 3)[0] == summary


def test_a_polled_source_that_falls_asleep_is_left_to_the_simulation() -> None:
    """Nobody looks 30 days after the last execution (4.2): the push after that starts nothing."""
    body, world = pipeline(POLLED), Scenario.load({**WORLD, "pushes": [61, "40d"]})
    result = replicate(body, world, 5)
    assert (result.by, len(result.executions.run)) == ("arrays", 5)
    told = measure(Simulation(body, world, seed=0).run().records, body.name)
    assert result.sums["changes"][0] == len(told.lead_times) + told.pending == 1


def test_a_role_that_may_do_all_that_the_pipeline_asks_is_no_reason_to_go_run_by_run() -> None:
    body = pipeline(SHOP)
    may = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    must = {"Statement": [{"Effect": "Allow", "Action": ["codecommit:*", "s3:*"], "Resource": "*"}]}
    plain, allowed = Scenario.load(WORLD), Scenario.load({**WORLD, "roles": {body.role_arn: may}})
    found = replicate(body, allowed, 50)
    assert found.by == "arrays"
    assert rows(found) == rows(replicate(body, plain, 50))
    denied = replicate(body, Scenario.load({**WORLD, "roles": {body.role_arn: must}}), 5)
    assert "Test/Unit is not allowed to codebuild:" in denied.by
    assert denied.success.value == 0


def test_a_permission_that_ends_and_a_role_that_calls_are_left_to_the_simulation() -> None:
    body = pipeline(SHOP)
    any_time = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    soon = {**any_time, "Condition": {"DateLessThan": {"aws:CurrentTime": "2030-01-07T09:00:30Z"}}}
    ended = replicate(body, Scenario.load({**WORLD, "roles": {body.role_arn: {"Statement": [soon]}}}), 5)
    assert "depends on the time" in ended.by
    assert ended.success.value == 0
    closes = {"at": "1s", "by": "arn:aws:iam::111122223333:role/guard", "operation": "DisableStageTransition",
              "pipelineName": body.name, "stageName": "Test", "transitionType": "Inbound", "reason": "x"}
    guarded = replicate(body, Scenario.load({**WORLD, "calls": [closes], "roles": {
        "arn:aws:iam::111122223333:role/guard": {"Statement": [{**any_time, "Effect": "Deny"}]}}}), 5)
    assert "their permissions are looked at" in guarded.by
    assert guarded.success.value == replicate(body, Scenario.load(WORLD), 5).success.value
