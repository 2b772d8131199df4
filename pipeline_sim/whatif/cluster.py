"""Who does the work: this process, several on this machine (joblib), or a Dask cluster. What comes out is the same.

A task is a range of runs, and a run is decided by its seed alone. So a task may be done by anybody, twice where a worker
was lost, and results are given back in the order of the tasks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

Answer = TypeVar("Answer")
AHEAD = 3
"""So many tasks for each worker are under way or wait to be fetched: more would only take memory."""


def spread(
    work: Callable[..., Answer], tasks: Iterable[tuple[Any, ...]], workers: int = 1, client: Any = None
) -> Iterator[Answer]:
    """`work(*task)` for each task, in order. `workers` are processes, by joblib's loky or by the backend that a
    `joblib.parallel_config` around the call names; `client` is a `dask.distributed.Client`."""
    if client is not None:
        return _by_dask(work, iter(tasks), client)
    if workers == 1:
        return (work(*task) for task in tasks)
    return _by_joblib(work, iter(tasks), workers)


def _by_joblib(work: Callable[..., Answer], tasks: Iterator[tuple[Any, ...]], workers: int) -> Iterator[Answer]:
    """Some tasks at a time are handed out, so that answers that nobody has fetched yet do not pile up."""
    from joblib import Parallel, delayed

    with Parallel(n_jobs=workers, pre_dispatch="all", batch_size=1) as parallel:
        many = AHEAD * max(1, parallel.n_jobs if parallel.n_jobs > 0 else 8)
        while some := list(islice(tasks, many)):
            yield from parallel(delayed(work)(*task) for task in some)


def _by_dask(work: Callable[..., Answer], tasks: Iterator[tuple[Any, ...]], client: Any) -> Iterator[Answer]:
    """A window of tasks is under way. Dask does those of a lost worker again, and answers that went with it, too."""
    width = AHEAD * max(1, sum(client.nthreads().values()))
    waiting = deque(client.submit(work, *task, pure=False) for task in islice(tasks, width))
    while waiting:
        answer: Answer = waiting.popleft().result()
        waiting.extend(client.submit(work, *task, pure=False) for task in islice(tasks, 1))
        yield answer
