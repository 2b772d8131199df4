"""How long things take: distributions as people know them, by quantiles, in whole seconds.

A distribution is a table of 65,536 quantiles: the i-th stands for the share (i + ½) / 65,536. A draw is one look-up with
16 bits of chance; the scalar `at` computes its one entry, `table` all of them.
"""

from __future__ import annotations

import math
import re
from array import array
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Any

SIZE = 65536
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|m|min|h|d|w)\s*")
_INVERSE = NormalDist().inv_cdf
KINDS = ("constant", "lognormal", "quantiles", "exponential", "uniform", "sample")


def duration(text: int | float | str) -> int:
    """Whole seconds from `90`, `"90s"`, `"3m"`, `"1h30m"`, `"2d"`. Raises ValueError that says what is understood."""
    if isinstance(text, bool) or not isinstance(text, int | float | str):
        raise ValueError(f"{text!r} is no duration: write 90s, 3m, 1h30m or 2d.")
    if isinstance(text, str) and not re.fullmatch(r"\s*\d+(\.\d+)?\s*", text):
        return _spelled(text)
    seconds = float(text)
    if not 0 <= seconds < 1e12:
        raise ValueError(f"{text!r} is no duration: it must be zero or more seconds.")
    return round(seconds)


def _spelled(text: str) -> int:
    found = _PART.findall(text.strip().lower())
    if not found or _PART.sub("", text.strip().lower()):
        raise ValueError(f"{text!r} is no duration: write 90s, 3m, 1h30m or 2d.")
    return round(sum(float(number) * UNITS[unit[0]] for number, unit in found))


def duration_text(seconds: int) -> str:
    """`3m 20s` for 200: the two largest units that matter."""
    if seconds < 0:
        return "-" + duration_text(-seconds)
    parts = []
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2]) or "0s"


@dataclass(frozen=True)
class Quantiles:
    """A distribution of durations. `kind` says how `points` are meant: a constant; mean and deviation of the logarithm
    (lognormal); (share, seconds) pairs; a mean (exponential); two bounds (uniform); a sample."""

    kind: str
    points: tuple[float, ...]

    @staticmethod
    def parse(given: Any) -> Quantiles:
        """From `3m`, `{p50: 3m, p95: 9m}`, `{p10: …, p50: …, p99: …}`, `{mean: 3m, sd: 1m}`, `{exponential: 1h}`,
        `{uniform: [1m, 5m]}`, `{sample: [61, 70, 95]}`. Raises ValueError."""
        if isinstance(given, Quantiles):
            return given
        if not isinstance(given, Mapping):
            return Quantiles("constant", (float(duration(given)),))
        keys = set(given)
        for name, make in (("exponential", _exponential), ("uniform", _uniform), ("sample", _sample)):
            if keys == {name}:
                return make(given[name])
        if keys == {"mean", "sd"}:
            return _from_moments(duration(given["mean"]), duration(given["sd"]))
        if keys and all(re.fullmatch(r"p\d{1,2}(\.\d+)?", str(key)) for key in keys):
            return _from_quantiles({float(str(key)[1:]) / 100: duration(value) for key, value in given.items()})
        raise ValueError(f"{dict(given)!r} is no distribution: write 3m, {{p50: 3m, p95: 9m}}, {{mean: 3m, sd: 1m}}, "
                         "{exponential: 1h}, {uniform: [1m, 5m]} or {sample: [61, 70, 95]}.")

    def at(self, bits: int) -> int:
        """The duration, in whole seconds, that 16 bits of chance choose."""
        points = self.points
        if self.kind == "constant":
            return round(points[0])
        if self.kind == "lognormal":
            return round(math.exp(points[0] + points[1] * _INVERSE((bits + 0.5) / SIZE)))
        return _AT[self.kind](points, (bits + 0.5) / SIZE)

    def table(self) -> array[int]:
        """All 65,536 quantiles, whole seconds in rising order; made once for equal distributions."""
        return _table(self)

    def mean(self) -> float:
        """The mean of what `at` gives, in seconds."""
        return sum(self.table()) / SIZE

    def quantile(self, share: float) -> int:
        """The duration that `share` of all draws do not exceed."""
        return self.at(min(SIZE - 1, int(share * SIZE)))

    def scaled(self, factor: float) -> Quantiles:
        """The same shape, every duration times `factor`."""
        if self.kind == "lognormal":
            return Quantiles(self.kind, (self.points[0] + math.log(factor), self.points[1]))
        if self.kind == "quantiles":
            half = len(self.points) // 2
            return Quantiles(self.kind, (*self.points[:half], *(point * factor for point in self.points[half:])))
        return Quantiles(self.kind, tuple(point * factor for point in self.points))

    def as_plain(self) -> Any:
        """What `parse` reads back."""
        if self.kind == "constant":
            return duration_text(round(self.points[0])).replace(" ", "")
        if self.kind == "lognormal":
            return {"p50": round(math.exp(self.points[0])), "p95": round(math.exp(self.points[0] + _Z95 * self.points[1]))}
        if self.kind == "quantiles":
            half = len(self.points) // 2
            return {f"p{share * 100:g}": round(seconds) for share, seconds in
                    zip(self.points[:half], self.points[half:], strict=True)}
        values = [round(point) for point in self.points]
        return {self.kind: values[0] if self.kind == "exponential" else values}

    def describe(self) -> str:
        """In words: `3m 0s (median; 5% over 9m 0s)`."""
        if self.kind == "constant":
            return duration_text(round(self.points[0]))
        return f"{duration_text(self.quantile(0.5))} (median; 5 % over {duration_text(self.quantile(0.95))})"


_Z95 = _INVERSE(0.95)


@lru_cache(maxsize=512)
def _table(quantiles: Quantiles) -> array[int]:
    at = quantiles.at
    return array("q", map(at, range(SIZE)))


def _exponential(given: Any) -> Quantiles:
    mean = duration(given)
    if mean < 1:
        raise ValueError("The mean of an exponential distribution is at least one second.")
    return Quantiles("exponential", (float(mean),))


def _uniform(given: Any) -> Quantiles:
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise ValueError("uniform takes two durations: {uniform: [1m, 5m]}.")
    low, high = map(duration, given)
    if low > high:
        raise ValueError(f"uniform: {given[0]} is longer than {given[1]}.")
    return Quantiles("uniform", (float(low), float(high)))


def _sample(given: Any) -> Quantiles:
    if not isinstance(given, list | tuple) or not given:
        raise ValueError("sample takes a list of durations: {sample: [61, 70, 95]}.")
    return Quantiles("sample", tuple(sorted(float(duration(value)) for value in given)))


def _from_moments(mean: int, deviation: int) -> Quantiles:
    if mean < 1:
        raise ValueError("The mean of a duration is at least one second.")
    variance = math.log1p((deviation / mean) ** 2)
    return Quantiles("lognormal", (math.log(mean) - variance / 2, math.sqrt(variance)))


def _from_quantiles(shares: dict[float, int]) -> Quantiles:
    """One quantile is a constant, two make a lognormal, three and more are joined in the logarithm."""
    points = sorted(shares.items())
    values = [value for _, value in points]
    if values != sorted(values):
        raise ValueError("The quantiles must rise: a higher share of runs cannot take less time.")
    if not 0 < points[0][0] <= points[-1][0] < 1:
        raise ValueError("Quantiles lie between p0 and p100, both excluded.")
    if len(points) == 1 or values[0] == values[-1]:
        return Quantiles("constant", (float(values[0]),))
    if len(points) == 2 and values[0] > 0:
        (low, short), (high, long) = points
        deviation = math.log(long / short) / (_INVERSE(high) - _INVERSE(low))
        return Quantiles("lognormal", (math.log(short) - deviation * _INVERSE(low), deviation))
    return Quantiles("quantiles", (*(share for share, _ in points), *map(float, values)))


def _at_exponential(points: tuple[float, ...], share: float) -> int:
    return round(-points[0] * math.log1p(-share))


def _at_uniform(points: tuple[float, ...], share: float) -> int:
    return round(points[0] + (points[1] - points[0]) * share)


def _at_sample(points: tuple[float, ...], share: float) -> int:
    return round(points[int(share * len(points))])


def _at_quantiles(points: tuple[float, ...], share: float) -> int:
    """Between two known quantiles: a straight line on normal-probability paper with a logarithmic scale; outside, the
    nearest of these lines goes on."""
    half = len(points) // 2
    shares, values = points[:half], points[half:]
    right = min(max(bisect_right(shares, share), 1), half - 1)
    low, high = (math.log(max(value, 0.5)) for value in values[right - 1:right + 1])
    left_z, right_z = _INVERSE(shares[right - 1]), _INVERSE(shares[right])
    return round(math.exp(low + (high - low) * (_INVERSE(share) - left_z) / (right_z - left_z)))


_AT = {"exponential": _at_exponential, "uniform": _at_uniform, "sample": _at_sample, "quantiles": _at_quantiles}
