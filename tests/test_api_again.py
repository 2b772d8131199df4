"""What comes again under a known name: a pipeline that was deleted and made anew, a commit that somebody asks for once more,
a run that a rule asks for with a revision and variables."""

from __future__ import annotations

import json
from typing import Any

from pipeline_sim import Simulation
from pipeline_sim.ids import execution_id

from .stories import ROLE, simulation

STAGES = {"Source": ["App"], "Build": ["Compile"]}


def executions(sim: Simulation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sim.call("ListPipelineExecutions", pipelineName="shop")["pipelineExecutionSummaries"]
    return found


def made_anew() -> Simulation:
    """A pipeline that ran twice, was deleted, made anew, and ran by that once more."""
    sim = simulation(STAGES, {"pushes": ["0s", "5m"]}).run()
    structure = sim.call("GetPipeline", name="shop")["pipeline"]
    sim.call("DeletePipeline", name="shop")
    sim.call("CreatePipeline", pipeline=structure)
    return sim.run()


def test_the_executions_of_a_pipeline_made_anew_have_new_ids() -> None:
    sim = made_anew()
    before = {execution_id(sim.seed, "shop", number) for number in (1, 2)}
    (one,) = executions(sim)
    assert one["pipelineExecutionId"] not in before
    started = sim.call("StartPipelineExecution", name="shop")["pipelineExecutionId"]
    assert [found["pipelineExecutionId"] for found in executions(sim)] == [started, one["pipelineExecutionId"]]
    assert sim.fork(sim.now).records == sim.records


def test_an_execution_made_anew_is_asked_about_by_its_number() -> None:
    sim = made_anew()
    assert list(sim.state.pipelines["shop"].executions) == [3]
    assert "succeeded" in str(sim.why("#3"))


def test_a_commit_that_is_known_keeps_its_message_whoever_took_it() -> None:
    """The second push came while the first was built, and a third overtook it: no execution has ever had it."""
    sim = simulation(STAGES, {})
    for at, revision in ((0, "one"), (70, "two"), (80, "three")):
        sim.run(at)
        sim.push("App", revision=revision, message=f"Change {revision}")
    sim.push("App", revision="away", message="On a branch", branch="topic")
    sim.run()
    for revision, message in (("two", "Change two"), ("away", "On a branch")):
        identifier = sim.call("StartPipelineExecution", name="shop", sourceRevisions=[
            {"actionName": "App", "revisionType": "COMMIT_ID", "revisionValue": revision}])["pipelineExecutionId"]
        sim.run()
        found = sim.call("GetPipelineExecution", pipelineName="shop", pipelineExecutionId=identifier)["pipelineExecution"]
        assert found["artifactRevisions"][0]["revisionSummary"] == message


def test_a_rule_may_ask_for_a_revision_and_variables() -> None:
    """An input transformer makes StartPipelineExecution's own members of the event (6.5)."""
    sim = simulation(STAGES, {}, variables=[{"name": "Level", "defaultValue": "1"}])
    events = sim.client("events")
    events.put_rule(Name="ask", EventPattern=json.dumps({"source": ["my.tool"]}))
    template = {"sourceRevisions": [{"actionName": "App", "revisionType": "COMMIT_ID", "revisionValue": "<commit>"}],
                "variables": [{"name": "Level", "value": "7"}]}
    events.put_targets(Rule="ask", Targets=[
        {"Id": "1", "Arn": "arn:aws:codepipeline:eu-west-1:111122223333:shop", "RoleArn": ROLE,
         "InputTransformer": {"InputPathsMap": {"commit": "$.detail.commit"}, "InputTemplate": json.dumps(template)}}])
    for commit in ("abc", ""):
        events.put_events(Entries=[{"Source": "my.tool", "DetailType": "Asked", "Detail": json.dumps({"commit": commit})}])
        sim.run()
    (one,) = sim.state.pipelines["shop"].executions.values()
    assert one.revisions["App"].id == "abc"
    assert dict(one.start.variables) == {"Level": "7"}
    assert "ValidationException" in sim.why("rule ask").sentence
