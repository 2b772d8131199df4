"""How one predicts: say what will be and how sure, then run it, and see the moment that decided."""

from __future__ import annotations

import html
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import ipywidgets

from ...console.hearing import in_order
from ..bank import predictions
from ..calibration import brier, levels
from ..paper import choices
from ..progress import PREDICTION, USUAL, Progress
from ..proof import outcome
from ..question import Prediction
from ..words import say
from . import look, still
from .drill import when
from .showing import Showing

ENOUGH = 5
"""So many predictions, and a calibration says something."""


class Predict:
    """`Predict("p-stop-wait")`: one exercise by its key; `Predict()`: all of them, those that come back first.

    `exercise` may also be a `Prediction` of your own.
    """

    def __init__(self, exercise: str | Prediction | None = None, *, progress: Progress | str | Path | None = USUAL,
                 files: Iterable[str | Path] = (), language: str = "en") -> None:
        self.language = language
        self.progress = progress if isinstance(progress, Progress) else Progress(progress, language=language)
        self.queue = _queue(exercise, self.progress, files, language)
        self.place = 0
        self.box = look.root([], language)
        self.ask()

    def _say(self, key: str, **values: object) -> str:
        return html.escape(say(key, self.language, **values))

    @property
    def exercise(self) -> Prediction:
        return self.queue[self.place]

    def ask(self) -> None:
        """Put the exercise on the screen."""
        one = self.exercise
        head = (f"<h3>{self._say('predict.title')}</h3><div class=ps-text>{look.text(one.text)}</div>"
                f"<p><b>{look.inline(one.ask)}</b></p>")
        self.answer = self._answer(one)
        self.confidence = ipywidgets.Dropdown(
            options=[(say("predict.percent", self.language, value=value), value / 100)
                     for value in (25, 40, 50, 60, 70, 80, 90, 95, 99)],
            value=0.7, description=say("predict.confidence", self.language), style={"description_width": "initial"},
            layout={"width": "16em", "max_width": "100%"})
        in_order(self.confidence)
        self.run = look.button(say("predict.run", self.language), self.told, main=True)
        self.notice, self.below = look.markup(self._notice(), live=True), ipywidgets.VBox([])
        look.put(self.box, [look.markup(head), self.answer, self.confidence, look.row([self.run]), self.notice, self.below])

    def _notice(self) -> str:
        return html.escape(self.progress.notice)

    def _answer(self, one: Prediction) -> ipywidgets.Widget:
        if one.choices:
            self.field: Any = ipywidgets.RadioButtons(options=choices(one), value=None, layout={"width": "100%"})
        else:
            self.field = ipywidgets.Text(placeholder=say("predict.number", self.language), layout={"width": "18em"},
                                         continuous_update=False,
                                         description=say("predict.your_prediction", self.language),
                                         style={"description_width": "initial"})
        box = ipywidgets.VBox([in_order(self.field)])
        box.add_class("ps-options" if one.choices else "ps-field")
        return box

    def told(self) -> None:
        """Run it, and compare."""
        said = str(self.field.value or "").strip()
        if not said:
            look.show(self.notice, self._say("predict.missing"))
            return
        was = outcome(self.exercise)
        good = _same(said, was)
        self.run.disabled = self.field.disabled = self.confidence.disabled = True
        self._compare(said, was, good, self._write_down(said, good))

    def _write_down(self, said: str, good: bool) -> str:
        try:
            back = self.progress.answered(self.exercise.key, good, said=[said], kind=PREDICTION, mode="predict",
                                          confidence=self.confidence.value)
        except OSError as problem:
            return self._say("ui.save_failed", why=problem)
        return self._say("predict.come_back", when=when(back, self.language))

    def _compare(self, said: str, was: str, good: bool, back: str) -> None:
        percent = round(100 * self.confidence.value)
        kind, word = ("ps-good", "ui.right") if good else ("ps-bad", "ui.wrong")
        verdict = f"<div class='ps-verdict {kind}'>{self._say(word)}</div>"
        look.show(self.notice, f"{verdict}<p>{self._say('predict.said', said=said, confidence=percent)} "
                               f"<b>{self._say('predict.was', was=was)}</b></p>{look.text(self.exercise.because)}"
                               f"<p class=ps-quiet>{back}</p>")
        showing = Showing(self.exercise, self.language)
        parts: list[ipywidgets.Widget] = [showing.box, look.markup(self.calibration())]
        if len(self.queue) > 1:
            parts.append(look.row([look.button(say("ui.next", self.language), self.go_on, main=True)]))
        self.below.children = tuple(parts)
        showing.toggle()

    def go_on(self) -> None:
        """To the next exercise; from the last to the first."""
        self.place = (self.place + 1) % len(self.queue)
        self.ask()

    def calibration(self) -> str:
        """How well one's confidence fits what came, as HTML."""
        told = self.progress.told()
        title = f"<h3>{self._say('predict.calibration')}</h3>"
        if len(told) < ENOUGH:
            return f"{title}<p class=ps-quiet>{self._say('predict.few', count=ENOUGH)}</p>"
        rows = "".join(f"<tr><th scope=row>{self._say('predict.sure_at', value=round(100 * level.confidence))}</th>"
                       f"<td>{self._say('predict.right_in', right=level.right, count=level.of)}</td></tr>"
                       for level in levels(told))
        score = self._say("predict.brier", score=brier(told), count=len(told))
        return f"{title}<p>{score}</p><table class=ps-table>{rows}</table>"

    def _repr_mimebundle_(self, **given: Any) -> Any:
        one = self.exercise
        return still.bundle(self.box, still.prediction(one, self.language), f"{one.text} {one.ask}", **given)


def _same(said: str, was: str) -> bool:
    """A number is the same however it is written: `4`, `4.0`, `1,200`."""
    try:
        return float(said.replace(",", "")) == float(was)
    except ValueError:
        return said.lower() == was.lower()


def _queue(
    exercise: str | Prediction | None, progress: Progress, files: Iterable[str | Path], language: str
) -> list[Prediction]:
    if isinstance(exercise, Prediction):
        return [exercise]
    found = predictions(files=files, language=language)
    if exercise is not None:
        chosen = [one for one in found if one.key == exercise]
        if not chosen:
            raise ValueError(f"No exercise is called {exercise!r}. There are {', '.join(one.key for one in found)}.")
        return chosen
    back = progress.due(one.key for one in found)
    return sorted(found, key=lambda one: (0, back.index(one.key)) if one.key in back else (1 + progress.seen(one.key), 0))
