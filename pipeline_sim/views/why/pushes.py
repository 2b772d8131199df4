"""Why a revision started an execution, or none."""

from __future__ import annotations

from collections.abc import Iterable

from ...record import Record, RevisionArrived
from ...state import ExecutionState, PipelineState, State
from ..words import clock, executions
from .answer import Answer, Clause, answer, inside
from .executions import why_execution

SHORTEST = 4
"""How many letters of a revision's id are enough to name it."""


def find_push(records: Iterable[Record], place: str) -> RevisionArrived | None:
    """The push that `push 3` or the beginning of a revision's id names."""
    word = place.removeprefix("push").strip().lstrip("#")
    by_number = place.startswith("push") and word.isdigit()
    for record in records:
        if not isinstance(record, RevisionArrived):
            continue
        revision = record.revision
        if by_number and revision.number == int(word):
            return record
        if not by_number and len(word) >= SHORTEST and revision.id.startswith(word):
            return record
    return None


def why_push(state: State, push: RevisionArrived) -> Answer:
    """What a push started, what it did not start, and why."""
    revision = push.revision
    name = f"push {revision.number} ({revision.id[:8]})"
    at = clock(state, push.time)
    many = len(state.pipelines) > 1
    held = [Clause(f"{pipeline}: {inside(why)}" if many and pipeline else inside(why), "trigger-filters")
            for pipeline, _, why in push.held]
    if not push.targets:
        claim = Clause(f"{name} at {at} started nothing", "trigger-filters")
        none = [Clause("no source action of any pipeline listens to it", "what-starts")]
        return answer(name, claim, held or none)
    begun = [(state.pipelines[pipeline], action) for pipeline, action in push.targets if pipeline in state.pipelines]
    chain = [clause for pipeline, action in begun for clause in _carried(state, pipeline, action, push)]
    fates = [Clause(why_execution(state, pipeline, one).sentence) for pipeline, action in begun
             for one in pipeline.executions.values() if _revision(one, action) == revision.number]
    claim = Clause(f"{name} arrived at {at}", "what-starts")
    return answer(name, claim, chain, [*held, *fates], link=": ")


def _carried(state: State, pipeline: PipelineState, action: str, push: RevisionArrived) -> list[Clause]:
    """Which executions took the revision, or a newer one that holds it."""
    number = push.revision.number
    took = [one for one in pipeline.executions.values() if _revision(one, action) == number]
    if took:
        return [Clause(f"{executions([one.number for one in took])} of {pipeline.name} took it at {action}",
                       "what-starts")]
    refused = pipeline.polls.get(action)
    if refused is not None and refused.time >= push.time:
        return [Clause(f"the look at {action} of {pipeline.name} was refused ({refused.code}: "
                       f"{refused.message.rstrip('.')})",
                       "poll-refused")]
    newer = next((one for one in pipeline.executions.values() if _revision(one, action) > number), None)
    if newer is not None:
        return [Clause(f"no execution took exactly this revision; execution {newer.number} of {pipeline.name} took a "
                       "newer one, which holds it", "source-newest")]
    return [Clause(f"no execution of {pipeline.name} has taken it at {action} so far", "what-starts")]


def _revision(execution: ExecutionState, action: str) -> int:
    revision = execution.revisions.get(action)
    return revision.number if revision is not None else -1
