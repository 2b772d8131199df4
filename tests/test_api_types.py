"""Types of actions: what there is, and types of one's own (9.2, 10)."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_sim.refused import Refused

from .api_stories import Story, ask

JENKINS: dict[str, Any] = {
    "category": "Build", "provider": "Jenkins", "version": "1",
    "settings": {"entityUrlTemplate": "https://ci.example.com/job/{Config:ProjectName}"},
    "configurationProperties": [
        {"name": "ProjectName", "required": True, "key": True, "secret": False, "queryable": True}],
    "inputArtifactDetails": {"minimumCount": 0, "maximumCount": 5},
    "outputArtifactDetails": {"minimumCount": 0, "maximumCount": 5},
}


def refused(story: Story, operation: str, **request: Any) -> str:
    with pytest.raises(Refused) as refusal:
        story.called(operation, **request)
    return refusal.value.error


def listed(story: Story, **request: Any) -> list[dict[str, Any]]:
    return list(ask(story.state, "ListActionTypes", **request)["actionTypes"])


def test_the_types_of_each_owner() -> None:
    assert {one["id"]["owner"] for one in listed(Story())} == {"AWS", "ThirdParty"}
    assert all(one["id"]["owner"] == "ThirdParty" for one in listed(Story(), actionOwnerFilter="ThirdParty"))
    assert listed(Story(), actionOwnerFilter="Custom") == []
    codebuild = next(one for one in listed(Story()) if one["id"]["provider"] == "CodeBuild")
    assert codebuild["inputArtifactDetails"] == {"minimumCount": 1, "maximumCount": 5}
    assert [one["name"] for one in codebuild["actionConfigurationProperties"] if one["required"]] == ["ProjectName"]
    assert refused(Story(), "ListActionTypes", nextToken="more") == "InvalidNextTokenException"


def test_a_type_of_ones_own() -> None:
    story = Story()
    made = story.called("CreateCustomActionType", **JENKINS, tags=[{"key": "team", "value": "ci"}])
    assert made["actionType"]["id"] == {"category": "Build", "owner": "Custom", "provider": "Jenkins", "version": "1"}
    assert listed(story, actionOwnerFilter="Custom") == [made["actionType"]]
    arn = "arn:aws:codepipeline:eu-west-1:111122223333:actiontype:Custom/Build/Jenkins/1"
    assert ask(story.state, "ListTagsForResource", resourceArn=arn)["tags"] == [{"key": "team", "value": "ci"}]


def test_a_deleted_type_comes_back_only_as_it_was() -> None:
    story = Story()
    story.called("CreateCustomActionType", **JENKINS)
    assert refused(story, "CreateCustomActionType", **JENKINS) == "ValidationException"
    for _ in range(2):
        story.called("DeleteCustomActionType", category="Build", provider="Jenkins", version="1")
    assert listed(story, actionOwnerFilter="Custom") == []
    kind = {"category": "Build", "owner": "Custom", "provider": "Jenkins", "version": "1"}
    assert refused(story, "PollForJobs", actionTypeId=kind) == "ActionTypeNotFoundException"
    assert refused(story, "CreateCustomActionType", **{**JENKINS, "settings": {}}) == "ValidationException"
    story.called("CreateCustomActionType", **JENKINS)
    assert story.called("PollForJobs", actionTypeId=kind) == {"jobs": []}
    assert refused(story, "PollForJobs", actionTypeId=kind, queryParam={"Colour": "red"}) == "ValidationException"


@pytest.mark.parametrize("change", [
    {"category": "Approval"},
    {"inputArtifactDetails": {"minimumCount": 3, "maximumCount": 2}},
    {"configurationProperties": JENKINS["configurationProperties"] * 2},
    {"configurationProperties": [{**JENKINS["configurationProperties"][0], "secret": True}]},
    {"configurationProperties": [{**JENKINS["configurationProperties"][0], "name": name} for name in "ab"]},
])
def test_a_type_that_is_refused(change: dict[str, Any]) -> None:
    assert refused(Story(), "CreateCustomActionType", **{**JENKINS, **change}) == "ValidationException"


def test_the_account_has_50_types_of_its_own_at_most() -> None:
    story = Story()
    for number in range(50):
        story.called("CreateCustomActionType", **{**JENKINS, "version": str(number)})
    assert refused(story, "CreateCustomActionType", **{**JENKINS, "version": "50"}) == "LimitExceededException"


def test_one_type_as_its_provider_declares_it() -> None:
    kind = {"category": "Invoke", "owner": "ThirdParty", "provider": "Snyk", "version": "1"}
    story = Story()
    declaration = ask(story.state, "GetActionType", **kind)["actionType"]
    assert declaration["id"] == kind
    assert refused(story, "GetActionType", **{**kind, "provider": "Snick"}) == "ActionTypeNotFoundException"
    changed = {**declaration, "description": "Looks for known holes"}
    story.called("UpdateActionType", actionType=changed)
    assert ask(story.state, "GetActionType", **kind)["actionType"] == changed
    unknown = {**changed, "id": {**kind, "version": "2"}}
    assert refused(story, "UpdateActionType", actionType=unknown) == "ActionTypeNotFoundException"
    function = {**changed, "executor": {**changed["executor"], "type": "Lambda"}}
    assert refused(story, "UpdateActionType", actionType=function) == "ValidationException"


def test_awss_own_types_cannot_be_updated() -> None:
    kind = {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"}
    declaration = ask(Story().state, "GetActionType", **kind)["actionType"]
    assert refused(Story(), "UpdateActionType", actionType=declaration) == "RequestFailedException"


def test_there_are_six_rules() -> None:
    given = ask(Story().state, "ListRuleTypes")["ruleTypes"]
    assert {one["id"]["provider"] for one in given} == {
        "CloudWatchAlarm", "CodeBuild", "Commands", "DeploymentWindow", "LambdaInvoke", "VariableCheck"}
