"""How an attempt begins: with a slot, or in line for one."""

from __future__ import annotations

import numpy as np

from ..arrivals import worked
from ..words import LOW, Flags, Ints, Words, mixed
from .kept import Kept
from .script import Script
from .under_way import IN_LINE, NEVER, Runs, key_of

_C1, _C2 = np.uint64(0xD1342543DE82EF95), np.uint64(0x2545F4914F6CDD1D)
_S32 = np.uint64(32)


def begin(script: Script, runs: Runs, lanes: Ints, group: Ints, now: Ints) -> None:
    """The actions of a group begin that are not good yet, in their order, as slots are free."""
    stage = script.home[group]
    runs.group[stage, lanes] = group
    runs.bad[stage, lanes] = False
    number = runs.holder[stage, lanes].astype(np.uint64) + np.uint64(1)
    left = np.zeros(len(lanes), np.int64)
    for member in script.members:
        action = member[group]
        runs_it = (action >= 0) & ~runs.good[action, lanes]
        left += runs_it
        if runs_it.all():
            _attempt(script, runs, lanes, action, stage, number, now)
        elif runs_it.any():
            _attempt(script, runs, *(one[runs_it] for one in (lanes, action, stage, number, now)))
    runs.left[stage, lanes] = left


def _attempt(script: Script, runs: Runs, lanes: Ints, action: Ints, stage: Ints, number: Words, now: Ints) -> None:
    """An attempt begins: it takes a slot, or waits in line until its time-out."""
    tried = runs.tried[action, lanes] + 1
    runs.tried[action, lanes] = tried
    drawn = mixed(runs.bases[action, lanes] + number * _C1 + tried.astype(np.uint64) * _C2)
    wait = script.tables.take((action << 16) | (drawn & LOW).view(np.int64)).astype(np.int64)
    fails = ((drawn >> _S32) < script.threshold[action]) ^ script.passes[action]
    if script.broken:
        broken = mixed(runs.defects[action, lanes] + number * _C1)
        fails |= (broken >> _S32) < script.defect[action]
    for place in script.hourly:
        hours, here = script.actions[place].hours, np.flatnonzero(action == place)
        if hours is not None and len(here):
            wait[here] = worked(hours, now[here], wait[here]) - now[here]
    limit = script.timeout[action]
    lines = _take(script, runs, lanes, action)
    lasts = np.where(lines, limit, np.minimum(wait, limit))
    runs.keys[action, lanes] = key_of(now + lasts, script.order[stage], action)
    runs.fails[action, lanes] = fails | (~lines & (wait > limit))
    if lines.any():
        _queue(script, runs, lanes[lines], action[lines], wait[lines], now[lines] + limit[lines])
    if runs.kept:
        _keep(runs, runs.kept, lanes, action, number.astype(np.int64) - 1, now)


def _take(script: Script, runs: Runs, lanes: Ints, action: Ints) -> Flags:
    """Take a slot where one is needed and free; who finds none."""
    needs = script.capacity[action]
    lines = np.zeros(len(lanes), np.bool_)
    for capacity in range(len(runs.slots)):
        here = needs == capacity
        free = runs.slots[capacity, lanes] > 0
        runs.slots[capacity, lanes] -= here & free
        lines |= here & ~free
    return lines


def _queue(script: Script, runs: Runs, lanes: Ints, action: Ints, wait: Ints, until: Ints) -> None:
    runs.wait[action, lanes], runs.until[action, lanes] = wait, until
    runs.tickets[action, lanes] = (runs.next_ticket[lanes] << 8) | action
    runs.next_ticket[lanes] += 1
    runs.queues[script.capacity[action], lanes] += 1
    runs.keys[action, lanes] |= IN_LINE


def _keep(runs: Runs, kept: Kept, lanes: Ints, action: Ints, row: Ints, now: Ints) -> None:
    at = action, row, lanes
    kept.attempts[at] += 1
    kept.began[at] = np.where(kept.began[at] < 0, now, kept.began[at])
    kept.since[action, lanes] = now
    kept.slot[action, lanes] = np.where(runs.tickets[action, lanes] < NEVER, -1, now)
