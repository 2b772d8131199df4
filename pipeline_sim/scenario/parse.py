"""From what a person wrote of an action, an approver or a push to values. Every function raises ValueError."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from .behaviour import Approver, Behaviour, Outcome, Push
from .hours import Hours
from .quantiles import Quantiles, duration
from .streams import Stream

STATUSES = ("Succeeded", "Failed")


def listed(given: Any) -> list[Any]:
    """A list from one or several."""
    if given is None:
        return []
    return list(given) if isinstance(given, list | tuple) else [given]


def probability(given: Any) -> float:
    """0.2, `"20%"` or `"20 %"`."""
    try:
        percent = isinstance(given, str) and given.strip().endswith("%")
        share = float(given.strip()[:-1]) / 100 if percent else float(given)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{given!r} is no probability: write 0.2 or 20%.") from error
    if not 0 <= share <= 1:
        raise ValueError(f"{given!r} is no probability: it lies between 0 and 1 (0% and 100%).")
    return share


def behaviour_keys() -> set[str]:
    """What can be said of an action."""
    return {member.name for member in fields(Behaviour)} | {"error"}


def behaviour_of(said: Mapping[str, Any]) -> Behaviour:
    """An action's behaviour."""
    given = {key: value for key, value in said.items() if key != "error"}
    given |= _error_of(said.get("error"))
    given["duration"] = Quantiles.parse(given["duration"])
    for key in ("failure", "defect"):
        if key in given:
            given[key] = probability(given[key])
    given["attempts"] = _attempts(given.get("attempts", {}))
    given["executions"] = {int(number): _attempts(one.get("attempts", one) if isinstance(one, Mapping) else one)
                           for number, one in given.get("executions", {}).items()}
    given["variables"] = {key: str(value) for key, value in given.get("variables", {}).items()}
    if given.get("worker", "scenario") not in ("scenario", "outside", "nobody"):
        raise ValueError(f"worker is scenario, outside or nobody, not {given['worker']!r}.")
    return Behaviour(**given)


def _error_of(error: Any) -> dict[str, str]:
    if error is None:
        return {}
    if isinstance(error, str):
        return {"message": error}
    if not isinstance(error, Mapping) or set(error) - {"code", "message"}:
        raise ValueError("error is a text or {code: JobFailed, message: …}.")
    return {key: str(value) for key, value in error.items()}


def _attempts(given: Any) -> dict[int, Outcome]:
    """`{1: Failed, 2: {status: Succeeded, duration: 3m}}`, or a list in order; a word alone is the first attempt."""
    if isinstance(given, str):
        given = {1: given}
    if isinstance(given, list):
        given = dict(enumerate(given, 1))
    if not isinstance(given, Mapping):
        raise ValueError("attempts are {1: Failed, 2: Succeeded}.")
    return {int(number): outcome_of(one) for number, one in given.items()}


def outcome_of(given: Any) -> Outcome:
    """One scripted outcome."""
    said = {"status": given} if isinstance(given, str) else dict(given)
    said |= _error_of(said.pop("error", None))
    if said.get("status", "Succeeded") not in STATUSES:
        raise ValueError(f"an outcome is Succeeded or Failed, not {said['status']!r}.")
    if unknown := set(said) - {member.name for member in fields(Outcome)}:
        raise ValueError(f"an outcome has status, duration, code, message and variables, not {sorted(unknown)[0]!r}.")
    if said.get("duration") is not None:
        said["duration"] = duration(said["duration"])
    return Outcome(**said)


APPROVER_KEYS = {"probability", "response", "hours", "comment", "by", "nobody"}


def approver_of(said: Mapping[str, Any], start: datetime) -> Approver:
    """Who answers an approval."""
    hours = said.get("hours")
    return Approver(probability(said.get("probability", 1.0)), Quantiles.parse(said.get("response", "30m")),
                    Hours.parse(hours, start) if hours else None, str(said.get("comment", "")), str(said.get("by", "")))


PUSH_KEYS = {"at", "source", "branch", "tag", "files", "message", "author", "event", "revision", "created"}
STREAM_KEYS = PUSH_KEYS - {"at"} | {"every", "hours", "from", "until", "for", "count", "regular"}


def push_of(said: Any) -> Push:
    """A push at a set time."""
    if not isinstance(said, Mapping):
        return Push(duration(said))
    given = {key: value for key, value in said.items() if key != "at"}
    if "files" in given:
        given["files"] = tuple(listed(given["files"]))
    return Push(duration(said.get("at", 0)), **given)


def is_stream(said: Any) -> bool:
    """Whether this is a stream of pushes rather than one."""
    return isinstance(said, Mapping) and "every" in said


def streams_of(said: list[Any], start: datetime) -> list[Stream]:
    """The streams among what is said of pushes."""
    return [_stream(one, start) for one in said if is_stream(one)]


def _stream(said: Mapping[str, Any], start: datetime) -> Stream:
    begins = duration(said.get("from", 0))
    ends = duration(said["until"]) if "until" in said else begins + duration(said["for"]) if "for" in said else None
    hours = Hours.parse(said["hours"], start) if said.get("hours") else None
    like = push_of({key: value for key, value in said.items() if key in PUSH_KEYS})
    if duration(said["every"]) < 1:
        raise ValueError("every: two pushes are at least a second apart on average.")
    return Stream(duration(said["every"]), bool(said.get("regular", False)), begins, ends,
                  int(said["count"]) if "count" in said else None, hours, like)
