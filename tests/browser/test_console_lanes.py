"""The timeline of a console, its keys, following one execution, and the saved page."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output
from playwright.sync_api import Browser, Page, expect

from pipeline_sim import Console
from pipeline_sim.console import sources
from pipeline_sim.console.page import frame, still_html
from pipeline_sim.views.picture import marks
from tests.browser.consoles import StaticPage, k_of, saved, seek, shown, story, thing, until
from tests.browser.look import axe, screenshot
from tests.stories import simulation

ONE = story()


@pytest.fixture
def shop(static_page: StaticPage, tmp_path: Path) -> Page:
    return saved(static_page, tmp_path, Console(ONE))


def test_waits_are_named_attempts_told_apart_and_failures_hatched(shop: Page) -> None:
    lanes = shop.locator(".pls-lanes")
    assert lanes.locator(".labels text").all_text_contents() == ["Execution 1", "Execution 2", "Execution 3"]
    wait = lanes.get_by_role("button", name="Prod, execution 3: waits (disabled transition), 09:11:30, 3m 30s")
    expect(wait.locator("text")).to_have_text("disabled transition")
    expect(wait.locator("title")).to_contain_text("the transition into Prod is disabled: freeze")
    failed = lanes.get_by_role("button", name="Test/Smoke, execution 1: Failed, 09:03:00, 1m 30s")
    expect(failed.locator("rect[fill^='url(#']")).to_have_count(1)
    again = lanes.get_by_role("button", name="Test/Smoke · attempt 2, execution 1: Succeeded, 09:05:30, 1m 30s")
    expect(again.locator("rect[fill^='url(#']")).to_have_count(0)
    expect(lanes.get_by_role("button", name="Prod/Approve, execution 3: approval, Succeeded")).to_be_visible()
    screenshot(lanes, "console lanes")


def test_a_click_on_a_bar_goes_there_and_chooses_it(shop: Page) -> None:
    shop.locator(".pls-lanes").get_by_role("button", name="Test/Smoke, execution 1: Failed").click()
    assert k_of(shop) == 1 + next(i for i, r in enumerate(ONE.records) if getattr(r, "action", "") == "Smoke")
    expect(thing(shop, "action-2-1")).to_have_class("action status-InProgress selected")
    shop.locator(".pls-lanes").get_by_role("button", name="Execution 3", exact=True).click()
    assert shop.evaluate("document.querySelector('.pls').host.selected") == "execution-3"


def test_lanes_are_executions_stages_or_actions(shop: Page) -> None:
    labels = shop.locator(".pls-lanes .labels text")
    shop.locator(".pls-picture").press("l")
    assert labels.all_text_contents() == ["Source", "Build", "Test", "Prod"]
    shop.get_by_label("Lanes").select_option("actions")
    assert labels.all_text_contents() == [
        "▾ Source", "· App", "▾ Build", "· Lint", "· Compile", "· Package", "▾ Test", "· Unit", "· Smoke", "▾ Prod",
        "· Approve", "· Deploy"]
    fold = shop.locator(".pls-lanes").get_by_role("button", name="Build: its actions")
    fold.press("Enter")
    assert "· Lint" not in labels.all_text_contents()
    expect(fold).to_have_attribute("aria-expanded", "false")
    assert axe(shop, ".pls-gantt") == []


def test_zoom_keeps_the_cursor_in_sight(shop: Page) -> None:
    seek(shop, 30)
    bars = shop.locator(".pls-lanes [data-span]")
    before = bars.count()
    for _ in range(3):
        shop.get_by_role("button", name="Zoom in").click()
    assert bars.count() < before
    until(shop, "host.lanes.from <= host.time && host.time <= host.lanes.to")
    shop.get_by_role("button", name="Last").click()
    until(shop, "host.time <= host.lanes.to")
    shop.get_by_role("button", name="The whole run").click()
    assert bars.count() == before


def test_one_execution_is_followed(shop: Page) -> None:
    shop.evaluate("document.querySelector('.pls').host.follow(1)")
    assert shown(shop).status["stage-2"] == "Succeeded"
    assert "stage-3" not in shown(shop).status  # execution 1 never entered Prod
    assert shop.locator(".pls-lanes .labels text").all_text_contents() == ["Execution 1"]
    shop.get_by_label("You see").select_option(label="All executions")
    assert shown(shop).status["stage-3"] == "Succeeded"


def test_in_parallel_mode_all_are_seen_together_or_each_by_itself(static_page: StaticPage, tmp_path: Path) -> None:
    """Execution 2 came into Prod last and waits for its approval, while execution 1 deploys."""
    one = simulation({"Source": ["App"], "Prod": [{"Approve": "Manual"}, "Deploy"]},
                     {"pushes": [{"at": 0, "message": "Old"}, {"at": "1m", "message": "<b>New"}],
                      "actions": {"*": {"duration": 30}, "Prod/Deploy": {"duration": 600}},
                      "approvals": {"*": {"response": "1m"}}}, mode="PARALLEL").run("100s")
    page = saved(static_page, tmp_path, Console(one))
    assert shown(page) == marks(one.state, "shop")
    expect(thing(page, "action-1-1")).to_have_accessible_name("Deploy: In progress")
    choice = page.get_by_label("In PARALLEL mode AWS's console shows each execution by itself. Here you see")
    expect(choice.locator("option")).to_have_text(["All executions", "Execution 1: Old", "Execution 2: <b>New"])
    choice.select_option(label="Execution 2: <b>New")
    expect(thing(page, "action-1-1")).to_have_accessible_name("Deploy: Didn't Run")
    choice.select_option(label="Execution 1: Old")
    expect(thing(page, "action-1-0")).to_have_accessible_name("Approve: Succeeded")
    choice.press("Escape")
    page.keyboard.press("c")
    expect(choice).to_have_value("0")
    assert axe(page) == []


def test_the_help_sheet_names_every_key(shop: Page) -> None:
    shop.locator(".pls-picture").press("?")
    sheet = shop.get_by_role("dialog", name="Keys")
    expect(sheet).to_be_visible()
    for text in ("Play or pause", "Step, step back", "Next, previous failure", "Run to a time", "Follow the chosen"):
        expect(sheet.get_by_text(text)).to_be_visible()
    screenshot(shop, "console keys")
    shop.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_the_picture_is_one_stop_for_tab_and_goes_on_with_arrows(shop: Page) -> None:
    assert shop.locator(".pls-picture [tabindex='0']").count() == 1
    shop.locator(".pls-picture [tabindex='0']").focus()
    for _ in range(3):
        shop.keyboard.press("ArrowDown")
    focused = shop.locator(":focus")
    name = str(focused.get_attribute("aria-label"))
    shop.keyboard.press("Enter")
    selected = shop.evaluate("document.querySelector('.pls').host.selected")
    assert selected
    assert name
    shop.keyboard.press("Escape")
    assert shop.evaluate("document.querySelector('.pls').host.selected") is None


def test_keys_stay_in_the_console_and_out_of_its_fields(shop: Page) -> None:
    shop.evaluate("() => { window.heard = []; addEventListener('keydown', event => heard.push(event.key)); }")
    seek(shop, 10)
    shop.locator(".pls-picture").press("b")
    shop.locator(".pls-picture").press("ArrowRight")
    shop.get_by_label("Run to a time").press("f")
    assert shop.evaluate("heard") == []
    assert k_of(shop) == 11
    expect(shop.get_by_label("Run to a time")).to_have_value("f")
    assert shop.locator(".pls").get_attribute("data-lm-suppress-shortcuts") == "true"


def test_a_saved_page_says_that_nobody_answers(shop: Page) -> None:
    fault = shop.evaluate("document.querySelector('.pls').host.ask('act', {}).catch(fault => fault.message)")
    assert fault == "This is a saved page: there is no kernel that could answer."


def test_many_consoles_lie_in_one_page(static_page: StaticPage, tmp_path: Path) -> None:
    two = [Console(ONE, position=20), Console(simulation({"Source": ["App"], "Build": ["Compile"]}, {"pushes": [0]}).run())]
    page = static_page(f"<!doctype html><title>Two</title>{''.join(map(frame, two))}")
    first, second = (page.frame_locator("iframe").nth(i) for i in (0, 1))
    first.get_by_role("button", name="Step", exact=True).click()
    expect(first.locator("[data-thing='stage-3']")).to_be_visible()
    expect(second.get_by_role("button", name="Compile: Succeeded", exact=True)).to_be_visible()


def test_a_converted_notebook_plays_from_the_disk(static_page: StaticPage, tmp_path: Path) -> None:
    """The bundle as a notebook keeps it, turned into a page by nbconvert, without any address on the web."""
    console = Console(ONE, position=20)
    data, _ = console._repr_mimebundle_()
    outputs = [new_output("display_data", data=kept) for kept in (data, {"text/html": still_html(console)})]
    notebook = new_notebook(cells=[new_code_cell("console", outputs=outputs)])
    exporter = HTMLExporter(require_js_url="", mathjax_url="")  # type: ignore[no-untyped-call]
    html, _ = exporter.from_notebook_node(notebook)
    file = tmp_path / "converted.html"
    file.write_text(html, "utf-8")
    page = static_page(file)
    inner = page.frame_locator("iframe.pls-page")
    said = inner.locator(".pls-said")
    expect(said).to_be_visible()
    before = said.text_content()
    inner.get_by_role("button", name="Step", exact=True).click()
    expect(said).not_to_have_text(str(before))
    expect(page.locator(".pls-still")).to_be_hidden()


def test_where_scripts_are_off_a_picture_stands(browser: Browser, tmp_path: Path) -> None:
    file = Console(ONE, position=20).save(tmp_path / "saved.html")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    expect(page.get_by_role("img", name="Pipeline shop")).to_be_visible()
    context.close()


def test_the_module_is_small() -> None:
    assert len(sources.module().encode()) <= 60_000
