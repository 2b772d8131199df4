"""Where does a person stand? In front of a `Console`: a pipeline that can be held still, in a notebook's cell."""

from __future__ import annotations

from .widget import Console

__all__ = ["Console"]
