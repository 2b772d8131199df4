"""How a person says what the world is like, and is told what is wrong with it."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_sim import Faults, Scenario, Unreadable

from .stories import pipeline

SHOP = pipeline({"Source": ["App"], "Test": [["Unit", "Lint"]], "Prod": [{"Approve": "Manual"}, "Deploy"]})


def action(place: str) -> tuple[str, Any]:
    stage, name = place.split("/")
    return stage, SHOP.stage(stage).action(name)


# ---------------------------------------------------------------------------------------------- who wins


def test_the_most_particular_word_wins_key_by_key() -> None:
    scenario = Scenario.load({"actions": {
        "*": {"duration": "1m", "failure": 0.5}, "CodeBuild": {"duration": "2m"}, "Test/*": {"duration": "3m"},
        "Test/Uni?": {"duration": "4m"}, "Test/Unit": {"failure": "10%"}}})
    unit, lint = scenario.behaviour(*action("Test/Unit")), scenario.behaviour(*action("Test/Lint"))
    deploy, source = scenario.behaviour(*action("Prod/Deploy")), scenario.behaviour(*action("Source/App"))
    assert (unit.duration.at(0), unit.failure) == (240, 0.1)
    assert (lint.duration.at(0), lint.failure) == (180, 0.5)
    assert deploy.duration.at(0) == 120
    assert source.duration.at(0) == 60


def test_what_is_not_said_is_the_catalogues() -> None:
    behaviour = Scenario().behaviour(*action("Test/Unit"))
    assert behaviour.duration.quantile(0.5) == 240
    assert behaviour.failure == 0
    assert Scenario().approver(*action("Prod/Approve")) is None


def test_an_approver_may_be_taken_away_again() -> None:
    scenario = Scenario.load({"approvals": {"*": {"response": "10m"}, "Prod/Approve": "nobody"}})
    assert scenario.approver(*action("Prod/Approve")) is None


# ---------------------------------------------------------------------------------------------- pushes


def test_listed_pushes_and_streams_come_in_order_of_time() -> None:
    scenario = Scenario.load({"pushes": [{"at": "2h"}, 60, {"every": "30m", "until": "1d", "branch": "main"}]})
    times = [push.time for push in scenario.pushes(1)]
    assert times == sorted(times)
    assert {60, 7200} <= set(times)
    assert 30 < len(times) < 70
    assert times != [push.time for push in scenario.pushes(2)]


def test_a_regular_stream_in_office_hours() -> None:
    scenario = Scenario.load({"pushes": {"every": "4h", "regular": True, "hours": "office", "count": 4}})
    assert [push.time // 3600 for push in scenario.pushes(1)] == [4, 8, 28, 32]


def test_a_stream_without_an_end_is_endless() -> None:
    assert Scenario.load({"pushes": {"every": "1h"}}).endless
    assert not Scenario.load({"pushes": {"every": "1h", "for": "2d"}}).endless


# ---------------------------------------------------------------------------------------------- faults


@pytest.mark.parametrize(("document", "path", "words"), [
    ({"acions": {}}, "acions", "Did you mean 'actions'?"),
    ({"actions": {"Test/Unt": {"failure": 0.1}}}, "actions[Test/Unt]", "Did you mean 'Test/Unit'?"),
    ({"actions": {"Test/Unit": {"failur": 0.1}}}, "actions[Test/Unit].failur", "Did you mean 'failure'?"),
    ({"actions": {"Test/Unit": {"failure": 2}}}, "actions[Test/Unit]", "between 0 and 1"),
    ({"actions": {"Test/Unit": {"attempts": {1: "Fails"}}}}, "actions[Test/Unit]", "Fails"),
    ({"actions": {"Test/Unit": {"duration": "soon"}}}, "actions[Test/Unit]", "no duration"),
    ({"actions": ["Test/Unit"]}, "actions", "no mapping"),
    ({"approvals": {"Prod/Approve": {"respnse": "3m"}}}, "approvals[Prod/Approve].respnse", "Did you mean 'response'?"),
    ({"approvals": {"Prod/Aprove": "nobody"}}, "approvals[Prod/Aprove]", "Did you mean 'Prod/Approve'?"),
    ({"pushes": [{"at": "x"}]}, "pushes[0]", "no duration"),
    ({"pushes": [{"every": "1h", "untl": 3}]}, "pushes[0].untl", "Did you mean 'until'?"),
    ({"calls": [{"at": 3, "operation": "StopPipeline"}]}, "calls[0].operation", "no operation"),
    ({"calls": [{"operation": "GetPipeline"}]}, "calls[0]", "a time and an operation"),
    ({"transitions": [{"stage": "Prd"}]}, "transitions[0].stage", "Did you mean 'Prod'?"),
    ({"alarms": [{"at": 3, "name": "a", "status": "RED"}]}, "alarms[0]", "RED"),
    ({"alarms": [{"name": "a"}]}, "alarms[0]", "missing"),
    ({"capacity": {"CodeBuild": 0}}, "capacity", "1 or more"),
    ({"retry": {"after": "x"}}, "retry.after", "no duration"),
    ({"retry": {"mode": "SOME"}}, "retry.mode", "SOME"),
    ({"settings": {"deployment_windw": "wait"}}, "settings.deployment_windw", "Did you mean 'deployment_window'?"),
    ({"timeouts": {"CodeBuild": "x"}}, "timeouts", "no duration"),
    ({"start": "yesterday"}, "start", "yesterday"),
])
def test_a_fault_is_told_with_its_place_and_the_near_name(document: Any, path: str, words: str) -> None:
    with pytest.raises(Faults) as refused:
        Scenario.load(document, [SHOP])
    told = [f"{fault.message} {fault.fix}" for fault in refused.value.faults if fault.path.startswith(path)]
    assert any(words in one for one in told), refused.value


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Faults) as refused:
        Scenario.load({"acions": {}, "pushes": ["x"], "capacity": {"CodeBuild": "many"}}, [SHOP])
    assert len(refused.value.faults) == 3


@pytest.mark.parametrize(("text", "words"), [
    ("actions: [", "line 2"), ("- a\n- b\n", "mapping"), ("a: 1\na: 2\n", "given twice"),
    ("a: !!python/object:x.y {}", "tag")])
def test_a_file_that_cannot_be_read_says_where(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(text)
    with pytest.raises((Unreadable, Faults), match=words):
        Scenario.load(path)


def test_a_missing_file_and_an_alias_bomb_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no such file"):
        Scenario.load(tmp_path / "none.yaml")
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefg", "bcdefgh", strict=True))
    with pytest.raises(Unreadable, match="values"):
        Scenario.load(bomb)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(["actions", "pushes", "calls", "alarms", "retry", "at", "every", "Test/Unit",
                                         "duration", "p50", "attempts", "stage", "hours"]), inner, max_size=4),
                    max_leaves=12))
def test_junk_is_refused_and_never_breaks(junk: Any) -> None:
    try:
        Scenario.load({"actions": junk, "pushes": junk, "calls": junk, "approvals": junk, "alarms": junk}, [SHOP])
    except (Faults, Unreadable):
        pass


# ---------------------------------------------------------------------------------------------- other worlds


def test_another_world_differs_in_what_was_named_only() -> None:
    scenario = Scenario.load({"actions": {"Test/*": {"duration": "3m"}}})
    other = scenario.but("Test/Unit", failure=0.2).but(capacity={"CodeBuild": 5})
    assert other.behaviour(*action("Test/Unit")).failure == 0.2
    assert other.behaviour(*action("Test/Unit")).duration.at(0) == 180
    assert other.capacity == {"CodeBuild": 5}
    assert scenario.behaviour(*action("Test/Unit")).failure == 0
    with pytest.raises(Faults):
        scenario.but("Test/Unit", failure="often")


def test_a_scenario_is_written_down_and_read_back_and_travels() -> None:
    scenario = Scenario.load({"actions": {"Test/*": {"duration": {"p50": "3m", "p95": "9m"}}}, "pushes": [{"at": "1h"}]})
    assert Scenario.load(scenario.to_yaml()) == scenario
    assert pickle.loads(pickle.dumps(scenario)) == scenario  # noqa: S301 - our own
    assert hash(scenario) == hash(Scenario.load(scenario.to_yaml()))
