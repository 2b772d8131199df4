"""What happened: a few frozen record types, a run's only memory.

Every record begins with its time in whole seconds since the clock's start. Records are written once, in the order in
which things happened, and never changed; whatever anyone sees of a run is made from the first *k* of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .pipeline.model import BEFORE_ENTRY as BEFORE_ENTRY
from .pipeline.model import ON_FAILURE as ON_FAILURE
from .pipeline.model import ON_SUCCESS as ON_SUCCESS
from .pipeline.model import Pipeline
from .shapes import MASK, SECRET_KEYS

INBOUND = "Inbound"
"""A stage status of ours: the execution stands in front of the stage (the API lists it under `inboundExecutions`)."""

new = tuple.__new__
"""`new(StageChanged, (time, pipeline, …))`: a record of all its members, without the detour through its constructor, at a
third of its time. For the records of which a run writes thousands."""


class Revision(NamedTuple):
    """A commit, an object version or an image. `number` counts pushes: 0 is what was there before the first."""

    number: int
    id: str
    created: int = 0
    branch: str = ""
    tag: str = ""
    message: str = ""
    author: str = ""
    files: tuple[str, ...] = ()
    event: str = "push"


class Start(NamedTuple):
    """With what an execution starts. `luck` is the number that its draws are keyed by; `revisions` are those that the
    trigger or the caller fixed, by source action; `target` is the execution that a rollback goes back to."""

    version: int
    mode: str
    trigger: str
    detail: str = ""
    luck: int = 0
    kind: str = "STANDARD"
    revisions: Mapping[str, Revision] = {}
    variables: Mapping[str, str] = {}
    target: int | None = None
    stage: str = ""


class Result(NamedTuple):
    """What an action or a rule came to. `code` and `message` are `errorDetails`; `by` answered an approval; `job` says
    that a job worker does the work; `waits` names the capacity that the action queues for."""

    summary: str = ""
    code: str = ""
    message: str = ""
    variables: Mapping[str, str] = {}
    revision: Revision | None = None
    external: str = ""
    by: str = ""
    job: bool = False
    waits: str = ""
    configuration: Mapping[str, str] | None = None


class Began(NamedTuple):
    """The account as it was when the clock started. `start` is the clock's zero in ISO 8601; `settings` holds the
    points that AWS leaves open or contradicts itself on."""

    time: int
    seed: int
    start: str
    account: str
    region: str
    pipelines: tuple[Pipeline, ...] = ()
    settings: Mapping[str, Any] = {}


class Called(NamedTuple):
    """An API call, answered or refused. `error` is AWS's exception name and the message. Reads keep no answer."""

    time: int
    operation: str
    request: Mapping[str, Any]
    by: str
    answer: Mapping[str, Any] | None = None
    error: tuple[str, str] | None = None


class RevisionArrived(NamedTuple):
    """A push, an object, an image. `targets` are the (pipeline, source action) that it concerns; `held` says of each
    that it does not start by it, and why: (pipeline, source action, sentence)."""

    time: int
    revision: Revision
    targets: tuple[tuple[str, str], ...]
    source: str = ""
    held: tuple[tuple[str, str, str], ...] = ()


class ExecutionChanged(NamedTuple):
    """A pipeline execution starts (with `start`), or its status changes. A start that is refused by a limit is
    `Failed` with its `start`."""

    time: int
    pipeline: str
    execution: int
    status: str
    summary: str = ""
    start: Start | None = None
    abandon: bool = False


class StageChanged(NamedTuple):
    """An execution stands before a stage (`Inbound`), enters it, or leaves it. `retry` is `AutomatedStageRetry` or
    `ManualStageRetry` where the stage begins again, `mode` which of its actions then run."""

    time: int
    pipeline: str
    execution: int
    stage: str
    status: str
    retry: str = ""
    mode: str = ""


class ActionChanged(NamedTuple):
    """One attempt of an action begins (`InProgress`) or ends."""

    time: int
    pipeline: str
    execution: int
    stage: str
    action: str
    attempt: int
    status: str
    result: Result | None = None


class RuleChanged(NamedTuple):
    """A rule of a condition begins or ends; with an empty `rule`, the condition as a whole."""

    time: int
    pipeline: str
    execution: int
    stage: str
    gate: str
    rule: str
    status: str
    result: Result | None = None


class AlarmChanged(NamedTuple):
    """A CloudWatch alarm changes its state (`ALARM`, `OK`, `INSUFFICIENT_DATA`)."""

    time: int
    alarm: str
    status: str


class PollFailed(NamedTuple):
    """A look at a polled source was refused. The source action shows it, and there is no execution [PROBE-B]."""

    time: int
    pipeline: str
    action: str
    code: str
    message: str


Record = (
    Began | Called | RevisionArrived | ExecutionChanged | StageChanged | ActionChanged | RuleChanged | AlarmChanged
    | PollFailed
)


def as_json(record: Record) -> dict[str, Any]:
    """The record as JSON: its type under `record`, empty members left out, secrets masked as the API masks them."""
    row: dict[str, Any] = {"record": type(record).__name__}
    row.update((name, _plain(value)) for name, value in record._asdict().items() if value not in ("", None, {}, ()))
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, Pipeline):
        return value.name
    if hasattr(value, "_asdict"):
        return {key: _plain(part) for key, part in value._asdict().items() if part not in ("", None, {}, ())}
    if isinstance(value, Mapping):
        return {key: MASK if key in SECRET_KEYS and part else _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value
