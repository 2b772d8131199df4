"""How long things take, as people write it and as it is drawn."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_sim.scenario import Quantiles, duration, duration_text
from pipeline_sim.scenario.durations import duration_word, seconds

BITS = st.integers(0, 65535)
SOME = st.integers(1, 10**6)
FEW = st.integers(1, 1000)


@pytest.mark.parametrize(("written", "meant"), [
    (90, 90), ("90", 90), ("90s", 90), ("3m", 180), ("1h30m", 5400), ("1h 30m", 5400), ("2d", 172_800), ("1w", 604_800),
    ("1.5h", 5400), ("5min", 300), ("2 min", 120), ("2 hours", 7200), (0, 0), (1.6, 2), (" 3m ", 180), ("3M", 180),
])
def test_durations_are_written_as_people_write_them(written: Any, meant: int) -> None:
    assert duration(written) == meant


@pytest.mark.parametrize("written", ["", "soon", "-3m", -1, "3x", "3m later", True, None, [3], "1h30", 1e12,
                                                           float("nan"), float("inf")])
def test_what_is_no_duration_is_refused_with_an_example(written: Any) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        duration(written)


@pytest.mark.parametrize(("count", "told"), [
    (0, "0s"), (59, "59s"), (200, "3m 20s"), (3600, "1h"), (90_000, "1d 1h"), (93_784, "1d 2h"),
    (-5, "-5s"), (-61, "-1m 1s")])
def test_durations_are_told_in_their_two_largest_units(count: int, told: str) -> None:
    assert duration_text(count) == told


@given(st.integers(0, 10**9))
def test_a_duration_in_a_document_is_exact(count: int) -> None:
    assert seconds(duration_word(count)) == count


# ---------------------------------------------------------------------------------------------- distributions


def test_the_median_and_the_95th_percentile_are_what_was_said() -> None:
    build = Quantiles.parse({"p50": "3m", "p95": "9m"})
    assert build.quantile(0.5) == 180
    assert build.quantile(0.95) == 540
    assert build.table()[32768] == 180


def test_three_quantiles_and_more_are_all_met() -> None:
    said = {"p10": "1m", "p50": "3m", "p90": "10m", "p99": "1h"}
    build = Quantiles.parse(said)
    for key, value in said.items():
        assert build.quantile(int(key[1:]) / 100) == pytest.approx(duration(value), rel=0.005)


def test_quantiles_on_a_straight_line_give_the_lognormal_of_two_of_them() -> None:
    two = Quantiles.parse({"p50": 100, "p95": 400})
    three = Quantiles.parse({"p50": 100, "p80": 100 * math.exp(math.log(4) * 0.8416212335729143 / 1.6448536269514722),
                             "p95": 400})
    assert max(abs(a - b) for a, b in zip(two.table(), three.table(), strict=True)) <= 1


def test_mean_and_deviation_are_what_was_said() -> None:
    build = Quantiles.parse({"mean": 300, "sd": 100})
    table = build.table()
    assert build.mean() == pytest.approx(300, rel=0.002)
    assert math.sqrt(sum((value - 300) ** 2 for value in table) / 65536) == pytest.approx(100, rel=0.01)


def test_the_mean_of_an_exponential_is_what_was_said() -> None:
    assert Quantiles.parse({"exponential": "1h"}).mean() == pytest.approx(3600, rel=0.001)


def test_a_uniform_reaches_from_bound_to_bound() -> None:
    dice = Quantiles.parse({"uniform": ["1m", "5m"]})
    assert (dice.at(0), dice.at(65535)) == (60, 300)
    assert dice.mean() == pytest.approx(180, abs=0.1)


def test_a_sample_gives_what_was_observed_in_equal_parts() -> None:
    seen = Quantiles.parse({"sample": [95, 61, 70, 61]})
    table = seen.table()
    assert {value: table.count(value) for value in set(table)} == {61: 32768, 70: 16384, 95: 16384}


def test_a_single_quantile_or_equal_ones_are_a_constant() -> None:
    assert Quantiles.parse({"p50": "3m"}) == Quantiles.parse("3m") == Quantiles.parse({"p50": 180, "p95": 180})


@pytest.mark.parametrize(("said", "why"), [
    ({"p50": "9m", "p95": "3m"}, "must rise"), ({"p0": 1, "p50": 2}, "between p0 and p100"), ({}, "no distribution"),
    ({"p50": 1, "sd": 3}, "no distribution"), ({"median": 3}, "no distribution"), ({"uniform": ["5m", "1m"]}, "longer"),
    ({"uniform": 3}, "two durations"), ({"sample": []}, "a list"), ({"exponential": 0}, "above zero"),
    ({"mean": 0, "sd": 1}, "above zero"), ({"p50": "1s", "p51": "300d"}, "too far apart"), ([1, 2], "no duration"),
    ({"lognormal": [1, -1]}, "below zero"), ({"lognormal": [900, 1]}, "too far apart"),
])
def test_what_is_no_distribution_is_refused(said: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Quantiles.parse(said)


SAID = st.one_of(
    SOME,
    st.tuples(FEW, FEW).map(lambda two: {"p50": min(two), "p95": max(two)}),
    st.lists(st.integers(0, 60), min_size=4, max_size=4).map(sorted).map(
        lambda four: dict(zip(("p10", "p50", "p90", "p99.9"), four, strict=True))),
    st.tuples(FEW, st.integers(0, 1000)).map(lambda two: {"mean": two[0], "sd": two[1]}),
    st.tuples(SOME, SOME).map(lambda two: {"uniform": sorted(two)}),
    SOME.map(lambda mean: {"exponential": mean}),
    st.lists(SOME, min_size=1, max_size=5).map(lambda seen: {"sample": seen}),
).map(Quantiles.parse)


@settings(max_examples=12)
@given(SAID, st.lists(BITS, min_size=20, max_size=20))
def test_a_table_rises_and_holds_what_single_draws_give(said: Quantiles, bits: list[int]) -> None:
    table = said.table()
    assert [table[bit] for bit in bits] == [said.at(bit) for bit in bits]
    assert all(isinstance(said.at(bit), int) for bit in bits)
    ordered = sorted(bits)
    assert [table[bit] for bit in ordered] == sorted(table[bit] for bit in ordered)
    assert table[0] >= 0


@given(SAID)
def test_a_distribution_is_written_so_that_it_reads_back_equal(said: Quantiles) -> None:
    assert Quantiles.parse(said.as_plain()) == said


@given(SAID, st.floats(0.5, 5))
def test_a_scaled_distribution_reads_back_equal_too(said: Quantiles, factor: float) -> None:
    assert Quantiles.parse(said.scaled(factor).as_plain()) == said.scaled(factor)


def test_equal_distributions_share_one_table() -> None:
    assert Quantiles.parse({"p50": "3m", "p95": "9m"}).table() is Quantiles.parse({"p50": 180, "p95": "540s"}).table()


def test_a_distribution_in_words() -> None:
    assert Quantiles.parse({"p50": "3m", "p95": "9m"}).describe() == "3m (median; 5 % over 9m)"
    assert Quantiles.parse("200s").describe() == "3m 20s"


def test_scaling_takes_everything_along() -> None:
    said = Quantiles.parse({"p50": "3m", "p95": "9m"})
    assert (said.scaled(2).quantile(0.5), said.scaled(2).quantile(0.95)) == (360, 1080)
    with pytest.raises(ValueError, match="above zero"):
        said.scaled(0)
