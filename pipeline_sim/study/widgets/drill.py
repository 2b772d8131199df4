"""How one practises: question after question of a theme, with the answer at once; what was wrong comes back."""

from __future__ import annotations

import html
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ipywidgets

from ..bank import questions
from ..progress import USUAL, Progress
from ..question import Question
from ..words import say
from . import look, still
from .card import Card

Theme = str | Iterable[str] | None


def queue(found: Sequence[Question], progress: Progress, seed: int, count: int | None = None) -> list[Question]:
    """What comes back today first, then what was never asked, then the rest; each of these in an order of its own."""
    shuffled = list(found)
    random.Random(f"drill:{seed}").shuffle(shuffled)
    back = {key: place for place, key in enumerate(progress.due(one.key for one in found))}
    shuffled.sort(key=lambda one: (0, back[one.key]) if one.key in back else (1 + progress.seen(one.key), 0))
    return shuffled[:count]


def when(moment: datetime, language: str = "en", now: datetime | None = None) -> str:
    """`tomorrow`, `in 3 days`: when something comes back."""
    left = moment - (now or datetime.now(UTC))
    days = round(left.total_seconds() / 86_400)
    if left.total_seconds() < 3600:
        return say("days.now", language)
    if days == 0:
        return say("days.today", language)
    return say("days.tomorrow", language) if days == 1 else say("days.later", language, count=days)


def _named(found: Sequence[Question], theme: Theme, language: str) -> str:
    """The themes in words: those that were asked for, or those of a few chosen questions."""
    themes = [theme] if isinstance(theme, str) else list(theme or dict.fromkeys(one.theme for one in found))
    return ", ".join(themes) if len(themes) < 4 else say("drill.all", language)


class Drill:
    """`Drill("approvals")`: practise a theme (several, or all where none is named), `count` questions at most; or those
    with certain `keys`.

    What was wrong comes back on another day, by the progress in `progress` (a file's name, a `Progress`, or None for
    none). `files` adds questions of your own.
    """

    def __init__(self, theme: Theme = None, *, keys: Iterable[str] | None = None, count: int | None = None,
                 progress: Progress | str | Path | None = USUAL, files: Iterable[str | Path] = (), seed: int | None = None,
                 language: str = "en") -> None:
        self.language = language
        self.progress = progress if isinstance(progress, Progress) else Progress(progress, language=language)
        self.found = questions(theme, keys=keys, files=files, language=language)
        self.theme = _named(self.found, theme, language)
        self.count, self.seed = count, len(self.progress.answers) if seed is None else seed
        self.head, self.body, self.notice = look.markup(), ipywidgets.VBox([]), look.markup()
        self.check = look.button(say("ui.check", language), self.answer, main=True)
        self.next = look.button(say("ui.next", language), self.go_on, main=True)
        self.box = look.root([self.head, self.body, self.notice, look.row([self.check, self.next])], language)
        self.begin()

    def begin(self) -> None:
        """From the beginning, with what is to be asked now."""
        self.queue = queue(self.found, self.progress, self.seed, self.count)
        self.place, self.right, self.answered = -1, 0, 0
        self.go_on()

    def go_on(self) -> None:
        """To the next question, or to the end; after the end once more."""
        self.place += 1
        look.show(self.notice, html.escape(self.progress.notice))
        if self.place > len(self.queue):
            self.seed += 1
            self.begin()
        elif self.place == len(self.queue):
            self._end()
        else:
            self._ask()

    def _ask(self) -> None:
        back = len(self.progress.due(one.key for one in self.found))
        told = say("drill.due", self.language, count=back) if back else ""
        title = say("drill.title", self.language, theme=self.theme)
        self.head.value = f"<h3>{html.escape(title)}</h3><div class=ps-quiet>{html.escape(told)}</div>"
        number = say("ui.question", self.language, number=self.place + 1, count=len(self.queue))
        self.card = Card(self.queue[self.place], seed=self.seed, language=self.language, title=number)
        self.body.children = (self.card.box,)
        look.shown_if(self.check, True)
        look.shown_if(self.next, False)

    def answer(self) -> None:
        """Check the answer that is chosen."""
        objection = self.card.objection()
        if objection:
            look.show(self.notice, html.escape(objection))
            return
        question, chosen = self.card.question, self.card.chosen
        good = chosen == question.right
        self.right, self.answered = self.right + good, self.answered + 1
        self.card.tell()
        self._write_down(question, good, [question.options[place].text for place in sorted(chosen)])
        look.shown_if(self.check, False)
        look.shown_if(self.next, True)

    def _write_down(self, question: Question, good: bool, said: list[str]) -> None:
        try:
            back = self.progress.answered(question.key, good, said=said)
            look.show(self.notice, html.escape(say("predict.come_back", self.language, when=when(back, self.language))))
        except OSError as problem:
            look.show(self.notice, html.escape(say("ui.save_failed", self.language, why=problem)))

    def _end(self) -> None:
        self.body.children = ()
        look.show(self.notice, html.escape(say("drill.done", self.language, right=self.right, count=self.answered)))
        self.next.description = say("drill.again", self.language)
        look.shown_if(self.check, False)
        look.shown_if(self.next, True)

    def _repr_mimebundle_(self, **given: Any) -> Any:
        title = say("drill.title", self.language, theme=self.theme)
        return still.bundle(self.box, still.questions(self.queue, title, self.seed, self.language),
                            still.counted(title, len(self.queue), self.language), **given)


class Study:
    """`Study("approvals")`: read a theme's questions one by one, with the answers when you want them. Nothing is kept."""

    def __init__(self, theme: Theme = None, *, keys: Iterable[str] | None = None, files: Iterable[str | Path] = (),
                 language: str = "en") -> None:
        self.language = language
        self.found = questions(theme, keys=keys, files=files, language=language)
        self.theme = _named(self.found, theme, language)
        self.place = 0
        self.body = ipywidgets.VBox([])
        title = say("drill.study_title", language, theme=self.theme)
        self.box = look.root([look.markup(f"<h3>{html.escape(title)}</h3>"), self.body, look.row([
            look.button(say("ui.previous", language), lambda: self.go(-1)),
            look.button(say("drill.show_answer", language), self.tell, main=True),
            look.button(say("ui.next", language), lambda: self.go(1))])], language)
        self.go(0)

    def go(self, steps: int) -> None:
        """So many questions on or back; from the last to the first."""
        self.place = (self.place + steps) % len(self.found)
        number = say("ui.question", self.language, number=self.place + 1, count=len(self.found))
        self.card = Card(self.found[self.place], language=self.language, title=number)
        self.body.children = (self.card.box,)

    def tell(self) -> None:
        """Show the answer, and whether what was chosen is right, where something was."""
        self.card.tell(verdict=bool(self.card.chosen))

    def _repr_mimebundle_(self, **given: Any) -> Any:
        title = say("drill.study_title", self.language, theme=self.theme)
        return still.bundle(self.box, still.questions(self.found, title, 0, self.language),
                            still.counted(title, len(self.found), self.language), **given)
