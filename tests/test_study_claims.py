"""What a claim may say, and when it says nothing: a slip of the pen is no proof."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_sim.study.claim import Hollow, holds, names, value
from pipeline_sim.study.document import PARTS, document, proven_by
from pipeline_sim.study.short import structure
from pipeline_sim.study.world import NoWorld, fresh, merged, world

DOCUMENT: dict[str, Any] = {"e1": {"status": "Failed", "ended": None}, "list": [{"a": 1}, {"a": 2, "b": 3}], "none": []}


@pytest.mark.parametrize(("text", "true"), [
    ("e1.status == 'Failed'", True),
    ("e1.status == 'Stopped'", False),
    ("length(list[?a==`2`]) == `1`", True),
    ("length(list[?b==`3`]) == `2`", False),
    ("length(none[?whatever=='x']) == `0`", True),
    ("e1.ended == `null`", True),
    ("e1.status == 'Stopped' && e9.status == 'x'", False),
    ("e1.status == 'Failed' || e9.status == 'x'", True),
    ("!contains(keys(e1), 'trigger')", True),
])
def test_a_claim_is_true_or_false(text: str, true: bool) -> None:
    assert holds(text, DOCUMENT) is true


@pytest.mark.parametrize(("text", "sentence"), [
    ("e1.stauts == 'Failed'", "e1.stauts is not there"),
    ("e1.status == 'Failed' && e9.status == 'x'", "e9.status is not there"),
    ("length(list[?c==`2`]) == `0`", "c is not there"),
    ("!(e2.status == 'Failed')", "e2.status is not there"),
    ("e1.status", "comes to 'Failed'"),
    ("e1.status ==", "no JMESPath"),
    ("nosuch(e1)", "cannot be asked"),
])
def test_a_claim_that_says_nothing_is_told(text: str, sentence: str) -> None:
    with pytest.raises(Hollow, match=sentence):
        holds(text, DOCUMENT)


def test_words_in_quotes_are_no_names() -> None:
    assert names("e1.x == 'events' && \"trail\" == `1`") == {"e1", "x"}
    assert value("list[].a", DOCUMENT) == [1, 2]


# ---------------------------------------------------------------------------------------------- worlds


def test_the_same_words_give_the_same_world_and_run() -> None:
    said = {"world": {"pushes": "0s"}}
    assert world(said) is world(dict(said))
    assert world(said).run is world(said, {"pattern": {}}).run
    assert fresh(world(said)) is not world(said).run


def test_an_option_changes_what_it_names_and_leaves_out_what_is_none() -> None:
    assert merged({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"c": None}, "d": [2]}) == {"a": {"b": 1, "c": None}, "d": [2]}
    made = structure({"Source": ["App"], "Build": None, "Prod": ["Deploy"]}, variables=None)
    assert [stage["name"] for stage in made["stages"]] == ["Source", "Prod"]
    assert "variables" not in made


def test_a_small_pipeline_is_written_in_a_few_words() -> None:
    made = structure({"Source": [{"Image": "ECR"}], "Prod": {"actions": [[{"Ok": "Manual"}, "Smoke"], {"Site": "S3"}],
                      "onSuccess": {"result": "FAIL", "rules": {"Quiet": {"CloudWatchAlarm": {"AlarmName": "errors"}}}}}})
    ok, smoke, site = made["stages"][1]["actions"]
    assert [one["runOrder"] for one in (ok, smoke, site)] == [1, 1, 2]
    assert "inputArtifacts" not in ok
    assert smoke["inputArtifacts"] == [{"name": "Image"}]
    assert site["actionTypeId"]["category"] == "Deploy"
    assert made["stages"][1]["onSuccess"]["conditions"][0]["rules"][0]["name"] == "Quiet"


@pytest.mark.parametrize(("said", "sentence"), [
    ({"pipeline": {"stages": {"Source": ["App"]}}}, "needs at least two"),
    ({"pipeline": {"stages": {"Source": [[]], "Build": 7}}}, "short form cannot be read"),
    ({"world": {"pushs": "0s"}}, "pushs"),
    ({"world": {"actions": 7}}, "world cannot be read|actions"),
    ({"until": "soon"}, "soon"),
])
def test_a_world_that_cannot_be_run_says_why(said: dict[str, Any], sentence: str) -> None:
    with pytest.raises(NoWorld, match=sentence):
        _ = world(said).run


def test_every_part_of_the_document_can_be_made() -> None:
    said = {"world": {"pushes": "0s"}, "pattern": {"source": ["aws.codepipeline"]},
            "notify": {"events": ["codepipeline-pipeline-pipeline-execution-failed"]},
            "decide": {"action": "codepipeline:GetPipeline", "resource": "*", "policies": ["AWSCodePipeline_FullAccess"]}}
    found = document(world(said), [*PARTS, "e1"])
    assert set(found) == {*PARTS, "e1"}
    assert found["e1"]["actions"] == {"Source/App": "Succeeded", "Build/Compile": "Succeeded", "Prod/Deploy": "Succeeded"}
    assert len(found["matched"]) == len(found["events"]) == 14
    assert found["decision"]["allowed"]
    assert found["state"]["Prod"]["latestExecution"]["status"] == "Succeeded"


@pytest.mark.parametrize(("text", "kind"), [
    ("e1.status == 'x' && accepted", "run"), ("accepted && count == `1`", "run"), ("length(faults) > `0`", "check"),
    ("decision.allowed", "policy"), ("accepted && contains(catalogue.x.keys, 'y')", "check"),
    ("contains(operations, 'x')", "catalogue"), ("contains(members.GetJobDetails, 'jobId')", "catalogue"),
    ("metrics.lead_time > `3`", "run"), ("whatif.base.success.value > `0` && count == `1`", "many"),
])
def test_by_what_a_claim_is_proven(text: str, kind: str) -> None:
    assert proven_by(names(text)) == kind


def test_of_a_pipeline_that_aws_refuses_only_the_faults_can_be_told() -> None:
    refused = world({"pipeline": {"stages": {"Source": ["App"], "Build": None, "Prod": None}}})
    assert document(refused, ["accepted", "count"]) == {"accepted": False}
    assert holds("accepted && count == `1`", document(refused, ["accepted", "count"])) is False


# ---------------------------------------------------------------------------------------------- many runs

FLAKY: dict[str, Any] = {"pipeline": {"stages": {"Source": ["App"], "Test": ["Unit"], "Prod": ["Deploy"]}},
                         "world": {"pushes": [{"every": "2h", "count": 10}], "actions": {"Test/Unit": {"failure": "20%"}}}}


def asked(**said: Any) -> dict[str, Any]:
    found: dict[str, Any] = document(world({**FLAKY, "whatif": said}), ["whatif"])["whatif"]
    return found


def test_many_runs_say_what_one_cannot() -> None:
    base = asked()["base"]
    assert base["success"]["low"] < 0.8 < base["success"]["high"]
    assert base["success"]["least"] < 0.6 < 0.9 < base["success"]["most"]
    assert "now" not in asked()


def test_a_change_is_compared_on_the_same_luck() -> None:
    found = asked(change="Test/Unit.failure=40%", runs=200)
    assert found["runs"] == 200
    assert found["difference"]["success"]["verdict"] == "worse"
    assert holds("whatif.difference.success.verdict == 'worse'", {"whatif": found})
    assert found["difference"]["success"]["value"] == pytest.approx(
        found["now"]["success"]["value"] - found["base"]["success"]["value"])


def test_what_has_nothing_to_measure_is_none() -> None:
    never = {**FLAKY, "whatif": {"change": "Test/Unit.failure=100%", "runs": 10}}
    assert document(world(never), ["whatif"])["whatif"]["now"]["lead time"]["value"] is None


@pytest.mark.parametrize(("said", "sentence"), [
    ({"chnge": "mode=QUEUED"}, "may say change and runs"), ({"change": "nonsense=1"}, "cannot be asked"),
    ({"runs": 0}, "2 to 5000"), ({"runs": True}, "2 to 5000"), ({"runs": 10**9}, "2 to 5000"),
    ({"change": "mode=PARALLEL; Prod.retry=x"}, "cannot be asked"),
])
def test_a_question_to_many_runs_that_makes_no_sense_says_why(said: dict[str, Any], sentence: str) -> None:
    with pytest.raises(NoWorld, match=sentence):
        asked(**said)


def test_the_metrics_of_a_run_can_be_spoken_of() -> None:
    found = document(world({"world": {"pushes": ["0s", "1h"]}}), ["metrics"])["metrics"]
    assert found["change_failure_rate"] == 0
    assert [one["carried"] for one in found["deployments"]] == [[1], [2]]
    assert found["lead_times"] == [180, 180]
