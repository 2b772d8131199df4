"""What AWS knows of every request besides what it asks for: global condition keys, and the tags of its resource (8.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

from ..iam import Requirement
from ..ids import account_of

if TYPE_CHECKING:
    from . import Simulation

Context = dict[str, str | Sequence[str]]


def told(sim: Simulation, need: Requirement, region: str = "") -> Requirement:
    """What is needed, with what the request says of itself."""
    return replace(need, context={**world(sim, need.resource, region), **need.context})


def world(sim: Simulation, resource: str = "*", region: str = "") -> Context:
    """Where and when a request is made, by what way, and the tags of what it is about. Every request comes by TLS."""
    now = sim.scenario.moment(sim.now).astimezone(UTC)
    owner = account_of(resource) or sim.state.account
    return {"aws:RequestedRegion": region or sim.state.region, "aws:CurrentTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "aws:EpochTime": str(int(now.timestamp())), "aws:SecureTransport": "true", "aws:ViaAWSService": "false",
            "aws:ResourceAccount": owner, **_tags(sim, resource)}


def caller(sim: Simulation, by: str) -> Context:
    """From where somebody calls, as CloudTrail has it. A role's session says that there was no second factor; a user's
    lasting keys say nothing of it, so that a Deny of `false` does not apply [IAM guide: global condition keys]."""
    from ..views.cloudtrail.entry import address_of

    session: Context = {"aws:MultiFactorAuthPresent": "false"} if ":role/" in by or ":assumed-role/" in by else {}
    return {"aws:SourceIp": address_of(sim.state, by), **session}


def _tags(sim: Simulation, resource: str) -> Mapping[str, str]:
    """The tags of a pipeline (for its stages and actions too), of a webhook or of an action type."""
    name = resource.split(":", 5)[5] if resource.startswith("arn:") and ":codepipeline:" in resource else ""
    pipeline = sim.state.pipelines.get(name.partition("/")[0])
    tags = pipeline.tags if pipeline is not None else sim.state.tags.get(name, {})
    return {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
