"""How a run is begun again: the same world, and what was done to it from outside once more at its time.

What a function of the user's did in that past it does not do again of its own: it may count its calls, or ask the time of
day. What it did then is done once more instead, so that the past of a fork is the past.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..refused import Refused

if TYPE_CHECKING:
    from . import Input, Simulation


def again(sim: Simulation, until: int, inputs: Iterable[Input]) -> Simulation:
    """Another simulation of the same world up to the end of the instant `until`, with these inputs."""
    other = type(sim)(sim.pipelines, sim.scenario, seed=sim.seed)
    if sim.account is not None:
        sim.account.lend(other)
    for done in inputs:
        repeat(other, done)
    other.run(until)
    if other.account is not None:
        other.account.past.clear()
    return other


def repeat(sim: Simulation, done: Input) -> None:
    """Do once more what was done to another simulation, at that time."""
    sim.run(done.time)
    act(sim, done)


def act(sim: Simulation, done: Input) -> None:
    """Do now what was done to another simulation."""
    if done.kind == "call":
        try:
            sim.call(done.name, by=done.by, **done.arguments)
        except Refused:
            pass  # it was refused then, too, and the refusal is in the records
    elif done.kind == "push":
        sim.push(done.name, **done.arguments)
    elif done.kind == "deliver":
        sim.deliver(done.name, **done.arguments)
    elif done.kind == "decide":
        sim.decide(done.name, **done.arguments)
    elif done.kind == "alarm":
        sim.alarm(done.name, **done.arguments)
    else:
        from ..aws.account import repeat as in_account

        in_account(sim, done)
