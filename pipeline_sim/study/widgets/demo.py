"""A demonstration in a notebook's cell: a console that goes from stop to stop by one key, the note for the class, the forks.

The teacher's own notes are in `demo.private`, a widget of its own: for another cell, or an output view on another screen.
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from ...console import Console
from ...console.hearing import in_order
from ...views.words import clock
from ..desk.script import Fork, Script, Stop, forked, load, play
from ..desk.share import link_of
from ..words import say
from . import look, still
from .keys import Turning


class Demo:
    """`Demo("modes")`: a script of the course by its name, or a file. PageDown (or `n`) goes to the next stop, PageUp (or
    `b`) back, as the keys of a presenter do. `presenting` shows the console as for a projector."""

    def __init__(self, script: str | Path | Script, *, presenting: bool = True, language: str = "en") -> None:
        self.language = language
        self.script = script if isinstance(script, Script) else load(script)
        self.played = play(self.script)
        self.place = 0
        self.console = Console(self.played.simulation, position=self.played.positions[0], presenting=presenting)
        self.note, self.where = look.markup(), look.markup()
        self.forks = look.row([])
        self.back = look.button(say("desk.previous", language), lambda: self.go(self.place - 1))
        self.on = look.button(say("desk.next", language), lambda: self.go(self.place + 1), main=True)
        keys = in_order(Turning())
        keys.observe(lambda change: self.go(self.place + change.new - change.old), "turned")
        title = look.markup(f"<h3>{html.escape(self.script.title)}</h3>")
        self.box = look.root([title, self.note, self.forks, self.console, look.row([self.back, self.on]), self.where, keys],
                             language)
        self.box.add_class("ps-demo")
        self._own = look.markup()
        heading = look.markup(f"<h3>{html.escape(say('desk.private', language))}</h3>")
        self.private = look.root([heading, self._own], language)
        self.go(0)

    @property
    def stop(self) -> Stop:
        return self.script.stops[self.place]

    def go(self, place: int) -> None:
        """To a stop by its number, from 0; beyond the ends nothing happens."""
        if not 0 <= place < len(self.script.stops):
            return
        self.place = place
        self.console.show(self.played.simulation, self.played.positions[place])
        self.console.time = self.played.times[place]
        if self.stop.thing:
            self.console.selected = self.stop.thing
        self.back.disabled, self.on.disabled = place == 0, place == len(self.script.stops) - 1
        self._say_note()
        self._offer_forks()

    def _say_note(self) -> None:
        stop, escape = self.stop, html.escape
        ask = f"<p class=ps-asked>{look.inline(stop.ask)}</p>" if stop.ask else ""
        look.show(self.note, f"<div class=ps-text>{look.text(stop.note)}{ask}</div>")
        time = clock(self.console.state, self.console.time)
        told = say("desk.where", self.language, number=self.place + 1, count=len(self.script.stops), time=time)
        look.show(self.where, f"<span class=ps-quiet>{escape(told)}</span>")
        following = "".join(one.note for one in self.script.stops[self.place + 1:self.place + 2])
        next_ = f"{escape(say('desk.then', self.language))} {look.inline(following)}"
        then = f"<p class=ps-quiet>{next_}</p>" if following else ""
        own = look.text(stop.private or say("desk.nothing", self.language))
        self._own.value = f"<p class=ps-quiet>{escape(told)}</p><div class=ps-text>{own}</div>{ask}{then}"

    def _offer_forks(self) -> None:
        for old in self.forks.children:
            old.close()
        self.forks.children = tuple(look.button(fork.title, lambda fork=fork: self.fork(fork))  # type: ignore[misc]
                                    for fork in self.stop.forks)

    def fork(self, fork: Fork | int) -> None:
        """Show what would be if something else were done at this stop; the next or previous stop leads back."""
        chosen = self.stop.forks[fork] if isinstance(fork, int) else fork
        other, k = forked(self.played, self.place, chosen)
        self.console.show(other, k, chosen.title)
        told = say("desk.forked", self.language, title=chosen.title)
        back = look.button(say("desk.leave", self.language), lambda: self.go(self.place))
        look.show(self.where, f"<span class=ps-quiet>{html.escape(told)}</span>")
        self.forks.children = (*self.forks.children, back) if len(self.forks.children) == len(self.stop.forks) \
            else self.forks.children

    def link(self) -> str:
        """The run as a link that `pipeline_sim.study.opened` opens elsewhere."""
        return link_of(self.console.simulation)

    def _repr_mimebundle_(self, **given: Any) -> Any:
        return still.bundle(self.box, still.demo(self.script, self.console), self.script.title, **given)
