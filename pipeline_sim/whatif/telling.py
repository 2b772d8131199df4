"""The tables of a block that arrays have evaluated: its executions, numbered as the simulation numbers them."""

from __future__ import annotations

import numpy as np

from .arrays import Block
from .rounds import FAILED, SUCCEEDED
from .tables import OVER, Executions
from .words import Ints


def executions_of(block: Block, first: int) -> Executions:
    """The executions of the exact runs, by run and number; the block's runs are `first` and those after it."""
    status = block.status.T if block.exact.all() else np.where(block.exact[:, None], block.status.T, 0)
    run, row = np.nonzero(status)
    start, end = block.start.T[run, row], block.end.T[run, row]
    number = (row + 1).astype(np.int32)
    table = Executions((run + first).astype(np.int32), number, status[run, row], start.astype(np.int64),
                       np.where(end < block.never, end, OVER).astype(np.int64), number, np.full(len(row), OVER, np.int8))
    return _with_rollbacks(block, table, first) if any(len(one.run) for one in block.rollbacks) else table


def _with_rollbacks(block: Block, table: Executions, first: int) -> Executions:
    """The same with rollbacks, all numbered anew, by `order_of` and time."""
    parts = [one for one in block.rollbacks if len(one.run)]
    stage = np.concatenate([np.full(len(one.run), place) for place, one in enumerate(block.rollbacks)])
    row, run, begin, end, ok, target = (np.concatenate(column) for column in zip(*parts, strict=True))
    kept = block.exact[run]
    row, run, begin, end, ok, target, stage = (one[kept] for one in (row, run, begin, end, ok, target, stage))
    pushes, after = len(table.run), orders_of(block, row, run, begin)
    runs = np.concatenate([table.run, run + first])
    place = np.concatenate([table.push, after])
    is_back = np.arange(len(runs)) >= pushes
    starts = np.concatenate([table.start, begin])
    order = np.lexsort((np.concatenate([table.push, row]), starts, is_back, place, runs))
    columns = Executions(
        runs.astype(np.int32), place.astype(np.int32), np.concatenate([table.status, np.where(ok, SUCCEEDED, FAILED)]),
        starts, np.concatenate([table.end, end]), np.concatenate([table.push, target + 1]).astype(np.int32),
        np.concatenate([table.rollback, stage]).astype(np.int8))
    found = {name: column[order] for name, column in columns.columns().items()}
    found["number"] = numbers_in(found["run"])
    return Executions(**found)


def orders_of(block: Block, row: Ints, run: Ints, begin: Ints) -> Ints:
    """After which push a rollback comes: it is later than the execution's own that failed, and than all before it began;
    a push at the same instant comes after whatever happens in stages."""
    earlier = np.zeros(len(row), np.int64)
    for one in np.unique(run):
        mine = run == one
        earlier[mine] = np.searchsorted(block.start[:, one], begin[mine], "left")
    found: Ints = np.maximum(row + 1, earlier)
    return found


def numbers_in(run: Ints) -> Ints:
    """1, 2, 3, … within each run; runs stand together."""
    first = np.flatnonzero(np.diff(run, prepend=run[:1] - 1))
    lengths = np.diff(np.append(first, len(run)))
    found: Ints = (np.arange(len(run)) - np.repeat(first, lengths) + 1).astype(np.int32)
    return found
