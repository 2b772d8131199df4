"""When people are there: the clock starts on a Monday at nine, and the office is open from nine to five."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_sim.scenario import Hours

HOUR, DAY = 3600, 86_400
MONDAY = datetime(2030, 1, 7, 9, tzinfo=UTC)
OFFICE = Hours.parse("office", MONDAY)


def test_the_office_is_open_from_its_opening_to_just_before_its_closing() -> None:
    assert OFFICE.is_open(0)
    assert OFFICE.is_open(8 * HOUR - 1)
    assert not OFFICE.is_open(8 * HOUR)
    assert OFFICE.next_open(8 * HOUR) == DAY


def test_after_friday_comes_monday() -> None:
    friday_evening = 4 * DAY + 9 * HOUR
    assert OFFICE.next_open(friday_evening) == 7 * DAY


def test_an_answer_takes_office_time() -> None:
    assert OFFICE.add(7 * HOUR, 2 * HOUR) == DAY + HOUR, "an hour on Monday, an hour on Tuesday"
    assert OFFICE.add(0, 8 * HOUR) == 8 * HOUR, "done when the office closes, not when it opens again"
    assert OFFICE.add(10 * HOUR, HOUR) == DAY + HOUR, "asked in the evening, answered in the morning"
    assert OFFICE.add(10 * HOUR, 0) == DAY
    assert OFFICE.add(0, 41 * HOUR) == 7 * DAY + HOUR, "a week of five days and an hour"


def test_a_clock_that_starts_at_lunch_starts_within_the_hours() -> None:
    lunch = Hours.parse("office", MONDAY + timedelta(hours=3))
    assert lunch.is_open(0)
    assert lunch.add(0, 6 * HOUR) == 21 * HOUR + HOUR


def test_berlin_goes_home_an_hour_earlier_on_the_worlds_clock_in_summer() -> None:
    saturday = datetime(2030, 3, 30, tzinfo=UTC)  # summer time begins in the night to Sunday
    berlin = Hours.parse({"days": "Mon-Sun", "from": "09:00", "to": "17:00", "zone": "Europe/Berlin"}, saturday)
    opens, closes = berlin.intervals(2 * DAY)
    assert opens[:2] == [8 * HOUR, DAY + 7 * HOUR]
    assert closes[:2] == [16 * HOUR, DAY + 15 * HOUR]


def test_the_day_on_which_the_clocks_change_is_an_hour_shorter() -> None:
    saturday = datetime(2030, 3, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    always = Hours.parse({"days": "Mon-Sun", "from": "00:00", "to": "24:00", "zone": "Europe/Berlin"}, saturday)
    opens, closes = always.intervals(2 * DAY)
    assert [shut - opened for opened, shut in zip(opens[:2], closes[:2], strict=True)] == [24 * HOUR, 23 * HOUR]


@pytest.mark.parametrize(("said", "told"), [
    ("office", "Mon-Fri 09:00-17:00 UTC"),
    ({"days": "Sat,Sun"}, "Sat,Sun 09:00-17:00 UTC"),
    ({"days": "Fri-Mon"}, "Mon,Fri,Sat,Sun 09:00-17:00 UTC"),
    ({"days": ["Monday", "wed"]}, "Mon,Wed 09:00-17:00 UTC"),
    ({"from": 8, "to": 1050}, "Mon-Fri 08:00-17:30 UTC"),
    ({"from": "8:15", "to": "24:00", "zone": "Asia/Tokyo"}, "Mon-Fri 08:15-24:00 Asia/Tokyo"),
])
def test_hours_are_written_as_people_write_them(said: Any, told: str) -> None:
    """1050 is what YAML makes of 17:30 without quotes."""
    hours = Hours.parse(said, MONDAY)
    assert hours.describe() == told
    assert Hours.parse(hours.as_plain(), MONDAY) == hours


@pytest.mark.parametrize(("said", "why"), [
    ("always", "hours are"), ({"open": "09:00"}, "hours are"), ({"days": "Someday"}, "no day"),
    ({"to": "noon"}, "time of day"), ({"from": "25:00"}, "time of day"), ({"zone": "Atlantis"}, "no time zone"),
    ({"from": "17:00", "to": "09:00"}, "open at 17:00 and close at 09:00"),
    ({"zone": "../etc/passwd"}, "no time zone"), ({"days": []}, "no day"),
])
def test_what_are_no_hours_is_refused(said: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Hours.parse(said, MONDAY)


STARTS = st.datetimes(datetime(2029, 1, 1), datetime(2031, 1, 1)).map(lambda one: one.replace(microsecond=0, tzinfo=UTC))
SHIFTS = st.builds(
    lambda start, first, length, days, zone: Hours.parse(
        {"days": days, "from": f"{first:02d}:30", "to": f"{first + length:02d}:30", "zone": zone}, start),
    STARTS, st.integers(0, 15), st.integers(1, 8), st.sampled_from(["Mon-Fri", "Mon-Sun", "Wed", "Sat-Mon"]),
    st.sampled_from(["UTC", "America/New_York", "Australia/Lord_Howe", "Europe/Berlin"]))


@settings(max_examples=50)
@given(SHIFTS, st.integers(0, 400 * DAY), st.integers(0, 20 * HOUR), st.integers(0, 20 * HOUR))
def test_work_can_be_done_in_two_parts(hours: Hours, at: int, first: int, second: int) -> None:
    assert hours.add(hours.add(at, first), second) == hours.add(at, first + second) or second == 0


@settings(max_examples=50)
@given(SHIFTS, st.integers(0, 400 * DAY))
def test_the_hours_are_those_on_the_wall(hours: Hours, at: int) -> None:
    moment = (hours.start + timedelta(seconds=at)).astimezone(ZoneInfo(hours.zone))
    on_the_wall = moment.weekday() in hours.days and hours.opens <= f"{moment:%H:%M}" < hours.closes
    assert hours.is_open(at) == on_the_wall
    assert hours.next_open(at) >= at
    assert hours.is_open(hours.next_open(at))


@settings(max_examples=50)
@given(SHIFTS, st.integers(0, 60 * DAY), st.integers(1, 40 * HOUR))
def test_two_searches_in_the_intervals_give_what_add_gives(hours: Hours, at: int, work: int) -> None:
    """As the array path does it."""
    from bisect import bisect_left, bisect_right

    opens, closes = hours.intervals(at + 60 * DAY)
    worked = [0]
    for opened, shut in zip(opens, closes, strict=True):
        worked.append(worked[-1] + shut - opened)
    place = bisect_right(closes, at)
    target = worked[place] + max(at - opens[place], 0) + work
    done = bisect_left(worked, target) - 1
    assert opens[done] + target - worked[done] == hours.add(at, work)
