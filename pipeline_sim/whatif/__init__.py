"""What if: many runs of a pipeline in a world, and what they say."""

from .compare import Comparison, compare
from .intervals import Estimate
from .replicate import replicate
from .result import OneRun, Result

__all__ = ["Comparison", "Estimate", "OneRun", "Result", "compare", "replicate"]
