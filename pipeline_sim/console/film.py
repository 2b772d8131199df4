"""A run as the browser gets it, once: what each record changes, says and belongs to, in columns.

The cursor `k` counts the records that have been applied. `kinds` tells where "next failure" and its like stop, `patches`
what changes (views.patches), `spans` what the timeline shows (views.spans). On what it is drawn travels by itself
(`pictures`): it seldom changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

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
from ..simulation import Simulation
from ..state import State, apply
from ..views.names import moment
from ..views.patches import CLOSED, SHOWN, TOKEN, WHATS, Patch, Patches
from ..views.picture import GATES
from ..views.spans import ACTION, IN_FRONT, RULE, STAGE, Span, Spans
from .columns import Table, steps
from .lanes import Lane, Lanes
from .pictures import Drawing
from .sentences import sentence

CALL, PUSH, EXECUTION, ON_STAGE, ON_ACTION, ON_RULE, ALARM = 1, 2, 4, 8, 16, 32, 64
FAILURE, DECISION, WAIT, REFUSED = 128, 256, 512, 1024
_KINDS: Mapping[type, int] = {Called: CALL, RevisionArrived: PUSH, ExecutionChanged: EXECUTION, StageChanged: ON_STAGE,
                              ActionChanged: ON_ACTION, RuleChanged: ON_RULE, AlarmChanged: ALARM}
_WHAT = (ACTION, IN_FRONT, STAGE, RULE)
_CLOSED = WHATS.index(CLOSED)

COLUMNS = ("times", "kinds", "who", "where", "said")
CHANGES = ("record", "what", "who", "element", "value")
STRETCH = ("who", "where", "what", "start", "lasts", "record", "attempt", "status", "cause", "reason", "name")


class Stretches:
    """Spans as rows of numbers, and their lanes; those that have ended are kept from one look to the next."""

    def __init__(self, definition: Pipeline | None = None) -> None:
        self.definition = definition
        self.rows: list[tuple[int, ...]] = []
        self.lasting: list[int] = []
        self.touched: set[int] = set()
        self.kept = Lanes()

    def look(self, spans: Sequence[Span], made: Callable[[Span], tuple[int, ...]]) -> None:
        for i in self.lasting:
            self.rows[i] = made(spans[i])
        fresh = range(len(self.rows), len(spans))
        self.rows += [made(spans[i]) for i in fresh]
        self.touched.update(self.lasting, fresh)
        self.lasting = [i for i in (*self.lasting, *fresh) if spans[i].end is None]

    def lanes(self, spans: Sequence[Span], elements: Sequence[str], now: int) -> dict[str, list[Lane]]:
        """The lanes as of the last look."""
        found = self.kept.of(spans, [elements[row[1]] for row in self.rows], now, self.touched)
        self.touched.clear()
        return found


class Filming:
    """The film of one pipeline so far: `take` reads one more record. Numbers that rise are kept as the steps between them,
    which pack well."""

    def __init__(self, pipeline: str) -> None:
        self.pipeline = pipeline
        self.patches = Patches(pipeline)
        self.spans = Spans(self.patches.state)
        self.texts = Table()
        self.elements = Table()
        self.columns: dict[str, list[int]] = {name: [] for name in COLUMNS}
        self.changes: dict[str, list[int]] = {name: [] for name in CHANGES}
        self.sizes: list[tuple[int, int]] = []  # after each record, of both tables
        self.time = 0
        self.changed = 0  # the last record that has changed anything
        self.stretches = Stretches()

    @property
    def count(self) -> int:
        """How many records have been read."""
        return self.patches.state.count

    def beginning(self, common: int, records: Sequence[Record]) -> Filming:
        """The film of another run, whose `records` begin with `common` of this one's: what those change and say is known,
        and only their state and spans, which live on, are made anew."""
        other = Filming(self.pipeline)
        state, spans = other.patches.state, other.spans
        with calm():
            for record in records[:common]:
                apply(state, record)
                spans.read(record)
        texts, elements = self.sizes[common - 1] if common else (0, 0)
        other.texts, other.elements = self.texts.first(texts), self.elements.first(elements)
        other.patches = self.patches.beginning(common, state)
        other.columns = {name: column[:common] for name, column in self.columns.items()}
        other.changes = {name: column[:len(other.patches.all)] for name, column in self.changes.items()}
        other.sizes = self.sizes[:common]
        other.time, other.changed = sum(other.columns["times"]), sum(other.changes["record"])
        return other

    def take(self, records: Iterable[Record]) -> Filming:
        with calm():
            for record in records:
                self._take(record)
        return self

    def _take(self, record: Record) -> None:
        known = len(self.patches.all)
        self.patches.take(record)
        self.spans.read(record)
        state, columns = self.patches.state, self.columns
        columns["times"].append(record.time - self.time)
        self.time = record.time
        columns["kinds"].append(_kind(state, record) if self._concerns(record) else 0)
        columns["who"].append(record.execution if self._is_ours(record) else 0)  # type: ignore[union-attr]
        columns["where"].append(self.elements.number(self._where(record)))
        columns["said"].append(self.texts.number(sentence(state, record)))
        for patch in self.patches.all[known:]:
            self._changed(patch)
        self.sizes.append((len(self.texts.rows), len(self.elements.rows)))

    def _changed(self, patch: Patch) -> None:
        """`record`, as a step; `what`, an index into WHATS; `who`; `element`; `value`, an index into `elements` for tokens,
        into `texts` for reasons, an execution's number where one is shown, a status as text. 0 is none."""
        what, execution, element = patch.key
        row = (patch.record - self.changed, WHATS.index(what), execution, self.elements.number(element), self._value(patch))
        for name, value in zip(CHANGES, row, strict=True):
            self.changes[name].append(value)
        self.changed = patch.record

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
        """The whole, as JSON has it: it stays as it is when more is taken. `now` is where the clock stands; `live` says
        that more can still happen."""
        state, ours = self.patches.state, self._look()
        return {
            "pipeline": self.pipeline, "pipelines": list(pipelines), "now": now, "live": live, "seed": state.seed,
            "start": round(moment(state, 0).timestamp()), "zone": moment(state, 0).strftime("%z"),
            **{name: list(column) for name, column in self.columns.items()}, "kinds": self._kinds(ours),
            "patches": {name: list(column) for name, column in self.changes.items()}, "spans": self._spans(),
            "lanes": self.stretches.lanes(ours, self.elements.rows, now),
            "texts": list(self.texts.rows), "elements": list(self.elements.rows), "executions": self._executions(),
        }

    def drawings(self) -> tuple[Drawing, ...]:
        """On what the film is drawn, one after another."""
        before = self._before()
        return tuple(Drawing(cut.record + 1, cut.definition, before) for cut in self.patches.cuts)

    def _kinds(self, ours: Iterable[Span]) -> list[int]:
        """A record after which somebody really waits in front of a stage is marked when its end is known."""
        found = list(self.columns["kinds"])
        for span in ours:
            if (span.what == IN_FRONT or span.cause) and span.end != span.start:
                found[span.index] |= WAIT
        return found

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

    def _look(self) -> list[Span]:
        """The pipeline's spans. Each has a row of numbers now; one that has ended does not change any more, while the
        pipeline is the same."""
        ours = [span for span in self.spans.all if span.pipeline == self.pipeline]
        definition = self._definition()
        if definition is not self.stretches.definition:
            self.stretches = Stretches(definition)
        self.stretches.look(ours, self._stretch)
        return ours

    def _spans(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = dict(zip(STRETCH, map(list, zip(*self.stretches.rows, strict=True)), strict=False))
        return {name: steps(found.get(name, [])) if name == "start" else found.get(name, []) for name in STRETCH}

    def _stretch(self, span: Span) -> tuple[int, ...]:
        text = self.texts.number
        return (span.execution, self._place(span), _WHAT.index(span.what), span.start,
                -1 if span.end is None else span.end - span.start, span.index, span.attempt,
                text(span.status), text(span.cause), text(span.reason), text(_name(span)))

    def _definition(self) -> Pipeline | None:
        return next((cut.definition for cut in reversed(self.patches.cuts) if cut.definition), None)

    def _place(self, span: Span) -> int:
        definition = self._definition()
        if definition is None:
            return self.elements.number("")
        element = _element(definition, span.stage, span.name if span.what == ACTION else "", span.gate)
        if span.what == IN_FRONT:
            element = element.replace("stage-", "transition-")
        return self.elements.number(element)

    def _before(self) -> bool:
        """Whether anything is ever to be seen in front of the first stage."""
        self._look()
        first, in_front = self.elements.known("transition-0"), _WHAT.index(IN_FRONT)
        return any(row[1] == first and row[2] == in_front and row[4] for row in self.stretches.rows) or (
            _CLOSED in self.changes["what"] and (_CLOSED, first) in zip(
                self.changes["what"], self.changes["element"], strict=True))

    def _executions(self) -> dict[int, list[Any]]:
        """Status at the end, trigger, and the revision's message, by execution's number."""
        now = self.patches.state.pipelines.get(self.pipeline)
        return {number: [one.status, one.start.trigger, next((r.message for r in one.revisions.values()), "")]
                for number, one in (now.executions.items() if now else ())}


_FILMS: WeakKeyDictionary[Simulation, dict[str, Filming]] = WeakKeyDictionary()


def filming_of(simulation: Simulation, pipeline: str, like: Simulation | None = None) -> Filming:
    """The film of a run as far as it has come: one for all consoles, kept for as long as the simulation is. A run that
    begins `like` another, filmed already, goes on where they part."""
    known = _FILMS.setdefault(simulation, {})
    if pipeline not in known:
        before = _FILMS.get(like, {}).get(pipeline) if like is not None else None
        known[pipeline] = Filming(pipeline) if before is None else before.beginning(
            min(parting(like.records if like is not None else (), simulation.records), before.count), simulation.records)
    filming = known[pipeline]
    return filming.take(simulation.records[filming.count:])


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



def parting(one: Sequence[Record], other: Sequence[Record]) -> int:
    """How many records two runs begin with in common."""
    pairs = zip(one, other, strict=False)
    return next((k for k, (a, b) in enumerate(pairs) if a is not b and a != b), min(len(one), len(other)))
