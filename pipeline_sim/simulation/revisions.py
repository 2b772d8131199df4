"""Which revision a source action takes, and which one somebody means who names its id."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from ..record import Revision, RevisionArrived
from ..state import ExecutionState, PipelineState

if TYPE_CHECKING:
    from . import Simulation


def revision_id(seed: int, number: int) -> str:
    """A commit id for the `number`-th push."""
    return blake2b(f"{seed}\0revision\0{number}".encode(), digest_size=20).hexdigest()


def revision_for(sim: Simulation, execution: ExecutionState, source: str) -> Revision:
    """What a source action takes that succeeds now: the revision that its trigger fixed, or else the newest (4.1). A
    rollback, which a setting may allow here, reads what is current [PROBE-B]."""
    fixed = None if execution.start.kind == "ROLLBACK" else execution.revisions.get(source)
    return fixed or newest(sim, execution.pipeline, source)


def newest(sim: Simulation, pipeline: str, source: str) -> Revision:
    """The newest revision at a source; before the first push, the one that was always there."""
    known = sim.state.pipelines[pipeline].newest.get(source)
    return known or Revision(0, revision_id(sim.seed, 0))


def revision_of(sim: Simulation, pipeline: PipelineState, value: str) -> Revision:
    """The revision with this id. One seen before keeps its number, and so its defects, and its message; any other is new."""
    for execution in pipeline.executions.values():
        for revision in execution.revisions.values():
            if revision.id == value:
                return revision
    return _arrived(sim, value) or Revision(sim.state.revisions + 1, value, sim.now)


def _arrived(sim: Simulation, value: str) -> Revision | None:
    """The revision of this id that came last, whether an execution took it or not: a trigger's filter may have held it,
    or a newer one overtaken it."""
    came = (record.revision for record in reversed(sim.records) if isinstance(record, RevisionArrived))
    return next((revision for revision in came if revision.id == value), None)
