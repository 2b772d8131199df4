"""A stage is run again: retried, rolled back, or let through against its conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...ids import execution_id, execution_number
from ...record import ExecutionChanged, StageChanged
from ...refused import Refused
from ...rules import against_overriding, against_retrying, against_rolling_back
from ...state import ExecutionState, PipelineState
from .. import conditions
from ..walk import roll_back, set_off
from ..work import begin
from .answering import Reply, Request, execution_in, pipeline_of, refuse, stage_of

if TYPE_CHECKING:
    from .. import Simulation


def retry_stage(sim: Simulation, request: Request, by: str) -> Reply:
    """Retry the failed actions of a stage, or all (4.9): the same execution, new attempts."""
    pipeline = pipeline_of(sim, request["pipelineName"])
    name = request["stageName"]
    stage_of(pipeline, name)
    execution = execution_in(sim, pipeline, request, "StageNotRetryableException")
    mode = request["retryMode"]
    refuse(against_retrying(sim.state, pipeline, name, execution, mode))
    answer = {"pipelineExecutionId": request["pipelineExecutionId"]}
    return Reply(answer, answer, lambda: _retry(sim, pipeline, execution, name, mode))


def _retry(sim: Simulation, pipeline: PipelineState, execution: ExecutionState, stage: str, mode: str) -> None:
    again = StageChanged(sim.now, pipeline.name, execution.number, stage, "InProgress", "ManualStageRetry", mode)
    run = sim.runs.get((pipeline.name, execution.number))
    if run is not None:
        sim.record(again)
        _retry_beside_siblings(sim, run, stage)
        return
    sim.record(ExecutionChanged(sim.now, pipeline.name, execution.number, "InProgress"))
    sim.record(again)
    set_off(sim, pipeline, execution, execution.definition.index[stage], mode)


def _retry_beside_siblings(sim: Simulation, run: Any, stage: str) -> None:
    """A failed action begins again while its siblings of the same run order still run (4.5)."""
    attempts = run.execution.stages[stage].attempts
    for work in list(run.works):
        if work.status and attempts[work.action.name][-1].status == "Failed":
            run.works.append(begin(sim, run, work.prepared))


def rollback_stage(sim: Simulation, request: Request, by: str) -> Reply:
    """A stage goes back to what an earlier execution had in it (4.10): a new execution of that stage alone."""
    pipeline = pipeline_of(sim, request["pipelineName"])
    stage = request["stageName"]
    stage_of(pipeline, stage)
    identifier = request["targetPipelineExecutionId"]
    target = pipeline.executions.get(execution_number(sim.seed, pipeline.name, identifier) or 0)
    if target is None:
        raise Refused("PipelineExecutionNotFoundException", f"{pipeline.name} has no execution {identifier}")
    refuse(against_rolling_back(sim.state, pipeline, stage, target))
    number = pipeline.next
    answer = {"pipelineExecutionId": execution_id(sim.seed, pipeline.name, number)}
    luck = (1 << 40) + number
    return Reply(answer, answer,
                 lambda: roll_back(sim, pipeline, stage, target.number, "ManualRollback", by, luck))


def override_condition(sim: Simulation, request: Request, by: str) -> Reply:
    """A condition that failed or still runs is overridden, and the stage proceeds (4.11)."""
    pipeline = pipeline_of(sim, request["pipelineName"])
    stage, gate = request["stageName"], request["conditionType"]
    stage_of(pipeline, stage)
    execution = execution_in(sim, pipeline, request, "ConditionNotOverridableException")
    refuse(against_overriding(sim.state, pipeline, stage, execution, gate))
    return Reply({}, {}, lambda: conditions.override(sim, pipeline, execution, stage, gate))
