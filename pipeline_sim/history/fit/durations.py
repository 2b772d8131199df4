"""How long things took: quantiles of what was observed, where some of it had not ended yet (Kaplan and Meier).

An attempt that was abandoned, timed out or still ran when the history was saved took *at least* so long. Leaving it out
would make durations look shorter than they are; counting it as ended, too. The estimator of Kaplan and Meier uses what
each of them says.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...scenario import Quantiles
from ...scenario.quantiles import SIZE

FEW, SOME, MANY, PLENTY = 5, 20, 60, 400
"""From how many ended observations on two, three, six and seven quantiles are told."""
CONFIDENCE = 0.95
STEPS = 1000
"""In how many quantiles a distribution is compared with the data."""


class Observed(NamedTuple):
    """One duration in seconds; `ended` is False where it lasted at least so long."""

    seconds: float
    ended: bool = True


class Point(NamedTuple):
    """A quantile of the observations with its confidence interval; None where the data do not reach so far."""

    share: float
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class DurationFit:
    """What durations came to. `distribution` is None where there is not a single one that ended. `distance` is the
    largest difference between the share of the observations below a duration and that of the distribution."""

    ended: int
    censored: int
    points: tuple[Point, ...]
    distribution: Quantiles | None
    distance: float
    curve: tuple[tuple[float, ...], tuple[float, ...]]

    @property
    def small(self) -> bool:
        """Whether these are too few to rest a decision on."""
        return self.ended < SOME

    @property
    def median(self) -> Point | None:
        return next((point for point in self.points if point.share == 0.5), None)


def fit_durations(observed: Sequence[Observed]) -> DurationFit:
    """The distribution of these durations, by its quantiles."""
    ended = sum(one.ended for one in observed)
    if not ended:
        return DurationFit(0, len(observed), (), None, 0.0, ((), ()))
    cdf, low, high = _estimated(observed)
    points = tuple(point for share in _shares(ended) if (point := _point(share, cdf, low, high)) is not None)
    points = points or (Point(0.5, float(cdf.quantiles[-1]), None, None),)
    distribution = distribution_of(points)
    curve = tuple(map(float, cdf.quantiles)), tuple(map(float, cdf.probabilities))
    return DurationFit(ended, len(observed) - ended, points, distribution, _distance(curve, distribution), curve)


def _estimated(observed: Sequence[Observed]) -> tuple[Any, Any, Any]:
    """The estimated distribution function, and its bounds: of the survival function, so that low survives less."""
    import warnings

    from scipy.stats import CensoredData, ecdf

    data = CensoredData(uncensored=[one.seconds for one in observed if one.ended],
                        right=[one.seconds for one in observed if not one.ended])
    found = ecdf(data)
    with warnings.catch_warnings():  # where all have ended, the variance at the last one is not defined
        warnings.simplefilter("ignore")
        bounds = found.sf.confidence_interval(confidence_level=CONFIDENCE, method="log-log")
    return found.cdf, bounds.low, bounds.high


def _shares(ended: int) -> tuple[float, ...]:
    if ended < FEW:
        return (0.5,)
    if ended < SOME:
        return (0.5, 0.9)
    if ended < MANY:
        return (0.1, 0.5, 0.9)
    return (0.1, 0.25, 0.5, 0.75, 0.9, 0.95, *((0.99,) if ended >= PLENTY else ()))


def _point(share: float, cdf: Any, low: Any, high: Any) -> Point | None:
    """The quantile, and by the same step through the bounds its interval (Brookmeyer and Crowley)."""
    value = _first(cdf.quantiles, cdf.probabilities, share)
    if value is None:
        return None
    return Point(share, value, _first(low.quantiles, 1 - low.probabilities, share),
                 _first(high.quantiles, 1 - high.probabilities, share))


def _first(quantiles: Any, shares: Any, share: float) -> float | None:
    """The first duration by which so many have ended."""
    reached = [float(value) for value, up_to in zip(quantiles, shares, strict=True)
               if not math.isnan(up_to) and up_to >= share - 1e-12]
    return reached[0] if reached else None


def distribution_of(points: Sequence[Point]) -> Quantiles:
    """The distribution through these quantiles, as a scenario writes it: in whole seconds."""
    values = {f"p{point.share * 100:g}": round(point.value) for point in points}
    if len(set(values.values())) == 1 or len(values) == 1:
        return Quantiles.parse(next(iter(values.values())))
    if len(values) == 2 and min(values.values()) <= 0:
        return Quantiles.parse(max(values.values()))
    return Quantiles.parse(values)


def _distance(curve: tuple[tuple[float, ...], ...], distribution: Quantiles) -> float:
    from bisect import bisect_right

    model = [distribution.at(int((step + 0.5) * SIZE / STEPS)) for step in range(STEPS)]
    return max((abs(share - bisect_right(model, round(value)) / STEPS)
                for value, share in zip(*curve, strict=True)), default=0.0)
