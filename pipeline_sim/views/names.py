"""What things are called outside: moments, ARNs, artifacts in S3, configurations without their secrets.

What providers call their work, and where they show it, is in `links`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from ..ids import token
from ..pipeline.model import Action, Pipeline
from ..shapes import MASK, SECRET_KEYS
from ..state import Attempt, ExecutionState, State

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


def seconds_of(state: State, at: datetime) -> int:
    """How many whole seconds after the clock's start a moment lies."""
    return int((at - _zero(state.start)).total_seconds())


# ---------------------------------------------------------------------------------------------- ARNs (8.2)


def pipeline_arn(state: State, name: str) -> str:
    """No `:pipeline/` in it, unlike most services [UG22:security_iam_service-with-iam]."""
    return f"arn:aws:codepipeline:{state.region}:{state.account}:{name}"


def stage_arn(state: State, pipeline: str, stage: str) -> str:
    return f"{pipeline_arn(state, pipeline)}/{stage}"


def action_arn(state: State, pipeline: str, stage: str, action: str) -> str:
    return f"{pipeline_arn(state, pipeline)}/{stage}/{action}"


def webhook_arn(state: State, name: str) -> str:
    return f"arn:aws:codepipeline:{state.region}:{state.account}:webhook:{name}"


def action_type_arn(state: State, category: str, owner: str, provider: str, version: str) -> str:
    return f"arn:aws:codepipeline:{state.region}:{state.account}:actiontype:{owner}/{category}/{provider}/{version}"


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
    return store.location if store else f"codepipeline-{region}-{state.account}"


def artifact_key(state: State, pipeline: str, name: str, index: int) -> str:
    """The object that the attempt of record `index` wrote: `web-shop/SourceArti/AbC12dE`. Both names are cut; the end
    keeps it unique (3) [UG22; lengths 20 and 10 by our decision, 10 as recorded]."""
    return f"{pipeline[:_PIPELINE_PART]}/{name[:_ARTIFACT_PART]}/{token(state.seed, f'artifact:{name}', index)}"


def artifact(state: State, execution: ExecutionState, action: Action, name: str, index: int) -> dict[str, object]:
    """An artifact as `action` sees it, in the store of its own Region: CodePipeline copies across Regions before the
    action starts (3). `index` is the record of the attempt that made it."""
    bucket = bucket_of(state, execution.definition, region_of(state, action))
    key = artifact_key(state, execution.pipeline, name, index)
    return {"name": name, "s3location": {"bucket": bucket, "key": key}}


def input_artifacts(
    state: State, execution: ExecutionState, action: Action, attempt: Attempt
) -> list[dict[str, object]]:
    """What an attempt reads: the objects that this execution wrote, never "the latest"."""
    made = zip(action.inputs, attempt.inputs, strict=False)
    return [artifact(state, execution, action, name, index) for name, index in made]


def output_artifacts(
    state: State, execution: ExecutionState, action: Action, attempt: Attempt
) -> list[dict[str, object]]:
    """What an attempt wrote: nothing before it succeeded."""
    if attempt.status != "Succeeded":
        return []
    return [artifact(state, execution, action, name, attempt.index) for name in action.outputs]


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
    return {key: MASK if key in secret else value for key, value in configuration.items()}


def configuration_of(action: Action, attempt: Attempt | None) -> Mapping[str, str]:
    """What the action was told: with its variables resolved, once it started."""
    if attempt is not None and attempt.result.configuration is not None:
        return attempt.result.configuration
    return action.configuration
