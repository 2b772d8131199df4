"""How long things take: distributions as people know them, by quantiles, in whole seconds.

A distribution is a table of 65,536 quantiles: the i-th stands for the share (i + ½) / 65,536. A draw is one look-up with
16 bits of chance; the scalar `at` computes its one entry, `table` all of them, and the two agree to the second.
"""

from __future__ import annotations

import math
import re
from array import array
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from statistics import NormalDist
from typing import Any

from .durations import LONGEST, duration_text, duration_word, seconds

SIZE = 65536
KINDS = ("constant", "lognormal", "quantiles", "exponential", "uniform", "sample")
SAYS = ("3m, {p50: 3m, p95: 9m}, {mean: 3m, sd: 1m}, {exponential: 1h}, {uniform: [1m, 5m]} or "
        "{sample: [61, 70, 95]}")
SHORTEST = 0.5
"""A logarithm needs more than nothing: shorter quantiles count as half a second, which is rounded to none."""
_SHARE = re.compile(r"p\d{1,2}(\.\d+)?")
_INVERSE = NormalDist().inv_cdf
_Z95 = _INVERSE(0.95)


@dataclass(frozen=True)
class Quantiles:
    """A distribution of durations. `kind` says how `points` are meant: a constant; mean and deviation of the logarithm
    (lognormal); shares, then as many seconds (quantiles); a mean (exponential); two bounds (uniform); a sample."""

    kind: str
    points: tuple[float, ...]

    @staticmethod
    def parse(given: Any) -> Quantiles:
        """From `3m`, `{p50: 3m, p95: 9m}`, `{p10: …, p50: …, p99: …}`, `{mean: 3m, sd: 1m}`, `{exponential: 1h}`,
        `{uniform: [1m, 5m]}`, `{sample: [61, 70, 95]}`. Raises ValueError."""
        if isinstance(given, Quantiles):
            return given
        if isinstance(given, Mapping):
            return _within_bounds(_from_mapping(given))
        return Quantiles("constant", (seconds(given),))

    def at(self, bits: int) -> int:
        """The duration, in whole seconds, that 16 bits of chance choose."""
        points = self.points
        if self.kind == "constant":
            return round(points[0])
        if self.kind == "lognormal":
            return round(math.exp(points[0] + points[1] * _INVERSE((bits + 0.5) / SIZE)))
        return _AT[self.kind](points, (bits + 0.5) / SIZE)

    def table(self) -> array[int]:
        """All 65,536 quantiles, whole seconds in rising order; made once for equal distributions. Not to be changed."""
        return _table(self)

    def mean(self) -> float:
        """The mean of what `at` gives, in seconds."""
        return sum(self.table()) / SIZE

    def quantile(self, share: float) -> int:
        """The duration that `share` of all draws do not exceed."""
        return self.at(min(SIZE - 1, int(share * SIZE)))

    def scaled(self, factor: float) -> Quantiles:
        """The same shape, every duration times `factor`. ValueError for a factor that is not above zero."""
        if not 0 < factor < math.inf:
            raise ValueError(f"A duration can be scaled by a number above zero, not by {factor!r}.")
        if self.kind == "lognormal":
            return Quantiles(self.kind, (self.points[0] + math.log(factor), self.points[1]))
        half = len(self.points) // 2 if self.kind == "quantiles" else 0
        return Quantiles(self.kind, (*self.points[:half], *(point * factor for point in self.points[half:])))

    def as_plain(self) -> Any:
        """What `parse` reads back as an equal distribution: quantiles in short words where these are exact."""
        told = _told(self)
        return told if self.kind != "lognormal" or Quantiles.parse(told) == self else {self.kind: list(self.points)}

    def describe(self) -> str:
        """In words: `3m (median; 5 % over 9m)`."""
        if self.kind == "constant":
            return duration_text(round(self.points[0]))
        return f"{duration_text(self.quantile(0.5))} (median; 5 % over {duration_text(self.quantile(0.95))})"


def _told(one: Quantiles) -> Any:
    """The short way to write a distribution; that of a lognormal is seldom exact."""
    points = one.points
    if one.kind == "constant":
        return duration_word(points[0])
    if one.kind == "lognormal":
        return {"p50": duration_word(round(math.exp(points[0]))),
                "p95": duration_word(round(math.exp(points[0] + _Z95 * points[1])))}
    if one.kind == "quantiles":
        half = len(points) // 2
        pairs = zip(points[:half], points[half:], strict=True)
        return {f"p{round(share * 100, 10):.12g}": duration_word(value) for share, value in pairs}
    words = [duration_word(point) for point in points]
    return {one.kind: words[0] if one.kind == "exponential" else words}


# ---------------------------------------------------------------------------------------------- tables


@lru_cache(maxsize=512)
def _table(quantiles: Quantiles) -> array[int]:
    points = quantiles.points
    if quantiles.kind == "constant":
        return array("q", [quantiles.at(0)]) * SIZE
    if quantiles.kind == "lognormal":
        exp, (mean, deviation) = math.exp, points
        return array("q", [round(exp(mean + deviation * z)) for z in _normal()])
    if quantiles.kind == "sample":
        values, count = [round(point) for point in points], len(points)
        return array("q", [values[int((bits + 0.5) / SIZE * count)] for bits in range(SIZE)])
    return array("q", map(quantiles.at, range(SIZE)))


@cache
def _normal() -> array[float]:
    """The quantiles of the normal distribution, which all lognormal tables share: a slider asks for many of these."""
    return array("d", (_INVERSE((bits + 0.5) / SIZE) for bits in range(SIZE)))


# ---------------------------------------------------------------------------------------------- what was written


def _from_mapping(given: Mapping[Any, Any]) -> Quantiles:
    keys = {str(key) for key in given}
    if keys == {"mean", "sd"}:
        return _from_moments(seconds(given["mean"]), seconds(given["sd"]))
    if len(keys) == 1 and (make := _MAKE.get(next(iter(keys)))):
        return make(next(iter(given.values())))
    if keys and all(map(_SHARE.fullmatch, keys)):
        return _from_quantiles({float(str(key)[1:]) / 100: seconds(value) for key, value in given.items()})
    raise ValueError(f"{dict(given)!r} is no distribution: write {SAYS}.")


def _within_bounds(made: Quantiles) -> Quantiles:
    """Two quantiles that lie too far apart for their shares would give durations of many centuries."""
    try:
        longest = made.at(SIZE - 1)
    except OverflowError:
        longest = LONGEST + 1
    if longest > LONGEST:
        raise ValueError("The longest of these durations are longer than 300 years: the quantiles lie too far apart.")
    return made


def _exponential(given: Any) -> Quantiles:
    mean = seconds(given)
    if mean <= 0:
        raise ValueError("The mean of an exponential distribution is above zero.")
    return Quantiles("exponential", (mean,))


def _uniform(given: Any) -> Quantiles:
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise ValueError("uniform takes two durations: {uniform: [1m, 5m]}.")
    low, high = map(seconds, given)
    if low > high:
        raise ValueError(f"uniform: {given[0]} is longer than {given[1]}.")
    return Quantiles("uniform", (low, high))


def _sample(given: Any) -> Quantiles:
    if not isinstance(given, list | tuple) or not given:
        raise ValueError("sample takes a list of durations: {sample: [61, 70, 95]}.")
    return Quantiles("sample", tuple(sorted(map(seconds, given))))


def _lognormal(given: Any) -> Quantiles:
    """Mean and deviation of the logarithm of the seconds: the exact form, which `as_plain` writes where it must."""
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise ValueError("lognormal takes mean and deviation of the logarithm of the seconds: {lognormal: [5.2, 0.7]}.")
    mean, deviation = map(float, given)
    if not deviation >= 0:
        raise ValueError(f"lognormal: a deviation of {deviation} is below zero.")
    return Quantiles("lognormal", (mean, deviation))


_MAKE = {"exponential": _exponential, "uniform": _uniform, "sample": _sample, "lognormal": _lognormal}


def _from_moments(mean: float, deviation: float) -> Quantiles:
    if mean <= 0:
        raise ValueError("The mean of a duration that varies is above zero.")
    variance = math.log1p((deviation / mean) ** 2)
    return Quantiles("lognormal", (math.log(mean) - variance / 2, math.sqrt(variance)))


def _from_quantiles(shares: dict[float, float]) -> Quantiles:
    """One quantile is a constant, two make a lognormal, three and more are joined in the logarithm."""
    points = sorted(shares.items())
    values = [value for _, value in points]
    if values != sorted(values):
        raise ValueError("The quantiles must rise: a higher share of runs cannot take less time.")
    if not 0 < points[0][0] <= points[-1][0] < 1:
        raise ValueError("Quantiles lie between p0 and p100, both excluded.")
    if len(points) == 1 or values[0] == values[-1]:
        return Quantiles("constant", (values[0],))
    if len(points) == 2 and values[0] > 0:
        (low, short), (high, long) = points
        deviation = math.log(long / short) / (_INVERSE(high) - _INVERSE(low))
        return Quantiles("lognormal", (math.log(short) - deviation * _INVERSE(low), deviation))
    return Quantiles("quantiles", (*(share for share, _ in points), *values))


# ---------------------------------------------------------------------------------------------- one draw


def _at_exponential(points: tuple[float, ...], share: float) -> int:
    return round(-points[0] * math.log1p(-share))


def _at_uniform(points: tuple[float, ...], share: float) -> int:
    return round(points[0] + (points[1] - points[0]) * share)


def _at_sample(points: tuple[float, ...], share: float) -> int:
    return round(points[int(share * len(points))])


def _at_quantiles(points: tuple[float, ...], share: float) -> int:
    """Between two known quantiles: a straight line on normal-probability paper with a logarithmic scale; outside, the
    nearest of these lines goes on."""
    shares, begins, slopes = _lines(points)
    line = bisect_right(shares, share)
    return round(math.exp(begins[line] + slopes[line] * _INVERSE(share)))


@lru_cache(maxsize=1024)
def _lines(points: tuple[float, ...]) -> tuple[tuple[float, ...], list[float], list[float]]:
    """Where one line ends and the next begins, and the lines themselves: value at the median, slope."""
    half = len(points) // 2
    z = [_INVERSE(share) for share in points[:half]]
    logs = [math.log(max(value, SHORTEST)) for value in points[half:]]
    slopes = [(logs[n + 1] - logs[n]) / (z[n + 1] - z[n]) for n in range(half - 1)]
    return points[1:half - 1], [logs[n] - slope * z[n] for n, slope in enumerate(slopes)], slopes


_AT = {"exponential": _at_exponential, "uniform": _at_uniform, "sample": _at_sample, "quantiles": _at_quantiles}
