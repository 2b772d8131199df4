"""What can be set of a stage, an action or the pipeline itself: the fields of its form, and what each of them changes.

The keys of a provider and which of them are required come from the catalogue; the browser only draws the fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...pipeline import edit, parts
from ...pipeline.catalogue import ACTIONS, CUSTOM_CATEGORIES, CUSTOM_PROVIDERS, action_type
from ...pipeline.check.walk import CATEGORIES
from ...pipeline.model import ActionType
from . import gates, variables
from .field import LINES, Field, choice, configuration, given_of, member, text_of, value_of

Structure = Mapping[str, Any]
Place = tuple[int, ...]
MODES = [("SUPERSEDED", "SUPERSEDED"), ("QUEUED", "QUEUED"), ("PARALLEL", "PARALLEL")]
TYPES = [("V1", "V1"), ("V2", "V2")]


def fields(structure: Structure, place: Place) -> list[Field]:
    """The form of a thing; of the pipeline itself where the place is empty."""
    if not place:
        return _of_pipeline(structure)
    stage = structure["stages"][place[0]]
    return _of_stage(structure, place, stage) if len(place) == 1 else _of_action(structure, place, _part(structure, place))


def _part(structure: Structure, place: Place) -> Structure:
    """The thing itself."""
    if not place:
        return structure
    stage: Structure = structure["stages"][place[0]]
    return stage if len(place) == 1 else stage["actions"][place[1]]


def changed(structure: Structure, place: Place, key: str, value: str) -> Structure:
    """The structure with one field of a thing changed. An empty field takes its member out."""
    where, _, rest = key.partition(".")
    if where in variables.KINDS and rest:
        number, _, name = rest.partition(".")
        rows = variables.with_row(_part(structure, place), where, int(number), name, value)
        return _with_rows(structure, place, where, rows)
    if len(place) == 1 and where in gates.TITLES:
        return edit.edit_stage(structure, place, **{where: _gate(_part(structure, place), where, rest, value)})
    text = value.strip() if key not in LINES else value
    if key == "name":
        return edit.rename(structure, place, text) if place else edit.edit_pipeline(structure, name=text)
    if not place:
        return _pipeline_with(structure, key, text)
    if len(place) == 1:
        raise ValueError(f"A stage has no field '{key}'.")
    return _action_with(structure, place, key, text)


def pressed(structure: Structure, place: Place, key: str) -> tuple[Structure, str]:
    """The structure after a button of the form, and the field to go on in: a variable or a rule more (`grow:variables`),
    or one less (`drop:beforeEntry.0`). Raises ValueError."""
    way, _, what = key.partition(":")
    where, _, number = what.partition(".")
    part = _part(structure, place)
    if where in variables.KINDS:
        rows, focus = variables.grown(part, where) if way == "grow" else variables.dropped(part, where, int(number))
        return _with_rows(structure, place, where, rows), focus
    if where not in gates.TITLES or len(place) != 1:
        raise ValueError(f"There is no button '{key}' here.")
    body, focus = gates.grown(part, where) if way == "grow" else gates.dropped(part, where, int(number))
    return edit.edit_stage(structure, place, **{where: body}), focus


def _with_rows(structure: Structure, place: Place, where: str, rows: list[dict[str, Any]]) -> Structure:
    members = variables.members(_part(structure, place), where, rows)
    return edit.edit_action(structure, place, **members) if place else edit.edit_pipeline(structure, **members)


def _gate(stage: Structure, gate: str, rest: str, value: str) -> Any:
    if not rest:
        return gates.with_result(stage, gate, value)
    number, _, key = rest.partition(".")
    return gates.with_rule(stage, gate, int(number), key, value)


# ---------------------------------------------------------------------------------------------- the pipeline, a stage


def _of_pipeline(structure: Structure) -> list[Field]:
    store = structure.get("artifactStore") or {}
    return [
        Field("name", "Name", text_of(structure.get("name")), required=True, member="name"),
        Field("roleArn", "Service role", text_of(structure.get("roleArn")), required=True, member="roleArn"),
        choice("executionMode", "Execution mode", structure.get("executionMode", "SUPERSEDED"), MODES),
        choice("pipelineType", "Type", structure.get("pipelineType", "V1"), TYPES),
        *([] if structure.get("artifactStores") else [Field(
            "artifactStore", "Artifact bucket", text_of(store.get("location")), required=True, member="artifactStore")]),
        *_variables(structure, "variables"),
    ]


def _pipeline_with(structure: Structure, key: str, text: str) -> Structure:
    if key == "executionMode":
        return edit.set_mode(structure, text)
    if key == "artifactStore":
        kept = {"type": "S3", **(structure.get("artifactStore") or {}), "location": text}
        return edit.edit_pipeline(structure, artifactStore=kept)
    return edit.edit_pipeline(structure, **{key: text or None})


def _of_stage(structure: Structure, place: Place, stage: Structure) -> list[Field]:
    name = Field("name", "Name", text_of(stage.get("name")), required=True, member="name")
    return [name, *gates.fields_of(stage, parts.artifacts_before(structure, place[0] + 1))]


def _variables(part: Structure, where: str) -> Iterator[Field]:
    """None of a text that is no list of variables: it stays a field of its own, with its faults."""
    rows = variables.rows_of(part, where)
    return variables.fields_of(rows, where) if rows is not None else iter(())


# ---------------------------------------------------------------------------------------------- an action


def _of_action(structure: Structure, place: Place, action: Structure) -> list[Field]:
    kind = parts.type_of(action)
    info = action_type(kind)
    made = parts.artifacts_before(structure, place[0])
    found = [Field("name", "Name", text_of(action.get("name")), required=True, member="name"),
             Field("type", "Provider", "/".join(kind.key), "choice", True, _types(kind), member="actionTypeId"),
             Field("runOrder", "Run order", text_of(action.get("runOrder", 1)), "number", member="runOrder",
                   hint="Actions of the same run order start together.")]
    own = configuration(action, info.keys if info else (), info.also_required(given_of(action)) if info else ())
    listed = next((field for field in own if field.label == variables.JSON_KEY), None)
    rows = [*_variables(action, "environment")] if listed is not None else []
    found += [field for field in own if field is not listed or not rows]
    if kind.provider == "Commands":
        found += [member(action, "commands", "Commands", required=True),
                  member(action, "outputVariables", "Variables to keep")]
        rows += _variables(action, "environmentVariables")
    takes, gives = (info.inputs, info.outputs) if info else ((0, 5), (0, 5))
    if takes[1]:
        found.append(member(action, "inputArtifacts", "Reads artifacts", takes[0] > 0,
                            f"Made before it: {', '.join(made)}." if made else "Nothing is made before it."))
    if gives[1]:
        found.append(member(action, "outputArtifacts", "Makes artifacts", gives[0] > 0))
    found += [member(action, "namespace", "Variable namespace"), member(action, "roleArn", "Role"),
              member(action, "region", "Region")]
    if (info and info.timeout_settable) or "timeoutInMinutes" in action:
        found.append(member(action, "timeoutInMinutes", "Time-out in minutes"))
    return [*found, *rows]


def _action_with(structure: Structure, place: Place, key: str, text: str) -> Structure:
    if key == "type":
        return _with_type(structure, place, text)
    where, _, inner = key.partition(".")
    if inner:
        kept = {**(_part(structure, place).get(where) or {}), inner: text or None}
        return edit.edit_action(structure, place, **{where: kept})
    return edit.edit_action(structure, place, **{key: value_of(key, text)})


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
