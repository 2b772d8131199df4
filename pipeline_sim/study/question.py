"""What a question is: a scenario in exam style, options with an explanation and a proof each, and its tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DOMAINS: Mapping[str, tuple[str, ...]] = {
    "development": ("1.1", "1.2", "1.3"),
    "security": ("2.1", "2.2", "2.3"),
    "deployment": ("3.1", "3.2", "3.3", "3.4"),
    "troubleshooting": ("4.1", "4.2", "4.3"),
}
"""The domains of DVA-C02 and their task statements."""

EVIDENCE = "evidence"
"""By what an option is shown that no run can show."""


@dataclass(frozen=True)
class Option:
    """One answer. `claim` is what it says, in JMESPath, of the question's world with the changes in `given`; without one
    it is bound to the evidence under the key `evidence`. It is `right` exactly where the claim holds."""

    text: str
    because: str
    right: bool = False
    claim: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    evidence: str = ""


@dataclass(frozen=True)
class Question:
    """`covers` names topics (`3`, or `n8` for a line of the study note); `level` is 1 to 3. `world` says what is run;
    `moment` is the line with which the decisive record begins, and `ask` what is asked why there. `path` is where it
    stands in its file; `exam` whether DVA-C02 asks such things, so that an exam of all themes has it, too."""

    key: str
    theme: str
    text: str
    options: tuple[Option, ...]
    domain: str
    task: str
    level: int
    covers: tuple[str, ...] = ()
    world: Mapping[str, Any] = field(default_factory=dict)
    moment: str = ""
    ask: str = ""
    path: str = ""
    exam: bool = True

    @property
    def right(self) -> frozenset[int]:
        """The places of the right options."""
        return frozenset(place for place, option in enumerate(self.options) if option.right)

    @property
    def several(self) -> bool:
        return len(self.right) > 1


@dataclass(frozen=True)
class Prediction:
    """An exercise: say what will be, then run it. The answer is what `query` finds after the run; `choices` are those to
    choose from, none where a number is asked for."""

    key: str
    theme: str
    text: str
    ask: str
    query: str
    because: str
    choices: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    world: Mapping[str, Any] = field(default_factory=dict)
    moment: str = ""
    why: str = ""
    path: str = ""
