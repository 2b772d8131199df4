"""IAM's operations on managed policies: those of one's own, and what a boundary leaves of a role or user (8.3).

A boundary gives nothing: it is a ceiling. What it does not allow, the role's policies cannot give.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ...iam import MANAGED_POLICIES, Policy, parse
from ...pipeline.fault import Faults
from ...refused import Refused
from ...views.names import moment
from .things import Managed

if TYPE_CHECKING:
    from . import Account, Operation

VERSION = "v1"


def checked(text: str, kind: str = "identity") -> str:
    """A policy's text as it is. Raises Refused for what is no policy."""
    try:
        parse(text, kind=kind)
    except Faults as faults:
        raise Refused("MalformedPolicyDocument", "; ".join(str(fault) for fault in faults.faults)) from None
    return text


def policy_of(account: Account, arn: str) -> Policy:
    """A managed policy by its ARN: one's own, or AWS's as far as the simulation has them. Raises Refused."""
    if arn in account.policies:
        return parse(account.policies[arn].text, account.policies[arn].name)
    try:
        return parse(arn)
    except Faults:
        known = ", ".join([*sorted(account.policies), *sorted(MANAGED_POLICIES)])
        raise Refused("NoSuchEntity", f"Policy {arn} is not one that the simulation knows: {known}.") from None


def create(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    name, path = request["PolicyName"], request.get("Path", "/")
    arn = f"arn:aws:iam::{account.simulation.state.account}:policy{path}{name}"
    if arn in account.policies:
        raise Refused("EntityAlreadyExists", f"A policy called {name} already exists. Duplicate names are not allowed.")
    account.policies[arn] = Managed(name, arn, checked(request["PolicyDocument"]), account.simulation.now, path)
    return {"Policy": _shown(account, account.policies[arn])}


def _shown(account: Account, policy: Managed) -> dict[str, Any]:
    made = moment(account.simulation.state, policy.made).astimezone(UTC)
    users = sum(policy.arn in role.attached for role in account.roles.values())
    return {"PolicyName": policy.name, "Arn": policy.arn, "Path": policy.path, "DefaultVersionId": VERSION,
            "AttachmentCount": users, "IsAttachable": True, "CreateDate": made, "UpdateDate": made}


def _own(account: Account, request: Mapping[str, Any]) -> Managed:
    found = account.policies.get(request["PolicyArn"])
    if found is None:
        raise Refused("NoSuchEntity", f"Policy {request['PolicyArn']} was not found.")
    return found


def get(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    return {"Policy": _shown(account, _own(account, request))}


def get_version(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    policy = policy_of(account, request["PolicyArn"])
    return {"PolicyVersion": {"Document": quote(json.dumps(policy.document)), "VersionId": VERSION,
                              "IsDefaultVersion": True}}


def listed(account: Account, _: Mapping[str, Any], __: str) -> dict[str, Any]:
    """One's own; AWS's are many, and the simulation has a few."""
    return {"Policies": [_shown(account, one) for _, one in sorted(account.policies.items())], "IsTruncated": False}


def delete(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    policy = _own(account, request)
    if any(policy.arn in (*role.attached, role.boundary) for role in account.roles.values()):
        raise Refused("DeleteConflict", "Cannot delete a policy attached to entities.")
    del account.policies[policy.arn]
    return {}


OPERATIONS: Mapping[str, Operation] = {
    "CreatePolicy": create, "GetPolicy": get, "GetPolicyVersion": get_version, "ListPolicies": listed,
    "DeletePolicy": delete}
