"""A small account to ask the API about: states are folded from records written by hand."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import botocore.loaders
import botocore.model
import botocore.validate

from pipeline_sim.pipeline.model import Action, ActionType, ArtifactStore, Pipeline, Stage
from pipeline_sim.record import (
    ActionChanged,
    Began,
    Called,
    ExecutionChanged,
    Record,
    Result,
    Revision,
    StageChanged,
    Start,
)
from pipeline_sim.state import State, apply, fold
from pipeline_sim.views.api import answer

SEED = 7
START = "2030-01-07T09:00:00+00:00"
ACCOUNT, REGION = "111122223333", "eu-west-1"
LEE = f"arn:aws:iam::{ACCOUNT}:user/lee"

SOURCE = Action("App", ActionType("Source", "AWS", "CodeCommit"), outputs=("AppSourceCode",), namespace="Commit",
                configuration={"RepositoryName": "shop", "BranchName": "main", "PollForSourceChanges": "false"})
COMPILE = Action("Compile", ActionType("Build", "AWS", "CodeBuild"), inputs=("AppSourceCode",), outputs=("Binary",),
                 configuration={"ProjectName": "shop-build"})
APPROVE = Action("Approve", ActionType("Approval", "AWS", "Manual"), 1)
DEPLOY = Action("Deploy", ActionType("Deploy", "AWS", "CodeDeploy"), 2, inputs=("Binary",),
                configuration={"ApplicationName": "shop", "DeploymentGroupName": "fleet"})


def pipeline(*stages: Stage, name: str = "web-shop", **members: Any) -> Pipeline:
    """`web-shop`: Source, Build, Prod (an approval, then a deployment), unless other stages are given."""
    stages = stages or (Stage("Source", (SOURCE,)), Stage("Build", (COMPILE,)), Stage("Prod", (APPROVE, DEPLOY)))
    given: dict[str, Any] = {"type": "V2", "stores": {"": ArtifactStore("shop-artifacts")}, **members}
    structure = {"name": name, "roleArn": f"arn:aws:iam::{ACCOUNT}:role/pipeline", "version": given.get("version", 1),
                 "stages": [{"name": stage.name, "actions": [_plain(action) for action in stage.actions]}
                            for stage in stages],
                 "artifactStore": {"type": "S3", "location": "shop-artifacts"}}
    return Pipeline(name, str(structure["roleArn"]), stages, structure=structure, **given)


def _plain(action: Action) -> dict[str, Any]:
    kind = action.type
    return {"name": action.name, "runOrder": action.run_order,
            "actionTypeId": {"category": kind.category, "owner": kind.owner, "provider": kind.provider,
                             "version": kind.version},
            **({"configuration": dict(action.configuration)} if action.configuration else {}),
            "inputArtifacts": [{"name": name} for name in action.inputs],
            "outputArtifacts": [{"name": name} for name in action.outputs]}


class Story:
    """Records as they come, told in short words; `state` is what they lead to."""

    def __init__(self, *pipelines: Pipeline, settings: Mapping[str, Any] | None = None) -> None:
        self.pipelines = pipelines or (pipeline(),)
        self.name = self.pipelines[0].name
        self.now = 0
        self.records: list[Record] = []
        self.state = fold([])
        self._tell(Began(0, SEED, START, ACCOUNT, REGION, self.pipelines, settings or {}))

    def _tell(self, record: Record) -> Story:
        self.records.append(record)
        apply(self.state, record)
        return self

    def at(self, now: int) -> Story:
        self.now = now
        return self

    def starts(self, execution: int, mode: str = "SUPERSEDED", trigger: str = "StartPipelineExecution",
               detail: str = "lee", **start: Any) -> Story:
        begun = Start(self.state.pipelines[self.name].definition.version, mode, trigger, detail, execution, **start)
        return self._tell(ExecutionChanged(self.now, self.name, execution, "InProgress", start=begun))

    def execution(self, execution: int, status: str, summary: str = "", abandon: bool = False) -> Story:
        return self._tell(ExecutionChanged(self.now, self.name, execution, status, summary, abandon=abandon))

    def stage(self, execution: int, stage: str, status: str = "InProgress", **retry: str) -> Story:
        return self._tell(StageChanged(self.now, self.name, execution, stage, status, **retry))

    def action(self, execution: int, place: str, status: str = "InProgress", attempt: int = 1, **result: Any) -> Story:
        stage, action = place.split("/")
        came_to = Result(**result) if result else None
        return self._tell(ActionChanged(self.now, self.name, execution, stage, action, attempt, status, came_to))

    def called(self, operation: str, by: str = "lee", **request: Any) -> dict[str, Any]:
        """Answer a call from the state and let it have its effect."""
        given = ask(self.state, operation, **request)
        self._tell(Called(self.now, operation, request, by, given))
        return given

    def reaches_prod(self, execution: int = 1) -> Story:
        """Source and Build succeed in ten minutes; the approval waits."""
        self.starts(execution).stage(execution, "Source").action(execution, "Source/App")
        self.at(self.now + 20).action(execution, "Source/App", "Succeeded", revision=COMMIT)
        self.stage(execution, "Source", "Succeeded").stage(execution, "Build").action(execution, "Build/Compile")
        self.at(self.now + 580).action(execution, "Build/Compile", "Succeeded").stage(execution, "Build", "Succeeded")
        return self.stage(execution, "Prod").action(execution, "Prod/Approve")


COMMIT = Revision(1, "8008b9ad2f440a0bb9d0c6872079a57f824a2fae", 0, "main", message="Fix the basket")


_MODEL = botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("codepipeline", "service-2"))


def ask(state: State, operation: str, **request: Any) -> dict[str, Any]:
    """The answer, which must fit the operation's output shape."""
    given = answer(state, operation, request)
    fits(operation, given)
    return given


def fits(operation: str, given: Mapping[str, Any]) -> None:
    """Fail where botocore's validator finds something wrong with an answer."""
    shape = _MODEL.operation_model(operation).output_shape
    if shape is None:
        assert given == {}
        return
    report = botocore.validate.ParamValidator().validate(given, shape)
    assert not report.has_errors(), f"{operation}: {report.generate_report()}"
    extra = unknown_members(shape, given)
    assert not extra, f"{operation} has no members {extra}"


def unknown_members(shape: Any, value: Any, path: str = "") -> list[str]:
    """Members that the shape does not have, and values over the limits: botocore's validator lets them pass."""
    if shape.type_name == "structure":
        known, extra = shape.members, [f"{path}.{key}" for key in value if key not in shape.members]
        return extra + [bad for key, part in value.items() if key in known
                        for bad in unknown_members(known[key], part, f"{path}.{key}")]
    if shape.type_name == "list":
        return [bad for place, part in enumerate(value)
                for bad in unknown_members(shape.member, part, f"{path}[{place}]")]
    if shape.type_name == "map":
        return [bad for key, part in value.items() for bad in unknown_members(shape.value, part, f"{path}.{key}")]
    if shape.type_name == "string":
        allowed, longest = shape.metadata.get("enum"), shape.metadata.get("max")
        if (allowed and value not in allowed) or (longest and len(value) > longest):
            return [f"{path} = {value!r}"]
    return []


def corpus() -> Path:
    """The folder of real definitions and recordings."""
    folder = Path(os.environ.get("PIPELINE_SIM_CORPUS", Path(__file__).resolve().parents[2] / "shared" / "corpus"))
    assert folder.is_dir(), f"{folder} is missing: the corpus of recordings is not there; set PIPELINE_SIM_CORPUS"
    return folder


def recorded_answer(name: str) -> Any:
    """An answer as the documentation of the aws command prints it."""
    file = corpus() / "events" / f"aws__aws-cli__awscli-examples-codepipeline-{name}.json"
    return json.loads(file.read_text())
