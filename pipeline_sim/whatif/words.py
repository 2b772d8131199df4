"""Chance for many runs at once: the words of `scenario.chance` over arrays of seeds, bit for bit the same.

Where time is counted nothing is allocated: a `Desk` holds the arrays that a piece of work is done in, small enough to
stay in the processor's cache.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..scenario import Quantiles
from ..scenario.chance import C0, C1, C2, M1, M2, MASK, hash_of

Words = NDArray[np.uint64]
Ints = NDArray[Any]
"""Whole seconds or numbers: 64 bits, or 32 where that is surely enough."""
Flags = NDArray[np.bool_]

_C0, _C1, _C2, _M1, _M2 = map(np.uint64, (C0, C1, C2, M1, M2))
_S27, _S30, _S31, _S32 = map(np.uint64, (27, 30, 31, 32))
LOW = np.uint64(0xFFFF)
PIECE = 1 << 14
"""So many words are drawn at a time."""


class Desk(NamedTuple):
    """Arrays to work in: words, a second array of words, durations, the longest of them, comparisons; and for a block as
    a whole (rows are executions, columns runs) what each takes in a stage, and who fails there."""

    words: Words
    spare: Words
    waits: Ints
    longest: Ints
    flags: Flags
    took: Ints
    failed: Flags

    def shaped(self, shape: tuple[int, int]) -> Desk:
        """As much of it as a piece of this shape needs."""
        size = shape[0] * shape[1]
        return self._replace(words=self.words[:size].reshape(shape), spare=self.spare[:size].reshape(shape),
                             waits=self.waits[:size].reshape(shape), longest=self.longest[:size].reshape(shape),
                             flags=self.flags[:size].reshape(shape))


def desk(rows: int, runs: int, dtype: Any) -> Desk:
    """A desk that is large enough for the pieces of such a block."""
    size = min(max(1, PIECE // max(1, runs)), rows) * runs
    return Desk(np.empty(size, np.uint64), np.empty(size, np.uint64), np.empty(size, dtype), np.empty(size, dtype),
                np.empty(size, np.bool_), np.empty((rows, runs), dtype), np.empty((rows, runs), np.bool_))


def seeds_from(first: int, count: int) -> Words:
    """The seeds `first`, `first` + 1, …, modulo 2^64 as `base` takes them."""
    return np.arange(count, dtype=np.uint64) + np.uint64(first & MASK)


def mixed(words: Words, spare: Words | None = None) -> Words:
    """The finalizer of splitmix64, in place; `spare` is an array of the same shape to work in."""
    spare = np.right_shift(words, _S30, out=spare)
    words ^= spare
    words *= _M1
    words ^= np.right_shift(words, _S27, out=spare)
    words *= _M2
    words ^= np.right_shift(words, _S31, out=spare)
    return words


def bases(seeds: Words, place: str) -> Words:
    """`base(seed, place)` for every seed."""
    return mixed((seeds * _C0) ^ np.uint64(hash_of(place)))


def keyed(numbers: Ints, attempt: Any) -> Words:
    """What number and attempt add to a base, as a word of its own; `attempt` may be an array, too."""
    if isinstance(attempt, int):
        attempts: Words = np.array(attempt * C2 & MASK, np.uint64)
    else:
        attempts = attempt.astype(np.uint64) * _C2
    found: Words = numbers.astype(np.uint64) * _C1 + attempts
    return found


def words(base: Words, numbers: Ints, attempt: Any) -> Words:
    """`word(base, number, attempt)` for all pairs, as the arrays broadcast."""
    return mixed(base + keyed(numbers, attempt))


def below(drawn: Words, threshold: int | Words, out: Flags | None = None) -> Flags:
    """Whether the high 32 bits stay below the threshold, which may be one for each column."""
    if isinstance(threshold, np.ndarray):
        each: Flags = np.less(drawn >> _S32, threshold, out=out)
        return each
    if threshold >= 1 << 32:  # the shifted threshold would not fit into 64 bits
        if out is None:
            return np.ones(drawn.shape, np.bool_)
        out[...] = True
        return out
    found: Flags = np.less(drawn, np.uint64(threshold << 32), out=out)
    return found


@lru_cache(maxsize=512)
def table(quantiles: Quantiles, dtype: Any = np.int64) -> Ints:
    """All 65,536 durations of a distribution."""
    return np.frombuffer(quantiles.table(), np.int64).astype(dtype)


def durations(drawn: Words, quantiles: Quantiles) -> Ints:
    """The durations that the low 16 bits choose."""
    if quantiles.kind == "constant":
        return np.full(drawn.shape, quantiles.at(0), np.int64)
    return table(quantiles).take((drawn & LOW).view(np.int64))
