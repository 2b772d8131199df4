"""Which thing of the account a request means; `Refused`, in AWS's words, where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...ids import execution_number, number_of
from ...record import INBOUND
from ...refused import Refused
from ...state import Attempt, ExecutionState, PipelineState, StageRun, State


def pipeline_of(state: State, name: str) -> PipelineState:
    """The pipeline with this name."""
    if name not in state.pipelines:
        raise Refused("PipelineNotFoundException",
                      f"Account '{state.account}' does not have a pipeline with name '{name}'")
    return state.pipelines[name]


def execution_of(state: State, pipeline: PipelineState, identifier: str) -> ExecutionState:
    """The execution of a pipeline with this id."""
    number = execution_number(state.seed, pipeline.name, identifier)
    if number not in pipeline.executions:
        raise Refused("PipelineExecutionNotFoundException",
                      f"The pipeline {pipeline.name} has no execution with id '{identifier}'")
    return pipeline.executions[number]


def attempt_of(
    state: State, pipelines: Iterable[PipelineState], identifier: str
) -> tuple[ExecutionState, str, str, Attempt]:
    """The attempt with this `actionExecutionId`, with its execution, stage and action."""
    index = number_of(state.seed, "attempt", identifier)
    for pipeline in pipelines if index is not None else ():
        for execution in reversed(pipeline.executions.values()):
            for stage, action, attempt in attempts_of(execution):
                if attempt.index == index:
                    return execution, stage, action, attempt
    raise Refused("ActionExecutionNotFoundException", f"There is no action execution with id '{identifier}'")


def attempts_of(execution: ExecutionState) -> Iterator[tuple[str, str, Attempt]]:
    """Every attempt of an execution, with stage and action."""
    return ((stage, action, attempt) for stage, run in execution.stages.items()
            for action, attempts in run.attempts.items() for attempt in attempts)


def entered(run: StageRun | None) -> bool:
    """Whether an execution came into a stage, and does not merely stand in front of it."""
    return run is not None and run.status != INBOUND and run.entered is not None
