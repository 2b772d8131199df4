"""What does a browser lack that has a film already? The differences between two films, as little JSON.

A film that goes on differs at its end, and where something lasts. What differs is named as in the film itself: members by
name, places of a list by number, `+` for what follows at its end, `length` where it became shorter. None takes a member
away.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

SHORT = 12_000
"""News of more characters are not worth their way: then the film travels whole again."""
FEW = 200
"""Two films that differ before their last so many records have long news."""


def short(old: Mapping[str, Any], new: Mapping[str, Any]) -> str | None:
    """The news of a film as they travel; None where they are not short."""
    if not old or _part_early(old["said"], new["said"]):
        return None
    text = json.dumps(news(old, new), separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "replace").decode() if len(text) <= SHORT else None


def news(old: Any, new: Any) -> Any:
    """What makes the one of the other; empty where they are equal. Neither is changed."""
    if isinstance(new, Mapping):
        found = {str(name): _change(old[name], value) if name in old else value
                 for name, value in new.items() if name not in old or old[name] != value}
        return found | {str(name): None for name in old.keys() - new.keys()}
    return _of_list(old, new)


def _part_early(old: Sequence[int], new: Sequence[int]) -> bool:
    common = max(len(old), len(new)) - FEW
    return common > 0 and old[:common] != new[:common]


def _of_list(old: Sequence[Any], new: Sequence[Any]) -> dict[str, Any]:
    common = min(len(old), len(new))
    found: dict[str, Any] = {}
    if old[:common] != new[:common]:
        pairs = enumerate(zip(old, new, strict=False))
        found = {str(i): _change(before, after) for i, (before, after) in pairs if before != after}
    if len(new) > common:
        found["+"] = new[common:]
    elif len(old) > common:
        found["length"] = common
    return found


def _change(old: Any, new: Any) -> Any:
    """Of two things that hold others the difference, else what is there now."""
    both = (old, new)
    if all(isinstance(each, Mapping) for each in both) or all(isinstance(each, list | tuple) for each in both):
        return news(old, new)
    return new
