"""The yardstick: the same pipeline as an idiomatic hand-written SimPy model, without a log and without rules.

A process for each execution, a `Resource` for each stage, `all_of` for parallel actions, `interrupt` for whoever is
superseded: SimPy as its own documentation writes it, neither slowed down nor tuned. It makes the same draws as the
simulation and comes to the same end for every execution (tests/test_benchmarks.py), but it knows no transitions, no
calls, no records, and it cannot say why. `textbook` makes every action a process of its own, as a first draft does.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, NamedTuple

import simpy
from model import APPROVAL, STAGES

from pipeline_sim.scenario import Quantiles, base, word

Walk = Generator[Any, Any, Any]


class Action(NamedTuple):
    """What an action's draws are keyed by, its quantiles, and below what a draw makes it fail."""

    key: int
    duration: Callable[[int], int]
    threshold: int


class Reference:
    """The model of one pipeline; `done` says of each execution how it ended and when."""

    def __init__(self, seed: int, mode: str, textbook: bool = False) -> None:
        self.env = simpy.Environment()
        self.supersedes = mode == "SUPERSEDED"
        self.textbook = textbook
        self.locks = [simpy.Resource(self.env, 1) for _ in STAGES]
        self.waiting: list[simpy.Process | None] = [None for _ in STAGES]
        self.stages = [(retry, _groups(seed, name, actions)) for name, retry, actions in STAGES]
        self.done: dict[int, tuple[str, int]] = {}

    def execution(self, number: int) -> Walk:
        status = yield from self.walk(number)
        self.done[number] = status, int(self.env.now)

    def walk(self, number: int) -> Walk:
        for place, (retry, groups) in enumerate(self.stages):
            with self.locks[place].request() as request:
                try:
                    yield from self.enter(place, request)
                except simpy.Interrupt:
                    return "Superseded"
                for group in groups:
                    failed = yield from self.group(group, number, 1)
                    if failed and retry:
                        retry = False
                        failed = yield from self.group(failed, number, 2)
                    if failed:
                        return "Failed"
        return "Succeeded"

    def enter(self, place: int, request: Any) -> Walk:
        """Wait for the stage's lock. In SUPERSEDED mode one execution waits at most: who comes sends away who waited."""
        if self.supersedes and not request.triggered:
            waited = self.waiting[place]
            if waited is not None:
                waited.interrupt()
            self.waiting[place] = self.env.active_process
            yield request
            self.waiting[place] = None
        else:
            yield request

    def group(self, group: list[Action], number: int, attempt: int) -> Walk:
        """Run actions side by side; those that failed."""
        failed: list[Action] = []
        works: list[simpy.Event] = []
        for action in group:
            if self.textbook:
                works.append(self.env.process(self.action(action, number, attempt, failed)))
                continue
            draw = word(action.key, number, attempt)
            works.append(self.env.timeout(action.duration(draw & 0xFFFF)))
            if draw >> 32 < action.threshold:
                failed.append(action)
        yield works[0] if len(works) == 1 else self.env.all_of(works)
        return failed

    def action(self, action: Action, number: int, attempt: int, failed: list[Action]) -> Walk:
        draw = word(action.key, number, attempt)
        yield self.env.timeout(action.duration(draw & 0xFFFF))
        if draw >> 32 < action.threshold:
            failed.append(action)


def _groups(seed: int, stage: str, actions: list[Any]) -> list[list[Action]]:
    orders = sorted({order for _, _, order, *_ in actions})
    return [[_action(seed, stage, *action) for action in actions if action[2] == order] for order in orders]


def _action(
    seed: int, stage: str, name: str, provider: str, order: int, median: int, high: int, failure: float
) -> Action:
    draws = APPROVAL if provider == "Manual" else "attempt"
    quantiles = Quantiles.parse({"p50": median, "p95": high})
    return Action(base(seed, f"{stage}/{name}#{draws}"), quantiles.at, round(failure * 2**32))


def stream(seed: int, times: list[int], mode: str = "QUEUED", textbook: bool = False) -> Reference:
    """An execution for each push."""
    model = Reference(seed, mode, textbook)

    def pushes() -> Walk:
        for number, time in enumerate(times, 1):
            yield model.env.timeout(time - model.env.now)
            model.env.process(model.execution(number))

    model.env.process(pushes())
    model.env.run()
    return model
