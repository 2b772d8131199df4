"""How a page looks: its size, its picture, its colours to other eyes, its faults to a screen reader."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

from tests.browser.lab import REPOSITORY

SIZES = {"narrow": (360, 740), "tablet": (820, 1180), "laptop": (1366, 768), "projector": (1920, 1080)}
SCREENSHOTS = Path(os.environ.get("PIPELINE_SIM_SCREENSHOTS", REPOSITORY / "build" / "screenshots"))


def resize(page: Page, size: str) -> None:
    """Makes the page as large as one of SIZES."""
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})


def screenshot(of: Page | Locator, name: str) -> Path:
    """Keeps a picture for people to look at: `name`.png in SCREENSHOTS. Nothing is compared with it."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / (re.sub(r"[^\w.-]+", "-", name).strip("-") + ".png")
    of.screenshot(path=path)
    return path


@contextmanager
def seen_with(page: Page, deficiency: str) -> Iterator[None]:
    """As someone sees it who has "deuteranopia", "protanopia", "tritanopia" or "achromatopsia"."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setEmulatedVisionDeficiency", {"type": deficiency})
    try:
        yield
    finally:
        session.send("Emulation.setEmulatedVisionDeficiency", {"type": "none"})
        session.detach()


def axe(page: Page, selector: str | None = None) -> list[str]:
    """What axe-core calls serious or critical, a line for each; `selector` leaves the page around it out.

    axe-core comes with the Python package: nothing is fetched.
    """
    found = Axe().run(page, context=selector).response["violations"]
    return [
        f"{fault['id']}: {fault['help']}: {node['html']}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
