"""A run as the browser gets it, once: what each record changes, says and belongs to, in columns.

The cursor `k` counts the records that have been applied. `kinds` tells where "next failure" and its like stop, `patches`
what changes (views.patches), `spans` what the timeline shows (views.spans). On what it is drawn travels by itself
(`pictures`): it seldom changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..calm import calm
from ..pipeline.model import Pipeline
from ..record import (
    ActionChanged,
    AlarmChanged,
    Called,
    ExecutionChanged,
    Record,
    RevisionArrived,
    RuleChanged,
    StageChanged,
)
from ..state import State
from ..views.names import moment
from ..views.patches import CLOSED, SHOWN, TOKEN, WHATS, Patch, Patches
from ..views.picture import GATES
from ..views.spans import ACTION, IN_FRONT, RULE, STAGE, Span, Spans
from .columns import Table, steps
from .lanes import Lane, lanes
from .pictures import Drawing
from .sentences import sentence

CALL, PUSH, EXECUTION, ON_STAGE, ON_ACTION, ON_RULE, ALARM = 1, 2, 4, 8, 16, 32, 64
FAILURE, DECISION, WAIT, REFUSED = 128, 256, 512, 1024
_KINDS: Mapping[type, int] = {Called: CALL, RevisionArrived: PUSH, ExecutionChanged: EXECUTION, StageChanged: ON_STAGE,
                              ActionChanged: ON_ACTION, RuleChanged: ON_RULE, AlarmChanged: ALARM}
_WHAT = (ACTION, IN_FRONT, STAGE, RULE)


class Filming:
    """The film of one pipeline so far: `take` reads one more record."""

    def __init__(self, pipeline: str) -> None:
        self.pipeline = pipeline
        self.patches = Patches(pipeline)
        self.spans = Spans()
        self.texts = Table()
        self.elements = Table()
        self.columns: dict[str, list[int]] = {name: [] for name in ("times", "kinds", "who", "where", "said")}

    def take(self, records: Iterable[Record]) -> Filming:
        with calm():
            for record in records:
                self._take(record)
        return self

    def _take(self, record: Record) -> None:
        self.patches.take(record)
        self.spans.take(record)
        state, columns = self.patches.state, self.columns
        columns["times"].append(record.time)
        columns["kinds"].append(_kind(state, record) if self._concerns(record) else 0)
        columns["who"].append(record.execution if self._is_ours(record) else 0)  # type: ignore[union-attr]
        columns["where"].append(self.elements.number(self._where(record)))
        columns["said"].append(self.texts.number(sentence(state, record)))

    def _is_ours(self, record: Record) -> bool:
        return getattr(record, "pipeline", None) == self.pipeline

    def _concerns(self, record: Record) -> bool:
        """Not what happens in another pipeline of the account."""
        return not isinstance(record, (ExecutionChanged, StageChanged, ActionChanged, RuleChanged)) or self._is_ours(record)

    def _where(self, record: Record) -> str:
        """The element that a record is about; empty where there is none in this picture."""
        now = self.patches.state.pipelines.get(self.pipeline)
        if now is None:
            return ""
        if isinstance(record, Called):
            return _called_at(now.definition, record)
        if not isinstance(record, (StageChanged, ActionChanged, RuleChanged)) or not self._is_ours(record):
            return ""
        return _element(now.definition, record.stage, record.action if isinstance(record, ActionChanged) else "",
                        record.gate if isinstance(record, RuleChanged) else "")

    def film(self, *, now: int, live: bool, pipelines: Iterable[str] = ()) -> dict[str, Any]:
        """The whole, as JSON has it. `now` is where the clock stands; `live` says that more can still happen."""
        state = self.patches.state
        return {
            "pipeline": self.pipeline, "pipelines": list(pipelines), "now": now, "live": live, "seed": state.seed,
            "start": round(moment(state, 0).timestamp()), "zone": moment(state, 0).strftime("%z"),
            **self._columns(), "patches": self._patches(), "spans": self._spans(),
            "lanes": self._lanes(now), "texts": self.texts.rows, "elements": self.elements.rows,
            "executions": self._executions(),
        }

    def drawings(self) -> tuple[Drawing, ...]:
        """On what the film is drawn, one after another."""
        return tuple(Drawing(cut.record + 1, cut.definition, self._before()) for cut in self.patches.cuts)

    def _columns(self) -> dict[str, list[int]]:
        return {**self.columns, "times": steps(self.columns["times"]), "kinds": self._kinds()}

    def _kinds(self) -> list[int]:
        """A record after which somebody really waits in front of a stage is marked when its end is known."""
        found = list(self.columns["kinds"])
        for span in self.spans.all:
            if span.pipeline == self.pipeline and (span.what == IN_FRONT or span.cause) and span.end != span.start:
                found[span.index] |= WAIT
        return found

    def _patches(self) -> dict[str, list[int]]:
        """`record`, as steps; `what`, an index into WHATS; `who`; `element`; `value`, an index into `elements` for
        tokens, into `texts` for reasons, an execution's number where one is shown, a status as text. 0 is none."""
        found = self.patches.all
        return {"record": steps([patch.record for patch in found]),
                "what": [WHATS.index(patch.key.what) for patch in found],
                "who": [patch.key.execution for patch in found],
                "element": [self.elements.number(patch.key.element) for patch in found],
                "value": [self._value(patch) for patch in found]}

    def _value(self, patch: Patch) -> int:
        value = patch.value
        if value is None:
            return 0
        match patch.key.what:
            case what if what == TOKEN:
                return self.elements.number(value) + 1
            case what if what == SHOWN:
                return int(value)
        return self.texts.number(value) + 1

    def _ours(self) -> list[Span]:
        return [span for span in self.spans.all if span.pipeline == self.pipeline]

    def _lanes(self, now: int) -> dict[str, list[Lane]]:
        ours = self._ours()
        return lanes(ours, [self.elements.rows[self._place(span)] for span in ours], now)

    def _spans(self) -> dict[str, list[int]]:
        ours, text = self._ours(), self.texts.number
        return {"who": [span.execution for span in ours], "where": [self._place(span) for span in ours],
                "what": [_WHAT.index(span.what) for span in ours], "start": steps([span.start for span in ours]),
                "lasts": [-1 if span.end is None else span.end - span.start for span in ours],
                "record": [span.index for span in ours], "attempt": [span.attempt for span in ours],
                "status": [text(span.status) for span in ours], "cause": [text(span.cause) for span in ours],
                "reason": [text(span.reason) for span in ours], "name": [text(_name(span)) for span in ours]}

    def _place(self, span: Span) -> int:
        definition = next((cut.definition for cut in reversed(self.patches.cuts) if cut.definition), None)
        if definition is None:
            return self.elements.number("")
        element = _element(definition, span.stage, span.name if span.what == ACTION else "", span.gate)
        if span.what == IN_FRONT:
            element = element.replace("stage-", "transition-")
        return self.elements.number(element)

    def _before(self) -> bool:
        """Whether anything is ever to be seen in front of the first stage."""
        first = self.elements.number("transition-0")
        return any(patch.key.what == CLOSED and patch.key.element == "transition-0" for patch in self.patches.all) or any(
            span.what == IN_FRONT and span.end != span.start and span.pipeline == self.pipeline
            and self._place(span) == first for span in self.spans.all)

    def _executions(self) -> dict[int, list[Any]]:
        """Status at the end, trigger, and the revision's message, by execution's number."""
        now = self.patches.state.pipelines.get(self.pipeline)
        return {number: [one.status, one.start.trigger, next((r.message for r in one.revisions.values()), "")]
                for number, one in (now.executions.items() if now else ())}


def _kind(state: State, record: Record) -> int:
    kind = _KINDS.get(type(record), 0)
    if isinstance(record, Called) and record.error is not None:
        return kind | REFUSED
    status = getattr(record, "status", "")
    if status in ("Failed", "Errored") and not isinstance(record, AlarmChanged):
        kind |= FAILURE
    if isinstance(record, ActionChanged) and status == "InProgress":
        owner = state.pipelines.get(record.pipeline)
        if owner and owner.executions[record.execution].definition.by_name[record.stage].by_name[record.action].is_approval:
            kind |= DECISION
    return kind


def _element(definition: Pipeline, stage: str, action: str, gate: str) -> str:
    """The element of a stage, of one of its actions or of its conditions; empty where the definition has none."""
    place = definition.index.get(stage)
    if place is None:
        return ""
    if gate:
        return f"{GATES[gate]}-{place}"
    if not action:
        return f"stage-{place}"
    index = definition.stages[place].index.get(action)
    return "" if index is None else f"action-{place}-{index}"


def _called_at(definition: Pipeline, record: Called) -> str:
    request = record.request
    if definition.name not in (request.get("pipelineName"), request.get("name")):
        return ""
    element = _element(definition, str(request.get("stageName", "")), str(request.get("actionName", "")), "")
    return element.replace("stage-", "transition-") if record.operation.endswith("StageTransition") else element


def _name(span: Span) -> str:
    return f"{span.stage}/{span.name}" if span.name else span.stage

