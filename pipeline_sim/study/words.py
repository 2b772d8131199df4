"""What the course says besides its questions: the strings of the widgets and the glossary, by key, in one language."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ..pipeline.loader import SafeLoader
from ..views.evidence import rules

FOLDER = Path(__file__).parent / "strings"


@dataclass(frozen=True)
class Term:
    """A word of the glossary. `thing` is the kind of element that it is in the console, `rule` a key of the evidence."""

    key: str
    term: str
    says: str
    thing: str = ""
    rule: str = ""


@cache
def _file(language: str) -> Mapping[str, Mapping[str, Any]]:
    path = FOLDER / f"{language}.yaml"
    if not path.exists():
        known = sorted(one.stem for one in FOLDER.glob("*.yaml"))
        raise ValueError(f"The course does not speak {language!r}. It speaks {', '.join(known)}.")
    found: Mapping[str, Mapping[str, Any]] = yaml.load(path.read_text(encoding="utf-8"), Loader=SafeLoader)  # noqa: S506 - a safe one
    return found


def say(key: str, language: str = "en", **values: object) -> str:
    """The string of a key such as `ui.next`, with its values put in."""
    part, _, name = key.partition(".")
    return str(_file(language)[part][name]).format(**values).strip()


@cache
def glossary(language: str = "en") -> Mapping[str, Term]:
    """The words that a reader may want to look up."""
    return {key: Term(key, **entry) for key, entry in _file(language)["glossary"].items()}


@dataclass(frozen=True)
class Glossary:
    """The glossary as a notebook shows it: each word, what it means, what it is in the console, the rule behind it."""

    language: str = "en"

    def _repr_html_(self) -> str:
        terms = sorted(glossary(self.language).values(), key=lambda one: one.term.lower())
        rows = "".join(self._row(term) for term in terms)
        return f"<table style='text-align: left'>{rows}</table>"

    def _row(self, term: Term) -> str:
        rule = rules()[term.rule].title if term.rule else ""
        cells = (term.says, say(f"things.{term.thing}", self.language) if term.thing else "", rule)
        others = "".join(f"<td style='text-align: left'>{html.escape(cell)}</td>" for cell in cells)
        return f"<tr><th scope=row style='text-align: left'>{html.escape(term.term)}</th>{others}</tr>"

    def __str__(self) -> str:
        return "\n".join(f"{term.term}: {term.says}" for term in glossary(self.language).values())

    __repr__ = __str__


def terms_in(text: str, language: str = "en") -> list[Term]:
    """The glossary's terms that occur in a text, also in the plural, in the order of the glossary."""
    return [term for term in glossary(language).values()
            if re.search(rf"\b{re.escape(term.term)}(s|es)?\b", text, re.IGNORECASE)]
