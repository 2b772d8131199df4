"""What else of AWS is in the account, for CodePipeline's sake: EventBridge, SNS, SQS, Lambda, log groups, IAM.

`of(simulation)` is the account of a simulation; `ask` does an operation of one of these services. What changes something is
kept among the simulation's inputs, so that a fork has it too. Time is the simulation's, and nothing waits for anybody.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ...refused import Refused
from ...scenario import duration
from ...simulation import Input
from ...simulation.within import caller, here
from .bus import Bus
from .messaging import told_by
from .things import Delivery, Function, Group, Invocation, Lambda, Managed, Published, Queue, Role, Rule, Topic

if TYPE_CHECKING:
    from ...simulation import Simulation
    from ...views.why import Answer

__all__ = ["Account", "Delivery", "Operation", "ask", "of", "services"]

LONGEST = 15 * 60
"""Seconds that a function of Lambda may run."""
_READS = ("get_", "list_", "describe_", "test_", "simulate_")


class Account:
    """The account of a simulation beside its pipelines. Its things are found by name or ARN, as each service does."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.rules: dict[str, Rule] = {}
        self.queues: dict[str, Queue] = {}
        self.functions: dict[str, Lambda] = {}
        self.groups: dict[str, Group] = {}
        self.group_policies: dict[str, str] = {}
        self.roles: dict[str, Role] = {}
        self.policies: dict[str, Managed] = {}
        self.notices: dict[str, dict[str, Any]] = {}
        self.deliveries: list[Delivery] = []
        self.notified: list[Delivery] = []
        self.past: dict[str, deque[Invocation]] = {}
        self.bus = Bus(self)
        simulation.listeners.append(self.bus.heard)
        there = simulation.topics if simulation.topics is not None else told_by(
            simulation.pipelines, simulation.state.account)
        self.topics = {arn: Topic(arn, implied=simulation.topics is None) for arn in there}

    def arn(self, service: str, rest: str) -> str:
        state = self.simulation.state
        return f"arn:aws:{service}:{state.region}:{state.account}:{rest}"

    def function(self, name: str, code: Function, *, role: str = "", takes: int | str = 1) -> str:
        """A Lambda function whose code is a Python function of the event, or of event and context: its ARN.

        A pipeline's Lambda action of this FunctionName calls it with its job; what it does, it does `takes` (seconds, or
        `"30s"`) after that. `context.call(operation, **request)` and `context.client()` call CodePipeline as the
        function's `role` (a name or ARN; by default that of its own name). Events reach it when `lambda add-permission`
        says so. A fork has the same function, and what it did until then it does not do again. ValueError where the code
        cannot be called, takes too long, or the role is none.
        """
        if not callable(code):
            raise ValueError(f"The code of a function is something to call, not {type(code).__name__}.")
        if not 0 <= duration(takes) <= LONGEST:
            raise ValueError(f"A function runs for 15 minutes at most, not {takes}.")
        role = role if role.startswith("arn:") else f"arn:aws:iam::{self.simulation.state.account}:role/{role or name}"
        if ":role/" not in role:
            raise ValueError(f"A function works as a role, by its name or ARN, not as {role}.")
        self.simulation.done("function", name, {"code": code, "role": role, "takes": takes})
        return self._put_function(name, code, role, duration(takes))

    def _put_function(self, name: str, code: Function, role: str, takes: int) -> str:
        arn = self.arn("lambda", f"function:{name}")
        known = self.functions.setdefault(name, Lambda(name, arn, code, role))
        known.code, known.role, known.takes = code, role, takes
        self.simulation.functions.add(name)
        self.simulation.rights_changed()
        return arn

    def lend(self, other: Simulation) -> None:
        """Let another simulation of the same world go through what functions did in this one."""
        of(other).past = {name: deque(one.invocations) for name, one in self.functions.items()}

    def messages(self, topic: str) -> list[Published]:
        """What a topic (by ARN or name) has got: approvals that ask for an answer, and what rules delivered."""
        found = self.topics.get(topic) or self.topics.get(self.arn("sns", topic))
        return list(found.messages) if found else []

    def why(self, rule: str) -> Answer:
        """Why a rule delivered what it did, or nothing."""
        from .reasons import why_rule

        return why_rule(self, rule)

    def with_functions(self, answer: Answer) -> Answer:
        """An answer about an action, with what its function raised."""
        from .reasons import with_functions

        return with_functions(self, answer)


def of(simulation: Simulation) -> Account:
    """The account of a simulation; made when it is first asked for, with what has been recorded until then."""
    if simulation.account is None:
        simulation.account = Account(simulation)
        simulation.account.bus.catch_up()
    found: Account = simulation.account
    return found


Operation = Callable[[Account, Mapping[str, Any], str], dict[str, Any]]


def services() -> Mapping[str, Mapping[str, Operation]]:
    """The operations that each service has, by botocore's names for both."""
    from . import functions, iam, identity, messaging, notices, policies, rules

    return {"events": rules.OPERATIONS, "sns": messaging.SNS, "sqs": messaging.SQS, "lambda": functions.LAMBDA,
            "logs": functions.LOGS, "iam": {**iam.OPERATIONS, **policies.OPERATIONS}, "sts": identity.OPERATIONS,
            "codestar-notifications": notices.OPERATIONS}


def ask(simulation: Simulation, service: str, operation: str, request: Mapping[str, Any], by: str = "") -> dict[str, Any]:
    """Do an operation (`PutRule`) of a service (`events`). Raises Refused under the service's own exception names."""
    known = services()[service]
    if operation not in known:
        offered = ", ".join(sorted(known))
        raise Refused("UnknownOperationException", f"The simulation's {service} has no {operation}. It has {offered}.")
    simulation, by = here(simulation), by or caller() or ""
    account = of(simulation)
    simulation.settle()
    if not operation.lower().startswith(tuple(word.rstrip("_") for word in _READS)):
        simulation.done("service", f"{service}:{operation}", dict(request), by or None)
    try:
        return known[operation](account, request, by or simulation.scenario.by)
    finally:
        simulation.settle()


def repeat(simulation: Simulation, done: Input) -> None:
    """Do once more what was done to another simulation's account."""
    if done.kind == "function":
        of(simulation).function(done.name, **done.arguments)
        return
    service, _, operation = done.name.partition(":")
    try:
        ask(simulation, service, operation, done.arguments, done.by or "")
    except Refused:
        pass  # it was refused then, too
