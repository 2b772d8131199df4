"""When the pushes of many runs arrive, and how office time passes for many at once."""

from __future__ import annotations

import numpy as np

from ..rules import THIRTY_DAYS
from ..scenario import Hours
from ..scenario.streams import Stream, gaps, place_of
from .plan import NEVER, Plan
from .words import Flags, Ints, Words, bases, durations, words

CHUNK = 64
"""So many pushes of a stream are drawn at a time."""


def pushes(plan: Plan, seeds: Words) -> Ints:
    """The times of the pushes, one row for each in order, one column for each run; NEVER where a run has fewer."""
    parts = [stream_of(stream, number, seeds) for number, stream in enumerate(plan.streams)]
    if plan.fixed or not parts:
        fixed = np.array(plan.fixed, np.int64)[:, None]
        parts.append(np.broadcast_to(fixed, (len(plan.fixed), len(seeds))).copy())
    if len(parts) == 1:
        return parts[0]
    times = np.concatenate(parts)
    times.sort(axis=0)
    return times


def looked(arrived: Ints, every: int) -> Ints:
    """When a source that is polled starts executions: at its next look, which finds all that came since the one before."""
    look = _look(arrived, every)
    start = np.where(_is_last(look), look, NEVER)
    start.sort(axis=0)
    return start[:int((start < NEVER).any(axis=1).sum())]


def found_by(arrived: Ints, every: int) -> Ints:
    """The place of the execution that each push starts, among those of its run."""
    last = _is_last(_look(arrived, every))
    found: Ints = np.cumsum(last, axis=0) - last
    return found


def _look(arrived: Ints, every: int) -> Ints:
    """The next look at or after each push; NEVER for none."""
    found: Ints = np.where(arrived < NEVER, -(-arrived // every) * every, NEVER)
    return found


def _is_last(look: Ints) -> Flags:
    """Whether the next push, if there is one, is found by another look."""
    last = look < NEVER
    last[:-1] &= look[:-1] != look[1:]
    return last


def awake(arrived: Ints) -> Flags:
    """Which runs surely never have a polled source fall asleep, 30 days after its last execution."""
    before = np.concatenate([np.zeros((1, arrived.shape[1]), np.int64), arrived[:-1]])
    found: Flags = np.all((arrived - before < THIRTY_DAYS) | (arrived >= NEVER), axis=0)
    return found


def stream_of(stream: Stream, number: int, seeds: Words) -> Ints:
    """The pushes of one stream, as `scenario.streams.stream` draws them."""
    base, parts, at, first = bases(seeds, place_of(number)), [], np.full(len(seeds), stream.begins, np.int64), 1
    while stream.most is None or first <= stream.most:
        last = first + CHUNK if stream.most is None else min(first + CHUNK, stream.most + 1)
        gap = durations(words(base, np.arange(first, last)[:, None], 0), gaps(stream))
        times = _summed(stream.hours, at, gap)
        at, first = times[-1], last
        over = stream.ends is not None and at.max(initial=0) >= stream.ends  # times rise, so that the last say it for all
        parts.append(np.where(times < stream.ends, times, NEVER) if over else times)
        if over and at.min() >= stream.ends:
            break
    times = np.concatenate(parts) if parts else np.empty((0, len(seeds)), np.int64)
    return times[:int((times < NEVER).any(axis=1).sum())]


def _summed(hours: Hours | None, at: Ints, gap: Ints) -> Ints:
    if hours is None:
        times: Ints = np.cumsum(gap, axis=0, out=gap)
        times += at
        return times
    times = np.empty_like(gap)
    for row, work in enumerate(gap):
        at = times[row] = worked(hours, at, work)
    return times


def worked(hours: Hours, at: Ints, work: Ints) -> Ints:
    """`hours.add(at, work)` for all."""
    opens, closes, done = _calendar(hours, int(at.max(initial=0)), int(work.max(initial=0)))
    place = np.searchsorted(opens, at, "right") - 1
    inside = (place >= 0) & (at < closes[place])
    begin = np.where(inside, at, opens[place + 1])
    place = np.where(inside, place, place + 1)
    target = done[place] + begin - opens[place] + work
    place = np.searchsorted(done, target, "right") - 1
    place -= (done[place] == target) & (place > 0) & (work > 0)  # done at closing time, not at the next opening
    found: Ints = opens[place] + target - done[place]
    return found


def _calendar(hours: Hours, at: int, work: int) -> tuple[Ints, Ints, Ints]:
    """Openings, closings, and the seconds worked before each, far enough for `work` that begins at `at`."""
    until = at
    while True:
        opens, closes = (np.array(moments, np.int64) for moments in hours.intervals(until))
        length = closes - opens
        done = np.cumsum(length) - length
        if length[opens > at].sum() > work:
            return opens, closes, done
        until = 2 * until + 7 * 86_400 + work
