"""What lies in the account beside pipelines: rules, topics, queues, functions, log groups, roles, and what was delivered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...iam import Policy
from ...simulation import Input
from ..patterns import Pattern

Function = Callable[..., Any]
"""A Lambda function: called as `function(event)` or `function(event, context)`."""


@dataclass(slots=True)
class Rule:
    """A rule on the account's default bus: a pattern or a schedule, and targets by id as PutTargets took them."""

    name: str
    arn: str
    pattern: Pattern | None = None
    text: str = ""
    schedule: str = ""
    enabled: bool = True
    description: str = ""
    role: str = ""
    targets: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    made: int = 0


@dataclass(slots=True)
class Topic:
    """An SNS topic. `implied` ones are those that approvals name: they are there, and nobody here made them."""

    arn: str
    policy: Policy | None = None
    policy_text: str = ""
    implied: bool = False
    attributes: dict[str, str] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    messages: list[Published] = field(default_factory=list)


@dataclass(slots=True)
class Subscription:
    arn: str
    protocol: str
    endpoint: str
    raw: bool = False


class Published(NamedTuple):
    """A message that a topic got: when (seconds since the clock's start), from whom, its subject and body."""

    time: int
    by: str
    subject: str
    body: str


@dataclass(slots=True)
class Queue:
    """An SQS queue. `hidden` says until when a message that was received is not shown again."""

    name: str
    arn: str
    url: str
    made: int = 0
    policy: Policy | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    messages: list[Waiting] = field(default_factory=list)
    sent: int = 0


@dataclass(slots=True)
class Waiting:
    """A message in a queue, until somebody deletes it."""

    number: int
    body: str
    sent: int
    received: int = 0
    hidden: int = -1
    handle: str = ""


@dataclass(slots=True)
class Lambda:
    """A function of Python. Its resource policy says who may invoke it; `role` is what its own calls are made by, `takes`
    for how many seconds it runs when a pipeline calls it."""

    name: str
    arn: str
    code: Function
    role: str
    takes: int = 1
    statements: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    invocations: list[Invocation] = field(default_factory=list)


class Invocation(NamedTuple):
    """One invocation: what the function got, what it gave back, or what it raised; what it did to the simulation, and
    after how many records."""

    time: int
    event: Any
    result: Any = None
    error: str = ""
    did: tuple[Input, ...] = ()
    after: int = -1

    @property
    def raised(self) -> bool:
        """Whether the code ran and raised; what never ran has no records before it."""
        return bool(self.error) and self.after >= 0


@dataclass(slots=True)
class Group:
    """A log group with its lines: (seconds since the clock's start, text)."""

    name: str
    arn: str
    lines: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class Role:
    """An IAM role or user that a call made: whom it trusts (a role), its policies by name, and its boundary's ARN."""

    name: str
    arn: str
    trust: str = ""
    made: int = 0
    path: str = "/"
    inline: dict[str, str] = field(default_factory=dict)
    attached: list[str] = field(default_factory=list)
    boundary: str = ""


class Managed(NamedTuple):
    """A managed policy of the account's own."""

    name: str
    arn: str
    text: str
    made: int = 0
    path: str = "/"


class Delivery(NamedTuple):
    """What became of one event at one target: delivered, or why not. `input` is what the target got (or would have)."""

    time: int
    rule: str
    target: str
    arn: str
    event: Mapping[str, Any]
    input: Any
    against: str = ""
    remedy: str = ""

    @property
    def delivered(self) -> bool:
        return not self.against
