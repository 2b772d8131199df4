"""What a browser test asks for: a watched page, a JupyterLab, a page of its own making."""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.chromium import FLAGS, chromium
from tests.browser.lab import REPOSITORY, Lab, end_kernels, running_lab
from tests.browser.look import SIZES, screenshot
from tests.browser.watch import watch

FAILED = pytest.StashKey[bool]()
expect.set_options(timeout=20_000)  # ms; a busy machine is slow, and a good page is not waited for


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


# Not for the whole session: Playwright holds this thread's event loop while it runs, and no other test could start one.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium, without a window."""
    path = chromium()
    if path is None:
        pytest.fail("no Chromium or Chrome here: `make test` installs one; PIPELINE_SIM_CHROMIUM names another")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def faults() -> list[str]:
    """What went wrong in this test's page so far. A test that expects a fault takes it out of this list."""
    return []


@pytest.fixture
def page(browser: Browser, faults: list[str], request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that fails its test on a script error, a console error, or a request that would leave the machine."""
    width, height = SIZES["laptop"]
    context = browser.new_context(viewport={"width": width, "height": height}, service_workers="block")
    watch(context, faults)
    page = context.new_page()
    yield page
    if not page.is_closed():
        page.evaluate("0")  # what the browser has said by now is heard
        if faults or request.node.stash.get(FAILED, False):
            screenshot(page, f"failed-{request.node.name}")
    seen = list(faults)
    context.close()
    assert not seen, "\n".join(seen)


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One JupyterLab for the whole run."""
    with running_lab(tmp_path_factory.mktemp("jupyterlab")) as lab:
        yield lab


# What the last test left is ended here and not after it: its page, still open then, would complain of lost kernels.
@pytest.fixture
def lab(lab_server: Lab) -> Lab:
    """A JupyterLab in which no kernel runs yet."""
    end_kernels(lab_server)
    return lab_server


@pytest.fixture
def folder(lab: Lab) -> Path:
    """An empty folder that JupyterLab serves, for this test alone."""
    folder = lab.root / f"test-{len(list(lab.root.iterdir()))}"
    folder.mkdir()
    return folder


@pytest.fixture
def course(folder: Path) -> Path:
    """A copy of the project's notebooks that JupyterLab serves."""
    return Path(shutil.copytree(REPOSITORY / "notebooks", folder / "notebooks"))


@pytest.fixture
def static_page(page: Page, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens HTML without Jupyter.

    `static_page(html, *files)` serves the text with copies of the files beside it, so that it may import them as ES
    modules; `static_page(path)` opens a file as it lies on the disk, as someone would who got it by mail.
    """
    (tmp_path / "favicon.ico").touch()  # the browser asks for it, and would call its absence an error
    serve = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def open_page(html: str | Path, *files: Path) -> Page:
        if isinstance(html, Path):
            page.goto(html.absolute().as_uri())
            return page
        for file in files:
            shutil.copy(file, tmp_path)
        (tmp_path / "index.html").write_text(html, encoding="utf-8")
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        return page

    yield open_page
    server.shutdown()
    thread.join()
    server.server_close()
