"""How one event is delivered to one target, and what stands in the way: the target's own policy, or a role's (6.5, 8.3)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ...iam import Decision, Policy, decide, parse
from ...ids import account_of, make_id
from ...pipeline.fault import near
from ...record import ActionChanged, Revision
from ...refused import Refused
from ...scenario.parse import listed
from ...shapes import validate
from ...simulation.asked import world
from ...simulation.calls.revisions import overrides
from ...simulation.order import BUS
from ...simulation.permissions import EVENTS
from ...simulation.starts import start_by_rule
from ...views.names import iso
from ...views.notifications import UNPUBLISHED, Message
from .invoking import call
from .targets import service_of
from .things import Delivery, Lambda, Published, Queue, Topic, Waiting

if TYPE_CHECKING:
    from ...simulation import Simulation
    from ...state import PipelineState
    from . import Account

SNS, NOTICES = "sns.amazonaws.com", "codestar-notifications.amazonaws.com"
Against = tuple[str, str] | None
"""Why something is not delivered, and what to do; None where it is."""


def deliver(account: Account, rule: str, target: Mapping[str, Any], given: Any) -> Against:
    """Deliver to a target's ARN what it is given, or say why not. A message that is dropped goes to the target's
    dead-letter queue, where it has one and the queue lets EventBridge in."""
    reach = _REACH.get(service_of(target["Arn"]))
    if reach is None:
        return (f"The simulation has no {service_of(target['Arn'])} to deliver to.", "")
    against = reach(account, rule, target, given)
    dead = target.get("DeadLetterConfig", {}).get("Arn")
    if against is None or not dead:
        return against
    lost = _to_queue(account, rule, {"Arn": dead}, given)
    return against if lost is None else (f"{against[0]} Its dead-letter queue did not get it either: {lost[0]}",
                                         f"{against[1]} {lost[1]}")


def _text(given: Any) -> str:
    return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)


def permitted(account: Account, policy: Policy | None, action: str, resource: str, service: str, source: str) -> Against:
    """Whether a resource's policy lets a service in, which asks for a rule, a topic, a subscription (`source`)."""
    context = {**world(account.simulation, resource), "aws:SourceArn": source, "aws:SourceAccount": account_of(source)}
    found = decide((), action, resource, context, principal=service, resource_policy=policy)
    return None if found.allowed else _told(found, service, source)


def _told(found: Decision, service: str, source: str) -> tuple[str, str]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": found.action, "Resource": found.resource,
                 "Condition": {"ArnEquals": {"aws:SourceArn": source}}}
    remedy = f"Add to its policy: {json.dumps(statement)}." if found.decided_by is None else found.remedy
    return found.reason, remedy


# ---------------------------------------------------------------------------------------------- topics and queues


def _to_topic(account: Account, rule: str, target: Mapping[str, Any], given: Any) -> Against:
    topic = account.topics.get(target["Arn"])
    if topic is None:
        return _missing("topic", target["Arn"], "sns create-topic")
    against = _against_key(topic.attributes, "sns") or \
        permitted(account, topic.policy, "sns:Publish", topic.arn, EVENTS, rule)
    if against is None:
        publish(account, topic, "", _text(given), EVENTS)
    return against


def _against_key(attributes: Mapping[str, str], service: str) -> Against:
    """A service cannot use a topic or queue under the key that AWS manages for it: nobody can let it [knowledge]."""
    if attributes.get("KmsMasterKeyId", "").rpartition(":")[2] != f"alias/aws/{service}":
        return None
    return (f"It is encrypted with the key alias/aws/{service}, whose policy lets in no other service and cannot change.",
            "Encrypt it with a key of your own, whose policy allows the service kms:GenerateDataKey and kms:Decrypt.")


def _missing(what: str, arn: str, command: str) -> tuple[str, str]:
    return f"There is no {what} {arn}.", f"Make it first: aws {command}."


def publish(account: Account, topic: Topic, subject: str, body: str, by: str) -> None:
    """A topic gets a message and passes it on to whoever subscribed."""
    now = account.simulation.now
    topic.messages.append(Published(now, by, subject, body))
    for one in list(topic.subscriptions.values()):
        message = wrapped(account, topic, subject, body)
        if one.protocol == "sqs":
            _to_queue(account, topic.arn, {"Arn": one.endpoint}, body if one.raw else message, SNS)
        elif one.protocol == "lambda":
            record = {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": one.arn, "Sns": message}
            _to_function(account, topic.arn, {"Arn": one.endpoint}, {"Records": [record]}, SNS)


def wrapped(account: Account, topic: Topic, subject: str, body: str) -> dict[str, Any]:
    """A message as SNS passes it on, unless a subscription asks for it raw."""
    state, number = account.simulation.state, len(topic.messages)
    told = {"Type": "Notification", "MessageId": make_id(state.seed, f"message:{topic.arn}", number), "TopicArn": topic.arn,
            "Message": body, "Timestamp": iso(state, account.simulation.now, millis=True)}
    return {**told, "Subject": subject} if subject else told


def publish_approval(account: Account, record: ActionChanged, message: Message) -> None:
    """An approval asks for its answer: the pipeline's role publishes to the topic (6.6). Where it cannot, the action is
    about to fail, and nobody is asked."""
    run = account.simulation.runs.get((record.pipeline, record.execution))
    works = [work for work in run.works if work.action.name == record.action] if run is not None else []
    plan = works[-1].plan[2] if works else None
    if plan is None or plan.code not in UNPUBLISHED:
        topic = account.topics.setdefault(message.topic, Topic(message.topic, implied=True))
        publish(account, topic, message.subject, message.body, message.by)


def publish_notice(account: Account, notice: Mapping[str, Any], told: Mapping[str, Any]) -> None:
    """A notification rule sends to its topics, each of which must let it (6.7). Of what does not arrive nobody hears."""
    for number, target in enumerate(notice["Targets"], 1):
        against = _notify(account, notice["Arn"], target, told)
        sentence, remedy = against if against is not None else ("", "")
        account.notified.append(Delivery(account.simulation.now, notice["Name"], str(number), target["TargetAddress"], told,
                                         told, sentence, remedy))


def _notify(account: Account, rule: str, target: Mapping[str, Any], told: Mapping[str, Any]) -> Against:
    topic = account.topics.get(target["TargetAddress"])
    if target["TargetType"] != "SNS":
        return f"The simulation has no {target['TargetType']}.", "A topic of SNS can be looked into."
    if topic is None:
        return _missing("topic", target["TargetAddress"], "sns create-topic")
    against = _against_key(topic.attributes, "sns") or permitted(
        account, topic.policy, "sns:Publish", topic.arn, NOTICES, rule)
    if against is None:
        publish(account, topic, "", _text(told), NOTICES)
    return against


def _to_queue(account: Account, source: str, target: Mapping[str, Any], given: Any, service: str = EVENTS) -> Against:
    queue = next((one for one in account.queues.values() if one.arn == target["Arn"]), None)
    if queue is None:
        return _missing("queue", target["Arn"], "sqs create-queue")
    against = _against_key(queue.attributes, "sqs") or \
        permitted(account, queue.policy, "sqs:SendMessage", queue.arn, service, source)
    if against is None:
        put(queue, _text(given), account.simulation.now)
    return against


def put(queue: Queue, body: str, now: int) -> Waiting:
    queue.sent += 1
    message = Waiting(queue.sent, body, now)
    queue.messages.append(message)
    return message


# ---------------------------------------------------------------------------------------------- functions, logs, pipelines


def policy_of(function: Lambda) -> Policy | None:
    """A function's resource policy, made of the statements that add-permission gave it."""
    if not function.statements:
        return None
    return parse({"Version": "2012-10-17", "Statement": list(function.statements.values())}, kind="resource")


def _to_function(account: Account, source: str, target: Mapping[str, Any], given: Any, service: str = EVENTS) -> Against:
    function = next((one for one in account.functions.values() if one.arn == target["Arn"]), None)
    if function is None:
        return (f"There is no function {target['Arn']}.", "Make it first: simulation.account.function(name, code).")
    against = permitted(account, policy_of(function), "lambda:InvokeFunction", function.arn, service, source)
    if against is None:
        call(account, function.name, given, BUS)
    return against


def _to_group(account: Account, rule: str, target: Mapping[str, Any], given: Any) -> Against:
    """A resource policy of CloudWatch Logs must let EventBridge write, and none may forbid it."""
    group = next((one for one in account.groups.values() if target["Arn"].removesuffix(":*") == one.arn), None)
    if group is None:
        return _missing("log group", target["Arn"], "logs create-log-group")
    stream = f"{group.arn}:log-stream:events"
    against = permitted(account, _of_logs(account), "logs:PutLogEvents", stream, EVENTS, rule)
    if against is None:
        group.lines.append((account.simulation.now, _text(given)))
    return against


def _of_logs(account: Account) -> Policy | None:
    """All resource policies of CloudWatch Logs as one; their statements' ids count within each alone."""
    statements = [{key: value for key, value in one.items() if key != "Sid"} for text in account.group_policies.values()
                  for one in listed(json.loads(text)["Statement"])]
    return parse({"Version": "2012-10-17", "Statement": statements}, kind="resource") if statements else None


def _to_pipeline(account: Account, rule: str, target: Mapping[str, Any], given: Any) -> Against:
    """The rule starts a pipeline as the target's role, which must trust EventBridge and may do it."""
    simulation, role = account.simulation, target["RoleArn"]
    here = {account.arn("codepipeline", name): one for name, one in simulation.state.pipelines.items()}
    pipeline = here.get(target["Arn"])
    if pipeline is None:
        between = "A pipeline's ARN has no pipeline/ in it." if ":pipeline/" in target["Arn"] else ""
        return f"There is no pipeline {target['Arn']}.", f"{between} {near(target['Arn'], here)}".strip()
    try:
        revisions, variables = _asked(simulation, pipeline, given)
    except Refused as refused:
        return f"{refused.error}: {refused.message}.", "Change what the rule's target gets."
    denied = start_by_rule(simulation, pipeline, rule, role, revisions, variables)
    return None if denied is None else (f"{denied.message(denied.principal)}.", denied.remedy)


def _asked(
    simulation: Simulation, pipeline: PipelineState, given: Any
) -> tuple[Mapping[str, Revision], Mapping[str, str]]:
    """The source revisions and variables that a target's input asks for; an event as it is asks for none (6.5). Raises
    Refused."""
    if not isinstance(given, Mapping) or not {"variables", "sourceRevisions"} & set(given):
        return {}, {}
    request = {**given, "name": pipeline.name}
    fault = validate("StartPipelineExecution", request)
    if fault is not None:
        raise Refused(*fault)
    return overrides(simulation, pipeline, request), {one["name"]: one["value"] for one in given.get("variables", ())}


_REACH: Mapping[str, Callable[[Account, str, Mapping[str, Any], Any], Against]] = {
    "sns": _to_topic, "sqs": _to_queue, "lambda": _to_function, "logs": _to_group, "codepipeline": _to_pipeline}
