"""When something is asked again: spaced repetition. The only door to fsrs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from fsrs import Card, Rating, Scheduler

from ..ids import make_id

SCHEDULER = Scheduler(learning_steps=[timedelta(minutes=10)], enable_fuzzing=False)
"""What was wrong comes back in ten minutes, what was right in some days."""
UNSURE = 0.6
"""Who is right with less confidence than this has found it hard."""

Remembered = Mapping[str, Any]


def after(key: str, before: Remembered | None, right: bool, at: datetime, confidence: float | None = None) -> dict[str, Any]:
    """What is remembered of a thing once it was answered. `at` knows its time zone."""
    card = _card(before) if before else Card(card_id=int(make_id(0, key, 0)[:8], 16), due=at)
    rating = Rating.Again if not right else Rating.Hard if confidence is not None and confidence < UNSURE else Rating.Good
    reviewed, _ = SCHEDULER.review_card(card, rating, at)
    return dict(reviewed.to_dict())


def due(remembered: Remembered) -> datetime:
    """When it is to be asked again."""
    return _card(remembered).due


def _card(remembered: Remembered) -> Card:
    return Card.from_dict(cast(Any, dict(remembered)))
