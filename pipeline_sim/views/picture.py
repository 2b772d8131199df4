"""What the picture of a moment shows: statuses, who is where, which transitions are disabled, made from the state."""

from __future__ import annotations

from ..pipeline.model import PARALLEL, Pipeline, Stage
from ..record import INBOUND
from ..state import ExecutionState, PipelineState, StageRun, State
from .graph import Marks, action_id, mimebundle, stage_id, transition_id

GATES = {"BEFORE_ENTRY": "entry", "ON_SUCCESS": "success", "ON_FAILURE": "failure"}


def marks(state: State, name: str | None = None, execution: int | None = None) -> Marks:
    """The marks of a pipeline (the only one, unless it is named) at this moment: in each stage the execution that entered
    last, as the console shows it, or one `execution` alone. In PARALLEL mode, where AWS shows each execution by itself
    and no state of the pipeline (4.3) [UG:execution-modes], all of them together."""
    pipeline = state.pipelines[name or next(iter(state.pipelines))]
    status: dict[str, str] = {}
    for stage in pipeline.definition.stages:
        if execution is None and pipeline.definition.mode == PARALLEL:
            status |= together(pipeline, stage)
        elif (run := _shown(pipeline, stage.name, execution)) is not None:
            status |= statuses(pipeline.definition, stage, run)
    return Marks(status, _tokens(pipeline, execution), disabled(pipeline))


def together(pipeline: PipelineState, stage: Stage) -> dict[str, str]:
    """What a stage shows of all its executions in PARALLEL mode: how it is for the one that entered last, and, where that
    has not failed, what any other is at."""
    last = _shown(pipeline, stage.name, None)
    found = statuses(pipeline.definition, stage, last) if last is not None else {}
    for number in pipeline.active:
        run = pipeline.executions[number].stages.get(stage.name)
        if run is not None and run is not last and run.status == "InProgress" and run.entered is not None:
            at = statuses(pipeline.definition, stage, run)
            found |= {element: status for element, status in at.items()
                      if status == "InProgress" and found.get(element) != "Failed"}
    return found


def whose(pipeline: PipelineState, stage: str, action: str = "") -> ExecutionState | None:
    """The execution that a stage is looked at for, or one of its actions: who entered last; in PARALLEL mode, where that
    has not failed at the action, who is at it. None where nobody has entered."""
    latest = pipeline.stages[stage].latest
    if latest is None:
        return None
    last = pipeline.executions[latest]
    if pipeline.definition.mode != PARALLEL or _at(last, stage, action) == "Failed":
        return last
    others = (pipeline.executions[number] for number in reversed(pipeline.active))
    return next((one for one in others if _at(one, stage, action) == "InProgress"), last)


def _at(execution: ExecutionState, stage: str, action: str) -> str:
    """The status of an execution's newest attempt at an action; empty where there is none."""
    run = execution.stages.get(stage)
    attempt = run.latest(action) if run is not None else None
    return attempt.status if attempt is not None else ""


def _shown(pipeline: PipelineState, stage: str, execution: int | None) -> StageRun | None:
    number = execution if execution is not None else pipeline.stages[stage].latest
    run = pipeline.executions[number].stages.get(stage) if number is not None else None
    return run if run is not None and run.entered is not None else None


def statuses(definition: Pipeline, stage: Stage, run: StageRun) -> dict[str, str]:
    """The status of a stage that an execution has entered, of its actions and conditions, by element."""
    found = {stage_id(definition, stage.name): run.status}
    for action in stage.actions:
        attempt = run.latest(action.name)
        found[action_id(definition, stage.name, action.name)] = attempt.status if attempt else "DidntRun"
    place = definition.index[stage.name]
    for gate, conditions in run.gates.items():
        found[f"{GATES[gate]}-{place}"] = conditions[-1].status
    return found


def _tokens(pipeline: PipelineState, execution: int | None) -> dict[int, str]:
    """Where executions are that are not over."""
    numbers = pipeline.active if execution is None else [execution]
    return {number: place for number in numbers if (place := place_of(pipeline, number)) is not None}


def place_of(pipeline: PipelineState, number: int) -> str | None:
    """Where an execution is: at the action that runs, in the stage, or in front of it. None where it is over."""
    one = pipeline.executions[number]
    run = one.run
    if run is None or not one.active or one.stage not in pipeline.definition.index:
        return None
    if run.status == INBOUND:
        return transition_id(pipeline.definition, one.stage)
    stage = pipeline.definition.stage(one.stage)
    for name, attempts in run.attempts.items():
        if attempts[-1].status == "InProgress" and name in stage.by_name:
            return action_id(pipeline.definition, one.stage, name)
    return stage_id(pipeline.definition, one.stage)


def disabled(pipeline: PipelineState) -> dict[str, str]:
    """The reason at each transition that is disabled on either side."""
    found = {}
    stages = pipeline.definition.stages
    for place, stage in enumerate(stages):
        door = pipeline.stages[stage.name]
        before = pipeline.stages[stages[place - 1].name] if place else None
        if not door.inbound.enabled:
            found[transition_id(pipeline.definition, stage.name)] = door.inbound.reason
        elif before is not None and not before.outbound.enabled:
            found[transition_id(pipeline.definition, stage.name)] = before.outbound.reason
    return found


def notebook(state: State) -> dict[str, str]:
    """What a notebook shows of a simulation: a picture of each of its pipelines as it is now."""
    shown = [mimebundle(pipeline.definition, marks(state, name)) for name, pipeline in state.pipelines.items()]
    if not shown:
        return {"text/plain": "A simulation without pipelines."}
    return {key: "\n".join(one[key] for one in shown) for key in shown[0]}
