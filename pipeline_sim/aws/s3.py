"""What lies in the artifact store: each artifact that an action wrote, as an object of S3 that can be listed and read.

An object is known from the state alone. Its content is a small zip that says whose artifact it is, the same bytes always.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC
from email.utils import format_datetime
from hashlib import md5
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

from ..ids import execution_id
from ..pipeline.model import Action
from ..state import Attempt, ExecutionState, State
from ..views.names import input_artifacts, iso, moment, output_artifacts

Answer = tuple[int, dict[str, str], bytes]
NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


class Stored(NamedTuple):
    """An object: where it lies, when it was written (seconds since the clock's start), what its zip says."""

    bucket: str
    key: str
    written: int
    says: str

    @property
    def body(self) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as made:  # a fixed date and no compression: the same bytes everywhere
            made.writestr(zipfile.ZipInfo("artifact.json"), self.says)
        return packed.getvalue()

    @property
    def etag(self) -> str:
        return f'"{md5(self.body, usedforsecurity=False).hexdigest()}"'


def objects(state: State) -> list[Stored]:
    """All objects of the account's artifact stores, by bucket and key."""
    found = {(one.bucket, one.key): one for one in _written(state)}
    return [found[place] for place in sorted(found)]


def _written(state: State) -> Iterator[Stored]:
    for pipeline in [*state.deleted, *state.pipelines.values()]:
        for execution in pipeline.executions.values():
            for stage, run in execution.stages.items():
                for name, attempts in run.attempts.items():
                    action = execution.definition.by_name[stage].by_name[name]
                    for attempt in attempts:
                        yield from _of_attempt(state, execution, action, attempt)


def _of_attempt(state: State, execution: ExecutionState, action: Action, attempt: Attempt) -> Iterator[Stored]:
    """What it wrote, and what was copied for it into the store of another Region."""
    elsewhere = input_artifacts(state, execution, action, attempt) if action.region not in ("", state.region) else []
    for artifact in [*elsewhere, *output_artifacts(state, execution, action, attempt)]:
        place: Any = artifact["s3location"]
        written = attempt.started if artifact in elsewhere else attempt.ended or attempt.started
        says = {"artifact": artifact["name"], "pipeline": execution.pipeline,
                "pipelineExecutionId": execution_id(state.seed, execution.pipeline, execution.number)}
        yield Stored(place["bucket"], place["key"], written, json.dumps(says, ensure_ascii=False))


def answer(state: State, method: str, path: str, headers: Mapping[str, str]) -> Answer:
    """ListBuckets, HeadBucket, GetBucketLocation, ListObjects (both versions), HeadObject and GetObject, asked for by path:
    `/`, `/bucket?list-type=2`, `/bucket/key`. The answer to HEAD has no body, and so an error no code but its status."""
    status, told, body = _answer(state, method, path, headers)
    return status, told, b"" if method == "HEAD" else body


def _answer(state: State, method: str, path: str, headers: Mapping[str, str]) -> Answer:
    url = urlsplit(path)
    bucket, _, key = unquote(url.path).lstrip("/").partition("/")
    query = {name: values[-1] for name, values in parse_qs(url.query, keep_blank_values=True).items() if name not in _SIGNED}
    if method not in ("GET", "HEAD"):
        return _unknown()
    if not bucket:
        return _list_buckets(state) if method == "GET" else _unknown()
    inside = [one for one in objects(state) if one.bucket == bucket]
    if not inside and bucket not in _buckets(state):
        return _refused(404, "NoSuchBucket", "The specified bucket does not exist")
    if not key:
        return _of_bucket(state, method, bucket, inside, query)
    if query:
        return _unknown()
    found = next((one for one in inside if one.key == key), None)
    if found is None:
        return _refused(404, "NoSuchKey", "The specified key does not exist.")
    return _get(state, found, headers)


_SIGNED = frozenset({"x-id", "AWSAccessKeyId", "Signature", "Expires", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date",
                     "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Security-Token"})
"""Of the query: what says who asks, as an address that was signed beforehand does, and not what for."""


def _of_bucket(state: State, method: str, bucket: str, inside: list[Stored], query: Mapping[str, str]) -> Answer:
    if method == "HEAD":
        return (200, {"x-amz-bucket-region": state.region}, b"") if not query else _unknown()
    if "location" in query:
        place = "" if state.region == "us-east-1" else state.region
        return _page(200, f'<LocationConstraint xmlns="{NAMESPACE}">{place}</LocationConstraint>')
    return _unknown() if set(query) - _LISTING else _list(state, bucket, inside, query)


_LISTING = frozenset({"list-type", "prefix", "delimiter", "max-keys", "encoding-type", "start-after", "continuation-token",
                      "marker", "fetch-owner"})


def _buckets(state: State) -> set[str]:
    return {store.location for pipeline in state.pipelines.values()
            for store in pipeline.definition.stores.values() if store.location}


def _list_buckets(state: State) -> Answer:
    """The artifact buckets, by name. Each is as old as the clock: nobody says when it was made."""
    names = sorted(_buckets(state) | {one.bucket for one in objects(state)})
    made = iso(state, 0, millis=True)
    rows = "".join(f"<Bucket>{_xml([('Name', name), ('CreationDate', made)])}</Bucket>" for name in names)
    inside = f"<Owner>{_xml([('ID', state.account)])}</Owner><Buckets>{rows}</Buckets>"
    return _page(200, f'<ListAllMyBucketsResult xmlns="{NAMESPACE}">{inside}</ListAllMyBucketsResult>')


def _get(state: State, found: Stored, headers: Mapping[str, str]) -> Answer:
    """The object, or the part of it that `Range` names; nothing where `If-Match` and `If-None-Match` say so."""
    body, etag = found.body, found.etag
    if "if-match" in headers and not _names(headers["if-match"], etag):
        return _refused(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
    if _names(headers.get("if-none-match", ""), etag):
        return 304, {"ETag": etag}, b""
    told = {"Content-Type": "application/zip", "ETag": etag, "Accept-Ranges": "bytes",
            "Last-Modified": format_datetime(moment(state, found.written).astimezone(UTC), usegmt=True)}
    part = _part(headers.get("range", ""), len(body))
    if part is None:
        return 200, {**told, "Content-Length": str(len(body))}, body
    if not part:
        return _refused(416, "InvalidRange", "The requested range is not satisfiable")
    told |= {"Content-Range": f"bytes {part[0]}-{part[-1]}/{len(body)}", "Content-Length": str(len(part))}
    return 206, told, body[part.start:part.stop]


def _names(condition: str, etag: str) -> bool:
    return any(one.strip() in ("*", etag, etag.strip('"')) for one in condition.split(","))


def _part(asked: str, size: int) -> range | None:
    """The bytes that `bytes=0-9`, `bytes=10-` or `bytes=-5` mean; None for what is no such range, which S3 ignores."""
    found = re.fullmatch(r"bytes=(\d{0,15})-(\d{0,15})", asked, re.ASCII)
    if found is None or not (found[1] or found[2]) or found[1] and found[2] and int(found[1]) > int(found[2]):
        return None
    if not found[1]:
        return range(max(size - int(found[2]), 0), size)
    return range(min(int(found[1]), size), min(int(found[2] or size) + 1, size))


def _list(state: State, bucket: str, inside: list[Stored], query: Mapping[str, str]) -> Answer:
    """One page, in the order of keys; the token of the next page is the last key, or common prefix, of this one."""
    prefix, size = query.get("prefix", ""), query.get("max-keys", "1000")
    if not size.isdecimal():
        return _refused(400, "InvalidArgument", "max-keys is no number")
    wanted = list(_entries(inside, prefix, query).items())
    page = wanted[:min(int(size[:6]), 1000)]
    more = len(page) < len(wanted) and bool(page)
    second = query.get("list-type") == "2"
    following = [("NextContinuationToken" if second else "NextMarker", page[-1][0] if second else _in(query, page[-1][0]))
                 ] if more else []
    shown = [("Name", bucket), ("Prefix", _in(query, prefix)), *([("KeyCount", len(page))] if second else []),
             ("MaxKeys", size), *([("Delimiter", query["delimiter"])] if query.get("delimiter") else []),
             ("IsTruncated", str(more).lower()), *following,
             *([("EncodingType", "url")] if query.get("encoding-type") else [])]
    rows = "".join(f"<Contents>{_xml(_row(state, one, query))}</Contents>" if one else
                   f"<CommonPrefixes>{_xml([('Prefix', _in(query, name))])}</CommonPrefixes>" for name, one in page)
    return _page(200, f'<ListBucketResult xmlns="{NAMESPACE}">{_xml(shown)}{rows}</ListBucketResult>')


def _entries(inside: list[Stored], prefix: str, query: Mapping[str, str]) -> dict[str, Stored | None]:
    """The objects by key; keys that have a delimiter behind the prefix are one entry, without an object."""
    delimiter = query.get("delimiter", "")
    after = max(query.get(name, "") for name in ("start-after", "continuation-token", "marker"))
    found: dict[str, Stored | None] = {}
    for one in inside:
        if one.key.startswith(prefix) and one.key > after:
            head, cut, _ = one.key[len(prefix):].partition(delimiter) if delimiter else (one.key, "", "")
            if not cut:
                found[one.key] = one
            elif f"{prefix}{head}{cut}" != after:
                found[f"{prefix}{head}{cut}"] = None
    return found


def _row(state: State, one: Stored, query: Mapping[str, str]) -> list[tuple[str, object]]:
    return [("Key", _in(query, one.key)), ("LastModified", iso(state, one.written, millis=True)), ("ETag", one.etag),
            ("Size", len(one.body)), ("StorageClass", "STANDARD")]


def _in(query: Mapping[str, str], text: str) -> str:
    return quote(text) if query.get("encoding-type") == "url" else text


def _xml(members: list[tuple[str, object]]) -> str:
    return "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in members)


def _refused(status: int, code: str, message: str) -> Answer:
    return _page(status, f"<Error>{_xml([('Code', code), ('Message', message)])}</Error>")


def _unknown() -> Answer:
    return _refused(501, "NotImplemented", "The simulated artifact store can be looked at and not written to: it "
                                           "answers ListBuckets, HeadBucket, GetBucketLocation, ListObjects, "
                                           "ListObjectsV2, HeadObject and GetObject.")


def _page(status: int, xml: str) -> Answer:
    return status, {"Content-Type": "application/xml"}, f'<?xml version="1.0" encoding="UTF-8"?>{xml}'.encode()
