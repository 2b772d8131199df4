"""Artifact stores, Regions and accounts: every Region with actions has its bucket, and who may use it (1.1, 3, 8.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..fault import Fault, near
from .walk import ACTION, STRUCTURE, Draft, PlacedAction

_ACCOUNT = re.compile(r"arn:[^:]*:iam::(\d{12}):")


def look_at_stores(draft: Draft) -> Iterator[Fault]:
    yield from _stores(draft)
    yield from _regions(draft)
    for action in draft.actions:
        yield from _far_away(draft, action)
        yield from _other_account(draft, action)


def _stores(draft: Draft) -> Iterator[Fault]:
    """Exactly one of the two members [MODEL, class: knowledge]."""
    one, several = draft.structure.get("artifactStore"), draft.structure.get("artifactStores")
    if bool(one) == bool(several):
        what = "both artifactStore and artifactStores" if one else "neither artifactStore nor artifactStores"
        yield Fault("artifactStore", "", STRUCTURE, f"The pipeline has {what}.",
                    "Give exactly one: artifactStores where actions run in several Regions.")


def _regions(draft: Draft) -> Iterator[Fault]:
    """One store for each Region that has actions, the pipeline's own among them [PROBE-A]."""
    needed: dict[str, PlacedAction | None] = {draft.home: None} if draft.home else {}
    for action in draft.actions:
        if region := action.body.get("region"):
            needed.setdefault(region, action)
    one, several = draft.structure.get("artifactStore"), draft.structure.get("artifactStores") or {}
    if one and not several and len(needed) > 1:
        yield Fault("artifactStore", "", STRUCTURE, f"Actions run in several Regions ({', '.join(sorted(needed))}).",
                    "Use artifactStores, with one store for each Region.")
    for region, first in needed.items() if several and not one else ():
        if region in several:
            continue
        message, fix = f"There is no artifact store for the Region {region}.", f"Add {region} to artifactStores."
        fix = near(region, several) or fix
        yield (first.fault(STRUCTURE, message, fix, "region") if first else
               Fault("artifactStores", "", STRUCTURE, message, fix))


def _far_away(draft: Draft, action: PlacedAction) -> Iterator[Fault]:
    """Source, third-party and custom actions run in the pipeline's Region [UG; for sources also WEB, class: knowledge]."""
    region, kind = action.body.get("region"), action.kind
    if not region or region == draft.home:
        return
    if kind.category == "Source":
        yield action.fault(ACTION, f"A source action cannot run in another Region ({region}) than its pipeline "
                           f"({draft.home}).", "Take the region out.", "region")
    elif kind.owner in ("ThirdParty", "Custom") and draft.home:
        yield action.fault(ACTION, f"A {kind.owner} action cannot run in another Region ({region}) than its pipeline "
                           f"({draft.home}).", "Take the region out.", "region")


def _other_account(draft: Draft, action: PlacedAction) -> Iterator[Fault]:
    """A role in another account needs a customer's key, named by id or ARN (8.4) [UG22:pipelines-create-cross-account].
    AWS takes such a definition; the action fails."""
    own, other = _account(draft.structure.get("roleArn")), _account(action.body.get("roleArn"))
    if not own or not other or own == other:
        return
    if action.kind.owner == "Custom":
        yield action.fault(ACTION, "A custom action cannot be in another account.", "Take the roleArn out.", "roleArn",
                           warning=True)
    key = (_store(draft, action).get("encryptionKey") or {}).get("id", "")
    if not key:
        yield action.fault(ACTION, f"The action's role is in account {other}, and the artifact store has no key of your "
                           "own: the default key cannot be shared, so the action will fail.", "Give the store an "
                           "encryptionKey whose policy allows that account.", "roleArn", warning=True)
    elif "alias/" in key:
        yield action.fault(ACTION, f"The key {key} is named by an alias, which is not known in account {other}.",
                           "Name the key by its ARN.", "roleArn", warning=True)


def _account(arn: Any) -> str:
    found = _ACCOUNT.match(arn or "")
    return found[1] if found else ""


def _store(draft: Draft, action: PlacedAction) -> Mapping[str, Any]:
    several = draft.structure.get("artifactStores") or {}
    return several.get(action.body.get("region") or draft.home) or draft.structure.get("artifactStore") or {
        "encryptionKey": {"id": "unknown"}}
