"""The same work with other tools: Ciw, salabim, and NumPy as one would write it first. Each is dev-only (extra `bench`).

Ciw and salabim have no pipelines: a stage is a node or a resource with one server, its time is the sum over run orders of
the longest action, second attempts included. That is less than the other models do, and to their advantage.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from hand_written import _groups
from model import STAGES

Groups = list[list[tuple[float, float, float, bool]]]
TIMED: list[tuple[bool, Groups]] = [(retry, _groups(actions, 0.06)) for _, retry, actions in STAGES]


def stage_time(place: int, chance: random.Random) -> tuple[float, bool]:
    """Seconds in a stage, and success."""
    retry, groups = TIMED[place]
    total = 0.0
    for group in groups:
        total += max(chance.lognormvariate(mean, deviation) for mean, deviation, _, _ in group)
        failed = [action for action in group if chance.random() < action[2]]
        if failed and retry:
            total += max(chance.lognormvariate(mean, deviation) for mean, deviation, _, _ in failed)
            failed = [action for action in failed if chance.random() < action[2]]
        if failed:
            return total, False
    return total, True


def by_ciw(seed: int, count: int, gap: float) -> int:
    """A tandem of five single servers; who fails leaves."""
    import ciw

    chance = random.Random(seed)

    class StageTime(ciw.dists.Distribution):  # type: ignore[misc]
        def __init__(self, place: int) -> None:
            self.place = place

        def sample(self, t: Any = None, ind: Any = None) -> float:
            return stage_time(self.place, chance)[0]

    ciw.seed(seed)
    stages = len(TIMED)
    onward = [[0.98 if to == at + 1 else 0.0 for to in range(stages)] for at in range(stages)]
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(1 / gap), *([None] * (stages - 1))],
        service_distributions=[StageTime(place) for place in range(stages)], number_of_servers=[1] * stages, routing=onward)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(count, method="Finish")
    return count


def by_salabim(seed: int, count: int, gap: float) -> int:
    """A component for each execution, a resource for each stage."""
    import salabim

    chance = random.Random(seed)
    env = salabim.Environment(trace=False, random_seed=seed, yieldless=False)
    locks = [salabim.Resource(f"stage {place}", env=env) for place in range(len(TIMED))]

    class Execution(salabim.Component):  # type: ignore[misc]
        def process(self) -> Any:
            for place, lock in enumerate(locks):
                yield self.request(lock)
                time, ok = stage_time(place, chance)
                yield self.hold(time)
                self.release(lock)
                if not ok:
                    return

    class Pushes(salabim.Component):  # type: ignore[misc]
        def process(self) -> Any:
            for _ in range(count):
                yield self.hold(chance.expovariate(1 / gap))
                Execution()

    Pushes()
    env.run()
    return count


def naive_numpy(seed: int, count: int) -> int:
    """Single executions: a lognormal array for each action, a mask for each failure, retries for all whether or not."""
    chance = np.random.default_rng(seed)
    total, going = np.zeros(count), np.ones(count, bool)
    for retry, groups in TIMED:
        for group in groups:
            longest, failed = np.zeros(count), np.zeros(count, bool)
            for mean, deviation, failure, _ in group:
                time = chance.lognormal(mean, deviation, count)
                bad = chance.random(count) < failure
                again = chance.lognormal(mean, deviation, count)
                bad_again = chance.random(count) < failure
                time = np.where(bad & retry, time + again, time)
                failed |= bad & bad_again if retry else bad
                longest = np.maximum(longest, time)
            total += np.where(going, longest, 0)
            going &= ~failed
    return count
