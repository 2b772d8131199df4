"""What comes when: pushes, calls, transitions that are closed for a while, alarms. Every function raises ValueError."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from .behaviour import EVENTS, AlarmChange, Delivery, Push, ScriptedCall
from .durations import duration
from .hours import Hours
from .parse import instant_of, listed, mapping, one_of, text_of, truth, whole
from .streams import Stream

PUSH_KEYS = frozenset({"at", "source", "branch", "tag", "files", "message", "author", "event", "revision", "created"})
STREAM_KEYS = PUSH_KEYS - {"at"} | {"every", "hours", "from", "until", "for", "count", "regular"}
DELIVERY_KEYS = frozenset(Delivery._fields) - {"time"} | {"at"}
TRANSITION_KEYS = frozenset({"stage", "type", "from", "to", "open", "reason", "by", "pipelineName"})
ALARM_KEYS = frozenset({"name", "at", "status", "from", "to"})
ALARM_STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
DIRECTIONS = ("Inbound", "Outbound")


# ---------------------------------------------------------------------------------------------- pushes


def push_of(said: Any, start: datetime) -> Push:
    """A push at a set time; a time alone is a push to whatever the sources follow."""
    if not isinstance(said, Mapping):
        return Push(instant_of(said, start))
    given = {key: _PUSH[key](value) for key, value in said.items() if key != "at"}
    return Push(instant_of(said.get("at", 0), start), **given)


_PUSH: dict[str, Callable[[Any], Any]] = {
    "files": lambda given: tuple(text_of(one) for one in listed(given)), "created": truth,
    "event": lambda given: one_of(given, EVENTS),
    **dict.fromkeys(("source", "branch", "tag", "message", "author", "revision"), text_of),
}


def is_stream(said: Any) -> bool:
    """Whether this is a stream of pushes rather than one."""
    return isinstance(said, Mapping) and "every" in said


def stream_of(said: Mapping[str, Any], start: datetime) -> Stream:
    """A stream of pushes."""
    every, begins = duration(said["every"]), instant_of(said.get("from", 0), start)
    if every < 1:
        raise ValueError("every: two pushes are at least a second apart on average.")
    ends = instant_of(said["until"], start) if "until" in said else None
    if "for" in said:
        ends = min(begins + duration(said["for"]), ends if ends is not None else begins + duration(said["for"]))
    like = push_of({key: value for key, value in said.items() if key in PUSH_KEYS and key != "at"}, start)
    return Stream(every, truth(said.get("regular", False)), begins, ends,
                  whole(said["count"], 0) if "count" in said else None,
                  Hours.parse(said["hours"], start) if said.get("hours") else None, like)


def delivery_of(said: Mapping[str, Any], start: datetime) -> Delivery:
    """Something that is sent to a webhook at a set time."""
    payload = mapping(said.get("payload", {}), "{ref: refs/heads/main}")
    given = {key: text_of(said[key]) for key in DELIVERY_KEYS - {"at", "payload"} if key in said}
    return Delivery(instant_of(said.get("at", 0), start), payload=dict(payload), **given)


# ---------------------------------------------------------------------------------------------- calls


def call_of(said: Mapping[str, Any], start: datetime) -> ScriptedCall:
    """A call at a set time; members of the request may stand beside its operation."""
    rest = {key: value for key, value in said.items() if key not in ("at", "operation", "by", "request")}
    request = mapping(said.get("request", {}), "{stageName: Prod}")
    return ScriptedCall(instant_of(said["at"], start), text_of(said["operation"]), {**rest, **request},
                        text_of(said.get("by", "")))


def closures(said: Mapping[str, Any], start: datetime) -> Iterator[ScriptedCall]:
    """The calls that close a transition for a while, or outside of the hours at which it is open."""
    begins = instant_of(said.get("from", 0), start)
    ends = instant_of(said["to"], start) if "to" in said else None
    if ends is not None and ends < begins:
        raise ValueError(f"it ends ({said['to']}) before it begins ({said.get('from', 0)}).")
    request = {"stageName": text_of(said["stage"]), "transitionType": one_of(said.get("type", "Inbound"), DIRECTIONS)}
    if "pipelineName" in said:
        request["pipelineName"] = text_of(said["pipelineName"])
    by, reason = text_of(said.get("by", "")), text_of(said.get("reason", "Closed for a while"))
    for closes, opens in _closed(said, begins, ends, start):
        yield ScriptedCall(closes, "DisableStageTransition", {**request, "reason": reason}, by)
        if opens is not None:
            yield ScriptedCall(opens, "EnableStageTransition", request, by)


def _closed(said: Mapping[str, Any], begins: int, ends: int | None, start: datetime) -> Iterator[tuple[int, int | None]]:
    """When the transition closes and opens again."""
    if "open" not in said:
        yield begins, ends
        return
    if ends is None:
        raise ValueError("a transition that is open at certain hours needs an end, such as to: 30d.")
    hours = Hours.parse(said["open"], start)
    opens, closes = hours.intervals(ends)
    for shut, opened in zip([0, *closes], opens, strict=False):
        if shut < opened and shut < ends and opened > begins:
            yield max(shut, begins), min(opened, ends)


# ---------------------------------------------------------------------------------------------- alarms


def alarms_of(said: Mapping[str, Any], start: datetime) -> list[AlarmChange]:
    """When an alarm changes: at a time to a status, or raised from one time to another."""
    name = text_of(said["name"])
    if "at" in said:
        return [AlarmChange(instant_of(said["at"], start), name, one_of(said.get("status", "ALARM"), ALARM_STATES))]
    changes = [AlarmChange(instant_of(said["from"], start), name, "ALARM")]
    if "to" in said:
        changes.append(AlarmChange(instant_of(said["to"], start), name, "OK"))
    return changes
