"""Whether a request meets the conditions of a statement, and, where it does not, which value stood in the way (8.3).

Context: what is known of the request, as lists of values by key; keys are in lower case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

from .policy import Condition
from .wildcards import expanded, fits, prepared

Context = Mapping[str, Sequence[str]]
Compare = Callable[[str, str], bool]
"""Whether what the policy says (first) and what the request has (second) agree."""


def context_of(given: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """A request's context as it is compared: keys in lower case, every value a tuple of texts."""
    return {key.lower(): tuple(map(_text, value)) if isinstance(value, list | tuple | set | frozenset)
            else (_text(value),) for key, value in given.items() if value is not None}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def against(conditions: Iterable[Condition], context: Context, variables: bool) -> str | None:
    """The sentence that stands against the statement: the first condition that is not met. None: all are."""
    for condition in conditions:
        if not _met(condition, context, variables):
            return _sentence(condition, context)
    return None


def _sentence(condition: Condition, context: Context) -> str:
    wanted = " or ".join(f"'{value}'" for value in condition.values)
    held = context.get(condition.key.lower())
    has = "the request does not have it" if held is None else \
        f"the request has {', '.join(map(repr, held)) or 'no value'}"
    return f"its condition {condition.title} {wanted} is not met: {has}"


def _met(condition: Condition, context: Context, variables: bool) -> bool:
    """Missing key: positive operators false, negated ones true, IfExists true; ForAllValues true, ForAnyValue false."""
    held = context.get(condition.key.lower())
    if condition.operator == "Null":
        return any((held is None) == (said.lower() == "true") for said in condition.values)
    if held is None:
        return condition.if_exists or _without_key(condition)
    compare, negated = OPERATORS[condition.operator]
    policy_values = _values(condition, context, variables)

    def agrees(value: str) -> bool:
        return any(compare(said, value) for said in policy_values) != negated

    if condition.quantifier == "ForAllValues":
        return all(map(agrees, held))
    if negated and not condition.quantifier:
        return all(map(agrees, held))
    return any(map(agrees, held))


def _without_key(condition: Condition) -> bool:
    if condition.quantifier:
        return condition.quantifier == "ForAllValues"
    return OPERATORS[condition.operator][1]


def _values(condition: Condition, context: Context, variables: bool) -> list[str]:
    """What the policy says, variables filled in; a value whose variable the request lacks agrees with nothing."""
    wildcards = condition.operator.endswith("Like") or condition.operator.startswith("Arn")
    if not variables or not condition.operator.startswith(("String", "Arn")):
        return [prepared(value) if wildcards else value for value in condition.values]
    found = (expanded(value, context, wildcards) for value in condition.values)
    return [value for value in found if value is not None]


# ---------------------------------------------------------------------------------------------- operators


def _same(said: str, held: str) -> bool:
    return said == held


def _same_ignoring_case(said: str, held: str) -> bool:
    return said.lower() == held.lower()


def _like_arn(said: str, held: str) -> bool:
    """Each of an ARN's six parts for itself; ArnEquals and ArnLike are the same [IAM guide]."""
    patterns, parts = said.split(":", 5), held.split(":", 5)
    return len(patterns) == len(parts) and all(map(fits, patterns, parts))


def _compared(read: Callable[[str], float], holds: Callable[[float, float], bool]) -> Compare:
    """A comparison `request value, policy value` of what the texts stand for; a text that cannot be read never agrees."""

    def compare(said: str, held: str) -> bool:
        try:
            return holds(read(held), read(said))
        except ValueError:
            return False

    return compare


def moment(text: str) -> float:
    """Seconds since 1970 of a date as policies write it: ISO 8601, or the seconds themselves. Raises ValueError."""
    if text.replace(".", "", 1).isdigit() and len(text.partition(".")[0]) > 4:
        return float(text)
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _in_network(said: str, held: str) -> bool:
    try:
        return ip_address(held) in ip_network(said, strict=False)
    except ValueError:
        return False


_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "Equals": lambda held, said: held == said,
    "LessThan": lambda held, said: held < said,
    "LessThanEquals": lambda held, said: held <= said,
    "GreaterThan": lambda held, said: held > said,
    "GreaterThanEquals": lambda held, said: held >= said,
}

OPERATORS: Mapping[str, tuple[Compare, bool]] = {
    "StringEquals": (_same, False),
    "StringNotEquals": (_same, True),
    "StringEqualsIgnoreCase": (_same_ignoring_case, False),
    "StringNotEqualsIgnoreCase": (_same_ignoring_case, True),
    "StringLike": (fits, False),
    "StringNotLike": (fits, True),
    "ArnEquals": (_like_arn, False),
    "ArnLike": (_like_arn, False),
    "ArnNotEquals": (_like_arn, True),
    "ArnNotLike": (_like_arn, True),
    "Bool": (_same_ignoring_case, False),
    "BinaryEquals": (_same, False),
    "IpAddress": (_in_network, False),
    "NotIpAddress": (_in_network, True),
    "Null": (_same, False),
    **{f"{kind}{order}": (_compared(read, holds), False)
       for kind, read in (("Numeric", float), ("Date", moment)) for order, holds in _ORDERS.items()},
    **{f"{kind}NotEquals": (_compared(read, _ORDERS["Equals"]), True)
       for kind, read in (("Numeric", float), ("Date", moment))},
}
"""How each operator compares, and whether it is a negated one: then no value of the policy may agree."""
