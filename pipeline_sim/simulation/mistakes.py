"""What of an action AWS takes when the pipeline is created and refuses when the action runs (2.4, 2.5, 4.7, 5)."""

from __future__ import annotations

from collections.abc import Mapping

from ..pipeline.model import Action
from ..pipeline.variables import RESOLVED_BYTES, size_of


def against_configuration(action: Action, settings: Mapping[str, str], account: str) -> str | None:
    """The ConfigurationError of an action whose resolved configuration its provider cannot use, or None."""
    size = size_of(settings)
    if size > RESOLVED_BYTES:
        return f"The resolved configuration has {size} bytes; at most {RESOLVED_BYTES} (100 KB) are allowed."
    kind = action.type
    look = _OF_PROVIDER.get((kind.category, kind.provider))
    return look(settings, account) if look else None


def _deployment_to_s3(settings: Mapping[str, str], account: str) -> str | None:
    """Without Extract the object needs a key; the definition is taken without one [PROBE-B]."""
    if settings.get("Extract", "").lower() == "false" and not settings.get("ObjectKey"):
        return "With Extract set to false the deployment needs an ObjectKey."
    return None


def _approval(settings: Mapping[str, str], account: str) -> str | None:
    """The topic that is told must be a standard one of this account; others are taken at creation [PROBE-B]."""
    topic = settings.get("NotificationArn", "")
    if topic.endswith(".fifo"):
        return f"The approval cannot be published: {topic} is a FIFO topic."
    if topic and topic.split(":")[4:5] != [account]:
        return f"The approval cannot be published: {topic} is no topic of the account {account}."
    return None


_OF_PROVIDER = {("Deploy", "S3"): _deployment_to_s3, ("Approval", "Manual"): _approval}
