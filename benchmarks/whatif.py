"""How much faster the array path is than an idiomatic hand-written SimPy model of the same work.

Run it as `python benchmarks/whatif.py`. Both engines take turns in one process; the median of their ratios is printed, per
execution, so that the arrays may do many more runs than SimPy in a round. The reference knows neither supersession nor
one more rule, so for W3 it is the same first-come model as for W2: its every execution goes through all stages.
"""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import model
import reference

from pipeline_sim.whatif.arrays import evaluate
from pipeline_sim.whatif.plan import plan_of
from pipeline_sim.whatif.runs import size_of
from pipeline_sim.whatif.words import seeds_from

ROUNDS = 5
MONTH: Any = {"every": "1h", "for": "30d"}


def seconds(work: Callable[[], int]) -> tuple[float, int]:
    """Processor seconds, and how many executions were done."""
    gc.collect()
    begin = time.process_time()
    done = work()
    return time.process_time() - begin, done


def ratio(mode: str, pushes: Any, runs: int, hand: Callable[[int], int]) -> tuple[float, float, float]:
    """Median ratio of the times an execution, and the nanoseconds of one in the arrays; the executions of a run."""
    plan = plan_of(model.pipeline(mode), model.scenario(pushes))
    size = size_of(plan)

    def arrays() -> int:
        done = 0
        for first in range(0, runs, size):
            block = evaluate(plan, seeds_from(first, min(size, runs - first)))
            done += int((block.status > 0).sum())
        return done

    arrays()
    ratios, costs, done = [], [], 0
    for turn in range(ROUNDS):
        slow, slow_done = seconds(lambda: hand(turn))  # noqa: B023
        fast, done = seconds(arrays)
        ratios.append((slow / slow_done) / (fast / done))
        costs.append(fast / done * 1e9)
    return statistics.median(ratios), statistics.median(costs), done / runs


def single(turn: int) -> int:
    """One execution at a time, in one model: building a model for each would flatter the arrays."""
    reference.stream(turn, [number * 10**6 for number in range(1000)])
    return 1000


def month(turn: int, mode: str) -> int:
    """The reference on the pushes that the arrays draw for the same seed."""
    times = [push.time for push in model.scenario(MONTH).pushes(turn)]
    reference.stream(turn, times, mode)
    return len(times)


def memory(mode: str, pushes: Any) -> float:
    """The most memory that one block takes at a time, in MiB."""
    plan = plan_of(model.pipeline(mode), model.scenario(pushes))
    evaluate(plan, seeds_from(0, 1))
    tracemalloc.start()
    evaluate(plan, seeds_from(0, size_of(plan)))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 2**20


def main() -> None:
    for name, mode, pushes, runs, hand, goal in (
            ("W1 one execution", "SUPERSEDED", [0], 65_536, single, 200),
            ("W2 a month, QUEUED", "QUEUED", MONTH, 2_000, lambda turn: month(turn, "QUEUED"), 350),
            ("W3 a month, SUPERSEDED", "SUPERSEDED", MONTH, 2_000, lambda turn: month(turn, "SUPERSEDED"), 150)):
        times, cost, size = ratio(mode, pushes, runs, hand)
        print(f"{name:<24} {times:6.0f} x   {cost:5.0f} ns an execution ({size:.0f} a run); at least {goal} x is the goal; "
              f"{memory(mode, pushes):.0f} MiB at most")


if __name__ == "__main__":
    main()
