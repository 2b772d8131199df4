"""Which revision a caller asks for: an override of a run's source, or one that a custom source reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...ids import execution_id
from ...pipeline.model import Action
from ...record import Revision, RevisionArrived
from ...refused import Refused
from ...rules import against_starting
from ...state import PipelineState
from ..revisions import revision_of
from ..starts import start
from .answering import Reply, Request, pipeline_of, refuse, stage_of

if TYPE_CHECKING:
    from .. import Simulation

OVERRIDES = {"CodeCommit": ("COMMIT_ID",), "CodeStarSourceConnection": ("COMMIT_ID",), "GitHub": ("COMMIT_ID",),
             "ECR": ("IMAGE_DIGEST",), "S3": ("S3_OBJECT_VERSION_ID", "S3_OBJECT_KEY")}


def overrides(sim: Simulation, pipeline: PipelineState, request: Request) -> dict[str, Revision]:
    """Source revision overrides (4.2): a V2 pipeline, a source action, a revision type that its provider knows."""
    given = request.get("sourceRevisions", ())
    sources = {action.name: action for action in pipeline.definition.sources}
    for override in given:
        source = sources.get(override["actionName"])
        allowed = _allowed(source) if source else ()
        if pipeline.definition.type != "V2" or source is None or override["revisionType"] not in allowed:
            raise Refused("ValidationException", _against_override(pipeline, override, sources))
    wanted = {override["actionName"]: override["revisionValue"] for override in given}
    return {name: revision_of(sim, pipeline, value) for name, value in wanted.items()}


def _allowed(source: Action) -> tuple[str, ...]:
    """The revision types that a source takes; S3 another key only where it says so (2.2) [PROBE-B]."""
    closed = source.configuration.get("AllowOverrideForS3ObjectKey", "false").lower() != "true"
    return tuple(kind for kind in OVERRIDES.get(source.provider, ()) if kind != "S3_OBJECT_KEY" or not closed)


def _against_override(pipeline: PipelineState, override: Request, sources: Mapping[str, Any]) -> str:
    name = override["actionName"]
    if pipeline.definition.type != "V2":
        return "Source revision overrides need a pipeline of type V2"
    if name not in sources:
        return f"Source revision override: {name} is not a source action of {pipeline.name}"
    if override["revisionType"] == "S3_OBJECT_KEY" and sources[name].provider == "S3":
        return f"Source revision override: {name} takes another key only with AllowOverrideForS3ObjectKey set to true"
    return f"Source revision override: {name} does not take a revision of type {override['revisionType']}"


def put_action_revision(sim: Simulation, request: Request, by: str) -> Reply:
    """A custom source reports a revision (4.2): new where it was not seen before, and then it starts a run. Other actions
    than sources have none to report (our decision)."""
    pipeline = pipeline_of(sim, request["pipelineName"])
    stage, action = request["stageName"], request["actionName"]
    stage_of(pipeline, stage)
    declared = pipeline.definition.stage(stage).by_name.get(action)
    if declared is None or not declared.is_source:
        raise Refused("ActionNotFoundException", f"The stage {stage} has no source action named {action}")
    given = request["actionRevision"]
    revision = revision_of(sim, pipeline, given["revisionId"])
    new = revision.number > sim.state.revisions
    if new:
        refuse(against_starting(sim.state, pipeline))
    number = pipeline.next if new else max(pipeline.next - 1, pipeline.first)
    told = new != (sim.state.settings.get("new_revision") == "as the model says")
    answer = {"newRevision": told, "pipelineExecutionId": execution_id(sim.seed, pipeline.name, number)}
    return Reply(answer, answer, (lambda: _put_revision(sim, pipeline, action, revision, by)) if new else None)


def _put_revision(sim: Simulation, pipeline: PipelineState, action: str, revision: Revision, by: str) -> None:
    sim.record(RevisionArrived(sim.now, revision, ((pipeline.name, action),), action))
    start(sim, pipeline, "PutActionRevision", by, {action: revision})
