"""Whom a statement of a resource or trust policy is about, and what a principal's ARN tells of a request."""

from __future__ import annotations

from ..ids import account_of
from .policy import Principals

NOT_AT_ALL, BY_ACCOUNT, BY_NAME = 0, 1, 2
"""How a principal is meant: not; as anybody of an account, whose own policies must then allow the thing too; itself."""


def is_service(principal: str) -> bool:
    return not principal.startswith("arn:") and principal.endswith((".amazonaws.com", ".amazonaws.com.cn"))


def is_root(principal: str) -> bool:
    return principal.startswith("arn:") and principal.endswith(":root")


def role_behind(principal: str) -> str:
    """The role's ARN behind a session's: `…:sts::111122223333:assumed-role/Release/lee`; any other ARN as it is. The
    session's ARN does not tell the role's path."""
    parts = principal.split(":", 5)
    if len(parts) < 6 or parts[2] != "sts" or not parts[5].startswith("assumed-role/"):
        return principal
    return ":".join([*parts[:2], "iam", "", parts[4], f"role/{parts[5].split('/')[1]}"])


def context_from(principal: str) -> dict[str, str]:
    """The global condition keys that follow from who calls."""
    if is_service(principal):
        return {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": principal}
    if not principal.startswith("arn:"):
        return {}
    role = role_behind(principal)
    known = {"aws:PrincipalIsAWSService": "false", "aws:PrincipalArn": role, "aws:PrincipalAccount": account_of(role)}
    if ":user/" in principal:
        return {**known, "aws:username": principal.rpartition("/")[2], "aws:PrincipalType": "User"}
    return {**known, "aws:PrincipalType": "Account" if is_root(principal) else "AssumedRole"}


def meant(principals: Principals | None, principal: str) -> int:
    """How a statement means a principal. One without principals, an identity's own, means whoever has it."""
    if principals is None:
        return BY_NAME
    found = max((_meant_by(kind, who, principal) for kind, who in principals.who), default=NOT_AT_ALL)
    if principals.excluded:
        return BY_NAME if found == NOT_AT_ALL else NOT_AT_ALL
    return found


def _meant_by(kind: str, who: str, principal: str) -> int:
    if kind == "AWS" and who == "*":
        return BY_NAME
    if kind == "Service" or is_service(principal):
        return BY_NAME if kind == "Service" and who == principal else NOT_AT_ALL
    if kind != "AWS":
        return BY_NAME if who == principal else NOT_AT_ALL
    account = who if who.isdigit() else account_of(who) if is_root(who) else ""
    if account:
        return BY_ACCOUNT if account == account_of(principal) else NOT_AT_ALL
    return BY_NAME if who in (principal, role_behind(principal)) or _same_role(who, principal) else NOT_AT_ALL


def _same_role(who: str, principal: str) -> bool:
    """A session and its role, whose path the session's ARN leaves out."""
    role = role_behind(principal)
    return role != principal and account_of(who) == account_of(role) and (
        ":role/" in who and who.rpartition("/")[2] == role.rpartition("/")[2])
