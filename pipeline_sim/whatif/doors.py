"""Who enters a stage when, where nothing but the lock, the mode and the time inside decide.

    QUEUED      enter = max(arrival, free)
    SUPERSEDED  enter = max(arrival, free);   superseded, at time n, where n < enter
    PARALLEL    enter = arrival
                free = leave = enter + time inside

`n` is the arrival of the next one that comes to this stage. Executions (rows) keep their order in front of every stage.
Who never comes (`~here`) has arrival 0 and takes no time: it then changes nothing in these lines, which need no exception.
Nor do they use masks, which cost ten times what a multiplication by a flag does.
"""

from __future__ import annotations

import numpy as np

from ..pipeline.model import PARALLEL, SUPERSEDED
from .words import Flags, Ints


def passed(mode: str, arrive: Ints, took: Ints, here: Flags, never: int) -> tuple[Flags | None, Ints | None]:
    """Everybody passes the stage: `arrive` becomes, in place, when each leaves it. In SUPERSEDED mode gives back who is
    superseded in front of it, and when; these take no time. Where `here` is False, times mean nothing."""
    if mode == PARALLEL:
        arrive += took
    elif mode == SUPERSEDED and len(arrive) > 1:
        following = followed(arrive, here, never)
        kept = _kept(arrive, took, following)
        return np.greater(here, kept, out=kept), following
    else:
        _queued(arrive, took)
    return None, None


def followed(arrive: Ints, here: Flags, never: int) -> Ints:
    """When the next one comes to the same place, for each; `never` where nobody does."""
    following = np.empty_like(arrive)
    following[-1:] = never
    np.multiply(~here[1:], arrive.dtype.type(never), out=following[:-1])
    following[:-1] += arrive[1:]  # who does not come has arrival 0
    for row in range(len(arrive) - 2, 0, -1):
        np.minimum(following[row - 1], following[row], out=following[row - 1])
    return following


def _queued(times: Ints, took: Ints) -> None:
    free = np.zeros(times.shape[1], times.dtype)
    for time, lasts in zip(times, took, strict=True):
        np.maximum(time, free, out=time)
        free = np.add(time, lasts, out=time)


def _kept(times: Ints, took: Ints, following: Ints) -> Flags:
    """Who is not superseded."""
    kept = np.empty(times.shape, np.bool_)
    free, factor = np.zeros((2, times.shape[1]), times.dtype)
    for time, lasts, after, out in zip(times, took, following, kept, strict=True):
        np.maximum(time, free, out=time)
        np.less_equal(time, after, out=out)
        factor[...] = out
        np.multiply(lasts, factor, out=lasts)
        free = np.add(time, lasts, out=time)
    return kept
