"""Stages that share slots (CodeBuild's capacity): no recursion, so all runs step through their events together.

Whose turn it is at a slot depends on what every stage does meanwhile. Each run has a calendar, a column of `keys`: one for
each action (the end of its attempt, or its time-out in line), one for each stage (who has been admitted begins), one for
the next push. A pass takes the least key of every column, which is one event of every run, and does what follows.

    key = time · 2^17 + order in the instant · 2^10 + scheduled later · 2^9 + place · 2 + in line

The last stage comes first in an instant, pushes come at last. Attempts that left the line were scheduled later than those
that began at once; otherwise actions go by their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .arrivals import worked
from .plan import Plan
from .rounds import FAILED, SUCCEEDED, Codes
from .script import Script, script_of
from .stages import lucks
from .tables import STATUS
from .words import LOW, Flags, Ints, Words, mixed

NEVER = 1 << 62
PLACES = 256
LOST, UNDER_WAY = np.int8(STATUS["Superseded"]), np.int8(STATUS["InProgress"])
_C1, _C2 = np.uint64(0xD1342543DE82EF95), np.uint64(0x2545F4914F6CDD1D)
_S32, _LATER, _IN_LINE = np.uint64(32), 1 << 9, 1


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


@dataclass(frozen=True)
class Kept:
    """What tables want to know: of visits (stage, execution, run) and of works (action, execution, run)."""

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


def stepped(plan: Plan, seeds: Words, start: Ints, keep: bool = False) -> Runs:
    """All runs to their end."""
    script = script_of(plan)
    runs = _begun(plan, script, seeds, start, keep)
    lanes = np.arange(len(seeds))
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
    others = np.flatnonzero(~is_end)
    begins = []
    if len(ends):
        begins.append(_ended(script, runs, lanes[ends], place[ends], now[ends], (least[ends] & _IN_LINE) > 0))
    if len(others):
        begins.append(_others(script, runs, lanes[others], place[others] - actions, now[others]))
    _begin(script, runs, *begins[0]) if len(begins) == 1 else _begin(script, runs, *map(np.concatenate, zip(
        *begins, strict=True)))
    return True


Begins = tuple[Ints, Ints, Ints]
"""Runs, the action group that begins in each, and the time."""


def _others(script: Script, runs: Runs, lanes: Ints, stage: Ints, now: Ints) -> Begins:
    """Who was admitted to a stage begins there; a push starts an execution."""
    push = stage == len(script.first)
    come = lanes[push]
    row = runs.pushed[come]
    runs.pushed[come] += 1
    _expect_push(script, runs, come)
    runs.status[row, come] = UNDER_WAY
    entered = _arrive(script, runs, come, np.zeros(len(come), np.int64), row, now[push])
    lanes = np.concatenate([lanes[~push], come[entered]])
    stage = np.concatenate([stage[~push], np.zeros(int(entered.sum()), np.int64)])
    return lanes, script.first[stage], np.concatenate([now[~push], now[push][entered]])


def _expect_push(script: Script, runs: Runs, lanes: Ints) -> None:
    row = runs.pushed[lanes]
    inside = np.minimum(row, len(runs.start) - 1)
    at = np.where(row < len(runs.start), runs.start[inside, lanes], NEVER)
    place = len(script.actions) + len(script.first)
    runs.keys[place, lanes] = np.where(at < NEVER, _key(at % NEVER, script.order[-1], place), NEVER)


def _key(time: Ints, order: Any, place: Any) -> Ints:
    found: Ints = (time << 17) | (order << 10) | (place << 1)
    return found


# ---------------------------------------------------------------------------------------------- an attempt ends


def _ended(script: Script, runs: Runs, lanes: Ints, action: Ints, now: Ints, in_line: Flags) -> Begins:
    """Attempts end, or time out in line. Slots go to who is first in line; then groups, stages and executions go on."""
    if in_line.any():
        runs.tickets[action[in_line], lanes[in_line]] = NEVER
        runs.queues[script.capacity[action[in_line]], lanes[in_line]] -= 1
    fails = runs.fails[action, lanes] | in_line
    runs.good[action, lanes] = ~fails
    if runs.kept:
        _keep_end(script, runs, runs.kept, lanes, action, now, in_line)
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
    runs.keys[action, lanes] = _key(now + np.minimum(wait, left), order, action) | _LATER
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
    entered_lanes, entered_stage, entered_now = _leave(script, runs, lanes[out], stage[out], now[out], bad[out])
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


# ---------------------------------------------------------------------------------------------- from stage to stage


def _leave(script: Script, runs: Runs, lanes: Ints, stage: Ints, now: Ints, bad: Flags) -> Begins:
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
    entered = _arrive(script, runs, lanes, stage, row, now)
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
    runs.keys[place, lanes] = _key(now, script.order[stage], place) | _LATER


def _enter(script: Script, runs: Runs, lanes: Ints, stage: Ints, row: Ints, now: Ints) -> None:
    runs.holder[stage, lanes] = row
    runs.spent[stage, lanes] = False
    for actions in script.inside:
        action = actions[stage]
        runs.good[action, lanes] = False
        runs.tried[action, lanes] = 0
    if runs.kept:
        runs.kept.enter[stage, row, lanes] = now


def _arrive(script: Script, runs: Runs, lanes: Ints, stage: Ints, row: Ints, now: Ints) -> Flags:
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


# ---------------------------------------------------------------------------------------------- a group begins


def _begin(script: Script, runs: Runs, lanes: Ints, group: Ints, now: Ints) -> None:
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
    runs.keys[action, lanes] = _key(now + lasts, script.order[stage], action)
    runs.fails[action, lanes] = fails | (~lines & (wait > limit))
    if lines.any():
        _queue(script, runs, lanes[lines], action[lines], wait[lines], now[lines] + limit[lines])
    if runs.kept:
        _keep_begin(runs, runs.kept, lanes, action, number.astype(np.int64) - 1, now)


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
    runs.keys[action, lanes] |= _IN_LINE


# ---------------------------------------------------------------------------------------------- for tables


def _keep_begin(runs: Runs, kept: Kept, lanes: Ints, action: Ints, row: Ints, now: Ints) -> None:
    at = action, row, lanes
    kept.attempts[at] += 1
    kept.began[at] = np.where(kept.began[at] < 0, now, kept.began[at])
    kept.since[action, lanes] = now
    kept.slot[action, lanes] = np.where(runs.tickets[action, lanes] < NEVER, -1, now)


def _keep_end(script: Script, runs: Runs, kept: Kept, lanes: Ints, action: Ints, now: Ints, in_line: Flags) -> None:
    at = action, runs.holder[script.stage[action], lanes], lanes
    since = kept.since[action, lanes]
    slot = np.where(in_line, now, kept.slot[action, lanes])
    kept.ended[at] = now
    kept.seconds[at] += now - since
    kept.queued[at] += slot - since
    kept.minutes[at] += -(-(now - since) // 60)
    kept.builds[at] += -(-(now - slot) // 60)
    kept.work[at] = np.where(runs.good[action, lanes], SUCCEEDED, FAILED)


# ---------------------------------------------------------------------------------------------- before the first event


def _begun(plan: Plan, script: Script, seeds: Words, start: Ints, keep: bool) -> Runs:
    width, actions, stages, rows = len(seeds), len(script.actions), len(plan.stages), len(start)
    size = 2 if script.supersedes else 1 << min(plan.limit, max(1, rows)).bit_length()
    luck = lucks(script.actions, seeds)
    none = np.zeros(width, np.uint64)

    def ints(count: int, value: int = 0) -> Ints:
        return np.full((count, width), value, np.int64)

    def flags(count: int) -> Flags:
        return np.zeros((count, width), np.bool_)

    runs = Runs(
        ints(actions + stages + 1, NEVER), ints(actions, NEVER), np.zeros(width, np.int64),
        np.repeat(np.array([[slots] for _, slots in plan.shared]), width, axis=1),
        ints(len(plan.shared)), ints(stages, -1), ints(stages), ints(stages),
        flags(stages), flags(stages), ints(actions + 1).astype(np.int8), flags(actions + 1), flags(actions),
        ints(actions), ints(actions),
        np.zeros((stages, size, width), np.int32), ints(stages), ints(stages), np.zeros(width, np.int64), start,
        np.full(start.shape, NEVER, np.int64), np.zeros(start.shape, np.int8), np.stack([one.base for one in luck]),
        np.stack([none if one.defect is None else one.defect for one in luck]),
        kept_of(stages, actions, rows, width) if keep else None)
    if rows:
        _expect_push(script, runs, np.arange(width))
    return runs


def kept_of(stages: int, actions: int, rows: int, width: int) -> Kept:
    visit, work = (stages, rows, width), (actions, rows, width)

    def sums() -> Ints:
        return np.zeros(work, np.int64)

    return Kept(np.full(visit, NEVER), np.full(visit, NEVER), np.full(visit, NEVER), np.zeros(visit, np.int8),
                np.zeros(visit, np.int8), np.zeros(work, np.int16), np.full(work, -1), np.full(work, -1),
                sums(), sums(), sums(), sums(), np.zeros(work, np.int8),
                np.zeros((actions, width), np.int64), np.zeros((actions, width), np.int64))
