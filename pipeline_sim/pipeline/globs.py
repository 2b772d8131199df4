"""Which pushes and pull requests a trigger lets through: AWS's glob patterns, and the filters made of them (1.4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from .model import Filter, PullRequestFilter, PushFilter, Trigger

MOST_FILES = 100
"""CodePipeline looks at so many changed files of a push at the most [UG:pipeline-requirements]."""


def matches(pattern: str, name: str) -> bool:
    """Whether a name matches a glob: `*` within a path component, `**` across, `?`, `[a-z]`, `[!x]`, `{a,b}`, `\\x`
    [UG:syntax-glob]."""
    return _compiled(pattern).match(name) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_as_regex(pattern) + r"\Z", re.DOTALL)


def _as_regex(pattern: str) -> str:
    out, place, inside = [], 0, False
    while place < len(pattern):
        letter = pattern[place]
        if letter == "*":
            double = pattern[place + 1:place + 2] == "*"
            out.append(".*" if double else "[^/]*")
            place += 2 if double else 1
            continue
        if letter == "[":
            piece, place = _bracket(pattern, place)
            out.append(piece)
            continue
        if letter == "\\" and place + 1 < len(pattern):
            out.append(re.escape(pattern[place + 1]))
            place += 2
            continue
        inside = _group(letter, inside, pattern, place, out)
        place += 1
    return "".join(out)


def _group(letter: str, inside: bool, pattern: str, place: int, out: list[str]) -> bool:
    """`{`, `,` and `}` of alternatives, `?`, or a plain letter; whether we are inside alternatives after it."""
    if letter == "{" and not inside and "}" in pattern[place:]:
        out.append("(?:")
        return True
    if letter == "}" and inside:
        out.append(")")
        return False
    if letter == "," and inside:
        out.append("|")
    else:
        out.append("[^/]" if letter == "?" else re.escape(letter))
    return inside


def _bracket(pattern: str, start: int) -> tuple[str, int]:
    """One `[…]` as a regular expression, and where it ends. Without its end it is a plain `[`."""
    end = pattern.find("]", start + (3 if pattern[start + 1:start + 2] == "!" else 2))
    if end < 0:
        return re.escape("["), start + 1
    body = pattern[start + 1:end]
    negated = body.startswith("!")
    letters = body[1:] if negated else body
    escaped = re.sub(r"([\\\[\]^&~|])", r"\\\1", letters)
    if _is_bad_range(letters):
        return re.escape(pattern[start:end + 1]), end + 1
    return f"[{'^/' if negated else ''}{escaped}]", end + 1


def _is_bad_range(letters: str) -> bool:
    try:
        re.compile(f"[{re.sub(r'([^A-Za-z0-9-])', '', letters) or 'a'}]")
    except re.error:
        return True
    return False


# ---------------------------------------------------------------------------------------------- filters


def against(criteria: Filter | None, names: Sequence[str], what: str) -> str | None:
    """Why none of the names passes the criteria: no include matches, or an exclude does. None: one passes."""
    if criteria is None:
        return None
    reasons = [_against_name(criteria, name, what) for name in names]
    if any(reason is None for reason in reasons):
        return None
    if len(reasons) == 1 and reasons[0]:
        return reasons[0]
    wanted = ", ".join(criteria.includes) or "anything but " + ", ".join(criteria.excludes)
    return f"none of the {len(names)} {what}s matches {wanted}" if names else f"it has no {what} to match {wanted}"


def _against_name(criteria: Filter, name: str, what: str) -> str | None:
    excluded = next((glob for glob in criteria.excludes if matches(glob, name)), None)
    if excluded is not None:
        return f"the {what} {name} is excluded by {excluded}"
    if criteria.includes and not any(matches(glob, name) for glob in criteria.includes):
        return f"the {what} {name} matches none of {', '.join(criteria.includes)}"
    return None


def against_push(
    trigger: Trigger, *, branch: str = "", tag: str = "", files: Sequence[str] = (), event: str = "push",
    created: bool = False,
) -> str | None:
    """Why a push or a pull request does not start the pipeline: the sentence for each filter that stopped it. None: it
    starts. Filters are alternatives; what one filter names must all match (1.4)."""
    if event != "push":
        return _any_of((_against_request(one, branch, files, event) for one in trigger.pull_request),
                       f"the trigger of {trigger.source_action} has no filter for pull requests")
    if not trigger.push:
        return None if not trigger.pull_request else (
            f"the trigger of {trigger.source_action} is for pull requests only")
    return _any_of((_against_push(one, branch, tag, files, created) for one in trigger.push), "")


def _any_of(reasons: Iterable[str | None], nothing: str) -> str | None:
    found = list(reasons)
    if any(reason is None for reason in found):
        return None
    return "; ".join(reason for reason in found if reason) or nothing


def _against_push(one: PushFilter, branch: str, tag: str, files: Sequence[str], created: bool) -> str | None:
    if one.tags is not None:
        stopped = against(one.tags, [tag] if tag else [], "tag")
    else:
        stopped = "a tag was pushed, and the filter is for branches" if tag and one.branches is not None else None
    if stopped is None and one.branches is not None:
        stopped = against(one.branches, [branch] if branch else [], "branch")
    if stopped is None and one.file_paths is not None:
        stopped = ("the branch is new, so there is no list of changed files" if created
                   else against(one.file_paths, list(files)[:MOST_FILES], "changed file"))
    return stopped


def _against_request(one: PullRequestFilter, branch: str, files: Sequence[str], event: str) -> str | None:
    if one.events and event not in one.events:
        return f"the event {event} is none of {', '.join(one.events)}"
    return against(one.branches, [branch] if branch else [], "branch") or against(
        one.file_paths, list(files)[:MOST_FILES], "changed file")
