"""What happens when somebody acts: at the end of a run it goes on from there, in the past another run begins.

A run goes on by itself up to where only a person can move it, or nothing is left to happen: so the next answer to an
approval finds it still waiting, and its time-out comes to whoever lets that time pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..calm import calm
from ..history.replay import READ_ONLY
from ..ids import execution_id, execution_number
from ..refused import Refused
from ..scenario import duration
from ..simulation import Input, Simulation
from ..simulation.calls.personal import pending_token

HOUR, DAY = 3600, 86_400
CALL, PUSH, ALARM, DECIDE, PASS, SEED = "call", "push", "alarm", "decide", "pass", "seed"


class Act(NamedTuple):
    """Something to do: a `call` of an operation, a `push` to a source, an `alarm`, a `decide` of luck, time to `pass`,
    another `seed`. `name` is the operation, source, alarm, place, length of time or seed."""

    kind: str
    name: str
    arguments: Mapping[str, Any] = {}


class Done(NamedTuple):
    """What an act led to: the run that it is in now, how many records there were right after it, how many right before,
    the answer (of a call), and whether the run is another one."""

    simulation: Simulation
    k: int
    before: int
    answer: Mapping[str, Any]
    forked: bool


def do(simulation: Simulation, k: int, act: Act) -> Done:
    """Act at the instant of the first `k` records, and let time pass. Raises `Refused`, or ValueError (always where a
    history is shown)."""
    if not isinstance(simulation, Simulation):
        raise ValueError(READ_ONLY)
    if act.kind == SEED:
        again = reseeded(simulation, int(act.name))
        return Done(again, _until(again, simulation.records[max(min(k, len(simulation.records)), 1) - 1].time), 0, {}, True)
    forked = k < len(simulation.records)
    one = simulation.fork_at(k) if forked else simulation
    before = len(one.records)
    answer = _perform(one, act)
    after = len(one.records)
    if act.kind != PASS:
        go_on(one, horizon(simulation, forked, one.now))
    return Done(one, after, before, answer, forked)


def _perform(one: Simulation, act: Act) -> Mapping[str, Any]:
    if act.kind == CALL:
        return one.call(act.name, **act.arguments)
    if act.kind == PUSH:
        return {"revision": one.push(act.name, **act.arguments)}
    if act.kind == ALARM:
        one.alarm(act.name, **act.arguments)
    elif act.kind == DECIDE:
        one.decide(act.name, **act.arguments)
    elif act.kind == PASS:
        _pass(one, act.name)
    return {}


def _pass(one: Simulation, how_long: str) -> None:
    """Let time pass: to the next event, up to where somebody must act, to the end, or for a length of time."""
    if how_long == "next":
        one.advance()
    elif how_long == "wait":
        go_on(one, horizon(one, False, one.now))
    elif how_long == "end":
        one.run()
    else:
        one.run(one.now + duration(how_long))


# ---------------------------------------------------------------------------------------------- how far a run goes on


def horizon(shown: Simulation, forked: bool, now: int) -> int | None:
    """Until when a run goes on after an act. One that was stopped while things were still to come is shown that far
    again; one whose pushes have no end goes on for as long as it had lasted, within an hour and a day."""
    if forked and shown.live > 0 and not waits_for_a_person(shown):
        return shown.now
    return now + min(max(now, HOUR), DAY) if shown.scenario.endless else None


def go_on(one: Simulation, until: int | None) -> None:
    """Let time pass up to where only a person can move the run, to its end, or to the end of instant `until`."""
    with calm():
        while one.live > 0 and not waits_for_a_person(one):
            if until is not None and one.env.peek() > until:
                one.run(until)
                return
            one.advance()


def waits_for_a_person(one: Simulation) -> bool:
    """Whether all that is still to come are time-outs of what a person or a worker from outside has to end."""
    waiting = sum(not work.status and work.plan[2] is not None and work.plan[2].code == "Timeout"
                  and (work.action.is_approval or _by_a_worker(one, work))
                  for run in one.runs.values() for work in run.works)
    return 0 < one.live <= waiting


def _by_a_worker(one: Simulation, work: Any) -> bool:
    return bool(one.scenario.behaviour(work.stage.name, work.action).worker != "scenario")


# ---------------------------------------------------------------------------------------------- another seed


def reseeded(simulation: Simulation, seed: int) -> Simulation:
    """The same world under another luck, with the same acts at the same times. Ids in calls become those of the same
    executions there; what cannot be done there is refused, and the refusal is in the records."""
    other = Simulation(simulation.pipelines, simulation.scenario, seed=seed)
    for done in simulation.inputs:
        other.run(done.time)
        try:
            other.repeat(_translated(simulation.seed, other, done))
        except (ValueError, Refused):
            continue
    go_on(other, max(simulation.now, HOUR) if simulation.scenario.endless or not waits_or_over(simulation) else None)
    return other


def waits_or_over(one: Simulation) -> bool:
    """Whether a run had come to its end, or to where somebody must act."""
    return one.live == 0 or waits_for_a_person(one)


def _translated(seed: int, other: Simulation, done: Input) -> Input:
    """A call's ids as they are under another seed: of the execution with the same number, of the approval that waits."""
    pipeline = str(done.arguments.get("pipelineName", ""))
    if done.kind != CALL or pipeline not in other.state.pipelines:
        return done
    request = dict(done.arguments)
    for member in ("pipelineExecutionId", "targetPipelineExecutionId"):
        number = execution_number(seed, pipeline, str(request.get(member, "")))
        if number is not None:
            request[member] = execution_id(other.seed, pipeline, number)
    if "token" in request and "actionName" in request:
        request["token"] = pending_token(other, other.state.pipelines[pipeline], request["stageName"],
                                         request["actionName"])
    return done._replace(arguments=request)


def _until(one: Simulation, time: int) -> int:
    """How many records there are up to the end of an instant."""
    return max(sum(record.time <= time for record in one.records), 1)
