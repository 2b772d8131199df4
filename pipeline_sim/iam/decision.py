"""Whether a request is allowed, and why: which statement decided and why no other did (8.3).

Everything starts denied. A Deny that applies in any policy decides. Otherwise every ceiling that there is must allow
(service control policies at each level, the permissions boundary, the session's policy), and so must the identity's
policies or the resource's policy; between accounts, both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..ids import account_of
from .conditions import Context, context_of
from .finding import Finding, Layer, findings_of
from .policy import Policy
from .principals import BY_NAME, context_from, is_root, is_service
from .requirement import Requirement
from .wildcards import UNSAID

EXPLICIT_ALLOW, EXPLICIT_DENY, IMPLICIT_DENY = "explicit allow", "explicit deny", "implicit deny"
IDENTITY, RESOURCE = Layer("identity-based policy", "an"), Layer("resource-based policy", "a")
BOUNDARY, SESSION = Layer("permissions boundary", "a"), Layer("session policy", "a")
CONTROL, TRUST = Layer("service control policy", "a"), Layer("role trust policy", "the")


@dataclass(frozen=True)
class Decision:
    """The answer. `kind` is `explicit allow`, `explicit deny` or `implicit deny`, `reason` a sentence, `layer` the type
    of policy that decided, `decided_by` the statement, and `others` what every other statement had to do with it."""

    allowed: bool
    kind: str
    reason: str
    action: str
    resource: str
    principal: str = ""
    layer: Layer = IDENTITY
    decided_by: Finding | None = None
    others: tuple[Finding, ...] = ()

    def __bool__(self) -> bool:
        return self.allowed

    def message(self, principal: str = "") -> str:
        """AWS's words for a denial [IAM guide: troubleshoot access denied]; for who is allowed, a sentence of ours."""
        who = principal or self.principal or "the caller"
        if self.allowed:
            return f"User: {who} is authorized to perform: {self.action} on resource: {self.resource}"
        because = (f"with an explicit deny in {self.layer.article} {self.layer.name}" if self.kind == EXPLICIT_DENY
                   else f"because no {self.layer.name} allows the {self.action} action")
        return f"User: {who} is not authorized to perform: {self.action} on resource: {self.resource} {because}"

    @property
    def remedy(self) -> str:
        """What to do about a denial; nothing where there is none."""
        if self.allowed:
            return ""
        if self.decided_by is not None:
            return f"Take {self.decided_by.title} out, or narrow it."
        statement = trusting_statement(self.principal) if self.layer == TRUST else missing_statement(
            self.action, self.resource)
        return f"Add to {self.layer.article} {self.layer.name}: {json.dumps(statement)}."

    def explain(self) -> str:
        """The whole story, a line for each statement."""
        lines = [self.reason, *(f"- {finding.sentence}" for finding in self.others), self.remedy]
        return "\n".join(line for line in lines if line)


def missing_statement(action: str, resource: str) -> dict[str, Any]:
    """The statement that would allow it; a part of the resource that is not known becomes a wildcard."""
    return {"Effect": "Allow", "Action": action, "Resource": resource.replace(UNSAID, "*")}


def trusting_statement(principal: str) -> dict[str, Any]:
    """The statement of a trust policy that would let a service, user or role take the role on."""
    kind = "Service" if is_service(principal) else "AWS"
    return {"Effect": "Allow", "Principal": {kind: principal}, "Action": "sts:AssumeRole"}


@dataclass(frozen=True)
class _Request:
    action: str
    resource: str
    principal: str
    context: Context


def decide(
    policies: Iterable[Policy],
    action: str,
    resource: str,
    context: Mapping[str, str | Sequence[str] | bool] | None = None,
    *,
    principal: str = "",
    boundary: Policy | None = None,
    session: Policy | Iterable[Policy] | None = None,
    resource_policy: Policy | None = None,
    scps: Sequence[Sequence[Policy]] = (),
    account: str = "",
) -> Decision:
    """Whether an identity with these policies may do it.

    `resource` is an ARN, `*` for an action that knows no resources, or an ARN in which `…` stands for what nobody has
    said: an Allow then applies if it may match, a Deny if it matches in any case. `principal` is who asks (an ARN, or a
    service such as events.amazonaws.com, which has no policies of its own); `account` the resource's owner, if not
    the account in its ARN. `scps` are lists of policies, one for each level from the root of the organization down.
    """
    request = _Request(action, resource, principal, context_of({**context_from(principal), **(context or {})}))
    identity = _read(policies, IDENTITY, request)
    ceilings = [_read(level, CONTROL, request) for level in scps]
    if not is_root(principal):
        ceilings += [_read([boundary], BOUNDARY, request)] if boundary is not None else []
        ceilings += [_read(_many(session), SESSION, request)] if session is not None else []
    other = _read([resource_policy], RESOURCE, request) if resource_policy is not None else None
    owner = account or account_of(resource)
    foreign = bool(owner and account_of(principal) and owner != account_of(principal))
    return _answer(request, identity, other, ceilings, foreign)


def fulfils(
    policies: Sequence[Policy], need: Requirement, *, principal: str = "", boundary: Policy | None = None
) -> Decision:
    """Whether an identity's policies give what is required; the decision on its own action where no alternative is
    allowed either. Only this side is looked at: that a resource of another account, such as a role that is to be
    assumed or a key, lets the identity in is taken for granted."""
    found = [decide(policies, action, need.resource, need.context, principal=principal, account=account_of(principal),
                    boundary=boundary)
             for action in (need.action, *need.alternatives)]
    return next((decision for decision in found if decision.allowed), found[0])


def _many(policies: Policy | Iterable[Policy]) -> Iterable[Policy]:
    return [policies] if isinstance(policies, Policy) else policies


@dataclass(frozen=True)
class _Reading:
    """What the policies of one layer say about a request."""

    layer: Layer
    findings: tuple[Finding, ...]

    @property
    def allow(self) -> Finding | None:
        return next((one for one in self.findings if one.applies and one.effect == "Allow"), None)


def _read(policies: Iterable[Policy], layer: Layer, request: _Request) -> _Reading:
    found = findings_of(policies, layer, request.action, request.resource, request.principal, request.context)
    return _Reading(layer, tuple(found))


def _answer(
    request: _Request, identity: _Reading, other: _Reading | None, ceilings: Sequence[_Reading], foreign: bool
) -> Decision:
    """8.3 in its order."""
    grants = [identity, *([other] if other else [])]
    readings = [*ceilings, *grants]
    for reading in readings:
        for finding in reading.findings:
            if finding.applies and finding.effect == "Deny":
                reason = f"{finding.start} denies it, and a Deny goes before every Allow."
                return _decision(request, False, EXPLICIT_DENY, reason, reading.layer, finding, readings)
    for reading in ceilings:
        if reading.allow is None:
            return _nobody(request, reading, readings)
    return _granted(request, identity, other, foreign, readings)


def _granted(
    request: _Request, identity: _Reading, other: _Reading | None, foreign: bool, readings: Sequence[_Reading]
) -> Decision:
    """What the identity's and the resource's policies allow, once nothing stands against it."""
    own = identity.allow
    if own is None and is_root(request.principal) and not foreign:
        reason = "The account's root user needs no policy to allow it."
        return _decision(request, True, EXPLICIT_ALLOW, reason, IDENTITY, None, readings)
    theirs = other.allow if other else None
    named = theirs is not None and theirs.meant == BY_NAME
    if foreign:
        missing = identity if own is None else (other or _Reading(RESOURCE, ())) if theirs is None else None
        if missing is not None:
            return _nobody(request, missing, readings, " The resource is another account's: both sides must allow it.")
    elif own is None and not named:
        return _nobody(request, (other or _Reading(RESOURCE, ())) if is_service(request.principal) else identity, readings)
    decided = own or theirs
    assert decided is not None
    reason = f"{decided.start} allows it{_also(theirs if own and foreign else None)}."
    layer = IDENTITY if decided is own else RESOURCE
    return _decision(request, True, EXPLICIT_ALLOW, reason, layer, decided, readings)


def _also(finding: Finding | None) -> str:
    return f", and so does {finding.title}" if finding else ""


def _nobody(request: _Request, reading: _Reading, readings: Sequence[_Reading], more: str = "") -> Decision:
    """Denied because nothing allows it; the statement that came nearest is told."""
    allows = [finding for finding in reading.findings if finding.effect == "Allow"]
    nearest = max(allows, key=lambda finding: finding.progress, default=None)
    hint = f" The nearest is {nearest.title}, but {nearest.because}." if nearest and nearest.progress else ""
    reason = f"No {reading.layer.name} allows {request.action} on {request.resource}.{hint}{more}"
    return _decision(request, False, IMPLICIT_DENY, reason, reading.layer, None, readings)


def _decision(
    request: _Request, allowed: bool, kind: str, reason: str, layer: Layer, by: Finding | None,
    readings: Sequence[_Reading],
) -> Decision:
    others = tuple(finding for reading in readings for finding in reading.findings if finding is not by)
    return Decision(allowed, kind, reason, request.action, request.resource, request.principal, layer, by, others)


def can_assume(
    trust: Policy, principal: str, context: Mapping[str, str | Sequence[str] | bool] | None = None, *, role: str = "*"
) -> Decision:
    """Whether a role's trust policy lets a service (`codepipeline.amazonaws.com`) or a user or role (its ARN) take the
    role on. Whom it trusts only as a member of an account needs a policy of its own for sts:AssumeRole as well; where
    the accounts differ, everybody does."""
    request = _Request("sts:AssumeRole", role, principal, context_of({**context_from(principal), **(context or {})}))
    reading = _read([trust], TRUST, request)
    denied = next((one for one in reading.findings if one.applies and one.effect == "Deny"), None)
    if denied is not None:
        reason = f"{denied.start} denies it, and a Deny goes before every Allow."
        return _decision(request, False, EXPLICIT_DENY, reason, TRUST, denied, [reading])
    if reading.allow is None:
        return _nobody(request, reading, [reading])
    whole = "" if reading.allow.meant == BY_NAME else \
        " It trusts the account: a policy of the caller's own must allow sts:AssumeRole as well."
    reason = f"{reading.allow.start} allows it.{whole}"
    return _decision(request, True, EXPLICIT_ALLOW, reason, TRUST, reading.allow, [reading])
