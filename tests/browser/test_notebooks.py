"""The course's notebooks in a real JupyterLab: they run, and what they show can be seen by day and by night."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.lab import Lab, open_notebook, run_all, set_theme
from tests.browser.look import resize, screenshot
from tests.browser.patience import eventually

NOTEBOOKS = sorted(path.name for path in (Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
PICTURES = ".jp-OutputArea-output img[src^='data:image/svg+xml']"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_and_shows_its_pictures(page: Page, lab: Lab, course: Path, name: str) -> None:
    open_notebook(page, lab, course / name)
    run_all(page)
    drawn = "images => images.length > 0 && images.every(image => image.complete && image.naturalWidth > 100)"
    eventually(page, lambda: page.locator(PICTURES).evaluate_all(drawn), "every picture is drawn")
    expect(page.get_by_text("has nothing called")).to_have_count(0)  # what a console says of a wrong selection
    expect(page.get_by_text("Error displaying widget")).to_have_count(0)
    screenshot(page, name)


def test_the_first_notebook_by_day_by_night_and_narrow(page: Page, lab: Lab, course: Path) -> None:
    open_notebook(page, lab, course / NOTEBOOKS[0])
    run_all(page)
    pictures = page.locator(PICTURES)
    for theme in ("light", "dark"):
        set_theme(page, theme)
        pictures.first.scroll_into_view_if_needed()
        expect(pictures.first).to_be_visible()
        screenshot(page, f"{NOTEBOOKS[0]} {theme}")
    resize(page, "narrow")
    screenshot(page, f"{NOTEBOOKS[0]} narrow")
