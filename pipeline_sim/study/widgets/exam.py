"""How one is examined: against the clock, without a word in between; then the score, its parts, and every answer."""

from __future__ import annotations

import asyncio
import html
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import ipywidgets

from ...console.hearing import in_order
from ..bank import questions
from ..paper import MINUTES_EACH, draw
from ..progress import USUAL, Progress
from ..question import Question
from ..score import PASSING, Answer, Part, Result, result
from ..words import say
from . import look, still
from .card import Card
from .drill import Theme

FIRST = 3  # questions that can be read where nothing runs


class Exam:
    """`Exam()`: 65 questions in 130 minutes, as in DVA-C02; `Exam(20)` is shorter, `Exam(10, theme="approvals")` of one
    theme.

    The same `seed` gives the same paper: a class can sit the same exam. `minutes` is two for a question unless you say.
    `clock` tells the seconds, for tests.
    """

    def __init__(self, count: int = 65, *, theme: Theme = None, minutes: float | None = None, seed: int | None = None,
                 progress: Progress | str | Path | None = USUAL, files: Iterable[str | Path] = (), language: str = "en",
                 clock: Callable[[], float] = time.monotonic) -> None:
        self.language, self.clock = language, clock
        self.progress = progress if isinstance(progress, Progress) else Progress(progress, language=language)
        self.seed = len(self.progress.exams) if seed is None else seed
        found = questions(theme, files=files, language=language)
        self.paper = draw([one for one in found if one.exam or theme is not None], count, self.seed)
        self.minutes = MINUTES_EACH * len(self.paper) if minutes is None else minutes
        self.chosen: dict[str, frozenset[int]] = {}
        self.flagged: set[str] = set()
        self.result: Result | None = None
        self.ends: float | None = None
        self.place, self.warned, self.listing = 0, False, False
        self.box = look.root([], language)
        self._welcome()

    def _say(self, key: str, **values: object) -> str:
        return html.escape(say(key, self.language, **values))

    def _intro(self) -> str:
        """How many questions, how long; and that this is the exam's pace, where it is."""
        said = self._say("exam.intro", count=len(self.paper), minutes=f"{self.minutes:g}")
        return f"{said} {self._say('exam.pace')}" if self.minutes == MINUTES_EACH * len(self.paper) else said

    def _welcome(self) -> None:
        intro = self._intro()
        notice = f"<p class=ps-notice>{html.escape(self.progress.notice)}</p>" if self.progress.notice else ""
        look.put(self.box, [
            look.markup(f"<h3>{self._say('exam.title')}</h3><p>{intro}</p>{notice}"),
            look.markup(f"<p class=ps-quiet>{self._say('exam.method')}</p>"),
            look.row([look.button(say("exam.begin", self.language), self.begin, main=True)])])

    # ---------------------------------------------------------------------------------------------- while it lasts

    def begin(self) -> None:
        """The clock starts."""
        self.ends = self.clock() + self.minutes * 60
        self.left, self.notice, self.body = look.markup(), look.markup(), ipywidgets.VBox([])
        self.jump = ipywidgets.Dropdown(options=self._list(), value=0, description=say("ui.go_to", self.language))
        in_order(self.jump).observe(self._jumped, "value")
        self.flag = look.button(say("ui.flag", self.language), self.mark)
        look.put(self.box, [self.left, self.body, self.notice, look.row([
            look.button(say("ui.previous", self.language), lambda: self.go(self.place - 1)),
            look.button(say("ui.next", self.language), lambda: self.go(self.place + 1), main=True),
            self.flag, look.button(say("ui.finish", self.language), self.finish)]), look.row([self.jump])])
        self.go(0)
        self._tick()

    def _list(self) -> list[tuple[str, int]]:
        return [(self._entry(place, question), place) for place, question in enumerate(self.paper)]

    def _entry(self, place: int, question: Question) -> str:
        state = say("ui.answered" if self.chosen.get(question.key) else "ui.open", self.language)
        flag = f", {say('ui.flagged', self.language)}" if question.key in self.flagged else ""
        return f"{place + 1} ({state}{flag})"

    def _jumped(self, change: Mapping[str, Any]) -> None:
        if not self.listing and change["new"] is not None and change["new"] != self.place:
            self.go(change["new"])

    def go(self, place: int) -> None:
        """To a question of the paper, by its place from 0; before the first and after the last is nothing."""
        if self._over() or not 0 <= place < len(self.paper):
            return
        self.place = place
        question = self.paper[place]
        number = say("ui.question", self.language, number=place + 1, count=len(self.paper))
        self.card = Card(question, seed=self.seed, language=self.language, title=number,
                         chosen=self.chosen.get(question.key, ()), changed=self._chosen)
        self.body.children = (self.card.box,)
        self.notice.value = ""
        self._refresh()

    def _chosen(self) -> None:
        """An option was clicked: it counts at once, unless the time is over."""
        if self.result is None and not self._over():
            self.chosen[self.card.question.key] = self.card.chosen
            self.warned = False
            self._refresh()

    def mark(self) -> None:
        """Mark the question, to come back to it later, or unmark it."""
        self.flagged ^= {self.paper[self.place].key}
        self._refresh()

    def _refresh(self) -> None:
        self.listing = True  # the list goes to its first entry for a moment: nobody has asked for that
        self.jump.options = self._list()
        self.jump.value = self.place
        self.listing = False
        self.left.value = self._time()

    def _time(self) -> str:
        left = max(0, round((self.ends or 0) - self.clock()))
        return f"<b>{self._say('exam.title')}</b> · {self._say('exam.left', minutes=left // 60, seconds=left % 60)}"

    def _over(self) -> bool:
        """Whether the time is over; then the exam is finished."""
        if self.result is None and self.ends is not None and self.clock() >= self.ends:
            self._finish()
        return self.result is not None

    def _tick(self) -> None:
        """Show the time each second while the kernel has nothing else to do. Without a loop the time shows at clicks."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if not self._over():
            self.left.value = self._time()
            loop.call_later(1, self._tick)

    def finish(self) -> None:
        """End the exam; where questions are open, only when asked twice."""
        open_ = sum(not self.chosen.get(one.key) for one in self.paper)
        if self._over():
            return
        if open_ and not self.warned:
            self.warned = True
            look.show(self.notice, f"<p class=ps-notice>{self._say('exam.sure', count=open_)}</p>")
            return
        self._finish()

    # ---------------------------------------------------------------------------------------------- afterwards

    def _finish(self) -> None:
        in_time = self.ends is None or self.clock() < self.ends
        self.result = result(Answer(one, self.chosen.get(one.key, frozenset())) for one in self.paper)
        notice = "" if in_time else self._say("exam.over")
        try:
            self.progress.examined(self.result)
        except OSError as problem:
            notice += " " + self._say("ui.save_failed", why=problem)
        self._tell(self.result, notice)

    def _tell(self, told: Result, notice: str) -> None:
        verdict, kind = ("exam.passed", "ps-good") if told.passed else ("exam.failed", "ps-bad")
        head = (f"<h3>{self._say('exam.title')}</h3><p>{notice}</p>"
                f"<div class=ps-score>{self._say('exam.score', score=told.score)}</div>"
                f"<div class='ps-verdict {kind}'>{self._say(verdict, least=PASSING)} "
                f"{self._say('exam.total', right=told.total.right, count=told.total.count)}</div>"
                f"<details><summary class=ps-quiet>{self._say('exam.how')}</summary>"
                f"<p class=ps-quiet>{self._say('exam.method')}</p></details>")
        domains = {say(f"domains.{name}", self.language): part for name, part in told.by_domain.items()}
        tables = self._table("exam.by_domain", domains) + self._table("exam.by_theme", told.by_theme)
        look.put(self.box, [look.markup(head, live=True), look.markup(tables), *self._review(told)])

    def _table(self, title: str, parts: Mapping[str, Part]) -> str:
        rows = "".join(self._row(name, part) for name, part in parts.items())
        return f"<h3>{self._say(title)}</h3><table class=ps-table>{rows}</table>"

    def _row(self, name: str, part: Part) -> str:
        counts = self._say("exam.counts", right=part.right, count=part.count)
        bar = f"<span class=ps-bar aria-hidden=true><i style='width:{100 * part.right // part.count}%'></i></span>"
        return f"<tr><th scope=row>{html.escape(name)}</th><td>{counts}</td><td>{bar}</td></tr>"

    def _review(self, told: Result) -> list[ipywidgets.Widget]:
        """Every answer, one at a time."""
        self.only_wrong = ipywidgets.Checkbox(description=say("exam.only_wrong", self.language), indent=False)
        self.pick = ipywidgets.Dropdown(description=say("ui.go_to", self.language))
        self.body = ipywidgets.VBox([])
        in_order(self.only_wrong).observe(lambda _: self._list_review(told), "value")
        in_order(self.pick).observe(lambda _: self._show_review(told), "value")
        self._list_review(told)
        steps = look.row([look.button(say("ui.previous", self.language), lambda: self._step(-1)),
                          look.button(say("ui.next", self.language), lambda: self._step(1)), self.pick, self.only_wrong])
        return [look.markup(f"<h3>{self._say('exam.review')}</h3>"), steps, self.body]

    def _list_review(self, told: Result) -> None:
        found = [(f"{place + 1}: {say('ui.is_right' if one.is_right else 'ui.is_wrong', self.language)}", place)
                 for place, one in enumerate(told.answers) if not (self.only_wrong.value and one.is_right)]
        self.pick.options = found
        self.pick.index = 0 if found else None
        self._show_review(told)

    def _show_review(self, told: Result) -> None:
        if self.pick.value is None:
            self.body.children = ()
            return
        one = told.answers[self.pick.value]
        number = say("ui.question", self.language, number=self.pick.value + 1, count=len(told.answers))
        card = Card(one.question, seed=self.seed, language=self.language, title=number, chosen=one.chosen)
        card.tell()
        self.body.children = (card.box,)

    def _step(self, steps: int) -> None:
        if self.pick.index is not None:
            self.pick.index = (self.pick.index + steps) % len(self.pick.options)

    def _repr_mimebundle_(self, **given: Any) -> Any:
        title = say("exam.title", self.language)
        shown = self.paper[:FIRST]
        told = f"<p>{self._intro()}</p><p>{self._say('exam.first', shown=len(shown), count=len(self.paper))}</p>"
        markup = f"<h4>{html.escape(title)}</h4>{told}{still.listed(shown, self.seed, self.language)}"
        return still.bundle(self.box, markup, still.counted(title, len(self.paper), self.language), **given)
