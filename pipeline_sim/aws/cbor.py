"""How CBOR is read and written: by botocore, which carries both halves of the protocol; here it is turned round."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from typing import Any


class _Bytes:
    """The stream that botocore's parser reads. Unlike a buffered file it sets nothing aside for a length that only
    claims to follow, so a few forged bytes cannot ask for gigabytes."""

    def __init__(self, body: bytes) -> None:
        self._body = io.BytesIO(body)
        self.read, self.seek = self._body.read, self._body.seek

    def peek(self, size: int) -> bytes:
        place = self._body.tell()
        return self._body.getvalue()[place:place + size]


def load(body: bytes) -> Any:
    """The value in a body; ValueError where it is no CBOR."""
    from botocore.parsers import ResponseParserError, RpcV2CBORParser

    if not body:
        return {}
    try:
        return RpcV2CBORParser().parse_data_item(_Bytes(body))
    except (ResponseParserError, TypeError, OverflowError, OSError, MemoryError, RuntimeError) as problem:
        raise ValueError(f"no CBOR ({type(problem).__name__})") from None


@cache
def _serializer() -> Any:
    from botocore.serialize import RpcV2CBORSerializer

    return RpcV2CBORSerializer()


@cache
def _output(service: str, operation: str) -> Any:
    from .session import model

    return model(service).operation_model(operation).output_shape


@cache
def _of_errors() -> Any:
    from botocore.model import DenormalizedStructureBuilder

    return DenormalizedStructureBuilder().with_members(
        {"__type": {"type": "string"}, "message": {"type": "string"}}).build_model()


def dump(service: str, operation: str, answer: Mapping[str, Any]) -> bytes:
    """An answer in the shape of its operation; an operation without an output has an empty body."""
    shape = _output(service, operation)
    return b"" if shape is None else _write(answer, shape)


def dump_error(told: Mapping[str, str]) -> bytes:
    return _write(told, _of_errors())


def _write(value: Mapping[str, Any], shape: Any) -> bytes:
    written: bytes = _serializer()._serialize_body_params(value, shape)
    return written
