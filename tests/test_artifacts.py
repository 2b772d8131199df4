"""What is known of an artifact: its maker, its revision, its place, its readers, its copies in other Regions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline_sim import Pipeline, Scenario, Simulation
from pipeline_sim.views.artifacts import artifacts

from .stories import simulation, structure

BUILD = {"outputArtifacts": [{"name": "Binary"}]}
READS = {"inputArtifacts": [{"name": "Binary"}]}
STAGES: dict[str, Any] = {"Source": ["App"], "Build": [{"Compile": BUILD}],
                          "Prod": [{"Deploy": {"provider": "CodeDeploy", **READS}}, {"Smoke": READS}]}


def test_an_artifact_says_who_made_it_of_what_and_who_read_it() -> None:
    one = simulation(STAGES, {"pushes": {"at": 0, "revision": "4f2b1c0d9e8f77", "message": "Fix the basket"}}).run()
    found = one.artifact("Build/Binary")
    assert (found.execution, found.made_by, found.attempt, found.at) == (1, "Build/Compile", 1, 120)
    assert [(origin.source, origin.revision) for origin in found.revisions] == [("Source/App", "4f2b1c0d9e8f77")]
    assert [(reading.place, reading.at, reading.status) for reading in found.read_by] == [
        ("Prod/Deploy", 120, "Succeeded"), ("Prod/Smoke", 180, "Succeeded")]
    assert str(found).splitlines() == [
        "Binary: made by Build/Compile in execution 1 of shop, at 09:02.",
        f"  s3://artifacts/{found.key} in eu-west-1, encrypted with aws/s3.",
        "  From Source/App: 4f2b1c0d9e8f (Fix the basket).",
        "  Read by Prod/Deploy at 09:02 and Prod/Smoke at 09:03."]
    assert json.loads(json.dumps(found.as_dict()))["read_by"][0]["place"] == "Prod/Deploy"


def test_bucket_and_key_are_those_of_the_history() -> None:
    one = simulation(STAGES, {"pushes": "0s"}).run()
    details = one.call("ListActionExecutions", pipelineName="shop")["actionExecutionDetails"]
    (wrote,) = next(detail for detail in details if detail["actionName"] == "Compile")["output"]["outputArtifacts"]
    found = one.artifact("Binary")
    assert wrote["s3location"] == {"bucket": found.bucket, "key": found.key}


def test_a_retry_makes_another_object_and_later_actions_read_that() -> None:
    world = {"pushes": "0s", "actions": {"Build/Check": {"attempts": {1: "Failed"}}}, "calls": [
        {"at": "5m", "operation": "RetryStageExecution", "stageName": "Build", "execution": 1, "retryMode": "ALL_ACTIONS"}]}
    one = simulation({**STAGES, "Build": [{"Compile": BUILD}, "Check"]}, world).run()
    old, new = (found for found in artifacts(one.state) if found.name == "Binary")
    assert (old.attempt, old.newest, old.read_by) == (1, False, ())
    assert "A retry has made another one since" in str(old)
    assert "Nobody has read it" in str(old)
    assert (new.attempt, new.newest, len(new.read_by)) == (2, True, 2)
    assert old.key != new.key
    assert one.artifact("Binary") == new


def test_a_rollback_reads_the_artifact_of_its_target() -> None:
    world = {"pushes": ["0s", "10m"], "calls": [
        {"at": "30m", "operation": "RollbackStage", "stageName": "Prod", "target": 1}]}
    one = simulation(STAGES, world).run()
    found = one.artifact("Binary", execution=1)
    assert [(reading.execution, reading.place) for reading in found.read_by] == [
        (1, "Prod/Deploy"), (1, "Prod/Smoke"), (3, "Prod/Deploy"), (3, "Prod/Smoke")]
    assert "Prod/Deploy of execution 3" in str(found)
    assert one.artifact("Binary").execution == 2


def test_an_action_in_another_region_reads_a_copy() -> None:
    stores = {region: {"type": "S3", "location": f"artifacts-{region}"} for region in ("eu-west-1", "us-east-1")}
    stores["us-east-1"]["encryptionKey"] = {"id": "k", "type": "KMS"}  # type: ignore[assignment]
    far = {"provider": "CodeDeploy", "region": "us-east-1", **READS}
    body = structure({**STAGES, "Prod": [{"Deploy": far}, {"Again": far}]}, artifactStores=stores)
    del body["artifactStore"]
    one = Simulation(Pipeline.load(body), Scenario.load({"pushes": "0s", "actions": {"*": {"duration": "60s"}}})).run()
    found = one.artifact("Binary")
    assert (found.region, found.bucket, found.encryption) == ("eu-west-1", "artifacts-eu-west-1", "aws/s3")
    (copied,) = found.copies
    assert (copied.region, copied.bucket, copied.key, copied.at) == ("us-east-1", "artifacts-us-east-1", found.key, 120)
    assert "Copied to s3://artifacts-us-east-1/" in str(found)


def test_an_artifact_of_two_sources_has_both_revisions() -> None:
    both = {"inputArtifacts": [{"name": "App"}, {"name": "Config"}], "configuration": {"PrimarySource": "App"}, **BUILD}
    one = simulation({"Source": [["App", "Config"]], "Build": [{"Compile": both}], "Prod": [{"Smoke": READS}]},
                     {"pushes": [{"at": 0, "source": "Source/App", "revision": "aaaa"}]}).run()
    found = one.artifact("Binary")
    assert [origin.source for origin in found.revisions] == ["Source/App", "Source/Config"]


def test_names_that_nothing_has_are_told_with_a_near_one() -> None:
    one = simulation(STAGES, {"pushes": "0s"})
    with pytest.raises(ValueError, match="Did you mean 'Build/Binary'"):
        one.artifact("Build/Binray")
    with pytest.raises(ValueError, match="No artifact is called 'Source/Binary'"):
        one.artifact("Source/Binary")
    with pytest.raises(ValueError, match="has not been made in any execution of shop"):
        one.artifact("Binary")


def test_several_pipelines_want_the_name_of_one() -> None:
    both = [Pipeline.load(structure(STAGES, name=name)) for name in ("one", "two")]
    run = Simulation(both, Scenario.load({"pushes": "0s"})).run()
    with pytest.raises(ValueError, match="write one:Binary or two:Binary"):
        run.artifact("Binary")
    assert run.artifact("two:Build/Binary").pipeline == "two"
