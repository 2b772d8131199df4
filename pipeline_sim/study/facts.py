"""What the course says and no run of ours can show: facts about other services, and the evidence for them.

A claim that no run shows is bound to a key here or in the simulator's own evidence, and the student is told so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..views.evidence import rules


@dataclass(frozen=True)
class Fact:
    """A fact with the tags of its sources; `knowledge` is what is generally known and was found on no page."""

    key: str
    says: str
    tags: tuple[str, ...]


@cache
def facts() -> Mapping[str, Fact]:
    """The facts about services that the simulator does not play, by key."""
    found = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {key: Fact(key, entry["says"], tuple(entry["tags"])) for key, entry in found.items()}


@cache
def known() -> Mapping[str, Fact]:
    """All that a claim may be bound to: these facts and the simulator's rules."""
    own = {rule.key: Fact(rule.key, rule.says, rule.tags) for rule in rules().values()}
    return {**own, **facts()}
