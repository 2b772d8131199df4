"""What stands where no widget can run: a question or an exercise to read, and its answer behind a click."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any

import ipywidgets

from ...console import Console
from ...console.page import still_html
from ..clinic.case import Case
from ..desk.script import Script
from ..paper import order
from ..proof import outcome
from ..question import Prediction, Question
from ..words import say
from . import look

LETTERS = "ABCDEF"


def bundle(box: ipywidgets.Widget, markup: str, told: str, **given: Any) -> Any:
    """A widget's MIME bundle in which `markup` and the sentence `told` stand beside it, for whoever cannot show it."""
    made = box._repr_mimebundle_(**given)
    data, metadata = made if isinstance(made, tuple) else (made or {}, {})
    return {**data, "text/html": markup, "text/plain": told}, metadata


def questions(found: Iterable[Question], title: str, seed: int, language: str) -> str:
    """The questions of a drill."""
    return f"<h4>{html.escape(title)}</h4>{listed(found, seed, language)}"


def listed(found: Iterable[Question], seed: int, language: str) -> str:
    """Questions one below the other, the answers of each behind a click."""
    return f"<ol>{''.join(_question(one, seed, language) for one in found)}</ol>"


def _question(one: Question, seed: int, language: str) -> str:
    places = order(one, seed)
    how = say("ui.choose_several", language, count=len(one.right)) if one.several else say("ui.choose", language)
    options = "".join(f"<li>{look.inline(one.options[place].text)}</li>" for place in places)
    told = "".join(_told(one, LETTERS[shown], place, language) for shown, place in enumerate(places))
    return (f"<li>{look.text(one.text)}<p><i>{html.escape(how)}</i></p><ol type='A'>{options}</ol>"
            f"{_hidden(f'<ul>{told}</ul>', language)}</li>")


def _told(one: Question, letter: str, place: int, language: str) -> str:
    option = one.options[place]
    word = say("ui.is_right" if option.right else "ui.is_wrong", language)
    return f"<li><b>{letter}</b>, {html.escape(word)}: {look.inline(option.because)}</li>"


def prediction(one: Prediction, language: str) -> str:
    """An exercise, and what its run says."""
    choices = "".join(f"<li>{look.inline(choice)}</li>" for choice in one.choices)
    answer = f"<p><b>{html.escape(say('predict.was', language, was=outcome(one)))}</b></p>{look.text(one.because)}"
    return (f"<h4>{html.escape(say('predict.title', language))}</h4>{look.text(one.text)}"
            f"<p><b>{look.inline(one.ask)}</b></p><ul>{choices}</ul>{_hidden(answer, language)}")


def challenge(case: Case, console: Console) -> str:
    """What is complained of, and what the console shows. Neither hints nor the solution: they cost points."""
    return f"<h4>{html.escape(case.title)}</h4>{look.text(case.complaint)}{still_html(console)}"


def demo(script: Script, console: Console) -> str:
    """What is told at each stop, and the picture of the stop where the demonstration is. Not the teacher's own notes."""
    stops = "".join(f"<li>{look.text(stop.note)}{_asked(stop.ask)}</li>" for stop in script.stops)
    return f"<h4>{html.escape(script.title)}</h4>{still_html(console)}<ol>{stops}</ol>"


def _asked(ask: str) -> str:
    return f"<p><b>{look.inline(ask)}</b></p>" if ask else ""


def _hidden(markup: str, language: str) -> str:
    return f"<details><summary>{html.escape(say('drill.show_answer', language))}</summary>{markup}</details>"


def counted(title: str, count: int, language: str) -> str:
    """A drill in one line: `Drill: approvals. Questions: 5.`"""
    return f"{title}. {say('drill.count', language, count=count)}"

