"""Chance for many runs at once: the words of `scenario.chance` over arrays of seeds, bit for bit the same."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..scenario import Quantiles
from ..scenario.chance import C0, C1, C2, M1, M2, MASK, hash_of

Words = NDArray[np.uint64]
Ints = NDArray[np.int64]

_C0, _C1, _C2, _M1, _M2 = map(np.uint64, (C0, C1, C2, M1, M2))
_S27, _S30, _S31 = map(np.uint64, (27, 30, 31))
LOW = np.uint64(0xFFFF)


def seeds_from(first: int, count: int) -> Words:
    """The seeds `first`, `first` + 1, …, modulo 2^64 as `base` takes them."""
    return np.arange(count, dtype=np.uint64) + np.uint64(first & MASK)


def mixed(words: Words) -> Words:
    """The finalizer of splitmix64, in place."""
    words ^= words >> _S30
    words *= _M1
    words ^= words >> _S27
    words *= _M2
    words ^= words >> _S31
    return words


def bases(seeds: Words, place: str) -> Words:
    """`base(seed, place)` for every seed."""
    return mixed((seeds * _C0) ^ np.uint64(hash_of(place)))


def keyed(numbers: Ints, attempt: int) -> Words:
    """What a number and an attempt add to a base, as a word of its own."""
    return numbers.astype(np.uint64) * _C1 + np.uint64(attempt * C2 & MASK)


def words(base: Words, numbers: Ints, attempt: int) -> Words:
    """`word(base, number, attempt)` for all pairs, as the two arrays broadcast."""
    return mixed(base + keyed(numbers, attempt))


def below(drawn: Words, threshold: int) -> NDArray[np.bool_]:
    """Whether the high 32 bits stay below the threshold."""
    if threshold >= 1 << 32:  # the shifted threshold would not fit into 64 bits
        return np.ones(drawn.shape, np.bool_)
    return drawn < np.uint64(threshold << 32)


@lru_cache(maxsize=512)
def table(quantiles: Quantiles) -> Ints:
    """All 65,536 durations of a distribution."""
    return np.frombuffer(quantiles.table(), np.int64)


def durations(drawn: Words, quantiles: Quantiles) -> Ints:
    """The durations that the low 16 bits choose."""
    if quantiles.kind == "constant":
        return np.full(drawn.shape, quantiles.at(0), np.int64)
    return table(quantiles).take((drawn & LOW).view(np.int64))
