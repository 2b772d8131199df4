"""Why an attempt of an action, or a rule of a condition, is as it is."""

from __future__ import annotations

from collections.abc import Mapping

from ...pipeline.catalogue import action_type
from ...pipeline.model import Action, Rule
from ...rules import good_states
from ...state import Attempt, ConditionRun, ExecutionState, RuleRun, State
from ..names import moment
from ..spans import rules_of
from ..words import clock, error_text, lasting, listed, person
from .answer import Clause

GATES = {"BEFORE_ENTRY": "entry", "ON_SUCCESS": "success", "ON_FAILURE": "failure"}
CONDITION_RULES = {"BEFORE_ENTRY": "condition-before-entry", "ON_SUCCESS": "condition-on-success",
                   "ON_FAILURE": "condition-on-failure"}

RUNS = "action-groups"
"""The rule behind an action that simply runs."""

RULE_OF_CODE = {
    "PermissionError": "permission-error",
    "ConfigurationError": "configuration-error",
    "Timeout": "action-timeout",
    "Rejected": "approval-rejected",
}


def why_running(state: State, execution: ExecutionState, stage: str, action: Action, attempt: Attempt) -> list[Clause]:
    """What an attempt in progress waits for, or since when it runs."""
    place, since = f"{stage}/{action.name}", clock(state, attempt.started)
    if action.is_approval:
        return _pending(state, place, action, attempt)
    if attempt.waits:
        return [_queued(state, place, attempt)]
    if attempt.result.job:
        return [_function(state, place, action, attempt) if action.provider == "Lambda" else _job(state, place, attempt)]
    began = attempt.began if attempt.began is not None else attempt.started
    again = f", attempt {attempt.number}" if attempt.number > 1 else ""
    return [Clause(f"{place} runs since {clock(state, began) if began != attempt.started else since}{again}",
                   RUNS)]


def _pending(state: State, place: str, action: Action, attempt: Attempt) -> list[Clause]:
    info = action_type(action.type)
    limit = action.timeout_minutes * 60 if action.timeout_minutes is not None else info.timeout if info else 0
    clauses = [Clause(f"nobody has answered {place} since {clock(state, attempt.started)}", "approval-pending")]
    if limit:
        clauses.append(Clause(f"it times out at {clock(state, attempt.started + limit)}", "approval-timeout"))
    return clauses


def _queued(state: State, place: str, attempt: Attempt) -> Clause:
    before = sum(other.waits == attempt.waits and other.index < attempt.index for other in _in_progress(state))
    ahead = f", with {before} before it in the line" if before else ", first in the line"
    return Clause(f"{place} waits since {clock(state, attempt.started)} for a free slot of {attempt.waits}{ahead}",
                  "shared-capacity")


def _in_progress(state: State) -> list[Attempt]:
    return [attempts[-1]
            for pipeline in state.pipelines.values() for number in pipeline.active
            for run in pipeline.executions[number].stages.values() if run.running
            for attempts in run.attempts.values() if attempts[-1].status == "InProgress"]


def _function(state: State, place: str, action: Action, attempt: Attempt) -> Clause:
    """A Lambda function takes its job with its event: nobody polls for it (2.5)."""
    name = (attempt.result.configuration or action.configuration).get("FunctionName", "")
    job = next((job for job in reversed(state.jobs.values()) if job.attempt == attempt.index), None)
    since = clock(state, job.created if job else attempt.started)
    asked = "has asked to be called again" if job and job.continuation else "has reported no result"
    return Clause(f"{place} waits for its function {name}, which {asked} since {since}", "lambda-must-answer")


def _job(state: State, place: str, attempt: Attempt) -> Clause:
    """What has become of the attempt's newest job."""
    jobs = [job for job in state.jobs.values() if job.attempt == attempt.index]
    if not jobs:
        return Clause(f"{place} waits for its job worker", "job-worker")
    job = jobs[-1]
    said = {
        "Queued": f"no job worker has taken the job of {place} since {clock(state, job.created)}",
        "Dispatched": f"the job of {place} was handed to a job worker, which has not acknowledged it",
        "InProgress": f"the job worker of {place} has taken its job and has not reported a result",
    }
    return Clause(said.get(job.status, f"{place} waits for its job worker"), "job-worker")


def why_ended(state: State, stage: str, action: Action, attempt: Attempt, timed: bool = False) -> Clause:
    """How an attempt ended, and by what; when, where it is `timed`."""
    place, result = f"{stage}/{action.name}", attempt.result
    at = f" at {clock(state, attempt.ended)}" if timed and attempt.ended is not None else ""
    if result.by:
        verb = "approved" if attempt.status == "Succeeded" else "rejected"
        comment = f" ({result.summary})" if result.summary else ""
        return Clause(f"{place} was {verb} by {person(result.by)}{at}{comment}",
                      "approval-pending" if verb == "approved" else "approval-rejected")
    if attempt.status == "Succeeded":
        took = lasting((attempt.ended or attempt.started) - attempt.started)
        return Clause(f"{place} succeeded{at} after {took}", RUNS)
    if attempt.status == "Abandoned":
        left = "its token answers nothing any more" if action.is_approval else "its provider may go on"
        return Clause(f"{place} was abandoned{at}: {left}", "stop-abandon")
    return _failed(place, at, action, attempt)


def _failed(place: str, at: str, action: Action, attempt: Attempt) -> Clause:
    again = f" on attempt {attempt.number}" if attempt.number > 1 else ""
    if attempt.result.code == "Timeout" and action.is_approval:
        waited = lasting((attempt.ended or attempt.started) - attempt.started)
        return Clause(f"nobody answered the approval {place} within {waited}, so it failed{at}{again}",
                      "approval-timeout")
    why = error_text(attempt.result)
    return Clause(f"{place} failed{again}{at}" + (f" ({why.rstrip('.')})" if why else ""),
                  RULE_OF_CODE.get(attempt.result.code, "action-fails"))


# ---------------------------------------------------------------------------------------------- stages' actions


def failures(state: State, execution: ExecutionState, stage: str) -> list[Clause]:
    """Why a stage failed: its failed actions, or the condition that did not pass."""
    run = execution.stages[stage]
    declared = execution.definition.by_name[stage].by_name
    actions = [why_ended(state, stage, declared[name], attempts[-1])
               for name, attempts in run.attempts.items() if attempts[-1].status in ("Failed", "Abandoned")]
    return actions or conditions(state, execution, stage, ("Failed", "Errored"))


def conditions(state: State, execution: ExecutionState, stage: str, statuses: tuple[str, ...]) -> list[Clause]:
    """What the newest condition of a stage says that has one of these statuses."""
    gates = execution.stages[stage].gates
    newest = [(gate, runs[-1]) for gate, runs in gates.items() if runs and runs[-1].status in statuses]
    return [_condition(state, execution, stage, gate, condition) for gate, condition in newest]


def _condition(state: State, execution: ExecutionState, stage: str, gate: str, condition: ConditionRun) -> Clause:
    name, key = f"the {GATES[gate]} condition of {stage}", CONDITION_RULES[gate]
    if condition.status == "InProgress":
        since = clock(state, condition.started)
        declared = {rule.name: rule for rule in rules_of(execution.definition, stage, gate)}
        asked = [f"its rule {rule}{_waits_for(state, gate, declared[rule], ran)}"
                 for rule, ran in condition.rules.items() if ran.status == "InProgress"]
        return Clause(f"{name} is being looked at since {since}" + (f" by {listed(asked)}" if asked else ""), key)
    failed = reasons(condition, "Failed")
    return Clause(f"{name} did not pass ({failed})" if failed else f"{name} did not pass", key)


def reasons(condition: ConditionRun, status: str) -> str:
    """What the rules of a condition say that came to this status: `Alarm: The alarm Errors is in state ALARM`."""
    return "; ".join(f"{rule}: {ran.result.summary or error_text(ran.result)}".rstrip(".")
                     for rule, ran in condition.rules.items() if ran.status == status)


def _waits_for(state: State, gate: str, rule: Rule, ran: RuleRun) -> str:
    """What in the world a rule waits for, where it does not work itself."""
    settings = ran.result.configuration or rule.configuration
    if rule.provider == "DeploymentWindow":
        return _window(state, settings)
    return _alarm(state, gate, settings, ran) if rule.provider == "CloudWatchAlarm" else ""


def _alarm(state: State, gate: str, settings: Mapping[str, str], ran: RuleRun) -> str:
    name, until = settings.get("AlarmName", ""), clock(state, ran.started + int(settings.get("WaitTime") or 0) * 60)
    now = state.alarms.get(name, "OK")
    if gate == "ON_SUCCESS":
        return f", which watches the alarm {name} until {until}"
    return "" if now in good_states(settings, gate) else f", which waits until {until} for the alarm {name} to leave {now}"


def _window(state: State, settings: Mapping[str, str]) -> str:
    from ...cron import Cron  # calendars and time zones, for the few pipelines that have a window

    opens = Cron.parse(settings["Cron"], settings.get("TimeZone") or "UTC").next(moment(state, state.now))
    at = f" at {clock(state, int((opens - moment(state, 0)).total_seconds()))}" if opens else ""
    return f", which waits for its deployment window to open{at}"
