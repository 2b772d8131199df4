"""What is in the cell: the widget that holds a run, sends it to the browser once, and answers what the browser asks.

The cursor lives in the browser and works while the kernel is busy; `position`, `time`, `selected` and `playing` are its
echo, observable and settable. Questions and calls come in as messages, are answered one after another under a lock, and
never raise into the notebook.
"""

from __future__ import annotations

import sys
import traceback
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import anywidget
import traitlets

from ..history import Replay
from ..pipeline.model import Pipeline
from ..record import Record
from ..refused import Refused
from ..scenario import Scenario, duration
from ..simulation import Pipelines, Simulation
from ..state import State
from ..views.graph import Direction, Engine, Marks, Theme, png, svg, words
from ..views.graph.text import clean
from ..views.picture import marks
from . import company, sources
from .clock import OWN, run_on
from .columns import pack
from .doors import DOORS
from .film import filming_of
from .hearing import in_order
from .news import short
from .page import frame, page, still_html
from .pictures import Drawing, pictures

if TYPE_CHECKING:
    from .editor import Editor

Shown = Simulation | Replay | Pipeline | str | Path | Mapping[str, Any] | Iterable[Pipeline]


class Console(anywidget.AnyWidget):
    """`Console(simulation)` shows a run as far as it has come; `Console(pipeline, scenario, seed=7)` runs one first, to
    its end or, where the scenario pushes without end, to `until` (a day, unless you say otherwise).

    `film` is the run as it was when it travelled as a whole, `later` what has come to it since (see news).
    `pipeline` names the pipeline to show where the simulation has several. `position` is how many records have been
    applied, `time` the simulated seconds, `selected` the thing that was clicked; each can be observed and set.
    """

    _esm = sources.module()
    _css = sources.sheet()

    film = traitlets.Bytes().tag(sync=True)
    later = traitlets.Unicode("").tag(sync=True)
    pictures = traitlets.Bytes().tag(sync=True)
    position = traitlets.Int(0).tag(sync=True)
    time = traitlets.Int(0).tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)
    speed = traitlets.Float(0).tag(sync=True)
    presenting = traitlets.Bool(False).tag(sync=True)
    pipeline_name = traitlets.Unicode("").tag(sync=True)
    note = traitlets.Unicode("").tag(sync=True)

    def __init__(self, shown: Shown, scenario: Scenario | None = None, *, seed: int = 0, pipeline: str = "",
                 until: int | str | None = None, **traits: Any) -> None:
        is_run = hasattr(shown, "records")  # a simulation, or a history that is looked at as one
        if is_run:
            if scenario is not None:
                raise TypeError("A simulation has its scenario: Console(simulation), or Console(pipeline, scenario).")
            simulation = cast(Simulation, shown)
        else:
            simulation = Simulation(cast(Pipelines, shown), scenario, seed=seed)
        self.until = None if until is None else duration(until)
        if not is_run:
            run_on(simulation, self.until)
        self.simulation = simulation
        self.runs: list[Simulation] = []
        self._filmed: Simulation | None = None
        self._count = 0
        self._told: Mapping[str, Any] = {}
        self._sent: Mapping[str, Any] = {}
        self.drawings: tuple[Drawing, ...] | None = None
        self.doors: Mapping[str, Any] = {}
        at = traits.pop("position", len(simulation.records) if is_run else 1)
        super().__init__(pipeline_name=_named(simulation, pipeline), **traits)
        in_order(self)
        self._project(at)
        self.on_msg(self._heard)
        company.join(self)

    # ------------------------------------------------------------------------------------------ what is shown

    @property
    def records(self) -> Sequence[Record]:
        """The records of the shown run."""
        return self.simulation.records

    @property
    def state(self) -> State:
        """The state at the cursor."""
        return self.state_at(self.position)

    def state_at(self, k: int) -> State:
        """The state after the first `k` records."""
        return self.simulation.at(k)

    def show(self, simulation: Simulation, k: int | None = None, note: str = "") -> None:
        """Show another run, with the cursor at `k` (where it is, as far as there are records, unless you say). The run
        shown before is kept in `runs`."""
        if simulation is not self.simulation:
            if self.simulation not in self.runs:
                self.runs.append(self.simulation)
            self.simulation = simulation
            if self.pipeline_name not in simulation.state.pipelines:
                self.pipeline_name = _named(simulation, "")
        with self.hold_sync():
            self.note = note
            self._project(self.position if k is None else k)
        for other in company.beside(simulation):
            if other is not self:
                other.refresh()

    def refresh(self) -> None:
        """Show what has been done to the simulation elsewhere. A cursor at the end follows; else it stays."""
        count = len(self.simulation.records)
        if count != self._count or self._moved():
            self._project(count if self.position >= self._count else self.position)

    def _moved(self) -> bool:
        return self.simulation.now != self._now

    def _project(self, k: int) -> None:
        """The film and the cursor, in one message."""
        with company.lock_of(self.simulation):
            self._count = count = len(self.simulation.records)
            self._now = self.simulation.now
            filming = filming_of(self.simulation, self.pipeline_name, self._filmed)
            self._filmed = self.simulation
            film = filming.film(now=self._now, live=self.simulation.live > 0, pipelines=self.simulation.state.pipelines)
        with self.hold_sync():
            self._tell(film, filming.drawings())
            self.position = at = max(0, min(k, count))
            if at == count:
                self.time = self._now

    def _tell(self, film: Mapping[str, Any], drawings: tuple[Drawing, ...]) -> None:
        """What is new of the film where that is little, else all of it. A browser can open a film beside new pictures
        only, or lay news over it at once."""
        self._told = film
        new = short(self._sent, film) if drawings == self.drawings else None
        if new is not None:
            self.later = new
            return
        if drawings != self.drawings:
            self.drawings, self.pictures = drawings, pack(pictures(drawings))
        self._sent, self.film, self.later = film, pack(film), ""

    def whole(self) -> bytes:
        """The film that is shown, as it travels as a whole."""
        return pack(self._told)

    @traitlets.observe("pipeline_name")
    def _another_pipeline(self, change: Any) -> None:
        if self._filmed is not None and change.new != change.old:
            self._project(self.position)

    @traitlets.observe("position")
    def _moved_by_record(self, change: Any) -> None:
        if not self._is_at(change.new, self.time):
            self.time = self.records[min(change.new, len(self.records)) - 1].time if change.new > 0 else 0

    @traitlets.observe("time")
    def _moved_by_time(self, change: Any) -> None:
        if not self._is_at(self.position, change.new):
            self.position = bisect_right(self.records, change.new, key=lambda record: record.time)

    def _is_at(self, k: int, time: int) -> bool:
        """Whether a clock that shows `time` may have let `k` records happen: of those of one instant, some or all."""
        records = self.records
        last = records[k - 1].time if 0 < k <= len(records) else 0
        return time == last or last < time and (k >= len(records) or time < records[k].time)

    def edit(self) -> Editor:
        """An editor of the shown pipeline as it is at the cursor; its button updates the pipeline here."""
        from .editor import Editor

        return Editor(self._moment(None)[0], self)

    # ------------------------------------------------------------------------------------------ to share

    def sentence(self) -> str:
        """The moment for somebody who cannot see it."""
        shown = self.state.pipelines.get(self.pipeline_name)
        if shown is None:
            return "There is no pipeline at this moment."
        return clean(words.sentence(shown.definition, marks(self.state, self.pipeline_name)))

    def svg(self, k: int | None = None, *, theme: Theme = "light", engine: Engine = "auto", artifacts: bool = False,
            direction: Direction | None = None, width: int | None = None) -> str:
        """The picture of a moment (the cursor's, unless you say) as SVG, drawn by graphviz where its `dot` is here. A
        `width` in pixels, or `engine="exact"`, asks for our own layout."""
        definition, shown = self._moment(k)
        return svg(definition, shown, theme=theme, engine=engine, artifacts=artifacts, direction=direction, width=width)

    def png(self, k: int | None = None, *, theme: Theme = "light", artifacts: bool = False) -> bytes:
        """The picture of a moment as PNG, drawn by graphviz. Raises CannotDraw where its program `dot` is missing."""
        definition, shown = self._moment(k)
        return png(definition, shown, theme=theme, artifacts=artifacts)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and beside it the same as a page within the page, and a sentence."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return {**data, "text/html": frame(self), "text/plain": self.sentence()}, metadata

    def _ipython_display_(self) -> None:
        """The widget first; then a still picture, which the widget hides, for where it cannot be."""
        from IPython.display import display

        data, metadata = self._repr_mimebundle_()
        display(data, metadata=metadata, raw=True)  # type: ignore[no-untyped-call]
        if picture := still_html(self):
            display({"text/html": picture, "text/plain": self.sentence()}, raw=True)  # type: ignore[no-untyped-call]

    def _moment(self, k: int | None) -> tuple[Pipeline, Marks]:
        state = self.state_at(self.position if k is None else k)
        if self.pipeline_name not in state.pipelines:
            raise ValueError(f"There is no pipeline {self.pipeline_name!r} at this moment.")
        return state.pipelines[self.pipeline_name].definition, marks(state, self.pipeline_name)

    def save(self, path: str | Path) -> Path:
        """Write one file that plays offline from the disk, with everything but new calls."""
        target = Path(path)
        target.write_text(page(self), "utf-8")
        return target

    # ------------------------------------------------------------------------------------------ what the browser asks

    def _heard(self, _: Any, message: Any, buffers: Any) -> None:
        """A question by the name of its door; the answer, or one sentence why there is none."""
        answer = {"id": message.get("id")}
        try:
            with company.lock_of(self.simulation):
                answer["answer"] = self.ask(str(message["door"]), message.get("body") or {})
        except (Refused, ValueError, LookupError) as refused:
            answer["error"] = str(refused)
        except Exception as fault:  # a fault of ours: the kernel's log has the whole, the person a sentence
            traceback.print_exc(file=sys.__stderr__)
            answer["error"] = f"The console could not do that ({type(fault).__name__}: {fault})."
        self.send(answer)

    def ask(self, door: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the browser gets when it asks at a door: one of `doors`, of whoever shows this console, or our own."""
        found = self.doors.get(door) or OWN.get(door) or DOORS.get(door)
        if found is None:
            raise ValueError(f"There is no door {door!r}.")
        return found(self, body)


def _named(simulation: Simulation, wanted: str) -> str:
    """The pipeline to show: the one that is named (it may have been deleted since), else the first."""
    state = simulation.state
    known = [*state.pipelines, *(pipeline.name for pipeline in state.deleted)]
    if wanted and wanted not in known:
        raise ValueError(f"There is no pipeline {wanted!r} here, only {', '.join(known) or 'an empty account'}.")
    return wanted or (known[0] if known else "")
