"""What a history teaches: numbers that a simulation was given are found again, and small data say that they are small."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from pipeline_sim import Pipeline, Scenario, Simulation, history
from pipeline_sim.export.aws import documents
from pipeline_sim.history.fit import Calibration, calibrate
from pipeline_sim.history.fit.arrivals import fit_arrivals
from pipeline_sim.history.fit.durations import Observed, fit_durations
from pipeline_sim.history.fit.hours import hours_of, worked
from pipeline_sim.history.fit.outcomes import fit_outcomes
from pipeline_sim.history.fit.picture import draw
from pipeline_sim.history.fit.told import to_yaml
from pipeline_sim.scenario import Hours, Quantiles

from .stories import simulation, structure

MONDAY = datetime(2030, 1, 7, tzinfo=UTC)
DURATION = {"p50": "4m", "p95": "12m"}
WORLD: dict[str, Any] = {
    "start": MONDAY.isoformat(),
    "pushes": [{"every": "40m", "hours": "office", "for": "5w"}],
    "actions": {"Build/Compile": {"duration": DURATION, "defect": "12%"},
                "Test/Unit": {"duration": {"p50": "2m", "p95": "5m"}, "failure": "15%"}},
    "approvals": {"Prod/Ok": {"probability": "85%", "response": {"p50": "10m", "p95": "40m"}, "hours": "office"}},
    "retry": {"after": "5m", "times": 2}}
STAGES: dict[str, Any] = {"Source": ["App"], "Build": ["Compile"], "Test": ["Unit"], "Prod": [{"Ok": "Manual"}]}
SEEDS = range(4)
MISSES_IN = 10_000
"""The bound on misses would be passed by chance in one of so many choices of seeds."""


def past(world: dict[str, Any] = WORLD, seed: int = 0, until: str = "6w") -> history.History:
    """The history that a simulation of this world leaves, as the aws CLI would have saved it."""
    run = Simulation(Pipeline.load(structure(STAGES)), Scenario(world), seed=seed).run(until)
    return history.loads("\n".join(map(json.dumps, documents(run.state, "shop").values())))


@cache
def learnt(seed: int) -> Calibration:
    return calibrate(past(seed=seed))


# ---------------------------------------------------------------------------------------------- found again


def checks(found: Calibration) -> Iterator[tuple[str, float, float, float]]:
    """What is to be found again: (name, truth, lower bound, upper bound). A duration was rounded to a second."""
    by_place = {action.place: action for action in found.actions}
    for place in ("Build/Compile", "Test/Unit"):
        fit = by_place[place]
        truth = Quantiles.parse(WORLD["actions"][place]["duration"])
        for point in fit.duration.points:
            if point.low is not None and point.high is not None and point.share in (0.25, 0.5, 0.75):
                yield f"{place} {point.share}", truth.quantile(point.share), point.low - 0.5, point.high + 0.5
        for name, interval in (("failure", fit.outcome.failure_interval), ("defect", fit.outcome.defect_interval)):
            said = WORLD["actions"][place].get(name, "0%")
            yield f"{place} {name}", float(said.rstrip("%")) / 100, *interval
    [(_, approver)] = found.approvals
    yield "probability", 0.85, *approver.interval
    median = approver.response.median
    assert median is not None and median.low is not None and median.high is not None
    yield "response", 600, median.low - 0.5, median.high + 0.5
    [block] = found.arrivals.streams
    yield "every", 2400, *block.interval


def test_what_a_simulation_was_given_is_found_again_within_its_intervals() -> None:
    rows = [check for seed in SEEDS for check in checks(learnt(seed))]
    missed = [row for row in rows if not row[2] <= row[1] <= row[3]]
    assert len(rows) >= 50
    assert len(missed) <= binom.ppf(1 - 1 / MISSES_IN, len(rows), 0.05), missed


def test_the_intervals_are_no_wider_than_they_must_be() -> None:
    """Or else everything would lie in them."""
    for name, truth, low, high in checks(learnt(0)):
        assert high - low <= (0.8 * truth if truth > 1 else 0.2), name


@pytest.mark.parametrize("seed", SEEDS)
def test_the_hours_of_people_and_pushes_are_found(seed: int) -> None:
    found = learnt(seed)
    hours = found.approvals[0][1].hours
    assert hours is not None and hours.describe() == "Mon-Fri 09:00-17:00 UTC"
    assert [(block.days, block.begins, block.ends) for block in found.arrivals.streams] == [("Mon-Fri", 9, 17)]
    assert (found.retries.times, round(found.retries.after.points[0].value)) == (2, 300)


def test_the_scenario_can_be_read_and_behaves_like_the_world_that_it_is_from() -> None:
    text = to_yaml(learnt(0))
    pipeline = Pipeline.load(structure(STAGES))
    scenario = Scenario.load(text, [pipeline])
    again = Simulation(pipeline, scenario, seed=9).run("5w")
    done, before = list(again.state.pipelines["shop"].executions.values()), learnt(0).history.executions
    for status in ("Succeeded", "Failed"):
        share = sum(one.status == status for one in done) / len(done)
        assert share == pytest.approx(sum(one.status == status for one in before) / len(before), abs=0.12)
    assert "# n = " in text
    assert "tried again after a failure" in text


def test_the_picture_shows_each_action_and_can_fail() -> None:
    small = replace(learnt(0), actions=learnt(0).actions[:1])
    assert draw(small, form="svg").startswith(b"<?xml")
    with pytest.raises(ValueError, match="png, svg or pdf"):
        draw(small, form="doc")


# ---------------------------------------------------------------------------------------------- small data


def test_small_data_say_that_they_are_small() -> None:
    few = calibrate(past({**WORLD, "pushes": ["1h", "10h"]}, until="3d"))
    text = to_yaml(few)
    assert "few data" in text
    assert "hours: too few answers to tell" in text
    assert all(fit.duration.small for fit in few.actions)
    Scenario.load(text, [few.pipeline])


def test_what_never_ended_says_only_how_long_it_took_at_least() -> None:
    stuck = calibrate(past({"pushes": ["1m"], "actions": {"Build/Compile": {"worker": "nobody"}}}, until="30m"))
    text = to_yaml(stuck)
    assert "duration: none of 1 had an end" in text
    assert Scenario.load(text, [stuck.pipeline]).behaviour(
        "Build", stuck.pipeline.stage("Build").action("Compile")).duration.kind == "lognormal"


def test_nobody_who_answers_is_nobody() -> None:
    text = to_yaml(calibrate(past({"pushes": ["1m"]}, until="2w")))
    assert "Prod/Ok: nobody" in text


def test_without_retries_flaky_and_broken_are_not_told_apart_and_that_is_said() -> None:
    found = calibrate(past({**WORLD, "retry": None}, until="2w"))
    assert not any(action.outcome.told_apart for action in found.actions)
    assert "No failed attempt was tried again" in to_yaml(found)


def test_what_ran_in_a_stage_that_is_no_more_does_not_stand_in_the_way() -> None:
    run = Simulation(Pipeline.load(structure(STAGES)), Scenario({
        "actions": {"Test/Unit": {"attempts": ["Failed", "Succeeded"]}}, "retry": {"after": "5m"}, "pushes": ["1m"]}))
    run.run("1h")
    run.call("UpdatePipeline", pipeline=structure({"Source": ["App"], "Other": ["Job"]}))
    run.push()
    run.run("3h")
    found = calibrate(history.loads("\n".join(map(json.dumps, documents(run.state, "shop").values()))))
    assert [action.place for action in found.actions] == ["Source/App", "Other/Job"]
    Scenario.load(to_yaml(found), [found.pipeline])


# ---------------------------------------------------------------------------------------------- durations


def test_leaving_out_what_was_stopped_would_make_things_look_shorter() -> None:
    """Half of all are stopped after a minute; those that are left to end take 10 to 100 seconds."""
    everything = [10.0 * n for n in range(1, 11)] * 20
    observed = [Observed(min(one, 60.0), one <= 60) if number % 2 else Observed(one)
                for number, one in enumerate(everything)]
    kept = fit_durations([one for one in observed if one.ended])
    fit = fit_durations(observed)
    assert fit.censored > 30
    truth = sum(everything) / len(everything)
    assert fit.distribution is not None and kept.distribution is not None
    assert abs(fit.distribution.quantile(0.75) - 75) <= abs(kept.distribution.quantile(0.75) - 75)
    assert truth == 55


def test_the_interval_of_a_median_is_that_of_order_statistics() -> None:
    fit = fit_durations([Observed(float(n)) for n in range(1, 102)])
    median = fit.median
    assert median is not None and median.low is not None and median.high is not None
    assert median.value == 51
    assert median.low == pytest.approx(41, abs=2)
    assert median.high == pytest.approx(61, abs=3)


def test_quantiles_that_the_data_do_not_reach_are_left_out() -> None:
    fit = fit_durations([*(Observed(float(n)) for n in range(1, 31)), *(Observed(40.0, False) for _ in range(70))])
    assert [point.share for point in fit.points] == [0.1]
    assert fit.ended == 30 and fit.censored == 70


@given(st.lists(st.tuples(st.integers(0, 500), st.booleans()), min_size=1, max_size=80))
@settings(max_examples=25)
def test_any_durations_make_a_distribution_or_none(rows: list[tuple[int, bool]]) -> None:
    fit = fit_durations([Observed(float(seconds), ended) for seconds, ended in rows])
    assert (fit.distribution is None) == (not any(ended for _, ended in rows))
    if fit.distribution is not None:
        assert Quantiles.parse(fit.distribution.as_plain()) == fit.distribution
        assert 0 <= fit.distance <= 1
        assert list(fit.points) == sorted(fit.points)


# ---------------------------------------------------------------------------------------------- flaky or broken


def test_a_failure_that_passes_on_the_same_revision_is_flaky() -> None:
    outcomes = [(f"r{n}", failed) for n in range(50) for failed in ((True, False) if n < 10 else (False,))]
    fit = fit_outcomes(outcomes)
    assert fit.defect == 0
    assert fit.failure == pytest.approx(10 / 60, abs=0.001)
    assert (fit.attempts, fit.failed, fit.revisions, fit.retried) == (60, 10, 50, 10)


def test_a_revision_that_never_passes_is_broken() -> None:
    outcomes = [(f"r{n}", failed) for n in range(50) for failed in ((True, True, True) if n < 10 else (False,))]
    fit = fit_outcomes(outcomes)
    assert fit.failure == 0
    assert fit.defect == pytest.approx(0.2, abs=0.001)
    assert fit.defect_interval[0] < 0.2 < fit.defect_interval[1] < 0.4


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans()), min_size=1, max_size=25))
@settings(max_examples=25)
def test_every_estimate_lies_in_its_interval(outcomes: list[tuple[str, bool]]) -> None:
    fit = fit_outcomes(outcomes)
    for value, (low, high) in ((fit.failure, fit.failure_interval), (fit.defect, fit.defect_interval)):
        assert 0 <= low <= value + 1e-6 and value <= high + 1e-6 <= 1 + 1e-5


# ---------------------------------------------------------------------------------------------- hours and arrivals


def test_office_time_between_two_moments() -> None:
    office = Hours.parse("office", MONDAY)
    assert worked(office, 16 * 3600, 34 * 3600) == 2 * 3600  # from Monday 16:00 to Tuesday 10:00
    assert worked(office, 0, 8 * 3600) == 0


@given(st.integers(0, 10**6), st.integers(0, 10**5))
def test_office_time_is_what_hours_add(at: int, work: int) -> None:
    office = Hours.parse("office", MONDAY)
    assert worked(office, at, office.add(at, work)) == work


def test_moments_at_all_hours_keep_to_none() -> None:
    assert hours_of([MONDAY + timedelta(hours=7 * n) for n in range(100)], MONDAY) is None
    assert hours_of([MONDAY + timedelta(hours=10)] * 19, MONDAY) is None


def test_mornings_and_afternoons_of_different_pace_are_two_streams() -> None:
    days = [MONDAY + timedelta(days=day) for day in range(84) if day % 7 < 5]
    moments = [day + timedelta(hours=8, minutes=10 * n) for day in days for n in range(24)]
    moments += [day + timedelta(hours=12, minutes=60 * n + 5) for day in days for n in range(6)]
    found = fit_arrivals(sorted(moments), MONDAY, MONDAY + timedelta(days=84))
    assert [(block.begins, block.ends, round(block.every / 60)) for block in found.streams] == [(8, 12, 10), (12, 18, 60)]


def test_a_zone_moves_the_hours() -> None:
    moments = [MONDAY + timedelta(days=day, hours=8, minutes=n) for day in range(5) for n in range(0, 60, 5)]
    found = fit_arrivals(moments, MONDAY, MONDAY + timedelta(days=5), "Asia/Tokyo")
    assert [(block.begins, block.ends) for block in found.streams] == [(17, 18)]


def test_pushes_at_the_weekend_are_looked_at_by_themselves() -> None:
    moments = [MONDAY + timedelta(days=5, hours=n) for n in range(40)]
    found = fit_arrivals(moments, MONDAY, MONDAY + timedelta(days=7))
    assert {block.days for block in found.streams} == {"Sat-Sun"}


def test_executions_without_actions_still_say_when_pushes_come() -> None:
    """Only list-pipeline-executions was saved."""
    run = simulation({"Source": ["App"], "Test": ["Unit"]}, {"pushes": {"every": "1h", "for": "3d"}}).run("3d")
    found = documents(run.state, "shop")
    fitted = calibrate(history.loads(json.dumps(found["list-pipeline-executions"])))
    assert fitted.actions == () and fitted.arrivals.count > 40


def test_rules_that_work_are_learnt_and_others_are_not() -> None:
    """A build and a function have a duration and a chance; what an alarm says is neither."""
    def rule(name: str, provider: str, **settings: str) -> dict[str, Any]:
        return {"name": name, "configuration": settings,
                "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": provider, "version": "1"}}

    before = [rule("Check", "LambdaInvoke", FunctionName="check"), rule("Calm", "CloudWatchAlarm", AlarmName="errors")]
    after = [rule("Ask", "LambdaInvoke", FunctionName="ask")]
    gates = {"beforeEntry": {"conditions": [{"result": "FAIL", "rules": before}]},
             "onFailure": {"conditions": [{"result": "ROLLBACK", "rules": after}]}}
    world = {"pushes": {"every": "1h", "for": "4w"}, "actions": {"Test/Unit": {"failure": "50%"}}, "rules": {
        "Test/BEFORE_ENTRY/Check": {"duration": {"p50": "2m", "p95": "5m"}, "failure": "20%"},
        "Test/ON_FAILURE/Ask": {"duration": "30s", "failure": "70%"}}}
    run = simulation({"Source": ["App"], "Test": {"actions": ["Unit"], **gates}}, world, seed=3).run("4w")
    found = calibrate(history.loads("\n".join(map(json.dumps, documents(run.state, "shop").values()))))
    fitted = {one.place: one for one in found.rules}
    assert list(fitted) == ["Test/BEFORE_ENTRY/Check", "Test/ON_FAILURE/Ask"]
    for place, failure, median in (("Test/BEFORE_ENTRY/Check", 0.2, 120), ("Test/ON_FAILURE/Ask", 0.7, 30)):
        low, high = fitted[place].outcome.failure_interval
        assert low <= failure <= high
        point = fitted[place].duration.median
        assert point is not None and point.value == pytest.approx(median, rel=0.2)
    said = Scenario.load(to_yaml(found), [found.pipeline])
    assert set(said.data["rules"]) == set(fitted)
