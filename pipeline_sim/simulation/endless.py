"""What keeps a world going without end, and the error that says so.

Asked at every 2,000th execution (or retry) that begins. They may not all begin in one instant, without as many pushes and
calls: time would never pass. And where a run goes to its own end, there may not be many more of them than what came from
outside can explain.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..record import Called, ExecutionChanged, Record
from ..views.words import clock

if TYPE_CHECKING:
    from . import Simulation

EVERY = 2000
"""After so many beginnings we look again."""
EACH = 200
"""So many executions and retries may follow from one push, call, schedule or delivery."""
_RECENT = 5000


class Endless(ValueError):
    """A run that would never end by itself."""


class Begun:
    """How many executions and retries have begun, when we look again, and what there was when we last looked. `most` is
    how many there may be by then: None where a run has a set end."""

    __slots__ = ("count", "looked", "most", "next", "outside")

    def __init__(self) -> None:
        self.count, self.next = 0, EVERY
        self.looked, self.outside = -1, 0
        self.most: int | None = None


def one_more(sim: Simulation) -> None:
    """An execution begins, or is refused at its start, or a stage begins again by a person. Raises Endless."""
    begun = sim.begun
    begun.count += 1
    if begun.count >= begun.next:
        begun.next += EVERY
        _look(sim, begun)


def to_the_end(sim: Simulation, goes: bool) -> None:
    """From now on the run goes to its own end, or (False) as far as somebody says."""
    begun = sim.begun
    begun.most = begun.count + EVERY + EACH * _planned(sim) if goes else None


def _planned(sim: Simulation) -> int:
    """How many things are to come from outside by the scenario, apart from pushes, which are counted as they come."""
    said = sim.scenario
    fires = [one.most if one.most is not None else ((one.ends or 0) - one.begins) // 60 + 1 for one in said.schedules]
    return len(said.calls) + len(said.deliveries) + sum(fires)


def _look(sim: Simulation, begun: Begun) -> None:
    now, outside = sim.now, sim.state.revisions + len(sim.inputs)
    came, stood = outside - begun.outside, now == begun.looked
    begun.looked, begun.outside = now, outside
    if stood and came * len(sim.state.pipelines) < EVERY // 2:
        raise Endless(f"{clock(sim.state, now)}: {EVERY} executions and retries have begun without any time passing. "
                      f"{_culprit(sim.records)}. Take away what starts it again, or let some action of it take time.")
    if begun.most is not None and begun.count > begun.most + EACH * outside:
        raise Endless(f"{clock(sim.state, now)}: this world keeps itself going. {_culprit(sim.records)}, and so on. Say how "
                      "long to run, as in run(until='7d'), or take away what starts it again.")


def _culprit(records: list[Record]) -> str:
    """What has begun most often of late, in words."""
    found = Counter(text for record in records[-_RECENT:] if (text := _beginning(record)))
    text, times = found.most_common(1)[0]
    return f"Of the last {sum(found.values())} beginnings {times} are alike: {text}"


def _beginning(record: Record) -> str:
    if isinstance(record, ExecutionChanged) and record.start is not None:
        by = f" ({record.start.detail})" if record.start.detail else ""
        return f"{record.pipeline} is started by {record.start.trigger}{by}"
    if isinstance(record, Called) and record.operation == "RetryStageExecution" and record.error is None:
        return f"stage {record.request['stageName']} of {record.request['pipelineName']} is retried by {record.by}"
    return ""
