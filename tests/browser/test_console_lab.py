"""The console in a real JupyterLab: kernel and browser follow each other, and nothing that befalls a notebook harms it."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.consoles import story
from tests.browser.lab import (
    Lab,
    command,
    open_notebook,
    output,
    run_all,
    set_theme,
    wait_kernel_idle,
    write_notebook,
)
from tests.browser.look import axe, screenshot
from tests.browser.patience import eventually

SHOP = "import time\nfrom pathlib import Path\nfrom tests.browser.consoles import story\nfrom pipeline_sim import Console"
# What JupyterLab and ipywidgets themselves write into the browser's log when a kernel is restarted, and when a notebook
# with widgets is opened without running.
NOT_OURS = ("Could not restore the debugger state", "widget model not found")


def console(page: Page, cell: int) -> Locator:
    return output(page, cell).locator(".pls")


def ours(faults: list[str]) -> list[str]:
    return [fault for fault in faults if not any(known in fault for known in NOT_OURS)]


def click(page: Page, cell: int, name: str) -> None:
    console(page, cell).get_by_role("button", name=name, exact=True).click()


def run_cell(page: Page, cell: int, source: str) -> None:
    """Writes a cell anew and runs it to its end."""
    write_cell(page, cell, source)
    command(page, "notebook:run-cell")


def begin_cell(page: Page, cell: int, source: str) -> None:
    """Writes a cell anew and lets it begin: the kernel is busy then."""
    write_cell(page, cell, source)
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-cell'); }")
    page.locator("#jp-main-statusbar").get_by_text(re.compile(r"\| Busy$")).first.wait_for()


def write_cell(page: Page, cell: int, source: str) -> None:
    page.evaluate("""([cell, source]) => {
        const notebook = window.jupyterapp.shell.currentWidget.content;
        notebook.activeCellIndex = cell;
        notebook.activeCell.model.sharedModel.setSource(source); }""", [cell, source])


def test_kernel_and_browser_follow_each_other(page: Page, lab: Lab, folder: Path) -> None:
    notebook = write_notebook(folder / "one.ipynb", SHOP, "console = story().console(position=10)\nconsole", "0")
    open_notebook(page, lab, notebook)
    run_all(page)
    said = console(page, 1).locator(".pls-said")
    expect(said).to_be_visible()
    expect(output(page, 1).locator(".pls-still")).to_be_hidden()

    click(page, 1, "Step")

    def the_kernel_knows() -> bool:
        run_cell(page, 2, "console.position, console.time, console.selected, console.playing")
        return "(11, 120, '', False)" in output(page, 2).inner_text()

    eventually(page, the_kernel_knows, "the kernel hears of the step")
    run_cell(page, 2, "console.time = 270; console.selected = 'action-2-1'")
    expect(said).to_have_text("Execution 1: Failed.")
    expect(console(page, 1).locator("[data-thing='action-2-1']")).to_have_class("action status-Failed selected")
    run_cell(page, 2, "console.simulation.push(message='Fourth'); console.simulation.run(); console.position = 1000; 0")
    expect(console(page, 1).locator(".pls-lanes")).to_contain_text("Execution 4")

    # the cursor works while the kernel is busy
    hold = folder / "hold"
    hold.touch()
    begin_cell(page, 2, f"while Path({str(hold)!r}).exists(): time.sleep(0.05)")
    click(page, 1, "First")
    click(page, 1, "Step")
    expect(said).to_have_text("The clock starts: shop.")
    hold.unlink()
    wait_kernel_idle(page)

    # keys of the console are none of JupyterLab's: "b" would insert a cell
    console(page, 1).locator(".pls-picture").press("b")
    assert page.locator(".jp-Notebook .jp-Cell").count() == 3
    assert axe(page, ".pls") == []
    for theme in ("dark", "light"):
        set_theme(page, theme)
        expect(console(page, 1)).to_have_class(f"pls theme-{theme}")
        console(page, 1).scroll_into_view_if_needed()
        screenshot(page, f"console lab {theme}")


def test_two_consoles_of_one_simulation_both_follow(page: Page, lab: Lab, folder: Path) -> None:
    notebook = write_notebook(folder / "two.ipynb", SHOP, "shop = story()\nfirst = shop.console(); first",
                              "second = Console(shop); second", "shop.push(message='Fourth'); shop.run('40m'); 0")
    open_notebook(page, lab, notebook)
    run_all(page)
    for cell in (1, 2):
        expect(console(page, cell).locator(".pls-lanes")).to_contain_text("Execution 4")
    run_cell(page, 3, "shop.run('2h'); 0")
    for cell in (1, 2):
        expect(console(page, cell).get_by_role("timer")).to_contain_text("11:00:00")
        expect(console(page, cell).locator("[data-thing='action-3-1']")).to_have_attribute("aria-label", "Deploy: Succeeded")


def test_run_again_restarted_and_opened_again(page: Page, lab: Lab, folder: Path, faults: list[str]) -> None:
    notebook = write_notebook(folder / "life.ipynb", SHOP, "console = story().console(position=40)\nconsole")
    open_notebook(page, lab, notebook)
    run_all(page)
    expect(console(page, 1)).to_have_count(1)
    run_all(page)
    expect(console(page, 1)).to_have_count(1)
    click(page, 1, "Step")
    command(page, "docmanager:save")

    # after a restart the run is still there to look at
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    wait_kernel_idle(page)
    said = console(page, 1).locator(".pls-said")
    before = said.text_content()
    click(page, 1, "Step")
    expect(said).not_to_have_text(str(before))
    assert ours(faults) == []

    # opened again without running: the widget is gone, and a still picture stands in its place
    outputs = [list(one["data"]) for cell in json.loads(notebook.read_text())["cells"] for one in cell.get("outputs", [])]
    assert outputs == [["application/vnd.jupyter.widget-view+json", "text/html", "text/plain"], ["text/html", "text/plain"]]
    end = page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown().then(() => null)")
    assert end is None
    open_notebook(page, lab, notebook)
    picture = output(page, 1).locator(".pls-still img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 300
    screenshot(page, "console opened again")
    page.wait_for_timeout(500)
    faults[:] = ours(faults)


def test_it_stands_beside_interact_and_in_several_views(page: Page, lab: Lab, folder: Path) -> None:
    cells = (SHOP, "from ipywidgets import interact\nconsole = story().console(position=10)",
             "@interact(k=(1, 100))\ndef go(k=44):\n    console.position = k\n    print(console.time)", "console", "console")
    open_notebook(page, lab, write_notebook(folder / "interact.ipynb", *cells))
    run_all(page)
    first, second = console(page, 3), console(page, 4)
    expect(output(page, 2).first).to_contain_text(str(story().records[43].time))
    said = first.locator(".pls-said")
    expect(said).to_be_visible()
    eventually(page, lambda: said.text_content() == second.locator(".pls-said").text_content(), "both say the same")
    click(page, 3, "First")
    expect(second.locator(".pls-said")).to_have_text("Before the beginning.")
    output(page, 2).first.get_by_role("slider").press("ArrowRight")
    expect(second.locator(".pls-said")).not_to_have_text("Before the beginning.")
