"""What is one field of a form, and what does the text mean that somebody writes into it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ...pipeline.catalogue import Key

LINES = ("commands",)
NAMES = ("inputArtifacts", "outputArtifacts")
WORDS = ("outputVariables",)
NUMBERS = ("runOrder", "timeoutInMinutes")
PRESS = "press"


class Field(NamedTuple):
    """One field. `kind` is text, number, choice, lines, or press: a button. `options` are (value, words, group). `member`
    is the path below the thing itself, by which a fault finds its field; fields of one `group` stand together below its
    name."""

    key: str
    label: str
    value: str = ""
    kind: str = "text"
    required: bool = False
    options: Sequence[tuple[str, str, str]] = ()
    hint: str = ""
    member: str = ""
    group: str = ""


def value_of(key: str, written: str) -> Any:
    """What a member of an action or a rule becomes; None takes it out. Raises ValueError."""
    text = written.strip()
    if key in NAMES:
        return [{"name": name} for name in _words(text)]
    if key in WORDS:
        return _words(text) or None
    if key in LINES:
        return [line for line in written.splitlines() if line.strip()] or None
    return _number(text) if key in NUMBERS else text or None


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _number(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or len(text) > 9:
        raise ValueError(f"'{text[:40]}' is no whole number.")
    return int(text)


def text_of(value: Any) -> str:
    return "" if value is None else str(value)


def choice(key: str, label: str, value: Any, options: Iterable[tuple[str, str]]) -> Field:
    """A choice, with what is chosen among them where it is none of them."""
    listed = [(each, words, "") for each, words in options]
    now = text_of(value)
    if now not in [each for each, _, _ in listed]:
        listed.append((now, now, ""))
    return Field(key, label, now, "choice", options=listed, member=key)


def member(part: Mapping[str, Any], key: str, label: str, required: bool = False, hint: str = "") -> Field:
    """A member of an action or a rule."""
    value = part.get(key)
    if key in LINES and isinstance(value, list):
        return Field(key, label, "\n".join(map(str, value)), "lines", required, hint="One in each line.", member=key)
    if isinstance(value, list):
        value = ", ".join(text_of(one.get("name") if isinstance(one, Mapping) else one) for one in value)
    kind = "lines" if key in LINES else "number" if key == "timeoutInMinutes" else "text"
    return Field(key, label, text_of(value), kind, required, hint=hint, member=key)


def configuration(part: Mapping[str, Any], known: Iterable[Key], also: Sequence[str] = ()) -> list[Field]:
    """The catalogue's keys, the required ones first, then those that are in the definition besides."""
    given = given_of(part)
    keys = sorted(known, key=lambda key: not (key.required or key.name in also))
    others = [Key(str(name)) for name in given if name not in {key.name for key in keys}]
    return [_key(key, text_of(given.get(key.name)), key.required or key.name in also) for key in [*keys, *others]]


def given_of(part: Mapping[str, Any]) -> Mapping[str, Any]:
    given = part.get("configuration")
    return given if isinstance(given, Mapping) else {}


def _key(key: Key, value: str, required: bool) -> Field:
    options = [("", "", ""), *((one, one, "") for one in key.values)]
    if value not in key.values and value:
        options.append((value, value, ""))
    return Field(f"configuration.{key.name}", key.name, value, "choice" if key.values else "text", required,
                 options if key.values else (), "A secret: AWS shows it as ****." if key.secret else "",
                 f"configuration.{key.name}")
