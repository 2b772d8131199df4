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


def proportion(hits: int, count: int, confidence: float = CONFIDENCE) -> Estimate:
    """A share of independent trials, by Wilson's score interval, which holds near 0 and 1 too."""
    if not count:
        return NOTHING
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, weight = hits / count, z * z / count
    middle = (share + weight / 2) / (1 + weight)
    reach = z * sqrt(share * (1 - share) / count + weight / (4 * count)) / (1 + weight)
    low = 0.0 if hits == 0 else middle - reach
    return Estimate(share, low, 1.0 if hits == count else middle + reach, count)


def mean(values: Numbers, confidence: float = CONFIDENCE) -> Estimate:
    """A mean of independent observations, by Student's t."""
    count = len(values)
    if not count:
        return NOTHING
    value = float(np.mean(values))
    if count == 1:
        return Estimate(value, float("-inf"), float("inf"), 1)
    from scipy.special import stdtrit  # lighter than scipy.stats

    reach = float(stdtrit(count - 1, (1 + confidence) / 2)) * float(np.std(values, ddof=1)) / sqrt(count)
    return Estimate(value, value - reach, value + reach, count)


def ratio_of_sums(tops: Numbers, bottoms: Numbers, confidence: float = CONFIDENCE) -> Estimate:
    """A share whose trials come in runs (executions of one run share a queue): sum by sum over the runs, with the
    variation between runs (the ratio estimator's linearisation, Student's t)."""
    whole = float(np.sum(bottoms))
    if not whole:
        return NOTHING
    value = float(np.sum(tops)) / whole
    rest = mean(np.asarray(tops - value * bottoms, np.float64), confidence)
    reach = rest.high * len(bottoms) / whole if len(bottoms) > 1 else float("inf")
    return Estimate(value, value - reach, value + reach, len(bottoms))


def quantile(values: Numbers, share: float, confidence: float = CONFIDENCE, ordered: Numbers | None = None) -> Estimate:
    """A quantile of independent observations, bounded by two of them: how many lie below it is binomial, whatever the
    distribution. `ordered` are the values in rising order, where they are known."""
    count = len(values)
    if not count:
        return NOTHING
    from scipy.special import bdtr

    rising: Numbers = np.sort(values) if ordered is None else ordered  # type: ignore[assignment]
    below = bdtr(np.arange(count), count, share)  # the chance that at most so many lie below
    rank = int(np.searchsorted(below, (1 - confidence) / 2, "right"))
    high = int(np.searchsorted(below, (1 + confidence) / 2, "left")) + 1
    value = float(rising[min(count - 1, int(share * count))])
    return Estimate(value, float(rising[rank - 1]) if rank else float("-inf"),
                    float(rising[high - 1]) if high <= count else float("inf"), count)


def quantile_by_runs(
    values: Numbers, runs: NDArray[np.int32], count: int, share: float, confidence: float = CONFIDENCE,
    ordered: Numbers | None = None,
) -> Estimate:
    """A quantile of observations that come in runs, `runs` saying which: Woodruff's interval. The share of observations
    up to the quantile varies from run to run; the quantiles at both ends of that share's interval bound it."""
    if not len(values):
        return NOTHING
    rising: Numbers = np.sort(values) if ordered is None else ordered  # type: ignore[assignment]
    each = np.bincount(runs, minlength=count)
    if each.max() == 1:
        return quantile(values, share, confidence, rising)
    value = _at(rising, share)
    inside = np.bincount(runs, weights=values <= value, minlength=count)
    around = ratio_of_sums(inside, each, confidence)
    reach = around.high - around.value
    return Estimate(value, _at(rising, max(0.0, share - reach)), _at(rising, min(1.0, share + reach)), count)


def _at(rising: Numbers, share: float) -> float:
    """The smallest value that at least this share of the values do not exceed."""
    place = ceil(share * len(rising) - 1e-9) - 1
    return float(rising[min(len(rising) - 1, max(0, place))])


def share_by_runs(hits: Numbers, among: Numbers, confidence: float = CONFIDENCE) -> Estimate:
    """A share whose trials come in runs: the ratio estimator's interval, kept between 0 and 1. Where all trials agree
    the runs show no variation, and Wilson's interval over the runs that had any trial bounds it instead."""
    value, whole = float(np.sum(hits)), float(np.sum(among))
    if not whole:
        return NOTHING
    if value in (0.0, whole):
        trials = int(np.count_nonzero(among))
        return proportion(trials if value else 0, trials, confidence)
    found = ratio_of_sums(hits, among, confidence)
    return Estimate(found.value, max(0.0, found.low), min(1.0, found.high), found.count)
