"""What a policy says, as frozen values: statements with their effect, actions, resources, principals, conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DENY = "Deny"
IDENTITY, RESOURCE, TRUST = "identity", "resource", "trust"
VARIABLES_SINCE = "2012-10-17"
OLDEST = "2008-10-17"


@dataclass(frozen=True)
class Condition:
    """One key under one operator. `quantifier` is `ForAnyValue`, `ForAllValues` or nothing; values are alternatives."""

    operator: str
    key: str
    values: tuple[str, ...]
    if_exists: bool = False
    quantifier: str = ""

    @property
    def title(self) -> str:
        """As the policy spells it: `ForAnyValue:StringLikeIfExists aws:TagKeys`."""
        start = f"{self.quantifier}:" if self.quantifier else ""
        return f"{start}{self.operator}{'IfExists' if self.if_exists else ''} {self.key}"


@dataclass(frozen=True)
class Names:
    """Which things a statement is about: those that match a pattern, or, `excluded`, all but those (`NotAction`)."""

    patterns: tuple[str, ...]
    excluded: bool = False


@dataclass(frozen=True)
class Principals:
    """Who a statement of a resource or trust policy is about: pairs such as `("Service", "codepipeline.amazonaws.com")`."""

    who: tuple[tuple[str, str], ...]
    excluded: bool = False


@dataclass(frozen=True)
class Statement:
    """One statement. `resources` is None in a trust policy, `principals` is None in an identity's policy."""

    number: int
    sid: str
    effect: str
    actions: Names
    resources: Names | None = None
    principals: Principals | None = None
    conditions: tuple[Condition, ...] = ()

    @property
    def title(self) -> str:
        return f"statement '{self.sid}'" if self.sid else f"statement {self.number}"


@dataclass(frozen=True)
class Policy:
    """A policy document. Policy variables are read as such since Version 2012-10-17."""

    statements: tuple[Statement, ...]
    name: str = ""
    version: str = VARIABLES_SINCE
    document: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def has_variables(self) -> bool:
        return self.version >= VARIABLES_SINCE
