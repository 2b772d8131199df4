"""The picture of a console says at every moment what the folded state says, to every eye and on every screen."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pipeline_sim import Console, Pipeline, Simulation
from pipeline_sim.views.picture import marks
from tests.browser.consoles import StaticPage, k_of, saved, seek, shown, story, thing, until
from tests.browser.look import axe, resize, screenshot, seen_with
from tests.browser.patience import fits
from tests.graph_shapes import NASTY
from tests.stories import simulation, structure


def test_every_moment_forwards_and_back_is_that_of_the_state(static_page: StaticPage, tmp_path: Path) -> None:
    one = story()
    page = saved(static_page, tmp_path, Console(one))
    moments = list(range(1, len(one.records) + 1))
    random.Random(1).shuffle(moments)
    for k in [*range(1, len(one.records) + 1), *moments[:40], 1, len(one.records)]:
        seek(page, k)
        assert shown(page) == marks(one.at(k), "shop"), k


def test_a_status_is_told_by_sign_word_border_and_name(static_page: StaticPage, tmp_path: Path) -> None:
    page = saved(static_page, tmp_path, Console(story(), position=1))
    page.keyboard.press("Tab")
    page.get_by_role("button", name="First").press("f")
    smoke = thing(page, "action-2-1")
    expect(smoke).to_have_accessible_name("Smoke: Failed")
    expect(smoke.locator(".word")).to_have_text("Failed")
    expect(smoke.locator(".status .sign path")).to_have_count(1)
    card = smoke.locator(":scope > .card")
    assert float(card.evaluate("card => parseFloat(getComputedStyle(card).strokeWidth)")) == 4
    expect(page.locator(".pls-said")).to_contain_text("Test/Smoke: Failed (execution 1): JobFailed: 502 from the shop")


def test_a_token_goes_along_the_edge_when_time_passes(static_page: StaticPage, tmp_path: Path) -> None:
    one = story()
    enters = next(k for k, r in enumerate(one.records, 1) if getattr(r, "stage", "") == "Build" and r.time == 60)
    page = saved(static_page, tmp_path, Console(one, position=enters - 1))
    moving = """step => { step.click(); return document.querySelector("[data-thing='execution-1']").getAnimations()
                        .map(each => each.effect.getKeyframes().map(frame => frame.transform)); }"""
    step = page.get_by_role("button", name="Step", exact=True)
    (way,) = step.evaluate(moving)  # in one go: the way is short
    path = page.evaluate("document.querySelector('.pls').host.picture.layout.places['transition-1'].path")
    assert way[1:-1] == [f"translate({x}px, {y}px)" for x, y in path]
    expect(thing(page, "execution-1")).to_have_accessible_name("Execution 1, in Build")

    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("button", name="Step back").click()
    assert step.evaluate(moving) == []


def test_a_large_pipeline_on_a_phone_is_signs_in_one_column(static_page: StaticPage, tmp_path: Path) -> None:
    stages = {"Source": ["App"]} | {f"Stage{n}": [[f"A{n}{m}" for m in range(6)], {"Approve": "Manual"}] for n in range(10)}
    world = {"pushes": [0, "1m"], "actions": {"*": {"duration": 30}, "Stage4/A42": {"executions": {2: "Failed"}}},
             "approvals": {"*": {"response": 10}}}
    one = simulation(stages, world).run()
    page = saved(static_page, tmp_path, Console(one, position=len(one.records)))
    assert page.evaluate("document.querySelector('.pls').host.picture.layout.width") > 600
    resize(page, "narrow")
    until(page, "host.picture.layout.width < 340")
    box = page.locator(".pls-picture")
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
    for k in (len(one.records), len(one.records) // 2, len(one.records) // 3):
        seek(page, k)
        until(page, "!host.picture.later.size")  # what is out of sight is painted when the cursor rests
        statuses = marks(one.at(k), "shop").status
        assert shown(page).status == statuses
        assert {name: f"stage-{place.split('-')[1]}" for name, place in marks(one.at(k), "shop").tokens.items()} == {
            name: place for name, place in shown(page).tokens.items() if place.startswith("stage")}
    seek(page, len(one.records))
    failed = thing(page, "action-5-2")
    expect(failed).to_have_accessible_name("A42: Failed")
    failed.click()
    expect(page.get_by_role("tabpanel").get_by_role("heading", name="Stage4/A42 (execution 2)")).to_be_visible()
    assert axe(page) == []
    screenshot(page, "console large narrow")


def test_a_closed_transition_says_so_and_who_waits_there(static_page: StaticPage, tmp_path: Path) -> None:
    one = story()
    page = saved(static_page, tmp_path, Console(one))
    seek(page, next(k for k in range(1, len(one.records)) if marks(one.at(k)).at("transition-3")))
    door = thing(page, "transition-3")
    expect(door).to_have_accessible_name("Transition into Prod: disabled: freeze; waiting: #1")
    expect(door.locator(".word")).to_have_text("Disabled")
    expect(thing(page, "execution-1")).to_have_accessible_name("Execution 1, waiting in front of Prod")


def test_artifacts_are_on_the_edges_when_asked(static_page: StaticPage, tmp_path: Path) -> None:
    body = structure({"Source": ["App"], "Build": [["Lint", "Compile"]], "Prod": ["Deploy"]})
    body["stages"][0]["actions"][0]["outputArtifacts"] = [{"name": "Code"}]
    for action in (*body["stages"][1]["actions"], body["stages"][2]["actions"][0]):
        action["inputArtifacts"] = [{"name": "Code"}]
    page = saved(static_page, tmp_path, Console(Pipeline.load(body)))
    button = page.get_by_role("button", name="Artifacts on the edges")
    expect(page.locator(".pls-picture .flow")).to_have_count(0)
    button.click()
    expect(page.locator(".pls-picture .flow")).to_have_count(3)
    expect(button).to_have_attribute("aria-pressed", "true")
    button.press("a")
    expect(page.locator(".pls-picture .flow")).to_have_count(0)


@pytest.mark.parametrize("size", ["narrow", "tablet", "laptop", "projector"])
def test_it_fits_every_window(static_page: StaticPage, tmp_path: Path, size: str) -> None:
    page = saved(static_page, tmp_path, Console(story(), position=60))
    resize(page, size)
    if size == "projector":
        page.get_by_role("button", name="Projector").click()
        assert page.locator(".pls").evaluate("root => parseFloat(getComputedStyle(root).fontSize)") > 18
        expect(page.locator(".pls-panes")).to_be_hidden()
    expect(thing(page, "stage-3")).to_be_visible()
    fits(page)
    until(page, "host.picture.svg.getBoundingClientRect().width / host.picture.svg.viewBox.baseVal.width > 0.8")
    screenshot(page, f"console {size}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_is_in_the_way_of_anybody(static_page: StaticPage, tmp_path: Path, page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    saved(static_page, tmp_path, Console(story(), position=60))
    page.get_by_text("Stops").click()
    assert axe(page, ".pls") == []
    page.get_by_role("button", name="Keys").click()
    assert axe(page, ".pls") == []
    page.get_by_role("button", name="Close").click()
    screenshot(page, f"console {scheme}")
    for eyes in ("deuteranopia", "achromatopsia"):
        with seen_with(page, eyes):
            screenshot(page, f"console {scheme} {eyes}")


def test_names_of_strangers_are_text_and_nothing_else(static_page: StaticPage, tmp_path: Path) -> None:
    names = [name for name in NASTY if name.strip()]
    body = structure({"Source": ["App"], **{f"S{i}": [f"A{i}"] for i, _ in enumerate(names)}})
    for stage, name in zip(body["stages"][1:], names, strict=True):
        stage["name"] = stage["actions"][0]["name"] = name
    hard = Pipeline.load(body, lenient=True)
    page = saved(static_page, tmp_path, Console(hard))
    assert page.evaluate("document.querySelectorAll('.pls script').length") == 0
    for place, name in enumerate(names, 1):
        title = str(thing(page, f"action-{place}-0").locator(":scope > title").text_content())
        assert title.startswith(" ".join(name.split())[:1] if name.isprintable() else "")
    page.keyboard.press("End")
    screenshot(page, "console names")


def test_an_empty_account_and_a_pipeline_that_never_ran(static_page: StaticPage, tmp_path: Path) -> None:
    page = saved(static_page, tmp_path, Console(Simulation()))
    expect(page.locator(".pls-none")).to_have_text("There is no pipeline at this moment.")
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Last").click()

    never = Console(simulation({"Source": ["App"], "Build": ["Compile"]}))
    page = saved(static_page, tmp_path, never)
    expect(thing(page, "stage-1")).to_be_visible()
    assert shown(page).status == {}
    for key in ("ArrowRight", "ArrowLeft", "s", "f", "d", "r"):
        page.locator(".pls-picture").press(key)
    assert k_of(page) == 1


def test_an_edit_of_the_pipeline_changes_the_picture_and_back(static_page: StaticPage, tmp_path: Path) -> None:
    one = simulation({"Source": ["App"], "Build": ["Compile"]}, {"pushes": [0]}).run()
    before = len(one.records)
    one.call("UpdatePipeline", pipeline=structure({"Source": ["App"], "Test": ["Unit"], "Build": ["Compile"]}))
    one.call("DeletePipeline", name="shop")
    page = saved(static_page, tmp_path, Console(one, pipeline="shop", position=before))
    expect(thing(page, "stage-2")).to_have_count(0)
    page.get_by_role("button", name="Step", exact=True).click()
    expect(thing(page, "stage-2")).to_have_attribute("data-name", "Build")
    page.get_by_role("button", name="Step", exact=True).click()
    expect(page.locator(".pls-none")).to_be_visible()
    page.get_by_role("button", name="First").click()
    page.get_by_role("button", name="Step", exact=True).click()
    expect(thing(page, "stage-1")).to_have_attribute("data-name", "Build")
