"""What starts an execution, and with what: triggers, revisions, pipeline variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..ids import execution_id
from ..pipeline.model import PARALLEL, Action, Pipeline
from ..record import Called, ExecutionChanged, Revision, Start
from ..rules import against_starting
from ..scenario import Schedule
from ..state import ExecutionState, PipelineState
from .endless import one_more
from .walk import set_off

if TYPE_CHECKING:
    from ..iam import Decision
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
    number = pipeline.next
    values, missing = resolved_variables(definition, variables or {})
    begun = Start(definition.version, definition.mode, trigger, detail, pipeline.starts + 1,
                  revisions=revisions or {}, variables=values)
    if missing:
        one_more(sim)
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
    sim: Simulation, pipeline: PipelineState, trigger: str, action: Action, revision: Revision, detail: str = ""
) -> None:
    """A change was detected at a source action, which is the trigger's detail where nothing else is."""
    revisions = {} if _takes_newest(pipeline.definition, action) else {action.name: revision}
    start_or_fail(sim, pipeline, trigger, detail or action.name, revisions)


def start_or_fail(
    sim: Simulation, pipeline: PipelineState, trigger: str, detail: str,
    revisions: Mapping[str, Revision], variables: Mapping[str, str] | None = None,
) -> None:
    """A start that nobody waits for: where the limit of the mode is reached it fails without a message (4.3)."""
    if against_starting(sim.state, pipeline) is None:
        start(sim, pipeline, trigger, detail, revisions, variables)
        return
    one_more(sim)
    definition = pipeline.definition
    begun = Start(definition.version, definition.mode, trigger, detail, pipeline.starts + 1, revisions=revisions)
    sim.record(ExecutionChanged(sim.now, pipeline.name, pipeline.next, "Failed", start=begun))


def start_by_schedule(sim: Simulation, schedule: Schedule) -> None:
    """A scheduled rule of EventBridge starts its pipeline (4.2, 6.5). It does so by a call as its role, which CloudTrail
    has; where the role may not, the call is refused, and nobody else hears of it."""
    only = next(iter(sim.state.pipelines.values()), None) if len(sim.state.pipelines) == 1 else None
    pipeline = sim.state.pipelines.get(schedule.pipeline) if schedule.pipeline else only
    if pipeline is None:
        return  # the rule's target is gone
    rule = f"arn:aws:events:{sim.state.region}:{sim.state.account}:rule/{schedule.name}"
    start_by_rule(sim, pipeline, rule, schedule.role, {}, schedule.variables)


def start_by_rule(
    sim: Simulation, pipeline: PipelineState, rule: str, role: str, revisions: Mapping[str, Revision],
    variables: Mapping[str, str],
) -> Decision | None:
    """A rule of EventBridge starts a pipeline by a call as its role, which CloudTrail has; or what is decided against
    it. Where the role could not even be taken on there was no call."""
    request = {"name": pipeline.name}
    if role in sim.roles or role in sim.trust:
        from .permissions import against_starting_as

        denied = against_starting_as(sim, role, pipeline.name, rule)
        if denied is not None and denied.action.startswith("codepipeline:"):
            error = ("AccessDeniedException", denied.message(role))
            sim.record(Called(sim.now, "StartPipelineExecution", request, role, None, error))
        if denied is not None:
            return denied
    if role and against_starting(sim.state, pipeline) is None:
        answer = {"pipelineExecutionId": execution_id(sim.seed, pipeline.name, pipeline.next)}
        sim.record(Called(sim.now, "StartPipelineExecution", request, role, answer))
    start_or_fail(sim, pipeline, "CloudWatchEvent", rule, revisions, variables)
    return None


def _takes_newest(definition: Pipeline, action: Action) -> bool:
    """In PARALLEL mode a CodeCommit or S3 source takes the newest revision when it starts (4.1)
    [UG:concepts-how-it-works]."""
    return definition.mode == PARALLEL and action.provider in ("CodeCommit", "S3")
