"""When deployment windows are open."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline_sim.cron import Cron

MONDAY = datetime(2030, 1, 7, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "open_now"),
    [
        ("* * 9-17 ? * MON-FRI *", "UTC", True),
        ("* * 9-17 ? * 2-6", "UTC", True),
        ("* * 9-17 ? * SAT,SUN *", "UTC", False),
        ("* 0-29 9 ? * * *", "UTC", False),
        ("* * 9-17 ? * MON-FRI *", "America/New_York", False),
        ("* * 9-17 ? * MON-FRI *", "UTC-03:00", False),
        ("* * 10 ? * * *", "CET", True),
        ("* */15 * * * ? *", "UTC", True),
        ("* * * ? * 2#1 *", "UTC", True),
        ("* * * ? * 2#2 *", "UTC", False),
        ("* * * L * ? *", "UTC", False),
        ("* * * 7W * ? *", "UTC", True),
        ("* * * 6W * ? *", "UTC", True),
        ("* * * ? FEB * *", "UTC", False),
        ("* * 22-10 ? * * *", "UTC", True),
        ("* * * ? * * 2031", "UTC", False),
    ],
)
def test_a_window_is_open_or_closed_on_the_first_monday_of_2030_at_half_past_nine(
    text: str, zone: str, open_now: bool
) -> None:
    assert Cron.parse(text, zone).matches(MONDAY) is open_now


def test_the_last_friday_and_the_last_weekday_of_a_month() -> None:
    assert Cron.parse("* * * ? * 6L").matches(datetime(2030, 1, 25, tzinfo=UTC))
    assert not Cron.parse("* * * ? * 6L").matches(datetime(2030, 1, 18, tzinfo=UTC))
    assert Cron.parse("* * * LW * ?").matches(datetime(2030, 3, 29, tzinfo=UTC))


def test_a_closed_window_says_when_it_opens() -> None:
    opens = Cron.parse("* 0-59 9-17 ? * SAT *").next(MONDAY)
    assert opens == datetime(2030, 1, 12, 9, 0, tzinfo=UTC)


def test_a_window_of_a_past_year_never_opens() -> None:
    assert Cron.parse("* * * ? * * 2020").next(MONDAY) is None


@pytest.mark.parametrize(("text", "zone", "said"), [
    ("* * *", "UTC", "6 or 7 fields"),
    ("* 75 * * * ?", "UTC", "minutes"),
    ("* * 9-30 * * ?", "UTC", "hours"),
    ("* * * ? * FOO", "UTC", "day of the week"),
    ("* * * ? * *", "Mars/Olympus", "time zone"),
])
def test_a_wrong_expression_is_refused_with_the_field(text: str, zone: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Cron.parse(text, zone)
