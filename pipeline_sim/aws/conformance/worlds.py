"""Small worlds in which calls are answered or refused: one pipeline called `shop`, in one situation each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ...ids import approval_token, attempt_id, execution_id, job_id
from ...pipeline.model import Pipeline
from ...scenario import Scenario
from ...simulation import Simulation
from ...state import Job
from ...views.api.jobs import client_id

ACCOUNT, REGION = "111122223333", "eu-west-1"
ARN = f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:"
World = Callable[[], Simulation]
Request = Callable[[Simulation], dict[str, Any]]

# ---------------------------------------------------------------------------------------------- definitions


def action(name: str, category: str, provider: str, owner: str = "AWS", **members: Any) -> dict[str, Any]:
    for key in ("inputArtifacts", "outputArtifacts"):
        if key in members:
            members[key] = [{"name": artifact} for artifact in members[key]]
    kind = {"category": category, "owner": owner, "provider": provider, "version": "1"}
    return {"name": name, "actionTypeId": kind, **members}


def stage(name: str, *actions: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"name": name, "actions": list(actions), **members}


def pipeline(name: str, *stages: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"name": name, "roleArn": f"arn:aws:iam::{ACCOUNT}:role/pipeline",
            "artifactStore": {"type": "S3", "location": "shop-artifacts"}, "stages": list(stages),
            "pipelineType": "V2", **members}


SOURCE = stage("Source", action("App", "Source", "CodeCommit", outputArtifacts=["Code"], configuration={
    "RepositoryName": "shop", "BranchName": "main", "PollForSourceChanges": "false"}))
BUILD = stage("Build", action("Compile", "Build", "CodeBuild", inputArtifacts=["Code"], outputArtifacts=["Binary"],
                              configuration={"ProjectName": "shop"}))
DEPLOY = action("Deploy", "Deploy", "CodeDeploy", inputArtifacts=["Binary"], runOrder=2, configuration={
    "ApplicationName": "shop", "DeploymentGroupName": "fleet"})
PROD = stage("Prod", action("Approve", "Approval", "Manual"), DEPLOY)
_WRONG_COLOUR = {"name": "Colour", "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "VariableCheck",
                                                  "version": "1"},
                 "configuration": {"Variable": "#{variables.Colour}", "Value": "green", "Operator": "EQ"}}
_GATE = {"conditions": [{"result": "FAIL", "rules": [_WRONG_COLOUR]}]}
JENKINS = {"category": "Test", "owner": "Custom", "provider": "Jenkins", "version": "1"}
SNYK = {"category": "Invoke", "owner": "ThirdParty", "provider": "Snyk", "version": "1"}
MANY_TAGS = [{"key": f"key{number}", "value": ""} for number in range(50)]
SHOP = pipeline("shop", SOURCE, BUILD, PROD)
GATED = pipeline("shop", SOURCE, {**BUILD, "beforeEntry": _GATE}, PROD,
                 variables=[{"name": "Colour", "defaultValue": "red"}])
LAB = pipeline(
    "shop",
    stage("Source", action("App", "Source", "Mine", "Custom", outputArtifacts=["Code"])),
    stage("Test", action("Check", "Test", "Jenkins", "Custom", inputArtifacts=["Code"]),
          action("Scan", "Invoke", "Snyk", "ThirdParty", inputArtifacts=["Code"], outputArtifacts=["Found"])))
_QUICK = {"*": {"duration": "1m"}}


def _world(structure: dict[str, Any] | None = None, **scenario: Any) -> Simulation:
    pipelines = () if structure is None else (Pipeline.load({"pipeline": structure}),)
    return Simulation(pipelines, Scenario({"actions": _QUICK, **scenario}))


def empty() -> Simulation:
    """An account without anything."""
    return _world()


def idle() -> Simulation:
    """A pipeline that has never run."""
    return _world(SHOP)


def waiting() -> Simulation:
    """Execution 1 waits for an approval."""
    sim = idle()
    sim.call("StartPipelineExecution", name="shop")
    sim.run("10m")
    return sim


def finished() -> Simulation:
    """Execution 1 has succeeded everywhere."""
    sim = _world(SHOP, approvals={"*": {"response": "1m"}})
    sim.call("StartPipelineExecution", name="shop")
    sim.run("1h")
    return sim


def broken() -> Simulation:
    """Execution 1 has failed in Build."""
    return _broken(SHOP)


def _broken(structure: dict[str, Any], **scenario: Any) -> Simulation:
    sim = _world(structure, **scenario)
    if structure is not GATED:
        sim.decide("Build/Compile", "Failed")
    sim.call("StartPipelineExecution", name="shop")
    sim.run("10m")
    return sim


def gated() -> Simulation:
    """Execution 1 has failed at the entry of Build, by its condition."""
    return _broken(GATED)


def _overtaken(sim: Simulation) -> Simulation:
    sim.call("StartPipelineExecution", name="shop")
    sim.run("20m")
    return sim


def overtaken() -> Simulation:
    """Execution 1 has failed in Build, and execution 2 has entered it since."""
    return _overtaken(broken())


def gated_overtaken() -> Simulation:
    """The same where a condition failed execution 1."""
    return _overtaken(gated())


def _full(sim: Simulation) -> Simulation:
    sim.call("StartPipelineExecution", name="shop")
    return sim


def full() -> Simulation:
    """As many executions as the mode allows; execution 1 has failed before the others came."""
    return _full(_broken({**SHOP, "executionMode": "PARALLEL"}, settings={"execution_limit": 1}))


def gated_full() -> Simulation:
    """The same where a condition failed execution 1."""
    return _full(_broken({**GATED, "executionMode": "PARALLEL"}, settings={"execution_limit": 1}))


def full_lab() -> Simulation:
    """A pipeline with a custom source that runs as often as it may."""
    sim = _world({**LAB, "executionMode": "QUEUED"}, settings={"execution_limit": 1})
    return _full(sim)


def stopping() -> Simulation:
    """Execution 1 is being stopped, and waits for its build."""
    sim = idle()
    sim.call("StartPipelineExecution", name="shop")
    sim.run("90s")
    sim.call("StopPipelineExecution", **whole_run(sim))
    return sim


def updated() -> Simulation:
    """Execution 1 succeeded; then the pipeline was updated."""
    sim = finished()
    sim.call("UpdatePipeline", pipeline=SHOP)
    return sim


def approved() -> Simulation:
    """The approval of execution 1 has been answered."""
    sim = waiting()
    sim.call("PutApprovalResult", **approving(sim))
    return sim


def lab() -> Simulation:
    """A custom action and a partner's action wait for their workers, who have just polled for their jobs."""
    sim = _world(LAB, actions={**_QUICK, "Test/*": {"worker": "outside"}})
    sim.call("StartPipelineExecution", name="shop")
    sim.run("2m")
    sim.call("PollForJobs", actionTypeId=JENKINS)
    sim.call("PollForThirdPartyJobs", actionTypeId=SNYK)
    return sim


def working() -> Simulation:
    """The same; both workers have acknowledged their jobs."""
    sim = lab()
    sim.call("AcknowledgeJob", **job_of("Check", nonce="1")(sim))
    sim.call("AcknowledgeThirdPartyJob", **partners_job(nonce="1")(sim))
    return sim


def worked() -> Simulation:
    """The same; both have reported their success."""
    sim = working()
    sim.call("PutJobSuccessResult", **job_of("Check")(sim))
    sim.call("PutThirdPartyJobSuccessResult", **partners_job()(sim))
    return sim


def tagged() -> Simulation:
    """A pipeline with as many tags as there can be."""
    sim = idle()
    sim.call("TagResource", resourceArn=ARN + "shop", tags=MANY_TAGS)
    return sim


def with_webhook() -> Simulation:
    """A pipeline with a webhook."""
    sim = idle()
    sim.call("PutWebhook", webhook={
        "name": "hook", "targetPipeline": "shop", "targetAction": "App", "filters": [{"jsonPath": "$.ref"}],
        "authentication": "UNAUTHENTICATED", "authenticationConfiguration": {}})
    return sim


def crowded() -> Simulation:
    """An account with as many pipelines as it may have."""
    one = Pipeline.load({"pipeline": SHOP})
    return Simulation([replace(one, name=f"shop{number}") for number in range(1000)], Scenario({}))


def many(operation: str, requests: Callable[[int], dict[str, Any]], count: int) -> World:
    """A world in which something was made `count` times."""

    def world() -> Simulation:
        sim = idle()
        for number in range(count):
            sim.call(operation, **requests(number))
        return sim

    return world


# ---------------------------------------------------------------------------------------------- what is in them


def run_id(sim: Simulation, number: int = 1) -> str:
    """The id of an execution."""
    return execution_id(sim.seed, "shop", number)


def approving(sim: Simulation) -> dict[str, Any]:
    """The answer to the approval of execution 1."""
    run = sim.state.execution("shop", 1).stages["Prod"]
    return {"pipelineName": "shop", "stageName": "Prod", "actionName": "Approve",
            "token": approval_token(sim.seed, run.attempts["Approve"][0].index),
            "result": {"status": "Approved", "summary": "fine"}}


def attempt_of_source(sim: Simulation) -> str:
    """The id of the source action's attempt."""
    return attempt_id(sim.seed, sim.state.execution("shop", 1).stages["Source"].attempts["App"][0].index)


def job(sim: Simulation, action: str) -> Job:
    """The newest job of an action."""
    return [job for job in sim.state.jobs.values() if job.action == action][-1]


def job_of(action: str, **more: Any) -> Request:
    """A request about the job of an action."""
    return lambda sim: {"jobId": job_id(sim.seed, job(sim, action).number), **more}


def partners_job(**more: Any) -> Request:
    """A request about the partner's job, with its client token."""
    return lambda sim: {**job_of("Scan", **more)(sim), "clientToken": client_id(sim.state, job(sim, "Scan"))}


def given(**request: Any) -> Request:
    """A request that is the same in every world."""
    return lambda sim: request


def run_of(stage: str, **more: Any) -> Request:
    """A request about execution 1 in a stage."""
    return lambda sim: {"pipelineName": "shop", "stageName": stage, "pipelineExecutionId": run_id(sim), **more}


def whole_run(sim: Simulation) -> dict[str, Any]:
    """A request about execution 1."""
    return {"pipelineName": "shop", "pipelineExecutionId": run_id(sim)}


def target_in(stage: str) -> Request:
    """A request to bring a stage back to execution 1."""
    return lambda sim: {"pipelineName": "shop", "stageName": stage, "targetPipelineExecutionId": run_id(sim)}
