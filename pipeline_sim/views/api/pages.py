"""How long answers come in pages: a token holds the place to go on from, and a check of what it belongs to.

A token is good for the operation, the pipeline and the filter that it was given for, in this run; any other one is an
InvalidNextTokenException (9.3). It names the last thing shown, not a count, so that what happens between two pages
neither repeats nor hides anything.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, TypeVar

from ...refused import Refused
from ...state import State

T = TypeVar("T")
Key = int | str

WHOLE = "whole list"
"""A member that no request of the API can have."""
_NOT_SCOPE = frozenset({"nextToken", "maxResults", "NextToken", "MaxResults"})


def page(
    state: State,
    operation: str,
    request: Mapping[str, Any],
    items: Sequence[T],
    key: Callable[[T], Key],
    *,
    size: int = 100,
    newest_first: bool = False,
) -> tuple[list[T], str | None]:
    """The items of one page and the token of the next. `items` are in order of `key`: rising, or falling where the
    newest come first. Who asks from inside for the whole list gets it: each page costs as much as all of it."""
    if request.get(WHOLE):
        return list(items), None
    size = min(size, request.get("maxResults", request.get("MaxResults", size)))
    token = request.get("nextToken", request.get("NextToken"))
    if token is not None:
        last = _place(state, operation, request, token)
        items = [item for item in items if (_before(key(item), last) if newest_first else _before(last, key(item)))]
    shown = list(items[:size])
    return shown, _token(state, operation, request, key(shown[-1])) if len(items) > len(shown) else None


def refuse_token(request: Mapping[str, Any]) -> None:
    """An answer that always comes whole never gave a token: whatever comes is not one."""
    if request.get("nextToken") is not None:
        raise _invalid()


def _before(one: Key, other: Key) -> bool:
    if isinstance(one, int) and isinstance(other, int):
        return one < other
    return str(one) < str(other)


def _check(state: State, operation: str, request: Mapping[str, Any], place: Key) -> str:
    scope = {name: value for name, value in request.items() if name not in _NOT_SCOPE}
    text = json.dumps([state.seed, operation, scope, place], sort_keys=True, default=str)
    return blake2b(text.encode(), digest_size=12).hexdigest()


def _token(state: State, operation: str, request: Mapping[str, Any], place: Key) -> str:
    text = json.dumps([place, _check(state, operation, request, place)])
    return urlsafe_b64encode(text.encode()).decode()


def _place(state: State, operation: str, request: Mapping[str, Any], token: str) -> Key:
    try:
        place, check = json.loads(urlsafe_b64decode(token.encode()))
    except (Error, ValueError, TypeError):
        raise _invalid() from None
    if not isinstance(place, int | str) or check != _check(state, operation, request, place):
        raise _invalid()
    return place


def _invalid() -> Refused:
    return Refused("InvalidNextTokenException", "The next token was not given for this operation with these members.")
