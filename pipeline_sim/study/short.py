"""How a small pipeline is written in a few words: `{Source: [App], Build: [[Lint, Unit], Package], Prod: [Deploy]}`.

A stage is a list of action groups in their order; a group of several actions is a list of its own. An action is a name,
or `{Approve: Manual}`: its name and provider, or its name and members to override (`provider`, `category`, whatever the
structure knows). In the first stage the provider is CodeCommit with events, elsewhere CodeBuild. A stage may also be
`{actions: […], onFailure: …}`; a gate of it is written
`{result: FAIL, rules: {Quiet: {CloudWatchAlarm: {AlarmName: errors}}}}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ROLE = "arn:aws:iam::111122223333:role/pipeline"
CONFIGURATIONS: Mapping[str, Mapping[str, str]] = {
    "CodeCommit": {"RepositoryName": "shop", "BranchName": "main", "PollForSourceChanges": "false"},
    "S3": {"S3Bucket": "sources", "S3ObjectKey": "app.zip", "PollForSourceChanges": "false"},
    "ECR": {"RepositoryName": "shop"},
    "CodeStarSourceConnection": {
        "ConnectionArn": "arn:aws:codeconnections:eu-west-1:111122223333:connection/c", "FullRepositoryId": "acme/shop",
        "BranchName": "main"},
    "CodeBuild": {"ProjectName": "shop"},
    "CodeDeploy": {"ApplicationName": "shop", "DeploymentGroupName": "prod"},
    "ECS": {"ClusterName": "shop", "ServiceName": "web"},
    "ElasticBeanstalk": {"ApplicationName": "shop", "EnvironmentName": "prod"},
    "Lambda": {"FunctionName": "check"},
    "StepFunctions": {"StateMachineArn": "arn:aws:states:eu-west-1:111122223333:stateMachine:shop"},
    "CodePipeline": {"PipelineName": "other"},
}
CATEGORIES: Mapping[str, str] = {
    "CodeCommit": "Source", "S3": "Source", "ECR": "Source", "CodeStarSourceConnection": "Source", "GitHub": "Source",
    "Manual": "Approval", "CodeDeploy": "Deploy", "CodeDeployToECS": "Deploy", "ECS": "Deploy", "CloudFormation": "Deploy",
    "ElasticBeanstalk": "Deploy", "AppConfig": "Deploy", "EC2": "Deploy", "EKS": "Deploy",
    "Lambda": "Invoke", "StepFunctions": "Invoke", "CodePipeline": "Invoke", "InspectorScan": "Invoke",
    "Commands": "Compute", "DeviceFarm": "Test"}
OWNERS: Mapping[str, str] = {"Jenkins": "Custom", "TeamCity": "Custom", "GitHub": "ThirdParty"}
WITHOUT_INPUT = frozenset({"Approval", "Invoke"})


def structure(stages: Mapping[str, Any], *, name: str = "shop", mode: str = "SUPERSEDED", **members: Any) -> dict[str, Any]:
    """The structure that AWS knows of such a pipeline; `members` replace or add members of the pipeline, a member that
    is None is left out."""
    stages = {stage: body for stage, body in stages.items() if body is not None}
    source = _first(stages)
    made = {"name": name, "roleArn": ROLE, "executionMode": mode, "pipelineType": "V2",
            "artifactStore": {"type": "S3", "location": "artifacts"},
            "stages": [_stage(stage, body, place, source) for place, (stage, body) in enumerate(stages.items())], **members}
    return {key: value for key, value in made.items() if value is not None}


def _first(stages: Mapping[str, Any]) -> str:
    """The artifact that actions read where nothing is said: the first source's, which is named as the action is."""
    for body in stages.values():
        for _, given in _given(body):
            return _named(given)[0]
    return "App"


def _given(body: Any) -> list[tuple[int, Any]]:
    """(run order, action) of a stage's body."""
    groups = body["actions"] if isinstance(body, Mapping) else body
    return [(order, action) for order, group in enumerate(groups, 1)
            for action in (group if isinstance(group, list) else [group])]


def _named(given: Any) -> tuple[str, Any]:
    return next(iter(given.items())) if isinstance(given, Mapping) else (given, {})


def _stage(name: str, body: Any, place: int, source: str) -> dict[str, Any]:
    said = body if isinstance(body, Mapping) else {}
    members = {key: _gate(value) for key, value in said.items() if key != "actions"}
    return {"name": name, "actions": [_action(action, order, place, source) for order, action in _given(body)], **members}


def _gate(said: Any) -> Any:
    """A gate's condition written out; what is not in short form stays as it is."""
    rules = said.get("rules") if isinstance(said, Mapping) else None
    if not isinstance(rules, Mapping):
        return said
    written = [{"name": name, "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": provider, "version": "1"},
                "configuration": dict(configuration or {})}
               for name, rule in rules.items() for provider, configuration in rule.items()]
    return {"conditions": [{"result": said["result"], "rules": written}]}


def _action(given: Any, order: int, stage: int, source: str) -> dict[str, Any]:
    name, said = _named(given)
    members: dict[str, Any] = {"provider": said} if isinstance(said, str) else dict(said or {})
    provider = members.pop("provider", "CodeCommit" if stage == 0 else "CodeBuild")
    category = members.pop("category", CATEGORIES.get(provider, "Build" if provider != "S3" else "Deploy"))
    if provider == "S3" and stage > 0:
        category = "Deploy"
    settings = {} if (provider, category) == ("S3", "Deploy") else CONFIGURATIONS.get(provider, {})
    kind = {"category": category, "owner": OWNERS.get(provider, "AWS"), "provider": provider, "version": "1"}
    configuration = {**settings, **members.pop("configuration", {})}
    action: dict[str, Any] = {"name": name, "runOrder": order, "actionTypeId": kind,
                              "configuration": {key: value for key, value in configuration.items() if value is not None}}
    if category == "Source":
        action["outputArtifacts"] = [{"name": name}]
    elif category not in WITHOUT_INPUT:
        action["inputArtifacts"] = [{"name": source}]
    for direction, key in (("reads", "inputArtifacts"), ("makes", "outputArtifacts")):
        if direction in members:
            action[key] = [{"name": one} for one in members.pop(direction)]
    return {**action, **members}
