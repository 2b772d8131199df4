"""What one record of the trail looks like, and who it says has called (7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ...ids import make_id, token
from ...record import Called
from ...shapes import SECRET_KEYS
from ...state import State
from ..names import caller_arn, iso

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
SOURCE = "codepipeline.amazonaws.com"
_MASKED = SECRET_KEYS | {"clientToken", "artifactCredentials"}
_NO_ANSWER = frozenset({"PollForJobs", "PollForThirdPartyJobs"})
"""Answers that hold credentials are not kept."""

Entry = dict[str, Any]


def of_call(state: State, call: Called, index: int) -> Entry:
    """The record of one API call of CodePipeline, answered or refused."""
    reads = call.operation.startswith(("Get", "List"))
    quiet = reads or call.operation in _NO_ANSWER or call.error is not None
    answer = None if quiet else _plain(state, call.answer)
    works = any(call.by == pipeline.definition.role_arn for pipeline in state.pipelines.values())
    who = service_session(state, call.by) if works else identity(state, call.by)
    return make_entry(state, call.time, index, call.operation, SOURCE, who,
                  request=_plain(state, call.request), answer=answer or None, error=call.error, reads=reads)


def make_entry(
    state: State, time: int, index: int, name: str, source: str, who: Mapping[str, Any], *, request: Any, answer: Any,
    error: tuple[str, str] | None = None, reads: bool = False, region: str = "",
) -> Entry:
    agent = who.get("invokedBy", "aws-cli/2")
    entry: Entry = {
        "eventVersion": "1.11",
        "userIdentity": dict(who),
        "eventTime": iso(state, time),
        "eventSource": source,
        "eventName": name,
        "awsRegion": region or state.region,
        "sourceIPAddress": who.get("invokedBy", _address(state, who)),
        "userAgent": agent,
    }
    if error is not None:
        code = "AccessDenied" if error[0] == "AccessDeniedException" else error[0]
        entry |= {"errorCode": code, "errorMessage": error[1]}
    return entry | {
        "requestParameters": request or None,
        "responseElements": answer,
        "requestID": make_id(state.seed, f"request:{name}", index),
        "eventID": make_id(state.seed, f"trail:{name}", index),
        "readOnly": reads,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": state.account,
        "eventCategory": "Management",
    }


def address_of(state: State, by: str) -> str:
    """From which address a caller's calls come."""
    return _address(state, identity(state, by))


def _address(state: State, who: Mapping[str, Any]) -> str:
    """An address for each caller, out of the range that is kept for examples."""
    return f"198.51.100.{1 + sum(who.get('arn', '').encode()) % 254}"


def _plain(state: State, value: Any, key: str = "") -> Any:
    """As JSON, with secrets hidden: AWS's own, and those of custom action types."""
    if key in _MASKED or key in _secrets(state):
        return HIDDEN
    if isinstance(value, Mapping):
        return {name: _plain(state, part, name) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(state, part) for part in value]
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value


def _secrets(state: State) -> frozenset[str]:
    if not state.custom_types:
        return frozenset()
    return frozenset(entry["name"] for custom in state.custom_types.values()
                     for entry in custom.get("configurationProperties", ()) if entry.get("secret"))


# ---------------------------------------------------------------------------------------------- who called


def identity(state: State, by: str) -> dict[str, Any]:
    """`userIdentity` of a caller: a user (a plain name is one of the account), a role's session, the root, a federated
    user, a service."""
    if by.endswith(".amazonaws.com"):
        return {"type": "AWSService", "invokedBy": by}
    arn = caller_arn(state, by)
    account, resource = _parts(state, arn)
    if resource == "root":
        return {"type": "Root", "principalId": account, "arn": arn, "accountId": account,
                "accessKeyId": _key(state, "AKIA", arn)}
    kind, _, name = resource.partition("/")
    if kind == "role":
        return _session(state, account, name.rsplit("/", 1)[-1], "session")
    if kind == "assumed-role":
        role, _, session = name.partition("/")
        return _session(state, account, role, session)
    told = {"type": "FederatedUser" if kind == "federated-user" else "IAMUser",
            "principalId": _key(state, "AIDA", arn), "arn": arn, "accountId": account,
            "accessKeyId": _key(state, "AKIA", arn)}
    return told | {"userName": name.rsplit("/", 1)[-1]} if kind == "user" else told


def _session(state: State, account: str, role: str, session: str) -> dict[str, Any]:
    """A session of a role: its issuer is the role."""
    issuer = f"arn:aws:iam::{account}:role/{role}"
    principal = _key(state, "AROA", issuer)
    return {
        "type": "AssumedRole",
        "principalId": f"{principal}:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
        "accountId": account,
        "accessKeyId": _key(state, "ASIA", f"{issuer}/{session}"),
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "principalId": principal, "arn": issuer, "accountId": account,
                              "userName": role},
            "attributes": {"creationDate": iso(state, 0), "mfaAuthenticated": "false"},
        },
    }


def service_session(state: State, role: str) -> dict[str, Any]:
    """The service role at work for a pipeline: `invokedBy` CodePipeline."""
    account, resource = _parts(state, role)
    name = resource.rsplit("/", 1)[-1]
    session = str(1 + _session_number(state, role))
    return _session(state, account, name, session) | {"invokedBy": SOURCE}


def _session_number(state: State, role: str) -> int:
    """A session's name is a number, as recorded of CodePipeline."""
    return int(make_id(state.seed, f"session:{role}", 0)[:8], 16)


def _parts(state: State, arn: str) -> tuple[str, str]:
    """The account and the resource of an ARN; a placeholder for one is a resource of this account."""
    parts = arn.split(":", 5)
    return (parts[4] or state.account, parts[5]) if len(parts) == 6 else (state.account, arn)


def _key(state: State, prefix: str, arn: str) -> str:
    return prefix + token(state.seed, f"{prefix}:{arn}", 0, 16).upper()
