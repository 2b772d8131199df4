"""Conditions of stages and their rules: which results go where, and what each rule takes (1.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .. import regular
from ..catalogue import RULE_TYPES, RuleInfo
from ..fault import Fault, near
from .settings import against_value
from .walk import GATES, STAGE, Draft, PlacedRule

RESULTS = {"beforeEntry": ("FAIL", "SKIP"), "onSuccess": ("FAIL", "ROLLBACK"), "onFailure": ("ROLLBACK",)}
OUTRIGHT = ("ROLLBACK", "RETRY")
ALARM_STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")


def look_at_conditions(draft: Draft) -> Iterator[Fault]:
    for number, stage in enumerate(draft.stages):
        for gate in GATES:
            if stage.get(gate):
                yield from _gate(draft, number, stage.get("name", ""), gate, stage[gate])
    for rule in draft.rules:
        yield from _rule(rule)


def _gate(draft: Draft, number: int, stage: str, gate: str, body: Mapping[str, Any]) -> Iterator[Fault]:
    """The results that each kind of condition may have [UG:stage-conditions, UG:stage-retry]."""
    path = f"stages[{number}].{gate}"
    if gate == "onFailure":
        yield from _on_failure(draft, path, stage, body)
    if gate == "beforeEntry" and number == 0:  # section 15
        yield Fault(path, stage, STAGE, "An entry condition on the source stage is neither documented nor forbidden.",
                    "Better put it on a later stage.", warning=True)
    if number == 0 and _rolls_back(body):  # section 15
        yield Fault(path, stage, STAGE, "The source stage is not rolled back: the guide says that it cannot be.",
                    "Take the ROLLBACK out; retry the stage, or start the pipeline again.", warning=True)
    for place, condition in enumerate(body.get("conditions") or ()):
        below, result = f"{path}.conditions[{place}]", condition.get("result")
        if result is not None and result not in RESULTS[gate]:
            yield Fault(f"{below}.result", stage, STAGE, f"A condition of {gate} cannot have the result {result}.",
                        f"{' or '.join(RESULTS[gate])}.")
        yield from _twice(below, stage, condition.get("rules") or [])


def _twice(path: str, stage: str, rules: list[Mapping[str, Any]]) -> Iterator[Fault]:
    names = [rule.get("name", "") for rule in rules]
    for number, name in enumerate(names):
        if name and name in names[:number]:
            yield Fault(f"{path}.rules[{number}].name", f"{stage}/{name}", STAGE, f"The rule name '{name}' is used twice.",
                        "Rename one.")


def _rolls_back(body: Mapping[str, Any]) -> bool:
    return "ROLLBACK" in (body.get("result"), *(one.get("result") for one in body.get("conditions") or ()))


def _on_failure(draft: Draft, path: str, stage: str, body: Mapping[str, Any]) -> Iterator[Fault]:
    """A result or conditions, no rollback in PARALLEL mode [PROBE-A]; automatic retry stands alone [UG:stage-retry]."""
    result, conditions = body.get("result"), body.get("conditions")
    if result and conditions:
        yield Fault(path, stage, STAGE, "onFailure has both a result and conditions.", "Keep one of the two.")
    if result and result not in OUTRIGHT:
        yield Fault(f"{path}.result", stage, STAGE, f"onFailure cannot have the result {result}.", "ROLLBACK or RETRY.")
    if _rolls_back(body) and draft.structure.get("executionMode") == "PARALLEL":
        yield Fault(path, stage, STAGE, "A pipeline in PARALLEL mode cannot roll back on failure.",
                    "Use SUPERSEDED or QUEUED, or another result.")
    if body.get("retryConfiguration") and result != "RETRY":
        yield Fault(f"{path}.retryConfiguration", stage, STAGE, "A retry configuration needs the result RETRY.",
                    'Set "result": "RETRY".')


# ---------------------------------------------------------------------------------------------- rules


def _rule(rule: PlacedRule) -> Iterator[Fault]:
    """The six rule providers; SKIP takes only LambdaInvoke and VariableCheck [UG:stage-conditions]."""
    if not rule.provider:
        return
    info = RULE_TYPES.get(rule.provider)
    if info is None:
        yield rule.fault(STAGE, f"There is no rule provider '{rule.provider}'.",
                         near(rule.provider, RULE_TYPES) or f"Providers: {', '.join(RULE_TYPES)}.", "ruleTypeId.provider")
        return
    if rule.result == "SKIP" and not info.may_skip:
        yield rule.fault(STAGE, f"The result SKIP does not take a rule of {rule.provider}.",
                         "Use LambdaInvoke or VariableCheck, or the result FAIL.", "ruleTypeId.provider")
    yield from _keys(rule, info)
    yield from _values(rule, info)


def _keys(rule: PlacedRule, info: RuleInfo) -> Iterator[Fault]:
    """Required configuration [UG:rule-reference-*]. Unknown keys are taken: an integration test of the CDK has some."""
    unknown = [key for key in rule.settings if key not in info.key_names]
    for key in info.required:
        if key not in rule.settings:
            yield rule.fault(STAGE, f"The rule '{rule.name}' lacks the required configuration '{key}'.",
                             near(key, unknown) or f"Add {key}.", "configuration")
    for key in unknown:
        yield rule.fault(STAGE, f"{rule.provider} knows no configuration '{key}'.", near(key, info.key_names) or
                         f"Keys: {', '.join(info.key_names) or 'none'}.", f"configuration.{key}", warning=True)
    if info.takes_commands and not rule.body.get("commands"):
        yield rule.fault(STAGE, "A Commands rule needs commands.", "Add commands.", "commands")
    if rule.body.get("commands") and not info.takes_commands:
        yield rule.fault(STAGE, f"A rule of {rule.provider} takes no commands.", "Use a Commands rule.", "commands")
    if len(rule.names("inputArtifacts")) > info.inputs[1]:
        yield rule.fault(STAGE, f"A rule of {rule.provider} takes at most {info.inputs[1]} input artifacts.",
                         "Take some out.", "inputArtifacts")


def _values(rule: PlacedRule, info: RuleInfo) -> Iterator[Fault]:
    """Values with which the rule would fail when it runs; whether AWS looks at them before is not known."""
    for key in info.keys:
        against = against_value(key, rule.settings.get(key.name, ""))
        if against:
            yield rule.fault(STAGE, *against, f"configuration.{key.name}", warning=True)
    for name, look in _LOOKS.items():
        value = rule.settings.get(name, "")
        message = look(rule.settings) if value and "#{" not in value and name in info.key_names else ""
        if message:
            yield rule.fault(STAGE, message, "See the rule reference of the User Guide.", f"configuration.{name}",
                             warning=True)


def _cron(given: Mapping[str, str]) -> str:
    from ...cron import Cron  # calendars and time zones, for the few pipelines that have a window

    try:
        Cron.parse(given["Cron"], given.get("TimeZone") or "UTC")
    except ValueError as error:
        return str(error)
    return ""


def _states(given: Mapping[str, str]) -> str:
    wrong = [state for state in given["AlarmStates"].split(",") if state.strip() not in ALARM_STATES]
    return f"'{wrong[0]}' is no state of an alarm: {', '.join(ALARM_STATES)}." if wrong else ""


def _minutes(given: Mapping[str, str]) -> str:
    return "" if given["WaitTime"].isdecimal() else f"WaitTime is in whole minutes, not '{given['WaitTime']}'."


def _regex(given: Mapping[str, str]) -> str:
    if given.get("Operator") != "MATCHES":
        return ""
    return regular.against(given["Value"])


def against_running(provider: str, settings: Mapping[str, str]) -> str:
    """Why a rule with this configuration can have no answer when it runs: a key is missing, or a value says nothing."""
    info = RULE_TYPES.get(provider)
    if info is None:
        return ""
    missing = [key for key in info.required if not settings.get(key)]
    if missing:
        return f"The configuration lacks {', '.join(missing)}."
    return next(filter(None, (look(settings) for name, look in _LOOKS.items()
                              if settings.get(name) and name in info.key_names)), "")


_LOOKS = {"Cron": _cron, "AlarmStates": _states, "WaitTime": _minutes, "Value": _regex}
