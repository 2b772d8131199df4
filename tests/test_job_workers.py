"""What job workers do to a run: a custom source is fetched, a function asks to be called again (2.5, 4.2, 9.2)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline_sim import Refused, Simulation
from pipeline_sim.ids import execution_id, job_id

from .stories import simulation

NEW_YEAR = datetime(2030, 1, 1, tzinfo=UTC)
GIT = {"category": "Source", "owner": "Custom", "provider": "OwnGit", "version": "1"}
SHOP: dict[str, Any] = {"Source": [{"App": {"category": "Source", "actionTypeId": GIT}}], "Build": ["Compile"]}
SILENT = "The function check reported no result of its job within 20m. Look"
CHECK: dict[str, Any] = {"Source": ["App"], "Check": [{"Ask": "Lambda"}]}


def shop() -> Simulation:
    """A pipeline whose source somebody else fetches, and a revision that has been reported."""
    run = simulation(SHOP, {"actions": {"Source/App": {"worker": "outside"}}})
    report(run, "r1")
    return run.run(10)


def report(run: Simulation, revision: str, stage: str = "Source", action: str = "App") -> dict[str, Any]:
    told = {"revisionId": revision, "revisionChangeId": "c1", "created": NEW_YEAR}
    return run.call("PutActionRevision", pipelineName="shop", stageName=stage, actionName=action, actionRevision=told)


def fetched(run: Simulation, **result: Any) -> Simulation:
    """A worker takes the job of the source and reports success."""
    job = run.call("PollForJobs", actionTypeId=GIT)["jobs"][0]
    run.call("AcknowledgeJob", jobId=job["id"], nonce=job["nonce"])
    run.call("PutJobSuccessResult", jobId=job["id"], **result)
    return run.run(run.now + 1)


def revisions(run: Simulation, number: int) -> list[tuple[str, str]]:
    found = run.call("GetPipelineExecution", pipelineName="shop", pipelineExecutionId=execution_id(run.seed, "shop", number))
    return [(one["revisionId"], one["revisionSummary"]) for one in found["pipelineExecution"]["artifactRevisions"]]


def test_a_custom_source_waits_for_its_worker() -> None:
    run = shop().run("1h")
    assert run.call("GetPipelineState", name="shop")["stageStates"][0]["latestExecution"]["status"] == "InProgress"
    assert "no job worker has taken the job of Source/App" in str(run.why("Source"))


def test_a_worker_says_which_revision_it_has_fetched() -> None:
    told = {"revision": "r7", "changeIdentifier": "7", "revisionSummary": "Seven", "created": NEW_YEAR}
    assert revisions(fetched(shop(), currentRevision=told), 1) == [("r7", "Seven")]


def test_a_worker_that_names_no_revision_has_fetched_the_one_that_started_the_run() -> None:
    run = shop()
    report(run, "r2")
    assert revisions(fetched(run), 1) == [("r1", "Change 1")]


def test_a_revision_that_was_reported_before_is_the_same_one() -> None:
    run = shop()
    told = {"revision": "r1", "changeIdentifier": "1", "created": NEW_YEAR}
    fetched(run, currentRevision=told)
    assert run.state.pipelines["shop"].executions[1].revisions["App"].number == 1


def test_only_a_source_has_revisions_to_report() -> None:
    run = shop()
    with pytest.raises(Refused, match="no source action named Compile") as refused:
        report(run, "r9", "Build", "Compile")
    assert refused.value.error == "ActionNotFoundException"


# ---------------------------------------------------------------------------------------------- Lambda


def asked_again(run: Simulation, every: int) -> Simulation:
    """A function that asks to be called again, each time after so many seconds, until that is refused."""
    while True:
        job = list(run.state.jobs.values())[-1]
        try:
            run.call("PutJobSuccessResult", jobId=job_id(run.seed, job.number), continuationToken="more")
        except Refused:
            return run
        run.run(run.now + every)


def failure(run: Simulation) -> tuple[int, str]:
    """When the action failed, and what it said."""
    attempt = run.state.pipelines["shop"].executions[1].stages["Check"].attempts["Ask"][-1]
    assert attempt.ended is not None
    return attempt.ended, attempt.result.message


def function(**world: Any) -> Simulation:
    return simulation(CHECK, {"pushes": "0s", "actions": {"Check/Ask": {"worker": "outside"}}, **world}).run(100)


def test_a_function_that_reports_nothing_fails_after_twenty_minutes() -> None:
    ended, message = failure(function().run("2h"))
    assert (ended, message[:65]) == (60 + 1200, SILENT)


def test_a_function_that_asks_again_and_again_has_a_day_in_all() -> None:
    assert failure(asked_again(function(), 1000)) == (60 + 86_400, "The action ran longer than its limit of 1d and failed.")


def test_a_scenario_may_give_a_function_another_day() -> None:
    assert failure(asked_again(function(timeouts={"Lambda": "1h"}), 1000)) == (
        60 + 3600, "The action ran longer than its limit of 1h and failed.")


def test_a_function_that_asks_once_and_then_says_nothing_has_twenty_minutes_more() -> None:
    run = function()
    run.call("PutJobSuccessResult", jobId=job_id(run.seed, list(run.state.jobs)[-1]), continuationToken="more")
    ended, message = failure(run.run("2h"))
    assert (ended, message[:65]) == (100 + 1200, SILENT)
