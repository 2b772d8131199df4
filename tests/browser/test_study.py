"""The course in a real JupyterLab: a short exam by keyboard and mouse, a drill, a prediction, by day, by night, narrow."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.lab import Lab, command, open_notebook, output, run_all, set_theme, write_notebook
from tests.browser.look import axe, resize, screenshot

# A paper of which every answer is proven by a run, so that there is one to be shown.
EXAM = "from pipeline_sim.study import Exam\nexam = Exam(3, theme='approvals', seed=9, progress=None)\nexam"
DRILL = "from pipeline_sim.study import Drill\ndrill = Drill('execution modes', seed=1, progress='mine.json')\ndrill"
PREDICT = "from pipeline_sim.study import Predict\nPredict('p-stop-wait', progress=None)"


def narrow(page: Page, name: str) -> None:
    """As on a telephone: JupyterLab's file browser out of the way."""
    resize(page, "narrow")
    command(page, "application:toggle-left-area")
    screenshot(page, name)
    command(page, "application:toggle-left-area")


def press(of: Locator, name: str) -> None:
    of.get_by_role("button", name=name, exact=True).click()


@pytest.fixture
def shown(page: Page, lab: Lab, folder: Path, request: pytest.FixtureRequest) -> Locator:
    """The widget of a cell."""
    open_notebook(page, lab, write_notebook(folder / "study.ipynb", "# Study", request.param))
    run_all(page)
    return output(page, 1)


@pytest.mark.parametrize("shown", [EXAM], indirect=True)
def test_an_exam_is_sat_by_keyboard_and_mouse(page: Page, shown: Locator) -> None:
    screenshot(page, "study exam begin")
    press(shown, "Begin")
    expect(shown.get_by_text("Question 1 of 3")).to_be_visible()
    assert axe(page, ".ps-study") == []
    screenshot(page, "study exam question light")

    first = shown.locator(".ps-options input").first
    first.focus()
    page.keyboard.press("Space")
    expect(first).to_be_checked()
    page.keyboard.press("ArrowDown")
    expect(shown.locator(".ps-options input").nth(1)).to_be_checked()
    expect(page.locator(".jp-Notebook .jp-Cell")).to_have_count(2)

    shown.get_by_role("button", name="Next", exact=True).focus()
    page.keyboard.press("Enter")
    expect(shown.get_by_text("Question 2 of 3")).to_be_visible()
    shown.locator(".ps-options input").nth(2).click()
    press(shown, "Mark for review")
    expect(shown.locator("select")).to_contain_text("2 (answered, marked)")
    set_theme(page, "dark")
    assert axe(page, ".ps-study") == []
    screenshot(page, "study exam question dark")
    narrow(page, "study exam question narrow")
    resize(page, "laptop")

    press(shown, "Finish")
    expect(shown.get_by_text("Still open: 1.")).to_be_visible()
    press(shown, "Finish")
    expect(shown.get_by_text("of 1000")).to_be_visible()
    screenshot(page, "study exam result dark")
    set_theme(page, "light")
    press(shown, "Show me the run")
    expect(shown.locator(".ps-log .ps-now")).to_be_visible()
    assert axe(page, ".ps-study") == []
    shown.locator(".ps-told").scroll_into_view_if_needed()
    screenshot(page, "study exam review light")
    shown.locator(".ps-log").scroll_into_view_if_needed()
    screenshot(page, "study exam run light")


@pytest.mark.parametrize("shown", [DRILL], indirect=True)
def test_a_drill_tells_at_once_and_shows_the_run(page: Page, shown: Locator, folder: Path) -> None:
    press(shown, "Check")
    expect(shown.get_by_text("Choose an answer first.")).to_be_visible()
    shown.locator(".ps-options input").first.click()
    press(shown, "Check")
    expect(shown.locator(".ps-verdict")).to_be_visible()
    expect(shown.get_by_text("It comes back")).to_be_visible()
    assert (folder / "mine.json").exists()
    press(shown, "Show me the run")
    expect(shown.locator(".ps-log .ps-now")).to_be_visible()
    shown.locator(".ps-told").scroll_into_view_if_needed()
    screenshot(page, "study drill light")
    set_theme(page, "dark")
    screenshot(page, "study drill dark")
    shown.locator(".ps-log").scroll_into_view_if_needed()
    screenshot(page, "study drill run dark")
    narrow(page, "study drill narrow")


@pytest.mark.parametrize("shown", [PREDICT], indirect=True)
def test_a_prediction_is_run_and_its_moment_shown(page: Page, shown: Locator) -> None:
    screenshot(page, "study predict ask")
    shown.get_by_text("Stopping", exact=True).click()
    press(shown, "Run it")
    expect(shown.get_by_text("The run says Stopping.")).to_be_visible()
    expect(shown.locator(".ps-log .ps-now")).to_contain_text("#1 Stopping")
    expect(shown.get_by_role("button", name="Play")).to_be_visible()
    expect(shown.get_by_text("09:03:00"), "the console stands at the moment that decided").to_be_visible()
    assert axe(page, ".ps-study") == []
    screenshot(page, "study predict told")
    set_theme(page, "dark")
    narrow(page, "study predict narrow dark")
