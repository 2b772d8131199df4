"""Arrays draw the same luck as single runs, bit for bit."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline_sim.scenario import Quantiles, base, threshold, word
from pipeline_sim.whatif.words import bases, below, durations, seeds_from, words

WHOLE = st.integers(-(2**70), 2**70)


@given(WHOLE, st.text(max_size=12), st.integers(0, 2**40), st.integers(0, 5))
def test_the_words_of_many_seeds_are_those_of_each(seed: int, place: str, number: int, attempt: int) -> None:
    drawn = words(bases(seeds_from(seed, 3), place), np.array([number]), attempt)
    assert drawn.tolist() == [word(base(seed + run, place), number, attempt) for run in range(3)]


@given(st.integers(0, 2**64 - 1), st.sampled_from([0, 1e-9, 0.2, 0.5, 1 - 1e-9, 1]))
def test_a_probability_is_compared_as_a_single_run_does(drawn: int, probability: float) -> None:
    found = below(np.array([drawn], np.uint64), threshold(probability))
    assert found.tolist() == [drawn >> 32 < threshold(probability)]


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=5),
       st.sampled_from(["3s", {"p50": 60, "p95": 200}, {"sample": [0, 1, 5]}, {"exponential": 90}]))
def test_a_duration_is_looked_up_as_a_single_run_does(drawn: list[int], said: object) -> None:
    quantiles = Quantiles.parse(said)
    assert durations(np.array(drawn, np.uint64), quantiles).tolist() == [quantiles.at(one & 0xFFFF) for one in drawn]
