"""What one statement has to do with a request: it applies, or the first thing in it that does not match."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .conditions import Context, against
from .policy import DENY, Names, Policy, Statement
from .principals import BY_NAME, NOT_AT_ALL, meant
from .wildcards import UNSAID, expanded, fits, may_fit, prepared


@dataclass(frozen=True)
class Layer:
    """A type of policy, as AWS's messages name it, with its article."""

    name: str
    article: str


@dataclass(frozen=True)
class Finding:
    """One statement before one request. `progress` counts what matched: the action, then the resource, then whom it is
    about. `meant` says how it means the principal."""

    layer: Layer
    policy: str
    statement: str
    effect: str
    applies: bool
    because: str
    progress: int = 0
    meant: int = BY_NAME

    @property
    def title(self) -> str:
        return f"{self.statement} of {self.policy}"

    @property
    def start(self) -> str:
        """The title at the start of a sentence."""
        return self.title[0].upper() + self.title[1:]

    @property
    def sentence(self) -> str:
        verb = "applies" if self.applies else "does not apply"
        return f"{self.start} ({self.effect}) {verb}: {self.because}."


def findings_of(
    policies: Iterable[Policy], layer: Layer, action: str, resource: str, principal: str, context: Context
) -> Iterator[Finding]:
    """A finding for each statement, in order."""
    for number, policy in enumerate(policies, 1):
        name = policy.name or f"{layer.name} {number}"
        for statement in policy.statements:
            how = meant(statement.principals, principal)
            progress, because = _look(policy, statement, action, resource, principal, how, context)
            yield Finding(layer, name, statement.title, statement.effect, progress == APPLIES, because, progress, how)


APPLIES = 4


def _look(
    policy: Policy, statement: Statement, action: str, resource: str, principal: str, how: int, context: Context
) -> tuple[int, str]:
    """How far the statement matches, and the sentence that says so."""
    if not _about_action(statement.actions, action):
        return 0, _no_match("Action", statement.actions, action)
    if statement.resources is not None:
        against_it = _against_resource(policy, statement, statement.resources, resource, context)
        if against_it:
            return 1, against_it
    if how == NOT_AT_ALL:
        return 2, f"it is not about {principal or 'nobody in particular'}"
    unmet = against(statement.conditions, context, policy.has_variables)
    if unmet:
        return 3, unmet
    return APPLIES, _agrees(statement, resource)


def _agrees(statement: Statement, resource: str) -> str:
    unsaid = " (as far as the name is known)" if UNSAID in resource else ""
    return f"its action, resource{unsaid} and conditions match" if statement.conditions else \
        f"its action and resource{unsaid} match"


def _about_action(names: Names, action: str) -> bool:
    """Actions match whatever their case."""
    asked = action.lower()
    return any(fits(prepared(pattern.lower()), asked) for pattern in names.patterns) != names.excluded


def _against_resource(policy: Policy, statement: Statement, names: Names, resource: str, context: Context) -> str:
    """Why the statement is not about the resource; nothing where it is."""
    cautious = (statement.effect == DENY) != names.excluded
    matches = fits if cautious else may_fit
    missing = ""
    for pattern in names.patterns:
        ready = expanded(pattern, context) if policy.has_variables else prepared(pattern)
        if ready is None:
            missing = ", of which the request lacks a variable,"
        elif matches(ready, resource):
            return f"its NotResource '{pattern}' matches {resource}" if names.excluded else ""
    return "" if names.excluded else _no_match("Resource", names, resource, missing)


MOST_NAMED = 3


def _no_match(element: str, names: Names, asked: str, missing: str = "") -> str:
    """`its Action 'a' or 'b' or 2 more does not match c`."""
    if names.excluded:
        return f"its Not{element} matches {asked}"
    shown = [f"'{name}'" for name in names.patterns[:MOST_NAMED]]
    left = len(names.patterns) - len(shown)
    more = [f"{left} more"] if left else []
    return f"its {element} {' or '.join(shown + more)}{missing} does not match {asked}"
