"""Which conditions an execution of a history met on its way, and what came of them: from the rows of list-rule-executions.

The rows say neither the kind of a condition nor how it ended: the definition says in which one a rule stands, and where
that leaves a choice the time does: before a stage's actions it is the entry condition, after them that of success or of
failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from ..pipeline.model import Pipeline, Rule, Stage
from ..record import BEFORE_ENTRY, ON_FAILURE, ON_SUCCESS, Result, RuleChanged
from .values import PastAttempt, PastRule

NO_ANSWER = frozenset({"ConfigurationError", "PermissionError", "Timeout"})
"""Codes of a rule that could not be evaluated: its condition is Errored."""
_WORDS = {"Failed": "A rule did not pass.", "Errored": "A rule could not be evaluated."}


class Asked(NamedTuple):
    """A condition that was evaluated once: the runs of its rules, one after another."""

    stage: str
    gate: str
    result: str
    declared: int
    rules: tuple[PastRule, ...]

    @property
    def begins(self) -> datetime:
        return self.rules[0].started

    @property
    def ends(self) -> datetime | None:
        """None while a rule runs."""
        return self.rules[-1].ended

    @property
    def status(self) -> str:
        last = self.rules[-1]
        if last.status in ("InProgress", "Abandoned"):
            return last.status
        failed = next((one for one in self.rules if one.status == "Failed"), None)
        return "Succeeded" if failed is None else "Errored" if failed.code in NO_ANSWER else "Failed"

    @property
    def failed(self) -> bool:
        return self.status in ("Failed", "Errored")

    @property
    def skips(self) -> bool:
        """Whether the stage is left out for it."""
        return self.gate == BEFORE_ENTRY and self.failed and self.result == "SKIP"

    @property
    def summary(self) -> str:
        return f"All {len(self.rules)} rules passed." if self.status == "Succeeded" else _WORDS.get(self.status, "")


def asked(definition: Pipeline, rules: Sequence[PastRule], attempts: Sequence[PastAttempt]) -> list[Asked]:
    """The conditions that an execution met, in order of time. A rule that runs again begins another evaluation."""
    found: list[Asked] = []
    open_: dict[tuple[str, str], int] = {}
    for rule in rules:
        stage = definition.by_name.get(rule.stage)
        if stage is None:
            continue
        gate = _gate_of(stage, rule, [row for row in attempts if row.stage == rule.stage])
        place = open_.get((rule.stage, gate))
        if place is not None and _goes_on(found[place], rule):
            found[place] = found[place]._replace(rules=(*found[place].rules, rule))
            continue
        condition = stage.conditions.get(gate)
        open_[rule.stage, gate] = len(found)
        found.append(Asked(rule.stage, gate, condition.result if condition else "FAIL",
                           len(condition.rules) if condition else 0, (rule,)))
    return found


def _goes_on(one: Asked, rule: PastRule) -> bool:
    return one.status == "Succeeded" and all(other.rule != rule.rule for other in one.rules)


def _gate_of(stage: Stage, rule: PastRule, rows: Sequence[PastAttempt]) -> str:
    """The condition that a rule belongs to: the only one that has a rule of its name, else by the time."""
    named = [gate for gate, condition in stage.conditions.items() if any(one.name == rule.rule for one in condition.rules)]
    if len(named) == 1:
        return named[0]
    before = [row for row in rows if row.ended is not None and row.ended <= rule.started]
    if not before:
        return BEFORE_ENTRY
    newest = {row.action: row.status for row in before}
    gate = ON_SUCCESS if all(status == "Succeeded" for status in newest.values()) else ON_FAILURE
    return gate if gate in named or not named else named[0]


def rule_of(definition: Pipeline, one: Asked, name: str) -> Rule | None:
    """A rule of a condition as the definition has it."""
    condition = definition.by_name[one.stage].conditions.get(one.gate)
    return next((rule for rule in condition.rules if rule.name == name), None) if condition else None


def records_of(
    one: Asked, pipeline: str, number: int, seconds: Callable[[datetime], int], cancelled: bool = False
) -> Iterator[RuleChanged]:
    """What a simulation would have written of it. `cancelled`: the execution was, so what was abandoned was cancelled."""
    def record(at: datetime, rule: str, status: str, result: Result | None = None) -> RuleChanged:
        return RuleChanged(seconds(at), pipeline, number, one.stage, one.gate, rule, status, result)

    yield record(one.begins, "", "InProgress")
    for rule in one.rules:
        yield record(rule.started, rule.rule, "InProgress")
        if rule.ended is not None:
            yield record(rule.ended, rule.rule, rule.status,
                         Result(rule.summary, rule.code, rule.message, external=rule.external))
    if one.ends is not None and one.status != "InProgress":
        status = "Cancelled" if cancelled and one.status == "Abandoned" else one.status
        yield record(one.ends, "", status, Result(one.summary) if one.summary else None)
