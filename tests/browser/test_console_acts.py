"""Acting in the console, as somebody in a notebook does: in a real JupyterLab, and in a page without a kernel."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from pipeline_sim.console import Console
from tests.browser.desk import sit_down
from tests.browser.lab import Lab, command, open_notebook, output, run_all, set_theme, write_notebook
from tests.browser.look import axe, resize, screenshot
from tests.browser.patience import fits
from tests.stories import simulation, structure

SHOP = {"Source": ["App"], "Build": [["Compile", "Lint"]], "Prod": [{"Approve": "Manual"}, "Deploy"]}
StaticPage = Callable[..., Page]


def notebook_of(folder: Path) -> Path:
    (folder / "shop.json").write_text(json.dumps(structure(SHOP, name="shop")))
    return write_notebook(folder / "acts.ipynb", (
        "from pipeline_sim import Pipeline, Scenario\nfrom pipeline_sim.console import Console\n"
        "world = Scenario.load({'actions': {'*': {'duration': '60s'}}})\n"
        "console = Console(Pipeline.load('shop.json'), world)\nconsole"),
        "print(len(console.runs), console.simulation.state.pipelines['shop'].stages['Prod'].inbound.enabled)")


def choose(console: Locator, name: str) -> None:
    """Click a thing of the picture by the beginning of its accessible name."""
    found = console.locator(".pls-picture:not(.pls-beside *)").get_by_role("button", name=re.compile(rf"^{name}\b")).first
    (found.locator(".knob") if name.startswith("Transition") else found).click()


def details(console: Locator, offer: str) -> Locator:
    """The opened form of an offer."""
    found = console.locator(f"li[data-offer='{offer}']")
    more = found.get_by_role("button", name="Details of")
    if more.get_attribute("aria-expanded") == "false":
        more.click()
    return found


def pane(console: Locator, name: str) -> None:
    console.get_by_role("tab", name=name, exact=True).click()


def do(console: Locator, name: str) -> None:
    console.get_by_role("button", name=name, exact=True).click()


def said(console: Locator) -> Locator:
    return console.locator(".pls-done")


def thing(console: Locator, name: str) -> Locator:
    """An element of the picture, whatever its status."""
    return console.locator(".pls-picture:not(.pls-beside *)").get_by_role("button", name=re.compile(rf"^{name}\b"))


def step_back(console: Locator) -> None:
    console.get_by_role("button", name="Step back", exact=True).click()


def to_the_end(console: Locator) -> None:
    console.get_by_role("button", name="Last", exact=True).click()


def test_a_whole_story_push_twice_approve_fail_retry_disable_fork_step_back(page: Page, lab: Lab, folder: Path) -> None:
    open_notebook(page, lab, notebook_of(folder))
    run_all(page)
    console = output(page, 0).locator(".pls")
    pane(console, "Act")

    # the next build shall fail; a push: the cursor stays, and a future is there to be played
    choose(console, "Compile")
    form = details(console, "luck")
    form.get_by_label("Next attempt").select_option("it fails")
    form.get_by_label("Error code").fill("Oops")
    do(console, "Set the luck of Build/Compile")
    expect(console.locator(".pls-luck")).to_have_text("The next attempt will fail.")
    choose(console, "App")
    do(console, "Push a revision")
    expect(said(console)).to_contain_text("Execution 1 starts")
    expect(thing(console, "App")).to_have_accessible_name("App: In progress")
    to_the_end(console)
    expect(thing(console, "Compile")).to_have_accessible_name("Compile: Failed")

    # it is retried, and goes on to the approval
    choose(console, "Build: ")
    do(console, "Retry the failed actions of Build")
    expect(said(console)).to_contain_text("aws codepipeline retry-stage-execution --pipeline-name shop --stage-name Build")
    to_the_end(console)
    expect(thing(console, "Approve")).to_have_accessible_name("Approve: Waiting for approval")

    # a second push, with a message: it waits in front of Prod; why?
    choose(console, "App")
    form = details(console, "push")
    form.get_by_label("Message").fill("It's \"new\"")
    expect(form.locator("code").first).to_contain_text("""'It'"'"'s "new"'""")
    do(console, "Push a revision")
    expect(said(console)).to_contain_text("Push 2: It's \"new\"")
    to_the_end(console)
    expect(thing(console, "Execution 2")).to_have_accessible_name("Execution 2, waiting in front of Prod")
    choose(console, "Execution 2")
    pane(console, "Why?")
    expect(console.locator(".pls-sentence")).to_contain_text("Execution 2 waits in front of Prod")
    expect(console.locator(".pls-causes")).to_contain_text("Nobody has answered Prod/Approve")
    console.get_by_text("Rule:").first.click()
    expect(console.locator(".pls-rule[open]").first).to_contain_text("section 4")

    # the approval is given: Prod deploys execution 1, then execution 2 comes in
    pane(console, "Act")
    choose(console, "Approve")
    do(console, "Approve Prod/Approve")
    expect(said(console)).to_contain_text("aws codepipeline put-approval-result --pipeline-name shop --stage-name Prod")
    expect(thing(console, "Approve")).to_have_accessible_name("Approve: Succeeded")
    expect(thing(console, "Deploy")).to_have_accessible_name("Deploy: In progress")
    to_the_end(console)
    expect(thing(console, "Execution 2")).to_have_accessible_name("Execution 2, in Prod/Approve")
    choose(console, "Build: ")
    console.get_by_text("Not possible now").click()
    expect(console.locator(".pls-refused")).to_contain_text("StageNotRetryableException: Build is Succeeded for execution 2")
    screenshot(page, "acts story")

    # step back to before the approval was given, and close the door: another run begins
    pane(console, "Log")
    console.get_by_label("Filter the log by words").fill("approve putapproval")
    expect(console.locator(".pls-log li")).to_have_count(1)
    console.locator(".pls-log li button").click()
    step_back(console)
    expect(thing(console, "Approve")).to_have_accessible_name("Approve: Waiting for approval")
    choose(console, "Transition into Prod")
    pane(console, "Act")
    expect(console.locator(".pls-pane .pls-where").first).to_contain_text("In the past")
    form = details(console, "disable-Inbound-Prod")
    form.get_by_label("Reason").fill("freeze")
    do(console, "Disable the transition into Prod")
    expect(said(console)).to_contain_text("Another run begins here; the one before is kept.")
    expect(thing(console, "Transition into Prod")).to_have_accessible_name(re.compile("disabled: freeze"))
    choose(console, "Approve")
    do(console, "Approve Prod/Approve")
    expect(said(console)).to_contain_text("aws codepipeline put-approval-result")
    to_the_end(console)
    expect(thing(console, "Deploy")).to_have_accessible_name("Deploy: Succeeded")
    expect(thing(console, "Execution 2")).to_have_accessible_name("Execution 2, waiting in front of Prod")

    # the two futures side by side, in step; and back to the first
    pane(console, "Runs")
    console.get_by_role("button", name="Compare with the first run").click()
    beside = console.locator(".pls-beside")
    expect(beside.get_by_role("button", name=re.compile("^Execution 2"))).to_have_accessible_name(
        "Execution 2, in Prod/Approve")
    expect(beside.get_by_role("button", name=re.compile("^Transition into Prod"))).to_have_accessible_name(
        re.compile("enabled"))
    set_theme(page, "dark")
    page.evaluate("document.querySelector('.pls-pair').scrollIntoView()")
    screenshot(page, "acts side by side dark")
    assert not axe(page, ".pls")
    console.get_by_role("button", name="Show the first run").click()
    expect(thing(console, "Transition into Prod")).to_have_accessible_name(re.compile("enabled"))
    run_cell_again(page)
    expect(output(page, 1)).to_contain_text("2 True")  # the notebook sees the run that is shown


def run_cell_again(page: Page) -> None:
    """Run the second cell, which prints what the kernel knows of the console."""
    page.locator(".jp-Notebook .jp-Cell").nth(1).locator(".jp-InputArea-editor").click()
    command(page, "notebook:run-cell")


# ---------------------------------------------------------------------------------------------- without Jupyter


def shop(world: dict[str, Any] | None = None, **members: Any) -> Console:
    return Console(simulation(SHOP, world, **members))


def test_every_act_can_be_done_with_the_keyboard_alone(page: Page, tmp_path: Path) -> None:
    one = shop({"pushes": [0]})
    one.simulation.run(200)
    one.refresh()
    sit_down(page, one, tmp_path)
    console = page.locator(".pls")
    choose(console, "Approve")
    pane(console, "Act")
    more = console.locator("li[data-offer=approve] .pls-open")
    more.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Fine <by> me")
    expect(console.locator("li[data-offer=approve] code").first).to_contain_text('"summary": "Fine <by> me"')
    page.keyboard.press("Enter")  # in a form, it does what the form says
    expect(said(console)).to_be_focused()  # the form is gone, and the place is not lost
    expect(thing(console, "Approve")).to_have_accessible_name("Approve: Succeeded")
    assert one.state.execution("shop", 1).stages["Prod"].attempts["Approve"][-1].result.summary == "Fine <by> me"


def test_a_form_that_aws_would_refuse_says_so_while_it_is_filled_in(page: Page, tmp_path: Path) -> None:
    one = shop()
    sit_down(page, one, tmp_path)
    console = page.locator(".pls")
    choose(console, "Transition into Prod")
    form = details(console, "disable-Inbound-Prod")
    form.get_by_label("Reason").fill("<script>")
    expect(form.locator(".pls-against")).to_contain_text("ValidationException: 1 validation error detected")
    expect(form.locator(".pls-do")).to_be_disabled()
    form.get_by_label("Reason").fill("freeze")
    step_back(console)  # whatever moves meanwhile, what was typed stays
    page.wait_for_timeout(400)
    expect(form.get_by_label("Reason")).to_have_value("freeze")
    form.locator(".pls-do").click()
    expect(thing(console, "Transition into Prod")).to_have_accessible_name(re.compile("disabled: freeze"))
    console.locator("li[data-offer=enable-Inbound-Prod] .pls-do").click()
    expect(thing(console, "Transition into Prod")).to_have_accessible_name(re.compile("enabled"))


@pytest.mark.parametrize(("what", "offer", "sees"), [
    ("Execution 1", "stop-wait-1", "Execution 1: Stopping"),
    ("Execution 1", "stop-abandon-1", "Execution 1: Stopped"),
    ("Approve", "reject", "Prod: Failed (execution 1)"),
    ("Prod: ", "disable-Inbound-Prod", "DisableStageTransition Prod"),
])
def test_each_call_is_made_by_one_click_and_written_down(
    page: Page, tmp_path: Path, what: str, offer: str, sees: str
) -> None:
    one = shop({"pushes": [0]})
    one.simulation.run(200)
    one.refresh()
    sit_down(page, one, tmp_path)
    console = page.locator(".pls")
    choose(console, what)
    console.locator(f"li[data-offer='{offer}'] .pls-do").click()
    expect(said(console)).to_contain_text("aws codepipeline")
    pane(console, "Log")
    console.get_by_label("Filter the log by words").fill(sees)
    expect(console.locator(".pls-log li")).to_have_count(1)


def test_an_override_an_alarm_a_rollback_a_seed_and_time(page: Page, tmp_path: Path) -> None:
    alarm = {"name": "Errors", "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "CloudWatchAlarm",
                                              "version": "1"}, "configuration": {"AlarmName": "errors", "WaitTime": "1"}}
    gate = {"conditions": [{"result": "FAIL", "rules": [alarm]}]}
    one = Console(simulation({"Source": ["App"], "Prod": {"actions": ["Deploy"], "beforeEntry": gate}},
                             {"pushes": [0, 600], "alarms": [{"name": "errors", "at": 1000}]}).run())
    sit_down(page, one, tmp_path)
    console = page.locator(".pls")
    choose(console, "Prod: ")
    console.locator("li[data-offer=rollback-Prod] .pls-do").click()
    expect(said(console)).to_contain_text("aws codepipeline rollback-stage")
    to_the_end(console)
    choose(console, "App")
    console.locator("li[data-offer=push] .pls-do").click()
    expect(said(console)).to_contain_text("git commit")
    to_the_end(console)
    console.locator("[data-thing=entry-1]").first.click()
    console.locator("li[data-offer=override-BEFORE_ENTRY-Prod] .pls-do").click()
    expect(said(console)).to_contain_text("aws codepipeline override-stage-condition")
    to_the_end(console)
    expect(thing(console, "Deploy")).to_have_accessible_name("Deploy: Succeeded")
    console.locator("li[data-offer=alarm-OK] .pls-do").click()
    expect(said(console)).to_contain_text("aws cloudwatch set-alarm-state --alarm-name errors --state-value OK")
    page.keyboard.press("Escape")  # nothing is chosen: the pipeline itself
    form = details(console, "seed")
    form.get_by_label("Seed").fill("12")
    form.locator(".pls-do").click()
    expect(console.locator(".pls-pane")).to_contain_text("Seed 12.")
    assert one.simulation.seed == 12


NASTY = "<script>alert(1)</script> \"quoted\" 'q' \u202e\u05e2\u05d1\u05e8 🚀 " + "x" * 100


def test_what_people_write_is_shown_and_never_run(page: Page, tmp_path: Path) -> None:
    one = shop({"actions": {"Build/Compile": {"failure": 1, "message": NASTY}}})
    one.simulation.push("Source/App", message=NASTY, author=NASTY)
    one.simulation.run()
    one.refresh()
    sit_down(page, one, tmp_path)
    console = page.locator(".pls")
    choose(console, "Compile")
    for name in ("Act", "Why?", "Log", "Variables", "Artifacts", "Metrics", "Runs"):
        pane(console, name)
        page.wait_for_timeout(150)
        assert console.locator("script").count() == 0
    pane(console, "Why?")
    expect(console.locator(".pls-sentence")).to_contain_text("<script>alert(1)</script> \"quoted\"")
    for fact in ("API", "Events", "CloudTrail", "Data"):
        console.get_by_role("button", name=fact, exact=True).click()
    assert console.locator("script").count() == 0


def test_one_execution_can_be_followed_through_the_log(page: Page, tmp_path: Path) -> None:
    one = Console(simulation({"Source": ["App"], "Build": ["Compile"]}, {"pushes": [0, 30]}).run())
    sit_down(page, one, tmp_path)
    console = page.locator(".pls")
    page.evaluate("document.querySelector('.pls').host.seek(12)")
    choose(console, "Execution 2")
    pane(console, "Act")
    do(console, "Follow it alone")
    pane(console, "Log")
    to_the_end(console)
    expect(console.get_by_label("Filter the log by execution")).to_have_value("2")
    rows = console.locator(".pls-log li")
    expect(rows.first).to_contain_text("Execution 2: Succeeded")
    ours = [record for record in one.records if getattr(record, "execution", 0) == 2]
    expect(rows).to_have_count(len(ours))
    rows.nth(3).get_by_role("button").press("Enter")
    expect(rows.first).to_have_attribute("data-record", str(one.records.index(ours[-4])))


PANES = ("Act", "Why?", "Log", "Variables", "Artifacts", "Metrics", "Runs", "Help")


def after_a_failure(page: Page, tmp_path: Path) -> Locator:
    """A console in which a build has failed, with its stage chosen: every pane has something to say."""
    one = shop({"pushes": [0, 30], "actions": {"Build/Compile": {"attempts": {1: "Failed"}}}})
    one.simulation.run(400)
    one.refresh()
    sit_down(page, one, tmp_path)
    console = page.locator(".pls")
    choose(console, "Build: ")
    return console


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_pane_is_accessible_and_fits_a_phone(page: Page, tmp_path: Path, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    console = after_a_failure(page, tmp_path)
    for size in ("laptop", "narrow"):
        resize(page, size)
        for name in PANES:
            pane(console, name)
            if name == "Act":
                details(console, "retry-FAILED_ACTIONS-Build")
            page.wait_for_timeout(200)  # what a pane shows is asked for
            fits(page, f"{name}, {size},")
            screenshot(page, f"pane {name} {theme} {size}")
            assert not axe(page, ".pls-panes"), name


REACHED = """() => { // marks whatever has the focus, and tells whether it had been marked before
    const at = document.activeElement, before = "reached" in at.dataset;
    at.dataset.reached = "yes";
    return before || at === document.body; }"""
FORGET = """() => {
    document.activeElement.blur();
    for (const each of document.querySelectorAll("[data-reached]")) delete each.dataset.reached; }"""
MISSED = """() => [...document.querySelectorAll(".pls :is(button, select, input, summary, textarea, [role=button])")]
    .filter(each => each.checkVisibility() && !each.closest("[hidden]") && !("reached" in each.dataset) && !each.disabled)
    .map(each => each.outerHTML.slice(0, 120))"""


def test_every_control_is_reached_with_the_keyboard_alone(page: Page, tmp_path: Path) -> None:
    """Tab through the whole; in tabs, picture and timeline, which are one stop each, the arrows."""
    console = after_a_failure(page, tmp_path)
    for name in PANES:
        pane(console, name)
        if name == "Act":
            details(console, "retry-FAILED_ACTIONS-Build")
        if name == "Log":
            page.locator(".pls-stops summary").click()
        page.wait_for_timeout(250)
        page.evaluate(FORGET)
        for _ in range(250):
            page.keyboard.press("Tab")
            if page.evaluate(REACHED) and not page.evaluate("document.activeElement === document.body"):
                break
        else:
            raise AssertionError("Tab never comes round")
        for place in (".pls-picture", ".pls-lanes"):
            page.locator(f"{place} [tabindex='0']").first.focus()
            for _ in range(80):
                page.keyboard.press("ArrowDown")
                if page.evaluate(REACHED):
                    break
        assert [each for each in page.evaluate(MISSED) if 'role="tab"' not in each] == [], name
    tabs = console.get_by_role("tab")
    tabs.last.focus()
    for number in range(tabs.count()):
        page.keyboard.press("ArrowRight")
        expect(tabs.nth(number)).to_be_focused()
        expect(tabs.nth(number)).to_have_attribute("aria-selected", "true")


def test_a_saved_page_knows_everything_but_new_calls(static_page: StaticPage, tmp_path: Path) -> None:
    one = Console(simulation(SHOP, {"pushes": [{"at": 0, "message": "A basket"}]}).run(200))
    page = static_page(one.save(tmp_path / "saved.html"))
    console = page.locator(".pls")
    choose(console, "Approve")
    pane(console, "Act")
    expect(console.locator(".pls-pane")).to_contain_text("calls need a console in a notebook")
    pane(console, "Why?")
    expect(console.locator(".pls-sentence")).to_contain_text("Nobody has answered Prod/Approve since")
    for fact, sees in (("API", "aws codepipeline get-pipeline-state"), ("Events", "Action Execution State Change STARTED"),
                       ("CloudTrail", "Nobody has called anything"), ("Data", "no artifacts")):
        console.get_by_role("button", name=fact, exact=True).click()
        expect(console.locator(".pls-facts")).to_contain_text(sees)
    for name, sees in (("Log", "Push 1: A basket"), ("Artifacts", "Source/App"), ("Metrics", "1 InProgress"),
                       ("Help", "A saved page plays offline")):
        pane(console, name)
        expect(console.locator(".pls-pane")).to_contain_text(sees)
    pane(console, "Why?")
    step_back(console)
    console.get_by_role("button", name="Why", exact=True).click()
    expect(console.locator(".pls-sentence")).to_contain_text("Prod/Approve")
    assert not axe(page, ".pls-panes")


@pytest.mark.parametrize("short", [0, 100_000])
def test_steps_at_the_end_of_a_run_go_on_one_by_one(
        page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short: int) -> None:
    """However fast they follow each other, and whether a film comes as a whole or as what is new of it."""
    monkeypatch.setattr("pipeline_sim.console.news.SHORT", short)
    one = Console(simulation(SHOP, {"pushes": [0, "5m"]}).run("30s"))
    sit_down(page, one, tmp_path)
    host, first = "document.querySelector('.pls').host", len(one.records)
    for _ in range(6):
        k, last = page.evaluate(f"[{host}.k, {host}.last]")
        page.locator(".pls-picture").press("ArrowRight")
        page.wait_for_function(f"{host}.k === {k + 1} && {host}.last >= {last}", timeout=5_000)
    assert len(one.records) > first
    pane(page.locator(".pls"), "Log")
    expect(page.locator(".pls-log li:has([aria-current=step])")).to_have_attribute("data-record", str(first + 5))
    page.wait_for_timeout(400)
    assert one.position == first + 6


def test_a_cursor_that_was_moved_meanwhile_stays_where_it_was_moved_to(page: Page, tmp_path: Path) -> None:
    one = Console(simulation(SHOP, {"pushes": [0, "5m"]}).run("30s"))
    before = len(one.records)
    sit_down(page, one, tmp_path)
    page.evaluate("""() => {
        const { host } = document.querySelector(".pls");
        host.ask = (ask => (door, body) => { const answer = ask(door, body); host.seek(2); return answer; })(host.ask);
        host.picture.box.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true })); }""")
    page.wait_for_function(f"document.querySelector('.pls').host.last > {before}")
    page.wait_for_timeout(300)
    assert page.evaluate("document.querySelector('.pls').host.k") == 2
