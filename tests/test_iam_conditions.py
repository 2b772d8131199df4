"""Conditions hold or do not, operator by operator, and the first that does not hold says why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_sim.iam import decide, parse

POSITIVE_TO_NEGATED = {
    "StringEquals": "StringNotEquals", "StringLike": "StringNotLike", "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase",
    "ArnLike": "ArnNotLike", "ArnEquals": "ArnNotEquals", "NumericEquals": "NumericNotEquals",
    "DateEquals": "DateNotEquals", "IpAddress": "NotIpAddress",
}


def holds(operator: str, said: Any, context: Mapping[str, Any], key: str = "k", version: str = "2012-10-17") -> bool:
    """Whether a request with this context meets one condition."""
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {key: said}}}
    return decide([parse({"Version": version, "Statement": statement})], "s3:GetObject", "*", context).allowed


@pytest.mark.parametrize(("operator", "said", "agrees", "not_so"), [
    ("StringEquals", "dev", "dev", "Dev"),
    ("StringEquals", ["dev", "test"], "test", "prod"),
    ("StringEquals", "d*", "d*", "dev"),
    ("StringEqualsIgnoreCase", "dev", "DEV", "devs"),
    ("StringLike", "shop-*-?", "shop-web-1", "shop-web-10"),
    ("StringLike", "*", "", None),
    ("ArnLike", "arn:aws:codepipeline:*:111122223333:shop*", "arn:aws:codepipeline:eu-west-1:111122223333:shop/Prod",
     "arn:aws:codepipeline:eu-west-1:444455556666:shop"),
    ("ArnEquals", "arn:aws:sns:*:1:t", "arn:aws:sns:eu-west-1:1:t", "arn:aws:sns:eu:west:1:t"),
    ("NumericEquals", "10", "10.0", "11"),
    ("NumericLessThan", 10, "9", "10"),
    ("NumericLessThanEquals", "10", "10", "10.5"),
    ("NumericGreaterThan", "10", "11", "10"),
    ("NumericGreaterThanEquals", "10", "10", "9"),
    ("NumericGreaterThan", "10", "100", "ten"),
    ("DateLessThan", "2030-01-07T09:00:00Z", "2030-01-07T08:59:59Z", "2030-01-07T09:00:00Z"),
    ("DateGreaterThan", "2030-01-07", "2030-01-07T00:00:01Z", "2030-01-06T23:59:59Z"),
    ("DateEquals", "2030-01-07T10:00:00+01:00", "2030-01-07T09:00:00Z", "2030-01-07T10:00:00Z"),
    ("DateEquals", "1893456000", "2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z"),
    ("Bool", "true", "true", "false"),
    ("Bool", True, "TRUE", "false"),
    ("IpAddress", "203.0.113.0/24", "203.0.113.9", "203.0.114.9"),
    ("IpAddress", ["10.0.0.0/8", "2001:db8::/32"], "2001:db8::1", "192.168.0.1"),
    ("IpAddress", "203.0.113.9", "203.0.113.9", "not an address"),
    ("BinaryEquals", "QUJD", "QUJD", "QUJE"),
])
def test_an_operator_agrees_with_one_value_and_not_with_another(
    operator: str, said: Any, agrees: str, not_so: str | None
) -> None:
    assert holds(operator, said, {"k": agrees})
    assert not_so is None or not holds(operator, said, {"k": not_so})
    negated = POSITIVE_TO_NEGATED.get(operator)
    if negated:
        assert not holds(negated, said, {"k": agrees})
        assert not_so is None or holds(negated, said, {"k": not_so})


@pytest.mark.parametrize("operator", ["StringEquals", "StringLike", "ArnLike", "Bool", "NumericLessThan", "IpAddress"])
def test_without_the_key_a_positive_operator_fails_and_with_if_exists_it_does_not(operator: str) -> None:
    said = {"Bool": "true", "NumericLessThan": "1", "IpAddress": "10.0.0.0/8"}.get(operator, "x")
    assert not holds(operator, said, {})
    assert holds(f"{operator}IfExists", said, {})


@pytest.mark.parametrize("operator", sorted(POSITIVE_TO_NEGATED.values()))
def test_without_the_key_a_negated_operator_holds(operator: str) -> None:
    said = {"NumericNotEquals": "1", "DateNotEquals": "2030-01-01", "NotIpAddress": "10.0.0.0/8"}.get(operator, "x")
    assert holds(operator, said, {})


def test_if_exists_still_looks_at_a_key_that_is_there() -> None:
    assert not holds("StringEqualsIfExists", "a", {"k": "b"})


def test_null_asks_for_absence() -> None:
    assert holds("Null", "true", {})
    assert not holds("Null", "true", {"k": "v"})
    assert holds("Null", "false", {"k": "v"})
    assert not holds("Null", "false", {})


def test_a_negated_operator_wants_none_of_its_values() -> None:
    assert not holds("StringNotEquals", ["a", "b"], {"k": "b"})
    assert holds("StringNotEquals", ["a", "b"], {"k": "c"})
    assert not holds("StringNotEquals", "a", {"k": ["a", "b"]}), "nor may any of several values in the request agree"


def test_for_any_value_needs_one_and_for_all_values_needs_every_one() -> None:
    team = {"k": ["web", "app"]}
    assert holds("ForAnyValue:StringEquals", ["app", "db"], team)
    assert not holds("ForAllValues:StringEquals", ["app", "db"], team)
    assert holds("ForAllValues:StringEquals", ["app", "web", "db"], team)
    assert not holds("ForAnyValue:StringLike", "x*", team)


def test_without_values_all_of_them_agree_and_not_one_does() -> None:
    assert holds("ForAllValues:StringEquals", "a", {})
    assert not holds("ForAnyValue:StringEquals", "a", {})
    assert not holds("ForAnyValue:StringNotEquals", "a", {}), "also where the operator is negated"


def test_keys_are_known_in_any_case_and_values_are_not() -> None:
    assert holds("StringEquals", "lee", {"AWS:UserName": "lee"}, key="aws:username")


def test_a_variable_stands_for_what_the_request_has() -> None:
    context = {"k": "home/lee", "aws:username": "lee"}
    assert holds("StringEquals", "home/${aws:username}", context)
    assert not holds("StringEquals", "home/${aws:username}", {**context, "aws:username": "kim"})
    assert not holds("StringEquals", "home/${aws:username}", {"k": "home/"}), "without a value it agrees with nothing"
    assert holds("StringEquals", "home/${aws:username, 'nobody'}", {"k": "home/nobody"})


def test_before_2012_a_variable_is_plain_text() -> None:
    context = {"k": "home/${aws:username}", "aws:username": "lee"}
    assert holds("StringEquals", "home/${aws:username}", context, version="2008-10-17")
    assert not holds("StringEquals", "home/${aws:username}", context)


def test_stars_in_a_variables_value_are_plain_stars() -> None:
    assert not holds("StringLike", "home/${aws:username}", {"k": "home/anyone", "aws:username": "*"})
    assert holds("StringLike", "a${*}b", {"k": "a*b"})
    assert not holds("StringLike", "a${*}b", {"k": "axb"})
    assert holds("StringLike", "${$}{x}", {"k": "${x}"})


@given(st.sampled_from(sorted(POSITIVE_TO_NEGATED)), st.text("ab*?", max_size=4), st.text("ab", max_size=4))
def test_a_negated_operator_is_the_opposite_where_the_key_is_there(operator: str, said: str, held: str) -> None:
    if operator.startswith(("Numeric", "Date", "Ip")):
        said = {"NumericEquals": "3", "DateEquals": "2030-01-01", "IpAddress": "10.0.0.0/8"}[operator]
        held = {"a": "3", "b": "2030-01-01", "ab": "10.1.1.1"}.get(held, held)
    assert holds(operator, said, {"k": held}) != holds(POSITIVE_TO_NEGATED[operator], said, {"k": held})
