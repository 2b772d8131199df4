"""How an execution goes through its pipeline: the life of one execution as a generator that SimPy's events drive.

What happens in one instant has an order (`order`): later stages come first, so a waiting execution enters a stage that
is freed before anybody new can arrive in front of it.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from simpy import Event

from ..pipeline.model import PARALLEL, Stage
from ..record import BEFORE_ENTRY, INBOUND, ON_FAILURE, ON_SUCCESS, ExecutionChanged, StageChanged, Start, new
from ..rules import against_entering, against_rolling_back, may_retry_by_itself, rollback_target, superseded_by
from ..state import ExecutionState, PipelineState, StageRun
from .conditions import Check, abandon, passes
from .endless import one_more
from .luck import Prepared, prepare
from .order import rank
from .work import Work, begin

if TYPE_CHECKING:
    from . import Simulation

Waits = Event | None
"""What a walk yields: the event that it waits for, or None where the end of the run's `awaited` attempt calls it."""

Walk = Generator[Waits, None, None]
_NONE: list[Work] = []
START = 0
"""The rank of a walk's first step: before anything else at its instant."""


class Run:
    """The walk of one execution from one stage on, and its own notes. `works` are the attempts of the action group under
    way, `awaited` the one whose end the walk waits for; `over` tells a walk that was left behind (stopped, superseded,
    …) that it must not go on. It does what a SimPy process does for it at two thirds of the cost: the end of an attempt
    calls it, without a list of callbacks and an event of its own in between."""

    __slots__ = ("awaited", "check", "door", "execution", "over", "pipeline", "redo", "sim", "walk", "works")

    def __init__(
        self, sim: Simulation, pipeline: PipelineState, execution: ExecutionState, redo: str = ""
    ) -> None:
        self.sim = sim
        self.pipeline = pipeline
        self.execution = execution
        self.redo = redo
        self.works: list[Work] = []
        self.door: Event | None = None
        self.check: Check | None = None
        self.awaited: Work | None = None
        self.over = False
        self.walk: Walk

    def go_on(self, _: Event | None = None) -> None:
        """What the walk waited for has come: it goes on to where it waits next, or to its end."""
        event = next(self.walk, None)
        if event is not None:
            assert event.callbacks is not None, "what has happened already calls nobody"
            event.callbacks.append(self.go_on)


def set_off(sim: Simulation, pipeline: PipelineState, execution: ExecutionState, place: int = 0, redo: str = "") -> None:
    """The execution begins its walk, in front of stage `place`, or inside it to `redo` its actions; at this instant, once
    all that happens now has been written down."""
    one_more(sim)
    run = sim.runs[pipeline.name, execution.number] = Run(sim, pipeline, execution, redo)
    run.walk = _walk(sim, run, place)
    begins = Event(sim.env)
    begins.callbacks = [run.go_on]
    sim.trigger(begins, START)


def _walk(sim: Simulation, run: Run, place: int) -> Walk:
    execution = run.execution
    stages = execution.definition.stages
    rolls_back = execution.start.kind == "ROLLBACK"
    for stage in stages[place:] if place else stages:
        if not (run.redo or rolls_back):
            door = _arrive(sim, run, stage)
            if door is not None:
                yield door
            if run.over:
                return
        yield from _through(sim, run, stage)
        if run.over:
            return
        if rolls_back:
            break
    _end(sim, run, "Succeeded")


def _end(sim: Simulation, run: Run, status: str, summary: str = "") -> None:
    run.over, run.awaited = True, None  # no circle of run and attempt is left behind
    pipeline, number = run.execution.pipeline, run.execution.number
    sim.record(new(ExecutionChanged, (sim.now, pipeline, number, status, summary, None, False)))
    del sim.runs[pipeline, number]


def _stage_is(sim: Simulation, run: Run, stage: str, status: str) -> None:
    """Write down that the execution comes to a stage, enters or leaves it."""
    sim.record(new(StageChanged, (sim.now, run.execution.pipeline, run.execution.number, stage, status, "", "")))


# ---------------------------------------------------------------------------------------------- in front of a stage


def _arrive(sim: Simulation, run: Run, stage: Stage) -> Event | None:
    """The execution comes to a stage: it enters at once, or waits for the event that is given back."""
    pipeline, execution = run.pipeline, run.execution
    if pipeline.definition is not execution.definition and _outdated(run):
        _end(sim, run, ended_by_update(sim), _UPDATED)
        return None
    if against_entering(sim.state, pipeline, stage.name, execution) is None:
        _stage_is(sim, run, stage.name, "InProgress")
        return None
    _stage_is(sim, run, stage.name, INBOUND)
    run.door = Event(sim.env)
    for number in superseded_by(pipeline, pipeline.stages[stage.name], execution):
        _supersede(sim, pipeline, number)
    return None if run.over else run.door


def _supersede(sim: Simulation, pipeline: PipelineState, number: int) -> None:
    loser = sim.runs[pipeline.name, number]
    _end(sim, loser, "Superseded")


def admit(sim: Simulation, pipeline: PipelineState, stage: str) -> None:
    """Whoever waits in front of a stage and may enter now does, in the order of the line."""
    door = pipeline.stages.get(stage)
    while door is not None and door.waiting:
        number = door.waiting[0]
        execution = pipeline.executions[number]
        if against_entering(sim.state, pipeline, stage, execution) is not None:
            return
        run = sim.runs[pipeline.name, number]
        _stage_is(sim, run, stage, "InProgress")
        assert run.door is not None
        sim.trigger(run.door, rank(execution.definition.index[stage]))


# ---------------------------------------------------------------------------------------------- inside a stage


def _through(sim: Simulation, run: Run, stage: Stage) -> Walk:
    """The execution is in a stage, until it leaves it: with success the walk goes on, otherwise it is over."""
    redo, run.redo = run.redo, ""
    begun_with = redo
    if stage.before_entry is not None and _asks(sim, run, stage, BEFORE_ENTRY, begun_with):
        verdict = yield from passes(sim, run, stage, BEFORE_ENTRY, stage.before_entry)
        if run.over:
            return
        if verdict != "Succeeded":
            _not_entered(sim, run, stage)
            return
    while True:
        failed = yield from _groups(sim, run, stage, redo)
        if run.over:
            return
        if failed and may_retry_by_itself(run.execution, stage.name):
            redo = _retry_by_itself(sim, run, stage)
            continue
        break
    if failed:
        yield from _failed(sim, run, stage)
        return
    if stage.on_success is not None and _asks(sim, run, stage, ON_SUCCESS, begun_with):
        verdict = yield from passes(sim, run, stage, ON_SUCCESS, stage.on_success)
        if run.over:
            return
        if verdict != "Succeeded":
            fail(sim, run, stage.name, roll_back=stage.on_success.result == "ROLLBACK")
            return
    leave(sim, run, stage.name, "Succeeded")


def _asks(sim: Simulation, run: Run, stage: Stage, gate: str, begun_with: str) -> bool:
    """Whether a condition of the stage is asked: not on a rollback, nor again on a retry by a person (15, our decision).
    One that has not answered in this execution yet is asked all the same. `begun_with` is the mode of a retry, or the
    gate that was overridden: what comes after that gate is asked as ever."""
    if run.execution.start.kind == "ROLLBACK":
        return sim.state.settings.get("conditions_on_rollback") == "evaluate"
    if begun_with in ("", BEFORE_ENTRY, ON_SUCCESS):
        return begun_with == "" or (begun_with, gate) == (BEFORE_ENTRY, ON_SUCCESS)
    if sim.state.settings.get("conditions_on_retry") == "evaluate":
        return True
    asked = run.execution.stages[stage.name].gates.get(gate, ())
    return all(condition.status == "Abandoned" for condition in asked)


def _groups(sim: Simulation, run: Run, stage: Stage, redo: str) -> Generator[Waits, None, bool]:
    """The action groups one after another; True when one failed. Parallel actions all run to their end (4.5)."""
    execution = run.execution
    stage_run = execution.stages[stage.name]
    for place in range(len(stage.groups)):  # what is known of roles and functions may change between two groups
        group = (sim.prepared.get(id(stage)) or prepare(sim, execution, stage))[place]
        chosen = _to_run(stage_run, group, redo) if redo else group
        works = run.works = []
        for prepared in chosen:
            works.append(begin(sim, run, prepared))
        failed = False
        for work in works:  # a retry of a failed member may add to these while its siblings run
            while not work.status:
                run.awaited = work
                yield None
                if run.over:
                    return False
            failed = failed or work.status != "Succeeded"
        if execution.status == "Stopping":
            stopped(sim, run, stage.name)
            return False
        if run.pipeline.definition is not execution.definition and _outdated(run):
            _cancel(sim, run, stage.name)
            return False
        run.works = _NONE
        if failed and any(stage_run.attempts[one.action.name][-1].status != "Succeeded" for one in chosen):
            return True
    return False


def _to_run(stage_run: StageRun, group: tuple[Prepared, ...], redo: str) -> list[Prepared]:
    """Which actions of a group a retry runs again: all, or those that did not succeed (4.9) [UG:stage-retry]."""
    if redo == "ALL_ACTIONS":
        return list(group)
    found = [(prepared, stage_run.latest(prepared.action.name)) for prepared in group]
    return [prepared for prepared, attempt in found if attempt is None or attempt.status != "Succeeded"]


def _retry_by_itself(sim: Simulation, run: Run, stage: Stage) -> str:
    """The one automatic retry (4.9): the stage keeps its lock and begins again."""
    execution, on_failure = run.execution, stage.on_failure
    mode = (on_failure.retry_mode if on_failure else None) or "FAILED_ACTIONS"
    sim.record(ExecutionChanged(sim.now, execution.pipeline, execution.number, "InProgress"))
    sim.record(StageChanged(sim.now, execution.pipeline, execution.number, stage.name, "InProgress",
                            "AutomatedStageRetry", mode))
    return mode


def _not_entered(sim: Simulation, run: Run, stage: Stage) -> None:
    """The entry condition did not pass (4.11): FAIL fails the stage, SKIP goes on to the next."""
    assert stage.before_entry is not None
    if stage.before_entry.result == "SKIP":
        leave(sim, run, stage.name, "Skipped")
    else:
        fail(sim, run, stage.name)


def _failed(sim: Simulation, run: Run, stage: Stage) -> Walk:
    """The stage has failed: what `onFailure` says of it, then it is over (4.10, 4.11)."""
    on_failure = stage.on_failure
    roll_back = on_failure is not None and on_failure.result == "ROLLBACK"
    if on_failure is not None and on_failure.condition is not None:
        verdict = yield from passes(sim, run, stage, ON_FAILURE, on_failure.condition)
        if run.over:
            return
        engages = str(sim.state.settings.get("on_failure_condition", "met"))
        roll_back = (verdict == "Succeeded") == (engages == "met")
    fail(sim, run, stage.name, roll_back)


# ---------------------------------------------------------------------------------------------- leaving a stage


def leave(sim: Simulation, run: Run, stage: str, status: str) -> None:
    """The execution leaves a stage, and whoever waits in front of it may enter."""
    _stage_is(sim, run, stage, status)
    admit(sim, run.pipeline, stage)


def fail(sim: Simulation, run: Run, stage: str, roll_back: bool = False) -> None:
    """Stage and execution fail; an automatic rollback takes the stage before anybody who waits (4.10)."""
    pipeline, execution = run.pipeline, run.execution
    _stage_is(sim, run, stage, "Failed")
    _end(sim, run, "Failed")
    sim.people_see_failure(pipeline, execution, stage)
    if roll_back and execution.start.kind == "STANDARD":
        _roll_back_by_itself(sim, pipeline, execution, stage)
    admit(sim, pipeline, stage)


def _roll_back_by_itself(sim: Simulation, pipeline: PipelineState, failed: ExecutionState, stage: str) -> None:
    if stage not in pipeline.stages or failed.mode == PARALLEL:
        return
    target = rollback_target(pipeline, stage, failed.number)
    if target is None or against_rolling_back(sim.state, pipeline, stage, pipeline.executions[target]) is not None:
        return
    luck = failed.start.luck + (failed.stages[stage].round + 1 << 20)  # its own draws: not those that failed
    detail = f"{stage} failed in execution {failed.number}"
    roll_back(sim, pipeline, stage, target, "AutomatedRollback", detail, luck)


def roll_back(
    sim: Simulation, pipeline: PipelineState, stage: str, target: int, trigger: str, detail: str, luck: int
) -> ExecutionState:
    """A rollback execution begins: it runs this one stage with what its target had (4.10)."""
    definition, number = pipeline.definition, pipeline.next
    start = Start(definition.version, definition.mode, trigger, detail, luck, "ROLLBACK",
                  variables=pipeline.executions[target].start.variables, target=target, stage=stage)
    sim.record(ExecutionChanged(sim.now, pipeline.name, number, "InProgress", start=start))
    sim.record(StageChanged(sim.now, pipeline.name, number, stage, "InProgress"))
    execution = pipeline.executions[number]
    set_off(sim, pipeline, execution, definition.index[stage])
    return execution


_UPDATED = "The pipeline was updated before this execution could complete."


def ended_by_update(sim: Simulation) -> str:
    """What becomes of an execution that an update ends: Cancelled; the guide of 2022 said Failed (15)."""
    return str(sim.state.settings.get("after_update", "Cancelled"))


def _outdated(run: Run) -> bool:
    """Whether the definition was changed under the execution, which ends it unless it runs in PARALLEL (4.3)."""
    execution = run.execution
    return run.pipeline.definition is not execution.definition and execution.start.mode != PARALLEL


def _cancel(sim: Simulation, run: Run, stage: str) -> None:
    status = ended_by_update(sim)
    _stage_is(sim, run, stage, status)
    _end(sim, run, status, _UPDATED)
    admit(sim, run.pipeline, stage)


def stopped(sim: Simulation, run: Run, stage: str) -> None:
    """What ran has come to its end (or was abandoned): the stop is complete and the stage is free (4.8)."""
    _stage_is(sim, run, stage, "Stopped")
    _end(sim, run, "Stopped")
    admit(sim, run.pipeline, stage)


def stop_waiting(sim: Simulation, run: Run, reason: str) -> None:
    """An execution in front of a stage is stopped: it never enters and cannot be retried (4.8)."""
    _end(sim, run, "Stopped", reason)


def cancel_outdated(sim: Simulation, pipeline: PipelineState) -> None:
    """After an update: who waits is cancelled at once, who works is when its running actions have ended (4.3)."""
    for number in list(pipeline.active):
        run = sim.runs.get((pipeline.name, number))
        if run is None or not _outdated(run):
            continue
        execution = run.execution
        stage = execution.run
        if stage is not None and stage.status == INBOUND:
            _end(sim, run, ended_by_update(sim), _UPDATED)
        elif run.check is not None:
            abandon(sim, run, "Cancelled")
            _cancel(sim, run, execution.stage)
        elif stage is not None:
            for work in [work for work in run.works if work.action.is_approval and not work.status]:
                work.drop("The pipeline was updated while the approval was pending.")
