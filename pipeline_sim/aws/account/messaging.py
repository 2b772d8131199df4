"""SNS's and SQS's operations, as far as rules, approvals and their readers need them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import md5
from typing import TYPE_CHECKING, Any

from ...iam import Policy, parse
from ...ids import account_of, make_id
from ...pipeline.fault import Faults
from ...pipeline.model import Pipeline
from ...refused import Refused
from .delivery import publish, put
from .things import Queue, Subscription, Topic, Waiting

if TYPE_CHECKING:
    from . import Account, Operation

_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,256}(\.fifo)?\Z")
_QUEUE = re.compile(r"[A-Za-z0-9_-]{1,80}(\.fifo)?\Z")
HIDDEN_FOR = 30
"""How many seconds a received message is not shown again, unless the queue says otherwise."""


def policy_of(text: str, code: str) -> Policy | None:
    """A resource's policy from its text; an empty text takes it away."""
    if not text:
        return None
    try:
        return parse(text, kind="resource")
    except Faults as faults:
        raise Refused(code, f"Invalid parameter: Policy Error: {faults.faults[0]}") from None


# ---------------------------------------------------------------------------------------------- SNS


def _topic(account: Account, arn: str) -> Topic:
    if arn not in account.topics:
        raise Refused("NotFound", "Topic does not exist")
    return account.topics[arn]


def create_topic(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    """A topic is made; one of this name that is there already is given back."""
    if not _TOPIC.match(request["Name"]):
        raise Refused("InvalidParameter", "Invalid parameter: Topic Name")
    arn = account.arn("sns", request["Name"])
    topic = account.topics.setdefault(arn, Topic(arn))
    topic.implied = False
    for name, value in request.get("Attributes", {}).items():
        _set_topic(topic, name, value)
    _changed(account)
    return {"TopicArn": arn}


def delete_topic(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    account.topics.pop(request["TopicArn"], None)
    _changed(account)
    return {}


def _changed(account: Account) -> None:
    """From now on the account's topics are known: an approval that names another one cannot be published."""
    account.simulation.topics = {arn: topic.policy for arn, topic in account.topics.items()}
    account.simulation.rights_changed()


def told_by(pipelines: Iterable[Pipeline], account: str) -> list[str]:
    """The topics that approvals name. Where nobody says which topics an account has, those are there when the clock
    starts, as the repositories and projects are that definitions name."""
    named = (action.configuration.get("NotificationArn", "") for pipeline in pipelines for _, action in pipeline.walk()
             if action.is_approval)
    return [arn for arn in dict.fromkeys(named) if arn.split(":")[4:5] == [account] and "#{" not in arn]


def list_topics(account: Account, _: Mapping[str, Any], __: str) -> dict[str, Any]:
    return {"Topics": [{"TopicArn": arn} for arn in sorted(account.topics)]}


def _set_topic(topic: Topic, name: str, value: str) -> None:
    if name == "Policy":
        topic.policy, topic.policy_text = policy_of(value, "InvalidParameter"), value
    else:
        topic.attributes[name] = value


def set_topic_attributes(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    _set_topic(_topic(account, request["TopicArn"]), request["AttributeName"], request.get("AttributeValue", ""))
    _changed(account)
    return {}


def get_topic_attributes(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    topic = _topic(account, request["TopicArn"])
    told = {"TopicArn": topic.arn, "Owner": account_of(topic.arn), "SubscriptionsConfirmed": str(len(topic.subscriptions)),
            **topic.attributes}
    return {"Attributes": {**told, **({"Policy": topic.policy_text} if topic.policy_text else {})}}


def subscribe(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    """A subscription is confirmed at once; what goes by mail or to a web address can be read in the topic's messages."""
    topic = _topic(account, request["TopicArn"])
    arn = f"{topic.arn}:{make_id(account.simulation.state.seed, f'subscription:{topic.arn}', len(topic.subscriptions))}"
    raw = request.get("Attributes", {}).get("RawMessageDelivery", "false").lower() == "true"
    topic.subscriptions[arn] = Subscription(arn, request["Protocol"], request.get("Endpoint", ""), raw)
    return {"SubscriptionArn": arn}


def unsubscribe(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    for topic in account.topics.values():
        topic.subscriptions.pop(request["SubscriptionArn"], None)
    return {}


def list_subscriptions(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    topics = [_topic(account, request["TopicArn"])] if "TopicArn" in request else account.topics.values()
    return {"Subscriptions": [
        {"SubscriptionArn": one.arn, "Owner": account_of(topic.arn), "Protocol": one.protocol, "Endpoint": one.endpoint,
         "TopicArn": topic.arn} for topic in topics for one in topic.subscriptions.values()]}


def publish_message(account: Account, request: Mapping[str, Any], by: str) -> dict[str, Any]:
    topic = _topic(account, request.get("TopicArn") or request.get("TargetArn", ""))
    publish(account, topic, request.get("Subject", ""), request["Message"], by)
    return {"MessageId": make_id(account.simulation.state.seed, f"message:{topic.arn}", len(topic.messages))}


SNS: Mapping[str, Operation] = {
    "CreateTopic": create_topic, "DeleteTopic": delete_topic, "ListTopics": list_topics,
    "SetTopicAttributes": set_topic_attributes, "GetTopicAttributes": get_topic_attributes, "Subscribe": subscribe,
    "Unsubscribe": unsubscribe, "ListSubscriptions": list_subscriptions, "ListSubscriptionsByTopic": list_subscriptions,
    "Publish": publish_message,
}


# ---------------------------------------------------------------------------------------------- SQS


def _queue(account: Account, request: Mapping[str, Any]) -> Queue:
    found = account.queues.get(str(request["QueueUrl"]).rpartition("/")[2])
    if found is None:
        raise Refused("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
    return found


def create_queue(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    name, state = request["QueueName"], account.simulation.state
    if not _QUEUE.match(name):
        raise Refused("InvalidParameterValue", "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 "
                                               "in length")
    url = f"https://sqs.{state.region}.amazonaws.com/{state.account}/{name}"
    queue = account.queues.setdefault(name, Queue(name, account.arn("sqs", name), url, account.simulation.now))
    _set_queue(queue, request.get("Attributes", {}))
    return {"QueueUrl": queue.url}


def _set_queue(queue: Queue, attributes: Mapping[str, str]) -> None:
    for name, value in attributes.items():
        if name == "Policy":
            queue.policy = policy_of(value, "InvalidAttributeValue")
        elif name == "VisibilityTimeout" and not value.isdecimal():
            raise Refused("InvalidAttributeValue", f"Invalid value for the parameter {name}.")
        queue.attributes[name] = value


def set_queue_attributes(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    _set_queue(_queue(account, request), request["Attributes"])
    return {}


def get_queue_attributes(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    queue, now = _queue(account, request), account.simulation.now
    shown = sum(one.hidden <= now for one in queue.messages)
    told = {"QueueArn": queue.arn, "ApproximateNumberOfMessages": str(shown),
            "ApproximateNumberOfMessagesNotVisible": str(len(queue.messages) - shown),
            "VisibilityTimeout": str(HIDDEN_FOR), **queue.attributes}
    wanted = request.get("AttributeNames", ())
    return {"Attributes": {name: value for name, value in told.items() if "All" in wanted or name in wanted}}


def get_queue_url(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    return {"QueueUrl": _queue(account, {"QueueUrl": request["QueueName"]}).url}


def list_queues(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    prefix = request.get("QueueNamePrefix", "")
    return {"QueueUrls": [queue.url for name, queue in sorted(account.queues.items()) if name.startswith(prefix)]}


def delete_queue(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    del account.queues[_queue(account, request).name]
    return {}


def purge_queue(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    _queue(account, request).messages.clear()
    return {}


def send_message(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    queue = _queue(account, request)
    message = put(queue, request["MessageBody"], account.simulation.now)
    return {"MessageId": _id(account, queue, message), "MD5OfMessageBody": _md5(message.body)}


def receive_message(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    """The oldest messages that nobody holds. Nobody waits for more (WaitTimeSeconds): the clock moves only when told."""
    queue, now = _queue(account, request), account.simulation.now
    hidden = int(request.get("VisibilityTimeout", queue.attributes.get("VisibilityTimeout", HIDDEN_FOR)))
    found = [one for one in queue.messages if one.hidden <= now][:int(request.get("MaxNumberOfMessages", 1))]
    for one in found:
        one.received += 1
        one.hidden = now + hidden
        one.handle = make_id(account.simulation.state.seed, f"receipt:{queue.name}:{one.number}", one.received)
    rows = [{"MessageId": _id(account, queue, one), "ReceiptHandle": one.handle, "MD5OfBody": _md5(one.body),
             "Body": one.body} for one in found]
    return {"Messages": rows} if rows else {}


def _id(account: Account, queue: Queue, message: Waiting) -> str:
    return make_id(account.simulation.state.seed, f"queued:{queue.name}", message.number)


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def delete_message(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    queue = _queue(account, request)
    queue.messages[:] = [one for one in queue.messages if one.handle != request["ReceiptHandle"]]
    return {}


SQS: Mapping[str, Operation] = {
    "CreateQueue": create_queue, "SetQueueAttributes": set_queue_attributes, "GetQueueAttributes": get_queue_attributes,
    "GetQueueUrl": get_queue_url, "ListQueues": list_queues, "DeleteQueue": delete_queue, "PurgeQueue": purge_queue,
    "SendMessage": send_message, "ReceiveMessage": receive_message, "DeleteMessage": delete_message,
}
