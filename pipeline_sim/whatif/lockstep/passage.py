"""How executions come to a stage, wait in front of it, enter and leave it."""

from __future__ import annotations

import numpy as np

from ..rounds import FAILED, SUCCEEDED
from ..words import Flags, Ints
from .script import Script
from .under_way import LATER, LOST, NEVER, UNDER_WAY, Begins, Runs, key_of


def others(script: Script, runs: Runs, lanes: Ints, stage: Ints, now: Ints) -> Begins:
    """Who was admitted to a stage begins there; a push starts an execution."""
    push = stage == len(script.first)
    come = lanes[push]
    row = runs.pushed[come]
    runs.pushed[come] += 1
    expect_push(script, runs, come)
    runs.status[row, come] = UNDER_WAY
    entered = arrive(script, runs, come, np.zeros(len(come), np.int64), row, now[push])
    lanes = np.concatenate([lanes[~push], come[entered]])
    stage = np.concatenate([stage[~push], np.zeros(int(entered.sum()), np.int64)])
    return lanes, script.first[stage], np.concatenate([now[~push], now[push][entered]])


def expect_push(script: Script, runs: Runs, lanes: Ints) -> None:
    row = runs.pushed[lanes]
    inside = np.minimum(row, len(runs.start) - 1)
    at = np.where(row < len(runs.start), runs.start[inside, lanes], NEVER)
    place = len(script.actions) + len(script.first)
    runs.keys[place, lanes] = np.where(at < NEVER, key_of(at % NEVER, script.order[-1], place), NEVER)


def leave(script: Script, runs: Runs, lanes: Ints, stage: Ints, now: Ints, bad: Flags) -> Begins:
    """Executions leave a stage, which is free for who waits; those that came through come to the next. Who enters it."""
    row = runs.holder[stage, lanes]
    over = bad | (stage + 1 == len(script.first))
    if runs.kept:
        runs.kept.leave[stage, row, lanes] = now
        runs.kept.outcome[stage, row, lanes] = np.where(bad, FAILED, SUCCEEDED)
    runs.status[row[over], lanes[over]] = np.where(bad[over], FAILED, SUCCEEDED)
    runs.end[row[over], lanes[over]] = now[over]
    _admit(script, runs, lanes, stage, now)
    on = ~over
    lanes, stage, row, now = lanes[on], stage[on] + 1, row[on], now[on]
    entered = arrive(script, runs, lanes, stage, row, now)
    return lanes[entered], stage[entered], now[entered]


def _admit(script: Script, runs: Runs, lanes: Ints, stage: Ints, now: Ints) -> None:
    """Whoever is first in front of a free stage holds it from now on, and begins when its turn comes in this instant."""
    head = runs.head[stage, lanes]
    waits = head < runs.tail[stage, lanes]
    runs.holder[stage[~waits], lanes[~waits]] = -1
    lanes, stage, head, now = lanes[waits], stage[waits], head[waits], now[waits]
    row = runs.line[stage, head % runs.line.shape[1], lanes]
    runs.head[stage, lanes] = head + 1
    _enter(script, runs, lanes, stage, row, now)
    place = len(script.actions) + stage
    runs.keys[place, lanes] = key_of(now, script.order[stage], place) | LATER


def _enter(script: Script, runs: Runs, lanes: Ints, stage: Ints, row: Ints, now: Ints) -> None:
    runs.holder[stage, lanes] = row
    runs.spent[stage, lanes] = False
    for actions in script.inside:
        action = actions[stage]
        runs.good[action, lanes] = False
        runs.tried[action, lanes] = 0
    if runs.kept:
        runs.kept.enter[stage, row, lanes] = now


def arrive(script: Script, runs: Runs, lanes: Ints, stage: Ints, row: Ints, now: Ints) -> Flags:
    """Executions come to a stage: who enters at once. The others wait; in SUPERSEDED mode only the newest does."""
    if runs.kept:
        runs.kept.arrive[stage, row, lanes] = now
    free: Flags = runs.holder[stage, lanes] < 0
    _enter(script, runs, lanes[free], stage[free], row[free], now[free])
    lanes, stage, row, now = lanes[~free], stage[~free], row[~free], now[~free]
    tail, size = runs.tail[stage, lanes], runs.line.shape[1]
    if script.supersedes:
        waits = tail > runs.head[stage, lanes]
        old = runs.line[stage[waits], (tail[waits] - 1) % size, lanes[waits]]
        runs.status[old, lanes[waits]] = LOST
        runs.end[old, lanes[waits]] = now[waits]
        tail = tail - waits
    runs.line[stage, tail % size, lanes] = row
    runs.tail[stage, lanes] = tail + 1
    return free
