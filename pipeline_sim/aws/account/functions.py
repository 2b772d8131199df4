"""Lambda's and CloudWatch Logs' operations, as far as rules need them: who may invoke, who may write, what was written.

A function's code is a Python function that `simulation.account.function(name, code)` brings; none can be made by a call.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...iam import parse
from ...pipeline.fault import Faults
from ...refused import Refused
from .invoking import invoke
from .things import Group, Lambda

if TYPE_CHECKING:
    from . import Account, Operation

_STATEMENT_ID = re.compile(r"[a-zA-Z0-9_-]{1,100}\Z")


def _function(account: Account, request: Mapping[str, Any]) -> Lambda:
    name = str(request["FunctionName"]).rpartition(":")[2]
    if name not in account.functions:
        raise Refused("ResourceNotFoundException", f"Function not found: {account.arn('lambda', f'function:{name}')}")
    return account.functions[name]


def add_permission(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    """A statement is added to the function's resource policy."""
    function, sid = _function(account, request), request["StatementId"]
    if not _STATEMENT_ID.match(sid):
        raise Refused("ValidationException", f"1 validation error detected: Value '{sid}' at 'statementId' failed to "
                                             "satisfy constraint: Member must satisfy regular expression pattern: "
                                             "([a-zA-Z0-9-_]+)")
    if sid in function.statements:
        raise Refused("ResourceConflictException", f"The statement id ({sid}) provided already exists. Please provide a new "
                                                   "statement id, or remove the existing statement.")
    statement = _statement(function, request)
    try:
        parse({"Version": "2012-10-17", "Statement": [statement]}, kind="resource")
    except Faults as faults:
        raise Refused("InvalidParameterValueException", str(faults.faults[0])) from None
    function.statements[sid] = statement
    return {"Statement": json.dumps(statement)}


def _statement(function: Lambda, request: Mapping[str, Any]) -> dict[str, Any]:
    who = request["Principal"]
    kind = "Service" if who.endswith((".amazonaws.com", ".amazonaws.com.cn")) else "AWS"
    conditions: dict[str, dict[str, str]] = {}
    if "SourceArn" in request:
        conditions["ArnLike"] = {"AWS:SourceArn": request["SourceArn"]}
    if "SourceAccount" in request:
        conditions["StringEquals"] = {"AWS:SourceAccount": request["SourceAccount"]}
    return {"Sid": request["StatementId"], "Effect": "Allow", "Principal": {kind: who}, "Action": request["Action"],
            "Resource": function.arn, **({"Condition": conditions} if conditions else {})}


def remove_permission(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    if _function(account, request).statements.pop(request["StatementId"], None) is None:
        raise Refused("ResourceNotFoundException", f"Statement {request['StatementId']} is not found in resource policy.")
    return {}


def get_policy(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    function = _function(account, request)
    if not function.statements:
        raise Refused("ResourceNotFoundException", "The resource you requested does not exist.")
    statements = list(function.statements.values())
    return {"Policy": json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": statements})}


def list_functions(account: Account, _: Mapping[str, Any], __: str) -> dict[str, Any]:
    return {"Functions": [{"FunctionName": one.name, "FunctionArn": one.arn, "Role": one.role}
                          for _, one in sorted(account.functions.items())]}


def create_function(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    """Nothing that comes by a call is executed."""
    raise Refused("InvalidParameterValueException", "The simulation does not execute an archive. Bring the code as a Python "
                  f"function: pipeline_sim.aws.account.of(simulation).function({request['FunctionName']!r}, code).")


def invoke_function(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    """A person invokes the function. What it raises is an answer, as Lambda gives it."""
    function = _function(account, request)
    try:
        event = json.loads(request.get("Payload") or b"{}")
    except ValueError as problem:
        raise Refused("InvalidRequestContentException", f"Could not parse request body into json: {problem}") from None
    found = invoke(account, function, event)
    if found.error:
        kind, _, message = found.error.partition(": ")
        told: Any = {"errorMessage": message, "errorType": kind}
        return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": _body(told)}
    return {"StatusCode": 200, "Payload": _body(found.result)}


def _body(value: Any) -> io.BytesIO:
    return io.BytesIO(json.dumps(value, default=str).encode())


LAMBDA: Mapping[str, Operation] = {
    "AddPermission": add_permission, "RemovePermission": remove_permission, "GetPolicy": get_policy,
    "ListFunctions": list_functions, "Invoke": invoke_function, "CreateFunction": create_function,
    "UpdateFunctionCode": create_function,
}


# ---------------------------------------------------------------------------------------------- log groups


def create_log_group(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    name = request["logGroupName"]
    if name in account.groups:
        raise Refused("ResourceAlreadyExistsException", "The specified log group already exists")
    account.groups[name] = Group(name, account.arn("logs", f"log-group:{name}"))
    return {}


def describe_log_groups(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    prefix = request.get("logGroupNamePrefix", "")
    found = [group for name, group in sorted(account.groups.items()) if name.startswith(prefix)]
    return {"logGroups": [{"logGroupName": group.name, "arn": f"{group.arn}:*",
                           "storedBytes": sum(len(line) for _, line in group.lines)} for group in found]}


def put_resource_policy(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    name, text = request["policyName"], request["policyDocument"]
    try:
        parse(text, kind="resource")
    except Faults as faults:
        raise Refused("InvalidParameterException", str(faults.faults[0])) from None
    account.group_policies[name] = text
    return {"resourcePolicy": {"policyName": name, "policyDocument": text}}


def describe_resource_policies(account: Account, _: Mapping[str, Any], __: str) -> dict[str, Any]:
    return {"resourcePolicies": [{"policyName": name, "policyDocument": text}
                                 for name, text in sorted(account.group_policies.items())]}


def filter_log_events(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    """The lines of a group, oldest first; a filter pattern is taken for a plain part of the line."""
    group = account.groups.get(request.get("logGroupName", ""))
    if group is None:
        raise Refused("ResourceNotFoundException", "The specified log group does not exist.")
    wanted, zero = request.get("filterPattern", "").strip('"'), _zero(account)
    rows = [{"logStreamName": "events", "timestamp": zero + time * 1000, "message": text, "eventId": f"{number:056d}"}
            for number, (time, text) in enumerate(group.lines) if wanted in text]
    return {"events": rows, "searchedLogStreams": []}


def _zero(account: Account) -> int:
    from ...views.names import moment

    return int(moment(account.simulation.state, 0).timestamp() * 1000)


LOGS: Mapping[str, Operation] = {
    "CreateLogGroup": create_log_group, "DescribeLogGroups": describe_log_groups, "PutResourcePolicy": put_resource_policy,
    "DescribeResourcePolicies": describe_resource_policies, "FilterLogEvents": filter_log_events,
}
