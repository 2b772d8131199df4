"""Pushes that come at random: a Poisson stream in whole seconds, in office time where hours are given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .behaviour import Push
from .chance import base, word
from .hours import Hours
from .quantiles import Quantiles


class Stream(NamedTuple):
    """A push `every` so many seconds on average (exactly, where `regular`), from `begins` until `ends` or a count."""

    every: int
    regular: bool
    begins: int
    ends: int | None
    most: int | None
    hours: Hours | None
    like: Push


def place_of(number: int) -> str:
    """The place that a stream's draws are keyed by."""
    return f"pushes#{number}"


def gaps(stream: Stream) -> Quantiles:
    """The distribution of the time between two pushes."""
    return Quantiles("constant" if stream.regular else "exponential", (float(stream.every),))


def stream(stream: Stream, number: int, seed: int) -> Iterator[Push]:
    """The pushes of one stream. The i-th gap is drawn by `word(base(seed, "pushes#k"), i, 0)`."""
    key, at, draw = base(seed, place_of(number)), stream.begins, gaps(stream).at
    pushed = 0
    while stream.most is None or pushed < stream.most:
        pushed += 1
        gap = draw(word(key, pushed, 0) & 0xFFFF)
        at = stream.hours.add(at, gap) if stream.hours else at + gap
        if stream.ends is not None and at >= stream.ends:
            return
        yield stream.like._replace(time=at)
