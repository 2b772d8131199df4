"""How a file of questions or predictions is read, and all that is wrong with one: each fault with place and remedy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from ..pipeline.fault import Fault, Faults, Unreadable, near
from ..pipeline.loader import SafeLoader
from .question import DOMAINS, Option, Prediction, Question
from .world import KEYS

QUESTION_KEYS = ("key", "text", "options", "domain", "task", "level", "covers", "claim", "moment", "ask", *KEYS)
OPTION_KEYS = ("text", "because", "right", "claim", "given", "evidence")
PREDICTION_KEYS = ("key", "text", "ask", "query", "because", "choices", "covers", "moment", "why", *KEYS)
FILE_KEYS = ("theme", "exam", "questions", "predictions", "worlds")
MOST = 1_000_000
"""Bytes: a file of questions is no larger."""

Found = Iterator[Fault]
Part = Mapping[str, Any]


def load(path: str | Path) -> tuple[list[Question], list[Prediction]]:
    """The questions and predictions of a file. Raises Faults with all that is wrong with it, Unreadable where it is no
    YAML at all."""
    document = read_yaml(Path(path))
    faults = list(_faults(document))
    if faults:
        raise Faults(faults, str(path))
    theme = document["theme"]
    exam = document.get("exam", True)
    questions = [_question(one, theme, place, exam) for place, one in enumerate(document.get("questions") or [])]
    return questions, [_prediction(one, theme, place) for place, one in enumerate(document.get("predictions") or [])]


def read_yaml(path: Path) -> Any:
    """What a file of the course says. Raises Unreadable."""
    try:
        if path.stat().st_size > MOST:
            raise Unreadable(f"{path} is larger than {MOST // 1000} kB: that is no file of questions.")
        return yaml.load(path.read_text(encoding="utf-8"), Loader=SafeLoader)  # noqa: S506 - a safe loader of ours
    except (OSError, UnicodeDecodeError) as problem:
        raise Unreadable(f"{path} cannot be read: {problem}") from None
    except (yaml.YAMLError, RecursionError) as problem:
        raise Unreadable(f"{path} is no YAML: {' '.join(str(problem).split())}") from None


# ---------------------------------------------------------------------------------------------- values


def _question(said: Part, theme: str, place: int, exam: bool) -> Question:
    goal = str(said.get("claim", ""))
    return Question(
        said["key"], theme, _text(said["text"]), tuple(_option(one, goal) for one in said["options"]), said["domain"],
        str(said["task"]), said.get("level", 2), tuple(map(str, said.get("covers", ()))), _world(said),
        said.get("moment", ""), str(said.get("ask", "")), f"questions[{place}]", exam)


def _option(said: Part, goal: str) -> Option:
    evidence = said.get("evidence", "")
    claim = said.get("claim", "" if evidence else goal)
    return Option(_text(said["text"]), _text(said["because"]), bool(said.get("right")), str(claim),
                  said.get("given") or {}, evidence)


def _prediction(said: Part, theme: str, place: int) -> Prediction:
    return Prediction(
        said["key"], theme, _text(said["text"]), _text(said["ask"]), said["query"], _text(said["because"]),
        tuple(map(str, said.get("choices", ()))), tuple(map(str, said.get("covers", ()))), _world(said),
        said.get("moment", ""), str(said.get("why", "")), f"predictions[{place}]")


def _world(said: Part) -> dict[str, Any]:
    return {key: said[key] for key in KEYS if key in said}


def _text(said: Any) -> str:
    """A text of one paragraph loses the line breaks of its file; paragraphs stay."""
    parts = re.split(r"\n\s*\n", str(said).strip())
    return "\n\n".join(" ".join(part.split()) for part in parts)


# ---------------------------------------------------------------------------------------------- faults


def _fault(path: str, message: str, fix: str = "", where: str = "") -> Fault:
    return Fault(path, where, "QuestionFault", message, fix)


def _faults(document: Any) -> Found:
    if not isinstance(document, Mapping):
        yield _fault("", "The file is no mapping.", "Begin with `theme:`, then `questions:` or `predictions:`.")
        return
    yield from _unknown("", document, FILE_KEYS)
    if not isinstance(document.get("theme"), str):
        yield _fault("theme", "The theme is missing.", "Say what the questions are about, as in `theme: approvals`.")
    if not isinstance(document.get("exam", True), bool):
        yield _fault("exam", "This is neither true nor false.", "`exam: false` keeps these out of an exam of all themes.")
    if not (document.get("questions") or document.get("predictions")):
        yield _fault("questions", "There is no question.", "Add a list under `questions:` or `predictions:`.")
    yield from _each(document, "questions", _of_question)
    yield from _each(document, "predictions", _of_prediction)


def _each(document: Part, name: str, look: Any) -> Found:
    entries = document.get(name) or []
    if not isinstance(entries, list):
        yield _fault(name, "This is no list.", "Begin each entry with `- key: …`.")
        return
    seen: set[str] = set()
    for place, one in enumerate(entries):
        path = f"{name}[{place}]"
        if not isinstance(one, Mapping):
            yield _fault(path, "This is no mapping.", "Begin it with `- key: …`.")
            continue
        key = str(one.get("key", ""))
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key):
            yield _fault(f"{path}.key", f"The key {key!r} is missing or no key.", "Write small letters and hyphens.", key)
        if key in seen:
            yield _fault(f"{path}.key", f"The key '{key}' is used twice.", "Give each its own.", key)
        seen.add(key)
        yield from look(one, path, key)


def _unknown(path: str, said: Part, known: Iterable[str], where: str = "") -> Found:
    for key in said:
        if key not in known:
            yield _fault(f"{path}.{key}".lstrip("."), f"'{key}' means nothing here.",
                         near(str(key), known) or f"There are {', '.join(known)}.", where)


def _missing(path: str, said: Part, names: Iterable[str], where: str) -> Found:
    for name in names:
        if not isinstance(said.get(name), str) or not said[name].strip():
            yield _fault(f"{path}.{name}", f"'{name}' is missing.", "Write a text.", where)


def _of_question(said: Part, path: str, key: str) -> Found:
    yield from _unknown(path, said, QUESTION_KEYS, key)
    yield from _missing(path, said, ("text",), key)
    yield from _tags(said, path, key)
    options = said.get("options")
    if not isinstance(options, list) or not 3 <= len(options) <= 6:
        yield _fault(f"{path}.options", "A question has 3 to 6 options.", "Write them as a list.", key)
        return
    for place, option in enumerate(options):
        yield from _of_option(option, f"{path}.options[{place}]", key, "claim" in said)
    right = [one for one in options if isinstance(one, Mapping) and one.get("right")]
    yield from _worldly(said, path, key)
    if not right or len(right) == len(options):
        yield _fault(f"{path}.options", f"{len(right)} of {len(options)} options are right.",
                     "At least one must be right and one wrong: `right: true`.", key)


def _worldly(said: Part, path: str, key: str) -> Found:
    """The parts of a world that must be mappings are."""
    for name in ("pipeline", "world", "decide", "pattern", "notify"):
        if name in said and not isinstance(said[name], Mapping):
            yield _fault(f"{path}.{name}", f"'{name}' is no mapping.", "Write `name: value` pairs below it.", key)
    if "pipelines" in said and not (isinstance(said["pipelines"], list) and said["pipelines"]
                                    and all(isinstance(one, Mapping) for one in said["pipelines"])):
        yield _fault(f"{path}.pipelines", "'pipelines' is no list of pipelines.", "Begin each with `- name: …`.", key)


def _tags(said: Part, path: str, key: str) -> Found:
    domain, task = said.get("domain"), str(said.get("task", ""))
    if not isinstance(domain, str) or domain not in DOMAINS:
        yield _fault(f"{path}.domain", f"{domain!r} is no domain of DVA-C02.", f"There are {', '.join(DOMAINS)}.", key)
    elif task not in DOMAINS[domain]:
        yield _fault(f"{path}.task", f"{domain} has no task {task!r}.", f"It has {', '.join(DOMAINS[domain])}.", key)
    if said.get("level", 2) not in (1, 2, 3):
        yield _fault(f"{path}.level", "The level is 1, 2 or 3.", "1 is easy.", key)


def _of_option(said: Any, path: str, key: str, goal: bool) -> Found:
    if not isinstance(said, Mapping):
        yield _fault(path, "This is no option.", "Begin it with `- text: …`.", key)
        return
    yield from _unknown(path, said, OPTION_KEYS, key)
    yield from _missing(path, said, ("text", "because"), key)
    if not (goal or said.get("claim") or said.get("evidence")):
        yield _fault(path, "Nothing proves this option.",
                     "Give it a `claim:` that a run shows, or the key of an `evidence:`.", key)
    if said.get("claim") and said.get("evidence"):
        yield _fault(path, "It has a claim and evidence.", "Keep the claim: a run proves more.", key)
    if not isinstance(said.get("given") or {}, Mapping):
        yield _fault(f"{path}.given", "This is no mapping.", f"It may say {', '.join(KEYS)}.", key)
    else:
        yield from _unknown(f"{path}.given", said.get("given") or {}, KEYS, key)
        yield from _worldly({name: one for name, one in (said.get("given") or {}).items() if one is not None},
                            f"{path}.given", key)


def _of_prediction(said: Part, path: str, key: str) -> Found:
    yield from _unknown(path, said, PREDICTION_KEYS, key)
    yield from _missing(path, said, ("text", "ask", "query", "because"), key)
    yield from _worldly(said, path, key)
    choices = said.get("choices")
    if choices is not None and (not isinstance(choices, list) or len(choices) < 2):
        yield _fault(f"{path}.choices", "There must be two choices at least.", "Leave them out where a number is asked.",
                     key)
