"""Types of actions and rules: what there is to choose from, and custom types of one's own (2, 9.2).

AWS's types come from the catalogue and are there in every Region. UpdateActionType changes a partner's type: the
account is taken for the partner's own; AWS's types it cannot change [our decision].
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...pipeline.catalogue import ACTIONS, CUSTOM_CATEGORIES, RULES, ActionInfo, Key, RuleInfo
from ...refused import Refused
from ...state import State
from .pages import refuse_token
from .state import without_empty
from .tags import check_tags

MOST = 50
Request = Mapping[str, Any]
TypeKey = tuple[str, str, str, str]


# ---------------------------------------------------------------------------------------------- what there is


def list_action_types(state: State, request: Request) -> dict[str, Any]:
    """All types, or those of one owner, on one page."""
    refuse_token(request)
    types = [_of_catalogue(info) for info in ACTIONS]
    types += [_custom(key, declared) for key, declared in state.custom_types.items()]
    owner = request.get("actionOwnerFilter")
    return {"actionTypes": [one for one in types if owner in (None, one["id"]["owner"])]}


def list_rule_types(state: State, request: Request) -> dict[str, Any]:
    """The rules that conditions can have; all are AWS's."""
    return {"ruleTypes": [_rule(info) for info in RULES]}


def get_action_type(state: State, request: Request) -> dict[str, Any]:
    """One of AWS's or a partner's types, as its provider declares it."""
    key = (request["category"], request["owner"], request["provider"], request["version"])
    return {"actionType": dict(state.declared_types[key]) if key in state.declared_types else _declaration(_known(key))}


def update_action_type(state: State, request: Request) -> dict[str, Any]:
    declaration = request["actionType"]
    identity = declaration["id"]
    info = _known((identity["category"], identity["owner"], identity["provider"], identity["version"]))
    if info.type.owner == "AWS":
        raise Refused("RequestFailedException",
                      f"The action type {info.type.provider} is AWS's own: you cannot update it")
    _check_executor(declaration["executor"])
    _check_counts(declaration)
    return {}


def _known(key: TypeKey) -> ActionInfo:
    for info in ACTIONS:
        if info.type.key == key:
            return info
    raise Refused("ActionTypeNotFoundException", f"There is no action type {'/'.join(key)}")


def _id(key: TypeKey) -> dict[str, str]:
    return dict(zip(("category", "owner", "provider", "version"), key, strict=True))


def _counts(bounds: tuple[int, int]) -> dict[str, int]:
    return {"minimumCount": bounds[0], "maximumCount": bounds[1]}


def _of_catalogue(info: ActionInfo) -> dict[str, Any]:
    return {"id": _id(info.type.key), "settings": {}, "actionConfigurationProperties": _properties(info.keys),
            "inputArtifactDetails": _counts(info.inputs), "outputArtifactDetails": _counts(info.outputs)}


def _properties(keys: Iterable[Key]) -> list[dict[str, Any]]:
    return [{"name": key.name, "required": key.required, "key": key.required, "secret": key.secret, "queryable": False,
             "type": "String"} for key in keys]


def _custom(key: TypeKey, declared: Mapping[str, Any]) -> dict[str, Any]:
    return without_empty(
        id=_id(key), settings=declared.get("settings"),
        actionConfigurationProperties=list(declared.get("configurationProperties", ())),
        inputArtifactDetails=declared["inputArtifactDetails"], outputArtifactDetails=declared["outputArtifactDetails"])


def _rule(info: RuleInfo) -> dict[str, Any]:
    builds = info.provider in ("CodeBuild", "Commands")
    return {"id": {"category": "Rule", "owner": "AWS", "provider": info.provider, "version": "1"}, "settings": {},
            "ruleConfigurationProperties": _properties(info.keys),
            "inputArtifactDetails": _counts((0, 5) if builds else (0, 0))}


def _declaration(info: ActionInfo) -> dict[str, Any]:
    """A type in the form that partners write."""
    worker = {"jobWorkerExecutorConfiguration": {"pollingServicePrincipals": ["codepipeline.amazonaws.com"]}}
    properties = [{"name": key.name, "optional": not key.required, "key": key.required, "noEcho": key.secret,
                   "queryable": False} for key in info.keys]
    return {
        "executor": {"configuration": worker, "type": "JobWorker", "jobTimeout": min(max(info.timeout, 60), 43_200)},
        "id": _id(info.type.key),
        "inputArtifactDetails": _counts(info.inputs), "outputArtifactDetails": _counts(info.outputs),
        "permissions": {"allowedAccounts": ["*"]}, "properties": properties,
    }


# ---------------------------------------------------------------------------------------------- custom types


def create_custom_action_type(state: State, request: Request) -> dict[str, Any]:
    """A type of one's own, for jobs that one's own workers do."""
    if request["category"] not in CUSTOM_CATEGORIES:
        raise _invalid(f"The category of a custom action type is one of {', '.join(CUSTOM_CATEGORIES)}")
    key = (request["category"], "Custom", request["provider"], request["version"])
    declared = {name: value for name, value in request.items() if name != "tags"}
    _check_new(state, key, declared)
    _check_counts(request)
    _check_properties(request.get("configurationProperties", ()))
    check_tags(request.get("tags", ()))
    if len(state.custom_types) >= MOST:
        raise Refused("LimitExceededException", f"The account has {MOST} custom action types in this Region, its limit")
    return without_empty(actionType=_custom(key, declared), tags=list(request["tags"]) if request.get("tags") else None)


def delete_custom_action_type(state: State, request: Request) -> dict[str, Any]:
    """Marks a type as deleted; one that is not there is no error."""
    return {}


def _check_new(state: State, key: TypeKey, declared: Mapping[str, Any]) -> None:
    """A version is used once; a deleted type comes back only as it was [MODEL]."""
    if key in state.custom_types:
        raise _invalid(f"The action type {'/'.join(key)} already exists; give the new one another version")
    if key in state.retired_types and state.retired_types[key] != declared:
        raise _invalid(f"The action type {'/'.join(key)} was deleted; it can be restored as it was, or made anew under "
                       "another version")


def _check_counts(declared: Mapping[str, Any]) -> None:
    for member in ("inputArtifactDetails", "outputArtifactDetails"):
        counts = declared[member]
        if counts["minimumCount"] > counts["maximumCount"]:
            raise _invalid(f"{member}: the minimum {counts['minimumCount']} is above the maximum "
                           f"{counts['maximumCount']}")


def _check_properties(properties: Sequence[Mapping[str, Any]]) -> None:
    """Each name once; at most one queryable property, required and not secret (2.1) [MODEL]."""
    names = [entry["name"] for entry in properties]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _invalid(f"The configuration property '{twice[0]}' is declared more than once")
    queryable = [entry for entry in properties if entry.get("queryable")]
    if len(queryable) > 1:
        raise _invalid("At most one configuration property can be queryable")
    if queryable and (not queryable[0]["required"] or queryable[0]["secret"]):
        raise _invalid(f"The queryable property '{queryable[0]['name']}' must be required and must not be secret")


def _check_executor(executor: Mapping[str, Any]) -> None:
    wanted = {"Lambda": "lambdaExecutorConfiguration", "JobWorker": "jobWorkerExecutorConfiguration"}[executor["type"]]
    if wanted not in executor["configuration"]:
        raise _invalid(f"An executor of type {executor['type']} needs the configuration {wanted}")


def _invalid(message: str) -> Refused:
    return Refused("ValidationException", message)
