"""What goes over the wire: a request of AWS's tools as bytes, answered by the simulation as bytes.

Both protocols that botocore's model of CodePipeline names are spoken: AWS JSON 1.1 and Smithy RPC v2 CBOR; the JSON of
CloudTrail, EventBridge, SQS and CloudWatch Logs, the Query protocol of SNS, IAM and STS, the REST of Lambda and CodeStar
Notifications, and so much of S3 as an artifact store needs. The client in this process and the HTTP endpoint share it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from ..ids import make_id
from ..refused import Refused
from ..shapes import operations, status_of, without_nulls
from ..views import cloudtrail
from . import cbor, query, rest, s3
from .session import model

if TYPE_CHECKING:
    from ..simulation import Simulation

JSON, CBOR = "application/x-amz-json-1.1", "application/cbor"
_CBOR_PATH = re.compile(r"/service/([\w.]+)/operation/(\w+)\Z")
_TARGETS = {"CodePipeline_20150709": "codepipeline", "CloudTrail_20131101": "cloudtrail",
            "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101": "cloudtrail",
            "AWSEvents": "events", "AmazonSQS": "sqs", "Logs_20140328": "logs"}
_SCOPE = re.compile(r"Credential=[^/,\s]*/[^/,\s]*/[^/,\s]*/([\w-]+)/aws4_request")
FORM = "application/x-www-form-urlencoded"


class Asked(NamedTuple):
    """A request: method, path with its query, headers by lower-case name, body."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Reply(NamedTuple):
    """An answer: status, headers, body."""

    status: int
    headers: dict[str, str]
    body: bytes


def answer(simulation: Simulation, asked: Asked, *, by: str | None = None) -> Reply:
    """Answer one request. What AWS would refuse is an answer too, in the protocol of the request."""
    place = _CBOR_PATH.search(asked.path.partition("?")[0])
    target = asked.headers.get("x-amz-target", "")
    if asked.headers.get("smithy-protocol") == "rpc-v2-cbor" and place:
        reply = _rpc(simulation, asked, place[1], place[2], by, CBOR)
    elif target:
        service, _, operation = target.rpartition(".")
        reply = _rpc(simulation, asked, service, operation, by, JSON)
    elif asked.method == "POST" and asked.headers.get("content-type", "").startswith(FORM):
        reply = _form(simulation, asked.body, by)
    else:
        reply = _by_path(simulation, asked, by)
    reply.headers["x-amzn-RequestId"] = request_id(simulation)
    return reply


def _by_path(simulation: Simulation, asked: Asked, by: str | None) -> Reply:
    """The answer to a request that names its operation by its path. The service is the one that it was signed for; S3
    where nobody has signed and something is to be looked at."""
    service = signed_for(asked)
    if service in rest.SERVICES:
        return _rest(simulation, service, asked, by)
    if service == "s3" or not service and asked.method in ("GET", "HEAD") and not asked.headers.get("smithy-protocol"):
        return Reply(*s3.answer(simulation.state, asked.method, asked.path, asked.headers))
    if service and service not in _TARGETS.values():
        return _error(JSON, "UnknownOperationException", _unknown(service, ""))
    return _error(JSON, "UnknownOperationException", "No operation is named: X-Amz-Target is missing.")


def signed_for(asked: Asked) -> str:
    """The service in the scope of a request's signature; empty where there is none. Nobody looks at the signature."""
    found = _SCOPE.search(asked.headers.get("authorization", "")) or _SCOPE.search(unquote(asked.path.partition("?")[2]))
    return found[1] if found else ""


def _rest(simulation: Simulation, service: str, asked: Asked, by: str | None) -> Reply:
    try:
        operation, request = rest.read(service, asked.method, asked.path, asked.headers, asked.body)
        return Reply(*rest.answer(service, operation, _by_account(simulation, service, operation, request, by)))
    except Refused as refused:
        return Reply(*rest.refusal(service, refused))


def told_by_account(
    simulation: Simulation, service: str, operation: str, request: Mapping[str, Any], by: str | None
) -> tuple[int, dict[str, Any] | Refused]:
    """The answer of a service that stands around a pipeline, and its status."""
    from .account import ask

    try:
        return 200, ask(simulation, service, operation, request, by or "")
    except Refused as refused:
        return 400, refused


class Told(NamedTuple):
    """What a call came to: its status and headers, and the answer or why there is none."""

    status: int
    headers: dict[str, str]
    answer: dict[str, Any] | Refused


def told(simulation: Simulation, operation: str, asked: Asked, by: str | None) -> Told:
    """Answer a request to CodePipeline whose answer nobody wants as bytes."""
    kind = CBOR if asked.headers.get("smithy-protocol") == "rpc-v2-cbor" else JSON
    found = _told(simulation, "codepipeline", operation, asked.body, kind, by)
    headers = {**_headers(kind), "x-amzn-RequestId": request_id(simulation)}
    return Told(status_of(found.error) if isinstance(found, Refused) else 200, headers, found)


def request_id(simulation: Simulation) -> str:
    return make_id(simulation.seed, "request", len(simulation.records))


def _rpc(simulation: Simulation, asked: Asked, target: str, operation: str, by: str | None, kind: str) -> Reply:
    service = _TARGETS.get(target, "")
    if operation not in _operations(service):
        return _error(kind, "UnknownOperationException", _unknown(target, operation))
    found = _told(simulation, service, operation, asked.body, kind, by)
    if isinstance(found, Refused):
        return _error(kind, found.error, found.message)
    return Reply(200, _headers(kind), cbor.dump(service, operation, found) if kind == CBOR else _json(found))


def _told(
    simulation: Simulation, service: str, operation: str, body: bytes, kind: str, by: str | None
) -> dict[str, Any] | Refused:
    try:
        return _ANSWERS[service](simulation, operation, _read(kind, body), by)
    except Refused as refused:
        return refused


def _form(simulation: Simulation, body: bytes, by: str | None) -> Reply:
    """A request in AWS's Query protocol, as SNS and IAM get it."""
    service, identifier = "", request_id(simulation)
    try:
        service, operation, request = query.read(body)
        found = _by_account(simulation, service, operation, request, by)
    except Refused as refused:
        return Reply(404 if refused.error.startswith(("NotFound", "NoSuch")) else 400, {"Content-Type": "text/xml"},
                     query.refusal(service, refused, identifier))
    return Reply(200, {"Content-Type": "text/xml"}, query.answer(service, operation, found, identifier))


def _by_account(
    simulation: Simulation, service: str, operation: str, request: dict[str, Any], by: str | None
) -> dict[str, Any]:
    """The answer of a service that stands around a pipeline, after botocore has checked the request's form."""
    from botocore.validate import ParamValidator

    from .account import ask

    shape = model(service).operation_model(operation).input_shape
    report = ParamValidator().validate(request, shape) if shape is not None else None
    if report is not None and report.has_errors():
        raise Refused("ValidationException", report.generate_report()[:500])
    return ask(simulation, service, operation, request, by or "")


def _operations(service: str) -> tuple[str, ...]:
    if service in _IN_ACCOUNT:
        return tuple(model(service).operation_names)
    return {"codepipeline": operations(), "cloudtrail": ("LookupEvents",)}.get(service, ())


def _unknown(target: str, operation: str) -> str:
    if target in _TARGETS:
        return f"The simulation has no operation {operation} of {_TARGETS[target]}."
    return (f"The simulation has no service {target}: it answers CodePipeline, CloudTrail's LookupEvents, "
            "EventBridge, SNS, SQS, Lambda, IAM, STS, CloudWatch Logs, CodeStar Notifications and reads of S3.")


def _codepipeline(simulation: Simulation, operation: str, request: dict[str, Any], by: str | None) -> dict[str, Any]:
    return simulation.call(operation, **({"by": by} if by else {}), **_named(request))


def _named(request: dict[str, Any]) -> dict[str, Any]:
    """A member called `by` would be taken for the caller; no operation has one."""
    if "by" in request:
        raise Refused("ValidationException", "1 validation error detected: Value at 'by' failed to satisfy constraint: "
                                             "Member is not one of the operation's")
    return request


def _cloudtrail(simulation: Simulation, _: str, request: dict[str, Any], by: str | None) -> dict[str, Any]:
    size = request.get("MaxResults", cloudtrail.lookup.PAGE)
    if not isinstance(size, int) or not isinstance(request.get("LookupAttributes", []), list):
        raise Refused("ValidationException", "MaxResults must be a number and LookupAttributes a list")
    if request.get("EventCategory"):
        return {"Events": []}  # `insight` is the only category that can be asked for, and nothing unusual is watched for
    return cloudtrail.lookup_events(
        simulation.records, request.get("LookupAttributes", ()), _moment(request.get("StartTime")),
        _moment(request.get("EndTime")), size, request.get("NextToken"))


def _moment(value: Any) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    try:
        return datetime.fromtimestamp(value, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise Refused("InvalidTimeRangeException", f"{str(value)[:40]} is not a moment in seconds since 1970") from None


def _in_account(service: str) -> Callable[[Simulation, str, dict[str, Any], str | None], dict[str, Any]]:
    return lambda simulation, operation, request, by: _by_account(simulation, service, operation, request, by)


_IN_ACCOUNT = ("events", "sqs", "logs")
_ANSWERS: Mapping[str, Callable[[Simulation, str, dict[str, Any], str | None], dict[str, Any]]] = {
    "codepipeline": _codepipeline, "cloudtrail": _cloudtrail, **{service: _in_account(service) for service in _IN_ACCOUNT}}


def _read(kind: str, body: bytes) -> dict[str, Any]:
    """The request in a body; JSON's null means that a member is absent."""
    try:
        found = cbor.load(body) if kind == CBOR else json.loads(body or b"{}", parse_constant=_no_number)
        found = without_nulls(found)
    except (ValueError, RecursionError) as problem:
        why = str(problem) or "nested too deeply"
        raise Refused("SerializationException", f"The body cannot be read: {why}"[:300]) from None
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise Refused("SerializationException", "The body must be an object.")
    return found


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def _json(answered: Mapping[str, Any]) -> bytes:
    return json.dumps(answered, default=_epoch, separators=(",", ":")).encode()


def _epoch(value: Any) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} cannot go over the wire")


def _error(kind: str, error: str, message: str) -> Reply:
    told = {"__type": error, "message": message}
    return Reply(status_of(error), _headers(kind), cbor.dump_error(told) if kind == CBOR else _json(told))


def failure(asked: Asked, error: str, message: str, status: int) -> Reply:
    """A refusal that is none of the API's own, such as a request that is too large."""
    kind = CBOR if asked.headers.get("smithy-protocol") == "rpc-v2-cbor" else JSON
    return _error(kind, error, message)._replace(status=status)


def _headers(kind: str) -> dict[str, str]:
    return {"Content-Type": kind, **({"smithy-protocol": "rpc-v2-cbor"} if kind == CBOR else {})}
