"""Acting in the console: the run goes on from its end; in the past another run begins and the old one stays."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_sim import Refused, Simulation
from pipeline_sim.console.act import ALARM, CALL, DECIDE, PASS, PUSH, SEED, Act, do, waits_for_a_person
from pipeline_sim.console.moment import moment, settled
from pipeline_sim.simulation.calls.personal import pending_token

from .stories import lines, simulation
from .test_laws import act as outside
from .test_laws import run, worlds

SHOP = {"Source": ["App"], "Build": ["Compile"], "Prod": [{"Ok": "Manual"}, "Deploy"]}
PUSHED = Act(PUSH, "Source/App", {})


def answered(one: Simulation, status: str) -> Act:
    token = pending_token(one, one.state.pipelines["shop"], "Prod", "Ok")
    return Act(CALL, "PutApprovalResult", {"pipelineName": "shop", "stageName": "Prod", "actionName": "Ok", "token": token,
                                           "result": {"status": status, "summary": ""}})


def test_a_push_runs_on_up_to_the_approval_and_stops_there() -> None:
    one = simulation(SHOP)
    done = do(one, 1, PUSHED)
    assert (done.simulation, done.forked) == (one, False)
    assert lines(one.records[:done.k])[-1] == "0 #1 Source/App InProgress"  # the cursor stays where the act was
    assert lines(one.records)[-1] == "120 #1 Prod/Ok InProgress"
    assert waits_for_a_person(one)
    assert one.now == 120


def test_an_answer_at_the_end_goes_on_in_the_same_run() -> None:
    one = simulation(SHOP)
    do(one, 1, PUSHED)
    done = do(one, len(one.records), answered(one, "Approved"))
    assert done.simulation is one
    assert one.records[done.before].operation == "PutApprovalResult"  # type: ignore[union-attr]
    assert lines(one.records)[-1] == "180 #1 Succeeded"


def test_one_steps_back_before_an_answer_of_ones_own_and_answers_otherwise() -> None:
    """The approval begins to wait and is answered at the same instant: the fork lies between the two."""
    one = simulation(SHOP)
    do(one, 1, PUSHED)
    before = len(one.records)
    do(one, before, answered(one, "Approved"))
    old = list(one.records)
    done = do(one, before, answered(one.fork_at(before), "Rejected"))
    assert done.forked
    assert one.records == old  # the old future stays
    assert done.simulation.records[:before] == old[:before]
    assert lines(done.simulation.records)[-1] == "120 #1 Failed"


def test_in_the_middle_of_an_instant_the_act_comes_after_all_that_happens_by_itself() -> None:
    one = simulation(SHOP, {"pushes": [0]}).run(60)
    inside = next(k for k, record in enumerate(one.records) if record.time == 60) + 1
    here = moment(one, inside)
    assert (here.at, here.last) == (len(one.records), False)
    assert do(one, inside, Act(CALL, "DisableStageTransition", {
        "pipelineName": "shop", "stageName": "Prod", "transitionType": "Inbound", "reason": "x"})).before == here.at


def test_what_is_refused_in_the_past_leaves_every_run_as_it_was() -> None:
    one = simulation(SHOP, {"pushes": [0]}).run(300)
    old = list(one.records)
    with pytest.raises(Refused, match="there is nothing to retry"):
        do(one, len(old) - 1, Act(CALL, "RetryStageExecution", {
            "pipelineName": "shop", "stageName": "Build", "retryMode": "ALL_ACTIONS",
            "pipelineExecutionId": one.call("ListPipelineExecutions", pipelineName="shop")
            ["pipelineExecutionSummaries"][0]["pipelineExecutionId"]}))
    assert one.records[:len(old)] == old


def test_the_next_attempt_fails_where_somebody_says_so_and_only_that_one() -> None:
    one = simulation(SHOP)
    do(one, 1, Act(DECIDE, "Build/Compile", {"status": "Failed", "code": "Oops", "duration": "10s"}))
    do(one, len(one.records), PUSHED)
    assert "70 #1 Build/Compile Failed Oops" in lines(one.records)
    do(one, len(one.records), PUSHED)
    assert [line for line in lines(one.records) if "#2 Build/Compile" in line][-1].endswith("Succeeded")


def test_luck_that_was_set_can_be_given_back_to_chance() -> None:
    one, other = simulation(SHOP), simulation(SHOP)
    for status in ("Failed", ""):
        do(one, 1, Act(DECIDE, "Build/Compile", {"status": status}))
    assert do(one, 1, PUSHED).simulation.records == do(other, 1, PUSHED).simulation.records


def test_a_duration_alone_leaves_the_outcome_to_chance() -> None:
    world = {"actions": {"Build/Compile": {"failure": 1}}}
    one = simulation(SHOP, world)
    do(one, 1, Act(DECIDE, "Build/Compile", {"status": "", "duration": "5m"}))
    do(one, 1, PUSHED)
    assert "360 #1 Build/Compile Failed JobFailed" in lines(one.records)


def test_an_outcome_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="'Exploded' is not one of Succeeded, Failed"):
        simulation(SHOP).decide("Build/Compile", "Exploded")


def test_time_passes_as_far_as_one_says() -> None:
    one = simulation(SHOP)
    do(one, 1, PUSHED)
    do(one, len(one.records), Act(PASS, "1d"))
    assert one.now == 120 + 86_400
    do(one, len(one.records), Act(PASS, "end"))
    assert lines(one.records)[-1] == "604920 #1 Failed"  # nobody answered within seven days


def test_where_pushes_never_end_the_run_is_shown_as_far_again() -> None:
    one = simulation(SHOP, {"pushes": [{"every": "10m", "regular": True}], "approvals": {"*": {"response": "1m"}}}).run("3h")
    done = do(one, 40, Act(ALARM, "errors", {"status": "ALARM"}))
    assert done.simulation.now == one.now == 3 * 3600
    do(one, len(one.records), PUSHED)
    assert one.now == 6 * 3600


def test_another_seed_sees_the_same_acts_by_other_ids() -> None:
    one = simulation(SHOP, {"actions": {"Build/Compile": {"duration": {"p50": 60, "p95": 600}}}}, seed=1)
    do(one, 1, PUSHED)
    do(one, len(one.records), Act(PASS, "1h"))
    do(one, len(one.records), answered(one, "Approved"))
    done = do(one, len(one.records), Act(SEED, "2"))
    assert (done.simulation.seed, done.forked) == (2, True)
    assert lines(done.simulation.records)[-1].endswith("#1 Succeeded")
    assert done.simulation.records != one.records


@given(worlds(), st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["push", "start", "stop", "retry", "luck"])),
                          max_size=5), st.floats(0, 1))
def test_a_fork_at_a_record_repeats_the_records_up_to_what_was_done_next(
    world: Any, done: list[tuple[int, str]], where: float
) -> None:
    one = run(world, 0)
    for at, what in sorted(done):
        one.run(at)
        if what == "luck":
            one.decide("Source/App", "Failed")
        else:
            outside(one, what)
    one.run(60)
    k = 1 + round(where * (len(one.records) - 1))
    fork = one.fork_at(k)
    assert len(fork.records) == settled(one, k) >= k
    assert fork.records == one.records[:len(fork.records)]
