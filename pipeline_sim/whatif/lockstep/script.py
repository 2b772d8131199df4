"""What all runs that step in lockstep have in common: stages, groups and actions as arrays to look up in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...pipeline.model import SUPERSEDED
from ..plan import Attempts, Plan, longest_of
from ..words import Flags, Ints, Words, table


@dataclass(frozen=True)
class Script:
    """Actions go by one place over all stages; `members` are those of each group (-1: none),
    groups go by one place, too. `first` and `last` are a stage's groups, `home` the stage of a group, `stage` of an action;
    `order` ranks stages and pushes within an instant. `inside` are the actions of each stage, filled up with a place after
    all of them, `hourly` those that keep office hours; `broken` says that revisions may have defects, `wanting` who
    queues for each capacity."""

    actions: tuple[Attempts, ...]
    members: Ints
    home: Ints
    first: Ints
    last: Ints
    stage: Ints
    order: Ints
    retry: Ints
    capacity: Ints
    timeout: Ints
    threshold: Words
    passes: Flags
    defect: Words
    tables: Ints
    supersedes: bool
    inside: Ints
    hourly: tuple[int, ...]
    broken: bool
    wanting: tuple[Ints, ...]


def script_of(plan: Plan) -> Script:
    actions = tuple(action for stage in plan.stages for action in stage.actions)
    sizes = [[len(group) for group in stage.groups] for stage in plan.stages]
    home = np.repeat(np.arange(len(sizes)), [len(one) for one in sizes])
    last = np.cumsum([len(one) for one in sizes]) - 1
    flat = [size for one in sizes for size in one]
    begins = np.cumsum([0, *flat])
    members = np.array([[begins[group] + place if place < size else -1 for group, size in enumerate(flat)]
                        for place in range(max(flat))])
    names = [name for name, _ in plan.shared]
    modes = {"": 0, "FAILED_ACTIONS": 1, "ALL_ACTIONS": 2}
    unanswered = np.array([action.duration is None for action in actions])
    thresholds = np.array([action.threshold for action in actions], np.uint64)
    return Script(
        actions, members, home, last - np.array([len(one) for one in sizes]) + 1, last,
        np.repeat(np.arange(len(sizes)), [sum(one) for one in sizes]), np.append(np.arange(len(sizes))[::-1], len(sizes)),
        np.array([modes[stage.retry] for stage in plan.stages]),
        np.array([names.index(action.capacity) if action.capacity else -1 for action in actions]),
        np.array([action.timeout for action in actions]), np.where(unanswered, np.uint64(1 << 32), thresholds),
        np.array([action.passes for action in actions]) & ~unanswered,
        np.array([action.defect for action in actions], np.uint64), np.stack([_table(action) for action in actions]),
        plan.mode == SUPERSEDED, _inside(plan, len(actions)),
        tuple(place for place, action in enumerate(actions) if action.hours), any(action.defect for action in actions),
        tuple(np.array([place for place, action in enumerate(actions) if action.capacity == name]) for name in names))


def _inside(plan: Plan, none: int) -> Ints:
    counts = [len(stage.actions) for stage in plan.stages]
    begins = np.cumsum([0, *counts])
    return np.array([[begins[stage] + place if place < count else none for stage, count in enumerate(counts)]
                     for place in range(max(counts))])


def _table(action: Attempts) -> Ints:
    """All durations; who is never answered takes longer than its limit."""
    if action.duration is None:
        return np.full(1 << 16, action.timeout + 1)
    return table(action.duration) if longest_of(action.duration) >= 1 << 31 else table(action.duration, np.int32)
