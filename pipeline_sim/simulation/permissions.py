"""Whether somebody may: a role's policies when an action begins, a caller's own policies when a call comes (8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..iam import caller_needs, fulfils, requirements
from ..record import Result
from ..rules import Refusal
from ..state import ExecutionState
from .luck import Plan, Prepared

if TYPE_CHECKING:
    from . import Simulation

AT_ONCE = 1
HANGS_WITHOUT = "elasticbeanstalk:DescribeEvents"


def against_working(
    sim: Simulation, execution: ExecutionState, prepared: Prepared, settings: Mapping[str, str]
) -> Plan | None:
    """The plan of an action whose role lacks a permission: it fails with PermissionError and names the statement to
    add. Without DescribeEvents a Beanstalk deployment hangs instead [UG22:troubleshooting]. A role that the scenario
    says nothing of may do everything."""
    action, roles = prepared.action, sim.scenario.roles
    region = action.region or sim.state.region
    for need in requirements(action, settings, execution.definition, region, sim.state.account):
        if need.role not in roles:
            continue
        decision = fulfils(roles[need.role], need, principal=need.role)
        if decision.allowed:
            continue
        if need.action == HANGS_WITHOUT:
            return None, "Failed", None, None
        message = f"{decision.message()}. {decision.remedy}"
        return AT_ONCE, "Failed", Result("", "PermissionError", message), None
    return None


def against_calling(sim: Simulation, operation: str, request: Mapping[str, Any], by: str) -> Refusal | None:
    """AWS's AccessDeniedException, where the caller's identity policies do not allow the operation (8.2, 8.3)."""
    for need in caller_needs(operation, request, sim.state.region, sim.state.account):
        decision = fulfils(sim.scenario.identities[by], need, principal=by)
        if not decision.allowed:
            return Refusal("AccessDeniedException", decision.message(by))
    return None
