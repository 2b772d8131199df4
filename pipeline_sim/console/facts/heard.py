"""Which events and trail records are about a thing: read off the run's record that is behind each.

Both only grow with a run, so they are kept for as long as its simulation is, and read on from where they ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from ...calm import calm
from ...ids import execution_number
from ...record import ActionChanged, Called, ExecutionChanged, Record, RuleChanged, StageChanged
from ...simulation import Simulation
from ...views.cloudtrail import trail_behind
from ...views.events import Event, Events
from ..things import Thing

Numbered = tuple[int, dict[str, Any]]


class _Heard:
    """The events of a run so far, each with the place of its record; and its trail, as long as it was then."""

    def __init__(self) -> None:
        self.stream = Events()
        self.events: list[Numbered] = []
        self.trail: list[Numbered] = []
        self.trailed = 0


_HEARD: WeakKeyDictionary[Simulation, _Heard] = WeakKeyDictionary()


def _heard(simulation: Simulation) -> _Heard:
    heard = _HEARD.setdefault(simulation, _Heard())
    with calm():
        for index in range(heard.stream.state.count, len(simulation.records)):
            heard.events += ((index, event) for event in heard.stream.take(simulation.records[index]))
    return heard


def events_of(simulation: Simulation) -> list[tuple[int, Event]]:
    """All events with the places of their records."""
    return _heard(simulation).events


def trail_of(simulation: Simulation) -> list[Numbered]:
    """The whole trail with the places of the records behind it."""
    heard = _heard(simulation)
    if heard.trailed != len(simulation.records):
        heard.trail, heard.trailed = trail_behind(simulation.records), len(simulation.records)
    return heard.trail


def newest_about(found: list[Numbered], simulation: Simulation, thing: Thing, k: int) -> Iterator[dict[str, Any]]:
    """Those of the first `k` records that are about a thing, the newest first."""
    for index, told in reversed(found):
        if index < k and concerns(thing, simulation.records[index], simulation.seed):
            yield told


def concerns(thing: Thing, record: Record, seed: int) -> bool:
    """Whether a record is about this very thing: of a stage its own changes and the calls that name it, not those of its
    actions; of an execution all of its own."""
    if isinstance(record, Called):
        return _called(thing, record, seed)
    if not isinstance(record, ExecutionChanged | StageChanged | ActionChanged | RuleChanged):
        return False
    if record.pipeline != thing.pipeline.name:
        return False
    if thing.execution is not None:
        return record.execution == thing.execution.number
    if thing.stage is None:
        return isinstance(record, ExecutionChanged)
    if isinstance(record, ExecutionChanged) or record.stage != thing.stage.name:
        return False
    if thing.gate:
        return isinstance(record, RuleChanged) and record.gate == thing.gate
    if thing.action is not None:
        return isinstance(record, ActionChanged) and record.action == thing.action.name
    return isinstance(record, StageChanged) and thing.kind == "stage"


def _called(thing: Thing, record: Called, seed: int) -> bool:
    request, name = record.request, thing.pipeline.name
    if name not in (request.get("pipelineName"), request.get("name"), _inside(request, "pipeline", "name"),
                    _inside(request, "webhook", "targetPipeline")):
        return False
    if thing.execution is not None:
        given = [request.get("pipelineExecutionId"), (record.answer or {}).get("pipelineExecutionId")]
        return thing.execution.number in [execution_number(seed, name, str(one)) for one in given if one]
    if thing.stage is None:
        return True
    if thing.kind == "transition":
        return _moves(thing, record)
    if request.get("stageName") != thing.stage.name:
        return False
    return not thing.gate and (thing.action is None or request.get("actionName") == thing.action.name)


def _inside(request: Mapping[str, Any], member: str, name: str) -> Any:
    found = request.get(member)
    return found.get(name) if isinstance(found, Mapping) else None


def _moves(thing: Thing, record: Called) -> bool:
    """Whether a call closes or opens the way into a stage: at its own door, or at the door of the one before."""
    if not record.operation.endswith("StageTransition") or thing.stage is None:
        return False
    stages, place = thing.pipeline.definition.stages, thing.pipeline.definition.index[thing.stage.name]
    sides = {(thing.stage.name, "Inbound")} | ({(stages[place - 1].name, "Outbound")} if place else set())
    return (record.request.get("stageName"), record.request.get("transitionType")) in sides
