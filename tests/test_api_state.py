"""GetPipelineState: what each stage shows, and when (9.4, 9.5, 4.3, 4.7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline_sim.pipeline.model import Action, ActionType, Condition, Rule, Stage
from pipeline_sim.record import BEFORE_ENTRY, Result, RuleChanged
from pipeline_sim.refused import Refused

from .api_stories import COMMIT, DEPLOY, LEE, SEED, SOURCE, Story, ask, pipeline

ZERO = datetime(2030, 1, 7, 9, tzinfo=UTC)


def stages(story: Story) -> dict[str, dict[str, Any]]:
    given = ask(story.state, "GetPipelineState", name="web-shop")
    return {stage["stageName"]: stage for stage in given["stageStates"]}


def actions(story: Story, stage: str) -> dict[str, dict[str, Any]]:
    return {action["actionName"]: action for action in stages(story)[stage]["actionStates"]}


def test_nothing_has_run_yet() -> None:
    prod = stages(Story())["Prod"]
    assert prod["inboundExecutions"] == []
    assert prod["inboundTransitionState"] == {"enabled": True}
    assert prod["actionStates"][0] == {"actionName": "Approve"}
    assert set(prod["actionStates"][1]) == {"actionName", "entityUrl"}
    assert "latestExecution" not in prod and "inboundExecution" not in prod


def test_an_unknown_pipeline_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        ask(Story().state, "GetPipelineState", name="web-shoe")
    assert refused.value.error == "PipelineNotFoundException"


def test_an_approval_shows_its_token_while_it_waits() -> None:
    story = Story().reaches_prod()
    waiting = actions(story, "Prod")["Approve"]["latestExecution"]
    assert waiting["status"] == "InProgress"
    assert waiting["lastStatusChange"] == ZERO + timedelta(seconds=600)
    token = waiting["token"]
    story.at(900).action(1, "Prod/Approve", "Succeeded", summary="Looks good", by=LEE)
    answered = actions(story, "Prod")["Approve"]["latestExecution"]
    assert "token" not in answered and token
    assert (answered["summary"], answered["lastUpdatedBy"]) == ("Looks good", LEE)
    assert answered["lastStatusChange"] == ZERO + timedelta(seconds=900)


def test_an_action_not_yet_reached_has_no_execution_though_an_earlier_run_had_one() -> None:
    story = Story().reaches_prod(1)
    story.action(1, "Prod/Approve", "Succeeded", by=LEE).action(1, "Prod/Deploy").at(700)
    story.action(1, "Prod/Deploy", "Succeeded").stage(1, "Prod", "Succeeded").execution(1, "Succeeded")
    assert actions(story, "Prod")["Deploy"]["latestExecution"]["status"] == "Succeeded"
    story.reaches_prod(2)
    assert "latestExecution" not in actions(story, "Prod")["Deploy"]
    assert stages(story)["Prod"]["latestExecution"]["status"] == "InProgress"


def test_a_source_action_shows_its_revision() -> None:
    source = actions(Story().reaches_prod(), "Source")["App"]
    assert source["currentRevision"]["revisionId"] == COMMIT.id
    assert source["latestExecution"]["externalExecutionId"] == COMMIT.id
    assert source["latestExecution"]["summary"] == "Fix the basket"
    assert source["revisionUrl"].endswith(COMMIT.id)


def test_a_deployment_is_named_as_codedeploy_names_it() -> None:
    story = Story().reaches_prod().action(1, "Prod/Approve", "Succeeded", by=LEE).action(1, "Prod/Deploy")
    latest = actions(story, "Prod")["Deploy"]["latestExecution"]
    assert latest["externalExecutionId"].startswith("d-")
    assert latest["externalExecutionUrl"] == (
        "https://console.aws.amazon.com/codedeploy/home?region=eu-west-1#/deployments/" + latest["externalExecutionId"])


def test_a_failure_shows_its_code_and_message() -> None:
    story = Story().starts(1).stage(1, "Source").action(1, "Source/App")
    story.at(9).action(1, "Source/App", "Failed", code="PermissionError", message="No access to shop")
    latest = actions(story, "Source")["App"]["latestExecution"]
    assert latest["errorDetails"] == {"code": "PermissionError", "message": "No access to shop"}
    assert "externalExecutionId" not in latest


def test_who_stands_in_front_of_a_stage() -> None:
    story = Story(pipeline(mode="QUEUED")).reaches_prod(1)
    for number in (2, 3):
        story.starts(number, mode="QUEUED").stage(number, "Prod", "Inbound")
    prod = stages(story)["Prod"]
    assert len(prod["inboundExecutions"]) == 2
    assert prod["inboundExecution"] == prod["inboundExecutions"][0]
    assert prod["inboundExecution"]["status"] == "InProgress"
    assert prod["latestExecution"]["pipelineExecutionId"] != prod["inboundExecution"]["pipelineExecutionId"]


def test_a_closed_transition_says_who_closed_it_and_why() -> None:
    from pipeline_sim.record import Called

    story = Story().at(60)
    request = {"pipelineName": "web-shop", "stageName": "Prod", "transitionType": "Inbound", "reason": "Freeze"}
    story._tell(Called(60, "DisableStageTransition", request, "lee", {}))
    assert stages(story)["Prod"]["inboundTransitionState"] == {
        "enabled": False, "lastChangedBy": LEE, "lastChangedAt": ZERO + timedelta(seconds=60),
        "disabledReason": "Freeze"}


def test_in_parallel_mode_the_stages_are_empty() -> None:
    story = Story(pipeline(mode="PARALLEL"))
    story.starts(1, mode="PARALLEL").stage(1, "Source").action(1, "Source/App")
    source = stages(story)["Source"]
    assert "latestExecution" not in source
    assert "latestExecution" not in source["actionStates"][0]


def test_a_retry_is_counted() -> None:
    story = Story().starts(1).stage(1, "Source").action(1, "Source/App").at(5).action(1, "Source/App", "Failed")
    story.stage(1, "Source", "InProgress", retry="AutomatedStageRetry", mode="FAILED_ACTIONS")
    story.action(1, "Source/App", attempt=2)
    assert stages(story)["Source"]["retryStageMetadata"] == {
        "autoStageRetryAttempt": 1, "latestRetryTrigger": "AutomatedStageRetry"}
    assert actions(story, "Source")["App"]["latestExecution"]["status"] == "InProgress"


def test_a_condition_shows_its_rules() -> None:
    rule = Rule("Quiet", "CloudWatchAlarm", {"AlarmName": "errors"})
    guarded = Stage("Prod", (DEPLOY,), before_entry=Condition("FAIL", (rule,)))
    build = Action("Make", ActionType("Build", "AWS", "CodeBuild"), outputs=("Binary",))
    story = Story(pipeline(Stage("Source", (SOURCE,)), Stage("Build", (build,)), guarded))
    idle = stages(story)["Prod"]["beforeEntryConditionState"]
    assert idle == {"conditionStates": [{"ruleStates": [{"ruleName": "Quiet"}]}]}
    story.starts(1).at(10).stage(1, "Prod")
    for name, status in (("", "InProgress"), ("Quiet", "InProgress"), ("Quiet", "Failed"), ("", "Failed")):
        result = Result("errors is in ALARM", "RuleFailed", "errors is in ALARM") if status == "Failed" else None
        story._tell(RuleChanged(10, "web-shop", 1, "Prod", BEFORE_ENTRY, name, status, result))
    gate = stages(story)["Prod"]["beforeEntryConditionState"]
    assert gate["latestExecution"] == {"status": "Failed", "summary": "errors is in ALARM"}
    one = gate["conditionStates"][0]["ruleStates"][0]["latestExecution"]
    assert one["status"] == "Failed" and one["errorDetails"]["code"] == "RuleFailed"


def test_a_seed_names_things_its_own_way() -> None:
    assert SEED == 7
    state = Story().reaches_prod().state
    first = ask(state, "GetPipelineState", name="web-shop")
    state.seed = 8
    second = ask(state, "GetPipelineState", name="web-shop")
    assert first != second


def updated(story: Story, mode: str) -> Story:
    """The pipeline's next version, in another mode."""
    from dataclasses import replace

    known = story.state.pipelines["web-shop"]
    known.definition = replace(known.definition, mode=mode, version=known.definition.version + 1)
    known.versions[known.definition.version] = known.definition
    return story


def test_a_change_to_parallel_empties_the_stages_and_a_change_back_shows_what_was_known() -> None:
    story = Story().reaches_prod(1)
    story.starts(2).stage(2, "Source", "Inbound")
    before = stages(story)["Source"]["latestExecution"]
    updated(story, "PARALLEL")
    assert all("latestExecution" not in stage and stage["inboundExecutions"] == [] for stage in stages(story).values())
    story.starts(3, mode="PARALLEL").stage(3, "Source")
    updated(story, "QUEUED")
    assert stages(story)["Source"]["latestExecution"] == before
