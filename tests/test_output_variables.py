"""Which variables each type of action gives out: those of the catalogue, with the values of this very attempt (5)."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_sim import Simulation
from pipeline_sim.pipeline.catalogue import ACTIONS

from .stories import simulation

COMMIT = "4f2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4b"
PUSH = {"at": 0, "revision": COMMIT, "message": "Fix", "author": "kim"}
MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:Check"
STACK_SET = {"StackSetName": "base", "DeploymentTargets": "111122223333", "Regions": "eu-west-1"}
READS = {"inputArtifacts": [{"name": "App"}]}

SOURCES: dict[str, dict[str, Any]] = {
    "CodeCommit": {}, "S3": {}, "ECR": {}, "CodeStarSourceConnection": {"category": "Source"},
    "GitHub": {"category": "Source",
               "actionTypeId": {"category": "Source", "owner": "ThirdParty", "provider": "GitHub", "version": "1"},
               "configuration": {"Owner": "acme", "Repo": "shop", "Branch": "main", "OAuthToken": "t",
                                 "PollForSourceChanges": "false"}}}
WORK: dict[tuple[str, str], dict[str, Any]] = {
    ("Invoke", "StepFunctions"): {"configuration": {"StateMachineArn": MACHINE}},
    ("Build", "ECRBuildAndPublish"): {"configuration": {"ECRRepositoryName": "shop"}, **READS},
    ("Deploy", "CloudFormationStackSet"): {"configuration": {**STACK_SET, "TemplatePath": "App::t.yaml"}, **READS},
    ("Deploy", "CloudFormationStackInstances"): {"configuration": STACK_SET, **READS},
    ("Deploy", "EKS"): {"configuration": {"ClusterName": "c", "ManifestFiles": "m.yaml"}, **READS},
    ("Invoke", "InspectorScan"): {"configuration": {"InspectorRunMode": "SourceCodeScan"}, **READS,
                                  "outputArtifacts": [{"name": "Sbom"}]},
    ("Deploy", "Lambda"): {"configuration": {"FunctionName": "f"}, **READS},
}
SAID = {(info.type.category, info.type.provider): set(info.variables) for info in ACTIONS if info.variables}


def given_out(one: Simulation, name: str) -> dict[str, str]:
    details = one.call("ListActionExecutions", pipelineName="shop")["actionExecutionDetails"]
    found: dict[str, str] = next(row for row in details if row["actionName"] == name)["output"]["outputVariables"]
    return found


def of_source(provider: str) -> dict[str, str]:
    one = simulation({"Source": [{"App": {"provider": provider, **SOURCES[provider]}}], "Build": ["Compile"]},
                     {"pushes": PUSH}).run()
    return given_out(one, "App")


def of_work(category: str, provider: str, **world: Any) -> dict[str, str]:
    action = {"provider": provider, "category": category, **WORK.get((category, provider), {})}
    one = simulation({"Source": ["App"], "Do": [{"It": action}]}, {"pushes": PUSH, **world}).run()
    return given_out(one, "It")


def test_every_type_with_variables_is_tried() -> None:
    assert {("Source", provider) for provider in SOURCES} | set(WORK) == set(SAID)


@pytest.mark.parametrize("provider", SOURCES)
def test_a_source_gives_out_what_it_took(provider: str) -> None:
    found = of_source(provider)
    assert set(found) == SAID["Source", provider]
    assert any(COMMIT in value for value in found.values())
    assert all(found.values())


@pytest.mark.parametrize(("category", "provider"), WORK)
def test_work_gives_out_what_its_provider_tells(category: str, provider: str) -> None:
    found = of_work(category, provider)
    assert set(found) == SAID[category, provider]
    assert all(found.values())


def test_a_state_machine_s_run_is_the_one_that_the_history_names() -> None:
    found = of_work("Invoke", "StepFunctions")
    assert found["StateMachineArn"] == MACHINE
    assert found["ExecutionArn"].startswith("arn:aws:states:eu-west-1:111122223333:execution:Check:")


@pytest.mark.parametrize(("category", "provider"), [("Build", "CodeBuild"), ("Deploy", "CloudFormation")])
def test_builds_and_stacks_give_out_what_the_scenario_says_of_them(category: str, provider: str) -> None:
    assert of_work(category, provider) == {}
    assert of_work(category, provider, actions={"Do/It": {"variables": {"Version": "1.2"}}}) == {"Version": "1.2"}


def test_a_failed_action_gives_out_nothing() -> None:
    assert of_work("Build", "CodeBuild", actions={"Do/It": {"variables": {"Version": "1.2"}, "failure": 1}}) == {}


def test_the_history_has_the_configuration_as_written_and_as_resolved() -> None:
    asked = "#{Src.CommitMessage} #{codepipeline.PipelineExecutionId}"
    asks = {"provider": "Manual", "configuration": {"CustomData": asked}}
    one = simulation({"Source": [{"App": {"namespace": "Src"}}], "Do": [{"It": asks}]},
                     {"pushes": PUSH, "approvals": {"*": {"response": "1m"}}}).run()
    (row, _) = one.call("ListActionExecutions", pipelineName="shop")["actionExecutionDetails"]
    assert row["input"]["configuration"] == asks["configuration"]
    assert row["input"]["resolvedConfiguration"] == {"CustomData": f"Fix {row['pipelineExecutionId']}"}
