"""What if: many runs of a pipeline in a world, and what they say."""

from .breakeven import BreakEven, break_even
from .compare import Comparison, compare
from .intervals import Estimate
from .knobs import changed
from .replicate import replicate
from .result import OneRun, Result
from .sensitivity import Effects, Tornado, morris, sobol, tornado
from .steady import Steady, steady
from .sweep import Sweep, sweep

__all__ = [
    "BreakEven", "Comparison", "Effects", "Estimate", "OneRun", "Result", "Steady", "Sweep", "Tornado", "break_even", "changed",
    "compare", "morris", "replicate", "sobol", "steady", "sweep", "tornado"]
