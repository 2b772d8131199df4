"""Single actions: their type, configuration, artifact counts, and what only some types may have (1.5, 2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..catalogue import ACTION_TYPES, ActionInfo, action_type
from ..fault import Fault, near
from ..model import ActionType
from .stages import ACTION, STRUCTURE
from .walk import Draft, PlacedAction

_MASK = re.compile(r"\*+\Z")
_TOPIC = re.compile(r"arn:aws(-[\w]+)*:(?P<service>[^:]*):(?P<region>[^:]*):(?P<account>\d{12}|):(?P<rest>.+)\Z")
COMPUTE_ONLY = ("commands", "outputVariables", "environmentVariables")


def look_at_actions(draft: Draft) -> Iterator[Fault]:
    for action in draft.actions:
        kind = action.kind
        if not (kind.category and kind.owner and kind.provider):
            continue  # the missing member has been told
        info = _known(draft, kind)
        if info is None:
            yield _unknown(action)
            continue
        yield from _settings(action, info)
        yield from _counts(action, info)
        yield from _belongings(draft, action)


def _known(draft: Draft, kind: ActionType) -> ActionInfo | None:
    if kind.owner == "Custom" and draft.custom_types is not None and kind.key not in draft.custom_types:
        return None
    return action_type(kind)


def _unknown(action: PlacedAction) -> Fault:
    kind = action.kind
    same = [known for known in ACTION_TYPES if known[2] == kind.provider]
    if same:
        category, owner, provider, version = same[0]
        hint = f"{provider} is category {category}, owner {owner}, version {version}."
    else:
        hint = near(kind.provider, {known[2] for known in ACTION_TYPES}) or "Custom types must be created first."
    return action.fault(ACTION, f"The action type (Category: {kind.category}, Provider: {kind.provider}, Owner: "
                        f"{kind.owner}, Version: {kind.version}) in action '{action.name}' is not available.", hint,
                        "actionTypeId")


# ---------------------------------------------------------------------------------------------- configuration


def _settings(action: PlacedAction, info: ActionInfo) -> Iterator[Fault]:
    given = action.settings
    for key in (*info.required, *_also_required(action)):
        if key not in given:
            yield action.fault(ACTION, f"The action configuration for '{action.name}' lacks the required configuration "
                               f"'{key}'.", _meant(key, given, info) or f"Add {key}.", "configuration")
    for key in given:
        if not info.open_keys and key not in info.key_names:
            yield action.fault(ACTION, f"The action configuration for '{action.name}' contains the unknown key '{key}'.",
                               near(str(key), info.key_names) or f"Keys: {', '.join(info.key_names) or 'none'}.",
                               f"configuration.{key}")
    yield from _values(action)


def _meant(key: str, given: Mapping[str, object], info: ActionInfo) -> str:
    return near(key, [name for name in given if name not in info.key_names]).replace("Did you mean", "Is it") and (
        f"Rename {near(key, given).split(chr(39))[1]} to {key}." if near(key, given) else "")


def _also_required(action: PlacedAction) -> tuple[str, ...]:
    """Keys that a type requires by the value of another (2.4)."""
    kind, given = action.kind, action.settings
    if kind.provider == "CloudFormation":
        return _FOR_MODE.get(str(given.get("ActionMode")), ())
    if kind.provider == "CodeBuild" and len(action.names("inputArtifacts")) > 1:
        return ("PrimarySource",)
    if kind.provider == "Lambda" and kind.category == "Deploy" and not action.names("inputArtifacts"):
        return ("PublishedTargetVersion",)
    return ()


_FOR_MODE = {
    "CREATE_UPDATE": ("TemplatePath", "RoleArn"),
    "REPLACE_ON_FAILURE": ("TemplatePath", "RoleArn"),
    "DELETE_ONLY": ("RoleArn",),
    "CHANGE_SET_REPLACE": ("ChangeSetName", "TemplatePath", "RoleArn"),
    "CHANGE_SET_EXECUTE": ("ChangeSetName",),
}


def _values(action: PlacedAction) -> Iterator[Fault]:
    kind, given = action.kind, action.settings
    mode = given.get("ActionMode")
    if kind.provider == "CloudFormation" and mode is not None and mode not in _FOR_MODE:
        yield action.fault(ACTION, f"'{mode}' is no ActionMode.", near(str(mode), _FOR_MODE) or
                           f"Modes: {', '.join(_FOR_MODE)}.", "configuration.ActionMode")
    if kind.provider == "S3" and kind.category == "Deploy" and str(given.get("Extract", "")).lower() == "false" and (
            "ObjectKey" not in given):
        yield action.fault(ACTION, "Extract is false and there is no ObjectKey: AWS accepts this and the action fails when "
                           "it runs.", "Add ObjectKey.", "configuration", warning=True)
    primary, inputs = given.get("PrimarySource"), action.names("inputArtifacts")
    if kind.provider == "CodeBuild" and primary and inputs and primary not in inputs:
        yield action.fault(ACTION, f"PrimarySource names '{primary}', which is no input artifact of the action.",
                           near(str(primary), inputs) or f"Inputs: {', '.join(inputs)}.", "configuration.PrimarySource")
    if "NotificationArn" in given and kind.category == "Approval":
        yield from _topic(action, str(given["NotificationArn"]))


def _topic(action: PlacedAction, arn: str) -> Iterator[Fault]:
    """An approval's topic is an SNS topic by its form [PROBE-B]; whether it is there shows when the action runs."""
    if "#{" in arn:
        return
    parts = _TOPIC.match(arn)
    if parts is None:
        yield action.fault(ACTION, f"'{arn}' is no ARN.", "Write arn:aws:sns:REGION:ACCOUNT:TOPIC.",
                           "configuration.NotificationArn")
    elif parts["service"] != "sns":
        yield action.fault(ACTION, f"The service '{parts['service']}' cannot be used for approvals.",
                           "Name an SNS topic.", "configuration.NotificationArn")


# ---------------------------------------------------------------------------------------------- artifacts and members


def _counts(action: PlacedAction, info: ActionInfo) -> Iterator[Fault]:
    for key, word, (least, most) in (("inputArtifacts", "input", info.inputs), ("outputArtifacts", "output", info.outputs)):
        count = len(action.body.get(key) or ())
        if count < _least(action, least, word):
            yield action.fault(ACTION, f"Action '{action.name}' declares {count} {word} artifacts, which is less than the "
                               f"minimum count ({least}).", f"Add an {word} artifact.", key)
        if count > most:
            yield action.fault(ACTION, f"Action '{action.name}' declares {count} {word} artifacts, which is more than the "
                               f"maximum count ({most}).", "Take some out.", key)
    if action.kind.provider == "CloudFormation" and action.names("outputArtifacts") and (
            "OutputFileName" not in action.settings):
        yield action.fault(ACTION, "An output artifact of CloudFormation needs OutputFileName.", "Add OutputFileName.",
                           "configuration", warning=True)


def _least(action: PlacedAction, least: int, word: str) -> int:
    if action.kind.provider == "Commands" and word == "input":
        return least
    return least


def _belongings(draft: Draft, action: PlacedAction) -> Iterator[Fault]:
    """Members that only some types may have (1.1)."""
    kind, body = action.kind, action.body
    compute = kind.provider == "Commands" and kind.category == "Compute"
    for key in COMPUTE_ONLY:
        if body.get(key) and not compute and not (key == "environmentVariables" and kind.category == "Build"):
            yield action.fault(ACTION, f"'{key}' is for the Commands action only.", "Use a compute action or take it out.",
                               key)
    if compute and not body.get("commands"):
        yield action.fault(ACTION, "A Commands action needs commands.", "Add commands.", "commands")
    for number, artifact in enumerate(body.get("outputArtifacts") or ()):
        if artifact.get("files") and not compute:
            yield action.fault(ACTION, "'files' of an output artifact is for the Commands action only.",
                               "Use a compute action.", f"outputArtifacts[{number}].files")
    if body.get("timeoutInMinutes") and kind.category != "Approval":
        yield action.fault(ACTION, "timeoutInMinutes works for the manual approval action only.", "Take it out.",
                           "timeoutInMinutes", warning=True)
    yield from _far_away(draft, action)


def _far_away(draft: Draft, action: PlacedAction) -> Iterator[Fault]:
    """Source, third-party and custom actions run in the pipeline's Region [UG]: that of the other sources."""
    region, kind = action.body.get("region"), action.kind
    homes = {str(one.body.get("region")) for one in draft.of_stage(0) if one.body.get("region")}
    if region and kind.owner in ("ThirdParty", "Custom") and homes and region not in homes:
        yield action.fault(ACTION, f"A {kind.owner} action cannot run in another Region than its pipeline.",
                           "Take the region out.", "region")
    if kind.category == "Source" and len(homes) > 1 and str(region) != min(homes):
        yield action.fault(ACTION, "Source actions cannot run in different Regions.", "Use the pipeline's Region.",
                           "region")


__all__ = ["STRUCTURE", "look_at_actions"]
