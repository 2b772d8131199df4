"""What some actions start or watch besides their own work: another pipeline, a Lambda deployment's alarms (2.4, 2.5)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..record import Result
from ..refused import Refused
from ..rules import against_starting
from ..shapes import validate
from ..state import ExecutionState
from ..values import resolved
from .luck import Plan, Prepared, plan

if TYPE_CHECKING:
    from . import Simulation

AT_ONCE = 1

# ---------------------------------------------------------------------------------------------- another pipeline


def plan_nested(sim: Simulation, execution: ExecutionState, prepared: Prepared, number: int) -> Plan:
    """An action that starts another pipeline, with the variables and revisions that it names: it succeeds once that has
    started, and does not wait (2.5, 15) [UG:action-reference-PipelineInvoke]."""
    drawn = plan(sim, execution, prepared, number)
    if drawn[1] != "Succeeded":
        return drawn
    try:
        request = _request(sim, execution, prepared)
    except ValueError as error:
        return AT_ONCE, "Failed", Result("", "ConfigurationError", str(error)), None
    target = sim.state.pipelines.get(request["name"])
    if target is None:
        message = f"There is no pipeline named {request['name']} in this account and Region."
        return drawn[0], "Failed", Result("", "ConfigurationError", message), None
    refusal = against_starting(sim.state, target)
    if refusal is not None:
        return drawn[0], "Failed", Result("", "JobFailed", refusal.message), None
    return drawn[0], drawn[1], drawn[2], lambda: _start(sim, request, execution.definition.role_arn)


def _request(sim: Simulation, execution: ExecutionState, prepared: Prepared) -> dict[str, Any]:
    """The call that the action makes. ValueError where its JSON is none, or not what StartPipelineExecution takes."""
    settings = resolved(sim.state, execution, prepared.action.configuration)
    request: dict[str, Any] = {"name": settings.get("PipelineName", "")}
    for key, member in (("Variables", "variables"), ("SourceRevisions", "sourceRevisions")):
        if settings.get(key):
            try:
                request[member] = json.loads(settings[key])
            except ValueError as error:
                raise ValueError(f"{key} is no JSON: {error}.") from error
    fault = validate("StartPipelineExecution", request)
    if fault is not None:
        raise ValueError(fault[1])
    return request


def _start(sim: Simulation, request: dict[str, Any], role: str) -> None:
    try:
        sim.answer("StartPipelineExecution", request, role)
    except Refused:
        pass  # the pipeline was deleted or filled up meanwhile: the refusal is in the records


# ---------------------------------------------------------------------------------------------- alarms of a deployment


def plan_shift(sim: Simulation, execution: ExecutionState, prepared: Prepared, number: int) -> Plan:
    """A Lambda deployment watches its alarms while it shifts traffic, and fails when one is raised (2.4)
    [UG:action-reference-LambdaDeploy]."""
    settings = resolved(sim.state, execution, prepared.action.configuration)
    raised = [name for name in alarms_of(settings) if sim.state.alarms.get(name) == "ALARM"]
    return (AT_ONCE, "Failed", _stopped(raised[0]), None) if raised else plan(sim, execution, prepared, number)


def alarms_of(settings: Any) -> list[str]:
    """The names under `Alarms`, separated by commas."""
    return [name.strip() for name in settings.get("Alarms", "").split(",") if name.strip()]


def _stopped(alarm: str) -> Result:
    return Result("", "JobFailed", f"The deployment was stopped: the alarm {alarm} is in state ALARM.")


def alarm_raised(sim: Simulation, name: str) -> None:
    """Deployments under way that watch this alarm fail."""
    for run in list(sim.runs.values()):
        for work in run.works:
            watches = work.action.provider == "Lambda" and work.action.category == "Deploy"
            if watches and name in alarms_of(resolved(sim.state, run.execution, work.action.configuration)):
                work.finish("Failed", _stopped(name))
