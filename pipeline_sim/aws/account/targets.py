"""What a target is given: the event itself, a part of it, or a text made from it (6.5)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_WAYS = ("Input", "InputPath", "InputTransformer")
_PLACEHOLDER = re.compile(r"<([A-Za-z0-9._-]+)>")
_STEP = re.compile(r"\.([A-Za-z0-9_-]+)|\['([^']+)'\]|\[(\d+)\]")
WITH_ROLE = ("codepipeline", "states")
"""Services that EventBridge calls as a role: a target without RoleArn is refused."""


def service_of(arn: str) -> str:
    parts = arn.split(":", 5)
    return parts[2] if len(parts) == 6 and parts[0] == "arn" else ""


def against_target(target: Mapping[str, Any]) -> str | None:
    """Why PutTargets refuses a target, or None."""
    given = [way for way in _WAYS if way in target]
    if len(given) > 1:
        return f"Only one of Input, InputPath or InputTransformer must be provided for target {target['Id']}."
    service = service_of(target["Arn"])
    if not service:
        return f"Parameter {target['Arn']} is not valid. Reason: Provided Arn is not in correct format."
    if service in WITH_ROLE and "RoleArn" not in target:
        return f"RoleArn is required for target {target['Arn']}."
    if "Input" in target and _json(target["Input"]) is None:
        return f"JSON syntax error in input for target {target['Id']}."
    paths = [target["InputPath"]] if "InputPath" in target else \
        list(target.get("InputTransformer", {}).get("InputPathsMap", {}).values())
    wrong = [path for path in paths if not _is_path(path)]
    return f"InputPath for target {target['Id']} is invalid: {wrong[0]}." if wrong else None


def input_of(target: Mapping[str, Any], event: Mapping[str, Any], rule: str) -> Any:
    """What a target gets of an event. What a path does not find is null, and in a template an empty text."""
    if "Input" in target:
        return json.loads(target["Input"])
    if "InputPath" in target:
        return at(event, target["InputPath"])
    if "InputTransformer" not in target:
        return event
    asked = target["InputTransformer"]
    values = {name: at(event, path) for name, path in asked.get("InputPathsMap", {}).items()}
    known = {"aws.events.rule-arn": rule, "aws.events.rule-name": rule.rpartition("/")[2],
             "aws.events.event.ingestion-time": event.get("time", ""), "aws.events.event.json": event,
             "aws.events.event": {key: value for key, value in event.items() if key != "detail"}}
    return filled(asked["InputTemplate"], {**known, **values})


def filled(template: str, values: Mapping[str, Any]) -> Any:
    """A template with its placeholders filled. Within a JSON text a value is escaped, elsewhere it is JSON itself; what
    is no JSON afterwards is a plain text."""
    inside, made, last = False, [], 0
    for found in _PLACEHOLDER.finditer(template):
        between = template[last:found.start()]
        inside ^= between.replace('\\"', "").count('"') % 2 == 1
        made += [between, _shown(values[found[1]], inside) if found[1] in values else found[0]]
        last = found.end()
    text = "".join([*made, template[last:]])
    parsed = _json(text)
    return text if parsed is None else parsed[0]


def _shown(value: Any, inside: bool) -> str:
    if not inside:
        return json.dumps(value, ensure_ascii=False)
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return json.dumps(text, ensure_ascii=False)[1:-1]


def at(event: Any, path: str) -> Any:
    """What lies at a JSONPath such as `$.detail.pipeline` or `$.resources[0]`; None where there is nothing."""
    found = event
    for name, quoted, index in _STEP.findall(path[1:]):
        try:
            found = found[int(index)] if index else found[name or quoted]
        except (KeyError, IndexError, TypeError):
            return None
    return found


def _is_path(path: str) -> bool:
    return path.startswith("$") and _STEP.sub("", path[1:]) == ""


def _json(text: str) -> tuple[Any] | None:
    """What a text says as JSON, in a tuple of one; None where it is none."""
    try:
        return (json.loads(text),)
    except ValueError:
        return None
