"""EventBridge events: which, with which members, in which order; compared with recorded ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline_sim.ids import execution_id
from pipeline_sim.simulation import Simulation
from pipeline_sim.views.events import ACTION, PIPELINE, STAGE, Events, events
from tests.corpus import corpus_files
from tests.shop import LEE, action, build, deploy, do, simulate, source, stage, structure


def told(sim: Simulation, execution: int = 1) -> list[str]:
    """The events of an execution in short: `STARTED`, `Build STARTED`, `Build/Compile STARTED`."""
    identifier = execution_id(sim.seed, "shop", execution)
    return [" ".join(filter(None, ["/".join(filter(None, [detail.get("stage"), detail.get("action")])),
                                   detail["state"]]))
            for event in events(sim.records) if (detail := event["detail"])["execution-id"] == identifier]


def the(sim: Simulation, kind: str, state: str, name: str = "", number: int = 0) -> dict[str, Any]:
    found = [event for event in events(sim.records)
             if event["detail-type"] == kind and event["detail"]["state"] == state
             and name in ("", event["detail"].get("action"), event["detail"].get("stage"))]
    return found[number]


def test_a_successful_run_tells_its_story_in_order() -> None:
    sim = simulate(structure(stage("Source", source()), stage("Build", build())))
    sim.push()
    sim.run()
    assert told(sim) == [
        "STARTED", "Source STARTED", "Source/App STARTED", "Source/App SUCCEEDED", "Source SUCCEEDED",
        "Build STARTED", "Build/Compile STARTED", "Build/Compile SUCCEEDED", "Build SUCCEEDED", "SUCCEEDED"]


def test_the_envelope_is_eventbridges() -> None:
    sim = simulate()
    sim.call("StartPipelineExecution", name="shop", by=LEE)
    event = events(sim.records)[0]
    assert event == {
        "version": "0", "id": event["id"], "detail-type": PIPELINE, "source": "aws.codepipeline",
        "account": "111122223333", "time": "2030-01-07T09:00:00Z", "region": "eu-west-1",
        "resources": ["arn:aws:codepipeline:eu-west-1:111122223333:shop"],
        "detail": {"pipeline": "shop", "execution-id": execution_id(sim.seed, "shop", 1),
                   "start-time": "2030-01-07T09:00:00.000Z",
                   "execution-trigger": {"trigger-type": "StartPipelineExecution", "trigger-detail": LEE},
                   "state": "STARTED", "version": 1.0, "pipeline-execution-attempt": 1.0}}
    assert isinstance(event["detail"]["version"], float)


def test_ids_are_stable_and_never_repeat() -> None:
    sim = simulate(pushes=[{"at": 0}, {"at": "5m"}])
    sim.run()
    all_of_them = [event["id"] for event in events(sim.records)]
    assert len(set(all_of_them)) == len(all_of_them) > 20
    assert [event["id"] for event in events(sim.records[:30])] == all_of_them[:len(events(sim.records[:30]))]


def test_an_action_tells_what_it_reads_makes_and_came_to() -> None:
    sim = simulate()
    sim.push()
    sim.run("10m")
    begun, done = the(sim, ACTION, "STARTED", "Compile")["detail"], the(sim, ACTION, "SUCCEEDED", "Compile")["detail"]
    made = the(sim, ACTION, "SUCCEEDED", "App")["detail"]["output-artifacts"]
    assert begun["input-artifacts"] == made
    assert made[0]["name"] == "Src"
    assert made[0]["s3location"]["bucket"] == "shop-artifacts"
    assert "output-artifacts" not in begun
    assert "execution-result" not in begun
    assert done["output-artifacts"][0]["s3location"]["key"].startswith("shop/Out/")
    assert "input-artifacts" not in done
    assert done["execution-result"]["external-execution-id"].startswith("shop-build:")
    assert done["type"] == {"owner": "AWS", "provider": "CodeBuild", "category": "Build", "version": "1"}
    assert begun["action-execution-id"] == done["action-execution-id"]


def test_a_failure_carries_its_error_and_later_groups_say_nothing() -> None:
    sim = simulate(actions={"Build/Compile": {"duration": "1m", "failure": 1, "code": "JobFailed", "message": "red"}})
    sim.push()
    sim.run()
    assert the(sim, ACTION, "FAILED")["detail"]["execution-result"]["error-code"] == "JobFailed"
    assert told(sim)[5:] == ["Build STARTED", "Build/Compile STARTED", "Build/Lint STARTED", "Build/Compile FAILED",
                             "Build/Lint SUCCEEDED", "Build FAILED", "FAILED"]


def test_a_retry_resumes_pipeline_and_stage_and_starts_the_action_again() -> None:
    sim = simulate(actions={"Build/Compile": {"attempts": {1: {"status": "Failed"}}}})
    sim.push()
    sim.run("10m")
    before = len(told(sim))
    do(sim, "RetryStageExecution", execution=1, stageName="Build", retryMode="FAILED_ACTIONS")
    sim.run("20m")
    assert told(sim)[before:before + 5] == ["RESUMED", "Build RESUMED", "Build/Compile STARTED",
                                            "Build/Compile SUCCEEDED", "Build SUCCEEDED"]
    resumed = the(sim, STAGE, "RESUMED")["detail"]
    assert resumed["pipeline-execution-attempt"] == 2.0
    assert resumed["stage-last-retry-attempt-time"] == "2030-01-07T09:10:00.000Z"
    assert the(sim, STAGE, "SUCCEEDED", "Build")["detail"]["stage-last-retry-attempt-time"]
    assert "stage-last-retry-attempt-time" not in the(sim, STAGE, "STARTED", "Prod")["detail"]
    first, second = (the(sim, ACTION, "STARTED", "Compile", number)["detail"] for number in (0, 1))
    assert first["action-execution-id"] != second["action-execution-id"]


def test_stop_and_abandon_tells_of_stopping_abandoning_and_stopped() -> None:
    sim = simulate()
    sim.push()
    sim.run("1m")
    do(sim, "StopPipelineExecution", execution=1, abandon=True, reason="wrong commit")
    assert told(sim)[-6:] == ["STOPPING", "Build STOPPING", "Build/Compile ABANDONED", "Build/Lint ABANDONED",
                              "Build STOPPED", "STOPPED"]
    assert the(sim, PIPELINE, "STOPPING")["detail"]["stop-execution-comments"] == "wrong commit"


def test_superseded_executions_are_told_and_merely_waiting_is_not() -> None:
    sim = simulate(pushes=[{"at": 0}, {"at": "10m"}, {"at": "20m"}])
    sim.run("30m")
    assert told(sim, 2)[-2:] == ["Build SUCCEEDED", "SUPERSEDED"]
    assert told(sim, 3)[-1] == "Build SUCCEEDED"


def test_an_update_cancels_with_one_l() -> None:
    sim = simulate(pushes=[{"at": 0}, {"at": "10m"}])
    sim.run("20m")
    sim.call("UpdatePipeline", pipeline=structure())
    assert told(sim, 1)[-3:] == ["Prod/Approve CANCELED", "Prod CANCELED", "CANCELED"]
    assert told(sim, 2)[-1] == "CANCELED"


def test_a_skipped_stage_has_no_event_of_its_end() -> None:
    check = {"name": "Wanted", "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "VariableCheck",
                                              "version": "1"},
             "configuration": {"Variable": "no", "Operator": "EQ", "Value": "yes"}}
    gate = {"conditions": [{"result": "SKIP", "rules": [check]}]}
    sim = simulate(structure(stage("Source", source()), stage("Build", build(), beforeEntry=gate)))
    sim.push()
    sim.run()
    assert told(sim)[-2:] == ["Build STARTED", "SUCCEEDED"]


def test_an_action_that_queued_for_capacity_started_once() -> None:
    sim = simulate(capacity={"CodeBuild": 1})
    sim.push()
    sim.run("10m")
    assert told(sim).count("Build/Lint STARTED") == 1


def test_a_start_that_fails_at_once_is_only_failed() -> None:
    sim = simulate(structure(variables=[{"name": "Region"}]))
    sim.call("StartPipelineExecution", name="shop")
    assert told(sim) == ["FAILED"]
    assert "execution-trigger" in events(sim.records)[0]["detail"]


@pytest.mark.parametrize(("push", "member"), [({"branch": "main"}, ("branch-name", "main")),
                                              ({"tag": "v1"}, ("tag-name", "v1"))])
def test_a_connection_tells_who_pushed_what(push: dict[str, str], member: tuple[str, str]) -> None:
    connected = action("App", "CodeStarSourceConnection", {
        "ConnectionArn": "arn:aws:codeconnections:eu-west-1:111122223333:connection/0a1b",
        "FullRepositoryId": "lee/shop", "BranchName": "main"}, makes=("Src",))
    trigger = {"providerType": "CodeStarSourceConnection", "gitConfiguration": {"sourceActionName": "App", "push": [
        {"branches": {"includes": ["main"]}}, {"tags": {"includes": ["v*"]}}]}}
    sim = simulate(structure(stage("Source", connected), stage("Build", build()), triggers=[trigger]),
                   actions={"CodeStarSourceConnection": {"duration": "5s"}})
    sim.push(**push, author="Lee Ng", message="a cart")
    sim.run()
    started, ended = (the(sim, PIPELINE, state)["detail"]["execution-trigger"] for state in ("STARTED", "SUCCEEDED"))
    assert started == ended
    assert started[member[0]] == member[1]
    assert set(started) - {member[0]} == {
        "author-display-name", "author-email", "author-id", "author-date", "commit-id", "commit-message",
        "full-repository-name", "provider-type", "connection-arn"}
    assert (started["author-display-name"], started["full-repository-name"]) == ("Lee Ng", "lee/shop")
    assert "execution-trigger" not in the(sim, STAGE, "STARTED")["detail"]


def test_records_one_by_one_give_the_same_events() -> None:
    sim = simulate(pushes=[{"at": 0}, {"at": "5m"}, {"at": "6m"}], approvals={"*": {"response": "9m"}})
    sim.run()
    stream = Events()
    one_by_one = [event for record in sim.records for event in stream.take(record)]
    assert one_by_one == events(sim.records)
    assert stream.state == sim.state
    json.dumps(one_by_one)


# ---------------------------------------------------------------------------------------------- as recorded

NEWER = {"start-time", "pipeline-execution-attempt", "action-execution-id"}
"""Members that the service has added since these were recorded."""


def recorded(value: Any) -> Iterator[dict[str, Any]]:
    """Events of CodePipeline anywhere in a recorded document, the whole ones."""
    if isinstance(value, list):
        for part in value:
            yield from recorded(part)
    elif isinstance(value, dict):
        kind = value.get("detail-type") or value.get("detailType", "")
        if value.get("source") == "aws.codepipeline" and "resources" in value and kind in (PIPELINE, STAGE, ACTION):
            yield value
        for part in value.values():
            yield from recorded(part)


def ours() -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Details of every kind and state that a few runs bring about, without connections' triggers."""
    connected = action("App", "CodeStarSourceConnection", {
        "ConnectionArn": "arn:aws:codeconnections:eu-west-1:111122223333:connection/0a1b",
        "FullRepositoryId": "lee/shop", "BranchName": "main"}, makes=("Src",))
    shop = structure(stage("Source", connected), stage("Build", build(makes=("Out",))), stage("Prod", deploy()))
    sim = simulate(shop, pushes=[{"at": 0}, {"at": "30m"}, {"at": "60m"}],
                   actions={"Build/Compile": {"executions": {2: {1: {"status": "Failed"}}}},
                            "Prod/Deploy": {"executions": {3: {1: {"status": "Failed"}}}}})
    sim.call("StartPipelineExecution", name="shop")
    sim.run()
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for event in events(sim.records):
        found.setdefault((event["detail-type"], event["detail"]["state"]), []).append(event["detail"])
    return found


OURS = ours()
MAY_LACK = {"execution-trigger", "input-artifacts", "output-artifacts", "execution-result", "stage", "region", "type"}
"""Members that a recorded event may lack: older ones, and documents' shortened ones."""


@pytest.mark.parametrize("file", corpus_files("events/*.json"))
def test_recorded_events_have_our_members_and_types(file: Path | None) -> None:
    assert file is not None
    for event in recorded(json.loads(file.read_text())):
        detail = event["detail"]
        kind = event.get("detail-type") or event["detailType"]
        candidates = OURS[kind, detail["state"]]
        known = {name: value for one in candidates for name, value in one.items()
                 if name != "execution-trigger" or "trigger-type" in value}
        assert set(detail) <= set(known), file.name
        assert any(set(one) - NEWER - MAY_LACK <= set(detail) for one in candidates)
        for name, value in detail.items():
            _same_shape(value, known[name], name)


def _same_shape(theirs: Any, mine: Any, name: str) -> None:
    if name == "version":
        assert isinstance(mine, float | str)
        return
    assert type(theirs) is type(mine), name
    if isinstance(theirs, dict) and name != "execution-result":
        for key in theirs:
            _same_shape(theirs[key], mine[key], key)
    elif isinstance(theirs, list) and theirs:
        _same_shape(theirs[0], mine[0], name)


def test_the_collection_holds_events_of_all_levels(corpus: Path) -> None:
    kinds = {event.get("detail-type") or event["detailType"]
             for file in (corpus / "events").glob("*.json") for event in recorded(json.loads(file.read_text()))}
    assert kinds == {PIPELINE, STAGE, ACTION}
