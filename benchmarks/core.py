"""What the simulation costs beside an idiomatic hand-written SimPy model, how that grows, and what a fold and a fork cost.

Run it as `python benchmarks/core.py`. Ratios are measured side by side in one process, in turn, and their median is printed;
absolute times drift with the machine's other work.
"""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import model
import reference

from pipeline_sim import Simulation
from pipeline_sim.state import fold

ROUNDS = 7


def seconds(work: Callable[[], object]) -> float:
    gc.collect()
    begin = time.process_time()
    work()
    return time.process_time() - begin


def against_simpy(mode: str, count: int, gap: int) -> tuple[float, float]:
    """The median ratio simulation / reference over rounds, and the microseconds of an execution."""
    times = [number * gap for number in range(count)]
    pipeline, scenario = model.pipeline(mode), model.scenario(times)
    ratios, costs = [], []
    for _ in range(ROUNDS):
        hand_written = seconds(lambda: reference.stream(1, times, mode))
        ours = seconds(lambda: Simulation(pipeline, scenario, seed=1).run())
        ratios.append(ours / hand_written)
        costs.append(ours / count * 1e6)
    return statistics.median(ratios), statistics.median(costs)


def main() -> None:
    print("cost against idiomatic SimPy without a log (5 stages, 12 actions, the same draws); at most 2 is the goal")
    for mode, gap in (("QUEUED", 3600), ("SUPERSEDED", 3600)):
        ratio, cost = against_simpy(mode, 1000, gap)
        print(f"  {mode:<11} {ratio:5.2f} x   {cost:6.0f} us an execution")
    print("growth: cost of an execution in a run of 10,000 against one of 1,000 (1 is linear)")
    for mode, gap, what in (("QUEUED", 1500, "a long line"), ("SUPERSEDED", 60, "a storm of pushes")):
        print(f"  {mode:<11} {growth(mode, gap):5.2f}     {what}")
    fold_and_fork()
    print(f"import pipeline_sim: {started('import pipeline_sim') * 1000:.0f} ms; "
          f"an empty interpreter: {started('pass') * 1000:.0f} ms")


def growth(mode: str, gap: int) -> float:
    costs = []
    for count in (1000, 10_000):
        pipeline, scenario = model.pipeline(mode), model.scenario([number * gap for number in range(count)])
        costs.append(min(seconds(lambda: Simulation(pipeline, scenario, seed=1).run()) for _ in range(2)) / count)  # noqa: B023
    return costs[1] / costs[0]


def fold_and_fork() -> None:
    run = Simulation(model.pipeline(), model.scenario([number * 3600 for number in range(1000)]), seed=1).run()
    each = min(seconds(lambda: fold(run.records)) for _ in range(5)) / len(run.records)
    print(f"fold: {each * 1e6:.2f} us a record")
    small = Simulation(model.pipeline(), model.scenario([number * 600 for number in range(8)]), seed=1).run()
    forked = min(seconds(lambda: small.fork(small.now)) for _ in range(5))
    print(f"fork of a run of {len(small.records)} records: {forked * 1000:.1f} ms")


def started(program: str) -> float:
    begin = time.perf_counter()
    for _ in range(5):
        subprocess.run([sys.executable, "-c", program], check=True)
    return (time.perf_counter() - begin) / 5


if __name__ == "__main__":
    main()
