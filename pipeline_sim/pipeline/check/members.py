"""Constraints on single members: lengths, patterns, enums, counts, unknown members, wrong types (1.1) [MODEL]."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ...shapes import Violation, violations
from ..fault import Fault, near

Step = str | int
IGNORED = ("__type",)
"""Members that recordings of the API have and its requests do not."""
TEXTS = ("commands", "outputVariables", "files", "includes", "excludes", "events")
"""The lists of texts; all others are of structures."""
OF_TYPE, ENUM, NULL = "Member must be of type ", "Member must satisfy enum value set: ", "Member must not be null"


class Broken(NamedTuple):
    """A broken constraint and where it is, as keys and places (from 0) in the structure."""

    steps: tuple[Step, ...]
    violation: Violation

    @property
    def path(self) -> str:
        return path_of(self.steps)


def broken(structure: Any) -> list[Broken]:
    """Every broken constraint of a structure, in the order of its members."""
    found = (Broken(_steps(structure, one.path), one) for one in violations("CreatePipeline", {"pipeline": structure}))
    return [one for one in found if not (one.steps and one.steps[-1] in IGNORED)]


def look_at_members(structure: Any) -> Iterator[Fault]:
    """A fault for each broken constraint, told as CreatePipeline tells it [PROBE-A]."""
    for one in broken(structure):
        yield Fault(one.path or "the pipeline", _where(structure, one.steps), "ValidationException",
                    str(one.violation), _fix(one.violation))


def path_of(steps: tuple[Step, ...]) -> str:
    """`("stages", 2, "name")` is `stages[2].name`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")


def _steps(structure: Any, path: str) -> tuple[Step, ...]:
    """Where `pipeline.stages.1.member.name` is: the API's places count from 1, and a key may have dots in it."""
    rest, steps = path.removeprefix("pipeline").lstrip("."), list[Step]()
    value: Any = structure
    while rest:
        step, rest = _step(value, rest)
        steps.append(step)
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            value = None
    return tuple(steps)


def _step(value: Any, rest: str) -> tuple[Step, str]:
    place = re.match(r"(\d+)\.member\.?", rest)
    if place and not isinstance(value, Mapping):
        return int(place[1]) - 1, rest[place.end():]
    known = [key for key in value if isinstance(key, str) and f"{rest}.".startswith(f"{key}.")] if value else []
    key = max(known, key=len) if known else rest.partition(".")[0]
    return key, re.sub(r"\A\.?(member(\.|\Z))?", "", rest[len(key):])


def _where(structure: Any, steps: tuple[Step, ...]) -> str:
    """`Prod/Deploy`: the names of the stage, action or rule that a place is in."""
    names: list[str] = []
    value: Any = structure
    for step, following in zip(steps, (*steps, "")[1:], strict=True):
        value = value[step] if _leads_on(value, step) else None
        if step in ("stages", "actions", "rules") and isinstance(following, int) and _leads_on(value, following):
            inside = value[following]
            names.append(str(inside.get("name", "")) if isinstance(inside, Mapping) else "")
    return "/".join(names)


def _leads_on(value: Any, step: Step) -> bool:
    if isinstance(step, int):
        return isinstance(value, list | tuple) and step < len(value)
    return isinstance(value, Mapping) and step in value


# ---------------------------------------------------------------------------------------------- how to mend it


def _fix(violation: Violation) -> str:
    constraint = violation.constraint
    if constraint.startswith(ENUM):
        allowed = constraint.removeprefix(ENUM).strip("[]").split(", ")
        return near(violation.value.strip("'"), allowed) or "Use one of the values listed; they are case sensitive."
    return next((fix for sign, fix in _FIXES if sign in constraint), "")


_FIXES = (
    ("not be null", "Add it."),
    ("of type string", "Write it in quotes."),
    ("of type", "Write a value of that type."),
    ("arn:aws", "Write the full ARN, such as arn:aws:iam::111122223333:role/NAME; placeholders are run with --lenient."),
    ("regular expression", "Use only the characters that the pattern allows; spaces are none of them."),
    ("less than or equal", "Make it shorter or smaller."),
    ("greater than or equal", "Make it longer or larger, or leave the member out."),
    ("must be one of", "Take it out, or write the name as AWS does."),
)


# ---------------------------------------------------------------------------------------------- what can be used


def usable(structure: Any, enums: bool = False) -> dict[str, Any]:
    """A copy without members of a wrong type (with `enums` also without values that are none of those allowed, but for
    action types), so that all else can be looked at."""
    copy = plain(structure)
    if not isinstance(copy, dict):
        return {}
    for one in reversed(broken(copy)):
        constraint = one.violation.constraint
        wrong = constraint.startswith(OF_TYPE) or (constraint == NULL and one.violation.value == "null")
        if wrong or (enums and constraint.startswith(ENUM) and "actionTypeId" not in one.steps):
            _remove(copy, one.steps, constraint)
    return copy


def _remove(copy: Any, steps: tuple[Step, ...], constraint: str) -> None:
    """Take a member out; in a list leave something empty in its place, so that the others keep theirs."""
    value = copy
    for step in steps[:-1]:
        if not _leads_on(value, step):
            return
        value = value[step]
    if steps and _leads_on(value, steps[-1]):
        if isinstance(value, dict):
            del value[steps[-1]]
        else:
            of_texts = constraint == NULL and len(steps) > 1 and steps[-2] in TEXTS
            value[steps[-1]] = "" if of_texts or constraint.endswith("string") else {}


def plain(value: Any) -> Any:
    """A deep copy in dicts and lists, without the type hints of recordings."""
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items() if key not in IGNORED}
    return [plain(part) for part in value] if isinstance(value, list | tuple) else value
