"""What may be done with a thing now: each offer with its form, the command that does the same, and AWS's refusal, if any.

Whether a call is legal is asked of the call's own checks (`moment.against_call`): no rule is written here again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...state import ExecutionState
from ...views.words import clock
from ..act import Act
from ..moment import Moment
from ..things import Thing, thing
from . import stages, world
from .forms import Field, Offer, Values, as_data
from .jobs import jobs

__all__ = ["Field", "Offer", "Values", "chosen", "offers", "offers_at", "refreshed"]


def offers_at(moment: Moment, pipeline: str, identifier: str) -> dict[str, Any]:
    """All offers for a thing, as JSON, with where an act would happen."""
    here = thing(moment.state.pipelines[pipeline], identifier)
    rows = [as_data(moment, here, offer) for offer in offers(moment, here)]
    return {"thing": here.id, "title": here.title, "at": moment.at, "offers": rows, "where": where(moment)}


def where(moment: Moment) -> str:
    """A sentence on when an act here would happen, and that it begins another run, where it does."""
    time = clock(moment.state, moment.now)
    if moment.last:
        return f"Now, at {time}."
    inside = ", after all that happens at that instant," if moment.at != moment.k else ""
    return f"In the past, at {time}:{inside} another run begins here, and this one is kept.".replace(":,", ",")


def refreshed(moment: Moment, pipeline: str, identifier: str, offer: str, values: Values) -> dict[str, Any]:
    """One offer as JSON with these values filled in."""
    here = thing(moment.state.pipelines[pipeline], identifier)
    return as_data(moment, here, _named(moment, here, offer), values)


def chosen(moment: Moment, pipeline: str, identifier: str, offer: str, values: Values) -> Act:
    """The act that an offer means with these values. ValueError where there is no such offer."""
    here = thing(moment.state.pipelines[pipeline], identifier)
    return _named(moment, here, offer).act(values)


def _named(moment: Moment, here: Thing, offer: str) -> Offer:
    for one in offers(moment, here):
        if one.id == offer:
            return one
    raise ValueError(f"{here.title} has no offer {offer!r} at this moment.")


def offers(moment: Moment, here: Thing) -> Iterator[Offer]:
    """The offers for a thing, the likeliest first."""
    if here.execution is not None:
        yield from _of_execution(moment, here, here.execution)
    elif here.stage is None:
        yield from _of_pipeline(moment, here)
    elif here.action is not None:
        yield from _of_action(moment, here)
    elif here.kind == "transition":
        yield from _of_transition(here)
    elif here.gate:
        yield from stages.overrides(moment, here.pipeline, here.stage, None, here.gate)
        yield from world.alarms(moment, here.pipeline, here.stage, here.gate)
    else:
        yield from _of_stage(moment, here)


def _of_pipeline(moment: Moment, here: Thing) -> Iterator[Offer]:
    yield from world.releases(here.pipeline)
    yield from world.pushes(here.pipeline)
    yield from world.times(moment)
    yield from world.alarms(moment, here.pipeline)
    yield from world.seeds(moment)


def _of_action(moment: Moment, here: Thing) -> Iterator[Offer]:
    pipeline, stage, action = here.pipeline, here.stage, here.action
    assert stage is not None
    assert action is not None
    if action.is_approval:
        yield from stages.approvals(moment, pipeline, stage, action)
    if action.is_source:
        yield from world.pushes(pipeline, action)
    yield from jobs(moment, pipeline, stage, action)
    yield from world.luck(pipeline, stage, action)
    yield from stages.retries(moment, pipeline, stage, None)


def _of_transition(here: Thing) -> Iterator[Offer]:
    assert here.stage is not None
    place = here.pipeline.definition.index[here.stage.name]
    if place:
        yield from stages.transitions(here.pipeline, here.stage, "Inbound")
        yield from stages.transitions(here.pipeline, here.pipeline.definition.stages[place - 1], "Outbound")
    else:
        yield from world.pushes(here.pipeline)


def _of_stage(moment: Moment, here: Thing) -> Iterator[Offer]:
    pipeline, stage = here.pipeline, here.stage
    assert stage is not None
    for action in stage.actions:
        if action.is_approval:
            yield from stages.approvals(moment, pipeline, stage, action)
    yield from stages.retries(moment, pipeline, stage, None)
    yield from stages.rollbacks(moment, pipeline, stage)
    yield from stages.overrides(moment, pipeline, stage, None)
    if pipeline.definition.index[stage.name]:
        yield from stages.transitions(pipeline, stage, "Inbound")
    if stage is not pipeline.definition.stages[-1]:
        yield from stages.transitions(pipeline, stage, "Outbound")
    if (holder := pipeline.stages[stage.name].holder) is not None:
        yield from stages.stops(moment, pipeline, pipeline.executions[holder])


def _of_execution(moment: Moment, here: Thing, execution: ExecutionState) -> Iterator[Offer]:
    pipeline = here.pipeline
    yield from stages.stops(moment, pipeline, execution)
    for name, run in execution.stages.items():
        stage = pipeline.definition.by_name.get(name)
        if stage is None or run.entered is None:
            continue
        if run.status in ("Failed", "Stopped") or name == execution.stage:
            yield from stages.retries(moment, pipeline, stage, execution)
            yield from stages.overrides(moment, pipeline, stage, execution)
        for action in stage.actions if name == execution.stage else ():
            if action.is_approval:
                yield from stages.approvals(moment, pipeline, stage, action, execution)
