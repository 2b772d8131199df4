"""What may happen: CodePipeline's rules. Each answers with what stands against a thing, or None.

A rule about time passing answers with a sentence; a rule about a call with a `Refusal`: AWS's exception name and the
sentence. The simulation waits on these answers, the console shows them, the refusal of a call carries them. Section
numbers are those of the behaviour reference; tags say where a rule comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .ids import execution_id, number_of
from .pipeline.model import PARALLEL, SUPERSEDED, Action
from .record import INBOUND, ON_FAILURE
from .state import Attempt, ExecutionState, PipelineState, StageRun, StageState, State, Transition

LIMIT = 50


class Refusal(NamedTuple):
    """Why a call is refused: the exception that AWS raises and the sentence against the call."""

    error: str
    message: str


# ---------------------------------------------------------------------------------------------- entering a stage


def against_entering(state: State, pipeline: PipelineState, stage: str, execution: ExecutionState) -> str | None:
    """What keeps an execution in front of a stage (4.3, 4.6) [UG:execution-modes, UG22:transitions]: a disabled
    transition, the lock of a stage, or (QUEUED) an execution that came first. PARALLEL knows no locks."""
    door = pipeline.stages.get(stage)
    if door is None:  # the definition was changed: PARALLEL executions go on with their own (4.3)
        return None if execution.start.mode == PARALLEL else f"the pipeline has no stage {stage} any more"
    if not door.inbound.enabled:
        return f"the transition into {stage} is disabled: {door.inbound.reason}"
    before = _stage_before(execution, stage)
    if before is not None and (leaving := pipeline.stages.get(before)) is not None and not leaving.outbound.enabled:
        return f"the transition out of {before} is disabled: {leaving.outbound.reason}"
    if execution.start.mode == PARALLEL:
        return None
    if door.holder is not None:
        return f"{stage} is locked by execution {door.holder}, which {doing(pipeline.executions[door.holder])}"
    if door.waiting and door.waiting[0] != execution.number:
        return f"execution {door.waiting[0]} waits in front of {stage} and came first"
    return None


def _stage_before(execution: ExecutionState, stage: str) -> str | None:
    definition = execution.definition
    place = definition.index[stage]
    return definition.stages[place - 1].name if place else None


def superseded_by(pipeline: PipelineState, stage: StageState, arriving: ExecutionState) -> list[int]:
    """Who is superseded when an execution comes to stand in front of a stage (4.3) [UG22:concepts-how-it-works]:
    in SUPERSEDED mode one waits, and that is the one that started last; the arriving one may be the older."""
    if arriving.start.mode != SUPERSEDED:
        return []
    waiting = [number for number in stage.waiting if pipeline.executions[number].start.mode == SUPERSEDED]
    newest = max(waiting, default=arriving.number)
    return [number for number in waiting if number < newest]


def doing(execution: ExecutionState) -> str:
    """What an execution does in the stage that it holds: `runs Build/Compile`, `waits for the approval Prod/Ok`."""
    run, stage = execution.run, execution.stage
    if run is None or not run.running:
        return f"is in {stage}"
    names = [name for name, attempts in run.attempts.items() if attempts[-1].status == "InProgress"]
    approvals = [name for name in names if execution.definition.stage(stage).action(name).is_approval]
    if approvals:
        return f"waits for the approval {stage}/{approvals[0]}"
    return "runs " + " and ".join(f"{stage}/{name}" for name in names)


# ---------------------------------------------------------------------------------------------- starting, stopping


def against_starting(state: State, pipeline: PipelineState) -> Refusal | None:
    """QUEUED and PARALLEL hold at most 50 executions, running and waiting together (4.3, 10) [MODEL,
    UG:troubleshooting; 50 for PARALLEL is our decision]."""
    mode = pipeline.definition.mode
    if mode == SUPERSEDED:
        return None
    limit = int(state.settings.get("execution_limit", LIMIT))
    if len(pipeline.active) < limit:
        return None
    return Refusal("ConcurrentPipelineExecutionsLimitExceededException",
                   f"The pipeline {pipeline.name} already has {limit} executions under way, the limit of {mode} mode.")


def against_stopping(execution: ExecutionState, abandon: bool) -> Refusal | None:
    """A stop may be asked for once, and sharpened to abandon once (4.8) [MODEL]."""
    if not execution.active:
        return Refusal("PipelineExecutionNotStoppableException",
                       f"Execution {execution.number} is already {execution.status}.")
    if execution.status == "Stopping" and (execution.abandoned or not abandon):
        return Refusal("DuplicatedStopRequestException", f"Execution {execution.number} is already being stopped.")
    return None


# ---------------------------------------------------------------------------------------------- thirty days

THIRTY_DAYS = 30 * 86_400
POLLED = ("CodeCommit", "S3", "GitHub")


def polls(source: Action) -> bool:
    """Whether a source is looked at for changes: unless it is set to anything but true (4.2) [PROBE-B]."""
    return source.provider in POLLED and source.configuration.get("PollForSourceChanges", "true").lower() == "true"


def polling_ends(pipeline: PipelineState) -> int:
    """When polling stops, or has stopped: 30 days after the last execution or update [MODEL; that a run or an update
    begins it again is our decision]."""
    latest = next(reversed(pipeline.executions.values()), None)
    return max(pipeline.updated, latest.started if latest else 0) + THIRTY_DAYS


def against_polling(state: State, pipeline: PipelineState) -> str | None:
    """Why a source is not looked at any more (4.2), or None."""
    if state.now < polling_ends(pipeline):
        return None
    return f"{pipeline.name} is not polled any more: it has not run for 30 days."


def against_resuming(state: State, transition: Transition) -> str | None:
    """Why those who wait do not resume when the transition is enabled now: it was disabled for more than 30 days (4.6)
    [UG22:transitions]. They are stopped (our decision)."""
    if transition.enabled or transition.changed is None or state.now - transition.changed <= THIRTY_DAYS:
        return None
    return "The transition was disabled for more than 30 days: a new change or start is needed."


# ---------------------------------------------------------------------------------------------- retry


def against_retrying(
    state: State, pipeline: PipelineState, stage: str, execution: ExecutionState, mode: str
) -> Refusal | None:
    """When a stage cannot be retried (4.9) [UG:stage-retry, MODEL]."""
    run = execution.stages.get(stage)
    if run is None or run.entered is None:
        return _not_retryable(f"Execution {execution.number} never entered {stage}.")
    if pipeline.definition.version != execution.definition.version:
        return _not_retryable(f"The pipeline was updated to version {pipeline.definition.version} after execution "
                              f"{execution.number} (version {execution.definition.version}) started.")
    door = pipeline.stages[stage]
    if door.latest != execution.number and execution.mode != PARALLEL:
        return Refusal("NotLatestPipelineExecutionException",
                       f"Execution {door.latest} has entered {stage} since; only the latest can be retried.")
    refusal = _against_retrying_run(execution, stage, run, mode)
    return refusal or _limit_for_retry(state, pipeline, execution)


def _against_retrying_run(execution: ExecutionState, stage: str, run: StageRun, mode: str) -> Refusal | None:
    failed = [name for name, attempts in run.attempts.items() if attempts[-1].status == "Failed"]
    beside = run.running > 0 and mode == "FAILED_ACTIONS" and execution.status == "InProgress"
    if run.status == "InProgress" and failed and beside:  # not while the failure condition is looked at
        return None
    if run.status in ("InProgress", "Stopping"):
        return _not_retryable(f"{stage} is still {run.status} for execution {execution.number}.")
    if run.status not in ("Failed", "Stopped"):
        return _not_retryable(f"{stage} is {run.status} for execution {execution.number}: there is nothing to retry.")
    return None


def _not_retryable(message: str) -> Refusal:
    return Refusal("StageNotRetryableException", message)


def _limit_for_retry(state: State, pipeline: PipelineState, execution: ExecutionState) -> Refusal | None:
    return None if execution.active else against_starting(state, pipeline)


def may_retry_by_itself(execution: ExecutionState, stage: str) -> bool:
    """Automatic retry: one attempt for each stage execution (4.9) [UG:stage-retry]."""
    on_failure = execution.definition.stage(stage).on_failure
    if on_failure is None or on_failure.result != "RETRY":
        return False
    return execution.stages[stage].automatic == 0


# ---------------------------------------------------------------------------------------------- rollback


def against_rolling_back(
    state: State, pipeline: PipelineState, stage: str, target: ExecutionState
) -> Refusal | None:
    """When a stage cannot go back to a target (4.10) [UG:stage-rollback, MODEL; refused for PARALLEL and for the
    first stage as the guide says, though recordings show both: settings]."""
    definition = pipeline.definition
    if definition.mode == PARALLEL and state.settings.get("rollback_in_parallel") != "allow":
        return _no_rollback("A stage of a pipeline in PARALLEL mode cannot be rolled back.")
    if definition.type != "V2":
        return _no_rollback("Only a pipeline of type V2 can roll a stage back.")
    if definition.index[stage] == 0 and state.settings.get("rollback_of_source") != "allow":
        return _no_rollback(f"{stage} is the source stage, which cannot be rolled back.")
    if target.definition.version != definition.version:
        return Refusal("PipelineExecutionOutdatedException",
                       f"Execution {target.number} ran version {target.definition.version} of the pipeline; "
                       f"version {definition.version} is current.")
    if target.start.kind == "ROLLBACK":
        return _no_rollback(f"Execution {target.number} is itself a rollback.")
    run = target.stages.get(stage)
    if run is None or run.status != "Succeeded":
        return _no_rollback(f"Execution {target.number} did not succeed in {stage}.")
    return _against_disturbing(pipeline, stage)


def _against_disturbing(pipeline: PipelineState, stage: str) -> Refusal | None:
    door = pipeline.stages[stage]
    if door.holder is not None:
        return _no_rollback(f"{stage} is active: execution {door.holder} {doing(pipeline.executions[door.holder])}.")
    if door.latest is not None and pipeline.executions[door.latest].stages[stage].status == "Skipped":
        return _no_rollback(f"{stage} was skipped by execution {door.latest}.")
    return None


def _no_rollback(message: str) -> Refusal:
    return Refusal("UnableToRollbackStageException", message)


def rollback_target(pipeline: PipelineState, stage: str, failed: int) -> int | None:
    """Where an automatic rollback goes: the most recent success of that stage in the current version (4.10)
    [UG:stage-rollback-auto]."""
    version = pipeline.definition.version
    for number in reversed(pipeline.stages[stage].succeeded):
        execution = pipeline.executions[number]
        ran_here = execution.definition.version == version and execution.start.kind == "STANDARD"
        if number != failed and ran_here and execution.stages[stage].status == "Succeeded":
            return number
    return None


# ---------------------------------------------------------------------------------------------- approvals


def against_answering(
    state: State, pipeline: PipelineState, stage: str, action: str, token: str
) -> Refusal | tuple[ExecutionState, Attempt]:
    """Whether a token answers a pending approval (4.7) [MODEL]: the execution and the attempt, or why not."""
    index = number_of(state.seed, "token", token)
    found = _attempt_of_token(pipeline, stage, action, index)
    if found is None:
        return Refusal("InvalidApprovalTokenException", f"The token is not one of {stage}/{action}.")
    execution, attempt = found
    if attempt.status == "InProgress":
        return found
    if attempt.result.by:
        answer = "Approved" if attempt.status == "Succeeded" else "Rejected"
        return Refusal("ApprovalAlreadyCompletedException",
                       f"{stage}/{action} was answered before: {answer}, by {attempt.result.by}.")
    return Refusal("InvalidApprovalTokenException",
                   f"The token has expired: {stage}/{action} is {attempt.status} without an answer.")


def wants_summary(action: Action) -> bool:
    """Whether an answer without a summary is refused (2.5) [PROBE-B]."""
    return action.configuration.get("IsSummaryRequired", "").lower() == "true"


def _attempt_of_token(
    pipeline: PipelineState, stage: str, action: str, index: int | None
) -> tuple[ExecutionState, Attempt] | None:
    """The attempt of an approval; the attempts of other actions have no token."""
    if index is None:
        return None
    for execution in reversed(pipeline.executions.values()):
        run = execution.stages.get(stage)
        for attempt in run.attempts.get(action, ()) if run else ():
            if attempt.index == index and execution.definition.stage(stage).action(action).is_approval:
                return execution, attempt
    return None


# ---------------------------------------------------------------------------------------------- conditions


def against_overriding(
    state: State, pipeline: PipelineState, stage: str, execution: ExecutionState, gate: str
) -> Refusal | None:
    """When a condition cannot be overridden (4.11) [UG:stage-conditions, MODEL]: none failed or runs there, its
    result is SKIP, or a newer execution has entered."""
    declared = pipeline.definition.stage(stage)
    condition = declared.before_entry if gate == "BEFORE_ENTRY" else declared.on_success
    if condition is None:
        return _not_overridable(f"{stage} has no {gate} condition.")
    if condition.result == "SKIP":
        return _not_overridable(f"The {gate} condition of {stage} has the result SKIP, which cannot be overridden.")
    door = pipeline.stages[stage]
    if door.latest != execution.number and execution.mode != PARALLEL:
        return Refusal("NotLatestPipelineExecutionException", f"Execution {door.latest} has entered {stage} since.")
    return _against_overriding_run(state, pipeline, stage, execution, gate)


def _against_overriding_run(
    state: State, pipeline: PipelineState, stage: str, execution: ExecutionState, gate: str
) -> Refusal | None:
    run = execution.stages.get(stage)
    conditions = run.gates.get(gate) if run else None
    if not run or not conditions or conditions[-1].status not in ("InProgress", "Failed", "Errored"):
        return _not_overridable(f"No {gate} condition of {stage} has failed or runs for execution {execution.number}.")
    if run.status == "InProgress":
        return None if conditions[-1].status == "InProgress" else _not_overridable(
            f"The {gate} condition of {stage} failed before; the stage has been retried since, and runs.")
    if conditions[-1].ended != run.ended:
        return _not_overridable(f"It was not the {gate} condition of {stage} that ended the stage last.")
    if run.status != "Failed" or pipeline.definition.version != execution.definition.version:
        return _not_overridable(f"{stage} is {run.status} for execution {execution.number}.")
    return _limit_for_retry(state, pipeline, execution)


def _not_overridable(message: str) -> Refusal:
    return Refusal("ConditionNotOverridableException", message)


def good_states(settings: Mapping[str, str], gate: str) -> tuple[str, ...]:
    """In which states of its alarm a CloudWatchAlarm rule passes (1.6): those that it names; on failure a raised alarm is
    what meets it [UG:rule-reference-CloudWatchAlarm]."""
    given = settings.get("AlarmStates", "")
    if given:
        return tuple(state.strip() for state in given.split(","))
    return ("ALARM",) if gate == ON_FAILURE else ("OK", "INSUFFICIENT_DATA")


# ---------------------------------------------------------------------------------------------- finding things


def execution_of(state: State, pipeline: PipelineState, identifier: str) -> ExecutionState | None:
    """The execution with this id, or None."""
    number = number_of(state.seed, f"execution:{pipeline.name}", identifier)
    return pipeline.executions.get(number) if number is not None else None


def id_of(state: State, execution: ExecutionState) -> str:
    return execution_id(state.seed, execution.pipeline, execution.number)


def waits(run: StageRun | None) -> bool:
    """Whether an execution stands in front of a stage."""
    return run is not None and run.status == INBOUND
