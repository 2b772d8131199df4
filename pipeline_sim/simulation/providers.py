"""What is special about some actions: sources bind revisions, approvals wait for people, workers for calls (2).

Everything else takes its drawn time and succeeds or fails by chance. What an action needs before its provider is
contacted at all (permissions, variables that resolve) is looked at when it begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..ids import account_of, approval_token
from ..pipeline.model import Action
from ..pipeline.variables import references, resolve
from ..record import Called, Result
from ..rules import wants_summary
from ..scenario import base, word
from ..state import ExecutionState
from ..values import lookup, resolved
from .jobs import SILENCE, function_of
from .luck import Plan, Prepared, decided, plan
from .mistakes import against_configuration, against_sharing
from .others import plan_nested, plan_shift
from .revisions import revision_for
from .stacks import plan_stack
from .work import silent

if TYPE_CHECKING:
    from . import Simulation

NOBODY: Plan = (None, "Failed", None, None)
AT_ONCE = 1
"""Seconds until an action fails that never reaches its provider."""


def specialise(sim: Simulation, execution: ExecutionState, prepared: Prepared) -> None:
    """Give an action's luck the ways of its provider."""
    action = prepared.action
    if action.is_approval:
        _specialise_approval(sim, prepared)
    elif (action.category, action.provider) == ("Invoke", "Lambda"):
        prepared.plan = plan_invocation if sim.functions or _asks_a_worker(prepared) else plan
    elif _asks_a_worker(prepared) and (action.type.owner == "Custom" or not action.is_source):
        prepared.plan = plan_worker
    elif action.is_source:
        prepared.plan = plan_source
    elif action.provider == "CodeDeploy":
        prepared.plan = plan_deployment
    elif action.provider == "CloudFormation":
        prepared.plan = plan_stack
    elif action.provider == "CodePipeline":
        prepared.plan = plan_nested
    elif action.provider == "Lambda" and action.configuration.get("Alarms"):
        prepared.plan = plan_shift
    if _needs_a_look(sim, prepared):
        prepared.opening = open_action


def calls_a_function(sim: Simulation, action: Action, settings: Mapping[str, str]) -> bool:
    """Whether a Lambda action calls a function whose code the account has (2.5)."""
    if not sim.functions or (action.category, action.provider) != ("Invoke", "Lambda"):
        return False
    return function_of(settings) in sim.functions


def _asks_a_worker(prepared: Prepared) -> bool:
    """Whether calls from outside end the action: its scenario says that somebody else is the job worker."""
    return prepared.behaviour.worker in ("outside", "nobody")


def _needs_a_look(sim: Simulation, prepared: Prepared) -> bool:
    action = prepared.action
    texts = [*action.configuration.values(), *action.commands]
    return (any(references(text) for text in texts) or bool(sim.roles or sim.trust)
            or _asks_a_worker(prepared) or calls_a_function(sim, action, action.configuration)
            or bool(action.role_arn) or "NotificationArn" in action.configuration
            or against_configuration(action, action.configuration, sim.state.account) is not None)


def open_action(sim: Simulation, execution: ExecutionState, prepared: Prepared) -> tuple[Result | None, Plan | None]:
    """What an action begins with (its resolved configuration, its job), and the plan where it fails at once: a variable
    that nobody produced (5), a configuration that cannot be used (2), a permission that the service role lacks (8.1)."""
    action = prepared.action
    find = lookup(sim.state, execution)
    resolved, missing = {}, []
    for key, text in action.configuration.items():
        resolved[key], unresolved = resolve(text, find)
        missing += unresolved
    for command in action.commands:
        missing += resolve(command, find)[1]
    opening = Result(configuration=resolved if resolved != action.configuration else None)
    if missing:
        message = f"The variable {', '.join(missing)} could not be resolved: no earlier action produced it."
        code = str(sim.state.settings.get("unresolved_variable", "ConfigurationError"))
        return opening, (AT_ONCE, "Failed", Result("", code, message), None)
    wrong = against_configuration(action, resolved, sim.state.account, sim.topics)
    if wrong is not None:
        return opening, _fails(wrong)
    if sim.roles or sim.trust or sim.topics:
        from .permissions import against_working

        denied = against_working(sim, execution, prepared, resolved)
        if denied is not None:
            return opening, denied
    unshared = against_sharing(execution.definition, action, action.region or sim.state.region)
    if unshared is not None:
        return opening, _fails(unshared, "PermissionError")
    return opening._replace(job=_asks_a_worker(prepared) or calls_a_function(sim, action, resolved)), None


def _fails(message: str, code: str = "ConfigurationError") -> Plan:
    return AT_ONCE, "Failed", Result("", code, message), None


# ---------------------------------------------------------------------------------------------- sources


def plan_source(sim: Simulation, execution: ExecutionState, prepared: Prepared, number: int) -> Plan:
    """A source action takes the revision that its trigger fixed, or else the newest when it begins (4.1)."""
    duration, status, result, _ = drawn = plan(sim, execution, prepared, number)
    if status != "Succeeded":
        return drawn
    revision = revision_for(sim, execution, prepared.action.name)
    return duration, status, result._replace(revision=revision) if result else Result(revision=revision), None


# ---------------------------------------------------------------------------------------------- approvals


def _specialise_approval(sim: Simulation, prepared: Prepared) -> None:
    approver = sim.scenario.approver(prepared.stage.name, prepared.action)
    if approver is None:
        prepared.plan = plan_unanswered
        return
    place = f"{prepared.stage.name}/{prepared.action.name}#approval"
    comment = approver.comment or summary_wanted(prepared.action)
    key = base(sim.seed, place)
    threshold = round(approver.probability * 2**32)

    def answer(sim: Simulation, execution: ExecutionState, prepared: Prepared, number: int) -> Plan:
        if sim.decisions or prepared.scripted:
            plan = plan_decided(sim, execution, prepared, number)
            if plan is not None:
                return plan
        draw = word(key, execution.start.luck, number)
        wait = approver.response.at(draw & 0xFFFF)
        if approver.hours is not None:
            wait = approver.hours.add(sim.now, wait) - sim.now
        status = "Approved" if draw >> 32 < threshold else "Rejected"
        return _answered(sim, execution, prepared, wait, status, comment, approver.by or sim.scenario.by)

    prepared.plan = answer


def plan_unanswered(sim: Simulation, execution: ExecutionState, prepared: Prepared, number: int) -> Plan:
    """Nobody in the scenario answers: a person outside will, or the time-out comes (4.7)."""
    return plan_decided(sim, execution, prepared, number) or NOBODY


def plan_decided(sim: Simulation, execution: ExecutionState, prepared: Prepared, number: int) -> Plan | None:
    """An answer that a script or a person has set beforehand for this attempt."""
    outcome = decided(sim, execution, prepared, number)
    if outcome is None:
        return None
    status = "Rejected" if outcome.status == "Failed" else "Approved"
    wait = prepared.at(0x8000) if outcome.duration is None else outcome.duration
    comment = outcome.message or summary_wanted(prepared.action)
    return _answered(sim, execution, prepared, wait, status, comment, sim.scenario.by)


def summary_wanted(action: Action) -> str:
    """What somebody writes who has nothing to say, where the approval takes no empty summary (2.5)."""
    return "Reviewed" if wants_summary(action) else ""


def _answered(
    sim: Simulation, execution: ExecutionState, prepared: Prepared, wait: int, status: str, comment: str, by: str
) -> Plan:
    ends, result = approval_result(status, comment, by)
    stage, action = prepared.stage.name, prepared.action.name

    def call() -> None:
        attempt = execution.stages[stage].attempts[action][-1]
        request = {"pipelineName": execution.pipeline, "stageName": stage, "actionName": action,
                   "result": {"status": status, "summary": comment},
                   "token": approval_token(sim.seed, attempt.index)}
        sim.record(Called(sim.now, "PutApprovalResult", request, by, {"approvedAt": sim.scenario.moment(sim.now)}))

    return wait, ends, result, call


def approval_result(status: str, summary: str, by: str) -> tuple[str, Result]:
    """What an answer makes of the approval action."""
    if status == "Approved":
        return "Succeeded", Result(summary, by=by)
    return "Failed", Result(summary, "Rejected", f"Rejected by {by.rsplit('/', 1)[-1]}" + (
        f": {summary}" if summary else "."), by=by)


# ---------------------------------------------------------------------------------------------- workers and others


def plan_worker(sim: Simulation, execution: ExecutionState, prepared: Prepared, number: int) -> Plan:
    """A job worker outside ends the action by its calls; if it never does, the time-out comes (9.2)."""
    return NOBODY


def plan_invocation(sim: Simulation, execution: ExecutionState, prepared: Prepared, number: int) -> Plan:
    """A function of the account ends the action by its calls, or a worker does; silence of twenty minutes fails it (2.5).
    What nobody has written a function for, chance decides."""
    settings = resolved(sim.state, execution, prepared.action.configuration)
    if calls_a_function(sim, prepared.action, settings) or _asks_a_worker(prepared):
        return silent(function_of(settings), min(prepared.timeout, SILENCE))
    return plan(sim, execution, prepared, number)


def plan_deployment(sim: Simulation, execution: ExecutionState, prepared: Prepared, number: int) -> Plan:
    """CodeDeploy makes one deployment at a time in a deployment group; a second one fails (2.4) [UG22]. An abandoned
    deployment goes on and is in the way. A group is one of an account and a Region: those of the action."""
    action = prepared.action
    settings = resolved(sim.state, execution, action.configuration)
    account = account_of(action.role_arn or "") or sim.state.account
    group = ("CodeDeploy", settings.get("ApplicationName", ""), settings.get("DeploymentGroupName", ""),
             action.region or sim.state.region, account)
    until = sim.busy.get(group, -1)
    if until > sim.now:
        message = f"The deployment group {group[2]} of {group[1]} already has a deployment in progress."
        return AT_ONCE, "Failed", Result("", "JobFailed", message), None
    drawn = plan(sim, execution, prepared, number)
    sim.busy[group] = sim.now + (drawn[0] or 0)
    return drawn
