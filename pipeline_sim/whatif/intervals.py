"""How sure a number is: for each kind of measure the interval that fits it, with 95 % confidence unless said otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
Numbers = NDArray[np.float64] | NDArray[np.int64]


@dataclass(frozen=True)
class Estimate:
    """A number and the interval that it lies in; `count` is how many observations it rests on. NaN where there are
    none, and an endless side where the observations do not bound it."""

    value: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        return f"{self.value:.4g} ({self.low:.4g} to {self.high:.4g})"


NOTHING = Estimate(float("nan"), float("nan"), float("nan"), 0)


def proportion(hits: float, count: float, confidence: float = CONFIDENCE) -> Estimate:
    """A share of independent trials, by Clopper and Pearson's exact interval: however near to 0 or 1 the share is, no more
    samples miss it than is said. Numbers that are not whole are effective ones (`effective_count`)."""
    if not count:
        return NOTHING
    from scipy.special import betaincinv  # lighter than scipy.stats

    tail = (1 - confidence) / 2
    low = float(betaincinv(hits, count - hits + 1, tail)) if hits > 0 else 0.0
    high = float(betaincinv(hits + 1, count - hits, 1 - tail)) if hits < count else 1.0
    return Estimate(hits / count, low, high, int(count))


def mean(values: Numbers, confidence: float = CONFIDENCE) -> Estimate:
    """A mean of independent observations, by Student's t, and by Hall's (1992) correction of it for what is skewed: where
    few values are large the true mean is more often above what was seen. Each side is the longer of both: one large value
    alone shall not prove that the mean is not zero."""
    count = len(values)
    if not count:
        return NOTHING
    value = float(np.mean(values))
    if count == 1:
        return Estimate(value, float("-inf"), float("inf"), 1)
    spread, skew = float(np.std(values, ddof=1)), _skewness(values, value)
    reach = _student(count - 1, confidence) / sqrt(count)
    down, up = (max(reach, abs(_unskewed(way, skew, count))) for way in (reach, -reach))
    return Estimate(value, value - spread * down, value + spread * up, count)


def _student(freedom: int, confidence: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + confidence) / 2))


def _skewness(values: Numbers, value: float) -> float:
    away = values - value
    second = float(np.mean(away**2))
    return float(np.mean(away**3)) / second**1.5 if second > 0 else 0.0


def _unskewed(reach: float, skew: float, count: int) -> float:
    """Hall's transformation, backwards: by how many standard deviations the mean that was seen is off the true one."""
    if abs(skew) < 1e-6:
        return reach
    return float(np.cbrt(1 + skew * (reach - skew / (6 * count))) - 1) * 3 / skew


def ratio_of_sums(tops: Numbers, bottoms: Numbers, confidence: float = CONFIDENCE) -> Estimate:
    """A ratio whose trials come in runs (executions of one run share a queue): sum by sum over the runs, with the
    variation between runs (the ratio estimator's linearisation, and the interval of a mean)."""
    whole = float(np.sum(bottoms))
    if not whole:
        return NOTHING
    value, runs = float(np.sum(tops)) / whole, len(bottoms)
    rest = mean(np.asarray(tops - value * bottoms, np.float64), confidence)
    return Estimate(value, value + rest.low * runs / whole, value + rest.high * runs / whole, runs)


def effective_count(hits: Numbers, among: Numbers, confidence: float = CONFIDENCE) -> float:
    """How many independent trials would say as much of a share as these, which come in runs (Korn and Graubard, 1998): as
    many as vary like the runs do, less what a spread that is known from few runs costs. Where all agree no spread is
    seen: then a run that had any trial is one."""
    whole, value = float(np.sum(among)), float(np.sum(hits)) / float(np.sum(among))
    runs = len(among)
    if value in (0.0, 1.0):
        return float(np.count_nonzero(among))
    if runs == 1:
        return 1.0
    squares = float(np.sum((hits - value * among) ** 2)) * runs / (runs - 1)
    known = NormalDist().inv_cdf((1 + confidence) / 2) / _student(runs - 1, confidence)
    return value * (1 - value) * whole**2 / squares * known**2 if squares > 0 else whole


def share_by_runs(hits: Numbers, among: Numbers, confidence: float = CONFIDENCE) -> Estimate:
    """A share whose trials come in runs: the exact interval for as many trials as these are worth."""
    whole = float(np.sum(among))
    if not whole:
        return NOTHING
    count, value = effective_count(hits, among, confidence), float(np.sum(hits)) / whole
    found = proportion(value * count, count, confidence)
    return Estimate(value, found.low, found.high, len(among))


def quantile(values: Numbers, share: float, confidence: float = CONFIDENCE, ordered: Numbers | None = None) -> Estimate:
    """A quantile of independent observations, bounded by two of them: how many lie below it is binomial, whatever the
    distribution. `ordered` are the values in rising order, where they are known."""
    rising: Numbers = np.sort(values) if ordered is None else ordered  # type: ignore[assignment]
    return _bounded(rising, share, len(values), confidence)


def quantile_by_runs(
    values: Numbers, runs: NDArray[np.int32], count: int, share: float, confidence: float = CONFIDENCE,
    ordered: Numbers | None = None,
) -> Estimate:
    """A quantile of observations that come in runs, `runs` saying which: how many lie up to it varies from run to run
    (Woodruff), so that they are worth fewer independent ones, and these bound it."""
    if not len(values):
        return NOTHING
    rising: Numbers = np.sort(values) if ordered is None else ordered  # type: ignore[assignment]
    each = np.bincount(runs, minlength=count)
    if each.max() == 1:
        return _bounded(rising, share, len(values), confidence)
    inside = np.bincount(runs, weights=values <= at_share(rising, share), minlength=count)
    return _bounded(rising, share, max(1, int(effective_count(inside, each, confidence))), confidence)


def _bounded(rising: Numbers, share: float, count: int, confidence: float) -> Estimate:
    """The quantile with its interval, where all the values are worth `count` independent ones. Endless where too few of
    them lie beyond it."""
    if not len(rising):
        return NOTHING
    low, high = _ranks(count, share, confidence)
    return Estimate(at_share(rising, share), at_share(rising, low / count) if low else float("-inf"),
                    at_share(rising, high / count) if high <= count else float("inf"), len(rising))


def _ranks(count: int, share: float, confidence: float) -> tuple[int, int]:
    """Which two of `count` observations in rising order (from 1) bound a quantile: fewer than the first, or as many as the
    second and more, lie below it with half the doubt each. 0 and `count` + 1 are none."""
    from scipy.special import bdtr, bdtrik

    ranks = []
    for chance in ((1 - confidence) / 2, (1 + confidence) / 2):
        near = max(0, int(bdtrik(chance, count, share)) - 1) if bdtr(0, count, share) < chance else 0
        ranks.append(next(rank for rank in range(near, count + 1) if bdtr(rank, count, share) >= chance))
    return ranks[0], ranks[1] + 1


def at_share(rising: Numbers, share: float) -> float:
    """The smallest of the values in rising order that at least this share of them do not exceed; NaN where there is none."""
    if not len(rising):
        return float("nan")
    place = ceil(share * len(rising) - 1e-9) - 1
    return float(rising[min(len(rising) - 1, max(0, place))])
