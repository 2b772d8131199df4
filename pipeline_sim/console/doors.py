"""What the browser may ask: one function for each question, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .widget import Console

Door = Callable[["Console", Mapping[str, Any]], Mapping[str, Any]]

DOORS: dict[str, Door] = {}
