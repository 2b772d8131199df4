"""An engineer drags a slider in a notebook, and the answer follows."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.lab import Lab, open_notebook, output, run_all, set_theme, write_notebook
from tests.browser.look import resize, screenshot
from tests.browser.patience import eventually

ASK = """from pipeline_sim import Pipeline, Scenario
from pipeline_sim.whatif import explore
shop = Pipeline.load({"pipeline": %r})
world = Scenario.load({"actions": {"Test/Unit": {"failure": 0.2}}, "pushes": [0], "approvals": {"*": {"response": "10m"}}})
explore(shop, world, ["Test/Unit.failure", "Prod/Approve.response", "Prod/Deploy.duration"])"""
STRUCTURE = {
    "name": "shop", "roleArn": "arn:aws:iam::111122223333:role/pipeline", "executionMode": "QUEUED", "pipelineType": "V2",
    "artifactStore": {"type": "S3", "location": "artifacts"}, "stages": [
        {"name": "Source", "actions": [{
            "name": "App", "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "CodeCommit", "version": "1"},
            "configuration": {"RepositoryName": "shop", "BranchName": "main", "PollForSourceChanges": "false"},
            "outputArtifacts": [{"name": "App"}]}]},
        {"name": "Test", "actions": [{
            "name": "Unit", "actionTypeId": {"category": "Test", "owner": "AWS", "provider": "CodeBuild", "version": "1"},
            "configuration": {"ProjectName": "unit"}, "inputArtifacts": [{"name": "App"}]}]},
        {"name": "Prod", "actions": [{
            "name": "Approve",
            "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"}}, {
            "name": "Deploy", "runOrder": 2,
            "actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"},
            "configuration": {"ProjectName": "deploy"}, "inputArtifacts": [{"name": "App"}]}]}]}


def cut(shown: Locator) -> list[str]:
    """The names of sliders that do not fit, and tables whose right edge nobody can reach."""
    found: list[str] = shown.locator(".widget-label").evaluate_all(
        "all => all.filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.textContent)")
    tables: list[str] = shown.locator("table").evaluate_all("""all => all.filter(each => {
        for (let box = each.parentElement; box; box = box.parentElement) {
            if (/auto|scroll/.test(getComputedStyle(box).overflowX)) return false;
            if (each.getBoundingClientRect().right > box.getBoundingClientRect().right + 1) return true; }
        return false; }).map(each => each.textContent)""")
    return found + tables


def test_the_answer_follows_the_hand(page: Page, lab: Lab, folder: Path) -> None:
    open_notebook(page, lab, write_notebook(folder / "sliders.ipynb", ASK % STRUCTURE))
    run_all(page)
    shown = output(page, 0)
    success = shown.locator("tr", has_text="success")
    expect(success).to_contain_text("80.")
    expect(shown.locator("svg[role=img]")).to_be_visible()
    assert not cut(shown), "a name or the table is wider than its place, and nothing scrolls"
    screenshot(page, "whatif sliders light")
    handle = shown.locator(".noUi-handle").first
    handle.hover()  # which waits until it stands still
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 25):
        page.mouse.move(x + 2 * step, y)
    expect(success).to_contain_text("worse")
    page.mouse.up()
    expect(shown).to_contain_text("Bottleneck")
    set_theme(page, "dark")
    screenshot(page, "whatif sliders dark")
    resize(page, "tablet")
    eventually(page, lambda: not cut(shown), "nothing is cut")
    screenshot(page, "whatif sliders tablet")
    resize(page, "laptop")
    shown.get_by_role("button", name="As it was").click()
    expect(success).not_to_contain_text("worse")
