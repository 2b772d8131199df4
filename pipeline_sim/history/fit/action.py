"""What is learnt of one action, or of one rule of a condition."""

from __future__ import annotations

from dataclasses import dataclass

from .durations import DurationFit
from .outcomes import OutcomeFit


@dataclass(frozen=True)
class ActionFit:
    """An action or a rule: how long it took, and how often it failed. `failed_median` tells where failed attempts took a
    clearly different time, which a scenario cannot say."""

    place: str
    provider: str
    duration: DurationFit
    outcome: OutcomeFit
    failed_median: float | None = None
