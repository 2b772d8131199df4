"""How a file of challenges is read, and all that is wrong with its form: each fault with place and remedy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ...pipeline.fault import Fault, Faults, near
from ...scenario import duration
from ..question import DOMAINS
from ..reading import read_yaml
from ..world import USUAL, NoWorld
from .case import Case, Hint
from .steps import AUTHOR_ONLY, against, steps_of

HERE = Path(__file__).parent.parent / "challenges"
WORLD = ("pipeline", "pipelines", "world", "seed")
TEXTS = ("title", "complaint", "because")
KEYS = ("key", *TEXTS, "domain", "task", "level", "covers", "before", "arrive", "within", "goal", "hints", "solution", "ask",
        *WORLD)
KIND = "ChallengeFault"

Found = Iterator[Fault]
Part = Mapping[str, Any]


def load(path: str | Path) -> list[Case]:
    """The challenges of a file. Raises Faults with all that is wrong with it, Unreadable where it is no YAML at all."""
    document = read_yaml(Path(path))
    faults = list(_faults(document))
    if faults:
        raise Faults(faults, str(path))
    try:
        return [_case(one, place) for place, one in enumerate(document["challenges"])]
    except NoWorld as problem:
        raise Faults([_fault("challenges", str(problem), "Mend the pipeline's short form.")], str(path)) from None


@cache
def _course(language: str) -> tuple[Case, ...]:
    files = sorted((HERE / language).glob("*.yaml"))
    if not files:
        raise ValueError(f"There are no challenges in {language!r}.")
    return tuple(one for file in files for one in load(file))


def challenges(files: Iterable[str | Path] = (), language: str = "en") -> list[Case]:
    """The challenges of the course, and of `files` besides."""
    return [*_course(language), *(one for file in files for one in load(file))]


def case_of(key: str, files: Iterable[str | Path] = (), language: str = "en") -> Case:
    """The challenge with this key. ValueError, with a near name, where there is none."""
    known = {one.key: one for one in challenges(files, language)}
    if key not in known:
        raise ValueError(f"No challenge is called {key!r}. {near(key, known)}".strip() +
                         " `pipeline-sim challenge list` names them all.")
    return known[key]


# ---------------------------------------------------------------------------------------------- values


def _case(said: Part, place: int) -> Case:
    stories = _stories(said)
    before = [(duration(one["at"]) if "at" in one else 0, {key: value for key, value in one.items() if key != "at"})
              for one in said.get("before") or []]
    past = steps_of([one for _, one in before], stories)
    return Case(
        said["key"], _text(said["title"]), _text(said["complaint"]), _text(said["because"]), said["domain"],
        str(said["task"]), said.get("level", 2), tuple(map(str, said.get("covers", ()))), duration(said["arrive"]),
        duration(said["within"]), tuple(said["goal"]),
        tuple(Hint(_text(one["text"]), str(one["claim"])) for one in said["hints"]),
        steps_of(said["solution"], stories), tuple(zip((at for at, _ in before), past, strict=True)), _world(said),
        str(said.get("ask", "")), f"challenges[{place}]")


def _stories(said: Part) -> dict[str, Any]:
    """The short form of each pipeline, by its name, as a copy that updates may change."""
    pipelines = said.get("pipelines") or [{"stages": USUAL, **(said.get("pipeline") or {})}]
    return {str(one.get("name", "shop")): one for one in json.loads(json.dumps(pipelines))}


def _world(said: Part) -> dict[str, Any]:
    world = {key: said[key] for key in WORLD if key in said}
    return world if "pipelines" in said else {**world, "pipeline": {"stages": USUAL, **(said.get("pipeline") or {})}}


def _text(said: Any) -> str:
    parts = re.split(r"\n\s*\n", str(said).strip())
    return "\n\n".join(" ".join(part.split()) for part in parts)


# ---------------------------------------------------------------------------------------------- faults


def _fault(path: str, message: str, fix: str, where: str = "") -> Fault:
    return Fault(path, where, KIND, message, fix)


def _faults(document: Any) -> Found:
    if not isinstance(document, Mapping) or not isinstance(document.get("challenges"), list) or not document["challenges"]:
        yield _fault("challenges", "The file has no list of challenges.", "Begin with `challenges:`, then `- key: …`.")
        return
    for key in document:
        if key != "challenges":
            yield _fault(str(key), f"'{key}' means nothing here.", "There is `challenges`.")
    seen: set[str] = set()
    for place, said in enumerate(document["challenges"]):
        path = f"challenges[{place}]"
        if not isinstance(said, Mapping):
            yield _fault(path, "This is no mapping.", "Begin it with `- key: …`.")
            continue
        yield from _of(said, path, seen)


def _of(said: Part, path: str, seen: set[str]) -> Found:
    key = str(said.get("key", ""))
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key) or key in seen:
        yield _fault(f"{path}.key", f"The key {key!r} is missing, no key, or used twice.",
                     "Write small letters and hyphens, for each challenge its own.", key)
    seen.add(key)
    for name in said:
        if name not in KEYS:
            yield _fault(f"{path}.{name}", f"'{name}' means nothing here.",
                         near(str(name), KEYS) or f"There are {', '.join(KEYS)}.", key)
    for name in TEXTS:
        if not isinstance(said.get(name), str) or not said[name].strip():
            yield _fault(f"{path}.{name}", f"'{name}' is missing.", "Write a text.", key)
    for look in (_tags, _times, _goal, _hints, _steps):
        yield from look(said, path, key)


def _tags(said: Part, path: str, key: str) -> Found:
    domain, task = said.get("domain"), str(said.get("task", ""))
    if not isinstance(domain, str) or domain not in DOMAINS or task not in DOMAINS[domain]:
        yield _fault(f"{path}.domain", f"{domain!r} with task {task!r} is nothing in DVA-C02.",
                     "; ".join(f"{name} has {', '.join(tasks)}" for name, tasks in DOMAINS.items()), key)
    if said.get("level", 2) not in (1, 2, 3):
        yield _fault(f"{path}.level", "The level is 1, 2 or 3.", "1 is easy.", key)


def _times(said: Part, path: str, key: str) -> Found:
    places: list[tuple[str, Any]] = [(name, said.get(name)) for name in ("arrive", "within")]
    places += [(f"before[{at}].at", one["at"]) for at, one in enumerate(_list(said, "before"))
               if isinstance(one, Mapping) and "at" in one]
    for name, value in places:
        try:
            duration(value)
        except (TypeError, ValueError) as problem:
            yield _fault(f"{path}.{name}", f"It is no length of time: {problem}", "Write 90s, 10m, 2h, 3d.", key)


def _goal(said: Part, path: str, key: str) -> Found:
    goal = said.get("goal")
    if not isinstance(goal, list) or not goal or not all(isinstance(one, str) for one in goal):
        yield _fault(f"{path}.goal", "The goal is no list of claims.", "Write `goal: [\"e1.status == 'Succeeded'\"]`.", key)


def _hints(said: Part, path: str, key: str) -> Found:
    hints = _list(said, "hints")
    if not hints:
        yield _fault(f"{path}.hints", "There is no hint.", "Write a list of `{text: …, claim: …}`.", key)
    for place, one in enumerate(hints):
        if not isinstance(one, Mapping) or {"text", "claim"} != set(one):
            yield _fault(f"{path}.hints[{place}]", "A hint has a text and a claim.", "Write `{text: …, claim: …}`.", key)


def _steps(said: Part, path: str, key: str) -> Found:
    if not _list(said, "solution"):
        yield _fault(f"{path}.solution", "There is no solution.", "Write a list of steps.", key)
    for name in ("before", "solution"):
        for place, one in enumerate(_list(said, name)):
            whole = {part: value for part, value in one.items() if part != "at"} if isinstance(one, Mapping) else one
            found = against(whole)
            if found is None and name == "solution" and next(iter(whole)) in AUTHOR_ONLY:
                found = f"'{next(iter(whole))}' is nothing that a student can do.", "Move it to `before`, or to the world."
            if found is not None:
                yield _fault(f"{path}.{name}[{place}]", *found, key)


def _list(said: Part, name: str) -> list[Any]:
    found = said.get(name)
    return found if isinstance(found, list) else []


