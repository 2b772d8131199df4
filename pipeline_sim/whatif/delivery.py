"""When production was broken and when it was restored, for many runs at once: the rules of `views.metrics`.

Visits to the production stage come one after another in each run; the k-th visits of all runs are looked at together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .words import Ints

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Visit:
    """Visits to production, ordered by run and end: success, failure, whether an action other than an approval began,
    whether a rollback made it, and which push it took."""

    run: Ints
    entered: Ints
    ended: Ints
    good: Flags
    bad: Flags
    deployed: Flags
    back: Flags
    push: NDArray[np.int32]


class Delivered(NamedTuple):
    """Which visits were deployments that failed, in the end or later; every restoration: its run, how long; and which runs
    end while production is broken."""

    failed: Flags
    restored: Ints
    seconds: Ints
    broken: Flags


def delivered(visit: Visit, runs: int) -> Delivered:
    """Go through the visits of all runs, from each failure to the next success."""
    count = np.bincount(visit.run, minlength=runs)
    first = np.cumsum(count) - count
    broken, last = np.full(runs, -1, np.int64), np.full(runs, -1, np.int64)
    failed, restored = visit.bad & visit.deployed & ~visit.back, list[tuple[Ints, Ints]]()
    for turn in range(int(count.max(initial=0))):
        run = np.flatnonzero(count > turn)
        here = first[run] + turn
        undone = visit.back[here] & (broken[run] < 0) & (last[run] >= 0)
        failed[last[run[undone]]] = True
        broken[run[undone]] = visit.entered[here[undone]]
        wrong = visit.bad[here] & visit.deployed[here] & (broken[run] < 0)
        broken[run[wrong]] = visit.ended[here[wrong]]
        mended = visit.good[here] & (broken[run] >= 0)
        restored.append((run[mended], visit.ended[here[mended]] - broken[run[mended]]))
        broken[run[mended]] = -1
        deployed = visit.good[here] & visit.deployed[here] & ~visit.back[here]
        last[run[deployed]] = here[deployed]
    none = np.zeros(0, np.int64)
    run, seconds = (np.concatenate([none, *(pair[side] for pair in restored)]) for side in (0, 1))
    order = np.argsort(run, kind="stable")
    return Delivered(failed, run[order], seconds[order], broken >= 0)
