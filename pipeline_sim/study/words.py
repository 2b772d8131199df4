"""What the course says besides its questions: the strings of the widgets and the glossary, by key, in one language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ..pipeline.loader import SafeLoader

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


def terms_in(text: str, language: str = "en") -> list[Term]:
    """The glossary's terms that occur in a text, also in the plural, in the order of the glossary."""
    return [term for term in glossary(language).values()
            if re.search(rf"\b{re.escape(term.term)}(s|es)?\b", text, re.IGNORECASE)]
