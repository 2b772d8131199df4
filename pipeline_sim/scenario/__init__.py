"""How the world behaves: durations, failures, pushes, approvers, capacity; and chance, which decides among them."""

from .behaviour import AlarmChange, Approver, Behaviour, Outcome, Push, RetryPolicy, ScriptedCall
from .chance import base, chance, mix, threshold, word
from .hours import Hours
from .quantiles import Quantiles, duration, duration_text
from .world import Scenario

__all__ = [
    "AlarmChange",
    "Approver",
    "Behaviour",
    "Hours",
    "Outcome",
    "Push",
    "Quantiles",
    "RetryPolicy",
    "Scenario",
    "ScriptedCall",
    "base",
    "chance",
    "duration",
    "duration_text",
    "mix",
    "threshold",
    "word",
]
