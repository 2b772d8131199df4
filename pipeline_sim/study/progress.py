"""What a student has done: a JSON file of the student's own, written whole or not at all; no account.

The file has a `version`. One of a newer version is left alone; one that cannot be read is kept aside under another name,
and the student is told.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from . import memory
from .calibration import Told
from .score import Result
from .words import say

VERSION = 1
USUAL = Path("pipeline-sim-progress.json")
QUESTION, PREDICTION = "question", "prediction"
PARTS: Mapping[str, type] = {"answers": list, "cards": dict, "exams": list}


class NewerProgress(ValueError):
    """The file was written by a newer version; it is not touched."""


class Progress:
    """A student's progress. With `path=None` it is kept in memory only. `notice` is what the student should be told."""

    def __init__(self, path: str | Path | None = USUAL, *, language: str = "en") -> None:
        self.path = Path(path) if path is not None else None
        self.language = language
        self.notice = ""
        self.answers: list[dict[str, Any]] = []
        self.cards: dict[str, dict[str, Any]] = {}
        self.exams: list[dict[str, Any]] = []
        if self.path is not None and self.path.exists():
            self._open(self.path)

    def _open(self, path: Path) -> None:
        try:
            self._hold(_read(path))
        except NewerProgress as problem:
            raise NewerProgress(say("ui.progress_newer", self.language, path=path, version=problem)) from None
        except ValueError as problem:
            aside = _aside(path)
            os.replace(path, aside)
            self.notice = say("ui.progress_aside", self.language, path=path, why=problem, aside=aside.name)

    def _hold(self, document: Mapping[str, Any]) -> None:
        self.answers, self.cards, self.exams = document["answers"], document["cards"], document["exams"]

    # ---------------------------------------------------------------------------------------------- what is done

    def answered(self, key: str, right: bool, *, said: Iterable[str] = (), kind: str = QUESTION, mode: str = "drill",
                 confidence: float | None = None, at: datetime | None = None) -> datetime:
        """Write down an answer; when the thing is to be asked again."""
        moment = at or datetime.now(UTC)
        self.answers.append({"key": key, "kind": kind, "mode": mode, "right": right, "said": list(said),
                             "at": moment.isoformat(), **({} if confidence is None else {"confidence": confidence})})
        self.cards[key] = memory.after(key, self.cards.get(key), right, moment, confidence)
        self.save()
        return memory.due(self.cards[key])

    def examined(self, result: Result, at: datetime | None = None) -> None:
        """Write down an exam, with each of its answers. Questions that were left open count as wrong."""
        moment = at or datetime.now(UTC)
        for one in result.answers:
            said = [one.question.options[place].text for place in sorted(one.chosen)]
            self.answers.append({"key": one.question.key, "kind": QUESTION, "mode": "exam", "right": one.is_right,
                                 "said": said, "at": moment.isoformat()})
            key = one.question.key
            self.cards[key] = memory.after(key, self.cards.get(key), one.is_right, moment)
        self.exams.append({"at": moment.isoformat(), "score": result.score, "right": result.total.right,
                           "count": result.total.count,
                           "domains": {name: [part.right, part.count] for name, part in result.by_domain.items()}})
        self.save()

    # ---------------------------------------------------------------------------------------------- what is known

    def due(self, keys: Iterable[str], at: datetime | None = None) -> list[str]:
        """Which of these are to be asked again by now, the longest due first."""
        moment = at or datetime.now(UTC)
        times = {key: memory.due(self.cards[key]) for key in keys if key in self.cards}
        return sorted((key for key, when in times.items() if when <= moment), key=times.__getitem__)

    def seen(self, key: str) -> bool:
        return key in self.cards

    def wrong(self) -> list[str]:
        """The keys of what was wrong when it was answered last."""
        last = {one["key"]: one["right"] for one in self.answers}
        return [key for key, right in last.items() if not right]

    def told(self) -> list[Told]:
        """All predictions that were made with a confidence."""
        return [Told(one["confidence"], one["right"]) for one in self.answers if "confidence" in one]

    def __str__(self) -> str:
        """In a few lines: what was answered, what comes back now, the exams."""
        right = sum(one["right"] for one in self.answers)
        lines = [say("progress.answers", self.language, count=len(self.answers), right=right),
                 say("progress.due", self.language, count=len(self.due(self.cards)))]
        lines += [say("progress.exam", self.language, day=str(one["at"])[:10], score=one["score"], right=one["right"],
                      count=one["count"]) for one in self.exams]
        return "\n".join(lines)

    __repr__ = __str__

    # ---------------------------------------------------------------------------------------------- the file

    def save(self) -> None:
        """Write the file, so that there is at every moment the old one or the new one. What another notebook has written
        to it meanwhile stays. OSError where it cannot be written."""
        if self.path is None:
            return
        if self.path.exists():
            with suppress(ValueError):
                self._merge(_read(self.path))
        _write(self.path, self.as_json())

    def as_json(self) -> dict[str, Any]:
        return {"version": VERSION, "answers": self.answers, "cards": self.cards, "exams": self.exams}

    def export(self, path: str | Path) -> Path:
        """A copy of everything, to keep or to take along."""
        _write(Path(path), self.as_json())
        return Path(path)

    def take_in(self, path: str | Path) -> int:
        """Add what another file holds: answers and exams that are new; of each card the later one. How many answers are
        new. ValueError where the file is none."""
        try:
            other = _read(Path(path))
        except NewerProgress as problem:
            raise NewerProgress(say("ui.progress_newer", self.language, path=path, version=problem)) from None
        new = self._merge(other)
        self.save()
        return new

    def _merge(self, other: Mapping[str, Any]) -> int:
        new = [one for one in other["answers"] if one not in self.answers]
        self.answers = sorted([*self.answers, *new], key=lambda one: str(one["at"]))
        self.exams = sorted([*self.exams, *(one for one in other["exams"] if one not in self.exams)],
                            key=lambda one: str(one["at"]))
        for key, card in other["cards"].items():
            own = self.cards.get(key)
            if own is None or str(card.get("last_review") or "") > str(own.get("last_review") or ""):
                self.cards[key] = card
        return len(new)


def _read(path: Path) -> dict[str, Any]:
    """The document in a file. ValueError says what is wrong with it."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as problem:
        raise ValueError(f"it is no text: {problem.reason}") from None
    except json.JSONDecodeError as problem:
        raise ValueError(f"it is no JSON: {problem.msg} in line {problem.lineno}") from None
    if not isinstance(document, dict) or not isinstance(document.get("version"), int):
        raise ValueError("it has no version")
    if document["version"] > VERSION:
        raise NewerProgress(document["version"])
    for name, kind in PARTS.items():
        if not isinstance(document.get(name), kind):
            raise ValueError(f"'{name}' is missing or no {kind.__name__}")
    _look_into(document)
    return document


def _look_into(document: Mapping[str, Any]) -> None:
    """Each answer and each card must be whole: a half file is not half believed."""
    for place, one in enumerate(document["answers"]):
        if not isinstance(one, dict) or not {"key", "right", "at"} <= one.keys():
            raise ValueError(f"answers[{place}] is not whole")
    for key, card in document["cards"].items():
        try:
            memory.due(card)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ValueError(f"cards[{key}] is not whole") from None


def _write(path: Path, document: Mapping[str, Any]) -> None:
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            file.close()
            temporary.unlink()
            raise
    try:
        os.replace(temporary, path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise


def _aside(path: Path) -> Path:
    """A free name beside a file: `progress.json.unreadable-1`."""
    number = 1
    while (aside := path.with_name(f"{path.name}.unreadable-{number}")).exists():
        number += 1
    return aside
