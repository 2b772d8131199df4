"""How a served simulation's clock moves: with wall time, as fast as it can, or only when told."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ..scenario import duration
from ..simulation import Simulation
from ..state import ExecutionState
from ..views.names import iso

FARTHEST = 366 * 86400
"""How far one request may move the clock, in seconds: a year."""

_MOST_INSTANTS = 20_000


class Clock:
    """The clock of a simulation that is served. `speed` is `step`, `max`, or how many simulated seconds pass in one of
    wall time. There is no thread behind it: it catches up before anybody looks."""

    def __init__(self, simulation: Simulation, speed: str = "step", wall: Callable[[], float] = time.monotonic) -> None:
        self.simulation, self.speed, self.wall = simulation, speed, wall
        self.factor = factor(speed)
        self.anchor()

    def anchor(self) -> None:
        """From here on wall time counts."""
        self.began, self.zero = self.wall(), self.simulation.now

    def catch_up(self) -> None:
        if self.factor:
            due = self.zero + int((self.wall() - self.began) * self.factor)
            if due > self.simulation.now + FARTHEST:  # a fast clock that nobody has looked at for long: it stood meanwhile
                self.simulation.run(self.simulation.now + FARTHEST)
                self.anchor()
            elif due > self.simulation.now:
                self.simulation.run(due)
        elif self.speed == "max":
            run_while_busy(self.simulation)

    def advance(self, body: Mapping[str, Any]) -> int:
        """Move the clock `by` a duration, `to` a time since its start, or to the next event; how many records that made.
        ValueError for anything else, for the past, and for more than a year."""
        before = len(self.simulation.records)
        if set(body) - {"by", "to"} or len(body) > 1:
            raise ValueError('Say {"by": "10m"}, {"to": "2h"}, or {} for the next event.')
        if body:
            self.simulation.run(self._goal(body))
        else:
            self.simulation.advance()
        self.anchor()
        return len(self.simulation.records) - before

    def _goal(self, body: Mapping[str, Any]) -> int:
        (how, said), = body.items()
        if isinstance(said, bool) or not isinstance(said, int | str):
            raise ValueError(f"{how} must be whole seconds or a text such as 10m.")
        now = self.simulation.now
        goal = duration(said) + (now if how == "by" else 0)
        if not now <= goal <= now + FARTHEST:
            raise ValueError(f"The clock stands at {now} seconds; it goes forward only, and a year at most at once.")
        return goal

    def told(self) -> dict[str, Any]:
        state = self.simulation.state
        return {"now": self.simulation.now, "moment": iso(state, self.simulation.now), "speed": self.speed,
                "records": len(self.simulation.records)}


def factor(speed: str) -> float:
    """`60x` is 60.0; 0 for a clock that wall time does not move. ValueError for what is no speed."""
    if speed in ("step", "max"):
        return 0.0
    try:
        found = float(speed.removesuffix("x"))
    except ValueError:
        found = 0.0
    if not 0 < found <= 1e6:
        raise ValueError(f"{speed} is no speed: say 60x (simulated seconds a second, up to 1000000x), step or max.")
    return found


def run_while_busy(simulation: Simulation) -> None:
    """Let time pass while something works; it stands still where only people are waited for."""
    for _ in range(_MOST_INSTANTS):
        if not _busy(simulation) or not simulation.advance():
            return


def _busy(simulation: Simulation) -> bool:
    return any(_works(pipeline.executions[number])
               for pipeline in simulation.state.pipelines.values() for number in pipeline.active)


def _works(execution: ExecutionState) -> bool:
    """Whether an action other than an approval runs in its stage, or a condition is being looked at."""
    run = execution.run
    if run is None:
        return False
    stage = execution.definition.by_name[execution.stage]
    actions = any(attempts[-1].status == "InProgress" and stage.by_name[name].type.category != "Approval"
                  for name, attempts in run.attempts.items())
    return actions or any(gates[-1].status == "InProgress" for gates in run.gates.values())
