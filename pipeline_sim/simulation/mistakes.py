"""What of an action AWS takes when the pipeline is created and refuses when the action runs (2.4, 2.5, 3, 4.7, 5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ..ids import account_of
from ..pipeline.model import Action, Pipeline, Rule
from ..pipeline.variables import RESOLVED_BYTES, size_of

Topics = Collection[str] | None
"""The topics that the account has, by ARN; None: whichever is named is there."""


def against_configuration(
    action: Action, settings: Mapping[str, str], account: str, topics: Topics = None
) -> str | None:
    """The ConfigurationError of an action whose resolved configuration its provider cannot use, or None."""
    size = size_of(settings)
    if size > RESOLVED_BYTES:
        return f"The resolved configuration has {size} bytes; at most {RESOLVED_BYTES} (100 KB) are allowed."
    kind = action.type
    look = _OF_PROVIDER.get((kind.category, kind.provider))
    return look(settings, account, topics) if look else None


def _deployment_to_s3(settings: Mapping[str, str], account: str, topics: Topics) -> str | None:
    """Without Extract the object needs a key; the definition is taken without one [PROBE-B]."""
    if settings.get("Extract", "").lower() == "false" and not settings.get("ObjectKey"):
        return "With Extract set to false the deployment needs an ObjectKey."
    return None


def _approval(settings: Mapping[str, str], account: str, topics: Topics) -> str | None:
    """The topic that is told must be a standard one of this account, and be there; others are taken at creation
    [PROBE-B]."""
    topic = settings.get("NotificationArn", "")
    if topic.endswith(".fifo"):
        return f"The approval cannot be published: {topic} is a FIFO topic."
    if topic and topic.split(":")[4:5] != [account]:
        return f"The approval cannot be published: {topic} is no topic of the account {account}."
    if topic and topics is not None and topic not in topics:
        return f"The approval cannot be published: there is no topic {topic}. Make it first: aws sns create-topic."
    return None


_OF_PROVIDER = {("Deploy", "S3"): _deployment_to_s3, ("Approval", "Manual"): _approval}


def against_sharing(pipeline: Pipeline, work: Action | Rule, region: str) -> str | None:
    """The PermissionError of an action, or a condition's rule, in another account that cannot use the artifacts' key: the
    default one cannot be shared, and an alias is not known there (3, 8.4) [UG22:pipelines-create-cross-account]. None
    where it can."""
    other, own = account_of(work.role_arn or ""), account_of(pipeline.role_arn)
    store = pipeline.stores.get(region) or pipeline.stores.get("")
    if not other or not own or other == own or store is None or not (work.inputs or getattr(work, "outputs", ())):
        return None
    role = f"{work.role_arn} is a role of the account {other}, and cannot use the artifacts in {store.location}"
    if not store.key_id:
        return (f"{role}: they are encrypted with the default key aws/s3, which cannot be shared. Give the artifact store "
                f"an encryptionKey of your own, whose policy allows {other}.")
    if "alias/" in store.key_id:
        return f"{role}: the alias of their key, {store.key_id}, is not known there. Name the key by its ARN."
    return None
