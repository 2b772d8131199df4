"""Chance is a function of a key: the same key, the same draw, whatever else was drawn before."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline_sim.scenario import base, chance, mix, share, threshold, word
from pipeline_sim.scenario.chance import C0, C1, C2, M1, M2, hash_of

SEEDS = st.integers(0, 2**64 - 1)
COUNTS = st.integers(0, 2**32)


def test_a_draw_is_the_same_on_every_day_and_machine() -> None:
    """Written down once: a shared seed must give the same luck in every version."""
    key = base(7, "Build/Compile#attempt")
    assert [word(key, number, 1) for number in (1, 2)] == [10303586645219271655, 11448686265472530692]
    assert hash_of("Build/Compile#attempt") == 13668163308169334886
    assert base(7, "Build/Compile#attempt") == 12810344568163617171
    assert word(base(7, "Build/Compile#attempt"), 12, 1) == 9437064067807551831
    assert chance(7, 12, "Build/Compile", 1, "duration") == 523261301939140988


def test_words_are_mixed_as_splitmix64_does() -> None:
    """The first numbers that the published generator gives for the seed 0: the mix of multiples of its constant."""
    assert [mix(step * C0 % 2**64) for step in (1, 2, 3)] == [
        0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


def test_a_draw_is_the_same_in_a_process_with_another_hash_seed() -> None:
    code = "from pipeline_sim.scenario import base, word; print(word(base(3, 'Test/Unit#attempt'), 4, 1))"
    told = {subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True,
                           check=True).stdout for seed in ("1", "2")}
    assert told == {f"{word(base(3, 'Test/Unit#attempt'), 4, 1)}\n"}


def mixed(words: np.ndarray) -> np.ndarray:
    words = (words ^ (words >> np.uint64(30))) * np.uint64(M1)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(M2)
    return np.asarray(words ^ (words >> np.uint64(31)))


@given(st.lists(SEEDS, min_size=1, max_size=5), COUNTS, st.integers(0, 300))
def test_arrays_of_seeds_give_the_same_draws_bit_for_bit(seeds: list[int], number: int, attempt: int) -> None:
    """The formula of chance.py, written once more for arrays of unsigned 64-bit integers."""
    place = "Build/Compile#attempt"
    bases = mixed(np.array(seeds, np.uint64) * np.uint64(C0) ^ np.uint64(hash_of(place)))
    steps = np.array([(number * C1 + attempt * C2) % 2**64], np.uint64)
    assert bases.tolist() == [base(seed, place) for seed in seeds]
    assert mixed(bases + steps).tolist() == [word(base(seed, place), number, attempt) for seed in seeds]


@given(SEEDS, COUNTS, COUNTS)
def test_a_word_is_the_mix_of_its_sum(seed: int, number: int, attempt: int) -> None:
    key = base(seed, "Prod/Deploy#attempt")
    assert word(key, number, attempt) == mix((key + number * C1 + attempt * C2) % 2**64)


@given(SEEDS)
def test_mixing_loses_nothing(one: int) -> None:
    assert 0 <= mix(one) < 2**64
    assert mix(one) != mix(one ^ 1)


def test_keys_of_several_parts_are_told_apart() -> None:
    assert len({chance(1, "a", "bc"), chance(1, "ab", "c"), chance(1, "abc"), chance(2, "a", "bc")}) == 4


def test_every_part_of_the_key_matters() -> None:
    draws = {word(base(seed, place), number, attempt)
             for seed in range(8) for place in ("Build/Lint", "Build/Unit") for number in range(8) for attempt in range(8)}
    assert len(draws) == 8 * 2 * 8 * 8
    assert chance(1, "a", 2) != chance(1, "a", 3) != chance(2, "a", 3)


def spread(values: np.ndarray, cells: int = 64) -> float:
    """How unevenly values in [0, 1) fall into cells: chi-squared by its expectation, so about 1 for good luck."""
    counts = np.bincount((values * cells).astype(int), minlength=cells)
    expected = len(values) / cells
    return float(((counts - expected) ** 2 / expected).sum() / (cells - 1))


def test_draws_are_spread_evenly_along_every_part_of_the_key() -> None:
    """The words are fixed, so this passes always or never."""
    key = base(0, "Build/Compile#attempt")
    lines = {
        "seeds": [word(base(seed, "Build/Compile#attempt"), 1, 1) for seed in range(20_000)],
        "executions": [word(key, number, 1) for number in range(20_000)],
        "attempts": [word(key, 1, attempt) for attempt in range(20_000)],
    }
    for name, drawn in lines.items():
        words = np.array(drawn, np.uint64)
        low, high = (words & np.uint64(0xFFFF)) / 65536, (words >> np.uint64(32)) / 2**32
        assert 0.6 < spread(low) < 1.5, name
        assert 0.6 < spread(high) < 1.5, name
        assert abs(np.corrcoef(low, high)[0, 1]) < 0.03, name
        assert abs(np.corrcoef(high[1:], high[:-1])[0, 1]) < 0.03, name


def test_places_do_not_share_their_luck() -> None:
    one, other = (np.array([share(word(base(seed, place), 1, 1)) for seed in range(20_000)])
                  for place in ("Test/Unit#attempt", "Test/Lint#attempt"))
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.03


def test_a_threshold_is_met_as_often_as_its_probability_says() -> None:
    for probability in (0.0, 0.02, 0.5, 1.0):
        limit = threshold(probability)
        met = sum(word(base(seed, "Test/Unit#attempt"), 1, 1) >> 32 < limit for seed in range(20_000)) / 20_000
        assert abs(met - probability) < 0.01
    greatest, least = (2**64 - 1) >> 32, 0
    assert greatest < threshold(1.0), "what always fails does so for the greatest word too"
    assert least >= threshold(0.0), "what never fails does not for the least"


@given(SEEDS)
def test_a_share_lies_between_nothing_and_one(drawn: int) -> None:
    assert 0 <= share(drawn) < 1
    assert share(2**64 - 1) < 1
