"""How a stage's condition is evaluated: its rules one after another, each with its provider's own behaviour (1.6, 4.11).

A condition holds the stage and its lock until its rules have answered. A rule is abandoned with its execution, and a
person may override a condition that runs or has failed.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from simpy import Event

from ..cron import Cron
from ..pipeline.check.conditions import against_running
from ..pipeline.model import Condition, Rule, Stage
from ..pipeline.variables import RESOLVED_BYTES, resolve, size_of
from ..record import ON_FAILURE, ON_SUCCESS, ExecutionChanged, Result, RuleChanged, StageChanged
from ..rules import good_states
from ..scenario import base, word
from ..state import ExecutionState, PipelineState
from ..values import compared, lookup, resolved
from .mistakes import against_sharing
from .order import rank

if TYPE_CHECKING:
    from . import Simulation
    from .walk import Run

DEFAULT_LIMIT = 3600
"""Seconds that a rule may take which has no time-out of its own (our decision)."""


class Check:
    """One rule under way: `status` and `result` are there when `done`; whoever waits, waits for `event`."""

    __slots__ = ("done", "event", "gate", "place", "result", "rule", "run", "stage", "status", "timers", "watches")

    def __init__(self, sim: Simulation, run: Run, stage: Stage, gate: str, rule: Rule) -> None:
        self.run, self.stage, self.gate, self.rule = run, stage, gate, rule
        self.place = run.execution.definition.index[stage.name]
        self.event = Event(sim.env)
        self.done = False
        self.status = "InProgress"
        self.result: Result | None = None
        self.watches = ""
        self.timers: list[Event] = []

    @property
    def errored(self) -> bool:
        """Whether the rule failed without an answer."""
        return self.status == "Failed" and self.result is not None and self.result.code in ERRORS

    def end(self, sim: Simulation, status: str, summary: str, code: str = "") -> None:
        """The rule has its answer: written down, and whoever waits is woken."""
        if self.done:
            return
        self.done, self.status = True, status
        self.result = Result(summary, code, summary if code else "")
        self.leave(sim)
        execution = self.run.execution
        sim.record(RuleChanged(sim.now, execution.pipeline, execution.number, self.stage.name, self.gate,
                               self.rule.name, status, self.result))
        if self.event.callbacks:
            sim.trigger(self.event, rank(self.place))

    def leave(self, sim: Simulation) -> None:
        """Nothing that the rule waited for concerns it any more."""
        for timer in self.timers:
            if not timer.processed:
                sim.forget(timer)
        if self.watches:
            sim.watchers[self.watches].remove(self)


def passes(sim: Simulation, run: Run, stage: Stage, gate: str, condition: Condition) -> Generator[Event | None, None, str]:
    """Evaluate a condition; its status at the end. All rules must pass, in their order; the first that does not ends
    it."""
    _note(sim, run, stage, gate, "InProgress")
    status = "Succeeded"
    for rule in condition.rules:
        check = run.check = _begin(sim, run, stage, gate, rule)
        while not check.done:
            yield check.event
            if run.over:
                return "Abandoned"
        if check.status == "Overridden":
            run.check = None
            return "Succeeded"
        if check.status != "Succeeded":
            status = "Errored" if check.errored else "Failed"
            break
    run.check = None
    _note(sim, run, stage, gate, status, _summary(status, run, condition))
    return status


def _summary(status: str, run: Run, condition: Condition) -> str:
    count = len(condition.rules)
    return f"All {count} rules passed." if status == "Succeeded" else _WORDS[status]


_WORDS = {"Failed": "A rule did not pass.", "Errored": "A rule could not be evaluated."}
ERRORS = frozenset({"ConfigurationError", "PermissionError", "Timeout"})
"""With these a rule has no answer: the condition is Errored, and counts as not passed (4.11, the codes by our
decision)."""


def _note(sim: Simulation, run: Run, stage: Stage, gate: str, status: str, summary: str = "") -> None:
    execution = run.execution
    sim.record(RuleChanged(sim.now, execution.pipeline, execution.number, stage.name, gate, "", status,
                           Result(summary) if summary else None))


def _begin(sim: Simulation, run: Run, stage: Stage, gate: str, rule: Rule) -> Check:
    check = Check(sim, run, stage, gate, rule)
    execution = run.execution
    settings = resolved(sim.state, execution, rule.configuration)
    told = Result(configuration=settings) if settings is not rule.configuration else None
    sim.record(RuleChanged(sim.now, execution.pipeline, execution.number, stage.name, gate, rule.name, "InProgress", told))
    wrong = against_running(rule.provider, rule.configuration)
    if wrong:
        check.end(sim, "Failed", wrong, "ConfigurationError")
    elif not _cannot_ask(sim, check):
        _ASK.get(rule.provider, _ask_chance)(sim, check)
    if not check.done:
        limit = limit_of(rule)
        _later(sim, check, limit, lambda: check.end(sim, "Failed", "The rule timed out.", "Timeout"))
    return check


def limit_of(rule: Rule) -> int:
    """After how many seconds a rule has no answer: its own time-out, or an hour, or the WaitTime of an alarm where that is
    longer (our decision)."""
    if rule.timeout_minutes is not None:
        return rule.timeout_minutes * 60
    wait = rule.configuration.get("WaitTime", "") if rule.provider == "CloudWatchAlarm" else ""
    return max(DEFAULT_LIMIT, int(wait) * 60 + 1) if wait.isdecimal() else DEFAULT_LIMIT


def _cannot_ask(sim: Simulation, check: Check) -> bool:
    """Whether the rule ends before it has begun: its variables have no value, it is too long (5), its role lacks a
    permission (8.1)."""
    rule, definition = check.rule, check.run.execution.definition
    find = lookup(sim.state, check.run.execution)
    texts, missing = {}, []
    for key, text in [*rule.configuration.items(), *enumerate(rule.commands)]:
        texts[str(key)], unresolved = resolve(text, find)
        missing += unresolved
    if missing:
        check.end(sim, "Failed", f"The variable {', '.join(missing)} has no value.", "ConfigurationError")
        return True
    if (size := size_of(texts)) > RESOLVED_BYTES:
        check.end(sim, "Failed", f"The resolved configuration has {size} bytes; at most {RESOLVED_BYTES} are allowed.",
                  "ConfigurationError")
        return True
    if sim.roles or sim.trust:
        from .permissions import denial

        denied = denial(sim, definition, rule, texts)
        if denied is not None:
            check.end(sim, "Failed", f"{denied.message()}. {denied.remedy}", "PermissionError")
    unshared = against_sharing(definition, rule, rule.region or sim.state.region)
    if unshared is not None:
        check.end(sim, "Failed", unshared, "PermissionError")
    return check.done


def _later(sim: Simulation, check: Check, delay: int, do: Callable[[], None]) -> None:
    check.timers.append(sim.later(delay, rank(check.place), do))


def abandon(sim: Simulation, run: Run, status: str = "Abandoned") -> None:
    """The execution is stopped while a rule runs, or `Cancelled` by an update: which of the model's words is meant when is
    our decision."""
    check = run.check
    if check is None:
        return
    sim.forget(check.event)
    check.end(sim, "Abandoned", "The execution was ended while the rule ran.")
    _note(sim, run, check.stage, check.gate, status)
    run.check = None


def override(sim: Simulation, pipeline: PipelineState, execution: ExecutionState, stage: str, gate: str) -> None:
    """The condition is overridden: a running one counts as passed, a failed stage proceeds where it stood (4.11)."""
    from .walk import set_off

    run = sim.runs.get((pipeline.name, execution.number))
    check = run.check if run is not None else None
    if run is not None and check is not None:
        waiting, check.event.callbacks = check.event.callbacks, []
        check.end(sim, "Abandoned", "The condition was overridden.")
        _note(sim, run, check.stage, gate, "Overridden")
        check.status, check.event.callbacks = "Overridden", waiting
        sim.trigger(check.event, rank(check.place))
        return
    number = execution.number
    sim.record(RuleChanged(sim.now, pipeline.name, number, stage, gate, "", "Overridden"))
    sim.record(ExecutionChanged(sim.now, pipeline.name, number, "InProgress"))
    sim.record(StageChanged(sim.now, pipeline.name, number, stage, "InProgress"))
    set_off(sim, pipeline, execution, execution.definition.index[stage], gate)


# ---------------------------------------------------------------------------------------------- rule providers


def _ask_chance(sim: Simulation, check: Check) -> None:
    """CodeBuild, Commands, LambdaInvoke: work that takes its time and succeeds or not."""
    rule, execution = check.rule, check.run.execution
    behaviour = sim.scenario.rule(check.stage.name, check.gate, rule)
    draw = word(base(sim.seed, f"{check.stage.name}/{check.gate}/{rule.name}#rule"), execution.start.luck,
                len(execution.stages[check.stage.name].gates[check.gate]))
    failed = draw >> 32 < round(behaviour.failure * 2**32)
    if check.gate == ON_FAILURE and rule.provider == "LambdaInvoke":
        failed = not failed  # an error of the function is what meets a failure condition (1.6)
    summary = behaviour.message or ("The rule's work failed." if failed else "The rule's work succeeded.")
    status, code = ("Failed", behaviour.code) if failed else ("Succeeded", "")
    _later(sim, check, behaviour.duration.at(draw & 0xFFFF), lambda: check.end(sim, status, summary, code))


def _ask_variable(sim: Simulation, check: Check) -> None:
    """VariableCheck: a comparison of texts; MATCHES is a regular expression."""
    settings = check.rule.configuration
    find = lookup(sim.state, check.run.execution)
    value, wanted = (resolve(settings.get(key, ""), find)[0] for key in ("Variable", "Value"))
    operator = settings.get("Operator", "EQ")
    try:
        met = compared(value, operator, wanted)
    except ValueError as error:
        check.end(sim, "Failed", str(error), "ConfigurationError")
        return
    check.end(sim, "Succeeded" if met else "Failed",
              f"'{value}' {operator} '{wanted}' is {'true' if met else 'false'}.")


def _ask_window(sim: Simulation, check: Check) -> None:
    """DeploymentWindow: now inside the cron window passes; outside, it fails at once, or waits where the setting says
    so (15, our decision)."""
    settings = check.rule.configuration
    window = Cron.parse(settings["Cron"], settings.get("TimeZone", "UTC"))
    now = sim.scenario.moment(sim.now)
    if window.matches(now):
        check.end(sim, "Succeeded", "The deployment window is open.")
        return
    opens = window.next(now)
    when = f" It opens at {opens:%Y-%m-%d %H:%M %Z}." if opens else " It never opens again."
    if sim.state.settings.get("deployment_window") != "wait" or opens is None:
        check.end(sim, "Failed", "The deployment window is closed." + when)
        return
    _later(sim, check, int((opens - now).total_seconds()),
           lambda: check.end(sim, "Succeeded", "The deployment window has opened."))


def _ask_alarm(sim: Simulation, check: Check) -> None:
    """CloudWatchAlarm (1.6): before entry it waits for the alarm to clear, on success it watches for one to be raised,
    on failure a raised one is what meets the condition."""
    settings = check.rule.configuration
    name, wait = settings["AlarmName"], int(settings.get("WaitTime", "0")) * 60
    good = good_states(settings, check.gate)
    check.watches = name
    sim.watchers.setdefault(name, []).append(check)
    met = sim.state.alarms.get(name, "OK") in good
    watching = check.gate == ON_SUCCESS
    if wait == 0 or met != watching:
        _alarm_answers(sim, check, met)
        return
    _later(sim, check, wait, lambda: _alarm_answers(sim, check, watching))


def alarm_changed(sim: Simulation, check: Check, status: str) -> None:
    """A rule that watches the alarm looks again."""
    met = status in good_states(check.rule.configuration, check.gate)
    if met != (check.gate == ON_SUCCESS):
        _alarm_answers(sim, check, met)


def _alarm_answers(sim: Simulation, check: Check, met: bool) -> None:
    name = check.rule.configuration["AlarmName"]
    status = sim.state.alarms.get(name, "OK")
    check.end(sim, "Succeeded" if met else "Failed", f"The alarm {name} is in state {status}.")


_ASK: dict[str, Callable[[Simulation, Check], None]] = {
    "VariableCheck": _ask_variable,
    "DeploymentWindow": _ask_window,
    "CloudWatchAlarm": _ask_alarm,
}
