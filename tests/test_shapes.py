"""A request is checked against the API's own model, and everything wrong with it is told at once."""

from __future__ import annotations

import importlib.util
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pipeline_sim import shapes

ROOT = Path(__file__).resolve().parent.parent


def load_tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_shapes", ROOT / "tools" / "make_shapes.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def message(operation: str, **request: Any) -> str:
    refusal = shapes.validate(operation, request)
    assert refusal is not None, f"{operation} allows {request}"
    assert refusal[0] == "ValidationException"
    return refusal[1]


def test_our_shapes_are_those_of_botocore() -> None:
    tool = load_tool()
    assert tool.TARGET.read_text() == tool.text_of(tool.make(tool.read_model())), "run python tools/make_shapes.py"


def test_there_are_44_operations_and_each_can_be_asked() -> None:
    assert len(shapes.operations()) == 44
    for operation in shapes.operations():
        refusal = shapes.validate(operation, {"nonsense": 1})
        assert refusal is not None and "'nonsense'" in refusal[1]


def test_a_good_request_passes() -> None:
    request = {"name": "web-shop", "variables": [{"name": "A", "value": "b"}]}
    assert shapes.validate("StartPipelineExecution", request) is None


def test_a_moment_may_be_a_datetime_a_number_or_a_text() -> None:
    job = "3f0b8c52-5a0f-4d7e-8a3e-1b2c3d4e5f60"
    for created in (datetime(2030, 1, 7, tzinfo=UTC), 1893456000, 1893456000.5, "2030-01-07T09:00:00Z"):
        revision = {"revision": "a", "changeIdentifier": "b", "created": created}
        assert shapes.validate("PutJobSuccessResult", {"jobId": job, "currentRevision": revision}) is None
    revision["created"] = "yesterday"
    assert "currentRevision.created" in message("PutJobSuccessResult", jobId=job, currentRevision=revision)


def test_the_words_of_a_broken_pattern() -> None:
    assert message("GetPipelineState", name="web shop") == (
        "1 validation error detected: Value 'web shop' at 'name' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [A-Za-z0-9.@\-_]+"
    )


def test_every_violation_is_told_in_one_message() -> None:
    text = message("DisableStageTransition", pipelineName="", stageName="Prod", transitionType="inbound")
    assert text.startswith("4 validation errors detected: ")
    assert "Value '' at 'pipelineName' failed to satisfy constraint: Member must have length greater than or equal " \
           "to 1" in text
    assert "Value 'inbound' at 'transitionType' failed to satisfy constraint: Member must satisfy enum value set: " \
           "[Inbound, Outbound]" in text
    assert "Value null at 'reason' failed to satisfy constraint: Member must not be null" in text


def pipeline(**action: Any) -> dict[str, Any]:
    kind = {"category": "Source", "owner": "ThirdParty", "provider": "GitHub", "version": "1"}
    source = {"name": "Source", "actionTypeId": kind, **action}
    return {"name": "web", "roleArn": "arn:aws:iam::111122223333:role/pipeline",
            "stages": [{"name": "Source", "actions": [source]}]}


def test_places_in_lists_count_from_one() -> None:
    text = message("CreatePipeline", pipeline=pipeline(runOrder=1000))
    assert "at 'pipeline.stages.1.member.actions.1.member.runOrder' failed to satisfy constraint: " \
           "Member must have value less than or equal to 999" in text


def test_a_map_is_named_but_its_values_are_not_shown() -> None:
    assert message("CreatePipeline", pipeline=pipeline(configuration={"Repo": ""})) == (
        "1 validation error detected: Value at 'pipeline.stages.1.member.actions.1.member.configuration' "
        "failed to satisfy constraint: Map value must satisfy constraint: "
        "[Member must have length less than or equal to 1000, Member must have length greater than or equal to 1]"
    )


def test_a_secret_is_never_repeated() -> None:
    assert "ghp_" not in message("CreatePipeline", pipeline=pipeline(configuration={"OAuthToken": ["ghp_1234"]}))
    assert "ghp_" not in message("CreatePipeline", pipeline={"OAuthToken": "ghp_1234"})
    assert "ghp_" not in message("CreatePipeline", pipeline=pipeline(extra={"deep": [{"OAuthToken": "ghp_1234"}]}))


@pytest.mark.parametrize(("operation", "request_", "path"), [
    ("GetPipeline", {"name": 5}, "name"),
    ("GetPipeline", {"name": "a", "version": "1"}, "version"),
    ("GetPipeline", {"name": "a", "version": True}, "version"),
    ("GetPipeline", {"name": None}, "name"),
    ("StopPipelineExecution", {"pipelineName": "a", "pipelineExecutionId": "b", "abandon": "yes"}, "abandon"),
    ("TagResource", {"resourceArn": "arn:aws:codepipeline:eu-west-1:111122223333:a", "tags": {"key": "a"}}, "tags"),
    ("CreatePipeline", {"pipeline": "a"}, "pipeline"),
])
def test_a_wrong_type_is_told_with_its_path(operation: str, request_: dict[str, Any], path: str) -> None:
    assert f"at '{path}' failed" in message(operation, **request_)


def test_a_misspelt_member_is_told_with_the_near_name() -> None:
    assert "did you mean 'name'?" in message("GetPipeline", nane="web")


def test_a_misspelt_operation_too() -> None:
    refusal = shapes.validate("StartPipelineExecutions", {})
    assert refusal is not None and refusal[0] == "UnknownOperationException"
    assert "did you mean 'StartPipelineExecution'?" in refusal[1]


def test_the_errors_that_an_operation_declares() -> None:
    assert "PipelineVersionNotFoundException" in shapes.errors_of("GetPipeline")
    assert shapes.status_of("PipelineNotFoundException") == 400
    assert shapes.status_of("ConflictException") == 409


def test_null_means_absent_for_a_door_that_reads_json() -> None:
    assert shapes.without_nulls({"a": None, "b": [{"c": None, "d": 1}]}) == {"b": [{"d": 1}]}


def test_a_limit_itself_is_within_the_limits() -> None:
    assert shapes.validate("GetPipeline", {"name": "a" * 100, "version": 1}) is None
    assert shapes.validate("ListPipelines", {"maxResults": 1000}) is None
    assert "'name'" in message("GetPipeline", name="a" * 101)
