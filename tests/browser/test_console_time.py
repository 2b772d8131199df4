"""Time in the hand: every control does what it says, by mouse and by key, without a kernel."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pipeline_sim import Console
from pipeline_sim.record import ActionChanged, Record, StageChanged
from tests.browser.consoles import StaticPage, k_of, saved, seek, story, thing, until

ONE = story()
RECORDS = ONE.records
LAST = len(RECORDS)


@pytest.fixture
def shop(static_page: StaticPage, tmp_path: Path) -> Page:
    """A saved page whose cursor stands at the beginning."""
    return saved(static_page, tmp_path, Console(ONE, position=1))


def after(k: int, fits: Callable[[Record], bool]) -> int:
    """The cursor after the next record that fits."""
    return next(i + 1 for i in range(k, LAST) if fits(RECORDS[i]))


def before(k: int, fits: Callable[[Record], bool]) -> int:
    return next(i + 1 for i in range(k - 2, -1, -1) if fits(RECORDS[i]))


def stage(record: Record) -> bool:
    return isinstance(record, StageChanged)


def failure(record: Record) -> bool:
    return getattr(record, "status", "") == "Failed"


def decision(record: Record) -> bool:
    return isinstance(record, ActionChanged) and record.action == "Approve" and record.status == "InProgress"


def moment(k: int) -> int:
    """The cursor after the instant that begins with record k."""
    return max(i + 1 for i in range(k, LAST) if RECORDS[i].time == RECORDS[k].time)


MIDDLE = 30
WAYS = [
    ("Step", "ArrowRight", MIDDLE + 1), ("Step back", "ArrowLeft", MIDDLE - 1), ("First", "Home", 0), ("Last", "End", LAST),
    ("Next:moment", "Shift+ArrowRight", moment(MIDDLE)),
    ("Previous:moment", "Shift+ArrowLeft", max(i + 1 for i in range(LAST) if RECORDS[i].time < RECORDS[MIDDLE - 1].time)),
    ("Next:stage", "s", after(MIDDLE, stage)), ("Previous:stage", "Shift+S", before(MIDDLE, stage)),
    ("Previous:failure", "Shift+F", before(MIDDLE, failure)), ("Next:decision", "d", after(MIDDLE, decision)),
]


def test_what_is_pressed_while_another_film_comes_in_is_about_that_film(shop: Page) -> None:
    longer = story()
    longer.push(message="Fourth")
    film = base64.b64encode(Console(longer.run()).film).decode()
    for press in ("find('[data-key=End]').click()", "picture.box.dispatchEvent(new KeyboardEvent('keydown', "
                                                    "{ key: 'End', bubbles: true }))"):
        shop.evaluate("""film => {
            const { model, tell } = window.consoleModel;
            model.set("film", Uint8Array.from(atob(film), letter => letter.charCodeAt(0)));
            model.set("position", 3);
            tell("change:film");
            const host = document.querySelector(".pls").host;
            host.PRESS; }""".replace("PRESS", press), film)
        until(shop, f"host.last === {len(longer.records)} && !host.arriving")
        assert k_of(shop) == len(longer.records)


def test_a_click_on_the_timeline_waits_for_a_film_that_is_on_its_way(shop: Page) -> None:
    """It is about the moment that was clicked, also where the same bar is another one in the film that comes."""
    longer = story()
    longer.push(message="Fourth")
    film = base64.b64encode(Console(longer.run()).film).decode()
    for click, expected in (("host.lanes.box.querySelector('[data-span=\"7\"] .card')", "host.film.spans.record[7] + 1"),
                            ("host.lanes.box.querySelector('svg')", "Math.floor(0.5 * host.last)")):
        wanted = shop.evaluate("""([film, film2]) => {
            const { model, tell } = window.consoleModel, host = document.querySelector(".pls").host, at = CLICK;
            const box = at.getBoundingClientRect(), wanted = EXPECTED;
            const x = at.matches("svg") ? box.left + host.lanes.x(host.film.times[wanted - 1] + 1) : box.left + 1;
            model.set("film", Uint8Array.from(atob(film), letter => letter.charCodeAt(0)));
            model.set("position", 3);
            tell("change:film");
            at.dispatchEvent(new MouseEvent("click", { bubbles: true, clientX: x, clientY: box.top + 1 }));
            return wanted; }""".replace("CLICK", click).replace("EXPECTED", expected).replace(", film2", ""), [film])
        until(shop, f"host.last === {len(longer.records)} && !host.arriving")
        assert abs(k_of(shop) - wanted) < 5, click


def test_every_control_does_the_same_by_mouse_and_by_key(shop: Page) -> None:
    for name, key, expected in WAYS:
        button, _, kind = name.partition(":")
        if kind:
            shop.get_by_label("What to jump to").select_option(kind)
        seek(shop, MIDDLE)
        shop.get_by_role("button", name=button, exact=True).click()
        assert k_of(shop) == expected, name
        seek(shop, MIDDLE)
        shop.locator(".pls-picture").press(key)
        assert k_of(shop) == expected, key


def test_what_is_not_there_is_said(shop: Page) -> None:
    seek(shop, LAST)
    shop.locator(".pls-picture").press("f")
    assert k_of(shop) == LAST
    expect(shop.locator(".pls-said")).to_have_text("There is no further failure.")
    seek(shop, 1)
    shop.locator(".pls-picture").press("Shift+D")
    expect(shop.locator(".pls-said")).to_have_text("There is no earlier decision that waits.")


def test_the_clock_shows_the_calendar_and_what_has_passed(shop: Page) -> None:
    shop.locator(".pls-picture").press("f")
    expect(shop.get_by_role("timer")).to_have_text("09:04:30Mon 7 Jan 2030 +0:04:30")


def test_the_timeline_is_dragged(shop: Page) -> None:
    box = shop.get_by_label("Simulated time").nth(1).bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    shop.mouse.move(box["x"] + 9, middle)
    shop.mouse.down()
    shop.mouse.move(box["x"] + box["width"] / 2, middle, steps=5)
    half = int(shop.evaluate("document.querySelector('.pls').host.time"))
    assert abs(half - ONE.now / 2) < ONE.now / 20
    assert k_of(shop) == sum(record.time <= half for record in RECORDS)
    shop.mouse.move(box["x"] + 9, middle, steps=5)
    shop.mouse.up()
    assert shop.evaluate("document.querySelector('.pls').host.time") < ONE.now / 20
    expect(shop.locator(".pls-range")).to_have_attribute("aria-valuetext", re.compile("^09:00:0., 0:00:0. since the start"))


def test_playing_goes_to_the_end_and_can_be_held(shop: Page) -> None:
    shop.get_by_role("button", name="Play").click()
    expect(shop.get_by_role("button", name="Pause")).to_be_visible()
    until(shop, "host.k > 8")
    shop.locator(".pls-picture").press(" ")
    held = k_of(shop)
    shop.wait_for_timeout(200)
    assert k_of(shop) == held < LAST
    shop.get_by_label("Speed").press("+")
    for _ in range(20):
        shop.locator(".pls-picture").press("+")
    shop.get_by_role("button", name="Play").click()
    expect(shop.get_by_role("button", name="Play")).to_be_visible()
    assert k_of(shop) == LAST
    shop.get_by_label("Speed").fill("3")
    shop.get_by_role("button", name="Play").click()
    until(shop, "host.playing && host.k < 30")


def test_speed_is_on_a_log_scale(shop: Page) -> None:
    said = shop.locator(".pls-speed output")
    expect(said).to_have_text("1m a second")
    shop.locator(".pls-picture").press("-")
    expect(said).to_have_text("30s a second")
    shop.locator(".pls-picture").press("+")
    shop.locator(".pls-picture").press("+")
    expect(said).to_have_text("2m a second")
    shop.get_by_label("Speed").fill("16")
    expect(said).to_have_text("1d a second")


def test_running_to_a_time(shop: Page) -> None:
    field = shop.get_by_label("Run to a time")
    shop.locator(".pls-picture").press("t")
    expect(field).to_be_focused()
    for text, time in [("4m", 240), ("1m 30s", 90), ("+10m", 600), ("90", 90), ("09:04:30", 270), ("9:10", 600)]:
        seek(shop, 1)
        field.fill(text)
        field.press("Enter")
        until(shop, f"host.time === {time}")
        assert k_of(shop) == sum(record.time <= time for record in RECORDS), text


def test_a_time_that_is_none_is_refused_with_an_example(shop: Page) -> None:
    field = shop.get_by_label("Run to a time")
    field.fill("soon")
    field.press("Enter")
    expect(shop.locator(".pls-said")).to_have_text("Write a time as 37m, 1h 30m, +10m or 10:30.")
    assert k_of(shop) == 1


@pytest.mark.parametrize(("stop", "fits"), [
    ("something fails", failure), ("a decision waits", decision),
    ("an execution waits", lambda record: record.time == 420 and getattr(record, "status", "") == "Inbound")])
def test_running_until_something_happens(shop: Page, stop: str, fits: Callable[[Record], bool]) -> None:
    shop.get_by_text("Stops", exact=True).click()
    shop.get_by_label(stop).check()
    shop.locator(".pls-picture").press("r")
    assert k_of(shop) == after(1, fits)
    expect(shop.get_by_text("Stops: 1")).to_be_visible()


def test_playing_stops_there_too(shop: Page) -> None:
    shop.get_by_text("Stops", exact=True).click()
    shop.get_by_label("something fails").check()
    shop.get_by_label("Speed").fill("9")
    shop.get_by_role("button", name="Play").click()
    expect(shop.locator(".pls-said")).to_contain_text("Test/Smoke: Failed")
    assert k_of(shop) == after(1, failure)
    expect(shop.get_by_role("button", name="Play")).to_be_visible()


def test_a_breakpoint_at_an_action_and_at_a_status(shop: Page) -> None:
    thing(shop, "action-1-2").click()
    shop.locator(".pls-picture").press("b")
    expect(shop.locator(".pls-picture .breakpoint")).to_have_count(1)
    shop.get_by_role("button", name="Run to the next stop").click()
    at_package = after(1, lambda record: getattr(record, "action", "") == "Package")
    assert k_of(shop) == at_package
    expect(shop.locator(".pls-said")).to_contain_text("breakpoint at Build/Package")

    shop.get_by_text("Stops: 1").click()
    shop.get_by_role("button", name="Remove the breakpoint at Build/Package").click()
    expect(shop.locator(".pls-picture .breakpoint")).to_have_count(0)
    shop.get_by_label("Stop at a status").select_option("Superseded")
    shop.locator(".pls-picture").press("r")
    assert k_of(shop) == LAST  # no element of the picture ever shows Superseded
    seek(shop, 1)
    shop.get_by_label("Stop at a status").select_option("Failed")
    shop.locator(".pls-picture").press("r")
    assert k_of(shop) == after(1, failure)
