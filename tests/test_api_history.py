"""The history: executions, action executions and rule executions, with filters, pages and artifacts (9.3, 9.5, 3)."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_sim.pipeline.model import Action, ActionType, Condition, Rule, Stage, Variable
from pipeline_sim.record import BEFORE_ENTRY, Result, RuleChanged
from pipeline_sim.refused import Refused

from .api_stories import ACCOUNT, COMMIT, DEPLOY, LEE, SOURCE, Story, ask, pipeline, recorded_answer


def finished(story: Story, number: int) -> Story:
    """One execution that succeeds in all stages."""
    story.reaches_prod(number).action(number, "Prod/Approve", "Succeeded", by=LEE).action(number, "Prod/Deploy")
    story.at(story.now + 60).action(number, "Prod/Deploy", "Succeeded").stage(number, "Prod", "Succeeded")
    return story.execution(number, "Succeeded")


def rows(story: Story, **request: Any) -> list[dict[str, Any]]:
    return list(ask(story.state, "ListActionExecutions", pipelineName="web-shop", **request)["actionExecutionDetails"])


def summaries(story: Story, **request: Any) -> list[dict[str, Any]]:
    given = ask(story.state, "ListPipelineExecutions", pipelineName="web-shop", **request)
    return list(given["pipelineExecutionSummaries"])


def refused(story: Story, operation: str, **request: Any) -> str:
    with pytest.raises(Refused) as refusal:
        ask(story.state, operation, **request)
    return refusal.value.error


def test_an_execution_says_what_started_it_and_with_which_revision() -> None:
    story = Story(pipeline(variables=(Variable("Colour", "green"),)))
    story.starts(1, variables={"Colour": "blue"}).stage(1, "Source").action(1, "Source/App")
    story.at(20).action(1, "Source/App", "Succeeded", revision=COMMIT)
    identifier = summaries(story)[0]["pipelineExecutionId"]
    given = ask(story.state, "GetPipelineExecution", pipelineName="web-shop", pipelineExecutionId=identifier)
    execution = given["pipelineExecution"]
    assert execution["trigger"] == {"triggerType": "StartPipelineExecution", "triggerDetail": LEE}
    assert execution["variables"] == [{"name": "Colour", "resolvedValue": "blue"}]
    assert execution["artifactRevisions"][0]["name"] == "AppSourceCode"
    assert execution["artifactRevisions"][0]["revisionId"] == COMMIT.id
    assert (execution["executionMode"], execution["executionType"]) == ("SUPERSEDED", "STANDARD")


def test_an_unknown_execution_is_refused() -> None:
    nobody = "3f0b8c52-5a0f-4d7e-8a3e-1b2c3d4e5f60"
    request = {"pipelineName": "web-shop", "pipelineExecutionId": nobody}
    assert refused(Story(), "GetPipelineExecution", **request) == "PipelineExecutionNotFoundException"
    assert refused(Story(), "ListActionExecutions", pipelineName="web-shop",
                   filter={"pipelineExecutionId": nobody}) == "PipelineExecutionNotFoundException"
    assert refused(Story(), "ListPipelineExecutions", pipelineName="shop") == "PipelineNotFoundException"


def test_the_id_of_another_pipelines_execution_is_unknown_here() -> None:
    story = Story(pipeline(), pipeline(name="back-office"))
    story.starts(1)
    identifier = summaries(story)[0]["pipelineExecutionId"]
    story.name = "back-office"
    story.starts(1)
    request = {"pipelineName": "back-office", "pipelineExecutionId": identifier}
    assert refused(story, "GetPipelineExecution", **request) == "PipelineExecutionNotFoundException"


def test_executions_come_newest_first() -> None:
    story = finished(finished(Story(), 1), 2)
    assert [row["startTime"] for row in summaries(story)] == sorted(
        (row["startTime"] for row in summaries(story)), reverse=True)
    assert summaries(story)[0]["sourceRevisions"] == [{
        "actionName": "App", "revisionId": COMMIT.id, "revisionSummary": "Fix the basket",
        "revisionUrl": "https://console.aws.amazon.com/codecommit/home?region=eu-west-1#/repository/shop/commit/"
                       + COMMIT.id}]


def test_a_stopped_execution_says_why() -> None:
    story = Story().starts(1).stage(1, "Source").action(1, "Source/App").execution(1, "Stopping", "Wrong branch")
    assert summaries(story)[0]["stopTrigger"] == {"reason": "Wrong branch"}
    assert "stopTrigger" not in summaries(Story().starts(1))[0]


def test_candidates_for_a_rollback_are_the_successes_of_a_stage() -> None:
    story = finished(Story(), 1).reaches_prod(2)
    found = summaries(story, filter={"succeededInStage": {"stageName": "Prod"}})
    assert [row["status"] for row in found] == ["Succeeded"]
    assert len(summaries(story, filter={"succeededInStage": {"stageName": "Build"}})) == 2


def test_a_rollback_names_its_target() -> None:
    story = finished(Story(), 1)
    story.starts(2, trigger="ManualRollback", kind="ROLLBACK", target=1, stage="Prod").stage(2, "Prod")
    newest, oldest = summaries(story)
    assert newest["executionType"] == "ROLLBACK"
    assert newest["rollbackMetadata"] == {"rollbackTargetPipelineExecutionId": oldest["pipelineExecutionId"]}
    assert newest["trigger"]["triggerDetail"] == f'{{"AwsUserArn": "{LEE}"}}'


def test_an_attempt_as_the_history_prints_it() -> None:
    deploy, approve, build, source = rows(finished(Story(), 1))
    assert [row["actionName"] for row in (deploy, approve, build, source)] == ["Deploy", "Approve", "Compile", "App"]
    assert source["output"]["outputVariables"]["CommitId"] == COMMIT.id
    assert source["input"]["namespace"] == "Commit"
    assert source["output"]["executionResult"]["externalExecutionSummary"] == "Fix the basket"
    assert approve["updatedBy"] == LEE
    assert build["input"]["region"] == "eu-west-1"
    assert build["input"]["inputArtifacts"] == source["output"]["outputArtifacts"]
    assert build["output"]["executionResult"]["externalExecutionId"].startswith("shop-build:")
    assert deploy["input"]["resolvedConfiguration"] == deploy["input"]["configuration"]
    assert deploy["output"]["executionResult"]["externalExecutionSummary"] == "Deployment Succeeded"


def test_an_artifact_lies_in_the_store_under_two_short_names() -> None:
    where = rows(finished(Story(), 1))[-1]["output"]["outputArtifacts"][0]["s3location"]
    assert where["bucket"] == "shop-artifacts"
    assert where["key"].startswith("web-shop/AppSourceC/") and len(where["key"]) == len("web-shop/AppSourceC/") + 7


def test_an_action_of_another_region_reads_a_copy_in_its_own_store() -> None:
    from dataclasses import replace

    from pipeline_sim.pipeline.model import ArtifactStore

    away = replace(DEPLOY, region="us-east-1")
    build = Action("Compile", ActionType("Build", "AWS", "CodeBuild"), inputs=("AppSourceCode",), outputs=("Binary",))
    stores = {"eu-west-1": ArtifactStore("near"), "us-east-1": ArtifactStore("far")}
    story = Story(pipeline(Stage("Source", (SOURCE,)), Stage("Build", (build,)), Stage("Prod", (away,)), stores=stores))
    story.starts(1).stage(1, "Source").action(1, "Source/App").action(1, "Source/App", "Succeeded", revision=COMMIT)
    story.stage(1, "Build").action(1, "Build/Compile").action(1, "Build/Compile", "Succeeded")
    story.stage(1, "Prod").action(1, "Prod/Deploy")
    deploy, built, _ = rows(story)
    made, read = built["output"]["outputArtifacts"][0], deploy["input"]["inputArtifacts"][0]
    assert (made["s3location"]["bucket"], read["s3location"]["bucket"]) == ("near", "far")
    assert made["s3location"]["key"] == read["s3location"]["key"]


def test_a_retry_writes_a_new_object_and_the_old_one_stays_in_the_history() -> None:
    story = Story().starts(1).stage(1, "Source").action(1, "Source/App")
    story.action(1, "Source/App", "Succeeded", revision=COMMIT).stage(1, "Source", "Succeeded").stage(1, "Build")
    for attempt in (1, 2):
        story.action(1, "Build/Compile", attempt=attempt).action(1, "Build/Compile", "Succeeded", attempt=attempt)
    story.stage(1, "Prod").action(1, "Prod/Approve").action(1, "Prod/Approve", "Succeeded").action(1, "Prod/Deploy")
    deploy, _, second, first, _ = rows(story)
    assert first["output"]["outputArtifacts"] != second["output"]["outputArtifacts"]
    assert deploy["input"]["inputArtifacts"] == second["output"]["outputArtifacts"]


def test_secrets_are_masked() -> None:
    token = Action("App", ActionType("Source", "ThirdParty", "GitHub"), outputs=("AppSourceCode",),
                   configuration={"Owner": "lee", "Repo": "shop", "Branch": "main", "OAuthToken": "ghp_1234"})
    story = Story(pipeline(Stage("Source", (token,)), Stage("Prod", (DEPLOY,))))
    story.starts(1).stage(1, "Source").action(1, "Source/App")
    assert rows(story)[0]["input"]["configuration"]["OAuthToken"] == "****"
    assert "ghp_" not in str(ask(story.state, "GetPipeline", name="web-shop"))
    assert "ghp_" not in str(ask(story.state, "GetPipelineState", name="web-shop"))


def test_the_filter_for_one_execution_and_for_its_newest_attempts() -> None:
    story = Story().starts(1).stage(1, "Source").action(1, "Source/App").action(1, "Source/App", "Failed")
    story.action(1, "Source/App", attempt=2).action(1, "Source/App", "Succeeded", attempt=2, revision=COMMIT)
    story.starts(2).stage(2, "Source").action(2, "Source/App")
    second, first = [row["pipelineExecutionId"] for row in summaries(story)]
    assert len(rows(story)) == 3
    assert len(rows(story, filter={"pipelineExecutionId": first})) == 2
    latest = {"pipelineExecutionId": first, "startTimeRange": "Latest"}
    assert [row["status"] for row in rows(story, filter={"latestInPipelineExecution": latest})] == ["Succeeded"]
    every = {**latest, "startTimeRange": "All"}
    assert len(rows(story, filter={"latestInPipelineExecution": every})) == 2
    assert rows(story, filter={"pipelineExecutionId": second, "latestInPipelineExecution": latest}) == []


def test_pages_neither_repeat_nor_lose_anything() -> None:
    story = Story()
    for number in range(1, 8):
        story.starts(number)
    seen: list[str] = []
    request: dict[str, Any] = {"pipelineName": "web-shop", "maxResults": 3}
    while True:
        given = ask(story.state, "ListPipelineExecutions", **request)
        seen += [row["pipelineExecutionId"] for row in given["pipelineExecutionSummaries"]]
        if "nextToken" not in given:
            break
        request["nextToken"] = given["nextToken"]
        story.starts(len(story.state.pipelines["web-shop"].executions) + 1)
    assert len(seen) == len(set(seen)) == 7


def test_a_token_is_good_for_its_own_question_alone() -> None:
    story = Story(pipeline(), pipeline(name="back-office"))
    for number in (1, 2):
        story.starts(number).stage(number, "Source").action(number, "Source/App")
    token = ask(story.state, "ListPipelineExecutions", pipelineName="web-shop", maxResults=1)["nextToken"]
    for operation, request in (
        ("ListActionExecutions", {"pipelineName": "web-shop"}),
        ("ListPipelineExecutions", {"pipelineName": "back-office"}),
        ("ListPipelineExecutions", {"pipelineName": "web-shop", "filter": {"succeededInStage": {"stageName": "Prod"}}}),
        ("ListPipelines", {}),
    ):
        assert refused(story, operation, nextToken=token, **request) == "InvalidNextTokenException"
    for nonsense in ("x", "nonsense", token[:-4], "WzEsIDJd"):
        request = {"pipelineName": "web-shop", "nextToken": nonsense}
        assert refused(story, "ListPipelineExecutions", **request) == "InvalidNextTokenException"
    assert len(summaries(story, maxResults=5, nextToken=token)) == 1


def test_rules_have_their_history_too() -> None:
    rule = Rule("Quiet", "CloudWatchAlarm", {"AlarmName": "errors"})
    guarded = Stage("Prod", (DEPLOY,), before_entry=Condition("FAIL", (rule,)))
    story = Story(pipeline(Stage("Source", (SOURCE,)), guarded)).starts(1).at(10).stage(1, "Prod")
    for name, status in (("", "InProgress"), ("Quiet", "InProgress"), ("Quiet", "Succeeded"), ("", "Succeeded")):
        story._tell(RuleChanged(10, "web-shop", 1, "Prod", BEFORE_ENTRY, name, status, Result("OK")))
    given = ask(story.state, "ListRuleExecutions", pipelineName="web-shop")["ruleExecutionDetails"]
    assert [(row["ruleName"], row["status"]) for row in given] == [("Quiet", "Succeeded")]
    assert given[0]["input"]["configuration"] == {"AlarmName": "errors"}
    assert given[0]["output"]["executionResult"] == {"externalExecutionSummary": "OK"}


def test_triggers_tell_their_details() -> None:
    story = Story()
    for number, (trigger, detail, wanted) in enumerate((
        ("CreatePipeline", LEE, LEE),
        ("PollForSourceChanges", "App", "App"),
        ("CloudWatchEvent", "App", f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/codepipeline-web-shop-App"),
        ("Webhook", "App", f"arn:aws:codepipeline:eu-west-1:{ACCOUNT}:webhook:web-shop--App"),
    ), 1):
        story.starts(number, trigger=trigger, detail=detail)
        assert summaries(story)[0]["trigger"] == {"triggerType": trigger, "triggerDetail": wanted}


def test_a_pipeline_as_it_is_and_as_it_was() -> None:
    given = ask(Story().state, "GetPipeline", name="web-shop")
    assert given["metadata"]["pipelineArn"] == f"arn:aws:codepipeline:eu-west-1:{ACCOUNT}:web-shop"
    assert given["pipeline"]["version"] == 1
    assert refused(Story(), "GetPipeline", name="web-shop", version=2) == "PipelineVersionNotFoundException"


def test_pipelines_are_listed_by_name() -> None:
    story = Story(pipeline(name="b"), pipeline(name="a", mode="QUEUED"))
    given = ask(story.state, "ListPipelines")["pipelines"]
    assert [(row["name"], row["executionMode"], row["pipelineType"]) for row in given] == [
        ("a", "QUEUED", "V2"), ("b", "SUPERSEDED", "V2")]


def test_the_instances_of_an_ec2_deployment() -> None:
    ec2 = Action("Deploy", ActionType("Deploy", "AWS", "EC2"), inputs=("AppSourceCode",),
                 configuration={"InstanceTagKey": "Name", "InstanceTagValue": "web", "InstanceType": "EC2",
                                "PreScript": "stop.sh"})
    story = Story(pipeline(Stage("Source", (SOURCE,)), Stage("Prod", (ec2,)))).starts(1).stage(1, "Prod")
    story.action(1, "Prod/Deploy")
    identifier = rows(story)[0]["actionExecutionId"]
    request = {"pipelineName": "web-shop", "actionExecutionId": identifier}
    under_way = ask(story.state, "ListDeployActionExecutionTargets", **request)["targets"]
    assert sorted(row["status"] for row in under_way) == ["InProgress", "Pending", "Pending"]
    story.at(90).action(1, "Prod/Deploy", "Failed", code="JobFailed", message="stop.sh failed")
    filters = [{"name": "TARGET_STATUS", "values": ["Failed"]}]
    failed = ask(story.state, "ListDeployActionExecutionTargets", **request, filters=filters)["targets"]
    assert [row["events"][0]["name"] for row in failed] == ["PreScript"]
    assert refused(story, "ListDeployActionExecutionTargets",
                   actionExecutionId="nobody") == "ActionExecutionNotFoundException"


def members(value: Any, path: str = "") -> set[str]:
    """The paths of all members of an answer."""
    if isinstance(value, dict):
        return {found for key, part in value.items() for found in {f"{path}.{key}", *members(part, f"{path}.{key}")}}
    if isinstance(value, list):
        return {found for part in value for found in members(part, f"{path}[]")}
    return set()


def test_the_history_has_every_member_that_aws_was_recorded_to_print() -> None:
    deploy, _, _, source = rows(finished(Story(), 1))
    free = (".input.configuration.", ".input.resolvedConfiguration.", ".input.namespace")
    for ours, recording in ((deploy, "L12"), (source, "L58")):
        recorded = members(recorded_answer(f"list-action-executions.rst_{recording}"))
        missing = {path for path in recorded - members(ours) if not path.startswith(free)}
        assert not missing


def test_the_state_has_every_member_that_aws_was_recorded_to_print() -> None:
    ours = ask(finished(Story(), 1).state, "GetPipelineState", name="web-shop")
    assert members(recorded_answer("get-pipeline-state.rst_L12")) <= members(ours)


def test_variables_in_a_configuration_are_shown_raw_and_resolved() -> None:
    from dataclasses import replace

    note = {**DEPLOY.configuration, "Note": "#{Commit.CommitId}!"}
    deploy = replace(DEPLOY, inputs=("AppSourceCode",), configuration=note)
    story = Story(pipeline(Stage("Source", (SOURCE,)), Stage("Prod", (deploy,)))).starts(1).stage(1, "Source")
    story.action(1, "Source/App").action(1, "Source/App", "Succeeded", revision=COMMIT).stage(1, "Prod")
    row = rows(story.action(1, "Prod/Deploy"))[0]
    assert row["input"]["configuration"]["Note"] == "#{Commit.CommitId}!"
    assert row["input"]["resolvedConfiguration"]["Note"] == COMMIT.id + "!"


def test_a_success_of_an_earlier_version_is_no_candidate_for_a_rollback() -> None:
    from dataclasses import replace

    story = finished(Story(), 1)
    known = story.state.pipelines["web-shop"]
    known.definition = known.versions[2] = replace(known.definition, version=2)
    assert summaries(story, filter={"succeededInStage": {"stageName": "Prod"}}) == []


def test_an_action_that_has_not_succeeded_has_no_outputs() -> None:
    machine = Action("Run", ActionType("Invoke", "AWS", "StepFunctions"), outputs=("Report",), configuration={
        "StateMachineArn": f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:load"})
    story = Story(pipeline(Stage("Source", (SOURCE,)), Stage("Test", (machine,)))).starts(1).stage(1, "Test")
    story.action(1, "Test/Run")
    under_way = rows(story)[0]["output"]
    assert (under_way["outputArtifacts"], under_way["outputVariables"]) == ([], {})
    story.at(9).action(1, "Test/Run", "Succeeded")
    done = rows(story)[0]["output"]
    assert done["outputVariables"]["ExecutionArn"] == done["executionResult"]["externalExecutionId"]
    assert [one["name"] for one in done["outputArtifacts"]] == ["Report"]


def test_an_action_that_never_reached_its_provider_has_no_name_there() -> None:
    story = Story().starts(1).stage(1, "Build").action(1, "Build/Compile")
    assert rows(story)[0]["output"]["executionResult"]["externalExecutionId"].startswith("shop-build:")
    story.action(1, "Build/Compile", "Failed", code="PermissionError", message="No codebuild:StartBuild")
    assert rows(story)[0]["output"]["executionResult"] == {
        "errorDetails": {"code": "PermissionError", "message": "No codebuild:StartBuild"}}
