"""What changed between two definitions, in CodePipeline's terms, and what an update does to executions under way (4.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from ..shapes import MASK, SECRET_KEYS
from .model import PARALLEL, Pipeline, Stage

Part = Mapping[str, Any]
NEW, GONE, RENAMED, MOVED, CHANGED = "new", "gone", "renamed", "moved", "changed"
THERE = "there"
"""The value of a part of a list, which has its members beside it."""
IGNORED = ("name", "version", "stages", "actions")
"""What is told by itself, or is AWS's own count."""


@dataclass(frozen=True)
class Change:
    """One change. `kind` is new, gone, renamed, moved or changed; `place` the stage (`Prod`) or action (`Prod/Deploy`)
    by its new name, empty for the pipeline; `member` what of it changed, from `old` to `new`."""

    kind: str
    place: str
    text: str
    member: str = ""
    old: Any = None
    new: Any = None

    def __str__(self) -> str:
        return self.text


def diff(old: Pipeline, new: Pipeline) -> list[Change]:
    """Every change, the pipeline's own first, then stage by stage. Members that AWS fills in are no change."""
    before, after = old.structure, new.structure
    return [*_names(old, new), *_members("", before, after), *_stages(before["stages"], after["stages"]),
            *_groups(old, new)]


def _names(old: Pipeline, new: Pipeline) -> Iterator[Change]:
    if old.name != new.name:
        yield Change(RENAMED, "", f"The pipeline is called {new.name} instead of {old.name}.", "name", old.name, new.name)


# ---------------------------------------------------------------------------------------------- stages and actions


def _stages(before: list[Part], after: list[Part]) -> Iterator[Change]:
    names = _matched(before, after)
    new_names = {new: old for old, new in names.items()}
    strays = _strays(before, after)
    for stage in before:
        if stage["name"] not in names:
            yield Change(GONE, stage["name"], f"Stage {stage['name']} is gone.")
    for place, stage in enumerate(after):
        name = stage["name"]
        if name not in new_names:
            where = f"after {after[place - 1]['name']}" if place else "at the beginning"
            yield Change(NEW, name, f"Stage {name} is new, {where}.")
            continue
        former = _named(before, new_names[name])
        if new_names[name] != name:
            yield Change(RENAMED, name, f"Stage {new_names[name]} is called {name}.", "name", new_names[name], name)
        yield from _members(name, former, stage)
        yield from _actions(name, former, stage, strays)
    yield from _moved([names[one["name"]] for one in before if one["name"] in names],
                      [one["name"] for one in after if one["name"] in new_names])


def _actions(stage: str, before: Part, after: Part, strays: Mapping[str, tuple[str, str]]) -> Iterator[Change]:
    names = _matched(before["actions"], after["actions"])
    new_names = {new: old for old, new in names.items()}
    for action in before["actions"]:
        if action["name"] not in names and f"{before['name']}/{action['name']}" not in strays:
            yield Change(GONE, f"{stage}/{action['name']}", f"{stage}/{action['name']} is gone.")
    for action in after["actions"]:
        place = f"{stage}/{action['name']}"
        if action["name"] in new_names:
            former = _named(before["actions"], new_names[action["name"]])
            if former["name"] != action["name"]:
                yield Change(RENAMED, place, f"{stage}/{former['name']} is called {action['name']}.", "name",
                             former["name"], action["name"])
            yield from _members(place, former, action)
            continue
        came_from = next((home for home, target in strays.items() if target == (stage, action["name"])), None)
        if came_from:
            yield Change(MOVED, place, f"{came_from} is in stage {stage} now.", "stage", came_from.split("/")[0], stage)
        else:
            yield Change(NEW, place, f"{place} is new: {action['actionTypeId']['provider']}.")


def _named(parts: list[Part], name: str) -> Part:
    return next(part for part in parts if part["name"] == name)


def _matched(before: list[Part], after: list[Part]) -> dict[str, str]:
    """Old names with the new ones: what kept its name, and what is the same but for its name."""
    names = {one["name"]: one["name"] for one in before if one["name"] in {other["name"] for other in after}}
    for one in before:
        if one["name"] in names:
            continue
        twin = next((other["name"] for other in after if other["name"] not in names.values()
                     and _same(one, other)), None)
        if twin:
            names[one["name"]] = twin
    return names


def _same(one: Part, other: Part) -> bool:
    return {**one, "name": ""} == {**other, "name": ""}


def _strays(before: list[Part], after: list[Part]) -> dict[str, tuple[str, str]]:
    """Actions that are the same in another stage: `Test/Scan` → (Build, Scan)."""
    left = {(stage["name"], action["name"]): action for stage in before for action in stage["actions"]}
    found = {(stage["name"], action["name"]): action for stage in after for action in stage["actions"]}
    gone, new = [key for key in left if key not in found], [key for key in found if key not in left]
    return {"/".join(old): there for old in gone for there in new
            if old[1] == there[1] and old[0] != there[0] and any(stage["name"] == old[0] for stage in after)
            and {**left[old], "runOrder": 0} == {**found[there], "runOrder": 0}}


def _moved(before: list[str], after: list[str]) -> Iterator[Change]:
    """Those of the same parts that are not where they were among the others."""
    kept = {after[block.b + step] for block in SequenceMatcher(None, before, after, False).get_matching_blocks()
            for step in range(block.size)}
    for number, name in enumerate(after):
        if name not in kept:
            where = f"after {after[number - 1]}" if number else "first"
            yield Change(MOVED, name, f"Stage {name} comes {where} now.", "place", before.index(name), number)


# ---------------------------------------------------------------------------------------------- members


def _members(place: str, before: Part, after: Part) -> Iterator[Change]:
    old, new = dict(_leaves(before)), dict(_leaves(after))
    subject = place or "The pipeline"
    for member in [*old, *(key for key in new if key not in old)]:
        was, is_now = old.get(member), new.get(member)
        if was != is_now:
            yield Change(CHANGED, place, f"{subject}: {_sentence(member, was, is_now)}", member, was, is_now)


def _sentence(member: str, was: Any, is_now: Any) -> str:
    if THERE in (was, is_now):
        return f"{member} is {'new' if was is None else 'gone'}."
    if was is None:
        return f"{member} is {_shown(member, is_now)}, where it was not set."
    if is_now is None:
        return f"{member} is not set; it was {_shown(member, was)}."
    return f"{member} is {_shown(member, is_now)} instead of {_shown(member, was)}."


def _shown(member: str, value: Any) -> str:
    if member.rsplit(".", 1)[-1] in SECRET_KEYS:
        return MASK
    return "[" + ", ".join(map(str, value)) + "]" if isinstance(value, list) else repr(value)


def _leaves(part: Part, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value below, with its path; parts of a list are named by their names where they have any."""
    for key, value in part.items():
        path = f"{prefix}{key}"
        if not prefix and key in IGNORED:
            continue
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{path}.")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            yield from _of_list(path, value)
        elif value != [] and value != {}:
            yield path, value


def _of_list(path: str, parts: list[Part]) -> Iterator[tuple[str, Any]]:
    if all(set(part) == {"name"} for part in parts):
        yield path, [part["name"] for part in parts]
        return
    for number, part in enumerate(parts):
        name = part.get("name") or (part.get("gitConfiguration") or {}).get("sourceActionName") or number
        yield f"{path}[{name}]", THERE
        yield from _leaves(part, f"{path}[{name}].")


# ---------------------------------------------------------------------------------------------- groups


def _groups(old: Pipeline, new: Pipeline) -> Iterator[Change]:
    """What changed run orders mean: what runs at the same time, and what waits for what."""
    for stage in new.stages:
        former = old.by_name.get(stage.name)
        for action in stage.actions:
            if former is None or action.name not in former.by_name:
                continue
            was, is_now = _company(former, action.name), _company(stage, action.name)
            common = set(former.by_name) & set(stage.by_name)
            if was[0] & common != is_now[0] & common or was[1] & common != is_now[1] & common:
                yield Change(CHANGED, f"{stage.name}/{action.name}", f"{stage.name}/{action.name} runs "
                             f"{_company_in_words(*is_now)}.", "group", _company_in_words(*was),
                             _company_in_words(*is_now))


def _company(stage: Stage, name: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names of those that run at the same time, and of those right before."""
    before: frozenset[str] = frozenset()
    for group in stage.groups:
        names = frozenset(action.name for action in group)
        if name in names:
            return names - {name}, before
        before = names
    return frozenset(), frozenset()


def _company_in_words(beside: frozenset[str], before: frozenset[str]) -> str:
    words = [f"beside {', '.join(sorted(beside))}"] if beside else []
    words += [f"after {', '.join(sorted(before))}"] if before else []
    return " and ".join(words) or "alone and first in its stage"


# ---------------------------------------------------------------------------------------------- what an update does


def consequences(old: Pipeline, new: Pipeline) -> list[str]:
    """What UpdatePipeline with the new definition does, besides changing it: in the order in which people are surprised."""
    if old.name != new.name:
        return [f"A pipeline cannot be renamed: {new.name} is another pipeline, and {old.name} stays as it is."]
    found = [_on_executions(old.mode, new.mode), "The update itself starts no execution.",
             "The version counts up by one. Executions of an earlier version cannot be rolled back to, nor be retried."]
    if (old.type, new.type) == ("V1", "V2"):
        found.append("Type V2 is billed by the minutes of its actions, V1 by the month.")
    found += _on_doors(old, new)
    renamed = [change for change in diff(old, new) if change.kind == RENAMED and "/" not in change.place]
    if any(key in action.configuration for _, action in old.walk() for key in SECRET_KEYS) and renamed:
        found.append("A masked secret is lost where its stage is renamed: write the secret itself.")
    return found


def _on_doors(old: Pipeline, new: Pipeline) -> Iterator[str]:
    """What CodePipeline keeps by a stage's name: transitions that are closed, and what ran there."""
    if names := [stage.name for stage in new.stages if stage.name not in old.by_name]:
        stages = f"{'Stage' if len(names) == 1 else 'Stages'} {', '.join(names)}"
        yield (f"{stages}: a new name begins anew. The transition into it is enabled, even if one was disabled under the "
               "old name, and nothing has run there that it could be rolled back to.")


def _on_executions(old: str, new: str) -> str:
    """The table of 4.3 [UG:execution-modes]."""
    if old == PARALLEL and new == PARALLEL:
        return "Executions under way go on with the definition that they began with."
    if old == PARALLEL:
        return ("Executions under way go on to their end; the state shows what the mode "
                f"{new} last knew, or nothing.")
    return ("Executions under way are cancelled once their running actions have ended; those that wait for a stage are "
            "cancelled at once.")
