"""When a deployment window is open: cron expressions of the Quartz kind (1.6) [UG:rule-reference-DeploymentWindow].

Seconds, minutes, hours, day of month, month, day of week, and a year that may be left out. `? * , - / L W #` and the
names of months and days are understood; days of the week count from 1 (Sunday).
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
ABBREVIATIONS = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "GMT": 0,
                 "UTC": 0, "CET": 1, "CEST": 2, "BST": 1, "JST": 9, "IST": 5.5}
YEARS_AHEAD = 5
Numbers = frozenset[int]


@dataclass(frozen=True)
class Cron:
    """A window: `Cron.parse("* * 9-17 ? * MON-FRI *", "Europe/Berlin")`."""

    text: str
    zone_name: str = "UTC"

    @staticmethod
    def parse(text: str, zone: str = "UTC") -> Cron:
        """Raises ValueError that says which field is wrong."""
        cron = Cron(text, zone)
        fields = cron._fields
        if len(fields) not in (6, 7):
            raise ValueError(f"A cron expression has 6 or 7 fields; '{text}' has {len(fields)}.")
        _ = cron._numbers, cron.zone
        for day in (date(2030, 1, 1), date(2030, 2, 1)):
            cron._has_day(day)
        return cron

    def matches(self, moment: datetime) -> bool:
        """Whether the window is open at this moment. Windows are as fine as minutes."""
        local = moment.astimezone(self.zone)
        minutes, hours, _, _ = self._numbers
        return local.minute in minutes and local.hour in hours and self._has_day(local.date())

    def next(self, moment: datetime) -> datetime | None:
        """The first moment after this one at which the window is open; None where it never is again."""
        local = (moment.astimezone(self.zone) + timedelta(minutes=1)).replace(second=0, microsecond=0)
        minutes, hours, _, _ = self._numbers
        for ahead in range(366 * YEARS_AHEAD):
            day = local.date() + timedelta(days=ahead)
            if not self._has_day(day):
                continue
            for hour in sorted(hours):
                for minute in sorted(minutes):
                    found = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone)
                    if found >= local:
                        return found
        return None

    @cached_property
    def zone(self) -> tzinfo:
        """A region (`Europe/Berlin`), an offset (`UTC+02:00`) or an abbreviation of 3 to 5 letters."""
        name = self.zone_name.strip() or "UTC"
        offset = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?", name)
        if offset:
            sign = -1 if offset[1] == "-" else 1
            return timezone(sign * timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0)))
        if name.upper() in ABBREVIATIONS:
            return timezone(timedelta(hours=ABBREVIATIONS[name.upper()]), name.upper())
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: the name of a folder, or too long
            raise ValueError(f"'{name}' is no time zone: use Region/City, UTC+hh:mm or an abbreviation.") from error

    @cached_property
    def _fields(self) -> list[str]:
        return self.text.upper().split()

    @cached_property
    def _numbers(self) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        """Minutes, hours, months, years."""
        fields = self._fields
        years = fields[6] if len(fields) == 7 else "*"
        return (_numbers(fields[1], 0, 59, "minutes"), _numbers(fields[2], 0, 23, "hours"),
                _numbers(fields[4], 1, 12, "month", MONTHS), _numbers(years, 1970, 2199, "year"))

    def _has_day(self, day: date) -> bool:
        _, _, months, years = self._numbers
        if day.month not in months or day.year not in years:
            return False
        of_month, of_week = self._fields[3], self._fields[5]
        return any(_is_day_of_month(part, day) for part in of_month.split(",")) and any(
            _is_day_of_week(part, day) for part in of_week.split(","))


def _numbers(text: str, low: int, high: int, field: str, names: tuple[str, ...] = ()) -> Numbers:
    """The numbers that a field stands for: `*`, `5`, `1-5`, `*/15`, `MON-FRI`, and lists of these."""
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, last = _span(span, low, high, field, names, bool(step))
        if step and not step.isdigit() or step == "0":
            raise ValueError(f"'{part}' is no step in the field of the {field}.")
        numbers = range(first, last + 1) if first <= last else (*range(first, high + 1), *range(low, last + 1))
        found.update(list(numbers)[:: int(step or 1)])
    return frozenset(found)


def _span(text: str, low: int, high: int, field: str, names: tuple[str, ...], open_ended: bool) -> tuple[int, int]:
    if text in ("*", "?", ""):
        return low, high
    first, dash, last = text.partition("-")
    start = _number(first, low, high, field, names)
    if dash:
        return start, _number(last, low, high, field, names)
    return start, high if open_ended else start


def _number(text: str, low: int, high: int, field: str, names: tuple[str, ...]) -> int:
    number = names.index(text) + low if text in names else int(text) if text.isdigit() else None
    if number is None or not low <= number <= high:
        raise ValueError(f"'{text}' is not in the field of the {field}: {low} to {high}.")
    return number


def _is_day_of_month(part: str, day: date) -> bool:
    """`L` the last day, `LW` the last weekday, `15W` the weekday nearest to the 15th, `L-3` three days before the
    last."""
    last = calendar.monthrange(day.year, day.month)[1]
    if part == "LW":
        return day == _nearest_weekday(day.replace(day=last))
    if part.startswith("L"):
        before = int(part[2:] or 0) if part[1:2] == "-" else 0
        return day.day == last - before
    if part.endswith("W") and part[:-1].isdigit():
        wanted = min(int(part[:-1]), last)
        return day == _nearest_weekday(day.replace(day=wanted))
    return day.day in _numbers(part, 1, 31, "day of the month")


def _nearest_weekday(day: date) -> date:
    """The same month's weekday nearest to a day."""
    if day.weekday() < 5:
        return day
    steps = (-1, 2) if day.weekday() == 5 else (1, -2)
    near = [day + timedelta(days=step) for step in steps]
    return next(found for found in near if found.month == day.month)


def _is_day_of_week(part: str, day: date) -> bool:
    """`6L` the last Friday of the month, `2#1` the first Monday; 1 is Sunday."""
    weekday = day.isoweekday() % 7 + 1
    if "#" in part:
        name, _, nth = part.partition("#")
        return weekday == _number(name, 1, 7, "day of the week", DAYS) and (day.day - 1) // 7 + 1 == int(nth)
    if part.endswith("L") and len(part) > 1:
        last = calendar.monthrange(day.year, day.month)[1]
        return weekday == _number(part[:-1], 1, 7, "day of the week", DAYS) and day.day > last - 7
    if part == "L":
        return weekday == 7
    return weekday in _numbers(part, 1, 7, "day of the week", DAYS)
