"""What lands in a mailbox: approval messages, and events as notification rules deliver them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline_sim.ids import approval_token
from pipeline_sim.simulation import Simulation
from pipeline_sim.views.events import events
from pipeline_sim.views.notifications import (
    EVENT_TYPES,
    Notification,
    NotificationRule,
    approval_messages,
    event_types,
    notifications,
    sns_record,
)
from tests.corpus import corpus_files
from tests.shop import action, approve, build, deploy, do, simulate, source, stage, structure
from tests.test_events import recorded

TOPIC = "arn:aws:sns:eu-west-1:111122223333:approvals"


def gated(**settings: str) -> Simulation:
    asking = {**approve("ManagerOfTheWholeWebShopSaysYes", NotificationArn=TOPIC, **settings), "namespace": "Gate"}
    sim = simulate(structure(stage("Source", {**source(), "namespace": "Commit"}), stage("Gate", asking)))
    sim.push(message="a cart")
    sim.run("5m")
    return sim


def test_an_approval_with_a_topic_asks_for_an_answer() -> None:
    sim = gated(CustomData="Look at #{Commit.CommitMessage}", ExternalEntityLink="https://staging.example.com")
    (message,) = approval_messages(sim.records)
    attempt = sim.state.execution("shop", 1).stages["Gate"].attempts["ManagerOfTheWholeWebShopSaysYes"][0]
    assert message.topic == TOPIC
    assert message.subject == "APPROVAL NEEDED: AWS CodePipeline shop for action ManagerOfTheWholeWebShop..."
    body = json.loads(message.body)
    token = approval_token(sim.seed, attempt.index)
    assert set(body) == {"region", "consoleLink", "approval"}
    assert body["approval"] == {
        "pipelineName": "shop", "stageName": "Gate", "actionName": "ManagerOfTheWholeWebShopSaysYes", "token": token,
        "expires": "2030-01-14T09:00Z", "externalEntityLink": "https://staging.example.com",
        "approvalReviewLink": body["approval"]["approvalReviewLink"], "customData": "Look at a cart"}
    assert body["approval"]["approvalReviewLink"].endswith(f"/approve/{token}")


def test_members_without_a_value_are_null_and_an_approval_without_a_topic_is_silent() -> None:
    body = json.loads(approval_messages(gated().records)[0].body)
    assert body["approval"]["customData"] is None
    assert body["approval"]["externalEntityLink"] is None
    quiet = simulate()
    quiet.push()
    quiet.run("10m")
    assert approval_messages(quiet.records) == []


def test_a_retried_approval_asks_again_with_another_token() -> None:
    sim = gated()
    do(sim, "PutApprovalResult", stageName="Gate", actionName="ManagerOfTheWholeWebShopSaysYes",
       result={"status": "Rejected", "summary": "no"})
    do(sim, "RetryStageExecution", execution=1, stageName="Gate", retryMode="FAILED_ACTIONS")
    first, second = (json.loads(one.body)["approval"]["token"] for one in approval_messages(sim.records))
    assert first != second


def test_a_message_that_may_not_be_published_is_not() -> None:
    asking = approve(NotificationArn=TOPIC)
    sim = simulate(structure(stage("Source", action("App", "S3", {"S3Bucket": "b", "S3ObjectKey": "k.zip"},
                                                    makes=("Src",))), stage("Gate", asking)),
                   roles={"arn:aws:iam::111122223333:role/pipeline": [
                       {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}]})
    sim.call("StartPipelineExecution", name="shop")
    sim.run()
    failed = sim.state.execution("shop", 1).stages["Gate"].attempts["Approve"][0]
    assert failed.result.code == "PermissionError"
    assert approval_messages(sim.records) == []


def test_the_recorded_approval_has_our_members(corpus: Path) -> None:
    (file,) = (corpus / "events").glob("*stub_approval_event.json")
    sns = json.loads(file.read_text())["Records"][0]["Sns"]
    sim = gated()
    (ours,) = approval_messages(sim.records)
    mine = sns_record(sim.state, 0, ours)["Sns"]
    theirs, body = json.loads(sns["Message"]), json.loads(mine["Message"])
    assert set(theirs) == set(body)
    assert set(theirs["approval"]) <= set(body["approval"])
    assert sns["Subject"].startswith("APPROVAL NEEDED: AWS CodePipeline ")
    assert set(mine) <= set(sns)


# ---------------------------------------------------------------------------------------------- rules


def failing() -> Simulation:
    sim = simulate(actions={"Build/*": {"failure": 1, "message": "red", "duration": "1m"}})
    sim.push(message="a cart")
    sim.run()
    return sim


def sent(sim: Simulation, *types: str, **more: Any) -> list[Notification]:
    return notifications(sim.records, [NotificationRule("alerts", "shop", types, (TOPIC,), **more)])


def test_a_rule_delivers_only_what_it_asks_for_with_all_that_failed() -> None:
    (one,) = sent(failing(), "codepipeline-pipeline-pipeline-execution-failed")
    assert one.target == TOPIC
    assert one.event["detailType"] == "CodePipeline Pipeline Execution State Change"
    assert one.event["notificationRuleArn"].startswith("arn:aws:codestar-notifications:eu-west-1:111122223333:")
    assert one.event["additionalAttributes"] == {
        "failedActionCount": 2, "failedStage": "Build",
        "failedActions": [{"action": "Compile", "additionalInformation": "Build terminated with state: FAILED"},
                          {"action": "Lint", "additionalInformation": "Build terminated with state: FAILED"}]}


def test_a_basic_rule_delivers_the_event_alone() -> None:
    (one,) = sent(failing(), "codepipeline-pipeline-stage-execution-failed", detail="BASIC")
    assert "additionalAttributes" not in one.event
    assert one.event["detail"]["stage"] == "Build"


def test_a_source_stage_tells_what_it_took() -> None:
    told = [one.event["additionalAttributes"]["sourceActions"]
            for one in sent(failing(), "codepipeline-pipeline-stage-execution-succeeded")]
    assert told[0][0]["sourceActionName"] == "App"
    assert told[0][0]["sourceActionVariables"]["CommitMessage"] == "a cart"


def test_approvals_have_ids_of_their_own() -> None:
    sim = simulate(approvals={"*": {"response": "1m"}})
    sim.push()
    sim.run()
    asked = [f"codepipeline-pipeline-manual-approval-{state}" for state in ("needed", "succeeded", "failed")]
    assert [one.event["detail"]["state"] for one in sent(sim, *asked)] == ["STARTED", "SUCCEEDED"]


def test_there_are_no_ids_for_stopping_and_none_that_nobody_knows() -> None:
    sim = simulate()
    sim.push()
    sim.run("1m")
    do(sim, "StopPipelineExecution", execution=1, abandon=True)
    stopping = [event for event in events(sim.records) if event["detail"]["state"] in ("STOPPING", "STOPPED")]
    assert [event_types(event) for event in stopping] == [()] * 4
    assert len(EVENT_TYPES) == 18
    with pytest.raises(ValueError, match="No event type is called codepipeline-pipeline-bored"):
        sent(sim, "codepipeline-pipeline-bored")


def test_another_pipelines_events_and_disabled_rules_are_silent() -> None:
    sim = failing()
    asked = ("codepipeline-pipeline-pipeline-execution-failed",)
    assert notifications(sim.records, [NotificationRule("a", "other", asked, (TOPIC,))]) == []
    assert sent(sim, *asked, enabled=False) == []


@pytest.mark.parametrize("file", corpus_files("events/quicken*.json"))
def test_recorded_notifications_have_our_members(file: Path | None) -> None:
    assert file is not None
    shop = structure(stage("Source", source()), stage("Build", build(makes=("Out",))), stage("Prod", deploy()))
    sim = simulate(shop, pushes=[{"at": 0}, {"at": "30m"}],
                   actions={"Build/Compile": {"executions": {2: {1: {"status": "Failed"}}}}})
    sim.run()
    ours = {(one.event["detailType"], one.event["detail"]["state"]): one.event for one in sent(sim, *EVENT_TYPES)}
    for event in recorded(json.loads(file.read_text())):
        mine = ours[event["detailType"], event["detail"]["state"]]
        assert set(event) == set(mine)
        assert set(event["additionalAttributes"]) == set(mine["additionalAttributes"])
