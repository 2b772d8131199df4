"""How well confidence fits: the Brier score of predictions, and how often one was right at each confidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Told(NamedTuple):
    """A prediction that was made: how sure (0 to 1), and whether it was right."""

    confidence: float
    right: bool


class Level(NamedTuple):
    """Predictions of about the same confidence."""

    confidence: float
    right: int
    of: int


def brier(told: Sequence[Told]) -> float:
    """The mean squared distance between confidence and what came: 0 is perfect, 1 the worst. ValueError without any."""
    if not told:
        raise ValueError("Nothing was predicted yet.")
    return sum((one.confidence - one.right) ** 2 for one in told) / len(told)


def levels(told: Sequence[Told], edges: Sequence[float] = (0.0, 0.6, 0.8, 0.95)) -> list[Level]:
    """Predictions in bands of confidence, which begin at the edges; bands without any are left out."""
    found = []
    for low, high in zip(edges, [*edges[1:], 2.0], strict=True):
        band = [one for one in told if low <= one.confidence < high]
        if band:
            mean = sum(one.confidence for one in band) / len(band)
            found.append(Level(mean, sum(one.right for one in band), len(band)))
    return found
