"""The course as cards for Anki. The only door to genanki."""

from __future__ import annotations

import html
from collections.abc import Iterable
from pathlib import Path

import genanki

from ..ids import make_id
from .proof import outcome
from .question import Prediction, Question
from .words import say

FIELDS = ("Question", "Answers", "Right", "Why")
FRONT = "<div class=question>{{Question}}</div>{{Answers}}"
BACK = "{{FrontSide}}<hr id=answer>{{Right}}{{Why}}"
CSS = """.card { font: 18px/1.45 system-ui, sans-serif; text-align: left; max-width: 40em; margin: 1em auto; }
.question { margin-bottom: .8em; } li { margin: .3em 0; } .why { color: gray; }"""


def export(
    questions: Iterable[Question], path: str | Path, language: str = "en", predictions: Iterable[Prediction] = ()
) -> int:
    """Write a deck (.apkg) with a card for each question and prediction; how many. The same question is the same card in
    every export, so that Anki brings cards up to date and keeps what it knows of them."""
    deck = genanki.Deck(_number(f"deck:{language}"), say("anki.deck", language))
    model = genanki.Model(_number("model"), "pipeline-sim", fields=[{"name": name} for name in FIELDS], css=CSS,
                          templates=[{"name": "Card 1", "qfmt": FRONT, "afmt": BACK}])
    for question in questions:
        deck.add_note(genanki.Note(model, _fields(question, language), guid=genanki.guid_for(question.key, language),
                                   tags=[question.theme.replace(" ", "-"), question.domain, f"task-{question.task}"]))
    for one in predictions:
        deck.add_note(genanki.Note(model, _foretold(one, language), guid=genanki.guid_for(one.key, language),
                                   tags=[one.theme.replace(" ", "-")]))
    genanki.Package(deck).write_to_file(str(path))
    return len(deck.notes)


def _number(name: str) -> int:
    return int(make_id(0, f"anki:{name}", 0)[:7], 16) + (1 << 30)


def _fields(question: Question, language: str) -> list[str]:
    options = "".join(f"<li>{html.escape(one.text)}</li>" for one in question.options)
    right = "; ".join(html.escape(one.text) for one in question.options if one.right)
    why = "".join(f"<li>{html.escape(one.text)} <span class=why>{html.escape(one.because)}</span></li>"
                  for one in question.options)
    hint = say("ui.choose_several", language, count=len(question.right)) if question.several else ""
    return [f"{html.escape(question.text)} {html.escape(hint)}".strip(), f"<ol type=A>{options}</ol>",
            f"<b>{html.escape(say('anki.answer', language))}:</b> {right}", f"<ul>{why}</ul>"]


def _foretold(prediction: Prediction, language: str) -> list[str]:
    """A prediction as a card: its answer is what the run says."""
    choices = "".join(f"<li>{html.escape(one)}</li>" for one in prediction.choices)
    return [f"{html.escape(prediction.text)} <b>{html.escape(prediction.ask)}</b>", f"<ol type=A>{choices}</ol>",
            f"<b>{html.escape(say('anki.answer', language))}:</b> {html.escape(outcome(prediction))}",
            f"<p>{html.escape(prediction.because)}</p>"]
