"""What a file holds: a pipeline's structure, and what else the file says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .fault import Fault


@dataclass(frozen=True)
class Found:
    """One pipeline of a file. `structure` is what `create-pipeline` takes; `notes` (warnings) say what could not be
    resolved; the rest is what a template sets beside it. `region` and `account` are where it is to be, if anything says."""

    name: str
    structure: dict[str, Any]
    notes: tuple[Fault, ...] = ()
    disabled_transitions: tuple[Mapping[str, str], ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    webhooks: tuple[Mapping[str, Any], ...] = ()
    rules: tuple[Mapping[str, Any], ...] = ()
    policies: Mapping[str, Any] = field(default_factory=dict)
    region: str = ""
    account: str = ""

    @property
    def says_more(self) -> bool:
        """Whether anything is set beside the pipeline."""
        return bool(self.disabled_transitions or self.webhooks or self.rules or self.policies or self.tags or self.region
                    or self.account)
