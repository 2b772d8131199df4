"""A real history as records, so that every view of a simulation shows it: pictures, timeline, why, API answers.

The records are what a simulation would have written had the same things happened at the same times. Between the rows of
the history nothing is known; there stands what CodePipeline does: an execution arrives at a stage when it leaves the one
before, it leaves when its last action there ends, and a stage that begins anew was retried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, NoReturn

from ..pipeline.model import Pipeline
from ..record import Began, Called, Record, Revision, RevisionArrived
from ..refused import Refused
from ..scenario import Scenario
from ..shapes import operations
from ..state import State, fold
from ..views.api import ANSWERS, answer
from .definitions import ACCOUNT, definitions
from .values import History, PastExecution
from .visits import Known
from .way import Event, way

if TYPE_CHECKING:
    from ..console import Console

READ_ONLY = "This is a history: it has happened. Calibrate a scenario from it, and change a simulation with that."
FIRST, LAST = -1, 9


@dataclass(frozen=True, eq=False)
class Replay:
    """A history that can be looked at as a simulation can: `records`, `state`, `at(k)`, `why`, `timeline`, `console()`. It
    cannot be changed, and nothing in it is still to happen (`live`). `ids` gives the real id of each execution by the
    number that stands for it here."""

    history: History
    region: str = "eu-west-1"
    account: str = ACCOUNT
    seed: int = 0
    inputs: tuple[Any, ...] = ()
    live: int = 0
    roles: Mapping[str, Any] = field(default_factory=dict)
    identities: Mapping[str, Any] = field(default_factory=dict)
    trust: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def scenario(self) -> Scenario:
        """The clock: it begins with the second in which the history does."""
        return Scenario({"start": self.start.isoformat(), "account": self.account, "region": self.region})

    @cached_property
    def start(self) -> datetime:
        return self.history.begins.replace(microsecond=0)

    @cached_property
    def definitions(self) -> Mapping[int, Pipeline]:
        return definitions(self.history)

    @cached_property
    def pipelines(self) -> tuple[Pipeline, ...]:
        """As it was when the history begins."""
        return (next(iter(self.definitions.values())),)

    @cached_property
    def records(self) -> list[Record]:
        return _records(self)

    @cached_property
    def state(self) -> State:
        return fold(self.records)

    @cached_property
    def now(self) -> int:
        return max(self.seconds(self.history.ends), self.records[-1].time)

    @cached_property
    def ids(self) -> dict[int, str]:
        return {number: one.id for number, one in enumerate(self.history.executions, 1)}

    def seconds(self, moment: datetime) -> int:
        """Whole seconds since the start."""
        return round((moment - self.start) / timedelta(seconds=1))

    def at(self, k: int) -> State:
        """The state after the first `k` records."""
        return fold(self.records[:k])

    def why(self, place: str) -> Any:
        """Why a stage, an action or an execution is as it is, as far as its records tell."""
        from ..views.why import why

        return why(self.state, place, self.records)

    def timeline(self) -> Any:
        """What happened, as a table, and a sentence on how each execution ended."""
        from ..views.table import timeline

        return timeline(self.records, self.state, self.now)

    def artifact(self, place: str, execution: int | None = None) -> Any:
        """An artifact, the newest or that of an execution, as far as its records tell."""
        from ..views.artifacts import artifact

        return artifact(self.state, place, execution)

    def console(self, **options: Any) -> Console:
        """A console of what has happened. It looks, and refuses to act. Needs `pipeline-sim[lab]`."""
        from ..console import Console

        return Console(self, **options)

    def call(self, operation: str, /, *, by: str | None = None, **request: Any) -> dict[str, Any]:
        """The answer to a call that only reads. ValueError for any other: a history cannot be changed."""
        if operation not in ANSWERS or not operation.startswith(("Get", "List")):
            if operation in operations():
                self._refuse()
            raise Refused("UnknownOperationException", f"CodePipeline has no operation {operation}")
        return answer(self.state, operation, request)

    def push(self, *args: Any, **more: Any) -> NoReturn:
        self._refuse()

    decide = alarm = fork = fork_at = deliver = push

    def run(self, until: int | str | None = None) -> Replay:
        """Nothing: it has come to its end."""
        return self

    def advance(self) -> list[Record]:
        """Nothing is left to happen."""
        return []

    def _refuse(self) -> NoReturn:
        raise ValueError(READ_ONLY)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        from ..views.picture import notebook

        return notebook(self.state)


# ---------------------------------------------------------------------------------------------- records


def _records(replay: Replay) -> list[Record]:
    """All events of all executions in one order: by time; at one instant endings before beginnings and later stages
    before earlier ones, as a simulation has it; those of one execution as they stand."""
    began = Began(0, replay.seed, replay.start.isoformat(), replay.account, replay.region, replay.pipelines, {})
    lanes = [iter(_updates(replay)), iter(_doors(replay)), *(iter(events) for events in _ways(replay))]
    heads: list[tuple[int, int, int, int, Event]] = []

    def push(lane: int, event: Event) -> None:
        heappush(heads, (event.time, event.order, -event.place, lane, event))

    for number, events in enumerate(lanes):
        if (event := next(events, None)) is not None:
            push(number, event)
    found: list[Record] = [began]
    while heads:
        *_, lane, event = heappop(heads)
        found.append(event.record)
        if (following := next(lanes[lane], None)) is not None:
            push(lane, following)
    return found


def _ways(replay: Replay) -> Iterator[list[Event]]:
    history = replay.history
    versions = _versions(replay)
    numbers = {one.id: number for number, one in enumerate(history.executions, 1)}
    seen: dict[tuple[str, str], Revision] = {}
    for number, one in enumerate(history.executions, 1):
        definition = replay.definitions[versions[one.id]]
        revisions, arrived = _revisions(replay, one, definition, seen)
        target = numbers.get(one.target, number)  # one that begins later, as a wrong clock has it, is no target
        known = Known(number, definition, one, history.of.get(one.id, ()), revisions, target if target < number else None,
                      replay.seconds, history.rules_of.get(one.id, ()))
        yield [*arrived, *way(known)]


def _versions(replay: Replay) -> dict[str, int]:
    """The version of each execution: that of its actions, or of the execution before it."""
    found, latest = {}, next(iter(replay.definitions))
    for one in replay.history.executions:
        rows = replay.history.of.get(one.id)
        latest = rows[0].version if rows else latest
        found[one.id] = latest
    return found


def _revisions(
    replay: Replay, one: PastExecution, definition: Pipeline, seen: dict[tuple[str, str], Revision]
) -> tuple[dict[str, Revision], list[Event]]:
    """What an execution ran with, and the arrival of what had not been seen before."""
    at, arrived, found = replay.seconds(one.started), [], {}
    for said in one.revisions:
        key = (said.action, said.id)
        if key not in seen:
            seen[key] = Revision(len(seen) + 1, said.id, at, message=_message(said.summary))
            target = ((definition.name, said.action),)
            arrived.append(Event(at, LAST, 0, RevisionArrived(at, seen[key], target)))
        found[said.action] = seen[key]
    return found, arrived


def _message(summary: str) -> str:
    """The commit message: connections tell it as JSON."""
    import json

    if summary.startswith("{"):
        try:
            found = json.loads(summary)
        except ValueError:
            return summary
        if isinstance(found, dict) and isinstance(found.get("CommitMessage"), str):
            return str(found["CommitMessage"])
    return summary


# ---------------------------------------------------------------------------------------------- what else is known


def _updates(replay: Replay) -> Iterator[Event]:
    """Each later version comes with the first execution that has it."""
    versions = _versions(replay)
    first: dict[int, int] = {}
    for one in replay.history.executions:
        first.setdefault(versions[one.id], replay.seconds(one.started))
    by = f"arn:aws:iam::{replay.account}:user/unknown"
    for version, definition in list(replay.definitions.items())[1:]:
        at = first.get(version, replay.seconds(replay.history.ends))
        said = {"pipeline": dict(definition.structure)}
        yield Event(at, FIRST, 0, Called(at, "UpdatePipeline", said, by, said))


_MOVES = {True: "EnableStageTransition", False: "DisableStageTransition"}


def _doors(replay: Replay) -> Iterator[Event]:
    """What get-pipeline-state says of the transitions: since when they are disabled, or when the last one who touched them
    enabled them. What was before that, no answer tells."""
    from .read import moment

    found = []
    stages = {stage for definition in replay.definitions.values() for stage in definition.by_name}
    for stage in replay.history.state.get("stageStates") or ():
        door = stage.get("inboundTransitionState") or {}
        changed, enabled = door.get("lastChangedAt"), door.get("enabled") is not False
        if stage.get("stageName") not in stages or enabled and not (changed and door.get("lastChangedBy")):
            continue
        at = max(0, replay.seconds(moment(changed, "lastChangedAt")) if changed else 0)
        request = {"pipelineName": replay.pipelines[0].name, "stageName": stage["stageName"], "transitionType": "Inbound",
                   **({} if enabled else {"reason": str(door.get("disabledReason", ""))})}
        by = str(door.get("lastChangedBy", "")) or f"arn:aws:iam::{replay.account}:user/unknown"
        found.append(Event(at, FIRST, 0, Called(at, _MOVES[enabled], request, by, {})))
    return iter(sorted(found, key=lambda event: event.time))
