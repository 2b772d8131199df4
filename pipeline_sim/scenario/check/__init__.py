"""What is wrong with a scenario: every fault at once, told like the faults of a definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...pipeline.fault import Fault, Faults
from ...pipeline.model import Pipeline
from .names import unknown_names
from .parts import KEYS, LOOKS
from .tell import known

__all__ = ["KEYS", "check", "faults_of"]


def check(document: Mapping[str, Any], pipelines: Sequence[Pipeline] = (), name: str = "") -> None:
    """Raises Faults with all that is wrong."""
    faults = list(faults_of(document, pipelines))
    if faults:
        raise Faults(faults, name or "the scenario")


def faults_of(document: Mapping[str, Any], pipelines: Sequence[Pipeline] = ()) -> Iterator[Fault]:
    """All faults. Names are looked for only where pipelines are given."""
    yield from known("", document, KEYS)
    for key, look in LOOKS.items():
        if document.get(key) is not None:
            yield from look(key, document[key], document)
    if pipelines:
        yield from unknown_names(document, pipelines)
