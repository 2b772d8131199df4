"""Who did what: CloudTrail's records of calls, by people and by the pipeline's service role (7).

Calls are there, answered or refused, reads among them; what merely happens (a failure, a time-out, a superseding) is
not: that is EventBridge's [UG22:monitoring-cloudtrail-logs]. What the service role reads and writes inside buckets, its
Lambda invocations and SNS messages are data events, which a trail does not hold by default.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ...calm import calm
from ...pipeline.model import Action
from ...record import ActionChanged, Called, Record, RuleChanged
from ...state import Attempt, ExecutionState, State, apply
from .entry import HIDDEN, Entry, identity, of_call
from .lookup import PAGE, look_up
from .role import Found, of_attempt, of_rule

__all__ = ["HIDDEN", "Entry", "identity", "lookup_events", "trail", "trail_behind"]


def trail(records: Iterable[Record]) -> list[Entry]:
    """All records of the trail, by time. Deliveries on AWS come later and in no order."""
    return _walked(records)[1]


def trail_behind(records: Iterable[Record]) -> list[tuple[int, Entry]]:
    """All records of the trail, by time, each with the place of the run's record that is behind it."""
    walk = _Trail()
    with calm():
        for record in records:
            walk.take(record)
        return [(found.behind, found.entry) for found in sorted(walk.all(), key=lambda found: found[:3])]


def lookup_events(
    records: Iterable[Record],
    attributes: Sequence[Mapping[str, str]] = (),
    start: datetime | None = None,
    end: datetime | None = None,
    max_results: int = PAGE,
    next_token: str | None = None,
) -> dict[str, Any]:
    """`LookupEvents` of CloudTrail: management events of the last 90 days, newest first, at most 50 at once.

    Raises `Refused` with CloudTrail's names for a range that ends before it begins, an unknown attribute, more than one
    attribute, a size of page outside 1..50, a token of another question.
    """
    state, entries = _walked(records)
    return look_up(state, entries, attributes, start, end, max_results, next_token)


def _walked(records: Iterable[Record]) -> tuple[State, list[Entry]]:
    walk = _Trail()
    with calm():
        for record in records:
            walk.take(record)
        return walk.state, [found.entry for found in sorted(walk.all(), key=lambda found: found[:3])]


class _Trail:
    """The walk. A call of the service role is written when its attempt has ended, because only then it is known
    whether the role was let in; until the end of the records the others are open."""

    def __init__(self) -> None:
        self.state = State()
        self.found: list[Found] = []
        self.open: dict[int, tuple[ExecutionState, Action, Attempt]] = {}

    def take(self, record: Record) -> None:
        state, index = self.state, self.state.count
        apply(state, record)
        if isinstance(record, Called):
            self.found.append(Found(record.time, index, 0, of_call(state, record, index)))
        elif isinstance(record, ActionChanged):
            self._action(record)
        elif isinstance(record, RuleChanged) and record.rule and record.status == "InProgress":
            self.found += of_rule(state, record, index)

    def _action(self, record: ActionChanged) -> None:
        execution = self.state.execution(record.pipeline, record.execution)
        attempt = execution.stages[record.stage].attempts[record.action][-1]
        action = execution.definition.by_name[record.stage].by_name[record.action]
        if record.status == "InProgress":
            self.open[attempt.index] = (execution, action, attempt)
        elif self.open.pop(attempt.index, None):
            self.found += of_attempt(self.state, execution, action, attempt)

    def all(self) -> Iterator[Found]:
        yield from self.found
        for execution, action, attempt in self.open.values():
            yield from of_attempt(self.state, execution, action, attempt)
