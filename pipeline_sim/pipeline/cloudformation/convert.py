"""How a resource's properties become what `create-pipeline` takes: AWS's two spellings of the same members."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ..standins import StandIn, fitted, plain
from ..told import Told
from .template import as_text

NUMBERS = frozenset({"runOrder", "timeoutInMinutes"})
FREE = "configuration"
_DIGITS = re.compile(r"-?\d{1,9}")


def structure_of(properties: Mapping[str, Any], path: str, told: Told) -> dict[str, Any]:
    """The structure of an `AWS::CodePipeline::Pipeline` whose properties hold no functions any more."""
    own = {key: value for key, value in properties.items()
           if key not in ("DisableInboundStageTransitions", "RestartExecutionOnUpdate", "Tags", "ArtifactStores")}
    found = plain(_members(own, path, told, ""))
    if "ArtifactStores" in properties:
        found["artifactStores"] = plain(_stores(properties["ArtifactStores"], f"{path}.ArtifactStores", told))
    return dict(found)


def lower_first(key: str) -> str:
    return key[:1].lower() + key[1:]


def _members(value: Any, path: str, told: Told, member: str) -> Any:
    if isinstance(value, dict):
        if member == FREE:
            return _settings(value, path, told)
        return _mapping(value, path, told)
    if isinstance(value, list):
        return [_members(part, f"{path}[{place}]", told, member) for place, part in enumerate(value)]
    return _scalar(value, member)


def _mapping(value: dict[str, Any], path: str, told: Told) -> dict[str, Any]:
    found = {}
    for key, part in value.items():
        member = lower_first(key)
        if member == key and key.isascii() and key.isalpha():
            told.tell(f"{path}.{key}", f"CloudFormation knows no member '{key}'.", f"Write {key[:1].upper()}{key[1:]}.")
        converted = _members(part, f"{path}.{key}", told, member)
        if converted is not None:
            found[member] = converted
    return found


def _scalar(value: Any, member: str) -> Any:
    """Numbers where the API takes numbers, texts everywhere else; stand-ins in the form that the member must have."""
    if isinstance(value, StandIn):
        return fitted(value, member)
    if member in NUMBERS and isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    if value is None or member in NUMBERS and isinstance(value, int) and not isinstance(value, bool):
        return value
    return as_text(value)


def _settings(value: dict[str, Any], path: str, told: Told) -> dict[str, Any]:
    """A configuration: its keys are the provider's own, its values texts; an object or list is passed as JSON."""
    found = {}
    for key, part in value.items():
        if isinstance(part, dict | list):
            told.tell(f"{path}.{key}", "A configuration value is a text; this one is passed as JSON.",
                      "Write it as a text.")
            found[key] = json.dumps(plain(part), separators=(",", ":"), ensure_ascii=False)
        elif part is not None:
            found[key] = _scalar(part, f"{FREE}.{key}")
    return found


def _stores(stores: Any, path: str, told: Told) -> Any:
    """A list of stores with their Regions, which the API writes as a map."""
    found: dict[str, Any] = {}
    for place, one in enumerate(stores if isinstance(stores, list) else []):
        store = one.get("ArtifactStore") if isinstance(one, dict) else None
        if not isinstance(store, dict) or not isinstance(one.get("Region"), str):
            told.tell(f"{path}[{place}]", "An artifact store needs a Region and an ArtifactStore; it is left out.")
            continue
        if one["Region"] in found:
            told.tell(f"{path}[{place}]", f"The Region {one['Region']} has two artifact stores; the last counts.")
        found[one["Region"]] = _members(store, f"{path}[{place}].ArtifactStore", told, "artifactStore")
    return found


def pairs(value: Any, path: str, told: Told) -> dict[str, str]:
    """Tags: a list of Key and Value, or (as SAM writes them) a mapping."""
    if isinstance(value, dict):
        return {key: as_text(part) for key, part in value.items() if isinstance(part, str | int | float)}
    found = {}
    for place, one in enumerate(value if isinstance(value, list) else []):
        key, said = (one.get("Key"), one.get("Value")) if isinstance(one, dict) else (None, None)
        if isinstance(key, str) and isinstance(said, str | int | float):
            found[key] = as_text(said)
        else:
            told.tell(f"{path}[{place}]", "A tag needs a Key and a Value; it is left out.")
    return found


def disabled(value: Any) -> tuple[dict[str, str], ...]:
    """The stages whose inbound transition the template closes, with the reason."""
    return tuple({"stageName": as_text(one["StageName"]), "reason": as_text(one.get("Reason", ""))}
                 for one in (value if isinstance(value, list) else [])
                 if isinstance(one, dict) and isinstance(one.get("StageName"), str | int | float))
