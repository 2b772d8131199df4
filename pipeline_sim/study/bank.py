"""Which questions and predictions there are: those of the course in a language, and files of a teacher's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ..pipeline.fault import near
from ..pipeline.loader import SafeLoader
from .question import Prediction, Question
from .reading import load

HERE = Path(__file__).parent


@cache
def _course(language: str) -> tuple[tuple[Question, ...], tuple[Prediction, ...]]:
    files = sorted(file for folder in ("questions", "predictions") for file in (HERE / folder / language).glob("*.yaml"))
    if not files:
        raise ValueError(f"There is no course in {language!r}. There is one in {', '.join(languages())}.")
    read = [load(file) for file in files]
    return tuple(one for found, _ in read for one in found), tuple(one for _, found in read for one in found)


def languages() -> list[str]:
    """The languages that the course's questions are written in."""
    return sorted(folder.name for folder in (HERE / "questions").iterdir() if folder.is_dir())


def questions(
    theme: str | Iterable[str] | None = None, *, keys: Iterable[str] | None = None, files: Iterable[str | Path] = (),
    language: str = "en", where: Callable[[Question], bool] | None = None,
) -> list[Question]:
    """The questions of the course, and of `files` besides; of one or several themes, where they are named, or those with
    these `keys`, in their order.

    ValueError for a theme that has no question, or a key that nothing has. Raises what `reading.load` raises for a file
    with faults.
    """
    found = [*_course(language)[0], *(one for file in files for one in load(file)[0])]
    if keys is not None:
        found = _of_keys(found, keys)
    return [one for one in _of_theme(found, theme) if where is None or where(one)]


def _of_keys(found: list[Question], keys: Iterable[str]) -> list[Question]:
    known = {one.key: one for one in found}
    wanted = [keys] if isinstance(keys, str) else list(keys)
    for key in wanted:
        if key not in known:
            raise ValueError(f"No question has the key {key!r}. {near(key, known)}".strip())
    return [known[key] for key in wanted]


def predictions(
    theme: str | Iterable[str] | None = None, *, files: Iterable[str | Path] = (), language: str = "en"
) -> list[Prediction]:
    """The exercises in which a run is foretold, likewise."""
    return _of_theme([*_course(language)[1], *(one for file in files for one in load(file)[1])], theme)


def _of_theme(found: list[Any], theme: str | Iterable[str] | None) -> list[Any]:
    if theme is None:
        return found
    wanted = {theme} if isinstance(theme, str) else set(theme)
    known = {one.theme for one in found}
    if wanted - known:
        raise ValueError(f"Nothing is asked about {', '.join(sorted(wanted - known))}. Themes: {', '.join(sorted(known))}.")
    return [one for one in found if one.theme in wanted]


def themes(language: str = "en") -> dict[str, int]:
    """How many questions each theme has, in the order of the files."""
    found: dict[str, int] = {}
    for one in _course(language)[0]:
        found[one.theme] = found.get(one.theme, 0) + 1
    return found


@cache
def topics() -> Mapping[str, str]:
    """What the exam asks about (by number), and the lines of the study note that the course grew from (`n1`, …)."""
    found = yaml.load((HERE / "topics.yaml").read_text(encoding="utf-8"), Loader=SafeLoader)  # noqa: S506 - a safe one
    return {str(key): str(said) for key, said in found.items()}
