"""From a structure to values: the formats that a pipeline can be read from, and back.

Read are the output of `aws codepipeline get-pipeline`, the input of `create-pipeline --cli-input-json`, a bare
pipeline declaration, the same as YAML, recordings of these, and templates (`cloudformation`, `terraform`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from .check import V2_FIELDS, check, cannot_run
from .document import load_document, read_text
from .fault import Fault, Faults, Unreadable
from .found import Found
from .model import (
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

Source = str | Path | Mapping[str, Any]
_RESOURCES = re.compile(r"""(^|[{,])\s*["']?Resources["']?\s*:""", re.MULTILINE)


def load(source: Source, lenient: bool = False, parameters: Mapping[str, str] | None = None) -> Pipeline:
    """The one pipeline that a file, a text or a structure holds.

    Raises Unreadable where there is none (or several), Faults where AWS would refuse it. A `lenient` load takes
    whatever can still be simulated; `Pipeline.waived` says what AWS would have refused.
    """
    found = structures(source, parameters)
    if len(found) > 1:
        names = ", ".join(pipeline.name for pipeline in found)
        raise Unreadable(f"{_name(source)}: it holds {len(found)} pipelines ({names}): load them with load_all.")
    return _checked(found[0], _name(source), lenient)


def load_all(source: Source, lenient: bool = False, parameters: Mapping[str, str] | None = None) -> list[Pipeline]:
    """Every pipeline that a file holds."""
    return [_checked(found, _name(source), lenient) for found in structures(source, parameters)]


def _name(source: Source) -> str:
    return str(source) if isinstance(source, str | Path) and "\n" not in str(source) else ""


def _checked(found: Found, name: str, lenient: bool) -> Pipeline:
    faults = [fault for fault in check(found.structure) if not fault.warning]
    refused = cannot_run(found.structure, faults) if lenient else faults
    if refused:
        raise Faults(refused, name)
    pipeline = from_structure(with_defaults(found.structure))
    return Pipeline(**{**pipeline.__dict__, "waived": (*faults, *found.notes)})


# ---------------------------------------------------------------------------------------------- finding structures


def structures(source: Source, parameters: Mapping[str, str] | None = None) -> list[Found]:
    """Every pipeline structure of a file, a text or a document, as `create-pipeline` takes it, unchecked."""
    if isinstance(source, Mapping):
        return _in_document(source, "the structure", source, parameters)
    text = str(source)
    if "\n" in text or text.lstrip()[:1] == "{":
        return _in_text(text, "the text", text, parameters)
    path = Path(source)
    if path.is_dir() or path.suffix in (".tf", ".hcl"):
        return _terraform(path, parameters)
    return _in_text(read_text(path), str(path), path, parameters)


def _in_text(text: str, name: str, source: Source, parameters: Mapping[str, str] | None) -> list[Found]:
    if "AWS::CodePipeline::Pipeline" in text and _RESOURCES.search(text):
        return _cloudformation(text, name, parameters)
    if '"format_version"' in text and "aws_codepipeline" in text:
        return _terraform(source, parameters)
    return _in_document(load_document(text, name), name, source, parameters)


def _cloudformation(text: str, name: str, parameters: Mapping[str, str] | None) -> list[Found]:
    from .cloudformation import pipelines

    return _some(pipelines(text, parameters or {}), name)


def _terraform(source: Any, parameters: Mapping[str, str] | None) -> list[Found]:
    from .terraform import pipelines

    return _some(pipelines(source, parameters or {}), str(source))


def _some(found: list[Found], name: str) -> list[Found]:
    if not found:
        raise Unreadable(f"{name}: there is no pipeline in it.")
    return found


def _in_document(document: Any, name: str, source: Source, parameters: Mapping[str, str] | None) -> list[Found]:
    if isinstance(document, Mapping) and "Resources" in document:
        return _cloudformation(json.dumps(document, default=str), name, parameters)
    declaration, tags = _unwrapped(document, name)
    structure, notes = _as_text(declaration)
    return [Found(str(structure.get("name", "")), structure, tuple(notes), tags=tags)]


def _unwrapped(document: Any, name: str) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """The pipeline declaration inside whatever wraps it: get-pipeline, a recording, an AWS Config item."""
    for _ in range(5):
        if not isinstance(document, Mapping):
            break
        if "stages" in document and not isinstance(document.get("pipeline"), Mapping):
            return document, {}
        if isinstance(document.get("pipeline"), Mapping):
            tags = document.get("tags") or ()
            return document["pipeline"], {tag["key"]: tag["value"] for tag in tags if isinstance(tag, Mapping)}
        inner = document.get("data") or document.get("configuration")
        document = load_document(inner, name) if isinstance(inner, str) else inner
    raise Unreadable(f"{name}: there is no pipeline in it: neither `pipeline` nor `stages`, nor a template's Resources.")


TEXTS = ("version", "name", "provider", "defaultValue", "value")


def _as_text(declaration: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """A copy whose configuration values and type versions are texts, as YAML's numbers and booleans are meant; a masked
    secret stays. `__type` members of old recordings go."""
    structure: dict[str, Any] = _without_type_hints(deepcopy(dict(declaration)))
    notes: list[Fault] = []
    for number, stage in enumerate(_list(structure.get("stages"))):
        for place, action in enumerate(_list(stage.get("actions")) if isinstance(stage, dict) else ()):
            if isinstance(action, dict):
                _action_as_text(action, f"stages[{number}].actions[{place}]", notes)
    return structure, notes


def _action_as_text(action: dict[str, Any], path: str, notes: list[Fault]) -> None:
    kind = action.get("actionTypeId")
    for owner, name in ((kind, "actionTypeId"), (action.get("configuration"), "configuration")):
        if not isinstance(owner, dict):
            continue
        for key, value in owner.items():
            if isinstance(value, bool | int | float):
                owner[key] = str(value).lower() if isinstance(value, bool) else str(value)
                notes.append(Fault(f"{path}.{name}.{key}", str(action.get("name", "")), "ValidationException",
                                   f"{value} is a {type(value).__name__}; AWS wants text.",
                                   f'Write "{owner[key]}".', warning=True))


def _without_type_hints(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_type_hints(part) for key, part in value.items() if key != "__type"}
    return [_without_type_hints(part) for part in value] if isinstance(value, list) else value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


# ---------------------------------------------------------------------------------------------- values


def with_defaults(structure: Mapping[str, Any]) -> dict[str, Any]:
    """The structure as AWS echoes it (9.4) [PROBE-B]: run orders, artifact lists, mode and type filled in."""
    full = deepcopy(dict(structure))
    full.setdefault("executionMode", "SUPERSEDED")
    full.setdefault("pipelineType", "V2" if needs_v2(full) else "V1")
    full.setdefault("version", 1)
    for stage in full["stages"]:
        for action in stage["actions"]:
            action.setdefault("runOrder", 1)
            for key in ("inputArtifacts", "outputArtifacts"):
                if action.get(key) is None:
                    action[key] = []
            action.setdefault("configuration", {})
    return full


def needs_v2(structure: Mapping[str, Any]) -> bool:
    """Whether a structure without a type is of type V2 by what it uses (1.1, our decision)."""
    from .check import uses_v2

    return bool(uses_v2(structure)) or any(structure.get(key) for key in V2_FIELDS)


def from_structure(structure: Mapping[str, Any]) -> Pipeline:
    """The values of a checked structure."""
    stores = structure.get("artifactStores") or {"": structure.get("artifactStore") or {}}
    return Pipeline(
        str(structure.get("name", "")), str(structure.get("roleArn", "")),
        tuple(_stage(stage) for stage in structure["stages"]),
        structure.get("executionMode", "SUPERSEDED"), structure.get("pipelineType", "V1"),
        int(structure.get("version", 1)),
        tuple(Variable(v["name"], v.get("defaultValue"), v.get("description"))
              for v in structure.get("variables") or ()),
        tuple(_trigger(trigger) for trigger in structure.get("triggers") or ()),
        {region: _store(store) for region, store in stores.items() if store}, structure)


def _store(store: Mapping[str, Any]) -> ArtifactStore:
    return ArtifactStore(str(store.get("location", "")), (store.get("encryptionKey") or {}).get("id"))


def _stage(stage: Mapping[str, Any]) -> Stage:
    failure = stage.get("onFailure")
    return Stage(stage["name"], tuple(_action(action) for action in stage["actions"]),
                 _gate(stage.get("beforeEntry")), _gate(stage.get("onSuccess")),
                 _on_failure(failure) if failure else None)


def _names(artifacts: Any) -> tuple[str, ...]:
    return tuple(artifact["name"] for artifact in artifacts or ())


def _action(action: Mapping[str, Any]) -> Action:
    kind = action["actionTypeId"]
    return Action(
        action["name"], ActionType(kind["category"], kind["owner"], kind["provider"], str(kind.get("version", "1"))),
        action.get("runOrder", 1), dict(action.get("configuration") or {}), _names(action.get("inputArtifacts")),
        _names(action.get("outputArtifacts")), action.get("region"), action.get("roleArn"), action.get("namespace"),
        action.get("timeoutInMinutes"), tuple(action.get("commands") or ()), tuple(action.get("outputVariables") or ()),
        tuple(action.get("environmentVariables") or ()),
        {artifact["name"]: tuple(artifact["files"]) for artifact in action.get("outputArtifacts") or ()
         if artifact.get("files")})


def _gate(gate: Mapping[str, Any] | None) -> Condition | None:
    conditions = (gate or {}).get("conditions")
    return _condition(conditions[0]) if conditions else None


def _condition(condition: Mapping[str, Any]) -> Condition:
    return Condition(condition.get("result", "FAIL"), tuple(_rule(rule) for rule in condition.get("rules") or ()))


def _rule(rule: Mapping[str, Any]) -> Rule:
    return Rule(rule["name"], rule["ruleTypeId"]["provider"], dict(rule.get("configuration") or {}),
                _names(rule.get("inputArtifacts")), rule.get("region"), rule.get("roleArn"),
                tuple(rule.get("commands") or ()), rule.get("timeoutInMinutes"))


def _on_failure(failure: Mapping[str, Any]) -> OnFailure:
    return OnFailure(failure.get("result"), (failure.get("retryConfiguration") or {}).get("retryMode"), _gate(failure))


def _filter(criteria: Mapping[str, Any] | None) -> Filter | None:
    if criteria is None:
        return None
    return Filter(tuple(criteria.get("includes") or ()), tuple(criteria.get("excludes") or ()))


def _trigger(trigger: Mapping[str, Any]) -> Trigger:
    git = trigger["gitConfiguration"]
    return Trigger(
        git["sourceActionName"],
        tuple(PushFilter(_filter(p.get("tags")), _filter(p.get("branches")), _filter(p.get("filePaths")))
              for p in git.get("push") or ()),
        tuple(PullRequestFilter(tuple(p.get("events") or ()), _filter(p.get("branches")), _filter(p.get("filePaths")))
              for p in git.get("pullRequest") or ()))


# ---------------------------------------------------------------------------------------------- back


def to_structure(pipeline: Pipeline) -> dict[str, Any]:
    """What `create-pipeline --cli-input-json` takes."""
    return {"pipeline": deepcopy(dict(pipeline.structure))}


def to_json(pipeline: Pipeline) -> str:
    return json.dumps(to_structure(pipeline), indent=2, ensure_ascii=False) + "\n"


def to_yaml(pipeline: Pipeline) -> str:
    text: str = yaml.safe_dump(to_structure(pipeline), sort_keys=False, allow_unicode=True, width=120)
    return text
