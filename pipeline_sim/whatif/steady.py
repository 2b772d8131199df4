"""The long run: where the warm-up ends, whether what follows is steady, and what it comes to.

A run begins empty, so its first changes fare better than later ones. The lead times of the k-th change are averaged over
all runs (Welch's curve); MSER-5 (White, 1997) takes means of five and cuts where the marginal standard error of the rest
is smallest. Where runs are few this cuts too early, and the mean comes out too short: so the cut is no earlier than twice
the place where the curve first crosses its long-run mean (Fishman, 1973), as far as two fifths. The rest is steady where the
cut lies in the first half and its two halves do not differ by more than luck.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from . import parts
from .intervals import Estimate
from .measures import tell
from .parts import Quantile, Ratio
from .result import Result
from .sums import Floats, Sample

if TYPE_CHECKING:
    from .pictures import Picture

BATCH = 5
SURE = 0.99
"""So sure must the drift be before a run is called unsteady: one in a hundred steady ones is."""
LEAST = 50
"""Fewer changes in a run say nothing about the long run."""


@dataclass(frozen=True)
class Steady:
    """`cut` changes of each run are warm-up, which lasts `warm_up` seconds on average. `curve` is the mean lead time of the
    k-th change over the runs; `drift` is by how much the second half of the rest differs from the first."""

    result: Result
    cut: int
    warm_up: float
    curve: Floats
    drift: Estimate
    changes: int

    @property
    def steady(self) -> bool:
        """Whether the rest may be taken for the long run."""
        return self.cut < self.changes / 2 and not (self.drift.low > 0 or self.drift.high < 0)

    @property
    def why(self) -> str:
        """In a sentence: what was cut, and why the rest is long enough, or is not."""
        if self.cut >= self.changes / 2:
            return (f"Not steady: lead times still move after {self.cut} of {self.changes} changes. Run longer; if that "
                    "does not help, more is pushed than the bottleneck can carry.")
        if not self.steady:
            return (f"Not steady: after the warm-up of {self.cut} changes the second half of the rest is "
                    f"{tell(self.drift.value, 'seconds')} off the first. Run longer; if that does not help, the line grows.")
        first = (f"The first {self.cut} of {self.changes} changes (about {tell(self.warm_up, 'seconds')}) are warm-up; the "
                 "two halves of the rest" if self.cut else
                 f"There is no warm-up among {self.changes} changes; their two halves")
        return (f"{first} agree (difference {tell(self.drift.low, 'seconds')} to "
                f"{tell(self.drift.high, 'seconds')}).")

    @property
    def lead_time(self) -> Estimate:
        """The mean lead time in the long run: of the changes after the warm-up."""
        return parts.estimate(Ratio(*self.result.summed(self._rest)))

    def lead_time_within(self, share: float) -> Estimate:
        """The lead time that `share` of these changes do not exceed."""
        return parts.estimate(Quantile(self._rest, share, self.result.runs))

    @property
    def _rest(self) -> Sample:
        order = _numbers(self.result.leads)
        kept = order >= self.cut
        return Sample(self.result.leads.run[kept], self.result.leads.value[kept])

    def __str__(self) -> str:
        about = self.result.about("lead time")
        return f"{self.why}\nlead time in the long run: {about.sentence(self.lead_time)}"

    def picture(self, style: str = "light") -> Picture:
        """Welch's curve, and where it is cut."""
        from .pictures import warm_up

        return warm_up(self, style)


def steady(result: Result) -> Steady:
    """Find and cut the warm-up of the lead times of a result. ValueError where runs have too few changes."""
    numbers, sample = _numbers(result.leads), result.leads
    changes = int(np.bincount(sample.run, minlength=result.runs).min()) if len(sample.run) else 0
    if changes < LEAST:
        raise ValueError(f"Some runs carry only {changes} changes: the long run needs {LEAST} and more. Let the pushes go "
                         "on.")
    matrix = np.zeros((result.runs, changes))
    inside = numbers < changes
    matrix[sample.run[inside], numbers[inside]] = sample.value[inside]
    curve = matrix.mean(axis=0)
    cut = max(mser(curve), min(2 * crossing(curve), changes * 2 // 5))
    middle = (cut + changes) // 2
    drift = parts.estimate(parts.Mean(matrix[:, middle:].mean(axis=1) - matrix[:, cut:middle].mean(axis=1)), SURE)
    return Steady(result, cut, _time_of(result, cut), curve, drift, changes)


def mser(values: Floats) -> int:
    """Where MSER-5 cuts: the number of values at the beginning that are warm-up. The last fifth is no candidate."""
    batches = values[:len(values) // BATCH * BATCH].reshape(-1, BATCH).mean(axis=1)
    count = len(batches)
    last = max(1, count * 4 // 5)
    errors = [float(batches[place:].var()) / (count - place) for place in range(last)]
    return int(np.argmin(errors)) * BATCH


def crossing(values: Floats) -> int:
    """How many values come before the first mean of five that is on the other side of the second half's mean; none where
    the very first is no further off than those of the second half are."""
    batches = values[:len(values) // BATCH * BATCH].reshape(-1, BATCH).mean(axis=1)
    late = batches[len(batches) // 2:]
    off = batches - late.mean()
    if abs(off[0]) <= 3 * late.std():
        return 0
    over = np.flatnonzero(off * off[0] <= 0)
    return int(over[0]) * BATCH if len(over) else len(values)


def _numbers(sample: Sample) -> NDArray[np.int64]:
    """The place, from 0, of each value among those of its run."""
    count = np.bincount(sample.run)
    first = np.cumsum(count) - count
    return np.arange(len(sample.run)) - first[sample.run]


def _time_of(result: Result, cut: int) -> float:
    """When, on average, the change after the cut arrives."""
    table = result.executions
    chosen = table.start[table.number == cut + 1]
    return float(chosen.mean()) if len(chosen) else 0.0
