"""How a test waits for what no locator can say: not for a time, but until it is so."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

FITS = "document.documentElement.scrollWidth <= innerWidth"


def eventually(page: Page, holds: Callable[[], object], told: str, seconds: float = 20) -> None:
    """Waits until it holds; what the page does meanwhile is heard."""
    for _ in range(int(seconds * 40)):
        if holds():
            return
        page.wait_for_timeout(25)
    raise AssertionError(f"not so within {seconds:g} seconds: {told}")


def fits(page: Page, what: str = "the page") -> None:
    """Waits until nothing is wider than the window: after a change of size a page is laid out in its own time."""
    eventually(page, lambda: page.evaluate(FITS), f"{what} is as wide as the window")
