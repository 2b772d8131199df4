"""The editor in Python: what a button means, how a text is read back, where a fault is shown, and what an update does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_sim import Faults, Pipeline, Refused
from pipeline_sim.console import Console, sources
from pipeline_sim.console.editor import Editor
from pipeline_sim.console.editor.picture import drawable, element_of, id_of, picture, place_of
from tests.shop import build, simulate, source, stage, structure


def editor(**more: Any) -> Editor:
    return Editor(Pipeline.load(structure(**more)))


def names(one: Editor) -> list[list[str]]:
    return [[stage["name"], *(action["name"] for action in stage["actions"])] for stage in one.structure["stages"]]


def press(one: Editor, do: str, place: str = "", **more: Any) -> Editor:
    """As the browser sends it; what goes wrong is said there."""
    one._heard(None, {"do": do, "place": place, **more}, [])
    return one


def fault_at(one: Editor, key: str) -> str:
    return " ".join(next(field["faults"] for field in one.view["form"]["fields"] if field["key"] == key))


def test_an_action_is_added_beside_another_and_its_faults_are_told_at_its_card_and_field() -> None:
    one = press(editor(), "add_action", "action-1-1", beside=True)
    assert names(one)[1] == ["Build", "Compile", "Lint", "Test"]
    assert one.structure["stages"][1]["actions"][2]["runOrder"] == 1
    assert (one.selected, one.view["focus"], one.pipeline) == ("action-1-2", "name", None)
    assert [row["thing"] for row in one.view["faults"]] == ["action-1-2"]
    assert "ProjectName" in fault_at(one, "configuration.ProjectName")
    assert fault_at(one, "name") == ""
    press(one, "set", "action-1-2", key="configuration.ProjectName", value="shop-test")
    assert one.faults == ()
    assert one.pipeline is not None
    assert one.pipeline.stage("Build").action("Test").configuration == {"ProjectName": "shop-test"}


def test_a_group_goes_below_and_a_stage_between() -> None:
    one = press(editor(), "add_action", "action-2-0", beside=False)
    assert [action.name for action in drawable(one.structure).stages[2].groups[1]] == ["Build"]
    one = press(editor(), "add_stage", number=1)
    assert names(one) == [["Source", "App"], ["Stage", "Approve"], ["Build", "Compile", "Lint"],
                          ["Prod", "Approve", "Deploy"]]
    assert (one.selected, one.faults) == ("stage-1", ())


def test_parts_move_and_stay_selected_and_go() -> None:
    one = press(editor(), "move", "stage-2", way="left")
    assert ([row[0] for row in names(one)], one.selected) == (["Source", "Prod", "Build"], "stage-1")
    press(one, "move", "stage-1", way="right")
    press(one, "move", "action-1-0", way="down")
    assert [[action.name for action in group] for group in drawable(one.structure).stages[1].groups] == [
        ["Lint"], ["Compile"]]
    press(one, "delete", "action-1-1")
    assert names(one)[1] == ["Build", "Compile"]
    press(one, "delete", "stage-2")
    assert len(names(one)) == 2


def test_everything_is_undone_and_done_again() -> None:
    one = editor()
    seen = [one.structure]
    for message in ({"do": "add_action", "place": "action-1-1", "beside": True}, {"do": "add_stage", "number": 0},
                    {"do": "set", "place": "", "key": "executionMode", "value": "QUEUED"},
                    {"do": "delete", "place": "stage-0"}):
        one.do(message)
        seen.append(one.structure)
    for before in reversed(seen[:-1]):
        one.undo()
        assert one.structure == before
    assert one.view["undo"] == ""
    one.undo()
    for after in seen[1:]:
        one.redo()
        assert one.structure == after
    one.undo()
    press(one, "set", "stage-1", key="name", value="Make")
    assert one.view["redo"] == ""


@pytest.mark.parametrize(("kind", "write"), [("json", json.dumps), ("yaml", yaml.safe_dump)])
def test_a_text_that_is_typed_changes_the_structure_and_the_other_text(kind: str, write: Any) -> None:
    one, other = editor(), "yaml" if kind == "json" else "json"
    text = write({**one.structure, "executionMode": "QUEUED"})
    press(one, "text", kind=kind, text=text)
    assert one.pipeline is not None
    assert one.pipeline.mode == "QUEUED"
    assert one.view["texts"][kind] == text  # as it was typed
    assert "QUEUED" in one.view["texts"][other]
    press(one, "text", kind=kind, text=write({**one.structure, "executionMode": "PARALLEL"}))
    one.undo()  # what was typed in one go is one step
    assert one.structure["executionMode"] == "SUPERSEDED"


@pytest.mark.parametrize(("kind", "text", "line"), [
    ("json", '{"name": "shop",\n "stages": [}', 2), ("yaml", "name: shop\nstages: [\n", 3), ("json", "name: shop", 1),
    ("yaml", "hello", 0), ("json", '{"a": 1}', 0), ("yaml", "!!python/object/apply:os.system ['true']", 1)])
def test_a_text_that_cannot_be_read_says_where_and_nothing_is_lost(kind: str, text: str, line: int) -> None:
    one = press(editor(), "delete", "action-1-1")
    before = one.structure
    press(one, "text", kind=kind, text=text)
    assert one.view["broken"]["line"] == line
    assert one.view["texts"][kind] == text
    assert one.structure == before
    for message in ({"do": "delete", "place": "stage-1"}, {"do": "undo"}):
        press(one, **message)
        assert "repair it, or give it up" in one.view["said"]
        assert (one.structure, one.view["texts"][kind]) == (before, text)
    press(one, "discard")
    assert one.view["broken"] is None
    press(one, "undo")
    assert names(one)[1] == ["Build", "Compile", "Lint"]


def test_a_change_of_provider_keeps_what_the_new_one_knows() -> None:
    one = press(editor(), "set", "action-1-0", key="type", value="Test/AWS/CodeBuild/1")
    assert one.structure["stages"][1]["actions"][0]["configuration"] == {"ProjectName": "shop-build"}
    press(one, "set", "action-1-0", key="type", value="Deploy/AWS/S3/1")
    compiled = one.structure["stages"][1]["actions"][0]
    assert (compiled["configuration"], compiled["outputArtifacts"]) == ({}, [])
    assert {field["key"] for field in one.view["form"]["fields"] if field["required"]} >= {"name"}
    one.selected = "action-1-0"
    required = {field["key"] for field in one.view["form"]["fields"] if field["required"]}
    assert {"configuration.BucketName", "configuration.Extract"} <= required
    assert [row["thing"] for row in one.view["faults"] if "Out" in row["message"]] == ["action-2-1"]  # its reader


@pytest.mark.parametrize(("key", "value", "member", "is_now"), [
    ("runOrder", "3", "runOrder", 3), ("inputArtifacts", "Src, Out", "inputArtifacts", [{"name": "Src"}, {"name": "Out"}]),
    ("namespace", "Made", "namespace", "Made"), ("region", "eu-west-1", "region", "eu-west-1"),
    ("roleArn", "", "roleArn", None), ("configuration.ProjectName", "", "configuration", {})])
def test_fields_of_an_action(key: str, value: str, member: str, is_now: Any) -> None:
    one = press(editor(), "set", "action-1-0", key=key, value=value)
    assert one.structure["stages"][1]["actions"][0].get(member) == is_now


def test_fields_of_a_stage_and_of_the_pipeline() -> None:
    one = press(editor(kind="V1"), "set", "stage-1", key="onFailure", value="ALL_ACTIONS")
    assert one.structure["stages"][1]["onFailure"]["retryConfiguration"] == {"retryMode": "ALL_ACTIONS"}
    press(one, "set", key="executionMode", value="PARALLEL")
    assert (one.structure["pipelineType"], one.faults) == ("V2", ())
    press(one, "set", key="artifactStore", value="elsewhere")
    assert one.structure["artifactStore"] == {"type": "S3", "location": "elsewhere"}
    press(one, "set", key="name", value="store")
    assert one.structure["name"] == "store"


@pytest.mark.parametrize(("message", "says"), [
    ({"do": "move", "place": "stage-0", "way": "left"}, "It is the first stage already."),
    ({"do": "move", "place": "action-2-1", "way": "down"}, "It is the last of its stage already."),
    ({"do": "set", "place": "stage-1", "key": "name", "value": "Prod"}, "There is a stage 'Prod' already"),
    ({"do": "set", "place": "action-1-0", "key": "runOrder", "value": "soon"}, "'soon' is no whole number."),
    ({"do": "delete", "place": "action-9-9"}, "There is no stage number 10."), ({"do": "dance"}, "There is no 'dance'"),
    ({"do": "apply"}, "There is no console to apply this to")])
def test_what_cannot_be_done_is_said_and_changes_nothing(message: dict[str, Any], says: str) -> None:
    one = editor()
    before = one.structure
    press(one, **message)
    assert says in one.view["said"]
    assert one.structure == before


def test_traits_can_be_observed_and_the_structure_set() -> None:
    one, seen = editor(), []
    one.observe(lambda change: seen.append(change.name), ["structure", "faults", "pipeline"])
    one.structure = structure(stage("Source", source()), name="small")
    assert set(seen) == {"structure", "faults", "pipeline"}
    assert (one.pipeline, one.view["undo"]) == (None, "a change in Python")
    assert any("stage" in fault.message for fault in one.faults)
    one.undo()
    assert one.pipeline == Pipeline.load(structure())


def test_names_are_text_wherever_they_stand() -> None:
    wild = '<script>alert("x")</script>'
    one = Editor(structure(stage("Source", source()), stage(wild, build(wild))))
    assert "<script>" not in one.view["svg"]
    assert "<script>" not in one._repr_mimebundle_()[0]["text/html"]
    assert any(row["thing"] == "stage-1" for row in one.view["faults"])


JSON = st.recursive(st.none() | st.booleans() | st.integers(-2, 9) | st.sampled_from(["", "Build", "AWS", "x" * 30, "<&\0"]),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(["name", "actions", "actionTypeId", "category", "onFailure", "conditions"]),
                        inner, max_size=4), max_leaves=12)


def _places(part: Any) -> Iterator[tuple[Any, Any]]:
    """Every list or mapping of a structure with each key of it."""
    for key in list(part) if isinstance(part, dict) else range(len(part)):
        yield part, key
        if isinstance(part[key], dict | list):
            yield from _places(part[key])


@settings(max_examples=25)
@given(st.data())
def test_any_draft_is_drawn_checked_and_shown(data: st.DataObject) -> None:
    """A structure in which anything has been put in any place: buttons then say what is wrong, and never break."""
    given = structure()
    owner, key = data.draw(st.sampled_from(list(_places(given))))
    owner[key] = data.draw(JSON)
    one = Editor(given)
    for element in ("stage-1", "action-1-0", ""):
        one.selected = element
        press(one, "set", element, key="name", value="Other")
        assert "could not do that" not in one.view["said"]
    press(one, "add_action", "stage-1", beside=False)
    assert "could not do that" not in one.view["said"]
    assert picture(drawable(one.structure), 400)["svg"].startswith("<svg")


def test_a_fault_leads_to_its_element() -> None:
    assert element_of("stages[2].actions[1].configuration.X") == "action-2-1"
    assert (element_of("stages[1].name"), element_of("stages"), element_of("")) == ("stage-1", "pipeline", "pipeline")
    assert [id_of(place_of(each)) for each in ("action-2-1", "stage-2", "else")] == ["action-2-1", "stage-2", ""]


# ---------------------------------------------------------------------------------------------- with a console


# ---------------------------------------------------------------------------------------------- conditions, variables


def field_of(one: Editor, key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(field for field in one.view["form"]["fields"] if field["key"] == key)
    return found


def filled(one: Editor, **values: str) -> Editor:
    for key, value in values.items():
        press(one, "set", one.selected, key=key.replace("__", "."), value=value)
    return one


def test_a_condition_is_made_and_its_rule_filled_in() -> None:
    one = press(editor(), "select", "stage-2")
    filled(one, beforeEntry="FAIL")
    assert one.structure["stages"][2]["beforeEntry"] == {"conditions": [{"result": "FAIL", "rules": [{
        "name": "Rule", "configuration": {},
        "ruleTypeId": {"category": "Rule", "owner": "AWS", "version": "1", "provider": "VariableCheck"}}]}]}
    assert "Add Operator." in fault_at(one, "beforeEntry.0.configuration.Operator")
    assert field_of(one, "beforeEntry.0.name")["group"] == "Before entry: rule 1"
    filled(one, beforeEntry__0__provider="CloudWatchAlarm", beforeEntry__0__configuration__AlarmName="errors",
           beforeEntry__0__name="Quiet", beforeEntry__0__timeoutInMinutes="10")
    assert one.faults == ()
    assert one.pipeline is not None
    (rule,) = one.pipeline.stages[2].before_entry.rules  # type: ignore[union-attr]
    assert (rule.name, rule.provider, rule.configuration, rule.timeout_minutes) == (
        "Quiet", "CloudWatchAlarm", {"AlarmName": "errors"}, 10)
    filled(one, beforeEntry="SKIP")  # keeps its rule, which a condition that skips does not take
    assert "does not take a rule of CloudWatchAlarm" in fault_at(one, "beforeEntry.0.provider")
    filled(one, beforeEntry="")
    assert "beforeEntry" not in one.structure["stages"][2]
    one.undo()
    assert one.structure["stages"][2]["beforeEntry"]["conditions"][0]["result"] == "SKIP"


def test_rules_are_added_and_taken_out_and_the_last_takes_its_condition_along() -> None:
    one = filled(press(editor(), "select", "stage-2"), onFailure="CONDITION")
    assert one.structure["stages"][2]["onFailure"]["conditions"][0]["result"] == "ROLLBACK"
    press(one, "press", "stage-2", key="grow:onFailure")
    assert one.view["focus"] == "onFailure.1.name"
    assert [field["value"] for field in one.view["form"]["fields"] if field["label"] == "Rule"] == ["Rule", "Rule2"]
    filled(one, onFailure__1__provider="Commands", onFailure__1__commands="make check\n\nmake report")
    rule = one.structure["stages"][2]["onFailure"]["conditions"][0]["rules"][1]
    assert rule["commands"] == ["make check", "make report"]
    filled(one, onFailure__1__provider="DeploymentWindow")
    assert "commands" not in one.structure["stages"][2]["onFailure"]["conditions"][0]["rules"][1]
    press(one, "press", "stage-2", key="drop:onFailure.0")
    assert one.view["focus"] == "grow:onFailure"
    press(one, "press", "stage-2", key="drop:onFailure.0")
    assert "onFailure" not in one.structure["stages"][2]
    assert one.view["focus"] == "onFailure"
    filled(one, onFailure="FAILED_ACTIONS")
    assert one.faults == ()


def test_the_environment_of_a_build_is_rows_and_json_in_the_definition() -> None:
    one = press(editor(), "press", "action-1-0", key="grow:environment")
    press(one, "select", "action-1-0")
    filled(one, environment__0__name="STAGE", environment__0__value='pro"d', environment__0__type="PARAMETER_STORE")
    settings = one.structure["stages"][1]["actions"][0]["configuration"]
    assert json.loads(settings["EnvironmentVariables"]) == [{"name": "STAGE", "value": 'pro"d', "type": "PARAMETER_STORE"}]
    assert settings["ProjectName"] == "shop-build"
    press(one, "press", "action-1-0", key="grow:environment")
    filled(one, environment__1__value="#{Nobody.Knows}")
    assert "Nobody" in fault_at(one, "environment.1.value")
    assert fault_at(one, "environment.0.value") == ""
    press(one, "press", "action-1-0", key="drop:environment.1")
    press(one, "press", "action-1-0", key="drop:environment.0")
    assert one.structure["stages"][1]["actions"][0]["configuration"] == {"ProjectName": "shop-build"}


def test_an_environment_that_is_no_json_stays_a_text_with_its_fault() -> None:
    one = press(editor(), "select", "action-1-0")
    filled(one, configuration__EnvironmentVariables="[{")
    assert "no valid JSON" in fault_at(one, "configuration.EnvironmentVariables")
    assert not [field for field in one.view["form"]["fields"] if field["group"]]


def test_variables_of_the_pipeline_are_rows_too() -> None:
    one = press(press(editor(), "press", key="grow:variables"), "press", key="grow:variables")
    filled(one, variables__0__name="Level", variables__0__defaultValue="beta", variables__1__description="Who asked")
    assert one.structure["variables"] == [{"name": "Level", "defaultValue": "beta"},
                                          {"name": "NAME2", "description": "Who asked"}]
    assert one.faults == ()
    filled(one, variables__1__name="Level")
    assert one.pipeline is None
    press(one, "press", key="drop:variables.1")
    press(one, "press", key="drop:variables.0")
    assert "variables" not in one.structure


@pytest.mark.parametrize("message", [
    {"do": "press", "key": "drop:beforeEntry.3"}, {"do": "press", "key": "drop:environment.0"}, {"do": "press", "key": "x"},
    {"do": "press", "key": "grow:beforeEntry", "place": "action-1-0"},
    {"do": "set", "key": "onSuccess.7.name", "value": "x"},
    {"do": "set", "key": "environment.9.name", "value": "x", "place": "action-1-0"},
    {"do": "set", "key": "onSuccess.x.name", "value": "x"}, {"do": "set", "key": "elsewhere", "value": "x"}])
def test_a_button_or_field_that_is_not_there_changes_nothing(message: dict[str, Any]) -> None:
    one = editor()
    before = one.structure
    press(one, **{"place": "stage-2", **message})
    assert one.structure == before


def test_an_update_is_called_on_the_simulation_of_the_console() -> None:
    one = simulate(pushes=[0])
    one.run("2m")
    console = Console(one)
    editing = console.edit()
    press(editing, "set", "action-1-0", key="name", value="Make")
    assert any("cancelled once their running actions have ended" in told for told in editing.view["changes"])
    press(editing, "apply")
    shop = console.simulation.state.pipelines["shop"]
    assert (shop.definition.version, shop.definition.stages[1].actions[0].name) == (2, "Make")
    assert shop.executions[1].status == "Cancelled"
    assert console.simulation is one
    assert "cancelled once" in console.note
    assert editing.view["changes"] == []


def test_an_update_in_the_past_begins_another_run() -> None:
    one = simulate(pushes=[0]).run()
    console = Console(one, position=8)
    editing = console.edit()
    press(editing, "set", key="executionMode", value="QUEUED")
    editing.apply()
    assert console.simulation is not one
    assert console.runs == [one]
    assert one.state.pipelines["shop"].definition.mode == "SUPERSEDED"
    names = [run["name"] for run in console.ask("fork_list", {})["runs"]]
    assert names == ["the first run", "after: Update the pipeline, 09:00:10"]


def test_what_aws_would_refuse_is_not_applied() -> None:
    console = Console(simulate())
    editing = press(console.edit(), "delete", "action-1-0")
    with pytest.raises(Faults, match="not declared as an output"):
        editing.apply()
    renamed = press(console.edit(), "set", key="name", value="other")
    with pytest.raises(Refused):
        renamed.apply()


def test_the_front_end_of_the_editor_is_small() -> None:
    shared = len(sources.bare([(sources.STATIC / "00-dom.js").read_text("utf-8")]))
    assert len(sources.editor_module().encode()) - shared <= 10_000
