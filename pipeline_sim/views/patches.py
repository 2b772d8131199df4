"""What each record changes in the picture of a pipeline: patches that a reader lays on, and takes off again.

A front end that knows no rule of CodePipeline shows any moment of a run with them: it keeps one table of values by key
and lets the patches of each record change it. `Marks` of the same moment can be read off that table (`marks_of`), and
are those that `views.picture.marks` makes of the folded state.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ..pipeline.model import PARALLEL, Pipeline
from ..record import ActionChanged, Called, ExecutionChanged, Record, RuleChanged, StageChanged
from ..state import PipelineState, State, apply
from .graph import Marks, action_id
from .picture import GATES, disabled, place_of, statuses, together

STATUS, SHOWN, TOKEN, CLOSED = "status", "shown", "token", "closed"
WHATS = (STATUS, SHOWN, TOKEN, CLOSED)


class Key(NamedTuple):
    """Of what a value is: the `status` of an element in one execution; which execution a stage has `shown` (the number
    as text); where an execution's `token` is; the reason for which a transition is `closed`. Nobody's execution is 0; in
    PARALLEL mode its statuses are those of all executions together, and no stage has one shown."""

    what: str
    execution: int
    element: str


class Patch(NamedTuple):
    """After `record` (its place, counted from 0) the key has another value; None where it has none any more."""

    record: int
    key: Key
    value: str | None


class Cut(NamedTuple):
    """From `record` on the pipeline is another one; None before it exists and after it is deleted."""

    record: int
    definition: Pipeline | None


class Patches:
    """The patches of one pipeline so far: `take` reads one more record. `table` is where they have led."""

    def __init__(self, pipeline: str) -> None:
        self.pipeline = pipeline
        self.state = State()
        self.all: list[Patch] = []
        self.cuts: list[Cut] = []
        self.table: dict[Key, str] = {}

    def beginning(self, common: int, state: State) -> Patches:
        """The patches of another run that begins with the same `common` records, which lead to `state`."""
        other = Patches(self.pipeline)
        other.state = state
        other.all = self.all[:bisect_left(self.all, common, key=lambda patch: patch.record)]
        for patch in other.all:
            other.table.pop(patch.key, None)
            if patch.value is not None:
                other.table[patch.key] = patch.value
        other.cuts = [cut for cut in self.cuts if cut.record < common]
        if other.cuts and other.cuts[-1].definition is not None:  # the same, and the other run's own
            other.cuts[-1] = other.cuts[-1]._replace(definition=state.pipelines[self.pipeline].definition)
        return other

    def take(self, record: Record) -> None:
        apply(self.state, record)
        now = self.state.pipelines.get(self.pipeline)
        definition = now.definition if now is not None else None
        if definition is not (self.cuts[-1].definition if self.cuts else None):
            self.cuts.append(Cut(self.state.count - 1, definition))
            self._become(dict(self.table), _whole(now) if now is not None else {})
        elif now is not None:
            self._touched(now, record)

    def _touched(self, now: PipelineState, record: Record) -> None:
        if isinstance(record, Called):
            self._become({key: "" for key in self.table if key.what == CLOSED}, _closed(now))
            return
        if not isinstance(record, (ActionChanged, StageChanged, ExecutionChanged, RuleChanged)):
            return
        if record.pipeline != self.pipeline:
            return
        if isinstance(record, ActionChanged):
            self._action(now, record)
        elif not isinstance(record, ExecutionChanged):
            self._stage(now, record.execution, record.stage)
        if now.definition.mode == PARALLEL:
            self._together(now, record)
        self._put(Key(TOKEN, record.execution, ""), place_of(now, record.execution))

    def _action(self, now: PipelineState, record: ActionChanged) -> None:
        """The most frequent record: only its own action can have changed."""
        stage = now.definition.by_name.get(record.stage)
        run = now.executions[record.execution].stages[record.stage]
        if stage is not None and record.action in stage.by_name and run.entered is not None:
            element = action_id(now.definition, record.stage, record.action)
            self._put(Key(STATUS, record.execution, element), record.status)

    def _stage(self, now: PipelineState, execution: int, stage: str) -> None:
        if stage not in now.definition.index:
            return
        place = now.definition.index[stage]
        before = {key: "" for element in _elements(now.definition, place)
                  if (key := Key(STATUS, execution, element)) in self.table}
        self._become(before, _of_stage(now, execution, stage))
        if now.definition.mode == PARALLEL:
            return
        latest = now.stages[stage].latest
        self._put(Key(SHOWN, 0, f"stage-{place}"), None if latest is None else str(latest))

    def _together(self, now: PipelineState, record: ActionChanged | StageChanged | ExecutionChanged | RuleChanged) -> None:
        name = now.executions[record.execution].stage if isinstance(record, ExecutionChanged) else record.stage
        stage = now.definition.by_name.get(name)
        if stage is not None:
            after = _as_nobody(together(now, stage))
            before = {key: "" for element in _elements(now.definition, now.definition.index[name])
                      if (key := Key(STATUS, 0, element)) in self.table}
            self._become(before, after)

    def _become(self, before: Mapping[Key, str], after: Mapping[Key, str]) -> None:
        for key in before:
            if key not in after:
                self._put(key, None)
        for key, value in after.items():
            self._put(key, value)

    def _put(self, key: Key, value: str | None) -> None:
        if self.table.get(key) == value:
            return
        if value is None:
            del self.table[key]
        else:
            self.table[key] = value
        self.all.append(Patch(self.state.count - 1, key, value))


def patches(records: Iterable[Record], pipeline: str) -> list[Patch]:
    """All patches of a pipeline, in the order of the records."""
    walk = Patches(pipeline)
    for record in records:
        walk.take(record)
    return walk.all


def marks_of(table: Mapping[Key, str], execution: int | None = None) -> Marks:
    """The marks of the moment that a table of values holds: in each stage of the execution that is shown there, or of
    one `execution` alone."""
    shown = {key.element.partition("-")[2]: int(value) for key, value in table.items() if key.what == SHOWN}
    status = {key.element: value for key, value in table.items() if key.what == STATUS
              and key.execution == (execution or shown.get(key.element.split("-")[1], 0))}
    tokens = {key.execution: value for key, value in table.items()
              if key.what == TOKEN and execution in (None, key.execution)}
    return Marks(status, tokens, {key.element: value for key, value in table.items() if key.what == CLOSED})


def _elements(definition: Pipeline, place: int) -> list[str]:
    actions = [f"action-{place}-{index}" for index in range(len(definition.stages[place].actions))]
    return [f"stage-{place}", *actions, *(f"{gate}-{place}" for gate in GATES.values())]


def _of_stage(now: PipelineState, execution: int, stage: str) -> dict[Key, str]:
    run = now.executions[execution].stages.get(stage)
    if run is None or run.entered is None:
        return {}
    found = statuses(now.definition, now.definition.stage(stage), run)
    return {Key(STATUS, execution, element): status for element, status in found.items()}


def _as_nobody(found: Mapping[str, str]) -> dict[Key, str]:
    return {Key(STATUS, 0, element): status for element, status in found.items()}


def _closed(now: PipelineState) -> dict[Key, str]:
    return {Key(CLOSED, 0, element): reason for element, reason in disabled(now).items()}


def _whole(now: PipelineState) -> dict[Key, str]:
    """Every value of a moment."""
    found = _closed(now)
    for place, stage in enumerate(now.definition.stages):
        latest = now.stages[stage.name].latest
        if now.definition.mode == PARALLEL:
            found |= _as_nobody(together(now, stage))
        elif latest is not None:
            found[Key(SHOWN, 0, f"stage-{place}")] = str(latest)
        for number in now.executions:
            found |= _of_stage(now, number, stage.name)
    for number in now.executions:
        if (at := place_of(now, number)) is not None:
            found[Key(TOKEN, number, "")] = at
    return found
