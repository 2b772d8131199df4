"""What a template sets beside its pipelines, as a scenario says it: closed transitions, webhooks, rules, roles.

`with_beside` is what a simulation begins with: what a person wrote goes first, what the template says is added to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from ..pipeline.fault import Fault
from ..pipeline.found import Found
from ..pipeline.model import Action, Pipeline
from .judged import Home, judged, notes_of
from .parse import listed
from .world import ACCOUNT, REGION, Scenario

BY = "arn:aws:iam::{account}:role/cloudformation"
"""Who makes the calls by which a template sets its things: our decision."""
_EVENT_SOURCES = {"CodeCommit": "aws.codecommit", "S3": "aws.s3"}
_NAMES = {"CodeCommit": "RepositoryName", "S3": "S3Bucket"}
_AT = re.compile(r"at\(\s*([0-9T:.\-]+)\s*\)")
REGION_FORM, ACCOUNT_FORM = r"[a-z]{2,}(-[a-z]+)+-\d", r"\d{12}"
_TABLES, _LISTS = ("events", "roles"), ("transitions", "calls", "schedules")


def with_beside(scenario: Scenario, pipelines: Iterable[Pipeline]) -> Scenario:
    """The scenario with what the templates of these pipelines say; the same one where they say nothing, or where that
    is in it already."""
    pipelines = list(pipelines)
    merged = {**_home(pipelines), **scenario.data}
    here = scenario if merged == scenario.data else Scenario(merged)
    said = beside(pipelines, here.account, here.region)
    for key in _TABLES:
        if said.get(key):
            merged[key] = {**said[key], **scenario.data.get(key, {})}
    for key in _LISTS:
        there = listed(scenario.data.get(key))
        if more := [one for one in said.get(key, ()) if one not in there]:
            merged[key] = [*there, *more]
    return scenario if merged == scenario.data else Scenario(merged)


def _home(pipelines: Iterable[Pipeline]) -> dict[str, str]:
    """The Region and account where the templates are meant to be, as the first one that says it."""
    found: dict[str, str] = {}
    for one in (pipeline.beside for pipeline in pipelines if pipeline.beside is not None):
        for key, value, form in (("region", one.region, REGION_FORM), ("account", one.account, ACCOUNT_FORM)):
            if re.fullmatch(form, value):
                found.setdefault(key, value)
    return found


def beside(pipelines: Iterable[Pipeline], account: str = ACCOUNT, region: str = REGION) -> dict[str, Any]:
    """The part of a scenario that the templates write."""
    found: dict[str, Any] = {}
    for pipeline in pipelines:
        if pipeline.beside is None:
            continue
        for key, value in _of(pipeline, pipeline.beside, BY.format(account=account), region).items():
            if isinstance(value, dict):
                found.setdefault(key, {}).update(value)
            else:
                found.setdefault(key, []).extend(value)
    return {key: value for key, value in found.items() if value}


def notes_on(pipeline: Pipeline, region: str = REGION) -> list[Fault]:
    """What of a template does not come along as it is, and why."""
    if pipeline.beside is None:
        return []
    home = _stands(pipeline.beside, region)
    roles = (note for arn, policies in pipeline.beside.policies.items() for note in notes_of(arn, policies, home))
    return [*roles, *_unread_schedules(pipeline.beside)]


def _stands(set_beside: Found, region: str) -> Home:
    return Home(set_beside.region or region, bool(set_beside.region), set_beside.account)


def _of(pipeline: Pipeline, set_beside: Found, by: str, region: str) -> dict[str, Any]:
    transitions = [{"stage": one["stageName"], "reason": one.get("reason") or "Disabled by the template",
                    "by": by, "pipelineName": pipeline.name}
                   for one in set_beside.disabled_transitions if one["stageName"] in pipeline.by_name]
    return {"transitions": transitions, "calls": list(_webhooks(set_beside, by)),
            "events": dict(_events(pipeline, set_beside)), "roles": dict(_roles(set_beside, region)),
            "schedules": list(_schedules(pipeline, set_beside))}


# ---------------------------------------------------------------------------------------------- webhooks


def _webhooks(set_beside: Found, by: str) -> Iterator[dict[str, Any]]:
    for hook in set_beside.webhooks:
        definition = hook["definition"]
        yield {"at": 0, "operation": "PutWebhook", "by": by, "request": {"webhook": definition}}
        if hook["registered"]:
            yield {"at": 0, "operation": "RegisterWebhookWithThirdParty", "by": by,
                   "request": {"webhookName": definition["name"]}}


# ---------------------------------------------------------------------------------------------- rules


def _events(pipeline: Pipeline, set_beside: Found) -> Iterator[tuple[str, bool]]:
    """The sources whose changes a rule of the template hears of: one that is polled as well starts twice (4.2)."""
    patterns = [rule["EventPattern"] for rule in set_beside.rules
                if isinstance(rule.get("EventPattern"), Mapping) and rule.get("State", "ENABLED") != "DISABLED"]
    for action in pipeline.sources:
        if any(_hears(pattern, action) for pattern in patterns):
            yield f"{pipeline.stages[0].name}/{action.name}", True


def _hears(pattern: Mapping[str, Any], action: Action) -> bool:
    """Whether a pattern is of this source: its service, its repository or bucket, its branch."""
    wanted = _EVENT_SOURCES.get(action.provider)
    if wanted is None or wanted not in _listed(pattern.get("source")):
        return False
    name, branch = action.configuration.get(_NAMES[action.provider], ""), action.configuration.get("BranchName")
    resources = [str(one) for one in _listed(pattern.get("resources"))]
    detail = pattern["detail"] if isinstance(pattern.get("detail"), Mapping) else {}
    references = _listed(detail.get("referenceName"))
    return ((not resources or any(one.rsplit(":", 1)[-1] == name or not one.startswith("arn:") for one in resources))
            and (not references or branch is None or any(not isinstance(one, str) or one == branch for one in references)))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def _schedules(pipeline: Pipeline, set_beside: Found) -> Iterator[dict[str, Any]]:
    for rule in set_beside.rules:
        if _is_schedule(rule) and _fault_of(rule) is None:
            yield {"name": str(rule["Name"]), "pipelineName": pipeline.name, **_when(rule)}


def _is_schedule(rule: Mapping[str, Any]) -> bool:
    return isinstance(rule.get("ScheduleExpression"), str) and rule.get("State", "ENABLED") != "DISABLED"


def _zone(rule: Mapping[str, Any]) -> str:
    return str(rule.get("ScheduleExpressionTimezone") or "UTC")


def _when(rule: Mapping[str, Any]) -> dict[str, Any]:
    """What a scenario says of it: `at(…)`, which EventBridge Scheduler knows, is a cron expression that comes once."""
    said: dict[str, Any] = {"when": rule["ScheduleExpression"]}
    if once := _AT.fullmatch(rule["ScheduleExpression"].strip()):
        at = datetime.fromisoformat(once[1])
        said = {"when": f"cron({at.minute} {at.hour} {at.day} {at.month} ? {at.year})", "count": 1}
    return {**said, **({"zone": _zone(rule)} if _zone(rule) != "UTC" else {}),
            **({"role": rule["RoleArn"]} if isinstance(rule.get("RoleArn"), str) else {})}


def _fault_of(rule: Mapping[str, Any]) -> str | None:
    from .parse import START
    from .schedules import schedule_of

    try:
        schedule_of(_when(rule), START)
    except ValueError as error:
        return str(error)
    return None


def _unread_schedules(set_beside: Found) -> Iterator[Fault]:
    for rule in set_beside.rules:
        if _is_schedule(rule) and (why := _fault_of(rule)):
            yield Fault(f"rules[{rule['Name']}]", "", "", f"The schedule does not come along: {why}", "",
                        warning=True)


# ---------------------------------------------------------------------------------------------- roles


def _roles(set_beside: Found, region: str) -> Iterator[tuple[str, list[Any]]]:
    for arn, policies in set_beside.policies.items():
        try:
            documents, _ = judged(policies, _stands(set_beside, region))
        except (ValueError, TypeError, KeyError):
            continue  # `notes_on` says why
        if documents:
            yield arn, documents
