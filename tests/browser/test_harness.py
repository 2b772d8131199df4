"""The browser tests can be believed: they run what a person would run, and notice what a person would miss."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.lab import Lab, cell_errors, open_notebook, output, run_all, set_theme, write_notebook
from tests.browser.look import axe, resize, screenshot, seen_with
from tests.browser.patience import eventually
from tests.browser.watch import leaves

PAGE = "<!doctype html><html lang=en><meta charset=utf-8><title>A page</title><body><main>%s</main></body></html>"
StaticPage = Callable[..., Page]


def brightness(page: Page) -> float:
    """Of JupyterLab's background: 0 is black, 255 white."""
    colour: str = page.evaluate("getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor")
    red, green, blue = (int(part) for part in colour[4:-1].split(",")[:3])
    return (red + green + blue) / 3


def test_a_notebook_imports_the_package_in_a_real_jupyterlab_by_day_and_by_night(
    page: Page, lab: Lab, folder: Path
) -> None:
    notebook = write_notebook(folder / "first.ipynb", "# Hello", "import pipeline_sim\npipeline_sim.__name__", "1 + 1")
    open_notebook(page, lab, notebook)
    run_all(page)
    expect(output(page, 1)).to_contain_text("'pipeline_sim'")
    expect(output(page, 2)).to_contain_text("2")
    assert brightness(page) > 200
    screenshot(page, "harness light")

    set_theme(page, "dark")
    assert brightness(page) < 60
    screenshot(page, "harness dark")

    resize(page, "narrow")
    assert page.evaluate("innerWidth") == 360


def test_a_cell_that_raises_does_not_pass_for_a_notebook_that_runs(page: Page, lab: Lab, folder: Path) -> None:
    open_notebook(page, lab, write_notebook(folder / "broken.ipynb", "nobody_knows_me", "1 + 1"), theme="dark")
    assert brightness(page) < 60
    with pytest.raises(AssertionError, match="NameError: name 'nobody_knows_me' is not defined"):
        run_all(page)
    run_all(page, may_fail=True)
    assert len(cell_errors(page)) == 1


def test_a_module_runs_in_a_page_without_jupyter(static_page: StaticPage, tmp_path: Path) -> None:
    module = tmp_path / "elsewhere" / "greet.js"
    module.parent.mkdir()
    module.write_text("export default name => `Hello ${name}`;")
    page = static_page(
        PAGE % "<p></p><script type=module>import greet from './greet.js';"
        "document.querySelector('p').textContent = greet('Lee')</script>",
        module,
    )
    expect(page.get_by_text("Hello Lee")).to_be_visible()


def test_a_page_opens_from_the_disk(static_page: StaticPage, tmp_path: Path) -> None:
    (tmp_path / "saved page.html").write_text(PAGE % "<img alt='' src='data:image/svg+xml,<svg/>'>Saved")
    expect(static_page(tmp_path / "saved page.html").get_by_text("Saved")).to_be_visible()


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("setTimeout(() => { throw new Error('boom') })", "uncaught JavaScript error: .*boom"),
        ("console.error('I am unwell')", "error in the console: I am unwell"),
        ("fetch('https://example.com/x').catch(() => 0)", "request to another machine: https://example.com/x"),
        ("fetch('http://192.0.2.1/x').catch(() => 0)", "request to another machine: http://192.0.2.1/x"),
        ("new Image().src = '//example.com/pixel.png'", "request to another machine: .*/pixel.png"),
        ("new WebSocket('ws://example.com/live')", "ws://example.com/live"),
    ],
)
def test_the_page_is_watched(static_page: StaticPage, faults: list[str], script: str, complaint: str) -> None:
    page = static_page(PAGE % "")
    page.evaluate(f"() => {{ {script} }}")
    eventually(page, lambda: any(re.search(complaint, fault) for fault in faults), complaint)
    page.close()  # of a request that fails there may be more to say
    with pytest.raises(AssertionError, match=complaint):
        assert not faults, "\n".join(faults)
    faults.clear()


def test_nothing_on_this_machine_is_a_journey() -> None:
    assert not leaves("http://127.0.0.1:8888/lab")
    assert not leaves("ws://localhost:8888/api/kernels")
    assert not leaves("file:///home/lee/demo.html")
    assert not leaves("data:image/png;base64,xyz")
    assert not leaves("blob:http://127.0.0.1:8888/1234")
    assert leaves("https://127.0.0.1.example.com/")
    assert leaves("ws://example.com/")


def test_axe_sees_what_is_hard_to_use(static_page: StaticPage) -> None:
    picture = "<img src='data:image/svg+xml,<svg/>'>"
    page = static_page(PAGE % f"<h1>Hello</h1><p id=good>Good</p><p id=bad>{picture}</p>")
    assert axe(page, "#good") == []
    assert [fault.split(":")[0] for fault in axe(page)] == ["image-alt"]


def test_a_page_can_be_seen_with_other_eyes(static_page: StaticPage) -> None:
    page = static_page(PAGE % "<div style='width: 99px; height: 99px; background: #d55e00'></div>")
    before = page.screenshot()
    with seen_with(page, "deuteranopia"):
        assert page.screenshot() != before
    assert page.screenshot() == before
