"""Of what a state consists: pipelines, executions, their ways through stages, attempts, jobs.

Only `fold` changes these, one record at a time; rules and views read. Executions go by their number (1, 2, 3, …) here;
the UUIDs that AWS shows are made at the edge (`ids`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..pipeline.model import Pipeline
from ..record import PollFailed, Result, Revision, Start

ACTIVE = ("InProgress", "Stopping")
NO_RESULT = Result()


@dataclass(slots=True)
class Attempt:
    """One run of an action. `index` is the record it began with: its identity. `inputs` are the records of the
    attempts that made the artifacts it reads; `waits` names the capacity it queues for."""

    number: int
    index: int
    started: int
    status: str = "InProgress"
    ended: int | None = None
    result: Result = NO_RESULT
    inputs: tuple[int, ...] = ()
    waits: str = ""
    began: int | None = None


@dataclass(slots=True)
class RuleRun:
    """One run of a condition's rule."""

    index: int
    started: int
    status: str = "InProgress"
    ended: int | None = None
    result: Result = NO_RESULT


@dataclass(slots=True)
class ConditionRun:
    """One evaluation of a stage's condition, with its rules by name."""

    index: int
    started: int
    status: str = "InProgress"
    ended: int | None = None
    summary: str = ""
    rules: dict[str, RuleRun] = field(default_factory=dict)


@dataclass(slots=True)
class StageRun:
    """An execution's way through one stage: attempts by action, conditions by gate."""

    status: str
    arrived: int
    entered: int | None = None
    ended: int | None = None
    running: int = 0
    attempts: dict[str, list[Attempt]] = field(default_factory=dict)
    gates: dict[str, list[ConditionRun]] = field(default_factory=dict)
    automatic: int = 0
    manual: int = 0
    latest_retry: str = ""
    retried_at: int | None = None
    round: int = 0

    def latest(self, action: str) -> Attempt | None:
        """The newest attempt of an action, or None where it never ran."""
        attempts = self.attempts.get(action)
        return attempts[-1] if attempts else None


@dataclass(slots=True)
class ExecutionState:
    """One pipeline execution. `stage` is where it is or waits; `artifacts` maps each artifact's name to the record of
    the attempt that made it; `revisions` are what its source actions took (or must take)."""

    number: int
    pipeline: str
    definition: Pipeline
    start: Start
    status: str
    started: int
    updated: int
    summary: str = ""
    stage: str = ""
    attempt: int = 1
    reason: str | None = None
    abandoned: bool = False
    stages: dict[str, StageRun] = field(default_factory=dict)
    revisions: dict[str, Revision] = field(default_factory=dict)
    artifacts: dict[str, int] = field(default_factory=dict)

    @property
    def mode(self) -> str:
        return self.start.mode

    @property
    def active(self) -> bool:
        return self.status in ACTIVE

    @property
    def run(self) -> StageRun | None:
        """Its way through the stage where it is or waits."""
        return self.stages.get(self.stage)


@dataclass(slots=True)
class Transition:
    """One side of a stage's door. Enabled until somebody disables it with a reason."""

    enabled: bool = True
    reason: str = ""
    by: str = ""
    changed: int | None = None


@dataclass(slots=True)
class StageState:
    """A stage of a pipeline: who holds it, who waits in front (in order), who entered last, who succeeded in it."""

    holder: int | None = None
    waiting: list[int] = field(default_factory=list)
    latest: int | None = None
    inbound: Transition = field(default_factory=Transition)
    outbound: Transition = field(default_factory=Transition)
    succeeded: list[int] = field(default_factory=list)


@dataclass(slots=True)
class PipelineState:
    """A pipeline of the account: its definition now and before, its executions by number, its stages by name; `polls`
    are the last looks at polled sources that were refused. Its executions count from `first`: where a pipeline of the
    same name was deleted, they go on behind that one's, so that no id is given twice."""

    name: str
    definition: Pipeline
    created: int
    updated: int
    versions: dict[int, Pipeline] = field(default_factory=dict)
    executions: dict[int, ExecutionState] = field(default_factory=dict)
    stages: dict[str, StageState] = field(default_factory=dict)
    active: dict[int, None] = field(default_factory=dict)
    newest: dict[str, Revision] = field(default_factory=dict)
    starts: int = 0
    tags: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    polls: dict[str, PollFailed] = field(default_factory=dict)
    first: int = 1

    @property
    def next(self) -> int:
        """The number of the execution that begins next."""
        return self.first + len(self.executions)


@dataclass(slots=True)
class Job:
    """Work handed to a job worker. A continuation token ends one job and begins the next of the same attempt."""

    number: int
    attempt: int
    pipeline: str
    execution: int
    stage: str
    action: str
    created: int
    status: str = "Queued"
    polled: int | None = None
    continuation: str = ""
    polls: int = 0
    percent: int | None = None


@dataclass(slots=True)
class State:
    """The account after the first `count` records: one Region, one clock."""

    now: int = 0
    count: int = 0
    seed: int = 0
    start: str = "2030-01-07T09:00:00+00:00"
    account: str = "111122223333"
    region: str = "eu-west-1"
    settings: Mapping[str, Any] = field(default_factory=dict)
    pipelines: dict[str, PipelineState] = field(default_factory=dict)
    deleted: list[PipelineState] = field(default_factory=list)
    revisions: int = 0
    alarms: dict[str, str] = field(default_factory=dict)
    jobs: dict[int, Job] = field(default_factory=dict)
    custom_types: dict[tuple[str, str, str, str], Mapping[str, Any]] = field(default_factory=dict)
    retired_types: dict[tuple[str, str, str, str], Mapping[str, Any]] = field(default_factory=dict)
    declared_types: dict[tuple[str, str, str, str], Mapping[str, Any]] = field(default_factory=dict)
    webhooks: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)

    def execution(self, pipeline: str, number: int) -> ExecutionState:
        return self.pipelines[pipeline].executions[number]
