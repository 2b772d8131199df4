"""Small pipelines for stories: `pipeline({"Source": ["App"], "Build": [["Lint", "Compile"], "Package"]})`, in the few words
that `pipeline_sim.study.short` explains."""

from __future__ import annotations

from typing import Any

from pipeline_sim import Pipeline, Scenario, Simulation
from pipeline_sim.record import (
    ActionChanged,
    Called,
    ExecutionChanged,
    PollFailed,
    Record,
    RevisionArrived,
    RuleChanged,
    StageChanged,
)
from pipeline_sim.study import short
from pipeline_sim.study.clinic.steps import CODES
from pipeline_sim.study.short import ROLE

__all__ = ["FUNCTIONS", "ROLE", "line", "lines", "pipeline", "simulation", "structure"]

STACK = {"ActionMode": "CREATE_UPDATE", "StackName": "shop", "ChangeSetName": "release",
         "TemplatePath": "App::template.yaml", "RoleArn": "arn:aws:iam::111122223333:role/stack"}


def structure(stages: dict[str, Any], **members: Any) -> dict[str, Any]:
    """The structure of such a pipeline. What a stack needs and a story does not say is as in `STACK`."""
    made = short.structure(stages, **members)
    for action in (action for stage in made["stages"] for action in stage["actions"]):
        if action["actionTypeId"]["provider"] == "CloudFormation":
            action["configuration"] = {**STACK, **action["configuration"]}
    return made


def continues(event: dict[str, Any], context: Any) -> None:
    """A function that asks twice to be called again."""
    job = event["CodePipeline.job"]
    token = job["data"].get("continuationToken", "")
    context.call("PutJobSuccessResult", jobId=job["id"], **({"continuationToken": f"{token}+"} if len(token) < 2 else {}))


FUNCTIONS = {**CODES, "continues": continues}
"""What a function of Lambda may do in a trace."""


def pipeline(stages: dict[str, Any], **members: Any) -> Pipeline:
    return Pipeline.load(structure(stages, **members))


def simulation(stages: dict[str, Any], world: dict[str, Any] | None = None, seed: int = 0, **members: Any) -> Simulation:
    """A simulation of such a pipeline, in which every action takes a minute unless the world says otherwise."""
    made = pipeline(stages, **members)
    said = {"actions": {}, **(world or {})}
    said["actions"] = {"*": {"duration": "60s"}, **said["actions"]}
    return Simulation(made, Scenario.load(said, [made]), seed=seed)


def line(record: Record) -> str | None:
    """A record as a trace tells it: `60 #1 Build/Lint Failed`; None for what traces leave out."""
    if isinstance(record, ExecutionChanged):
        trigger = f" by {record.start.trigger}" if record.start else ""
        return f"{record.time} #{record.execution} {record.status}{trigger}"
    if isinstance(record, StageChanged):
        again = f" by {record.retry}" if record.retry else ""
        return f"{record.time} #{record.execution} {record.stage} {record.status}{again}"
    if isinstance(record, ActionChanged):
        attempt = f" (attempt {record.attempt})" if record.attempt > 1 else ""
        code = f" {record.result.code}" if record.result and record.result.code else ""
        waits = f" waits for {record.result.waits}" if record.result and record.result.waits else ""
        place = f"{record.stage}/{record.action}"
        return f"{record.time} #{record.execution} {place} {record.status}{code}{waits}{attempt}"
    if isinstance(record, RuleChanged):
        rule = f"/{record.rule}" if record.rule else ""
        return f"{record.time} #{record.execution} {record.stage} {record.gate}{rule} {record.status}"
    if isinstance(record, Called) and record.error:
        return f"{record.time} {record.operation} refused: {record.error[0]}"
    if isinstance(record, Called):
        return f"{record.time} {record.operation}"
    if isinstance(record, PollFailed):
        return f"{record.time} the look at {record.action} is refused: {record.code}"
    if isinstance(record, RevisionArrived) and record.held:
        return f"{record.time} push held: {record.held[0][2]}"
    return None


def lines(records: list[Record]) -> list[str]:
    return [told for record in records if (told := line(record)) is not None]
