"""When people are there: office hours on the simulated calendar, daylight saving time included."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass
class _Calendar:
    """Open intervals in seconds of the simulated clock, made as far as they are asked for."""

    opens: list[int] = field(default_factory=list)
    closes: list[int] = field(default_factory=list)
    worked: list[int] = field(default_factory=list)
    next_day: date | None = None


@dataclass(frozen=True)
class Hours:
    """Open from `opens` to `closes` on these weekdays (0 is Monday) in a time zone; `start` is the clock's zero.

    The instant of opening belongs to the hours, that of closing does not. Where daylight saving time begins or ends
    within them, they are an hour shorter or longer on that day.
    """

    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    opens: str = "09:00"
    closes: str = "17:00"
    zone: str = "UTC"
    start: datetime = datetime(2030, 1, 7, 9, tzinfo=UTC)
    _made: _Calendar = field(default_factory=_Calendar, compare=False, repr=False)

    @staticmethod
    def parse(given: Any, start: datetime) -> Hours:
        """From `office` or `{days: Mon-Fri, from: "09:00", to: "17:00", zone: Europe/Berlin}`. Raises ValueError."""
        if given == "office":
            return Hours(start=start)
        if not isinstance(given, Mapping) or set(given) - {"days", "from", "to", "zone"}:
            raise ValueError('hours are `office` or {days: Mon-Fri, from: "09:00", to: "17:00", zone: Europe/Berlin}.')
        hours = Hours(_days(given.get("days", "Mon-Fri")), _clock(given.get("from", "09:00")),
                      _clock(given.get("to", "17:00")), str(given.get("zone", "UTC")), start)
        if hours.opens >= hours.closes:
            raise ValueError(f"hours: they open at {hours.opens} and close at {hours.closes}; they end by 24:00 at the "
                             "latest.")
        try:
            _zone(hours.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: the name of a folder, or too long
            raise ValueError(f"hours: {hours.zone!r} is no time zone; write one such as Europe/Berlin.") from error
        return hours

    def is_open(self, at: int) -> bool:
        return self.next_open(at) == at

    def next_open(self, at: int) -> int:
        """The first instant at or after `at` that lies in the hours."""
        made = self._until(at)
        place = bisect_right(made.opens, at) - 1
        if place >= 0 and at < made.closes[place]:
            return at
        return self._opening(place + 1)

    def add(self, at: int, work: int) -> int:
        """The instant at which `work` seconds of office time have passed since `at`: closing time, where they end
        with the day; the next opening, where there is no work and `at` lies outside the hours."""
        begin = self.next_open(at)
        made = self._made
        place = bisect_right(made.opens, begin) - 1
        target = made.worked[place] + (begin - made.opens[place]) + work
        while made.worked[-1] + (made.closes[-1] - made.opens[-1]) < target:
            self._extend()
        place = bisect_right(made.worked, target) - 1
        if made.worked[place] == target and place and work:
            place -= 1  # it is done at closing time, not at the next opening
        return made.opens[place] + target - made.worked[place]

    def intervals(self, until: int) -> tuple[list[int], list[int]]:
        """When the hours open and close: all that open by `until`, and at least one after it. For arrays: with
        `worked[i] = sum(closes[:i] - opens[:i])`, `add` is two searches in these lists."""
        made = self._until(until)
        return list(made.opens), list(made.closes)

    def describe(self) -> str:
        """In words: `Mon-Fri 09:00-17:00 UTC`."""
        return f"{_days_text(self.days)} {self.opens}-{self.closes} {self.zone}"

    def as_plain(self) -> dict[str, Any]:
        """What `parse` reads back, for the same start."""
        return {"days": _days_text(self.days), "from": self.opens, "to": self.closes,
                "zone": self.zone}

    def _opening(self, place: int) -> int:
        while len(self._made.opens) <= place:
            self._extend()
        return self._made.opens[place]

    def _until(self, at: int) -> _Calendar:
        while not self._made.opens or self._made.opens[-1] <= at:
            self._extend()
        return self._made

    def _extend(self) -> None:
        made, zone = self._made, _zone(self.zone)
        day = made.next_day or self.start.astimezone(zone).date() - timedelta(days=1)
        made.next_day = day + timedelta(days=1)
        if day.weekday() not in self.days:
            return
        opens, closes = (self._seconds(day, clock, zone) for clock in (self.opens, self.closes))
        if closes <= 0:
            return
        before = made.worked[-1] + made.closes[-1] - made.opens[-1] if made.opens else 0
        made.opens.append(max(opens, 0))
        made.closes.append(closes)
        made.worked.append(before)

    def _seconds(self, day: date, clock: str, zone: tzinfo) -> int:
        local = datetime.combine(day, time.fromisoformat(clock), zone) if clock != "24:00" else datetime.combine(
            day + timedelta(days=1), time(), zone)
        return round((local.astimezone(UTC) - self.start).total_seconds())


def _zone(name: str) -> tzinfo:
    """UTC needs no time zone database, which some machines do not have."""
    return UTC if name == "UTC" else ZoneInfo(name)


def _clock(given: Any) -> str:
    """A time of day as `09:00`. YAML reads an unquoted 17:00 as 1020, and 9 is meant as an hour."""
    text = str(given)
    if isinstance(given, int) and 24 < given <= 1440:
        text = f"{given // 60:02d}:{given % 60:02d}"
    elif text.isdigit():
        text = f"{int(text):02d}:00"
    try:
        return text if text == "24:00" else time.fromisoformat(text.zfill(5)).strftime("%H:%M")
    except ValueError as error:
        raise ValueError(f'hours: {given!r} is no time of day; write "09:00".') from error


def _days(given: Any) -> tuple[int, ...]:
    found: set[int] = set()
    for part in given if isinstance(given, list) else str(given).split(","):
        first, _, last = str(part).strip().title().partition("-")
        low, high = _day(first), _day(last or first)
        found.update(range(low, high + 1) if low <= high else (*range(low, 7), *range(high + 1)))
    if not found:
        raise ValueError("hours: no day is given; write Mon, Tue, … or Mon-Fri.")
    return tuple(sorted(found))


def _days_text(days: tuple[int, ...]) -> str:
    in_a_row = len(days) > 2 and days == tuple(range(days[0], days[-1] + 1))
    return f"{DAYS[days[0]]}-{DAYS[days[-1]]}" if in_a_row else ",".join(DAYS[day] for day in days)


def _day(name: str) -> int:
    if name[:3] not in DAYS:
        raise ValueError(f"hours: {name!r} is no day; write Mon, Tue, … or Mon-Fri.")
    return DAYS.index(name[:3])
