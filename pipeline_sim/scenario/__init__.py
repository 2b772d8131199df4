"""How the world behaves: durations, failures, pushes, approvers, capacity; and chance, which decides among them."""

from .behaviour import AlarmChange, Approver, Behaviour, Delivery, Outcome, Push, RetryPolicy, ScriptedCall
from .beside import with_beside
from .chance import base, chance, mix, share, threshold, word
from .durations import duration, duration_text
from .hours import Hours
from .quantiles import Quantiles
from .schedules import Schedule
from .streams import Stream
from .world import Scenario

__all__ = [
    "AlarmChange",
    "Approver",
    "Behaviour",
    "Delivery",
    "Hours",
    "Outcome",
    "Push",
    "Quantiles",
    "RetryPolicy",
    "Scenario",
    "Schedule",
    "ScriptedCall",
    "Stream",
    "base",
    "chance",
    "duration",
    "duration_text",
    "mix",
    "share",
    "threshold",
    "with_beside",
    "word",
]
