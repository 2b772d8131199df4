"""Which data a thing has: artifacts, variables, the configuration that an attempt was given, the message that it sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from ...pipeline.model import Action, Stage
from ...record import ActionChanged, Record
from ...state import Attempt, ExecutionState, PipelineState, State
from ...values import output_variables
from ...views.api.find import attempts_of
from ...views.names import artifact, configuration_of, input_artifacts, masked, output_artifacts, region_of
from ...views.notifications import approval_message
from ...views.picture import whose
from ..things import Thing

Row = dict[str, Any]
Part = TypeVar("Part", Stage, Action)
RECENT = 10
"""So many executions are in the panes, the newest."""


def shown(thing: Thing, follow: int | None = None) -> ExecutionState | None:
    """The execution in which a thing is looked at: itself, the one that is followed, else the one that is shown there."""
    if thing.execution is not None or thing.stage is None:
        return thing.execution
    followed = thing.pipeline.executions.get(follow) if follow is not None else None
    return followed or whose(thing.pipeline, thing.stage.name, thing.action.name if thing.action is not None else "")


def attempt_of(thing: Thing, execution: ExecutionState | None) -> Attempt | None:
    """An action's newest attempt in an execution."""
    if execution is None or thing.stage is None or thing.action is None:
        return None
    run = execution.stages.get(thing.stage.name)
    return run.latest(thing.action.name) if run is not None else None


# ---------------------------------------------------------------------------------------------- artifacts


def artifacts(state: State, thing: Thing, execution: ExecutionState | None) -> list[Row]:
    """What was read and written: by an action's newest attempt, in a stage, by an execution."""
    if execution is None:
        return []
    return [row for stage, action, attempt in _attempts(thing, execution)
            for row in _of_attempt(state, execution, stage, action, attempt)]


def _attempts(thing: Thing, execution: ExecutionState) -> Iterator[tuple[Stage, Action, Attempt]]:
    for stage in _same(thing.stage, execution.definition.stages, execution.definition.by_name):
        run = execution.stages.get(stage.name)
        for action in _same(thing.action, stage.actions, stage.by_name) if run is not None else ():
            if run is not None and (attempt := run.latest(action.name)) is not None:
                yield stage, action, attempt


def _same(wanted: Part | None, parts: Sequence[Part], by_name: Mapping[str, Part]) -> Sequence[Part]:
    """Of the parts of a definition the one that is wanted, if it is there unchanged; all where none is."""
    if wanted is None:
        return parts
    found = by_name.get(wanted.name)
    return () if found is None or found != wanted else (found,)


def _of_attempt(
    state: State, execution: ExecutionState, stage: Stage, action: Action, attempt: Attempt
) -> Iterator[Row]:
    for how, found in (("reads", input_artifacts(state, execution, action, attempt)),
                       ("writes", output_artifacts(state, execution, action, attempt))):
        for one in found:
            place: Any = one["s3location"]
            yield {"execution": execution.number, "place": f"{stage.name}/{action.name}", "does": how,
                   "name": one["name"], "object": f"s3://{place['bucket']}/{place['key']}"}


def all_artifacts(state: State, pipeline: PipelineState) -> list[Row]:
    """The artifacts of the newest executions: who made each, and who read it."""
    return [row for execution in _newest(pipeline) for row in _made_in(state, execution)]


def _newest(pipeline: PipelineState) -> list[ExecutionState]:
    return list(reversed(pipeline.executions.values()))[:RECENT]


def _made_in(state: State, execution: ExecutionState) -> Iterator[Row]:
    found = list(attempts_of(execution))
    makers = {attempt.index: (stage, action) for stage, action, attempt in found}
    for name, index in execution.artifacts.items():
        stage, action = makers.get(index, ("", ""))
        maker = execution.definition.by_name[stage].by_name[action] if stage else None
        region = region_of(state, maker) if maker is not None else state.region
        place: Any = artifact(state, execution, region, name, index)["s3location"]
        readers = dict.fromkeys(f"{s}/{a}" for s, a, attempt in found if index in attempt.inputs
                                and name in execution.definition.by_name[s].by_name[a].inputs)
        yield {"execution": execution.number, "name": name, "place": f"{stage}/{action}" if stage else "an earlier one",
               "readers": ", ".join(readers), "object": f"s3://{place['bucket']}/{place['key']}"}


# ---------------------------------------------------------------------------------------------- variables


def variables(state: State, thing: Thing, execution: ExecutionState | None) -> list[Row]:
    """The values that an execution has: of the pipeline's variables, and those that its actions have produced."""
    if execution is None:
        return [] if thing.stage is not None else [
            {"execution": "", "name": f"variables.{one.name}", "value": one.default or "", "place": "default"}
            for one in thing.pipeline.definition.variables]
    rows = [] if thing.stage is not None else [
        {"execution": execution.number, "name": f"variables.{name}", "value": value, "place": "the pipeline"}
        for name, value in execution.start.variables.items()]
    return rows + [row for stage, action, attempt in _attempts(thing, execution)
                   for row in _produced(state, execution, stage, action, attempt)]


def _produced(
    state: State, execution: ExecutionState, stage: Stage, action: Action, attempt: Attempt
) -> Iterator[Row]:
    if attempt.status == "Succeeded":
        for name, value in output_variables(state, execution, action, attempt).items():
            place = f"{stage.name}/{action.name}"
            yield {"execution": execution.number, "name": f"{action.namespace}.{name}" if action.namespace else name,
                   "value": value, "place": place if action.namespace else f"{place}, which has no namespace"}


def all_variables(state: State, pipeline: PipelineState) -> list[Row]:
    """The values in the newest executions."""
    found = _newest(pipeline)
    whole = Thing("pipeline", "pipeline", pipeline)
    return [row for execution in found for row in variables(state, whole, execution)] if found else \
        variables(state, whole, None)


# ---------------------------------------------------------------------------------------------- configuration, message


def configuration(state: State, thing: Thing, execution: ExecutionState | None) -> list[Row]:
    """An action's configuration as it is declared and as the attempt was given it; secrets masked."""
    if thing.action is None:
        return []
    attempt = attempt_of(thing, execution)
    action = thing.action
    if execution is not None and thing.stage is not None and attempt is not None:
        action = execution.definition.by_name[thing.stage.name].by_name[action.name]
        resolved = masked(state, action, configuration_of(state, execution, action, attempt))
    else:
        resolved = {}
    return [{"name": name, "declared": value, "resolved": resolved.get(name, "")}
            for name, value in masked(state, action, action.configuration).items()]


def message(
    state: State, thing: Thing, execution: ExecutionState | None, records: Sequence[Record]
) -> dict[str, Any] | None:
    """What the approval's topic got, where it has one."""
    attempt = attempt_of(thing, execution)
    if attempt is None or thing.action is None or not thing.action.is_approval:
        return None
    began = records[attempt.index]
    if not isinstance(began, ActionChanged):
        return None
    sent = approval_message(state, began)
    return None if sent is None else {"topic": sent.topic, "subject": sent.subject, "body": json.loads(sent.body)}
