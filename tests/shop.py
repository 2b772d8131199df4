"""A small web shop: the pipeline that most stories of the views are about, and short ways to change and run it."""

from __future__ import annotations

from typing import Any

from pipeline_sim.ids import execution_id
from pipeline_sim.pipeline.model import Pipeline
from pipeline_sim.scenario import Scenario
from pipeline_sim.simulation import Simulation
from pipeline_sim.simulation.calls.personal import pending_token

ROLE = "arn:aws:iam::111122223333:role/pipeline"
LEE = "arn:aws:iam::111122223333:user/lee"


def action(name: str, provider: str, configuration: dict[str, str] | None = None, *, category: str = "", order: int = 1,
           reads: tuple[str, ...] = (), makes: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """An action's structure. The category follows from the provider where it is not given."""
    kind = {"category": category or CATEGORIES[provider], "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "runOrder": order, "actionTypeId": kind, "configuration": configuration or {},
            "inputArtifacts": [{"name": one} for one in reads], "outputArtifacts": [{"name": one} for one in makes],
            **more}


CATEGORIES = {"CodeCommit": "Source", "S3": "Source", "CodeStarSourceConnection": "Source", "CodeBuild": "Build",
              "CodeDeploy": "Deploy", "Manual": "Approval", "Lambda": "Invoke", "Commands": "Compute"}


def source(name: str = "App", **settings: str) -> dict[str, Any]:
    return action(name, "CodeCommit", {"RepositoryName": "shop", "BranchName": "main", "PollForSourceChanges": "false",
                                       **settings}, makes=("Src",))


def build(name: str = "Compile", **more: Any) -> dict[str, Any]:
    return action(name, "CodeBuild", {"ProjectName": "shop-build"}, reads=("Src",), **more)


def approve(name: str = "Approve", **settings: str) -> dict[str, Any]:
    return action(name, "Manual", settings)


def deploy(name: str = "Deploy", order: int = 2) -> dict[str, Any]:
    return action(name, "CodeDeploy", {"ApplicationName": "shop", "DeploymentGroupName": "web"}, order=order,
                  reads=("Out",))


def stage(name: str, *actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "actions": list(actions), **more}


def structure(*stages: dict[str, Any], name: str = "shop", mode: str = "SUPERSEDED", kind: str = "V2",
              **more: Any) -> dict[str, Any]:
    """The structure of a pipeline; without stages, of the shop: Source, Build (compile beside lint), Prod (approve,
    then deploy)."""
    given = list(stages) or [
        stage("Source", source()),
        stage("Build", build(makes=("Out",)), build("Lint", category="Test")),
        stage("Prod", approve(), deploy()),
    ]
    return {"name": name, "roleArn": ROLE, "artifactStore": {"type": "S3", "location": "shop-artifacts"},
            "executionMode": mode, "pipelineType": kind, "stages": given, **more}


CALM: dict[str, Any] = {
    "by": LEE,
    "actions": {"*": {"duration": "1m"}, "CodeCommit": {"duration": "10s"}, "CodeBuild": {"duration": "4m"}},
}
"""A world in which everything takes its time and works, and nobody answers."""


def do(sim: Simulation, operation: str, *, execution: int | None = None, by: str | None = None, pipeline: str = "shop",
       **request: Any) -> dict[str, Any]:
    """Call an operation on the shop; the execution by its number, an approval without its token."""
    request = {"pipelineName": pipeline, **request}
    if execution is not None:
        request["pipelineExecutionId"] = execution_id(sim.seed, pipeline, execution)
    if "result" in request and "token" not in request:
        place = request["stageName"], request["actionName"]
        request["token"] = pending_token(sim, sim.state.pipelines[pipeline], *place)
    return sim.call(operation, by=by, **request)


def simulate(*given: dict[str, Any], seed: int = 3, mode: str = "SUPERSEDED", **scenario: Any) -> Simulation:
    """A simulation of these structures (the shop, where there is none) in a calm world with these changes."""
    structures = list(given) or [structure(mode=mode)]
    pipelines = [Pipeline.load({"pipeline": one}) for one in structures]
    actions = {**CALM["actions"], **scenario.pop("actions", {})}
    return Simulation(pipelines, Scenario.load({**CALM, "actions": actions, **scenario}), seed=seed)
