"""What a pipeline's real history consists of: its executions and the attempts of its actions, as AWS tells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from ..pipeline.fault import Fault
from ..pipeline.model import Pipeline

AT_ONCE = 2
"""Seconds within which two things happened at once."""


@dataclass(frozen=True)
class PastAttempt:
    """One attempt of an action: a row of `list-action-executions`. `ended` is None while it is in progress."""

    id: str
    execution: str
    stage: str
    action: str
    started: datetime
    ended: datetime | None
    status: str
    version: int = 1
    code: str = ""
    message: str = ""
    summary: str = ""
    external: str = ""
    by: str = ""
    input: Mapping[str, Any] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"{self.stage}/{self.action}"

    @property
    def type(self) -> Mapping[str, str]:
        """`actionTypeId`; empty where the row has none."""
        found: Mapping[str, str] = self.input.get("actionTypeId") or {}
        return found

    @property
    def is_approval(self) -> bool:
        return self.type.get("category") == "Approval"

    @property
    def is_source(self) -> bool:
        return self.type.get("category") == "Source"


@dataclass(frozen=True)
class PastRule:
    """One run of a condition's rule: a row of `list-rule-executions`. `ended` is None while it is in progress."""

    id: str
    execution: str
    stage: str
    rule: str
    started: datetime
    ended: datetime | None
    status: str
    code: str = ""
    message: str = ""
    summary: str = ""
    external: str = ""


@dataclass(frozen=True)
class PastRevision:
    """What a source action took."""

    action: str
    id: str
    summary: str = ""


@dataclass(frozen=True)
class PastExecution:
    """One execution: a row of `list-pipeline-executions`, or what its attempts say of it (`guessed`)."""

    id: str
    status: str
    started: datetime
    updated: datetime
    revisions: tuple[PastRevision, ...] = ()
    trigger: str = ""
    detail: str = ""
    mode: str = ""
    kind: str = "STANDARD"
    target: str = ""
    summary: str = ""
    stop_reason: str | None = None
    guessed: bool = False

    @property
    def revision_key(self) -> str:
        """One text for what it ran with: the same for two executions of the same revisions; empty where unknown."""
        return " ".join(sorted(f"{one.action}={one.id}" for one in self.revisions))


    @property
    def must_have_acted(self) -> bool:
        """Whether actions must have run in it: one that is refused a start, or that is overtaken, has none."""
        at_once = (self.updated - self.started).total_seconds() < AT_ONCE
        return self.status == "Succeeded" or self.status == "Failed" and not at_once


Past = TypeVar("Past", PastAttempt, PastRule)


def _by_execution(rows: Iterable[Past]) -> Mapping[str, tuple[Past, ...]]:
    found: dict[str, list[Past]] = {}
    for row in rows:
        found.setdefault(row.execution, []).append(row)
    return {key: tuple(of) for key, of in found.items()}


@dataclass(frozen=True)
class History:
    """All that is known of one pipeline's past: executions and attempts, oldest first. `definition` is what get-pipeline
    said; `state` the answer of get-pipeline-state; `notes` say what is missing."""

    name: str
    executions: tuple[PastExecution, ...]
    attempts: tuple[PastAttempt, ...]
    definition: Pipeline | None = None
    state: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Fault, ...] = ()
    rules: tuple[PastRule, ...] = ()

    @cached_property
    def of(self) -> Mapping[str, tuple[PastAttempt, ...]]:
        """The attempts of each execution, by its id, oldest first."""
        return _by_execution(self.attempts)

    @cached_property
    def rules_of(self) -> Mapping[str, tuple[PastRule, ...]]:
        """The runs of rules of each execution, by its id, oldest first."""
        return _by_execution(self.rules)

    @cached_property
    def by_id(self) -> Mapping[str, PastExecution]:
        return {one.id: one for one in self.executions}

    @cached_property
    def begins(self) -> datetime:
        """The first moment that it knows of."""
        return min([*(one.started for one in self.executions), *(one.started for one in self.attempts)])

    @cached_property
    def ends(self) -> datetime:
        """The last moment that it knows of: what was in progress then had lasted until then."""
        return max([*(one.updated for one in self.executions), *(one.ended or one.started for one in self.attempts),
                    *(one.ended or one.started for one in self.rules)])
