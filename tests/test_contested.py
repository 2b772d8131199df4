"""Limits of size and time, and the points that AWS leaves open: what is so by default, and what a setting makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_sim import Refused, Scenario, Simulation
from pipeline_sim.ids import execution_id
from pipeline_sim.views.events import events

from .stories import ROLE, pipeline, simulation

STAGES: dict[str, Any] = {"Source": ["App"], "Prod": ["Deploy"]}


def call(one: Simulation, operation: str, **request: Any) -> dict[str, Any]:
    return one.call(operation, pipelineName="shop", **request)


# ---------------------------------------------------------------------------------------------- time


def test_the_history_forgets_what_began_more_than_a_year_ago() -> None:
    one = simulation(STAGES, {"pushes": ["0s", "10d"]})
    one.run("365d")
    assert len(call(one, "ListPipelineExecutions")["pipelineExecutionSummaries"]) == 2
    one.run("366d")
    assert len(call(one, "ListPipelineExecutions")["pipelineExecutionSummaries"]) == 1
    assert len(call(one, "ListActionExecutions")["actionExecutionDetails"]) == 2


def test_get_pipeline_says_since_when_nobody_looks_at_its_source() -> None:
    polled = {"App": {"configuration": {"PollForSourceChanges": "true"}}}
    one = simulation({**STAGES, "Source": [polled]}, {"pushes": "1d"})
    one.run("30d 23h")
    assert "pollingDisabledAt" not in one.call("GetPipeline", name="shop")["metadata"]
    one.run("40d")
    began = 86_400 + 30 * 86_400
    assert one.call("GetPipeline", name="shop")["metadata"]["pollingDisabledAt"] == one.scenario.moment(began)


def test_a_pipeline_that_is_not_polled_has_no_such_date() -> None:
    one = simulation(STAGES)
    one.run("60d")
    assert "pollingDisabledAt" not in one.call("GetPipeline", name="shop")["metadata"]


def test_an_event_rule_still_starts_a_pipeline_whose_polling_has_stopped() -> None:
    polled = {"App": {"configuration": {"PollForSourceChanges": "true"}}}
    one = simulation({**STAGES, "Source": [polled]}, {"pushes": "40d", "events": {"Source/App": True}}).run()
    triggers = [execution.start.trigger for execution in one.state.pipelines["shop"].executions.values()]
    assert triggers[0] == "CloudWatchEvent"


def test_outbound_transitions_know_the_thirty_days_too() -> None:
    closed = {"stageName": "Source", "transitionType": "Outbound"}
    one = simulation(STAGES, {"pushes": "0s", "calls": [
        {"at": 10, "operation": "DisableStageTransition", "reason": "x", **closed},
        {"at": "31d", "operation": "EnableStageTransition", **closed}]}).run()
    assert one.state.pipelines["shop"].executions[1].status == "Stopped"
    assert "more than 30 days" in one.state.pipelines["shop"].executions[1].summary


def test_a_source_that_nobody_may_look_at_is_failed_without_an_execution_until_one_starts() -> None:
    polled = {"App": {"configuration": {"PollForSourceChanges": "true"}}}
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    one = simulation({**STAGES, "Source": [polled]}, {"pushes": "10s", "roles": {ROLE: policy}}).run()
    (source, _) = one.call("GetPipelineState", name="shop")["stageStates"]
    latest = source["actionStates"][0]["latestExecution"]
    assert (latest["status"], latest["errorDetails"]["code"]) == ("Failed", "PermissionError")
    assert "actionExecutionId" not in latest
    assert call(one, "ListPipelineExecutions")["pipelineExecutionSummaries"] == []
    one.run("5m")
    one.call("StartPipelineExecution", name="shop")
    (source, _) = one.call("GetPipelineState", name="shop")["stageStates"]
    assert "actionExecutionId" in source["actionStates"][0]["latestExecution"]


# ---------------------------------------------------------------------------------------------- size


def test_a_commit_message_is_cut_at_a_hundred_kilobytes() -> None:
    said = {"Source": [{"App": {"namespace": "Src"}}], "Prod": ["Deploy"]}
    one = simulation(said, {"pushes": {"at": 0, "message": "é" * 60_000}}).run()
    details = call(one, "ListActionExecutions")["actionExecutionDetails"]
    message = details[-1]["output"]["outputVariables"]["CommitMessage"]
    assert len(message.encode()) == 100 * 1024
    assert set(message) == {"é"}


def test_a_rule_whose_configuration_is_too_large_is_an_error() -> None:
    rule = {"name": "Words", "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "VariableCheck", "version": "1"},
            "configuration": {"Variable": "#{Src.CommitMessage}#{Src.CommitMessage}", "Operator": "NE", "Value": "x"}}
    prod = {"actions": ["Deploy"], "beforeEntry": {"conditions": [{"result": "FAIL", "rules": [rule]}]}}
    one = simulation({"Source": [{"App": {"namespace": "Src"}}], "Prod": prod},
                     {"pushes": {"at": 0, "message": "x" * 60_000}}).run()
    (found,) = one.state.pipelines["shop"].executions[1].stages["Prod"].gates["BEFORE_ENTRY"]
    assert found.status == "Errored"
    assert "at most 102400" in found.rules["Words"].result.summary


def test_a_command_with_a_variable_that_nobody_produced_fails_its_action() -> None:
    script = {"provider": "Commands", "configuration": {}, "commands": ["echo #{Src.Nothing}"]}
    one = simulation({"Source": [{"App": {"namespace": "Src"}}], "Build": [{"Script": script}]}, {"pushes": "0s"}).run()
    assert "Src.Nothing" in str(one.why("Build/Script"))


def test_a_change_set_is_usually_made_faster_than_it_is_executed() -> None:
    makes, executes = ({"provider": "CloudFormation", "configuration": {"ActionMode": f"CHANGE_SET_{what}"}}
                       for what in ("REPLACE", "EXECUTE"))
    one = simulation({"Source": ["App"], "Prod": [{"Set": makes}, {"Run": executes}]}, {"actions": {"*": {"failure": 0}}})
    scenario, stage = one.scenario.but(actions={}), one.pipelines[0].stage("Prod")
    made, run = (scenario.behaviour("Prod", stage.action(name)).duration for name in ("Set", "Run"))
    assert made.at(0x8000) < run.at(0x8000)


def test_a_pipeline_that_is_full_fails_the_action_that_would_start_it() -> None:
    nexts = {"Source": [{"App": {"configuration": {"RepositoryName": "mine"}}}],
             "Next": [{"Start": {"provider": "CodePipeline", "configuration": {"PipelineName": "other"}}}]}
    pipelines = [pipeline(nexts), pipeline({"Source": [{"App": {"configuration": {"RepositoryName": "theirs"}}}],
                                            "Build": ["Slow"]}, name="other", mode="QUEUED")]
    world = {"actions": {"*": {"duration": "60s"}, "Build/Slow": {"duration": "1h"}}, "settings": {"execution_limit": 1},
             "pushes": [{"at": 0, "source": "theirs"}, {"at": 10, "source": "mine"}]}
    one = Simulation(pipelines, Scenario.load(world)).run()
    assert "already has 1 executions under way" in str(one.why("shop:Next/Start"))
    assert list(one.state.pipelines["other"].executions) == [1]


# ---------------------------------------------------------------------------------------------- the attempt


def test_a_retry_beside_siblings_is_the_second_attempt_of_the_execution() -> None:
    one = simulation({"Source": ["App"], "Test": [["Lint", "Unit"]]}, {
        "pushes": "0s", "actions": {"Test/Lint": {"duration": "10s", "attempts": "Failed"}, "Test/Unit": {"duration": "5m"}},
        "calls": [{"at": 100, "operation": "RetryStageExecution", "stageName": "Test", "execution": 1,
                   "retryMode": "FAILED_ACTIONS"}]}).run()
    told = [(event["detail"].get("action", event["detail"].get("stage", "")), event["detail"]["state"],
             event["detail"]["pipeline-execution-attempt"]) for event in events(one.records)]
    assert ("Lint", "FAILED", 1.0) in told
    assert told[told.index(("Test", "RESUMED", 2.0)):] == [
        ("Test", "RESUMED", 2.0), ("Lint", "STARTED", 2.0), ("Lint", "SUCCEEDED", 2.0), ("Unit", "SUCCEEDED", 2.0),
        ("Test", "SUCCEEDED", 2.0), ("", "SUCCEEDED", 2.0)]
    assert ("", "RESUMED", 2.0) not in told


# ---------------------------------------------------------------------------------------------- settings


def with_setting(stages: dict[str, Any] = STAGES, **settings: Any) -> Simulation:
    return simulation(stages, {"pushes": ["0s", "5m"], "settings": settings}).run()


def test_standard_executions_say_so_unless_the_setting_leaves_it_out() -> None:
    (first, *_) = call(with_setting(), "ListPipelineExecutions")["pipelineExecutionSummaries"]
    assert first["executionType"] == "STANDARD"
    quiet = with_setting(execution_type="rollbacks only")
    call(quiet, "RollbackStage", stageName="Prod", targetPipelineExecutionId=execution_id(quiet.seed, "shop", 1))
    kinds = [one.get("executionType") for one in call(quiet, "ListPipelineExecutions")["pipelineExecutionSummaries"]]
    assert kinds == ["ROLLBACK", None, None]


@pytest.mark.parametrize(("setting", "expected"), [("true if new", True), ("as the model says", False)])
def test_what_new_revision_means_is_a_setting(setting: str, expected: bool) -> None:
    one = with_setting(new_revision=setting)
    revision = {"revisionId": "r1", "revisionChangeId": "1", "created": 0}
    answer = call(one, "PutActionRevision", stageName="Source", actionName="App", actionRevision=revision)
    assert answer["newRevision"] is expected


def test_a_rollback_of_the_source_stage_is_refused_or_reads_what_is_current() -> None:
    target = execution_id(0, "shop", 1)
    with pytest.raises(Refused, match="source stage"):
        call(with_setting(), "RollbackStage", stageName="Source", targetPipelineExecutionId=target)
    one = with_setting(rollback_of_source="allow")
    call(one, "RollbackStage", stageName="Source", targetPipelineExecutionId=target)
    one.run()
    executions = one.state.pipelines["shop"].executions
    assert executions[3].status == "Succeeded"
    assert executions[3].revisions == executions[2].revisions != executions[1].revisions


@pytest.mark.parametrize(("setting", "status"), [("skip", "Succeeded"), ("evaluate", "Failed")])
def test_whether_a_rollback_asks_conditions_is_a_setting(setting: str, status: str) -> None:
    rule = {"name": "Quiet", "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "CloudWatchAlarm",
                                            "version": "1"}, "configuration": {"AlarmName": "errors"}}
    prod = {"actions": ["Deploy"], "beforeEntry": {"conditions": [{"result": "FAIL", "rules": [rule]}]}}
    one = with_setting({"Source": ["App"], "Prod": prod}, conditions_on_rollback=setting)
    one.alarm("errors")
    call(one, "RollbackStage", stageName="Prod", targetPipelineExecutionId=execution_id(0, "shop", 1))
    one.run()
    assert one.state.pipelines["shop"].executions[3].status == status


def test_the_code_of_an_unresolved_variable_is_a_setting() -> None:
    stages = {"Source": [{"App": {"namespace": "Src"}}],
              "Prod": [{"Ok": {"provider": "Manual", "configuration": {"CustomData": "#{Src.Nothing}"}}}]}
    assert "ConfigurationError" in str(with_setting(stages).why("Prod/Ok"))
    assert "InternalError" in str(with_setting(stages, unresolved_variable="InternalError").why("Prod/Ok"))
