"""How time passes: one account and Region on one clock.

A `Simulation` is a SimPy model whose only memory is its records. Calls come in by one door (`call`), revisions by
another (`push`); `run` and `advance` move the clock; `at` looks back, `fork` goes back.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from simpy import Environment, Event

from ..calm import calm
from ..pipeline.model import Action, Pipeline
from ..record import Began, Called, Record
from ..refused import Refused
from ..scenario import Behaviour, Delivery, Outcome, Scenario, duration, with_beside
from ..scenario.coming import ALARM_STATES
from ..scenario.parse import one_of, outcome_of
from ..shapes import validate
from ..state import TAKE_IN, ExecutionState, PipelineState, State, fold
from . import calls, webhooks, world
from .again import again, repeat
from .conditions import Check
from .endless import Begun, Endless, to_the_end
from .luck import Prepared
from .order import rank
from .stacks import Stack
from .walk import Run
from .within import caller, here, inside, stand_still
from .work import Work

if TYPE_CHECKING:
    from ..console import Console
    from ..views.artifacts import Artifact
    from ..views.table import Timeline

Source = str | Path | Mapping[str, Any]
Pipelines = Pipeline | Source | Iterable[Pipeline | Source] | None
World = Scenario | Source | None


class Input(NamedTuple):
    """Something that was done to the simulation from outside: what a fork repeats. `after` counts the records that there
    were before it: within one instant somebody may act several times."""

    time: int
    kind: str
    name: str
    arguments: Mapping[str, Any]
    by: str | None = None
    after: int = 0


class Simulation:
    """`Simulation(pipeline, scenario, seed=7)`: the pipelines exist when the clock starts and nothing has run yet.

    `pipeline` is a `Pipeline`, several, or whatever `Pipeline.load` reads; `scenario` says how the world behaves (by
    default the catalogue's durations, no failures, no pushes): a `Scenario`, or whatever `Scenario.load` reads; what a
    template sets beside its pipeline (transitions, webhooks, schedules, roles) is added to it. The same inputs give the
    same records, always. `now` is in seconds since the clock's start; it is kept beside SimPy's own clock because
    everything asks for it.
    """

    def __init__(self, pipeline: Pipelines = None, scenario: World = None, *, seed: int = 0) -> None:
        self.pipelines = _pipelines(pipeline)
        said = scenario if isinstance(scenario, Scenario) else Scenario.load(scenario, self.pipelines)
        self.scenario = with_beside(said, self.pipelines)
        self.seed = _seed(seed)
        self.env = Environment()
        self.now = 0
        self.records: list[Record] = []
        self.state = State()
        self.inputs: list[Input] = []
        self.listeners: list[Callable[[Record], None]] = []
        self.account: Any = None
        self.roles = dict(self.scenario.roles)
        self.identities = dict(self.scenario.identities)
        self.trust = dict(self.scenario.trust)
        self.boundaries: dict[str, Any] = {}
        self.functions: set[str] = set()
        self.topics = self.scenario.topics
        self.live = 0
        self.begun = Begun()
        self.runs: dict[tuple[str, int], Run] = {}
        self.prepared: dict[int, tuple[tuple[Prepared, ...], ...]] = {}
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
        left to happen. ValueError where a scenario pushes without end and no `until` is given; Endless, which is one,
        where it turns out that the world keeps itself going."""
        stand_still()
        to_the_end(self, until is None)
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
            self.settle()

    def _run_to_the_end(self) -> None:
        if self.scenario.endless:
            raise ValueError("This scenario goes on without end (a stream of pushes, a schedule): say how long to run, as "
                             "in run(until='7d').")
        step = self.env.step
        with calm():
            while self.live > 0:
                while self.live > 0:
                    step()
                self.settle()

    def advance(self) -> list[Record]:
        """Let time pass to the end of the next instant at which something is recorded; what was recorded then."""
        stand_still()
        before = len(self.records)
        while self.live > 0 and len(self.records) == before:
            self.env.step()
            self.settle()
        return self.records[before:]

    def settle(self) -> None:
        """Let everything happen that happens at this instant; while a function of the user's runs, after it."""
        while not inside() and self.env.peek() <= self.now:
            self.env.step()

    # ------------------------------------------------------------------------------------------ what is done to it

    def call(self, operation: str, /, *, by: str | None = None, **request: Any) -> dict[str, Any]:
        """Call an operation of the CodePipeline API by its name and member names; the answer in its shape.

        `by` is the caller's ARN. Raises `Refused` with AWS's exception name. Answered or refused, it is recorded.
        """
        run, by = here(self), by or caller()
        if run is not self:
            return run.call(operation, by=by, **request)
        self.settle()
        self.done("call", operation, request, by)
        try:
            return self.answer(operation, request, by or self.scenario.by)
        finally:
            self.settle()

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
        self.settle()
        push = world.push_of(self, source, revision)
        self.done("push", source, revision)
        arrived = world.arrive(self, push)
        self.settle()
        return arrived.id

    def deliver(
        self, webhook: str, payload: Mapping[str, Any] | None = None, *, secret: str = "", ip: str = "", **revision: str
    ) -> str | None:
        """Something is sent to a webhook that PutWebhook made: a payload, signed with `secret`, from the address `ip`.
        Gives back what stands against it (another secret, a filter), or None where the pipeline starts."""
        if webhook not in self.state.webhooks:
            raise ValueError(f"No webhook is called {webhook!r}: make one with call('PutWebhook', …).")
        self.settle()
        given: dict[str, Any] = {"payload": dict(payload or {}), "secret": secret, "ip": ip, **revision}
        self.done("deliver", webhook, given)
        against = webhooks.deliver(self, Delivery(self.now, webhook, **given))
        self.settle()
        return against

    def decide(self, place: str, status: str = "Succeeded", *, pipeline: str = "", **outcome: Any) -> None:
        """Set the luck of the next attempt of an action (`"Build/Compile"`): its `status`, and where wanted its
        `duration`, `code` and `message`. With an empty status chance decides that, and without a duration it decides all
        again, whatever was set before. ValueError where there is no such action or outcome."""
        key = world.find_action(self, place, pipeline)
        said = {name: value for name, value in outcome.items() if value is not None}
        decided = replace(outcome_of({"status": status or "Succeeded", **said}), status=status)
        self.settle()
        self.done("decide", place, {"status": status, "pipeline": pipeline, **said})
        if status or decided.duration is not None:
            self.decisions[key] = decided
        else:
            self.decisions.pop(key, None)

    def alarm(self, name: str, status: str = "ALARM") -> None:
        """A CloudWatch alarm goes to `ALARM`, `OK` or `INSUFFICIENT_DATA` now; ValueError for any other."""
        one_of(status, ALARM_STATES)
        self.settle()
        self.done("alarm", name, {"status": status})
        world.change_alarm(self, name, status)
        self.settle()

    def done(self, kind: str, name: str, arguments: Mapping[str, Any], by: str | None = None) -> None:
        """Keep what is done from outside, for a fork. ValueError where the function of another run does it."""
        if here(self) is not self:
            raise ValueError("A function can do this only to the run that calls it: it has context.call and context.client.")
        self.inputs.append(Input(self.now, kind, name, arguments, by, len(self.records)))

    # ------------------------------------------------------------------------------------------ looking

    def at(self, k: int) -> State:
        """The state after the first `k` records."""
        return fold(self.records[:k])

    def fork(self, time: int | str) -> Simulation:
        """The same world again up to the end of instant `time`, with what was done to it until then; from there it
        goes its own way. This simulation stays as it is."""
        until = duration(time)
        return again(self, until, [done for done in self.inputs if done.time <= until])

    def fork_at(self, k: int) -> Simulation:
        """As `fork`, at the instant of the first `k` records, but without what was done there after them: one can go
        back to just before an act of one's own. What happens by itself at that instant has happened."""
        k = min(max(k, 1), len(self.records))
        until = self.now if k == len(self.records) else self.records[k - 1].time
        return again(self, until, [done for done in self.inputs
                                   if done.after < k or (done.after == k and done.kind == "decide")])

    def repeat(self, done: Input) -> None:
        """Do once more what was done to another simulation at that time."""
        repeat(self, done)

    def why(self, place: str) -> Any:
        """Why a stage (`"Prod"`), an action (`"Prod/Deploy"`), an execution, a push or a rule of EventBridge
        (`"rule alerts"`) is as it is: one sentence, with the chain of causes."""
        from ..views.why import why

        if self.account is not None and place.startswith("rule "):
            return self.account.why(place.removeprefix("rule ").strip())

        answer = why(self.state, place, self.records)
        return answer if self.account is None else self.account.with_functions(answer)

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
        """A boto3 client of this account, without network: `codepipeline`, `s3` (the artifact store), `cloudtrail`, and
        the services that stand around a pipeline: `events`, `sns`, `sqs`, `lambda`, `logs`, `iam`,
        `codestar-notifications`.

        `by` is the ARN that its calls are made by. The clock moves only when told. Needs `pipeline-sim[aws]`.
        """
        from ..aws.client import client

        return client(self, service, by=by)

    def console(self, **options: Any) -> Console:
        """A console of this run, as far as it has come. Needs `pipeline-sim[lab]`."""
        from ..console import Console

        return Console(self, **options)

    # ------------------------------------------------------------------------------------------ for its processes

    def record(self, record: Record) -> None:
        """Write down what happened, and let it be true. Nothing else changes the state."""
        self.records.append(record)
        state = self.state
        state.now = record[0]
        TAKE_IN[type(record)](state, record)  # `apply`, without the call: this is where a run's time goes
        state.count += 1
        for listen in self.listeners:
            listen(record)

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

    def forget(self, event: Event) -> None:
        """Nobody waits for this event any more."""
        if event.callbacks:
            event.callbacks = []
            if event.triggered:
                self.live -= 1

    def rights_changed(self) -> None:
        """The policies of a role are others now: what was worked out with the old ones is forgotten."""
        self.prepared.clear()

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
    several = (given,) if isinstance(given, Pipeline | str | Path | Mapping) else given
    found = tuple(one if isinstance(one, Pipeline) else Pipeline.load(one) for one in several)
    twice = [name for name, count in Counter(one.name for one in found).items() if count > 1]
    if twice:
        raise ValueError(f"An account has one pipeline of a name; {', '.join(twice)} is given twice.")
    return found


def _seed(given: int) -> int:
    if isinstance(given, bool) or not hasattr(given, "__index__"):
        raise ValueError(f"A seed is a whole number, not {given!r}.")
    return given.__index__()


__all__ = ["Endless", "Input", "Refused", "Simulation", "rank"]
