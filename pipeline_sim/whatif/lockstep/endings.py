"""What follows when an attempt ends: its slot goes on, then its group, its stage and its execution."""

from __future__ import annotations

import numpy as np

from ..rounds import FAILED, SUCCEEDED
from ..words import Flags, Ints
from .kept import Kept
from .passage import leave
from .script import Script
from .under_way import LATER, NEVER, PLACES, Begins, Runs, key_of


def ended(script: Script, runs: Runs, lanes: Ints, action: Ints, now: Ints, in_line: Flags) -> Begins:
    """Attempts end, or time out in line. Slots go to who is first in line; then groups, stages and executions go on."""
    if in_line.any():
        runs.tickets[action[in_line], lanes[in_line]] = NEVER
        runs.queues[script.capacity[action[in_line]], lanes[in_line]] -= 1
    fails = runs.fails[action, lanes] | in_line
    runs.good[action, lanes] = ~fails
    if runs.kept:
        _keep(script, runs, runs.kept, lanes, action, now, in_line)
    for capacity in range(len(runs.slots)):
        free = (script.capacity[action] == capacity) & ~in_line
        if free.any():
            _release(script, runs, lanes[free], capacity, now[free])
    stage = script.stage[action]
    runs.bad[stage, lanes] |= fails
    left = runs.left[stage, lanes] - 1
    runs.left[stage, lanes] = left
    done = left == 0
    return _group_over(script, runs, lanes[done], stage[done], now[done])


def _release(script: Script, runs: Runs, lanes: Ints, capacity: int, now: Ints) -> None:
    """A slot is free: the first in line begins, with as much time as its limit has left."""
    taken = runs.queues[capacity, lanes] > 0
    runs.slots[capacity, lanes[~taken]] += 1
    lanes, now = lanes[taken], now[taken]
    if not len(lanes):
        return
    action = runs.tickets[script.wanting[capacity][:, None], lanes].min(axis=0) & (PLACES - 1)
    runs.queues[capacity, lanes] -= 1
    runs.tickets[action, lanes] = NEVER
    wait, left = runs.wait[action, lanes], runs.until[action, lanes] - now
    runs.fails[action, lanes] |= wait > left
    order = script.order[script.stage[action]]
    runs.keys[action, lanes] = key_of(now + np.minimum(wait, left), order, action) | LATER
    if runs.kept:
        runs.kept.slot[action, lanes] = now


def _group_over(script: Script, runs: Runs, lanes: Ints, stage: Ints, now: Ints) -> Begins:
    """Groups have ended: the next one begins, or the automatic retry, or the execution leaves the stage."""
    group, bad = runs.group[stage, lanes], runs.bad[stage, lanes]
    again = bad & (script.retry[stage] > 0) & ~runs.spent[stage, lanes]
    if again.any():
        _retry(script, runs, lanes[again], stage[again])
        group = np.where(again & (script.retry[stage] == 2), script.first[stage], group)
    onward = ~bad & (group < script.last[stage])
    group = group + onward
    stays = again | onward
    out = ~stays
    entered_lanes, entered_stage, entered_now = leave(script, runs, lanes[out], stage[out], now[out], bad[out])
    return (np.concatenate([lanes[stays], entered_lanes]), np.concatenate([group[stays], script.first[entered_stage]]),
            np.concatenate([now[stays], entered_now]))


def _retry(script: Script, runs: Runs, lanes: Ints, stage: Ints) -> None:
    """The one automatic retry: of what failed, or (2) of all actions."""
    runs.spent[stage, lanes] = True
    if runs.kept:
        runs.kept.retries[stage, runs.holder[stage, lanes], lanes] = 1
    every = script.retry[stage] == 2
    for actions in script.inside:
        runs.good[actions[stage[every]], lanes[every]] = False


def _keep(script: Script, runs: Runs, kept: Kept, lanes: Ints, action: Ints, now: Ints, in_line: Flags) -> None:
    at = action, runs.holder[script.stage[action], lanes], lanes
    since = kept.since[action, lanes]
    slot = np.where(in_line, now, kept.slot[action, lanes])
    kept.ended[at] = now
    kept.seconds[at] += now - since
    kept.queued[at] += slot - since
    kept.minutes[at] += -(-(now - since) // 60)
    kept.builds[at] += -(-(now - slot) // 60)
    kept.work[at] = np.where(runs.good[action, lanes], SUCCEEDED, FAILED)
