"""An execution is started, or stopped on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...ids import execution_id
from ...record import INBOUND, ExecutionChanged, StageChanged
from ...refused import Refused
from ...rules import against_starting, against_stopping, id_of
from ...state import ExecutionState, PipelineState
from .. import conditions
from ..starts import start
from ..walk import stop_waiting, stopped
from .answering import Reply, Request, execution_in, pipeline_of, refuse
from .revisions import overrides

if TYPE_CHECKING:
    from .. import Simulation


def start_execution(sim: Simulation, request: Request, by: str) -> Reply:
    """Release change. A repeated clientRequestToken gives the first execution again (4.2) [PROBE-B]."""
    pipeline = pipeline_of(sim, request["name"])
    variables = _variables(request)
    revisions = overrides(sim, pipeline, request)
    token = request.get("clientRequestToken")
    if token in pipeline.tokens:
        answer = {"pipelineExecutionId": id_of(sim.state, pipeline.executions[pipeline.tokens[token]])}
        return Reply(answer, answer)
    refuse(against_starting(sim.state, pipeline))
    answer = {"pipelineExecutionId": execution_id(sim.seed, pipeline.name, pipeline.next)}
    return Reply(answer, answer,
                 lambda: start(sim, pipeline, "StartPipelineExecution", by, revisions, variables))


def _variables(request: Request) -> dict[str, str]:
    given = request.get("variables", ())
    names = [variable["name"] for variable in given]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise Refused("ValidationException", f"The pipeline variables {', '.join(sorted(twice))} are given twice")
    return {variable["name"]: variable["value"] for variable in given}


def stop_execution(sim: Simulation, request: Request, by: str) -> Reply:
    """Stop and wait, or stop and abandon (4.8)."""
    pipeline = pipeline_of(sim, request["pipelineName"])
    execution = execution_in(sim, pipeline, request, "PipelineExecutionNotStoppableException")
    abandon = bool(request.get("abandon", False))
    refuse(against_stopping(execution, abandon))
    answer = {"pipelineExecutionId": request["pipelineExecutionId"]}
    return Reply(answer, answer, lambda: _stop(sim, pipeline, execution, abandon, request.get("reason", "")))


def _stop(sim: Simulation, pipeline: PipelineState, execution: ExecutionState, abandon: bool, reason: str) -> None:
    run = sim.runs[pipeline.name, execution.number]
    stage = execution.run
    if stage is None or stage.status == INBOUND:
        stop_waiting(sim, run, reason)
        return
    sim.record(ExecutionChanged(sim.now, pipeline.name, execution.number, "Stopping", reason, abandon=abandon))
    if stage.status != "Stopping":
        sim.record(StageChanged(sim.now, pipeline.name, execution.number, execution.stage, "Stopping"))
    if run.check is not None:
        conditions.abandon(sim, run)
        abandon = True
    if abandon:
        for work in run.works:
            work.abandon("Abandoned: the execution was stopped without waiting for the action.")
        stopped(sim, run, execution.stage)
