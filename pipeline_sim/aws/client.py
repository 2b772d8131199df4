"""How boto3 reaches the simulation: a real client whose requests are answered in this process, without a socket.

botocore checks the parameters, writes and signs the request, and reads the answer; only the sending is ours.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..refused import Refused
from .account import services
from .session import MISSING, session, settings
from .wire import Asked, Told, answer, request_id, told, told_by_account

if TYPE_CHECKING:
    from ..simulation import Simulation

SERVICES = {
    "codepipeline": "every operation",
    "cloudtrail": "lookup_events",
    "s3": "list_buckets, list_objects_v2, head_object, get_object and what else only looks",
    "events": "rules of the default bus, their targets, patterns",
    "sns": "topics, their policies, subscriptions and messages",
    "sqs": "queues and their messages",
    "lambda": "permissions and invocations of Python functions",
    "logs": "log groups that rules write to",
    "iam": "roles, users and their policies",
    "codestar-notifications": "notification rules",
    "sts": "get_caller_identity",
}


def client(simulation: Simulation, service: str = "codepipeline", *, by: str | None = None) -> Any:
    """A boto3 client of the simulated account; `by` is the ARN that its calls are made by.

    Raises NotImplementedError for a service that the simulation does not have.
    """
    if service not in SERVICES:
        offered = "; ".join(f"{name} ({what})" for name, what in SERVICES.items())
        raise NotImplementedError(f"The simulation has no {service}. It answers {offered}.")
    region = simulation.state.region
    made = _boto3().client(service, region_name=region, config=settings(region))
    made.meta.events.register_first("before-send", sender(simulation, by))
    if service in services():
        in_account(made.meta.events, simulation, by)
        return made
    if service == "codepipeline":
        made.meta.events.register("before-call.codepipeline", _shortcut(simulation, by))
    return made


def in_account(events: Any, simulation: Simulation, by: str | None) -> None:
    """Let the requests of the services that stand around a pipeline be answered from their parameters: botocore has
    checked them by then, and whatever the service's protocol is, nobody would look at the bytes."""
    from botocore.awsrequest import AWSResponse

    def keep(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        if model.service_model.service_name in services():
            context["pipeline_sim"] = params

    def reply(model: Any, params: dict[str, Any], context: dict[str, Any], **_: Any) -> Any:
        if "pipeline_sim" not in context:
            return None
        service = model.service_model.service_name
        status, found = told_by_account(simulation, service, model.name, context["pipeline_sim"], by)
        headers = {"x-amzn-RequestId": request_id(simulation)}
        return AWSResponse(params["url"], status, headers, io.BytesIO()), _parsed(model, Told(status, headers, found))

    events.register("before-parameter-build", keep)
    events.register("before-call", reply)


def _shortcut(simulation: Simulation, by: str | None) -> Callable[..., Any]:
    """The same answer, earlier: after botocore has checked and written the request, before it signs it, which nobody
    would look at and which costs four times what the simulation needs. Answers are in botocore's own shape already."""
    from botocore.awsrequest import AWSResponse

    def reply(model: Any, params: dict[str, Any], **_: Any) -> Any:
        headers = {name.lower(): value for name, value in params["headers"].items()}
        asked = Asked("POST", params["url_path"], headers, _bytes(params["body"]))
        found = told(simulation, model.name, asked, by)
        own = model.name not in MADE_ANEW
        return AWSResponse(params["url"], found.status, found.headers, io.BytesIO()), _parsed(model, found, own)

    return reply


MADE_ANEW = frozenset({"GetPipelineState"})
"""Answers that are made of texts and moments for each call, and share nothing with the simulation."""


def _parsed(model: Any, found: Told, own: bool = True) -> dict[str, Any]:
    """An answer, or an exception with its members, as botocore's parsers give it. `own`: the caller needs a copy."""
    metadata = {"RequestId": found.headers["x-amzn-RequestId"], "HTTPStatusCode": found.status,
                "HTTPHeaders": {name.lower(): value for name, value in found.headers.items()}, "RetryAttempts": 0}
    if isinstance(found.answer, Refused):
        error, message = found.answer.error, found.answer.message
        members = dict.fromkeys(_messages(model.service_model, error), message)
        return {"Error": {"Message": message, "Code": error}, **members, "ResponseMetadata": metadata}
    return {**(_own(found.answer) if own else found.answer), "ResponseMetadata": metadata}


@cache
def _messages(service: Any, error: str) -> tuple[str, ...]:
    """The members of an exception that hold its message: most of CodePipeline's have none. The Query protocol has none at
    all beside `Error`."""
    shape = None if service.resolved_protocol == "query" else service.shape_for_error_code(error)
    return tuple(name for name in (shape.members if shape is not None else ()) if name.lower() == "message")


_PLAIN = frozenset({str, int, float, bool, datetime, type(None)})


def _own(value: Any) -> Any:
    """The caller's own copy: whatever they do to an answer, the simulation's past stays. Most parts are plain values, which
    are told apart by their exact type: to ask whether each is a Mapping would cost more than all the rest."""
    if type(value) is dict:
        return {key: part if type(part) in _PLAIN else _own(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [part if type(part) in _PLAIN else _own(part) for part in value]
    return {key: _own(part) for key, part in value.items()} if isinstance(value, Mapping) else value


@cache
def _boto3() -> Any:
    try:
        from boto3.session import Session
    except ImportError:
        raise ImportError(MISSING) from None
    return Session(botocore_session=session())


def sender(simulation: Simulation, by: str | None = None) -> Callable[..., Any]:
    """What botocore asks instead of the network: takes the request that it would send, gives the response."""
    from botocore.awsrequest import AWSResponse

    def send(request: Any, **_: Any) -> Any:
        url = urlsplit(request.url)
        asked = Asked(request.method, f"{url.path}?{url.query}" if url.query else url.path,
                      {name.lower(): _text(value) for name, value in request.headers.items()}, _bytes(request.body))
        reply = answer(simulation, asked, by=by)
        return AWSResponse(request.url, reply.status, reply.headers, _Raw(reply.body))

    return send


class _Raw(io.BytesIO):
    """A body as botocore reads bodies: in a stream of parts, or like a file."""

    def stream(self, **_: Any) -> Any:
        yield self.read()


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, bytes | bytearray) else bytes(body.read())
