"""The forms of a stage's conditions: what becomes of the stage where a rule does not pass, and the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...pipeline.catalogue import RULES, rule_type
from ...pipeline.check.members import plain
from ...pipeline.parts import free_name
from .field import PRESS, Field, choice, configuration, given_of, member, text_of, value_of

Part = dict[str, Any]
Stage = Mapping[str, Any]

CONDITION = "CONDITION"
TITLES = {"beforeEntry": "Before entry", "onSuccess": "On success", "onFailure": "When it fails"}
RETRY: Mapping[str, Part | None] = {
    "": None, "ROLLBACK": {"result": "ROLLBACK"},
    "FAILED_ACTIONS": {"result": "RETRY", "retryConfiguration": {"retryMode": "FAILED_ACTIONS"}},
    "ALL_ACTIONS": {"result": "RETRY", "retryConfiguration": {"retryMode": "ALL_ACTIONS"}}}
"""What follows a failure without a condition, by the word for it in the form."""
CHOICES = {
    "beforeEntry": [("", "no condition"), ("FAIL", "fail"), ("SKIP", "skip the stage")],
    "onSuccess": [("", "no condition"), ("FAIL", "fail"), ("ROLLBACK", "roll back")],
    "onFailure": [("", "stay failed"), ("ROLLBACK", "roll back"), ("FAILED_ACTIONS", "retry the failed actions"),
                  ("ALL_ACTIONS", "retry all actions"), (CONDITION, "condition, else roll back")]}
LABELS = {"beforeEntry": "If a rule does not pass", "onSuccess": "If a rule does not pass", "onFailure": "What follows"}
FIRST = "VariableCheck"  # of a new rule: every condition takes it, whatever its result
MOST = 5  # rules [API:RuleDeclarationList]


def fields_of(stage: Stage, made: Iterable[str]) -> Iterator[Field]:
    """The three gates, each with its rules. `made` are the artifacts that a rule may read."""
    for gate, title in TITLES.items():
        conditions = _conditions(stage.get(gate))
        now = _now(gate, stage.get(gate))
        below = f"{gate}.conditions[0]." if conditions else gate
        yield choice(gate, LABELS[gate], now, CHOICES[gate])._replace(
            group=title, member=f"{below}result" if conditions else gate,
            hint=f"The definition has {len(conditions)} conditions, and AWS takes one." if len(conditions) > 1 else "")
        rules = _rules(stage.get(gate))
        if conditions and len(rules) < MOST:
            yield Field(f"grow:{gate}", "Add a rule", kind=PRESS, group=title)
        for number, rule in enumerate(rules):
            for field in _of_rule(rule, made):
                yield field._replace(key=f"{gate}.{number}.{field.key}", group=f"{title}: rule {number + 1}",
                                     member=f"{below}rules[{number}].{field.member}")
            yield Field(f"drop:{gate}.{number}", "Remove this rule", kind=PRESS, group=f"{title}: rule {number + 1}")


def _now(gate: str, body: Any) -> str:
    conditions = _conditions(body)
    if gate == "onFailure":
        return CONDITION if conditions else next((word for word, value in RETRY.items() if value == body),
                                                 text_of((body or {}).get("result")))
    return text_of(conditions[0].get("result")) if conditions else ""


def _conditions(body: Any) -> Sequence[Stage]:
    return [one for one in (body or {}).get("conditions") or () if one is not None]


def _rules(body: Any) -> list[Part]:
    conditions = _conditions(body)
    return list(conditions[0].get("rules") or ()) if conditions else []


def _of_rule(rule: Part, made: Iterable[str]) -> Iterator[Field]:
    provider = text_of((rule.get("ruleTypeId") or {}).get("provider"))
    info = rule_type(provider)
    yield Field("name", "Rule", text_of(rule.get("name")), required=True, member="name")
    yield choice("provider", "Provider", provider, [(one.provider, one.provider) for one in RULES])._replace(
        member="ruleTypeId.provider", required=True)
    yield from configuration(rule, info.keys if info else ())
    if (info and info.takes_commands) or rule.get("commands"):
        yield member(rule, "commands", "Commands", required=True)
    if (info and info.inputs[1]) or rule.get("inputArtifacts"):
        yield member(rule, "inputArtifacts", "Reads artifacts", hint=f"Made by now: {', '.join(made) or 'nothing'}.")
    yield member(rule, "roleArn", "Role")
    yield member(rule, "region", "Region")
    yield member(rule, "timeoutInMinutes", "Time-out in minutes")


# ---------------------------------------------------------------------------------------------- changing


def with_result(stage: Stage, gate: str, word: str) -> Part | None:
    """The gate as it becomes by a word of its choice: a condition keeps its rules, and a new one begins with one."""
    if gate == "onFailure" and word != CONDITION:
        return plain(RETRY[word]) if word in RETRY else stage.get(gate)
    if not word:
        return None
    result = "ROLLBACK" if word == CONDITION else word
    return _with(stage.get(gate), _rules(stage.get(gate)) or [_fresh([])], result)


def with_rule(stage: Stage, gate: str, number: int, key: str, written: str) -> Part | None:
    """The gate with one member of a rule changed. Raises ValueError."""
    rules = _found(stage, gate, number)
    rule: Part = plain(rules[number])
    if key == "provider":
        rule = _with_type(rule, written)
    elif key.startswith("configuration."):
        kept = {**given_of(rule), key.partition(".")[2]: written.strip()}
        rule["configuration"] = {name: value for name, value in kept.items() if value}
    else:
        rule[key] = written.strip() if key == "name" else value_of(key, written)
    rules[number] = {name: value for name, value in rule.items() if value is not None}
    return _with(stage.get(gate), rules)


def grown(stage: Stage, gate: str) -> tuple[Part, str]:
    """With a rule more, and the field to write on in."""
    rules = _rules(stage.get(gate))
    return _with(stage.get(gate), [*rules, _fresh(rules)]), f"{gate}.{len(rules)}.name"


def dropped(stage: Stage, gate: str, number: int) -> tuple[Part | None, str]:
    """Without a rule; a condition goes with its last one."""
    rules = _found(stage, gate, number)
    del rules[number]
    return (_with(stage.get(gate), rules), f"grow:{gate}") if rules else (None, gate)


def _found(stage: Stage, gate: str, number: int) -> list[Part]:
    rules = _rules(stage.get(gate))
    if not 0 <= number < len(rules):
        raise ValueError(f"There is no rule number {number + 1}.")
    return rules


def _with(body: Any, rules: Sequence[Part], result: str | None = None) -> Part:
    first, *others = _conditions(body) or [{}]
    condition = {**first, **({"result": result} if result else {}), "rules": rules}
    return {"conditions": [condition, *others]}


def _fresh(beside: Sequence[Part]) -> Part:
    return _with_type({"name": free_name(beside, "Rule")}, FIRST)


def _with_type(rule: Part, provider: str) -> Part:
    """A rule with another provider: the keys that both have stay."""
    info = rule_type(provider)
    kind = {"category": "Rule", "owner": "AWS", "version": "1", **(rule.get("ruleTypeId") or {}), "provider": provider}
    new = {**rule, "ruleTypeId": kind}
    if info is None:
        return new
    new["configuration"] = {key: value for key, value in given_of(rule).items() if key in info.key_names}
    if not info.takes_commands:
        new.pop("commands", None)
    if not info.inputs[1]:
        new.pop("inputArtifacts", None)
    return new
