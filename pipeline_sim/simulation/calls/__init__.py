"""What calls do: each operation of the API that changes something, refused by a rule or followed by its effects.

Each answers with a `Reply`: the answer, and what follows from it. The call is written down in between: log first, then
effect. Operations that need the state alone are answered by `views.api`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...views.api import ANSWERS
from .. import jobs
from .answering import Reply, Request, refuse
from .definitions import create_pipeline, delete_pipeline, update_pipeline
from .gates import disable_transition, enable_transition, put_approval
from .revisions import put_action_revision
from .runs import start_execution, stop_execution
from .stages import override_condition, retry_stage, rollback_stage

if TYPE_CHECKING:
    from .. import Simulation

Operation = Callable[["Simulation", Request, str], Reply]
OPERATIONS: dict[str, Operation] = {
    "CreatePipeline": create_pipeline,
    "UpdatePipeline": update_pipeline,
    "DeletePipeline": delete_pipeline,
    "StartPipelineExecution": start_execution,
    "StopPipelineExecution": stop_execution,
    "RetryStageExecution": retry_stage,
    "RollbackStage": rollback_stage,
    "OverrideStageCondition": override_condition,
    "EnableStageTransition": enable_transition,
    "DisableStageTransition": disable_transition,
    "PutApprovalResult": put_approval,
    "PutActionRevision": put_action_revision,
}


def reply(sim: Simulation, operation: str, request: Request, by: str) -> Reply:
    """Answer a call or raise `Refused`; nothing has changed yet."""
    changes = OPERATIONS.get(operation)
    if changes is not None:
        return changes(sim, request, by)
    answer = ANSWERS[operation](sim.state, request)
    reads = operation.startswith(("Get", "List"))
    return Reply(answer, None if reads else answer, jobs.after(sim, operation, request))


def authorise(sim: Simulation, operation: str, request: Request, by: str) -> None:
    """Whether the caller's own policies allow the call (8.2, 8.3): a user's, or a role's, such as that of a function. Of
    whom nobody has said anything may do everything."""
    if sim.identities or sim.roles:
        from ..permissions import against_calling

        refuse(against_calling(sim, operation, request, by))
