"""Editing a pipeline as the console's editor does, and telling what changed between two."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from pipeline_sim import Faults, Pipeline
from pipeline_sim.pipeline import edit, parts
from pipeline_sim.pipeline.diff import Change, consequences, diff
from pipeline_sim.pipeline.model import ActionType
from tests.shop import action, approve, build, source, stage, structure


def shop(**more: Any) -> Pipeline:
    """Source; Build (Compile beside Lint); Prod (Approve, then Deploy)."""
    return Pipeline.load(structure(**more))


def groups(given: Any, name: str) -> list[list[str]]:
    pipeline = given if isinstance(given, Pipeline) else Pipeline.load(given)
    return [[one.name for one in group] for group in pipeline.stage(name).groups]


def texts(old: Pipeline, new: Pipeline) -> list[str]:
    return list(map(str, diff(old, new)))


# ---------------------------------------------------------------------------------------------- stages


def names(given: Any) -> list[str]:
    return [one["name"] for one in given["stages"]]


def test_a_stage_goes_in_where_it_is_said() -> None:
    gate = stage("Gate", approve())
    assert names(edit.add_stage(structure(), gate)) == ["Source", "Build", "Prod", "Gate"]
    assert names(edit.add_stage(structure(), gate, before="Prod")) == ["Source", "Build", "Gate", "Prod"]
    assert names(edit.add_stage(structure(), gate, after="Source")) == ["Source", "Gate", "Build", "Prod"]


def test_a_stage_moves_is_renamed_and_goes() -> None:
    assert names(edit.move_stage(structure(), "Prod", after="Source")) == ["Source", "Prod", "Build"]
    assert names(edit.move_stage(structure(), "Build")) == ["Source", "Prod", "Build"]
    assert names(edit.rename(structure(), "Prod", "Live")) == ["Source", "Build", "Live"]
    assert names(edit.without(structure(), "Build")) == ["Source", "Prod"]


def test_the_structure_that_is_edited_stays_as_it_was() -> None:
    given = structure()
    before = json.dumps(given)
    edit.rename(given, "Prod/Deploy", "Ship")
    edit.without(given, "Build/Lint")
    edit.edit_action(given, "Build/Compile", configuration={"ProjectName": "other"})
    edit.parallel(given, "Prod/Approve", "Prod/Deploy")
    edit.add_action(given, "Build", build("More"), below="Compile")
    assert json.dumps(given) == before


# ---------------------------------------------------------------------------------------------- actions


def test_an_action_goes_beside_another_below_it_or_to_the_end() -> None:
    unit = build("Unit", category="Test")
    assert groups(edit.add_action(structure(), "Build", unit, beside="Lint"), "Build") == [["Compile", "Lint", "Unit"]]
    assert groups(edit.add_action(structure(), "Prod", unit, below="Approve"), "Prod") == [
        ["Approve"], ["Unit"], ["Deploy"]]
    assert groups(edit.add_action(structure(), "Prod", unit), "Prod") == [["Approve"], ["Deploy"], ["Unit"]]


def test_a_gap_in_the_run_orders_is_used() -> None:
    given = edit.edit_action(structure(), "Prod/Deploy", runOrder=7)
    added = Pipeline.load(edit.add_action(given, "Prod", build("Unit"), below="Approve"))
    assert [one.run_order for one in added.stage("Prod").actions] == [1, 7, 2]


def test_an_action_moves_to_another_stage_and_an_empty_stage_goes() -> None:
    moved = edit.move_action(structure(), "Build/Lint", "Prod", beside="Deploy")
    assert (groups(moved, "Build"), groups(moved, "Prod")) == ([["Compile"]], [["Approve"], ["Deploy", "Lint"]])
    alone = structure(stage("Source", source()), stage("Gate", approve()), stage("Build", build()))
    assert names(edit.move_action(alone, "Gate/Approve", "Build")) == ["Source", "Build"]
    assert names(edit.without(alone, "Gate/Approve")) == ["Source", "Build"]


def test_members_and_keys_are_changed_added_and_taken_out() -> None:
    given = edit.edit_action(structure(), "Build/Compile", configuration={"ProjectName": "b", "BatchEnabled": "true"},
                             namespace="Made")
    compiled = Pipeline.load(given).stage("Build").action("Compile")
    assert compiled.configuration == {"ProjectName": "b", "BatchEnabled": "true"}
    assert compiled.namespace == "Made"
    again = edit.edit_action(given, "Build/Compile", configuration={"BatchEnabled": None}, namespace=None)
    compiled = Pipeline.load(again).stage("Build").action("Compile")
    assert (compiled.configuration, compiled.namespace) == ({"ProjectName": "b"}, None)


def test_a_trigger_follows_the_source_action_that_is_renamed() -> None:
    hub = action("App", "CodeStarSourceConnection", {"ConnectionArn": "c", "FullRepositoryId": "a/b", "BranchName": "m"},
                 makes=("Src",))
    given = structure(stage("Source", hub), stage("Build", build()), triggers=[{
        "providerType": "CodeStarSourceConnection", "gitConfiguration": {"sourceActionName": "App"}}])
    assert Pipeline.load(edit.rename(given, "Source/App", "Git")).triggers[0].source_action == "Git"


@pytest.mark.parametrize(("wrong", "says"), [
    (lambda given: edit.without(given, "Pord"), "There is no stage 'Pord'. Did you mean 'Prod'?"),
    (lambda given: edit.without(given, "Prod/Deploi"), "no action in Prod 'Deploi'. Did you mean 'Deploy'?"),
    (lambda given: edit.edit_action(given, "Prod"), "'Prod' is a stage; an action is written Prod/Approve."),
    (lambda given: edit.rename(given, "Prod", "Build"), "There is a stage 'Build' already"),
    (lambda given: edit.add_action(given, "Build", build("Lint")), "There is an action in Build 'Lint' already"),
    (lambda given: edit.parallel(given, "Build/Lint", "Prod/Deploy"), "are in different stages"),
    (lambda given: edit.parallel(given, "Build/Lint", "Build/Lint"), "is one action; name two"),
    (lambda given: edit.move_stage(given, "Prod", before="Build", after="Source"), "before or after, not both"),
    (lambda given: edit.add_action(given, "Build", build("U"), beside="Lint", below="Lint"), "beside or below, not both"),
])
def test_what_cannot_be_done_is_told(wrong: Any, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        wrong(structure())


# ---------------------------------------------------------------------------------------------- short ways


def test_a_pipeline_has_short_ways_to_another() -> None:
    assert groups(shop().in_sequence("Build/Lint", "Build/Compile"), "Build") == [["Lint"], ["Compile"]]
    assert groups(shop().parallel("Prod/Deploy", "Prod/Approve"), "Prod") == [["Approve", "Deploy"]]
    assert groups(shop().without("Build/Lint"), "Build") == [["Compile"]]
    assert shop().with_action("Prod/Approve", timeoutInMinutes=60).stage("Prod").action("Approve").timeout_minutes == 60
    assert [one.name for one in shop().edited(edit.rename, "Prod", "Live").stages] == ["Source", "Build", "Live"]


def test_another_mode_makes_it_a_v2_pipeline() -> None:
    queued = shop(kind="V1").with_mode("QUEUED")
    assert (queued.mode, queued.type) == ("QUEUED", "V2")
    assert shop(kind="V1").with_mode("SUPERSEDED").type == "V1"


def test_what_aws_would_refuse_is_refused() -> None:
    with pytest.raises(Faults, match="not declared as an output"):
        shop().without("Build/Compile")
    with pytest.raises(Faults, match="enum"):
        shop().with_mode("SIDEWAYS")


def test_a_lenient_pipeline_stays_lenient() -> None:
    given = Pipeline.load({**structure(), "roleArn": "<RoleArn>"}, lenient=True)
    assert [fault.path for fault in given.without("Build/Lint").waived] == ["roleArn"]


# ---------------------------------------------------------------------------------------------- what changed


def test_nothing_has_changed_between_a_structure_and_what_aws_echoes_of_it() -> None:
    bare = structure()
    for one in bare["stages"][2]["actions"]:
        one.pop("outputArtifacts")
    assert diff(Pipeline.load(bare), shop()) == []
    assert diff(shop(), Pipeline.load({**structure(), "version": 9})) == []


def test_stages_that_are_new_gone_renamed_or_elsewhere() -> None:
    gate = stage("Gate", approve())
    assert texts(shop(), shop().edited(edit.add_stage, gate, after="Source")) == ["Stage Gate is new, after Source."]
    assert texts(shop().edited(edit.add_stage, gate), shop()) == ["Stage Gate is gone."]
    assert texts(shop(), shop().edited(edit.rename, "Prod", "Live")) == ["Stage Prod is called Live."]
    four = shop().edited(edit.add_stage, gate)
    assert texts(four, four.edited(edit.move_stage, "Gate", before="Build")) == ["Stage Gate comes after Source now."]


def test_actions_that_are_new_gone_renamed_or_elsewhere() -> None:
    assert texts(shop(), shop().edited(edit.add_action, "Prod", build("Probe"))) == ["Prod/Probe is new: CodeBuild."]
    assert texts(shop(), shop().without("Build/Lint")) == ["Build/Lint is gone."]
    assert texts(shop(), shop().edited(edit.rename, "Build/Lint", "Style")) == ["Build/Lint is called Style."]
    moved = texts(shop(), shop().edited(edit.move_action, "Build/Lint", "Prod"))
    assert moved == ["Build/Lint is in stage Prod now."]


def test_members_that_changed_are_told_with_both_values() -> None:
    [change] = diff(shop(), shop().with_action("Build/Compile", configuration={"ProjectName": "b"}))
    assert change == Change("changed", "Build/Compile", "Build/Compile: configuration.ProjectName is 'b' instead of "
                            "'shop-build'.", "configuration.ProjectName", "shop-build", "b")
    assert texts(shop(), shop().with_action("Prod/Approve", timeoutInMinutes=60)) == [
        "Prod/Approve: timeoutInMinutes is 60, where it was not set."]
    assert texts(shop(), shop().with_action("Prod/Deploy", inputArtifacts=[{"name": "Src"}])) == [
        "Prod/Deploy: inputArtifacts is [Src] instead of [Out]."]
    assert texts(shop(), shop().with_mode("QUEUED")) == ["The pipeline: executionMode is 'QUEUED' instead of 'SUPERSEDED'."]
    go = {"name": "Go", "defaultValue": "yes"}
    assert texts(shop(variables=[go]), shop(variables=[{**go, "defaultValue": "no"}])) == [
        "The pipeline: variables[Go].defaultValue is 'no' instead of 'yes'."]
    assert texts(shop(), shop(variables=[go]))[0] == "The pipeline: variables[Go] is new."
    assert texts(shop(variables=[go]), shop())[0] == "The pipeline: variables[Go] is gone."


def test_a_changed_run_order_says_what_it_means() -> None:
    changes = texts(shop(), shop().in_sequence("Build/Compile", "Build/Lint"))
    assert changes == ["Build/Lint: runOrder is 2 instead of 1.",
                       "Build/Compile runs alone and first in its stage.", "Build/Lint runs after Compile."]


def test_a_secret_is_not_shown() -> None:
    hub = action("App", "GitHub", {"Owner": "a", "Repo": "b", "Branch": "main", "OAuthToken": "one"}, makes=("Src",),
                 category="Source")
    hub["actionTypeId"]["owner"] = "ThirdParty"
    old = Pipeline.load(structure(stage("Source", hub), stage("Build", build())))
    new = old.with_action("Source/App", configuration={"OAuthToken": "two"})
    assert texts(old, new) == ["Source/App: configuration.OAuthToken is **** instead of ****."]
    assert any("secret" in one for one in consequences(old, old.edited(edit.rename, "Source", "Code")))


# ---------------------------------------------------------------------------------------------- what an update does


@pytest.mark.parametrize(("old", "new", "says"), [
    ("SUPERSEDED", "SUPERSEDED", "cancelled once"), ("QUEUED", "SUPERSEDED", "cancelled once"),
    ("QUEUED", "PARALLEL", "cancelled once"), ("PARALLEL", "PARALLEL", "definition that they began with"),
    ("PARALLEL", "QUEUED", "go on to their end"),
])
def test_what_an_update_does_to_executions_under_way(old: str, new: str, says: str) -> None:
    assert says in consequences(shop(mode=old), shop(mode=new))[0]


def test_another_name_is_another_pipeline_and_another_type_another_bill() -> None:
    assert consequences(shop(), shop(name="store")) == [
        "A pipeline cannot be renamed: store is another pipeline, and shop stays as it is."]
    assert any("billed" in one for one in consequences(shop(kind="V1"), shop()))
    assert not any("billed" in one for one in consequences(shop(), shop()))


# ---------------------------------------------------------------------------------------------- step by step


def place_of(given: Any, name: str) -> tuple[int, ...]:
    return next((s, a) for s, one in enumerate(given["stages"]) for a, each in enumerate(one["actions"])
                if each["name"] == name)


@pytest.mark.parametrize(("name", "way", "stages"), [
    ("Lint", "left", {"Build": [["Lint", "Compile"]]}), ("Compile", "right", {"Build": [["Lint", "Compile"]]}),
    ("Compile", "down", {"Build": [["Lint"], ["Compile"]]}), ("Lint", "up", {"Build": [["Lint"], ["Compile"]]}),
    ("Deploy", "up", {"Prod": [["Approve", "Deploy"]]}), ("Approve", "down", {"Prod": [["Approve", "Deploy"]]}),
    ("Lint", "right", {"Build": [["Compile"]], "Prod": [["Lint", "Approve"], ["Deploy"]]}),
    ("Compile", "left", {"Source": [["App", "Compile"]], "Build": [["Lint"]]}),
    ("Deploy", "left", {"Build": [["Compile", "Lint", "Deploy"]], "Prod": [["Approve"]]}),
])
def test_an_action_goes_one_step(name: str, way: str, stages: dict[str, list[list[str]]]) -> None:
    new, place = edit.moved(structure(), place_of(structure(), name), way)
    assert {stage: [[one["name"] for one in new_stage["actions"] if one["runOrder"] == order]
                    for order in sorted({one["runOrder"] for one in new_stage["actions"]})]
            for new_stage in new["stages"] if (stage := new_stage["name"]) in stages} == stages
    assert place == place_of(new, name)


def test_an_empty_stage_goes_when_its_action_moves_on() -> None:
    alone = structure(stage("Source", source()), stage("Gate", approve()), stage("Build", build()))
    new, place = edit.moved(alone, (1, 0), "right")
    assert (names(new), place) == (["Source", "Build"], (1, 0))
    new, place = edit.moved(alone, "Gate", "left")
    assert (names(new), place) == (["Gate", "Source", "Build"], (0,))


@pytest.mark.parametrize(("place", "way", "says"), [
    ("Source", "left", "It is the first stage already."), ("Prod", "right", "It is the last stage already."),
    ("Prod/Approve", "up", "It is the first of its stage already."),
    ("Prod/Deploy", "right", "It is the last stage already."),
    ("Prod", "away", "There is no way 'away'"), ((7,), "left", "There is no stage number 8."),
    ((0, 3), "left", "There is no action in Source number 4.")])
def test_a_step_that_leads_nowhere_is_told(place: Any, way: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        edit.moved(structure(), place, way)


def test_of_two_with_the_same_name_the_one_that_is_meant_is_changed() -> None:
    twice = structure(stage("Source", source()), stage("Build", build("Make"), build("Make", category="Test")))
    new = edit.rename(twice, (1, 1), "Lint")
    assert [one["name"] for one in new["stages"][1]["actions"]] == ["Make", "Lint"]
    assert edit.without(twice, (1, 0))["stages"][1]["actions"][0]["actionTypeId"]["category"] == "Test"


# ---------------------------------------------------------------------------------------------- new parts


def test_a_new_stage_is_right_at_once() -> None:
    for number in (1, 2, 3):
        before = number if number < 3 else None
        new = edit.add_stage(structure(), parts.fresh_stage(structure(), number), before=before)
        assert Pipeline.load(new).stages[number].name == "Stage"
    again = edit.add_stage(structure(), parts.fresh_stage(structure(), 3))
    assert parts.fresh_stage(again, 1)["name"] == "Stage2"


def test_a_new_action_is_like_its_neighbour_and_reads_what_is_made_before_it() -> None:
    beside = parts.fresh_action(structure(), 1, like=1)
    assert (beside["name"], beside["actionTypeId"]["category"]) == ("Test", "Test")
    assert beside["inputArtifacts"] == [{"name": "Src"}]
    below = parts.fresh_action(structure(), 2)
    assert (below["name"], below["inputArtifacts"]) == ("Build", [{"name": "Out"}])
    first = parts.fresh_action(structure(), 0)
    assert (first["actionTypeId"]["category"], first["outputArtifacts"]) == ("Source", [{"name": "SourceOutput"}])


def test_another_type_keeps_what_it_knows() -> None:
    compiled = build(makes=("Out",), timeoutInMinutes=9)
    new = parts.with_type(structure(), 1, compiled, ActionType("Test", "AWS", "CodeBuild"))
    assert (new["configuration"], new["outputArtifacts"]) == ({"ProjectName": "shop-build"}, [{"name": "Out"}])
    assert "timeoutInMinutes" not in new
    new = parts.with_type(structure(), 1, compiled, ActionType("Approval", "AWS", "Manual"))
    assert (new["configuration"], new["inputArtifacts"], new["outputArtifacts"]) == ({}, [], [])
    new = parts.with_type(structure(), 2, approve(), ActionType("Deploy", "AWS", "CodeDeploy"))
    assert new["inputArtifacts"] == [{"name": "Out"}]
    custom = ActionType("Build", "Custom", "Unheard")
    assert parts.with_type(structure(), 1, compiled, custom)["configuration"] == {"ProjectName": "shop-build"}
