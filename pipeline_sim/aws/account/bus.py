"""How events reach targets: a record becomes an event, rules match it, and at the end of the instant it is delivered.

EventBridge takes about half a second; on a clock of whole seconds that is the same instant. What cannot be delivered is
dropped, as in AWS, where only a metric counts it: here it is kept with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ...ids import make_id
from ...record import ActionChanged, Record
from ...simulation.order import BUS
from ...views.events import Event, Events
from ...views.names import iso
from ...views.notifications import NotificationRule, approval_message, approval_messages, event_types, processed
from ..patterns import matches
from . import jobs
from .delivery import deliver, publish_approval, publish_notice
from .targets import input_of
from .things import Delivery, Published, Rule, Topic

if TYPE_CHECKING:
    from . import Account


class Bus:
    """The default event bus of an account. `stream` has read the simulation's records so far; `waiting` is what is still
    to be delivered at this instant, `latest` the latest event of each detail-type."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.stream = Events()
        self.read = 0
        self.latest: dict[str, Mapping[str, Any]] = {}
        self.own = 0
        self.waiting: list[Callable[[], None]] = []

    def catch_up(self) -> None:
        """Read what was recorded before anybody listened: there were no rules then, but approvals have asked."""
        records = self.account.simulation.records
        for record in records[self.read:]:
            self.stream.take(record)
        self.read = len(records)
        for message in approval_messages(records):
            self.account.topics.setdefault(message.topic, Topic(message.topic, implied=True)).messages.append(
                Published(message.time, message.by, message.subject, message.body))

    def heard(self, record: Record) -> None:
        """One more record, as it is written. Calls that a delivery makes are records too, and come the same way."""
        self.read += 1
        jobs.heard(self.account, record)
        for event in self.stream.take(record):
            self._offer(event)
            self._notices(event)
        if isinstance(record, ActionChanged) and record.status == "InProgress":
            message = approval_message(self.stream.state, record)
            if message is not None:
                self._at_the_end(lambda: publish_approval(self.account, record, message))

    def _offer(self, event: Mapping[str, Any]) -> None:
        self.latest[event["detail-type"]] = event
        for rule in self.account.rules.values():
            if rule.enabled and rule.pattern is not None and matches(rule.pattern, event):
                self.send(rule, event)

    def send(self, rule: Rule, event: Mapping[str, Any]) -> None:
        """Let a rule's targets have an event at the end of this instant."""
        self._at_the_end(lambda: self._to_targets(rule, event))

    def _at_the_end(self, do: Callable[[], None]) -> None:
        """Do something at the end of this instant, when whoever writes a record has done what follows from it."""
        if not self.waiting:
            self.account.simulation.later(0, BUS, self._flush)
        self.waiting.append(do)

    def _flush(self) -> None:
        waiting, self.waiting = self.waiting, []
        for do in waiting:
            do()

    def _to_targets(self, rule: Rule, event: Mapping[str, Any]) -> None:
        for target in list(rule.targets.values()):
            self._deliver(rule, target, event)

    def _deliver(self, rule: Rule, target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """One event to one target."""
        given = input_of(target, event, rule.arn)
        against = deliver(self.account, rule.arn, target, given)
        sentence, remedy = against if against is not None else ("", "")
        self.account.deliveries.append(
            Delivery(self.account.simulation.now, rule.name, target["Id"], target["Arn"], event, given, sentence, remedy))

    def _notices(self, event: Event) -> None:
        for notice in self.account.notices.values():
            if notice["Status"] == "ENABLED" and notice["Pipeline"] == event["detail"]["pipeline"] \
                    and not set(notice["EventTypeIds"]).isdisjoint(event_types(event)):
                rule = NotificationRule(notice["Name"], notice["Pipeline"], notice["EventTypeIds"])
                told = processed(self.stream.state, event, rule.name, full=notice["DetailType"] == "FULL")
                whole = {**told, "notificationRuleArn": notice["Arn"]}
                self._at_the_end(partial(publish_notice, self.account, notice, whole))

    # ------------------------------------------------------------------------------------------ other events

    def sent(self, source: str, kind: str, detail: Any, resources: list[str], only: Rule | None = None) -> str:
        """An event that PutEvents brings, or the schedule of `only` this rule; its id."""
        state = self.account.simulation.state
        self.own += 1
        event = {"version": "0", "id": make_id(state.seed, "own-event", self.own), "detail-type": kind, "source": source,
                 "account": state.account, "time": iso(state, self.account.simulation.now), "region": state.region,
                 "resources": resources, "detail": detail}
        if only is None:
            self._offer(event)
        else:
            self.send(only, event)
        return str(event["id"])

    def expect(self, rule: Rule) -> None:
        """Let a scheduled rule fire when it is due, as long as it has this schedule."""
        from .schedule import expect

        expect(self.account, rule)
