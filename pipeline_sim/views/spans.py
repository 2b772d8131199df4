"""What took time, and what the time went by with: every run and every wait, as spans.

Records are walked once, the state beside them; a span begins with one record and ends with another. A wait in front of
a stage is cut where its cause changes, so that waiting can be added up by cause.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..calm import calm
from ..pipeline.model import Pipeline, Rule
from ..record import (
    INBOUND,
    ActionChanged,
    Called,
    ExecutionChanged,
    Record,
    Result,
    RuleChanged,
    StageChanged,
)
from ..rules import against_entering
from ..state import ExecutionState, PipelineState, State, apply
from .words import error_text, lasting, person

STAGE_LOCK, APPROVAL, TRANSITION, CAPACITY = "stage lock", "approval", "disabled transition", "capacity"
CONDITION, LINE = "condition", "line"
CAUSES = (STAGE_LOCK, APPROVAL, TRANSITION, CAPACITY, CONDITION, LINE)

IN_FRONT, STAGE, ACTION, RULE = "in front", "stage", "action", "rule"
RUN, WAIT = "run", "wait"

_WATCHING = frozenset({"CloudWatchAlarm", "DeploymentWindow"})
_LEFT = frozenset({"Superseded", "Stopped", "Cancelled", "Failed"})


@dataclass(slots=True)
class Span:
    """A stretch of time of one execution. `what` it is spent in (`in front` of a stage, a `stage`, an `action`, a
    `rule`) and `name` which action or rule; `kind` is `run` or `wait`, a wait has one of the `CAUSES`. `end` is None
    while it lasts. `index` is the record with which the thing began: spans of one attempt share it."""

    pipeline: str
    execution: int
    stage: str
    name: str
    what: str
    kind: str
    start: int
    index: int
    status: str = "InProgress"
    end: int | None = None
    attempt: int = 1
    cause: str = ""
    reason: str = ""
    gate: str = ""

    def lasted(self, now: int) -> int:
        """How many seconds, up to now where it still lasts."""
        return (now if self.end is None else self.end) - self.start


def spans(records: Iterable[Record]) -> list[Span]:
    """All spans of a run, in the order in which they began."""
    walk = Spans()
    with calm():
        for record in records:
            walk.take(record)
    return walk.all


_Key = tuple[str, int, str, str, str]


class Spans:
    """Spans so far: `take` reads one more record. `state` is the state after it. Whoever folds the same records keeps one
    `state` for both, and calls `read` after each."""

    def __init__(self, state: State | None = None) -> None:
        self.state = State() if state is None else state
        self.all: list[Span] = []
        self._open: dict[_Key, Span] = {}
        self._lines: dict[tuple[str, str], dict[int, Span]] = {}

    def take(self, record: Record) -> None:
        apply(self.state, record)
        self.read(record)

    def read(self, record: Record) -> None:
        """Read a record that the state has taken in."""
        index = self.state.count - 1
        if isinstance(record, ActionChanged):
            self._action(record, index)
        elif isinstance(record, StageChanged):
            self._stage(record, index)
        elif isinstance(record, ExecutionChanged):
            self._execution(record)
        elif isinstance(record, RuleChanged):
            self._rule(record, index)
        elif isinstance(record, Called):
            self._called(record)

    def _begin(self, key: _Key, span: Span) -> None:
        self.all.append(span)
        self._open[key] = span

    # ------------------------------------------------------------------------------------------ actions

    def _action(self, record: ActionChanged, index: int) -> None:
        now, pipeline, number, stage, name, attempt, status, result = record
        key = (pipeline, number, stage, name, "")
        span = self._open.get(key)
        if status != "InProgress":
            del self._open[key]
            assert span is not None
            span.status, span.end, span.reason = status, now, _ending(span, status, result)
            return
        if span is not None:  # it had queued for a shared capacity and goes on now
            span.status, span.end, index = "Entered", now, span.index
        kind, cause, reason = self._beginning(record)
        self._begin(key, Span(pipeline, number, stage, name, ACTION, kind, now, index, attempt=attempt, cause=cause,
                              reason=reason))

    def _beginning(self, record: ActionChanged) -> tuple[str, str, str]:
        if record.result is not None and record.result.waits:
            return WAIT, CAPACITY, f"no slot of {record.result.waits} was free"
        execution = self.state.pipelines[record.pipeline].executions[record.execution]
        if execution.definition.by_name[record.stage].by_name[record.action].is_approval:
            return WAIT, APPROVAL, "nobody has answered yet"
        return RUN, "", ""

    # ------------------------------------------------------------------------------------------ stages

    def _stage(self, record: StageChanged, index: int) -> None:
        now, pipeline, number, stage, status, _, _ = record
        if status == INBOUND:
            self._arrived(record, index)
            return
        if status == "InProgress":
            self._leave_line(pipeline, number, stage, now, "Entered")
            self._entered(record, index)
            self._look_again(pipeline, stage, now)
            return
        span = self._open.get((pipeline, number, stage, "", ""))
        if span is not None:
            span.status = status
            if status != "Stopping":
                span.end = now
                del self._open[pipeline, number, stage, "", ""]
        self._look_again(pipeline, stage, now)

    def _entered(self, record: StageChanged, index: int) -> None:
        key = (record.pipeline, record.execution, record.stage, "", "")
        if key in self._open:  # a retry beside siblings that still run
            return
        execution = self.state.pipelines[record.pipeline].executions[record.execution]
        attempt = execution.stages[record.stage].round + 1
        self._begin(key, Span(record.pipeline, record.execution, record.stage, "", STAGE, RUN, record.time, index,
                              attempt=attempt))

    def _arrived(self, record: StageChanged, index: int) -> None:
        state, name = self.state, record.stage
        pipeline = state.pipelines[record.pipeline]
        execution = pipeline.executions[record.execution]
        cause, reason = _against(state, pipeline, name, execution)
        span = Span(record.pipeline, record.execution, name, "", IN_FRONT, WAIT, record.time, index, INBOUND,
                    cause=cause, reason=reason)
        self.all.append(span)
        self._lines.setdefault((record.pipeline, name), {})[record.execution] = span

    def _leave_line(self, pipeline: str, number: int, stage: str, now: int, status: str) -> Span | None:
        span = self._lines.get((pipeline, stage), {}).pop(number, None)
        if span is not None:
            span.end, span.status = now, status
        return span

    def _look_again(self, pipeline: str, stage: str, now: int) -> None:
        """The door of a stage has changed: has the cause changed for which the line in front of it waits?"""
        line = self._lines.get((pipeline, stage))
        if not line:
            return
        owner = self.state.pipelines[pipeline]
        first = next(iter(line))
        cause, reason = _against(self.state, owner, stage, owner.executions[first])
        if not cause or cause == LINE or cause == line[first].cause:
            return
        for number, span in line.items():
            if span.start == now:
                span.cause, span.reason = cause, reason
                continue
            span.end, span.status = now, "Waited"
            line[number] = new = Span(pipeline, number, stage, "", IN_FRONT, WAIT, now, span.index, INBOUND,
                                      cause=cause, reason=reason)
            self.all.append(new)

    # ------------------------------------------------------------------------------------------ rules, calls and ends

    def _execution(self, record: ExecutionChanged) -> None:
        if record.start is not None or record.status not in _LEFT:
            return
        pipeline = self.state.pipelines[record.pipeline]
        stage = pipeline.executions[record.execution].stage
        span = self._leave_line(record.pipeline, record.execution, stage, record.time, record.status)
        if span is None:
            return
        if record.status == "Superseded":
            door = pipeline.stages.get(stage)
            by = f" by execution {max(door.waiting)}" if door is not None and door.waiting else ""  # a history may not say
            span.reason += f"; superseded{by}"
        elif record.summary:
            span.reason += f"; {record.status.lower()}: {record.summary}"

    def _rule(self, record: RuleChanged, index: int) -> None:
        if not record.rule:
            return
        key = (record.pipeline, record.execution, record.stage, record.rule, record.gate)
        if record.status == "InProgress":
            definition = self.state.pipelines[record.pipeline].executions[record.execution].definition
            provider = provider_of_rule(definition, record.stage, record.gate, record.rule)
            kind, cause = (WAIT, CONDITION) if provider in _WATCHING else (RUN, "")
            self._begin(key, Span(record.pipeline, record.execution, record.stage, record.rule, RULE, kind,
                                  record.time, index, cause=cause, gate=record.gate))
            return
        span = self._open.pop(key)
        span.status, span.end = record.status, record.time
        if record.result is not None:
            span.reason = record.result.summary or error_text(record.result)

    def _called(self, record: Called) -> None:
        """A transition was disabled or enabled, a pipeline deleted."""
        if record.error is not None:
            return
        if record.operation.endswith("StageTransition"):
            for pipeline, stage in self._lines:
                if pipeline == record.request["pipelineName"]:
                    self._look_again(pipeline, stage, record.time)
        elif record.operation == "DeletePipeline":
            self._deleted(record.request["name"], record.time)

    def _deleted(self, pipeline: str, now: int) -> None:
        """What went on in the pipeline goes with it."""
        over = [key for key in self._open if key[0] == pipeline]
        ended = [self._open.pop(key) for key in over]
        for key in [key for key in self._lines if key[0] == pipeline]:
            ended += self._lines.pop(key).values()
        for span in ended:
            span.end, span.status, span.reason = now, "Abandoned", "the pipeline was deleted"


def rules_of(definition: Pipeline, stage: str, gate: str) -> tuple[Rule, ...]:
    """The rules of a stage's condition, by its gate."""
    condition = definition.by_name[stage].conditions.get(gate)
    return condition.rules if condition else ()


def provider_of_rule(definition: Pipeline, stage: str, gate: str, name: str) -> str:
    return next((rule.provider for rule in rules_of(definition, stage, gate) if rule.name == name), "")


def _against(state: State, pipeline: PipelineState, stage: str, execution: ExecutionState) -> tuple[str, str]:
    """Cause and sentence of a wait in front of a stage; both empty where nothing is in the way."""
    reason = against_entering(state, pipeline, stage, execution)
    if reason is None:
        return "", ""
    door = pipeline.stages.get(stage)
    if door is None:
        return LINE, reason
    place = execution.definition.index[stage]
    before = pipeline.stages.get(execution.definition.stages[place - 1].name) if place else None
    if not door.inbound.enabled or (before is not None and not before.outbound.enabled):
        return TRANSITION, reason
    return (STAGE_LOCK if door.holder is not None else LINE), reason


def _ending(span: Span, status: str, result: Result | None) -> str:
    """What is to be said about how an attempt ended."""
    result = result or Result()
    if result.by:
        verb = "approved" if status == "Succeeded" else "rejected"
        comment = f": {result.summary}" if result.summary else ""
        return f"{verb} by {person(result.by)}{comment}"
    if status == "Succeeded":
        return "" if span.cause == APPROVAL else result.summary
    return error_text(result)


def waited(seconds: int, cause: str, reason: str) -> str:
    """A wait in words."""
    return f"waited {lasting(seconds)} ({cause}): {reason}" if reason else f"waited {lasting(seconds)} ({cause})"
