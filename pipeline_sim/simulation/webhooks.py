"""What a webhook makes of a delivery: it authenticates the sender, filters the payload, and starts its pipeline (4.2, 9.2).

The webhook is one that PutWebhook made. What stands against a delivery is written down with it, so that `why` can tell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from ..jsonpath import select
from ..pipeline.model import Action
from ..record import Revision, RevisionArrived
from ..scenario import Delivery
from ..views.names import webhook_arn
from .revisions import revision_id
from .starts import start_by_trigger

if TYPE_CHECKING:
    from . import Simulation

DELIVERED = "delivery"
"""The event of a revision that a payload speaks of. Whether the repository has it nobody has looked."""
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def deliver(sim: Simulation, delivery: Delivery) -> str | None:
    """A delivery arrives and is written down; what stands against it, or None where its pipeline starts."""
    number = sim.state.revisions + 1
    hook = sim.state.webhooks.get(delivery.webhook)
    definition = hook["definition"] if hook else {}
    pipeline = sim.state.pipelines.get(definition.get("targetPipeline", ""))
    action = next((one for one in pipeline.definition.sources if one.name == definition["targetAction"]), None) \
        if pipeline else None
    revision = _revision(sim, delivery, number, revision_id(sim.seed, number))
    against = _against(sim, delivery, definition, action)
    place = (definition.get("targetPipeline", ""), definition.get("targetAction", ""))
    sim.record(RevisionArrived(sim.now, revision, () if against else (place,), f"webhook {delivery.webhook}",
                               ((*place, against),) if against else ()))
    if against is None and pipeline is not None and action is not None:
        start_by_trigger(sim, pipeline, "Webhook", action, revision, webhook_arn(sim.state, delivery.webhook))
    return against


def _revision(sim: Simulation, delivery: Delivery, number: int, identifier: str) -> Revision:
    """The revision that the payload speaks of, in GitHub's words where it uses them."""
    payload = delivery.payload
    commit = payload.get("head_commit")
    commit = commit if isinstance(commit, Mapping) else {}
    author = commit.get("author")
    ref = str(payload.get("ref", ""))
    return Revision(number, delivery.revision or str(payload.get("after") or identifier), sim.now,
                    ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else "",
                    ref.removeprefix("refs/tags/") if ref.startswith("refs/tags/") else "",
                    delivery.message or str(commit.get("message", "")),
                    delivery.author or str(author.get("name", "") if isinstance(author, Mapping) else ""), (), DELIVERED)


def _against(sim: Simulation, delivery: Delivery, definition: Mapping[str, Any], action: Action | None) -> str | None:
    """Why a delivery starts nothing, or None."""
    name = delivery.webhook
    if not definition:
        return f"There is no webhook named {name}."
    if action is None:
        return f"The source action {definition['targetAction']} of the webhook {name} is not there any more."
    refused = against_sender(definition, delivery.secret, delivery.ip)
    if refused is not None:
        return f"The webhook {name} refuses the delivery: {refused}."
    for one in definition["filters"]:
        missed = against_payload(one, action, delivery.payload)
        if missed is not None:
            return f"The webhook {name} ignores the delivery: {missed}."
    return None


def against_sender(definition: Mapping[str, Any], secret: str, ip: str) -> str | None:
    """What is wrong with who sends it [MODEL]: GITHUB_HMAC compares a signature made with the shared secret, IP looks at
    the sender's address, UNAUTHENTICATED takes everything."""
    kind, given = definition["authentication"], definition["authenticationConfiguration"]
    if kind == "GITHUB_HMAC" and secret != given["SecretToken"]:
        return "its signature was made with another secret" if secret else "it is not signed"
    if kind == "IP" and not _inside(ip, given["AllowedIPRange"]):
        return f"it comes from {ip or 'an unknown address'}, which is not in {given['AllowedIPRange']}"
    return None


def _inside(ip: str, allowed: str) -> bool:
    try:
        return ip_address(ip) in ip_network(allowed, strict=False)
    except ValueError:
        return False


def against_payload(one: Mapping[str, str], action: Action, payload: Mapping[str, Any]) -> str | None:
    """What is wrong with the payload: the JsonPath selects nothing, or not what it must equal, in which `{Branch}` stands
    for the action's configuration [MODEL]. All filters must match [UG22]."""
    path = one["jsonPath"]
    try:
        found = select(path, payload)
    except ValueError as error:
        return str(error)
    if not found:
        return f"its payload has nothing at {path}"
    if "matchEquals" not in one:
        return None
    wanted = _PLACEHOLDER.sub(lambda part: action.configuration.get(part[1], part[0]), one["matchEquals"])
    if any(_text(value) == wanted for value in found):
        return None
    return f"{path} is {_text(found[0])}, not {wanted}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
