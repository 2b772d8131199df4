"""What a configuration sets beside a pipeline: webhooks, the rules and schedules that start it, its roles' policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..standins import ACCOUNT, REGION, arn, plain
from .convert import blocks, camel
from .policies import document
from .references import made_of

KINDS = frozenset({
    "aws_codepipeline_webhook", "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target", "aws_scheduler_schedule",
    "aws_iam_role", "aws_iam_role_policy", "aws_iam_policy", "aws_iam_role_policy_attachment"})


@dataclass(frozen=True)
class Resource:
    """A resource whose values are known as far as they can be. `label` is its name in the configuration."""

    kind: str
    label: str
    said: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.said.get("name") or self.label)

    @property
    def arn(self) -> str:
        given = self.said.get("arn")
        return str(given) if given else str(made_of(self.kind, self.name, "arn", self.said.get("path")))


@dataclass(frozen=True)
class Beside:
    """All resources of a configuration that may belong to its pipelines."""

    resources: tuple[Resource, ...]

    def of(self, kind: str) -> Iterator[Resource]:
        return (resource for resource in self.resources if resource.kind == kind)

    @cached_property
    def event_rules(self) -> dict[str, Resource]:
        return {rule.name: rule for rule in self.of("aws_cloudwatch_event_rule")}

    def webhooks(self, name: str) -> tuple[dict[str, Any], ...]:
        """`definition` is what PutWebhook takes. The provider of Terraform registers none with GitHub by itself."""
        return tuple({"definition": _webhook(hook), "registered": False} for hook in self.of("aws_codepipeline_webhook")
                     if hook.said.get("target_pipeline") == name)

    def rules(self, name: str) -> tuple[dict[str, Any], ...]:
        """Rules and schedules that start the pipeline, with the members of PutRule and CreateSchedule."""
        aim = arn("codepipeline", name, REGION, ACCOUNT)
        return (*self._event_rules(name, aim), *self._schedules(name, aim))

    def _event_rules(self, name: str, aim: str) -> Iterator[dict[str, Any]]:
        for target in self.of("aws_cloudwatch_event_target"):
            rule = self.event_rules.get(str(target.said.get("rule")))
            if rule is not None and _same_pipeline(target.said.get("arn"), aim):
                yield plain(_event_rule(rule) | _given(target.said, {"role_arn": "RoleArn", "input": "Input"}))

    def _schedules(self, name: str, aim: str) -> Iterator[dict[str, Any]]:
        for schedule in self.of("aws_scheduler_schedule"):
            for target in blocks(schedule.said.get("target")):
                if _same_pipeline(target.get("arn"), aim):
                    yield plain({"Name": schedule.name, "Type": "AWS::Scheduler::Schedule", **_given(schedule.said, {
                        "schedule_expression": "ScheduleExpression", "state": "State",
                        "schedule_expression_timezone": "ScheduleExpressionTimezone"}),
                        **_given(target, {"role_arn": "RoleArn", "input": "Input"})})

    def policies(self, arns: set[str]) -> dict[str, Any]:
        """For each of the roles, by ARN: `trust`, `documents` by name, and `managed` (ARNs of other policies)."""
        return {role.arn: plain(self._policies_of(role)) for role in self.of("aws_iam_role") if role.arn in arns}

    def _policies_of(self, role: Resource) -> dict[str, Any]:
        documents = {str(one.get("name", "inline")): document(one.get("policy"))
                     for one in blocks(role.said.get("inline_policy"))}
        documents |= {policy.name: document(policy.said.get("policy")) for policy in self.of("aws_iam_role_policy")
                      if policy.said.get("role") in (role.name, role.arn)}
        attached = [str(one.said.get("policy_arn")) for one in self.of("aws_iam_role_policy_attachment")
                    if one.said.get("role") in (role.name, role.arn)]
        attached += [str(one) for one in role.said.get("managed_policy_arns") or () if isinstance(one, str)]
        own = {policy.arn: policy for policy in self.of("aws_iam_policy")}
        documents |= {own[one].name: document(own[one].said.get("policy")) for one in attached if one in own}
        return {"trust": document(role.said.get("assume_role_policy")), "documents": documents,
                "managed": [one for one in attached if one not in own]}


def _same_pipeline(target: Any, aim: str) -> bool:
    """Whether a target is the pipeline, in whatever account and Region."""
    parts, own = str(target).split(":"), aim.split(":")
    return parts[2:3] == own[2:3] and parts[5:] == own[5:]


def _given(said: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {member: said[name] for name, member in names.items() if said.get(name) not in (None, "")}


def _event_rule(rule: Resource) -> dict[str, Any]:
    found: dict[str, Any] = {"Name": rule.name, "Type": "AWS::Events::Rule"}
    if pattern := document(rule.said.get("event_pattern")):
        found["EventPattern"] = pattern
    found |= _given(rule.said, {"schedule_expression": "ScheduleExpression", "state": "State",
                                "description": "Description"})
    if rule.said.get("is_enabled") is False:
        found["State"] = "DISABLED"
    return found


def _webhook(hook: Resource) -> dict[str, Any]:
    said = hook.said
    found: dict[str, Any] = {"name": hook.name, **{camel(name): said[name] for name in (
        "target_pipeline", "target_action", "authentication") if name in said}}
    found["filters"] = [{"jsonPath": one.get("json_path"), "matchEquals": one.get("match_equals")}
                        for one in blocks(said.get("filter"))]
    for one in blocks(said.get("authentication_configuration")):
        found["authenticationConfiguration"] = _given(one, {"secret_token": "SecretToken",
                                                            "allowed_ip_range": "AllowedIPRange"})
    return dict(plain(found))
