"""Stages that share slots (CodeBuild's capacity): no recursion, so all runs step through their events together.

Whose turn it is at a slot depends on what every stage does meanwhile. Each run has a calendar, a column of `keys`: one for
each action (the end of its attempt, or its time-out in line), one for each stage (who has been admitted begins), one for
the next push. A pass takes the least key of every column, which is one event of every run, and does what follows.

    key = time · 2^17 + order in the instant · 2^10 + scheduled later · 2^9 + place · 2 + in line

The last stage comes first in an instant, pushes come at last. Attempts that left the line were scheduled later than those
that began at once; otherwise actions go by their place.
"""

from __future__ import annotations

import numpy as np

from ..plan import Plan
from ..words import Ints, Words
from .attempts import begin
from .endings import ended
from .kept import Kept
from .passage import expect_push, others
from .script import Script, script_of
from .under_way import IN_LINE, LOST, NEVER, PLACES, Begins, Runs, begun

__all__ = ["LOST", "Kept", "Runs", "stepped"]


def stepped(plan: Plan, seeds: Words, start: Ints, keep: bool = False) -> Runs:
    """All runs to their end."""
    script = script_of(plan)
    runs = begun(plan, script, seeds, start, keep)
    lanes = np.arange(len(seeds))
    if len(start):
        expect_push(script, runs, lanes)
    while _pass(script, runs, lanes):
        pass
    return runs


def _pass(script: Script, runs: Runs, lanes: Ints) -> bool:
    """One event of every run that has one left; whether there was any."""
    least = runs.keys.min(axis=0)
    live = least < NEVER
    if not live.all():
        lanes, least = lanes[live], least[live]
        if not len(lanes):
            return False
    place, now, actions = (least >> 1) & (PLACES - 1), least >> 17, len(script.actions)
    runs.keys[place, lanes] = NEVER
    is_end = place < actions
    ends = np.flatnonzero(is_end)
    rest = np.flatnonzero(~is_end)
    begins: list[Begins] = []
    if len(ends):
        begins.append(ended(script, runs, lanes[ends], place[ends], now[ends], (least[ends] & IN_LINE) > 0))
    if len(rest):
        begins.append(others(script, runs, lanes[rest], place[rest] - actions, now[rest]))
    begin(script, runs, *map(np.concatenate, zip(*begins, strict=True)))
    return True
