"""How single things behave: an action, an approver, a push, a call at a set time, an alarm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .hours import Hours
from .quantiles import Quantiles

EVENTS = ("push", "OPEN", "UPDATED", "CLOSED")


@dataclass(frozen=True)
class Outcome:
    """What an attempt comes to when somebody decides: `Succeeded` or `Failed`; what is left open chance decides."""

    status: str = "Succeeded"
    duration: int | None = None
    code: str = ""
    message: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Behaviour:
    """How an action behaves. `failure` is drawn for each attempt anew (flaky), `defect` for each revision (every
    attempt on that commit fails: broken). `attempts` scripts attempts by number, `executions` those of single
    executions. `worker` says who ends the action: the `scenario`, or calls from `outside` (job workers)."""

    duration: Quantiles
    failure: float = 0.0
    defect: float = 0.0
    code: str = "JobFailed"
    message: str = ""
    attempts: Mapping[int, Outcome] = field(default_factory=dict)
    executions: Mapping[int, Mapping[int, Outcome]] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    capacity: str = ""
    worker: str = "scenario"


@dataclass(frozen=True)
class Approver:
    """Who answers an approval: with which probability it is approved, after how much time (of the hours, if any)."""

    probability: float = 1.0
    response: Quantiles = Quantiles("constant", (1800.0,))
    hours: Hours | None = None
    comment: str = ""
    by: str = ""


@dataclass(frozen=True)
class RetryPolicy:
    """A person retries failed stages `after` a while, at most `times` in each execution's stage."""

    after: int
    times: int = 1
    mode: str = "FAILED_ACTIONS"


class Push(NamedTuple):
    """A revision that arrives: at a source (`""`: at all of them), on a branch or tag, with changed files. `event` is
    `push`, or `OPEN`, `UPDATED`, `CLOSED` of a pull request into the branch; `created` says the branch is new."""

    time: int
    source: str = ""
    branch: str = ""
    tag: str = ""
    files: tuple[str, ...] = ()
    message: str = ""
    author: str = ""
    event: str = "push"
    revision: str = ""
    created: bool = False


class Delivery(NamedTuple):
    """What somebody sends to a webhook: a payload, the secret that they sign it with, the address that they send from.
    `revision`, `message` and `author` go before what a payload in GitHub's words says of them."""

    time: int
    webhook: str
    payload: Mapping[str, Any]
    secret: str = ""
    ip: str = ""
    revision: str = ""
    message: str = ""
    author: str = ""


class ScriptedCall(NamedTuple):
    """An API call that somebody makes at a set time."""

    at: int
    operation: str
    request: Mapping[str, Any]
    by: str = ""


class AlarmChange(NamedTuple):
    """An alarm goes to `ALARM`, `OK` or `INSUFFICIENT_DATA` at a set time."""

    at: int
    name: str
    status: str
