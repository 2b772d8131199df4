"""How an `aws_codepipeline` becomes what `create-pipeline` takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..standins import StandIn, fitted, plain, word
from ..told import Told
from .blocks import GUESSED
from .values import as_text, to_json

TYPE = ("category", "owner", "provider", "version")
ACTION_TEXTS = ("namespace", "region", "role_arn")
NUMBERS = ("run_order", "timeout_in_minutes")


def structure_of(said: Mapping[str, Any], path: str, told: Told) -> dict[str, Any]:
    """The structure of a resource whose attributes are values and whose blocks are lists of mappings."""
    found: dict[str, Any] = {"name": _text(said.get("name"), "name") or word(path.split(".")[-1])}
    found |= _texts(said, ("role_arn", "execution_mode", "pipeline_type"))
    found |= _stores(said)
    found["stages"] = list(_stages(said, path, told))
    if variables := [_texts(one, ("name", "default_value", "description")) for one in blocks(said.get("variable"))]:
        found["variables"] = variables
    if triggers := [_trigger(one) for one in blocks(said.get("trigger"))]:
        found["triggers"] = triggers
    _complete(found, path, told)
    return dict(plain(found))


def blocks(value: Any) -> list[dict[str, Any]]:
    """The blocks of one kind; a single one may stand without a list."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def _first(value: Any) -> dict[str, Any]:
    return next(iter(blocks(value)), {})


def camel(name: str) -> str:
    """`run_order` → `runOrder`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _text(value: Any, member: str) -> Any:
    """A text member; None where it is not given, which in a state is an empty text."""
    if isinstance(value, StandIn):
        return fitted(value, member)
    return as_text(value) if isinstance(value, str | int | float) and value != "" else None


def _texts(said: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    pairs = ((camel(name), _text(said.get(name), camel(name))) for name in names)
    return {member: value for member, value in pairs if value is not None}


def _numbers(said: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers, whether written as such or as texts; 0 in a state means not given."""
    found: dict[str, Any] = {}
    for name in NUMBERS:
        value = said.get(name)
        number = fitted(value, camel(name)) if isinstance(value, StandIn) else value
        if isinstance(number, str) and number.lstrip("-").isdecimal() and len(number) < 10:
            number = int(number)
        if number not in (None, "", 0) and not isinstance(number, list | dict):
            found[camel(name)] = number
    return found


def _stores(said: Mapping[str, Any]) -> dict[str, Any]:
    """One store, or one for each Region."""
    stores = blocks(said.get("artifact_store"))
    if len(stores) == 1 and not stores[0].get("region"):
        return {"artifactStore": _store(stores[0])}
    by_region = {as_text(store.get("region") or ""): _store(store) for store in stores}
    return {"artifactStores": by_region} if by_region else {}


def _store(said: Mapping[str, Any]) -> dict[str, Any]:
    found = {"type": _text(said.get("type"), "") or "S3", **_texts(said, ("location",))}
    if key := _first(said.get("encryption_key")):
        found["encryptionKey"] = _texts(key, ("id", "type"))
    return found


# ---------------------------------------------------------------------------------------------- stages


def _stages(said: Mapping[str, Any], path: str, told: Told) -> Iterator[dict[str, Any]]:
    """The stages, without those that are there by a guess and have the name of another: they are alternatives."""
    seen: set[str] = set()
    for place, one in enumerate(blocks(said.get("stage"))):
        stage, where = _stage(one, f"{path}.stage[{place}]", told), f"{path}.stage[{place}]"
        name = str(stage.get("name"))
        if name in seen and GUESSED in one:
            told.tell(where, f"There is a stage '{name}' already, and whether there is this one is not known; it is "
                      "left out.", "Give the variables with --parameter NAME=VALUE.")
            continue
        seen.add(name)
        yield stage


def _stage(said: Mapping[str, Any], path: str, told: Told) -> dict[str, Any]:
    found = _texts(said, ("name",))
    found["actions"] = [_action(action, f"{path}.action[{place}]", told)
                        for place, action in enumerate(blocks(said.get("action")))]
    for gate in ("before_entry", "on_success", "on_failure"):
        if body := _first(said.get(gate)):
            found[camel(gate)] = _gate(body)
    return found


def _gate(said: Mapping[str, Any]) -> dict[str, Any]:
    found = _texts(said, ("result",))
    if retry := _first(said.get("retry_configuration")):
        found["retryConfiguration"] = _texts(retry, ("retry_mode",))
    if conditions := blocks(said.get("condition")):
        found["conditions"] = [{**_texts(one, ("result",)), "rules": [_rule(rule) for rule in blocks(one.get("rule"))]}
                               for one in conditions]
    return found


def _rule(said: Mapping[str, Any]) -> dict[str, Any]:
    kind = _texts(_first(said.get("rule_type_id")), TYPE)
    found = {**_texts(said, ("name", "region", "role_arn")), "ruleTypeId": kind, **_numbers(said)}
    if said.get("configuration"):
        found["configuration"] = _configuration(said["configuration"])
    if isinstance(said.get("commands"), list) and said["commands"]:
        found["commands"] = [as_text(one) for one in said["commands"]]
    if names := _names(said.get("input_artifacts")):
        found["inputArtifacts"] = names
    return found


def _action(said: Mapping[str, Any], path: str, told: Told) -> dict[str, Any]:
    """One action. One whose type is not known is marked, for `_complete`."""
    kind = _texts(said, TYPE)
    found = {**_texts(said, ("name",)), "actionTypeId": kind, **_texts(said, ACTION_TEXTS), **_numbers(said)}
    if any(isinstance(said.get(name), StandIn) for name in ("category", "provider")):
        found = {"name": found.get("name", "action"), "actionTypeId": {}, **_numbers(said),
                 _GUESS: (path, said.get("category"))}
    elif isinstance(said.get("configuration"), dict):
        found["configuration"] = _configuration(said["configuration"])
    elif isinstance(said.get("configuration"), StandIn):
        told.tell(path, "Its configuration is not known; it is left out.")
    for name in ("input_artifacts", "output_artifacts"):
        if name in said:
            known = said[name] if isinstance(said[name], list) else []
            guess = _GUESS in found
            found[camel(name)] = _names([one for one in known if not (guess and isinstance(one, StandIn))])
    for name in ("commands", "output_variables"):
        if isinstance(said.get(name), list) and said[name]:
            found[camel(name)] = [as_text(one) for one in said[name]]
    if variables := [_texts(one, ("name", "value", "type")) for one in blocks(said.get("environment_variable"))]:
        found["environmentVariables"] = variables
    return found


def _names(value: Any) -> list[dict[str, str]]:
    """Artifacts, which Terraform writes as a list of names."""
    return [{"name": fitted(one, "name") if isinstance(one, StandIn) else as_text(one)}
            for one in (value if isinstance(value, list) else []) if isinstance(one, str | int | float)]


def _configuration(value: Any) -> dict[str, Any]:
    """Texts; a null value is one that is not given."""
    if not isinstance(value, dict):
        return {}
    found = {}
    for key, part in value.items():
        if part is not None:
            member = f"configuration.{key}"
            found[str(key)] = fitted(part, member) if isinstance(part, StandIn) else (
                to_json(part) if isinstance(part, dict | list) else as_text(part))
    return found


def _trigger(said: Mapping[str, Any]) -> dict[str, Any]:
    git = _first(said.get("git_configuration"))
    body = _texts(git, ("source_action_name",))
    for name in ("push", "pull_request"):
        if filters := [_filter(one) for one in blocks(git.get(name))]:
            body[camel(name)] = filters
    return {**_texts(said, ("provider_type",)), "gitConfiguration": body}


def _filter(said: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if isinstance(said.get("events"), list) and said["events"]:
        found["events"] = [as_text(one) for one in said["events"]]
    for name in ("tags", "branches", "file_paths"):
        criteria = _first(said.get(name))
        lists = {key: [as_text(one) for one in criteria[key]] for key in ("includes", "excludes")
                 if isinstance(criteria.get(key), list) and criteria[key]}
        if lists:
            found[camel(name)] = lists
    return found


# ---------------------------------------------------------------------------------------------- what is not known

_GUESS = "?"


def _complete(structure: dict[str, Any], path: str, told: Told) -> None:
    """Give actions whose type only the variables know the simplest one that AWS would take in their place: a source in
    the first stage, a build after it, or one of the category that is known. This is told."""
    last = ""
    for number, stage in enumerate(structure["stages"]):
        for action in stage["actions"]:
            if _GUESS in action:
                place, category = action.pop(_GUESS)
                category = category if category in _SIMPLEST else "Build" if number else "Source"
                told.tell(place, f"What kind of action this is, only the module's variables say; one of {category} by "
                          f"{_SIMPLEST[category][0]} stands for it.",
                          "Give the variables with --parameter NAME=VALUE, or load what `terraform show -json` prints.")
                _make_simplest(action, category, last)
            outputs = action.get("outputArtifacts") or ()
            last = outputs[-1]["name"] if outputs else last


# the provider of each category that asks for least, and the configuration that it needs
_SIMPLEST: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Source": ("CodeCommit", ("RepositoryName", "BranchName")), "Build": ("CodeBuild", ("ProjectName",)),
    "Test": ("CodeBuild", ("ProjectName",)), "Deploy": ("CodeDeploy", ("ApplicationName", "DeploymentGroupName")),
    "Invoke": ("Lambda", ("FunctionName",)), "Approval": ("Manual", ())}


def _make_simplest(action: dict[str, Any], category: str, last: str) -> None:
    provider, keys = _SIMPLEST[category]
    name = word(action["name"])[:90]
    action["actionTypeId"] = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    action["configuration"] = dict.fromkeys(keys, name)
    takes = category in ("Build", "Test", "Deploy") and last
    if not action.get("inputArtifacts") or not takes:
        action["inputArtifacts"] = [{"name": last}] if takes else []
    if category == "Source":
        action["outputArtifacts"] = (action.get("outputArtifacts") or [{"name": f"{name}-out"}])[:1]
    elif category in ("Deploy", "Approval"):
        action["outputArtifacts"] = []
