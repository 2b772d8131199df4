"""The array path: what the simulation does run by run, as recursions over arrays of seeds.

Stages come one after another, and in each the executions in the order of their pushes, which they keep: nobody overtakes
in front of a locked stage. For each stage: what everybody takes inside (`stages`, `rounds`), then who enters when
(`doors`, or `crossings` where more than the lock decides). Times are whole seconds, so the results are those of the
simulation, not near them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ..pipeline.model import PARALLEL, SUPERSEDED
from .arrivals import awake, looked, pushes
from .crossings import NO_ROLLBACK, Crossed, Crossing, Rollback, crossed
from .doors import passed
from .lockstep import Kept, Runs, stepped
from .plan import NEVER, Plan, StagePlan
from .rounds import FAILED, SKIPPED, SUCCEEDED, Codes, rounds, way_of
from .stages import Turned, first_attempts, stage_luck
from .tables import STATUS
from .words import Desk, Flags, Ints, Words, desk

UNDER_WAY, LOST = np.int8(STATUS["InProgress"]), np.int8(STATUS["Superseded"])
SOON = (1 << 30) - 1
"""A time that does not come, where no time that does needs more than 30 bits: two of them still fit into 32."""


@dataclass(frozen=True)
class Visit:
    """A stage: who comes to it when (where `here`), and what becomes of them."""

    here: Flags
    arrive: Ints
    crossed: Crossed


@dataclass(frozen=True)
class Block:
    """All executions of some runs: rows are pushes in order, columns runs. `status` is a status code, 0 where there was no
    push; `start` and `end` are `never` where they do not come. Runs that are not `exact` are the simulation's to do: they
    reached the limit of executions, or two rollbacks begin at one instant. `rollbacks` are those of each stage. `arrived`
    says when the changes came, where a polled source looked at them later and perhaps at several together."""

    start: Ints
    end: Ints
    status: Codes
    exact: Flags
    never: int
    rollbacks: tuple[Rollback, ...]
    visits: tuple[Visit, ...] = field(default=())
    kept: Kept | None = None
    arrived: Ints | None = None


class Frame(NamedTuple):
    """How times are held in a block: their type, and the time that does not come."""

    dtype: Any
    never: int


class Columns(NamedTuple):
    """The runs of a block: their seeds, when their pushes arrive, how times are held, and which chance is not the same in
    all of them."""

    seeds: Words
    start: Ints
    frame: Frame
    turned: Turned | None = None


class Inside(NamedTuple):
    """What everybody takes in a stage, and (flat) who does not come through."""

    took: Ints
    bad: Ints


@dataclass
class Progress:
    """How far the executions of a block have come: who is still going (`here`) and comes to the next stage when (0 where
    not), with the status and end of the others. `over` is when everything is over that an execution is or leaves behind."""

    here: Flags
    arrive: Ints
    status: Codes
    end: Ints
    over: Ints
    rollbacks: tuple[Rollback, ...] = ()

    @property
    def ends(self) -> tuple[Ints, ...]:
        """`end` and `over`, each once."""
        return (self.end,) if self.over is self.end else (self.end, self.over)

    def copy(self) -> Progress:
        over = self.end if self.over is self.end else self.over.copy()
        end = self.end.copy()
        return Progress(self.here.copy(), self.arrive.copy(), self.status.copy(), end,
                        end if self.over is self.end else over, self.rollbacks)


@dataclass(frozen=True)
class Memory:
    """What is known of a block of runs already: for a sweep, where most stages are the same at all points. `inside` is by
    stage, `progress` by all the stages that have been passed; `starts` by the pushes, `desks` by type and size."""

    inside: dict[StagePlan, Inside] = field(default_factory=dict)
    progress: dict[Any, Progress] = field(default_factory=dict)
    starts: dict[Any, Ints] = field(default_factory=dict)
    desks: dict[Any, Desk] = field(default_factory=dict)


def evaluate(plan: Plan, seeds: Words, visits: bool = False, memory: Memory | None = None) -> Block:
    """Every execution of the runs with these seeds. All plans that share a `memory` have the same seeds."""
    start = starts(plan, seeds, memory)
    if plan.shared:
        return heard(plan, seeds, _in_lockstep(plan, seeds, start, visits), memory)
    return heard(plan, seeds, through(plan, Columns(seeds, start, frame_of(plan, start)), visits, memory), memory)


def through(plan: Plan, columns: Columns, visits: bool = False, memory: Memory | None = None) -> Block:
    """The same of runs whose pushes are known, where no slots are shared."""
    seeds, start, frame, _ = columns
    began = start < NEVER
    work = _desk(start.shape, frame, memory)
    progress, first = _resumed(plan, memory) or (_begun(start, began, frame), 0)
    kept: list[Visit] = []
    for place in range(0 if visits else first, len(plan.stages)):
        stage = plan.stages[place]
        if _plain(plan, stage):
            _through(plan, stage, columns, work, progress, memory, kept if visits else None)
        else:
            _across(plan, place, columns, work, progress, kept if visits else None)
        if memory is not None and not visits and place + 1 < len(plan.stages):
            memory.progress[_passed(plan, place + 1)] = progress.copy()
    _ended(progress, progress.here, progress.arrive, SUCCEEDED, frame.never)
    exact = _within(plan, start, began, progress.over) & _told_apart(progress.rollbacks, len(seeds))
    return Block(start, progress.end, progress.status, exact, frame.never, progress.rollbacks, tuple(kept))


def _in_lockstep(plan: Plan, seeds: Words, start: Ints, visits: bool) -> Block:
    """The same where stages share slots."""
    runs = stepped(plan, seeds, start, visits)
    exact = _within(plan, start, start < NEVER, runs.end)
    return Block(start, runs.end, runs.status, exact, NEVER, (), tuple(_visits_of(runs)), runs.kept)


def _visits_of(runs: Runs) -> Iterator[Visit]:
    kept = runs.kept
    for arrive, enter, leave, outcome in zip(kept.arrive, kept.enter, kept.leave, kept.outcome, strict=True) if kept else ():
        here = arrive < NEVER
        lost = here & (enter == NEVER) & (runs.status == LOST)
        yield Visit(here, arrive, Crossed(
            enter, leave, outcome, lost.astype(np.int8) * LOST, np.where(lost, runs.end, NEVER), np.zeros_like(outcome),
            np.zeros_like(arrive), NO_ROLLBACK))


def frame_of(plan: Plan, start: Ints) -> Frame:
    """32 bits, where no time can come near to their end."""
    last = int((start * (start < NEVER)).max(initial=0))
    last += sum(stage.longest for stage in plan.stages) * (len(start) + 1)
    last = max([last, *(last + end for stage in plan.stages for _, end in stage.closed if end < NEVER)])
    if last < SOON and not any(stage.by_the_clock for stage in plan.stages):
        return Frame(np.int32, SOON)
    return Frame(np.int64, NEVER)


def starts(plan: Plan, seeds: Words, memory: Memory | None) -> Ints:
    """When executions start, one row for each in order."""
    key = (plan.fixed, plan.streams, plan.polling)
    known = memory.starts.get(key) if memory is not None else None
    if known is None:
        known = arrivals(plan, seeds, memory)
        if plan.polling:
            known = looked(known, plan.polling)
        if memory is not None:
            memory.starts[key] = known
    return known


def arrivals(plan: Plan, seeds: Words, memory: Memory | None) -> Ints:
    """When changes arrive."""
    key = (plan.fixed, plan.streams)
    known = memory.starts.get(key) if memory is not None else None
    if known is None:
        known = pushes(plan, seeds)
        if memory is not None:
            memory.starts[key] = known
    return known


def heard(plan: Plan, seeds: Words, block: Block, memory: Memory | None) -> Block:
    """The block with when its changes arrived, where that is not when its executions start."""
    if not plan.polling:
        return block
    arrived = arrivals(plan, seeds, memory)
    return replace(block, exact=block.exact & awake(arrived), arrived=arrived)


def _desk(shape: tuple[int, ...], frame: Frame, memory: Memory | None) -> Desk:
    if memory is None:
        return desk(shape[0], shape[1], frame.dtype)
    key = (shape, frame)
    if key not in memory.desks:
        memory.desks[key] = desk(shape[0], shape[1], frame.dtype)
    return memory.desks[key]


def _begun(start: Ints, began: Flags, frame: Frame) -> Progress:
    arrive = (start * began).astype(frame.dtype)
    end = np.full(start.shape, frame.never, frame.dtype)
    return Progress(began.copy(), arrive, began.astype(np.int8) * UNDER_WAY, end, end)


def _passed(plan: Plan, place: int) -> Any:
    lasting = sum(stage.longest for stage in plan.stages)
    return plan.mode, plan.fixed, plan.streams, plan.polling, plan.stops, plan.stages[:place], lasting


def _resumed(plan: Plan, memory: Memory | None) -> tuple[Progress, int] | None:
    """Where another plan has come with the same stages before."""
    for place in range(len(plan.stages) - 1, 0, -1) if memory is not None else ():
        known = memory.progress.get(_passed(plan, place)) if memory is not None else None
        if known is not None:
            return known.copy(), place
    return None


def _plain(plan: Plan, stage: StagePlan) -> bool:
    """Whether nothing but the lock and the mode decides who enters when."""
    goes_back = stage.may_go_back and plan.mode != PARALLEL
    return not (stage.closed or stage.by_the_clock or stage.policy or goes_back or plan.stops)


# ---------------------------------------------------------------------------------------------- one stage


def inside_of(stage: StagePlan, columns: Columns, rows: int, work: Desk) -> Inside:
    """What everybody takes in a stage that is no matter of the clock, with failures and automatic retry."""
    seeds = columns.seeds
    luck = stage_luck(stage, seeds, columns.turned)
    took, failed = first_attempts(luck, rows, len(seeds), work)
    place = np.flatnonzero(failed)
    if not len(place):
        return Inside(took, place)
    row, run = np.divmod(place, len(seeds))
    first = rounds(luck, way_of(luck, run, row + 1, row + 1), run, np.zeros(len(run), np.int64))[0]
    took[row, run] = first.time
    return Inside(took, place[first.outcome == FAILED])


def _through(
    plan: Plan, stage: StagePlan, columns: Columns, work: Desk, now: Progress, memory: Memory | None,
    kept: list[Visit] | None,
) -> None:
    frame = columns.frame
    inside = memory.inside.get(stage) if memory is not None else None
    if inside is None or inside.took.shape != now.arrive.shape or inside.took.dtype != frame.dtype:
        inside = inside_of(stage, columns, len(now.arrive), work)
        if memory is not None:
            memory.inside[stage] = Inside(inside.took.copy(), inside.bad)
    elif memory is not None:
        np.copyto(work.took, inside.took)
    took, here, leave = work.took, now.here, now.arrive
    np.multiply(took, here, out=took)
    came, before = (leave.copy(), here.copy()) if kept is not None else (leave, here)
    lost, following = passed(plan.mode, leave, took, here, frame.never)
    if lost is not None and following is not None:
        _ended(now, lost, following, LOST, frame.never)
        np.greater(here, lost, out=here)
    bad = inside.bad[here.take(inside.bad)]
    np.put(now.status, bad, FAILED)
    for end in now.ends:
        np.put(end, bad, leave.take(bad))
    if kept is not None:
        kept.append(_visit(stage, columns, before, came, leave, took, here.copy(), bad, lost, now.end))
    np.put(here, bad, False)
    now.rollbacks = (*now.rollbacks, NO_ROLLBACK)
    np.multiply(leave, here, out=leave)


def _ended(now: Progress, who: Flags, at: Ints, how: np.int8, never: int) -> None:
    """Some who were under way until now have ended. Sums with flags as factors: masks would take ten times as long."""
    now.status += np.multiply(who.view(np.int8), how - UNDER_WAY)
    for end in now.ends:
        end += (at - end.dtype.type(never)) * who


def _visit(
    stage: StagePlan, columns: Columns, before: Flags, came: Ints, leave: Ints, took: Ints, inside: Flags, bad: Ints,
    lost: Flags | None, end: Ints,
) -> Visit:
    """The same as a stage tells it that is crossed by all the rules."""
    never = columns.frame.dtype(columns.frame.never)
    outcome = inside.astype(np.int8) * SUCCEEDED
    np.put(outcome, bad, FAILED)
    if stage.skips:
        _mark_skipped(stage, columns, outcome)
    waiting = np.zeros_like(outcome) if lost is None else lost.astype(np.int8) * LOST
    gone = np.full_like(leave, never) if lost is None else np.where(lost, end, never)
    found = Crossed(np.where(inside, leave - took, never), np.where(inside, leave, never), outcome, waiting, gone,
                    np.zeros_like(outcome), np.zeros_like(leave), NO_ROLLBACK)
    return Visit(before, came, found)


def _mark_skipped(stage: StagePlan, columns: Columns, outcome: Codes) -> None:
    place = np.flatnonzero(outcome == SUCCEEDED)
    row, run = np.divmod(place, outcome.shape[1])
    luck = stage_luck(stage, columns.seeds, columns.turned)
    first = rounds(luck, way_of(luck, run, row + 1, row + 1), run, np.zeros(len(run), np.int64))[0]
    np.put(outcome, place[first.outcome == SKIPPED], SKIPPED)


def _across(
    plan: Plan, place: int, columns: Columns, work: Desk, now: Progress, kept: list[Visit] | None
) -> None:
    seeds, start, frame, turned = columns
    luck = stage_luck(plan.stages[place], seeds, turned)
    took = failed = None
    if not luck.stage.by_the_clock:
        took, failed = first_attempts(luck, len(now.arrive), len(seeds), work)
    found = crossed(Crossing(plan.mode, luck, now.arrive, now.here, start, plan.stops, frame.never,
                             int(LOST), took, failed))
    if kept is not None:
        kept.append(Visit(now.here.copy(), now.arrive.copy(), found))
    if now.over is now.end:
        now.over = now.end.copy()
    going = (found.outcome == SUCCEEDED) | (found.outcome == SKIPPED)
    over = (found.outcome != 0) & ~going
    for codes, times, who in ((found.outcome, found.leave, over), (found.waiting, found.gone, found.waiting != 0)):
        np.copyto(now.status, codes, where=who)
        np.copyto(now.end, times, where=who)
        np.copyto(now.over, np.maximum(times, found.busy), where=who)
    now.here = going
    now.arrive = np.where(going, found.leave, 0).astype(frame.dtype)
    now.rollbacks = (*now.rollbacks, found.rollbacks)


# ---------------------------------------------------------------------------------------------- what is exact


def _within(plan: Plan, start: Ints, began: Flags, over: Ints) -> Flags:
    """Which runs surely stay below the limit of executions under way: as many pushes ago, all was over."""
    if plan.mode == SUPERSEDED or len(start) <= plan.limit:
        return np.ones(start.shape[1], np.bool_)
    ended = over * began
    for before, now in pairwise(ended):
        np.maximum(before, now, out=now)
    fine: Flags = np.all(ended[:-plan.limit] <= start[plan.limit:], axis=0)
    return fine


def _told_apart(rollbacks: tuple[Rollback, ...], runs: int) -> Flags:
    """Which runs have no two rollbacks, in different stages, that begin at one instant: their numbers would depend on the
    order of what happens in it."""
    exact = np.ones(runs, np.bool_)
    if sum(len(one.run) > 0 for one in rollbacks) < 2:
        return exact
    run = np.concatenate([one.run for one in rollbacks])
    begin = np.concatenate([one.begin for one in rollbacks])
    stage = np.repeat(np.arange(len(rollbacks)), [len(one.run) for one in rollbacks])
    order = np.lexsort((stage, begin, run))
    run, begin, stage = run[order], begin[order], stage[order]
    same = (run[1:] == run[:-1]) & (begin[1:] == begin[:-1]) & (stage[1:] != stage[:-1])
    exact[run[1:][same]] = False
    return exact
