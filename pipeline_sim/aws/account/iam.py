"""IAM's operations on roles and users: who they trust, what they may. What is changed here counts in the simulation at once.

A role that the scenario says nothing of may do everything, as before; once a call has made it or given it a policy, its
policies decide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ...iam import decide, parse
from ...refused import Refused
from ...views.names import moment
from .policies import checked, policy_of
from .things import Role

if TYPE_CHECKING:
    from . import Account, Operation

_NAME = re.compile(r"[\w+=,.@-]{1,64}\Z")
_USER, _ROLE = "user", "role"


def _arn(account: Account, kind: str, name: str, path: str = "/") -> str:
    return f"arn:aws:iam::{account.simulation.state.account}:{kind}{path}{name}"


def _found(account: Account, kind: str, name: str) -> Role:
    """A role or user that a call made, or that the scenario has policies for."""
    made = account.roles.get(f"{kind}/{name}")
    if made is not None:
        return made
    known = account.simulation.roles if kind == _ROLE else account.simulation.identities
    arn = next((one for one in known if f":{kind}/" in one and one.rpartition("/")[2] == name), None)
    if arn is None:
        raise Refused("NoSuchEntity", f"The {kind} with name {name} cannot be found.")
    texts = {policy.name or f"policy{number}": json.dumps(policy.document) for number, policy in enumerate(known[arn], 1)}
    return account.roles.setdefault(f"{kind}/{name}", Role(name, arn, inline=texts))


def _named(account: Account, kind: str, request: Mapping[str, Any]) -> Role:
    """The role or user that a request names."""
    return _found(account, kind, request[f"{kind.capitalize()}Name"])


def _effective(account: Account, role: Role) -> None:
    """Let the simulation go by a role's policies as they are now."""
    known = account.simulation.roles if ":role/" in role.arn else account.simulation.identities
    known[role.arn] = [*(parse(text, name) for name, text in role.inline.items()),
                       *(policy_of(account, arn) for arn in role.attached)]
    if role.trust:
        account.simulation.trust[role.arn] = parse(role.trust, kind="trust")
    if role.boundary:
        account.simulation.boundaries[role.arn] = policy_of(account, role.boundary)
    else:
        account.simulation.boundaries.pop(role.arn, None)
    account.simulation.rights_changed()


def _shown(account: Account, role: Role, kind: str) -> dict[str, Any]:
    title = kind.capitalize()
    identifier = f"A{kind[0].upper()}IA{_number(role.arn):017d}"
    told = {"Path": role.path, f"{title}Name": role.name, f"{title}Id": identifier, "Arn": role.arn,
            "CreateDate": moment(account.simulation.state, role.made).astimezone(UTC)}
    return {**told, "AssumeRolePolicyDocument": quote(role.trust)} if kind == _ROLE and role.trust else told


def _number(text: str) -> int:
    """The same number in every process."""
    return int.from_bytes(blake2b(text.encode(), digest_size=6).digest(), "big")


def _create(kind: str) -> Operation:
    title = kind.capitalize()

    def create(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
        name, path = request[f"{title}Name"], request.get("Path", "/")
        if not _NAME.match(name):
            raise Refused("ValidationError", f"The specified value for {kind}Name is invalid.")
        if f"{kind}/{name}" in account.roles:
            raise Refused("EntityAlreadyExists", f"{title} with name {name} already exists.")
        trust = checked(request["AssumeRolePolicyDocument"], "trust") if kind == _ROLE else ""
        role = Role(name, _arn(account, kind, name, path), trust, account.simulation.now, path,
                    boundary=_boundary(account, request))
        account.roles[f"{kind}/{name}"] = role
        _effective(account, role)
        return {title: _shown(account, role, kind)}

    return create


def _boundary(account: Account, request: Mapping[str, Any]) -> str:
    """The ARN of the managed policy that is to be a boundary; nothing where none is asked for. Raises Refused."""
    arn = str(request.get("PermissionsBoundary", ""))
    if arn:
        policy_of(account, arn)
    return arn


def _put_boundary(kind: str) -> Operation:
    def put(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
        role = _named(account, kind, request)
        role.boundary = _boundary(account, request)  # a request to delete it names none
        _effective(account, role)
        return {}

    return put


def _get(kind: str) -> Operation:
    title = kind.capitalize()

    def get(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
        return {title: _shown(account, _named(account, kind, request), kind)}

    return get


def _list(kind: str) -> Operation:
    def rows(account: Account, _: Mapping[str, Any], __: str) -> dict[str, Any]:
        known = account.simulation.roles if kind == _ROLE else account.simulation.identities
        for arn in known:
            if f":{kind}/" in arn:
                _found(account, kind, arn.rpartition("/")[2])
        found = [role for key, role in sorted(account.roles.items()) if key.startswith(f"{kind}/")]
        return {f"{kind.capitalize()}s": [_shown(account, role, kind) for role in found], "IsTruncated": False}

    return rows


def _delete(kind: str) -> Operation:
    def delete(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
        role = _named(account, kind, request)
        if role.inline or role.attached:
            raise Refused("DeleteConflict", "Cannot delete entity, must delete policies first.")
        del account.roles[f"{kind}/{role.name}"]
        _effective(account, role)  # what is gone may do nothing
        return {}

    return delete


def _put_policy(kind: str) -> Operation:
    def put(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
        role = _named(account, kind, request)
        role.inline[request["PolicyName"]] = checked(request["PolicyDocument"])
        _effective(account, role)
        return {}

    return put


def _get_policy(kind: str) -> Operation:
    title = kind.capitalize()

    def get(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
        role, name = _named(account, kind, request), request["PolicyName"]
        if name not in role.inline:
            raise Refused("NoSuchEntity", f"The {kind} policy with name {name} cannot be found.")
        return {f"{title}Name": role.name, "PolicyName": name, "PolicyDocument": quote(role.inline[name])}

    return get


def _list_policies(kind: str) -> Operation:
    def rows(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
        role = _named(account, kind, request)
        return {"PolicyNames": sorted(role.inline), "IsTruncated": False}

    return rows


def _delete_policy(kind: str) -> Operation:
    def delete(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
        role = _named(account, kind, request)
        if role.inline.pop(request["PolicyName"], None) is None:
            raise Refused("NoSuchEntity", f"The {kind} policy with name {request['PolicyName']} cannot be found.")
        _effective(account, role)
        return {}

    return delete


def _attach(kind: str) -> Operation:
    def attach(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
        role, arn = _named(account, kind, request), request["PolicyArn"]
        policy_of(account, arn)
        if arn not in role.attached:
            role.attached.append(arn)
        _effective(account, role)
        return {}

    return attach


def _detach(kind: str) -> Operation:
    def detach(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
        role, arn = _named(account, kind, request), request["PolicyArn"]
        if arn not in role.attached:
            raise Refused("NoSuchEntity", f"Policy {arn} was not found.")
        role.attached.remove(arn)
        _effective(account, role)
        return {}

    return detach


def _attached(kind: str) -> Operation:
    def rows(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
        role = _named(account, kind, request)
        return {"AttachedPolicies": [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in role.attached],
                "IsTruncated": False}

    return rows


def update_trust(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    role = _found(account, _ROLE, request["RoleName"])
    role.trust = checked(request["PolicyDocument"], "trust")
    _effective(account, role)
    return {}


def simulate(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    """What a role or user may, action by action: the policy simulator's answer, from the same decision as a run's."""
    arn = request["PolicySourceArn"]
    known = account.simulation.roles if ":role/" in arn else account.simulation.identities
    if arn not in known:
        raise Refused("NoSuchEntity", f"The simulation knows no policies of {arn}.")
    context = {one["ContextKeyName"]: tuple(one["ContextKeyValues"]) for one in request.get("ContextEntries", ())}
    rows, boundary = [], account.simulation.boundaries.get(arn)
    for action in request["ActionNames"]:
        for resource in request.get("ResourceArns", ["*"]):
            found = decide(known[arn], action, resource, context, principal=arn, boundary=boundary)
            word = "allowed" if found.allowed else "explicitDeny" if "explicit" in found.kind else "implicitDeny"
            rows.append({"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": word})
    return {"EvaluationResults": rows, "IsTruncated": False}


def _of(kind: str) -> dict[str, Operation]:
    title = kind.capitalize()
    return {
        f"Create{title}": _create(kind), f"Get{title}": _get(kind), f"List{title}s": _list(kind),
        f"Delete{title}": _delete(kind), f"Put{title}Policy": _put_policy(kind),
        f"Get{title}Policy": _get_policy(kind),
        f"List{title}Policies": _list_policies(kind), f"Delete{title}Policy": _delete_policy(kind),
        f"Attach{title}Policy": _attach(kind), f"Detach{title}Policy": _detach(kind),
        f"ListAttached{title}Policies": _attached(kind),
        f"Put{title}PermissionsBoundary": _put_boundary(kind), f"Delete{title}PermissionsBoundary": _put_boundary(kind),
    }


OPERATIONS: Mapping[str, Operation] = {
    **_of(_ROLE), **_of(_USER), "UpdateAssumeRolePolicy": update_trust, "SimulatePrincipalPolicy": simulate}
