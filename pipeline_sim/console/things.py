"""Which thing is meant: the ids of a picture's elements, and of executions, as the names that the state goes by.

`pipeline`, `stage-2`, `action-2-1`, `transition-2` (the way into stage 2), `entry-2`, `success-2`, `failure-2` (a
stage's conditions), `execution-7`. Places count from 0, as in `stages[2].actions[1]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..pipeline.model import Action, Pipeline, Stage
from ..record import BEFORE_ENTRY, ON_FAILURE, ON_SUCCESS
from ..state import ExecutionState, PipelineState

GATES = {"entry": BEFORE_ENTRY, "success": ON_SUCCESS, "failure": ON_FAILURE}
LABELS = {BEFORE_ENTRY: "entry", ON_SUCCESS: "success", ON_FAILURE: "failure"}


class Thing(NamedTuple):
    """A thing of one pipeline. `gate` is a condition's (`BEFORE_ENTRY`); what does not apply is None or empty."""

    id: str
    kind: str
    pipeline: PipelineState
    stage: Stage | None = None
    action: Action | None = None
    gate: str = ""
    execution: ExecutionState | None = None

    @property
    def place(self) -> str:
        """As `why` calls it: `Prod`, `Prod/Deploy`, `7`; of the pipeline, nothing."""
        if self.execution is not None:
            return str(self.execution.number)
        if self.stage is None:
            return ""
        return f"{self.stage.name}/{self.action.name}" if self.action is not None else self.stage.name

    @property
    def title(self) -> str:
        """How a person calls it: `Prod/Deploy`, `The way into Prod`, `Execution 7`."""
        if self.execution is not None:
            return f"Execution {self.execution.number}"
        if self.stage is None:
            return self.pipeline.name
        if self.kind == "transition":
            return f"The way into {self.stage.name}"
        return f"{self.stage.name}, {LABELS[self.gate]} condition" if self.gate else self.place


def thing(pipeline: PipelineState, identifier: str) -> Thing:
    """The thing with this id, as the pipeline is defined now. ValueError where there is none."""
    kind, *places = identifier.split("-")
    if identifier in ("", "pipeline"):
        return Thing("pipeline", "pipeline", pipeline)
    if not places or not all(place.isdecimal() for place in places):
        raise _unknown(pipeline, identifier)
    numbers = [int(place) for place in places]
    if kind == "execution" and len(numbers) == 1 and numbers[0] in pipeline.executions:
        return Thing(identifier, kind, pipeline, execution=pipeline.executions[numbers[0]])
    return _placed(pipeline, identifier, kind, numbers)


def _placed(pipeline: PipelineState, identifier: str, kind: str, numbers: list[int]) -> Thing:
    stages = pipeline.definition.stages
    wanted = 2 if kind == "action" else 1
    if kind not in ("stage", "action", "transition", *GATES) or len(numbers) != wanted or numbers[0] >= len(stages):
        raise _unknown(pipeline, identifier)
    stage = stages[numbers[0]]
    if kind == "action":
        if numbers[1] >= len(stage.actions):
            raise _unknown(pipeline, identifier)
        return Thing(identifier, kind, pipeline, stage, stage.actions[numbers[1]])
    return Thing(identifier, kind if kind not in GATES else "condition", pipeline, stage, gate=GATES.get(kind, ""))


def _unknown(pipeline: PipelineState, identifier: str) -> ValueError:
    return ValueError(f"{pipeline.name} has nothing called {identifier!r} at this moment.")


def elements(definition: Pipeline) -> Iterator[str]:
    """The ids of all elements of a definition, the pipeline first."""
    yield "pipeline"
    for place, stage in enumerate(definition.stages):
        yield f"transition-{place}"
        yield f"stage-{place}"
        yield from (f"{kind}-{place}" for kind, gate in GATES.items() if gate in stage.conditions)
        yield from (f"action-{place}-{number}" for number in range(len(stage.actions)))
