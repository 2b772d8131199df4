"""Which questions are asked, and in which order: drawn by a seed, so that two people can have the same paper."""

from __future__ import annotations

import random
from collections.abc import Sequence

from .question import Prediction, Question

MINUTES_EACH = 2
"""DVA-C02 gives 130 minutes for 65 questions."""


def draw(questions: Sequence[Question], count: int, seed: int = 0) -> list[Question]:
    """So many questions (all, where there are fewer), each domain in proportion to its share of those given."""
    luck = random.Random(f"paper:{seed}")
    shuffled = list(questions)
    luck.shuffle(shuffled)
    wanted = min(count, len(shuffled))
    domains = dict.fromkeys(one.domain for one in sorted(shuffled, key=lambda one: one.key))
    taken: list[Question] = []
    for domain in domains:
        share = [one for one in shuffled if one.domain == domain]
        taken += share[:wanted * len(share) // len(shuffled)]
    rest = [one for one in shuffled if one not in taken]
    taken += rest[:wanted - len(taken)]
    luck.shuffle(taken)
    return taken


def order(question: Question, seed: int = 0) -> list[int]:
    """The places of a question's options in the order in which they are shown."""
    places = list(range(len(question.options)))
    random.Random(f"options:{seed}:{question.key}").shuffle(places)
    return places


def choices(prediction: Prediction, seed: int = 0) -> list[str]:
    """The choices of a prediction as they are shown: numbers as they are written, words in an order by the seed."""
    found = list(prediction.choices)
    if not all(one.replace(".", "", 1).isdigit() for one in found):
        random.Random(f"choices:{seed}:{prediction.key}").shuffle(found)
    return found
