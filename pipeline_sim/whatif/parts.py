"""What a measure is made of, run by run: a mean, a ratio of sums or a quantile; from it follow estimate and difference.

Runs are independent of each other, executions within a run are not. So every interval counts runs: the *influence* of a
run says by how much it moves the estimate, and the spread of the influences is the estimate's uncertainty (the delta
method). The difference of two worlds under the same luck has the difference of their influences, run by run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import intervals
from .intervals import CONFIDENCE, NOTHING, Estimate
from .sums import Floats, Sample

INFINITE = float("inf")


@dataclass(frozen=True, eq=False)
class Mean:
    """The mean of one value in each run; NaN where a run has none."""

    values: Floats


@dataclass(frozen=True, eq=False)
class Ratio:
    """The sum of `tops` over the sum of `bottoms`, a pair for each run. `share` says that tops are counted among bottoms."""

    tops: Floats
    bottoms: Floats
    share: bool = False


@dataclass(frozen=True, eq=False)
class Quantile:
    """The value that `share` of all values, of all runs together, do not exceed."""

    sample: Sample
    share: float
    runs: int


Parts = Mean | Ratio | Quantile


def estimate(parts: Parts, confidence: float = CONFIDENCE) -> Estimate:
    """The value with the interval that fits it: Student's t (Hall) for means of runs and ratios of sums; Clopper and Pearson
    for shares, order statistics for quantiles, both with as many trials as the runs are worth."""
    if isinstance(parts, Mean):
        return intervals.mean(parts.values[~np.isnan(parts.values)], confidence)
    if isinstance(parts, Quantile):
        sample = parts.sample
        return intervals.quantile_by_runs(sample.value, sample.run, parts.runs, parts.share, confidence, sample.ordered)
    if not parts.share:
        return intervals.ratio_of_sums(parts.tops, parts.bottoms, confidence)
    if parts.bottoms.max(initial=0) <= 1:
        return intervals.proportion(int(parts.tops.sum()), int(parts.bottoms.sum()), confidence)
    return intervals.share_by_runs(parts.tops, parts.bottoms, confidence)


def value(parts: Parts) -> float:
    """The estimate alone; NaN where there is nothing to measure."""
    if isinstance(parts, Mean):
        kept = parts.values[~np.isnan(parts.values)]
        return float(kept.mean()) if len(kept) else float("nan")
    if isinstance(parts, Ratio):
        whole = float(parts.bottoms.sum())
        return float(parts.tops.sum()) / whole if whole else float("nan")
    return parts.sample.quantile(parts.share)


def influence(parts: Parts) -> Floats:
    """By how much each run moves the estimate, with mean zero: its variance over the number of runs is the estimate's."""
    middle = value(parts)
    if isinstance(parts, Mean):
        there = ~np.isnan(parts.values)
        return np.where(there, parts.values - middle, 0.0) * (len(there) / max(1, int(there.sum())))
    if isinstance(parts, Ratio):
        found: Floats = (parts.tops - middle * parts.bottoms) / parts.bottoms.mean()
        return found
    return _influence_of_quantile(parts, middle)


def _influence_of_quantile(parts: Quantile, middle: float) -> Floats:
    """By Bahadur: the share below moves by what a run has below, and the quantile by that over the density there."""
    run, values = parts.sample.run, parts.sample.value
    each = np.bincount(run, minlength=parts.runs).astype(np.float64)
    below = np.bincount(run, weights=values <= middle, minlength=parts.runs)
    moved: Floats = (below - parts.share * each) / each.mean()
    reach = max(float(moved.std()) / np.sqrt(parts.runs), 0.5 / len(values), 0.005)
    low, high = max(0.0, parts.share - reach), min(1.0, parts.share + reach)
    found: Floats = -moved * (parts.sample.quantile(high) - parts.sample.quantile(low)) / (high - low)
    return found


def each_run(parts: Parts) -> Floats:
    """The measure in each run by itself; NaN where a run has none."""
    if isinstance(parts, Mean):
        return parts.values
    if isinstance(parts, Ratio):
        whole = parts.bottoms > 0
        return np.where(whole, parts.tops / np.where(whole, parts.bottoms, 1), np.nan)
    return _quantile_of_each(parts.sample, parts.share, parts.runs)


def _quantile_of_each(sample: Sample, share: float, runs: int) -> Floats:
    order = np.lexsort((sample.value, sample.run))
    count = np.bincount(sample.run, minlength=runs)
    first = np.cumsum(count) - count
    place = np.clip(np.ceil(share * count).astype(np.int64) - 1, 0, None)
    found = np.full(runs, np.nan)
    some = count > 0
    found[some] = sample.value[order][(first + place)[some]]
    return found


def difference(base: Parts, change: Parts, confidence: float = CONFIDENCE) -> Estimate:
    """Change minus base, both run by run under the same luck: the paired interval. Shares of which no run shows a
    difference may still differ in runs that nobody has done, and quantiles beyond what was seen by any amount."""
    gap = value(change) - value(base)
    if np.isnan(gap):
        return NOTHING
    moved = influence(change) - influence(base)
    alike = gap == 0 and not moved.any()
    if len(moved) < 2 or not (alike or (_bounded(base, confidence) and _bounded(change, confidence))):
        return Estimate(gap, -INFINITE, INFINITE, len(moved))
    if alike and isinstance(base, Ratio) and base.share:
        reach = intervals.proportion(0, intervals.effective_count(base.tops, base.bottoms), confidence).high
        return Estimate(gap, -reach, reach, len(moved))
    around = intervals.mean(moved, confidence)
    return Estimate(gap, gap + around.low - around.value, gap + around.high - around.value, len(moved))


def _bounded(parts: Parts, confidence: float) -> bool:
    """Whether enough was seen on both sides of a quantile."""
    if not isinstance(parts, Quantile):
        return True
    one = estimate(parts, confidence)
    return bool(np.isfinite(one.low) and np.isfinite(one.high))


def same(base: Parts, change: Parts) -> bool:
    """Whether no run of two worlds shows a difference of a measure."""
    return value(base) == value(change) and not (influence(change) - influence(base)).any()
