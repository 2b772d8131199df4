"""What a role's policies in a template allow, as far as a simulation can judge them.

A template speaks of tags, addresses and buckets that only the account knows. What cannot be known does not stand against
the role: a false "not authorized" would be worse than none. Each of these leniences is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..pipeline.fault import Fault, Faults
from ..pipeline.standins import bucket_name

KNOWN_KEYS = frozenset({"iam:passedtoservice", "aws:requestedregion"})
"""The condition keys whose values a simulation knows; of any other, nothing."""
_BUCKET = ":s3:::"
_ACCOUNT = re.compile(r"|\d{12}|aws|.*[*?$].*")


def judged(policies: Mapping[str, Any], region: str) -> tuple[list[Any], list[str]]:
    """The policies as a scenario takes them, and sentences on what was let pass. Raises ValueError where the role cannot
    be judged at all: a policy whose text is not here, or that cannot be read."""
    from ..iam import parse

    told: list[str] = []
    if empty := [name for name, document in policies["documents"].items() if not document.get("Statement")]:
        raise ValueError(f"the text of its policy {empty[0]} is not known here.")
    found = [*(_lenient(document, region, told) for document in policies["documents"].values()), *policies["managed"]]
    for document in found:
        try:
            parse(document)
        except Faults as refused:
            raise ValueError(f"one of its policies cannot be read: {refused.faults[0]}") from refused
    return found, told


def notes_of(arn: str, policies: Mapping[str, Any], region: str) -> Iterator[Fault]:
    """What is to be told of a role, as warnings."""
    try:
        _, told = judged(policies, region)
    except (ValueError, TypeError, KeyError) as error:
        yield Fault(f"roles[{arn}]", "", "", f"The role is not judged and may do everything: {error}", "",
                    warning=True)
        return
    for sentence in dict.fromkeys(told):
        yield Fault(f"roles[{arn}]", "", "", sentence, "", warning=True)


def _lenient(document: Mapping[str, Any], region: str, told: list[str]) -> dict[str, Any]:
    statements = document.get("Statement", [])
    several = statements if isinstance(statements, list) else [statements]
    kept = [_statement(one, region, told) if isinstance(one, Mapping) else one for one in several]
    return {**document, "Statement": [one for one in kept if one is not None]}


def _statement(said: Mapping[str, Any], region: str, told: list[str]) -> dict[str, Any] | None:
    """A statement without what cannot be judged; None for a denial under a condition of which nothing is known."""
    found = {key: _resources(value) if key == "Resource" else value for key, value in said.items()}
    conditions = found.get("Condition")
    if not isinstance(conditions, Mapping):
        return found
    unknown = sorted({str(key) for one in conditions.values() if isinstance(one, Mapping) for key in one
                      if str(key).lower() not in KNOWN_KEYS})
    if unknown and found.get("Effect") == "Deny":
        told.append(f"A denial that rests on {', '.join(unknown)} is left out: nothing is known of that.")
        return None
    if unknown:
        told.append(f"A condition on {', '.join(unknown)} is taken as met: nothing is known of that.")
    kept = {operator: rest for operator, one in conditions.items() if isinstance(one, Mapping)
            and (rest := {key: value for key, value in one.items() if _decides(str(key), operator, value, region)})}
    return {**{key: value for key, value in found.items() if key != "Condition"}, **({"Condition": kept} if kept else {})}


def _decides(key: str, operator: str, value: Any, region: str) -> bool:
    """Whether a condition is left to be decided. That on the Region is met where it names the stack's own."""
    if key.lower() == "aws:requestedregion":
        return not (operator.startswith("StringEquals") and region in (value if isinstance(value, list) else [value]))
    return key.lower() in KNOWN_KEYS


def _resources(value: Any) -> Any:
    """Resources with the other forms that a stand-in for them has in the pipeline's structure."""
    listed = value if isinstance(value, list) else [value]
    return [form for one in listed for form in (_forms(one) if isinstance(one, str) else (one,))]


def _forms(resource: str) -> tuple[str, ...]:
    """A bucket as artifact store is in small letters. A name without an ARN may stand for anything, and an account that
    is only named for any account."""
    if not resource.startswith(("arn:", "*")):
        return ("*",)
    parts = resource.split(":", 5)
    if len(parts) == 6 and not _ACCOUNT.fullmatch(parts[4]):
        resource = ":".join([*parts[:4], "*", parts[5]])
    start, mark, rest = resource.partition(_BUCKET)
    bucket, slash, key = rest.partition("/")
    if mark and bucket != bucket.lower() and not set("*?$") & set(bucket):
        return resource, f"{start}{mark}{bucket_name(bucket)}{slash}{key}"
    return (resource,)
