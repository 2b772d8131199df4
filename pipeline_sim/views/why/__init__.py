"""Why? One sentence and the chain of causes, for a stage, an action, an execution or a push.

Sentences about what stands in the way are those of `rules`: what keeps the simulation waiting is what is said here.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...ids import number_of
from ...pipeline.fault import near
from ...record import Record
from ...state import ExecutionState, PipelineState, State
from .answer import Answer, Cause
from .executions import why_execution
from .places import why_action, why_stage
from .pushes import find_push, why_push

__all__ = ["Answer", "Cause", "places", "why", "why_action", "why_execution", "why_push", "why_stage"]


def why(
    state: State, place: str | int, records: Sequence[Record] = (), *, execution: int | None = None
) -> Answer:
    """Why a place is as it is.

    `place` is a stage (`Prod`), an action (`Prod/Deploy`), an execution (`7` or its id), a push (`push 3` or its
    revision's id; then `records` must be given). `shop:Prod` names the pipeline where there are several. `execution`
    asks about an action in that execution. ValueError for a name that is nowhere, with the near one.
    """
    asked = str(place).strip()
    if asked.startswith("push") and (push := find_push(records, asked)) is not None:
        return why_push(state, push)
    pipeline, rest = _pipeline(state, asked)
    found = _in_pipeline(state, pipeline, rest, execution) if pipeline is not None else None
    if found is not None:
        return found
    if (push := find_push(records, asked)) is not None:
        return why_push(state, push)
    raise ValueError(_unknown(state, asked, records))


def _pipeline(state: State, asked: str) -> tuple[PipelineState | None, str]:
    """The pipeline that is meant, and what is left of the place."""
    name, colon, rest = asked.partition(":")
    if colon and name in state.pipelines:
        return state.pipelines[name], rest
    if asked in state.pipelines:
        return state.pipelines[asked], ""
    if len(state.pipelines) == 1:
        return next(iter(state.pipelines.values())), asked
    holding = [one for one in state.pipelines.values() if asked.partition("/")[0] in one.stages
               or number_of(state.seed, f"execution:{one.name}", asked) is not None]
    return (holding[0], asked) if len(holding) == 1 else (None, asked)


def _in_pipeline(state: State, pipeline: PipelineState, asked: str, number: int | None) -> Answer | None:
    name, slash, action = asked.partition("/")
    stage = pipeline.definition.by_name.get(name)
    if stage is not None and not slash:
        return why_stage(state, pipeline, stage)
    if stage is not None and action in stage.by_name:
        return why_action(state, pipeline, stage, stage.by_name[action], _numbered(pipeline, number))
    execution = _execution(state, pipeline, asked)
    return why_execution(state, pipeline, execution) if execution is not None else None


def _numbered(pipeline: PipelineState, number: int | None) -> ExecutionState | None:
    if number is not None and number not in pipeline.executions:
        raise ValueError(f"{pipeline.name} has no execution {number}; it has had {len(pipeline.executions)}.")
    return pipeline.executions[number] if number is not None else None


def _execution(state: State, pipeline: PipelineState, asked: str) -> ExecutionState | None:
    """`7`, `#7`, `execution 7`, an id; of a pipeline's bare name its newest."""
    if not asked:
        return next(reversed(pipeline.executions.values()), None)
    word = asked.removeprefix("execution").strip().lstrip("#")
    number = int(word) if word.isdigit() else number_of(state.seed, f"execution:{pipeline.name}", word)
    return pipeline.executions.get(number) if number is not None else None


def places(state: State) -> list[str]:
    """Everything that can be asked about by name: stages and actions, with their pipeline where there are several."""
    many = len(state.pipelines) > 1
    found = []
    for pipeline in state.pipelines.values():
        lead = f"{pipeline.name}:" if many else ""
        for stage in pipeline.definition.stages:
            found.append(f"{lead}{stage.name}")
            found += [f"{lead}{stage.name}/{action.name}" for action in stage.actions]
    return found


def _unknown(state: State, asked: str, records: Sequence[Record]) -> str:
    known = places(state)
    hint = near(asked, known) or f"There are {', '.join(known[:20])}{' and more' if len(known) > 20 else ''}."
    what = "" if records or not asked.startswith("push") else " Pushes can be asked about where the records are given."
    return f"Nothing here is called {asked!r}: name a stage, an action or an execution's number. {hint}{what}"
