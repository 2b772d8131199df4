"""What things are called outside: moments, ARNs, artifacts in S3, configurations without their secrets.

What providers call their work, and where they show it, is in `links`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from ..ids import token
from ..pipeline.model import Action, Pipeline
from ..pipeline.variables import resolve
from ..shapes import MASK, SECRET_KEYS
from ..state import Attempt, ExecutionState, State
from ..values import lookup

# ---------------------------------------------------------------------------------------------- time


@lru_cache(maxsize=64)
def _zero(start: str) -> datetime:
    moment = datetime.fromisoformat(start)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def moment(state: State, seconds: int) -> datetime:
    """The moment that lies so many seconds after the clock's start, with its time zone."""
    return _zero(state.start) + timedelta(seconds=seconds)


def iso(state: State, seconds: int, millis: bool = False) -> str:
    """A moment in UTC as events print it: `2030-01-07T09:00:00Z`, or with `.000Z`."""
    at = moment(state, seconds).astimezone(UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z" if millis else "%Y-%m-%dT%H:%M:%SZ")


# ---------------------------------------------------------------------------------------------- ARNs (8.2)


def pipeline_arn(state: State, name: str) -> str:
    """No `:pipeline/` in it, unlike most services [UG22:security_iam_service-with-iam]."""
    return f"arn:aws:codepipeline:{state.region}:{state.account}:{name}"


def webhook_arn(state: State, name: str) -> str:
    return f"arn:aws:codepipeline:{state.region}:{state.account}:webhook:{name}"


def caller_arn(state: State, by: str) -> str:
    """Who called, as an ARN: a plain name is a user of the account."""
    return by if by.startswith("arn:") else f"arn:aws:iam::{state.account}:user/{by or 'you'}"


# ---------------------------------------------------------------------------------------------- artifacts (3)

_PIPELINE_PART, _ARTIFACT_PART = 20, 10


def region_of(state: State, action: Action) -> str:
    return action.region or state.region


def bucket_of(state: State, pipeline: Pipeline, region: str) -> str:
    """The artifact store of a Region [UG22:welcome-introducing-artifacts]."""
    store = pipeline.stores.get(region)
    if store is None and region == state.region:
        store = pipeline.stores.get("")
    return store.location if store and store.location else f"codepipeline-{region}-{state.account}"


def artifact_key(state: State, pipeline: str, name: str, index: int) -> str:
    """The object that the attempt of record `index` wrote: `web-shop/SourceArti/AbC12dE`. Both names are cut; the end
    keeps it unique (3) [UG22; lengths 20 and 10 by our decision, 10 as recorded]."""
    return f"{pipeline[:_PIPELINE_PART]}/{name[:_ARTIFACT_PART]}/{token(state.seed, f'artifact:{name}', index)}"


def artifact(state: State, execution: ExecutionState, region: str, name: str, index: int) -> dict[str, object]:
    """An artifact in the store of a Region: CodePipeline copies it there before an action of that Region starts (3).
    `index` is the record of the attempt that made it."""
    bucket = bucket_of(state, execution.definition, region)
    return {"name": name, "s3location": {"bucket": bucket, "key": artifact_key(state, execution.pipeline, name, index)}}


def input_artifacts(
    state: State, execution: ExecutionState, action: Action, attempt: Attempt
) -> list[dict[str, object]]:
    """What an attempt reads: the objects that this execution wrote, never "the latest"."""
    region = region_of(state, action)
    made = zip(action.inputs, attempt.inputs, strict=False)
    return [artifact(state, execution, region, name, index) for name, index in made]


def output_artifacts(
    state: State, execution: ExecutionState, action: Action, attempt: Attempt
) -> list[dict[str, object]]:
    """What an attempt wrote: nothing before it succeeded."""
    if attempt.status != "Succeeded":
        return []
    region = region_of(state, action)
    return [artifact(state, execution, region, name, attempt.index) for name in action.outputs]


# ---------------------------------------------------------------------------------------------- secrets

def secret_keys(state: State, action: Action) -> frozenset[str]:
    """Which configuration keys of an action are never shown: AWS's own, and those of a custom type."""
    custom = state.custom_types.get(action.type.key)
    if custom is None:
        return SECRET_KEYS
    return SECRET_KEYS | {entry["name"] for entry in custom.get("configurationProperties", ()) if entry.get("secret")}


def masked(state: State, action: Action, configuration: Mapping[str, str]) -> dict[str, str]:
    """A configuration as every answer but a job's shows it (9.4)."""
    secret = secret_keys(state, action)
    if secret.isdisjoint(configuration):
        return dict(configuration)
    return {key: MASK if key in secret else value for key, value in configuration.items()}


def configuration_of(
    state: State, execution: ExecutionState, action: Action, attempt: Attempt
) -> Mapping[str, str]:
    """What an attempt was told: its configuration with the variables resolved, as it was written down when it began, or
    else by what the execution has produced."""
    if attempt.result.configuration is not None:
        return attempt.result.configuration
    if not any("#{" in text for text in action.configuration.values()):
        return action.configuration
    find = lookup(state, execution)
    return {key: resolve(text, find)[0] for key, text in action.configuration.items()}


# ---------------------------------------------------------------------------------------------- what started a run


def trigger_detail(state: State, execution: ExecutionState) -> str:
    """`triggerDetail` as each trigger has it (4.2) [PROBE-B; of connections and automated rollbacks our decision]."""
    start = execution.start
    make = _DETAILS.get(start.trigger)
    return make(state, execution)[:1024] if make else start.detail[:1024]


def _of_caller(state: State, execution: ExecutionState) -> str:
    return caller_arn(state, execution.start.detail)


def _of_rule(state: State, execution: ExecutionState) -> str:
    detail = execution.start.detail
    name = f"codepipeline-{execution.pipeline}-{detail}"[:64]
    return detail if detail.startswith("arn:") else f"arn:aws:events:{state.region}:{state.account}:rule/{name}"


def _of_webhook(state: State, execution: ExecutionState) -> str:
    if execution.start.detail.startswith("arn:"):
        return execution.start.detail
    target = (execution.pipeline, execution.start.detail)
    for name, hook in state.webhooks.items():
        definition = hook["definition"]
        if (definition["targetPipeline"], definition["targetAction"]) == target:
            return webhook_arn(state, name)
    return webhook_arn(state, f"{execution.pipeline}--{execution.start.detail}")


def _of_connection(state: State, execution: ExecutionState) -> str:
    action, revision = execution.start.detail, execution.start.revisions.get(execution.start.detail)
    source = execution.definition.stages[0].by_name.get(action)
    detail: dict[str, str] = {"FullRepositoryName": source.configuration.get("FullRepositoryId", "") if source else ""}
    if revision is not None:
        place = ("TagName", revision.tag) if revision.tag else ("BranchName", revision.branch or _branch(source))
        detail |= {place[0]: place[1], "CommitId": revision.id, "AuthorDisplayName": revision.author}
    return json.dumps({key: value for key, value in detail.items() if value})


def _branch(source: Action | None) -> str:
    return source.configuration.get("BranchName", "") if source else ""


def _of_manual_rollback(state: State, execution: ExecutionState) -> str:
    return json.dumps({"AwsUserArn": caller_arn(state, execution.start.detail)})


def _of_automated_rollback(state: State, execution: ExecutionState) -> str:
    return json.dumps({"StageName": execution.start.stage, "Reason": execution.start.detail})


_DETAILS: Mapping[str, Callable[[State, ExecutionState], str]] = {
    "CreatePipeline": _of_caller,
    "StartPipelineExecution": _of_caller,
    "PutActionRevision": _of_caller,
    "CloudWatchEvent": _of_rule,
    "Webhook": _of_webhook,
    "WebhookV2": _of_connection,
    "ManualRollback": _of_manual_rollback,
    "AutomatedRollback": _of_automated_rollback,
}
