"""Jobs: polled for, acknowledged, answered, continued (2.5, 9.2)."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_sim.pipeline.model import Action, ActionType, Stage
from pipeline_sim.record import Called
from pipeline_sim.refused import Refused
from pipeline_sim.views.api.jobs import lambda_event

from .api_stories import SOURCE, Story, ask, pipeline

JENKINS = {"category": "Test", "owner": "Custom", "provider": "Jenkins", "version": "1"}
NOBODY = "3f0b8c52-5a0f-4d7e-8a3e-1b2c3d4e5f60"


def working(owner: str = "Custom", provider: str = "Jenkins", category: str = "Test") -> Story:
    """An action whose job waits for a worker."""
    check = Action("Check", ActionType(category, owner, provider), inputs=("AppSourceCode",), outputs=("Report",),
                   configuration={"ProjectName": "smoke", "OAuthToken": "s3cret"})
    story = Story(pipeline(Stage("Source", (SOURCE,)), Stage("Test", (check,)))).starts(1).stage(1, "Source")
    story.action(1, "Source/App").action(1, "Source/App", "Succeeded").stage(1, "Source", "Succeeded")
    return story.at(100).stage(1, "Test").action(1, "Test/Check", job=True)


def polled(story: Story, **request: Any) -> list[dict[str, Any]]:
    return list(story.called("PollForJobs", actionTypeId=JENKINS, **request)["jobs"])


def refused(story: Story, operation: str, **request: Any) -> str:
    with pytest.raises(Refused) as refusal:
        story.called(operation, **request)
    return refusal.value.error


def test_a_worker_gets_a_job_with_all_that_it_needs() -> None:
    job = polled(working())[0]
    data = job["data"]
    assert data["actionConfiguration"]["configuration"] == {"ProjectName": "smoke", "OAuthToken": "s3cret"}
    assert data["pipelineContext"]["pipelineName"] == "web-shop"
    assert data["pipelineContext"]["stage"] == {"name": "Test"}
    assert data["inputArtifacts"][0]["location"]["s3Location"]["objectKey"].startswith("web-shop/AppSourceC/")
    assert data["outputArtifacts"][0]["name"] == "Report"
    assert data["artifactCredentials"]["accessKeyId"].startswith("ASIA")
    assert job["nonce"] == "1"


def test_a_job_is_on_offer_until_somebody_acknowledges_it() -> None:
    story = working()
    assert [job["nonce"] for _ in range(2) for job in polled(story)] == ["1", "2"]
    acknowledged(story)
    assert polled(story) == []


def test_only_the_newest_nonce_acknowledges() -> None:
    story = working()
    job = polled(story)[0]
    polled(story)
    assert refused(story, "AcknowledgeJob", jobId=job["id"], nonce="1") == "InvalidNonceException"
    assert story.called("AcknowledgeJob", jobId=job["id"], nonce="2") == {"status": "InProgress"}
    assert refused(story, "AcknowledgeJob", jobId=NOBODY, nonce="2") == "JobNotFoundException"


def acknowledged(story: Story) -> str:
    job = polled(story)[0]
    story.called("AcknowledgeJob", jobId=job["id"], nonce=job["nonce"])
    return str(job["id"])


def test_a_result_needs_an_acknowledged_job_and_is_taken_once() -> None:
    story = working()
    job = polled(story)[0]
    failure = {"type": "JobFailed", "message": "3 tests failed"}
    assert refused(story, "PutJobSuccessResult", jobId=job["id"]) == "InvalidJobStateException"
    story.called("AcknowledgeJob", jobId=job["id"], nonce="1")
    story.called("PutJobSuccessResult", jobId=job["id"])
    assert refused(story, "PutJobSuccessResult", jobId=job["id"]) == "InvalidJobStateException"
    assert refused(story, "PutJobFailureResult", jobId=job["id"], failureDetails=failure) == "InvalidJobStateException"
    assert refused(story, "PutJobFailureResult", jobId=NOBODY, failureDetails=failure) == "JobNotFoundException"


def test_a_late_result_is_taken_after_an_abandonment_and_refused_after_a_time_out() -> None:
    for status, taken in (("Abandoned", True), ("Failed", False)):
        story = working()
        identifier = acknowledged(story)
        story.at(500).action(1, "Test/Check", status)
        if taken:
            story.called("PutJobSuccessResult", jobId=identifier)
        else:
            assert refused(story, "PutJobSuccessResult", jobId=identifier) == "InvalidJobStateException"


def test_a_continuation_token_begins_the_next_job_of_the_attempt() -> None:
    story = working()
    identifier = acknowledged(story)
    details = {"summary": "Half way", "externalExecutionId": "build-17", "percentComplete": 50}
    story.called("PutJobSuccessResult", jobId=identifier, continuationToken="page-2", executionDetails=details)
    stage = ask(story.state, "GetPipelineState", name="web-shop")["stageStates"][1]
    shown = stage["actionStates"][0]["latestExecution"]
    assert (shown["status"], shown["summary"], shown["externalExecutionId"], shown["percentComplete"]) == (
        "InProgress", "Half way", "build-17", 50)
    following = polled(story)[0]
    assert following["id"] != identifier
    assert following["data"]["continuationToken"] == "page-2"
    first = ask(story.state, "GetJobDetails", jobId=identifier)["jobDetails"]
    assert following["data"]["pipelineContext"] == first["data"]["pipelineContext"]


def test_output_variables_have_a_limit_and_no_place_beside_a_continuation() -> None:
    story = working()
    identifier = acknowledged(story)
    assert refused(story, "PutJobSuccessResult", jobId=identifier,
                   outputVariables={"Big": "x" * 122_878}) == "OutputVariablesSizeExceededException"
    assert refused(story, "PutJobSuccessResult", jobId=identifier, continuationToken="t",
                   outputVariables={"A": "b"}) == "ValidationException"
    story.called("PutJobSuccessResult", jobId=identifier, outputVariables={"Big": "x" * 122_877})


def test_workers_poll_for_types_that_exist() -> None:
    story = working()
    for kind in ({**JENKINS, "provider": "TeamCity"}, {**JENKINS, "owner": "AWS", "provider": "CodeBuild"}):
        assert refused(story, "PollForJobs", actionTypeId=kind) == "ActionTypeNotFoundException"
    assert refused(story, "PollForThirdPartyJobs", actionTypeId=JENKINS) == "ActionTypeNotFoundException"


def test_a_worker_may_ask_for_jobs_with_a_certain_value() -> None:
    story = working()
    assert polled(story, queryParam={"ProjectName": "other"}) == []
    assert len(polled(story, queryParam={"ProjectName": "smoke"})) == 1


def test_a_function_is_handed_its_job_and_needs_no_acknowledgement() -> None:
    story = working("AWS", "Lambda", "Invoke")
    job = next(iter(story.state.jobs.values()))
    event = lambda_event(story.state, job)["CodePipeline.job"]
    assert set(event) == {"id", "accountId", "data"}
    assert set(event["data"]) == {"actionConfiguration", "inputArtifacts", "outputArtifacts", "artifactCredentials"}
    story.called("PutJobSuccessResult", jobId=event["id"])


def test_a_partners_job_needs_its_client_token() -> None:
    story = working("ThirdParty", "Snyk", "Invoke")
    kind = {"category": "Invoke", "owner": "ThirdParty", "provider": "Snyk", "version": "1"}
    found = story.called("PollForThirdPartyJobs", actionTypeId=kind)["jobs"][0]
    identifier, token = found["jobId"], found["clientId"]
    assert refused(story, "GetThirdPartyJobDetails", jobId=identifier, clientToken="x") == "InvalidClientTokenException"
    details = ask(story.state, "GetThirdPartyJobDetails", jobId=identifier, clientToken=token)["jobDetails"]
    request = {"jobId": identifier, "nonce": details["nonce"]}
    assert refused(story, "AcknowledgeThirdPartyJob", **request, clientToken="x") == "InvalidClientTokenException"
    assert refused(story, "AcknowledgeJob", **request) == "JobNotFoundException"
    assert refused(story, "GetJobDetails", jobId=identifier) == "JobNotFoundException"
    assert story.called("AcknowledgeThirdPartyJob", **request, clientToken=token) == {"status": "InProgress"}
    assert refused(story, "PutThirdPartyJobSuccessResult", jobId=identifier,
                   clientToken="x") == "InvalidClientTokenException"
    story.called("PutThirdPartyJobSuccessResult", jobId=identifier, clientToken=token)
    assert refused(story, "PutThirdPartyJobFailureResult", jobId=identifier, clientToken=token,
                   failureDetails={"type": "JobFailed", "message": "no"}) == "InvalidJobStateException"


def test_an_ordinary_job_is_no_partners_job() -> None:
    story = working()
    identifier = acknowledged(story)
    assert refused(story, "GetThirdPartyJobDetails", jobId=identifier, clientToken="x") == "InvalidJobException"
    assert refused(story, "PutThirdPartyJobSuccessResult", jobId=identifier, clientToken="x") == "JobNotFoundException"


def test_with_the_pipeline_go_its_jobs() -> None:
    story = working()
    identifier = acknowledged(story)
    story._tell(Called(story.now, "DeletePipeline", {"name": "web-shop"}, "lee", {}))
    assert refused(story, "GetJobDetails", jobId=identifier) == "JobNotFoundException"


def test_a_deleted_type_has_no_jobs_though_a_pipeline_uses_it() -> None:
    story = working()
    counts = {"minimumCount": 0, "maximumCount": 5}
    kind = {"category": "Test", "provider": "Jenkins", "version": "1"}
    story.called("CreateCustomActionType", **kind, inputArtifactDetails=counts, outputArtifactDetails=counts)
    assert len(polled(story)) == 1
    story.called("DeleteCustomActionType", **kind)
    assert refused(story, "PollForJobs", actionTypeId=JENKINS) == "ActionTypeNotFoundException"


def test_a_continuation_after_an_abandonment_begins_nothing() -> None:
    story = working()
    identifier = acknowledged(story)
    story.at(500).action(1, "Test/Check", "Abandoned")
    story.called("PutJobSuccessResult", jobId=identifier, continuationToken="more")
    assert len(story.state.jobs) == 1
