"""EventBridge's operations on rules of the default bus, as CodePipeline's world needs them (6.4, 6.5)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ...refused import Refused
from ..patterns import QUOTA, InvalidEventPattern, matches, parse
from .targets import against_target
from .things import Rule

if TYPE_CHECKING:
    from . import Account, Operation

BUS = "default"
MOST_TARGETS = 5
"""Targets of a rule, by default [MODEL, knowledge]."""
_NAME = re.compile(r"[.\-_A-Za-z0-9]{1,64}\Z")


def _rule(account: Account, request: Mapping[str, Any], member: str = "Name") -> Rule:
    _bus(request)
    found = account.rules.get(request[member])
    if found is None:
        raise Refused("ResourceNotFoundException", f"Rule {request[member]} does not exist on EventBus {BUS}.")
    return found


def _bus(request: Mapping[str, Any]) -> None:
    if str(request.get("EventBusName", BUS)).rpartition("/")[2] != BUS:
        raise Refused("ResourceNotFoundException", f"Event bus {request['EventBusName']} does not exist.")


def put_rule(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    """A rule is made or written anew; its targets stay."""
    _bus(request)
    name, text, schedule = request["Name"], request.get("EventPattern", ""), request.get("ScheduleExpression", "")
    if not _NAME.match(name):
        raise Refused("ValidationException", f"Value '{name}' at 'name' failed to satisfy constraint: Member must satisfy "
                                             "regular expression pattern: [\\.\\-_A-Za-z0-9]+")
    if not text and not schedule:
        raise Refused("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
    if len(text) > QUOTA:
        raise Refused("LimitExceededException", f"An event pattern has {QUOTA} characters at most, until AWS raises that.")
    pattern = _pattern(text) if text else None
    rule = account.rules.get(name) or Rule(name, account.arn("events", f"rule/{name}"), made=account.simulation.now)
    old = rule.schedule
    rule.pattern, rule.text, rule.schedule = pattern, text, schedule
    rule.enabled = request.get("State", "ENABLED") != "DISABLED"
    if schedule and schedule != old:
        account.bus.expect(rule)
    rule.description, rule.role = request.get("Description", ""), request.get("RoleArn", "")
    rule.tags |= {tag["Key"]: tag["Value"] for tag in request.get("Tags", ())}
    account.rules[name] = rule
    return {"RuleArn": rule.arn}


def _pattern(text: str) -> Any:
    try:
        return parse(text)
    except InvalidEventPattern as problem:
        raise Refused(problem.code, str(problem)) from None


def _shown(rule: Rule, account: Account) -> dict[str, Any]:
    members = {"Name": rule.name, "Arn": rule.arn, "EventPattern": rule.text, "ScheduleExpression": rule.schedule,
               "State": "ENABLED" if rule.enabled else "DISABLED", "Description": rule.description,
               "RoleArn": rule.role, "EventBusName": BUS}
    return {key: value for key, value in members.items() if value}


def describe_rule(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    return {**_shown(_rule(account, request), account), "CreatedBy": account.simulation.state.account}


def list_rules(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    _bus(request)
    prefix = request.get("NamePrefix", "")
    found = [rule for name, rule in sorted(account.rules.items()) if name.startswith(prefix)]
    return _page(request, "Rules", [_shown(rule, account) for rule in found])


def _page(request: Mapping[str, Any], member: str, rows: list[Any]) -> dict[str, Any]:
    """One page; the token of the next is the number of rows before it."""
    text, size = request.get("NextToken") or "0", int(request.get("Limit") or 100)
    if not text.isdecimal():
        raise Refused("ValidationException", "NextToken is not one that a page before gave.")
    start = int(text)
    more = {"NextToken": str(start + size)} if start + size < len(rows) else {}
    return {member: rows[start:start + size], **more}


def delete_rule(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    """A rule must lose its targets first; one that is not there is gone already."""
    _bus(request)
    rule = account.rules.get(request["Name"])
    if rule is not None and rule.targets:
        raise Refused("ValidationException", "Rule can't be deleted since it has targets.")
    account.rules.pop(request["Name"], None)
    return {}


def enable_rule(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    _rule(account, request).enabled = True
    return {}


def disable_rule(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    _rule(account, request).enabled = False
    return {}


def put_targets(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    """Targets are added or written anew. Whether a target can be reached at all is not looked at: that shows when
    something is delivered, and EventBridge then says nothing (6.5)."""
    rule = _rule(account, request, "Rule")
    for target in request["Targets"]:
        against = against_target(target)
        if against is not None:
            raise Refused("ValidationException", against)
    wanted = {**rule.targets, **{target["Id"]: dict(target) for target in request["Targets"]}}
    if len(wanted) > MOST_TARGETS:
        raise Refused("LimitExceededException", f"The requested resource exceeds the maximum number allowed: a rule has "
                                                f"{MOST_TARGETS} targets.")
    rule.targets = wanted
    return {"FailedEntryCount": 0, "FailedEntries": []}


def remove_targets(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    rule = _rule(account, request, "Rule")
    missing = [one for one in request["Ids"] if rule.targets.pop(one, None) is None]
    failed = [{"TargetId": one, "ErrorCode": "ResourceNotFoundException",
               "ErrorMessage": f"Rule {rule.name} has no target {one}."} for one in missing]
    return {"FailedEntryCount": len(failed), "FailedEntries": failed}


def list_targets(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    return _page(request, "Targets", list(_rule(account, request, "Rule").targets.values()))


def list_names(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    _bus(request)
    names = [name for name, rule in sorted(account.rules.items())
             if any(target["Arn"] == request["TargetArn"] for target in rule.targets.values())]
    return _page(request, "RuleNames", names)


def match_pattern(account: Account, request: Mapping[str, Any], by: str) -> dict[str, Any]:
    try:
        event = json.loads(request["Event"])
    except ValueError as problem:
        raise Refused("ValidationException", f"Parameter Event is not valid JSON: {problem}") from None
    missing = [name for name in ("id", "account", "source", "time", "region", "resources", "detail-type")
               if not isinstance(event, dict) or name not in event]
    if missing:
        raise Refused("ValidationException", f"Parameter Event lacks the mandatory fields {', '.join(missing)}.")
    return {"Result": matches(_pattern(request["EventPattern"]), event)}


def put_events(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    """Events of one's own, such as those that a test sends. No account may send as AWS does (`aws.…`)."""
    entries = [_entry(account, entry) for entry in request["Entries"]]
    return {"FailedEntryCount": sum("ErrorCode" in one for one in entries), "Entries": entries}


def _entry(account: Account, entry: Mapping[str, Any]) -> dict[str, Any]:
    if str(entry.get("Source", "")).startswith("aws."):
        return {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}
    try:
        detail = json.loads(entry.get("Detail") or "")
    except ValueError:
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    return {"EventId": account.bus.sent(entry.get("Source", ""), entry.get("DetailType", ""), detail,
                                        list(entry.get("Resources", ())))}


def tag_resource(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    _by_arn(account, request["ResourceARN"]).tags.update({tag["Key"]: tag["Value"] for tag in request["Tags"]})
    return {}


def list_tags(account: Account, request: Mapping[str, Any], _: str) -> dict[str, Any]:
    tags = _by_arn(account, request["ResourceARN"]).tags
    return {"Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())]}


def _by_arn(account: Account, arn: str) -> Rule:
    found: Iterable[Rule] = (rule for rule in account.rules.values() if rule.arn == arn)
    rule = next(iter(found), None)
    if rule is None:
        raise Refused("ResourceNotFoundException", f"{arn} does not exist.")
    return rule


OPERATIONS: Mapping[str, Operation] = {
    "PutRule": put_rule, "DescribeRule": describe_rule, "ListRules": list_rules, "DeleteRule": delete_rule,
    "EnableRule": enable_rule, "DisableRule": disable_rule, "PutTargets": put_targets, "RemoveTargets": remove_targets,
    "ListTargetsByRule": list_targets, "ListRuleNamesByTarget": list_names, "TestEventPattern": match_pattern,
    "PutEvents": put_events, "TagResource": tag_resource, "ListTagsForResource": list_tags,
}
