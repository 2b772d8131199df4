"""A person at the clock: runs, calls, edits, job workers, decisions, forks."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_sim import Faults, Pipeline, Refused, Scenario, Simulation
from pipeline_sim.ids import approval_token, execution_id, job_id
from pipeline_sim.record import ActionChanged, as_json
from pipeline_sim.state import fold

from .stories import lines, pipeline, simulation, structure

BUILD: dict[str, Any] = {"Source": ["App"], "Build": ["Compile", "Package"]}


def only(run: Simulation, *words: str) -> list[str]:
    return [line for line in lines(run.records) if any(word in line for word in words)]


def execution(run: Simulation, number: int = 1) -> Any:
    return run.state.pipelines["shop"].executions[number]


# ---------------------------------------------------------------------------------------------- the clock


def test_nothing_runs_until_somebody_asks_for_it() -> None:
    run = simulation(BUILD).run()
    assert run.now == 0
    assert len(run.records) == 1


def test_advance_goes_to_the_end_of_the_next_instant() -> None:
    run = simulation(BUILD)
    run.push()
    recorded = run.advance()
    assert run.now == 60
    assert {record.time for record in recorded} == {60}
    assert execution(run).stage == "Build"
    while run.advance():
        pass
    assert execution(run).status == "Succeeded"
    assert run.advance() == []


def test_run_until_ends_after_the_whole_instant() -> None:
    run = simulation(BUILD, {"pushes": 0}).run("1m")
    assert run.now == 60
    assert execution(run).stages["Build"].status == "InProgress"
    assert run.run("10h").now == 36_000


def test_an_endless_stream_wants_to_know_how_long() -> None:
    with pytest.raises(ValueError, match="until"):
        simulation(BUILD, {"pushes": {"every": "1h"}}).run()


def test_an_answered_approval_leaves_no_time_out_behind() -> None:
    world = {"pushes": 0, "approvals": {"*": {"response": 10}}}
    run = simulation({"Source": ["App"], "Prod": [{"Approve": "Manual"}]}, world)
    assert run.run().now == 70


def test_any_moment_can_be_looked_at() -> None:
    run = simulation(BUILD, {"pushes": 0}).run()
    assert run.at(1).pipelines["shop"].executions == {}
    assert run.at(len(run.records)) == run.state


# ---------------------------------------------------------------------------------------------- definitions


def test_creating_a_pipeline_runs_it_once() -> None:
    run = Simulation()
    answer = run.call("CreatePipeline", pipeline=structure(BUILD), tags=[{"key": "team", "value": "web"}])
    assert answer["pipeline"]["version"] == 1
    run.run()
    assert execution(run).start.trigger == "CreatePipeline"
    assert execution(run).status == "Succeeded"
    with pytest.raises(Refused, match="PipelineNameInUse"):
        run.call("CreatePipeline", pipeline=structure(BUILD))


def test_two_polling_sources_make_two_first_executions() -> None:
    polled = {"configuration": {"PollForSourceChanges": "true"}}
    run = Simulation()
    run.call("CreatePipeline", pipeline=structure({"Source": [[{"App": polled}, {"Config": polled}]], "Build": ["Compile"]}))
    assert [one.start.trigger for one in run.state.pipelines["shop"].executions.values()] == ["PollForSourceChanges"] * 2


def test_an_update_cancels_who_works_after_its_actions_and_who_waits_at_once() -> None:
    run = simulation(BUILD, {"pushes": [0, 10], "actions": {"Build/*": {"duration": "5m"}}}).run("2m")
    run.call("UpdatePipeline", pipeline=structure({**BUILD, "Prod": ["Deploy"]}))
    assert execution(run, 2).status == "Cancelled"
    assert execution(run, 1).status == "InProgress"
    run.run()
    assert only(run, "#1 Build ", "#1 Cancelled", "Package") == ["60 #1 Build InProgress", "360 #1 Build Cancelled",
                                                                  "360 #1 Cancelled"]
    with pytest.raises(Refused, match="StageNotRetryable"):
        run.call("RetryStageExecution", pipelineName="shop", stageName="Build", retryMode="ALL_ACTIONS",
                 pipelineExecutionId=execution_id(run.seed, "shop", 1))


def test_a_person_in_the_scenario_updates_the_pipeline() -> None:
    call = {"at": "2m", "operation": "UpdatePipeline", "request": {"pipeline": structure({**BUILD, "Prod": ["Deploy"]})}}
    run = simulation(BUILD, {"pushes": 0, "calls": [call]}).run()
    assert run.state.pipelines["shop"].definition.version == 2
    assert execution(run).status == "Cancelled"


def test_an_update_voids_a_pending_approval() -> None:
    run = simulation({"Source": ["App"], "Prod": [{"Approve": "Manual"}]}, {"pushes": 0}).run("2m")
    token = approval_token(run.seed, execution(run).stages["Prod"].latest("Approve").index)
    run.call("UpdatePipeline", pipeline=structure({"Source": ["App"], "Prod": [{"Approve": "Manual"}]}))
    assert execution(run).status == "Cancelled"
    with pytest.raises(Refused, match="InvalidApprovalToken"):
        run.call("PutApprovalResult", pipelineName="shop", stageName="Prod", actionName="Approve", token=token,
                 result={"status": "Approved", "summary": ""})


def test_a_secret_is_shown_masked_and_kept_when_the_mask_comes_back() -> None:
    github = {"App": {"provider": "GitHub", "category": "Source", "configuration": {
        "Owner": "acme", "Repo": "shop", "Branch": "main", "OAuthToken": "hunter2"}}}
    body = structure({"Source": [github], "Build": ["Compile"]})
    body["stages"][0]["actions"][0]["actionTypeId"]["owner"] = "ThirdParty"
    run = Simulation()
    run.call("CreatePipeline", pipeline=body)
    shown = run.call("GetPipeline", name="shop")["pipeline"]
    assert shown["stages"][0]["actions"][0]["configuration"]["OAuthToken"] == "****"
    run.call("UpdatePipeline", pipeline=shown)
    assert run.state.pipelines["shop"].definition.sources[0].configuration["OAuthToken"] == "hunter2"
    assert "hunter2" not in str([as_json(record) for record in run.records])


def test_parallel_executions_go_on_with_their_old_definition() -> None:
    run = simulation(BUILD, {"pushes": 0}, mode="PARALLEL").run("70s")
    run.call("UpdatePipeline", pipeline=structure({"Source": ["App"], "Other": ["Thing"]}, mode="PARALLEL"))
    run.run()
    assert execution(run).status == "Succeeded"
    assert set(execution(run).stages) == {"Source", "Build"}


def test_deleting_a_pipeline_ends_what_runs() -> None:
    run = simulation(BUILD, {"pushes": 0}).run("70s")
    run.call("DeletePipeline", name="shop")
    assert run.run().now == 70
    with pytest.raises(Refused, match="PipelineNotFound"):
        run.call("GetPipeline", name="shop")
    assert run.call("DeletePipeline", name="shop") == {}


def test_a_pipeline_can_be_deleted_while_a_build_of_it_waits_in_line() -> None:
    world = {"pushes": [0, 0], "capacity": {"CodeBuild": 1}, "actions": {"*": {"duration": "1h"}},
             "timeouts": {"CodeBuild": "90m"}}
    run = simulation({"Source": ["App"], "Build": ["Compile"]}, world, mode="PARALLEL").run("61m")
    assert only(run, "waits for CodeBuild")
    run.call("DeletePipeline", name="shop")
    run.run()
    assert lines(run.records)[-1] == "3660 DeletePipeline"
    assert run.slots == {"CodeBuild": 1}, "the build under way ended unheard and gave its slot back"
    assert run.live == 0


@pytest.mark.parametrize(("provider", "settings"), [("LambdaInvoke", {"FunctionName": "f"}),
                                                    ("CloudWatchAlarm", {"AlarmName": "errors", "WaitTime": "5"})])
def test_a_pipeline_can_be_deleted_while_a_rule_of_it_runs(provider: str, settings: dict[str, str]) -> None:
    rule = {"name": "Watch", "configuration": settings,
            "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": provider, "version": "1"}}
    stage = {"actions": ["Compile"], "onSuccess": {"conditions": [{"result": "FAIL", "rules": [rule]}]}}
    run = simulation({"Source": ["App"], "Build": stage}, {"alarms": [{"name": "errors", "from": "3m", "to": "4m"}]})
    run.push()
    run.run(121)
    assert only(run, "Watch InProgress")
    run.call("DeletePipeline", name="shop")
    run.run()
    assert lines(run.records)[-1] == "121 DeletePipeline"
    assert run.live == 0


def test_who_would_retry_a_deleted_pipeline_hears_that_there_is_none() -> None:
    run = simulation(BUILD, {"actions": {"Build/Compile": {"failure": 1}}, "retry": {"after": "1h"}})
    run.push()
    run.run(200)
    run.call("DeletePipeline", name="shop")
    assert only(run.run(), "refused") == ["3720 RetryStageExecution refused: PipelineNotFoundException"]


def test_a_build_that_times_out_in_line_does_not_end_the_run() -> None:
    world = {"pushes": [0, 0, 0, 100], "capacity": {"CodeBuild": 1}, "timeouts": {"CodeBuild": "10s"},
             "actions": {"*": {"duration": "9s"}}}
    run = simulation({"Source": ["App"], "Build": ["Compile"]}, world, mode="PARALLEL").run()
    assert only(run, "Build/Compile Failed") == ["19 #3 Build/Compile Failed Timeout", "19 #2 Build/Compile Failed Timeout"]
    assert lines(run.records)[-1] == "118 #4 Succeeded"


def test_what_aws_refuses_is_refused_and_written_down() -> None:
    run = Simulation()
    broken = structure({"Source": ["App"]})
    with pytest.raises(Refused) as refused:
        run.call("CreatePipeline", pipeline=broken)
    assert refused.value.error == "InvalidStructureException"
    with pytest.raises(Refused, match="ValidationException"):
        run.call("StartPipelineExecution", nme="shop")
    assert [record.error[0] for record in run.records[1:]] == ["InvalidStructureException", "ValidationException"]  # type: ignore[union-attr,index]
    assert fold(run.records) == run.state
    with pytest.raises(Faults):
        Pipeline.load(broken)


# ---------------------------------------------------------------------------------------------- starting


def test_a_repeated_token_gives_the_first_execution_again() -> None:
    run = simulation(BUILD)
    first = run.call("StartPipelineExecution", name="shop", clientRequestToken="once")
    assert run.call("StartPipelineExecution", name="shop", clientRequestToken="once") == first
    assert len(run.state.pipelines["shop"].executions) == 1


def test_a_source_revision_can_be_overridden() -> None:
    run = simulation(BUILD)
    override = {"actionName": "App", "revisionType": "COMMIT_ID", "revisionValue": "cafe"}
    run.call("StartPipelineExecution", name="shop", sourceRevisions=[override])
    assert execution(run.run()).revisions["App"].id == "cafe"
    with pytest.raises(Refused, match="IMAGE_DIGEST"):
        run.call("StartPipelineExecution", name="shop", sourceRevisions=[{**override, "revisionType": "IMAGE_DIGEST"}])


@pytest.mark.parametrize(("mode", "taken"), [("PARALLEL", [2, 2]), ("QUEUED", [1, 2])])
def test_in_parallel_mode_a_source_takes_the_newest_commit_when_it_starts(mode: str, taken: list[int]) -> None:
    """[UG:concepts-how-it-works] So two quick commits may both run the second; elsewhere each has its own."""
    closed = {"stage": "Source", "from": 0, "to": 60}
    run = simulation(BUILD, {"pushes": [10, 20], "transitions": [closed]}, mode=mode).run()
    assert [one.revisions["App"].number for one in run.state.pipelines["shop"].executions.values()] == taken


def test_a_push_to_an_unknown_source_says_which_there_are() -> None:
    with pytest.raises(ValueError, match="Did you mean 'Source/App'"):
        simulation(BUILD).push("Source/Ap")


def test_one_pipeline_starts_another_and_does_not_wait() -> None:
    run = simulation({"Source": ["App"], "Next": [{"Start": "CodePipeline"}]}, {"pushes": {"at": 0, "source": "shop"}})
    run.call("CreatePipeline", pipeline=structure(
        {"Source": [{"App": {"configuration": {"RepositoryName": "o"}}}], "Build": ["Slow"]}, name="other"))
    run.run()
    assert [one.start.trigger for one in run.state.pipelines["other"].executions.values()] == [
        "CreatePipeline", "StartPipelineExecution"]
    assert execution(run).status == "Succeeded"


# ---------------------------------------------------------------------------------------------- job workers


def test_a_custom_action_is_done_by_a_job_worker() -> None:
    jenkins = {"Jenkins": {"provider": "Jenkins", "inputArtifacts": [{"name": "App"}]}}
    run = simulation({"Source": ["App"], "Build": [jenkins]},
                     {"pushes": 0, "actions": {"Build/Jenkins": {"worker": "outside"}}}).run("2m")
    kind = {"category": "Build", "owner": "Custom", "provider": "Jenkins", "version": "1"}
    [job] = run.call("PollForJobs", actionTypeId=kind)["jobs"]
    assert run.call("AcknowledgeJob", jobId=job["id"], nonce=job["nonce"])["status"] == "InProgress"
    run.call("PutJobSuccessResult", jobId=job["id"], outputVariables={"Version": "7"})
    assert execution(run).status == "Succeeded"
    with pytest.raises(Refused, match="InvalidJobState"):
        run.call("PutJobSuccessResult", jobId=job["id"])


def test_a_lambda_function_asks_to_be_called_again_and_then_fails() -> None:
    run = simulation({"Source": ["App"], "Check": [{"Ask": "Lambda"}]},
                     {"pushes": 0, "actions": {"Check/Ask": {"worker": "outside"}}}).run("2m")
    first = job_id(run.seed, next(iter(run.state.jobs)))
    run.run("18m")
    run.call("PutJobSuccessResult", jobId=first, continuationToken="more")
    run.run("30m")
    assert execution(run).status == "InProgress", "twenty more minutes began with the continuation"
    second = job_id(run.seed, list(run.state.jobs)[-1])
    assert second != first
    run.call("PutJobFailureResult", jobId=second, failureDetails={"type": "JobFailed", "message": "no"})
    [failed] = [one for one in run.records if isinstance(one, ActionChanged) and one.status == "Failed"]
    assert failed.result is not None
    assert (failed.time, failed.result.message) == (1800, "no")


# ---------------------------------------------------------------------------------------------- luck


def test_luck_can_be_set_for_the_next_attempt() -> None:
    run = simulation(BUILD)
    run.decide("Build/Compile", "Failed", duration="5s", message="by hand")
    run.push()
    run.run()
    assert only(run, "Compile") == ["60 #1 Build/Compile InProgress", "65 #1 Build/Compile Failed JobFailed"]
    run.push()
    assert execution(run.run(), 2).status == "Succeeded"
    assert run.fork(run.now).records == run.records
    with pytest.raises(ValueError, match="Did you mean 'Build/Compile'"):
        run.decide("Build/Compil")


def test_a_fork_leaves_the_old_future_as_it_was() -> None:
    run = simulation(BUILD, {"pushes": 0}).run()
    before = list(run.records)
    other = run.fork("70s")
    other.call("StopPipelineExecution", pipelineName="shop", pipelineExecutionId=execution_id(run.seed, "shop", 1))
    assert execution(other.run()).status == "Stopped"
    assert run.records == before


def test_an_alarm_raised_by_hand_fails_the_condition_that_watches_it() -> None:
    kind = {"category": "Rule", "owner": "AWS", "provider": "CloudWatchAlarm", "version": "1"}
    rule = {"name": "Quiet", "ruleTypeId": kind, "configuration": {"AlarmName": "errors", "WaitTime": "10"}}
    run = simulation({"Source": ["App"], "Prod": {"actions": ["Deploy"],
                                                  "onSuccess": {"conditions": [{"result": "FAIL", "rules": [rule]}]}}},
                     {"pushes": 0}).run("3m")
    run.alarm("errors")
    assert execution(run).status == "Failed"
    assert run.fork(run.now).records == run.records


def test_two_variants_see_the_same_luck() -> None:
    world = Scenario.load({"actions": {"*": {"duration": {"p50": 60, "p95": 300}}}, "pushes": 0})
    one = Simulation(pipeline(BUILD), world, seed=4).run()
    more = Simulation(pipeline({"Source": ["App"], "New": ["Extra"], "Build": ["Compile", "Package"]}), world, seed=4).run()
    for action in ("Compile", "Package"):
        took = [attempt.ended - attempt.started for run in (one, more)
                for attempt in execution(run).stages["Build"].attempts[action]]
        assert took[0] == took[1]


def test_a_rollback_has_luck_of_its_own() -> None:
    """What it runs again is not bound to fail as the execution did that it makes up for."""
    body = {"Source": ["App"], "Prod": {"actions": ["Deploy"], "onFailure": {"result": "ROLLBACK"}}}
    world = {"actions": {"Prod/Deploy": {"failure": 0.4}}, "pushes": [number * 600 for number in range(12)]}
    ends = [one.status for seed in range(20)
            for one in simulation(body, world, seed).run().state.pipelines["shop"].executions.values()
            if one.start.kind == "ROLLBACK"]
    assert {"Succeeded", "Failed"} == set(ends)


def test_a_time_out_in_line_does_not_end_the_run_for_all_others() -> None:
    """Three builds of the second execution wait for the slot that the first one holds to their very limit."""
    body = {"Source": ["App"], "Lint": [["X", "Y", "Z"]], "Test": ["Unit"], "Prod": [{"Ok": "Manual"}]}
    actions = {"*": {"duration": 0}, "Test/Unit": {"duration": 4}}
    world = {"actions": actions, "capacity": {"CodeBuild": 1}, "timeouts": {"CodeBuild": 4}, "pushes": [0, 0]}
    executions = simulation(body, world).run().state.pipelines["shop"].executions
    assert [(one.status, one.updated) for one in executions.values()] == [("Failed", 4 + 7 * 86_400), ("Failed", 4)]
