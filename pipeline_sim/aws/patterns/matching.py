"""Whether an event matches a pattern, and which field decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .alternatives import shown
from .event import Held, Place, leaves, together
from .pattern import Alternative, Branch, Leaf, Pattern
from .reading import parse

Event = Mapping[str, Any] | str
Seen = Mapping[str, Sequence[Held]]


@dataclass(frozen=True)
class FieldReport:
    """One field of the pattern before the event: whether it matched, by which alternative, and what the event held."""

    path: str
    matched: bool
    wanted: tuple[str, ...]
    held: tuple[Leaf, ...]
    by: str
    sentence: str


@dataclass(frozen=True)
class BranchReport:
    """One branch of a pattern (it has several where it has `$or`): all of its fields, and what decided."""

    matched: bool
    fields: tuple[FieldReport, ...]
    reason: str


@dataclass(frozen=True)
class Explanation:
    """Whether the event matches, in one sentence why, and the story of every branch."""

    matched: bool
    reason: str
    branches: tuple[BranchReport, ...]

    def __bool__(self) -> bool:
        return self.matched

    @property
    def fields(self) -> tuple[FieldReport, ...]:
        """The fields of the branch that decided: the one that matches, or else came nearest."""
        return _nearest(self.branches).fields

    def __str__(self) -> str:
        lines = [f"- {'yes' if field.matched else 'no'}: {field.sentence}" for field in self.fields]
        return "\n".join([self.reason, *lines])


def matches(pattern: str | Mapping[str, Any] | Pattern, event: Event) -> bool:
    """Whether a rule with this pattern would match the event. Raises InvalidEventPattern."""
    seen = leaves(event)
    return any(_branch_matches(branch, seen) for branch in _read(pattern).branches)


def _read(pattern: str | Mapping[str, Any] | Pattern) -> Pattern:
    return pattern if isinstance(pattern, Pattern) else parse(pattern)


def explain(pattern: str | Mapping[str, Any] | Pattern, event: Event) -> Explanation:
    """The same, and why."""
    seen = leaves(event)
    reports = tuple(_report(branch, seen) for branch in _read(pattern).branches)
    nearest = _nearest(reports)
    many = len(reports) > 1 and not nearest.matched
    start = f"None of the {len(reports)} combinations of $or matches; the nearest fails: " if many else ""
    return Explanation(nearest.matched, start + nearest.reason, reports)


def _nearest(reports: Sequence[BranchReport]) -> BranchReport:
    return min(reports, key=lambda report: (not report.matched, sum(not field.matched for field in report.fields)))


# ---------------------------------------------------------------------------------------------- one branch


def _branch_matches(branch: Branch, seen: Seen) -> bool:
    paths = sorted(branch)
    return all(_field_matches(branch[path], seen.get(path, ())) for path in paths) and _consistent(branch, paths, seen)


def _field_matches(alternatives: Sequence[Alternative], held: Sequence[Held]) -> bool:
    if any(one.agrees(value.value) for value in held for one in alternatives):
        return True
    # What is there in one member of an array may be absent in another: array consistency decides below.
    return any(one.absent for one in alternatives) and (not held or any(value.place for value in held))


def _consistent(branch: Branch, paths: Sequence[str], seen: Seen) -> bool:
    """Whether all fields are met within the same members of arrays. Fields are gone through in the order of their names,
    as EventBridge's engine does: `exists: false` is met if nothing that is consistent with the fields before is there.

    A place is looked at once for all that leads to it: only arrays that later fields lie in are remembered.
    """
    later = _arrays_from(paths, seen)
    tried: set[tuple[int, frozenset[tuple[int, int]]]] = set()
    open_ends: list[tuple[int, Place]] = [(0, {})]
    while open_ends:
        number, so_far = open_ends.pop()
        if number == len(paths):
            return True
        key = number, frozenset(pair for pair in so_far.items() if pair[0] in later[number])
        if key not in tried:
            tried.add(key)
            places = _places(branch[paths[number]], seen.get(paths[number], ()), so_far)
            open_ends += [(number + 1, place) for place in places]
    return False


def _arrays_from(paths: Sequence[str], seen: Seen) -> list[set[int]]:
    """For each field, the arrays that it or a later one lies in."""
    found: list[set[int]] = []
    arrays: set[int] = set()
    for path in reversed(paths):
        arrays = arrays.union(*(held.place for held in seen.get(path, ())))
        found.insert(0, arrays)
    return found


def _places(alternatives: Sequence[Alternative], held: Sequence[Held], so_far: Place) -> list[Place]:
    """Where the field is met, given where the fields before it were."""
    found = []
    there = [(value, place) for value in held if (place := together(so_far, value.place)) is not None]
    if not there and any(one.absent for one in alternatives):
        found.append(so_far)
    for value, place in there:
        if any(one.agrees(value.value) for one in alternatives):
            found.append(place)
    return found


# ---------------------------------------------------------------------------------------------- in words


def _report(branch: Branch, seen: Seen) -> BranchReport:
    fields = tuple(_field(path, branch[path], seen.get(path, ()), seen) for path in branch)
    matched = _branch_matches(branch, seen)
    failed = [field.sentence for field in fields if not field.matched]
    if matched:
        reason = fields[0].sentence if len(fields) == 1 else f"All {len(fields)} fields match."
    elif failed:
        reason = " ".join(failed)
    else:
        reason = "Each field matches, but not within the same member of an array: " \
                 f"{', '.join(field.path for field in fields)}."
    return BranchReport(matched, fields, reason)


def _field(path: str, alternatives: Sequence[Alternative], held: Sequence[Held], seen: Seen) -> FieldReport:
    values = tuple(value.value for value in held)
    by = next((one.words for value in held for one in alternatives if one.agrees(value.value)), "")
    if not by and _field_matches(alternatives, held):
        by = next(one.words for one in alternatives if one.absent)
    wanted = tuple(one.words for one in alternatives)
    sentence = _matched_sentence(path, by, values) if by else _failed_sentence(path, wanted, values, seen)
    return FieldReport(path, bool(by), wanted, values, by, sentence)


def _matched_sentence(path: str, by: str, values: tuple[Leaf, ...]) -> str:
    if not values or f"is {shown(values[0])}" == by:
        return f"{path} {by}."
    if by == "is there":
        return f"{path} is there: {_values(values)}."
    return f"{path} holds {_values(values)}{', which' if len(values) == 1 else ': one of them'} {by}."


def _failed_sentence(path: str, wanted: tuple[str, ...], values: tuple[Leaf, ...], seen: Seen) -> str:
    wants = f"the pattern wants a value that {' or '.join(wanted)}" if wanted != ("is not there",) else \
        "the pattern wants no such field"
    if values:
        return f"{path} holds {_values(values)}; {wants}."
    inner = any(other.startswith(f"{path}.") for other in seen)
    why = "is an object, and only single values are compared" if inner else "is not in the event"
    return f"{path} {why}; {wants}."


MOST_SHOWN = 3


def _values(values: tuple[Leaf, ...]) -> str:
    left = len(values) - MOST_SHOWN
    return ", ".join(map(shown, values[:MOST_SHOWN])) + (f" and {left} more" if left > 0 else "")
