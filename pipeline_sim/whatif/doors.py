"""Who enters a stage when, where nothing but the lock, the mode and the time inside decide.

    QUEUED      enter = max(arrival, free)
    SUPERSEDED  enter = max(arrival, free);   superseded, at time n, where n < enter
    PARALLEL    enter = arrival
                free = leave = enter + time inside

`n` is the arrival of the next one that comes to this stage. Executions (rows) keep their order in front of every stage.
Who never comes (`~here`) has arrival 0 and takes no time: it then changes nothing in these lines, which need no exception.
"""

from __future__ import annotations

import numpy as np

from ..pipeline.model import PARALLEL, SUPERSEDED
from .words import Flags, Ints


def passed(mode: str, arrive: Ints, took: Ints, here: Flags, never: int) -> tuple[Ints, Flags | None, Ints | None]:
    """When each leaves the stage; in SUPERSEDED mode who is superseded in front of it, and when. `took` is set to nothing
    for who does not enter; where `here` is False, times mean nothing."""
    if mode == PARALLEL:
        return arrive + took, None, None
    if mode == SUPERSEDED and len(arrive) > 1:
        following = followed(arrive, here, never)
        leave, lost = _superseded(arrive, took, following)
        return leave, np.logical_and(lost, here, out=lost), following
    return _queued(arrive, took), None, None


def followed(arrive: Ints, here: Flags, never: int) -> Ints:
    """When the next one comes to the same place, for each; `never` where nobody does."""
    following = np.where(here, arrive, arrive.dtype.type(never))
    before = np.full(arrive.shape[1], never, arrive.dtype)
    for row in range(len(arrive) - 1, -1, -1):
        here_row = following[row].copy()
        following[row] = before
        before = np.minimum(here_row, before)
    return following


def _queued(arrive: Ints, took: Ints) -> Ints:
    leave = np.empty_like(arrive)
    free = np.zeros(arrive.shape[1], arrive.dtype)
    for came, lasts, goes in zip(arrive, took, leave, strict=True):
        np.maximum(came, free, out=goes)
        free = np.add(goes, lasts, out=goes)
    return leave


def _superseded(arrive: Ints, took: Ints, following: Ints) -> tuple[Ints, Flags]:
    leave, lost = np.empty_like(arrive), np.empty(arrive.shape, np.bool_)
    free = np.zeros(arrive.shape[1], arrive.dtype)
    for came, lasts, goes, after, out in zip(arrive, took, leave, following, lost, strict=True):
        np.maximum(came, free, out=goes)
        np.greater(goes, after, out=out)
        np.copyto(lasts, 0, where=out)
        free = np.add(goes, lasts, out=goes)
    return leave, lost
