"""What a run costs: lines, free tiers, V1 against V2."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_sim.simulation import Simulation
from pipeline_sim.views.cost import PRICES, Ledger, compare, ledger, replace
from tests.shop import ROLE, action, approve, build, do, simulate, source, stage, structure


def months(book: Ledger) -> list[tuple[str, int, float]]:
    return [(month.month, month.minutes, round(month.amount, 6)) for month in book.months]


def run_once(**scenario: Any) -> Simulation:
    sim = simulate(approvals={"*": {"response": "2h"}}, **scenario)
    sim.push()
    sim.run()
    return sim


def test_each_attempt_is_rounded_up_and_the_approval_is_free() -> None:
    book = ledger(run_once().records)
    told = {line.name: (line.seconds, line.minutes, round(line.amount, 6)) for line in book.lines}
    assert told == {"App": (10, 1, 0.002), "Compile": (240, 4, 0.008), "Lint": (240, 4, 0.008),
                    "Approve": (7200, 0, 0.0), "Deploy": (60, 1, 0.002)}
    assert book.executions[0].minutes == 10
    assert book.executions[0].amount == pytest.approx(0.02)
    assert book.executions[0].total == pytest.approx(0.02 + 8 * 0.005)
    assert next(line for line in book.lines if line.name == "Approve").note == "approvals are not billed"


def test_the_worked_example_of_the_price_list() -> None:
    """Six actions, one of three minutes and five of one minute: 8 minutes, 0.016 USD."""
    quick = [build(f"B{number}") for number in range(4)]
    sim = simulate(structure(stage("Source", source()), stage("Build", build("Long"), *quick)),
                   actions={"CodeBuild": {"duration": "40s"}, "Build/Long": {"duration": "3m"}})
    sim.push()
    sim.run()
    (total,) = ledger(sim.state).executions
    assert (total.minutes, round(total.amount, 6)) == (8, 0.016)


def test_a_retry_is_paid_again_and_what_never_started_costs_nothing() -> None:
    sim = simulate(actions={"Build/Compile": {"attempts": {1: {"status": "Failed"}}}})
    sim.push()
    sim.run()
    assert {line.name for line in ledger(sim.state).lines} == {"App", "Compile", "Lint"}
    do(sim, "RetryStageExecution", execution=1, stageName="Build", retryMode="FAILED_ACTIONS")
    sim.run("30m")
    again = [line for line in ledger(sim.state).of("shop", 1) if line.name == "Compile"]
    assert [(line.attempt, line.minutes, line.note) for line in again] == [(1, 4, ""), (2, 4, "a retry: paid again")]


def test_waiting_for_a_slot_is_an_action_minute_but_no_build_minute() -> None:
    sim = simulate(structure(stage("Source", source()), stage("Build", build("A"), build("B"))),
                   capacity={"CodeBuild": 1})
    sim.push()
    sim.run()
    told = {line.name: (line.minutes, line.build_minutes) for line in ledger(sim.state).lines}
    assert told == {"App": (1, 0), "A": (4, 4), "B": (8, 4)}


def test_a_build_that_the_role_may_not_start_is_an_action_minute_but_no_build_minute() -> None:
    may_not = {"Effect": "Allow", "NotAction": "codebuild:*", "Resource": "*"}
    sim = simulate(structure(stage("Source", source()), stage("Build", build())),
                   roles={ROLE: {"Version": "2012-10-17", "Statement": [may_not]}})
    sim.push()
    sim.run()
    line = ledger(sim.state).lines[-1]
    assert (line.name, line.seconds, line.minutes, line.build_minutes, line.build_amount) == ("Compile", 1, 1, 0, 0.0)


def test_waiting_in_front_of_a_stage_costs_nothing() -> None:
    alone = ledger(run_once().state).executions[0]
    sim = simulate(approvals={"*": {"response": "2h"}}, pushes=[{"at": 0}, {"at": "1m"}], mode="QUEUED")
    sim.run()
    assert [total.minutes for total in ledger(sim.state).executions] == [alone.minutes] * 2


def test_builds_are_paid_by_compute_type() -> None:
    sim = run_once()
    small, medium = (ledger(sim.state, replace(PRICES, free_build_minutes=0), kind)
                     for kind in (None, {"Build/*": "general1.medium"}))
    assert small.months[0].build_amount == pytest.approx(8 * 0.005)
    assert medium.months[0].build_amount == pytest.approx(8 * 0.010)
    with pytest.raises(ValueError, match="There is no price for huge"):
        ledger(sim.state, compute={"*": "huge"})


@pytest.mark.parametrize(("settings", "kind"), [
    ({}, "general1.small"), ({"ComputeType": "BUILD_GENERAL1_LARGE"}, "general1.large"),
    ({"EnvironmentType": "WINDOWS_SERVER_2022_CONTAINER", "ComputeType": "BUILD_GENERAL1_MEDIUM"}, "windows.medium")])
def test_managed_compute_is_billed_twice(settings: dict[str, str], kind: str) -> None:
    commands = action("Run", "Commands", settings, reads=("Src",), commands=["make"])
    sim = simulate(structure(stage("Source", source()), stage("Do", commands)), actions={"Do/Run": {"duration": "90s"}})
    sim.push()
    sim.run()
    line = ledger(sim.state).of("shop", 1)[1]
    assert (line.minutes, line.build_minutes, line.compute) == (2, 2, kind)
    assert line.note == "billed by CodePipeline and by CodeBuild"
    assert line.build_amount == pytest.approx(2 * PRICES.builds[kind])


def test_custom_actions_are_free() -> None:
    jenkins = {**build("Test"), "actionTypeId": {"category": "Test", "owner": "Custom", "provider": "Jenkins",
                                                 "version": "1"}, "configuration": {}}
    sim = simulate(structure(stage("Source", source()), stage("Build", build()), stage("Test", jenkins)))
    sim.push()
    sim.run()
    assert [line.minutes for line in ledger(sim.state).lines] == [1, 4, 0]


def test_a_rule_that_builds_is_billed_twice_and_another_is_not() -> None:
    def rule(name: str, provider: str, **settings: str) -> dict[str, Any]:
        return {"name": name, "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": provider, "version": "1"},
                "configuration": settings}

    gate = {"conditions": [{"result": "FAIL", "rules": [
        rule("Smoke", "CodeBuild", ProjectName="smoke"), rule("Ask", "LambdaInvoke", FunctionName="f")]}]}
    sim = simulate(structure(stage("Source", source()), stage("Build", build(), onSuccess=gate)),
                   rules={"*": {"duration": "90s"}})
    sim.push()
    sim.run()
    (line,) = [line for line in ledger(sim.state).lines if line.provider == "CodeBuild" and line.name == "Smoke"]
    assert (line.minutes, line.build_minutes) == (2, 2)
    assert "Ask" not in {line.name for line in ledger(sim.state).lines}


def test_free_tiers_are_taken_off_once_a_month_for_all_pipelines() -> None:
    both = [structure(name=name) for name in ("one", "two")]
    sim = simulate(*both, pushes=[{"at": f"{30 * number}m"} for number in range(10)],
                   approvals={"*": {"response": "1m"}})
    sim.run()
    book = ledger(sim.state)
    assert months(book) == [("2030-01", 200, 0.2)]
    assert book.months[0].build_minutes == 160
    assert book.months[0].build_amount == pytest.approx(60 * 0.005)
    assert book.total == pytest.approx(0.2 + 0.3)


def test_each_month_has_its_own_free_tier() -> None:
    sim = simulate(start="2030-01-31T12:00:00Z", approvals={"*": {"response": "1m"}},
                   pushes=[{"at": f"{30 * number}m"} for number in range(40)])
    sim.run()
    assert months(ledger(sim.state)) == [("2030-01", 240, 0.28), ("2030-02", 160, 0.12)]


def test_v1_pays_for_active_pipelines_but_not_for_minutes() -> None:
    kinds = [structure(name=name, kind="V1") for name in ("one", "two", "idle")]
    sim = simulate(*kinds)
    for name in ("one", "two"):
        sim.call("StartPipelineExecution", name=name)
    sim.run("1h")
    book = ledger(sim.state)
    (month,) = book.months
    assert month.active == ("one", "two")
    assert (month.minutes, month.amount, month.pipelines_amount) == (0, 0.0, 1.0)
    assert {line.amount for line in book.lines} == {0.0}


def test_a_new_v1_pipeline_is_free_for_thirty_days_and_only_changes_make_it_active() -> None:
    sim = simulate(structure(name="old"), start="2030-01-01T00:00:00Z")
    sim.run("1h")
    sim.call("CreatePipeline", pipeline=structure(stage("Source", source()), stage("Build", build()), name="new",
                                                  kind="V1"))
    sim.run("45d")
    sim.push()
    sim.run("46d")
    sim.run("70d")
    sim.call("StartPipelineExecution", name="new")
    sim.run("71d")
    active = {month.month: month.active for month in ledger(sim.state).months}
    assert active == {"2030-01": (), "2030-02": ("new",), "2030-03": ()}


def test_what_still_runs_is_counted_up_to_now() -> None:
    sim = simulate()
    sim.push()
    sim.run("2m")
    lines = ledger(sim.state, now=sim.now).of("shop", 1)
    assert [(line.name, line.minutes, line.note) for line in lines[1:]] == [
        ("Compile", 2, "still running: counted up to now"), ("Lint", 2, "still running: counted up to now")]


def test_an_abandoned_build_says_what_is_not_counted() -> None:
    sim = simulate()
    sim.push()
    sim.run("2m")
    do(sim, "StopPipelineExecution", execution=1, abandon=True)
    assert ledger(sim.state).of("shop", 1)[1].note.startswith("abandoned: what the provider did after that")


def test_v1_against_v2_with_the_break_even() -> None:
    (one,) = compare(run_once().records)
    assert (one.minutes, one.v1) == (10, 1.0)
    assert one.v2 == pytest.approx(0.02)
    assert one.cheaper == "V2"
    assert (one.break_even_minutes, one.break_even_executions) == (500, 50)
    assert str(one) == ("shop in 2030-01: 10 action minutes in 1 execution, V2 0.02 USD, V1 1.00 USD: V2 is cheaper; "
                        "at 50 executions like these a month both cost the same.")


def test_at_the_break_even_both_cost_the_same_and_beyond_it_v1_is_cheaper() -> None:
    for count, verdict in ((50, "equal"), (51, "V1")):
        sim = simulate(pushes=[{"at": f"{30 * number}m"} for number in range(count)],
                       approvals={"*": {"response": "1m"}})
        sim.run()
        (one,) = compare(sim.state)
        assert one.cheaper == verdict


def test_approvals_alone_take_no_minutes() -> None:
    sim = simulate(structure(stage("Source", source()), stage("Gate", approve())))
    assert compare(sim.state) == []
    assert ledger(sim.state).months == ()
