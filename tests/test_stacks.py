"""CloudFormation's stacks: whose change set is executed, and what the history says of it."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_sim import Pipeline, Scenario, Simulation
from pipeline_sim.whatif.plan import NotAnArray, plan_of

from .stories import simulation, structure
from .test_whatif_arrays import by_arrays, by_simulation

SET, EXECUTE = ({"provider": "CloudFormation", "configuration": {"ActionMode": f"CHANGE_SET_{what}"}}
                for what in ("REPLACE", "EXECUTE"))


def details(one: Simulation, action: str) -> list[dict[str, Any]]:
    found = one.call("ListActionExecutions", pipelineName="shop")["actionExecutionDetails"]
    return [detail for detail in reversed(found) if detail["actionName"] == action]


def test_the_history_says_whose_change_set_was_executed() -> None:
    one = simulation({"Source": ["App"], "Prepare": [{"Set": SET}], "Prod": [{"Review": "Manual"}, {"Execute": EXECUTE}]},
                     {"pushes": ["0s", "100s"], "approvals": {"*": {"response": "5m"}}}).run()
    first, second = (detail["output"]["executionResult"] for detail in details(one, "Execute"))
    assert first["externalExecutionSummary"] == "Executed the change set that execution 2 made."
    assert "no change set release" in second["errorDetails"]["message"]


def test_an_execution_that_executes_its_own_change_set_says_nothing_of_it() -> None:
    one = simulation({"Source": ["App"], "Prod": [{"Set": SET}, {"Execute": EXECUTE}]}, {"pushes": "0s"}).run()
    (only,) = details(one, "Execute")
    assert only["status"] == "Succeeded"
    assert "externalExecutionSummary" not in only["output"]["executionResult"]


def test_making_a_change_set_that_fails_has_deleted_the_one_before() -> None:
    one = simulation({"Source": ["App"], "Prepare": [{"Set": SET}], "Prod": [{"Review": "Manual"}, {"Execute": EXECUTE}]},
                     {"pushes": ["0s", "100s"], "approvals": {"*": {"response": "5m"}},
                      "actions": {"Prepare/Set": {"executions": {2: "Failed"}}}}).run()
    assert [detail["status"] for detail in details(one, "Set")] == ["Succeeded", "Failed"]
    assert "no change set release" in details(one, "Execute")[0]["output"]["executionResult"]["errorDetails"]["message"]


def test_stacks_of_the_same_name_in_another_region_or_account_are_other_stacks() -> None:
    far = {**EXECUTE, "region": "us-east-1"}
    stores = {region: {"type": "S3", "location": f"artifacts-{region}"} for region in ("eu-west-1", "us-east-1")}
    body = structure({"Source": ["App"], "Prod": [{"Set": SET}, {"Far": far}]}, artifactStores=stores)
    del body["artifactStore"]
    one = Simulation(Pipeline.load(body), Scenario.load({"actions": {"*": {"duration": "60s"}}, "pushes": "0s"})).run()
    assert details(one, "Set")[0]["status"] == "Succeeded"
    assert details(one, "Far")[0]["status"] == "Failed"


def test_the_name_of_a_stack_may_come_from_a_variable() -> None:
    named = {"ActionMode": "CHANGE_SET_EXECUTE", "StackName": "#{Own.Stack}"}
    made = {"ActionMode": "CHANGE_SET_REPLACE", "StackName": "#{Own.Stack}"}
    one = simulation({"Source": ["App"], "Build": [{"Name": {"namespace": "Own"}}],
                      "Prod": [{"Set": {"provider": "CloudFormation", "configuration": made}},
                               {"Execute": {"provider": "CloudFormation", "configuration": named}}]},
                     {"pushes": "0s", "actions": {"Build/Name": {"attempts": {1: {"variables": {"Stack": "blue"}}}}}}).run()
    assert details(one, "Execute")[0]["status"] == "Succeeded"


def test_a_stack_is_worked_on_by_actions_of_other_pipelines_too() -> None:
    world = Scenario.load({"actions": {"*": {"duration": "60s"}, "Prod/*": {"duration": "10m"}}, "calls": [
        {"at": 0, "operation": "StartPipelineExecution", "name": "one"},
        {"at": "2m", "operation": "StartPipelineExecution", "name": "two"}]})
    pipelines = [Pipeline.load(structure({"Source": ["App"], "Prod": [{"Update": "CloudFormation"}]}, name=name))
                 for name in ("one", "two")]
    both = Simulation(pipelines, world).run()
    assert both.state.pipelines["one"].executions[1].status == "Succeeded"
    assert both.state.pipelines["two"].executions[1].status == "Failed"
    assert "in the middle of another operation" in str(both.why("two:Prod/Update"))


# ---------------------------------------------------------------------------------------------- many runs at once

UPDATE: dict[str, Any] = {"provider": "CloudFormation"}
OTHER: dict[str, Any] = {"provider": "CloudFormation", "configuration": {"StackName": "other"}}
SAFE = {"actions": [{"Set": SET}, {"Ok": "Manual"}, {"Execute": EXECUTE}]}
RETRIES = {**SAFE, "onFailure": {"result": "RETRY", "retryConfiguration": {"retryMode": "FAILED_ACTIONS"}}}


def planned(stages: dict[str, Any], mode: str = "SUPERSEDED") -> Any:
    world = {"pushes": [0, 3, 9], "actions": {"*": {"duration": {"sample": [1, 4, 7]}, "failure": 0.3}},
             "approvals": {"*": {"response": 2}}}
    return Pipeline.load(structure({"Source": ["App"], **stages}, mode=mode)), Scenario.load(world)


@pytest.mark.parametrize(("stages", "mode", "why"), [
    ({"A": [{"One": UPDATE}], "B": [{"Two": UPDATE}]}, "SUPERSEDED", "each other's way"),
    ({"A": [[{"One": UPDATE}, {"Two": UPDATE}]]}, "SUPERSEDED", "each other's way"),
    ({"A": [{"One": UPDATE}]}, "PARALLEL", "each other's way"),
    ({"A": [{"Execute": EXECUTE}]}, "SUPERSEDED", "may not be there"),
    ({"A": [{"Set": SET}, {"One": UPDATE}, {"Execute": EXECUTE}]}, "SUPERSEDED", "may not be there"),
    ({"A": RETRIES}, "QUEUED", "may not be there"),
])
def test_arrays_refuse_stacks_on_which_actions_can_meet(stages: dict[str, Any], mode: str, why: str) -> None:
    with pytest.raises(NotAnArray, match=why):
        plan_of(*planned(stages, mode))


@pytest.mark.parametrize(("stages", "mode"), [
    ({"A": SAFE}, "SUPERSEDED"), ({"A": SAFE}, "QUEUED"), ({"A": [{"One": UPDATE}], "B": [{"Two": OTHER}]}, "QUEUED"),
])
def test_arrays_agree_with_the_simulation_where_they_take_stacks(stages: dict[str, Any], mode: str) -> None:
    pipeline, scenario = planned(stages, mode)
    found = by_arrays(pipeline.structure, scenario.data, 0, 40)
    assert found == [by_simulation(pipeline.structure, scenario.data, seed) for seed in range(40)]
    assert len({str(told) for told in found}) > 20
