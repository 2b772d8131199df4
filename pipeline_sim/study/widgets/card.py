"""One question on the screen: its text, its options to choose from, and afterwards what is right and why."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable

import ipywidgets

from ...console.hearing import in_order
from ..facts import known
from ..paper import order
from ..proof import shown_by
from ..question import Option, Question
from ..words import say, terms_in
from . import look
from .showing import Showing

LETTERS = "ABCDEF"
SHOWS = {"run": "ui.run_shows", "many": "ui.runs_show", "policy": "ui.policy_shows", "check": "ui.check_shows",
         "catalogue": "ui.catalogue_shows"}


class Card:
    """A question that can be answered. `chosen` are the places of the options that are chosen now."""

    def __init__(self, question: Question, *, seed: int = 0, language: str = "en", title: str = "",
                 chosen: Iterable[int] = (), changed: Callable[[], None] | None = None) -> None:
        self.question, self.language = question, language
        self.places = order(question, seed)
        self.changed = changed
        self.head = look.markup(self._head(title))
        self.options = self._several() if question.several else self._one()
        self.told = look.markup()
        self.below = ipywidgets.VBox([])
        self.box = ipywidgets.VBox([self.head, self.options, self.told, self.below])
        self.choose(chosen)

    def _head(self, title: str) -> str:
        question = self.question
        how = say("ui.choose_several", self.language, count=len(question.right)) if question.several else \
            say("ui.choose", self.language)
        domain = say("ui.domain", self.language, domain=say(f"domains.{question.domain}", self.language),
                     task=question.task)
        level = say("ui.level", self.language, level=question.level)
        quiet = " · ".join(part for part in (title, domain, level) if part)
        return (f"<div class=ps-quiet>{html.escape(quiet)}</div><div class=ps-text>{look.text(question.text)}</div>"
                f"<div class=ps-quiet>{html.escape(how)}</div>")

    # ---------------------------------------------------------------------------------------------- choosing

    def _label(self, shown: int, place: int) -> str:
        return f"{LETTERS[shown]}. {self.question.options[place].text}"

    def _one(self) -> ipywidgets.Box:
        choices = [(self._label(shown, place), place) for shown, place in enumerate(self.places)]
        self.radio = ipywidgets.RadioButtons(options=choices, value=None, layout={"width": "100%"})
        in_order(self.radio).observe(lambda _: self._tell(), "value")
        return _framed([self.radio])

    def _several(self) -> ipywidgets.Box:
        self.boxes = [ipywidgets.Checkbox(description=self._label(shown, place), indent=False, layout={"width": "100%"})
                      for shown, place in enumerate(self.places)]
        for box in self.boxes:
            in_order(box).observe(lambda _: self._tell(), "value")
        return _framed(self.boxes)

    def _tell(self) -> None:
        if self.changed is not None:
            self.changed()

    @property
    def chosen(self) -> frozenset[int]:
        if self.question.several:
            return frozenset(place for place, box in zip(self.places, self.boxes, strict=True) if box.value)
        return frozenset() if self.radio.value is None else frozenset({self.radio.value})

    def choose(self, places: Iterable[int]) -> None:
        """Choose these options, as a click would."""
        wanted = set(places)
        if self.question.several:
            for place, box in zip(self.places, self.boxes, strict=True):
                box.value = place in wanted
        else:
            self.radio.value = next(iter(wanted), None)

    def objection(self) -> str:
        """What stands against checking the answer now."""
        chosen = len(self.chosen)
        if not chosen:
            return say("ui.nothing_chosen", self.language)
        if self.question.several and chosen != len(self.question.right):
            return say("ui.too_many", self.language, count=len(self.question.right), chosen=chosen)
        return ""

    # ---------------------------------------------------------------------------------------------- afterwards

    def tell(self, verdict: bool = True) -> None:
        """Show what is right, why, and offer the run. With `verdict` also whether the answer was right."""
        good = self.chosen == self.question.right
        said = say("ui.right" if good else "ui.wrong", self.language)
        mark = f"<div class='ps-verdict {'ps-good' if good else 'ps-bad'}'>{html.escape(said)}</div>" if verdict else ""
        items = "".join(self._told(shown, place) for shown, place in enumerate(self.places))
        look.show(self.told, f"{mark}<ul class=ps-told>{items}</ul>{self._words()}")
        look.shown_if(self.options, False)
        self.showing = Showing(self.question, self.language, self.places)
        self.below.children = (self.showing.box,)

    def _told(self, shown: int, place: int) -> str:
        option, chosen = self.question.options[place], place in self.chosen
        kind = "ps-good" if option.right else "ps-chosen-bad" if chosen else ""
        mark = say("ui.is_right" if option.right else "ui.is_wrong", self.language)
        yours = f" · {say('ui.yours', self.language)}" if chosen else ""
        glyph = "✓" if option.right else "✗"
        return (f"<li class='{kind}'><span class=ps-mark>{glyph} {html.escape(mark + yours)}</span> "
                f"{LETTERS[shown]}. {look.inline(option.text)}<br>{look.inline(option.because)} "
                f"<span class=ps-quiet>{html.escape(self._shown_by(option))}</span></li>")

    def _shown_by(self, option: Option) -> str:
        if option.claim:
            return say(SHOWS[shown_by(option)], self.language)
        fact = known()[option.evidence]
        return say("ui.evidence_shows", self.language, evidence=f"{fact.key} [{', '.join(fact.tags)}]")

    def _words(self) -> str:
        told = " ".join([self.question.text, *(option.text for option in self.question.options)])
        terms = terms_in(told, self.language)
        if not terms:
            return ""
        items = "".join(f"<dt><b>{html.escape(term.term)}</b></dt><dd>{html.escape(term.says)}</dd>" for term in terms)
        return f"<details><summary>{html.escape(say('ui.words', self.language))}</summary><dl>{items}</dl></details>"


def _framed(children: list[ipywidgets.Widget]) -> ipywidgets.Box:
    box = ipywidgets.VBox(children)
    box.add_class("ps-options")
    return box
