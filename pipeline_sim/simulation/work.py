"""How one attempt of an action passes: it begins, takes the time that chance or somebody gives it, and ends.

An attempt is one SimPy event, scheduled when its end is known. An end that comes from outside (an answer, a job worker)
makes a new event; the old one finds nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simpy import Event

from ..pipeline.catalogue import action_type
from ..pipeline.model import Action, Stage
from ..record import ActionChanged, Result, new
from ..scenario import duration_text
from .luck import Plan, Prepared

if TYPE_CHECKING:
    from . import Simulation
    from .walk import Run

TIMED_OUT = "The action ran longer than its limit of {} and failed."


class Work(Event):
    """One attempt under way, which is itself the SimPy event of its end. `plan` is what it will come to; `deadline` its
    time-out while it queues; `moved` is the event of its end instead, once somebody has changed that."""

    status = ""
    hold = ""
    deadline: Event | None = None
    moved: Event | None = None
    until = 0
    plan: Plan = (None, "Succeeded", None, None)

    def __init__(self, run: Run, prepared: Prepared, number: int) -> None:
        # as Event.__init__ does, without the call: one of these is made for every attempt
        self.env = run.sim.env
        self.run = run
        self.prepared = prepared
        self.number = number

    @property
    def action(self) -> Action:
        return self.prepared.action

    @property
    def stage(self) -> Stage:
        return self.prepared.stage

    @property
    def order(self) -> int:
        return self.prepared.order

    def due(self) -> None:
        """The end has come that was planned, unless somebody was earlier. The walk that waits for it goes on."""
        run = self.run
        sim = run.sim
        sim.live -= 1
        if not self.status:
            sim.now = self.until
            _, status, result, before = self.plan
            if before is not None:
                before()
            self.end(status, result)
        if run.awaited is self:
            run.go_on()

    callbacks = [due]
    """SimPy calls these with the event, which is the attempt; one list for all, as it changes nothing in it."""

    def end(self, status: str, result: Result | None) -> None:
        """The attempt ends now: written down, its capacity given back. The walk hears of it by its event."""
        self.status = status
        run, prepared = self.run, self.prepared
        execution, sim = run.execution, run.sim
        sim.record(new(ActionChanged, (sim.now, execution.pipeline, execution.number, prepared.stage.name,
                                       prepared.action.name, self.number, status, result)))
        if self.deadline is not None:
            sim.forget(self.deadline)
        if self.hold:
            release(sim, self.hold)

    def finish(self, status: str, result: Result | None) -> None:
        """Somebody ends the attempt before its time: the walk goes on now."""
        if self.status:
            return
        self.end(status, result)
        self.move(0)

    def move(self, delay: int) -> None:
        """The end comes after `delay` seconds, by another event; the one that was scheduled finds nobody."""
        sim = self.run.sim
        sim.forget(self.moved or self)
        self.moved = Event(sim.env)
        self.moved.callbacks = [lambda _: self.due()]
        sim.schedule(self.moved, delay, self.order)

    def drop(self, summary: str) -> None:
        """CodePipeline no longer cares for the attempt; its provider may go on (4.8)."""
        self.finish("Abandoned", Result(summary))

    def abandon(self, summary: str) -> None:
        """As `drop`, where the walk itself has been left behind."""
        if not self.status:
            self.leave()
            self.end("Abandoned", Result(summary))

    def leave(self) -> None:
        """Nobody waits for the attempt any more, and nothing is written down. A build goes on and keeps its slot to its
        end."""
        sim = self.run.sim
        sim.forget(self.moved or self)
        if self.deadline is not None:
            sim.forget(self.deadline)
        hold, self.hold = self.hold, ""
        if hold:
            sim.later(self.until - sim.now, self.order, lambda: release(sim, hold))


def begin(sim: Simulation, run: Run, prepared: Prepared) -> Work:
    """An attempt of an action begins; what will come of it is drawn at once, by its key."""
    execution, stage, action = run.execution, prepared.stage.name, prepared.action.name
    attempts = execution.stages[stage].attempts.get(action)
    number = len(attempts) + 1 if attempts else 1
    work = Work(run, prepared, number)
    opening, fails = prepared.opening(sim, execution, prepared) if prepared.opening else _AS_IT_IS
    plan = work.plan = fails or prepared.plan(sim, execution, prepared, number)
    if prepared.capacity:
        if not sim.take(prepared.capacity):
            return _queue(sim, work, prepared, opening)
        work.hold = prepared.capacity
    now = sim.now
    sim.record(new(ActionChanged, (now, execution.pipeline, execution.number, stage, action, number, "InProgress",
                                   opening)))
    duration = plan[0]
    if duration is None or duration > prepared.timeout:
        duration = prepared.timeout
        work.plan = timed_out(prepared.action, duration)
    work.until = now + duration
    sim.schedule(work, duration, prepared.order)
    return work


def timed_out(action: Action, limit: int) -> Plan:
    """The plan of an attempt that runs into its limit (4.5, 4.7): it fails. Nobody's answer comes too late."""
    if action.is_approval:
        message = f"Nobody answered the approval within {duration_text(limit)}."
    elif (known := action_type(action.type)) is not None and limit == known.reply_timeout:
        return silent(action.configuration.get("FunctionName", ""), limit)
    else:
        message = TIMED_OUT.format(duration_text(limit))
    return limit, "Failed", Result(message, "Timeout", message), None


def silent(function: str, limit: int) -> Plan:
    """The plan of an invocation that hears nothing of its function (2.5)."""
    message = (f"The function {function} reported no result of its job within {duration_text(limit)}. Look whether it calls "
               "PutJobSuccessResult or PutJobFailureResult, and whether its role may.")
    return limit, "Failed", Result(message, "Timeout", message), None


_AS_IT_IS: tuple[Result | None, Plan | None] = (None, None)


# ---------------------------------------------------------------------------------------------- shared capacity


def _queue(sim: Simulation, work: Work, prepared: Prepared, opening: Result | None) -> Work:
    """All slots are taken: the action is in progress, its build waits in line (12: CodeBuild's QUEUED phase)."""
    execution, limit = work.run.execution, prepared.timeout
    result = (opening or Result())._replace(waits=prepared.capacity)
    sim.record(ActionChanged(sim.now, execution.pipeline, execution.number, work.stage.name, work.action.name,
                             work.number, "InProgress", result))
    work.until = sim.now + limit
    sim.lines[prepared.capacity].append(work)
    late = timed_out(work.action, limit)[2]
    work.deadline = sim.later(limit, work.order, lambda: work.finish("Failed", late))
    return work


def release(sim: Simulation, capacity: str) -> None:
    """A slot is free: the first in line that still wants it begins."""
    line = sim.lines[capacity]
    while line:
        work = line.popleft()
        if not work.status:
            _leave_line(sim, work, capacity)
            return
    sim.slots[capacity] += 1


def _leave_line(sim: Simulation, work: Work, capacity: str) -> None:
    execution, now = work.run.execution, sim.now
    sim.record(ActionChanged(now, execution.pipeline, execution.number, work.stage.name, work.action.name, work.number,
                             "InProgress"))
    work.hold = capacity
    if work.deadline is not None:
        sim.forget(work.deadline)
        work.deadline = None
    duration, left = work.plan[0], work.until - now
    if duration is None or duration > left:
        duration = left
        work.plan = timed_out(work.action, work.prepared.timeout)
    work.until = now + duration
    sim.schedule(work, duration, work.order)
