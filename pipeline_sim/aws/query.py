"""AWS's Query protocol, which SNS, IAM and STS speak: a form comes in, XML goes out, both by botocore's model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from ..refused import Refused
from .session import model

_VERSIONS = {"2010-03-31": "sns", "2010-05-08": "iam", "2011-06-15": "sts"}
Asked = tuple[str, str, dict[str, Any]]


def read(body: bytes) -> Asked:
    """The service, the operation and the request that a form holds. Raises Refused for a form that is none of theirs."""
    try:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=5000))
    except (UnicodeDecodeError, ValueError):
        raise Refused("MalformedQueryString", "The body is no form.") from None
    service, operation = _VERSIONS.get(form.get("Version", ""), ""), form.get("Action", "")
    if not service or operation not in model(service).operation_names:
        raise Refused("InvalidAction", f"Could not find operation {operation} for version {form.get('Version', '')}")
    shape = model(service).operation_model(operation).input_shape
    return service, operation, _structure(shape, form, "") if shape is not None else {}


def _structure(shape: Any, form: Mapping[str, str], prefix: str) -> dict[str, Any]:
    found = {}
    for name, member in shape.members.items():
        place = f"{prefix}{member.serialization.get('name', name)}"
        if place in form or any(key.startswith(f"{place}.") for key in form):
            found[name] = _value(member, form, place)
    return found


def _value(shape: Any, form: Mapping[str, str], place: str) -> Any:
    if shape.type_name == "structure":
        return _structure(shape, form, f"{place}.")
    if shape.type_name == "list":
        between = "" if shape.serialization.get("flattened") else ".member"
        return [_value(shape.member, form, f"{place}{between}.{number}") for number in _numbers(form, f"{place}{between}.")]
    if shape.type_name == "map":
        between = "" if shape.serialization.get("flattened") else ".entry"
        key, value = shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")
        rows = [f"{place}{between}.{number}" for number in _numbers(form, f"{place}{between}.")]
        return {form.get(f"{row}.{key}", ""): _value(shape.value, form, f"{row}.{value}") for row in rows}
    return _plain(shape, form.get(place, ""))


def _numbers(form: Mapping[str, str], prefix: str) -> list[int]:
    found = {key[len(prefix):].partition(".")[0] for key in form if key.startswith(prefix)}
    return sorted(int(one) for one in found if one.isascii() and one.isdecimal())


def _plain(shape: Any, text: str) -> Any:
    try:
        if shape.type_name in ("integer", "long"):
            return int(text)
        if shape.type_name in ("float", "double"):
            return float(text)
    except ValueError:
        raise Refused("ValidationError", f"{text[:40]!r} is no {shape.type_name}.") from None
    if shape.type_name == "boolean":
        return text.lower() == "true"
    return text.encode() if shape.type_name == "blob" else text


def answer(service: str, operation: str, answered: Mapping[str, Any], request_id: str) -> bytes:
    """An answer as XML."""
    shape = model(service).operation_model(operation).output_shape
    result = f"<{operation}Result>{_members(shape, answered)}</{operation}Result>" if shape is not None else ""
    metadata = f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
    return _page(f"{operation}Response", service, result + metadata)


def refusal(service: str, refused: Refused, request_id: str) -> bytes:
    told = f"<Type>Sender</Type><Code>{escape(refused.error)}</Code><Message>{escape(refused.message)}</Message>"
    return _page("ErrorResponse", service, f"<Error>{told}</Error><RequestId>{request_id}</RequestId>")


def _page(name: str, service: str, inside: str) -> bytes:
    namespace = model(service or "sns").metadata.get("xmlNamespace", "")
    return f'<?xml version="1.0"?><{name} xmlns="{namespace}">{inside}</{name}>'.encode()


def _members(shape: Any, value: Mapping[str, Any]) -> str:
    return "".join(_xml(member, value[name], member.serialization.get("name", name))
                   for name, member in shape.members.items() if value.get(name) is not None)


def _xml(shape: Any, value: Any, name: str) -> str:
    if shape.type_name == "structure":
        return f"<{name}>{_members(shape, value)}</{name}>"
    if shape.type_name == "list":
        row = shape.member.serialization.get("name", "member")
        return f"<{name}>{''.join(_xml(shape.member, one, row) for one in value)}</{name}>"
    if shape.type_name == "map":
        rows = (f"<entry>{_xml(shape.key, key, 'key')}{_xml(shape.value, one, 'value')}</entry>"
                for key, one in value.items())
        return f"<{name}>{''.join(rows)}</{name}>"
    return f"<{name}>{escape(_text(value))}</{name}>"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)
