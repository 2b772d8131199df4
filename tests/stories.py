"""Small pipelines for stories: `pipeline({"Source": ["App"], "Build": [["Lint", "Compile"], "Package"]})`.

A stage is a list of action groups in their order; a group of several actions is a list of its own. An action is a name, or
`{"Approve": "Manual"}`: name and provider, or name and members to override. In the first stage the provider is CodeCommit
(events, not polling), elsewhere CodeBuild.
"""

from __future__ import annotations

from typing import Any

from pipeline_sim import Pipeline, Scenario, Simulation
from pipeline_sim.record import (
    ActionChanged,
    Called,
    ExecutionChanged,
    PollFailed,
    Record,
    RevisionArrived,
    RuleChanged,
    StageChanged,
)
from pipeline_sim.study.clinic.steps import CODES

ROLE = "arn:aws:iam::111122223333:role/pipeline"
CONFIGURATIONS: dict[str, dict[str, str]] = {
    "CodeCommit": {"RepositoryName": "shop", "BranchName": "main", "PollForSourceChanges": "false"},
    "S3": {"S3Bucket": "sources", "S3ObjectKey": "app.zip", "PollForSourceChanges": "false"},
    "ECR": {"RepositoryName": "shop"},
    "CodeStarSourceConnection": {
        "ConnectionArn": "arn:aws:codeconnections:eu-west-1:111122223333:connection/c", "FullRepositoryId": "acme/shop",
        "BranchName": "main"},
    "CodeBuild": {"ProjectName": "shop"},
    "CodeDeploy": {"ApplicationName": "shop", "DeploymentGroupName": "prod"},
    "Lambda": {"FunctionName": "check"},
    "CodePipeline": {"PipelineName": "other"},
    "CloudFormation": {"ActionMode": "CREATE_UPDATE", "StackName": "shop", "ChangeSetName": "release",
                       "TemplatePath": "App::template.yaml", "RoleArn": "arn:aws:iam::111122223333:role/stack"},
    "ElasticBeanstalk": {"ApplicationName": "shop", "EnvironmentName": "prod"},
}
CATEGORIES = {"CodeCommit": "Source", "S3": "Source", "ECR": "Source", "CodeStarSourceConnection": "Source",
              "Manual": "Approval", "CodeDeploy": "Deploy", "CloudFormation": "Deploy", "ECS": "Deploy",
              "ElasticBeanstalk": "Deploy", "Lambda": "Invoke",
              "CodePipeline": "Invoke", "Commands": "Compute", "Jenkins": "Build"}

READERS = ("CodeBuild", "CodeDeploy", "ElasticBeanstalk", "Commands", "CloudFormation", "ECS")


def structure(stages: dict[str, Any], *, name: str = "shop", mode: str = "SUPERSEDED", **members: Any) -> dict[str, Any]:
    """The structure of such a pipeline. A stage may also be `{"actions": […], "onFailure": …}`."""
    return {"name": name, "roleArn": ROLE, "executionMode": mode, "pipelineType": "V2",
            "artifactStore": {"type": "S3", "location": "artifacts"},
            "stages": [_stage(stage, body, place) for place, (stage, body) in enumerate(stages.items())], **members}


def _stage(name: str, body: Any, place: int) -> dict[str, Any]:
    groups = body["actions"] if isinstance(body, dict) else body
    members = {key: value for key, value in body.items() if key != "actions"} if isinstance(body, dict) else {}
    actions = [_action(action, order, place) for order, group in enumerate(groups, 1)
               for action in (group if isinstance(group, list) else [group])]
    return {"name": name, "actions": actions, **members}


def _action(given: Any, order: int, stage: int) -> dict[str, Any]:
    name, said = next(iter(given.items())) if isinstance(given, dict) else (given, {})
    members: dict[str, Any] = {"provider": said} if isinstance(said, str) else dict(said)
    provider = members.pop("provider", "CodeCommit" if stage == 0 else "CodeBuild")
    category = members.pop("category", CATEGORIES.get(provider, "Build"))
    owner = "Custom" if provider == "Jenkins" else "AWS"
    action: dict[str, Any] = {"name": name, "runOrder": order,
              "actionTypeId": {"category": category, "owner": owner, "provider": provider, "version": "1"},
              "configuration": {**CONFIGURATIONS.get(provider, {}), **members.pop("configuration", {})}}
    if category == "Source":
        action["outputArtifacts"] = [{"name": name}]
    elif provider in READERS and "inputArtifacts" not in members:
        action["inputArtifacts"] = [{"name": "App"}]
    return {**action, **members}


def continues(event: dict[str, Any], context: Any) -> None:
    """A function that asks twice to be called again."""
    job = event["CodePipeline.job"]
    token = job["data"].get("continuationToken", "")
    context.call("PutJobSuccessResult", jobId=job["id"], **({"continuationToken": f"{token}+"} if len(token) < 2 else {}))


FUNCTIONS = {**CODES, "continues": continues}
"""What a function of Lambda may do in a trace."""


def pipeline(stages: dict[str, Any], **members: Any) -> Pipeline:
    return Pipeline.load(structure(stages, **members))


def simulation(stages: dict[str, Any], world: dict[str, Any] | None = None, seed: int = 0, **members: Any) -> Simulation:
    """A simulation of such a pipeline, in which every action takes a minute unless the world says otherwise."""
    made = pipeline(stages, **members)
    said = {"actions": {}, **(world or {})}
    said["actions"] = {"*": {"duration": "60s"}, **said["actions"]}
    return Simulation(made, Scenario.load(said, [made]), seed=seed)


def line(record: Record) -> str | None:
    """A record as a trace tells it: `60 #1 Build/Lint Failed`; None for what traces leave out."""
    if isinstance(record, ExecutionChanged):
        trigger = f" by {record.start.trigger}" if record.start else ""
        return f"{record.time} #{record.execution} {record.status}{trigger}"
    if isinstance(record, StageChanged):
        again = f" by {record.retry}" if record.retry else ""
        return f"{record.time} #{record.execution} {record.stage} {record.status}{again}"
    if isinstance(record, ActionChanged):
        attempt = f" (attempt {record.attempt})" if record.attempt > 1 else ""
        code = f" {record.result.code}" if record.result and record.result.code else ""
        waits = f" waits for {record.result.waits}" if record.result and record.result.waits else ""
        place = f"{record.stage}/{record.action}"
        return f"{record.time} #{record.execution} {place} {record.status}{code}{waits}{attempt}"
    if isinstance(record, RuleChanged):
        rule = f"/{record.rule}" if record.rule else ""
        return f"{record.time} #{record.execution} {record.stage} {record.gate}{rule} {record.status}"
    if isinstance(record, Called) and record.error:
        return f"{record.time} {record.operation} refused: {record.error[0]}"
    if isinstance(record, Called):
        return f"{record.time} {record.operation}"
    if isinstance(record, PollFailed):
        return f"{record.time} the look at {record.action} is refused: {record.code}"
    if isinstance(record, RevisionArrived) and record.held:
        return f"{record.time} push held: {record.held[0][2]}"
    return None


def lines(records: list[Record]) -> list[str]:
    return [told for record in records if (told := line(record)) is not None]
