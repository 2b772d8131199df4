"""Patterns for CodePipeline's events that are worth having, by name (6.4)."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

_LEVEL = "CodePipeline {} Execution State Change"


def _of(level: str, *states: str, **detail: Any) -> dict[str, Any]:
    return {"source": ["aws.codepipeline"], "detail-type": [_LEVEL.format(level)],
            "detail": {**({"state": list(states)} if states else {}), **detail}}


_READY: Mapping[str, dict[str, Any]] = {
    "everything": {"source": ["aws.codepipeline"], "detail": {}},
    "failed-pipelines": _of("Pipeline", "FAILED"),
    "failed-builds-and-deployments": _of("Action", "FAILED", type={"category": ["Build", "Deploy"]}),
    "waiting-approvals": _of("Action", "STARTED", type={"category": ["Approval"]}),
    "rejected-approvals": _of("Action", "FAILED", type={"category": ["Approval"]}),
    "canceled-stages": _of("Stage", "CANCELED"),
    "superseded-executions": _of("Pipeline", "SUPERSEDED"),
    "every-action": _of("Action"),
    "retried-stages": _of("Stage", "RESUMED"),
}
READY = tuple(_READY)
"""The names that `from_codepipeline` knows."""


def from_codepipeline(name: str, pipeline: str | None = None) -> dict[str, Any]:
    """A ready pattern, for all pipelines or the one of this name. A rejected approval is a failed action of category
    Approval, and so is one that timed out; there is no event for an approval that waits but its action's STARTED.

        from_codepipeline("failed-pipelines", "web-shop")
    """
    if name not in _READY:
        raise ValueError(f"There is no ready pattern '{name}'. There are: {', '.join(READY)}.")
    found = deepcopy(_READY[name])
    detail = {**found["detail"], **({"pipeline": [pipeline]} if pipeline else {})}
    return {key: value for key, value in {**found, "detail": detail}.items() if value}
