"""The editor as somebody uses it, by mouse and by keyboard: in a page with a real editor behind it, and in JupyterLab."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Locator, Page, expect

from pipeline_sim import Editor, Pipeline
from tests.browser.editors import StaticPage, opened
from tests.browser.lab import Lab, open_notebook, output, run_all, set_theme, wait_kernel_idle, write_notebook
from tests.browser.look import axe, resize, screenshot
from tests.browser.patience import fits
from tests.shop import build, source, stage, structure


class Desk:
    """An editor, and the page that it is shown in."""

    def __init__(self, editor: Editor, root: Locator) -> None:
        self.editor = editor
        self.root = root

    def press(self, name: str) -> None:
        self.root.get_by_role("button", name=name, exact=True).click()

    def card(self, thing: str) -> Locator:
        return self.root.locator(f"[data-thing='{thing}']")

    def choose(self, thing: str, title: str) -> None:
        """Click a card, and wait for its form: what is pressed in a form is about what its title says."""
        self.card(thing).click()
        expect(self.root.locator("h3")).to_have_text(title)

    def field(self, label: str) -> Locator:
        return self.root.locator(".ple-form").get_by_label(label, exact=False).first

    def names(self) -> list[list[str]]:
        return [[one["name"], *(action["name"] for action in one["actions"])] for one in self.editor.structure["stages"]]


@pytest.fixture
def desk(static_page: StaticPage, page: Page) -> Desk:
    """The shop: Source; Build (Compile beside Lint); Prod (Approve, then Deploy)."""
    editor = Editor(Pipeline.load(structure()))
    return Desk(editor, opened(static_page, page, editor))


def test_a_parallel_action_by_the_plus_on_the_right_with_its_fault_at_the_card_and_the_field(desk: Desk) -> None:
    desk.press("Add an action beside Lint")
    expect(desk.field("Name")).to_be_focused()
    expect(desk.field("Name")).to_have_value("Test")
    expect(desk.card("action-1-2")).to_have_class("thing faulty selected")
    expect(desk.root.locator(".mark")).to_have_count(1)
    fault = desk.root.locator(".ple-faults li")
    expect(fault).to_have_count(1)
    expect(fault).to_contain_text("stages[1].actions[2].configuration Build/Test")
    expect(fault).to_contain_text("Fix: Add ProjectName.")
    expect(desk.field("ProjectName")).to_have_attribute("aria-invalid", "true")
    expect(desk.field("ProjectName")).to_have_accessible_description(re.compile("lacks the required configuration"))

    desk.field("Name").fill("Unit")
    desk.field("Name").press("Enter")
    expect(desk.card("action-1-2")).to_have_attribute(
        "aria-label", "Build/Unit: AWS CodeBuild; Test, run order 1; input Src. "
        "The action configuration for 'Unit' lacks the required configuration 'ProjectName'.")
    desk.field("ProjectName").fill("shop-unit")
    desk.field("ProjectName").press("Tab")
    expect(fault).to_have_count(0)
    expect(desk.root.locator(".ple-none")).to_be_visible()
    expect(desk.root.locator(".mark")).to_have_count(0)
    assert desk.editor.pipeline is not None
    assert [[one.name for one in group] for group in desk.editor.pipeline.stage("Build").groups] == [
        ["Compile", "Lint", "Unit"]]


def test_a_group_below_and_a_stage_between(desk: Desk) -> None:
    desk.press("Add an action group below Approve")
    expect(desk.card("action-2-2")).to_have_class("thing faulty selected")
    orders = {one["name"]: one["runOrder"] for one in desk.editor.structure["stages"][2]["actions"]}
    assert orders == {"Approve": 1, "Build": 2, "Deploy": 3}
    desk.press("Add a stage before Build")
    expect(desk.card("stage-3")).to_be_attached()
    assert desk.names()[1] == ["Stage", "Approve"]
    expect(desk.root.get_by_role("heading")).to_have_text("Stage Stage")
    desk.press("Add a stage at the end")
    expect(desk.card("stage-4")).to_be_attached()


def test_rename_move_delete_undo_and_redo_by_buttons(desk: Desk) -> None:
    desk.choose("stage-2", "Stage Prod")
    desk.field("Name").fill("Live")
    desk.field("Name").press("Enter")
    expect(desk.card("stage-2")).to_have_attribute("aria-label", "Stage Live: 2 actions")
    desk.press("Move earlier")
    expect(desk.card("stage-1")).to_be_focused()
    assert [row[0] for row in desk.names()] == ["Source", "Live", "Build"]
    desk.choose("action-2-1", "Action Lint")
    desk.press("Delete")
    expect(desk.card("action-2-1")).to_have_count(0)
    for _ in range(3):
        desk.press("Undo")
    expect(desk.root.get_by_role("button", name="Undo")).to_be_disabled()
    assert desk.names() == [["Source", "App"], ["Build", "Compile", "Lint"], ["Prod", "Approve", "Deploy"]]
    for _ in range(3):
        desk.press("Redo")
    expect(desk.root.get_by_role("button", name="Redo")).to_be_disabled()
    assert desk.names() == [["Source", "App"], ["Live", "Approve", "Deploy"], ["Build", "Compile"]]


def test_all_of_it_by_keyboard(desk: Desk, page: Page) -> None:
    desk.root.locator(".pls-picture [tabindex='0']").focus()
    expect(desk.card("stage-0")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(desk.card("action-0-0")).to_be_focused()
    page.keyboard.press("Enter")
    expect(desk.root.get_by_role("heading")).to_have_text("Action App")
    expect(desk.card("action-0-0")).to_be_focused()
    desk.card("action-1-0").focus()
    page.keyboard.press("ArrowRight")  # the + between the two
    expect(desk.root.get_by_role("button", name="Add an action beside Compile")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(desk.card("action-1-1")).to_be_focused()
    page.keyboard.press("Shift+ArrowDown")
    expect(desk.card("action-1-1")).to_be_focused()
    assert [one["runOrder"] for one in desk.editor.structure["stages"][1]["actions"]] == [1, 2]
    page.keyboard.press("Delete")
    expect(desk.card("action-1-1")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(desk.card("action-1-1")).to_be_attached()
    page.keyboard.press("Control+Shift+z")
    expect(desk.card("action-1-1")).to_have_count(0)
    expect(desk.root.locator(".pls-picture :focus")).to_have_count(1)  # never lost


def test_a_condition_and_a_variable_are_made_with_the_keyboard_alone(desk: Desk, page: Page) -> None:
    """From the card into its form with Enter, through it with Tab, and back with Escape."""
    def tab_to(label: str, keys: str = "Tab") -> None:
        for _ in range(40):
            page.keyboard.press(keys)
            told = page.evaluate("(at => at.labels?.[0]?.textContent ?? at.textContent)(document.activeElement)")
            if told.startswith(label):
                return
        raise AssertionError(f"Tab never comes to {label}")

    desk.card("stage-2").focus()
    page.keyboard.press("Enter")
    expect(desk.card("stage-2")).to_have_class("thing selected")
    page.keyboard.press("Enter")
    expect(desk.field("Name")).to_be_focused()
    tab_to("If a rule does not pass")
    page.keyboard.press("ArrowDown")  # fail
    rule = desk.root.get_by_role("group", name="Before entry: rule 1")
    expect(rule.get_by_label("Operator")).to_have_attribute("aria-invalid", "true")
    tab_to("Add a rule")
    page.keyboard.press("Enter")
    expect(desk.root.get_by_role("group", name="Before entry: rule 2").get_by_label("Rule")).to_be_focused()
    tab_to("Remove this rule")
    page.keyboard.press("Space")
    expect(desk.root.get_by_role("button", name="Add a rule")).to_be_focused()
    tab_to("Provider")
    page.keyboard.type("Depl", delay=60)  # the letters of one choice
    tab_to("Cron")
    page.keyboard.type("* * 9-17 ? * MON-FRI *")
    page.keyboard.press("Escape")
    expect(desk.card("stage-2")).to_be_focused()
    expect(desk.root.locator(".ple-none")).to_be_visible()
    (condition,) = desk.editor.structure["stages"][2]["beforeEntry"]["conditions"]
    assert [(one["ruleTypeId"]["provider"], one["configuration"]) for one in condition["rules"]] == [
        ("DeploymentWindow", {"Cron": "* * 9-17 ? * MON-FRI *"})]
    assert axe(page) == []

    desk.card("action-1-0").click()
    page.keyboard.press("Enter")
    tab_to("Add a variable")
    page.keyboard.press("Enter")
    expect(desk.field("Name 1")).to_be_focused()
    page.keyboard.type("STAGE")
    tab_to("Value 1")
    page.keyboard.type("beta")
    tab_to("Type 1")
    page.keyboard.press("End")
    tab_to("Remove STAGE")
    assert json.loads(desk.editor.structure["stages"][1]["actions"][0]["configuration"]["EnvironmentVariables"]) == [
        {"name": "STAGE", "value": "beta", "type": "SECRETS_MANAGER"}]
    assert axe(page) == []
    resize(page, "narrow")
    fits(page)
    screenshot(page, "editor-forms-narrow")


def test_a_fault_leads_to_its_card(desk: Desk) -> None:
    desk.choose("action-1-0", "Action Compile")
    desk.press("Delete")
    fault = desk.root.locator(".ple-faults li")
    expect(fault).to_contain_text("not declared as an output")
    expect(desk.card("action-2-1")).to_have_class("thing faulty")
    fault.get_by_role("button").click()
    expect(desk.card("action-2-1")).to_have_class("thing faulty selected")
    expect(desk.field("Reads artifacts")).to_have_attribute("aria-invalid", "true")


def test_the_provider_says_which_keys_there_are(desk: Desk) -> None:
    desk.choose("action-2-1", "Action Deploy")
    desk.field("Provider").select_option(label="S3")
    expect(desk.field("BucketName")).to_have_attribute("required", "")
    desk.field("BucketName").fill("site")
    desk.field("Extract").select_option("true")
    expect(desk.root.locator(".ple-none")).to_be_visible()
    action = desk.editor.structure["stages"][2]["actions"][1]
    assert (action["actionTypeId"]["provider"], action["configuration"]) == ("S3", {"BucketName": "site", "Extract": "true"})


@pytest.mark.parametrize("kind", ["json", "yaml"])
def test_a_typed_text_changes_the_picture_and_the_other_text(desk: Desk, kind: str) -> None:
    write: Any = json.dumps if kind == "json" else yaml.safe_dump
    desk.press(kind.upper())
    area = desk.root.locator(".ple-text")
    area.fill(write({**desk.editor.structure, "stages": [*desk.editor.structure["stages"], stage("Last", build("Smoke"))]}))
    expect(desk.card("action-3-0")).to_be_attached()
    desk.press("YAML" if kind == "json" else "JSON")
    expect(area).to_have_value(desk.editor.view["texts"]["yaml" if kind == "json" else "json"])
    expect(area).to_have_value(re.compile("Smoke"))
    desk.press("Undo")
    expect(desk.card("action-3-0")).to_have_count(0)


@pytest.mark.parametrize(("kind", "text", "told"), [
    ("json", '{"name": "shop",\n "stages": [}', "line 2, column"), ("yaml", "name: shop\nstages: [\n", "line 3, column 1")])
def test_a_broken_text_says_where_and_nothing_is_lost(desk: Desk, page: Page, kind: str, text: str, told: str) -> None:
    desk.press(kind.upper())
    area = desk.root.locator(".ple-text")
    area.fill(text)
    expect(desk.root.get_by_role("alert")).to_contain_text(told)
    expect(area).to_have_attribute("aria-invalid", "true")
    expect(desk.card("action-2-1")).to_be_attached()  # the picture stays
    desk.press("Add a stage at the end")
    expect(desk.root.get_by_role("status")).to_contain_text("repair it, or give it up")
    expect(area).to_have_value(text)
    desk.press("Go there")
    expect(area).to_be_focused()
    start = area.evaluate("area => area.value.slice(0, area.selectionStart).split('\\n').length")
    assert f"line {start}," in told
    desk.press("Give this text up")
    expect(desk.root.get_by_role("alert")).to_be_empty()
    expect(area).to_have_value(desk.editor.view["texts"][kind])


def test_typing_is_not_disturbed(desk: Desk, page: Page) -> None:
    area = desk.root.locator(".ple-text")
    area.evaluate("area => { area.focus(); area.setSelectionRange(13, 13); }")  # within the name
    page.keyboard.type("web", delay=150)
    expect(desk.root.locator(".headline .name")).to_have_text("webshop")
    assert area.evaluate("area => area.selectionStart") == 16
    desk.press("Undo")
    expect(desk.root.locator(".headline .name")).to_have_text("shop")


def test_wild_names_are_text(static_page: StaticPage, page: Page) -> None:
    wild = "<img src=x onerror=alert(1)>\"'&" + "🚀" * 5 + "שלום" + "x" * 80
    editor = Editor(structure(stage("Source", source()), stage(wild, build(wild))))
    root = opened(static_page, page, editor)
    expect(root.locator("[data-thing='action-1-0']")).to_have_attribute("aria-label", re.compile("<img src=x"))
    root.locator("[data-thing='action-1-0']").click()
    expect(root.locator(".ple-form input").first).to_have_value(wild)
    assert page.locator("img").count() == 0
    assert axe(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_looks_and_speaks_well(desk: Desk, page: Page, theme: Any) -> None:
    page.emulate_media(color_scheme=theme)
    desk.press("Add an action beside Lint")
    expect(desk.root).to_have_class(f"pls ple theme-{theme}")
    assert axe(page) == []
    for size in ("laptop", "narrow", "projector"):
        resize(page, size)
        if size == "projector":
            desk.press("Projector")
        fits(page, size)
        screenshot(page, f"editor-{theme}-{size}")


def test_in_jupyterlab_an_edit_reaches_the_console_beside_it(page: Page, lab: Lab, folder: Path) -> None:
    notebook = write_notebook(
        folder / "edit.ipynb",
        "from tests.shop import simulate\none = simulate(pushes=[0])\none.run('2m')\nconsole = one.console()\nconsole",
        "editor = console.edit()\neditor", "shop = console.simulation.state.pipelines['shop']\n"
        "print(shop.definition.version, shop.executions[1].status, editor.pipeline.stages[1].name)")
    open_notebook(page, lab, notebook)
    run_all(page)
    root = output(page, 1).locator(".ple")
    root.locator("[data-thing='stage-1']").click()
    expect(root.get_by_text("Stage Build", exact=True).first).to_be_visible()  # the form is the stage's by now
    name = root.locator(".ple-form input").first
    name.fill("Make")
    name.press("Enter")
    expect(root.locator("[data-thing='stage-1']")).to_have_attribute("aria-label", "Stage Make: 2 actions")
    root.locator(".ple-changes summary").click()
    expect(root.locator(".ple-changes")).to_contain_text("Stage Build is called Make.")
    expect(root.locator(".ple-changes")).to_contain_text("cancelled once their running actions have ended")
    for theme in ("dark", "light"):
        set_theme(page, theme)
        expect(root).to_have_class(f"pls ple theme-{theme}")
        assert axe(page, ".ple") == []
        root.scroll_into_view_if_needed()
        screenshot(page, f"editor-lab-{theme}")
    root.get_by_role("button", name="Update the pipeline").click()
    expect(output(page, 0).locator(".pls-picture")).to_contain_text("Make")
    expect(output(page, 0).locator(".pls-note")).to_contain_text("UpdatePipeline")
    page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex = 2")
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-cell').then(() => null)")
    wait_kernel_idle(page)
    expect(output(page, 2)).to_contain_text("2 Cancelled Make")
