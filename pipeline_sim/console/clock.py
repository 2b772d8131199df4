"""How far a run goes when somebody presses play at its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..scenario import duration
from ..simulation import Simulation
from .pictures import layouts

if TYPE_CHECKING:
    from .widget import Console

LONG = 86_400


def run_on(simulation: Simulation, until: int | None = None) -> None:
    """To `until` where that is still to come, else to its end; a day further where the scenario pushes without end."""
    if until is not None and until > simulation.now:
        simulation.run(until)
    elif simulation.scenario.endless:
        simulation.run(simulation.now + LONG)
    elif until is None or simulation.now >= until:
        simulation.run()


def more(console: Console, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let the shown run go on at its end: by one instant (`step`), to a time (`until`), or to its end."""
    simulation, before = console.simulation, len(console.records)
    if body.get("step"):
        simulation.advance()
    elif (until := body.get("until")) is not None:
        simulation.run(max(duration(until), simulation.now))
    else:
        run_on(simulation, console.until)
    console.show(simulation, int(body.get("k", console.position)))
    return {"records": len(console.records) - before, "live": simulation.live > 0}


def other_pipeline(console: Console, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Show another pipeline of the same simulation."""
    if body.get("name") not in console.simulation.state.pipelines:
        raise ValueError(f"There is no pipeline {body.get('name')!r} here.")
    console.pipeline_name = str(body["name"])
    return {}


def flows(console: Console, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The layouts with artifacts of a pipeline that is too large for them to travel unasked."""
    drawing = next((each for each in reversed(console.drawings or ()) if each.k <= int(body.get("k", 0))), None)
    if drawing is None or drawing.definition is None:
        raise ValueError("There is no pipeline at this moment.")
    return {"flows": layouts(drawing.definition, drawing.before, True)}


OWN: Mapping[str, Callable[[Console, Mapping[str, Any]], Mapping[str, Any]]] = {
    "more": more, "pipeline": other_pipeline, "flows": flows}
