"""The course's notebooks in a real JupyterLab: they run, and what they show can be seen by day and by night."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.lab import Lab, open_notebook, run_all, set_theme
from tests.browser.look import resize, screenshot

NOTEBOOKS = sorted(path.name for path in (Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_and_shows_its_pictures(page: Page, lab: Lab, course: Path, name: str) -> None:
    open_notebook(page, lab, course / name)
    run_all(page)
    pictures = page.locator(".jp-OutputArea-output img[src^='data:image/svg+xml']")
    expect(pictures.first).to_be_visible()
    drawn = pictures.evaluate_all("images => images.map(image => image.complete && image.naturalWidth > 100)")
    assert drawn
    assert all(drawn)
    for theme in ("light", "dark"):
        set_theme(page, theme)
        pictures.first.scroll_into_view_if_needed()
        screenshot(page, f"{name} {theme}")
    resize(page, "narrow")
    screenshot(page, f"{name} narrow")
