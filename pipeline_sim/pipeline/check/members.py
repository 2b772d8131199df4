"""Constraints on single members: lengths, patterns, enums, counts, unknown members, wrong types (1.1) [MODEL]."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...shapes import Violation, violations
from ..fault import Fault

_STEP = re.compile(r"\.(\d+)\.member")
IGNORED = ("__type",)


def look_at_members(structure: Mapping[str, Any]) -> Iterator[Fault]:
    """A fault for each broken constraint, told as CreatePipeline tells it."""
    for violation in violations("CreatePipeline", {"pipeline": structure}):
        path = _path(violation.path)
        if path.rsplit(".", 1)[-1] not in IGNORED:
            yield Fault(path, _where(structure, path), "ValidationException", str(violation), _fix(violation))


def _path(path: str) -> str:
    """`pipeline.stages.1.member.name` is `stages[0].name`: places count from 0 here, as in the file."""
    below = path.removeprefix("pipeline").lstrip(".")
    return _STEP.sub(lambda match: f"[{int(match[1]) - 1}]", below).replace(".member", "") or "the pipeline"


def _where(structure: Mapping[str, Any], path: str) -> str:
    names: list[str] = []
    value: Any = structure
    for key, number in re.findall(r"(stages|actions)\[(\d+)\]", path):
        found = value.get(key) if isinstance(value, Mapping) else None
        if not isinstance(found, list) or int(number) >= len(found) or not isinstance(found[int(number)], Mapping):
            break
        value = found[int(number)]
        names.append(str(value.get("name", "")))
    return "/".join(names)


def _fix(violation: Violation) -> str:
    constraint = violation.constraint
    if "null" in constraint.lower():
        return "Add it."
    if "regular expression" in constraint:
        return _fix_of_pattern(constraint)
    if "enum" in constraint:
        return "Use one of the values listed; they are case sensitive."
    if "length less" in constraint or "less than or equal" in constraint:
        return "Make it shorter or smaller."
    if "length greater" in constraint or "greater than or equal" in constraint:
        return "Make it longer or larger, or leave the member out."
    return ""


def _fix_of_pattern(constraint: str) -> str:
    if "arn:aws" in constraint:
        return "Write the full ARN, such as arn:aws:iam::111122223333:role/NAME; placeholders are run with --lenient."
    return "Use only the characters that the pattern allows; spaces are none of them."


LISTS = ("stages", "actions", "inputArtifacts", "outputArtifacts", "variables", "triggers", "conditions", "rules",
         "commands", "outputVariables", "environmentVariables", "push", "pullRequest")
MAPPINGS = ("configuration", "actionTypeId", "ruleTypeId", "onFailure", "onSuccess", "beforeEntry", "artifactStore",
            "artifactStores", "gitConfiguration", "encryptionKey", "retryConfiguration")


def usable(structure: Any) -> Mapping[str, Any]:
    """The structure without members of a wrong type, so that the other checks can go through it."""
    cleaned = _usable(structure)
    return cleaned if isinstance(cleaned, Mapping) else {}


def _usable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _usable(part) for key, part in value.items() if _fits(str(key), part)}
    if isinstance(value, list):
        return [_usable(part) for part in value]
    return value


_OF_MAPPINGS = ("stages", "actions", "inputArtifacts", "outputArtifacts", "variables", "triggers", "conditions", "rules",
                "environmentVariables", "push", "pullRequest")


def _fits(key: str, value: Any) -> bool:
    if key in LISTS:
        return isinstance(value, list) and (key not in _OF_MAPPINGS or all(isinstance(v, Mapping) for v in value))
    if key in MAPPINGS:
        return isinstance(value, Mapping)
    if key == "name":
        return isinstance(value, str)
    return True
