"""Whether a name fits a pattern of a policy: `*`, `?`, policy variables, and names of which a part is not known.

Patterns are first brought into a form of their own, in which the two wildcards are characters that no name has; what a
variable stands for is then plain text, stars and all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

UNSAID = "…"
"""Stands in a resource for a part that nobody has said, such as the role in `arn:aws:iam::111122223333:role/…`."""
ANY, ONE = "\0", "\1"
_SPECIAL = {"*": "*", "?": "?", "$": "$"}
_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_DEFAULT = re.compile(r"([^,]+?)\s*,\s*'(.*)'\s*\Z")


def prepared(pattern: str) -> str:
    """A pattern without variables, with its wildcards marked."""
    return pattern.replace("*", ANY).replace("?", ONE)


def expanded(text: str, context: Mapping[str, Sequence[str]], wildcards: bool = True) -> str | None:
    """A pattern with its variables filled in (`${aws:username}`, `${aws:username, 'nobody'}`, `${*}`); None where the
    request has no single value for one. Context keys are in lower case."""
    pieces, end = [], 0
    for found in _VARIABLE.finditer(text):
        value = _value(found.group(1).strip(), context)
        if value is None:
            return None
        pieces += [_plain(text[end:found.start()], wildcards), value]
        end = found.end()
    return "".join([*pieces, _plain(text[end:], wildcards)])


def _plain(text: str, wildcards: bool) -> str:
    return prepared(text) if wildcards else text


def _value(inside: str, context: Mapping[str, Sequence[str]]) -> str | None:
    if inside in _SPECIAL:
        return _SPECIAL[inside]
    otherwise = _DEFAULT.match(inside)
    key, default = (otherwise.group(1), otherwise.group(2)) if otherwise else (inside, None)
    values = context.get(key.lower(), ())
    return values[0] if len(values) == 1 else default


def fits(pattern: str, name: str) -> bool:
    """Whether a prepared pattern matches the whole of a name. Case counts; `*` crosses `:` and `/` (8.3)."""
    return _compiled(pattern).match(name) is not None


@lru_cache(maxsize=8192)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Each stretch between two stars is taken where it is found first and not tried again, so no name takes long."""
    first, *rest = pattern.split(ANY)
    if not rest:
        return re.compile(_stretch(first) + r"\Z", re.DOTALL)
    middle = "".join(f"(?>.*?{_stretch(part)})" for part in rest[:-1] if part)
    return re.compile(f"{_stretch(first)}{middle}.*{_stretch(rest[-1])}\\Z", re.DOTALL)


def _stretch(text: str) -> str:
    return "".join("." if letter == ONE else re.escape(letter) for letter in text)


def may_fit(pattern: str, name: str) -> bool:
    """Whether a prepared pattern matches a name for some reading of its `…`."""
    if UNSAID not in name:
        return fits(pattern, name)
    return _overlap(pattern, name)


@lru_cache(maxsize=8192)
def _overlap(pattern: str, name: str) -> bool:
    """Whether two texts, the one with `*` and `?`, the other with `…`, have a reading in common: row by row over the
    places of the pattern at which one can stand after each letter of the name."""
    places = _with_skips(pattern, {0})
    for letter in name:
        if letter == UNSAID:
            places = set(range(min(places), len(pattern) + 1)) if places else set()
        else:
            places = _with_skips(pattern, {after for place in places for after in _step(pattern, place, letter)})
    return len(pattern) in places


def _step(pattern: str, place: int, letter: str) -> tuple[int, ...]:
    if place == len(pattern):
        return ()
    if pattern[place] == ANY:
        return (place,)
    return (place + 1,) if pattern[place] in (ONE, letter) else ()


def _with_skips(pattern: str, places: set[int]) -> set[int]:
    """The same places, and those behind a star that stands for nothing."""
    reached = set(places)
    for place in places:
        while place < len(pattern) and pattern[place] == ANY:
            place += 1
            reached.add(place)
    return reached
