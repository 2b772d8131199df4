"""What a proof runs: the pipeline in short form, how its world behaves, and the run that comes of it, made once.

What a question says of its world: `pipeline` (short form; or `pipelines`, a list of them), `world` (a scenario), `seed`,
`until`; and for single parts of the document `decide`, `pattern`, `notify`, `whatif`. Every action takes a minute unless
the world says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from ..pipeline.check import check
from ..pipeline.fault import Fault
from ..pipeline.model import Pipeline
from ..scenario import Scenario
from ..simulation import Simulation
from .short import structure

RUN_KEYS = ("pipeline", "pipelines", "world", "seed", "until")
KEYS = (*RUN_KEYS, "decide", "pattern", "notify", "whatif")
USUAL: Mapping[str, Any] = {"Source": ["App"], "Build": ["Compile"], "Prod": ["Deploy"]}
FOREVER = "30d"
"""How long a world without an end is run."""


class NoWorld(ValueError):
    """A world that cannot be run. Its text says why."""


@dataclass(eq=False)
class World:
    """What was said of a world, and what comes of it when somebody asks. `parts` keeps what was made of it."""

    said: Mapping[str, Any]
    parts: dict[str, Any] = field(default_factory=dict)
    made: Simulation | None = None
    """A run that somebody else holds, to be looked at as it stands."""

    @property
    def run(self) -> Simulation:
        """The run to its end, or to `until`. It is shared: look, do not touch."""
        return self.made or _run(_key({key: self.said[key] for key in RUN_KEYS if key in self.said}))

    @property
    def pipelines(self) -> tuple[Pipeline, ...]:
        return self.run.pipelines

    @property
    def scenario(self) -> Scenario:
        return self.run.scenario

    @cached_property
    def structures(self) -> list[dict[str, Any]]:
        return structures(self.said)

    @cached_property
    def faults(self) -> list[Fault]:
        """All that AWS would say against the pipelines."""
        region = (self.said.get("world") or {}).get("region", "eu-west-1")
        return [fault for one in self.structures for fault in check(one, region=region)]


@lru_cache(maxsize=1024)
def _made(key: str) -> World:
    return World(json.loads(key))


def world(said: Mapping[str, Any], other: Mapping[str, Any] | None = None) -> World:
    """The world that was said, with what an option says otherwise; the same words give the same world."""
    whole = said if "pipelines" in said else {**said, "pipeline": {"stages": USUAL, **said.get("pipeline", {})}}
    return _made(_key(merged(whole, other or {})))


def _key(said: Mapping[str, Any]) -> str:
    return json.dumps(said, default=str)


def merged(one: Any, other: Any) -> Any:
    """Mappings merged key by key, all else replaced. None stays: it says that a thing is left out."""
    if not (isinstance(one, Mapping) and isinstance(other, Mapping)):
        return other
    return {**one, **{key: merged(one.get(key), value) for key, value in other.items()}}


def fresh(world: World) -> Simulation:
    """A run of the same world that is nobody else's: to fork, to play with."""
    return _simulate({key: world.said[key] for key in RUN_KEYS if key in world.said})


def structures(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The structures of the pipelines that were said, written out. Raises NoWorld where they are in no such form."""
    try:
        return [_structure(one) for one in said.get("pipelines") or [said.get("pipeline") or {}]]
    except (AttributeError, IndexError, KeyError, StopIteration, TypeError, ValueError):
        raise NoWorld("The pipeline's short form cannot be read: write stages as {Source: [App], Build: [Compile]}."
                      ) from None


def _structure(short: Mapping[str, Any]) -> dict[str, Any]:
    members = {key: value for key, value in short.items() if key != "stages"}
    stages = short.get("stages", USUAL)
    return structure(stages, **members) if isinstance(stages, Mapping) else {**members, "stages": stages}


@lru_cache(maxsize=1024)
def _run(key: str) -> Simulation:
    return _simulate(json.loads(key))


def _simulate(said: Mapping[str, Any]) -> Simulation:
    try:
        made = [Pipeline.load(one) for one in structures(said)]
        scenario = Scenario.load(scenario_of(said.get("world") or {}), made)
        until = said.get("until") or (FOREVER if scenario.endless else None)
        return Simulation(made, scenario, seed=said.get("seed", 0)).run(until)
    except (AttributeError, KeyError, TypeError):
        raise NoWorld("The world cannot be read: write it as a scenario, see docs/scenario.md.") from None
    except ValueError as problem:  # Faults and Unreadable, too
        raise NoWorld(str(problem)) from None


def scenario_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The scenario of a world that was said: a minute for every action, calls in full."""
    said = {"actions": {}, **{key: value for key, value in given.items() if value is not None}}
    behaviours = {"*": {"duration": "60s"}, **(said["actions"] or {})}
    said["actions"] = {name: one for name, one in behaviours.items() if one is not None}
    if "calls" in said:
        said["calls"] = [_call(one) for one in said["calls"] or []]
    return said


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    """A call; the pipeline of an UpdatePipeline may be in short form, too."""
    given = call.get("pipeline")
    return {**call, "pipeline": _structure(given)} if isinstance(given, Mapping) else dict(call)
