"""Flaky or broken: what failures and retries on the same revision say of an action.

The model is the scenario's: a revision is broken here with probability `defect`, then every attempt on it fails; on any
other each attempt fails with probability `failure`. A revision on which an attempt failed and a later one passed was not
broken. One on which every attempt failed may have been either, and the likelihood weighs them: so no attempt is judged by
itself, and without retries the two cannot be told apart.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from .durations import CONFIDENCE

Interval = tuple[float, float]
Groups = Mapping[tuple[int, int], int]
"""How many revisions had so many failed and so many passed attempts."""
NEARLY_ONE = 1 - 1e-9


@dataclass(frozen=True)
class OutcomeFit:
    """Of how many attempts on how many revisions so many failed. `told_apart` is False where no failed attempt was
    tried again on its revision: then all failures count as flaky."""

    attempts: int
    failed: int
    revisions: int
    retried: int
    failure: float
    failure_interval: Interval
    defect: float
    defect_interval: Interval
    told_apart: bool


def fit_outcomes(outcomes: Iterable[tuple[str, bool]]) -> OutcomeFit:
    """From pairs of a revision and whether an attempt on it failed. Most likely values; intervals by the profile of the
    likelihood, or Clopper and Pearson's where the two cannot be told apart."""
    by_revision: dict[str, list[bool]] = {}
    for revision, failed in outcomes:
        by_revision.setdefault(revision, []).append(bool(failed))
    groups = Counter((sum(one), len(one) - sum(one)) for one in by_revision.values())
    attempts = sum(len(one) for one in by_revision.values())
    failures = sum(map(sum, by_revision.values()))
    retried = sum(True in one[:-1] for one in by_revision.values())
    if not retried:
        interval = share_interval(failures, attempts)
        return OutcomeFit(attempts, failures, len(by_revision), 0, failures / attempts if attempts else 0.0, interval,
                          0.0, (0.0, interval[1]), False)
    failure, defect = _most_likely(groups)
    return OutcomeFit(attempts, failures, len(by_revision), retried, failure, _interval(groups, failure, defect, 0),
                      defect, _interval(groups, failure, defect, 1), True)


def share_interval(hits: int, of: int) -> Interval:
    """The interval of a probability from so many hits (Clopper and Pearson: never too narrow)."""
    if not of:
        return 0.0, 1.0
    from scipy.stats import binomtest

    found = binomtest(hits, of).proportion_ci(CONFIDENCE)
    return float(found.low), float(found.high)


# ---------------------------------------------------------------------------------------------- the likelihood


def _log_likelihood(groups: Groups, failure: float, defect: float) -> float:
    return math.fsum(count * math.log(max(_likelihood(failed, passed, failure, defect), 1e-300))
                     for (failed, passed), count in groups.items())


def _likelihood(failed: int, passed: int, failure: float, defect: float) -> float:
    chance: float = (1 - defect) * failure ** failed * (1 - failure) ** passed
    return chance + (0 if passed else defect)


def _best(of: Callable[[float], float]) -> tuple[float, float]:
    """The number from 0 to 1 at which a smooth function is highest, and its height; the ends are looked at, too."""
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(lambda x: -of(x), bounds=(0.0, NEARLY_ONE), method="bounded", options={"xatol": 1e-7})
    return max(((float(x), of(float(x))) for x in (found.x, 0.0)), key=lambda one: one[1])


def _most_likely(groups: Groups) -> tuple[float, float]:
    failure, _ = _best(lambda f: _best(lambda d: _log_likelihood(groups, f, d))[1])
    return failure, _best(lambda d: _log_likelihood(groups, failure, d))[0]


def _interval(groups: Groups, failure: float, defect: float, which: int) -> Interval:
    """Where the likelihood, with the other number at its best, is not less than chance allows."""
    from scipy.optimize import brentq
    from scipy.stats import chi2

    top = _log_likelihood(groups, failure, defect)
    allowed = chi2.ppf(CONFIDENCE, 1) / 2
    profile: Sequence[Callable[[float], float]] = (
        lambda f: _best(lambda d: _log_likelihood(groups, f, d))[1],
        lambda d: _best(lambda f: _log_likelihood(groups, f, d))[1])

    def room(x: float) -> float:
        return profile[which](x) - top + float(allowed)

    value = (failure, defect)[which]
    low = brentq(room, 0.0, value, xtol=1e-6) if value > 0 and room(0.0) < 0 else 0.0
    high = brentq(room, value, NEARLY_ONE, xtol=1e-6) if room(NEARLY_ONE) < 0 else 1.0
    return float(low), float(high)
