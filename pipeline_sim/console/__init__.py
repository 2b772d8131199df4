"""Where does a person stand? In front of a `Console`: a pipeline that can be held still, in a notebook's cell. Beside it
an `Editor`, which changes a pipeline by hand, and a `Lens`, which shows its three execution modes in step.

The widget's libraries are loaded when one of them is made: films and facts need none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .editor import Editor
    from .lens import Lens
    from .widget import Console

_HOME = {"Console": ".widget", "Editor": ".editor", "Lens": ".lens"}

__all__ = ["Console", "Editor", "Lens"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name], __name__), name)
