"""Sliders: what they turn, what they show, and that many moves are one question."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from typing import Any
from xml.etree import ElementTree

import ipywidgets as widgets
import pytest

from pipeline_sim import Pipeline, Scenario
from pipeline_sim.whatif import explore
from pipeline_sim.whatif.sliders import Explorer, beside

from .stories import pipeline, structure

STAGES: dict[str, Any] = {"Source": ["App"], "Test": ["Unit"], "Prod": [{"Ok": "Manual"}, "Deploy"]}
WORLD = Scenario.load({
    "actions": {"CodeBuild": {"duration": {"p50": "2m", "p95": "6m"}}, "Test/Unit": {"failure": 0.2}},
    "approvals": {"*": {"response": {"exponential": "10m"}}}, "capacity": {"CodeBuild": 3},
    "pushes": [{"every": "30m", "count": 6}]})


def sliders(knobs: list[str] | None = None, **more: Any) -> Explorer:
    return explore(pipeline(STAGES, mode="QUEUED"), WORLD, knobs, runs=40, **more)


def slider(explorer: Explorer, knob: str) -> Any:
    return next(lever.widget for lever in explorer.levers if lever.knob == knob)


def test_there_is_a_slider_for_every_knob() -> None:
    found = [lever.knob for lever in sliders().levers]
    assert {"Test/Unit.duration", "Test/Unit.failure", "Prod/Ok.response", "pushes.every",
            "capacity.CodeBuild"} <= set(found)
    assert "Prod/Deploy.failure" in found, "what never fails now may fail"
    assert len(found) == len(set(found))


def test_moving_a_slider_changes_what_is_shown() -> None:
    explorer = sliders(["Test/Unit.failure", "Prod/Ok.response", "capacity.CodeBuild"])
    before = explorer.shown.value
    slider(explorer, "Test/Unit.failure").value = 0.6
    assert explorer.shown.value != before
    assert explorer.world[1].behaviour("Test", explorer.base_world[0].stage("Test").action("Unit")).failure == 0.6
    assert explorer.comparison.verdict("success") == "worse"
    assert "(worse)" in explorer.shown.value and "Bottleneck" in explorer.shown.value
    slider(explorer, "Prod/Ok.response").value = 2
    slider(explorer, "capacity.CodeBuild").value = 1
    assert explorer.world[1].capacity == {"CodeBuild": 1}
    explorer._reset(None)
    assert explorer.world == explorer.base_world
    assert explorer.shown.value == before


def test_many_moves_are_one_question(monkeypatch: pytest.MonkeyPatch) -> None:
    explorer = sliders(["Test/Unit.failure"])
    asked: list[tuple[bool, float]] = []
    handle = slider(explorer, "Test/Unit.failure")
    monkeypatch.setattr(explorer, "answer", lambda whole=False: asked.append((whole, handle.value)))
    monkeypatch.setattr("pipeline_sim.whatif.sliders.AT_REST", 0.1)

    async def drag() -> None:
        for step in range(10):
            handle.value = 0.3 + step / 100
        await asyncio.sleep(0.05)
        assert asked == [(False, 0.39)]
        handle.value = 0.5
        await asyncio.sleep(0.3)

    asyncio.run(drag())
    assert asked == [(False, 0.39), (False, 0.5), (True, 0.5)]


def test_a_move_that_makes_no_sense_says_so_and_the_next_one_works() -> None:
    explorer = sliders(["Test/Unit.failure", "Test/*.failure"])
    assert [lever.widget.value for lever in explorer.levers] == [0.2, 0.2]
    explorer.levers[0].widget.value = 1.0
    assert "No change comes into production" in explorer.shown.value
    explorer.levers[0].widget.value = 0.1
    assert "<svg" in explorer.shown.value


def test_a_knob_that_means_nothing_is_refused_at_once() -> None:
    for knob in ("Tset/Unit.failure", "Test/Unit.speed", "speed"):
        with pytest.raises(ValueError, match=r"called so|no key|no knob"):
            sliders([knob])


def test_names_of_strangers_are_escaped() -> None:
    body = structure({**STAGES, "<b>": ["<i>"]})
    shown = explore(Pipeline.load(body, lenient=True), WORLD, ["pushes.every"], runs=20)
    assert "<b>" not in shown.shown.value.replace("<b>Before", "")
    assert shown.result.bottleneck is not None


def test_two_things_stand_side_by_side() -> None:
    box = beside([widgets.HTML("1"), widgets.HTML("2")], ["Before", "<After>"])
    assert [child.children[0].value for child in box.children] == ["<b>Before</b>", "<b>&lt;After&gt;</b>"]


def test_where_no_slider_can_be_dragged_their_places_the_picture_and_the_table_are_left() -> None:
    explorer = sliders(["Test/Unit.failure", "Prod/Ok.response", "capacity.CodeBuild"])
    slider(explorer, "Prod/Ok.response").value = 2
    data, _ = explorer._repr_mimebundle_()
    html = data["text/html"]
    for place in ("Test/Unit.failure: 20%", "Prod/Ok.response: × 2", "capacity.CodeBuild: 3"):
        assert f"<li>{place}</li>" in html
    assert "longer" in html or "worse" in html, "what the slider did"
    drawn = b64decode(html.split("base64,")[1].split('"')[0]).decode()
    assert ElementTree.fromstring(drawn).tag == "{http://www.w3.org/2000/svg}svg"
    assert "prefers-color-scheme:dark" in drawn
    assert data["text/plain"].startswith("3 sliders over shop. Where they stand, lead time: ")


def test_a_still_of_a_world_in_which_nothing_arrives_says_so() -> None:
    explorer = sliders(["Test/Unit.failure"])
    explorer.levers[0].widget.value = 1.0
    data, _ = explorer._repr_mimebundle_()
    assert "No change comes into production" in data["text/html"]
    assert data["text/plain"].endswith("no change comes into production")
