"""At which hours people work: whether moments keep to office hours, and how much of them lies between two moments."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ...scenario import Hours

ENOUGH = 20
"""Fewer moments than this say nothing about hours."""
LONGEST_DAY = 14
WEEK = 7


def zone_of(name: str) -> ZoneInfo:
    """A time zone by name. Raises ValueError that says what is understood."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"{name!r} is no time zone: write one such as Europe/Berlin.") from error


def hours_of(moments: Sequence[datetime], start: datetime, zone: str = "UTC") -> Hours | None:
    """The office hours that nearly all of these keep to; None where there are too few, or they come at all hours."""
    if len(moments) < ENOUGH:
        return None
    local = [moment.astimezone(zone_of(zone)) for moment in moments]
    weekend = sum(moment.weekday() >= 5 for moment in local)
    days = (0, 1, 2, 3, 4) if weekend <= 0.02 * len(local) else tuple(range(WEEK))
    clock = sorted(moment.hour * 3600 + moment.minute * 60 + moment.second for moment in local)
    outside = len(clock) // 100
    opens, closes = clock[outside] // 3600, math.ceil(clock[-1 - outside] / 3600)
    closes = max(closes, opens + 1)
    if closes - opens > LONGEST_DAY:
        return None
    return Hours.parse({"days": [_DAYS[day] for day in days], "from": f"{opens:02d}:00", "to": f"{closes:02d}:00",
                        "zone": zone}, start)


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def worked(hours: Hours, begins: float, ends: float) -> float:
    """Seconds of the hours between two moments of the clock."""
    opens, closes = hours.intervals(int(ends) + 1)
    total, first = 0.0, max(bisect_right(closes, begins) - 1, 0)
    for opened, closed in zip(opens[first:], closes[first:], strict=True):
        if opened >= ends:
            break
        total += max(0.0, min(ends, closed) - max(begins, opened))
    return total


def seconds_between(start: datetime, moment: datetime) -> float:
    return (moment - start) / timedelta(seconds=1)
