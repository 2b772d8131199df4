"""What the array path must know of a pipeline in its world, and whether it can go that way at all.

Everything is asked of the simulation's own rules, once: time-outs, sources, transitions. What the arrays do not model is
refused with a sentence, and the simulation then does the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from ..pipeline.model import PARALLEL, Action, Pipeline, Stage
from ..pipeline.variables import references
from ..rules import LIMIT
from ..scenario import Hours, Quantiles, Scenario, threshold
from ..scenario.streams import Stream
from ..simulation import Simulation
from ..simulation.luck import time_limit
from ..simulation.mistakes import against_configuration
from ..simulation.others import alarms_of
from ..simulation.stacks import EXECUTES, MAKES, stack_key
from ..simulation.world import Source
from .transitions import NEVER, Spans, spans_of

__all__ = ["NEVER", "Attempts", "NotAnArray", "Plan", "StagePlan", "plan_of"]


HARMLESS = ("DisableStageTransition", "EnableStageTransition", "PutWebhook", "RegisterWebhookWithThirdParty")
"""Calls that start nothing and that arrays know, or need not know."""


class NotAnArray(Exception):
    """The array path does not model this; the sentence says what."""


@dataclass(frozen=True)
class Attempts:
    """The luck of an action's attempts. `passes` says that words below the threshold are good (an approval), otherwise
    they are bad (a failure). Without `duration` nobody answers, and the time-out comes."""

    key: str
    duration: Quantiles | None
    threshold: int
    passes: bool
    timeout: int
    hours: Hours | None = None
    defect_key: str = ""
    defect: int = 0


@dataclass(frozen=True)
class StagePlan:
    """A stage: its action groups, how it retries by itself (`""`: not), when its inbound transition is closed."""

    name: str
    groups: tuple[tuple[Attempts, ...], ...]
    retry: str
    closed: tuple[tuple[int, int], ...]

    @property
    def by_the_clock(self) -> bool:
        """Whether how long it takes depends on when it begins."""
        return any(action.hours for group in self.groups for action in group)


@dataclass(frozen=True)
class Plan:
    """A pipeline in its world, as arrays take it. `fixed` are pushes at set times."""

    mode: str
    stages: tuple[StagePlan, ...]
    fixed: tuple[int, ...]
    streams: tuple[Stream, ...]
    limit: int


def plan_of(pipeline: Pipeline, scenario: Scenario) -> Plan:
    """The plan, or NotAnArray."""
    scenario = with_beside(scenario, [pipeline])
    _refuse_people(scenario)
    sim = Simulation(pipeline, scenario.but(pushes=[]))
    _refuse_capacity(sim, pipeline)
    closed = closures(sim, pipeline)
    _refuse_defects(pipeline, scenario, closed)
    fixed, streams = _pushes(sim, pipeline, scenario)
    stages = tuple(_stage(sim, stage, closed[stage.name]) for stage in pipeline.stages)
    limit = int(sim.state.settings.get("execution_limit", LIMIT))
    return Plan(pipeline.mode, stages, fixed, streams, limit)


def _refuse(reason: str) -> None:
    raise NotAnArray(reason)


def _refuse_people(scenario: Scenario) -> None:
    if scenario.data.get("retry"):
        _refuse("People retry failed stages in this scenario.")
    if scenario.roles or scenario.trust:
        _refuse("The service role's permissions are looked at.")
    if scenario.schedules or scenario.deliveries:
        _refuse("Schedules or webhooks start executions.")
    for call in scenario.calls:
        if call.operation not in HARMLESS:
            _refuse(f"The scenario calls {call.operation}.")


# ---------------------------------------------------------------------------------------------- stages and actions


def _stage(sim: Simulation, stage: Stage, closed: tuple[tuple[int, int], ...]) -> StagePlan:
    if stage.before_entry or stage.on_success or (stage.on_failure and stage.on_failure.condition):
        _refuse(f"{stage.name} has a condition.")
    result = stage.on_failure.result if stage.on_failure else None
    if result not in (None, "RETRY", "FAIL"):
        _refuse(f"{stage.name} rolls back by itself.")
    retry = (stage.on_failure.retry_mode or "FAILED_ACTIONS") if stage.on_failure and result == "RETRY" else ""
    groups = tuple(tuple(_attempts(sim, stage, action) for action in group) for group in stage.groups)
    return StagePlan(stage.name, groups, retry, closed)


def _attempts(sim: Simulation, stage: Stage, action: Action) -> Attempts:
    place, behaviour = f"{stage.name}/{action.name}", sim.scenario.behaviour(stage.name, action)
    limit = time_limit(sim, action)
    if behaviour.attempts or behaviour.executions:
        _refuse(f"The scenario scripts single attempts of {place}.")
    if action.is_approval:
        approver = sim.scenario.approver(stage.name, action)
        if approver is None:
            return Attempts(place, None, 0, True, limit)
        return Attempts(f"{place}#approval", approver.response, threshold(approver.probability), True, limit,
                        approver.hours)
    if behaviour.worker != "scenario":
        _refuse(f"A job worker ends {place}.")
    _refuse_provider(sim, place, action, behaviour.duration, limit)
    if action.provider == "CloudFormation":
        _refuse_stack(sim, stage, action, behaviour.duration, limit)
    if alarms_of(action.configuration) and sim.scenario.alarms:
        _refuse(f"{place} watches alarms.")
    if against_configuration(action, action.configuration, sim.state.account) is not None:
        _refuse(f"{place} fails by its configuration.")
    return Attempts(f"{place}#attempt", behaviour.duration, threshold(behaviour.failure), False, limit,
                    defect_key=f"{place}#defect", defect=threshold(behaviour.defect))


def _refuse_provider(sim: Simulation, place: str, action: Action, duration: Quantiles, limit: int) -> None:
    if any(references(text) for text in chain(action.configuration.values(), action.commands)):
        _refuse(f"{place} uses variables.")
    if action.provider == "CodePipeline":
        _refuse(f"{place} starts another pipeline.")
    if action.provider == "CodeDeploy":
        pipeline = sim.pipelines[0]
        if pipeline.mode == PARALLEL:
            _refuse(f"{place} deploys with CodeDeploy in PARALLEL mode, where deployments can be in each other's way.")
        if sum(_group(one) == _group(action) for _, one in pipeline.walk()) > 1:
            _refuse(f"{place} shares its deployment group with another action.")
        if duration.at(0xFFFF) > limit:
            _refuse(f"A deployment of {place} can outlast its action's time-out.")


def _refuse_stack(sim: Simulation, stage: Stage, action: Action, duration: Quantiles, limit: int) -> None:
    """A stack is exact where operations on it cannot meet: all in one locked stage, one after another; and where a
    change set is always there, and never executed twice."""
    place, pipeline = f"{stage.name}/{action.name}", sim.pipelines[0]
    key = _stack(sim, action)
    others = [(where, one) for where, one in pipeline.walk() if one is not action and _stack(sim, one) == key]
    if pipeline.mode == PARALLEL or any(where is not stage or one.run_order == action.run_order for where, one in others):
        _refuse(f"Operations on the stack of {place} can be in each other's way.")
    if duration.at(0xFFFF) > limit:
        _refuse(f"An operation of {place} can outlast its action's time-out.")
    if action.configuration.get("ActionMode") == EXECUTES:
        before = sorted((one for _, one in others if one.run_order < action.run_order), key=lambda one: one.run_order)
        made = bool(before) and before[-1].configuration.get("ActionMode") == MAKES and (
            before[-1].configuration.get("ChangeSetName") == action.configuration.get("ChangeSetName"))
        if not made or stage.on_failure is not None:
            _refuse(f"{place} executes a change set that may not be there.")


def _stack(sim: Simulation, action: Action) -> tuple[str, str, str] | None:
    if action.provider != "CloudFormation":
        return None
    return stack_key(action.configuration, action, sim.state.account, sim.state.region)


def _group(action: Action) -> tuple[str, str] | None:
    settings = action.configuration
    found = (settings.get("ApplicationName", ""), settings.get("DeploymentGroupName", ""))
    return found if action.provider == "CodeDeploy" else None


def _refuse_capacity(sim: Simulation, pipeline: Pipeline) -> None:
    """A capacity that stages share is exact only where it cannot bind: slots for the widest group of every stage."""
    for name, slots in sim.slots.items():
        wanted = [max(sum(_takes(sim, stage, action) == name for action in group) for group in stage.groups)
                  for stage in pipeline.stages]
        if sum(wanted) > slots or (any(wanted) and pipeline.mode == PARALLEL):
            _refuse(f"The capacity {name} ({slots}) can be used up.")


def _takes(sim: Simulation, stage: Stage, action: Action) -> str:
    return sim.capacity_of(sim.scenario.behaviour(stage.name, action), action)


def _refuse_defects(pipeline: Pipeline, scenario: Scenario, closed: dict[str, tuple[tuple[int, int], ...]]) -> None:
    """In PARALLEL mode a source may bind a newer revision than its own push's: then a defect is not its push's."""
    first = pipeline.stages[0]
    defects = any(scenario.behaviour(stage.name, action).defect for stage, action in pipeline.walk())
    late = pipeline.mode == PARALLEL and (closed[first.name] or len(first.groups) > 1 or first.on_failure
                                          or any(scenario.behaviour(first.name, one).defect for one in first.actions))
    if defects and late:
        _refuse(f"In PARALLEL mode {first.name} may take a newer revision than its push's, and revisions have defects.")


# ---------------------------------------------------------------------------------------------- pushes


def _pushes(
    sim: Simulation, pipeline: Pipeline, scenario: Scenario
) -> tuple[tuple[int, ...], tuple[Stream, ...]]:
    if len(pipeline.sources) != 1:
        _refuse("The pipeline has several sources.")
    if any(variable.default is None for variable in pipeline.variables):
        _refuse("A pipeline variable has no value.")
    source = Source(sim, sim.state.pipelines[pipeline.name], pipeline.sources[0])
    if len(source.detected) != 1 or "PollForSourceChanges" in source.detected:
        _refuse(f"The source {source.action.name} is polled, or heard of in several ways or none.")
    fixed, streams = scenario.listed_pushes, scenario.streams
    for push in chain(fixed, (stream.like for stream in streams)):
        if (push.source and push.source not in source.names) or source.against(push) is not None:
            _refuse("A push does not start the pipeline.")
    return tuple(push.time for push in fixed), streams


# ---------------------------------------------------------------------------------------------- transitions


def closures(sim: Simulation, pipeline: Pipeline) -> dict[str, Spans]:
    """When each stage cannot be entered, as (from, to) with `to` excluded: asked of a run in which nobody pushes."""
    calls = sim.scenario.calls
    if calls:
        sim.run(calls[-1].at)
    return spans_of(sim.records, pipeline)
