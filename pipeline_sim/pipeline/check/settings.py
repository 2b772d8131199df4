"""What an action is configured with: required and unknown keys, values, what only some types may have (1.5, 2)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from ..catalogue import ActionInfo, Key
from ..fault import Fault, near
from .walk import ACTION, Draft, PlacedAction

_ARN = re.compile(r"arn:aws(-\w+)*:(?P<service>[^:]*):(?P<region>[^:]*):(?P<account>[^:]*):(?P<rest>.+)\Z")
JSON_KEYS = ("ParameterOverrides", "EnvironmentVariables", "SourceRevisions", "Variables")
EXACT = ("Extract",)
"""Keys whose values count letter by letter [PROBE-B]."""


def look_at_settings(draft: Draft) -> Iterator[Fault]:
    for action in draft.actions:
        info = draft.info(action.kind)
        if info is not None:
            yield from _keys(action, info)
            yield from _values(action, info)
            yield from _special(draft, action)


def _keys(action: PlacedAction, info: ActionInfo) -> Iterator[Fault]:
    """Required keys [PROBE-A for most], unknown ones [knowledge; PROBE-B for S3]."""
    given = action.settings
    unknown = [] if info.open_keys else [key for key in given if key not in info.key_names]
    for key in (*info.required, *info.also_required(given), *_by_inputs(action)):
        if key not in given:
            yield action.fault(ACTION, f"The action configuration for '{action.name}' lacks the required configuration "
                               f"'{key}'.", near(key, unknown) or f"Add {key}.", "configuration")
    for key in unknown:
        yield action.fault(ACTION, f"The action configuration for '{action.name}' contains the unknown key '{key}'.",
                           near(key, info.key_names) or f"Keys: {', '.join(info.key_names) or 'none'}.",
                           f"configuration.{key}")


def _by_inputs(action: PlacedAction) -> Iterator[str]:
    """Keys that the number of input artifacts makes required (2.3, 2.4)."""
    kind, inputs = action.kind, action.names("inputArtifacts")
    if kind.provider == "CodeBuild" and len(inputs) > 1:
        yield "PrimarySource"
    if kind.provider == "Lambda" and kind.category == "Deploy" and not inputs:
        yield "PublishedTargetVersion"


# ---------------------------------------------------------------------------------------------- values


def against_value(key: Key, value: str) -> tuple[str, str] | None:
    """Why a value is none of those that its key may have, and what to write. A variable is known only at run time."""
    if not value or not key.values or "#{" in value or value in key.values:
        return None
    if key.name not in EXACT and value.lower() in ("true", "false") and "true" in key.values:
        return None
    return f"'{value}' is no {key.name}.", near(value, key.values) or f"Values: {', '.join(key.values)}."


def _values(action: PlacedAction, info: ActionInfo) -> Iterator[Fault]:
    """An ActionMode that there is not is refused; other values are found out when the action runs [PROBE-B for S3]."""
    for key in info.keys:
        against = against_value(key, action.settings.get(key.name, ""))
        if against:
            yield action.fault(ACTION, *against, f"configuration.{key.name}", warning=key.name != "ActionMode")
    for name in JSON_KEYS:
        value = action.settings.get(name, "")
        if value and not _is_json(value):
            yield action.fault(ACTION, f"{name} is no valid JSON: the action will fail when it runs.",
                               "Write JSON inside the text.", f"configuration.{name}", warning=True)


def _is_json(value: str) -> bool:
    """Whether it is JSON; a variable in it may stand for anything."""
    try:
        json.loads(re.sub(r"#\{[^}]*\}", "0", value))
    except (ValueError, RecursionError):
        return "#{" in value
    return True


def _special(draft: Draft, action: PlacedAction) -> Iterator[Fault]:
    look = _OF_PROVIDER.get((action.kind.category, action.kind.provider))
    if look is not None and action.kind.owner == "AWS":
        yield from look(draft, action)


def _s3(draft: Draft, action: PlacedAction) -> Iterator[Fault]:
    """[PROBE-B]: the definition is taken, the action fails with ConfigurationError."""
    if action.settings.get("Extract") == "false" and "ObjectKey" not in action.settings:
        yield action.fault(ACTION, "Extract is false and there is no ObjectKey: AWS accepts this and the action fails "
                           "when it runs.", "Add ObjectKey.", "configuration", warning=True)


def _build(draft: Draft, action: PlacedAction) -> Iterator[Fault]:
    """(2.3) [UG:action-reference-CodeBuild; WEB aws-cdk 18710 for the names of several outputs]."""
    given, inputs, outputs = action.settings, action.names("inputArtifacts"), action.names("outputArtifacts")
    primary = given.get("PrimarySource")
    if primary and inputs and primary not in inputs:
        yield action.fault(ACTION, f"PrimarySource names '{primary}', which is no input artifact of the action.",
                           near(primary, inputs) or f"Inputs: {', '.join(inputs)}.", "configuration.PrimarySource")
    if given.get("CombineArtifacts", "").lower() == "true" and given.get("BatchEnabled", "").lower() != "true":
        yield action.fault(ACTION, "CombineArtifacts works in batch builds only.", 'Set "BatchEnabled": "true".',
                           "configuration.CombineArtifacts", warning=True)
    for name in outputs if len(outputs) > 1 else ():
        if "-" in name:
            yield action.fault(ACTION, f"The output artifact '{name}' has a hyphen: with several outputs its name is an "
                               "identifier in the buildspec, which may not have one.", "Use underscores.",
                               "outputArtifacts", warning=True)


def _stack(draft: Draft, action: PlacedAction) -> Iterator[Fault]:
    """(2.4) [UG22:action-reference-CloudFormation]."""
    inputs = action.names("inputArtifacts")
    for key in ("TemplatePath", "TemplateConfiguration"):
        value = action.settings.get(key, "")
        artifact, there, _ = value.partition("::")
        if value and "#{" not in value and (not there or artifact not in inputs):
            what = f"names '{artifact}', which is no input artifact" if there else "has not the form Artifact::file"
            yield action.fault(ACTION, f"{key} {what}: the action will fail when it runs.", near(artifact, inputs) or
                               f"Inputs: {', '.join(inputs) or 'none'}.", f"configuration.{key}", warning=True)


def _ecs(draft: Draft, action: PlacedAction) -> Iterator[Fault]:
    value = action.settings.get("DeploymentTimeout", "1")
    if "#{" not in value and not (value.isdigit() and 1 <= int(value) <= 60):
        yield action.fault(ACTION, f"DeploymentTimeout is 1 to 60 minutes, not '{value}'.", "Write 1 to 60.",
                           "configuration.DeploymentTimeout", warning=True)


def _nested(draft: Draft, action: PlacedAction) -> Iterator[Fault]:
    if action.settings.get("PipelineName") == draft.structure.get("name"):
        yield action.fault(ACTION, "The pipeline starts itself: it will never come to rest.", "Name another pipeline.",
                           "configuration.PipelineName", warning=True)


def _approval(draft: Draft, action: PlacedAction) -> Iterator[Fault]:
    """An approval's topic is an SNS topic of the pipeline's Region by its form; whether it is there, first in first out
    or another account's shows when the action runs [PROBE-B]."""
    arn = action.settings.get("NotificationArn", "")
    if not arn or "#{" in arn:
        return
    parts = _ARN.match(arn)
    if parts is None:
        message, fix = f"The ARN '{arn}' has a format error.", "Write arn:aws:sns:REGION:ACCOUNT:TOPIC."
    elif parts["service"] != "sns":
        message, fix = f"The service '{parts['service']}' cannot be used for approvals.", "Name an SNS topic."
    elif draft.home and parts["region"] != draft.home:
        message = f"The topic is in {parts['region']}, not in the pipeline's Region {draft.home}."
        fix = f"Name a topic in {draft.home}."
    else:
        return
    yield action.fault(ACTION, message, fix, "configuration.NotificationArn")


# ---------------------------------------------------------------------------------------------- one way or another


WAYS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "EC2": (("TargetDirectory", "PostScript"), ("DeploySpec",)),
    "EKS": (("HelmReleaseName", "HelmChartLocation"), ("ManifestFiles",)),
    "ServiceCatalog": (("TemplateFilePath", "ProductVersionName", "ProductType", "ProductVersionDescription"),
                       ("ConfigurationFilePath",)),
}
"""Sets of keys of which one must be whole (2.4) [UG:action-reference-*]."""
ARTIFACT_KEYS = ("TaskDefinitionTemplateArtifact", "AppSpecTemplateArtifact",
                 *(f"Image{number}ArtifactName" for number in (1, 2, 3, 4)))
_SHIFTS = re.compile(r"AllAtOnce|Canary\d+Percent\d+Minutes?|Linear\d+PercentEvery\d+Minutes?")
MOST_ALARMS = 10


def _ways(draft: Draft, action: PlacedAction) -> Iterator[Fault]:
    """Whether AWS refuses such a definition or fails the action is not known: a warning."""
    ways = WAYS[action.kind.provider]
    if not any(all(key in action.settings for key in way) for way in ways):
        needed = ", or ".join(" and ".join(way) for way in ways)
        yield action.fault(ACTION, f"The action configuration for '{action.name}' does not say what to deploy.",
                           f"Give {needed}.", "configuration", warning=True)


def _blue_green(draft: Draft, action: PlacedAction) -> Iterator[Fault]:
    """The templates and images of an ECS blue/green deployment are input artifacts (2.4)
    [UG22:action-reference-ECSbluegreen]."""
    inputs = action.names("inputArtifacts")
    for key in ARTIFACT_KEYS:
        value = action.settings.get(key, "")
        if value and "#{" not in value and value not in inputs:
            yield action.fault(ACTION, f"{key} names '{value}', which is no input artifact: the action will fail when it "
                               "runs.", near(value, inputs) or f"Inputs: {', '.join(inputs) or 'none'}.",
                               f"configuration.{key}", warning=True)


def _shift(draft: Draft, action: PlacedAction) -> Iterator[Fault]:
    """How a Lambda deployment shifts traffic, and under whose eyes (2.4) [UG:action-reference-LambdaDeploy]."""
    strategy, alarms = action.settings.get("DeployStrategy", ""), action.settings.get("Alarms", "")
    if strategy and "#{" not in strategy and not _SHIFTS.fullmatch(strategy):
        yield action.fault(ACTION, f"'{strategy}' is no DeployStrategy.", "AllAtOnce, Canary10Percent5Minutes or "
                           "Linear10PercentEvery1Minute, with numbers of your own.", "configuration.DeployStrategy",
                           warning=True)
    if len(alarms.split(",")) > MOST_ALARMS:
        yield action.fault(ACTION, f"A deployment watches at most {MOST_ALARMS} alarms.", "Take some out.",
                           "configuration.Alarms", warning=True)


_OF_PROVIDER = {
    ("Deploy", "EC2"): _ways, ("Deploy", "EKS"): _ways, ("Deploy", "ServiceCatalog"): _ways,
    ("Deploy", "CodeDeployToECS"): _blue_green, ("Deploy", "Lambda"): _shift,
    ("Deploy", "S3"): _s3, ("Build", "CodeBuild"): _build, ("Test", "CodeBuild"): _build,
    ("Deploy", "CloudFormation"): _stack, ("Deploy", "ECS"): _ecs, ("Invoke", "CodePipeline"): _nested,
    ("Approval", "Manual"): _approval,
}
