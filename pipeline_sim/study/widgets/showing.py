"""How the run behind an answer is shown: the moment that decides, why it is so there, and the console standing on it."""

from __future__ import annotations

import html
from collections.abc import Sequence

import ipywidgets

from ...console.hearing import in_order
from ...views.picture import notebook
from ...views.words import clock
from ..proof import Shown, show, world_of
from ..question import Option, Prediction, Question
from ..telling import line
from ..words import say
from ..world import NoWorld
from . import look

BEFORE, AFTER = 5, 2
"""How many lines of the log stand around the moment."""


def picture(shown: Shown) -> ipywidgets.Widget:
    """The console at the moment; a still picture where there is no console."""
    try:
        from ...console import Console  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        told = notebook(shown.run.at(shown.position))
        return look.markup(f'<div class="ps-picture">{told.get("text/html", "")}</div>')
    return Console(shown.run, position=shown.position)


def log(shown: Shown) -> str:
    """The lines around the moment, the deciding one marked."""
    state, records = shown.run.state, shown.run.records
    told = [(place, record, words) for place, record in enumerate(records, 1) if (words := line(record))]
    middle = next((at for at, (place, _, _) in enumerate(told) if place >= shown.position), len(told) - 1)
    rows = told[max(0, middle - BEFORE):middle + AFTER + 1]
    items = "".join(
        f"<li{' class=ps-now aria-current=true' if place == shown.position else ''}>"
        f"{html.escape(clock(state, record.time))}&ensp;{html.escape(words)}</li>" for place, record, words in rows)
    return f"<ul class=ps-log>{items}</ul>"


def told(shown: Shown, language: str) -> str:
    """Why it is so, with its causes, and the log around the moment."""
    why = ""
    if shown.sentence:
        causes = "".join(f"<li>{html.escape(cause)}</li>" for cause in shown.causes)
        why = (f"<p><b>{html.escape(say('ui.because', language))}:</b> {html.escape(shown.sentence)}</p>"
               + (f"<ul>{causes}</ul>" if causes else ""))
    at = clock(shown.run.state, shown.run.records[shown.position - 1].time)
    title = f"{say('ui.at', language, time=at)}: {say('ui.deciding', language)}"
    return f"<p class=ps-quiet>{html.escape(title)}</p>{log(shown)}{why}"


class Showing:
    """A button that opens the run behind a question, and where there are several, the choice whose run."""

    def __init__(self, question: Question | Prediction, language: str = "en", letters: Sequence[int] = ()) -> None:
        self.question, self.language = question, language
        self.open = False
        self.switch = look.button(say("ui.show_run", language), self.toggle)
        self.runs = self._choices(letters)
        self.whose = ipywidgets.Dropdown(options=[(label, place) for place, (label, _) in enumerate(self.runs)],
                                         description=say("ui.whose_run", language),
                                         style={"description_width": "initial"})
        in_order(self.whose).observe(lambda _: self._fill(), "value")
        self.inside = ipywidgets.VBox([])
        self.box = ipywidgets.VBox([look.row([self.switch, self.whose]), self.inside])
        look.shown_if(self.whose, False)
        look.shown_if(self.box, _has_run(question))

    def _choices(self, letters: Sequence[int]) -> list[tuple[str, Option | None]]:
        """The right answer's run, and that of each option which would do something else."""
        found: list[tuple[str, Option | None]] = [(say("ui.run_right", self.language), None)]
        if isinstance(self.question, Question):
            for shown, place in enumerate(letters or range(len(self.question.options))):
                option = self.question.options[place]
                if option.claim and option.given and _is_run(option) and not option.right:
                    found.append((say("ui.run_option", self.language, letter="ABCDEF"[shown]), option))
        return found

    def toggle(self) -> None:
        self.open = not self.open
        self.switch.description = say("ui.hide_run" if self.open else "ui.show_run", self.language)
        look.shown_if(self.whose, self.open and len(self.runs) > 1)
        self._fill()

    def _fill(self) -> None:
        before, self.inside.children = self.inside.children, tuple(self._parts()) if self.open else ()
        for part in before:  # a console that nobody sees needs no place in the kernel
            part.close()

    def _parts(self) -> list[ipywidgets.Widget]:
        option = self.runs[self.whose.value][1]
        try:
            shown = show(self.question, option)
        except (NoWorld, ValueError) as problem:
            said = html.escape(str(problem)).replace("\n", "<br>")
            return [look.markup(f"<p class=ps-notice>{say('ui.no_run', self.language, why=said)}</p>", live=True)]
        if shown is None:
            return []
        return [look.markup(told(shown, self.language), live=True), picture(shown), look.markup(self._claim(option))]

    def _claim(self, option: Option | None) -> str:
        if not isinstance(self.question, Question):
            return ""
        claims = [option] if option else [one for one in self.question.options if one.right and one.claim]
        items = "".join(f"<li><code>{html.escape(one.claim)}</code></li>" for one in claims)
        return f"<details><summary>{html.escape(say('ui.claim', self.language))}</summary><ul>{items}</ul></details>"


def _is_run(option: Option) -> bool:
    """Whether an option's own world differs in what is run, and not only in what is asked of it."""
    return not set(option.given) <= {"decide", "pattern", "notify"}


def _has_run(question: Question | Prediction) -> bool:
    """A run that shows something: one in which something happens."""
    if isinstance(question, Question) and not any(one.claim and one.right for one in question.options):
        return False
    options = [one for one in question.options if one.right and one.claim] if isinstance(question, Question) else [None]
    try:
        return any(len(world_of(question, one).run.records) > 1 for one in options)
    except NoWorld:
        return False

