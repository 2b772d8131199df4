"""What an answered API call changes by itself, before anything follows from it."""

from __future__ import annotations

from collections.abc import Callable

from ..ids import execution_number
from ..pipeline.model import Pipeline
from ..pipeline.read import from_structure
from ..record import Called
from .values import PipelineState, StageState, State, Transition


def add_pipeline(state: State, pipeline: Pipeline) -> PipelineState:
    """A pipeline comes into the account, with every transition enabled."""
    new = PipelineState(pipeline.name, pipeline, state.now, state.now, {pipeline.version: pipeline})
    new.stages = {stage.name: StageState() for stage in pipeline.stages}
    state.pipelines[pipeline.name] = new
    return new


def _created(state: State, call: Called) -> None:
    assert call.answer is not None
    pipeline = add_pipeline(state, from_structure(call.answer["pipeline"]))
    pipeline.tags = {tag["key"]: tag["value"] for tag in call.request.get("tags", ())}


def _updated(state: State, call: Called) -> None:
    """The next version. Stages that keep their name keep their door and who is in them."""
    assert call.answer is not None
    definition = from_structure(call.answer["pipeline"])
    pipeline = state.pipelines[definition.name]
    pipeline.definition = pipeline.versions[definition.version] = definition
    pipeline.updated = state.now
    known = pipeline.stages
    pipeline.stages = {stage.name: known.get(stage.name) or StageState() for stage in definition.stages}


def _deleted(state: State, call: Called) -> None:
    if pipeline := state.pipelines.pop(call.request["name"], None):
        state.deleted.append(pipeline)


def _started(state: State, call: Called) -> None:
    assert call.answer is not None
    pipeline = state.pipelines[call.request["name"]]
    number = execution_number(state.seed, pipeline.name, call.answer["pipelineExecutionId"])
    if (token := call.request.get("clientRequestToken")) and number is not None:
        pipeline.tokens.setdefault(token, number)


def _transition(state: State, call: Called) -> None:
    request = call.request
    stage = state.pipelines[request["pipelineName"]].stages[request["stageName"]]
    enabled = call.operation == "EnableStageTransition"
    changed = Transition(enabled, "" if enabled else request["reason"], call.by, state.now)
    if request["transitionType"] == "Inbound":
        stage.inbound = changed
    else:
        stage.outbound = changed


EFFECTS: dict[str, Callable[[State, Called], None]] = {
    "CreatePipeline": _created,
    "UpdatePipeline": _updated,
    "DeletePipeline": _deleted,
    "StartPipelineExecution": _started,
    "EnableStageTransition": _transition,
    "DisableStageTransition": _transition,
}
