"""Which definition each version of a pipeline had: what get-pipeline says, with what the actions that ran add to it.

A history may tell of stages and actions that the definition of today no longer has, and without get-pipeline it is all
there is. What is put together so has the stages in the order in which they were entered; what began while another action
still ran is in its action group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from ..pipeline.build import from_structure, with_defaults
from ..pipeline.check.members import plain
from ..pipeline.model import Pipeline
from .values import History, PastAttempt

ROLE = "arn:aws:iam::{account}:role/unknown"
ACCOUNT = "111122223333"


def definitions(history: History) -> dict[int, Pipeline]:
    """The definition by version, oldest first. The one that get-pipeline said goes by its own version."""
    by_version: dict[int, list[PastAttempt]] = {}
    for attempt in history.attempts:
        by_version.setdefault(attempt.version, []).append(attempt)
    known = history.definition
    if known is not None:
        by_version.setdefault(known.version, [])
    return {version: _definition(history, known, version, by_version[version])
            for version in sorted(by_version)} or {1: _definition(history, known, 1, [])}


def _definition(history: History, known: Pipeline | None, version: int, rows: Sequence[PastAttempt]) -> Pipeline:
    if known is not None and not _strangers(known, rows):
        return known if known.version == version else replace(
            known, version=version, structure={**known.structure, "version": version})
    stages = [_stage(name, found) for name, found in _in_order(rows)]
    if known is not None:
        stages = _merged([plain(stage) for stage in known.structure["stages"]], stages)
    structure = dict(plain(known.structure)) if known is not None else _shell(history)
    return from_structure(with_defaults({**structure, "version": version, "stages": stages}))


def _strangers(known: Pipeline, rows: Iterable[PastAttempt]) -> bool:
    """Whether something ran that the definition does not have."""
    places = {(stage.name, action.name) for stage, action in known.walk()}
    return any((row.stage, row.action) not in places for row in rows)


def _shell(history: History) -> dict[str, Any]:
    bucket = next((location.get("bucket") for row in history.attempts
                   for artifact in row.input.get("inputArtifacts") or ()
                   if (location := artifact.get("s3location") or {})), "unknown")
    mode = next((one.mode for one in reversed(history.executions) if one.mode), "SUPERSEDED")
    return {"name": history.name, "roleArn": ROLE.format(account=ACCOUNT), "executionMode": mode, "pipelineType": "V2",
            "artifactStore": {"type": "S3", "location": bucket}}


# ---------------------------------------------------------------------------------------------- stages


def _in_order(rows: Sequence[PastAttempt]) -> list[tuple[str, list[PastAttempt]]]:
    """The stages that ran, in the order in which executions go through them; a retry does not turn it round."""
    place: dict[str, int] = {}
    for _, group in groupby(sorted(rows, key=lambda row: row.execution), key=lambda row: row.execution):
        way = dict.fromkeys(row.stage for row in sorted(group, key=lambda row: row.started))
        for number, stage in enumerate(way):
            place[stage] = max(place.get(stage, 0), number)
    return [(stage, [row for row in rows if row.stage == stage]) for stage in sorted(place, key=lambda one: place[one])]


def _stage(name: str, rows: Sequence[PastAttempt]) -> dict[str, Any]:
    newest = {row.action: row for row in rows}
    orders = _run_orders(rows)
    actions = [_action(row, orders[row.action]) for row in newest.values()]
    return {"name": name, "actions": sorted(actions, key=lambda action: action["runOrder"])}


def _run_orders(rows: Sequence[PastAttempt]) -> dict[str, int]:
    """Each action's group: it comes after those that had ended, in every execution, before it began."""
    after: dict[str, set[str]] = {row.action: set() for row in rows}
    beside: dict[str, set[str]] = {row.action: set() for row in rows}
    for _, group in groupby(sorted(rows, key=lambda row: row.execution), key=lambda row: row.execution):
        first: dict[str, PastAttempt] = {}
        for row in sorted(group, key=lambda row: row.started):
            first.setdefault(row.action, row)
        for one in first.values():
            for other in first.values():
                if one is not other:
                    earlier = other.ended is not None and other.ended <= one.started and other.started < one.started
                    (after if earlier else beside)[one.action].add(other.action)
    return {action: 1 + len({name for name in after[action] if name not in beside[action]}) for action in after}


def _action(row: PastAttempt, order: int) -> dict[str, Any]:
    said = row.input
    found: dict[str, Any] = {
        "name": row.action, "runOrder": order,
        "actionTypeId": {"category": "Invoke", "owner": "Custom", "provider": "Unknown", "version": "1", **row.type},
        "configuration": {str(key): str(value) for key, value in (said.get("configuration") or {}).items()},
        "inputArtifacts": [{"name": str(one["name"])} for one in said.get("inputArtifacts") or () if "name" in one],
        "outputArtifacts": [{"name": name} for name in row.outputs]}
    for member in ("region", "roleArn", "namespace"):
        if isinstance(said.get(member), str):
            found[member] = said[member]
    return found


def _merged(known: list[dict[str, Any]], ran: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The stages of the definition, with stages and actions put in that ran and are not in it (any more)."""
    by_name: Mapping[str, dict[str, Any]] = {stage["name"]: stage for stage in known}
    merged = list(known)
    before = -1
    for stage in ran:
        if stage["name"] not in by_name:
            merged.insert(before + 1, stage)
        else:
            actions = by_name[stage["name"]]["actions"]
            there = {action["name"] for action in actions}
            actions += [action for action in stage["actions"] if action["name"] not in there]
        before = next(place for place, one in enumerate(merged) if one["name"] == stage["name"])
    return merged
