"""How the text of a template becomes a document: JSON, or YAML with CloudFormation's short forms (`!Ref`, `!Sub` …).

The YAML is built from the parser's events and not by a loader of PyYAML: twice as fast, nothing can be constructed but
dicts, lists and plain values, and depth and size are counted while it is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from ..document import DEEPEST, MOST_NODES
from ..fault import Unreadable

SHORT_FORMS = frozenset({
    "And", "Base64", "Cidr", "Equals", "FindInMap", "GetAtt", "GetAZs", "If", "ImportValue", "Join", "Length", "Not",
    "Or", "Select", "Split", "Sub", "ToJsonString", "Transform"})
_PLAIN_TAGS = {None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float",
               "tag:yaml.org,2002:bool", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:null"}
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    form: truth for truth, words in ((True, ("true", "yes", "on")), (False, ("false", "no", "off")))
    for word in words for form in (word, word.capitalize(), word.upper())}
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})")
_FLOAT = re.compile(r"-?\d{1,15}\.\d{1,15}")
MOST_DOUBTS = 50
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def document(text: str, name: str) -> tuple[Any, list[tuple[str, str]]]:
    """What the text says, and its doubtful places as (place, sentence). Raises Unreadable with line and column."""
    text = text.removeprefix("\ufeff")
    if text.lstrip()[:1] not in ("{", "["):
        return _from_yaml(text, name)
    try:
        return _from_json(text, name)
    except json.JSONDecodeError as error:
        try:  # JSON with trailing commas, comments or line breaks in texts is YAML in flow style
            return _from_yaml(text, name)
        except Unreadable:
            raise Unreadable(f"{name}: line {error.lineno}, column {error.colno}: {error.msg}.{_hint(text)}") from error


def _hint(text: str) -> str:
    """What to do with a template of a template."""
    if "{%" in text or text.lstrip().startswith("{{") or "{{ cookiecutter" in text or "{{cookiecutter" in text:
        return " It is a template for a text generator (Jinja: {% … %}): generate the file first."
    return ""


# ---------------------------------------------------------------------------------------------- JSON


def _from_json(text: str, name: str) -> tuple[Any, list[tuple[str, str]]]:
    doubts: list[tuple[str, str]] = []

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(members)
        if len(found) < len(members) and len(doubts) < MOST_DOUBTS:
            keys = [key for key, _ in members]
            twice = next(key for key in keys if keys.count(key) > 1)
            doubts.append(("", f"The key '{twice}' is given twice in one object; the last counts."))
        return found

    try:
        found = json.loads(text, object_pairs_hook=pairs, parse_constant=str,
                           parse_int=lambda digits: int(digits) if len(digits) < 19 else digits)
    except RecursionError as error:
        raise Unreadable(f"{name}: it is nested too deeply to be a template.") from error
    _measure(found, name)
    return found, doubts


def _measure(found: Any, name: str) -> None:
    nodes, level = 0, [found]
    for _ in range(DEEPEST):
        nodes += len(level)
        level = [part for value in level if isinstance(value, dict | list)
                 for part in (value.values() if isinstance(value, dict) else value)]
        if not level:
            break
    if level or nodes > MOST_NODES:
        raise Unreadable(f"{name}: more than {DEEPEST} levels or {MOST_NODES} values; a template is smaller.")


# ---------------------------------------------------------------------------------------------- YAML


def _from_yaml(text: str, name: str) -> tuple[Any, list[tuple[str, str]]]:
    try:
        builder = _Builder(yaml.parse(text, _LOADER))
        return builder.only_document(), builder.doubts
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise Unreadable(f"{name}: {place}{error.problem or error.context}.{_hint(text)}") from error
    except yaml.reader.ReaderError as error:
        line, column = _place(text, error.position)
        raise Unreadable(f"{name}: line {line}, column {column}: {error.reason}.") from error
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise Unreadable(f"{name}: {error}") from error
    except _Refused as refused:
        raise Unreadable(f"{name}: {refused}") from refused


def _place(text: str, position: int) -> tuple[int, int]:
    """Line and column, from 1, of a byte of the text."""
    before = text.encode("utf-8", "replace")[:position].decode("utf-8", "replace")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


class _Refused(Exception):
    """A document that could blow up the reader, or with tags that no template has."""


def _refuse(event: Any, sentence: str) -> NoReturn:
    raise _Refused(f"line {event.start_mark.line + 1}, column {event.start_mark.column + 1}: {sentence}")


@dataclass
class _Builder:
    """Values from events. An alias counts as all that it repeats, each time."""

    events: Iterator[Any]
    doubts: list[tuple[str, str]] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    count: int = 0
    depth: int = 0

    def only_document(self) -> Any:
        found, seen = None, False
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if seen:
                    _refuse(event, "a second document begins here; a template is one document.")
                seen = True
                found = self.value(next(self.events))
        return found

    def value(self, event: Any) -> Any:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        before = self.count
        self._grow(event, 1)
        if event.anchor:
            self.open.add(event.anchor)
        found = self._tagged(event)
        if event.anchor:
            self.open.discard(event.anchor)
            self.anchors[event.anchor] = (found, self.count - before)
        return found

    def _grow(self, event: Any, more: int) -> None:
        self.count += more
        if self.count > MOST_NODES:
            _refuse(event, f"the document holds more than {MOST_NODES} values, aliases counted; a template is smaller.")

    def _alias(self, event: Any) -> Any:
        if event.anchor in self.open:
            _refuse(event, f"the alias *{event.anchor} refers to the value that it is a part of.")
        if event.anchor not in self.anchors:
            _refuse(event, f"there is no anchor &{event.anchor} before this alias.")
        found, size = self.anchors[event.anchor]
        self._grow(event, size)
        return found

    def _tagged(self, event: Any) -> Any:
        tag = event.tag
        if tag in _PLAIN_TAGS:
            return self._content(event)
        short = tag[1:] if tag.startswith("!") else ""
        if short in ("Ref", "Condition"):
            return {short: self._content(event, text=True)}
        if short not in SHORT_FORMS:
            _refuse(event, f"CloudFormation knows no tag {tag}.")
        found = self._content(event, text=True)
        if short == "GetAtt" and isinstance(found, str):
            found = list(found.partition(".")[::2])
        return {f"Fn::{short}": found}

    def _content(self, event: Any, text: bool = False) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            quoted = not event.implicit[0] and event.tag is None or event.tag in ("!", "tag:yaml.org,2002:str")
            return event.value if quoted or text else _plain_value(event.value)
        self.depth += 1
        if self.depth > DEEPEST:
            _refuse(event, f"more than {DEEPEST} levels are nested; a template is flatter.")
        found = self._mapping() if isinstance(event, yaml.MappingStartEvent) else self._sequence()
        self.depth -= 1
        return found

    def _sequence(self) -> list[Any]:
        found = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            found.append(self.value(event))
        return found

    def _mapping(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: list[Any] = []
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self._key(event)
            value = self.value(next(self.events))
            if key == "<<" and event.implicit[0]:
                merged += value if isinstance(value, list) else [value]
                continue
            if key in found and len(self.doubts) < MOST_DOUBTS:
                mark = event.start_mark
                self.doubts.append((f"line {mark.line + 1}, column {mark.column + 1}",
                                    f"The key '{key}' is given twice; the last counts."))
            found[key] = value
        for more in merged:
            found = {**more, **found} if isinstance(more, dict) else found
        return found

    def _key(self, event: Any) -> str:
        if isinstance(event, yaml.AliasEvent):
            found = self._alias(event)
            if isinstance(found, str):
                return found
        if not isinstance(event, yaml.ScalarEvent):
            _refuse(event, "a key must be a text.")
        self._grow(event, 1)
        key: str = event.value
        if event.anchor:
            self.anchors[event.anchor] = (key, 1)
        return key


def _plain_value(written: str) -> Any:
    """What a word without quotes means. Numbers that would be printed otherwise (012345678901, 1_000, 0x1F, 1:30, 1.10)
    stay as they are written, and so do dates: nearly all values of a pipeline are texts."""
    if written in _WORDS:
        return _WORDS[written]
    if _INTEGER.fullmatch(written):
        return int(written)
    if _FLOAT.fullmatch(written) and repr(float(written)) == written:
        return float(written)
    return written
