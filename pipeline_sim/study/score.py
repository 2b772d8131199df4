"""What an exam comes to: which answers are right, the scaled score, and the parts by domain and by theme.

AWS reports 100 to 1000 points and asks for 720; how it scales is not public. Here: `100 + 900 · right / questions`,
rounded. A question with several right answers counts only if exactly these are chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .question import Question

LEAST, MOST, PASSING = 100, 1000, 720


@dataclass(frozen=True)
class Answer:
    """What somebody chose: the places of options, none where the question was left open."""

    question: Question
    chosen: frozenset[int] = frozenset()

    @property
    def is_right(self) -> bool:
        return self.chosen == self.question.right


@dataclass(frozen=True)
class Part:
    """So many right of so many."""

    right: int
    count: int

    def __str__(self) -> str:
        return f"{self.right} of {self.count}"


@dataclass(frozen=True)
class Result:
    """An exam that is over."""

    answers: tuple[Answer, ...]
    total: Part
    by_domain: Mapping[str, Part] = field(default_factory=dict)
    by_theme: Mapping[str, Part] = field(default_factory=dict)

    @property
    def score(self) -> int:
        return scaled(self.total)

    @property
    def passed(self) -> bool:
        return self.score >= PASSING


def scaled(part: Part) -> int:
    """Points from 100 to 1000; an exam without questions gets the least."""
    return LEAST if not part.count else round(LEAST + (MOST - LEAST) * part.right / part.count)


def result(answers: Iterable[Answer]) -> Result:
    """What these answers come to."""
    given = tuple(answers)
    return Result(given, _part(given), _by(given, lambda one: one.domain), _by(given, lambda one: one.theme))


def _part(answers: Sequence[Answer]) -> Part:
    return Part(sum(one.is_right for one in answers), len(answers))


def _by(answers: Sequence[Answer], key: Callable[[Question], str]) -> dict[str, Part]:
    names = dict.fromkeys(key(one.question) for one in answers)
    return {name: _part([one for one in answers if key(one.question) == name]) for name in names}
