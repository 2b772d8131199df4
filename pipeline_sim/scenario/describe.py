"""What a scenario says, in words: a line for each thing that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .behaviour import Approver, Outcome, RetryPolicy
from .durations import duration_text
from .parse import approver_of, behaviour_of, listed, probability, retry_of
from .quantiles import Quantiles
from .streams import Stream

if TYPE_CHECKING:
    from .world import Scenario

MOST_CALLS = 8


def describe(scenario: Scenario) -> str:
    """The lines, in the order in which `docs/scenario.md` explains the keys."""
    return "\n".join(_lines(scenario))


def _lines(scenario: Scenario) -> Iterator[str]:
    said = scenario.data
    yield f"The clock starts on {scenario.start:%A %Y-%m-%d %H:%M %Z} in {scenario.account}, {scenario.region}."
    for opening, layer in [("", said), *(("But ", layer) for layer in listed(said.get("but")))]:
        yield from _selected(opening, layer, scenario.start)
    for name, count in scenario.capacity.items():
        yield f"{name}: {count} at once, the others wait."
    if said.get("retry"):
        yield _retry_text(retry_of(said["retry"]), listed(said["retry"].get("stages", "*")))
    yield from _coming(scenario)
    for name, value in scenario.settings.items():
        yield f"Setting {name}: {value}."


def _selected(opening: str, said: Mapping[str, Any], start: datetime) -> Iterator[str]:
    for selector, one in {**said.get("actions", {}), **said.get("rules", {})}.items():
        yield f"{opening}{selector}: {', '.join(_parts(one)) or 'as usual'}."
    for selector, one in said.get("approvals", {}).items():
        nobody = one == "nobody" or one.get("nobody")
        answer = "nobody in the scenario answers" if nobody else _approver_text(approver_of(one, start))
        yield f"{opening}{selector}: {answer}."


def _parts(said: Mapping[str, Any]) -> Iterator[str]:
    """What is said of an action, and nothing that is not."""
    if "duration" in said:
        yield f"takes {Quantiles.parse(said['duration']).describe()}"
    found = behaviour_of({"duration": 0, **said})
    if "failure" in said:
        yield f"fails in {percent(found.failure)} of attempts"
    if "defect" in said:
        yield f"{percent(found.defect)} of revisions are broken there"
    for number, outcome in found.attempts.items():
        yield f"attempt {number}: {_outcome_text(outcome)}"
    for execution, attempts in found.executions.items():
        for number, outcome in attempts.items():
            yield f"execution {execution}, attempt {number}: {_outcome_text(outcome)}"
    if found.worker != "scenario":
        yield "a job worker outside ends it" if found.worker == "outside" else "nobody ends it"
    if found.capacity:
        yield f"needs one of {found.capacity}"


def _outcome_text(outcome: Outcome) -> str:
    return outcome.status + (f" after {duration_text(outcome.duration)}" if outcome.duration is not None else "")


def _approver_text(approver: Approver) -> str:
    who = f" by {approver.by}" if approver.by else ""
    hours = f" of {approver.hours.describe()}" if approver.hours else ""
    return f"approved{who} in {percent(approver.probability)} of cases, after {approver.response.describe()}{hours}"


def _retry_text(policy: RetryPolicy, stages: list[str]) -> str:
    where = "a failed stage" if stages == ["*"] else f"{' or '.join(stages)} when it failed"
    times = "once" if policy.times == 1 else f"up to {policy.times} times"
    return f"Somebody retries {where} after {duration_text(policy.after)}, {times} ({policy.mode})."


def _coming(scenario: Scenario) -> Iterator[str]:
    pushes = scenario.listed_pushes
    if pushes:
        last = f", the last at {duration_text(pushes[-1].time)}" if len(pushes) > 1 else ""
        yield f"{len(pushes)} push{'es' * (len(pushes) > 1)} at set times: at {duration_text(pushes[0].time)}{last}."
    for one in scenario.streams:
        yield _stream_text(one)
    for rule in scenario.schedules:
        ends = f" until {duration_text(rule.ends)}" if rule.ends is not None else ""
        most = f", {rule.most} times" if rule.most is not None else ""
        yield f"The rule {rule.name} starts {rule.pipeline or 'the pipeline'} by {rule.when}{ends}{most}."
    for sent in scenario.deliveries[:MOST_CALLS]:
        yield f"At {duration_text(sent.time)} something is sent to the webhook {sent.webhook}."
    for call in scenario.calls[:MOST_CALLS]:
        stage = f" of {call.request['stageName']}" if "stageName" in call.request else ""
        yield f"At {duration_text(call.at)} somebody calls {call.operation}{stage}."
    if len(scenario.calls) > MOST_CALLS:
        yield f"… and {len(scenario.calls) - MOST_CALLS} calls more."
    for change in scenario.alarms:
        yield f"At {duration_text(change.at)} the alarm {change.name} goes to {change.status}."


def _stream_text(one: Stream) -> str:
    source = f" to {one.like.source}" if one.like.source else ""
    rhythm = "" if one.regular else " on average"
    hours = f" of {one.hours.describe()}" if one.hours else ""
    begins = f" from {duration_text(one.begins)}" if one.begins else ""
    ends = f" until {duration_text(one.ends)}" if one.ends is not None else ""
    most = f", {one.most} in all" if one.most is not None else ""
    return f"A push{source} every {duration_text(one.every)}{rhythm}{hours}{begins}{ends}{most}."


def percent(share: float | str) -> str:
    """`2 %` for 0.02."""
    return f"{round(probability(share) * 100, 4):g} %"
