"""Single actions: their type, artifact counts, and members that only some types may have (1.1, 1.5, 2.1)."""

from __future__ import annotations

from collections.abc import Iterator

from ..catalogue import ACTION_TYPES, ActionInfo
from ..fault import Fault, near
from ..model import ActionType
from .walk import ACTION, CATEGORIES, OWNERS, Draft, PlacedAction

COMPUTE_ONLY = ("commands", "outputVariables", "environmentVariables")


def look_at_actions(draft: Draft) -> Iterator[Fault]:
    for action in draft.actions:
        kind = action.kind
        if kind.category not in CATEGORIES or kind.owner not in OWNERS or not kind.provider or not kind.version:
            continue  # the missing or wrong member has been told
        info = draft.info(kind)
        if info is None:
            yield _unknown(draft, action)
            continue
        yield from _counts(action, info)
        yield from _belongings(action)


def _unknown(draft: Draft, action: PlacedAction) -> Fault:
    """A combination that is not there, or not in the Region [PROBE-A, WEB]."""
    kind = action.kind
    return action.fault(ACTION, f"The action type (Category: {kind.category}, Provider: {kind.provider}, Owner: "
                        f"{kind.owner}, Version: {kind.version}) in action '{action.name}' is not available.",
                        _meant(draft, kind), "actionTypeId")


def _meant(draft: Draft, kind: ActionType) -> str:
    types = [*ACTION_TYPES, *(draft.custom_types or ())]
    there = [one for one in types if one[2] == kind.provider]
    if there:
        category, owner, provider, version = max(there, key=lambda one: sum(a == b for a, b in zip(one, kind.key,
                                                                                                   strict=True)))
        return f"{provider} is category {category}, owner {owner}, version {version}."
    hint = near(kind.provider, {one[2] for one in types})
    return hint or ("Create the custom action type first." if kind.owner == "Custom" else
                    "Owner Custom is for types of your own.")


def _counts(action: PlacedAction, info: ActionInfo) -> Iterator[Fault]:
    """How many artifacts a type takes and makes (2.1) [WEB awsdocs/cfn PR 941]."""
    for key, word, (least, most) in (("inputArtifacts", "input", info.inputs),
                                     ("outputArtifacts", "output", info.outputs)):
        count = len(action.body.get(key) or ())
        least = max(least, _least(action) if word == "input" else 0)
        if least <= count <= most:
            continue
        few = count < least
        bound = f"less than the minimum count ({least})" if few else f"more than the maximum count ({most})"
        yield action.fault(ACTION, f"Action '{action.name}' declares {count} {word} artifacts, which is {bound}.",
                           f"Add an {word} artifact." if few else "Take some out.", key)


def _least(action: PlacedAction) -> int:
    """A scan of source code reads an artifact, one of an image does not (2.5)."""
    return int(action.kind.provider == "InspectorScan" and
               action.settings.get("InspectorRunMode") == "SourceCodeScan")


def _belongings(action: PlacedAction) -> Iterator[Fault]:
    """Members of the Commands action [MODEL; WEB aws-cdk 38843], and the time-out of an approval [MODEL, UG:limits]."""
    body = action.body
    compute = action.kind.provider == "Commands" and action.kind.category == "Compute"
    for key in COMPUTE_ONLY if not compute else ():
        if body.get(key):
            yield action.fault(ACTION, f"'{key}' is for the Commands action only.",
                               "Use a compute action or take it out.", key)
    if compute and not body.get("commands"):
        yield action.fault(ACTION, "A Commands action needs commands.", "Add commands.", "commands")
    for number, artifact in enumerate(body.get("outputArtifacts") or () if not compute else ()):
        if artifact.get("files"):
            yield action.fault(ACTION, "'files' of an output artifact is for the Commands action only.",
                               "Use a compute action.", f"outputArtifacts[{number}].files")
    if body.get("timeoutInMinutes") and action.kind.category != "Approval":
        yield action.fault(ACTION, "timeoutInMinutes works for the manual approval action only.", "Take it out.",
                           "timeoutInMinutes", warning=True)
