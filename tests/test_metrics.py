"""Delivery metrics of one run, on runs that can be followed by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_sim.ids import execution_id
from pipeline_sim.simulation import Simulation
from pipeline_sim.views.metrics import Metrics, measure, quantile, told
from tests.shop import build, deploy, do, simulate, source, stage, structure


def line(**more: Any) -> dict[str, Any]:
    """Source (10 s), Build (4 m), Prod (1 m): nobody has to approve."""
    return structure(stage("Source", source()), stage("Build", build(makes=("Out",))), stage("Prod", deploy()), **more)


def played(*pushes: str, given: dict[str, Any] | None = None, until: str = "", **scenario: Any) -> Simulation:
    sim = simulate(given or line(), pushes=[{"at": at} for at in pushes], **scenario)
    sim.run(until or None)
    return sim


def of(sim: Simulation, **more: Any) -> Metrics:
    return measure(sim.records, now=sim.now, **more)


def test_lead_time_runs_from_the_push_to_the_end_of_production() -> None:
    metrics = of(played("1m", until="1h"))
    assert metrics.lead_times == (310,)
    assert metrics.lead_time == 310
    assert metrics.statuses == {"Succeeded": 1}
    assert metrics.durations == (310,)
    assert metrics.deployment_frequency == metrics.throughput == 24
    assert (metrics.change_failure_rate, metrics.time_to_restore) == (0, None)


def test_a_deployment_carries_the_changes_of_superseded_executions() -> None:
    """The second and third push stand in front of Build one after the other; the third execution carries both."""
    metrics = of(played("0s", "1m", "2m"))
    assert metrics.statuses == {"Succeeded": 2, "Superseded": 1}
    assert [one.carried for one in metrics.deployments] == [(1,), (2, 3)]
    assert metrics.superseded_share == pytest.approx(1 / 3)
    assert metrics.changes_per_deployment == 1.5
    first, second, third = metrics.lead_times
    assert (first, second - third) == (310, 60)


def test_queued_carries_one_change_each() -> None:
    metrics = of(played("0s", "1m", "2m", given=line(mode="QUEUED")))
    assert [one.carried for one in metrics.deployments] == [(1,), (2,), (3,)]
    assert metrics.lead_times == (310, 490, 670)
    assert metrics.waits["stage lock"] == 180 + 360


def test_in_parallel_an_older_change_that_comes_later_carries_nothing() -> None:
    metrics = of(played("0s", "1m", given=line(mode="PARALLEL"), actions={"Build/Compile": {
        "duration": "4m", "executions": {1: {1: {"duration": "20m"}}}}}))
    assert [(one.execution, one.carried) for one in metrics.deployments] == [(2, (1, 2)), (1, ())]
    assert metrics.waits["stage lock"] == 0


def test_changes_that_nothing_has_carried_are_pending() -> None:
    metrics = of(played("0s", "20m", actions={"Build/Compile": {"executions": {2: {1: {"status": "Failed"}}}}}))
    assert (metrics.pending, len(metrics.lead_times)) == (1, 1)


def test_a_push_to_two_sources_is_one_change() -> None:
    second = {**source("Docs"), "outputArtifacts": [{"name": "Pages"}]}
    given = structure(stage("Source", source(), second), stage("Build", build(makes=("Out",))), stage("Prod", deploy()))
    metrics = of(played("0s", given=given, mode="QUEUED"))
    carrying = [one.carried for one in metrics.deployments if one.carried]
    assert (carrying, len(metrics.lead_times), metrics.pending) == ([(1,)], 1, 0)


def test_a_push_that_starts_nothing_is_no_change() -> None:
    sim = simulate(line())
    sim.push(branch="elsewhere")
    sim.run()
    assert of(sim).pending == 0


def test_a_failed_deployment_counts_also_when_a_retry_mends_it() -> None:
    sim = played("0s", "1h", until="59m", actions={"Prod/Deploy": {"attempts": {1: {"status": "Failed"}},
                                                                   "executions": {2: {1: {"status": "Succeeded"}}}}})
    assert [(one.status, one.failed) for one in of(sim).deployments] == [("Failed", True)]
    assert of(sim).broken_since == 310
    do(sim, "RetryStageExecution", execution=1, stageName="Prod", retryMode="FAILED_ACTIONS")
    sim.run()
    metrics = of(sim)
    assert [(one.status, one.failed, one.carried) for one in metrics.deployments] == [
        ("Succeeded", True, (1,)), ("Succeeded", False, (2,))]
    assert metrics.change_failure_rate == 0.5
    assert metrics.restore_times == (59 * 60 + 60 - 310,)
    assert metrics.broken_since is None


def test_two_failures_in_a_row_are_one_outage() -> None:
    failed = {1: {"status": "Failed"}}
    metrics = of(played("0s", "10m", "20m", actions={"Prod/Deploy": {"executions": {1: failed, 2: failed}}}))
    assert metrics.restore_times == (1200,)
    assert metrics.change_failure_rate == pytest.approx(2 / 3)
    assert [one.carried for one in metrics.deployments] == [(), (), (1, 2, 3)]


def test_a_rollback_is_no_deployment_but_says_that_one_has_failed() -> None:
    sim = played("0s", "20m")
    sim.run("1h")
    do(sim, "RollbackStage", stageName="Prod", targetPipelineExecutionId=execution_id(sim.seed, "shop", 1))
    sim.run()
    metrics = of(sim)
    assert [(one.execution, one.failed) for one in metrics.deployments] == [(1, False), (2, True)]
    assert metrics.restore_times == (60,)


def test_an_automatic_rollback_restores() -> None:
    prod = stage("Prod", deploy(), onFailure={"result": "ROLLBACK"})
    given = structure(stage("Source", source()), stage("Build", build(makes=("Out",))), prod)
    metrics = of(played("0s", "20m", given=given, actions={"Prod/Deploy": {"executions": {2: {1: {"status": "Failed"}}}}}))
    assert metrics.restore_times == (60,)
    assert metrics.statuses == {"Succeeded": 2, "Failed": 1}
    assert metrics.durations == (310,)


def test_a_rejected_approval_deploys_nothing() -> None:
    sim = simulate(approvals={"*": {"response": "5m", "probability": 0}})
    sim.push()
    sim.run()
    metrics = of(sim)
    assert metrics.deployments == ()
    assert metrics.change_failure_rate is None
    assert metrics.broken_since is None


def test_waiting_is_added_up_by_cause() -> None:
    sim = simulate(pushes=[{"at": 0}, {"at": "5m"}], capacity={"CodeBuild": 1}, approvals={"*": {"response": "1h"}},
                   transitions=[{"stage": "Build", "from": 0, "to": "1m", "reason": "later"}])
    sim.run()
    waits = of(sim).waits
    assert waits["disabled transition"] == 50
    assert waits["capacity"] == 2 * 240
    assert waits["approval"] == 2 * 3600
    assert waits["stage lock"] > 3000


def test_utilisation_and_the_bottleneck() -> None:
    sim = played("0s", "1m", given=line(mode="QUEUED"), until="20m")
    use = {one.stage: (one.visits, round(one.utilisation * 1200), one.mean, one.waited) for one in of(sim).stages}
    assert use == {"Source": (2, 20, 10, 0), "Build": (2, 480, 240, 180), "Prod": (2, 120, 60, 0)}
    assert of(sim).bottleneck == "Build"


def test_in_parallel_the_load_may_be_above_one_and_utilisation_not() -> None:
    sim = played("0s", "0s", "0s", given=line(mode="PARALLEL"), until="250s")
    (build_use,) = [one for one in of(sim).stages if one.stage == "Build"]
    assert build_use.load == pytest.approx(3 * 240 / 250)
    assert build_use.utilisation == pytest.approx(240 / 250)


def test_overlapping_visits_are_used_time_once() -> None:
    sim = played("0s", "1m", given=line(mode="PARALLEL"), until="600s")
    (build_use,) = [one for one in of(sim).stages if one.stage == "Build"]
    assert build_use.utilisation == pytest.approx(300 / 600)
    assert build_use.load == pytest.approx(480 / 600)


def test_another_stage_can_be_production() -> None:
    metrics = of(played("0s"), production="Build")
    assert metrics.lead_times == (250,)
    with pytest.raises(ValueError, match="shop has no stage 'Live': Source, Build, Prod"):
        of(played("0s"), production="Live")


def test_metrics_are_of_one_pipeline() -> None:
    sim = simulate(structure(), line(name="tools"))
    sim.push()
    sim.run()
    assert of(sim, pipeline="tools").lead_times == (310,)
    with pytest.raises(ValueError, match="which of several"):
        of(sim)
    with pytest.raises(ValueError, match="no pipeline is called 'x'"):
        of(sim, pipeline="x")


def test_an_empty_run_has_nothing_to_tell() -> None:
    sim = simulate()
    metrics = of(sim)
    assert metrics.bottleneck is None
    assert dict(told(metrics))["lead time (median)"] == "none"


def test_the_words_for_a_table() -> None:
    words = dict(told(of(played("0s", "1m", "2m", until="1h"))))
    assert words["executions"] == "2 Succeeded, 1 Superseded"
    assert words["deployment frequency"] == "48.00 a day"
    assert words["bottleneck"] == "Build"
    assert words["superseded"] == "33%"


@pytest.mark.parametrize(("values", "share", "expected"), [
    ((), 0.5, None), ((7,), 0.9, 7), ((1, 2, 3, 4), 0.5, 2.5), ((4, 1, 3, 2), 1.0, 4), ((0, 10), 0.25, 2.5)])
def test_quantiles_are_linear_between_values(values: tuple[int, ...], share: float, expected: float | None) -> None:
    assert quantile(values, share) == expected
