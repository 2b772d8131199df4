"""pipeline-sim: AWS CodePipeline on a clock that you hold in your hand.

The names a notebook needs: `Pipeline`, `Scenario`, `Simulation`, `Console` (a run in a cell), `Editor` (a pipeline changed
by hand), `Lens` (the three execution modes in step), `Refused` (what a call raises), `Faults` (what is wrong with a file)
and `explain` (the rule behind a thing, with its evidence). Nothing heavy is imported until it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .console import Console, Editor, Lens
    from .pipeline.fault import Fault, Faults, Unreadable
    from .pipeline.model import Pipeline
    from .refused import Refused
    from .scenario import Scenario
    from .simulation import Simulation
    from .views.evidence import explain

__version__ = "0.1.0"

_HOME = {
    "Console": ".console",
    "Editor": ".console",
    "Lens": ".console",
    "Fault": ".pipeline.fault",
    "Faults": ".pipeline.fault",
    "Unreadable": ".pipeline.fault",
    "Pipeline": ".pipeline.model",
    "Refused": ".refused",
    "Scenario": ".scenario",
    "Simulation": ".simulation",
    "explain": ".views.evidence",
}

__all__ = ["Console", "Editor", "Fault", "Faults", "Lens", "Pipeline", "Refused", "Scenario", "Simulation", "Unreadable",
           "explain"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
