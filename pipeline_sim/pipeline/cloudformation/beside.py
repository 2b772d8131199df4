"""What a template sets beside a pipeline: webhooks, the rules and schedules that start it, its roles' policies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..standins import arn, plain
from ..told import Told
from .convert import lower_first
from .resolve import Budget, Resolver
from .template import Template, as_text

RULE, SCHEDULE = "AWS::Events::Rule", "AWS::Scheduler::Schedule"
ROLE, POLICY, MANAGED, ROLE_POLICY = (
    "AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
_START = "codepipeline:startPipelineExecution"
_KEPT_OF_RULE = ("EventPattern", "ScheduleExpression", "ScheduleExpressionTimezone", "State", "Description")


@dataclass(frozen=True)
class Resource:
    """A resource of the template with its properties resolved, and what could not be."""

    logical_id: str
    name: str
    arn: str
    properties: Mapping[str, Any]
    told: Told


@dataclass(frozen=True)
class Beside:
    """The resources of a template that may belong to its pipelines, each resolved once for all of them."""

    template: Template
    budget: Budget = field(default_factory=Budget)

    def _resolved(self, *kinds: str) -> dict[str, Resource]:
        found = {}
        for logical_id in self.template.of_kind(*kinds):
            resolver = Resolver(self.template, self.budget)
            path = f"{self.template.path}Resources.{logical_id}.Properties"
            properties = resolver.resolve(dict(self.template.properties(logical_id)), path)
            name, own_arn = str(resolver.name_of(logical_id)), str(resolver.arn_of(logical_id))
            found[logical_id] = Resource(logical_id, name, own_arn, _mapping(properties), resolver.told)
        return found

    @cached_property
    def webhooks(self) -> dict[str, list[Resource]]:
        """By the name of the pipeline that they start."""
        found: dict[str, list[Resource]] = {}
        for resource in self._resolved("AWS::CodePipeline::Webhook").values():
            found.setdefault(str(resource.properties.get("TargetPipeline")), []).append(resource)
        return found

    @cached_property
    def starters(self) -> dict[str, list[tuple[Resource, Mapping[str, Any]]]]:
        """Rules and schedules with the target that is a pipeline, by that pipeline's ARN or name."""
        found: dict[str, list[tuple[Resource, Mapping[str, Any]]]] = {}
        for resource in self._resolved(RULE, SCHEDULE).values():
            for target in _targets(resource.properties):
                found.setdefault(_aim(target), []).append((resource, target))
        return found

    @cached_property
    def roles(self) -> dict[str, Resource]:
        """By ARN."""
        return {role.arn: role for role in self._resolved(ROLE).values()}

    @cached_property
    def managed(self) -> dict[str, Resource]:
        """The template's own managed policies, by ARN."""
        return {policy.arn: policy for policy in self._resolved(MANAGED).values()}

    @cached_property
    def bucket_policies(self) -> dict[str, Resource]:
        """The policies of the template's buckets."""
        return self._resolved("AWS::S3::BucketPolicy")

    def granted(self, role_arn: str) -> dict[str, Any]:
        """What buckets of the same account grant to a role: in one account, either side's Allow is enough (8.1)."""
        found = {}
        for logical_id, policy in self.bucket_policies.items():
            given = policy.properties.get("PolicyDocument")
            document: dict[str, Any] = given if isinstance(given, dict) else {}
            statements = document.get("Statement")
            if mine := [{key: value for key, value in one.items() if key != "Principal"}
                        for one in (statements if isinstance(statements, list) else [statements])
                        if isinstance(one, dict) and one.get("Effect") == "Allow" and _names(one, role_arn)]:
                found[f"bucket:{logical_id}"] = {**document, "Statement": mine}
        return found

    @cached_property
    def policies(self) -> dict[str, list[Resource]]:
        """Policies that are resources of their own, by the names of the roles that they are attached to."""
        found: dict[str, list[Resource]] = {}
        for resource in self._resolved(POLICY, MANAGED, ROLE_POLICY).values():
            names = resource.properties.get("Roles", resource.properties.get("RoleName"))
            for name in names if isinstance(names, list) else [names]:
                found.setdefault(str(name), []).append(resource)
        return found


def _names(statement: Mapping[str, Any], role_arn: str) -> bool:
    """Whether a statement's principal is this role, or everybody. (The account as principal leaves it to the role's own
    policies.)"""
    principal = statement.get("Principal")
    named = principal.get("AWS") if isinstance(principal, dict) else principal
    return not {role_arn, "*"}.isdisjoint(str(one) for one in (named if isinstance(named, list) else [named]))


def _mapping(value: Any) -> Mapping[str, Any]:
    return plain(value) if isinstance(value, dict) else {}


def _targets(properties: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    several = properties.get("Targets")
    for target in several if isinstance(several, list) else [properties.get("Target")]:
        if isinstance(target, dict):
            yield target


def _aim(target: Mapping[str, Any]) -> str:
    """The ARN that a target has; the pipeline's name where a schedule calls the API itself."""
    aim = str(target.get("Arn", ""))
    if not aim.lower().endswith(_START.lower()):
        return aim
    try:
        request = json.loads(str(target.get("Input", "")))
    except (ValueError, RecursionError):
        return aim
    return f"name:{request.get('Name', '')}" if isinstance(request, dict) else aim


# ---------------------------------------------------------------------------------------------- of one pipeline


def webhooks_of(beside: Beside, name: str, told: Told) -> list[dict[str, Any]]:
    """`definition` is what PutWebhook takes; `registered` whether the template registers it with the third party."""
    found = []
    for resource in beside.webhooks.get(name, []):
        given = dict(resource.properties)
        registered = as_text(given.pop("RegisterWithThirdParty", False)) == "true"
        definition = {lower_first(key): value for key, value in given.items()
                      if key not in ("TargetPipelineVersion", "Filters")}
        filters = given.get("Filters")
        definition["filters"] = [{lower_first(key): as_text(value) for key, value in one.items()}
                                 for one in (filters if isinstance(filters, list) else []) if isinstance(one, dict)]
        definition["name"] = resource.name
        found.append({"definition": definition, "registered": registered})
        told.add(resource.told)
    return found


def rules_of(beside: Beside, name: str, place: tuple[str, str, str], told: Told) -> list[dict[str, Any]]:
    """Rules and schedules that start the pipeline, with the members that PutRule and CreateSchedule name; `RoleArn` and
    `Input` are the target's."""
    found = []
    for aim in (arn("codepipeline", name, *place), f"name:{name}"):
        for resource, target in beside.starters.get(aim, []):
            given = resource.properties
            one = {"Name": resource.name, "Type": beside.template.kind(resource.logical_id)}
            one |= {key: given[key] for key in _KEPT_OF_RULE if key in given}
            one |= {key: target[key] for key in ("RoleArn", "Input", "InputTransformer") if key in target}
            found.append(one)
            told.add(resource.told)
    return found


def policies_of(beside: Beside, arns: set[str], told: Told) -> dict[str, Any]:
    """For each of the roles that the template makes, by ARN: `trust` (its trust policy), `documents` (its policies by
    name) and `managed` (the ARNs of policies whose text the template does not hold)."""
    found: dict[str, Any] = {}
    for role_arn in sorted(arns & beside.roles.keys()):
        role = beside.roles[role_arn]
        given = _given_arns(role)
        listed = [beside.managed[one] for one in given if one in beside.managed]
        attached = [*beside.policies.get(role.name, []), *listed]
        documents = dict(_inline(role)) | {one.name: _mapping(one.properties.get("PolicyDocument")) for one in attached}
        if documents or given:
            documents |= beside.granted(role_arn)
        found[role_arn] = {"trust": _mapping(role.properties.get("AssumeRolePolicyDocument")), "documents": documents,
                           "managed": [one for one in given if one not in beside.managed]}
        for one in (role, *attached):
            told.add(one.told)
    return found


def _inline(role: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    given = role.properties.get("Policies")
    for place, one in enumerate(given if isinstance(given, list) else []):
        if isinstance(one, dict):
            yield str(one.get("PolicyName", f"policy-{place + 1}")), _mapping(one.get("PolicyDocument"))


def _given_arns(role: Resource) -> list[str]:
    given = role.properties.get("ManagedPolicyArns")
    return [str(one) for one in given] if isinstance(given, list) else []
