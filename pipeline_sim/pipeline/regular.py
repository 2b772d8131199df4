"""Which regular expressions of a definition are tried at all: those that no text can keep busy.

Python's `re` goes back and tries again, and knows no time limit. So the ways in which an expression could be tried are
counted beforehand: a part that repeats may not hold a choice of its own (`(a+)+`, `(a|b)*`), and the choices that stand one
after another multiply. That is stricter than AWS, whose engine is not known (our decision).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from functools import lru_cache
from re import _constants as op
from re import _parser as parser
from typing import Any, NamedTuple

LONGEST = 250
"""Characters that an expression may have."""
MOST_WAYS = 10_000_000
"""So many ways to try one text are gone through in a second or so."""
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_ELSEWHERE = {op.ASSERT: "looks around", op.ASSERT_NOT: "looks around", op.GROUPREF: "refers back to a group",
              op.GROUPREF_EXISTS: "refers back to a group"}


class Ways(NamedTuple):
    """In how many ways an expression can be tried on `n` characters: `fixed` · n ^ `open`."""

    fixed: int = 1
    open: int = 0

    def times(self, other: Ways) -> Ways:
        return Ways(min(self.fixed * other.fixed, MOST_WAYS + 1), self.open + other.open)

    def of(self, letters: int) -> int:
        return self.fixed * int(max(letters, 1) ** min(self.open, 24))


def against(expression: str) -> str:
    """Why a text is no expression that is tried, as a sentence; empty where it is one."""
    if len(expression) > LONGEST:
        return f"A regular expression of {len(expression)} characters is longer than the {LONGEST} that are tried."
    found = _read(expression)
    return found if isinstance(found, str) else ""


def fits(expression: str, text: str) -> bool:
    """Whether the whole of a text fits. ValueError where trying it could take for ever."""
    if sentence := against(expression):
        raise ValueError(sentence)
    ways = _read(expression)
    assert isinstance(ways, Ways)
    if ways.of(len(text)) > MOST_WAYS:
        raise ValueError(f"'{expression}' leaves too many ways to try a text of {len(text)} characters.")
    return re.fullmatch(expression, text) is not None


@lru_cache(maxsize=1024)
def _read(expression: str) -> Ways | str:
    try:
        with warnings.catch_warnings(action="ignore"):  # of sets within sets, which mean something else one day
            re.compile(expression)
            return _ways(parser.parse(expression))
    except (re.error, OverflowError, RecursionError) as error:
        return f"'{expression}' is no regular expression: {error}."
    except ValueError as error:
        return f"'{expression}' {error}"


def _ways(parts: Iterable[Any]) -> Ways:
    found = Ways()
    for kind, said in parts:
        found = found.times(_way(kind, said))
    return found


def _way(kind: Any, said: Any) -> Ways:
    if kind in _ELSEWHERE:
        raise ValueError(f"{_ELSEWHERE[kind]}, which the simulation does not try.")
    if kind in _REPEATS:
        return _repeated(*said)
    if kind is op.SUBPATTERN:
        return _ways(said[-1])
    if kind is op.ATOMIC_GROUP:
        return _ways(said)
    if kind is op.BRANCH:
        each = [_ways(branch) for branch in said[1]]
        return Ways(min(sum(one.fixed for one in each), MOST_WAYS + 1), max(one.open for one in each))
    return Ways()


def _repeated(least: Any, most: Any, part: Iterable[Any]) -> Ways:
    if most > 1 and _ways(part) != Ways():
        raise ValueError("repeats a part that can itself be read in several ways, which could take for ever.")
    inside = _ways(part)
    if most is op.MAXREPEAT or most - least > LONGEST:
        return Ways(1, 1)
    return inside.times(Ways(int(most) - int(least) + 1))
