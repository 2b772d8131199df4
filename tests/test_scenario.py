"""How a person says what the world is like, and is told what is wrong with it."""

from __future__ import annotations

import itertools
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_sim import Faults, Scenario, Unreadable
from pipeline_sim.scenario import Approver, Outcome, Push, Quantiles, RetryPolicy

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


@pytest.mark.parametrize(("weaker", "stronger"), [
    ("*", "CodeBuild"), ("CodeBuild", "*/*"), ("*/*", "T*"), ("*/U*t", "Test/*"), ("*/Unit", "Test/Un*"),
    ("Test/Un*", "Test/Unit"), ("Test/Uni?", "Test/Un*t")])
def test_each_selector_goes_before_the_one_that_is_less_particular(weaker: str, stronger: str) -> None:
    """In whichever order they are written. (Of `Test/Uni?` and `Test/Un*t` neither is: both have nine letters.)"""
    said = {weaker: {"failure": 0.1}, stronger: {"failure": 0.2}}
    assert failures(Scenario({"actions": said}), "Test/Unit") == [0.2]
    turned = dict(reversed(said.items()))
    assert failures(Scenario({"actions": turned}), "Test/Unit") == [0.1 if stronger == "Test/Un*t" else 0.2]


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


# ---------------------------------------------------------------------------------------------- a change wins


def failures(scenario: Scenario, *places: str) -> list[float]:
    return [scenario.behaviour(*action(place)).failure for place in places]


def test_a_change_by_glob_goes_before_what_was_said_by_name() -> None:
    scenario = Scenario({"actions": {"Test/Unit": {"failure": "1%", "duration": "3m"}, "*": {"failure": "2%"}}})
    assert failures(scenario.but("Test/*", failure="20%"), "Test/Unit", "Test/Lint", "Prod/Deploy") == [0.2, 0.2, 0.02]
    assert scenario.but("Test/*", failure="20%").behaviour(*action("Test/Unit")).duration.at(0) == 180


def test_of_two_changes_the_later_one_decides() -> None:
    scenario = Scenario().but("*", failure=0.1).but("Test/Unit", failure=0.2).but("CodeBuild", failure=0.3)
    assert failures(scenario, "Test/Unit", "Prod/Deploy", "Source/App") == [0.3, 0.3, 0.1]
    assert failures(scenario.but("Test/Unit", failure=0.4), "Test/Unit", "Test/Lint") == [0.4, 0.3]


def test_a_change_finds_the_table_it_belongs_to() -> None:
    scenario = Scenario({"approvals": {"Prod/Approve": "nobody"}})
    answered = scenario.but("Prod/Approve", response="1h", probability="80%").approver(*action("Prod/Approve"))
    assert answered is not None
    assert (answered.probability, answered.response.at(0)) == (0.8, 3600)
    assert scenario.but("*", nobody=True).approver(*action("Prod/Approve")) is None
    assert Scenario().but("Prod/ON_SUCCESS/Smoke", failure=0.2).data == {
        "rules": {"Prod/ON_SUCCESS/Smoke": {"failure": 0.2}}}
    with pytest.raises(Faults, match="Did you mean 'failure'"):
        scenario.but("Test/Unit", failur=0.2)


def test_an_approver_for_one_where_nobody_answers_the_others() -> None:
    scenario = Scenario({"approvals": {"*": "nobody", "Prod/Approve": {"probability": 0.5}}})
    assert scenario.approver(*action("Prod/Approve")) == Approver(0.5)


def test_values_from_sliders_and_distributions_become_plain() -> None:
    slow = Quantiles.parse({"p50": "3m", "p95": "9m"}).scaled(1.7)
    scenario = Scenario().but("Test/Unit", failure=np.float64(0.25), duration=slow).but(capacity={"CodeBuild": np.int64(3)})
    assert Scenario.load(scenario.to_yaml()) == scenario
    assert scenario.behaviour(*action("Test/Unit")).duration == slow
    assert scenario.capacity == {"CodeBuild": 3}
    with pytest.raises(Faults, match="cannot say a object"):
        Scenario({"actions": {"Test/Unit": {"duration": object()}}})


def test_a_scenario_does_not_change_with_the_mapping_it_was_made_from() -> None:
    said: dict[str, Any] = {"actions": {"Test/Unit": {"failure": 0.1}}}
    scenario = Scenario(said)
    said["actions"]["Test/Unit"]["failure"] = 0.9
    assert failures(scenario, "Test/Unit") == [0.1]


def test_a_scenario_made_by_hand_is_checked_too() -> None:
    with pytest.raises(Faults, match="Did you mean 'actions'"):
        Scenario({"action": {}})


def test_it_travels_after_it_was_used() -> None:
    scenario = Scenario({"pushes": {"every": "1h", "hours": "office", "count": 3}, "approvals": {"*": {"hours": "office"}}})
    before = list(scenario.pushes(1)), scenario.approver(*action("Prod/Approve"))
    again = pickle.loads(pickle.dumps(scenario))  # noqa: S301 - our own
    assert (list(again.pushes(1)), again.approver(*action("Prod/Approve"))) == before


# ---------------------------------------------------------------------------------------------- scripts


def test_a_script_may_be_written_in_several_ways() -> None:
    written: list[Any] = ["Failed", ["Failed"], {1: "Failed"}, {"1": {"status": "Failed"}}]
    for one in written:
        unit = Scenario({"actions": {"Test/Unit": {"attempts": one, "executions": {"3": one}}}}).behaviour(
            *action("Test/Unit"))
        assert unit.attempts == {1: Outcome("Failed")}
        assert unit.executions == {3: {1: Outcome("Failed")}}


def test_an_outcome_says_its_error_and_its_variables() -> None:
    said = {"status": "Failed", "duration": "90s", "error": {"code": "JobFailed", "message": "no"}, "variables": {"A": 1}}
    unit = Scenario({"actions": {"Test/Unit": {"attempts": [said], "error": "broken"}}}).behaviour(*action("Test/Unit"))
    assert unit.attempts[1] == Outcome("Failed", 90, "JobFailed", "no", {"A": "1"})
    assert unit.message == "broken"


# ---------------------------------------------------------------------------------------------- when


def test_a_moment_may_be_a_date() -> None:
    scenario = Scenario({"start": "2030-01-07T09:00+01:00", "pushes": ["2030-01-07T10:30", {"at": "2030-01-07T10:30Z"}]})
    assert [push.time for push in scenario.pushes(0)] == [5400, 9000]
    with pytest.raises(Faults, match="before the start"):
        Scenario({"pushes": ["2029-12-31T00:00"]})


def test_a_push_says_what_filters_look_at() -> None:
    scenario = Scenario({"pushes": [{"at": 5, "branch": "main", "files": "a.py", "event": "OPEN", "author": "lee"}]})
    assert list(scenario.pushes(0)) == [Push(5, branch="main", files=("a.py",), event="OPEN", author="lee")]


def test_at_one_instant_listed_pushes_come_before_those_of_streams() -> None:
    scenario = Scenario({"pushes": [{"every": 10, "regular": True, "count": 2, "message": "stream"},
                                    {"every": 20, "regular": True, "count": 1, "message": "other"},
                                    {"at": 20, "message": "listed"}]})
    assert [(push.time, push.message) for push in scenario.pushes(0)] == [
        (10, "stream"), (20, "listed"), (20, "stream"), (20, "other")]


def test_a_stream_ends_before_its_end() -> None:
    scenario = Scenario({"pushes": {"every": 10, "regular": True, "from": 5, "until": 35}})
    assert [push.time for push in scenario.pushes(0)] == [15, 25]
    assert [push.time for push in scenario.but(pushes={"every": 10, "regular": True, "from": 5, "for": 31}).pushes(0)] == [
        15, 25, 35]


def test_pushes_at_random_come_as_often_as_was_said() -> None:
    """The seed is fixed, so this passes always or never."""
    times = [push.time for push in Scenario({"pushes": {"every": "1h", "for": "100d"}}).pushes(4)]
    gaps = [later - earlier for earlier, later in itertools.pairwise([0, *times])]
    assert 2300 < len(times) < 2500
    assert sum(gap > 3600 for gap in gaps) / len(gaps) == pytest.approx(0.368, abs=0.03), "no memory: e to the minus one"


def test_a_stream_keeps_its_luck_whatever_else_is_pushed() -> None:
    stream = {"every": "1h", "count": 5, "message": "s"}
    alone = [push.time for push in Scenario({"pushes": stream}).pushes(3)]
    crowded = Scenario({"pushes": [3, stream, {"every": "5m", "count": 50}, {"at": "2h"}]})
    assert [push.time for push in crowded.pushes(3) if push.message == "s"] == alone


def test_pushes_in_office_hours_come_in_office_hours() -> None:
    scenario = Scenario({"pushes": {"every": "2h", "hours": "office", "for": "30d"}})
    moments = [scenario.moment(push.time) for push in scenario.pushes(1)]
    assert len(moments) > 60
    assert all(moment.weekday() < 5 and 9 <= moment.hour <= 17 for moment in moments)


def test_calls_and_closed_transitions_come_in_order_of_time() -> None:
    scenario = Scenario({
        "calls": [{"at": "2h", "operation": "RetryStageExecution", "stageName": "Test", "by": "kim"},
                  {"at": "1h", "operation": "StopPipelineExecution", "request": {"abandon": True}, "execution": 1}],
        "transitions": [{"stage": "Prod", "from": "90m", "to": "3h", "reason": "Maintenance"}]})
    assert [(call.at, call.operation, dict(call.request), call.by) for call in scenario.calls] == [
        (3600, "StopPipelineExecution", {"execution": 1, "abandon": True}, ""),
        (5400, "DisableStageTransition",
         {"stageName": "Prod", "transitionType": "Inbound", "reason": "Maintenance"}, ""),
        (7200, "RetryStageExecution", {"stageName": "Test"}, "kim"),
        (10_800, "EnableStageTransition", {"stageName": "Prod", "transitionType": "Inbound"}, "")]


def test_a_transition_that_is_open_by_day_is_closed_at_night() -> None:
    scenario = Scenario({"transitions": {"stage": "Prod", "open": "office", "from": "1h", "to": "50h"}})
    assert [(call.at // 3600, call.operation[:-15]) for call in scenario.calls] == [
        (8, "Disable"), (24, "Enable"), (32, "Disable"), (48, "Enable")]


def test_a_transition_by_hours_minds_them_from_its_beginning_on() -> None:
    later = Scenario({"transitions": {"stage": "Prod", "open": "office", "from": "28h", "to": "40h"}})
    assert [(call.at // 3600, call.operation[:-15]) for call in later.calls] == [(32, "Disable"), (40, "Enable")]
    night = Scenario({"transitions": {"stage": "Prod", "open": "office", "from": "20h", "to": "30h"}})
    assert [(call.at // 3600, call.operation[:-15]) for call in night.calls] == [(20, "Disable"), (24, "Enable")]


def test_a_transition_by_hours_ends_open() -> None:
    evening = Scenario({"start": "2030-01-07T20:00Z", "transitions": {"stage": "Prod", "open": "office", "to": "5h"}})
    assert [(call.at // 3600, call.operation[:-15]) for call in evening.calls] == [(0, "Disable"), (5, "Enable")]


def test_an_alarm_is_raised_and_cleared() -> None:
    scenario = Scenario({"alarms": [{"name": "Errors", "from": "2h", "to": "3h"}, {"name": "Errors", "at": "1h"}]})
    assert [(change.at, change.status) for change in scenario.alarms] == [(3600, "ALARM"), (7200, "ALARM"), (10_800, "OK")]


def test_a_retry_is_for_the_stages_it_names() -> None:
    scenario = Scenario({"retry": {"after": "20m", "times": 2, "stages": ["Test", "P*"]}})
    assert scenario.retry_policy("Test") == scenario.retry_policy("Prod") == RetryPolicy(1200, 2)
    assert scenario.retry_policy("Source") is None
    assert Scenario().retry_policy("Test") is None


# ---------------------------------------------------------------------------------------------- more faults


@pytest.mark.parametrize(("document", "path", "words"), [
    ({"actions": {"Test/Unit": None}}, "actions[Test/Unit]", "says nothing"),
    ({"actions": {"Test/Unit": {"failure": True}}}, "actions[Test/Unit].failure", "no probability"),
    ({"actions": {"Test/Unit": {"worker": "me"}}}, "actions[Test/Unit].worker", "scenario, outside, nobody"),
    ({"actions": {"Test/Unit": {"attempts": {0: "Failed"}}}}, "actions[Test/Unit].attempts", "1 or more"),
    ({"actions": {"Test/Unit": {"capacity": "databse"}}, "capacity": {"database": 1}}, "actions[Test/Unit].capacity",
     "Did you mean 'database'?"),
    ({"actions": {"Prod/Approve": {"failure": "5%"}}}, "actions[Prod/Approve]", "approvals: {Prod/Approve:"),
    ({"but": [{"actions": {"Test/Unt": {}}}]}, "but[0].actions[Test/Unt]", "Did you mean 'Test/Unit'?"),
    ({"but": [{"action": {}}]}, "but[0].action", "Did you mean 'actions'?"),
    ({"capacity": {"CodeBiuld": 3}}, "capacity[CodeBiuld]", "Did you mean 'CodeBuild'?"),
    ({"timeouts": {"CodeBiuld": "3h"}}, "timeouts[CodeBiuld]", "Did you mean 'CodeBuild'?"),
    ({"rules": {"Prod/ON_SUCCESS/Smoke": {}}}, "rules[Prod/ON_SUCCESS/Smoke]", "no rule"),
    ({"rules": {"*": {"attempts": {}}}}, "rules[*].attempts", "no key"),
    ({"pushes": [{"source": "Ap"}]}, "pushes[0].source", "Did you mean 'App'?"),
    ({"pushes": [{"event": "OPENED"}]}, "pushes[0]", "OPEN"),
    ({"pushes": [{"every": 0}]}, "pushes[0]", "at least a second"),
    ({"events": {"Source/Ap": True}}, "events[Source/Ap]", "Did you mean 'Source/App'?"),
    ({"events": {"Source/App": "yes"}}, "events[Source/App]", "neither true nor false"),
    ({"retry": {"stages": ["Tst"]}}, "retry.stages", "Did you mean 'Test'?"),
    ({"calls": [{"at": 1, "operation": "RetryStageExecution", "stageName": "Prd"}]}, "calls[0].stageName", "'Prod'?"),
    ({"calls": [{"at": 1, "operation": "PutApprovalResult", "stageName": "Prod", "actionName": "Aprove"}]},
     "calls[0].actionName", "'Approve'?"),
    ({"calls": [{"at": 1, "operation": "StartPipelineExecution", "name": "shopp"}]}, "calls[0].name", "'shop'?"),
    ({"transitions": [{"stage": "Prod", "from": "2h", "to": "1h"}]}, "transitions[0]", "before it begins"),
    ({"transitions": [{"stage": "Prod", "open": "office"}]}, "transitions[0]", "needs an end"),
    ({"transitions": [{"from": "2h"}]}, "transitions[0]", "'stage' is missing"),
    ({"settings": {"deployment_window": "open"}}, "settings.deployment_window", "fail, wait"),
    ({"settings": {"execution_limit": 0}}, "settings.execution_limit", "1 or more"),
    ({"account": 123}, "account", "in quotes"),
    ({"region": "Ireland"}, "region", "eu-west-1"),
    ({"roles": {"lee": {"Statement": [{"Effect": "Alow"}]}}}, "roles[lee].Statement[0].Effect", "Allow or Deny"),
    ({"identities": {"lee": 3}}, "identities[lee]", "a policy is a JSON object"),
    ({"roles": "all"}, "roles", "no mapping"),
])
def test_more_faults_are_told_with_their_places(document: Any, path: str, words: str) -> None:
    with pytest.raises(Faults) as refused:
        Scenario.load(document, [SHOP])
    told = [f"{fault.message} {fault.fix}" for fault in refused.value.faults if fault.path.startswith(path)]
    assert any(words in one for one in told), refused.value


def test_a_scripted_mistake_is_let_pass_a_slip_is_not() -> None:
    """Somebody may want to see how the API refuses a stage that is not there."""
    call = {"at": 1, "operation": "RollbackStage", "stageName": "Nowhere", "target": 1}
    assert len(Scenario.load({"calls": [call]}, [SHOP]).calls) == 1


def test_stages_that_a_call_will_make_are_let_pass() -> None:
    create = {"at": 1, "operation": "CreatePipeline", "pipeline": {"name": "other"}}
    retry = {"at": 2, "operation": "RetryStageExecution", "stageName": "Tests"}
    assert len(Scenario.load({"calls": [create, retry]}, [SHOP]).calls) == 2
    with pytest.raises(Faults, match="Did you mean 'Test'"):
        Scenario.load({"calls": [retry]}, [SHOP])


def test_a_scenario_may_speak_of_providers_that_this_pipeline_does_not_use() -> None:
    assert Scenario.load({"actions": {"CodeDeploy": {"duration": "3m"}}, "timeouts": {"Lambda": "20m"}}, [SHOP]).timeouts


def test_an_empty_key_says_nothing() -> None:
    assert Scenario.load("actions:\npushes:\ncapacity:\n") == Scenario()
    assert list(Scenario.load("pushes:\n").pushes(1)) == []


def test_a_file_is_named_in_its_faults(tmp_path: Path) -> None:
    path = tmp_path / "busy.yaml"
    path.write_text("capacity: {CodeBuild: none}\n")
    with pytest.raises(Faults) as refused:
        Scenario.load(path)
    assert str(path) in str(refused.value)


# ---------------------------------------------------------------------------------------------- in words


def test_a_scenario_in_words() -> None:
    scenario = Scenario({
        "actions": {"Test/*": {"duration": {"p50": "4m", "p95": "9m"}, "failure": "2%", "defect": 0.1},
                    "Prod/Deploy": {"attempts": {1: {"status": "Failed", "duration": "1m"}}, "worker": "nobody"}},
        "approvals": {"Prod/Approve": {"probability": 0.9, "response": "1h", "hours": "office"}, "*": "nobody"},
        "capacity": {"CodeBuild": 5}, "retry": {"after": "20m", "stages": "Test"}, "settings": {"execution_limit": 3},
        "pushes": [{"at": "1h"}, {"at": "3h"}, {"every": "1h", "hours": "office", "for": "2d"}],
        "calls": [{"at": "2h", "operation": "StopPipelineExecution", "execution": 1}],
        "alarms": [{"at": "3h", "name": "Errors"}]})
    assert scenario.describe().splitlines() == [
        "The clock starts on Monday 2030-01-07 09:00 UTC in 111122223333, eu-west-1.",
        "Test/*: takes 4m (median; 5 % over 9m), fails in 2 % of attempts, 10 % of revisions are broken there.",
        "Prod/Deploy: attempt 1: Failed after 1m, nobody ends it.",
        "Prod/Approve: approved in 90 % of cases, after 1h of Mon-Fri 09:00-17:00 UTC.",
        "*: nobody in the scenario answers.",
        "CodeBuild: 5 at once, the others wait.",
        "Somebody retries Test when it failed after 20m, once (FAILED_ACTIONS).",
        "2 pushes at set times: at 1h, the last at 3h.",
        "A push every 1h on average of Mon-Fri 09:00-17:00 UTC until 2d.",
        "At 2h somebody calls StopPipelineExecution.",
        "At 3h the alarm Errors goes to ALARM.",
        "Setting execution_limit: 3.",
    ]
