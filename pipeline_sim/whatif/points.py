"""Many points of a knob under the same luck: each fate of a run is evaluated once, however many points it stands for.

Where plans differ in one chance alone, an attempt fails at a point where its draw lies below the point's threshold. So
points are nested. While the threshold rises, a run changes only when it passes one of the run's own draws, and these
are known beforehand:

    draws of a run = executions × attempts, of which those between the least and the greatest threshold matter
    fates of a run = its fate at the least threshold, and one for each such draw

All fates of all runs are evaluated together, as if each were a run: its seed, with a threshold of its own. From point to
point only what changes is then written down. Draws that turn out to decide nothing do no harm.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

import numpy as np

from ..pipeline.model import PARALLEL
from .arrays import Block, Columns, Frame, Memory, evaluate, frame_of, heard, starts, through
from .crossings import NO_ROLLBACK
from .plan import NEVER, Attempts, Plan, StagePlan
from .rounds import Codes
from .stages import Turned
from .words import Flags, Ints, Words, bases, words

WIDE = 1 << 16
"""So many executions are evaluated at a time at least, if there are so many."""


class Knob(NamedTuple):
    """The one chance in which plans differ: whose it is, and in which stage."""

    action: Attempts
    stage: StagePlan


class Fates(NamedTuple):
    """From which point on (among rising thresholds) a run may have another fate; by point."""

    point: Ints
    run: Ints


@dataclass
class Family:
    """Plans, by their places in a list, that differ in one chance from the first of them, or in nothing."""

    first: Plan
    places: list[int]
    thresholds: list[int]
    knob: Knob | None = None


def evaluated_at(plans: Sequence[Plan], seeds: Words) -> Iterator[tuple[int, Block]]:
    """`evaluate(plan, seeds)` for every plan, with its place in the list; not in order. What plans have in common is
    evaluated once, and blocks may share arrays: leave them as they are."""
    memory = Memory()
    for family in families(plans):
        found = _nested(family, seeds, memory) if family.knob is not None else None
        if found is not None:
            yield from found
            continue
        for place in family.places:
            yield place, evaluate(plans[place], seeds, memory=memory)


# ---------------------------------------------------------------------------------------------- what differs


def families(plans: Sequence[Plan]) -> list[Family]:
    """Plans that belong together: along a grid neighbours do."""
    found: list[Family] = []
    for place, plan in enumerate(plans):
        if not any(_joins(family, plan, place) for family in reversed(found)):
            found.append(Family(plan, [place], []))
    return found


def _joins(family: Family, plan: Plan, place: int) -> bool:
    """Whether a plan belongs to a family; it is then in it."""
    differing = _differing(family.first, plan)
    if differing is None or len(differing) > 1:
        return False
    if differing:
        knob, threshold = differing[0]
        if family.knob is None:
            family.knob = knob
            family.thresholds += [knob.action.threshold] * len(family.places)
        elif family.knob.action.key != knob.action.key:
            return False
        family.thresholds.append(threshold)
    elif family.knob is not None:
        family.thresholds.append(family.knob.action.threshold)
    family.places.append(place)
    return True


def _differing(one: Plan, other: Plan) -> list[tuple[Knob, int]] | None:
    """The chances that differ, each with the other's threshold; None where more than chances does."""
    if one.shared or len(one.stages) != len(other.stages) or any(
            mine != its for mine, its in zip(_world(one), _world(other), strict=True)):
        return None
    found: list[tuple[Knob, int]] = []
    for mine, its in zip(one.stages, other.stages, strict=True):
        if mine is its or mine == its:
            continue
        pairs = [(a, b) for a, b in zip(_all(mine), _all(its), strict=False) if a != b]
        if _but_for_chances(mine) != _but_for_chances(its):
            return None
        found += [(Knob(a, mine), b.threshold) for a, b in pairs]
    return found


def _world(plan: Plan) -> tuple[object, ...]:
    return plan.mode, plan.fixed, plan.streams, plan.polling, plan.limit, plan.stops, plan.shared


def _all(stage: StagePlan) -> Iterator[Attempts]:
    return chain(stage.actions, stage.before, stage.success, stage.failure)


def _but_for_chances(stage: StagePlan) -> StagePlan:
    def plain(actions: tuple[Attempts, ...]) -> tuple[Attempts, ...]:
        return tuple(replace(action, threshold=0) for action in actions)

    return replace(stage, groups=tuple(map(plain, stage.groups)), before=plain(stage.before), success=plain(stage.success),
                   failure=plain(stage.failure))


# ---------------------------------------------------------------------------------------------- all fates at once


def _nested(family: Family, seeds: Words, memory: Memory) -> Iterator[tuple[int, Block]] | None:
    """The blocks of a family; None where that would be no less work than one plan after another."""
    plan, knob = family.first, family.knob
    start = starts(plan, seeds, memory)
    thresholds = np.unique(np.array(family.thresholds, np.uint64))
    if knob is None or (plan.mode != PARALLEL and any(stage.may_go_back for stage in plan.stages)):
        return None  # a rollback has luck of its own
    enough = (len(thresholds) - 1) * len(seeds) // 2
    if len(start) * float(thresholds[-1] - thresholds[0]) / 2**32 * len(seeds) > enough:
        return None
    fates = _fates(knob, start, seeds, thresholds)
    if len(fates.run) > enough:
        return None
    ends = _together(plan, knob, start, seeds, fates, thresholds)
    return ((place, heard(plan, seeds, block, memory)) for place, block in _told(family, start, fates, thresholds, ends))


def _fates(knob: Knob, start: Ints, seeds: Words, thresholds: Words) -> Fates:
    """When the runs change."""
    base, numbers = bases(seeds, knob.action.key), np.arange(1, len(start) + 1)[:, None]
    draws = (words(base, numbers, attempt) >> np.uint64(32) for attempt in range(1, _attempts(knob.stage) + 1))
    parts, before = [], None
    for drawn in draws:
        if before is not None and _only_after_failure(knob):
            drawn = np.maximum(drawn, before)
        before = drawn
        parts.append(_passed(drawn, start, thresholds))
    points = np.unique(np.concatenate(parts))
    return Fates(*np.divmod(points, max(1, len(seeds))))


def _passed(drawn: Words, start: Ints, thresholds: Words) -> Ints:
    """Where thresholds pass a draw: the point and the run as one number."""
    row, run = np.nonzero((drawn >= thresholds[0]) & (drawn < thresholds[-1]) & (start < NEVER))
    found: Ints = np.searchsorted(thresholds, drawn[row, run], "right") * start.shape[1] + run
    return found


def _attempts(stage: StagePlan) -> int:
    """At most so many attempts an action of the stage has, or a rule."""
    return 1 + bool(stage.retry) + (stage.policy.times if stage.policy else 0)


def _only_after_failure(knob: Knob) -> bool:
    """Whether a further attempt takes place only if by its draw the one before failed: it then decides at the later of
    both."""
    action, stage = knob.action, knob.stage
    plain = action in stage.actions and action.in_time and not action.passes and not action.defect
    again = {stage.retry, stage.policy.mode if stage.policy else ""}
    return plain and "ALL_ACTIONS" not in again


class Ends(NamedTuple):
    """What becomes of the executions: columns are runs, or fates of runs."""

    end: Ints
    status: Codes
    exact: Flags
    frame: Frame


def _together(plan: Plan, knob: Knob, start: Ints, seeds: Words, fates: Fates, thresholds: Words) -> Ends:
    """All runs at the first point, then all fates."""
    run = np.concatenate([np.arange(len(seeds)), fates.run])
    each = thresholds[np.concatenate([np.zeros(len(seeds), np.int64), fates.point])]
    frame, size = frame_of(plan, start), max(len(seeds), WIDE // max(1, len(start)))
    pieces = [(run[at:at + size], Turned(knob.action.key, each[at:at + size])) for at in range(0, len(run), size)]
    parts = [through(plan, Columns(seeds[here], start.take(here, axis=1), frame, turned)) for here, turned in pieces]
    end, status, exact = zip(*((part.end, part.status, part.exact) for part in parts), strict=True)
    return Ends(np.concatenate(end, axis=1), np.concatenate(status, axis=1), np.concatenate(exact), frame)


def _told(family: Family, start: Ints, fates: Fates, thresholds: Words, ends: Ends) -> Iterator[tuple[int, Block]]:
    """From point to point: what is new."""
    runs = start.shape[1]
    end, status, exact = ends.end[:, :runs], ends.status[:, :runs], ends.exact[:runs]
    bounds = np.searchsorted(fates.point, np.arange(len(thresholds) + 1))
    places: dict[int, list[int]] = {}
    for place, threshold in zip(family.places, family.thresholds, strict=True):
        places.setdefault(threshold, []).append(place)
    for point, threshold in enumerate(thresholds.tolist()):
        new = slice(*bounds[point:point + 2])
        if new.start < new.stop:
            run, its = fates.run[new], slice(runs + new.start, runs + new.stop)
            end, status, exact = end.copy(), status.copy(), exact.copy()
            end[:, run], status[:, run], exact[run] = ends.end[:, its], ends.status[:, its], ends.exact[its]
        block = Block(start, end, status, exact, ends.frame.never, (NO_ROLLBACK,) * len(family.first.stages))
        yield from ((place, block) for place in places[threshold])
