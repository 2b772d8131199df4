"""What a challenge is: a broken pipeline as data, and the run in which a student meets it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...pipeline.model import Pipeline
from ...refused import Refused
from ...scenario import Scenario
from ...simulation import Simulation
from .. import claim
from ..document import document
from ..world import World, scenario_of, structures
from .steps import Step, perform

HINT, MISTAKE, LOOKING = 10, 5, 10
"""Points that a hint and a wrong "it is mended" cost, and for how many points one may read without losing any."""


@dataclass(frozen=True)
class Hint:
    """A hint. `claim` is what it says, in JMESPath, of the moment at which the student arrives."""

    text: str
    claim: str


@dataclass(frozen=True)
class Case:
    """A broken pipeline. `world` says what is run, `before` what happened until the student arrives (at `arrive` seconds);
    `goal` are claims that must hold `within` so many seconds more. `ask` is the place whose "why?" explains it."""

    key: str
    title: str
    complaint: str
    because: str
    domain: str
    task: str
    level: int
    covers: tuple[str, ...]
    arrive: int
    within: int
    goal: tuple[str, ...]
    hints: tuple[Hint, ...]
    solution: tuple[Step, ...]
    before: tuple[tuple[int, Step], ...] = ()
    world: Mapping[str, Any] = field(default_factory=dict)
    ask: str = ""
    path: str = ""

    @property
    def deadline(self) -> int:
        return self.arrive + self.within

    @property
    def par(self) -> int:
        """The points that the best known solution costs, with some looking around."""
        return LOOKING + sum(step.cost for step in self.solution)


def arrived(case: Case) -> Simulation:
    """The run as the student finds it. Raises ValueError where the world or a step before cannot be."""
    pipelines = [Pipeline.load(one) for one in structures(case.world)]
    scenario = Scenario.load(scenario_of(case.world.get("world") or {}), pipelines)
    sim = Simulation(pipelines, scenario, seed=case.world.get("seed", 0))
    for at, step in case.before:
        sim.run(at)
        try:
            perform(sim, step)
        except Refused:
            pass  # it is part of the story, and in the records
    return sim.run(case.arrive)


def treated(case: Case, steps: Iterable[Step]) -> Simulation:
    """The run in which these steps were taken on arrival, at the moment at which the goal must hold. Raises `Refused`."""
    sim = arrived(case)
    for step in steps:
        perform(sim, step)
    return sim.run(max(case.deadline, sim.now))


def open_claims(case: Case, sim: Simulation) -> list[str]:
    """The claims of the goal that do not hold now; a claim of something that is not there does not hold."""
    return [one for one in case.goal if not holds(case, sim, one)]


def holds(case: Case, sim: Simulation, text: str) -> bool:
    """Whether a claim holds of a run as it stands."""
    try:
        return claim.holds(text, document(World(case.world, made=sim), claim.names(text)))
    except claim.Hollow:
        return False
