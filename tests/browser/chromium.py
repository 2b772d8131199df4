"""Where this machine has a Chromium. `python -m tests.browser.chromium` prints it, or says what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "msedge")
ON_A_MAC = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)

# No sandbox: a container has none to offer, and the tests open only pages of our own. The names of all other machines
# lead nowhere: a request that would leave this one fails at once, and the page's watch reports it.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


def chromium() -> str | None:
    """The first that runs: PIPELINE_SIM_CHROMIUM alone if it is set, then PATH, a Mac's applications, Playwright's."""
    named = os.environ.get("PIPELINE_SIM_CHROMIUM")
    places = iter([named]) if named else _places()
    return next((place for place in places if _runs(place)), None)


def _places() -> Iterator[str]:
    yield from filter(None, map(shutil.which, NAMES))
    yield from ON_A_MAC
    from playwright.sync_api import sync_playwright  # starting it takes half a second: only when it must be asked

    with sync_playwright() as playwright:
        yield playwright.chromium.executable_path


def _runs(path: str) -> bool:
    """Ubuntu has a `chromium-browser` that only says which snap is missing."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    found = chromium()
    if found is None:
        sys.exit("no Chromium or Chrome found: install one, or set PIPELINE_SIM_CHROMIUM to the path of one")
    print(found)
