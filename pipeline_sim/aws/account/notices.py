"""Notification rules: CodeStar Notifications' operations, as far as a pipeline's events need them (6.7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any

from ...ids import make_id
from ...refused import Refused
from ...views.names import moment
from ...views.notifications import EVENT_TYPES

if TYPE_CHECKING:
    from . import Account, Operation


def _pipeline(account: Account, arn: str) -> str:
    name = arn.rpartition(":")[2]
    if name not in account.simulation.state.pipelines:
        raise Refused("ResourceNotFoundException", f"The resource {arn} is no pipeline of this account.")
    return name


def _events(asked: list[str]) -> list[str]:
    unknown = sorted(set(asked) - set(EVENT_TYPES))
    if unknown:
        raise Refused("ValidationException", f"There is no event type {', '.join(unknown)}.")
    return list(asked)


def create(account: Account, request: Mapping[str, Any], by: str) -> dict[str, Any]:
    if any(one["Name"] == request["Name"] for one in account.notices.values()):
        raise Refused("ResourceAlreadyExistsException", f"A notification rule named {request['Name']} is there already.")
    state = account.simulation.state
    arn = account.arn("codestar-notifications",
                      f"notificationrule/{make_id(state.seed, 'notification:' + request['Name'], 0).replace('-', '')}")
    account.notices[arn] = {
        "Arn": arn, "Name": request["Name"], "Resource": request["Resource"], "DetailType": request["DetailType"],
        "Pipeline": _pipeline(account, request["Resource"]), "EventTypeIds": _events(request["EventTypeIds"]),
        "Targets": [dict(one) for one in request["Targets"]], "Status": request.get("Status", "ENABLED"), "CreatedBy": by,
        "CreatedTimestamp": moment(state, account.simulation.now).astimezone(UTC)}
    return {"Arn": arn}


def _found(account: Account, request: Mapping[str, Any]) -> dict[str, Any]:
    if request["Arn"] not in account.notices:
        raise Refused("ResourceNotFoundException", f"There is no notification rule {request['Arn']}.")
    return account.notices[request["Arn"]]


def describe(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    found = _found(account, request)
    shown = {key: value for key, value in found.items() if key not in ("Pipeline", "EventTypeIds", "Targets")}
    return {**shown, "EventTypes": [{"EventTypeId": one, "ServiceName": "CodePipeline"} for one in found["EventTypeIds"]],
            "Targets": [{**one, "TargetStatus": _status(account, found["Name"], one)} for one in found["Targets"]]}


def _status(account: Account, rule: str, target: Mapping[str, Any]) -> str:
    """Whether the target could be reached when it was last tried; PENDING before."""
    tried = [one for one in account.notified if (one.rule, one.arn) == (rule, target["TargetAddress"])]
    return ("ACTIVE" if tried[-1].delivered else "UNREACHABLE") if tried else "PENDING"


def listed(account: Account, _: Mapping[str, Any], __: str) -> dict[str, Any]:
    return {"NotificationRules": [{"Id": arn.rpartition("/")[2], "Arn": arn} for arn in sorted(account.notices)]}


def update(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    found = _found(account, request)
    if "EventTypeIds" in request:
        found["EventTypeIds"] = _events(request["EventTypeIds"])
    found.update({key: request[key] for key in ("Name", "Status", "Targets", "DetailType") if key in request})
    return {}


def delete(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    account.notices.pop(request["Arn"], None)
    return {"Arn": request["Arn"]}


OPERATIONS: Mapping[str, Operation] = {
    "CreateNotificationRule": create, "DescribeNotificationRule": describe, "ListNotificationRules": listed,
    "UpdateNotificationRule": update, "DeleteNotificationRule": delete}
