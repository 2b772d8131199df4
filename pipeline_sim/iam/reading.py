"""How a policy is read from AWS's JSON, and all that is wrong with one: IAM's MalformedPolicyDocument, with the place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..pipeline.fault import Fault, Faults, near
from .managed import document_of, is_managed
from .policy import IDENTITY, OLDEST, VARIABLES_SINCE, Condition, Names, Policy, Principals, Statement
from .statements import listed, split_operator, statement_faults

_KEYS = ("Version", "Id", "Statement")


def parse(document: Mapping[str, Any] | str, name: str = "", *, kind: str = IDENTITY) -> Policy:
    """Read a policy: a document, its JSON text, or the name or ARN of one of the managed policies (8.2).

    `kind` is `identity` (a resource and no principal), `resource` (both) or `trust` (a principal, no resource). Raises
    Faults with everything that IAM would refuse.
    """
    if isinstance(document, str) and is_managed(document):
        return parse(document_of(document), name or document.rpartition("/")[2], kind=kind)
    found = _loaded(document) if isinstance(document, str) else document
    faults = list(faults_of(found, kind))
    if faults:
        raise Faults(faults, name or "the policy")
    version = str(found.get("Version", OLDEST))
    statements = tuple(_statement(number, one) for number, one in enumerate(listed(found["Statement"]), 1))
    return Policy(statements, name or str(found.get("Id", "")), version, found)


def fault(path: str, message: str, fix: str = "") -> Fault:
    """A fault of a policy, under the name that IAM's API gives it."""
    return Fault(path, "", "MalformedPolicyDocument", message, fix)


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        if text.lstrip()[:1] not in ("{", "["):
            raise Faults([fault("", f"'{text}' is no policy: neither a JSON document nor a managed policy known here.",
                                "Write the document, or one of the AWSCodePipeline policies by name.")]) from error
        raise Faults([fault("", f"this is no valid JSON: {error}.")], "the policy") from error


def faults_of(document: Any, kind: str = IDENTITY) -> Iterator[Fault]:
    """All that is wrong with a document."""
    if not isinstance(document, Mapping):
        yield fault("", f"a policy is a JSON object, not a {type(document).__name__}.",
                    'Begin with {"Version": "2012-10-17", "Statement": […]}.')
        return
    for key in document:
        if key not in _KEYS:
            yield fault(str(key), f"a policy has no element '{key}'.", near(str(key), _KEYS))
    if str(document.get("Version", OLDEST)) not in (OLDEST, VARIABLES_SINCE):
        yield fault("Version", f"'{document['Version']}' is no version of the policy language.",
                    f"Write \"{VARIABLES_SINCE}\": a version is a fixed word, not today's date.")
    if "Statement" not in document:
        yield fault("", "a policy needs statements.", 'Write "Statement": […].')
    yield from _statements(document.get("Statement", []), kind)


def _statements(said: Any, kind: str) -> Iterator[Fault]:
    sids: dict[str, str] = {}
    for number, one in enumerate(listed(said)):
        path = f"Statement[{number}]" if isinstance(said, list) else "Statement"
        if not isinstance(one, Mapping):
            yield fault(path, f"a statement is a JSON object, not a {type(one).__name__}.")
            continue
        yield from (fault(f"{path}{place}", message, fix) for place, message, fix in statement_faults(one, kind))
        sid = str(one.get("Sid", ""))
        if sid and sid in sids:
            yield fault(f"{path}.Sid", f"the statement at {sids[sid]} has the Sid '{sid}' too.",
                        "Sids are unique within a policy.")
        sids.setdefault(sid, path)


# ---------------------------------------------------------------------------------------------- values


def _statement(number: int, said: Mapping[str, Any]) -> Statement:
    actions = _names(said, "Action")
    assert actions is not None
    return Statement(number, str(said.get("Sid", "")), said["Effect"], actions, _names(said, "Resource"),
                     _principals(said), tuple(_conditions(said.get("Condition", {}))))


def _names(said: Mapping[str, Any], key: str) -> Names | None:
    for name in (key, f"Not{key}"):
        if name in said:
            return Names(tuple(listed(said[name])), name != key)
    return None


def _principals(said: Mapping[str, Any]) -> Principals | None:
    for name in ("Principal", "NotPrincipal"):
        if name in said:
            found = {"AWS": "*"} if said[name] == "*" else said[name]
            who = tuple((kind, str(one)) for kind, names in found.items() for one in listed(names))
            return Principals(who, name != "Principal")
    return None


def _conditions(said: Mapping[str, Any]) -> Iterator[Condition]:
    for title, keys in said.items():
        quantifier, operator, if_exists = split_operator(title)
        for key, values in keys.items():
            texts = tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in listed(values))
            yield Condition(operator, key, texts, if_exists, quantifier)
