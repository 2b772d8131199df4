"""Whatever somebody writes into a definition, a scenario or a call: a fault, a refusal or a run, and never a traceback."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline_sim import Faults, Pipeline, Refused, Scenario, Simulation
from pipeline_sim.cli import main
from pipeline_sim.pipeline.check import check
from pipeline_sim.pipeline.fault import Unreadable
from pipeline_sim.record import Called, RevisionArrived, RuleChanged
from pipeline_sim.shapes import errors_of, operations

from .stories import lines, simulation, structure

WINDOW = {"name": "Window", "configuration": {"Cron": "* * 9-17 ? * MON-FRI *", "TimeZone": "UTC"},
          "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "DeploymentWindow", "version": "1"}}
DEFINITION = structure(
    {"Source": [{"App": "CodeStarSourceConnection"}],
     "Test": {"actions": [["Unit", "Lint"]], "onFailure": {"result": "RETRY"},
              "beforeEntry": {"conditions": [{"result": "FAIL", "rules": [WINDOW]}]}},
     "Prod": [{"Approve": "Manual"}, "Deploy"]}, mode="QUEUED",
    variables=[{"name": "Level", "defaultValue": "low"}],
    triggers=[{"providerType": "CodeStarSourceConnection",
               "gitConfiguration": {"sourceActionName": "App", "push": [{"branches": {"includes": ["main"]}}]}}])
WORLD: dict[str, Any] = {
    "start": "2030-01-07T09:00Z", "account": "111122223333", "region": "eu-west-1", "polling": "60s",
    "actions": {"*": {"duration": {"p50": "3m", "p95": "9m"}, "failure": "5%", "attempts": {"1": "Failed"}},
                "CodeBuild": {"capacity": "CodeBuild", "defect": 0.01, "variables": {"a": "b"}}},
    "approvals": {"*": {"probability": 0.9, "response": "30m", "hours": {"days": "Mon-Fri", "zone": "UTC"}}},
    "pushes": [0, {"at": "1h", "branch": "main", "files": ["a.py"], "message": "m"}, {"every": "4h", "count": 3}],
    "capacity": {"CodeBuild": 1}, "timeouts": {"CodeBuild": "8h"}, "events": {"Source/App": True},
    "retry": {"after": "15m", "times": 1, "mode": "FAILED_ACTIONS", "stages": "*"},
    "alarms": [{"name": "errors", "from": "1h", "to": "2h"}], "rules": {"*": {"duration": "5s", "failure": 0}},
    "calls": [{"at": "2h", "operation": "RetryStageExecution", "execution": 1, "stageName": "Test"}],
    "transitions": [{"stage": "Test", "from": "1h", "to": "2h", "reason": "r"}], "settings": {"execution_limit": 50}}
ODD: st.SearchStrategy[Any] = st.sampled_from([
    None, True, False, 0, -1, 1, 10**30, 1.5, "", " ", "x" * 300, "\0", "\x1b[31m", "[bold]", "*", "[", "#{", "#{x.y}",
    "99999999999d", "-5m", "NaN", "2030-13-40", "Source", "5m", [], {}, [[]], [None], {"a": None}, ["x", "x"], [1],
    {"name": 1}])


def places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here] * bool(here) + [place for key, part in inside for place in places(part, (*here, key))]


@st.composite
def broken(draw: st.DrawFn, whole: dict[str, Any]) -> dict[str, Any]:
    """A copy with one or two members deleted, doubled or replaced by something odd."""
    copy = deepcopy(whole)
    for _ in range(draw(st.integers(1, 2))):
        *way, last = draw(st.sampled_from(places(copy)))
        owner: Any = copy
        for step in way:
            owner = owner[step]
        what = draw(st.sampled_from(["delete", "replace", "replace", "double"]))
        if what == "delete":
            del owner[last]
        elif what == "double" and isinstance(owner, list):
            owner.append(deepcopy(owner[last]))
        else:
            owner[last] = draw(ODD)
        if not copy:
            break
    return copy


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=broken(DEFINITION), world=broken(WORLD))
def test_the_command_line_ends_with_a_status_whatever_it_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], body: dict[str, Any], world: dict[str, Any]
) -> None:
    file, said, good = tmp_path / "pipeline.json", tmp_path / "world.json", tmp_path / "good.json"
    file.write_text(json.dumps({"pipeline": body}))
    said.write_text(json.dumps(world))
    good.write_text(json.dumps({"pipeline": DEFINITION}))
    assert main(["check", "--json", str(file)]) in (0, 1, 2)
    assert main(["run", str(file), "--lenient", "--until", "12h"]) in (0, 1, 2)
    assert main(["run", str(good), "--scenario", str(said), "--until", "12h", "--json"]) in (0, 1, 2)
    assert main(["draw", str(file), "--lenient", "-o", str(tmp_path / "picture.dot")]) in (0, 1, 2)
    capsys.readouterr()


@given(st.sampled_from(sorted(operations())), st.dictionaries(
    st.sampled_from(["name", "pipelineName", "stageName", "actionName", "pipelineExecutionId", "reason", "token", "result",
                     "transitionType", "retryMode", "pipeline", "jobId", "tags", "maxResults", "nextToken"]),
    st.one_of(ODD, st.sampled_from(["shop", "Test", "App", "Inbound", "FAILED_ACTIONS"]))))
def test_a_call_is_answered_or_refused_by_a_declared_name(operation: str, request: dict[str, Any]) -> None:
    run = Simulation(Pipeline.load(DEFINITION))
    run.push("App", branch="main")
    with suppress(Refused):
        run.call(operation, **request)
    called = next(record for record in run.records if isinstance(record, Called))
    assert called.error is None or called.error[0] in errors_of(operation)
    run.run("1h")


# ---------------------------------------------------------------------------------------------- what was found so


@pytest.mark.parametrize(("place", "fault"), [
    (("stages", 1, "beforeEntry", "conditions", 0, "rules"), "stages[1].beforeEntry.conditions[0].rules[0]"),
    (("triggers", 0, "gitConfiguration", "push"), "triggers[0].gitConfiguration.push[0]"),
    (("variables",), "variables[0]"), (("stages", 1, "actions"), "stages[1].actions[0]")])
def test_a_null_in_a_list_is_a_fault_at_its_place(place: tuple[Any, ...], fault: str) -> None:
    body = deepcopy(DEFINITION)
    owner: Any = body
    for step in place:
        owner = owner[step]
    owner[0] = None
    assert fault in [found.path for found in check(body)]


def test_a_rule_without_its_configuration_fails_in_a_lenient_run() -> None:
    body = deepcopy(DEFINITION)
    body["stages"][1]["beforeEntry"]["conditions"][0]["rules"][0]["configuration"] = {"TimeZone": "UTC"}
    run = Simulation(Pipeline.load(body, lenient=True))
    run.push("App", branch="main")
    run.run("1h")
    [failed] = [record.result for record in run.records
                if isinstance(record, RuleChanged) and record.rule and record.result is not None]
    assert failed.code == "ConfigurationError"
    assert "Cron" in failed.message


@pytest.mark.parametrize(("said", "words"), [
    ({"capacity": 1, "actions": {"*": {"capacity": "Big"}}}, "no capacity is called 'Big'"),
    ({"capacity": {"Big": 1}, "actions": {"*": {"capacity": {"a": 1}}}}, "no capacity is called"),
    ({"approvals": {"*": {"hours": {"zone": "Europe"}}}}, "no time zone"),
    ({"approvals": {"*": {"hours": {"zone": "x" * 300}}}}, "no time zone")])
def test_a_scenario_of_odd_values_is_told_as_a_fault(said: dict[str, Any], words: str) -> None:
    with pytest.raises(Faults, match=words):
        Scenario.load(said, [Pipeline.load(DEFINITION)])


def test_a_scripted_call_with_lists_for_names_is_refused() -> None:
    call = {"at": 5, "operation": "PutApprovalResult", "stageName": [7], "actionName": {}, "execution": [1],
            "result": {"status": "Approved", "summary": ""}}
    run = simulation({"Source": ["App"], "Test": ["Unit"]}, {"calls": [call]}).run()
    assert lines(run.records) == ["5 PutApprovalResult refused: ValidationException"]


def test_a_pipeline_whose_name_no_call_can_hold_runs_leniently(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "spaces.json"
    file.write_text(json.dumps({**structure({"Source": ["App"], "Test": ["Unit"]}), "name": "my web shop"}))
    assert main(["run", str(file), "--lenient"]) == 0
    assert "Execution 1 succeeded" in capsys.readouterr().out


def test_a_parallel_execution_goes_on_through_a_stage_that_was_taken_out() -> None:
    stages: dict[str, Any] = {"Source": ["App"], "Test": ["Unit"], "Prod": ["Deploy"]}
    run = simulation(stages, {"pushes": 0}, mode="PARALLEL").run("70s")
    run.call("UpdatePipeline", pipeline=structure({"Source": ["App"], "Test": ["Unit"]}, mode="PARALLEL"))
    run.run()
    assert lines(run.records)[-2:] == ["180 #1 Prod Succeeded", "180 #1 Succeeded"]


# ---------------------------------------------------------------------------------------------- in Python


@pytest.mark.parametrize(("said", "words"), [
    ({"brnch": "main"}, "Did you mean 'branch'"), ({"event": "merge"}, "not one of push, OPEN"), ({"time": 5}, "has no"),
    ({"files": 7.5j}, "no text")])
def test_a_push_says_what_it_may_say(said: dict[str, Any], words: str) -> None:
    run = Simulation(DEFINITION)
    with pytest.raises(ValueError, match=words):
        run.push("App", **said)
    assert run.inputs == [], "what was not done is not repeated by a fork"


def test_one_file_of_a_push_needs_no_list() -> None:
    run = Simulation(DEFINITION)
    run.push("App", branch="main", files="src/app.py", message=None)
    [arrived] = [record for record in run.records if isinstance(record, RevisionArrived)]
    assert arrived.revision.files == ("src/app.py",)


@pytest.mark.parametrize(("outcome", "words"), [
    ({"status": "Fail"}, "Succeeded"), ({"durration": 1}, "not 'durration'"), ({"duration": "x"}, "no duration")])
def test_a_decision_that_cannot_be_is_not_kept(outcome: dict[str, Any], words: str) -> None:
    run = Simulation(DEFINITION)
    with pytest.raises(ValueError, match=words):
        run.decide("Test/Unit", **outcome)
    assert run.inputs == []
    assert run.fork(0).records == run.records


def test_an_alarm_has_three_states() -> None:
    run = Simulation(DEFINITION)
    with pytest.raises(ValueError, match="ALARM, OK, INSUFFICIENT_DATA"):
        run.alarm("errors", "BAD")
    assert (len(run.records), run.inputs) == (1, [])


def test_a_simulation_reads_definitions_and_scenarios_as_they_are() -> None:
    other = {**deepcopy(DEFINITION), "name": "other"}
    run = Simulation([DEFINITION, Pipeline.load(other)], {"pushes": [{"source": "Source/App", "branch": "main"}]}).run("1m")
    assert {name: len(state.executions) for name, state in run.state.pipelines.items()} == {"shop": 1, "other": 1}
    with pytest.raises(Faults, match="Did you mean 'Test/Unit'"):
        Simulation(DEFINITION, {"actions": {"Test/Unitt": {"failure": 0.5}}})


def test_a_simulation_refuses_what_it_cannot_begin_with() -> None:
    with pytest.raises(ValueError, match="shop is given twice"):
        Simulation([DEFINITION, DEFINITION])
    for seed in ("7", 1.5, True, None):
        with pytest.raises(ValueError, match="whole number"):
            Simulation(DEFINITION, seed=seed)  # type: ignore[arg-type]
    for nothing in (None, 5, b"{}"):
        with pytest.raises(Unreadable, match="is no pipeline"):
            Pipeline.load(nothing)  # type: ignore[arg-type]


def test_a_definition_that_powershell_has_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    file.write_text(json.dumps({"pipeline": DEFINITION}, indent=1), encoding="utf-16", newline="\r\n")
    assert Pipeline.load(file).name == "shop"


def test_a_picture_that_cannot_be_written_is_told_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, target = tmp_path / "shop.json", tmp_path / "nowhere" / "shop.svg"
    file.write_text(json.dumps(DEFINITION))
    assert main(["draw", str(file), "-o", str(target)]) == 2
    assert f"{target}: cannot be written" in capsys.readouterr().err.replace("\n", " ")
