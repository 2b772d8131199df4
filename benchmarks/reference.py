"""The frozen reference: the same pipeline as an idiomatic hand-written SimPy model, without a log and without rules.

A process for each execution, a `Resource` for each stage, `all_of` for parallel actions, the same draws as the
simulation. It knows one mode (first come, first served), no transitions, no calls, no records.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy
from model import STAGES

from pipeline_sim.scenario import Quantiles, base, word


class Reference:
    """The model; `done` collects (execution, status, end)."""

    def __init__(self, seed: int) -> None:
        self.env = simpy.Environment()
        self.locks = [simpy.Resource(self.env, 1) for _ in STAGES]
        self.stages = [(retry, self._groups(seed, name, actions)) for name, retry, actions in STAGES]
        self.done: list[tuple[int, str, float]] = []

    def _groups(self, seed: int, stage: str, actions: list[Any]) -> list[list[tuple[int, Any, int]]]:
        orders = sorted({action[2] for action in actions})
        return [[self._action(seed, stage, a) for a in actions if a[2] == order] for order in orders]

    def _action(self, seed: int, stage: str, action: Any) -> tuple[int, Any, int]:
        name, _, _, median, high, failure = action
        quantiles = Quantiles.parse({"p50": median, "p95": high})
        return base(seed, f"{stage}/{name}#attempt"), quantiles.at, round(failure * 2**32)

    def execution(self, number: int) -> Generator[Any, Any, None]:
        env = self.env
        for lock, (retry, groups) in zip(self.locks, self.stages, strict=True):
            with lock.request() as request:
                yield request
                for group in groups:
                    failed = yield from self.group(group, number, 1)
                    if failed and retry:
                        failed = yield from self.group(failed, number, 2)
                    if failed:
                        self.done.append((number, "Failed", env.now))
                        return
        self.done.append((number, "Succeeded", env.now))

    def group(self, group: list[tuple[int, Any, int]], number: int, attempt: int) -> Generator[Any, Any, list[Any]]:
        failed, waits = [], []
        for action in group:
            key, at, threshold = action
            draw = word(key, number, attempt)
            waits.append(self.env.timeout(at(draw & 0xFFFF)))
            if draw >> 32 < threshold:
                failed.append(action)
        if len(waits) == 1:
            yield waits[0]
        else:
            yield self.env.all_of(waits)
        return failed


def single(seed: int) -> Reference:
    """One execution alone."""
    model = Reference(seed)
    model.env.process(model.execution(1))
    model.env.run()
    return model


def stream(seed: int, times: list[int]) -> Reference:
    """An execution for each push."""
    model = Reference(seed)

    def pushes() -> Generator[Any, Any, None]:
        for number, time in enumerate(times, 1):
            yield model.env.timeout(time - model.env.now)
            model.env.process(model.execution(number))

    model.env.process(pushes())
    model.env.run()
    return model
