"""How many runs are enough: a precision is asked for, and runs are added until the interval is as narrow.

Runs are added in few, large steps (each aims a tenth beyond what the last interval asks for), because looking often and
stopping at a lucky moment would make the interval too narrow.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from ..scenario import duration
from .intervals import Estimate
from .measures import SECONDS, SHARE

PILOT, MOST = 500, 1_000_000
BEYOND, AT_MOST = 1.1, 20
"""A step aims so far beyond what is needed, and multiplies the runs by no more than that: pilots may mislead."""
_SHAPE = re.compile(r"(?:±|\+-|\+/-)?\s*(\d+(?:\.\d+)?)\s*(%|[a-z]*)", re.IGNORECASE)


@dataclass(frozen=True)
class Precision:
    """The half-width that an interval may have: a share of the value (`relative`), or in the measure's own unit."""

    reach: float
    relative: bool

    @staticmethod
    def parse(text: str | float, unit: str) -> Precision:
        """`±1%` of a share is one percentage point, of anything else one hundredth of the value; `±30s` is half a minute,
        `±0.5` half of the unit. ValueError."""
        found = _SHAPE.fullmatch(str(text).strip())
        if not found or not float(found[1]):
            raise ValueError(f"{text!r} is no precision: write ±1%, ±30s (of times), or ±0.5.")
        number, sign = float(found[1]), found[2].lower()
        if sign == "%":
            return Precision(number / 100, unit != SHARE)
        if sign and unit != SECONDS:
            raise ValueError(f"{text!r} is a time, and the measure is none: write ±1% or ±0.5.")
        return Precision(float(duration(f"{number}{sign}")) if sign else number, False)

    def wanted(self, one: Estimate) -> float:
        """The half-width that this estimate may have."""
        return self.reach * abs(one.value) if self.relative else self.reach

    def reached(self, one: Estimate) -> bool:
        return bool(one.count) and half(one) <= self.wanted(one)

    def runs(self, one: Estimate, runs: int) -> int:
        """How many runs there should be in all, from what this many came to."""
        wanted, reach = self.wanted(one), half(one)
        if not one.count or not wanted or not math.isfinite(reach):
            return runs * AT_MOST
        return min(runs * AT_MOST, max(runs + 1, math.ceil(runs * (reach / wanted) ** 2 * BEYOND)))


def half(one: Estimate) -> float:
    """The longer side of an interval."""
    return max(one.high - one.value, one.value - one.low)
