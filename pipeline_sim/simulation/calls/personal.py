"""A person's request in full: what they need not say, because it can mean one thing only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...ids import approval_token
from ...rules import id_of
from ...shapes import members_of
from ...state import PipelineState

if TYPE_CHECKING:
    from .. import Simulation

BY_NAME = ("StartPipelineExecution", "GetPipeline", "GetPipelineState", "DeletePipeline")
"""The operations that call a pipeline's name `name`."""


def fill_in(sim: Simulation, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """A person's request in full: the only pipeline's name, `execution: 3` and `target: 2` as ids, the token of the
    approval that waits."""
    if "pipeline" in request:  # a whole structure has its name inside
        return request
    names = list(sim.state.pipelines)
    key = "name" if operation in BY_NAME else "pipelineName"
    if len(names) == 1 and key not in request and key in members_of(operation):
        request[key] = names[0]
    pipeline = sim.state.pipelines.get(str(request.get(key)))
    if pipeline is None:
        return request
    for word, member in (("execution", "pipelineExecutionId"), ("target", "targetPipelineExecutionId")):
        number = request.pop(word, None)
        if isinstance(number, int) and number in pipeline.executions:
            request[member] = id_of(sim.state, pipeline.executions[number])
    if "actionName" in request and "result" in request and "token" not in request:
        request["token"] = pending_token(sim, pipeline, str(request.get("stageName")), str(request["actionName"]))
    return request


def pending_token(sim: Simulation, pipeline: PipelineState, stage: str, action: str) -> str:
    """The token that a person would answer with: of the approval that waits there, the oldest execution's first; else
    of the newest that waited; else one that nobody has."""
    found = [(attempt.status != "InProgress", attempt.index)
             for execution in pipeline.executions.values() if stage in execution.stages
             for attempt in execution.stages[stage].attempts.get(action, ())]
    waiting = [index for done, index in found if not done]
    return approval_token(sim.seed, waiting[0] if waiting else max((index for _, index in found), default=0))
