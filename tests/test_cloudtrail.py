"""CloudTrail: who called what, and what the service role called for the actions."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import botocore.loaders
import botocore.model
import botocore.validate
import pytest

from pipeline_sim.ids import execution_id
from pipeline_sim.refused import Refused
from pipeline_sim.simulation import Simulation
from pipeline_sim.views.cloudtrail import HIDDEN, identity, lookup_events, trail
from pipeline_sim.views.names import moment
from tests.shop import LEE, ROLE, action, deploy, do, simulate, source, stage, structure

MANAGER = "arn:aws:sts::111122223333:assumed-role/ReleaseManager/lee"


def named(sim: Simulation, name: str) -> list[dict[str, Any]]:
    return [entry for entry in trail(sim.records) if entry["eventName"] == name]


def test_an_answered_call_is_a_record_with_all_members() -> None:
    sim = simulate()
    sim.call("StartPipelineExecution", name="shop", clientRequestToken="a1b2", by=MANAGER)
    (entry,) = named(sim, "StartPipelineExecution")
    who = entry["userIdentity"]
    assert list(entry) == [
        "eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress",
        "userAgent", "requestParameters", "responseElements", "requestID", "eventID", "readOnly", "eventType",
        "managementEvent", "recipientAccountId", "eventCategory"]
    assert (entry["eventTime"], entry["eventSource"]) == ("2030-01-07T09:00:00Z", "codepipeline.amazonaws.com")
    assert entry["requestParameters"] == {"name": "shop", "clientRequestToken": "a1b2"}
    assert entry["responseElements"] == {"pipelineExecutionId": execution_id(sim.seed, "shop", 1)}
    assert (entry["readOnly"], entry["managementEvent"], entry["eventCategory"]) == (False, True, "Management")
    assert (who["type"], who["arn"]) == ("AssumedRole", MANAGER)
    assert who["sessionContext"]["sessionIssuer"]["arn"] == "arn:aws:iam::111122223333:role/ReleaseManager"
    assert who["principalId"].endswith(":lee")


def test_reads_are_recorded_without_their_answer() -> None:
    sim = simulate()
    sim.call("GetPipelineState", name="shop")
    (entry,) = named(sim, "GetPipelineState")
    assert entry["readOnly"] is True
    assert entry["responseElements"] is None


def test_a_refused_call_carries_its_error() -> None:
    sim = simulate()
    with pytest.raises(Refused):
        sim.call("GetPipeline", name="shopp")
    (entry,) = named(sim, "GetPipeline")
    assert entry["errorCode"] == "PipelineNotFoundException"
    assert "shopp" in entry["errorMessage"]


def test_a_denied_call_is_access_denied() -> None:
    bob = "arn:aws:iam::111122223333:user/bob"
    looks = {"Effect": "Allow", "Action": "codepipeline:Get*", "Resource": "*"}
    sim = simulate(identities={bob: [{"Version": "2012-10-17", "Statement": [looks]}]})
    with pytest.raises(Refused):
        sim.call("StartPipelineExecution", name="shop", by=bob)
    (entry,) = named(sim, "StartPipelineExecution")
    assert entry["errorCode"] == "AccessDenied"
    assert entry["userIdentity"]["userName"] == "bob"


def test_who_approved_is_there_and_what_failed_is_not() -> None:
    sim = simulate(approvals={"*": {"response": "5m", "by": LEE, "comment": "go"}}, actions={"Prod/Deploy": {"failure": 1}})
    sim.push()
    sim.run()
    (entry,) = named(sim, "PutApprovalResult")
    assert entry["userIdentity"]["userName"] == "lee"
    assert entry["requestParameters"]["result"] == {"status": "Approved", "summary": "go"}
    assert entry["responseElements"] == {"approvedAt": "2030-01-07T09:09:10Z"}
    assert "Fail" not in json.dumps([one["eventName"] for one in trail(sim.records)])


def test_who_disabled_a_transition_is_there_with_no_response_elements() -> None:
    sim = simulate()
    do(sim, "DisableStageTransition", stageName="Prod", transitionType="Inbound", reason="freeze")
    (entry,) = named(sim, "DisableStageTransition")
    assert entry["responseElements"] is None
    assert entry["requestParameters"]["reason"] == "freeze"


def test_secrets_never_reach_the_trail() -> None:
    github = {**source(), "actionTypeId": {"category": "Source", "owner": "ThirdParty", "provider": "GitHub",
                                           "version": "1"},
              "configuration": {"Owner": "lee", "Repo": "shop", "Branch": "main", "OAuthToken": "ghp_verysecret"}}
    sim = simulate()
    sim.call("CreatePipeline", pipeline=structure(stage("Source", github), stage("Prod", {
        **deploy(), "inputArtifacts": [{"name": "Src"}]}), name="other"))
    (entry,) = named(sim, "CreatePipeline")
    told = entry["requestParameters"]["pipeline"]["stages"][0]["actions"][0]["configuration"]
    assert told["OAuthToken"] == HIDDEN
    assert entry["responseElements"]["pipeline"]["version"] == 1
    assert "verysecret" not in json.dumps(trail(sim.records))


def test_jobs_credentials_never_reach_the_trail() -> None:
    worker = {**action("Ask", "Lambda", {"FunctionName": "f"}, reads=("Src",)), "actionTypeId": {
        "category": "Build", "owner": "Custom", "provider": "Jenkins", "version": "1"}, "configuration": {}}
    sim = simulate(actions={"Jenkins": {"worker": "outside"}})
    sim.call("CreateCustomActionType", category="Build", provider="Jenkins", version="1",
             inputArtifactDetails={"minimumCount": 0, "maximumCount": 5},
             outputArtifactDetails={"minimumCount": 0, "maximumCount": 5})
    sim.call("CreatePipeline", pipeline=structure(stage("Source", source()), stage("Build", worker), name="jobs"))
    sim.run("5m")
    jobs = sim.call("PollForJobs", actionTypeId={"category": "Build", "owner": "Custom", "provider": "Jenkins",
                                                 "version": "1"})["jobs"]
    secret = jobs[0]["data"]["artifactCredentials"]["secretAccessKey"]
    assert secret not in json.dumps(trail(sim.records))
    assert named(sim, "PollForJobs")[0]["responseElements"] is None


def test_the_service_role_calls_the_providers() -> None:
    sim = simulate(approvals={"*": {"response": "5m"}})
    sim.push()
    sim.run()
    told = [(entry["eventSource"].split(".")[0], entry["eventName"]) for entry in trail(sim.records)
            if entry["userIdentity"].get("invokedBy")]
    assert told == [("codecommit", "GetBranch"), ("codecommit", "UploadArchive"), ("codebuild", "StartBuild"),
                    ("codebuild", "StartBuild"), ("codedeploy", "CreateDeployment")]
    (deployment,) = named(sim, "CreateDeployment")
    who = deployment["userIdentity"]
    assert (who["type"], who["invokedBy"]) == ("AssumedRole", "codepipeline.amazonaws.com")
    assert who["sessionContext"]["sessionIssuer"]["arn"] == ROLE
    assert deployment["requestParameters"] == {"applicationName": "shop", "deploymentGroupName": "web"}
    assert deployment["responseElements"]["deploymentId"].startswith("d-")
    assert deployment["sourceIPAddress"] == deployment["userAgent"] == "codepipeline.amazonaws.com"


def test_a_build_is_started_when_it_gets_its_slot() -> None:
    sim = simulate(capacity={"CodeBuild": 1})
    sim.push()
    sim.run("6m")
    assert [entry["eventTime"][11:19] for entry in named(sim, "StartBuild")] == ["09:00:10", "09:04:10"]


def test_what_the_role_may_not_do_is_denied_in_the_trail() -> None:
    only_source = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", "Action": [
        "codecommit:*", "s3:*"]}]}
    sim = simulate(roles={ROLE: [only_source]})
    sim.push()
    sim.run()
    denied = [entry for entry in trail(sim.records) if "errorCode" in entry]
    assert {(entry["eventSource"], entry["eventName"], entry["errorCode"]) for entry in denied} == {
        ("codebuild.amazonaws.com", "StartBuild", "AccessDenied")}
    assert "not authorized" in denied[0]["errorMessage"]


@pytest.mark.parametrize(("by", "kind", "user"), [
    ("lee", "IAMUser", "lee"),
    ("arn:aws:iam::111122223333:user/team/lee", "IAMUser", "lee"),
    ("arn:aws:iam::111122223333:root", "Root", None),
    ("arn:aws:iam::111122223333:role/Admin", "AssumedRole", None),
    ("arn:aws:sts::111122223333:federated-user/lee", "FederatedUser", None),
    ("events.amazonaws.com", "AWSService", None),
])
def test_every_kind_of_caller_has_its_identity(by: str, kind: str, user: str | None) -> None:
    who = identity(simulate().state, by)
    assert (who["type"], who.get("userName")) == (kind, user)


# ---------------------------------------------------------------------------------------------- looking it up


def busy() -> Simulation:
    sim = simulate(pushes=[{"at": f"{minute}m"} for minute in range(0, 200, 10)], approvals={"*": {"response": "5m"}})
    do(sim, "DisableStageTransition", stageName="Prod", transitionType="Inbound", reason="freeze")
    do(sim, "EnableStageTransition", stageName="Prod", transitionType="Inbound", by=MANAGER)
    sim.run()
    return sim


def look(sim: Simulation, key: str, value: str) -> list[str]:
    found = lookup_events(sim.records, [{"AttributeKey": key, "AttributeValue": value}])
    return [event["EventName"] for event in found["Events"]]


def test_events_are_looked_up_by_one_attribute() -> None:
    sim = busy()
    assert look(sim, "EventName", "DisableStageTransition") == ["DisableStageTransition"]
    assert look(sim, "ResourceName", "shop").count("PutApprovalResult") == 20
    assert set(look(sim, "EventSource", "codedeploy.amazonaws.com")) == {"CreateDeployment"}
    assert set(look(sim, "ReadOnly", "true")) == {"GetBranch"}
    assert "EnableStageTransition" in look(sim, "Username", "lee")
    assert look(sim, "Username", "nobody") == []


def test_pages_go_back_in_time_without_gap_or_repetition() -> None:
    sim = busy()
    whole = [entry["eventID"] for entry in reversed(trail(sim.records))]
    found, token = list[str](), None
    while True:
        page = lookup_events(sim.records, max_results=50, next_token=token)
        found += [event["EventId"] for event in page["Events"]]
        token = page.get("NextToken")
        if token is None:
            break
    assert found == whole
    assert len(whole) > 100


def test_a_range_of_time_and_the_ninety_days() -> None:
    sim = busy()
    start, end = moment(sim.state, 600), moment(sim.state, 1200)
    events = lookup_events(sim.records, start=start, end=end)["Events"]
    assert events
    assert all(start <= event["EventTime"] <= end for event in events)
    sim.run("100d")
    sim.call("GetPipeline", name="shop")
    assert [event["EventName"] for event in lookup_events(sim.records)["Events"]] == ["GetPipeline"]


def test_answers_have_cloudtrails_shape() -> None:
    model = botocore.loaders.Loader().load_service_model("cloudtrail", "service-2")
    shape = botocore.model.ServiceModel(model).operation_model("LookupEvents").output_shape
    answer = lookup_events(busy().records)
    assert botocore.validate.ParamValidator().validate(answer, shape).generate_report() == ""
    assert json.loads(answer["Events"][0]["CloudTrailEvent"])["eventID"] == answer["Events"][0]["EventId"]


@pytest.mark.parametrize(("error", "asked"), [
    ("InvalidLookupAttributesException", {"attributes": [{"AttributeKey": "Colour", "AttributeValue": "red"}]}),
    ("InvalidLookupAttributesException", {"attributes": [{"AttributeKey": "EventName", "AttributeValue": "a"}] * 2}),
    ("InvalidMaxResultsException", {"max_results": 51}),
    ("InvalidNextTokenException", {"next_token": "mine"}),
])
def test_wrong_questions_are_refused_by_name(error: str, asked: dict[str, Any]) -> None:
    with pytest.raises(Refused, match=error):
        lookup_events(simulate().records, **asked)


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    sim = simulate()
    now = moment(sim.state, 0)
    with pytest.raises(Refused, match="InvalidTimeRangeException"):
        lookup_events(sim.records, start=now, end=now - timedelta(hours=1))
