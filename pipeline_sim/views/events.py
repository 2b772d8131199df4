"""What EventBridge hears: the events of pipelines, stages and actions, with their members and in their order (6).

No event tells of a skipped stage, a condition, a transition or a mere wait [UG:detect-state-changes-cloudwatch-events].
Versions and attempts are floats on the wire, as recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..calm import calm
from ..ids import attempt_id, execution_id, make_id
from ..pipeline.model import Action
from ..record import INBOUND, ActionChanged, ExecutionChanged, Record, StageChanged
from ..state import Attempt, ExecutionState, State, apply
from .links import external_id, external_url, summary
from .names import input_artifacts, iso, output_artifacts, pipeline_arn, region_of, trigger_detail

PIPELINE = "CodePipeline Pipeline Execution State Change"
STAGE = "CodePipeline Stage Execution State Change"
ACTION = "CodePipeline Action Execution State Change"

STATES: Mapping[str, str] = {
    "Succeeded": "SUCCEEDED",
    "Failed": "FAILED",
    "Stopping": "STOPPING",
    "Stopped": "STOPPED",
    "Superseded": "SUPERSEDED",
    "Cancelled": "CANCELED",
    "Abandoned": "ABANDONED",
}
"""Event states by API status: another vocabulary, and American (6.2)."""

Event = dict[str, Any]


def events(records: Iterable[Record]) -> list[Event]:
    """All events of a run, in order."""
    stream = Events()
    with calm():
        return [event for record in records for event in stream.take(record)]


class Events:
    """Events as records come. `state` is the state after the last record; `count` numbers the events."""

    def __init__(self) -> None:
        self.state = State()
        self.count = 0

    def take(self, record: Record) -> list[Event]:
        """The events (one or none) that a record brings about."""
        before = self._before(record) if isinstance(record, StageChanged) else ""
        apply(self.state, record)
        if isinstance(record, ActionChanged):
            return self._told(ACTION, record, of_action(self.state, record))
        if isinstance(record, StageChanged):
            return self._told(STAGE, record, of_stage(self.state, record, before))
        if isinstance(record, ExecutionChanged):
            return self._told(PIPELINE, record, of_execution(self.state, record))
        return []

    def _before(self, record: StageChanged) -> str:
        """The status that the stage had in this execution until now; empty before its first."""
        run = self.state.execution(record.pipeline, record.execution).stages.get(record.stage)
        return run.status if run else ""

    def _told(
        self, kind: str, record: ActionChanged | StageChanged | ExecutionChanged, detail: dict[str, Any] | None
    ) -> list[Event]:
        if detail is None:
            return []
        state, number = self.state, self.count
        self.count += 1
        return [{
            "version": "0",
            "id": make_id(state.seed, "event", number),
            "detail-type": kind,
            "source": "aws.codepipeline",
            "account": state.account,
            "time": iso(state, record.time),
            "region": state.region,
            "resources": [pipeline_arn(state, record.pipeline)],
            "detail": detail,
        }]


# ---------------------------------------------------------------------------------------------- the three levels


def _first(state: State, execution: ExecutionState, since: int) -> dict[str, Any]:
    return {
        "pipeline": execution.pipeline,
        "execution-id": execution_id(state.seed, execution.pipeline, execution.number),
        "start-time": iso(state, since, millis=True),
    }


def _last(execution: ExecutionState) -> dict[str, Any]:
    return {"version": float(execution.definition.version), "pipeline-execution-attempt": float(execution.attempt)}


def of_execution(state: State, record: ExecutionChanged) -> dict[str, Any] | None:
    """Pipeline level. What starts and fails at once (a variable without a value, the limit) is only FAILED (our
    decision). An execution that goes on after it had ended is RESUMED."""
    execution = state.execution(record.pipeline, record.execution)
    new = record.start is not None
    told = "STARTED" if new else "RESUMED"
    status = told if record.status == "InProgress" else STATES[record.status]
    detail = _first(state, execution, execution.started)
    if trigger := _trigger(state, execution, status, new):
        detail["execution-trigger"] = trigger
    detail["state"] = status
    if status == "STOPPING" and record.summary:
        detail["stop-execution-comments"] = record.summary
    return detail | _last(execution)


def _trigger(state: State, execution: ExecutionState, status: str, new: bool) -> dict[str, str] | None:
    """`execution-trigger`: on STARTED; of a connection, in other members, on SUCCEEDED and FAILED too (6.3)."""
    connection = execution.start.trigger == "WebhookV2"
    if not new and not (connection and status in ("SUCCEEDED", "FAILED")):
        return None
    if connection:
        return _connection(state, execution)
    return {"trigger-type": execution.start.trigger, "trigger-detail": trigger_detail(state, execution)}


def _connection(state: State, execution: ExecutionState) -> dict[str, str]:
    """Who pushed what where. E-mail and id of the author are made from the name: a push has no others."""
    action = execution.definition.stages[0].by_name.get(execution.start.detail)
    settings = action.configuration if action else {}
    revision = execution.start.revisions.get(execution.start.detail)
    told = {
        "provider-type": "GitHub",
        "full-repository-name": settings.get("FullRepositoryId", ""),
        "connection-arn": settings.get("ConnectionArn", ""),
    }
    if revision is not None:
        author = revision.author or "someone"
        told |= {
            "author-display-name": author,
            "author-email": f"{''.join(filter(str.isalnum, author)).lower() or 'someone'}@example.com",
            "author-id": make_id(state.seed, f"author:{author}", 0)[:8],
            "author-date": iso(state, revision.created),
            "commit-id": revision.id,
            "commit-message": revision.message or f"Change {revision.number}",
        }
        branch = revision.branch or settings.get("BranchName", "")
        told |= {"tag-name": revision.tag} if revision.tag else {"branch-name": branch}
    return told


def of_stage(state: State, record: StageChanged, before: str) -> dict[str, Any] | None:
    """Stage level. `before` is the status that the stage had until now: what goes on after that is RESUMED."""
    if record.status in (INBOUND, "Skipped"):
        return None
    execution = state.execution(record.pipeline, record.execution)
    run = execution.stages[record.stage]
    told = "STARTED" if before in ("", INBOUND) else "RESUMED"
    detail = _first(state, execution, run.entered if run.entered is not None else run.arrived)
    detail["stage"] = record.stage
    detail["state"] = told if record.status == "InProgress" else STATES[record.status]
    if run.retried_at is not None:
        detail["stage-last-retry-attempt-time"] = iso(state, run.retried_at, millis=True)
    return detail | _last(execution)


def of_action(state: State, record: ActionChanged) -> dict[str, Any] | None:
    """Action level. An attempt that gets its slot after it had queued was STARTED before."""
    execution = state.execution(record.pipeline, record.execution)
    attempt = execution.stages[record.stage].attempts[record.action][-1]
    if record.status == "InProgress" and attempt.index != state.count - 1:
        return None
    action = execution.definition.by_name[record.stage].by_name[record.action]
    detail = _first(state, execution, attempt.started)
    detail |= {"stage": record.stage, "action": record.action,
               "action-execution-id": attempt_id(state.seed, attempt.index)}
    detail |= _work(state, execution, action, attempt)
    detail |= {"state": state_of_action(execution, attempt), "region": region_of(state, action), "type": _type(action)}
    return detail | _last(execution)


def state_of_action(execution: ExecutionState, attempt: Attempt) -> str:
    """An attempt that an edit of the pipeline ended is CANCELED, one that a stop left behind is ABANDONED (4.4)."""
    if attempt.status == "InProgress":
        return "STARTED"
    if attempt.status == "Abandoned" and execution.status != "Stopping":
        return "CANCELED"
    return STATES[attempt.status]


def _work(state: State, execution: ExecutionState, action: Action, attempt: Attempt) -> dict[str, Any]:
    """Artifacts read at the start, what came of it at the end."""
    if attempt.status == "InProgress":
        read = input_artifacts(state, execution, action, attempt)
        return {"input-artifacts": read} if read else {}
    told: dict[str, Any] = {}
    if result := execution_result(state, execution, action, attempt):
        told["execution-result"] = result
    if made := output_artifacts(state, execution, action, attempt):
        told["output-artifacts"] = made
    return told


def execution_result(
    state: State, execution: ExecutionState, action: Action, attempt: Attempt
) -> dict[str, str]:
    """`execution-result`: what the provider says of its work."""
    members = {
        "external-execution-url": external_url(state, execution, action, attempt),
        "external-execution-summary": summary_of_work(state, execution, action, attempt),
        "external-execution-id": external_id(state, execution, action, attempt),
        "error-code": attempt.result.code if attempt.status == "Failed" else "",
    }
    return {name: value for name, value in members.items() if value}


def summary_of_work(state: State, execution: ExecutionState, action: Action, attempt: Attempt) -> str:
    """What an attempt says of itself; of a failure the error's message, where it says nothing else."""
    failed = attempt.result.message if attempt.status == "Failed" else ""
    return (summary(state, execution, action, attempt) or failed)[:2048]


def _type(action: Action) -> dict[str, str]:
    kind = action.type
    return {"owner": kind.owner, "provider": kind.provider, "category": kind.category, "version": kind.version}
