"""Where does a person stand? In front of a `Console`: a pipeline that can be held still, in a notebook's cell.

The widget's libraries are loaded when a console is made: films and facts need none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .widget import Console

__all__ = ["Console"]


def __getattr__(name: str) -> Any:
    if name != "Console":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .widget import Console

    return Console
