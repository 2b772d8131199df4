"""Many worlds under the same luck: `sweep` turns knobs over a grid, and says what every point comes to.

All points have the same seeds: what a knob does not touch has the same luck everywhere, so the shape of the curve is
known better than the height of each point.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..pipeline.model import Pipeline
from ..scenario import Scenario
from . import measures, parts
from .intervals import Estimate
from .knobs import World, turned
from .progress import each
from .replicate import replicated

if TYPE_CHECKING:
    from pandas import DataFrame

    from .pictures import Picture

OF = ("success", "lead time", "lead time p90")
RUNS = 2_000


@dataclass(frozen=True)
class Point:
    """One point of a grid: where the knobs stand, what the measures come to there, and by how much each differs from
    the first point (paired)."""

    at: tuple[Any, ...]
    estimates: Mapping[str, Estimate]
    differences: Mapping[str, Estimate]


@dataclass(frozen=True)
class Sweep:
    """All points of a grid, in its order: the last knob turns fastest."""

    pipeline: Pipeline
    scenario: Scenario
    grid: Mapping[str, tuple[Any, ...]]
    points: tuple[Point, ...]
    runs: int
    seed: int

    @property
    def names(self) -> tuple[str, ...]:
        """The measures that were asked for."""
        return tuple(self.points[0].estimates)

    def values(self, measure: str) -> NDArray[np.float64]:
        """A measure over the grid: one axis for each knob."""
        shape = [len(values) for values in self.grid.values()]
        return np.array([point.estimates[measure].value for point in self.points]).reshape(shape)

    def best(self, measure: str) -> Point:
        """The point at which a measure is best; among equals the first."""
        better = measures.find(measure, self.pipeline).better or 1
        found = [point.estimates[measure].value * better for point in self.points]
        if np.isnan(found).all():
            raise ValueError(f"No point has a {measure}.")
        return self.points[int(np.nanargmax(found))]

    def pandas(self) -> DataFrame:
        """A row for each point: the knobs, then value, low and high of each measure. Needs pandas."""
        from pandas import DataFrame

        rows = [{**dict(zip(self.grid, map(str, point.at), strict=True)),
                 **{f"{name}{end}": getattr(one, side) for name, one in point.estimates.items()
                    for end, side in (("", "value"), (" low", "low"), (" high", "high"))}} for point in self.points]
        return DataFrame(rows)

    def rows(self) -> Iterator[tuple[str, ...]]:
        """For a table: the knobs, then each measure with its interval."""
        for point in self.points:
            yield (*map(str, point.at), *(measures.find(name, self.pipeline).sentence(one)
                                          for name, one in point.estimates.items()))

    def __str__(self) -> str:
        from .told import columns

        return columns((*self.grid, *self.names), self.rows())

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def _repr_html_(self) -> str:
        from .told import STYLE, table

        return STYLE + table(f"{self.runs:,} runs of {self.pipeline.name} at each point, under the same luck",
                             (*self.grid, *self.names), self.rows())

    def picture(self, measure: str | None = None, style: str = "light") -> Picture:
        """A curve over one knob, a heat map over two. ValueError for more."""
        from .pictures import curve, heat

        return (curve if len(self.grid) == 1 else heat)(self, measure, style)


def sweep(
    pipeline: Pipeline, scenario: Scenario, grid: Mapping[str, Sequence[Any]], runs: int = RUNS, *,
    of: Sequence[str] = OF, seed: int = 0, workers: int = 1, progress: bool | None = None, **more: Any,
) -> Sweep:
    """Every combination of the knobs in `grid` (`{"Test/Unit.failure": [0, 0.1, 0.2], "mode": ["QUEUED", "SUPERSEDED"]}`;
    `knobs` says their names). ValueError, or Faults where AWS would refuse a pipeline."""
    values = {name: tuple(listed) for name, listed in grid.items()}
    if not values or not all(values.values()):
        raise ValueError("A grid has at least one knob, and each knob at least one value.")
    for name in of:
        measures.find(name, pipeline)
    places = list(product(*values.values()))
    worlds = [_at((pipeline, scenario), dict(zip(values, place, strict=True))) for place in places]
    points, base = [], None
    found = replicated(worlds, runs, seed=seed, workers=workers, **more)
    for place, result in zip(places, each(found, "points", len(places), progress), strict=True):
        made = {name: result.parts(name) for name in of}
        base = base or made
        points.append(Point(place, {name: parts.estimate(one) for name, one in made.items()},
                            {name: parts.difference(base[name], one) for name, one in made.items()}))
    return Sweep(pipeline, scenario, values, tuple(points), runs, seed)


def _at(world: World, knobs: Mapping[str, Any]) -> World:
    for name, value in knobs.items():
        world = turned(world, name, value)
    return world
