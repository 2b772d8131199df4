"""What the API answers about real runs, at every moment of them: in its own shapes, and telling one story."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_sim import Pipeline, Refused, Scenario, Simulation
from pipeline_sim.aws.conformance.worlds import GATED, LAB, SHOP, job_of
from pipeline_sim.shapes import errors_of
from pipeline_sim.simulation.calls.personal import pending_token
from pipeline_sim.state import State

from .api_stories import ask, corpus, fits


def world(structure: dict[str, Any] = SHOP, **scenario: Any) -> Simulation:
    return Simulation(Pipeline.load({"pipeline": structure}), Scenario(scenario), seed=3)


def eventful() -> Simulation:
    """A failed build that is retried, an approval, a second run, a rollback to the first, a stop."""
    sim = world(approvals={"*": {"response": "5m"}})
    sim.decide("Build/Compile", "Failed")
    sim.call("StartPipelineExecution", name="shop")
    sim.run("1h")
    first = sim.call("ListPipelineExecutions", pipelineName="shop")["pipelineExecutionSummaries"][0]
    sim.call("RetryStageExecution", pipelineName="shop", stageName="Build", retryMode="FAILED_ACTIONS",
             pipelineExecutionId=first["pipelineExecutionId"])
    sim.run("3h")
    sim.call("StartPipelineExecution", name="shop")
    sim.run("5h")
    sim.call("RollbackStage", pipelineName="shop", stageName="Prod",
             targetPipelineExecutionId=first["pipelineExecutionId"])
    sim.call("DisableStageTransition", pipelineName="shop", stageName="Prod", transitionType="Inbound", reason="Freeze")
    third = sim.call("StartPipelineExecution", name="shop")["pipelineExecutionId"]
    sim.run("8h")
    sim.call("StopPipelineExecution", pipelineName="shop", pipelineExecutionId=third, reason="Enough")
    return sim.run("9h")


def ask_everything(state: State, name: str = "shop") -> None:
    """Every question about a pipeline; each answer must fit its shape."""
    ask(state, "ListPipelines")
    ask(state, "GetPipeline", name=name)
    ask(state, "GetPipelineState", name=name)
    for row in ask(state, "ListPipelineExecutions", pipelineName=name)["pipelineExecutionSummaries"]:
        identifier = row["pipelineExecutionId"]
        ask(state, "GetPipelineExecution", pipelineName=name, pipelineExecutionId=identifier)
    for row in ask(state, "ListActionExecutions", pipelineName=name)["actionExecutionDetails"]:
        ask(state, "ListDeployActionExecutionTargets", actionExecutionId=row["actionExecutionId"])
    ask(state, "ListRuleExecutions", pipelineName=name)


def test_every_moment_of_an_eventful_day_can_be_asked_about() -> None:
    sim = eventful()
    for k in range(1, len(sim.records) + 1):
        ask_everything(sim.at(k))


def test_a_condition_that_fails_can_be_asked_about_at_every_moment() -> None:
    sim = world(GATED)
    sim.call("StartPipelineExecution", name="shop")
    sim.run("1h")
    for k in range(1, len(sim.records) + 1):
        ask_everything(sim.at(k))
    assert sim.call("ListRuleExecutions", pipelineName="shop")["ruleExecutionDetails"][0]["status"] == "Failed"


def test_the_state_and_the_history_tell_the_same_story() -> None:
    sim = eventful()
    for k in range(1, len(sim.records) + 1):
        state = sim.at(k)
        rows = ask(state, "ListActionExecutions", pipelineName="shop")["actionExecutionDetails"]
        history = {row["actionExecutionId"]: row for row in rows}
        for stage in ask(state, "GetPipelineState", name="shop")["stageStates"]:
            for action in stage["actionStates"]:
                if latest := action.get("latestExecution"):
                    row = history[latest["actionExecutionId"]]
                    assert row["status"] == latest["status"]
                    assert row["pipelineExecutionId"] == stage["latestExecution"]["pipelineExecutionId"]
                    assert row["lastUpdateTime"] == latest["lastStatusChange"]


def test_what_an_action_reads_an_earlier_one_wrote() -> None:
    sim = eventful()
    rows = sim.call("ListActionExecutions", pipelineName="shop")["actionExecutionDetails"]
    written = {str(one) for row in rows for one in row["output"]["outputArtifacts"]}
    read = [str(one) for row in rows for one in row["input"]["inputArtifacts"]]
    assert read and set(read) <= written


def test_a_rollback_reads_what_its_target_read() -> None:
    rows = eventful().call("ListActionExecutions", pipelineName="shop")["actionExecutionDetails"]
    deploys = [row for row in rows if row["actionName"] == "Deploy"]
    newest, second, first = (row["input"]["inputArtifacts"] for row in deploys)
    assert newest == first != second


def test_a_token_from_the_state_answers_the_approval() -> None:
    sim = world()
    sim.call("StartPipelineExecution", name="shop")
    sim.run("1h")
    prod = sim.call("GetPipelineState", name="shop")["stageStates"][2]
    token = prod["actionStates"][0]["latestExecution"]["token"]
    given = sim.call("PutApprovalResult", pipelineName="shop", stageName="Prod", actionName="Approve", token=token,
                     result={"status": "Approved", "summary": "Go"})
    fits("PutApprovalResult", given)
    approved = sim.call("GetPipelineState", name="shop")["stageStates"][2]["actionStates"][0]["latestExecution"]
    assert (approved["status"], approved["summary"]) == ("Succeeded", "Go")


def test_what_is_no_approval_cannot_be_approved() -> None:
    sim = world(actions={"*": {"duration": "1h"}})
    sim.call("StartPipelineExecution", name="shop")
    sim.run("1m")
    with pytest.raises(Refused) as refused:
        sim.call("PutApprovalResult", pipelineName="shop", stageName="Source", actionName="App",
                 token=pending_token(sim, sim.state.pipelines["shop"], "Source", "App"),
                 result={"status": "Approved", "summary": "Go"})
    assert refused.value.error == "InvalidApprovalTokenException"
    assert sim.call("GetPipelineState", name="shop")["stageStates"][0]["latestExecution"]["status"] == "InProgress"


def test_in_parallel_mode_the_token_is_in_the_history() -> None:
    sim = world({**SHOP, "executionMode": "PARALLEL"})
    sim.call("StartPipelineExecution", name="shop")
    sim.run("1h")
    assert "token" not in str(sim.call("GetPipelineState", name="shop"))
    row = sim.call("ListActionExecutions", pipelineName="shop")["actionExecutionDetails"][0]
    token = row["output"]["executionResult"]["externalExecutionId"]
    sim.call("PutApprovalResult", pipelineName="shop", stageName="Prod", actionName="Approve", token=token,
             result={"status": "Approved", "summary": "Go"})


def test_a_worker_plays_its_part_to_the_end() -> None:
    sim = world(LAB, actions={"Test/*": {"worker": "outside"}, "Source/*": {"duration": "1m"}})
    sim.call("StartPipelineExecution", name="shop")
    sim.run("5m")
    job = sim.call("PollForJobs", actionTypeId={"category": "Test", "owner": "Custom", "provider": "Jenkins",
                                                "version": "1"})["jobs"][0]
    sim.call("AcknowledgeJob", jobId=job["id"], nonce=job["nonce"])
    sim.call("PutJobSuccessResult", jobId=job["id"], continuationToken="more",
             executionDetails={"summary": "Half way", "percentComplete": 50})
    sim.run("10m")
    state = sim.call("GetPipelineState", name="shop")["stageStates"][1]["actionStates"][0]["latestExecution"]
    assert (state["status"], state["percentComplete"]) == ("InProgress", 50)
    second = job_of("Check")(sim)
    assert sim.call("GetJobDetails", **second)["jobDetails"]["data"]["continuationToken"] == "more"
    poll = sim.call("PollForJobs", actionTypeId=job["data"]["actionTypeId"])["jobs"][0]
    sim.call("AcknowledgeJob", **second, nonce=poll["nonce"])
    sim.call("PutJobSuccessResult", **second, executionDetails={"summary": "All 214 tests passed"})
    ask_everything(sim.state)
    rows = sim.call("ListActionExecutions", pipelineName="shop")["actionExecutionDetails"]
    check = next(row for row in rows if row["actionName"] == "Check")
    assert check["status"] == "Succeeded"
    assert check["output"]["executionResult"]["externalExecutionSummary"] == "All 214 tests passed"


def test_the_records_alone_hold_tags_webhooks_types_and_jobs() -> None:
    sim = world()
    sim.call("TagResource", resourceArn="arn:aws:codepipeline:eu-west-1:111122223333:shop",
             tags=[{"key": "team", "value": "shop"}])
    assert sim.at(len(sim.records)) == sim.state
    assert sim.at(1).pipelines["shop"].tags == {}


def test_every_refusal_is_one_that_the_api_declares() -> None:
    sim = world()
    for operation, request in (
        ("StartPipelineExecution", {"name": "nobody"}),
        ("StartPipelineExecution", {"nam": "shop"}),
        ("TagResource", {"resourceArn": "arn:aws:codepipeline:eu-west-1:111122223333:nobody", "tags": []}),
    ):
        with pytest.raises(Refused) as refused:
            sim.call(operation, **request)
        assert refused.value.error in errors_of(operation)


def test_a_secret_that_goes_in_does_not_come_out() -> None:
    source = {"name": "App", "actionTypeId": {"category": "Source", "owner": "ThirdParty", "provider": "GitHub",
                                              "version": "1"}, "outputArtifacts": [{"name": "Code"}],
              "configuration": {"Owner": "lee", "Repo": "shop", "Branch": "main", "OAuthToken": "ghp_1234"}}
    structure = {**SHOP, "stages": [{"name": "Source", "actions": [source]}, *SHOP["stages"][1:]]}
    sim = Simulation(None, Scenario({}))
    answers = [sim.call("CreatePipeline", pipeline=structure), sim.call("UpdatePipeline", pipeline=structure)]
    answers += [sim.call("GetPipeline", name="shop"), sim.call("ListActionExecutions", pipelineName="shop")]
    assert answers[0]["pipeline"]["stages"][0]["actions"][0]["configuration"]["OAuthToken"] == "****"
    assert "ghp_1234" not in str(answers)
    known = sim.state.pipelines["shop"].definition.stage("Source").action("App")
    assert known.configuration["OAuthToken"] == "ghp_1234"


def test_real_definitions_are_answered_for_in_shape_too() -> None:
    """Leniently where they must be: placeholders and all."""
    files = sorted((corpus() / "json").glob("*.json"))
    assert len(files) > 10
    for file in files:
        pipeline = Pipeline.load(file, lenient=True)
        sim = Simulation(pipeline, Scenario({"approvals": {"*": {"response": "5m"}},
                                             "actions": {"*": {"failure": 0.2}}}))
        for _ in range(2):
            sim.call("StartPipelineExecution", name=pipeline.name)
            sim.run(sim.now + 3600)
        ask_everything(sim.state, pipeline.name)
