"""What was done, step by step, so that it can be undone and done again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Step(NamedTuple):
    """What was done, the structure after it, and what was selected then."""

    label: str
    structure: Mapping[str, Any]
    selected: str = ""


class History:
    """The steps, and which of them is shown. A new step forgets those that were undone."""

    def __init__(self, first: Step) -> None:
        self.steps = [first]
        self.at = 0
        self._joins = False

    @property
    def now(self) -> Step:
        return self.steps[self.at]

    def add(self, step: Step, joins: bool = False) -> None:
        """One more; steps that `join` one another, as letters that are typed, are one step."""
        if joins and self._joins and self.at == len(self.steps) - 1:
            self.steps[self.at] = step
        else:
            self.steps[self.at + 1:] = [step]
            self.at += 1
        self._joins = joins

    @property
    def undoes(self) -> str:
        """What would be undone; empty where there is nothing."""
        return self.now.label if self.at else ""

    @property
    def redoes(self) -> str:
        return self.steps[self.at + 1].label if self.at + 1 < len(self.steps) else ""

    def back(self) -> str:
        self._joins = False
        if not self.at:
            return "nothing"
        self.at -= 1
        return self.steps[self.at + 1].label

    def forth(self) -> str:
        self._joins = False
        if not self.redoes:
            return "nothing"
        self.at += 1
        return self.now.label
