"""Two worlds under the same luck: by how much they differ, how sure that is, how many runs would settle it.

Both have the same seeds, so that what the change does not name has the same luck in both, and their difference is known
far better than each of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..pipeline.diff import diff
from ..pipeline.model import Pipeline
from ..scenario import Scenario
from . import intervals, parts
from .intervals import CONFIDENCE, Estimate
from .knobs import changed
from .precision import MOST, PILOT, Precision, half
from .replicate import RUNS, World, asked, replicate
from .result import OneRun, Result
from .sums import Floats

if TYPE_CHECKING:
    from .pictures import Picture

Changed = World | Scenario | Pipeline | str
BETTER, WORSE, OPEN, SAME = "better", "worse", "not settled", "no difference"
STEP = 4
"""Looks for a verdict are so many times as many runs apart."""
USUAL = ("success", "delivered", "lead time", "lead time p90", "deployments", "deployment frequency", "change failure rate",
         "time to restore", "superseded", "changes per deployment", "waiting", "cost", "cost per deployment")


@dataclass(frozen=True)
class Both:
    """The run in which two worlds differ most, as it is in each of them."""

    base: OneRun
    change: OneRun

    def consoles(self) -> tuple[Any, Any]:
        """Both in consoles. Needs `pipeline-sim[lab]`."""
        return self.base.console(), self.change.console()

    def console(self) -> Any:
        """Both side by side in a notebook. Needs `pipeline-sim[lab]`."""
        from .sliders import beside

        return beside(self.consoles(), ("Before", "After"))


@dataclass(frozen=True)
class Comparison:
    """Two worlds under the same luck, run by run. `confidence` is that of its intervals and verdicts: more than 95 % where
    runs were added until there was a verdict, so that all looks together are wrong no more often than one is."""

    base: Result
    change: Result
    confidence: float = CONFIDENCE

    @property
    def names(self) -> tuple[str, ...]:
        """The measures that are usually compared."""
        return USUAL

    @property
    def asked(self) -> str:
        """What is different in the second world, in a sentence or two."""
        return " ".join(changes((self.base.pipeline, self.base.scenario), (self.change.pipeline, self.change.scenario)))

    def differences(self, measure: str = "lead time") -> Floats:
        """Change minus base in each run that has the measure in both."""
        both: Floats = self.change.by_run(measure) - self.base.by_run(measure)
        return both[~np.isnan(both)]

    def difference(self, measure: str = "lead time", confidence: float | None = None) -> Estimate:
        """By how much the measure changes: the paired interval."""
        return parts.difference(self.base.parts(measure), self.change.parts(measure), confidence or self.confidence)

    def improvement(self, measure: str = "lead time") -> Estimate:
        """How probable it is that a run is better for the change: shorter, fewer, or (success, deployments) more."""
        wanted = self.base.about(measure).better or 1
        found = self.differences(measure)
        return intervals.proportion(int(np.count_nonzero(found * wanted > 0)), len(found))

    def verdict(self, measure: str = "lead time") -> str:
        """`better` or `worse` where the interval of the difference leaves no doubt; `not settled` where it holds zero;
        `no difference` where every run is the same."""
        gap = self.difference(measure)
        if gap.count and parts.same(self.base.parts(measure), self.change.parts(measure)):
            return SAME
        return verdict_of(gap, self.base.about(measure).better)

    def runs_to_settle(self, measure: str = "lead time") -> int | None:
        """How many runs would show whether the difference that is seen now is one: its interval would then end at zero.
        No more than there are, where it is settled; None where none would (no difference is seen)."""
        gap = self.difference(measure)
        reach = half(gap) if gap.count else math.inf
        if not gap.count or gap.value == 0 or not math.isfinite(reach):
            return None
        return max(2, math.ceil(self.base.runs * (reach / gap.value) ** 2))

    def most_different(self, measure: str = "lead time") -> Both:
        """The run in which the two worlds differ most."""
        gaps = np.abs(self.change.by_run(measure) - self.base.by_run(measure))
        if np.isnan(gaps).all():
            raise ValueError(f"No run has a {measure} in both worlds.")
        run = int(np.nanargmax(gaps))
        return Both(*(one.run(run, float(one.by_run(measure)[run])) for one in (self.base, self.change)))

    def __str__(self) -> str:
        from .told import comparison_text

        return comparison_text(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def _repr_html_(self) -> str:
        from .told import comparison_html

        return comparison_html(self)

    def picture(self, style: str = "light") -> Picture:
        """Both distributions of lead times. `pictures` has more."""
        from .pictures import comparison

        return comparison(self, style)


def verdict_of(gap: Estimate, better: int) -> str:
    """What a difference says of a measure of which more is better (1), worse (-1) or neither."""
    if not gap.count or gap.low <= 0 <= gap.high:
        return OPEN
    return "changed" if not better else BETTER if gap.value * better > 0 else WORSE


def compare(
    base: World, change: Changed, runs: int | None = None, *, to: str | float | None = None, of: str = "lead time",
    seed: int = 0, **more: Any,
) -> Comparison:
    """A (pipeline, scenario) and another one, or only what is different of it: another scenario, another pipeline,
    or changes in words (`"Test/*.failure=20%; mode=QUEUED"`: see `knobs`).

    `runs` pairs (10,000); or as many as bring the *difference* of the measure `of` `to` a precision (`"±10s"`), or to a
    verdict (`to="settled"`). The rest as for `replicate`.
    """
    worlds = (base, other(base, change))
    if to is None:
        return _pair(worlds, RUNS if runs is None else runs, seed, more)
    if runs is not None:
        raise ValueError("Say how many runs, or how precise (to): not both.")
    return _precise(worlds, to, of, seed, more)


def _pair(worlds: tuple[World, World], runs: int, seed: int, more: dict[str, Any]) -> Comparison:
    first, second = (replicate(pipeline, scenario, runs, seed=seed, **more) for pipeline, scenario in worlds)
    return Comparison(first, second)


def _precise(worlds: tuple[World, World], to: str | float, of: str, seed: int, more: dict[str, Any]) -> Comparison:
    most = more.pop("most", MOST)
    found = _pair(worlds, min(most, PILOT), seed, more)
    if to == "settled":
        return _settled(worlds, found, of, seed, most, more)
    wanted = Precision.parse(to, found.base.about(of).unit)
    while found.base.runs < most and not wanted.reached(found.difference(of)):
        found = _pair(worlds, min(most, wanted.runs(found.difference(of), found.base.runs)), seed, more)
    return found


def _settled(
    worlds: tuple[World, World], found: Comparison, of: str, seed: int, most: int, more: dict[str, Any]
) -> Comparison:
    """Look, and look again at four times as many runs, until there is a verdict. Who looks often sees a difference by luck
    at last, where none is: the doubt of 5 % is shared out among all the looks that there may be (Bonferroni)."""
    looks = 1 + math.ceil(math.log(max(1.0, most / found.base.runs), STEP))
    sure = 1 - (1 - CONFIDENCE) / looks
    found = replace(found, confidence=sure)
    while found.base.runs < most and found.verdict(of) == OPEN:
        found = replace(_pair(worlds, min(most, STEP * found.base.runs), seed, more), confidence=sure)
    return found


def other(base: World, change: Changed) -> World:
    """The second world, from what is different in it."""
    if isinstance(change, str):
        return changed(base, *change.split(";"))
    if isinstance(change, Scenario):
        return base[0], change
    return (change, base[1]) if isinstance(change, Pipeline) else change


def changes(base: World, change: World) -> Iterator[str]:
    """What is different between two worlds, sentence by sentence."""
    told = [str(one) for one in diff(base[0], change[0])]
    before, after = (asked(*world).describe().splitlines() for world in (base, change))
    told += [line for line in after if line not in before]
    told += [f"No longer: {line}" for line in before if line not in after]
    yield from told or ["Nothing is different."]
