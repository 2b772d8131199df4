"""Looking records up, as CloudTrail's LookupEvents answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ...ids import make_id, number_of
from ...refused import Refused
from ...state import State
from ..names import moment
from .entry import SOURCE, Entry

DAYS_KEPT = 90
PAGE = 50
_ATTRIBUTES: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "EventId": lambda event: event["EventId"],
    "EventName": lambda event: event["EventName"],
    "ReadOnly": lambda event: event["ReadOnly"],
    "Username": lambda event: event.get("Username"),
    "EventSource": lambda event: event["EventSource"],
    "AccessKeyId": lambda event: event.get("AccessKeyId"),
    "ResourceType": lambda event: [resource["ResourceType"] for resource in event["Resources"]],
    "ResourceName": lambda event: [resource["ResourceName"] for resource in event["Resources"]],
}


def look_up(
    state: State,
    entries: Sequence[Entry],
    attributes: Sequence[Mapping[str, str]],
    start: datetime | None,
    end: datetime | None,
    max_results: int,
    next_token: str | None,
) -> dict[str, Any]:
    """A page of the records that are asked for, newest first. Raises `Refused`."""
    _check(attributes, start, end, max_results)
    oldest = moment(state, state.now - DAYS_KEPT * 86_400)
    since = max(oldest, start) if start is not None else oldest
    found = [event for event in map(_event, reversed(entries))
             if since <= event["EventTime"] and (end is None or event["EventTime"] <= end)
             and all(_matches(event, one) for one in attributes)]
    question = f"lookup:{json.dumps([list(map(dict, attributes)), str(start), str(end)])}"
    first = _offset(state, question, next_token)
    answer: dict[str, Any] = {"Events": found[first : first + max_results]}
    if first + max_results < len(found):
        answer["NextToken"] = make_id(state.seed, question, first + max_results)
    return answer


def _check(
    attributes: Sequence[Mapping[str, str]], start: datetime | None, end: datetime | None, max_results: int
) -> None:
    if len(attributes) > 1:
        raise Refused("InvalidLookupAttributesException", "Events can be looked up by one attribute at a time.")
    for one in attributes:
        if one.get("AttributeKey") not in _ATTRIBUTES or "AttributeValue" not in one:
            raise Refused("InvalidLookupAttributesException",
                          f"An AttributeKey is one of {', '.join(_ATTRIBUTES)}, with an AttributeValue.")
    if not 1 <= max_results <= PAGE:
        raise Refused("InvalidMaxResultsException", f"MaxResults is a number from 1 to {PAGE}.")
    if start is not None and end is not None and start > end:
        raise Refused("InvalidTimeRangeException", "The start time is after the end time.")


def _offset(state: State, question: str, next_token: str | None) -> int:
    if next_token is None:
        return 0
    number = number_of(state.seed, question, next_token)
    if number is None:
        raise Refused("InvalidNextTokenException", "The token is not one of this question.")
    return number


def _event(entry: Entry) -> dict[str, Any]:
    """A record as an item of LookupEvents."""
    who = entry["userIdentity"]
    event = {
        "EventId": entry["eventID"],
        "EventName": entry["eventName"],
        "ReadOnly": str(entry["readOnly"]).lower(),
        "EventTime": datetime.fromisoformat(entry["eventTime"].replace("Z", "+00:00")),
        "EventSource": entry["eventSource"],
        "Resources": _resources(entry),
        "CloudTrailEvent": json.dumps(entry, ensure_ascii=False),
    }
    if user := who.get("userName") or who.get("principalId", "").partition(":")[2]:
        event["Username"] = user
    if key := who.get("accessKeyId"):
        event["AccessKeyId"] = key
    return event


def _resources(entry: Entry) -> list[dict[str, str]]:
    """The pipeline that a call of CodePipeline was about."""
    request = entry["requestParameters"] or {}
    inner = request.get("pipeline")
    name = request.get("pipelineName") or (inner.get("name") if isinstance(inner, Mapping) else None)
    if name is None and entry["eventName"] in _BY_NAME:
        name = request.get("name")
    about = entry["eventSource"] == SOURCE and isinstance(name, str)
    return [{"ResourceType": "AWS::CodePipeline::Pipeline", "ResourceName": str(name)}] if about else []


_BY_NAME = frozenset({"StartPipelineExecution", "DeletePipeline", "GetPipeline", "GetPipelineState"})


def _matches(event: Mapping[str, Any], attribute: Mapping[str, str]) -> bool:
    value = _ATTRIBUTES[attribute["AttributeKey"]](event)
    wanted = attribute["AttributeValue"]
    return wanted in value if isinstance(value, list) else value == wanted
