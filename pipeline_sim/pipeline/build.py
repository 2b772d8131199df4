"""From a structure to values: what AWS fills in, and the frozen values that the simulation asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .check import uses_v2
from .check.members import plain
from .model import (
    SUPERSEDED,
    Action,
    ActionType,
    ArtifactStore,
    Condition,
    Filter,
    OnFailure,
    Pipeline,
    PullRequestFilter,
    PushFilter,
    Rule,
    Stage,
    Trigger,
    Variable,
)

Part = Mapping[str, Any]


def with_defaults(structure: Part) -> dict[str, Any]:
    """The structure as AWS echoes it (9.4) [PROBE-B]: run orders, artifact lists, mode, type and version filled in."""
    full: dict[str, Any] = plain(structure)
    full.setdefault("executionMode", SUPERSEDED)
    full.setdefault("pipelineType", "V2" if uses_v2(full) else "V1")
    full.setdefault("version", 1)
    for stage in full["stages"]:
        for action in stage["actions"]:
            action.setdefault("runOrder", 1)
            action.setdefault("configuration", {})
            action.setdefault("inputArtifacts", [])
            action.setdefault("outputArtifacts", [])
    return full


def from_structure(structure: Part) -> Pipeline:
    """The values of a structure that has been checked; of one that is faulty, whatever has a name."""
    stores = structure.get("artifactStores") or {"": structure.get("artifactStore") or {}}
    return Pipeline(
        structure.get("name", ""), structure.get("roleArn", ""),
        tuple(_stage(stage) for stage in structure["stages"]),
        structure.get("executionMode", SUPERSEDED), structure.get("pipelineType", "V1"), structure.get("version", 1),
        tuple(Variable(one["name"], one.get("defaultValue"), one.get("description"))
              for one in _named(structure.get("variables"))),
        tuple(_trigger(trigger["gitConfiguration"]) for trigger in structure.get("triggers") or ()
              if trigger.get("gitConfiguration")),
        {region: _store(store) for region, store in stores.items() if store}, structure)


def _named(parts: Any) -> list[Part]:
    return [part for part in parts or () if part.get("name")]


def _store(store: Part) -> ArtifactStore:
    return ArtifactStore(store.get("location", ""), (store.get("encryptionKey") or {}).get("id"))


def _stage(stage: Part) -> Stage:
    failure = stage.get("onFailure")
    return Stage(stage["name"], tuple(_action(action) for action in stage["actions"]),
                 _gate(stage.get("beforeEntry")), _gate(stage.get("onSuccess")),
                 _on_failure(failure) if failure else None)


def _names(artifacts: Any) -> tuple[str, ...]:
    return tuple(artifact["name"] for artifact in _named(artifacts))


def _action(action: Part) -> Action:
    kind = action["actionTypeId"]
    return Action(
        action["name"], ActionType(kind["category"], kind["owner"], kind["provider"], kind.get("version", "1")),
        action.get("runOrder", 1), dict(action.get("configuration") or {}), _names(action.get("inputArtifacts")),
        _names(action.get("outputArtifacts")), action.get("region"), action.get("roleArn"), action.get("namespace"),
        action.get("timeoutInMinutes"), tuple(action.get("commands") or ()), tuple(action.get("outputVariables") or ()),
        tuple(_named(action.get("environmentVariables"))),
        {artifact["name"]: tuple(artifact["files"]) for artifact in _named(action.get("outputArtifacts"))
         if artifact.get("files")})


# ---------------------------------------------------------------------------------------------- conditions, triggers


def _gate(gate: Part | None) -> Condition | None:
    conditions = (gate or {}).get("conditions")
    return _condition(conditions[0]) if conditions else None


def _condition(condition: Part) -> Condition:
    rules = _named(condition.get("rules"))
    return Condition(condition.get("result", "FAIL"), tuple(_rule(rule) for rule in rules))


def _rule(rule: Part) -> Rule:
    return Rule(rule["name"], (rule.get("ruleTypeId") or {}).get("provider", ""), dict(rule.get("configuration") or {}),
                _names(rule.get("inputArtifacts")), rule.get("region"), rule.get("roleArn"),
                tuple(rule.get("commands") or ()), rule.get("timeoutInMinutes"))


def _on_failure(failure: Part) -> OnFailure:
    return OnFailure(failure.get("result"), (failure.get("retryConfiguration") or {}).get("retryMode"), _gate(failure))


def _filter(criteria: Part | None) -> Filter | None:
    if criteria is None:
        return None
    return Filter(tuple(criteria.get("includes") or ()), tuple(criteria.get("excludes") or ()))


def _trigger(git: Part) -> Trigger:
    return Trigger(
        git.get("sourceActionName", ""),
        tuple(PushFilter(_filter(one.get("tags")), _filter(one.get("branches")), _filter(one.get("filePaths")))
              for one in git.get("push") or ()),
        tuple(PullRequestFilter(tuple(one.get("events") or ()), _filter(one.get("branches")),
                                _filter(one.get("filePaths"))) for one in git.get("pullRequest") or ()))
