"""Patches lead to every moment of a run, forwards and back, and say there what the picture says."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline_sim import Simulation
from pipeline_sim.views.patches import Key, Patch, Patches, marks_of
from pipeline_sim.views.picture import marks
from pipeline_sim.views.why import why

from .stories import simulation, structure
from .test_laws import run, worlds


def walked(one: Simulation) -> Patches:
    walk = Patches("shop")
    for record in one.records:
        walk.take(record)
    return walk


def laid(patches: list[Patch], upto: int) -> dict[Key, str]:
    """The table after the first `upto` records."""
    table: dict[Key, str] = {}
    for patch in patches:
        if patch.record < upto:
            table[patch.key] = patch.value or ""
            if patch.value is None:
                del table[patch.key]
    return table


@given(worlds())
def test_patches_say_at_every_record_what_the_picture_says(world: Any) -> None:
    one = run(world)
    found = walked(one).all
    for k in range(1, len(one.records) + 1):
        assert marks_of(laid(found, k)) == marks(one.at(k), "shop")


@given(worlds(), st.integers(1, 4))
def test_patches_follow_one_execution_too(world: Any, execution: int) -> None:
    one = run(world)
    if execution in one.state.pipelines["shop"].executions:
        table = walked(one).table
        assert marks_of(table, execution) == marks(one.state, "shop", execution)


@given(worlds())
def test_taken_off_again_in_reverse_patches_lead_to_nothing(world: Any) -> None:
    found = walked(run(world)).all
    last: dict[Key, str | None] = {}
    before = []
    for patch in found:
        before.append(last.get(patch.key))
        last[patch.key] = patch.value
    for patch, was in zip(reversed(found), reversed(before), strict=True):
        assert last[patch.key] == patch.value
        last[patch.key] = was
    assert set(last.values()) <= {None}


def test_in_parallel_mode_an_action_shows_whoever_is_at_it() -> None:
    """Execution 2 entered Prod last and waits for its approval; execution 1 is deploying there. Neither's own view has
    both."""
    one = simulation({"Source": ["App"], "Prod": [{"Approve": "Manual"}, "Deploy"]},
                     {"pushes": [0, "1m"], "actions": {"*": {"duration": 30}, "Prod/Deploy": {"duration": 600}},
                      "approvals": {"Prod/Approve": {"response": "1m"}}}, mode="PARALLEL").run("100s")
    seen = marks(one.state, "shop")
    assert seen.tokens == {1: "action-1-1", 2: "action-1-0"}
    assert [seen.status[f"action-1-{place}"] for place in (0, 1)] == ["InProgress", "InProgress"]
    assert marks(one.state, "shop", 1).status["action-1-0"] == "Succeeded"
    assert marks(one.state, "shop", 2).status["action-1-1"] == "DidntRun"
    assert why(one.state, 1).rule == "parallel-mode"  # nothing is locked
    assert "execution 1" in why(one.state, "Prod/Deploy").sentence
    assert "execution 2" in why(one.state, "Prod/Approve").sentence
    assert marks(one.run().state, "shop").status["action-1-1"] == "Succeeded"


def test_in_parallel_mode_a_failure_is_not_hidden_by_who_still_runs() -> None:
    deploy = {"duration": 300, "executions": {2: {1: {"status": "Failed", "duration": 5}}}}
    one = simulation({"Source": ["App"], "Prod": ["Deploy"]},
                     {"pushes": [0, "1m"], "actions": {"*": {"duration": 30}, "Prod/Deploy": deploy}}, mode="PARALLEL")
    one.run("2m")
    seen = marks(one.state, "shop")
    assert (seen.tokens, seen.status["stage-1"], seen.status["action-1-0"]) == ({1: "action-1-0"}, "Failed", "Failed")
    assert "execution 2" in why(one.state, "Prod/Deploy").sentence


def test_an_edit_of_the_pipeline_cuts_the_film_and_the_picture_goes_on() -> None:
    one = simulation({"Source": ["App"], "Build": ["Compile"]}, {"pushes": [0], "actions": {"*": {"duration": 5}}}).run()
    changed = structure({"Source": ["App"], "Test": ["Unit"], "Build": ["Compile"]})
    one.call("UpdatePipeline", pipeline=changed)
    one.call("StartPipelineExecution", name="shop")
    one.run()
    walk = walked(one)
    assert [cut.definition is not None for cut in walk.cuts] == [True, True]
    for k in range(1, len(one.records) + 1):
        assert marks_of(laid(walk.all, k)) == marks(one.at(k), "shop")


def test_a_deleted_pipeline_leaves_an_empty_picture() -> None:
    one = simulation({"Source": ["App"], "Build": ["Compile"]}, {"pushes": [0]}).run()
    one.call("DeletePipeline", name="shop")
    walk = walked(one)
    assert walk.cuts[-1].definition is None
    assert walk.table == {}
