"""Triggers: AWS's glob patterns, and which pushes and pull requests a filter lets through (1.4)."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_sim.pipeline.globs import against_push, matches
from pipeline_sim.pipeline.model import Filter, PullRequestFilter, PushFilter, Trigger

# ---------------------------------------------------------------------------------------------- patterns

YES = [
    ("main", "main"), ("*", "main"), ("*", ""), ("release/*", "release/1.0"), ("**", "a/b/c"), ("src/**", "src/a/b.py"),
    ("**/*.py", "src/a/b.py"), ("*.txt", ".txt"), ("feature-?", "feature-7"), ("v[0-9].[0-9]", "v1.2"),
    ("[!x]y", "ay"), ("[-a]", "-"), ("[!-a]", "b"), ("[*?]", "?"), ("[\\]", "\\"), ("{dev,test}", "test"),
    ("{a,b*}/c", "bbb/c"), ("release/{1.*,2.*}", "release/2.7"), (r"\*", "*"), (r"a\{b", "a{b"), ("{a,}b", "b"),
    ("a{b", "a{b"), ("a[b", "a[b"), ("a}b", "a}b"), (r"{a\,b,c}", "a,b"), ("***", "a/b"), ("[^a]", "^"), ("a\\", "a\\"),
    ("{[a,b],c}", ","),
]
NO = [
    ("main", "Main"), ("main", "main2"), ("*", "a/b"), ("release/*", "release/1/2"), ("dir/*", "dir"), ("?", "/"),
    ("?", ""), ("[!x]", "x"), ("[!x]", "/"), ("[+-9]", "/"), ("src/**", "source/a"), ("{a,b}", "c"), ("[a-c]", "d"),
    ("[z-a]", "m"), (r"\*", "a"), ("**/*.py", "b.py"), ("*.js", "a/b.js"),
]


@pytest.mark.parametrize(("pattern", "name"), YES)
def test_a_pattern_matches(pattern: str, name: str) -> None:
    assert matches(pattern, name)


@pytest.mark.parametrize(("pattern", "name"), NO)
def test_a_pattern_does_not_match(pattern: str, name: str) -> None:
    assert not matches(pattern, name)


def _as_regex(pattern: str) -> str:
    """A second opinion, for patterns of stars, question marks and letters."""
    return re.sub(r"\*\*|\*|\?|.", lambda found: {"**": ".*", "*": "[^/]*", "?": "[^/]"}.get(
        found[0], re.escape(found[0])), pattern, flags=re.DOTALL)


@given(st.text("ab/*?", max_size=7), st.text("ab/", max_size=8))
def test_stars_mean_what_a_regular_expression_says(pattern: str, name: str) -> None:
    assert matches(pattern, name) == bool(re.fullmatch(_as_regex(pattern), name, re.DOTALL))


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_pattern_is_too_odd(pattern: str, name: str) -> None:
    assert matches(pattern, name) in (True, False)


@given(st.text(string.printable, max_size=20))
def test_an_escaped_text_matches_itself_alone(text: str) -> None:
    escaped = "".join("\\" + letter for letter in text)
    assert matches(escaped, text)
    assert not matches(escaped, text + "x")


def test_a_hostile_pattern_ends_soon() -> None:
    assert not matches("*a" * 120 + "b", "a" * 3000)


# ---------------------------------------------------------------------------------------------- pushes


def trigger(*push: PushFilter, pull: tuple[PullRequestFilter, ...] = ()) -> Trigger:
    return Trigger("App", push, pull)


def branches(*includes: str, excludes: tuple[str, ...] = ()) -> PushFilter:
    return PushFilter(branches=Filter(includes, excludes))


def test_a_push_to_a_branch_that_is_included_starts() -> None:
    assert against_push(trigger(branches("main", "release/*")), branch="release/2") is None


def test_a_push_to_another_branch_is_told_which_patterns_stopped_it() -> None:
    assert against_push(trigger(branches("main", "release/*")), branch="dev") == (
        "the branch dev matches none of main, release/*")


def test_an_exclude_wins_over_an_include() -> None:
    stopped = against_push(trigger(branches("**", excludes=("wip/**",))), branch="wip/x")
    assert stopped == "the branch wip/x is excluded by wip/**"


def test_with_excludes_alone_everything_else_starts() -> None:
    assert against_push(trigger(branches(excludes=("wip/*",))), branch="main") is None


def test_filters_are_alternatives_and_each_says_why_it_stopped() -> None:
    two = trigger(branches("main"), PushFilter(tags=Filter(("v*",))))
    assert against_push(two, branch="main") is None
    assert against_push(two, tag="v1") is None
    assert against_push(two, branch="dev") == "the branch dev matches none of main; it has no tag to match v*"


def test_what_one_filter_names_must_all_match() -> None:
    both = trigger(PushFilter(branches=Filter(("main",)), file_paths=Filter(("src/**",))))
    assert against_push(both, branch="main", files=["src/a.py", "README.md"]) is None
    assert against_push(both, branch="main", files=["README.md"]) == "the changed file README.md matches none of src/**"
    assert against_push(both, branch="dev", files=["src/a.py"]) == "the branch dev matches none of main"


def test_a_tag_is_no_push_to_a_branch() -> None:
    assert against_push(trigger(branches("**")), tag="v1") == "a tag was pushed, and the filter is for branches"
    assert against_push(trigger(PushFilter()), tag="v1") is not None


def test_a_filter_without_tags_and_branches_is_for_the_branch_of_the_source_action() -> None:
    for one in (trigger(PushFilter()), trigger()):
        assert against_push(one, branch="main", configured="main") is None
        assert against_push(one, branch="dev", configured="main") == (
            "the filter is for the branch main of the source action, not for dev")
        assert against_push(one, branch="dev") is None


def test_a_new_branch_has_no_changed_files() -> None:
    paths = trigger(PushFilter(file_paths=Filter(("src/**",))))
    stopped = against_push(paths, branch="new", files=["src/a.py"], created=True)
    assert stopped == "the branch is new, so there is no list of changed files"
    assert against_push(trigger(branches("new")), branch="new", created=True) is None


def test_only_the_first_hundred_changed_files_are_looked_at() -> None:
    paths = trigger(PushFilter(file_paths=Filter(("src/**",))))
    others = [f"docs/{n}.md" for n in range(99)]
    assert against_push(paths, files=[*others, "src/a.py"]) is None
    assert against_push(paths, files=[*others, "docs/99.md", "src/a.py"]) == (
        "none of the 100 changed files matches src/** (1 more are not looked at)")


# ---------------------------------------------------------------------------------------------- pull requests


def test_a_pull_request_is_filtered_by_event_and_by_the_branch_that_it_goes_to() -> None:
    pull = trigger(pull=(PullRequestFilter(("OPEN",), Filter(("main",))),))
    assert against_push(pull, event="OPEN", branch="main") is None
    assert against_push(pull, event="CLOSED", branch="main") == "the event CLOSED is none of OPEN"
    assert against_push(pull, event="OPEN", branch="dev") == "the branch dev matches none of main"
    assert against_push(pull, branch="main") == "the trigger of App is for pull requests only"


def test_a_trigger_for_pushes_hears_of_no_pull_request() -> None:
    assert against_push(trigger(branches("main")), event="OPEN", branch="main") == (
        "the trigger of App has no filter for pull requests")


def test_pull_requests_and_pushes_are_alternatives() -> None:
    both = trigger(branches("main"), pull=(PullRequestFilter(file_paths=Filter(("src/**",))),))
    assert against_push(both, branch="main") is None
    assert against_push(both, event="UPDATED", branch="dev", files=["src/x"]) is None
    assert against_push(both, event="UPDATED", branch="dev", files=["x"]) is not None
