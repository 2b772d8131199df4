"""What can be set of a stage, an action or the pipeline itself: the fields of its form, and what each of them changes.

The keys of a provider and which of them are required come from the catalogue; the browser only draws the fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ...pipeline import edit, parts
from ...pipeline.catalogue import ACTIONS, CUSTOM_CATEGORIES, CUSTOM_PROVIDERS, Key, action_type
from ...pipeline.check.walk import CATEGORIES
from ...pipeline.model import ActionType

Structure = Mapping[str, Any]
Place = tuple[int, ...]
LINES = ("commands",)
NAMES = ("inputArtifacts", "outputArtifacts")
WORDS = ("outputVariables",)
RETRY = {"": None, "ROLLBACK": {"result": "ROLLBACK"}, "FAILED_ACTIONS": {
    "result": "RETRY", "retryConfiguration": {"retryMode": "FAILED_ACTIONS"}}, "ALL_ACTIONS": {
    "result": "RETRY", "retryConfiguration": {"retryMode": "ALL_ACTIONS"}}}
CONDITIONS = "conditions"
ON_FAILURE = [("", "stay failed"), ("ROLLBACK", "roll back"), ("FAILED_ACTIONS", "retry the failed actions"),
              ("ALL_ACTIONS", "retry all actions")]
MODES = [("SUPERSEDED", "SUPERSEDED"), ("QUEUED", "QUEUED"), ("PARALLEL", "PARALLEL")]
TYPES = [("V1", "V1"), ("V2", "V2")]


class Field(NamedTuple):
    """One field. `kind` is text, number, choice or lines; `options` are (value, words, group). `member` is the path below
    the thing itself, by which a fault finds its field."""

    key: str
    label: str
    value: str
    kind: str = "text"
    required: bool = False
    options: Sequence[tuple[str, str, str]] = ()
    hint: str = ""
    member: str = ""


def fields(structure: Structure, place: Place) -> list[Field]:
    """The form of a thing; of the pipeline itself where the place is empty."""
    if not place:
        return _of_pipeline(structure)
    stage = structure["stages"][place[0]]
    return _of_stage(stage) if len(place) == 1 else _of_action(structure, place, stage["actions"][place[1]])


def changed(structure: Structure, place: Place, key: str, value: str) -> Structure:
    """The structure with one field of a thing changed. An empty field takes its member out."""
    text = value.strip() if key not in LINES else value
    if key == "name":
        return edit.rename(structure, place, text) if place else edit.edit_pipeline(structure, name=text)
    if not place:
        return _pipeline_with(structure, key, text)
    if len(place) == 1:
        return edit.edit_stage(structure, place, onFailure=RETRY[text]) if text in RETRY else structure
    if key == "type":
        return _with_type(structure, place, text)
    member, _, inner = key.partition(".")
    if inner:
        action = structure["stages"][place[0]]["actions"][place[1]]
        kept = {**(action.get(member) or {}), inner: value or None}
        return edit.edit_action(structure, place, **{member: kept})
    return edit.edit_action(structure, place, **{key: _value(key, text)})


def _value(key: str, text: str) -> Any:
    if key in NAMES:
        return [{"name": name} for name in _words(text)]
    if key in WORDS:
        return _words(text) or None
    if key in LINES:
        return [line for line in text.splitlines() if line.strip()] or None
    if key in ("runOrder", "timeoutInMinutes"):
        return _number(text)
    return text or None


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _number(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or len(text) > 9:
        raise ValueError(f"'{text[:40]}' is no whole number.")
    return int(text)


# ---------------------------------------------------------------------------------------------- the pipeline, a stage


def _of_pipeline(structure: Structure) -> list[Field]:
    store = structure.get("artifactStore") or {}
    return [
        Field("name", "Name", _text(structure.get("name")), required=True, member="name"),
        Field("roleArn", "Service role", _text(structure.get("roleArn")), required=True, member="roleArn"),
        _choice("executionMode", "Execution mode", structure.get("executionMode", "SUPERSEDED"), MODES),
        _choice("pipelineType", "Type", structure.get("pipelineType", "V1"), TYPES),
        *([] if structure.get("artifactStores") else [Field(
            "artifactStore", "Artifact bucket", _text(store.get("location")), required=True, member="artifactStore")]),
    ]


def _pipeline_with(structure: Structure, key: str, text: str) -> Structure:
    if key == "executionMode":
        return edit.set_mode(structure, text)
    if key == "artifactStore":
        kept = {"type": "S3", **(structure.get("artifactStore") or {}), "location": text}
        return edit.edit_pipeline(structure, artifactStore=kept)
    return edit.edit_pipeline(structure, **{key: text or None})


def _of_stage(stage: Structure) -> list[Field]:
    name = Field("name", "Name", _text(stage.get("name")), required=True, member="name")
    now = stage.get("onFailure")
    known = next((word for word, value in RETRY.items() if value == now), CONDITIONS)
    options = [*ON_FAILURE, *([(CONDITIONS, "as the definition says")] if known == CONDITIONS else [])]
    return [name, _choice("onFailure", "When it fails", known, options)._replace(
        hint="Conditions and their rules are written in the definition.")]


# ---------------------------------------------------------------------------------------------- an action


def _of_action(structure: Structure, place: Place, action: Structure) -> list[Field]:
    kind = parts.type_of(action)
    info = action_type(kind)
    made = parts.artifacts_before(structure, place[0])
    found = [Field("name", "Name", _text(action.get("name")), required=True, member="name"),
             Field("type", "Provider", "/".join(kind.key), "choice", True, _types(kind), member="actionTypeId"),
             Field("runOrder", "Run order", _text(action.get("runOrder", 1)), "number", member="runOrder",
                   hint="Actions of the same run order start together.")]
    found += _configuration(action, info.keys if info else (), info.also_required(_given(action)) if info else ())
    if kind.provider == "Commands":
        found += [_member(action, "commands", "Commands", required=True),
                  _member(action, "outputVariables", "Variables to keep")]
    takes, gives = (info.inputs, info.outputs) if info else ((0, 5), (0, 5))
    if takes[1]:
        found.append(_member(action, "inputArtifacts", "Reads artifacts", takes[0] > 0,
                             f"Made before it: {', '.join(made)}." if made else "Nothing is made before it."))
    if gives[1]:
        found.append(_member(action, "outputArtifacts", "Makes artifacts", gives[0] > 0))
    found += [_member(action, "namespace", "Variable namespace"), _member(action, "roleArn", "Role"),
              _member(action, "region", "Region")]
    if (info and info.timeout_settable) or "timeoutInMinutes" in action:
        found.append(_member(action, "timeoutInMinutes", "Time-out in minutes"))
    return found


def _given(action: Structure) -> Structure:
    given = action.get("configuration")
    return given if isinstance(given, Mapping) else {}


def _configuration(action: Structure, known: Iterable[Key], also: Sequence[str]) -> list[Field]:
    """The catalogue's keys, the required ones first, then those that are in the definition besides."""
    given = _given(action)
    keys = sorted(known, key=lambda key: not (key.required or key.name in also))
    others = [Key(str(name)) for name in given if name not in {key.name for key in keys}]
    return [_key(key, _text(given.get(key.name)), key.required or key.name in also) for key in [*keys, *others]]


def _key(key: Key, value: str, required: bool) -> Field:
    options = [("", "", ""), *((one, one, "") for one in key.values)]
    if value not in key.values and value:
        options.append((value, value, ""))
    return Field(f"configuration.{key.name}", key.name, value, "choice" if key.values else "text", required,
                 options if key.values else (), "A secret: AWS shows it as ****." if key.secret else "",
                 f"configuration.{key.name}")


def _member(action: Structure, key: str, label: str, required: bool = False, hint: str = "") -> Field:
    value = action.get(key)
    if key in LINES and isinstance(value, list):
        return Field(key, label, "\n".join(map(str, value)), "lines", required, hint="One in each line.", member=key)
    if isinstance(value, list):
        value = ", ".join(_text(one.get("name") if isinstance(one, Mapping) else one) for one in value)
    kind = "lines" if key in LINES else "number" if key == "timeoutInMinutes" else "text"
    return Field(key, label, _text(value), kind, required, hint=hint, member=key)


def _types(now: ActionType) -> list[tuple[str, str, str]]:
    """Every type by category, and the action's own where it is none of them."""
    known = [info.type for info in ACTIONS]
    known += [ActionType(category, "Custom", provider) for category in CUSTOM_CATEGORIES for provider in CUSTOM_PROVIDERS]
    found = [*known, *([] if now in known else [now])]
    return sorted(("/".join(kind.key), kind.provider + ("" if kind.owner == "AWS" else f" ({kind.owner})"), kind.category)
                  for kind in found)


def _with_type(structure: Structure, place: Place, text: str) -> Structure:
    category, owner, provider, version = text.split("/", 3)
    if category not in CATEGORIES:
        raise ValueError(f"There is no category '{category}'.")
    stage, number = place
    new = parts.with_type(structure, stage, structure["stages"][stage]["actions"][number],
                          ActionType(category, owner, provider, version))
    return edit.put_action(structure, place, new)


def _choice(key: str, label: str, value: Any, options: Iterable[tuple[str, str]]) -> Field:
    listed = [(each, words, "") for each, words in options]
    now = _text(value)
    if now not in [each for each, _, _ in listed]:
        listed.append((now, now, ""))
    return Field(key, label, now, "choice", options=listed, member=key)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
