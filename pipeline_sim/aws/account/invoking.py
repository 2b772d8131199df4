"""How the code of a function is called: within an instant, as its role, with what it did kept for forks."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from ...iam import can_assume
from ...ids import account_of, make_id
from ...simulation.again import act
from ...simulation.asked import world
from ...simulation.endless import Endless
from ...simulation.order import BUS
from ...simulation.within import running
from .things import Function, Group, Invocation, Lambda

if TYPE_CHECKING:
    from . import Account

LAMBDA = "lambda.amazonaws.com"
RETRIES = (60, 120)
"""Seconds until Lambda calls a function again that raised: twice [knowledge: asynchronous invocation]."""
DEEPEST = 20
"""A function that changes a pipeline can be told of its own doing again and again."""


class Context:
    """What a function is told beside its event. By `call` it calls CodePipeline as its role; `client` gives it a boto3
    client of whatever run it is called in, a fork's too."""

    function_version, memory_limit_in_mb = "$LATEST", "128"

    def __init__(self, account: Account, function: Lambda) -> None:
        self.function_name, self.invoked_function_arn = function.name, function.arn
        self.log_group_name = group_name(function.name)
        self.aws_request_id = _request_id(account, function)
        self._account, self._session = account, session_of(function)

    def call(self, operation: str, /, **request: Any) -> dict[str, Any]:
        """An operation of CodePipeline, by its name and member names. Raises `Refused`."""
        return self._account.simulation.call(operation, by=self._session, **request)

    def client(self, service: str = "codepipeline") -> Any:
        """As `boto3.client`. Needs `pipeline-sim[aws]`."""
        return self._account.simulation.client(service, by=self._session)


def session_of(function: Lambda) -> str:
    """By whom a function calls: a session of its role that is named as the function is [knowledge]."""
    role = function.role.rpartition("/")[2]
    return f"arn:aws:sts::{account_of(function.role)}:assumed-role/{role}/{function.name}"


def _request_id(account: Account, function: Lambda) -> str:
    """Of the invocation that is under way: its code and its log say the same."""
    return make_id(account.simulation.seed, f"request:{function.name}", len(function.invocations))


def group_name(function: str) -> str:
    return f"/aws/lambda/{function}"


def call(
    account: Account, name: str, event: Any, order: int, wanted: Callable[[], bool] = lambda: True, tries: int = 0
) -> None:
    """A function is called by a service that does not wait for it: Lambda calls it again with the same event where it
    raised, as long as that is `wanted`. `order` is that of the service within an instant."""
    function, simulation = account.functions[name], account.simulation
    found = invoke(account, function, event)

    def due() -> None:
        if wanted():
            call(account, name, event, order, wanted, tries + 1)

    if found.raised and tries < len(RETRIES):
        simulation.later(RETRIES[tries] + (function.takes if order != BUS else 0), order, due)


def invoke(account: Account, function: Lambda, event: Any) -> Invocation:
    """A function runs in no time. What it raises is written down and stops nobody else."""
    given = json.loads(json.dumps(event))
    found = _relived(account, function, given) or _against(account, function, given) or _lived(account, function, given)
    _log(account, function, found)
    function.invocations.append(found)
    return found


def _against(account: Account, function: Lambda, event: Any) -> Invocation | None:
    """Why the function does not run at all: nobody lets Lambda take on its role, or it hears of its own doing."""
    now, trust = account.simulation.now, account.simulation.trust.get(function.role)
    context = {**world(account.simulation, function.role), "aws:SourceArn": function.arn,
               "aws:SourceAccount": account.simulation.state.account}
    if trust is not None and not can_assume(trust, LAMBDA, context, role=function.role).allowed:
        return Invocation(now, event, error="AccessDeniedException: The role defined for the function cannot be assumed by "
                                            f"Lambda: its trust policy does not allow it to {LAMBDA}.")
    if len(function.invocations) >= DEEPEST and function.invocations[-DEEPEST].time == now:
        return Invocation(now, event, error=f"Invoked {DEEPEST} times at this instant: it hears of its own doing. It stops "
                                            "here.")
    return None


def _lived(account: Account, function: Lambda, event: Any) -> Invocation:
    """The code runs. What it does from inside is no input from outside: it belongs to the invocation."""
    simulation = account.simulation
    start, after, result, error = len(simulation.inputs), len(simulation.records), None, ""
    try:
        with running(simulation, session_of(function)):
            result = _called(account, function, deepcopy(event))
    except Endless:
        raise
    except (Exception, SystemExit) as problem:
        error = f"{type(problem).__name__}: {problem}"
    finally:
        did = tuple(simulation.inputs[start:])
        del simulation.inputs[start:]
    return Invocation(simulation.now, event, result, error, did, after)


def _called(account: Account, function: Lambda, event: Any) -> Any:
    return function.code(event, Context(account, function)) if _wants_context(function.code) else function.code(event)


def _wants_context(code: Function) -> bool:
    """Whether the code takes two arguments, as Lambda gives them, or the event alone."""
    try:
        given = inspect.signature(code).parameters.values()
    except (TypeError, ValueError):
        return False
    return len(given) > 1 or any(one.kind is one.VAR_POSITIONAL for one in given)


def _relived(account: Account, function: Lambda, event: Any) -> Invocation | None:
    """An invocation of the past that a fork goes through once more: its code does not run, what it did is done."""
    past, simulation = account.past.get(function.name), account.simulation
    if not past:
        return None
    if (past[0].time, past[0].after, past[0].event) != (simulation.now, len(simulation.records), event):
        past.clear()  # this fork leaves out something that was done at its last instant
        return None
    found, start = past.popleft(), len(simulation.inputs)
    with running(simulation, session_of(function)):
        for done in found.did:
            act(simulation, done)
    del simulation.inputs[start:]
    return found


def _log(account: Account, function: Lambda, found: Invocation) -> None:
    """CloudWatch Logs has a line of each invocation's start and end, and what it raised between them."""
    name = group_name(function.name)
    group = account.groups.setdefault(name, Group(name, account.arn("logs", f"log-group:{name}")))
    request = _request_id(account, function)
    lines = [f"START RequestId: {request} Version: $LATEST", *([f"[ERROR] {found.error}"] if found.error else ()),
             f"END RequestId: {request}"]
    group.lines += [(found.time, line) for line in lines]
