"""What a picture says: providers as the console names them, sources, conditions, the sentence behind each element."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ...pipeline.model import Action, Condition, Pipeline, Stage
from .marks import Marks, word

MANUAL_APPROVAL = "Manual approval"
DISABLED = "Disabled"

# As AWS's console writes them under an action's name; what is not here shows as it stands in the definition.
_PROVIDERS: Mapping[str, str] = {
    "AppConfig": "AWS AppConfig",
    "CloudFormation": "AWS CloudFormation",
    "CloudFormationStackInstances": "AWS CloudFormation Stack Instances",
    "CloudFormationStackSet": "AWS CloudFormation Stack Set",
    "CodeBuild": "AWS CodeBuild",
    "CodeCommit": "AWS CodeCommit",
    "CodeDeploy": "AWS CodeDeploy",
    "CodeDeployToECS": "Amazon ECS (Blue/Green)",
    "CodePipeline": "AWS CodePipeline",
    "DeviceFarm": "AWS Device Farm",
    "EC2": "Amazon EC2",
    "ECR": "Amazon ECR",
    "ECRBuildAndPublish": "ECR Build and Publish",
    "ECS": "Amazon ECS",
    "EKS": "Amazon EKS",
    "ElasticBeanstalk": "AWS Elastic Beanstalk",
    "InspectorScan": "Amazon Inspector Scan",
    "Lambda": "AWS Lambda",
    "OpsWorks": "AWS OpsWorks Stacks",
    "S3": "Amazon S3",
    "ServiceCatalog": "AWS Service Catalog",
    "StepFunctions": "AWS Step Functions",
}
_CONNECTION = "CodeStarSourceConnection"
_SOURCES: Mapping[str, tuple[str, str]] = {
    "CodeCommit": ("RepositoryName", "BranchName"),
    _CONNECTION: ("FullRepositoryId", "BranchName"),
    "ECR": ("RepositoryName", "ImageTag"),
    "S3": ("S3Bucket", "S3ObjectKey"),
}
# The configuration keys that say on what an action works. No secret is among them.
_TARGETS = ("ProjectName", "ApplicationName", "DeploymentGroupName", "EnvironmentName", "StackName", "StackSetName",
            "ActionMode", "ClusterName", "ServiceName", "FunctionName", "BucketName", "PipelineName",
            "StateMachineArn", "CustomData")


def provider(action: Action) -> str:
    """The line under an action's name."""
    if action.is_approval:
        return MANUAL_APPROVAL if action.provider == "Manual" else f"{MANUAL_APPROVAL} ({action.provider})"
    if action.provider == "GitHub" and action.type.owner == "ThirdParty":
        return "GitHub (via OAuth app)"
    if action.provider == _CONNECTION:
        return "Connection (Git)"
    return _PROVIDERS.get(action.provider, action.provider) if action.type.owner == "AWS" else action.provider


def source(action: Action) -> str:
    """Where a source action looks: `shop/web @ main`, `bucket/key`. Empty for other actions."""
    settings = action.configuration
    if not action.is_source:
        return ""
    if action.provider == "GitHub":
        place, branch = "/".join(filter(None, (settings.get("Owner"), settings.get("Repo")))), settings.get("Branch")
    else:
        keys = _SOURCES.get(action.provider, ("Repository", "Branch"))
        place, branch = settings.get(keys[0], ""), settings.get(keys[1])
    joint = {"S3": "/", "ECR": ":"}.get(action.provider, " @ ")
    return joint.join(str(part) for part in (place, branch) if part)


class Chip(NamedTuple):
    """A stage's condition or what follows its failure; `kind` is entry, success or failure."""

    kind: str
    glyph: str
    text: str
    title: str


_GLYPHS = {"entry": "◇", "success": "◇", "failure": "◇", "RETRY": "↻", "ROLLBACK": "↩"}
_OUTCOMES = {"FAIL": "fail", "SKIP": "skip", "ROLLBACK": "roll back"}


def chips(stage: Stage) -> tuple[Chip, ...]:
    """The marks of a stage that are not actions, in the order in which they come to pass."""
    found = []
    if stage.before_entry:
        found.append(_of_condition("entry", "Entry", stage.before_entry))
    if stage.on_success:
        found.append(_of_condition("success", "Success", stage.on_success))
    if stage.on_failure:
        failure = stage.on_failure
        if failure.condition:
            found.append(_of_condition("failure", "Failure", failure.condition))
        elif failure.result == "RETRY":
            what = "all actions" if failure.retry_mode == "ALL_ACTIONS" else "failed actions"
            found.append(Chip("failure", _GLYPHS["RETRY"], "Automatic retry", f"On failure: retry {what}, once"))
        elif failure.result:
            text = "Automatic rollback" if failure.result == "ROLLBACK" else f"On failure: {failure.result}"
            found.append(Chip("failure", _GLYPHS.get(failure.result, "◇"), text, f"On failure: {failure.result}"))
    return tuple(found)


def _of_condition(kind: str, title: str, condition: Condition) -> Chip:
    rules = ", ".join(f"{rule.name} ({rule.provider})" for rule in condition.rules)
    outcome = _OUTCOMES.get(condition.result, condition.result)
    sentence = f"{title} condition: {rules or 'no rule'}; otherwise {condition.result}"
    return Chip(kind, _GLYPHS[kind], f"{title} condition or {outcome}", sentence)


def stage_title(stage: Stage, status: str | None) -> str:
    count = len(stage.actions)
    told = f"Stage {stage.name}: {count} action{'' if count == 1 else 's'}"
    return ended(told, status)


def action_title(stage: Stage, action: Action, status: str | None) -> str:
    """All that is worth knowing about an action, on one line; the full name where the card holds only its beginning."""
    settings = action.configuration
    told = [f"{stage.name}/{action.name}: {provider(action)}", f"{action.category}, run order {action.run_order}",
            source(action), *(f"{key} {settings[key]}" for key in _TARGETS if settings.get(key)),
            _list("input", action.inputs), _list("output", action.outputs),
            f"in {action.region}" if action.region else ""]
    return ended("; ".join(filter(None, told)), status, action.is_approval)


def transition_title(pipeline: Pipeline, into: int, marks: Marks) -> str:
    reason = marks.disabled.get(f"transition-{into}")
    behind = pipeline.stages[into].name
    told = f"Transition {pipeline.stages[into - 1].name} to {behind}" if into else f"Transition into {behind}"
    told += ": enabled" if reason is None else f": disabled: {reason}" if reason else ": disabled"
    waiting = ", ".join(f"#{number}" for number in marks.at(f"transition-{into}"))
    return f"{told}; waiting: {waiting}" if waiting else told


def headline(pipeline: Pipeline) -> tuple[str, str]:
    """The name, and the two properties that decide how it runs."""
    return pipeline.name, f"Type {pipeline.type} · {pipeline.mode}"


def sentence(pipeline: Pipeline, marks: Marks | None = None) -> str:
    """The picture for somebody who cannot see it."""
    status = marks.status if marks else {}
    stages = []
    for place, stage in enumerate(pipeline.stages):
        of_stage = status.get(f"stage-{place}")
        names = ", ".join(action.name for action in stage.actions)
        stages.append(f"{stage.name}{f' [{word(of_stage)}]' if of_stage else ''} ({names})")
    return f"Pipeline {pipeline.name}: " + " → ".join(stages)


def _list(what: str, names: tuple[str, ...]) -> str:
    return f"{what} {', '.join(names)}" if names else ""


def ended(told: str, status: str | None, approval: bool = False) -> str:
    """A sentence, and the status after it."""
    return f"{told}. {word(status, approval)}" if status else told
