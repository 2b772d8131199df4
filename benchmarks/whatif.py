"""How much faster the array path is than an idiomatic hand-written SimPy model of the same work, and who else is how fast.

Run it as `python benchmarks/whatif.py`. The engines take turns in one process; the median of their ratios is printed, per
execution, so that a fast engine may do many more runs in a round. Ciw and salabim are in the extra `bench`; where one of
them is missing the table says so.
"""

from __future__ import annotations

import functools
import gc
import importlib.util
import statistics
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import hand_written
import model
import others

from pipeline_sim import Pipeline, Scenario
from pipeline_sim.whatif.arrays import evaluate
from pipeline_sim.whatif.plan import Plan, plan_of
from pipeline_sim.whatif.points import evaluated_at
from pipeline_sim.whatif.replicate import executions
from pipeline_sim.whatif.runs import Executions, size_of
from pipeline_sim.whatif.runs import planned as plan
from pipeline_sim.whatif.streaming import streamed, swept
from pipeline_sim.whatif.words import seeds_from

ROUNDS = 5
HOUR, FAR = 3600, 10**6
MONTH: Any = {"every": "1h", "for": "30d"}
TEN_DAYS: Any = {"every": "1h", "for": "10d"}
"""Passes are as long as runs are: where events are stepped through, a third of the month says the same."""
POINTS, RUNS = 25, 10_000


def seconds(work: Callable[[], int]) -> tuple[float, int]:
    """Processor seconds, and how many executions were done."""
    gc.collect()
    begin = time.process_time()
    done = work()
    return time.process_time() - begin, done


def ratio(arrays: Callable[[], int], hand: Callable[[int], int]) -> tuple[float, float]:
    """The median over rounds of the ratio of the times an execution, and the nanoseconds of one in the arrays."""
    arrays()
    ratios, costs = [], []
    for turn in range(ROUNDS):
        slow, slow_done = seconds(lambda: hand(turn))  # noqa: B023
        fast, done = seconds(arrays)
        ratios.append((slow / slow_done) / (fast / done))
        costs.append(fast / done * 1e9)
    return statistics.median(ratios), statistics.median(costs)


def planned(mode: str, pushes: Any, **changes: Any) -> Plan:
    scenario = model.scenario(pushes)
    return plan_of(model.pipeline(mode), scenario.but(**changes) if changes else scenario)


def by_blocks(plan: Plan, runs: int) -> Callable[[], int]:
    size = size_of(plan)

    def work() -> int:
        return sum(int((evaluate(plan, seeds_from(first, min(size, runs - first))).status > 0).sum())
                   for first in range(0, runs, size))

    return work


def points() -> list[tuple[Pipeline, Scenario]]:
    """Test/Integration fails in 1 % to 25 % of its attempts."""
    pipeline, scenario = model.pipeline(), model.scenario([0])
    return [(pipeline, scenario.but("Test/Integration", failure=percent / 100)) for percent in range(1, POINTS + 1)]


def sweep() -> Callable[[], int]:
    """25 points × 10,000 runs on common numbers."""
    plans = [plan_of(*world) for world in points()]

    def work() -> int:
        return sum(int((block.status > 0).sum()) for _, block in evaluated_at(plans, seeds_from(0, RUNS)))

    return work


WORKS: list[tuple[str, Callable[[], Callable[[], int]], Callable[[int], int], int]] = [
    ("W1 one execution", lambda: by_blocks(planned("SUPERSEDED", [0]), 1 << 17),
     lambda seed: hand_written.run(seed, 700, FAR), 200),
    ("W2 a month, QUEUED", lambda: by_blocks(planned("QUEUED", MONTH), 2000),
     lambda seed: hand_written.run(seed, 720, HOUR), 350),
    ("W3 a month, SUPERSEDED", lambda: by_blocks(planned("SUPERSEDED", MONTH), 2000),
     lambda seed: hand_written.run(seed, 720, HOUR, "SUPERSEDED"), 150),
    ("W4 sweep of 25 points", sweep, lambda seed: hand_written.run(seed, 700, FAR, integration=0.13), 700),
    ("W2 with shared capacity", lambda: by_blocks(planned("QUEUED", TEN_DAYS, capacity={"CodeBuild": 2}), 4096),
     lambda seed: hand_written.run(seed, 720, HOUR, slots=2), 20),
]


def memory(plan: Plan) -> float:
    """The most memory that one block takes at a time, in MiB."""
    evaluate(plan, seeds_from(0, 1))
    tracemalloc.start()
    evaluate(plan, seeds_from(0, size_of(plan)))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 2**20


def figures() -> None:
    print("times as fast as the hand-written SimPy model, execution for execution")
    for name, make, hand, goal in WORKS:
        times, cost = ratio(make(), hand)
        print(f"  {name:<24} {times:6.0f} x   {cost:6.0f} ns an execution; at least {goal} x is the goal", flush=True)
    print("work memory of a block, MiB: " + ", ".join(f"{name} {memory(plan):.0f}" for name, plan in (
        ("W1", planned("SUPERSEDED", [0])), ("W2", planned("QUEUED", MONTH)), ("W3", planned("SUPERSEDED", MONTH)),
        ("shared capacity", planned("QUEUED", MONTH, capacity={"CodeBuild": 2})))))


def beside() -> None:
    """Other tools against the same model."""
    print("others, times as fast as that model (W1 / W2)")
    for name, work in (("Ciw", others.by_ciw), ("salabim", others.by_salabim)):
        if importlib.util.find_spec(name.lower()) is None:
            print(f"  {name:<24} is not installed: pip install 'pipeline-sim[bench]'")
            continue
        found = [against(work, gap) for gap in (FAR, HOUR)]
        print(f"  {name:<24} {found[0]:6.2f} / {found[1]:.2f}", flush=True)
    naive = ratio(lambda: others.naive_numpy(1, 1 << 16), lambda seed: hand_written.run(seed, 700, FAR))[0]
    print(f"  {'NumPy, naive':<24} {naive:6.0f} / cannot queue")


def against(work: Callable[[int, int, float], int], gap: int) -> float:
    return ratio(lambda: work(1, 300, gap), lambda seed: hand_written.run(seed, 300, gap))[0]


def answers() -> None:
    """What somebody waits for, from the definition to the table."""
    pipeline, scenario, month = model.pipeline("QUEUED"), model.scenario([0]), model.scenario(MONTH)
    for name, world, runs, goal in (("10,000 runs of one execution", scenario, 10_000, 50),
                                    ("200 runs of a month", month, 200, 150)):
        took = wall(functools.partial(asked, pipeline, world, runs))
        print(f"{name}: {took * 1000:.0f} ms; within {goal} ms is the goal")
    print(f"the sweep with its scenarios read and its summaries: {wall(lambda: swept(points(), RUNS)) * 1000:.0f} ms")
    alone, two = (wall(functools.partial(streamed, pipeline, month, 20_000, workers=count), 3) for count in (1, 2))
    print(f"two workers on 14 million executions: {alone / two:.2f} x; at least 1.6 x is the goal")


def asked(pipeline: Pipeline, world: Scenario, runs: int) -> Executions:
    return executions(plan(pipeline, world), runs, 0)


def wall(work: Callable[[], object], turns: int = 5) -> float:
    """The median of the seconds that pass."""
    found = []
    for _ in range(turns):
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
    return statistics.median(found)


def main() -> None:
    figures()
    beside()
    answers()


if __name__ == "__main__":
    main()
