"""What an update of its definition would do to each execution of a pipeline that is under way (4.3) [UG:execution-modes]."""

from __future__ import annotations

from collections.abc import Iterator

from ..pipeline.model import PARALLEL
from ..record import INBOUND
from ..state import ExecutionState, PipelineState


def under_way(pipeline: PipelineState) -> list[str]:
    """A sentence for each execution that is not over, oldest first."""
    return [sentence for number in pipeline.active for sentence in _of(pipeline.executions[number])]


def _of(execution: ExecutionState) -> Iterator[str]:
    name, run = f"Execution {execution.number}", execution.run
    if execution.mode == PARALLEL:
        yield f"{name} goes on with version {execution.definition.version}, whatever the new definition says."
    elif run is None or run.status == INBOUND:
        yield f"{name} waits in front of {execution.stage or execution.definition.stages[0].name}: it is cancelled at once."
    else:
        yield f"{name} is in {execution.stage}: {_when(execution)}."


def _when(execution: ExecutionState) -> str:
    run = execution.run
    busy = [name for name, attempts in (run.attempts.items() if run else ()) if attempts[-1].status == "InProgress"]
    actions = execution.definition.stage(execution.stage).by_name
    approvals = [name for name in busy if name in actions and actions[name].is_approval]
    working = [name for name in busy if name not in approvals]
    if working:
        also = f"; the approval {', '.join(approvals)} is given up at once" if approvals else ""
        return f"it is cancelled when {' and '.join(working)} {'have' if len(working) > 1 else 'has'} ended{also}"
    if approvals:
        return f"its approval {', '.join(approvals)} is given up, and it is cancelled at once"
    return "it is cancelled at once"
