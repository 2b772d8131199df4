"""How the rules of conditions behave that do work of their own: builds, commands, functions.

What the others answer (a variable, a deployment window, an alarm) is no chance, and nothing is learnt of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...pipeline.model import Pipeline
from ...record import ON_FAILURE
from ..gates import NO_ANSWER, asked, rule_of
from ..values import History, PastRule
from .action import ActionFit
from .durations import Observed, fit_durations
from .outcomes import fit_outcomes

OVER = ("Succeeded", "Failed")
WORK = frozenset({"CodeBuild", "Commands", "LambdaInvoke"})


def fit_rules(history: History, pipeline: Pipeline) -> tuple[ActionFit, ...]:
    """The rules of the pipeline that work, as `Prod/ON_SUCCESS/Smoke`, in the order in which they were first seen."""
    found: dict[tuple[str, str], list[PastRule]] = {}
    for place, provider, rule in _runs(history, pipeline):
        found.setdefault((place, provider), []).append(rule)
    return tuple(_fit(place, provider, rows, history) for (place, provider), rows in found.items())


def _runs(history: History, pipeline: Pipeline) -> Iterator[tuple[str, str, PastRule]]:
    for key, rules in history.rules_of.items():
        for one in asked(pipeline, rules, history.of.get(key, ())):
            for rule in one.rules:
                declared = rule_of(pipeline, one, rule.rule)
                if declared is not None and declared.provider in WORK and rule.code not in NO_ANSWER:
                    yield f"{one.stage}/{one.gate}/{rule.rule}", declared.provider, rule


def _fit(place: str, provider: str, rows: list[PastRule], history: History) -> ActionFit:
    over = [row for row in rows if row.status in OVER]
    observed = [Observed(max(0.0, ((row.ended or history.ends) - row.started).total_seconds()), row.status in OVER)
                for row in rows]
    return ActionFit(place, provider, fit_durations(observed),
                     fit_outcomes((row.id, (row.status == "Failed") != _turned_round(place, provider)) for row in over))


def _turned_round(place: str, provider: str) -> bool:
    """An error of the function is what meets a failure condition (1.6)."""
    return provider == "LambdaInvoke" and f"/{ON_FAILURE}/" in place
