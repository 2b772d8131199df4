"""What an event pattern is, as frozen values: alternatives for fields, and why a text is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Leaf = str | int | float | bool | None
"""What a field of an event can hold: JSON's plain values."""


class InvalidEventPattern(ValueError):
    """A pattern that EventBridge refuses: its InvalidEventPatternException. `reason` is in its words, `path` says where
    in the pattern, `hint` what to do."""

    code = "InvalidEventPatternException"

    def __init__(self, reason: str, path: str = "", hint: str = "") -> None:
        self.reason, self.path, self.hint = reason, path, hint
        lines = [f"Event pattern is not valid. Reason: {reason}", f" at {path}" if path else "", hint]
        super().__init__("\n".join(line for line in lines if line))


@dataclass(frozen=True)
class Alternative:
    """One of the values that a field may have: what the pattern says (`said`), what that is in words (`is 'FAILED'`),
    and whether a value agrees. One that is `absent` agrees with nothing; it is met where the event has no such field."""

    said: Any
    words: str
    agrees: Callable[[Leaf], bool] = field(compare=False, repr=False)
    absent: bool = False


Branch = Mapping[str, tuple[Alternative, ...]]
"""The alternatives of each field, by path (`detail.state`); all fields must match."""


@dataclass(frozen=True)
class Pattern:
    """A pattern that was read. Without `$or` it has one branch; with it one for each combination, any of which does."""

    branches: tuple[Branch, ...]
    document: Mapping[str, Any] = field(compare=False, repr=False)
