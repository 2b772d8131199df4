"""What lands in a mailbox: the message of an approval, and what notification rules make of events (6.6, 6.7)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..ids import approval_token, execution_number, make_id
from ..pipeline.catalogue import action_type
from ..pipeline.model import Action
from ..record import ActionChanged, Record
from ..state import Attempt, ExecutionState, State, apply
from ..values import output_variables
from .events import ACTION, PIPELINE, STAGE, Event, Events, summary_of_work
from .links import approval_url, console_url
from .names import configuration_of, iso, moment

# ---------------------------------------------------------------------------------------------- approvals (6.6)

CUT = 24
"""Names in a subject longer than this are cut [PROBE-B]."""
UNPUBLISHED = frozenset({"PermissionError", "ConfigurationError"})
"""With these an approval fails that could not be published (4.7) [PROBE-B]."""


class Message(NamedTuple):
    """What a topic gets, from which role. `body` is JSON."""

    time: int
    topic: str
    subject: str
    body: str
    by: str = ""


def approval_messages(records: Iterable[Record]) -> list[Message]:
    """The messages of all approvals that have a topic and could be published."""
    state, found, unpublished = State(), dict[int, Message](), set[int]()
    for record in records:
        apply(state, record)
        if not isinstance(record, ActionChanged):
            continue
        attempt = _attempt(state, record)
        if record.status == "InProgress" and (message := approval_message(state, record)) is not None:
            found[attempt.index] = message
        elif record.status == "Failed" and attempt.result.code in UNPUBLISHED:
            unpublished.add(attempt.index)
    return [message for index, message in found.items() if index not in unpublished]


def approval_message(state: State, record: ActionChanged) -> Message | None:
    """The message that asks for an answer, when an approval with a NotificationArn begins. The state is that after the
    record. Members without a value are there, as null [PROBE-B]."""
    execution, attempt = state.execution(record.pipeline, record.execution), _attempt(state, record)
    action = execution.definition.by_name[record.stage].by_name[record.action]
    settings = configuration_of(state, execution, action, attempt)
    topic = settings.get("NotificationArn")
    if record.status != "InProgress" or not action.is_approval or not topic:
        return None
    approval = {
        "pipelineName": record.pipeline,
        "stageName": record.stage,
        "actionName": record.action,
        "token": approval_token(state.seed, attempt.index),
        "expires": _expires(state, action, attempt),
        "externalEntityLink": settings.get("ExternalEntityLink"),
        "approvalReviewLink": approval_url(state, record.pipeline, record.stage, record.action, attempt),
        "customData": settings.get("CustomData"),
    }
    body = {"region": state.region, "consoleLink": console_url(state, record.pipeline), "approval": approval}
    subject = f"APPROVAL NEEDED: AWS CodePipeline {_cut(record.pipeline)} for action {_cut(record.action)}"
    role = action.role_arn or execution.definition.role_arn
    return Message(record.time, topic, subject, json.dumps(body, ensure_ascii=False), role)


def _attempt(state: State, record: ActionChanged) -> Attempt:
    return state.execution(record.pipeline, record.execution).stages[record.stage].attempts[record.action][-1]


def _cut(name: str) -> str:
    return name if len(name) <= CUT else f"{name[:CUT]}..."


def _expires(state: State, action: Action, attempt: Attempt) -> str:
    """To the minute, in UTC."""
    info = action_type(action.type)
    limit = action.timeout_minutes * 60 if action.timeout_minutes is not None else info.timeout if info else 0
    return moment(state, attempt.started + limit).strftime("%Y-%m-%dT%H:%MZ")


# ---------------------------------------------------------------------------------------------- rules (6.7)

_KINDS = {
    ACTION: ("action-execution", ("started", "succeeded", "failed", "canceled")),
    STAGE: ("stage-execution", ("started", "succeeded", "resumed", "canceled", "failed")),
    PIPELINE: ("pipeline-execution", ("started", "succeeded", "failed", "canceled", "resumed", "superseded")),
}
_APPROVAL = {"STARTED": "needed", "SUCCEEDED": "succeeded", "FAILED": "failed"}
_PREFIX = "codepipeline-pipeline-"

EVENT_TYPES: tuple[str, ...] = (
    *(f"{_PREFIX}{level}-{state}" for level, states in _KINDS.values() for state in states),
    *(f"{_PREFIX}manual-approval-{state}" for state in _APPROVAL.values()),
)
"""All ids of event types. There are none for stopping and stopped."""


def event_types(event: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids under which a notification rule may ask for an event: of an approval's two."""
    detail = event["detail"]
    level, states = _KINDS[event["detail-type"]]
    found = [f"{_PREFIX}{level}-{detail['state'].lower()}"] if detail["state"].lower() in states else []
    if detail.get("type", {}).get("category") == "Approval" and detail["state"] in _APPROVAL:
        found.append(f"{_PREFIX}manual-approval-{_APPROVAL[detail['state']]}")
    return tuple(found)


class NotificationRule(NamedTuple):
    """Which events of a pipeline (by name) go where. `detail` is `BASIC`, or `FULL` with additional attributes."""

    name: str
    pipeline: str
    events: Sequence[str]
    targets: Sequence[str] = ()
    detail: str = "FULL"
    enabled: bool = True


class Notification(NamedTuple):
    """A processed event on its way to a target."""

    time: int
    rule: str
    target: str
    event: Event


def notifications(records: Iterable[Record], rules: Sequence[NotificationRule]) -> list[Notification]:
    """What the rules deliver. ValueError for an id of an event type that there is not."""
    unknown = {asked for rule in rules for asked in rule.events} - set(EVENT_TYPES)
    if unknown:
        raise ValueError(f"No event type is called {', '.join(sorted(unknown))}. There are {', '.join(EVENT_TYPES)}.")
    stream = Events()
    return [sent for record in records for event in stream.take(record)
            for rule in rules if _asks(rule, event) for sent in _sent(stream.state, record.time, rule, event)]


def _asks(rule: NotificationRule, event: Event) -> bool:
    wanted = rule.enabled and event["detail"]["pipeline"] == rule.pipeline
    return wanted and not set(rule.events).isdisjoint(event_types(event))


def _sent(state: State, time: int, rule: NotificationRule, event: Event) -> Iterator[Notification]:
    told = processed(state, event, rule.name, full=rule.detail == "FULL")
    return (Notification(time, rule.name, target, told) for target in rule.targets)


def processed(state: State, event: Event, rule: str, full: bool = True) -> Event:
    """An event as notification rules deliver it: `detailType`, the rule's ARN, additional attributes."""
    identifier = make_id(state.seed, f"notification:{rule}", 0).replace("-", "")
    told = {
        "account": event["account"],
        "detailType": event["detail-type"],
        "region": event["region"],
        "source": event["source"],
        "time": event["time"],
        "notificationRuleArn": f"arn:aws:codestar-notifications:{state.region}:{state.account}:notificationrule/"
                               f"{identifier}",
        "detail": event["detail"],
        "resources": event["resources"],
    }
    return told | {"additionalAttributes": additional_attributes(state, event)} if full else told


def additional_attributes(state: State, event: Event) -> dict[str, Any]:
    """What a rule with full details adds (6.3): who failed and what was said of it, and what a source took."""
    detail, level = event["detail"], event["detail-type"]
    pipeline = state.pipelines[detail["pipeline"]]
    number = execution_number(state.seed, pipeline.name, detail["execution-id"])
    execution = pipeline.executions[number if number is not None else 0]
    if level == ACTION:
        summary = detail.get("execution-result", {}).get("external-execution-summary", "")
        return {"additionalInformation": summary} if detail["state"] == "FAILED" else {}
    if detail["state"] == "FAILED":
        stage = detail.get("stage", execution.stage)
        failed = _failed(state, execution, stage)
        told: dict[str, Any] = {"failedActionCount": len(failed), "failedActions": failed}
        return told if level == STAGE else told | {"failedStage": stage}
    if level == STAGE and detail["state"] in ("STARTED", "SUCCEEDED"):
        return {"sourceActions": _sources(state, execution, detail["stage"])}
    return {}


def _failed(state: State, execution: ExecutionState, stage: str) -> list[dict[str, str]]:
    run = execution.stages.get(stage)
    declared = execution.definition.by_name[stage].by_name if run else {}
    failed = [(name, attempts[-1]) for name, attempts in (run.attempts.items() if run else ())
              if attempts[-1].status == "Failed"]
    return [{"action": name, "additionalInformation": summary_of_work(state, execution, declared[name], attempt)}
            for name, attempt in failed]


def _sources(state: State, execution: ExecutionState, stage: str) -> list[dict[str, Any]]:
    """What source actions of this stage took; connections are not told, as recorded."""
    run = execution.stages[stage]
    return [
        {"sourceActionName": action.name, "sourceActionProvider": action.provider,
         "sourceActionVariables": _variables(state, execution, action, run.latest(action.name))}
        for action in execution.definition.by_name[stage].actions
        if action.is_source and action.provider != "CodeStarSourceConnection"
    ]


def _variables(
    state: State, execution: ExecutionState, action: Action, attempt: Attempt | None
) -> dict[str, str]:
    if attempt is None or attempt.status != "Succeeded":
        return {}
    return output_variables(state, execution, action, attempt)


def sns_record(state: State, number: int, message: Message) -> dict[str, Any]:
    """A message as a Lambda function or a queue gets it from its topic: one record of an SNS event."""
    identifier = make_id(state.seed, f"message:{message.topic}", number)
    return {"EventSource": "aws:sns", "EventVersion": "1.0",
            "EventSubscriptionArn": f"{message.topic}:{make_id(state.seed, 'subscription', 0)}",
            "Sns": {"Type": "Notification", "MessageId": identifier, "TopicArn": message.topic,
                    "Subject": message.subject, "Message": message.body,
                    "Timestamp": iso(state, message.time, millis=True), "MessageAttributes": {}}}
