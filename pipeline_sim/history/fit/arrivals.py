"""When pushes come: how many in which hour of which days, as streams that a scenario can say.

Monday to Friday and the weekend are looked at by themselves. Hours that follow each other go together where the data
cannot tell them apart: the cut of the day is the one with the best balance of likelihood and number of parts (BIC).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from .durations import CONFIDENCE
from .hours import zone_of

HOURS = 24
DAY_TYPES = (("Mon-Fri", (0, 1, 2, 3, 4)), ("Sat-Sun", (5, 6)))


class Block(NamedTuple):
    """Hours of some days with one rate: so many arrivals in so many seconds of these hours."""

    days: str
    begins: int
    ends: int
    arrived: int
    seconds: float

    @property
    def every(self) -> float:
        """Mean seconds of these hours between two arrivals."""
        return self.seconds / self.arrived if self.arrived else math.inf

    @property
    def interval(self) -> tuple[float, float]:
        """The confidence interval of `every` (exact, of a Poisson count)."""
        from scipy.stats import chi2

        tail = (1 - CONFIDENCE) / 2
        most = chi2.ppf(1 - tail, 2 * self.arrived + 2) / 2
        least = chi2.ppf(tail, 2 * self.arrived) / 2 if self.arrived else 0.0
        return self.seconds / most, self.seconds / least if least else math.inf


@dataclass(frozen=True)
class ArrivalFit:
    """`counts` are arrivals by weekday (0 is Monday) and hour in `zone`; `blocks` the hours that go together, those in
    which nothing came among them."""

    count: int
    zone: str
    counts: tuple[tuple[int, ...], ...]
    exposure: tuple[tuple[float, ...], ...]
    blocks: tuple[Block, ...]

    @property
    def streams(self) -> tuple[Block, ...]:
        return tuple(block for block in self.blocks if block.arrived)


def fit_arrivals(moments: Sequence[datetime], begins: datetime, ends: datetime, zone: str = "UTC") -> ArrivalFit:
    """The rates of arrivals between two moments. The first arrival opens the window where it is its beginning, and is no
    arrival in it."""
    counted = [moment for moment in moments if moment > begins]
    where = zone_of(zone)
    counts = [[0] * HOURS for _ in range(7)]
    for moment in counted:
        local = moment.astimezone(where)
        counts[local.weekday()][local.hour] += 1
    exposure = _exposure(begins, ends, zone)
    blocks = [block for name, days in DAY_TYPES for block in _blocks(name, days, counts, exposure)]
    return ArrivalFit(len(counted), zone, tuple(map(tuple, counts)), tuple(map(tuple, exposure)), tuple(blocks))


def _exposure(begins: datetime, ends: datetime, zone: str) -> list[list[float]]:
    """How many seconds of each hour of the week lie in the window."""
    where = zone_of(zone)
    found = [[0.0] * HOURS for _ in range(7)]
    at = begins
    while at < ends:
        local = at.astimezone(where)
        rest = 3600 - (local.minute * 60 + local.second + local.microsecond / 1e6)
        following = min(at + timedelta(seconds=rest), ends)
        found[local.weekday()][local.hour] += (following - at).total_seconds()
        at = following
    return found


# ---------------------------------------------------------------------------------------------- cutting the day


def _blocks(name: str, days: Sequence[int], counts: list[list[int]], exposure: list[list[float]]) -> list[Block]:
    count = [sum(counts[day][hour] for day in days) for hour in range(HOURS)]
    seconds = [sum(exposure[day][hour] for day in days) for hour in range(HOURS)]
    if not sum(seconds):
        return []
    cuts = _best_cuts(count, seconds)
    return [Block(name, begin, end, sum(count[begin:end]), sum(seconds[begin:end]))
            for begin, end in zip(cuts, cuts[1:], strict=False) if sum(seconds[begin:end])]


def _best_cuts(count: Sequence[int], seconds: Sequence[float]) -> list[int]:
    """Where one part of the day ends and the next begins: shortest description, by dynamic programming."""
    penalty = math.log(max(sum(count), 2))
    best: list[tuple[float, list[int]]] = [(0.0, [0])]
    for end in range(1, HOURS + 1):
        best.append(min((best[begin][0] + penalty - _fit(sum(count[begin:end]), sum(seconds[begin:end])),
                         [*best[begin][1], end]) for begin in range(end)))
    return best[HOURS][1]


def _fit(count: int, seconds: float) -> float:
    """The greatest log-likelihood of one rate, up to a constant."""
    return count * math.log(count / seconds) - count if count and seconds else 0.0
