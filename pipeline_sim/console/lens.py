"""What does the execution mode change? One stream of pushes through all three, side by side in step, on the same luck.

Each mode is a run of its own, of the same pipeline in the same world with the same seed: an action's luck depends on its
place and on the execution alone, so that whatever differs is due to the mode. One clock serves them all.
"""

from __future__ import annotations

import base64
import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import anywidget
import traitlets

from ..pipeline.fault import Faults
from ..pipeline.model import PARALLEL, QUEUED, SUPERSEDED, Pipeline
from ..record import ExecutionChanged, RevisionArrived
from ..scenario import Scenario, duration
from ..simulation import Simulation
from ..views.graph import svg, words
from ..views.metrics import Metrics, measure
from ..views.picture import marks
from ..views.spans import IN_FRONT
from ..views.words import clock, lasting
from . import sources
from .clock import run_on
from .columns import Table, pack, steps
from .film import DECISION, EXECUTION, FAILURE, PUSH, Filming
from .hearing import in_order
from .page import STILL, image
from .pictures import pictures

MODES: Mapping[str, str] = {
    SUPERSEDED: "One execution in a stage at a time; a newer one takes the place of an older one that waits.",
    QUEUED: "One execution in a stage at a time; the others wait in line, first come, first served.",
    PARALLEL: "Every execution goes its own way; none waits for another.",
}
HEIGHT = 1000  # of a frame, in pixels
TOLD_FIRST = (FAILURE, DECISION, PUSH, EXECUTION)


class Side:
    """One mode: its run, and what came of it."""

    def __init__(self, mode: str, simulation: Simulation, name: str) -> None:
        self.mode = mode
        self.simulation = simulation
        self.pipeline = name
        self.metrics: Metrics = measure(simulation.records, name, now=simulation.now)
        self.filming = Filming(name).take(simulation.records)

    def pushes(self) -> dict[int, str]:
        """What each push is called: its message, with its number where that is missing or said twice."""
        said = {record.revision.number: record.revision.message or "push"
                for record in self.simulation.records if isinstance(record, RevisionArrived)}
        all_said = list(said.values())
        return {number: f"{text} {number}" if text == "push" or all_said.count(text) > 1 else text
                for number, text in said.items()}

    def changes(self) -> dict[int, str]:
        """By execution, the change that it was started with."""
        known = self.pushes()
        executions = self.simulation.state.pipelines[self.pipeline].executions
        return {number: ", ".join(dict.fromkeys(
            known[revision.number] for revision in one.revisions.values() if revision.number in known)) or f"#{number}"
            for number, one in executions.items()}

    def deployments(self) -> list[tuple[int, int, str, list[str]]]:
        """When, which execution, how it ended, and the changes that came with it."""
        known = self.pushes()
        return [(one.ended, one.execution, one.status, [known.get(number, f"push {number}") for number in one.carried])
                for one in self.metrics.deployments]

    def superseded(self) -> list[tuple[int, int]]:
        """When, and which execution."""
        return [(record.time, record.execution) for record in self.simulation.records
                if isinstance(record, ExecutionChanged) and record.status == "Superseded"
                and record.pipeline == self.pipeline]

    def waits(self) -> list[tuple[int, int]]:
        """From when to when somebody stood in front of a stage; -1 where it stands there still."""
        return [(span.start, -1 if span.end is None else span.end) for span in self.filming.spans.all
                if span.pipeline == self.pipeline and span.what == IN_FRONT and span.end != span.start]

    def told(self, end: int) -> dict[str, Any]:
        """All of it as the browser gets it. Lanes carry the name of their change."""
        film = self.filming.film(now=end, live=False, pipelines=(self.pipeline,))
        changes = self.changes()
        film["lanes"]["executions"] = [
            lane._replace(label=f"{number}: {changes.get(number, '')}") if (number := _number(lane.thing)) else lane
            for lane in film["lanes"]["executions"]]
        return {"mode": self.mode, "rule": MODES[self.mode], "film": film, "changes": changes,
                "pictures": pictures(self.filming.drawings()), "deployments": self.deployments(),
                "superseded": self.superseded(), "waits": self.waits()}

    def sentence(self) -> str:
        """What came of it, in one line."""
        carried = "; ".join(f"execution {number} carries {', '.join(names) or 'nothing new'}"
                            for _, number, status, names in self.deployments() if status == "Succeeded")
        waited = sum((self.simulation.now if end < 0 else end) - start for start, end in self.waits())
        count = len(self.deployments())
        return (f"{self.mode}: {count} deployment{'s' if count != 1 else ''}, {len(self.superseded())} superseded, "
                f"{lasting(waited) if waited else 'nothing'} waited in front of stages{f'; {carried}' if carried else ''}.")


def _number(thing: str) -> int:
    return int(thing.partition("-")[2]) if thing.startswith("execution-") else 0


class Lens(anywidget.AnyWidget):
    """`Lens(pipeline, scenario, seed=7)` runs all three modes to their end (or to `until`; a day where the scenario
    pushes without end). `sides` holds them by mode, `missing` says why AWS would refuse the pipeline in a mode.

    `time` is where the clock stands and `follow` the change that is followed; both can be observed and set.
    """

    _esm = sources.lens_module()
    _css = sources.sheet("lens")

    film = traitlets.Bytes().tag(sync=True)
    pictures = traitlets.Bytes().tag(sync=True)
    modes = traitlets.Bytes().tag(sync=True)
    position = traitlets.Int(0).tag(sync=True)
    time = traitlets.Int(0).tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    follow = traitlets.Unicode("").tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)
    speed = traitlets.Float(0).tag(sync=True)
    presenting = traitlets.Bool(False).tag(sync=True)

    def __init__(self, pipeline: Pipeline, scenario: Scenario | None = None, *, seed: int = 0,
                 until: int | str | None = None, **traits: Any) -> None:
        self.sides: dict[str, Side] = {}
        self.missing: dict[str, str] = {}
        for mode in MODES:
            try:
                simulation = Simulation(pipeline.with_mode(mode), scenario, seed=seed)
            except Faults as faults:
                self.missing[mode] = " ".join(dict.fromkeys(f"{fault.message} {fault.fix}" for fault in faults.faults))
                continue
            run_on(simulation, None if until is None else duration(until))
            self.sides[mode] = Side(mode, simulation, pipeline.name)
        if not self.sides:
            raise ValueError(f"There is nothing to compare: {' '.join(self.missing.values())}")
        self.end = max(side.simulation.now for side in self.sides.values())
        lead = _lead(self.sides.values(), self.end)
        self.moments: list[int] = lead.pop("moments")
        super().__init__(film=pack(lead), pictures=pack(pictures(())), modes=pack(self._told()), **traits)
        in_order(self)

    def _told(self) -> dict[str, Any]:
        first = next(iter(self.sides.values()))
        known = first.pushes()
        arrived = {known[record.revision.number]: record.time for record in first.simulation.records
                   if isinstance(record, RevisionArrived)}
        return {"sides": [side.told(self.end) for side in self.sides.values()], "missing": self.missing,
                "pushes": [[name, time] for name, time in arrived.items()]}

    @traitlets.observe("position")
    def _moved_by_moment(self, change: Any) -> None:
        if bisect_right(self.moments, self.time) != change.new:
            self.time = self.moments[min(change.new, len(self.moments)) - 1] if change.new > 0 else 0

    @traitlets.observe("time")
    def _moved_by_time(self, change: Any) -> None:
        if self.position or change.new:
            self.position = bisect_right(self.moments, change.new)

    # ------------------------------------------------------------------------------------------ to share

    def still(self) -> str:
        """The modes as a picture each, at the clock's moment (at the end, before it was moved), with what came of each:
        for where nothing runs. A lens that runs hides it."""
        time = self.time or self.end
        clock_says = clock(next(iter(self.sides.values())).simulation.state, time)
        shown = "".join(_still_side(side, time) for side in self.sides.values())
        missing = "".join(f"<p><b>{mode}</b>: AWS would refuse it. {escape(why)}</p>" for mode, why in self.missing.items())
        return f'<div class="pls-still"><p>At {escape(clock_says)}:</p>{shown}{missing}</div>'

    def sentence(self) -> str:
        """What came of each mode, a line each."""
        return "\n".join([*(side.sentence() for side in self.sides.values()),
                          *(f"{mode}: AWS would refuse it. {why}" for mode, why in self.missing.items())])

    def save(self, path: str | Path) -> Path:
        """Write one file that plays offline from the disk."""
        target = Path(path)
        target.write_text(self._page(), "utf-8")
        return target

    def _page(self) -> str:
        saved = {name: base64.b64encode(getattr(self, name)).decode() for name in ("film", "pictures", "modes")}
        rest = {name: getattr(self, name) for name in ("position", "time", "selected", "follow", "speed", "presenting")}
        inside = json.dumps({**saved, **rest, "live": False, "playing": False}).replace("<", "\\u003c")
        text = (sources.STATIC / "page.html").read_text("utf-8")
        template = Template(text.replace("render({ model, el", "renderLens({ model, el"))
        name = next(iter(self.sides.values())).pipeline
        text = template.substitute(title=escape(f"{name} in three modes · pipeline-sim"), css=sources.sheet("lens"),
                                   module=sources.lens_module(), saved=inside,
                                   still=f"<pre>{escape(self.sentence())}</pre>")
        return text.encode("utf-8", "replace").decode()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and beside it the same as a page within the page, and what came of each mode."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        html = (f'<style>.jp-OutputArea:has(.pls-page) .pls-still{{display:none}}</style>'
                f'<iframe class="pls-page" sandbox="allow-scripts" title="{escape(self.sentence())}" '
                f'style="width:100%;height:{HEIGHT}px;border:0" srcdoc="{escape(self._page(), quote=True)}"></iframe>')
        return {**data, "text/html": html, "text/plain": self.sentence()}, metadata

    def _ipython_display_(self) -> None:
        """The widget first; then still pictures, which the widget hides, for where it cannot be."""
        from IPython.display import display

        data, metadata = self._repr_mimebundle_()
        display(data, metadata=metadata, raw=True)  # type: ignore[no-untyped-call]
        display({"text/html": self.still(), "text/plain": self.sentence()}, raw=True)  # type: ignore[no-untyped-call]


def _still_side(side: Side, time: int) -> str:
    """One mode at a moment: its picture, and below it what came of it until the end."""
    simulation = side.simulation
    state = simulation.at(bisect_right(simulation.records, time, key=lambda record: record.time))
    if side.pipeline not in state.pipelines:
        return f"<p><b>{escape(side.sentence())}</b></p>"
    definition, shown = state.pipelines[side.pipeline].definition, marks(state, side.pipeline)
    drawn = svg(definition, shown, theme="auto", direction="LR", width=STILL)
    told = f"{side.mode}: {words.sentence(definition, shown)}"
    return f"<p><b>{escape(side.mode)}</b></p>{image(drawn, told)}<p>{escape(side.sentence())}</p>"


# ---------------------------------------------------------------------------------------------- the clock of all


def _lead(sides: Iterable[Side], end: int) -> dict[str, Any]:
    """A film without a picture, whose records are the moments at which anything happens in any mode: the clock's."""
    films = {side.mode: side.filming.film(now=end, live=False) for side in sides}
    texts, said, kinds = Table(), [], []
    at = {mode: dict(_by_time(film)) for mode, film in films.items()}
    moments = sorted({time for each in at.values() for time in each})
    for moment in moments:
        now = {mode: each[moment] for mode, each in at.items() if moment in each}
        kinds.append(_union(kind for happened in now.values() for kind, _ in happened))
        said.append(texts.number(_said({mode: _first(happened) for mode, happened in now.items()}, len(films))))
    one = next(iter(films.values()))
    none: list[int] = []
    return {"moments": moments, "pipeline": "", "pipelines": [], "now": end, "live": False, "seed": one["seed"],
            "start": one["start"], "zone": one["zone"], "times": steps(moments), "kinds": kinds,
            "who": [0] * len(moments), "where": [0] * len(moments), "said": said, "texts": texts.rows, "elements": [""],
            "patches": dict.fromkeys(("record", "what", "who", "element", "value"), none),
            "spans": dict.fromkeys(("who", "where", "what", "start", "lasts", "record", "attempt", "status", "cause",
                                    "reason", "name"), none),
            "lanes": dict.fromkeys(("executions", "stages", "actions"), none), "executions": {}}


def _by_time(film: Mapping[str, Any]) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """Kind and sentence of the records of each moment."""
    found: dict[int, list[tuple[int, str]]] = {}
    time = 0
    for step, kind, said in zip(film["times"], film["kinds"], film["said"], strict=True):
        time += step
        found.setdefault(time, []).append((kind, film["texts"][said]))
    return iter(found.items())


def _union(kinds: Iterable[int]) -> int:
    found = 0
    for kind in kinds:
        found |= kind
    return found


def _first(happened: list[tuple[int, str]]) -> str:
    """What is told of a moment: a failure before a decision, a push, an execution; else what came last."""
    for wanted in TOLD_FIRST:
        told = [said for kind, said in happened if kind & wanted]
        if told:
            return told[-1]
    return happened[-1][1]


def _said(told: Mapping[str, str], count: int) -> str:
    """The same sentence of all modes once, different ones by mode."""
    if len(set(told.values())) == 1 and len(told) == count:
        return f"In all: {next(iter(told.values()))}"
    return " ".join(f"{mode}: {sentence}" for mode, sentence in told.items())
