"""Chance as a function of a key: a hash, not a generator, so that no draw depends on how many were made before.

A word is 64 bits: `word(base(seed, place), number, attempt)`, where

    base = mix(seed * C0 XOR hash(place))        word = mix(base + number * C1 + attempt * C2)     (all modulo 2^64)

and `mix` is the finalizer of splitmix64. Arrays of unsigned 64-bit integers give the same words bit for bit. The low 16
bits of a word choose a duration's quantile, the high 32 bits are compared with a probability's threshold.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

MASK = (1 << 64) - 1
C0, C1, C2 = 0x9E3779B97F4A7C15, 0xD1342543DE82EF95, 0x2545F4914F6CDD1D
M1, M2 = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


@lru_cache(maxsize=65536)
def hash_of(text: str) -> int:
    """64 bits that stand for a text, the same in every process."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def mix(word: int) -> int:
    """The finalizer of splitmix64: every bit of the result depends on every bit of the argument."""
    word = ((word ^ (word >> 30)) * M1) & MASK
    word = ((word ^ (word >> 27)) * M2) & MASK
    return word ^ (word >> 31)


def base(seed: int, place: str) -> int:
    """What all draws of a place (`Build/Compile#attempt`) have in common under a seed."""
    return mix((seed * C0 & MASK) ^ hash_of(place))


def word(base: int, number: int, attempt: int) -> int:
    """The draw of one attempt: `number` is the execution's luck, or a revision's number."""
    z = (base + number * C1 + attempt * C2) & MASK  # mix(), written out: this is called for every attempt
    z = ((z ^ (z >> 30)) * M1) & MASK
    z = ((z ^ (z >> 27)) * M2) & MASK
    return z ^ (z >> 31)


def chance(seed: int, *key: str | int) -> int:
    """64 bits for any key: `chance(7, 12, "Build/Compile", 1, "duration")`. A number and its text are the same key."""
    return base(seed, "\0".join(map(str, key)))


def share(word: int) -> float:
    """A word as a number from 0 up to, but never, 1."""
    return (word >> 11) / 2**53


def threshold(probability: float) -> int:
    """What the high 32 bits of a word stay below with this probability."""
    return round(probability * 2**32)
