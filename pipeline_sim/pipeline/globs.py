"""Which pushes and pull requests a trigger lets through: AWS's glob patterns, and the filters made of them (1.4).

A pattern is read into steps. A step takes the places that a name has been matched up to and gives those that it may go
on from, so that a match costs (length of pattern) × (length of name) whatever somebody has written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from .model import Filter, PullRequestFilter, PushFilter, Trigger

MOST_FILES = 100
"""CodePipeline looks at so many changed files of a push at the most [UG:pipeline-requirements]."""

Places = set[int]
Step = Callable[[str, Places], Places]
_PIECE = re.compile(r"\\(?P<escaped>.)|(?P<across>\*\*)|(?P<within>\*)|(?P<one>\?)|\[(?P<set>!?[^\]]+)\]"
                    r"|\{(?P<group>(?:\\.|\[[^\]]*\]|[^{}\\\[])*)\}|(?P<letter>.)", re.DOTALL)
_ALTERNATIVE = re.compile(r"(?:\\.|\[[^\]]*\]|[^,\\\[])*", re.DOTALL)


def matches(pattern: str, name: str) -> bool:
    """Whether a name matches a glob: `*` within a path component, `**` across, `?`, `[a-z]`, `[!x]`, `{a,b}`, `\\x`
    [UG:syntax-glob]. What is not well formed (an open bracket, alternatives in alternatives) stands for itself."""
    return len(name) in _go(_steps(pattern), name, {0})


def _go(steps: Iterable[Step], name: str, places: Places) -> Places:
    for step in steps:
        if not places:
            break
        places = step(name, places)
    return places


@lru_cache(maxsize=4096)
def _steps(pattern: str) -> tuple[Step, ...]:
    return tuple(_step(found) for found in _PIECE.finditer(pattern))


def _step(found: re.Match[str]) -> Step:
    kind, text = found.lastgroup, found[found.lastgroup or 0]
    if kind == "across":
        return _across
    if kind == "within":
        return _within
    if kind == "one":
        return _one_of(lambda letter: True)
    if kind == "set":
        return _one_of(_set(text))
    if kind == "group":
        return _group(text)
    return _one_of(lambda letter: letter == text, slash=True)


def _across(name: str, places: Places) -> Places:
    return set(range(min(places), len(name) + 1))


def _within(name: str, places: Places) -> Places:
    """Any number of letters up to the next slash."""
    reached: Places = set()
    for place in sorted(places):
        if place not in reached:
            end = name.find("/", place)
            reached.update(range(place, (len(name) if end < 0 else end) + 1))
    return reached


def _one_of(fits: Callable[[str], bool], slash: bool = False) -> Step:
    """One letter, which is a slash only where the pattern says so itself."""
    def step(name: str, places: Places) -> Places:
        return {place + 1 for place in places
                if place < len(name) and (slash or name[place] != "/") and fits(name[place])}
    return step


def _set(text: str) -> Callable[[str], bool]:
    """`a-cx`, `!a`: letters stand for themselves, `-` too where it is the first."""
    negated = text.startswith("!") and len(text) > 1
    inside = text[1:] if negated else text
    ranges = re.findall(r"(.)-(.)|(.)", inside, re.DOTALL)

    def fits(letter: str) -> bool:
        return negated != any(first <= letter <= last if first else letter == single for first, last, single in ranges)
    return fits


def _group(text: str) -> Step:
    """`{a,b*}`: any of several patterns."""
    ways = [_steps(way) for way in _alternatives(text)]

    def step(name: str, places: Places) -> Places:
        return set().union(*(_go(way, name, places) for way in ways))
    return step


def _alternatives(text: str) -> Iterator[str]:
    place = 0
    while place <= len(text):
        found = _ALTERNATIVE.match(text, place)
        way = found[0] if found else ""
        yield way
        place += len(way) + 1


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
    """An exclude wins over an include; without includes all others pass [knowledge]."""
    excluded = next((glob for glob in criteria.excludes if matches(glob, name)), None)
    if excluded is not None:
        return f"the {what} {name} is excluded by {excluded}"
    if criteria.includes and not any(matches(glob, name) for glob in criteria.includes):
        return f"the {what} {name} matches none of {', '.join(criteria.includes)}"
    return None


def against_push(
    trigger: Trigger, *, branch: str = "", tag: str = "", files: Sequence[str] = (), event: str = "push",
    created: bool = False, configured: str = "",
) -> str | None:
    """Why a push or a pull request does not start the pipeline: the sentence for each filter that stopped it. None: it
    starts. Filters are alternatives; what one filter names must all match (1.4).

    `event` is `push`, or of a pull request OPEN, UPDATED or CLOSED, whose `branch` is the one merged into; `created`
    says that the push made the branch; `configured` is the branch of the source action, which a filter without tags and
    branches is for (empty: any) [knowledge].
    """
    name = trigger.source_action
    if event != "push":
        return _any_of((_against_request(one, branch, files, event.upper()) for one in trigger.pull_request),
                       f"the trigger of {name} has no filter for pull requests")
    if not trigger.push and trigger.pull_request:
        return f"the trigger of {name} is for pull requests only"
    return _any_of(_against_push(one, branch, tag, files, created, configured)
                   for one in trigger.push or (PushFilter(),))


def _any_of(reasons: Iterable[str | None], nothing: str = "") -> str | None:
    found = list(reasons)
    if any(reason is None for reason in found):
        return None
    return "; ".join(reason for reason in found if reason) or nothing


def _against_push(
    one: PushFilter, branch: str, tag: str, files: Sequence[str], created: bool, configured: str
) -> str | None:
    if one.tags is not None:
        stopped = against(one.tags, [tag] if tag else [], "tag")
    elif tag:
        stopped = "a tag was pushed, and the filter is for branches"
    elif one.branches is None and configured and branch and branch != configured:
        stopped = f"the filter is for the branch {configured} of the source action, not for {branch}"
    else:
        stopped = None
    return stopped or against(one.branches, [branch] if branch else [], "branch") or _against_files(
        one.file_paths, files, created)


def _against_files(criteria: Filter | None, files: Sequence[str], created: bool) -> str | None:
    """The files that CodePipeline sees: none of a new branch, the first hundred of a long list
    [UG:pipeline-requirements]."""
    if criteria is None:
        return None
    if created:
        return "the branch is new, so there is no list of changed files"
    stopped = against(criteria, list(files)[:MOST_FILES], "changed file")
    if stopped and len(files) > MOST_FILES:
        stopped += f" ({len(files) - MOST_FILES} more are not looked at)"
    return stopped


def _against_request(one: PullRequestFilter, branch: str, files: Sequence[str], event: str) -> str | None:
    if one.events and event not in one.events:
        return f"the event {event} is none of {', '.join(one.events)}"
    return against(one.branches, [branch] if branch else [], "branch") or _against_files(one.file_paths, files, False)
