"""What CloudFormation's stacks remember between actions: change sets that were made, an operation that still runs (2.4).

CodePipeline keeps none of this: a change set is the stack's, whoever made it. So an execute action can find the set of
another execution, or none, and an abandoned update is in the way of the next one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ..ids import account_of
from ..pipeline.model import Action
from ..record import Result
from ..state import NO_RESULT, ExecutionState
from ..values import resolved
from .luck import Plan, Prepared, plan

if TYPE_CHECKING:
    from . import Simulation

MAKES, EXECUTES = "CHANGE_SET_REPLACE", "CHANGE_SET_EXECUTE"
AT_ONCE = 1


class ChangeSet(NamedTuple):
    """A change set: from when on it can be executed, and which execution of which pipeline made it."""

    ready: int
    pipeline: str
    execution: int


class Stack:
    """A stack that an action has worked on: until when, and its change sets by name. That it was there before anybody
    worked on it is taken for granted."""

    __slots__ = ("sets", "until")

    def __init__(self) -> None:
        self.until = -1
        self.sets: dict[str, ChangeSet] = {}


def plan_stack(sim: Simulation, execution: ExecutionState, prepared: Prepared, number: int) -> Plan:
    """An operation on a stack: refused while another runs; executing needs a change set, and uses it up whether it
    succeeds or not [UG22:action-reference-CloudFormation; the refusals' words by our decision]."""
    action = prepared.action
    settings = resolved(sim.state, execution, action.configuration)
    mode, name = settings.get("ActionMode", ""), settings.get("ChangeSetName", "")
    stack = sim.stacks.setdefault(stack_key(settings, action, sim.state.account, sim.state.region), Stack())
    if stack.until > sim.now:
        return _refused(f"The stack {settings.get('StackName', '')} is in the middle of another operation: that of an "
                        "action which runs elsewhere, or was abandoned and goes on.")
    made = stack.sets.get(name)
    if mode == EXECUTES and (made is None or made.ready > sim.now):
        return _refused(f"The stack {settings.get('StackName', '')} has no change set {name}: a {MAKES} action makes "
                        "one, and executing it, or another update of the stack, uses it up.")
    drawn = plan(sim, execution, prepared, number)
    _work(sim, execution, stack, mode, name, drawn)
    if made is None or mode != EXECUTES or drawn[1] != "Succeeded":
        return drawn
    return drawn[0], drawn[1], _told(drawn[2], made, execution), None


def stack_key(settings: Mapping[str, str], action: Action, account: str, region: str) -> tuple[str, str, str]:
    """Which stack an action works on: account (its role's), Region, name."""
    return account_of(action.role_arn or "") or account, action.region or region, settings.get("StackName", "")


def _refused(message: str) -> Plan:
    return AT_ONCE, "Failed", Result("", "JobFailed", message), None


def _work(sim: Simulation, execution: ExecutionState, stack: Stack, mode: str, name: str, drawn: Plan) -> None:
    """What the operation makes of the stack. A set that is made replaces its namesake; any update ends all sets."""
    stack.until = sim.now + (drawn[0] or 0)
    if mode != MAKES:
        stack.sets.clear()
        return
    stack.sets.pop(name, None)
    if drawn[1] == "Succeeded":
        stack.sets[name] = ChangeSet(stack.until, execution.pipeline, execution.number)


def _told(result: Result | None, made: ChangeSet, execution: ExecutionState) -> Result | None:
    """Whose change set was executed, where it is another's: nobody has reviewed that one in this execution."""
    if (made.pipeline, made.execution) == (execution.pipeline, execution.number):
        return result
    whose = f"execution {made.execution}" + (f" of {made.pipeline}" if made.pipeline != execution.pipeline else "")
    return (result or NO_RESULT)._replace(summary=f"Executed the change set that {whose} made.")
