"""The mode lens in a saved page, as it is opened from the disk: three modes in step, one clock, one who is followed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.consoles import StaticPage, until
from tests.browser.lab import Lab, open_notebook, output, run_all, set_theme, write_notebook
from tests.browser.look import axe, resize, screenshot
from tests.browser.patience import eventually, fits
from tests.test_lens import lens

MODES = ("SUPERSEDED", "QUEUED", "PARALLEL")
MINUTE = 60


@pytest.fixture
def shop(static_page: StaticPage, page: Page, tmp_path: Path) -> Page:
    """Four pushes, five minutes apart; whoever approves takes half an hour."""
    static_page(lens().save(tmp_path / "modes.html"))
    page.locator(".pll-side").nth(2).wait_for()
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def side(page: Page, mode: str) -> Locator:
    return page.get_by_role("region", name=mode, exact=True)


def fact(page: Page, mode: str, name: str) -> str:
    return side(page, mode).locator(f"[data-fact={name}]").inner_text()


def facts(page: Page, name: str) -> list[str]:
    return [fact(page, mode, name) for mode in MODES]


def go(page: Page, seconds: int) -> None:
    page.evaluate("""seconds => {
        const range = document.querySelector('.pls-range');
        range.value = seconds;
        range.dispatchEvent(new Event('input', { bubbles: true })); }""", seconds)


def tokens(page: Page, mode: str) -> dict[str, str]:
    """Where each execution is, by what its token says."""
    said: list[str] = side(page, mode).locator(".token[role=button]").evaluate_all("all => all.map(each => each.ariaLabel)")
    return dict(sorted(each.removeprefix("Execution ").split(", ", 1) for each in said))


def test_the_famous_story_at_a_glance(shop: Page) -> None:
    """At 09:17, A waits for its approval everywhere. D has taken the place of B and C; or all wait in line; or all are
    in."""
    go(shop, 17 * MINUTE)
    assert tokens(shop, "SUPERSEDED") == {"1": "in Prod/Approve", "4": "waiting in front of Prod"}
    assert tokens(shop, "QUEUED") == {"1": "in Prod/Approve"} | dict.fromkeys("234", "waiting in front of Prod")
    assert tokens(shop, "PARALLEL") == dict.fromkeys("1234", "in Prod/Approve")
    assert facts(shop, "superseded") == ["2", "0", "0"]
    assert facts(shop, "waited") == ["10m", "15m", "0s"]
    expect(side(shop, "SUPERSEDED").locator("[data-fact=gone]")).to_have_text("2B3C")
    press(shop, "Last")
    assert facts(shop, "deployments") == ["2", "4", "4"]
    carried = side(shop, "SUPERSEDED").locator("[data-fact=carried] p")
    expect(carried).to_have_text(["1A brings A", "4D brings B, C, D"])
    expect(side(shop, "QUEUED").locator("[data-fact=carried] p")).to_have_count(4)
    press(shop, "First")
    assert facts(shop, "deployments") == ["0", "0", "0"]


def test_steps_and_playing_move_all_three(shop: Page) -> None:
    def places() -> list[int]:
        found: list[int] = shop.evaluate("document.querySelector('.pll').lens.sides.map(side => side.k)")
        return found

    press(shop, "First")
    assert places() == [0, 0, 0]
    press(shop, "Step")
    first = places()
    assert min(first) > 0
    assert len(set(first)) == 1
    press(shop, "Step back")
    assert places() == [0, 0, 0]
    press(shop, "Play")
    until(shop, "host.time > 400")
    press(shop, "Pause")
    now = shop.evaluate("""() => { const { host, sides } = document.querySelector('.pll').lens;
        return sides.every(side => side.k === side.film.times.filter(time => time <= host.time).length); }""")
    assert now
    said = shop.locator(".pls-said").inner_text()
    assert said.startswith("In all") or any(mode in said for mode in MODES)


def test_who_is_clicked_is_followed_in_all_three(shop: Page) -> None:
    go(shop, 17 * MINUTE)
    side(shop, "QUEUED").locator("[data-thing='execution-2']").first.click()
    expect(shop.get_by_role("button", name="B 09:05")).to_have_attribute("aria-pressed", "true")
    for mode in MODES:
        lanes = side(shop, mode).locator(".pls-lanes .labels")
        expect(lanes).to_have_text("2: B2: B")  # its title, and its text
    assert "status-" not in (side(shop, "QUEUED").locator("[data-thing='stage-2']").get_attribute("class") or "")
    expect(side(shop, "PARALLEL").locator("[data-thing='stage-2']")).to_have_class("stage status-InProgress")
    shop.get_by_role("button", name="D 09:15").click()
    expect(side(shop, "PARALLEL").locator(".pls-lanes .labels")).to_have_text("4: D4: D")
    shop.keyboard.press("Escape")
    expect(side(shop, "PARALLEL").locator(".pls-lanes .labels g")).to_have_count(4)


def test_the_keyboard_walks_within_a_mode_and_chooses(shop: Page) -> None:
    go(shop, 17 * MINUTE)
    side(shop, "PARALLEL").locator(".pls-picture [tabindex='0']").focus()
    for _ in range(40):
        if "Execution 1" in shop.evaluate("document.activeElement.ariaLabel ?? ''"):
            break
        shop.keyboard.press("ArrowDown")
    shop.keyboard.press("Enter")
    expect(shop.get_by_role("button", name="A 09:00")).to_have_attribute("aria-pressed", "true")
    before = shop.evaluate("document.querySelector('.pll').host.k")
    shop.keyboard.press("ArrowRight")
    assert shop.evaluate("document.querySelector('.pll').host.k") == before + 1


def test_a_refused_mode_is_told(static_page: StaticPage, page: Page, tmp_path: Path) -> None:
    rolls: dict[str, Any] = {"Source": ["App"], "Prod": {"actions": ["Deploy"], "onFailure": {"result": "ROLLBACK"}}}
    static_page(lens(rolls).save(tmp_path / "modes.html"))
    expect(page.locator(".pll-side").nth(2)).to_contain_text("AWS would refuse the pipeline in this mode.")


def test_on_a_projector_the_timelines_grow_with_everything_else(shop: Page) -> None:
    def high(what: str) -> float:
        return float(side(shop, "QUEUED").locator(what).first.evaluate("each => each.getBoundingClientRect().height"))

    resize(shop, "projector")
    shop.wait_for_timeout(300)
    parts = (".pls-lanes .labels text", ".pls-lanes .axis text", ".pls-lanes .card", "h3")
    before = [high(part) for part in parts]
    press(shop, "Projector")
    grown = pytest.approx([1.5] * 4, abs=0.1)
    eventually(shop, lambda: [high(part) / was for part, was in zip(parts, before, strict=True)] == grown, "all has grown")
    box = side(shop, "QUEUED").locator(".pls-lanes").bounding_box()
    assert box is not None
    end = shop.evaluate("document.querySelector('.pll').host.film.end")
    left = shop.evaluate("(lens => lens.sides[1].lanes.left * 1.5)(document.querySelector('.pll').lens)")
    shop.mouse.click(box["x"] + left + (box["width"] - left - 12) / 2, box["y"] + 8)  # on the axis, in its middle
    assert shop.evaluate("document.querySelector('.pll').host.time") == pytest.approx(end / 2, rel=0.03)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_looks_and_speaks_well(shop: Page, theme: Any) -> None:
    shop.emulate_media(color_scheme=theme)
    go(shop, 17 * MINUTE)
    expect(shop.locator(".pll")).to_have_class(f"pls pll theme-{theme}")
    assert axe(shop) == []
    for size in ("laptop", "narrow", "projector"):
        resize(shop, size)
        if size == "projector":
            press(shop, "Projector")
        fits(shop, size)
        screenshot(shop, f"lens-{theme}-{size}")


def test_in_jupyterlab_kernel_and_lens_follow_each_other(page: Page, lab: Lab, folder: Path) -> None:
    notebook = write_notebook(folder / "lens.ipynb", "from tests.test_lens import lens\none = lens()\none",
                              "one.time = 1020; one.follow = 'B'", "one.time, one.follow, one.position")
    open_notebook(page, lab, notebook)
    run_all(page)
    root = output(page, 0).locator(".pll")
    expect(output(page, 0).locator(".pls-still img").first).to_be_hidden()
    expect(root.get_by_role("button", name="B 09:05")).to_have_attribute("aria-pressed", "true")
    expect(root.locator(".pls-clock b")).to_have_text("09:17:00")
    expect(root.get_by_role("region", name="SUPERSEDED").locator("[data-fact=superseded]")).to_have_text("2")
    tops = root.get_by_role("region", name="QUEUED").locator("dd").evaluate_all(
        "all => all.slice(0, 3).map(each => Math.round(each.getBoundingClientRect().top))")
    assert len(set(tops)) == 1  # the three figures stand side by side, whatever JupyterLab does to lists
    for theme in ("dark", "light"):
        set_theme(page, theme)
        expect(root).to_have_class(f"pls pll theme-{theme}")
        assert axe(page, ".pll") == []
        screenshot(page, f"lens-lab-{theme}")
