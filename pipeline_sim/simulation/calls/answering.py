"""What every operation does before it answers: find what it names, or refuse the call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ...refused import Refused
from ...rules import Refusal, execution_of
from ...state import ExecutionState, PipelineState, StageState

if TYPE_CHECKING:
    from .. import Simulation

Request = Mapping[str, Any]


class Reply(NamedTuple):
    """The answer to a call, what of it is kept in the records, and what follows from the call."""

    answer: dict[str, Any]
    keep: Mapping[str, Any] | None = None
    then: Callable[[], object] | None = None


def refuse(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise Refused(refusal.error, refusal.message)


def pipeline_of(sim: Simulation, name: str) -> PipelineState:
    if name not in sim.state.pipelines:
        raise Refused("PipelineNotFoundException",
                      f"Account '{sim.state.account}' does not have a pipeline with name '{name}'")
    return sim.state.pipelines[name]


def stage_of(pipeline: PipelineState, name: str) -> StageState:
    if name not in pipeline.stages:
        raise Refused("StageNotFoundException", f"The pipeline {pipeline.name} has no stage named {name}")
    return pipeline.stages[name]


def execution_in(sim: Simulation, pipeline: PipelineState, request: Request, error: str) -> ExecutionState:
    execution = execution_of(sim.state, pipeline, request["pipelineExecutionId"])
    if execution is None:
        raise Refused(error, f"The pipeline {pipeline.name} has no execution {request['pipelineExecutionId']}")
    return execution
