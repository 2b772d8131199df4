"""CloudFormation's stacks: whose change set is executed, and what the history says of it."""

from __future__ import annotations

from typing import Any

from pipeline_sim import Pipeline, Scenario, Simulation

from .stories import simulation, structure

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
