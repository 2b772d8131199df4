"""Variables that are mere words change no run: arrays do such pipelines; one that may be missing is refused."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings

from pipeline_sim import Pipeline, Scenario
from pipeline_sim.whatif.plan import NotAnArray
from pipeline_sim.whatif.runs import planned

from .stories import structure
from .test_whatif_arrays import agree
from .whatif_worlds import World, worlds

SPOKEN = "#{Src.CommitId} by #{Src.CommitMessage} for #{variables.Who} in #{codepipeline.PipelineExecutionId}"


def speaking(body: dict[str, Any]) -> dict[str, Any]:
    """The same pipeline, whose approvals and builds name what is released."""
    spoken = deepcopy(body)
    spoken["variables"] = [{"name": "Who", "defaultValue": "all"}]
    spoken["stages"][0]["actions"][0]["namespace"] = "Src"
    for action in (one for stage in spoken["stages"][1:] for one in stage["actions"]):
        if action["actionTypeId"]["provider"] == "Manual":
            action["configuration"]["CustomData"] = SPOKEN
        elif action["actionTypeId"]["provider"] == "CodeBuild":
            value = {"name": "COMMIT", "value": SPOKEN}
            action["configuration"]["EnvironmentVariables"] = json.dumps([value])
    return spoken


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_arrays_and_simulation_agree_where_actions_use_variables(world: World) -> None:
    body, said, seed = world
    with suppress(NotAnArray):
        agree((speaking(body), said, seed))


def shop(**approval: Any) -> dict[str, Any]:
    approve = {"provider": "Manual", "configuration": approval}
    made = structure({"Source": ["App"], "Build": [{"Compile": {"namespace": "Made"}}], "Prod": [{"Approve": approve}]},
                     variables=[{"name": "Who", "defaultValue": "all"}])
    made["stages"][0]["actions"][0]["namespace"] = "Src"
    return made


def against(body: dict[str, Any], **world: Any) -> str:
    pipeline = Pipeline.load(body)
    return planned(pipeline, Scenario.load({"pushes": [0], **world}, [pipeline])).against


def test_what_a_source_gives_out_is_always_there() -> None:
    assert against(shop(CustomData=SPOKEN, ExternalEntityLink="https://example.com/#{Src.BranchName}")) == ""


@pytest.mark.parametrize("approval", [
    {"CustomData": "#{Made.Version}"},
    {"NotificationArn": "arn:aws:sns:eu-west-1:111122223333:#{variables.Who}"},
])
def test_what_may_be_missing_or_decides_is_left_to_the_simulation(approval: dict[str, str]) -> None:
    assert "uses variables" in against(shop(**approval))


def test_a_source_that_may_be_skipped_gives_nothing_out() -> None:
    body = shop(CustomData="#{Src.CommitId}")
    rule = {"name": "Check", "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "LambdaInvoke", "version": "1"},
            "configuration": {"FunctionName": "f"}}
    body["stages"][0]["beforeEntry"] = {"conditions": [{"result": "SKIP", "rules": [rule]}]}
    assert against(body) != ""


def test_a_message_of_many_letters_may_be_too_much_for_a_configuration() -> None:
    long = [{"at": 0, "message": "x" * 90_000}]
    assert "uses variables" in against(shop(CustomData="#{Src.CommitMessage}"), pushes=long)
