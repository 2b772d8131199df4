"""Worlds that keep themselves going: the run ends with an error that says what does so, and never hangs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline_sim import Pipeline, Scenario, Simulation
from pipeline_sim.aws.account import of
from pipeline_sim.simulation import Endless, endless

from .stories import simulation, structure

EVERY = 200


@pytest.fixture(autouse=True)
def sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bounds, a tenth as far away."""
    monkeypatch.setattr(endless, "EVERY", EVERY)
    monkeypatch.setattr(endless, "EACH", endless.EACH // 10)


AGAIN = {"Go": {"provider": "CodePipeline", "configuration": {"PipelineName": "shop"}}}


def begun(stages: dict[str, Any], scenario: dict[str, Any]) -> Simulation:
    one = simulation(stages, scenario)
    one.call("StartPipelineExecution", name="shop")
    return one


def itself(seconds: int) -> Simulation:
    """A pipeline whose last action starts it again."""
    return begun({"Source": ["App"], "Again": [AGAIN]}, {"actions": {"*": {"duration": seconds}}})


def retried(seconds: int) -> Simulation:
    """Somebody who retries what always fails, a million times."""
    return begun({"Source": ["App"], "Test": ["Unit"]}, {
        "actions": {"*": {"duration": seconds}, "Test/*": {"duration": seconds, "failure": 1}},
        "retry": {"after": seconds, "times": 1_000_000}})


def by_rule(seconds: int) -> Simulation:
    """A rule of EventBridge that starts the pipeline whenever it has started."""
    one = simulation({"Source": ["App"], "Test": ["Unit"]}, {"actions": {"*": {"duration": seconds}}})
    events = one.client("events")
    events.put_rule(Name="again", EventPattern=json.dumps({
        "detail-type": ["CodePipeline Pipeline Execution State Change"], "detail": {"state": ["STARTED"]}}))
    events.put_targets(Rule="again", Targets=[{
        "Id": "1", "Arn": "arn:aws:codepipeline:eu-west-1:111122223333:shop",
        "RoleArn": "arn:aws:iam::111122223333:role/events"}])
    return one


@pytest.mark.parametrize("until", [None, "7d"])
def test_a_pipeline_that_starts_itself_without_time_passing_is_told(until: str | None) -> None:
    with pytest.raises(Endless, match="without any time passing.*shop is started by StartPipelineExecution"):
        itself(0).run(until)


def test_a_pipeline_that_starts_itself_again_and_again_needs_an_end() -> None:
    with pytest.raises(Endless, match=r"shop is started by StartPipelineExecution.*run\(until='7d'\)"):
        itself(60).run()
    assert len(itself(60).run("1d").state.pipelines["shop"].executions) == 1 + 86_400 // 120


def test_two_pipelines_that_start_each_other_are_told() -> None:
    pair = [Pipeline.load(structure({"Source": ["App"], "Next": [
        {"Go": {"provider": "CodePipeline", "configuration": {"PipelineName": other}}}]}, name=name))
        for name, other in (("red", "blue"), ("blue", "red"))]
    one = Simulation(pair, Scenario({"actions": {"*": {"duration": 0}}}))
    with pytest.raises(Endless, match="(red|blue) is started by"):
        one.call("StartPipelineExecution", name="red")


def test_a_rule_that_hears_its_own_doing_is_told_at_the_act_that_begins_it() -> None:
    with pytest.raises(Endless, match=r"shop is started by CloudWatchEvent \(arn:aws:events:.*:rule/again\)"):
        by_rule(60).call("StartPipelineExecution", name="shop")


@pytest.mark.parametrize(("seconds", "told"), [(0, "without any time passing"), (60, "keeps itself going")])
def test_somebody_who_never_gives_up_is_told(seconds: int, told: str) -> None:
    with pytest.raises(Endless, match=f"{told}.*stage Test of shop is retried by"):
        retried(seconds).run()


def test_a_function_that_starts_its_pipeline_again_is_told() -> None:
    """What a function raises stops nobody else; this does."""
    one = simulation({"Source": ["App"], "Test": ["Unit"]}, {"actions": {"*": {"duration": 60}}})
    code = lambda event, context: context.call("StartPipelineExecution", name="shop")  # noqa: E731
    arn = of(one).function("again", code)
    one.client("lambda").add_permission(FunctionName="again", StatementId="rule", Action="lambda:InvokeFunction",
                                        Principal="events.amazonaws.com")
    events = one.client("events")
    events.put_rule(Name="again", EventPattern=json.dumps({
        "detail-type": ["CodePipeline Pipeline Execution State Change"], "detail": {"state": ["SUCCEEDED"]}}))
    events.put_targets(Rule="again", Targets=[{"Id": "1", "Arn": arn}])
    one.call("StartPipelineExecution", name="shop")
    with pytest.raises(Endless, match="keeps itself going.*shop is started by StartPipelineExecution"):
        one.run()


def test_many_pushes_at_one_instant_are_no_endless_world() -> None:
    one = simulation({"Source": ["App"], "Test": ["Unit"]}, {
        "actions": {"*": {"duration": 0}}, "pushes": [0] * (2 * EVERY + 10)})
    assert one.run().state.pipelines["shop"].executions[2 * EVERY + 10].status == "Succeeded"


def test_many_pushes_one_after_another_come_to_their_end() -> None:
    one = simulation({"Source": ["App"]} | {"Test": ["Unit"]}, {
        "actions": {"*": {"duration": 1}}, "pushes": [{"every": 10, "count": 2 * EVERY + 10}]})
    assert len(one.run().state.pipelines["shop"].executions) == 2 * EVERY + 10
