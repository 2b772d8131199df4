"""What AWS's API would answer about a thing: the part of GetPipelineState, the rows of the histories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...ids import execution_id
from ...refused import Refused
from ...state import State
from ...views.api import answer
from ..offers.commands import of_call
from ..things import Thing
from .data import shown

ROWS = 3
"""So many rows of a history are shown, the newest."""

Answered = dict[str, Any]


class Desk:
    """Where questions about one state are asked: the same question is answered once. `lasting` keeps, from one state to
    the next, the commands that ask, and each definition's answer."""

    def __init__(self, state: State, lasting: dict[Any, Any] | None = None) -> None:
        self.state = state
        self.lasting = {} if lasting is None else lasting
        self.known: dict[str, Any] = {}
        self.rows: dict[int, dict[tuple[str, str], list[Any]]] = {}

    def answer(self, operation: str, request: Mapping[str, Any]) -> Any:
        """The answer; None where it is refused."""
        key = f"{operation} {request}"
        if key not in self.known:
            self.known[key] = self._definition(request) if operation == "GetPipeline" else self._ask(operation, request)
        return self.known[key]

    def _definition(self, request: Mapping[str, Any]) -> Any:
        """Asked again when the pipeline has another one; the key is kept alive, so that its identity stays its own."""
        owner = self.state.pipelines[request["name"]].definition
        if id(owner) not in self.lasting:
            self.lasting[id(owner)] = owner, self._ask("GetPipeline", request)
        return self.lasting[id(owner)][1]

    def _ask(self, operation: str, request: Mapping[str, Any]) -> Any:
        try:
            return answer(self.state, operation, request)
        except Refused:
            return None

    def command(self, operation: str, request: Mapping[str, Any]) -> str:
        """The command that asks."""
        key = f"{operation} {request}"
        if key not in self.lasting:
            self.lasting[key] = of_call(operation, request)
        return str(self.lasting[key])

    def about(self, rows: Sequence[Mapping[str, Any]], stage: str, member: str, value: str) -> list[Any]:
        """The rows of a history that are about a stage, or about what `member` names in it. `rows` are part of an answer
        that this desk keeps."""
        if id(rows) not in self.rows:
            found = self.rows[id(rows)] = {}
            for row in rows:
                found.setdefault((row.get("stageName", ""), row.get(member, "") if member else ""), []).append(row)
        return self.rows[id(rows)].get((stage, value), [])


def answers(desk: Desk, thing: Thing) -> list[Answered]:
    """Operation, the command that asks it, which part of its answer is shown, and that part."""
    make = _of_execution if thing.execution is not None else _of_pipeline if thing.stage is None else _of_place
    return list(make(desk, thing))


def _asked(desk: Desk, operation: str, request: Mapping[str, Any], part: str = "", *path: Any) -> Iterator[Answered]:
    """An answer, or the part of it at a path of names and of (member, value) that one of a list has."""
    found = desk.answer(operation, request)
    if found is None:
        return
    for step in path:
        found = found[step] if isinstance(step, str) else next((one for one in found if one.get(step[0]) == step[1]), None)
        if found is None:
            return
    yield {"operation": operation, "command": desk.command(operation, request), "part": part, "json": found}


def _of_pipeline(desk: Desk, thing: Thing) -> Iterator[Answered]:
    name = thing.pipeline.name
    yield from _asked(desk, "GetPipelineState", {"name": name})
    yield from _asked(desk, "GetPipeline", {"name": name})
    yield from _asked(desk, "ListPipelineExecutions", {"pipelineName": name, "maxResults": ROWS})


def _of_execution(desk: Desk, thing: Thing) -> Iterator[Answered]:
    assert thing.execution is not None
    name = thing.pipeline.name
    identifier = execution_id(desk.state.seed, name, thing.execution.number)
    yield from _asked(desk, "GetPipelineExecution", {"pipelineName": name, "pipelineExecutionId": identifier})
    yield from _asked(desk, "ListActionExecutions", {
        "pipelineName": name, "filter": {"pipelineExecutionId": identifier}, "maxResults": ROWS},
        f"its newest {ROWS} action executions", "actionExecutionDetails")


def _of_place(desk: Desk, thing: Thing) -> Iterator[Answered]:
    assert thing.stage is not None
    stage = ("stageName", thing.stage.name)
    path: list[Any] = ["stageStates", stage]
    part = f"the state of {thing.stage.name}"
    if thing.action is not None:
        path += ["actionStates", ("actionName", thing.action.name)]
        part = f"the state of {thing.place}"
    elif thing.kind == "transition":
        path, part = [*path, "inboundTransitionState"], f"the transition into {thing.stage.name}"
    elif thing.gate:
        path, part = [*path, _STATES[thing.gate]], "the state of this condition"
    yield from _asked(desk, "GetPipelineState", {"name": thing.pipeline.name}, part, *path)
    if thing.action is not None:
        yield from _history(desk, thing, "ListActionExecutions", "actionExecutionDetails", "actionName", thing.action.name)
    elif thing.gate:
        yield from _history(desk, thing, "ListRuleExecutions", "ruleExecutionDetails", "", "")


_STATES = {"BEFORE_ENTRY": "beforeEntryConditionState", "ON_SUCCESS": "onSuccessConditionState",
           "ON_FAILURE": "onFailureConditionState"}


def _history(
    desk: Desk, thing: Thing, operation: str, rows: str, member: str, value: str
) -> Iterator[Answered]:
    """The newest rows of a history that are about the thing, of the execution that its stage shows or of all."""
    assert thing.stage is not None
    request: dict[str, Any] = {"pipelineName": thing.pipeline.name}
    if (one_shown := shown(thing)) is not None:
        request["filter"] = {"pipelineExecutionId": execution_id(desk.state.seed, thing.pipeline.name, one_shown.number)}
    for one in _asked(desk, operation, request, "its newest rows", rows):
        found = desk.about(one["json"], thing.stage.name, member, value)
        if found:
            yield one | {"json": found[:ROWS]}
