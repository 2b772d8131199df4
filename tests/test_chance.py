"""Chance is a function of a key: the same everywhere, and fair."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pipeline_sim.scenario import base, chance, mix, threshold, word
from pipeline_sim.scenario.chance import C1, C2, MASK

WORDS = st.integers(0, MASK)


def test_the_formula_never_changes() -> None:
    """A shared seed must give the same luck in every version."""
    assert mix(1) == 0x5692161D100B05E5
    key = base(7, "Build/Compile#attempt")
    assert [word(key, number, 1) for number in (1, 2)] == [10303586645219271655, 11448686265472530692]


@given(WORDS, st.integers(0, 10**6), st.integers(0, 50))
def test_a_word_is_its_formula(key: int, number: int, attempt: int) -> None:
    assert word(key, number, attempt) == mix((key + number * C1 + attempt * C2) & MASK)


@given(WORDS)
def test_mixing_loses_nothing(one: int) -> None:
    assert 0 <= mix(one) <= MASK
    assert mix(one) != mix(one ^ 1)


def test_a_fifth_of_the_attempts_fail_where_a_fifth_should() -> None:
    limit, key = threshold(0.2), base(3, "Test/Unit#attempt")
    failed = sum(word(key, number, 1) >> 32 < limit for number in range(20_000))
    assert 3_800 < failed < 4_200


def test_low_and_high_bits_do_not_follow_each_other() -> None:
    key = base(1, "x")
    seen = Counter((word(key, number, 1) >> 63, word(key, number, 1) >> 15 & 1) for number in range(8_000))
    assert all(1_800 < count < 2_200 for count in seen.values())


def test_keys_of_several_parts_are_told_apart() -> None:
    assert len({chance(1, "a", "bc"), chance(1, "ab", "c"), chance(1, "abc"), chance(2, "a", "bc")}) == 4
