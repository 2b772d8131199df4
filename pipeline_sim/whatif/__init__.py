"""What if: many runs of a pipeline in a world, and what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .breakeven import BreakEven, break_even
from .compare import Comparison, compare
from .exact import exact
from .intervals import Estimate
from .knobs import changed
from .replicate import replicate
from .result import OneRun, Result
from .sensitivity import Effects, Tornado, morris, sobol, tornado
from .steady import Steady, steady
from .streaming import Summary, streamed, swept
from .sweep import Sweep, sweep

if TYPE_CHECKING:
    from .sliders import explore

__all__ = [
    "BreakEven", "Comparison", "Effects", "Estimate", "OneRun", "Result", "Steady", "Summary", "Sweep", "Tornado",
    "break_even", "changed", "compare", "exact", "explore", "morris", "replicate", "sobol", "steady", "streamed", "sweep",
    "swept", "tornado"]


def __getattr__(name: str) -> Any:
    """`explore` brings ipywidgets, so that it is loaded when it is asked for."""
    if name == "explore":
        from .sliders import explore

        return explore
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
