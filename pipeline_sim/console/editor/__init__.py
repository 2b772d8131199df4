"""How is a pipeline changed by hand? In an `Editor`: the picture, forms and the text, of one structure."""

from __future__ import annotations

from .widget import Editor

__all__ = ["Editor"]
