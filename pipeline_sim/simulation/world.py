"""What comes from the world: revisions that arrive, people who answer and retry, alarms, transitions at set times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..pipeline.fault import near
from ..pipeline.globs import against_push
from ..pipeline.model import Action
from ..record import AlarmChanged, PollFailed, Revision, RevisionArrived
from ..refused import Refused
from ..rules import against_polling, id_of, polls
from ..scenario import Delivery, Push, Schedule, coming
from ..scenario.schedules import times
from ..state import ExecutionState, PipelineState
from .conditions import alarm_changed
from .order import ALARM, POLL, PUSH, rank, rank_of_call
from .others import alarm_raised
from .revisions import revision_id
from .starts import start_by_schedule, start_by_trigger
from .webhooks import deliver

if TYPE_CHECKING:
    from . import Simulation


def prepare(sim: Simulation) -> None:
    """Put into the calendar what the scenario says will come."""
    _next_push(sim, iter(sim.scenario.pushes(sim.seed)))
    for schedule in sim.scenario.schedules:
        _next_start(sim, schedule, times(schedule, sim.scenario.start))
    for delivery in sim.scenario.deliveries:
        _expect_delivery(sim, delivery)
    for alarm in sim.scenario.alarms:
        _expect_alarm(sim, alarm.name, alarm.at, alarm.status)
    for call in sim.scenario.calls:
        _expect_call(sim, call.at, call.operation, call.request, call.by or sim.scenario.by)


# ---------------------------------------------------------------------------------------------- revisions


def _next_push(sim: Simulation, pushes: Iterator[Push]) -> None:
    push = next(pushes, None)
    if push is None:
        return

    def due() -> None:
        arrive(sim, push)
        _next_push(sim, pushes)

    sim.later(push.time - sim.now, PUSH, due)


def _next_start(sim: Simulation, schedule: Schedule, coming: Iterator[int]) -> None:
    at = next(coming, None)
    if at is None:
        return

    def due() -> None:
        start_by_schedule(sim, schedule)
        _next_start(sim, schedule, coming)

    sim.later(at - sim.now, PUSH, due)


def _expect_delivery(sim: Simulation, delivery: Delivery) -> None:
    def due() -> None:
        deliver(sim, delivery)

    sim.later(delivery.time - sim.now, PUSH, due)


def push_of(sim: Simulation, source: str, revision: Mapping[str, Any]) -> Push:
    """A push from what a person said of it; ValueError where it names a source that no pipeline has, or says something
    that no push has."""
    known = {name for pipeline in sim.state.pipelines.values() for action in pipeline.definition.sources
             for name in names_of(pipeline.definition.stages[0].name, action)}
    if source and source not in known:
        hint = near(str(source), known) or f"Sources: {', '.join(sorted(known)) or 'none'}."
        raise ValueError(f"No source is called {source!r}. {hint}")
    if wrong := sorted(revision.keys() - SAID_OF_A_PUSH):
        raise ValueError(f"A push has no {wrong[0]!r}. {near(wrong[0], SAID_OF_A_PUSH)} It has "
                         f"{', '.join(sorted(SAID_OF_A_PUSH))}.")
    given = {key: value for key, value in revision.items() if value is not None}
    return coming.push_of({**given, "source": source}, sim.scenario.start)._replace(time=sim.now)


SAID_OF_A_PUSH = coming.PUSH_KEYS - {"at", "source"}


def names_of(stage: str, action: Action) -> tuple[str, ...]:
    """What a source action can be called in a push: its place, its name, its repository, bucket or image."""
    settings = action.configuration
    return (f"{stage}/{action.name}", action.name,
            *(settings[key] for key in ("RepositoryName", "FullRepositoryId", "S3Bucket", "Repo") if key in settings))


def arrive(sim: Simulation, push: Push) -> Revision:
    """A revision arrives: it is written down, and whatever it starts begins (4.2)."""
    now, number = sim.now, sim.state.revisions + 1
    sim.state.now = now  # which the record of the revision makes true in any case
    revision = Revision(number, push.revision or revision_id(sim.seed, number), now, push.branch, push.tag, push.message,
                        push.author, tuple(push.files), push.event)
    targets, held = [], []
    for source in _sources(sim, push):
        against = source.against(push) or source.asleep(sim)
        if against is None:
            targets.append(source)
        else:
            held.append((source.pipeline.name, source.action.name, against))
    sim.record(RevisionArrived(now, revision, tuple([(s.pipeline.name, s.action.name) for s in targets]), push.source,
                               tuple(held)))
    for source in targets:
        _detect(sim, source, revision)
    return revision


class Source:
    """A source action as pushes see it: its names, its branch, its trigger, and how its changes are detected."""

    __slots__ = ("action", "branch", "detected", "names", "pipeline", "trigger")

    def __init__(self, sim: Simulation, pipeline: PipelineState, action: Action) -> None:
        self.pipeline, self.action = pipeline, action
        self.names = frozenset(names_of(pipeline.definition.stages[0].name, action))
        self.branch = next((action.configuration[key] for key in BRANCH_KEYS if key in action.configuration), "")
        self.trigger = pipeline.definition.trigger_of.get(action.name)
        self.detected = detections(sim, pipeline, action)

    def against(self, push: Push) -> str | None:
        """Why a push does not concern this source: a trigger's filter, or another branch (1.4) [UG]."""
        if self.trigger is not None:
            branch = push.branch or ("" if push.tag else self.branch)
            return against_push(self.trigger, branch=branch, tag=push.tag, files=push.files, event=push.event,
                                created=push.created, configured=self.branch)
        name, followed = self.action.name, self.branch or "its source"
        if push.event != "push":
            return f"{name} has no trigger for pull requests; only pushes to {followed} start it."
        if push.tag and not push.branch:
            return f"{name} has no trigger for tags; only pushes to {followed} start it."
        if push.branch and self.branch and push.branch != self.branch:
            return f"{name} follows the branch {self.branch}, not {push.branch}."
        return None

    def asleep(self, sim: Simulation) -> str | None:
        """Why nobody hears of a change: nothing tells of it, or it is only polled for, and not any more (4.2)."""
        if self.detected == ONLY_POLLED:
            return against_polling(sim.state, self.pipeline)
        if self.detected:
            return None
        if self.action.provider == "CodeStarSourceConnection":
            return f"{self.action.name} has DetectChanges set to false and no trigger."
        return f"{self.action.name} is not polled, and no event rule tells of its changes."


def _sources(sim: Simulation, push: Push) -> list[Source]:
    """The source actions that a push is aimed at, of all pipelines as they are defined now."""
    found = []
    for pipeline in sim.state.pipelines.values():
        known = sim.sources.get(id(pipeline.definition))
        if known is None:
            known = sim.sources[id(pipeline.definition)] = [
                Source(sim, pipeline, action) for action in pipeline.definition.sources]
        found += [source for source in known if not push.source or push.source in source.names]
    return found


ONLY_POLLED = ("PollForSourceChanges",)
BRANCH_KEYS = ("BranchName", "Branch")


def _detect(sim: Simulation, source: Source, revision: Revision) -> None:
    """How CodePipeline hears of the revision: by an event or webhook at once, by polling at the next look, or not."""
    for trigger in source.detected:
        if trigger == "PollForSourceChanges":
            _poll(sim, source.pipeline, source.action)
        else:
            start_by_trigger(sim, source.pipeline, trigger, source.action, revision)


def detections(sim: Simulation, pipeline: PipelineState, action: Action) -> tuple[str, ...]:
    """By which triggers a source action starts its pipeline (4.2). Polling is on unless it is set to anything but
    true; an event rule is taken for granted where polling is off, and added by the scenario's `events` [UG22]."""
    provider, settings = action.provider, action.configuration
    if provider == "CodeStarSourceConnection":
        on = action.name in pipeline.definition.trigger_of or settings.get("DetectChanges", "true").lower() != "false"
        return ("WebhookV2",) if on else ()
    if provider == "ECR":
        return ("CloudWatchEvent",)
    if action.type.owner == "Custom":
        return ("PutActionRevision",)
    by_event = "Webhook" if provider == "GitHub" else "CloudWatchEvent"
    rules = sim.scenario.events.get(f"{pipeline.definition.stages[0].name}/{action.name}")
    polled = polls(action)
    events = not polled if rules is None else rules
    return (ONLY_POLLED if polled else ()) + ((by_event,) if events else ())


def _poll(sim: Simulation, pipeline: PipelineState, action: Action) -> None:
    """The next look at a polled source finds the newest revision (4.2); one look is enough for several."""
    key = (pipeline.name, action.name, "poll")
    if sim.busy.get(key, -1) >= sim.now:
        return
    delay = -sim.now % sim.scenario.polling if sim.scenario.polling else 0
    sim.busy[key] = sim.now + delay

    def look() -> None:
        sim.busy.pop(key, None)
        if sim.state.pipelines.get(pipeline.name) is pipeline and may_look(sim, pipeline, action):
            start_by_trigger(sim, pipeline, "PollForSourceChanges", action, pipeline.newest[action.name])

    sim.later(delay, POLL, look)


def may_look(sim: Simulation, pipeline: PipelineState, action: Action) -> bool:
    """Whether a polled source lets itself be looked at. Where the role may not, the source action shows that it failed,
    and no execution starts (4.2) [PROBE-B]."""
    if not (sim.roles or sim.trust):
        return True
    from .permissions import denial

    denied = denial(sim, pipeline.definition, action, action.configuration)
    if denied is not None:
        message = f"{denied.message()}. {denied.remedy}"
        sim.record(PollFailed(sim.now, pipeline.name, action.name, "PermissionError", message))
    return denied is None


# ---------------------------------------------------------------------------------------------- people


def _expect_call(sim: Simulation, at: int, operation: str, request: Mapping[str, Any], by: str) -> None:
    stage = request.get("stageName")
    pipeline = sim.state.pipelines.get(str(request.get("pipelineName", "")))
    place = pipeline.definition.index.get(str(stage)) if pipeline else None

    def do() -> None:
        try:
            sim.answer(operation, _concrete(sim, operation, request), by)
        except Refused:
            pass  # the refusal is in the records: that is what happens to people

    sim.later(at - sim.now, rank_of_call(operation, place), do)


def _concrete(sim: Simulation, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """A scripted request with its stand-ins filled in: `execution: 3` becomes the id, an approval's token is found."""
    from .calls.personal import fill_in

    return fill_in(sim, operation, dict(request))


def retry_by_a_person(sim: Simulation, pipeline: PipelineState, execution: ExecutionState, stage: str) -> None:
    """Somebody retries a failed stage after a while, where the scenario says so (4.9)."""
    policy = sim.scenario.retry_policy(stage)
    run = execution.stages[stage]
    if policy is None or run.manual >= policy.times or execution.start.kind == "ROLLBACK":
        return

    def do() -> None:
        request = {"pipelineName": pipeline.name, "stageName": stage, "retryMode": policy.mode,
                   "pipelineExecutionId": id_of(sim.state, execution)}
        try:
            sim.answer("RetryStageExecution", request, sim.scenario.by)
        except Refused:
            pass  # a newer execution has entered the stage: the refusal is in the records

    sim.later(policy.after, rank(execution.definition.index[stage]), do)


# ---------------------------------------------------------------------------------------------- alarms


def _expect_alarm(sim: Simulation, name: str, at: int, status: str) -> None:
    sim.later(at - sim.now, ALARM, lambda: change_alarm(sim, name, status))


def change_alarm(sim: Simulation, name: str, status: str) -> None:
    """An alarm changes; conditions that watch it look again."""
    sim.record(AlarmChanged(sim.now, name, status))
    for check in list(sim.watchers.get(name, ())):
        alarm_changed(sim, check, status)
    if status == "ALARM":
        alarm_raised(sim, name)


def find_action(sim: Simulation, place: str, pipeline: str) -> tuple[str, str, str]:
    """The (pipeline, stage, action) that a place names; ValueError with a near name where there is none."""
    places = {f"{stage.name}/{action.name}": (state.name, stage.name, action.name)
              for state in sim.state.pipelines.values() if pipeline in ("", state.name)
              for stage, action in state.definition.walk()}
    if place not in places:
        raise ValueError(f"No action is called {place!r}. {near(place, places)}")
    return places[place]
