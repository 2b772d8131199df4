"""Distributions of whole seconds, exactly: what the simulation's tables of quantiles draw, and sums and maxima of these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np
from numpy.typing import NDArray

from ..scenario import Quantiles
from .sums import Floats
from .words import table

LONGEST = 1 << 23
"""Some 97 days: distributions beyond that are not written out."""


class TooLong(ValueError):
    """A distribution has more seconds than can be written out."""


@dataclass(frozen=True, eq=False)
class Law:
    """`chances[t]` is the probability of t seconds; they may sum to less than one (what else happens is another law)."""

    chances: Floats

    @staticmethod
    def of(quantiles: Quantiles) -> Law:
        """What a draw comes to: each of the 65,536 quantiles is equally likely."""
        if quantiles.kind == "constant":
            return Law.at(quantiles.at(0))
        values: NDArray[np.int64] = table(quantiles)
        if values[-1] >= LONGEST:
            raise TooLong(f"A duration of up to {int(values[-1]):,} seconds is too long for a closed form.")
        return Law(np.bincount(values) / len(values))

    @staticmethod
    def at(seconds: int) -> Law:
        """Always so many seconds."""
        if seconds >= LONGEST:
            raise TooLong(f"A duration of {seconds:,} seconds is too long for a closed form.")
        chances = np.zeros(seconds + 1)
        chances[seconds] = 1
        return Law(chances)

    @cached_property
    def total(self) -> float:
        return float(self.chances.sum())

    @cached_property
    def mean(self) -> float:
        """The mean, given that it happens; NaN where it never does."""
        return float(np.arange(len(self.chances)) @ self.chances) / self.total if self.total else float("nan")

    @property
    def variance(self) -> float:
        second = float(np.arange(len(self.chances), dtype=np.float64) ** 2 @ self.chances) / self.total
        return second - self.mean ** 2

    def within(self, seconds: float) -> float:
        """The probability of at most so many seconds, given that it happens."""
        return float(self.chances[:int(seconds) + 1].sum()) / self.total

    def quantile(self, share: float) -> int:
        """The time that `share` do not exceed, given that it happens."""
        return int(np.searchsorted(np.cumsum(self.chances), share * self.total - 1e-12))

    def times(self, factor: float) -> Law:
        return Law(self.chances * factor)

    def __add__(self, other: Law) -> Law:
        """One after the other, independently."""
        if len(self.chances) + len(other.chances) > LONGEST:
            raise TooLong("Together these durations are too long for a closed form.")
        if min(len(self.chances), len(other.chances)) == 1:
            return Law(self.chances * other.chances[0] if len(other.chances) == 1 else other.chances * self.chances[0])
        return Law(np.maximum(_convolved(self.chances, other.chances), 0))

    def __or__(self, other: Law) -> Law:
        """One or the other."""
        longer, shorter = sorted((self.chances, other.chances), key=len, reverse=True)
        both = longer.copy()
        both[:len(shorter)] += shorter
        return Law(both)


def _convolved(one: Floats, other: Floats) -> Floats:
    """By Fourier transform. SciPy has this, too, in a module that takes a second and more to import."""
    count = len(one) + len(other) - 1
    size = 1 << (count - 1).bit_length()
    found: Floats = np.fft.irfft(np.fft.rfft(one, size) * np.fft.rfft(other, size), size)[:count]
    return found


NONE, NOW = Law(np.zeros(1)), Law(np.ones(1))


def longest(laws: Iterable[Law]) -> Law:
    """The maximum of independent times: their distribution functions multiply. At once, where there are none."""
    known = list(laws)
    if not known:
        return NOW
    size = max(len(law.chances) for law in known)
    steps = [np.pad(np.cumsum(law.chances), (0, size - len(law.chances)), mode="edge") for law in known]
    return Law(np.maximum(np.diff(reduce(np.multiply, steps), prepend=0), 0))
