"""How one alternative of a field is read and compared: EventBridge's operators (6.4).

Reasons are in the words of EventBridge's own engine [aws/event-ruler]. Operators on text agree with text only: the engine
compares a text with its quotation marks, and numbers, true, false and null have none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_DOWN, Decimal
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from math import isfinite
from typing import Any

from .pattern import Alternative, InvalidEventPattern, Leaf

Agrees = Callable[[Leaf], bool]
MOST = 5_000_000_000
"""Numbers are compared from -5e9 to 5e9, to six decimals."""
MOST_WILDCARDS = 5
"""How many stars one wildcard may have until it is too complex; EventBridge's own measure is not published [design]."""


def alternative(said: Any, path: str) -> Alternative:
    """One member of a field's list. Raises InvalidEventPattern."""
    if isinstance(said, Mapping):
        return _expression(said, path)
    if isinstance(said, list):
        raise InvalidEventPattern("Match value must be String, number, true, false, or null", path)
    return Alternative(said, f"is {shown(said)}", equal_to(said))


def _expression(said: Mapping[str, Any], path: str) -> Alternative:
    if not said:
        raise InvalidEventPattern("Match expression name not found", path)
    name, operand = next(iter(said.items()))
    if name not in _OPERATORS:
        known = ", ".join(_OPERATORS)
        raise InvalidEventPattern(f"Unrecognized match type {name}", path, f"Match types are {known}.")
    words, agrees = _OPERATORS[name](operand, f"{path}.{name}")
    if len(said) > 1:
        raise InvalidEventPattern("Only one key allowed in match expression", path,
                                  "Write a member of its own for each.")
    return Alternative(said, words, agrees, absent=name == "exists" and operand is False)


def shown(value: Any) -> str:
    """A value as a sentence shows it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return f"'{value}'" if isinstance(value, str) else str(value)


# ---------------------------------------------------------------------------------------------- equal


def equal_to(said: Leaf) -> Agrees:
    """Texts equal letter by letter (addresses also in another spelling), numbers by value; true is not 1."""
    if isinstance(said, str):
        address = _address(said)
        return (lambda value: value == said) if address is None else (
            lambda value: isinstance(value, str) and _address(value) == address)
    if said is None or isinstance(said, bool):
        return lambda value: value is said
    return lambda value: _is_number(value) and _number(value) == _number(said)


def _is_number(value: Leaf) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _number(value: Any) -> Decimal:
    """To six decimals within the range; as it is beyond, where only equal numbers are equal."""
    number = Decimal(value) if isinstance(value, int) else Decimal(repr(value))
    return number.quantize(Decimal("0.000001"), ROUND_DOWN) if abs(number) <= MOST else number


def _text(operand: Any, path: str, reason: str) -> str:
    if not isinstance(operand, str):
        raise InvalidEventPattern(reason, path)
    return operand


def _exactly(operand: Any, path: str) -> tuple[str, Agrees]:
    text = _text(operand, path, "exact match pattern must be a string")
    return f"is {shown(text)}", equal_to(text)


# ---------------------------------------------------------------------------------------------- text


def _either_case(text: str) -> str:
    """A regular expression for a text in which each letter may be small or capital."""
    return "".join(f"(?:{re.escape(letter.lower())}|{re.escape(letter.upper())})" for letter in text)


def _fitting(expression: str) -> Agrees:
    fits = re.compile(expression, re.DOTALL).match
    return lambda value: isinstance(value, str) and fits(value) is not None


def _ignoring_case(operand: Any, path: str) -> tuple[str, Agrees]:
    text = _text(operand, path, "equals-ignore-case match pattern must be a string")
    return f"is {shown(text)} in capital or small letters", _fitting(_either_case(text) + r"\Z")


def _at_an_end(name: str, verb: str) -> Callable[[Any, str], tuple[str, Agrees]]:
    """`prefix` or `suffix`: a text, or one that ignores case."""

    def read(operand: Any, path: str) -> tuple[str, Agrees]:
        if not isinstance(operand, Mapping):
            text = _text(operand, path, f"{name} match pattern must be a string")
            return f"{verb} {shown(text)}", _ending(name, re.escape(text))
        if list(operand) != ["equals-ignore-case"]:
            inner = next(iter(operand), None)
            raise InvalidEventPattern(f"Unsupported {name} pattern: {inner}" if inner else
                                      f"{name.capitalize()} expression name not found", path)
        text = _text(operand["equals-ignore-case"], path, "equals-ignore-case match pattern must be a string")
        return f"{verb} {shown(text)} in capital or small letters", _ending(name, _either_case(text))

    return read


def _ending(name: str, expression: str) -> Agrees:
    return _fitting(expression if name == "prefix" else rf".*(?:{expression})\Z")


def _wildcard(operand: Any, path: str) -> tuple[str, Agrees]:
    """`*` stands for anything, `\\*` and `\\\\` for themselves. Each stretch between two stars is taken where it is found
    first, so no text takes long."""
    text = _text(operand, path, "wildcard match pattern must be a string")
    stretches = _stretches(text, path)
    if len(stretches) - 1 > MOST_WILDCARDS:
        raise InvalidEventPattern("Rule is too complex - try using fewer wildcard characters or fewer repeating "
                                  "character sequences after a wildcard character", path)
    first, *rest = map(re.escape, stretches)
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1])
    return f"looks like {shown(text)}", _fitting(first + middle + (f".*{rest[-1]}" if rest else "") + r"\Z")


def _stretches(text: str, path: str) -> list[str]:
    """What stands between the stars, without escapes. Places in reasons count from the quotation mark, from 0."""
    found, place = [""], 0
    while place < len(text):
        pair = text[place:place + 2]
        if pair == "**":
            raise InvalidEventPattern(f"Consecutive wildcard characters at pos {place + 1}", path, "Write one star.")
        if pair[0] == "\\" and pair not in ("\\*", "\\\\"):
            raise InvalidEventPattern(f"Invalid escape character at pos {place + 1}", path,
                                      "Only \\* and \\\\ are escapes.")
        if pair[0] == "*":
            found.append("")
        else:
            found[-1] += pair[-1] if pair[0] == "\\" else pair[0]
        place += 2 if pair[0] == "\\" else 1
    return found


# ---------------------------------------------------------------------------------------------- other operators


def _exists(operand: Any, path: str) -> tuple[str, Agrees]:
    """True agrees with any value of a leaf, null too; false is met by absence alone."""
    if not isinstance(operand, bool):
        raise InvalidEventPattern("exists match pattern must be either true or false.", path)
    return ("is there", lambda value: True) if operand else ("is not there", lambda value: False)


def _cidr(operand: Any, path: str) -> tuple[str, Agrees]:
    text = _text(operand, path, "prefix match pattern must be a string")  # so EventBridge words it
    start, slash, bits = text.partition("/")
    if not slash or not bits or "/" in bits:
        raise InvalidEventPattern("Malformed CIDR, one '/' required", path)
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", bits):
        raise InvalidEventPattern("Malformed CIDR, mask bits must be an integer", path)
    address = _address(start)
    if address is None:
        raise InvalidEventPattern(f"Nonstandard IP address: {start}", path)
    if int(bits) < 0:
        raise InvalidEventPattern("Malformed CIDR, mask bits must not be negative", path)
    if int(bits) >= address.max_prefixlen:
        raise InvalidEventPattern(f"IPv{address.version} mask bits must be < {address.max_prefixlen}", path)
    network = ip_network((address, int(bits)), strict=False)

    def agrees(value: Leaf) -> bool:
        found = _address(value) if isinstance(value, str) else None
        return found is not None and found.version == network.version and found in network

    return f"is an address in {text}", agrees


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An address in digits; names of hosts and zones are none."""
    if not re.fullmatch(r"[0-9]+(\.[0-9]+){3}|[0-9a-fA-F:]*:[0-9a-fA-F:]*", text):
        return None
    plain = ".".join(str(int(part)) for part in text.split(".")) if "." in text and len(text) < 40 else text
    try:
        return ip_address(plain)
    except ValueError:
        return None


_COMPARISONS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "=": lambda value, limit: value == limit,
    ">": lambda value, limit: value > limit,
    ">=": lambda value, limit: value >= limit,
    "<": lambda value, limit: value < limit,
    "<=": lambda value, limit: value <= limit,
}


def _numeric(operand: Any, path: str) -> tuple[str, Agrees]:
    """One comparison, or a range from its lower to its upper end."""
    if not isinstance(operand, list):
        raise InvalidEventPattern("Value of numeric must be an array.", path)
    name = operand[0] if operand else "]"
    if not operand or not isinstance(name, str):
        raise InvalidEventPattern(f"Invalid member in numeric match: {name}", path)
    if name not in _COMPARISONS:
        raise InvalidEventPattern(f"Unrecognized numeric range operator: {name}", path, 'Write [">", 0, "<=", 5].')
    parts = [(name, _limit(operand, 1, "equals" if name == "=" else name, path))]
    if len(operand) > 2:
        parts.append(_upper_end(operand, path))
        if not parts[0][1] < parts[1][1]:
            raise InvalidEventPattern("Bottom must be less than top", path)
    words = " and ".join(f"{sign} {limit:f}" for sign, limit in parts)

    def agrees(value: Leaf) -> bool:
        return _is_number(value) and abs(number := _number(value)) <= MOST and all(
            _COMPARISONS[sign](number, limit) for sign, limit in parts)

    return f"is a number {words}", agrees


def _upper_end(operand: list[Any], path: str) -> tuple[str, Decimal]:
    if operand[0] not in (">", ">="):
        raise InvalidEventPattern("Too many elements in numeric expression", path, "A range begins with > or >=.")
    sign = operand[2]
    if not isinstance(sign, str):
        raise InvalidEventPattern(f"Bad value in numeric range: {sign}", path)
    if sign not in ("<", "<="):
        raise InvalidEventPattern(f"Bad numeric range operator: {sign}", path, "A range ends with < or <=.")
    limit = _limit(operand, 3, sign, path)
    if len(operand) > 4:
        raise InvalidEventPattern("Too many terms in numeric range expression", path)
    return sign, limit


def _limit(operand: list[Any], place: int, name: str, path: str) -> Decimal:
    value = operand[place] if len(operand) > place else None
    if not _is_number(value):
        raise InvalidEventPattern(f"Value of {name} must be numeric", path)
    return _in_range(value, path)


def _in_range(value: Any, path: str) -> Decimal:
    number = _number(value)
    if not abs(number) <= MOST:
        raise InvalidEventPattern("Value must be between -5.0E9 and 5.0E9, inclusive", path)
    return number.normalize() + 0


# ---------------------------------------------------------------------------------------------- anything but

_OF_TEXTS: Mapping[str, tuple[Callable[[Any, str], tuple[str, Agrees]], str]] = {
    "prefix": (_at_an_end("prefix", "begins with"), "prefix/suffix match pattern must be a string"),
    "suffix": (_at_an_end("suffix", "ends with"), "prefix/suffix match pattern must be a string"),
    "equals-ignore-case": (
        _ignoring_case, "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."),
    "wildcard": (_wildcard, "wildcard match pattern must be a string"),
}


def _anything_but(operand: Any, path: str) -> tuple[str, Agrees]:
    """A field that is there, and holds none of these: values, or what an operator on texts agrees with."""
    if isinstance(operand, Mapping):
        return _anything_but_texts(operand, path)
    if operand is None or isinstance(operand, bool):
        raise InvalidEventPattern("Value of anything-but must be an array or single string/number value.", path)
    values = operand if isinstance(operand, list) else [operand]
    if any(value is None or isinstance(value, bool | list | Mapping) for value in values):
        raise InvalidEventPattern("Inside anything but list, start|null|boolean is not supported.", path)
    if len({isinstance(value, str) for value in values}) != 1:
        raise InvalidEventPattern("Inside anything but list, either all values are number or string, mixed type is not "
                                  "supported", path)
    for value in values:
        if not isinstance(value, str):
            _in_range(value, path)
    return f"is anything but {' or '.join(map(shown, values))}", _none_of([_same(value) for value in values])


def _same(said: Any) -> Agrees:
    return (lambda value: value == said) if isinstance(said, str) else equal_to(said)


def _anything_but_texts(operand: Mapping[str, Any], path: str) -> tuple[str, Agrees]:
    name = next(iter(operand), None)
    if name is None:
        raise InvalidEventPattern("Anything-But expression name not found", path)
    if name not in _OF_TEXTS:
        raise InvalidEventPattern(f"Unsupported anything-but pattern: {name}", path, f"Use {', '.join(_OF_TEXTS)}.")
    if len(operand) > 1:
        raise InvalidEventPattern("Too many elements in numeric expression", path, "Write one operator.")
    read, reason = _OF_TEXTS[name]
    values = operand[name] if isinstance(operand[name], list) else [operand[name]]
    if isinstance(operand[name], Mapping) or operand[name] is None or isinstance(operand[name], bool):
        raise InvalidEventPattern("Value of anything-but must be an array or single string/number value.", path)
    if not values:
        raise InvalidEventPattern("Empty arrays are not allowed", path)
    for value in values:
        if _text(value, path, reason) == "" and name in ("prefix", "suffix"):
            raise InvalidEventPattern("Null prefix/suffix not allowed", path)
    found = [read(value, path) for value in values]
    words = " or ".join(words for words, _ in found)
    return f"is anything but a text that {words}", _none_of([agrees for _, agrees in found])


def _none_of(refused: list[Agrees]) -> Agrees:
    return lambda value: not any(agrees(value) for agrees in refused)


_OPERATORS: Mapping[str, Callable[[Any, str], tuple[str, Agrees]]] = {
    "exactly": _exactly,
    "prefix": _at_an_end("prefix", "begins with"),
    "suffix": _at_an_end("suffix", "ends with"),
    "equals-ignore-case": _ignoring_case,
    "wildcard": _wildcard,
    "anything-but": _anything_but,
    "numeric": _numeric,
    "cidr": _cidr,
    "exists": _exists,
}
RESERVED = frozenset(_OPERATORS) | frozenset(_COMPARISONS) | {
    "regex", "not-wildcard", "not-equals-ignore-case", "date-after", "date-on-or-after", "date-before",
    "date-on-or-before", "in-date-range", "ip-address-in-range", "ip-address-not-in-range"}
"""Names that no field may have inside `$or`."""
