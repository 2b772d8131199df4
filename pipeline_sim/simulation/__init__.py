"""How time passes: one account and Region on one clock.

A `Simulation` is a SimPy model whose only memory is its records. Calls come in by one door (`call`), revisions by
another (`push`); `run` and `advance` move the clock; `at` looks back, `fork` goes back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from simpy import Environment, Event

from ..calm import calm
from ..pipeline.model import Action, Pipeline
from ..record import Began, Called, Record
from ..refused import Refused
from ..scenario import Behaviour, Delivery, Outcome, Scenario, duration, with_beside
from ..shapes import validate
from ..state import TAKE_IN, ExecutionState, PipelineState, State, fold
from . import calls, webhooks, world
from .conditions import Check
from .luck import Prepared
from .order import rank
from .stacks import Stack
from .walk import Run
from .work import Work

if TYPE_CHECKING:
    from ..views.artifacts import Artifact
    from ..views.table import Timeline

Pipelines = Pipeline | str | Path | Mapping[str, Any] | Iterable[Pipeline] | None


class Input(NamedTuple):
    """Something that was done to the simulation from outside: what a fork repeats."""

    time: int
    kind: str
    name: str
    arguments: Mapping[str, Any]
    by: str | None = None


class Simulation:
    """`Simulation(pipeline, scenario, seed=7)`: the pipelines exist when the clock starts and nothing has run yet.

    `pipeline` is a `Pipeline`, several, or whatever `Pipeline.load` reads; `scenario` says how the world behaves (by
    default the catalogue's durations, no failures, no pushes); what a template sets beside its pipeline (transitions,
    webhooks, schedules, roles) is added to it. The same inputs give the same records, always. `now` is
    in seconds since the clock's start; it is kept beside SimPy's own clock because everything asks for it.
    """

    def __init__(self, pipeline: Pipelines = None, scenario: Scenario | None = None, *, seed: int = 0) -> None:
        self.pipelines = _pipelines(pipeline)
        self.scenario = with_beside(scenario if scenario is not None else Scenario(), self.pipelines)
        self.seed = seed
        self.env = Environment()
        self.now = 0
        self.records: list[Record] = []
        self.state = State()
        self.inputs: list[Input] = []
        self.live = 0
        self.runs: dict[tuple[str, int], Run] = {}
        self.prepared: dict[int, Prepared] = {}
        self.decisions: dict[tuple[str, str, str], Outcome] = {}
        self.slots: dict[str, int] = dict(self.scenario.capacity)
        self.lines: dict[str, deque[Work]] = {name: deque() for name in self.slots}
        self.busy: dict[tuple[str, ...], int] = {}
        self.stacks: dict[tuple[str, str, str], Stack] = {}
        self.sources: dict[int, list[world.Source]] = {}
        self.watchers: dict[str, list[Check]] = {}
        self.record(Began(0, seed, self.scenario.start.isoformat(), self.scenario.account, self.scenario.region,
                          self.pipelines, self.scenario.settings))
        world.prepare(self)

    # ------------------------------------------------------------------------------------------ the clock

    def run(self, until: int | str | None = None) -> Simulation:
        """Let time pass: to the end of the instant `until` (seconds since the start, or `"2h"`), or until nothing is
        left to happen. ValueError where a scenario pushes without end and no `until` is given."""
        if until is None:
            self._run_to_the_end()
        else:
            self._run_until(duration(until))
        return self

    def _run_until(self, until: int) -> None:
        with calm():
            if until > self.now:
                self.env.run(until=until)
                self.now = until
            self._settle()

    def _run_to_the_end(self) -> None:
        if self.scenario.endless:
            raise ValueError("This scenario goes on without end (a stream of pushes, a schedule): say how long to run, as "
                             "in run(until='7d').")
        step = self.env.step
        with calm():
            while self.live > 0:
                while self.live > 0:
                    step()
                self._settle()

    def advance(self) -> list[Record]:
        """Let time pass to the end of the next instant at which something is recorded; what was recorded then."""
        before = len(self.records)
        while self.live > 0 and len(self.records) == before:
            self.env.step()
            self._settle()
        return self.records[before:]

    def _settle(self) -> None:
        """Let everything happen that happens at this instant."""
        while self.env.peek() <= self.now:
            self.env.step()

    # ------------------------------------------------------------------------------------------ what is done to it

    def call(self, operation: str, /, *, by: str | None = None, **request: Any) -> dict[str, Any]:
        """Call an operation of the CodePipeline API by its name and member names; the answer in its shape.

        `by` is the caller's ARN. Raises `Refused` with AWS's exception name. Answered or refused, it is recorded.
        """
        self._settle()
        self.inputs.append(Input(self.now, "call", operation, request, by))
        try:
            return self.answer(operation, request, by or self.scenario.by)
        finally:
            self._settle()

    def answer(self, operation: str, request: Mapping[str, Any], by: str) -> dict[str, Any]:
        """Answer a call within this instant and record it: the inner door, for scripted people too."""
        self.state.now = self.now  # which the record of the call makes true in any case
        try:
            fault = validate(operation, request)
            if fault is not None:
                raise Refused(*fault)
            calls.authorise(self, operation, request, by)
            reply = calls.reply(self, operation, request, by)
        except Refused as refused:
            self.record(Called(self.now, operation, request, by, None, (refused.error, refused.message)))
            raise
        self.record(Called(self.now, operation, request, by, reply.keep))
        if reply.then is not None:
            reply.then()
        return reply.answer

    def push(self, source: str = "", **revision: Any) -> str:
        """A revision arrives at a source (`"Source/App"`, a repository or bucket by name; all sources when empty):
        `branch`, `tag`, `files`, `message`, `author`, `event` (push, or OPEN, UPDATED, CLOSED of a pull request),
        `revision` (its id). Gives back the revision's id."""
        self._settle()
        push = world.push_of(self, source, revision)
        self.inputs.append(Input(self.now, "push", source, revision))
        arrived = world.arrive(self, push)
        self._settle()
        return arrived.id

    def deliver(
        self, webhook: str, payload: Mapping[str, Any] | None = None, *, secret: str = "", ip: str = "", **revision: str
    ) -> str | None:
        """Something is sent to a webhook that PutWebhook made: a payload, signed with `secret`, from the address `ip`.
        Gives back what stands against it (another secret, a filter), or None where the pipeline starts."""
        if webhook not in self.state.webhooks:
            raise ValueError(f"No webhook is called {webhook!r}: make one with call('PutWebhook', …).")
        self._settle()
        given: dict[str, Any] = {"payload": dict(payload or {}), "secret": secret, "ip": ip, **revision}
        self.inputs.append(Input(self.now, "deliver", webhook, given))
        against = webhooks.deliver(self, Delivery(self.now, webhook, **given))
        self._settle()
        return against

    def decide(self, place: str, status: str = "Succeeded", *, pipeline: str = "", **outcome: Any) -> None:
        """Set the luck of the next attempt of an action (`"Build/Compile"`): its `status`, and where wanted its
        `duration`, `code` and `message`."""
        key = world.find_action(self, place, pipeline)
        if "duration" in outcome and outcome["duration"] is not None:
            outcome["duration"] = duration(outcome["duration"])
        self._settle()
        self.inputs.append(Input(self.now, "decide", place, {"status": status, "pipeline": pipeline, **outcome}))
        self.decisions[key] = Outcome(status=status, **outcome)

    def alarm(self, name: str, status: str = "ALARM") -> None:
        """A CloudWatch alarm goes to `ALARM`, `OK` or `INSUFFICIENT_DATA` now."""
        self._settle()
        self.inputs.append(Input(self.now, "alarm", name, {"status": status}))
        world.change_alarm(self, name, status)
        self._settle()

    # ------------------------------------------------------------------------------------------ looking

    def at(self, k: int) -> State:
        """The state after the first `k` records."""
        return fold(self.records[:k])

    def fork(self, time: int | str) -> Simulation:
        """The same world again up to the end of instant `time`, with what was done to it until then; from there it
        goes its own way. This simulation stays as it is."""
        until = duration(time)
        other = Simulation(self.pipelines, self.scenario, seed=self.seed)
        for done in self.inputs:
            if done.time > until:
                break
            other.repeat(done)
        other.run(until)
        return other

    def repeat(self, done: Input) -> None:
        """Do once more what was done to another simulation at that time."""
        self.run(done.time)
        if done.kind == "call":
            try:
                self.call(done.name, by=done.by, **done.arguments)
            except Refused:
                pass  # it was refused then, too, and the refusal is in the records
        elif done.kind == "push":
            self.push(done.name, **done.arguments)
        elif done.kind == "deliver":
            self.deliver(done.name, **done.arguments)
        elif done.kind == "decide":
            self.decide(done.name, **done.arguments)
        else:
            self.alarm(done.name, **done.arguments)

    def why(self, place: str) -> Any:
        """Why a stage (`"Prod"`), an action (`"Prod/Deploy"`), an execution or a push is as it is: one sentence, with the
        chain of causes."""
        from ..views.why import why

        return why(self.state, place, self.records)

    def artifact(self, place: str, execution: int | None = None) -> Artifact:
        """An artifact (`"BuildOutput"`, `"Build/BuildOutput"`), the newest or that of an execution: who made it of which
        revision, bucket and key, who read it, where it was copied to. Print it, or take `as_dict()`."""
        from ..views.artifacts import artifact

        return artifact(self.state, place, execution)

    def timeline(self) -> Timeline:
        """What happened, as a table, and a sentence on how each execution ended."""
        from ..views.table import timeline

        return timeline(self.records, self.state, self.now)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """The picture of this moment, for a notebook."""
        from ..views.picture import notebook

        return notebook(self.state)

    def client(self, service: str = "codepipeline", *, by: str | None = None) -> Any:
        """A boto3 client of this account, without network: `codepipeline`, `s3` (the artifact store), `cloudtrail`.

        `by` is the ARN that its calls are made by. The clock moves only when told. Needs `pipeline-sim[aws]`.
        """
        from ..aws.client import client

        return client(self, service, by=by)

    # ------------------------------------------------------------------------------------------ for its processes

    def record(self, record: Record) -> None:
        """Write down what happened, and let it be true. Nothing else changes the state."""
        self.records.append(record)
        state = self.state
        state.now = record[0]
        TAKE_IN[type(record)](state, record)  # `apply`, without the call: this is where a run's time goes
        state.count += 1

    def schedule(self, event: Event, delay: int, order: int) -> None:
        """Let an event happen after `delay` seconds, in its order within that instant."""
        event._ok, event._value = True, None
        self.env.schedule(event, order, delay)  # type: ignore[arg-type]
        self.live += 1

    def later(self, delay: int, order: int, do: Callable[[], None]) -> Event:
        """Do something after `delay` seconds; the event can be forgotten until then."""
        event, at = Event(self.env), self.now + delay

        def due(_: Event) -> None:
            self.now = at
            self.live -= 1
            do()

        assert event.callbacks is not None
        event.callbacks.append(due)
        self.schedule(event, delay, order)
        return event

    def trigger(self, event: Event, order: int) -> None:
        """Wake whoever waits for an event, at this instant, in its order."""
        event._ok, event._value = True, None
        self.env.schedule(event, order, 0)  # type: ignore[arg-type]

    def move(self, event: Event, delay: int, order: int) -> Event:
        """Whoever waits for `event` shall wait for another that comes after `delay` seconds; the new event."""
        moved = Event(self.env)
        moved.callbacks, event.callbacks = event.callbacks, []
        moved._ok, moved._value = True, None
        self.env.schedule(moved, order, delay)  # type: ignore[arg-type]
        return moved

    def forget(self, event: Event) -> None:
        """Nobody waits for this event any more."""
        if event.callbacks:
            event.callbacks = []
            if event.triggered:
                self.live -= 1

    def take(self, capacity: str) -> bool:
        """Take one of the shared slots, where one is free."""
        if self.slots[capacity] < 1:
            return False
        self.slots[capacity] -= 1
        return True

    def capacity_of(self, behaviour: Behaviour, action: Action) -> str:
        """The shared capacity that an action needs: the one that its behaviour names, or its provider's."""
        for name in (behaviour.capacity, action.provider):
            if name and name in self.slots:
                return name
        return ""

    def people_see_failure(self, pipeline: PipelineState, execution: ExecutionState, stage: str) -> None:
        """A stage has failed: whoever retries in this scenario will."""
        world.retry_by_a_person(self, pipeline, execution, stage)


def _pipelines(given: Pipelines) -> tuple[Pipeline, ...]:
    if given is None:
        return ()
    if isinstance(given, Pipeline):
        return (given,)
    if isinstance(given, str | Path | Mapping):
        return (Pipeline.load(given),)
    return tuple(given)


__all__ = ["Input", "Refused", "Simulation", "rank"]
