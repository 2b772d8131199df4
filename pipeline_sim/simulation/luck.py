"""What will come of an attempt: drawn from the scenario by key when it begins, never before and never again.

The draw of an attempt depends on the seed, the place (`Build/Compile`), the execution's luck and the attempt's number
alone, so that a change elsewhere leaves it as it is. A defect is drawn for each revision instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..pipeline.catalogue import action_type
from ..pipeline.model import Action, Stage
from ..record import Result
from ..scenario import Behaviour, Outcome, base, word
from ..state import ExecutionState
from .order import rank

if TYPE_CHECKING:
    from . import Simulation


Plan = tuple[int | None, str, Result | None, Callable[[], None] | None]
"""What an attempt comes to: after how many seconds (None: somebody from outside will end it), its status and result, and
what is done just before the end is written down. A plain tuple, as one is made for every attempt."""

Planner = Callable[["Simulation", ExecutionState, "Prepared", int], Plan]
Opener = Callable[["Simulation", ExecutionState, "Prepared"], tuple[Result | None, Plan | None]]


class Prepared:
    """An action's luck, looked up once: its quantiles, thresholds, time-out, and who plans its attempts; `order` is the
    rank of its stage."""

    __slots__ = ("action", "at", "base", "behaviour", "capacity", "defect", "defect_base", "failure", "opening", "order",
                 "plan", "scripted", "stage", "success", "threshold", "timeout")

    def __init__(self, sim: Simulation, order: int, stage: Stage, action: Action, behaviour: Behaviour) -> None:
        place = f"{stage.name}/{action.name}"
        self.stage, self.action, self.behaviour, self.order = stage, action, behaviour, order
        self.base = base(sim.seed, f"{place}#attempt")
        self.threshold = round(behaviour.failure * 2**32)
        self.defect_base = base(sim.seed, f"{place}#defect")
        self.defect = round(behaviour.defect * 2**32)
        self.at = behaviour.duration.at
        self.timeout = time_limit(sim, action)
        self.capacity = sim.capacity_of(behaviour, action)
        self.scripted = behaviour.attempts or behaviour.executions
        self.failure = Result("", behaviour.code, behaviour.message or f"{place} failed.")
        self.success = Result(variables=behaviour.variables) if behaviour.variables else None
        self.plan: Planner = plan
        self.opening: Opener | None = None


def time_limit(sim: Simulation, action: Action) -> int:
    """After how many seconds the action fails by its time-out (2.1, 10); an approval's may be set [MODEL], that of an ECS
    deployment lowered [UG22:action-reference-ECS]."""
    if action.timeout_minutes is not None and action.is_approval:
        return action.timeout_minutes * 60
    known = action_type(action.type)
    limit = known.timeout if known else 86_400
    limit = int(sim.scenario.timeouts.get(action.provider, limit))
    lower = action.configuration.get(known.timeout_key, "") if known and known.timeout_key else ""
    return min(limit, int(lower) * 60) if lower.isdecimal() else limit


def prepare(sim: Simulation, execution: ExecutionState, stage: Stage) -> tuple[tuple[Prepared, ...], ...]:
    """The action groups of a stage, with the luck of each action and what is special about its provider: made when the
    stage is first entered, and kept."""
    groups = tuple(tuple(_prepared(sim, execution, stage, action) for action in group) for group in stage.groups)
    sim.prepared[id(stage)] = groups
    return groups


def _prepared(sim: Simulation, execution: ExecutionState, stage: Stage, action: Action) -> Prepared:
    from .providers import specialise

    order = rank(execution.definition.index[stage.name])
    prepared = Prepared(sim, order, stage, action, sim.scenario.behaviour(stage.name, action))
    specialise(sim, execution, prepared)
    return prepared


def plan(sim: Simulation, execution: ExecutionState, prepared: Prepared, number: int) -> Plan:
    """Duration and outcome of one attempt, from one word of chance."""
    if sim.decisions or prepared.scripted:
        outcome = decided(sim, execution, prepared, number)
        if outcome is not None:
            return scripted_plan(execution, prepared, number, outcome)
    draw = word(prepared.base, execution.start.luck, number)
    duration = prepared.at(draw & 0xFFFF)
    if draw >> 32 < prepared.threshold or (prepared.defect and defective(execution, prepared)):
        return duration, "Failed", prepared.failure, None
    return duration, "Succeeded", prepared.success, None


def defective(execution: ExecutionState, prepared: Prepared) -> bool:
    """Whether a revision of this execution is broken at this place: then every attempt on it fails."""
    numbers = {revision.number for revision in execution.revisions.values()}
    return any(word(prepared.defect_base, number, 0) >> 32 < prepared.defect for number in numbers)


def decided(sim: Simulation, execution: ExecutionState, prepared: Prepared, number: int) -> Outcome | None:
    """What somebody has decided for this attempt: by hand for the next one, or in the scenario's script."""
    key = (execution.pipeline, prepared.stage.name, prepared.action.name)
    return sim.decisions.pop(key, None) or _scripted(prepared.behaviour, execution.number, number)


def _scripted(behaviour: Behaviour, execution: int, number: int) -> Outcome | None:
    return behaviour.executions.get(execution, {}).get(number) or behaviour.attempts.get(number)


def scripted_plan(execution: ExecutionState, prepared: Prepared, number: int, outcome: Outcome) -> Plan:
    """A decided attempt; what the script leaves open (a duration, a status) chance decides as ever."""
    draw = word(prepared.base, execution.start.luck, number)
    duration = prepared.at(draw & 0xFFFF) if outcome.duration is None else outcome.duration
    if (outcome.status or _drawn_status(execution, prepared, draw)) == "Failed":
        failure = prepared.failure
        result = failure._replace(code=outcome.code or failure.code, message=outcome.message or failure.message)
        return duration, "Failed", result, None
    variables = {**prepared.behaviour.variables, **outcome.variables}
    return duration, "Succeeded", Result(variables=variables) if variables else None, None


def _drawn_status(execution: ExecutionState, prepared: Prepared, draw: int) -> str:
    fails = draw >> 32 < prepared.threshold or (prepared.defect and defective(execution, prepared))
    return "Failed" if fails else "Succeeded"
