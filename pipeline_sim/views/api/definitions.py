"""GetPipeline and ListPipelines: the definitions of the account as AWS prints them, without their secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...pipeline.read import with_defaults
from ...refused import Refused
from ...rules import polling_ends, polls
from ...shapes import MASK, SECRET_KEYS
from ...state import PipelineState, State
from ..names import moment, pipeline_arn
from .find import pipeline_of
from .pages import page
from .state import without_empty


def get_pipeline(state: State, request: Mapping[str, Any]) -> dict[str, Any]:
    """The current version, or an earlier one. `metadata` must go before the answer can be used to update (1.1)."""
    pipeline = pipeline_of(state, request["name"])
    version = request.get("version", pipeline.definition.version)
    if version not in pipeline.versions:
        raise Refused("PipelineVersionNotFoundException",
                      f"The pipeline {pipeline.name} has no version {version}; its current version is "
                      f"{pipeline.definition.version}")
    structure = with_defaults({**pipeline.versions[version].structure, "version": version})
    metadata = without_empty(
        pipelineArn=pipeline_arn(state, pipeline.name),
        created=moment(state, pipeline.created),
        updated=moment(state, pipeline.updated),
        pollingDisabledAt=_polling_disabled(state, pipeline))
    return {"pipeline": without_secrets(state, structure), "metadata": metadata}


def _polling_disabled(state: State, pipeline: PipelineState) -> Any:
    """Since when a polled pipeline is not looked at any more (4.2)."""
    ends = polling_ends(pipeline)
    return moment(state, ends) if ends <= state.now and any(polls(one) for one in pipeline.definition.sources) else None


def list_pipelines(state: State, request: Mapping[str, Any]) -> dict[str, Any]:
    """All pipelines by name [order by our decision]."""
    pipelines = [state.pipelines[name] for name in sorted(state.pipelines)]
    shown, token = page(state, "ListPipelines", request, pipelines, lambda pipeline: pipeline.name, size=1000)
    rows = [{"name": pipeline.name, "version": pipeline.definition.version, "pipelineType": pipeline.definition.type,
             "executionMode": pipeline.definition.mode, "created": moment(state, pipeline.created),
             "updated": moment(state, pipeline.updated)} for pipeline in shown]
    return without_empty(pipelines=rows, nextToken=token)


def without_secrets(state: State, structure: Mapping[str, Any]) -> dict[str, Any]:
    """A definition with its secret configuration values masked (9.4)."""
    stages = [{**stage, "actions": [_masked(state, action) for action in stage["actions"]]}
              for stage in structure["stages"]]
    return {**structure, "stages": stages}


def _masked(state: State, action: Mapping[str, Any]) -> dict[str, Any]:
    if not action.get("configuration"):
        return dict(action)
    kind = action["actionTypeId"]
    custom = state.custom_types.get((kind["category"], kind["owner"], kind["provider"], str(kind["version"])), {})
    secret = SECRET_KEYS | {entry["name"] for entry in custom.get("configurationProperties", ()) if entry.get("secret")}
    shown = {key: MASK if key in secret else value for key, value in action["configuration"].items()}
    return {**action, "configuration": shown}
