"""Why an execution is where it is, or ended as it did."""

from __future__ import annotations

from collections.abc import Callable

from ...pipeline.model import PARALLEL
from ...record import INBOUND, ON_FAILURE
from ...rules import against_entering, against_retrying, against_rolling_back, rollback_target
from ...state import ExecutionState, PipelineState, StageRun, State
from ..words import clock, executions, lasting, person
from .answer import Answer, Clause, answer, inside
from .attempts import GATES, RUNS, conditions, failures, reasons, why_running


def why_execution(state: State, pipeline: PipelineState, execution: ExecutionState) -> Answer:
    """Why this execution is as it is."""
    return _OF_STATUS[execution.status](state, pipeline, execution)


def name_of(execution: ExecutionState) -> str:
    return f"execution {execution.number}"


# ---------------------------------------------------------------------------------------------- under way


def _under_way(state: State, pipeline: PipelineState, execution: ExecutionState) -> Answer:
    run, name = execution.run, name_of(execution)
    if run is None:
        return answer(name, Clause(f"{name} has started and is in no stage yet", "execution-life"))
    if run.status == INBOUND:
        return _waiting(state, pipeline, execution, run)
    since = clock(state, run.retried_at if run.retried_at is not None else run.entered or run.arrived)
    chain = why_inside(state, execution, execution.stage)
    rule = "parallel-mode" if execution.mode == PARALLEL else "stage-lock"
    return answer(name, Clause(f"{name} is in {execution.stage} since {since}", rule), chain, link=": ")


def _waiting(state: State, pipeline: PipelineState, execution: ExecutionState, run: StageRun) -> Answer:
    name, stage = name_of(execution), execution.stage
    claim = Clause(f"{name} waits in front of {stage} since {clock(state, run.arrived)}", _MODE_RULE[execution.mode])
    chain, notes = why_waiting(state, pipeline, execution, stage)
    return answer(name, claim, chain, notes)


_MODE_RULE = {"SUPERSEDED": "superseded-mode", "QUEUED": "queued-mode", "PARALLEL": "parallel-mode"}


def why_waiting(
    state: State, pipeline: PipelineState, execution: ExecutionState, stage: str
) -> tuple[list[Clause], list[Clause]]:
    """What keeps an execution in front of a stage, and what keeps that; then what else is worth knowing."""
    against = against_entering(state, pipeline, stage, execution)
    if against is None:
        return [], []
    closed = _closed_by(state, pipeline, execution, stage)
    if closed is not None:
        return [Clause(against.rstrip("."), "transition-disabled"), closed], []
    door = pipeline.stages.get(stage)
    if door is None or door.holder is None or execution.mode == PARALLEL:
        return [Clause(against, _MODE_RULE[execution.mode])], []
    inside = _of_holder(state, pipeline, door.holder, stage)
    ahead = door.waiting[: door.waiting.index(execution.number)] if execution.number in door.waiting else []
    line = [Clause(f"{executions(ahead)} came before it in the line", "queued-mode")] if ahead else []
    return ([Clause(against, "stage-lock"), *(clause for clause in inside if clause.rule != RUNS)],
            [*(clause for clause in inside if clause.rule == RUNS), *line])


def _of_holder(state: State, pipeline: PipelineState, holder: int, stage: str) -> list[Clause]:
    execution = pipeline.executions[holder]
    return why_inside(state, execution, stage) if stage in execution.stages else []


def _closed_by(state: State, pipeline: PipelineState, execution: ExecutionState, stage: str) -> Clause | None:
    """Who disabled the transition that stands in the way, and when."""
    place = execution.definition.index[stage]
    before = execution.definition.stages[place - 1].name if place else ""
    sides = [(pipeline.stages[stage].inbound if stage in pipeline.stages else None),
             (pipeline.stages[before].outbound if before in pipeline.stages else None)]
    for side in sides:
        if side is not None and not side.enabled:
            when = clock(state, side.changed) if side.changed is not None else "the start"
            return Clause(f"{person(side.by) or 'somebody'} disabled it at {when}", "transition-disabled")
    return None


def why_inside(state: State, execution: ExecutionState, stage: str) -> list[Clause]:
    """What an execution does in a stage: the actions in progress, or the condition that is being looked at."""
    run = execution.stages[stage]
    declared = execution.definition.by_name[stage].by_name
    clauses: list[Clause] = []
    for name, attempts in run.attempts.items():
        if attempts[-1].status == "InProgress":
            clauses += why_running(state, execution, stage, declared[name], attempts[-1])
        elif attempts[-1].status == "Failed" and run.running:
            clauses.append(Clause(f"{stage}/{name} has failed; what runs beside it runs to its end", "siblings-end"))
    return clauses + conditions(state, execution, stage, ("InProgress",))


# ---------------------------------------------------------------------------------------------- stopped


def _stopping(state: State, pipeline: PipelineState, execution: ExecutionState) -> Answer:
    name = name_of(execution)
    why = f" ({execution.reason})" if execution.reason else ""
    claim = Clause(f"{name} is being stopped{why}: what runs in {execution.stage} runs to its end, nothing new starts",
                   "stop-wait")
    return answer(name, claim, why_inside(state, execution, execution.stage), link="; ")


def _stopped(state: State, pipeline: PipelineState, execution: ExecutionState) -> Answer:
    name, run = name_of(execution), execution.run
    at = clock(state, execution.updated)
    why = f" ({execution.reason})" if execution.reason else ""
    if run is None or run.status == INBOUND:
        where = f"in front of {execution.stage}" if execution.stage else "before its first stage"
        claim = Clause(f"{name} was stopped {where} at {at}{why}", "stop-waiting")
        return answer(name, claim, notes=[Clause("it never entered, so it cannot be retried", "stop-waiting")])
    how, rule = ("abandoning what ran", "stop-abandon") if execution.abandoned else ("after what ran had ended", "stop-wait")
    for gate, runs in run.gates.items():
        if runs[-1].status == "Abandoned" and runs[-1].ended == run.ended:
            how, rule = f"while its {GATES[gate]} condition was being looked at", "stop-in-condition"
    claim = Clause(f"{name} was stopped in {execution.stage} at {at}, {how}{why}", rule)
    chain = failures(state, execution, execution.stage) if execution.abandoned else []
    return answer(name, claim, chain, may_retry(state, pipeline, execution), link="; ")


# ---------------------------------------------------------------------------------------------- over


def _succeeded(state: State, pipeline: PipelineState, execution: ExecutionState) -> Answer:
    name, took = name_of(execution), lasting(execution.updated - execution.started)
    at = clock(state, execution.updated)
    if execution.start.kind == "ROLLBACK":
        back = f"{name} has taken {execution.start.stage} back to execution {execution.start.target} at {at}"
        return answer(name, Clause(back, "rollback-one-stage"))
    return answer(name, Clause(f"{name} succeeded at {at}, {took} after its start", "execution-life"))


def _failed(state: State, pipeline: PipelineState, execution: ExecutionState) -> Answer:
    name, at = name_of(execution), clock(state, execution.updated)
    if not execution.stages:
        why = execution.summary or f"the limit of executions in {execution.mode} mode was reached"
        rule = "missing-variable" if execution.summary else "execution-limit"
        return answer(name, Clause(f"{name} failed at {at} before it entered a stage", rule),
                      [Clause(inside(why), rule)])
    claim = Clause(f"{name} failed in {execution.stage} at {at}", "failed-stage")
    chain = failures(state, execution, execution.stage)
    return answer(name, claim, chain, may_retry(state, pipeline, execution))


def may_retry(state: State, pipeline: PipelineState, execution: ExecutionState) -> list[Clause]:
    """Whether the stage could be retried or rolled back now, and what stands against it."""
    stage = execution.stage
    if stage not in pipeline.stages:
        return []
    clauses = [_may_retry(state, pipeline, execution, stage)]
    if (rollback := _rolled_back_by(pipeline, execution)) is not None:
        return [*clauses, Clause(f"execution {rollback.number} was begun at once to take {stage} back to execution "
                                 f"{rollback.start.target}", "rollback-automatic")]
    clauses += _not_met(state, execution, stage)
    if execution.definition.type == "V2" and execution.mode != PARALLEL and pipeline.definition.index[stage]:
        clauses.append(_may_roll_back(state, pipeline, execution, stage))
    return clauses


def _not_met(state: State, execution: ExecutionState, stage: str) -> list[Clause]:
    """Why the failure condition of a stage did not have it rolled back, where it is that."""
    runs = execution.stages[stage].gates.get(ON_FAILURE)
    if not runs or runs[-1].ended is None:
        return []
    met = runs[-1].status == "Succeeded"
    if met == (str(state.settings.get("on_failure_condition", "met")) == "met"):
        return []
    found = reasons(runs[-1], "Succeeded" if met else "Failed")
    return [Clause(f"the failure condition of {stage} was {'' if met else 'not '}met ({found}), so the stage was not "
                   "rolled back", "condition-on-failure")]


def _may_roll_back(state: State, pipeline: PipelineState, execution: ExecutionState, stage: str) -> Clause:
    target = rollback_target(pipeline, stage, execution.number)
    if target is None:
        version = pipeline.definition.version
        return Clause(f"there is no earlier success of {stage} in version {version} to roll back to", "rollback-target")
    refusal = against_rolling_back(state, pipeline, stage, pipeline.executions[target])
    if refusal is not None:
        return Clause(f"rolling {stage} back to execution {target} would be refused with {refusal.error}: "
                      f"{refusal.message}", "rollback-target")
    return Clause(f"{stage} can be rolled back to execution {target}", "rollback-target")


def _rolled_back_by(pipeline: PipelineState, failed: ExecutionState) -> ExecutionState | None:
    """The automatic rollback that the failure of an execution brought about."""
    for number in range(failed.number + 1, pipeline.next):
        other = pipeline.executions.get(number)
        if other is not None and other.started > failed.updated:
            return None
        if other is not None and other.start.trigger == "AutomatedRollback" and other.start.stage == failed.stage \
                and other.started == failed.updated:
            return other
    return None


def _may_retry(state: State, pipeline: PipelineState, execution: ExecutionState, stage: str) -> Clause:
    refusal = against_retrying(state, pipeline, stage, execution, "FAILED_ACTIONS")
    run = execution.stages[stage]
    if refusal is not None:
        return Clause(f"retrying {stage} would be refused with {refusal.error}: {refusal.message}", "retry-refused")
    if run.automatic:
        return Clause(f"the automatic retry of {stage} is spent; a person can still retry it", "retry-automatic")
    return Clause(f"nobody has retried {stage} so far, though it may be" if not run.manual else
                  f"{stage} was retried {_times(run.manual)} by a person and may be again", "retry")


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _superseded(state: State, pipeline: PipelineState, execution: ExecutionState) -> Answer:
    name, by = name_of(execution), superseder(pipeline, execution)
    who = f"execution {by}" if by is not None else "a newer execution"
    claim = Clause(f"{name} was superseded in front of {execution.stage} at {clock(state, execution.updated)} by {who}",
                   "superseded-mode")
    notes = [Clause(f"in {execution.mode} mode only one execution waits in front of a stage, the newest", "one-waiter"),
             Clause("it never moves again and cannot be retried; what it carried is in the newer one",
                    "superseded-terminal")]
    return answer(name, claim, notes=notes)


def superseder(pipeline: PipelineState, execution: ExecutionState) -> int | None:
    """Which execution superseded this one: the newer one that then stood in front of the same stage."""
    at, stage = execution.updated, execution.stage
    for number in range(execution.number + 1, pipeline.next):
        other = pipeline.executions.get(number)
        run = other.stages.get(stage) if other else None
        if other is not None and run is not None and _stood_there(other, run, stage, at):
            return number
    return None


def _stood_there(other: ExecutionState, run: StageRun, stage: str, at: int) -> bool:
    """Whether an execution stood in front of a stage at a moment."""
    if other.start.kind == "ROLLBACK" or run.arrived > at or (run.entered is not None and run.entered < at):
        return False
    return other.status != "Superseded" or other.stage != stage or other.updated >= at


def _cancelled(state: State, pipeline: PipelineState, execution: ExecutionState) -> Answer:
    name, run, version = name_of(execution), execution.run, pipeline.definition.version
    where = f" {'in front of' if run.status == INBOUND else 'in'} {execution.stage}" if run is not None else ""
    claim = Clause(f"{name} was cancelled{where} at {clock(state, execution.updated)}", "cancelled-by-edit")
    return answer(name, claim, [Clause(f"the pipeline was updated while it was under way (version "
                                       f"{execution.definition.version}, now {version})", "cancelled-by-edit")])


_OF_STATUS: dict[str, Callable[[State, PipelineState, ExecutionState], Answer]] = {
    "InProgress": _under_way,
    "Stopping": _stopping,
    "Stopped": _stopped,
    "Succeeded": _succeeded,
    "Failed": _failed,
    "Superseded": _superseded,
    "Cancelled": _cancelled,
}
