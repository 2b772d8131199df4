"""When a scheduled rule of the bus fires: `rate(…)` from when it was put, or `cron(…)` in UTC (6.5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...refused import Refused
from ...scenario.schedules import schedule_of, times
from ...simulation.order import PUSH
from .things import Rule

if TYPE_CHECKING:
    from . import Account

SCHEDULED = "Scheduled Event"


def expect(account: Account, rule: Rule) -> None:
    """Put the rule's times into the calendar. Raises Refused for what is no schedule."""
    simulation = account.simulation
    try:
        said = schedule_of({"name": rule.name, "when": rule.schedule, "from": simulation.now}, simulation.scenario.start)
    except ValueError:
        raise Refused("ValidationException", "Parameter ScheduleExpression is not valid.") from None
    _next(account, rule, rule.schedule, times(said, simulation.scenario.start))


def _next(account: Account, rule: Rule, schedule: str, coming: Iterator[int]) -> None:
    """The next time. A schedule has no end, so it alone keeps no run going: it is not counted among what is still to
    happen, and fires as long as the clock moves."""
    simulation = account.simulation
    at = next((one for one in coming if one > simulation.now), None)
    if at is None:
        return

    def due() -> None:
        simulation.live += 1
        if account.rules.get(rule.name) is rule and rule.schedule == schedule:
            if rule.enabled:
                account.bus.sent("aws.events", SCHEDULED, {}, [rule.arn], rule)
            _next(account, rule, schedule, coming)

    simulation.later(at - simulation.now, PUSH, due)
    simulation.live -= 1
