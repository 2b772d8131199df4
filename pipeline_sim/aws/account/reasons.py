"""Why a rule delivered nothing (no event matched, or a target could not be reached and EventBridge kept silent, 6.5), and
what a function raised that a pipeline had called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...ids import job_id
from ...pipeline.fault import near
from ...state import Job
from ...views.why import Answer, Cause
from ...views.words import clock
from ..patterns import explain
from .things import Delivery, Invocation, Rule

if TYPE_CHECKING:
    from . import Account

SILENT = "target-permissions-fail-silently"


def why_rule(account: Account, name: str) -> Answer:
    """One sentence on a rule of the account and, target by target, what stood in the way. ValueError for an unknown name."""
    rule, place = account.rules.get(name), f"rule {name}"
    notices = {str(one["Name"]): one for one in account.notices.values()}
    if rule is None and name in notices:
        return _of_notice(account, place, notices[name])
    if rule is None:
        raise ValueError(f"No rule is called {name!r}. {near(name, [*account.rules, *notices])}")
    if not rule.enabled:
        return Answer(place, f"The rule {name} is disabled, so it matches nothing.", (), "")
    if not rule.targets:
        return Answer(place, f"The rule {name} has no target: what it matches goes nowhere.", (), "")
    found = [one for one in account.deliveries if one.rule == name]
    return _of_deliveries(place, f"The rule {name}", found, _METRIC) if found else _of_pattern(account, place, rule)


_METRIC = "EventBridge tells nobody: only the metric FailedInvocations counts it."


def _of_notice(account: Account, place: str, notice: Mapping[str, Any]) -> Answer:
    """A notification rule: it has no pattern, and nobody hears of what its topics refuse."""
    name = notice["Name"]
    if notice["Status"] != "ENABLED":
        return Answer(place, f"The notification rule {name} is disabled, so it sends nothing.", (), "")
    found = [one for one in account.notified if one.rule == name]
    if not found:
        asked = ", ".join(notice["EventTypeIds"])
        return Answer(place, f"Nothing has happened that the notification rule {name} is to tell of: {asked}.", (), "")
    return _of_deliveries(place, f"The notification rule {name}", found, "Nobody is told.")


def _of_deliveries(place: str, who: str, found: list[Delivery], nobody: str) -> Answer:
    failed = [one for one in found if not one.delivered]
    if not failed:
        return Answer(place, f"{who} has delivered all of its {_count(len(found), 'event')}.", (), "")
    last = {one.target: one for one in failed}
    causes = [Cause(f"Target {one.target} ({one.arn}): {one.against} {one.remedy}".strip(), "") for one in last.values()]
    events = len({id(one.event) for one in found})  # an event to several targets is one event
    return Answer(place, f"{who} matched {_count(events, 'event')}, but {_count(len(failed), 'delivery')} of "
                         f"{len(found)} failed: {causes[0].sentence} {nobody}", tuple(causes), SILENT)


def _of_pattern(account: Account, place: str, rule: Rule) -> Answer:
    latest = account.bus.latest.values()
    if rule.pattern is None:
        return Answer(place, f"The rule {rule.name} has not been due yet: {rule.schedule}.", (), "")
    if not latest:
        return Answer(place, f"No event has been sent since the clock's start, so {rule.name} has matched none.", (), "")
    found = [(explain(rule.pattern, event), event) for event in latest]
    told, event = min(found, key=lambda one: sum(not field.matched for field in one[0].fields))
    causes = [Cause(f"Of the nearest event ({event['detail-type']}): {told.reason}", ""),
              *(Cause(f"{field.sentence[:1].upper()}{field.sentence[1:]}", "") for field in told.fields if field.matched)]
    return Answer(place, f"The rule {rule.name} has matched no event.", tuple(causes), "")


def with_functions(account: Account, answer: Answer) -> Answer:
    """An answer about a Lambda action whose function was called: what it raised comes before all else, as long as the
    action has not succeeded."""
    stage, _, action = answer.place.partition("/")
    jobs = {job_id(account.simulation.seed, job.number): job for job in account.simulation.state.jobs.values()
            if (job.stage, job.action) == (stage, action)}
    called = [(function.name, one, jobs[identifier]) for function in account.functions.values() if jobs
              for one in function.invocations if (identifier := _job_of(one)) in jobs]
    if not called or _status(account, called[-1][2]) == "Succeeded":
        return answer
    state, latest = account.simulation.state, called[-1][2].attempt
    raised = [Cause(f"The function {name} raised at {clock(state, one.time)}: {one.error}.", "lambda-must-answer")
              for name, one, job in called if one.error and job.attempt == latest]
    return replace(answer, causes=(*raised[-1:], *answer.causes))


def _job_of(one: Invocation) -> str:
    """The job with which a pipeline called a function; nothing where somebody else did."""
    job = one.event.get("CodePipeline.job") if isinstance(one.event, dict) else None
    return str(job.get("id", "")) if isinstance(job, dict) else ""


def _status(account: Account, job: Job) -> str:
    run = account.simulation.state.execution(job.pipeline, job.execution).stages[job.stage]
    return run.attempts[job.action][-1].status


def _count(number: int, what: str) -> str:
    plural = what if number == 1 else f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{number} {plural}"
