"""Whether somebody may: a role's policies when an action begins, a caller's own policies when a call comes (8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ..iam import Decision, Policy, Requirement, caller_needs, can_assume, decide, fulfils, parse, requirements
from ..iam.principals import role_behind
from ..pipeline.model import Action, Pipeline, Rule
from ..record import Result
from ..rules import Refusal
from ..state import ExecutionState
from .asked import caller, told, world
from .luck import Plan, Prepared

if TYPE_CHECKING:
    from . import Simulation

AT_ONCE = 1
HANGS_WITHOUT = "elasticbeanstalk:DescribeEvents"
SERVICE, EVENTS = "codepipeline.amazonaws.com", "events.amazonaws.com"


def against_working(
    sim: Simulation, execution: ExecutionState, prepared: Prepared, settings: Mapping[str, str]
) -> Plan | None:
    """The plan of an action whose role lacks a permission: it fails with PermissionError and names the statement to
    add. Without DescribeEvents a Beanstalk deployment hangs instead [UG22:troubleshooting]. A role that the scenario
    says nothing of may do everything."""
    denied = denial(sim, execution.definition, prepared.action, settings)
    if denied is None:
        return None
    if denied.action == HANGS_WITHOUT:
        return None, "Failed", None, None
    message = f"{denied.message()}. {denied.remedy}"
    return AT_ONCE, "Failed", Result("", "PermissionError", message), None


def denial(sim: Simulation, pipeline: Pipeline, work: Action | Rule, settings: Mapping[str, str]) -> Decision | None:
    """The first thing that an action or a condition's rule needs and is not allowed, or None."""
    refused = against_assuming(sim, pipeline, work)
    if refused is not None:
        return refused
    region = work.region or sim.state.region
    for need in requirements(work, settings, pipeline, region, sim.state.account):
        decision = _decision(sim, told(sim, need, region))
        if decision is not None and not decision.allowed:
            return decision
    return None


def _decision(sim: Simulation, need: Requirement) -> Decision | None:
    """Whether a role gets what it needs; None where nobody has said anything of it. A topic's own policy may let the role
    in or keep it out, too (8.3)."""
    known, policy = sim.roles.get(need.role), (sim.topics or {}).get(need.resource)
    if policy is None:
        return None if known is None else fulfils(known, need, principal=need.role, boundary=sim.boundaries.get(need.role))
    return decide(known if known is not None else _whatever(), need.action, need.resource, need.context,
                  principal=need.role, resource_policy=policy, boundary=sim.boundaries.get(need.role))


@cache
def _whatever() -> tuple[Policy, ...]:
    return (parse({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}),)


def against_assuming(sim: Simulation, pipeline: Pipeline, work: Action | Rule | None = None) -> Decision | None:
    """Why CodePipeline may not take on the service role, or that one the role of an action: their trust policies (8.1).
    A role whose trust policy the scenario does not say may be assumed."""
    trust, state = sim.trust, sim.state
    arn = f"arn:aws:codepipeline:{state.region}:{state.account}:{pipeline.name}"
    asked = [(pipeline.role_arn, SERVICE, {"aws:SourceArn": arn, "aws:SourceAccount": state.account})]
    if work is not None and work.role_arn and work.role_arn != pipeline.role_arn:
        asked.append((work.role_arn, pipeline.role_arn, {}))
    for role, principal, context in asked:
        if role in trust:
            decision = can_assume(trust[role], principal, {**world(sim, role), **context}, role=role)
            if not decision.allowed:
                return decision
    return None


def role_of(sim: Simulation, by: str) -> str:
    """Whose policies a caller has: its own, or, in a session, its role's, whose path the session's ARN does not tell."""
    role = role_behind(by)
    if role == by:
        return by
    start, name = role.partition(":role/")[0] + ":role/", role.rpartition("/")[2]
    return next((one for one in (*sim.identities, *sim.roles)
                 if one.startswith(start) and one.rpartition("/")[2] == name), role)


def against_calling(sim: Simulation, operation: str, request: Mapping[str, Any], by: str) -> Refusal | None:
    """AWS's AccessDeniedException, where the caller's identity policies do not allow the operation (8.2, 8.3)."""
    policies = sim.identities.get(role_of(sim, by), sim.roles.get(role_of(sim, by)))
    if policies is None:
        return None
    for need in caller_needs(operation, request, sim.state.region, sim.state.account):
        known = told(sim, need)
        decision = fulfils(policies, replace(known, context={**caller(sim, by), **known.context}), principal=by,
                           boundary=sim.boundaries.get(role_of(sim, by)))
        if not decision.allowed:
            return Refusal("AccessDeniedException", decision.message(by))
    return None


def against_starting_as(sim: Simulation, role: str, pipeline: str, rule: str) -> Decision | None:
    """Why a rule of EventBridge may not start a pipeline as a role (6.5): the role does not trust EventBridge, or not for
    this rule, or may not start this pipeline."""
    if role in sim.trust:
        context = {**world(sim, role), "aws:SourceArn": rule, "aws:SourceAccount": sim.state.account}
        decision = can_assume(sim.trust[role], EVENTS, context, role=role)
        if not decision.allowed:
            return decision
    if role not in sim.roles:
        return None
    needs = caller_needs("StartPipelineExecution", {"name": pipeline}, sim.state.region, sim.state.account)
    found = (fulfils(sim.roles[role], told(sim, need), principal=role, boundary=sim.boundaries.get(role)) for need in needs)
    return next((decision for decision in found if not decision.allowed), None)
