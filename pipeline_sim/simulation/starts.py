"""What starts an execution, and with what: triggers, revisions, pipeline variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..pipeline.model import PARALLEL, Action, Pipeline
from ..record import ExecutionChanged, Revision, Start
from ..rules import against_starting
from ..state import ExecutionState, PipelineState
from .walk import set_off

if TYPE_CHECKING:
    from . import Simulation


def start(
    sim: Simulation,
    pipeline: PipelineState,
    trigger: str,
    detail: str,
    revisions: Mapping[str, Revision] | None = None,
    variables: Mapping[str, str] | None = None,
) -> ExecutionState:
    """An execution begins (4.1): in front of the first stage, or Failed at once where a variable has no value
    [PROBE-B]."""
    definition = pipeline.definition
    number = len(pipeline.executions) + 1
    values, missing = resolved_variables(definition, variables or {})
    begun = Start(definition.version, definition.mode, trigger, detail, pipeline.starts + 1,
                  revisions=revisions or {}, variables=values)
    if missing:
        summary = f"No value for the pipeline variables {', '.join(missing)}, which have no default."
        sim.record(ExecutionChanged(sim.now, pipeline.name, number, "Failed", summary, begun))
        return pipeline.executions[number]
    sim.record(ExecutionChanged(sim.now, pipeline.name, number, "InProgress", start=begun))
    execution = pipeline.executions[number]
    set_off(sim, pipeline, execution)
    return execution


def resolved_variables(definition: Pipeline, given: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The value of each declared variable, and the names of those that have none. Unknown names are ignored (5)."""
    if not definition.variables:
        return {}, []
    values = {variable.name: given.get(variable.name, variable.default) for variable in definition.variables}
    missing = [name for name, value in values.items() if value is None]
    return {name: value for name, value in values.items() if value is not None}, missing


def start_by_trigger(
    sim: Simulation, pipeline: PipelineState, trigger: str, action: Action, revision: Revision
) -> None:
    """A change was detected. Where the limit of the mode is reached the start fails without a message (4.3)."""
    definition = pipeline.definition
    revisions = {} if _takes_newest(definition, action) else {action.name: revision}
    if against_starting(sim.state, pipeline) is not None:
        begun = Start(definition.version, definition.mode, trigger, action.name, pipeline.starts + 1,
                      revisions=revisions)
        number = len(pipeline.executions) + 1
        sim.record(ExecutionChanged(sim.now, pipeline.name, number, "Failed", start=begun))
        return
    start(sim, pipeline, trigger, action.name, revisions)


def _takes_newest(definition: Pipeline, action: Action) -> bool:
    """In PARALLEL mode a CodeCommit or S3 source takes the newest revision when it starts (4.1)
    [UG:concepts-how-it-works]."""
    return definition.mode == PARALLEL and action.provider in ("CodeCommit", "S3")
