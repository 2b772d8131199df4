"""What tables want to know of a run, beyond how it ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..plan import NEVER
from ..rounds import Codes
from ..words import Ints


@dataclass(frozen=True)
class Kept:
    """Of visits (stage, execution, run) and of works (action, execution, run);
    `since` and `slot` are of the attempt under way."""

    arrive: Ints
    enter: Ints
    leave: Ints
    outcome: Codes
    retries: Codes
    attempts: Ints
    began: Ints
    ended: Ints
    seconds: Ints
    queued: Ints
    minutes: Ints
    builds: Ints
    work: Codes
    since: Ints
    slot: Ints


def kept_of(stages: int, actions: int, rows: int, width: int) -> Kept:
    visit, work = (stages, rows, width), (actions, rows, width)

    def sums() -> Ints:
        return np.zeros(work, np.int64)

    return Kept(np.full(visit, NEVER), np.full(visit, NEVER), np.full(visit, NEVER), np.zeros(visit, np.int8),
                np.zeros(visit, np.int8), np.zeros(work, np.int16), np.full(work, -1), np.full(work, -1),
                sums(), sums(), sums(), sums(), np.zeros(work, np.int8),
                np.zeros((actions, width), np.int64), np.zeros((actions, width), np.int64))
