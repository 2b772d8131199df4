"""The timeline: every attempt, wait and rule with its reason, and how each execution ended."""

from __future__ import annotations

import pytest

from pipeline_sim.simulation import Simulation
from pipeline_sim.views.spans import spans
from pipeline_sim.views.timeline import Row, endings, lanes, rows, since_start, text
from tests.shop import LEE, approve, build, deploy, do, simulate, source, stage, structure


def row(sim: Simulation, place: str, execution: int = 1, attempt: int = 1) -> Row:
    found = [one for one in rows(sim.records, sim.now)
             if one.place == place and one.execution == execution and one.attempt == attempt]
    assert len(found) == 1, [one.place for one in rows(sim.records, sim.now)]
    return found[0]


def test_a_quiet_run_has_one_row_for_each_action_in_the_order_in_which_they_began() -> None:
    sim = simulate(approvals={"Prod/Approve": {"response": "30m", "by": LEE, "comment": "go"}})
    sim.push()
    sim.run()
    told = [(one.place, one.start, one.duration, one.status) for one in rows(sim.records, sim.now)]
    assert told == [
        ("Source/App", 0, 10, "Succeeded"),
        ("Build/Compile", 10, 240, "Succeeded"),
        ("Build/Lint", 10, 240, "Succeeded"),
        ("Prod/Approve", 250, 1800, "Succeeded"),
        ("Prod/Deploy", 2050, 60, "Succeeded"),
    ]
    assert row(sim, "Prod/Approve").reason == "approved by lee: go"


def test_a_wait_in_front_of_a_locked_stage_names_who_locks_it_and_who_superseded() -> None:
    sim = simulate(pushes=[{"at": 0}, {"at": "10m"}, {"at": "20m"}])
    sim.run("40m")
    waits = [one for one in rows(sim.records, sim.now) if one.place == "in front of Prod"]
    assert [(one.execution, one.status) for one in waits] == [(2, "Superseded"), (3, "Inbound")]
    assert waits[0].reason == ("Prod is locked by execution 1, which waits for the approval Prod/Approve; "
                               "superseded by execution 3")
    assert waits[1].end is None
    assert waits[1].duration == sim.now - waits[1].start


def test_a_wait_is_cut_where_its_cause_changes() -> None:
    sim = simulate(pushes=[{"at": 0}, {"at": "5m"}], mode="QUEUED")
    sim.run("15m")
    do(sim, "DisableStageTransition", stageName="Prod", transitionType="Inbound", reason="freeze")
    sim.run("20m")
    do(sim, "StopPipelineExecution", execution=1, abandon=True)
    sim.run("30m")
    do(sim, "EnableStageTransition", stageName="Prod", transitionType="Inbound")
    waits = [span for span in spans(sim.records) if span.what == "in front" and span.stage == "Prod"]
    assert [(span.cause, span.start, span.end) for span in waits] == [
        ("stage lock", 550, 900), ("disabled transition", 900, 1800)]
    assert row(sim, "in front of Prod", 2).reason == (
        "waited 5m 50s (stage lock): Prod is locked by execution 1, which waits for the approval Prod/Approve; then "
        "waited 15m (disabled transition): the transition into Prod is disabled: freeze")


def test_a_wait_that_took_no_time_has_no_row() -> None:
    sim = simulate(pushes=[{"at": 0}, {"at": "10m"}])
    sim.run("850s")
    assert row(sim, "in front of Prod", 2).status == "Inbound"
    do(sim, "StopPipelineExecution", execution=1, abandon=True)
    assert "in front of Prod" not in [one.place for one in rows(sim.records)]
    assert [one.place for one in rows(sim.records) if one.execution == 2][-1] == "Prod/Approve"


def test_everybody_in_a_line_waits_for_the_same_cause() -> None:
    sim = simulate(pushes=[{"at": 0}, {"at": "5m"}, {"at": "10m"}], mode="QUEUED",
                   transitions=[{"stage": "Prod", "from": "20m", "to": "25m", "reason": "freeze"}],
                   approvals={"*": {"response": "1h"}})
    sim.run()
    of = {number: [(span.cause, span.lasted(0)) for span in spans(sim.records)
                   if span.what == "in front" and span.stage == "Prod" and span.execution == number]
          for number in (2, 3)}
    assert of[2] == [("stage lock", 650), ("disabled transition", 300), ("stage lock", 2410)]
    assert of[3] == [("stage lock", 350), ("disabled transition", 300), ("stage lock", 6070)]


def test_an_action_that_queues_for_capacity_is_one_row_and_two_spans() -> None:
    sim = simulate(structure(stage("Source", source()), stage("Build", build(), build("Lint"))),
                   capacity={"CodeBuild": 1})
    sim.push()
    sim.run()
    lint = row(sim, "Build/Lint")
    assert (lint.start, lint.duration, lint.status) == (10, 480, "Succeeded")
    assert lint.reason == "waited 4m (capacity): no slot of CodeBuild was free"
    parts = [span for span in spans(sim.records) if span.name == "Lint"]
    assert [(span.kind, span.cause, span.start, span.end) for span in parts] == [
        ("wait", "capacity", 10, 250), ("run", "", 250, 490)]


def test_a_retry_is_another_attempt_with_its_own_reason() -> None:
    sim = simulate(actions={"Build/Compile": {"attempts": {1: {"status": "Failed", "code": "JobFailed",
                                                               "message": "two tests are red"}}}})
    sim.push()
    sim.run("20m")
    do(sim, "RetryStageExecution", execution=1, stageName="Build", retryMode="FAILED_ACTIONS")
    sim.run("1h")
    assert row(sim, "Build/Compile").reason == "JobFailed: two tests are red"
    assert (row(sim, "Build/Compile").status, row(sim, "Build/Compile", attempt=2).status) == ("Failed", "Succeeded")
    builds = [span for span in spans(sim.records) if span.what == "stage" and span.stage == "Build"]
    assert [(span.attempt, span.status) for span in builds] == [(1, "Failed"), (2, "Succeeded")]


def test_rules_of_conditions_have_rows_too() -> None:
    check = {"name": "Window", "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "DeploymentWindow",
                                              "version": "1"}, "configuration": {"Cron": "* * 3 ? * *"}}
    gate = {"conditions": [{"result": "FAIL", "rules": [check]}]}
    sim = simulate(structure(stage("Source", source()), stage("Build", build(makes=("Out",))),
                             stage("Prod", deploy(), beforeEntry=gate)))
    sim.push()
    sim.run()
    window = row(sim, "Prod BEFORE_ENTRY/Window")
    assert window.status == "Failed"
    assert window.reason.startswith("The deployment window is closed. It opens at 2030-01-08 03:00")
    (ending,) = endings(sim.state, sim.now)
    assert ending.sentence.startswith("Execution 1 failed in Prod at 09:04:10, because the entry condition of Prod did "
                                      "not pass (Window: The deployment window is closed.")


def test_endings_say_what_became_of_each_execution() -> None:
    sim = simulate(pushes=[{"at": 0}, {"at": "10m"}, {"at": "20m"}],
                   approvals={"Prod/Approve": {"response": "25m", "probability": 0, "by": LEE, "comment": "not today"}})
    sim.run()
    assert [(one.status, one.sentence) for one in endings(sim.state, sim.now)] == [
        ("Failed", "Execution 1 failed in Prod at 09:29:10, because Prod/Approve was rejected by lee (not today)."),
        ("Superseded", "Execution 2 was superseded in front of Prod at 09:24:10 by execution 3."),
        ("Failed", "Execution 3 failed in Prod at 09:54:10, because Prod/Approve was rejected by lee (not today)."),
    ]
    assert [one.duration for one in endings(sim.state, sim.now)] == [1750, 850, 2050]


def test_the_table_is_plain_and_keeps_strange_text_on_one_line() -> None:
    sim = simulate(actions={"Build/Compile": {"attempts": {1: {"status": "Failed", "message": "one\ntwo\x1b[31m"}}}})
    sim.push()
    sim.run()
    table = text(rows(sim.records, sim.now)).splitlines()
    assert table[0].split() == ["time", "execution", "stage/action", "attempt", "duration", "status", "reason"]
    assert len(table) == 1 + len(rows(sim.records, sim.now))
    assert table[2].endswith("JobFailed: one two [31m")
    assert "\x1b" not in "".join(table)


def test_what_still_goes_on_is_marked() -> None:
    sim = simulate()
    sim.push()
    sim.run("10m")
    assert " 5m 50s+  InProgress  nobody has answered yet" in text(rows(sim.records, sim.now)).splitlines()[-1]
    assert [since_start(0), since_start(3661), since_start(2 * 86_400 + 60)] == ["0:00:00", "1:01:01", "2d 0:01:00"]


def test_two_pipelines_are_told_apart_in_the_table() -> None:
    sim = simulate(structure(), structure(name="other"))
    sim.call("StartPipelineExecution", name="other")
    sim.call("StartPipelineExecution", name="shop")
    sim.run("1m")
    assert " other 1  Source/App" in text(rows(sim.records, sim.now))


def test_a_deleted_pipeline_ends_what_went_on_in_it() -> None:
    sim = simulate(pushes=[{"at": 0}, {"at": "5m"}])
    sim.run("15m")
    sim.call("DeletePipeline", name="shop")
    left = [(one.place, one.status) for one in rows(sim.records) if one.reason.endswith("the pipeline was deleted")]
    assert left == [("Prod/Approve", "Abandoned"), ("in front of Prod", "Abandoned")]


def test_lanes_are_by_execution_stage_or_action_and_fold_to_stages() -> None:
    sim = simulate(pushes=[{"at": 0}, {"at": "10m"}], approvals={"*": {"response": "30m"}})
    sim.run()
    by_execution = lanes(sim.records)
    assert [lane.label for lane in by_execution] == ["execution 1", "execution 2"]
    assert [(span.what, span.stage) for span in lanes(sim.records, folded=True)[1].spans] == [
        ("stage", "Source"), ("stage", "Build"), ("in front", "Prod"), ("stage", "Prod")]
    prod = next(lane for lane in lanes(sim.records, by="stages") if lane.stage == "Prod")
    held = [(span.start, span.end) for span in prod.spans if span.what == "stage"]
    assert held[0][1] == held[1][0], "the lock goes from one to the next in the same instant"
    assert [lane.label for lane in lanes(sim.records, by="actions")] == [
        "Source/App", "Build/Compile", "Build/Lint", "Prod/Approve", "Prod/Deploy"]
    with pytest.raises(ValueError, match="executions, stages or actions, not by 'days'"):
        lanes(sim.records, by="days")


def test_reading_more_records_never_changes_a_finished_row() -> None:
    sim = simulate(pushes=[{"at": 0}, {"at": "5m"}, {"at": "9m"}], mode="QUEUED", capacity={"CodeBuild": 1},
                   approvals={"*": {"response": "20m"}})
    sim.run()
    whole = {one.index: one for one in rows(sim.records, sim.now)}
    for k in range(0, len(sim.records), 7):
        for one in rows(sim.records[:k]):
            if one.end is not None:
                assert whole[one.index] == one


def test_approvals_of_one_group_are_rows_side_by_side() -> None:
    sim = simulate(structure(stage("Source", source()), stage("Gate", approve("A"), approve("B"))))
    sim.push()
    sim.run("10m")
    do(sim, "PutApprovalResult", stageName="Gate", actionName="B", result={"status": "Rejected", "summary": ""})
    assert row(sim, "Gate/B").reason == "rejected by lee"
    assert row(sim, "Gate/A").status == "InProgress"
