"""The array path: what the simulation does run by run, as recursions over arrays of seeds.

Stages come one after another, and in each the executions in the order of their pushes, which they keep: nobody
overtakes in front of a locked stage. Times are whole seconds, so the results are those of the simulation, not near them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..pipeline.model import PARALLEL, SUPERSEDED
from .arrivals import pushes
from .plan import NEVER, Plan, StagePlan
from .stages import Flags, Groups, lucks, through
from .words import Ints, Words

STATUSES = ("", "InProgress", "Succeeded", "Failed", "Superseded")
ABSENT, UNDER_WAY, SUCCEEDED, FAILED, LOST = range(5)
PIECE = 1 << 14
"""So many executions are drawn at a time: their arrays stay in the processor's cache."""


@dataclass(frozen=True)
class Visits:
    """When executions come to a stage, enter it and leave it; NEVER where they do not."""

    arrive: Ints
    enter: Ints
    leave: Ints


@dataclass(frozen=True)
class Block:
    """All executions of some runs: rows are executions in order, columns runs. `status` is an index of STATUSES."""

    start: Ints
    end: Ints
    status: np.ndarray[tuple[int, ...], np.dtype[np.int8]]
    exact: Flags
    visits: tuple[Visits, ...] = field(default=())


def evaluate(plan: Plan, seeds: Words, visits: bool = False) -> Block:
    """Every execution of the runs with these seeds. Runs that are not `exact` reached the limit of executions."""
    start = pushes(plan, seeds)
    status = np.where(start < NEVER, UNDER_WAY, ABSENT).astype(np.int8)
    end, arrive, kept = np.full(start.shape, NEVER), start, []
    for stage in plan.stages:
        enter, leave, ok, lost, at = enter_stage(plan.mode, stage, lucks(stage, seeds), arrive)
        inside = enter < NEVER
        status[lost], status[inside & ~ok] = LOST, FAILED
        over = inside & ~ok
        end[lost], end[over] = at[lost], leave[over]
        if visits:
            kept.append(Visits(arrive, enter, leave))
        arrive = np.where(inside & ok, leave, NEVER)
    through_all = arrive < NEVER
    status[through_all], end[through_all] = SUCCEEDED, arrive[through_all]
    return Block(start, end, status, _within(plan, start, end), tuple(kept))


def _within(plan: Plan, start: Ints, end: Ints) -> Flags:
    """Which runs surely stay below the limit of executions under way: as many pushes ago, all was over."""
    if plan.mode == SUPERSEDED or len(start) <= plan.limit:
        return np.ones(start.shape[1], np.bool_)
    over = np.maximum.accumulate(np.where(start < NEVER, end, 0), axis=0)
    fine: Flags = np.all(over[:-plan.limit] <= start[plan.limit:], axis=0)
    return fine


def enter_stage(
    mode: str, stage: StagePlan, groups: Groups, arrive: Ints
) -> tuple[Ints, Ints, Flags, Flags, Ints]:
    """Who enters when, leaves when, with success; who is superseded, and when."""
    following = _following(arrive) if mode == SUPERSEDED else arrive
    if stage.by_the_clock:
        took, ok = np.empty_like(arrive), np.empty(arrive.shape, np.bool_)
    else:
        took, ok = _in_bulk(stage, groups, arrive.shape)
    enter = np.empty_like(arrive)
    free = np.zeros(arrive.shape[1], np.int64)
    for row in range(len(arrive)):
        begin = arrive[row] if mode == PARALLEL else np.maximum(arrive[row], free)
        begin = opened(stage, begin)
        gone = begin >= NEVER
        if mode == SUPERSEDED:
            gone |= following[row] < begin
        enter[row] = np.where(gone, NEVER, begin)
        if stage.by_the_clock:
            since = np.where(gone, 0, begin)
            number = np.array([[row + 1]])
            took[row:row + 1], ok[row:row + 1] = through(stage, groups, number, since[None])
        free = np.where(gone, free, begin + took[row])
    entered = enter < NEVER
    lost = (arrive < NEVER) & ~entered & (following < NEVER) if mode == SUPERSEDED else np.zeros_like(entered)
    return enter, np.where(entered, enter + took, NEVER), ok, lost, following


def _following(arrive: Ints) -> Ints:
    """When the next one comes to the same place, for each."""
    following = np.full_like(arrive, NEVER)
    if len(arrive) > 1:
        following[:-1] = np.minimum.accumulate(arrive[:0:-1], axis=0)[::-1]
    return following


def opened(stage: StagePlan, time: Ints) -> Ints:
    """The first instant at or after `time` at which the way into the stage is open."""
    for begin, end in stage.closed:
        time = np.where((time >= begin) & (time < end), end, time)
    return time


def _in_bulk(stage: StagePlan, groups: Groups, shape: tuple[int, ...]) -> tuple[Ints, Flags]:
    """What all executions take in a stage whose work does not depend on the clock."""
    took, ok = np.empty(shape, np.int64), np.empty(shape, np.bool_)
    step = max(1, PIECE // max(1, shape[1]))
    for row in range(0, shape[0], step):
        numbers = np.arange(row + 1, min(row + step, shape[0]) + 1)[:, None]
        took[row:row + step], ok[row:row + step] = through(stage, groups, numbers)
    return took, ok
