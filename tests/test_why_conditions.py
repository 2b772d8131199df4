"""Why a condition holds a stage, failed it, or had it not rolled back; and what its history shows."""

from __future__ import annotations

from typing import Any

from pipeline_sim import Simulation
from pipeline_sim.ids import execution_id

from .stories import simulation


def rule(name: str, provider: str, **configuration: str) -> dict[str, Any]:
    return {"name": name, "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": provider, "version": "1"},
            "configuration": configuration}


def guarded(gate: str, result: str, *rules: dict[str, Any], **world: Any) -> Simulation:
    """Source, Prod/Deploy behind a condition; one push."""
    prod = {"actions": ["Deploy"], gate: {"conditions": [{"result": result, "rules": list(rules)}]}}
    return simulation({"Source": ["App"], "Prod": prod}, {"pushes": "0s", **world})


QUIET = rule("Quiet", "CloudWatchAlarm", AlarmName="errors", WaitTime="10")
RAISED = [{"name": "errors", "from": "0s"}]


def test_before_entry_an_alarm_is_named_that_has_to_change() -> None:
    run = guarded("beforeEntry", "FAIL", QUIET, alarms=RAISED).run(100)
    assert run.why("Prod").sentence == (
        "Prod is held by execution 1: the entry condition of Prod is being looked at since 09:01 by its rule Quiet, which "
        "waits until 09:11 for the alarm errors to leave ALARM.")


def test_after_success_the_alarm_is_named_that_is_watched() -> None:
    run = guarded("onSuccess", "FAIL", QUIET).run(200)
    assert "by its rule Quiet, which watches the alarm errors until 09:12" in run.why("Prod").sentence


def test_a_stop_while_a_condition_is_looked_at_did_not_wait_for_it() -> None:
    stop = {"at": "100s", "operation": "StopPipelineExecution", "execution": 1, "reason": "Not now"}
    run = guarded("beforeEntry", "FAIL", QUIET, alarms=RAISED, calls=[stop]).run(100)
    answer = run.why("1")
    assert answer.sentence == ("Execution 1 was stopped in Prod at 09:01:40, while its entry condition was being looked at "
                               "(Not now).")
    assert answer.rule == "stop-in-condition"
    assert run.why("Prod/Deploy").sentence == (
        "Prod/Deploy has not run in execution 1, because execution 1 was stopped before any action of Prod began.")


def test_how_often_a_stage_was_retried_is_said_in_words() -> None:
    calls = [{"at": at, "operation": "RetryStageExecution", "stageName": "Build", "execution": 1,
              "retryMode": "FAILED_ACTIONS"} for at in (200, 400, 600)]
    fails = {"Build/Compile": {"failure": 1}}
    told = []
    for count in (1, 2, 3):
        world = {"pushes": "0s", "actions": fails, "calls": calls[:count]}
        told.append(str(simulation({"Source": ["App"], "Build": ["Compile"]}, world).run().why("1")))
    for answer, times in zip(told, ("once", "twice", "3 times"), strict=True):
        assert f"Build was retried {times} by a person and may be again." in answer


def failed(setting: str, alarms: list[dict[str, Any]]) -> str:
    quiet = rule("Quiet", "CloudWatchAlarm", AlarmName="errors")
    run = guarded("onFailure", "ROLLBACK", quiet, alarms=alarms, settings={"on_failure_condition": setting},
                  pushes=["0s", "500s"], actions={"Prod/Deploy": {"executions": {2: ["Failed"]}}}).run()
    return str(run.why("2"))


def test_a_failure_condition_that_did_not_engage_is_told() -> None:
    told = "The failure condition of Prod was {} (Quiet: The alarm errors is in state {}), so the stage was not rolled back."
    assert told.format("not met", "OK") in failed("met", [])
    assert told.format("met", "ALARM") in failed("not met", RAISED)


def test_one_that_engaged_rolled_the_stage_back() -> None:
    assert "so the stage was not rolled back" not in failed("met", RAISED)
    assert "Execution 3 was begun at once to take Prod back to execution 1." in failed("met", RAISED)


def test_the_history_of_a_rule_shows_its_configuration_raw_and_resolved() -> None:
    check = rule("Check", "VariableCheck", Variable="#{codepipeline.PipelineExecutionId}", Operator="NE", Value="x")
    run = guarded("beforeEntry", "FAIL", check).run()
    row = run.call("ListRuleExecutions", pipelineName="shop")["ruleExecutionDetails"][0]["input"]
    assert row["configuration"]["Variable"] == "#{codepipeline.PipelineExecutionId}"
    assert row["resolvedConfiguration"] == {"Variable": execution_id(run.seed, "shop", 1), "Operator": "NE", "Value": "x"}


def test_a_rule_that_still_runs_shows_its_resolved_configuration_too() -> None:
    ask = rule("Ask", "LambdaInvoke", FunctionName="f", UserParameters="#{codepipeline.PipelineExecutionId}")
    run = guarded("beforeEntry", "FAIL", ask, rules={"*": {"duration": "1h"}}).run(100)
    row = run.call("ListRuleExecutions", pipelineName="shop")["ruleExecutionDetails"][0]
    assert row["status"] == "InProgress"
    assert row["input"]["resolvedConfiguration"]["UserParameters"] == execution_id(run.seed, "shop", 1)


# ---------------------------------------------------------------------------------------------- beside conditions


def stopped(*reasons: str) -> dict[str, Any]:
    """An execution that is stopped, and then abandoned, with these reasons; how the history tells it."""
    calls = [{"at": at, "operation": "StopPipelineExecution", "execution": 1, "abandon": at > 70,
              **({"reason": reason} if reason else {})} for at, reason in zip((70, 80), reasons, strict=True)]
    run = simulation({"Source": ["App"], "Build": ["Compile"]}, {"pushes": "0s", "calls": calls}).run()
    shown: dict[str, Any] = run.call("ListPipelineExecutions", pipelineName="shop")["pipelineExecutionSummaries"][0]
    return shown


def test_a_stop_that_is_sharpened_without_a_word_keeps_the_reason_it_had() -> None:
    assert stopped("Wrong branch", "")["stopTrigger"] == {"reason": "Wrong branch"}
    assert stopped("Wrong branch", "At once")["stopTrigger"] == {"reason": "At once"}
    assert stopped("", "")["stopTrigger"] == {}


def test_an_approval_that_an_update_ended_answers_nothing() -> None:
    shop: dict[str, Any] = {"Source": ["App"], "Prod": [{"Ok": "Manual"}]}
    run = simulation(shop, {"pushes": "0s", "approvals": {"*": "nobody"}}).run(100)
    run.call("UpdatePipeline", pipeline=dict(run.state.pipelines["shop"].definition.structure))
    assert str(run.run(200).why("Prod/Ok")).startswith(
        "Prod/Ok was abandoned at 09:01:40: its token answers nothing any more (execution 1).")
