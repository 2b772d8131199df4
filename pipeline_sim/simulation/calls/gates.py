"""What lets executions pass or not: a transition is disabled or enabled, an approval is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...refused import Refused
from ...rules import Refusal, against_answering, against_resuming, wants_summary
from ...state import ExecutionState, PipelineState
from ...views.names import moment
from ..providers import approval_result
from ..walk import admit, stop_waiting
from .answering import Reply, Request, pipeline_of, stage_of

if TYPE_CHECKING:
    from .. import Simulation


def disable_transition(sim: Simulation, request: Request, by: str) -> Reply:
    """A transition is disabled (4.6): nobody enters, whoever is in the stage goes on."""
    stage_of(pipeline_of(sim, request["pipelineName"]), request["stageName"])
    return Reply({}, {})


def enable_transition(sim: Simulation, request: Request, by: str) -> Reply:
    """A transition is enabled (4.6); who waits in front of it may enter, unless it was disabled for too long."""
    pipeline = pipeline_of(sim, request["pipelineName"])
    stage, side = request["stageName"], request["transitionType"]
    door = stage_of(pipeline, stage)
    stale = against_resuming(sim.state, door.inbound if side == "Inbound" else door.outbound)
    return Reply({}, {}, lambda: _admit_around(sim, pipeline, _next_door(pipeline, stage, side), stale))


def _next_door(pipeline: PipelineState, stage: str, side: str) -> str | None:
    """In front of which stage people wait because of this side of a stage's transitions."""
    index = pipeline.definition.index[stage] + (side == "Outbound")
    stages = pipeline.definition.stages
    return stages[index].name if index < len(stages) else None


def _admit_around(sim: Simulation, pipeline: PipelineState, stage: str | None, stale: str | None) -> None:
    if stage is None:
        return
    for number in list(pipeline.stages[stage].waiting) if stale else ():
        stop_waiting(sim, sim.runs[pipeline.name, number], stale or "")
    admit(sim, pipeline, stage)


def put_approval(sim: Simulation, request: Request, by: str) -> Reply:
    """Somebody answers a pending approval (4.7)."""
    pipeline = pipeline_of(sim, request["pipelineName"])
    stage, action = request["stageName"], request["actionName"]
    stage_of(pipeline, stage)
    if action not in pipeline.definition.stage(stage).by_name:
        raise Refused("ActionNotFoundException", f"The stage {stage} has no action named {action}")
    found = against_answering(sim.state, pipeline, stage, action, request["token"])
    if isinstance(found, Refusal):
        raise Refused(found.error, found.message)
    execution, _ = found
    result = request["result"]
    if wants_summary(execution.definition.stage(stage).action(action)) and not result["summary"].strip():
        raise Refused("ValidationException", f"The approval {stage}/{action} needs a summary")
    answer = {"approvedAt": moment(sim.state, sim.now)}
    return Reply(answer, answer, lambda: _answer(sim, execution, action, result["status"], result["summary"], by))


def _answer(sim: Simulation, execution: ExecutionState, action: str, status: str, summary: str, by: str) -> None:
    """The approval ends: Approved succeeds, Rejected fails the action like any other failure (4.7)."""
    run = sim.runs[execution.pipeline, execution.number]
    work = next(work for work in run.works if work.action.name == action and not work.status)
    work.finish(*approval_result(status, summary, by))
