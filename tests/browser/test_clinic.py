"""The clinic and the desk in a real JupyterLab: a challenge is solved by keyboard and mouse, a demonstration is stepped."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.lab import Lab, open_notebook, output, run_all, set_theme, write_notebook
from tests.browser.look import axe, resize, screenshot
from tests.browser.test_study import narrow, press

CHALLENGE = ("from pipeline_sim.study import Challenge\nchallenge = Challenge('disabled-transition', progress=None)\n"
             "challenge")
DEMO = "from pipeline_sim.study import Demo\ndemo = Demo('modes', presenting=False)\ndemo"


@pytest.fixture
def shown(page: Page, lab: Lab, folder: Path, request: pytest.FixtureRequest) -> Locator:
    """The widget of a cell."""
    private = "globals().get(\"demo\") and demo.private"
    open_notebook(page, lab, write_notebook(folder / "clinic.ipynb", "# Clinic", request.param, private))
    run_all(page)
    return output(page, 1)


@pytest.mark.parametrize("shown", [CHALLENGE], indirect=True)
def test_a_challenge_is_solved_by_keyboard_and_mouse(page: Page, shown: Locator) -> None:
    expect(shown.get_by_text("Release 1 does not arrive in production")).to_be_visible()
    expect(shown.get_by_text("Time left: 30m")).to_be_visible()
    shown.locator(".ps-study").first.scroll_into_view_if_needed()
    screenshot(page, "clinic begin light")
    assert axe(page, ".ps-study") == []

    press(shown, "It is mended")
    expect(shown.get_by_text("Not mended yet.")).to_be_visible()
    press(shown, "A hint (10 points)")
    expect(shown.get_by_text("waits in front of Prod")).to_be_visible()

    box = shown.locator("textarea.widget-input")
    box.focus()
    page.keyboard.type("aws codepipeline get-pipeline-state --name shop --query 'stageStates[2].inboundTransitionState'")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(shown.locator(".ps-output").first).to_contain_text("Audit until Monday")
    expect(page.locator(".jp-Notebook .jp-Cell")).to_have_count(3)
    shown.locator(".ps-output").first.scroll_into_view_if_needed()
    screenshot(page, "clinic commands light")
    set_theme(page, "dark")
    screenshot(page, "clinic commands dark")
    narrow(page, "clinic commands narrow")
    resize(page, "laptop")

    for place in ("stageStates[0]", "stageStates[1]", "stageStates[2]"):  # the press itself leaves the box
        box.fill(f"aws codepipeline get-pipeline-state --name shop --query '{place}.stageName'")
        press(shown, "Run")
        expect(shown.locator(".ps-output").first).to_contain_text(f"{place}.stageName")
    before = shown.locator("details", has_text="Commands before (3)")
    before.locator("summary").click()
    expect(before.locator(".ps-output")).to_contain_text("Audit until Monday")
    assert axe(page, ".ps-study") == []
    screenshot(page, "clinic commands before dark")
    box.fill("aws codepipeline enable-stage-transition --pipeline-name shop --stage-name Prod --transition-type Inbound")
    press(shown, "Run")
    expect(shown.locator(".ps-output").first).to_contain_text("done, no output")
    shown.get_by_role("button", name="It is mended", exact=True).focus()
    page.keyboard.press("Enter")
    expect(shown.get_by_text("of 100", exact=False).first).to_be_visible()
    expect(shown.get_by_text("What was wrong")).to_be_visible()
    assert axe(page, ".ps-study") == []
    shown.get_by_text("What was wrong").scroll_into_view_if_needed()
    screenshot(page, "clinic solved dark")


@pytest.mark.parametrize("shown", [DEMO], indirect=True)
def test_a_demonstration_is_stepped_by_one_key(page: Page, shown: Locator) -> None:
    expect(shown.get_by_text("Stop 1 of 5")).to_be_visible()
    shown.locator(".ps-demo").scroll_into_view_if_needed()
    screenshot(page, "demo first light")
    assert axe(page, ".ps-demo") == []
    shown.get_by_role("button", name="Next (PageDown)").focus()
    page.keyboard.press("PageDown")
    expect(shown.get_by_text("Stop 2 of 5")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.press("n")
    expect(shown.get_by_text("Stop 4 of 5")).to_be_visible()
    expect(output(page, 2).get_by_text("Stop 4 of 5")).to_be_visible()
    page.keyboard.press("PageUp")
    expect(shown.get_by_text("Stop 3 of 5")).to_be_visible()
    page.keyboard.press("PageDown")
    expect(shown.get_by_text("Stop 4 of 5")).to_be_visible()
    press(shown, "What if A is rejected?")
    expect(shown.get_by_text("Another future:")).to_be_visible()
    set_theme(page, "dark")
    shown.locator(".ps-demo").scroll_into_view_if_needed()
    screenshot(page, "demo fork dark")
    press(shown, "Back to the demonstration")
    expect(shown.get_by_text("Stop 4 of 5")).to_be_visible()
    output(page, 2).scroll_into_view_if_needed()
    screenshot(page, "demo private dark")
    narrow(page, "demo narrow dark")
