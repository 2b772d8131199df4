"""The form of an answer: one sentence, and the chain of causes with the rule behind each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple


class Clause(NamedTuple):
    """Part of a sentence, without capital letter and full stop, and the key of the rule behind it (`evidence`)."""

    text: str
    rule: str = ""


@dataclass(frozen=True)
class Cause:
    """A link of the chain. `rule` is a key that `explain` knows, or empty for a mere fact."""

    sentence: str
    rule: str = ""


@dataclass(frozen=True, repr=False)
class Answer:
    """Why a place is as it is: `sentence` says it all at once, `causes` link by link, the nearest first. `rule` is the
    key of the rule behind the sentence's own claim."""

    place: str
    sentence: str
    causes: tuple[Cause, ...] = ()
    rule: str = ""

    def __str__(self) -> str:
        return "\n".join([self.sentence, *(f"  - {cause.sentence}" for cause in self.causes)])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        causes = "".join(f"<li>{escape(cause.sentence)}</li>" for cause in self.causes)
        return f"<div>{escape(self.sentence)}</div>" + (f"<ul style='margin:.3em 0'>{causes}</ul>" if causes else "")


_OPENERS = frozenset({
    "a", "an", "automatic", "execution", "executions", "in", "its", "it", "job", "nobody", "no", "none", "nothing", "only",
    "push", "pushes", "retrying", "rolling", "somebody", "the", "there", "this", "whoever", "all", "every", "version",
    "your",
})


def sentence(text: str) -> str:
    """A clause as a sentence. A name at its beginning keeps its letters: the stage `prod` is not `Prod`."""
    first = text.split(" ", 1)[0]
    text = text[:1].upper() + text[1:] if first in _OPENERS else text
    return text if text.endswith((".", "?", "!")) else text + "."


def inside(text: str) -> str:
    """A sentence as part of another: without capital letter, but for a name's, and without full stop."""
    first = text.split(" ", 1)[0].lower()
    return (text[:1].lower() + text[1:] if first in _OPENERS else text).removesuffix(".")


def answer(
    place: str, claim: Clause, chain: Sequence[Clause] = (), notes: Iterable[Clause] = (), link: str = ", because "
) -> Answer:
    """The answer that makes a claim, says why in a chain of clauses, and adds notes that are not in the sentence."""
    text = claim.text
    if chain:
        text += link + "; ".join(clause.text.rstrip(".") for clause in chain)
    causes = tuple(Cause(sentence(clause.text), clause.rule) for clause in (*chain, *notes))
    return Answer(place, sentence(text), causes, claim.rule)


def prefixed(place: str, claim: Clause, inner: Answer) -> Answer:
    """A claim about one place that another place's answer explains: `Prod has not run: execution 7 waits …`."""
    causes = (Cause(inner.sentence, inner.rule), *inner.causes)
    return Answer(place, sentence(f"{claim.text}: {inside(inner.sentence)}"), causes, claim.rule)
