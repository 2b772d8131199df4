"""How one attempt of an action passes: it begins, takes the time that chance or somebody gives it, and ends.

An attempt is one SimPy event, scheduled when its end is known. An end that comes from outside (an answer, a job
worker, a slot of a shared capacity) moves the waiting process to a new event; the old one finds nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simpy import Event

from ..pipeline.model import Action, Stage
from ..record import ActionChanged, Result
from ..scenario import word
from .luck import Plan, Prepared, prepare
from .order import rank

if TYPE_CHECKING:
    from . import Simulation
    from .walk import Run

TIMED_OUT = "The action ran longer than its limit of {} and failed."


class Work(Event):
    """One attempt under way, which is itself the SimPy event of its end. `plan` is what it will come to; `deadline` its
    time-out while it queues; `event` is what its process waits for, this one unless somebody has ended it early."""

    status = ""
    hold = ""
    deadline: Event | None = None
    until = 0

    def __init__(self, sim: Simulation, run: Run, stage: Stage, place: int, action: Action, number: int) -> None:
        super().__init__(sim.env)
        self.sim = sim
        self.run = run
        self.stage = stage
        self.place = place
        self.action = action
        self.number = number
        self.event: Event = self
        self.plan: Plan = _NOTHING

    def end(self, status: str, result: Result | None) -> None:
        """The attempt ends now: written down, its capacity given back. The process hears of it by its event."""
        self.status = status
        execution, sim = self.run.execution, self.sim
        sim.record(ActionChanged(self.env.now, execution.pipeline, execution.number, self.stage.name,  # type: ignore[arg-type]
                                 self.action.name, self.number, status, result))
        if self.deadline is not None:
            sim.forget(self.deadline)
        if self.hold:
            release(sim, self.hold)

    def finish(self, status: str, result: Result | None) -> None:
        """Somebody ends the attempt before its time: the process goes on now."""
        if self.status:
            return
        self.end(status, result)
        self.event = self.sim.move(self.event, 0, rank(self.place))

    def drop(self, summary: str) -> None:
        """CodePipeline no longer cares for the attempt; its provider may go on (4.8)."""
        self.finish("Abandoned", Result(summary))

    def abandon(self, summary: str) -> None:
        """As `drop`, where the process itself has been left behind. A build goes on and keeps its slot to its end."""
        if self.status:
            return
        sim = self.sim
        sim.forget(self.event)
        hold, self.hold = self.hold, ""
        if hold:
            sim.later(self.until - sim.now, rank(self.place), lambda: release(sim, hold))
        self.end("Abandoned", Result(summary))


_NOTHING = Plan(None, "Succeeded", None)
_AS_IT_IS: tuple[Result | None, Plan | None] = (None, None)


def begin(sim: Simulation, run: Run, stage: Stage, place: int, action: Action) -> Work:
    """An attempt of the action begins; what will come of it is drawn at once, by its key."""
    execution = run.execution
    attempts = execution.stages[stage.name].attempts.get(action.name)
    number = len(attempts) + 1 if attempts else 1
    work = Work(sim, run, stage, place, action, number)
    prepared = sim.prepared.get(id(action)) or prepare(sim, execution, stage, action)
    opening, fails = prepared.opening(sim, execution, prepared) if prepared.opening else _AS_IT_IS
    plan = work.plan = fails or prepared.plan(sim, execution, prepared, number)
    if prepared.capacity:
        if not sim.take(prepared.capacity):
            return _queue(sim, work, prepared, opening)
        work.hold = prepared.capacity
    sim.record(ActionChanged(sim.env.now, execution.pipeline, execution.number,  # type: ignore[arg-type]
                             stage.name, action.name, number, "InProgress", opening))
    _let_run(sim, work, plan.duration, prepared.timeout)
    return work


def _let_run(sim: Simulation, work: Work, duration: int | None, limit: int) -> None:
    """Schedule the end: what was drawn, or the time-out where that comes first (or nobody will end it)."""
    if duration is None or duration > limit:
        work.plan = timed_out(work.action, limit)
        duration = limit
    if work.hold:
        work.until = sim.now + duration
    sim.schedule(work, duration, rank(work.place), _due)


def timed_out(action: Action, limit: int) -> Plan:
    """The plan of an attempt that runs into its limit (4.5, 4.7): it fails. Nobody's answer comes too late."""
    from ..scenario import duration_text

    if action.is_approval:
        message = f"Nobody answered the approval within {duration_text(limit)}."
        return Plan(limit, "Failed", Result(message, "Timeout", message))
    message = TIMED_OUT.format(duration_text(limit))
    return Plan(limit, "Failed", Result(message, "Timeout", message))


def _due(event: Event) -> None:
    work: Work = event  # type: ignore[assignment]  # it is the event of its own end
    work.sim.live -= 1
    if not work.status:
        _, status, result, before = work.plan
        if before is not None:
            before()
        work.end(status, result)


# ---------------------------------------------------------------------------------------------- shared capacity


def _queue(sim: Simulation, work: Work, prepared: Prepared, opening: Result | None) -> Work:
    """All slots are taken: the action is in progress, its build waits in line (12: CodeBuild's QUEUED phase)."""
    execution = work.run.execution
    result = (opening or Result())._replace(waits=prepared.capacity)
    sim.record(ActionChanged(sim.now, execution.pipeline, execution.number, work.stage.name, work.action.name,
                             work.number, "InProgress", result))
    sim.lines[prepared.capacity].append((work, prepared.timeout + sim.now))
    late = timed_out(work.action, prepared.timeout).result
    work.deadline = sim.later(prepared.timeout, rank(work.place), lambda: work.finish("Failed", late))
    return work


def release(sim: Simulation, capacity: str) -> None:
    """A slot is free: the first in line that still wants it begins."""
    line = sim.lines[capacity]
    while line:
        work, deadline = line.popleft()
        if work.status:
            continue
        execution = work.run.execution
        sim.record(ActionChanged(sim.now, execution.pipeline, execution.number, work.stage.name, work.action.name,
                                 work.number, "InProgress"))
        work.hold = capacity
        if work.deadline is not None:
            sim.forget(work.deadline)
            work.deadline = None
        _let_run(sim, work, work.plan.duration, deadline - sim.now)
        return
    sim.slots[capacity] += 1
