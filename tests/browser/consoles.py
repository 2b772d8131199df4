"""What the tests of the console share: runs with everything in them, a saved page of one, and what the page shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from pipeline_sim import Console, Simulation
from pipeline_sim.ids import execution_id
from pipeline_sim.views.graph import Marks
from tests.browser.patience import eventually
from tests.stories import simulation

StaticPage = Callable[..., Page]

STAGES = {
    "Source": ["App"],
    "Build": [["Lint", "Compile"], "Package"],
    "Test": [["Unit", "Smoke"]],
    "Prod": [{"Approve": "Manual"}, "Deploy"],
}
WORLD: dict[str, Any] = {
    "pushes": [{"at": 0, "message": "First"}, {"at": "5m", "message": "Second"}, {"at": "6m", "message": "Third"}],
    "actions": {"*": {"duration": 60}, "Test/Smoke": {"duration": 90, "message": "502 from the shop",
                                                      "executions": {1: ["Failed", "Succeeded"]}}},
    "approvals": {"Prod/Approve": {"response": "10m", "comment": "Looks good"}},
}


def story(**world: Any) -> Simulation:
    """Three pushes; Smoke fails once and is retried; a transition is closed and opened again; an approval is given."""
    one = simulation(STAGES, WORLD | world)
    one.run("5m")
    one.call("DisableStageTransition", pipelineName="shop", stageName="Prod", transitionType="Inbound", reason="freeze")
    one.run("330s")
    one.call("RetryStageExecution", pipelineName="shop", stageName="Test", retryMode="FAILED_ACTIONS",
             pipelineExecutionId=execution_id(one.seed, "shop", 1))
    one.run("15m")
    one.call("EnableStageTransition", pipelineName="shop", stageName="Prod", transitionType="Inbound")
    return one.run()


def saved(static_page: StaticPage, folder: Path, console: Console) -> Page:
    """A console's saved page, opened from the disk."""
    page = static_page(console.save(folder / "saved.html"))
    page.locator(".pls-said").wait_for()
    return page


def k_of(page: Page) -> int:
    """Where the cursor is."""
    return int(page.evaluate("document.querySelector('.pls').host.k"))


def seek(page: Page, k: int) -> None:
    page.evaluate("k => document.querySelector('.pls').host.seek(k)", k)


def thing(page: Page, name: str) -> Locator:
    """An element of the picture by its id, or an execution's token."""
    return page.locator(f".pls-picture [data-thing='{name}']")


def shown(page: Page) -> Marks:
    """What the picture shows: statuses, tokens, closed transitions, read from the page as a person reads it."""
    found = page.evaluate("""() => {
      const all = [...document.querySelectorAll('.pls-picture g[data-thing]')];
      const status = all.map(g => [g.dataset.thing, (g.getAttribute('class').match(/status-(\\w+)/) ?? [])[1]])
                        .filter(each => each[1]);
      const host = document.querySelector('.pls').host;
      const tokens = [...host.picture.tokens].map(([number, token]) => [number, token.place]);
      const closed = all.filter(g => g.classList.contains('disabled')).map(g => [g.dataset.thing,
        (g.querySelector('title').textContent.match(/: disabled: (.*?)(; waiting.*)?$/) ?? [])[1] ?? '']);
      return [status, tokens, closed]; }""")
    status, tokens, closed = found
    return Marks(dict(status), {int(number): place for number, place in tokens}, dict(closed))


def until(page: Page, truth: str) -> None:
    """Waits until an expression over the console's `host` is true. (A saved page forbids Playwright's own way.)"""
    eventually(page, lambda: page.evaluate(f"(host => {truth})(document.querySelector('.pls').host)"), truth)
