"""How many points a challenge is worth to a course: what a locked test of nbgrader gives back."""

from __future__ import annotations

from typing import Protocol

from .visit import Verdict, Visit


class HasVisit(Protocol):
    """A widget that holds a visit."""

    visit: Visit


def grade(challenge: HasVisit | Visit, points: float = 10) -> float:
    """Points of `points` for a challenge: none where it is not mended, and of the others the part that its score is.

    As the last line of a test cell it gives nbgrader partial credit. Hints, calls and checks before have been counted;
    to ask for the grade costs nothing.
    """
    visit = challenge if isinstance(challenge, Visit) else challenge.visit
    verdict = visit.verdict if visit.verdict.solved else _judged(visit)
    return round(points * verdict.score / 100, 2)


def _judged(visit: Visit) -> Verdict:
    mistakes = visit.mistakes
    verdict = visit.check()
    visit.mistakes = mistakes
    return verdict
