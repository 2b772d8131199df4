"""What a role's policies in a template allow, as far as a simulation can judge them.

A template speaks of tags, addresses and buckets that only the account knows. What cannot be known does not stand against
the role: a false "not authorized" would be worse than none. Each of these leniences is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..pipeline.fault import Fault, Faults
from ..pipeline.standins import ACCOUNT, bucket_name

KNOWN_KEYS = frozenset({"iam:passedtoservice", "aws:requestedregion"})
"""The condition keys whose values a simulation knows; of any other, nothing."""
_BUCKET = ":s3:::"
_ACCOUNT = re.compile(r"|\d{12}|aws|.*[*?$].*")


class Home(NamedTuple):
    """Where a stack is: its Region, and whether anything says that; its account, where anything says it."""

    region: str
    said: bool
    account: str




def judged(policies: Mapping[str, Any], home: Home) -> tuple[list[Any], list[str]]:
    """The policies as a scenario takes them, and sentences on what was let pass. Raises ValueError where the role cannot
    be judged at all: a policy whose text is not here, or that cannot be read."""
    from ..iam import parse

    told: list[str] = []
    if empty := [name for name, document in policies["documents"].items() if not document.get("Statement")]:
        raise ValueError(f"the text of its policy {empty[0]} is not known here.")
    found = [*(_lenient(document, home, told) for document in policies["documents"].values()), *policies["managed"]]
    for document in found:
        try:
            parse(document)
        except Faults as refused:
            raise ValueError(f"one of its policies cannot be read: {refused.faults[0]}") from refused
    return found, told


def notes_of(arn: str, policies: Mapping[str, Any], home: Home) -> Iterator[Fault]:
    """What is to be told of a role, as warnings."""
    try:
        _, told = judged(policies, home)
    except (ValueError, TypeError, KeyError) as error:
        yield Fault(f"roles[{arn}]", "", "", f"The role is not judged and may do everything: {error}", "",
                    warning=True)
        return
    for sentence in dict.fromkeys(told):
        yield Fault(f"roles[{arn}]", "", "", sentence, "", warning=True)


def _lenient(document: Mapping[str, Any], home: Home, told: list[str]) -> dict[str, Any]:
    statements = document.get("Statement", [])
    several = statements if isinstance(statements, list) else [statements]
    kept = [_statement(one, home, told) if isinstance(one, Mapping) else one for one in several]
    return {**document, "Statement": [one for one in kept if one is not None]}


def _statement(said: Mapping[str, Any], home: Home, told: list[str]) -> dict[str, Any] | None:
    """A statement without what cannot be judged; None for a denial under a condition of which nothing is known."""
    allows = said.get("Effect") == "Allow"
    found = {key: _resources(value, home, allows, told) if key == "Resource" else value for key, value in said.items()}
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
            and (rest := {key: value for key, value in one.items() if _decides(str(key), operator, value, home.region)})}
    return {**{key: value for key, value in found.items() if key != "Condition"}, **({"Condition": kept} if kept else {})}


def _decides(key: str, operator: str, value: Any, region: str) -> bool:
    """Whether a condition is left to be decided. That on the Region is met where it names the stack's own."""
    if key.lower() == "aws:requestedregion":
        return not (operator.startswith("StringEquals") and region in (value if isinstance(value, list) else [value]))
    return key.lower() in KNOWN_KEYS


def _resources(value: Any, home: Home, allows: bool, told: list[str]) -> Any:
    """Resources with the other forms that a stand-in for them has in the pipeline's structure."""
    listed = value if isinstance(value, list) else [value]
    return [form for one in listed for text in [_anywhere(one, home, told) if allows and isinstance(one, str) else one]
            for form in (_forms(text) if isinstance(text, str) else (text,))]


def _anywhere(resource: str, home: Home, told: list[str]) -> str:
    """A resource with any Region and account where it names others, and nothing says which are the stack's own: a template
    that was made for one place names that in its policies, and here another stands for it."""
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return resource
    region = not home.said and _is_another(parts[3], home.region)
    account = not home.account and _is_another(parts[4], ACCOUNT)
    if region or account:
        named = [*([f"the Region {parts[3]}"] if region else []), *([f"the account {parts[4]}"] if account else [])]
        told.append(f"Its policies name {' and '.join(named)}, here as good as any: nothing says which is the stack's own.")
    return ":".join([*parts[:3], "*" if region else parts[3], "*" if account else parts[4], parts[5]])


def _is_another(named: str, own: str) -> bool:
    return named not in ("", own, "aws") and not set("*?$") & set(named)


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
