"""AWS's REST protocol with JSON, which Lambda and CodeStar Notifications speak: path, query and body together are a request.

Both directions are by botocore's model of the service.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from ..refused import Refused
from .session import model

SERVICES = ("lambda", "codestar-notifications")
JSON = "application/json"


class Way(NamedTuple):
    """How an operation is asked for: method, path, and what its query must say."""

    operation: str
    method: str
    path: re.Pattern[str]
    query: frozenset[str]


def read(service: str, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[str, dict[str, Any]]:
    """The operation and its request. Raises Refused for what is none of the service's."""
    url = urlsplit(path)
    asked = {name: values[-1] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
    for way in _ways(service):
        found = way.path.fullmatch(url.path) if way.method == method and way.query <= asked.keys() else None
        if found:
            names = {name: unquote(value) for name, value in found.groupdict().items()}
            return way.operation, _request(service, way.operation, names, asked, headers, body)
    raise Refused("UnknownOperationException", f"The service {service} has no operation at {method} {url.path[:100]}")


@cache
def _ways(service: str) -> tuple[Way, ...]:
    """The operations of a service; what names most of the path goes first, for `{name}` fits any word."""
    found = []
    for name in model(service).operation_names:
        http = model(service).operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        parts = re.split(r"\{(\w+)\+?\}", path)
        pattern = "".join(re.escape(part) if place % 2 == 0 else f"(?P<{part}>[^/]+)" for place, part in enumerate(parts))
        found.append(Way(name, http["method"], re.compile(pattern + "/?"), frozenset(filter(None, query.split("&")))))
    return tuple(sorted(found, key=lambda way: (way.path.groups, -len(way.query))))


def _request(
    service: str, operation: str, names: Mapping[str, str], asked: Mapping[str, str], headers: Mapping[str, str], body: bytes
) -> dict[str, Any]:
    shape = model(service).operation_model(operation).input_shape
    if shape is None:
        return {}
    payload = shape.serialization.get("payload")
    raw = payload is not None and shape.members[payload].type_name in ("blob", "string")
    said = {} if raw else _body(body)
    found = {payload: body} if raw and body else {payload: said} if payload and said else {}
    sources: Mapping[str, Mapping[str, Any]] = {"uri": names, "querystring": asked, "header": headers, "": said}
    for name, member in shape.members.items():
        where = member.serialization.get("location", "")
        key = member.serialization.get("name", name)
        source = sources.get(where, {})
        if name != payload and (value := source.get(key.lower() if where == "header" else key)) is not None:
            found[name] = _plain(member, value) if where else value
    return found


def _body(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise Refused("SerializationException", "The body is no JSON.") from None
    if not isinstance(found, dict):
        raise Refused("SerializationException", "The body must be an object.")
    return found


def _plain(shape: Any, text: str) -> Any:
    """A value of a path, a query or a header, which are texts."""
    try:
        return int(text) if shape.type_name in ("integer", "long") else (
            text == "true" if shape.type_name == "boolean" else text)
    except ValueError:
        raise Refused("ValidationException", f"{text[:40]!r} is no {shape.type_name}.") from None


# ---------------------------------------------------------------------------------------------- answers


def answer(service: str, operation: str, said: Mapping[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer."""
    asked = model(service).operation_model(operation)
    status, headers, told = asked.http.get("responseCode", 200), {"Content-Type": JSON}, dict(said)
    members = asked.output_shape.members if asked.output_shape is not None else {}
    for name, member in members.items():
        where = member.serialization.get("location")
        if where == "header" and name in told:
            headers[member.serialization.get("name", name)] = str(told.pop(name))
        elif where == "statusCode" and name in told:
            status = int(told.pop(name))
    payload = asked.output_shape.serialization.get("payload") if asked.output_shape is not None else None
    return status, headers, _bytes(told.get(payload) if payload else told)


def _bytes(value: Any) -> bytes:
    """What lies in a body: bytes as they are, also those of a file, else JSON."""
    if hasattr(value, "read"):
        value = value.read()
    return value if isinstance(value, bytes) else json.dumps({} if value is None else value, default=_number).encode()


def _number(value: Any) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} cannot go over the wire")


def refusal(service: str, refused: Refused) -> tuple[int, dict[str, str], bytes]:
    """An error, under the status that the model gives it; `Message` and `message` are both in use."""
    status = _statuses(service)(refused.error)
    told = {"Type": "User", "Message": refused.message, "message": refused.message}
    return status, {"Content-Type": JSON, "x-amzn-ErrorType": refused.error}, json.dumps(told).encode()


@cache
def _statuses(service: str) -> Callable[[str], int]:
    known = {shape.name: shape.metadata.get("error", {}).get("httpStatusCode", 400) for shape in model(service).error_shapes}
    return lambda error: int(known.get(error, 400))
