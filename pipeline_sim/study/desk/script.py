"""What a demonstration is: a run, the stops at which a teacher says something, and what would have been otherwise there.

A script is YAML: `title`, a world as questions have it (`pipeline`, `world`, `seed`, `until`), and `stops`. A stop is
reached at a time (`at`), at a record (`event`, the beginning of its line), or when a `claim` becomes true; it has a
`note` for the class, and may have `private` notes, a question to `ask`, the `thing` to choose in the console, `do`
(steps that are taken there, as in challenges) and `forks` (a title and steps each).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...console.act import go_on, horizon
from ...pipeline.fault import Fault, Faults, near
from ...pipeline.model import Pipeline
from ...refused import Refused
from ...scenario import Scenario, duration
from ...simulation import Simulation
from .. import claim
from ..clinic.steps import Step, against, perform, steps_of
from ..document import document
from ..reading import read_yaml
from ..telling import line
from ..world import USUAL, World, scenario_of, structures

HERE = Path(__file__).parent.parent / "demos"
WORLD = ("pipeline", "pipelines", "world", "seed")
KEYS = ("title", *WORLD, "stops")
STOP = ("at", "event", "claim", "note", "private", "ask", "thing", "do", "forks")
WHEN = ("at", "event", "claim")
KIND = "DemoFault"
LONGEST = 90 * 86_400
"""Seconds: for so long a stop is waited for."""

Found = Iterator[Fault]


@dataclass(frozen=True)
class Fork:
    """A prepared "what if": what is done otherwise at a stop."""

    title: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Stop:
    """Where the demonstration halts, and what is said there. `when` is one of `WHEN`, `what` the time, line or claim."""

    when: str
    what: str
    note: str
    private: str = ""
    ask: str = ""
    thing: str = ""
    do: tuple[Step, ...] = ()
    forks: tuple[Fork, ...] = ()


@dataclass(frozen=True)
class Script:
    title: str
    stops: tuple[Stop, ...]
    world: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Played:
    """A script's run, how many records there are at each stop, and at which second it is."""

    simulation: Simulation
    positions: tuple[int, ...]
    times: tuple[int, ...]


class NoStop(ValueError):
    """A stop is never reached, or a step there cannot be taken. `place` is the stop's number, from 0."""

    def __init__(self, place: int, said: str) -> None:
        super().__init__(said)
        self.place = place


# ---------------------------------------------------------------------------------------------- reading


def load(path: str | Path) -> Script:
    """A script from its file; a name alone is one of the course's (`modes`). Raises Faults, Unreadable."""
    own = HERE / "en" / f"{path}.yaml"
    said = read_yaml(own if own.exists() and not Path(path).exists() else Path(path))
    faults = list(_form(said))
    if faults:
        raise Faults(faults, str(path))
    stories = {str(one.get("name", "shop")): one for one in json.loads(json.dumps(_pipelines(said)))}
    world = {key: said[key] for key in WORLD if key in said}
    if "pipelines" not in said:
        world["pipeline"] = _pipelines(said)[0]
    return Script(str(said["title"]), tuple(_stop(one, stories) for one in said["stops"]), world)


def _pipelines(said: Mapping[str, Any]) -> list[Any]:
    return list(said.get("pipelines") or [{"stages": USUAL, **(said.get("pipeline") or {})}])


def _stop(said: Mapping[str, Any], stories: dict[str, Any]) -> Stop:
    when = next(key for key in WHEN if key in said)
    forks = tuple(Fork(str(one["title"]), steps_of(one["do"], json.loads(json.dumps(stories))))
                  for one in said.get("forks") or [])
    return Stop(when, str(said[when]), _text(said["note"]), _text(said.get("private", "")), _text(said.get("ask", "")),
                str(said.get("thing", "")), steps_of(said.get("do") or [], stories), forks)


def _text(said: Any) -> str:
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", str(said).strip()))


def demos() -> list[str]:
    """The names of the demonstrations that are ready."""
    return sorted(path.stem for path in (HERE / "en").glob("*.yaml"))


# ---------------------------------------------------------------------------------------------- playing


def play(script: Script) -> Played:
    """Run a script from stop to stop, and on to where only a person can move it. Raises NoStop, ValueError."""
    pipelines = [Pipeline.load(one) for one in structures(script.world)]
    scenario = Scenario.load(scenario_of(script.world.get("world") or {}), pipelines)
    sim = Simulation(pipelines, scenario, seed=script.world.get("seed", 0))
    positions: list[int] = []
    times: list[int] = []
    for place, stop in enumerate(script.stops):
        positions.append(_reach(script, sim, place, stop, positions[-1] if positions else 0))
        times.append(sim.records[positions[-1] - 1].time if stop.when == "event" else sim.now)
        if stop.do:
            sim.run(sim.now + 1)  # so that there is a moment just before
            _take(sim, stop.do, place)
    go_on(sim, horizon(sim, False, sim.now))
    return Played(sim, tuple(positions), tuple(times))


def _reach(script: Script, sim: Simulation, place: int, stop: Stop, after: int) -> int:
    """Let time pass up to a stop; how many records there are then."""
    if stop.when == "at":
        if duration(stop.what) < sim.now:
            raise NoStop(place, f"The stop at {stop.what} comes too late: it is {sim.now} seconds already.")
        sim.run(duration(stop.what))
        return len(sim.records)
    while True:
        if stop.when == "claim" and _true(script, sim, stop.what):
            return len(sim.records)
        found = next((k for k in range(after + 1, len(sim.records) + 1)
                      if line(sim.records[k - 1]).startswith(stop.what)), None) if stop.when == "event" else None
        if found is not None:
            return found
        if sim.live == 0 or sim.now > LONGEST:
            raise NoStop(place, f"Nothing in the run comes to '{stop.what}' from there on.")
        sim.advance()


def _true(script: Script, sim: Simulation, text: str) -> bool:
    try:
        return claim.holds(text, document(World(script.world, made=sim), claim.names(text)))
    except claim.Hollow:
        return False


def _take(sim: Simulation, steps: tuple[Step, ...], place: int) -> None:
    for step in steps:
        try:
            perform(sim, step)
        except (Refused, ValueError, LookupError) as problem:
            raise NoStop(place, f"'{step.kind} {step.name}' cannot be done there: {problem}") from None


def forked(played: Played, place: int, fork: Fork) -> tuple[Simulation, int]:
    """The other future that a fork begins at a stop, and how many records it has in common. Raises NoStop."""
    k = played.positions[place]
    other = played.simulation.fork_at(k)
    other.run(max(played.times[place], other.now))
    common = len(other.records)
    _take(other, fork.steps, place)
    go_on(other, horizon(other, False, other.now))
    return other, min(common, k)


# ---------------------------------------------------------------------------------------------- faults


def faults(path: str | Path) -> list[Fault]:
    """All that is wrong with a script: its form, a stop that is never reached, a fork that cannot be."""
    try:
        script = load(path)
    except Faults as refused:
        return list(refused.faults)
    try:
        played = play(script)
    except NoStop as problem:
        return [_fault(f"stops[{problem.place}]", str(problem), "Name a time, a record or a claim that comes.")]
    except (ValueError, TypeError, KeyError) as problem:
        return [_fault("world", " ".join(str(problem).split()), "Mend the pipeline or the world.")]
    return list(_forks(script, played))


def _forks(script: Script, played: Played) -> Found:
    for place, stop in enumerate(script.stops):
        for number, fork in enumerate(stop.forks):
            try:
                forked(played, place, fork)
            except NoStop as problem:
                yield _fault(f"stops[{place}].forks[{number}]", str(problem), "Do something that can be done there.")


def _form(said: Any) -> Found:
    if not isinstance(said, Mapping) or not isinstance(said.get("stops"), list) or not said["stops"]:
        yield _fault("stops", "The script has no stops.", "Write `title: …`, then `stops:` with `- at: 1m`, `note: …`.")
        return
    if not isinstance(said.get("title"), str):
        yield _fault("title", "The title is missing.", "Write `title: Three modes, one luck`.")
    yield from _unknown("", said, KEYS)
    for place, stop in enumerate(said["stops"]):
        yield from _of_stop(stop, f"stops[{place}]")


def _of_stop(stop: Any, path: str) -> Found:
    if not isinstance(stop, Mapping):
        yield _fault(path, "This is no stop.", "Begin it with `- at: 1m`.")
        return
    yield from _unknown(path, stop, STOP)
    if sum(key in stop for key in WHEN) != 1:
        yield _fault(path, "A stop is reached by exactly one of at, event and claim.", "Write `at: 10m`.")
    elif "at" in stop and (wrong := against({"wait": stop["at"]})):
        yield _fault(f"{path}.at", *wrong)
    if not isinstance(stop.get("note"), str):
        yield _fault(f"{path}.note", "There is no note for the class.", "Write `note: …`.")
    yield from _of_steps(stop.get("do") or [], f"{path}.do")
    forks = stop.get("forks") or []
    for number, fork in enumerate(forks if isinstance(forks, list) else [forks]):
        if not isinstance(fork, Mapping) or set(fork) != {"title", "do"}:
            yield _fault(f"{path}.forks[{number}]", "A fork has a title and steps.", "Write `{title: …, do: […]}`.")
        else:
            yield from _of_steps(fork["do"], f"{path}.forks[{number}].do")


def _of_steps(steps: Any, path: str) -> Found:
    if not isinstance(steps, list):
        yield _fault(path, "This is no list of steps.", "Begin each with `- call: …`.")
        return
    for place, step in enumerate(steps):
        if (wrong := against(step)) is not None:
            yield _fault(f"{path}[{place}]", *wrong)


def _unknown(path: str, said: Mapping[str, Any], known: tuple[str, ...]) -> Found:
    for key in said:
        if key not in known:
            yield _fault(f"{path}.{key}".lstrip("."), f"'{key}' means nothing here.",
                         near(str(key), known) or f"There are {', '.join(known)}.")


def _fault(path: str, message: str, fix: str) -> Fault:
    return Fault(path, "", KIND, message, fix)
