"""What the array path must know of a pipeline in its world, and whether it can go that way at all.

Everything is asked of the simulation's own rules, once: time-outs, sources, transitions. What the arrays do not model is
refused with a sentence (`NotAnArray`), and the simulation then does the work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain

from ..pipeline.model import PARALLEL, Action, Pipeline, Rule, Stage
from ..record import BEFORE_ENTRY, ON_FAILURE, ON_SUCCESS
from ..rules import LIMIT, THIRTY_DAYS
from ..scenario import Hours, Quantiles, RetryPolicy, Scenario, threshold, with_beside
from ..scenario.streams import Stream
from ..simulation import Simulation
from ..simulation.conditions import limit_of
from ..simulation.luck import time_limit
from ..simulation.world import ONLY_POLLED, Source
from .against import HARMLESS, NotAnArray, refuse, refuse_action, refuse_long, refuse_rule, refuse_world
from .transitions import NEVER, Spans, spans_of

__all__ = ["NEVER", "Attempts", "NotAnArray", "Plan", "StagePlan", "Stop", "plan_of"]


@dataclass(frozen=True)
class Attempts:
    """The luck of an action's attempts, or of a rule's. `passes` says that words below the threshold are good (an
    approval), otherwise they are bad (a failure). Without `duration` nobody answers, and the time-out comes. `place` is
    where the action stands among those of its stage; `capacity` is what it may have to queue for."""

    key: str
    duration: Quantiles | None
    threshold: int
    passes: bool
    timeout: int
    hours: Hours | None = None
    defect_key: str = ""
    defect: int = 0
    place: int = 0
    capacity: str = ""

    @cached_property
    def longest(self) -> int:
        """No attempt takes longer, but for office hours."""
        return self.timeout if self.duration is None else min(self.timeout, longest_of(self.duration))

    @cached_property
    def in_time(self) -> bool:
        """Whether no attempt can reach its time-out."""
        return self.duration is not None and self.hours is None and longest_of(self.duration) <= self.timeout


@lru_cache(maxsize=4096)
def longest_of(duration: Quantiles) -> int:
    return duration.at(0xFFFF)


@dataclass(frozen=True)
class StagePlan:
    """A stage: its action groups, how it retries by itself (`""`: not), when one cannot enter; the rules before entry
    (`skips`: who does not pass goes on), on success and on failure. `rolls_back` says when a failed stage goes back:
    never (`""`), `always`, or when the failure condition is `met` or `not met`; `undone` that it does so when the success
    condition fails. `policy` is a person's, `asks_again` that its retry asks conditions that have answered already."""

    name: str
    groups: tuple[tuple[Attempts, ...], ...]
    retry: str
    closed: Spans
    before: tuple[Attempts, ...] = ()
    skips: bool = False
    success: tuple[Attempts, ...] = ()
    failure: tuple[Attempts, ...] = ()
    rolls_back: str = ""
    undone: bool = False
    policy: RetryPolicy | None = None
    asks_again: bool = False

    def __hash__(self) -> int:
        """Remembered: a sweep looks stages up at each of its points."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.name, self.groups, self.retry, self.closed, self.before, self.success, self.failure))

    @cached_property
    def actions(self) -> tuple[Attempts, ...]:
        """All actions, group by group."""
        return tuple(chain.from_iterable(self.groups))

    @cached_property
    def sequence(self) -> tuple[tuple[Attempts, ...], ...]:
        """What happens one after another to an execution that meets no failure: rules, action groups, rules."""
        return (*((rule,) for rule in self.before), *self.groups, *((rule,) for rule in self.success))

    @cached_property
    def by_the_clock(self) -> bool:
        """Whether how long it takes depends on when it begins."""
        return any(action.hours for action in self.actions)

    @cached_property
    def may_go_back(self) -> bool:
        return bool(self.rolls_back or self.undone)

    @cached_property
    def longest(self) -> int:
        """Nobody is in the stage for longer, whatever happens, office hours apart."""
        once = sum(max(action.longest for action in group) for group in self.sequence)
        once += sum(rule.longest for rule in self.failure)
        rounds = 2 + (2 * self.policy.times if self.policy else 0) + 2
        return once * rounds + (self.policy.times * self.policy.after if self.policy else 0)


@dataclass(frozen=True)
class Stop:
    """Somebody stops an execution, if it has started by then and is not over."""

    number: int
    at: int
    abandon: bool


@dataclass(frozen=True)
class Plan:
    """A pipeline in its world, as arrays take it. `fixed` are pushes at set times; `polling` is how often the source is
    looked at (0: it is heard of at once); `shared` are capacities with fewer slots than could be wanted at once."""

    mode: str
    stages: tuple[StagePlan, ...]
    fixed: tuple[int, ...]
    streams: tuple[Stream, ...]
    limit: int
    stops: tuple[Stop, ...] = ()
    shared: tuple[tuple[str, int], ...] = ()
    polling: int = 0


def plan_of(pipeline: Pipeline, scenario: Scenario) -> Plan:
    """The plan, or NotAnArray."""
    scenario = with_beside(scenario, [pipeline])
    refuse_world(scenario)
    stops = tuple(_stops(pipeline, scenario))
    sim = Simulation(pipeline, scenario.but(pushes=[]) if scenario.calls else scenario)
    closed = closures(sim, pipeline)
    refuse_long(closed)
    fixed, streams, polling = _pushes(sim, pipeline, scenario)
    shared = _shared(sim, pipeline)
    stages = tuple(_stage(sim, stage, closed[stage.name], dict(shared)) for stage in pipeline.stages)
    plan = Plan(pipeline.mode, stages, fixed, streams, int(sim.state.settings.get("execution_limit", LIMIT)), stops, shared,
                polling)
    _refuse_together(plan, sim.state.settings.get("conditions_on_rollback") == "evaluate")
    _refuse_defects(plan, pipeline)
    return plan


def closures(sim: Simulation, pipeline: Pipeline) -> dict[str, Spans]:
    """When each stage cannot be entered, as (from, to) with `to` excluded: asked of a run in which nobody pushes."""
    calls = sim.scenario.calls
    if calls:
        sim.run(calls[-1].at)
    return spans_of(sim.records, pipeline)


def _stops(pipeline: Pipeline, scenario: Scenario) -> Iterator[Stop]:
    """The stops of the scenario; other calls than these and those of transitions are refused."""
    for call in scenario.calls:
        if call.operation in HARMLESS:
            continue
        number, request = call.request.get("execution"), call.request
        plain = isinstance(number, int) and request.get("pipelineName", pipeline.name) == pipeline.name
        if call.operation != "StopPipelineExecution" or not plain or scenario.identities:
            refuse(f"The scenario calls {call.operation}.")
        yield Stop(int(request["execution"]), call.at, bool(request.get("abandon", False)))


# ---------------------------------------------------------------------------------------------- stages and actions


def _stage(sim: Simulation, stage: Stage, closed: Spans, shared: dict[str, int]) -> StagePlan:
    on_failure, before = stage.on_failure, stage.before_entry
    result = on_failure.result if on_failure else None
    retry = (on_failure.retry_mode or "FAILED_ACTIONS") if on_failure and result == "RETRY" else ""
    places = {action.name: place for place, action in enumerate(stage.actions)}
    groups = tuple(tuple(_attempts(sim, stage, action, places[action.name], shared) for action in group)
                   for group in stage.groups)
    rolls_back, undone = _goes_back(sim, stage)
    policy = sim.scenario.retry_policy(stage.name)
    if policy is not None and policy.times < 1:
        policy = None
    return StagePlan(
        stage.name, groups, retry, closed,
        _rules(sim, stage, BEFORE_ENTRY), bool(before and before.result == "SKIP"),
        _rules(sim, stage, ON_SUCCESS), _rules(sim, stage, ON_FAILURE), rolls_back,
        undone, policy,
        sim.state.settings.get("conditions_on_retry") == "evaluate")


def _goes_back(sim: Simulation, stage: Stage) -> tuple[str, bool]:
    """When a failure rolls the stage back, and whether its success condition does. The source stage stays as it is."""
    on_failure, success = stage.on_failure, stage.on_success
    rolls_back = "always" if on_failure and on_failure.result == "ROLLBACK" else ""
    if on_failure and on_failure.condition:
        rolls_back = "met" if str(sim.state.settings.get("on_failure_condition", "met")) == "met" else "not met"
    undone = bool(success and success.result == "ROLLBACK")
    if stage is not sim.pipelines[0].stages[0]:
        return rolls_back, undone
    if (rolls_back or undone) and sim.state.settings.get("rollback_of_source") == "allow":
        refuse(f"A setting lets {stage.name} roll back, which reads the revision that is the newest then.")
    return "", False


def _attempts(sim: Simulation, stage: Stage, action: Action, number: int, shared: dict[str, int]) -> Attempts:
    place, behaviour = f"{stage.name}/{action.name}", sim.scenario.behaviour(stage.name, action)
    limit = time_limit(sim, action)
    refuse_action(sim, stage, action, limit)
    capacity = sim.capacity_of(behaviour, action)
    capacity = capacity if capacity in shared else ""
    if action.is_approval:
        approver = sim.scenario.approver(stage.name, action)
        if approver is None:
            return Attempts(place, None, 0, True, limit, place=number, capacity=capacity)
        return Attempts(f"{place}#approval", approver.response, threshold(approver.probability), True, limit,
                        approver.hours, place=number, capacity=capacity)
    return Attempts(f"{place}#attempt", behaviour.duration, threshold(behaviour.failure), False, limit,
                    defect_key=f"{place}#defect", defect=threshold(behaviour.defect), place=number, capacity=capacity)


def _rules(sim: Simulation, stage: Stage, gate: str) -> tuple[Attempts, ...]:
    condition = stage.conditions.get(gate)
    return tuple(_rule(sim, stage, gate, rule) for rule in condition.rules) if condition else ()


def _rule(sim: Simulation, stage: Stage, gate: str, rule: Rule) -> Attempts:
    """A rule that chance decides. An error of a Lambda function is what meets a failure condition (1.6)."""
    refuse_rule(sim, stage, rule)
    behaviour = sim.scenario.rule(stage.name, gate, rule)
    limit = limit_of(rule)
    return Attempts(f"{stage.name}/{gate}/{rule.name}#rule", behaviour.duration, threshold(behaviour.failure),
                    gate == ON_FAILURE and rule.provider == "LambdaInvoke", limit)


def _shared(sim: Simulation, pipeline: Pipeline) -> tuple[tuple[str, int], ...]:
    """The capacities that can bind: with fewer slots than the widest groups of all stages want together."""
    found = []
    for name, slots in sim.slots.items():
        wanted = [max(sum(_takes(sim, stage, action) == name for action in group) for group in stage.groups)
                  for stage in pipeline.stages]
        if sum(wanted) > slots or (any(wanted) and pipeline.mode == PARALLEL):
            found.append((name, slots))
    return tuple(found)


def _takes(sim: Simulation, stage: Stage, action: Action) -> str:
    return sim.capacity_of(sim.scenario.behaviour(stage.name, action), action)


# ---------------------------------------------------------------------------------------------- what does not go together


def _refuse_together(plan: Plan, asks_on_rollback: bool) -> None:
    goes_back = [stage.name for stage in plan.stages if stage.may_go_back and plan.mode != PARALLEL]
    retried = [stage.name for stage in plan.stages if stage.policy]
    if goes_back and asks_on_rollback:
        refuse(f"{goes_back[0]} may roll back, and a setting has conditions asked then.")
    if plan.stops and goes_back:
        refuse(f"Executions are stopped by number, and {goes_back[0]} may roll back, which takes a number.")
    if plan.stops and retried:
        refuse(f"Executions are stopped, and people retry {retried[0]}.")
    if plan.shared:
        _refuse_beside_capacity(plan, [*goes_back, *retried])


def _refuse_beside_capacity(plan: Plan, again: list[str]) -> None:
    """In lockstep only what the plain rules of stages and automatic retry say is done."""
    name, slots = plan.shared[0]
    beside = f"The capacity {name} ({slots}) can be used up"
    if plan.mode == PARALLEL:
        refuse(f"{beside} in PARALLEL mode, where any number of executions may want it.")
    if again:
        refuse(f"{beside}, and {again[0]} may roll back or be retried by people.")
    if plan.stops:
        refuse(f"{beside}, and executions are stopped.")
    for stage in plan.stages:
        if stage.closed:
            refuse(f"{beside}, and the transition into {stage.name} is disabled for a while.")
        if stage.before or stage.success or stage.failure:
            refuse(f"{beside}, and {stage.name} has a condition.")


def _refuse_defects(plan: Plan, pipeline: Pipeline) -> None:
    """A look at a polled source may find several revisions, and in PARALLEL mode a source may bind a newer one than its own
    push's: then a defect is not that of the push with the execution's number."""
    first = plan.stages[0]
    if plan.polling and any(action.defect for stage in plan.stages for action in stage.actions):
        refuse(f"A look at the source in {first.name} may find several revisions, and revisions have defects.")
    late = (first.closed or len(first.groups) > 1 or first.retry or first.failure or first.before or first.policy
            or any(action.defect for action in first.actions))
    if pipeline.mode == PARALLEL and late and any(action.defect for stage in plan.stages for action in stage.actions):
        refuse(f"In PARALLEL mode {first.name} may take a newer revision than its push's, and revisions have defects.")


# ---------------------------------------------------------------------------------------------- pushes


def _pushes(
    sim: Simulation, pipeline: Pipeline, scenario: Scenario
) -> tuple[tuple[int, ...], tuple[Stream, ...], int]:
    """Pushes at set times, streams, and how often the source is looked at: 0 where it is heard of at once, or where each
    push comes just when a look does."""
    if len(pipeline.sources) != 1:
        refuse("The pipeline has several sources.")
    if any(variable.default is None for variable in pipeline.variables):
        refuse("A pipeline variable has no value.")
    source = Source(sim, sim.state.pipelines[pipeline.name], pipeline.sources[0])
    if len(source.detected) != 1:
        refuse(f"The source {source.action.name} is heard of in several ways or none.")
    fixed, streams = scenario.listed_pushes, scenario.streams
    for push in chain(fixed, (stream.like for stream in streams)):
        if (push.source and push.source not in source.names) or source.against(push) is not None:
            refuse("A push does not start the pipeline.")
    times = tuple(push.time for push in fixed)
    every = (scenario.polling or 1) if source.detected == ONLY_POLLED else 0
    at_once = not streams and len(set(times)) == len(times) and all(time % every == 0 for time in times if every)
    return times, streams, 0 if at_once and max(times, default=0) < THIRTY_DAYS else every
