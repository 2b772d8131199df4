"""What changed between two definitions, in CodePipeline's terms; what an update does is held against the simulation."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from pipeline_sim import Pipeline, Refused, Simulation
from pipeline_sim.cli import main
from pipeline_sim.export import write
from pipeline_sim.ids import execution_id
from pipeline_sim.pipeline import edit
from pipeline_sim.pipeline.diff import consequences, diff
from pipeline_sim.views.update import under_way

from .stories import simulation, structure
from .test_laws import worlds

SHOP = Path(__file__).parent.parent / "notebooks" / "pipelines" / "web-shop.json"


def shop() -> Pipeline:
    return Pipeline.load(SHOP)


def told(new: Pipeline, old: Pipeline | None = None) -> list[str]:
    return [str(change) for change in diff(old or shop(), new)]


@pytest.mark.parametrize(("how", "expected"), [
    (lambda: shop().without("Test/Lint"), ["Test/Lint is gone."]),
    (lambda: shop().without("Test"), ["Stage Test is gone."]),
    (lambda: shop().with_mode("QUEUED"), ["The pipeline: executionMode is 'QUEUED' instead of 'SUPERSEDED'."]),
    (lambda: shop().edited(edit.rename, "Test", "Check"), ["Stage Test is called Check."]),
    (lambda: shop().edited(edit.rename, "Test/Lint", "Style"), ["Test/Lint is called Style."]),
    (lambda: shop().edited(edit.edit_action, "Build/Compile", configuration={"ProjectName": "new"}),
     ["Build/Compile: configuration.ProjectName is 'new' instead of 'web-shop-build'."]),
    (lambda: shop().with_action("Prod/Approve", timeoutInMinutes=60),
     ["Prod/Approve: timeoutInMinutes is 60, where it was not set."]),
    (lambda: shop().in_sequence("Test/Unit", "Test/Lint"),
     ["Test/Integration: runOrder is 3 instead of 2.", "Test/Lint: runOrder is 2 instead of 1.",
      "Test/Unit runs alone and first in its stage.", "Test/Integration runs after Lint.", "Test/Lint runs after Unit."]),
])
def test_a_change_is_told_in_its_terms(how: Callable[[], Pipeline], expected: list[str]) -> None:
    assert told(how()) == expected


def test_a_new_stage_is_told_with_its_place_and_a_moved_one_with_its_neighbour() -> None:
    old = Pipeline.load(structure({"Source": ["App"], "Build": ["Compile"], "Test": ["Unit"], "Prod": ["Deploy"]}))
    more = structure({"Source": ["App"], "Scan": ["Look"], "Build": ["Compile"], "Test": ["Unit"], "Prod": ["Deploy"]})
    assert told(Pipeline.load(more), old) == ["Stage Scan is new, after Source."]
    moved = structure({"Source": ["App"], "Test": ["Unit"], "Build": ["Compile"], "Prod": ["Deploy"]})
    assert told(Pipeline.load(moved), old) in (["Stage Test comes after Source now."], ["Stage Build comes after Test now."])


def test_an_action_that_goes_to_another_stage_has_moved() -> None:
    old = Pipeline.load(structure({"Source": ["App"], "Build": ["Compile"], "Test": ["Unit", "Scan"]}))
    new = Pipeline.load(structure({"Source": ["App"], "Build": ["Compile", "Scan"], "Test": ["Unit"]}))
    assert told(new, old) == ["Test/Scan is in stage Build now."]


def test_a_secret_is_not_shown() -> None:
    body = structure({"Source": ["App"], "Build": ["Compile"]})
    source = body["stages"][0]["actions"][0]
    source["actionTypeId"] = {"category": "Source", "owner": "ThirdParty", "provider": "GitHub", "version": "1"}
    source["configuration"] = {"Owner": "a", "Repo": "b", "Branch": "main", "OAuthToken": "hunter2"}
    other = json.loads(json.dumps(body).replace("hunter2", "hunter3"))
    [sentence] = told(Pipeline.load(other), Pipeline.load(body))
    assert "hunter" not in sentence and "OAuthToken" in sentence


@given(worlds())
@settings(max_examples=40)
def test_nothing_changed_means_that_the_two_are_the_same(world: Any) -> None:
    one = Pipeline.load(world[0])
    assert diff(one, Pipeline.load(json.loads(json.dumps(world[0])))) == []
    for stage, action in one.walk():
        if action.provider == "CodeBuild":
            assert diff(one, one.with_action(f"{stage.name}/{action.name}", configuration={"ProjectName": "another"}))


# ---------------------------------------------------------------------------------------------- executions under way


def busy(mode: str) -> Simulation:
    """Execution 1 is in Prod's approval, 2 builds, 3 waits in front of Build."""
    one = simulation({"Source": ["App"], "Build": ["Compile"], "Prod": [{"Ok": "Manual"}]},
                     {"actions": {"Source/App": {"duration": 1}, "Build/Compile": {"duration": 60}},
                      "pushes": [0, 100, 130]}, mode=mode)
    return one.run(140)


@pytest.mark.parametrize("mode", ["SUPERSEDED", "QUEUED", "PARALLEL"])
def test_the_simulation_does_what_is_told(mode: str) -> None:
    one = busy(mode)
    state = one.state.pipelines["shop"]
    sentences = under_way(state)
    new = state.definition.with_action("Build/Compile", configuration={"ProjectName": "new"})
    words = consequences(state.definition, new)[0]
    one.call("UpdatePipeline", pipeline=dict(new.structure))
    at_once = {number: found.status for number, found in state.executions.items()}
    one.run("1h")
    later = {number: found.status for number, found in state.executions.items()}
    if mode == "PARALLEL":
        assert "go on with the definition" in words
        assert all("goes on with version 1" in sentence for sentence in sentences)
        assert "Cancelled" not in later.values()
        return
    assert "cancelled" in words
    assert sentences == ["Execution 1 is in Prod: its approval Ok is given up, and it is cancelled at once.",
                         "Execution 2 is in Build: it is cancelled when Compile has ended.",
                         "Execution 3 waits in front of Build: it is cancelled at once."]
    assert at_once == {1: "Cancelled", 2: "InProgress", 3: "Cancelled"}
    assert later == {1: "Cancelled", 2: "Cancelled", 3: "Cancelled"}


def test_an_execution_of_an_earlier_version_cannot_be_tried_again() -> None:
    one = simulation({"Source": ["App"], "Build": ["Compile"]}, {"actions": {"Build/Compile": {"failure": 1}}})
    one.call("StartPipelineExecution", name="shop")
    one.run("1h")
    new = one.state.pipelines["shop"].definition.with_action("Build/Compile", configuration={"ProjectName": "new"})
    assert any("nor be retried" in sentence for sentence in consequences(one.state.pipelines["shop"].definition, new))
    one.call("UpdatePipeline", pipeline=dict(new.structure))
    with pytest.raises(Refused):
        one.call("RetryStageExecution", pipelineName="shop", stageName="Build", retryMode="FAILED_ACTIONS",
                 pipelineExecutionId=execution_id(one.seed, "shop", 1))


def test_a_renamed_stage_has_its_transition_enabled() -> None:
    one = busy("SUPERSEDED")
    one.call("DisableStageTransition", pipelineName="shop", stageName="Prod", transitionType="Inbound", reason="freeze")
    old = one.state.pipelines["shop"].definition
    new = old.edited(edit.rename, "Prod", "Live")
    assert any(sentence.startswith("Stage Live: a new name begins anew.") for sentence in consequences(old, new))
    one.call("UpdatePipeline", pipeline=dict(new.structure))
    assert one.state.pipelines["shop"].stages["Live"].inbound.enabled


def test_another_name_is_another_pipeline() -> None:
    body = {**shop().structure, "name": "other"}
    assert consequences(shop(), Pipeline.load(body)) == [
        "A pipeline cannot be renamed: other is another pipeline, and web-shop stays as it is."]


# ---------------------------------------------------------------------------------------------- the command line


def test_the_command_tells_changes_and_what_they_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = tmp_path / "new.json"
    new.write_text(json.dumps({"pipeline": dict(shop().without("Test/Lint").structure)}))
    assert main(["diff", str(SHOP), str(new)]) == 1
    assert "Test/Lint is gone." in capsys.readouterr().out
    assert main(["diff", str(SHOP), str(new), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [row["kind"] for row in found["changes"]] == ["gone"]
    assert main(["diff", str(SHOP), str(SHOP)]) == 0
    assert main(["diff", str(SHOP), "/no/such"]) == 2


def test_a_history_says_who_is_under_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = busy("SUPERSEDED")
    write(one.records, "aws", tmp_path / "saved")
    new = tmp_path / "new.json"
    definition = one.state.pipelines["shop"].definition
    new.write_text(json.dumps({"pipeline": dict(definition.with_action("Build/Compile",
                                                                       configuration={"ProjectName": "new"}).structure)}))
    assert main(["diff", str(tmp_path / "saved" / "get-pipeline.json"), str(new), "--history",
                 str(tmp_path / "saved")]) == 1
    said = capsys.readouterr().out
    assert "- Execution 2 is in Build: it is cancelled when Compile has ended." in said
    assert "- Execution 3 waits in front of Build: it is cancelled at once." in said
