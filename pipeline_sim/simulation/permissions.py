"""Whether somebody may: the service role's policy when an action begins, a caller's own policies when a call comes (8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..iam import codepipeline_resource, decide, requirements
from ..record import Result
from ..rules import Refusal
from ..state import ExecutionState
from .luck import Plan, Prepared

if TYPE_CHECKING:
    from . import Simulation

AT_ONCE = 1


def against_working(
    sim: Simulation, execution: ExecutionState, prepared: Prepared, role: str, settings: Mapping[str, str]
) -> Plan | None:
    """The plan of an action whose role lacks a permission: it fails with PermissionError and names the statement to
    add. Without DescribeEvents a Beanstalk deployment hangs instead [UG22:troubleshooting]."""
    action = prepared.action
    policies = sim.scenario.roles[role]
    region = action.region or sim.state.region
    for needed, resource in requirements(action, settings, execution.definition, region, sim.state.account):
        decision = decide(policies, needed, resource)
        if decision.allowed:
            continue
        if needed == "elasticbeanstalk:DescribeEvents":
            return None, "Failed", None, None
        message = f"The role {role} is not authorized to perform {needed} on {resource}. {decision.reason}"
        return AT_ONCE, "Failed", Result("", "PermissionError", message), None
    return None


def against_calling(sim: Simulation, operation: str, request: Mapping[str, Any], by: str) -> Refusal | None:
    """AWS's AccessDeniedException, where the caller's identity policies do not allow the operation (8.2, 8.3)."""
    for resource in codepipeline_resource(operation, request, sim.state.region, sim.state.account):
        decision = decide(sim.scenario.identities[by], f"codepipeline:{operation}", resource)
        if not decision.allowed:
            return Refusal("AccessDeniedException", decision.message(by))
    return None
