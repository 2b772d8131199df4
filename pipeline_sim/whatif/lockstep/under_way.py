"""What is under way in every run: who holds, waits, works, and when the next thing of each kind comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..plan import NEVER, Plan
from ..rounds import Codes
from ..stages import lucks
from ..tables import STATUS
from ..words import Flags, Ints, Words
from .kept import Kept, kept_of
from .script import Script

__all__ = ["IN_LINE", "LATER", "LOST", "NEVER", "PLACES", "UNDER_WAY", "Begins", "Runs", "begun", "key_of"]

PLACES = 256
LOST, UNDER_WAY = np.int8(STATUS["Superseded"]), np.int8(STATUS["InProgress"])
LATER, IN_LINE = 1 << 9, 1
Begins = tuple[Ints, Ints, Ints]
"""Runs, the action group that begins in each, and the time."""


@dataclass(frozen=True)
class Runs:
    """What is under way: columns are runs; rows are actions, stages, capacities, executions, as the name says."""

    keys: Ints
    tickets: Ints
    next_ticket: Ints
    slots: Ints
    queues: Ints
    holder: Ints
    group: Ints
    left: Ints
    bad: Flags
    spent: Flags
    tried: Ints
    good: Flags
    fails: Flags
    wait: Ints
    until: Ints
    line: Ints
    head: Ints
    tail: Ints
    pushed: Ints
    start: Ints
    end: Ints
    status: Codes
    bases: Words
    defects: Words
    kept: Kept | None


def key_of(time: Ints, order: Any, place: Any) -> Ints:
    found: Ints = (time << 17) | (order << 10) | (place << 1)
    return found


def begun(plan: Plan, script: Script, seeds: Words, start: Ints, keep: bool) -> Runs:
    width, actions, stages, rows = len(seeds), len(script.actions), len(plan.stages), len(start)
    size = 2 if script.supersedes else 1 << min(plan.limit, max(1, rows)).bit_length()
    luck = lucks(script.actions, seeds)
    none = np.zeros(width, np.uint64)

    def ints(count: int, value: int = 0) -> Ints:
        return np.full((count, width), value, np.int64)

    def flags(count: int) -> Flags:
        return np.zeros((count, width), np.bool_)

    return Runs(
        ints(actions + stages + 1, NEVER), ints(actions, NEVER), np.zeros(width, np.int64),
        np.repeat(np.array([[slots] for _, slots in plan.shared]), width, axis=1),
        ints(len(plan.shared)), ints(stages, -1), ints(stages), ints(stages),
        flags(stages), flags(stages), ints(actions + 1).astype(np.int8), flags(actions + 1), flags(actions),
        ints(actions), ints(actions),
        np.zeros((stages, size, width), np.int32), ints(stages), ints(stages), np.zeros(width, np.int64), start,
        np.full(start.shape, NEVER, np.int64), np.zeros(start.shape, np.int8), np.stack([one.base for one in luck]),
        np.stack([none if one.defect is None else one.defect for one in luck]),
        kept_of(stages, actions, rows, width) if keep else None)
