"""How saved output of the aws CLI is read: documents, pages one after another, JSON lines; a file or a folder of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..pipeline.document import read_text
from ..pipeline.fault import Unreadable

LARGEST = 512 * 1024 * 1024
"""Bytes: a year of a busy pipeline is some tens of millions."""
DEEPEST = 60
ENDINGS = (".json", ".jsonl", ".ndjson")


def files_of(sources: Iterable[str | Path]) -> list[Path]:
    """The files that are meant; of a folder those that end as JSON does, by name. Unreadable where there is none."""
    found: list[Path] = []
    for source in map(Path, sources):
        if source.is_dir():
            inside = sorted(path for path in source.iterdir() if path.suffix in ENDINGS)
            if not inside:
                raise Unreadable(f"{source}: there is no file in it that ends in .json, .jsonl or .ndjson.")
            found += inside
        else:
            found.append(source)
    if not found:
        raise Unreadable("There is no file's name to read from.")
    return found


def documents(path: Path) -> Iterator[tuple[str, Any]]:
    """Every document of a file, each with the place that errors name. Raises Unreadable."""
    yield from documents_of(read_text(path, LARGEST, "a history"), str(path))


def documents_of(text: str, name: str) -> Iterator[tuple[str, Any]]:
    """The documents of a text: one, or several one after another, in lines or not. A list is its members."""
    decoder, at, number = json.JSONDecoder(), 0, 0
    while (at := _skip(text, at)) < len(text):
        number += 1
        try:
            found, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            hint = "" if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") else " Save it with --output json."
            raise Unreadable(f"{name}: line {error.lineno}, column {error.colno}: {error.msg}.{hint}") from error
        except (RecursionError, ValueError) as error:
            raise Unreadable(f"{name}: it is nested too deeply, or holds a number of thousands of digits.") from error
        place = name if number == 1 and _skip(text, at) >= len(text) else f"{name}, document {number}"
        _measure(found, place)
        yield from ((f"{place}[{n}]", one) for n, one in enumerate(found)) if isinstance(found, list) else [(place, found)]


def _skip(text: str, at: int) -> int:
    """Where the next document begins: past blanks, and past commas between documents."""
    while at < len(text) and text[at] in " \t\r\n,\ufeff":
        at += 1
    return at


def _measure(found: Any, name: str) -> None:
    level = [found]
    for _ in range(DEEPEST):
        level = [part for value in level if isinstance(value, dict | list)
                 for part in (value.values() if isinstance(value, Mapping) else value)]
        if not level:
            return
    raise Unreadable(f"{name}: more than {DEEPEST} levels are nested; an answer of the API is flatter.")
