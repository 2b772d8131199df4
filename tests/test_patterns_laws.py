"""What holds for every event pattern and every event."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_sim.aws.patterns import InvalidEventPattern, explain, matches, parse

FEW = settings(max_examples=50)  # each example is a whole pattern and a whole event
NAMES = st.sampled_from(["source", "state", "a", "b"])
LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from([0.5, 2.0]) | st.text("ab", max_size=3)
EVENTS = st.dictionaries(NAMES, st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8), max_size=3)
WORDS = st.text("ab", min_size=1, max_size=3)
ALTERNATIVES = LEAVES | st.one_of(
    st.builds(lambda word, name: {name: word}, WORDS, st.sampled_from(["prefix", "suffix", "equals-ignore-case"])),
    st.builds(lambda word: {"anything-but": word}, WORDS | st.integers(-3, 3)),
    st.builds(lambda word, name: {"anything-but": {name: word}}, WORDS, st.sampled_from(["prefix", "suffix", "wildcard"])),
    st.builds(lambda word: {"wildcard": f"{word}*"}, WORDS),
    st.builds(lambda limit: {"numeric": [">", limit]}, st.integers(-9, 9)),
    st.builds(lambda there: {"exists": there}, st.booleans()))
FIELDS = st.lists(ALTERNATIVES, min_size=1, max_size=3)
PATTERNS: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.dictionaries(NAMES, FIELDS, min_size=1, max_size=2),
    lambda inner: st.dictionaries(NAMES, inner | FIELDS, min_size=1, max_size=2), max_leaves=4)


def leaf_paths(event: Mapping[str, Any]) -> Iterator[tuple[list[str], Any]]:
    """Every single value that is not in an array, with its names."""
    for name, value in event.items():
        if isinstance(value, Mapping):
            yield from (([name, *rest], leaf) for rest, leaf in leaf_paths(value))
        elif not isinstance(value, list):
            yield [name], value


def nested(names: list[str], alternatives: list[Any]) -> dict[str, Any]:
    found: Any = alternatives
    for name in reversed(names):
        found = {name: found}
    assert isinstance(found, dict)
    return found


@FEW
@given(EVENTS)
def test_a_pattern_made_from_an_event_matches_it(event: dict[str, Any]) -> None:
    for names, value in leaf_paths(event):
        assert matches(nested(names, [value]), event)
        assert matches(nested(names, [{"exists": True}]), event)
        assert not matches(nested(names, [{"exists": False}]), event)


@FEW
@given(EVENTS, WORDS | st.integers(-9, 9))
def test_anything_but_is_the_opposite_where_there_is_one_value(event: dict[str, Any], word: Any) -> None:
    for names, _ in leaf_paths(event):
        assert matches(nested(names, [word]), event) != matches(nested(names, [{"anything-but": word}]), event)


@FEW
@given(EVENTS, WORDS, st.sampled_from(["prefix", "suffix", "wildcard", "equals-ignore-case"]))
def test_anything_but_an_operator_is_its_opposite_too(event: dict[str, Any], word: str, operator: str) -> None:
    for names, _ in leaf_paths(event):
        here = matches(nested(names, [{operator: word}]), event)
        assert here != matches(nested(names, [{"anything-but": {operator: word}}]), event)


@FEW
@given(PATTERNS, PATTERNS, EVENTS)
def test_or_of_two_is_either(one: dict[str, Any], other: dict[str, Any], event: dict[str, Any]) -> None:
    assert matches({"$or": [one, other]}, event) == (matches(one, event) or matches(other, event))


@FEW
@given(PATTERNS, EVENTS)
def test_both_beside_each_other_are_both(pattern: dict[str, Any], event: dict[str, Any]) -> None:
    fresh = {"fresh": ["yes"]}
    assert matches({**pattern, **fresh}, {**event, "fresh": "yes"}) == matches(pattern, event)
    assert not matches({**pattern, **fresh}, event)


@FEW
@given(st.lists(ALTERNATIVES, min_size=1, max_size=3), EVENTS)
def test_a_list_is_any_of_its_members(alternatives: list[Any], event: dict[str, Any]) -> None:
    assert matches({"a": alternatives}, event) == any(matches({"a": [one]}, event) for one in alternatives)


@FEW
@given(PATTERNS, EVENTS)
def test_text_order_and_explanation_change_nothing(pattern: dict[str, Any], event: dict[str, Any]) -> None:
    expected = matches(pattern, event)
    assert matches(json.dumps(dict(reversed(pattern.items()))), json.dumps(event)) == expected
    explanation = explain(pattern, event)
    assert explanation.matched == expected
    assert any(branch.matched for branch in explanation.branches) == expected
    assert str(explanation).startswith(explanation.reason)


JUNK = st.recursive(
    LEAVES | st.sampled_from([">", "<=", "10.0.0.0/8", "**", "\\", "prefix"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["a", "$or", "prefix", "anything-but", "numeric", "cidr", "exists", "wildcard", "equals-ignore-case", "exactly"]),
        inner, max_size=3), max_leaves=8)


@FEW
@given(JUNK, EVENTS)
def test_junk_is_a_pattern_or_is_refused(junk: Any, event: dict[str, Any]) -> None:
    with suppress(InvalidEventPattern):
        assert explain(parse(junk), event).matched == matches(junk, event)
