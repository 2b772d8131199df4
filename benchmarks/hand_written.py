"""What a person would write: the benchmark's pipeline as an idiomatic SimPy model, without a log and without our rules.

A process for each execution, a `Resource` for each stage, `all_of` for parallel actions, draws by `random`. In SUPERSEDED
mode one execution waits in front of a stage and a newer one takes its place. `slots` is a limit that all builds share.
"""

from __future__ import annotations

import math
import random
from collections.abc import Generator
from typing import Any

import simpy
from model import STAGES

Process = Generator[Any, Any, Any]
_Z95 = 1.6448536269514722


class Shop:
    """The model; `done` counts executions by how they ended."""

    def __init__(self, seed: int, mode: str = "QUEUED", slots: int = 0, integration: float = 0.06) -> None:
        self.env = simpy.Environment()
        self.random = random.Random(seed)
        self.supersedes = mode == "SUPERSEDED"
        self.locks = [simpy.Resource(self.env, 1) for _ in STAGES]
        self.waiting: list[Any] = [None] * len(STAGES)
        self.builds = simpy.Resource(self.env, slots) if slots else None
        self.stages = [(retry, _groups(actions, integration)) for _, retry, actions in STAGES]
        self.done = {"Succeeded": 0, "Failed": 0, "Superseded": 0}

    def execution(self) -> Process:
        for place, (retry, groups) in enumerate(self.stages):
            request = self.locks[place].request()
            if self.supersedes and not request.triggered:
                entered = yield from self.in_front(place, request)
                if not entered:
                    self.done["Superseded"] += 1
                    return
            with request:
                yield request
                for group in groups:
                    failed = yield from self.group(group)
                    if failed and retry:
                        failed = yield from self.group(failed)
                    if failed:
                        self.done["Failed"] += 1
                        return
        self.done["Succeeded"] += 1

    def in_front(self, place: int, request: Any) -> Process:
        """Wait for the stage, or until somebody newer comes; whether the stage was entered."""
        if self.waiting[place] is not None:
            self.waiting[place].succeed()
        newer = self.waiting[place] = self.env.event()
        yield request | newer
        if newer.triggered and not request.triggered:
            request.cancel()
            return False
        self.waiting[place] = None
        return True

    def group(self, group: list[Any]) -> Process:
        """The actions of a run order at once; those that failed."""
        if self.builds is not None:
            processes = [self.env.process(self.build(action)) for action in group]
            yield self.env.all_of(processes)
        else:
            waits = [self.env.timeout(self.random.lognormvariate(mean, deviation)) for mean, deviation, _, _ in group]
            yield waits[0] if len(waits) == 1 else self.env.all_of(waits)
        return [action for action in group if self.random.random() < action[2]]

    def build(self, action: Any) -> Process:
        mean, deviation, _, is_build = action
        if not is_build:
            yield self.env.timeout(self.random.lognormvariate(mean, deviation))
            return
        assert self.builds is not None
        with self.builds.request() as slot:
            yield slot
            yield self.env.timeout(self.random.lognormvariate(mean, deviation))

    def pushes(self, count: int, gap: float) -> Process:
        for _ in range(count):
            yield self.env.timeout(self.random.expovariate(1 / gap))
            self.env.process(self.execution())


def _groups(actions: list[Any], integration: float) -> list[list[tuple[float, float, float, bool]]]:
    orders = sorted({action[2] for action in actions})
    return [[_action(action, integration) for action in actions if action[2] == order] for order in orders]


def _action(action: Any, integration: float) -> tuple[float, float, float, bool]:
    name, provider, _, median, high, failure = action
    deviation = math.log(high / median) / _Z95
    return math.log(median), deviation, integration if name == "Integration" else failure, provider == "CodeBuild"


def run(seed: int, count: int, gap: float, mode: str = "QUEUED", slots: int = 0, integration: float = 0.06) -> int:
    """`count` executions, `gap` seconds apart on average; how many there were."""
    model = Shop(seed, mode, slots, integration)
    model.env.process(model.pushes(count, gap))
    model.env.run()
    return sum(model.done.values())
