"""Whether an event matches an event pattern: EventBridge's whole language, with the reason (6.4)."""

from .matching import BranchReport, Explanation, FieldReport, explain, matches
from .pattern import InvalidEventPattern, Pattern
from .reading import LONGEST, QUOTA, parse
from .ready import READY, from_codepipeline

__all__ = [
    "LONGEST", "QUOTA", "READY", "BranchReport", "Explanation", "FieldReport", "InvalidEventPattern", "Pattern",
    "explain", "from_codepipeline", "matches", "parse",
]
