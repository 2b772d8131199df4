"""From where on a change pays: the value of a knob at which two worlds come to the same.

Both worlds have the same seeds at every value that is tried, so that the difference is a smooth function of the knob, as
nearly as whole runs can be, and its root is found by Brent's method. Where the upper and the lower end of the
difference's paired interval are zero, the interval of the root ends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from . import measures, parts
from .compare import Changed, other
from .intervals import Estimate
from .knobs import World, turned
from .replicate import replicate


@dataclass(frozen=True)
class BreakEven:
    """`at` is the value of the knob (its interval: as far as the runs can tell); NaN where the sign of the difference never
    changes between the ends. `above` says whether the change is better above it."""

    knob: str
    measure: str
    between: tuple[float, float]
    at: Estimate
    above: bool
    at_ends: tuple[Estimate, Estimate]

    def __str__(self) -> str:
        if np.isnan(self.at.value):
            low, high = self.between
            first, last = self.at_ends
            better = "better" if self.above else "worse"
            settled = (first.low > 0) == (last.low > 0) and (first.high < 0) == (last.high < 0)
            return (f"Between {self.knob} = {low:g} and {high:g} the change is {better} for the {self.measure} everywhere"
                    f"{'' if settled else ', as far as can be seen'}.")
        side = ">" if self.above else "<"
        return (f"The change is better for the {self.measure} while {self.knob} {side} {self.at.value:.3g} "
                f"({self.at.low:.3g} to {self.at.high:.3g}).")


def break_even(
    base: World, change: Changed | Callable[[World], World], knob: str, between: tuple[float, float], *,
    of: str = "lead time", runs: int = 4_000, seed: int = 0,
) -> BreakEven:
    """At which value of a knob, `between` two numbers, a change stops to pay: `break_even((pipeline, scenario),
    pipeline_with_retry, "Test/Unit.failure", (0, 0.5), of="cost")`. The change may be a function of a world, too.
    The knob is turned first
    where the change is said in words (`"Test.retry=FAILED_ACTIONS"`) or by a function. ValueError where a measure is
    missing."""
    better = measures.find(of, base[0]).better or 1

    @cache
    def gap(value: float) -> Estimate:
        here = turned(base, knob, value)
        there = (change(here) if callable(change) else other(here, change) if isinstance(change, str) else
                 turned(other(base, change), knob, value))
        first, second = (replicate(*world, runs, seed=seed, progress=False).parts(of) for world in (here, there))
        found = parts.difference(first, second)
        if not found.count:
            raise ValueError(f"At {knob} = {value:g} there is no {of}.")
        return found

    low, high = between
    ends = gap(low), gap(high)
    root = _root(lambda value: gap(value).value, low, high)
    above = (ends[1].value - (ends[0].value if root is not None else -ends[0].value)) * better > 0
    if root is None:
        return BreakEven(knob, of, between, Estimate(float("nan"), low, high, runs), above, ends)
    bounds = sorted(_bounds(lambda value: gap(value).low, lambda value: gap(value).high, ends, between))
    return BreakEven(knob, of, between, Estimate(root, min(bounds[0], root), max(bounds[1], root), runs), above, ends)


def _bounds(lower: Callable[[float], float], upper: Callable[[float], float], ends: tuple[Estimate, Estimate],
            between: tuple[float, float]) -> list[float]:
    """Where either end of the difference's interval is zero; one that never is does not bound the break-even."""
    rising = ends[1].value > ends[0].value
    first, last = (_root(side, *between) for side in ((upper, lower) if rising else (lower, upper)))
    return [between[0] if first is None else first, between[1] if last is None else last]


def _root(function: Callable[[float], float], low: float, high: float) -> float | None:
    """Where a function changes its sign between two ends; None where it does not (one that begins at zero does not)."""
    from scipy.optimize import brentq

    first, last = function(low), function(high)
    if first == 0 or last == 0 or (first > 0) == (last > 0):
        return None
    root: Any = brentq(function, low, high, xtol=(high - low) * 1e-3, rtol=1e-6)
    return float(root)
