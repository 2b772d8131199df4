"""What lies in the artifact store: each artifact that an action wrote, as an object of S3 that can be listed and read.

An object is known from the state alone. Its content is a small zip that says whose artifact it is, the same bytes always.
"""

from __future__ import annotations

import io
import json
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
    """ListBuckets, ListObjectsV2, HeadObject and GetObject, asked for by path: `/`, `/bucket?list-type=2`, `/bucket/key`."""
    url = urlsplit(path)
    bucket, _, key = unquote(url.path).lstrip("/").partition("/")
    if not bucket:
        return _list_buckets(state) if method == "GET" else _unknown()
    inside = [one for one in objects(state) if one.bucket == bucket]
    if not inside and bucket not in _buckets(state):
        return _refused(404, "NoSuchBucket", "The specified bucket does not exist")
    query = {name: values[-1] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
    if not key:
        return _list(state, bucket, inside, query) if query.get("list-type") == "2" else _unknown()
    if set(query) - {"x-id"}:
        return _unknown()
    found = next((one for one in inside if one.key == key), None)
    if found is None:
        return _refused(404, "NoSuchKey", "The specified key does not exist.")
    return _get(state, found, method)


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


def _get(state: State, found: Stored, method: str) -> Answer:
    body = found.body
    headers = {"Content-Type": "application/zip", "ETag": found.etag, "Accept-Ranges": "bytes",
               "Last-Modified": format_datetime(moment(state, found.written).astimezone(UTC), usegmt=True)}
    if method == "HEAD":
        return 200, {**headers, "Content-Length": str(len(body))}, b""
    return 200, headers, body


def _list(state: State, bucket: str, inside: list[Stored], query: Mapping[str, str]) -> Answer:
    """One page, in the order of keys; the token of the next page is the last key, or common prefix, of this one."""
    prefix, size = query.get("prefix", ""), query.get("max-keys", "1000")
    if not size.isdecimal():
        return _refused(400, "InvalidArgument", "max-keys is no number")
    wanted = list(_entries(inside, prefix, query).items())
    page = wanted[:min(int(size[:6]), 1000)]
    more = len(page) < len(wanted) and bool(page)
    shown = [("Name", bucket), ("Prefix", _in(query, prefix)), ("KeyCount", len(page)), ("MaxKeys", size),
             *([("Delimiter", query["delimiter"])] if query.get("delimiter") else []),
             ("IsTruncated", str(more).lower()), *([("NextContinuationToken", page[-1][0])] if more else []),
             *([("EncodingType", "url")] if query.get("encoding-type") else [])]
    rows = "".join(f"<Contents>{_xml(_row(state, one, query))}</Contents>" if one else
                   f"<CommonPrefixes>{_xml([('Prefix', _in(query, name))])}</CommonPrefixes>" for name, one in page)
    return _page(200, f'<ListBucketResult xmlns="{NAMESPACE}">{_xml(shown)}{rows}</ListBucketResult>')


def _entries(inside: list[Stored], prefix: str, query: Mapping[str, str]) -> dict[str, Stored | None]:
    """The objects by key; keys that have a delimiter behind the prefix are one entry, without an object."""
    delimiter = query.get("delimiter", "")
    after = max(query.get("start-after", ""), query.get("continuation-token", ""))
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
    return _refused(501, "NotImplemented", "The simulated artifact store answers ListBuckets, ListObjectsV2, HeadObject "
                                           "and GetObject.")


def _page(status: int, xml: str) -> Answer:
    return status, {"Content-Type": "application/xml"}, f'<?xml version="1.0" encoding="UTF-8"?>{xml}'.encode()
