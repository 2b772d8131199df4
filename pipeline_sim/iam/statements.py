"""What is wrong with one statement of a policy: triples of where in it, what, and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_network
from typing import Any

from ..pipeline.fault import near
from .conditions import OPERATORS, moment
from .policy import IDENTITY, RESOURCE, TRUST

Found = Iterator[tuple[str, str, str]]
_KEYS = ("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition")
_SIDS = {RESOURCE: (re.compile(r"[A-Za-z0-9_-]*\Z"), "letters, digits, hyphens and underscores")}  # SNS's own: __default_…
_PLAIN = (re.compile(r"[A-Za-z0-9]*\Z"), "letters and digits")
_ACTION = re.compile(r"\*(:\*)?\Z|[A-Za-z0-9-]+:[A-Za-z0-9*?]+\Z")
_PARTITION = re.compile(r"aws(-[a-z-]+)?\Z")
_KINDS_OF_PRINCIPAL = ("AWS", "Service", "Federated", "CanonicalUser")
_ARN = "Write arn:partition:service:region:account:resource; region and account may be empty."


def listed(said: Any) -> list[Any]:
    """Where AWS allows one thing or a list of them: the list."""
    return said if isinstance(said, list) else [said]


def split_operator(title: str) -> tuple[str, str, bool]:
    """`ForAnyValue:StringLikeIfExists` as quantifier, operator and whether it ends in IfExists."""
    quantifier, colon, operator = title.rpartition(":")
    bare = operator.removesuffix("IfExists")
    return (quantifier if colon else ""), bare, bare != operator


def statement_faults(said: Mapping[str, Any], kind: str) -> Found:
    """All that is wrong with a statement of an identity's, a resource's or a trust policy."""
    for key in said:
        if key not in _KEYS:
            yield f".{key}", f"a statement has no element '{key}'.", near(str(key), _KEYS)
    if said.get("Effect") not in ("Allow", "Deny"):
        found = f"'{said['Effect']}' is no Effect." if "Effect" in said else "the statement has no Effect."
        yield ".Effect", found, "Write Allow or Deny, with a capital letter."
    pattern, allowed = _SIDS.get(kind, _PLAIN)
    if not isinstance(said.get("Sid", ""), str) or not pattern.match(said.get("Sid", "")):
        yield ".Sid", f"the Sid '{said['Sid']}' has other characters than {allowed}.", ""
    yield from _one_of(said, "Action", True)
    yield from _one_of(said, "Resource", kind != TRUST)
    yield from _one_of(said, "Principal", kind != IDENTITY)
    yield from _each(said, "Action", _action)
    yield from _each(said, "Resource", _resource)
    yield from _principals(said)
    yield from _conditions(said.get("Condition", {}))


def _one_of(said: Mapping[str, Any], key: str, wanted: bool) -> Found:
    """Of `Action` and `NotAction` exactly one; none of them where this kind of policy has none."""
    present = [name for name in (key, f"Not{key}") if name in said]
    if len(present) == 2:
        yield "", f"the statement has both {key} and Not{key}.", "Keep one of them."
    if wanted and not present:
        yield "", f"the statement has neither {key} nor Not{key}.", f"Say which {key.lower()} it is about."
    if not wanted and present:
        who = "a role's trust policy" if key == "Resource" else "a policy of a user or role"
        yield f".{present[0]}", f"{who} has no {key}.", "Take it out."


def _each(said: Mapping[str, Any], key: str, look: Callable[[str], tuple[str, str] | None]) -> Found:
    """What `look` finds in each value of `Action` or `Resource`. Empty lists are allowed: they match nothing."""
    for name in (key, f"Not{key}"):
        for number, value in enumerate(listed(said.get(name, []))):
            place = f".{name}[{number}]" if isinstance(said[name], list) else f".{name}"
            if not isinstance(value, str):
                yield place, f"this is a {type(value).__name__}, not a text.", ""
                continue
            found = look(value)
            if found is not None:
                yield place, *found


def _action(value: str) -> tuple[str, str] | None:
    if _ACTION.match(value):
        return None
    return f"'{value}' is no action.", "Write service:Operation, such as codepipeline:StartPipelineExecution; * and ? " \
                                       "may stand in the operation only."


def _resource(value: str) -> tuple[str, str] | None:
    if value == "*":
        return None
    parts = value.split(":", 5)
    if parts[0] != "arn" or len(parts) < 6 and not value.endswith("*"):
        return f"the resource '{value}' is neither an ARN nor \"*\".", _ARN
    if not re.search(r"[*?$]", parts[1]) and not _PARTITION.match(parts[1]):
        return f"the partition '{parts[1]}' of '{value}' does not exist.", "Write aws, aws-cn or aws-us-gov."
    return None if parts[2] else (f"the resource '{value}' names no service.", _ARN)


def _principals(said: Mapping[str, Any]) -> Found:
    for name in ("Principal", "NotPrincipal"):
        value = said.get(name, "*")
        if value == "*":
            continue
        if not isinstance(value, Mapping) or not value:
            yield f".{name}", f"{value!r} is no principal.", 'Write "*" or {"AWS": …}, {"Service": …}, {"Federated": …}.'
            continue
        for kind in value:
            if kind not in _KINDS_OF_PRINCIPAL:
                yield f".{name}.{kind}", f"there is no kind of principal '{kind}'.", near(str(kind), _KINDS_OF_PRINCIPAL)


# ---------------------------------------------------------------------------------------------- conditions


def _conditions(said: Any) -> Found:
    if not isinstance(said, Mapping):
        yield ".Condition", "a condition maps operators to keys and values.", 'Write {"StringEquals": {"key": "value"}}.'
        return
    for title, keys in said.items():
        quantifier, operator, if_exists = split_operator(str(title))
        place = f".Condition.{title}"
        if quantifier not in ("", "ForAnyValue", "ForAllValues") or operator not in OPERATORS or (
                operator == "Null" and if_exists):
            yield place, f"there is no condition operator '{title}'.", near(operator, OPERATORS)
        elif not isinstance(keys, Mapping) or not keys:
            yield place, "it names no condition key.", ""
        else:
            yield from _keys(place, operator, keys)


def _keys(place: str, operator: str, keys: Mapping[str, Any]) -> Found:
    for key, values in keys.items():
        for value in listed(values):
            if not isinstance(value, str | int | float):
                yield f"{place}.{key}", f"a value is a text, a number or true or false, not a {type(value).__name__}.", ""
            elif not _readable(operator, str(value)):
                yield f"{place}.{key}", f"'{value}' is nothing that {operator} can compare.", _FORMS[_family(operator)]


_FORMS = {
    "Numeric": "Write a number.",
    "Date": "Write a date, such as 2030-01-07T09:00:00Z.",
    "IpAddress": "Write an address or a range, such as 203.0.113.0/24.",
    "Null": "Write true (the key is absent) or false.",
    "Bool": "Write true or false.",
}


def _family(operator: str) -> str:
    return next((name for name in _FORMS if name in operator), "")


def _readable(operator: str, value: str) -> bool:
    """Whether the operator can compare with the value at all."""
    readers: Mapping[str, Callable[[str], object]] = {
        "Numeric": float, "Date": moment, "IpAddress": lambda text: ip_network(text, strict=False)}
    family = _family(operator)
    if family in ("Null", "Bool"):
        return value.lower() in ("true", "false") or "${" in value
    try:
        readers.get(family, str)(value)
    except ValueError:
        return False
    return True
