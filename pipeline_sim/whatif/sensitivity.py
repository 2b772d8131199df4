"""Which number matters: one knob at a time (tornado), by Morris's trajectories, or by Sobol's shares of the variance.

Every evaluation has the same seeds, so that differences come from the knobs and not from luck. Morris and Sobol are
SALib's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..pipeline.model import Pipeline
from ..scenario import Scenario
from . import measures, parts
from .intervals import Estimate
from .knobs import CHANCES, World, current, turned
from .progress import each
from .replicate import replicate

if TYPE_CHECKING:
    from .pictures import Picture

RUNS = 1_000


@dataclass(frozen=True)
class Range:
    """A knob and the two values between which it may stand."""

    knob: str
    low: Any
    high: Any

    def at(self, share: float) -> Any:
        """The value at a share of the way, as the knob takes it: a factor stays a factor."""
        low, high = (float(str(end).lstrip("x×*").rstrip("%")) for end in (self.low, self.high))
        sign = "x" if str(self.low)[:1] in "x×*" else ""
        percent = "%" if str(self.high).endswith("%") else ""
        number = low + share * (high - low)
        return f"{sign}{number:.10g}{percent}" if sign or percent else number


@dataclass(frozen=True)
class Bar:
    """What a knob does to a measure between its two values: the difference from the world as it is, paired."""

    knob: str
    low: Any
    high: Any
    at_low: Estimate
    at_high: Estimate

    @property
    def swing(self) -> float:
        """How far apart the measure lies at both ends."""
        return abs(self.at_high.value - self.at_low.value)


@dataclass(frozen=True)
class Tornado:
    """All knobs one at a time, the one that matters most first."""

    pipeline: Pipeline
    measure: str
    base: Estimate
    bars: tuple[Bar, ...]
    runs: int

    def rows(self) -> Iterator[tuple[str, ...]]:
        signed = measures.find(self.measure, self.pipeline).signed
        for bar in self.bars:
            yield (bar.knob, f"{bar.low} … {bar.high}", *(
                f"{signed(one.value)} ({signed(one.low)} to {signed(one.high)})"
                for one in (bar.at_low, bar.at_high)))

    def __str__(self) -> str:
        from .told import columns

        about = measures.find(self.measure, self.pipeline)
        return f"{self.measure} now: {about.sentence(self.base)}\n" + columns(
            ("knob", "from … to", "difference at the first", "difference at the second"), self.rows())

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def _repr_html_(self) -> str:
        from .told import STYLE, table

        about = measures.find(self.measure, self.pipeline)
        return STYLE + table(f"{self.measure}: {about.sentence(self.base)} now; what one change does to it",
                             ("knob", "from … to", "at the first", "at the second"), self.rows())

    def picture(self, style: str = "light") -> Picture:
        """The tornado."""
        from .pictures import tornado

        return tornado(self, style)


def usual(pipeline: Pipeline, scenario: Scenario) -> list[Range]:
    """The knobs of a world: each duration and answer half and twice as long, each chance none and twice as large, pushes
    twice as often and half as often."""
    found = []
    for stage, action in pipeline.walk():
        place = f"{stage.name}/{action.name}"
        for key in ("response", "probability", "duration", "failure", "defect"):
            now = current(scenario, place, action, key)
            if key in CHANCES and isinstance(now, float | int) and 0 < now < 1:
                found.append(Range(f"{place}.{key}", round(max(0.0, 2 * now - 1), 6), round(min(1.0, 2 * now), 6)))
            elif key not in CHANCES and now is not None and not action.is_source:
                found.append(Range(f"{place}.{key}", "x0.5", "x2"))
    if scenario.streams:
        found.append(Range("pushes.every", "x0.5", "x2"))
    return found


def ranges(pipeline: Pipeline, scenario: Scenario, knobs: Mapping[str, Sequence[Any]] | None) -> list[Range]:
    """What is asked for, or the usual. ValueError where there is nothing to turn."""
    found = usual(pipeline, scenario) if knobs is None else [Range(name, ends[0], ends[-1]) for name, ends in knobs.items()]
    if not found:
        raise ValueError("There is no knob to turn: name some, as in {'Test/Unit.failure': (0, 0.2)}.")
    return found


def tornado(
    pipeline: Pipeline, scenario: Scenario, knobs: Mapping[str, Sequence[Any]] | None = None, *, of: str = "lead time",
    runs: int = RUNS, seed: int = 0, progress: bool | None = None,
) -> Tornado:
    """What each knob does to a measure by itself, from one end of its range to the other; `knobs` are names with two
    values, `{"Test/Unit.failure": (0, 0.2), "Prod/Approve.response": ("x0.5", "x2")}` (the usual ones, if None)."""
    asked = ranges(pipeline, scenario, knobs)
    base = _parts((pipeline, scenario), of, runs, seed)
    bars = []
    for one in each(asked, "knobs", len(asked), progress):
        ends = [parts.difference(base, _parts(turned((pipeline, scenario), one.knob, end), of, runs, seed))
                for end in (one.low, one.high)]
        bars.append(Bar(one.knob, one.low, one.high, *ends))
    bars.sort(key=lambda bar: -np.nan_to_num(bar.swing))
    return Tornado(pipeline, of, parts.estimate(base), tuple(bars), runs)


def _parts(world: World, of: str, runs: int, seed: int) -> parts.Parts:
    return replicate(*world, runs, seed=seed, progress=False).parts(of)


# ---------------------------------------------------------------------------------------------- all at once


@dataclass(frozen=True)
class Effect:
    """What a knob does in company. Morris: `mean` of the absolute effects over its range, `spread` of the effects (large:
    it acts in company with others, or not in a straight line). Sobol: `mean` is the first-order share of the variance,
    `spread` the total share. `reach` is the half-width of `mean`'s interval."""

    knob: str
    mean: float
    spread: float
    reach: float


@dataclass(frozen=True)
class Effects:
    """The effects of all knobs, the strongest first, by `method`."""

    method: str
    measure: str
    effects: tuple[Effect, ...]
    evaluations: int

    def __str__(self) -> str:
        from .told import columns

        heads = {"Morris": ("mean effect", "spread"), "Sobol": ("alone", "in company")}[self.method]
        return columns(("knob", heads[0], "±", heads[1]), (
            (one.knob, f"{one.mean:.4g}", f"{one.reach:.2g}", f"{one.spread:.4g}") for one in self.effects))


def morris(
    pipeline: Pipeline, scenario: Scenario, knobs: Mapping[str, Sequence[Any]] | None = None, *, of: str = "lead time",
    trajectories: int = 8, runs: int = 300, seed: int = 0, progress: bool | None = None,
) -> Effects:
    """Morris's screening: cheap (trajectories × (knobs + 1) evaluations), and says which knobs can be left alone."""
    from SALib.analyze.morris import analyze
    from SALib.sample.morris import sample

    asked = ranges(pipeline, scenario, knobs)
    problem = _problem(asked)
    points = sample(problem, trajectories, seed=seed)
    found = analyze(problem, points, _evaluated(pipeline, scenario, asked, points, of, runs, seed, progress), seed=seed)
    return _effects("Morris", of, asked, found["mu_star"], found["sigma"], found["mu_star_conf"], len(points))


def sobol(
    pipeline: Pipeline, scenario: Scenario, knobs: Mapping[str, Sequence[Any]] | None = None, *, of: str = "lead time",
    samples: int = 64, runs: int = 300, seed: int = 0, progress: bool | None = None,
) -> Effects:
    """Sobol's indices: the share of the measure's variance that each knob makes alone, and in company. `samples` (a power
    of two) × (knobs + 2) evaluations."""
    from SALib.analyze.sobol import analyze
    from SALib.sample.sobol import sample

    asked = ranges(pipeline, scenario, knobs)
    problem = _problem(asked)
    points = sample(problem, samples, calc_second_order=False, seed=seed)
    values = _evaluated(pipeline, scenario, asked, points, of, runs, seed, progress)
    found = analyze(problem, values, calc_second_order=False, seed=seed)
    return _effects("Sobol", of, asked, found["S1"], found["ST"], found["S1_conf"], len(points))


def _problem(asked: list[Range]) -> dict[str, Any]:
    return {"num_vars": len(asked), "names": [one.knob for one in asked], "bounds": [[0.0, 1.0]] * len(asked)}


def _evaluated(pipeline: Pipeline, scenario: Scenario, asked: list[Range], points: Any, of: str, runs: int, seed: int,
               progress: bool | None) -> Any:
    values = []
    for point in each(points, "worlds", len(points), progress):
        world: World = (pipeline, scenario)
        for one, share in zip(asked, point, strict=True):
            world = turned(world, one.knob, one.at(float(share)))
        values.append(parts.value(_parts(world, of, runs, seed)))
    if np.isnan(values).any():
        raise ValueError(f"In some of these worlds there is no {of}: narrow the ranges.")
    return np.array(values)


def _effects(
    method: str, of: str, asked: list[Range], means: Iterable[float], spreads: Iterable[float], reaches: Iterable[float],
    evaluations: int,
) -> Effects:
    found = [Effect(one.knob, float(mean), float(spread), float(reach))
             for one, mean, spread, reach in zip(asked, means, spreads, reaches, strict=True)]
    found.sort(key=lambda one: -(one.mean if method == "Morris" else one.spread))
    return Effects(method, of, tuple(found), evaluations)
