"""At which moment somebody stands who has applied `k` records: what is true then, and what a call would be told."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ..record import Record
from ..refused import Refused
from ..scenario import Scenario
from ..shapes import validate
from ..simulation import Simulation, calls
from ..state import State, fold


@dataclass(frozen=True)
class Moment:
    """The end of the instant of `k` records, where a call made there would find the account. `at` counts the records by
    then; `last` says that the run goes no further. It has what the calls' own checks look at."""

    simulation: Simulation
    k: int
    at: int
    state: State
    now: int
    last: bool

    @property
    def seed(self) -> int:
        return self.simulation.seed

    @property
    def scenario(self) -> Scenario:
        return self.simulation.scenario

    @property
    def records(self) -> Sequence[Record]:
        return self.simulation.records[:self.at]

    @property
    def identities(self) -> Mapping[str, Any]:
        return self.simulation.identities

    @property
    def roles(self) -> Mapping[str, Any]:
        return self.simulation.roles

    @property
    def trust(self) -> Mapping[str, Any]:
        return self.simulation.trust

    @property
    def boundaries(self) -> Mapping[str, Any]:
        return self.simulation.boundaries

    @property
    def topics(self) -> Mapping[str, Any] | None:
        return self.simulation.topics


def moment(simulation: Simulation, k: int) -> Moment:
    """The moment at which `fork_at(k)` would stand."""
    records = simulation.records
    k = min(max(k, 1), len(records))
    if k == len(records):
        return Moment(simulation, k, k, simulation.state, simulation.now, True)
    at = settled(simulation, k)
    return Moment(simulation, k, at, fold(records[:at]), records[k - 1].time, False)


def settled(simulation: Simulation, k: int) -> int:
    """How many records there are when all has happened that happens by itself at the instant of the first `k`."""
    records = simulation.records
    if k >= len(records):
        return len(records)
    time = records[k - 1].time
    end = bisect_right(records, time, key=lambda record: record.time)
    later = (done.after for done in simulation.inputs
             if done.time == time and done.after >= k and not (done.after == k and done.kind == "decide"))
    return min(end, min(later, default=end))


def against_call(moment: Moment, operation: str, request: Mapping[str, Any]) -> Refused | None:
    """The refusal that a call would meet now, or None: asked of the call's own checks, and nothing is recorded."""
    here = cast(Simulation, moment)  # a call looks at state, seed, scenario, rights and clock until it has been allowed
    by = moment.scenario.by
    fault = validate(operation, request)
    if fault is not None:
        return Refused(*fault)
    try:
        calls.authorise(here, operation, request, by)
        calls.reply(here, operation, request, by)
    except Refused as refused:
        return refused
    return None
