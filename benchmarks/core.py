"""What the simulation costs beside an idiomatic hand-written SimPy model, how that grows, what a look back and a start cost.

Run it as `python benchmarks/core.py`. Engines take turns in one process, with another seed in each round, and the median
of the rounds' ratios is printed beside its goal; absolute times drift with the machine's other work, ratios hardly. The
two do the same: tests/test_benchmarks.py holds the end of every execution equal.
"""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import model
import reference

from pipeline_sim import Simulation
from pipeline_sim.state import fold

ROUNDS = 9


def seconds(work: Callable[[], object]) -> float:
    """The processor time of some work, without that of throwing its result away."""
    gc.collect()
    begin = time.process_time()
    kept = work()
    taken = time.process_time() - begin
    del kept
    return taken


def tell(what: str, figure: str, goal: str) -> None:
    print(f"  {what:<58} {figure:>20}   goal: {goal}")


# ---------------------------------------------------------------------------------------------- beside SimPy


def against_simpy(mode: str, count: int, gap: int) -> tuple[float, float, float]:
    """Medians over the rounds: the ratio to the idiomatic model, to the textbook one, microseconds of an execution."""
    times = [number * gap for number in range(count)]
    pipeline, scenario = model.pipeline(mode), model.scenario(times)
    rounds = []
    for seed in range(ROUNDS):
        idiomatic = seconds(lambda: reference.stream(seed, times, mode))  # noqa: B023
        ours = seconds(lambda: Simulation(pipeline, scenario, seed=seed).run())  # noqa: B023
        textbook = seconds(lambda: reference.stream(seed, times, mode, textbook=True))  # noqa: B023
        rounds.append((ours / idiomatic, ours / textbook, ours / count * 1e6))
    first, second, third = (statistics.median(column) for column in zip(*rounds, strict=True))
    return first, second, third


def beside_simpy() -> None:
    print("A run with its full log and every rule asked, beside SimPy without a log (5 stages, 12 actions, same draws)")
    for mode in ("QUEUED", "SUPERSEDED"):
        ratio, textbook, cost = against_simpy(mode, 1000, 3600)
        tell(f"{mode}: times the cost of idiomatic SimPy", f"{ratio:.2f} x", "at most 2, aim 1")
        tell("  beside a SimPy model with a process for each action", f"{textbook:.2f} x", "none: for comparison")
        tell("  of an execution", f"{cost:.0f} us", "none")


# ---------------------------------------------------------------------------------------------- growth


def growth(mode: str, gap: int) -> float:
    """What an execution costs in a run of 10,000 against one of 1,000, with every execution let into the line."""
    ratios = []
    for seed in range(3):
        few, many = (_cost(mode, gap, count, seed) for count in (1000, 10_000))
        ratios.append(many / few)
    return statistics.median(ratios)


def _cost(mode: str, gap: int, count: int, seed: int) -> float:
    scenario = model.scenario([number * gap for number in range(count)]).but(settings={"execution_limit": 100_000})
    pipeline = model.pipeline(mode)
    return seconds(lambda: Simulation(pipeline, scenario, seed=seed).run()) / count


def grows() -> None:
    print("Growth: the cost of an execution in a run of 10,000, times that in a run of 1,000")
    tell("QUEUED, a line that grows to thousands", f"{growth('QUEUED', 900):.2f} x", "1 (linear)")
    tell("SUPERSEDED, a storm of pushes", f"{growth('SUPERSEDED', 60):.2f} x", "1 (linear)")


# ---------------------------------------------------------------------------------------------- looking, starting


def fold_and_fork() -> None:
    print("Looking back")
    run = Simulation(model.pipeline(), model.scenario([number * 3600 for number in range(1000)]), seed=1).run()
    each = statistics.median(seconds(lambda: fold(run.records)) for _ in range(ROUNDS)) / len(run.records)
    tell("fold, of a record", f"{each * 1e6:.2f} us", "at most 2 us")
    small = Simulation(model.pipeline(), model.scenario([number * 600 for number in range(10)]), seed=1).run()
    forked = statistics.median(seconds(lambda: small.fork(small.now)) for _ in range(ROUNDS))
    tell(f"fork of a run of {len(small.records)} records", f"{forked * 1000:.1f} ms", "at most 10 ms for 300")


def starting() -> None:
    print("Starting (wall time in a fresh interpreter, beside an empty one)")
    empty = started("-c", "pass")
    tell("an empty interpreter", f"{empty * 1000:.0f} ms", "none: for comparison")
    tell("import pipeline_sim", f"{started('-c', 'import pipeline_sim') * 1000:.0f} ms", "at most 150 ms")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "shop.json"
        file.write_text(json.dumps(model.structure()))
        took = started("-m", "pipeline_sim", "check", str(file))
    tell("pipeline-sim check", f"{took * 1000:.0f} ms", "at most 500 ms")


def started(*arguments: str) -> float:
    rounds = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        rounds.append(time.perf_counter() - begin)
    return statistics.median(rounds)


def main() -> None:
    beside_simpy()
    grows()
    fold_and_fork()
    starting()


if __name__ == "__main__":
    main()
