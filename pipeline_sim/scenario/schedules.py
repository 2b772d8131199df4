"""When a scheduled rule of EventBridge starts a pipeline: `cron(0 2 ? * MON-FRI *)`, in UTC, or `rate(1 day)` (4.2, 6.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from ..cron import Cron
from .durations import duration
from .parse import instant_of, mapping, text_of, whole

SCHEDULE_KEYS = frozenset({"name", "when", "pipelineName", "from", "until", "for", "count", "variables", "role",
                           "zone"})
_RATE = re.compile(r"rate\(\s*(\d+)\s+(minute|hour|day)(s?)\s*\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}


class Schedule(NamedTuple):
    """A rule `name` that starts a pipeline (`""`: the only one) from `begins` until `ends`, or so many times. `role` is
    what EventBridge starts it as; `variables` are put in by the rule's input transformer. Rules are in UTC; a schedule of
    EventBridge Scheduler may have another `zone`."""

    name: str
    when: str
    pipeline: str
    begins: int
    ends: int | None
    most: int | None
    variables: Mapping[str, str]
    role: str
    zone: str = "UTC"


def schedule_of(said: Mapping[str, Any], start: datetime) -> Schedule:
    """A scheduled rule. Raises ValueError."""
    begins = instant_of(said.get("from", 0), start)
    ends = instant_of(said["until"], start) if "until" in said else None
    if "for" in said:
        ends = min(begins + duration(said["for"]), ends if ends is not None else begins + duration(said["for"]))
    variables = mapping(said.get("variables", {}), "{Stage: night}")
    when, zone = text_of(said["when"]), text_of(said.get("zone", "UTC"))
    _check(when, zone)
    return Schedule(text_of(said.get("name", "schedule")), when, text_of(said.get("pipelineName", "")), begins, ends,
                    whole(said["count"], 0) if "count" in said else None,
                    {str(key): text_of(value) for key, value in variables.items()}, text_of(said.get("role", "")),
                    zone)


def _check(when: str, zone: str) -> None:
    _ = Cron("", zone).zone  # raises where there is no such zone
    if _cron(when, zone) is None and _rate(when) is None:
        raise ValueError(f"{when!r} is no schedule: write cron(0 2 ? * MON-FRI *) or rate(1 day).")


def _cron(when: str, zone: str) -> Cron | None:
    """EventBridge's cron has no seconds and always a year; one of the two fields for days is a question mark."""
    text = when.strip()
    if not (text.startswith("cron(") and text.endswith(")")):
        return None
    fields = text[5:-1].split()
    if len(fields) != 6:
        raise ValueError(f"{when!r}: a cron of EventBridge has 6 fields (minutes, hours, day of the month, month, day of "
                         f"the week, year), not {len(fields)}.")
    if "?" not in (fields[2], fields[4]):
        raise ValueError(f"{when!r}: either the day of the month or the day of the week is a question mark.")
    return Cron.parse("0 " + " ".join(fields), zone)


def _rate(when: str) -> int | None:
    """Seconds between two starts; the unit is singular for 1 and plural otherwise, as EventBridge has it."""
    found = _RATE.fullmatch(when.strip())
    if found is None:
        return None
    count = int(found[1])
    if count < 1 or (count == 1) == bool(found[3]):
        raise ValueError(f"{when!r}: write rate(1 day) or rate(2 days), one or more of them.")
    return count * _SECONDS[found[2]]


def times(schedule: Schedule, start: datetime) -> Iterator[int]:
    """The seconds at which the rule starts its pipeline. A rate counts from when the rule begins."""
    for at in islice(_times(schedule, start), schedule.most):
        if schedule.ends is not None and at >= schedule.ends:
            return
        yield at


def _times(schedule: Schedule, start: datetime) -> Iterator[int]:
    every = _rate(schedule.when)
    if every is not None:
        at = schedule.begins
        while True:
            at += every
            yield at
    cron = _cron(schedule.when, schedule.zone)
    moment = start.astimezone(UTC) + timedelta(seconds=schedule.begins - 60)
    while cron is not None and (found := cron.next(moment)) is not None:
        moment = found
        at = round((found - start).total_seconds())
        if at >= schedule.begins:
            yield at
