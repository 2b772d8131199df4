"""Event patterns match as EventBridge matches them, are refused as it refuses them, and say which field decided."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pipeline_sim.aws.patterns import (
    LONGEST,
    READY,
    InvalidEventPattern,
    explain,
    from_codepipeline,
    matches,
    parse,
)
from tests.corpus import ABSENT, CORPUS

CASES = CORPUS.parent / "event-patterns" / "cases.json"
FAILED = {
    "version": "0", "id": "7d1c0c7e-0b5e-4a54-9a55-0d6d6f2f5a01", "source": "aws.codepipeline",
    "detail-type": "CodePipeline Action Execution State Change", "account": "111122223333", "region": "eu-west-1",
    "resources": ["arn:aws:codepipeline:eu-west-1:111122223333:shop"],
    "detail": {"pipeline": "shop", "stage": "Prod", "action": "Deploy", "state": "FAILED", "version": 4.0,
               "type": {"owner": "AWS", "category": "Deploy", "provider": "CodeDeploy", "version": "1"}},
}


def refused(pattern: Any) -> InvalidEventPattern:
    with pytest.raises(InvalidEventPattern) as found:
        parse(pattern)
    return found.value


def holds(alternative: Any, value: Any) -> bool:
    """Whether one alternative agrees with one value."""
    return matches({"detail": {"x": [alternative]}}, {"detail": {"x": value}})


# ---------------------------------------------------------------------------------------------- AWS's own verdicts


def cases() -> list[Any]:
    if not CASES.is_file():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"{ABSENT}: {CASES}"), id="absent")]
    return [pytest.param(case, id=case["name"]) for case in json.loads(CASES.read_text())["cases"]]


@pytest.mark.parametrize("case", cases())
def test_the_verdict_is_that_of_aws(case: dict[str, Any]) -> None:
    if case["expect"] == "invalid pattern":
        assert str(refused(case["pattern"])).startswith("Event pattern is not valid. Reason: ")
        return
    expected = case["expect"] == "match"
    assert matches(case["pattern"], case["event"]) == expected
    assert matches(json.dumps(case["pattern"]), json.dumps(case["event"])) == expected
    explanation = explain(case["pattern"], case["event"])
    assert explanation.matched == expected
    assert explanation.reason
    assert explanation.fields


def test_there_are_many_cases_and_every_verdict_among_them() -> None:
    if CASES.is_file():
        verdicts = [case["expect"] for case in json.loads(CASES.read_text())["cases"]]
        assert len(verdicts) > 150
        assert set(verdicts) == {"match", "no match", "invalid pattern"}


# ---------------------------------------------------------------------------------------------- one alternative


@pytest.mark.parametrize(("alternative", "agrees", "differs"), [
    ("FAILED", ["FAILED", ["STARTED", "FAILED"]], ["failed", "FAILED ", None, ["STARTED"], []]),
    ("10.0.0.1", ["10.0.0.1"], ["10.0.0.2"]),
    ("2001:db8::1", ["2001:db8::1", "2001:0db8:0:0::1"], ["2001:db8::2"]),
    (1, [1, 1.0], [True, "1", 1.1, 2]),
    (0.1, [0.1], [0.2]),
    (111122223333, [111122223333], [111122223334]),
    (True, [True], [1, "true", False]),
    (None, [None], ["", "null", 0, []]),
    ("", [""], [None, " "]),
    ({"exactly": "a"}, ["a"], ["b"]),
    ({"prefix": "prod-"}, ["prod-", "prod-web"], ["Prod-web", "web-prod-", 5, None]),
    ({"prefix": {"equals-ignore-case": "PROD-"}}, ["prod-web", "Prod-"], ["web"]),
    ({"prefix": ""}, ["", "anything"], [5, None, True]),
    ({"suffix": "-api"}, ["shop-api"], ["shop-API", "api"]),
    ({"suffix": {"equals-ignore-case": "-api"}}, ["shop-API"], ["shop-apis"]),
    ({"equals-ignore-case": "Failed"}, ["FAILED", "failed"], ["failed ", 1]),
    ({"equals-ignore-case": "straße"}, ["STRASSE", "Straße"], ["strase"]),
    ({"wildcard": "shop-*-prod"}, ["shop--prod", "shop-a-b-prod"], ["shop-prod", "shop-x-prod2", 5]),
    ({"wildcard": "a*b*c"}, ["abc", "a-b-b-c"], ["acb", "ab"]),
    ({"wildcard": r"a\*b\\c"}, [r"a*b\c"], ["axb\\c"]),
    ({"wildcard": "*"}, ["", "x", "two\nlines"], [1, None]),
    ({"anything-but": "a"}, ["b", 5, None, True, ["a", "b"]], ["a", ["a"], []]),
    ({"anything-but": ["a", "b"]}, ["c"], ["a", "b"]),
    ({"anything-but": [1, 2]}, [3, "1"], [1, 2.0]),
    ({"anything-but": {"prefix": "a"}}, ["ba", 1, None], ["ab"]),
    ({"anything-but": {"suffix": ["a", "b"]}}, ["ac"], ["ca", "cb"]),
    ({"anything-but": {"wildcard": "*/lib/*"}}, ["/x/", 7], ["/lib/x"]),
    ({"anything-but": {"equals-ignore-case": ["a"]}}, ["b"], ["A"]),
    ({"numeric": ["=", 5]}, [5, 5.0], [5.1, "5", None, True]),
    ({"numeric": [">", 0, "<=", 5]}, [0.000001, 5], [0, 5.000001]),
    ({"numeric": [">=", -1, "<", 1]}, [-1, 0], [1, -1.5]),
    ({"numeric": ["<", 5_000_000_000]}, [4_999_999_999], [6_000_000_000, -6_000_000_000]),
    ({"cidr": "10.0.0.0/24"}, ["10.0.0.0", "10.0.0.255"], ["10.0.1.0", "10.0.0.256", "host", 10]),
    ({"cidr": "10.0.0.77/24"}, ["10.0.0.1"], ["10.0.1.77"]),
    ({"cidr": "2001:db8::/32"}, ["2001:db8::1", "2001:DB8:ffff::"], ["2001:db9::1", "10.0.0.1"]),
    ({"cidr": "0.0.0.0/0"}, ["1.2.3.4"], ["::1"]),
    ({"exists": True}, ["x", None, False, 0, ["x"]], [[], {"deeper": 1}]),
    ({"exists": False}, [[], {}, {"deeper": 1}], ["x", None]),
], ids=str)
def test_an_alternative_agrees_with_these_and_not_with_those(
    alternative: Any, agrees: list[Any], differs: list[Any]
) -> None:
    assert [value for value in agrees if not holds(alternative, value)] == []
    assert [value for value in differs if holds(alternative, value)] == []


def test_alternatives_are_tried_one_after_the_other() -> None:
    pattern = {"detail": {"state": ["SUCCEEDED", {"prefix": "FAIL"}]}}
    assert matches(pattern, FAILED)
    assert not matches(pattern, {"detail": {"state": "STOPPED"}})


def test_every_field_must_match() -> None:
    assert matches({"source": ["aws.codepipeline"], "detail": {"state": ["FAILED"], "stage": ["Prod"]}}, FAILED)
    assert not matches({"source": ["aws.codepipeline"], "detail": {"state": ["FAILED"], "stage": ["Build"]}}, FAILED)


def test_a_field_that_is_missing_matches_nothing_but_its_absence() -> None:
    assert not matches({"detail": {"comment": [{"anything-but": "x"}]}}, FAILED)
    assert matches({"detail": {"comment": [{"exists": False}]}}, FAILED)
    assert matches({"detail": {"comment": ["x", {"exists": False}]}}, FAILED)


def test_dots_in_names_and_between_them_are_the_same() -> None:
    assert matches({"detail.type": {"category": ["Deploy"]}}, FAILED)
    assert matches({"detail": {"a.b": [1]}}, {"detail": {"a": {"b": 1}}})


# ---------------------------------------------------------------------------------------------- arrays

HIRED = {"team": [{"name": "Lee", "role": "dev"}, {"name": "Kim", "role": "ops"}]}


def test_fields_in_an_array_are_met_within_one_member() -> None:
    assert matches({"team": {"name": ["Lee"], "role": ["dev"]}}, HIRED)
    assert not matches({"team": {"name": ["Lee"], "role": ["ops"]}}, HIRED)
    assert not matches({"team": {"name": ["Lee"], "role": ["dev"]}}, {"team": [{"name": "Lee"}, {"role": "dev"}]})


def test_arrays_within_arrays_keep_their_members_apart() -> None:
    event = {"a": [{"id": 1, "b": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]}, {"id": 2, "b": [{"x": 5, "y": 6}]}]}
    assert matches({"a": {"id": [1], "b": {"x": [3], "y": [4]}}}, event)
    assert not matches({"a": {"id": [1], "b": {"x": [1], "y": [4]}}}, event)
    assert not matches({"a": {"id": [2], "b": {"x": [1]}}}, event)


def test_two_arrays_do_not_bind_each_other() -> None:
    assert matches({"a": {"x": [2]}, "b": {"x": [1]}}, {"a": [{"x": 1}, {"x": 2}], "b": [{"x": 1}, {"x": 2}]})


def test_absence_is_looked_for_in_the_same_member() -> None:
    event = {"team": [{"name": "Lee"}, {"name": "Kim", "role": "ops"}]}
    assert matches({"team": {"name": ["Lee"], "role": [{"exists": False}]}}, event)
    assert not matches({"team": {"name": ["Kim"], "role": [{"exists": False}]}}, event)


def test_plain_values_in_an_array_are_alternatives() -> None:
    assert matches({"resources": [{"suffix": ":shop"}]}, FAILED)
    assert matches({"x": ["b"]}, {"x": [["a"], ["b", ["c"]]]})


def test_many_members_take_no_time() -> None:
    event = {"a": [{"x": 1, "b": [{"y": 1}] * 60, "c": [{"z": 1}] * 60, "d": [{"w": 1}] * 60}] * 40 + [{"v": 1}]}
    assert not matches({"a": {"b": {"y": [1]}, "c": {"z": [1]}, "d": {"w": [1]}, "v": [1]}}, event)


# ---------------------------------------------------------------------------------------------- $or


def test_one_of_several_patterns_is_enough_beside_what_must_hold_anyway() -> None:
    pattern = {"source": ["aws.codepipeline"], "detail": {"$or": [{"state": ["STOPPED"]}, {"stage": ["Prod"]}]}}
    assert matches(pattern, FAILED)
    assert not matches({**pattern, "source": ["aws.s3"]}, FAILED)
    assert not matches(pattern, {**FAILED, "detail": {"state": "FAILED", "stage": "Build"}})


def test_or_may_stand_within_or() -> None:
    pattern = {"$or": [{"a": [1]}, {"b": [1], "$or": [{"c": [1]}, {"d": [1]}]}]}
    assert len(parse(pattern).branches) == 3
    assert matches(pattern, {"a": 1})
    assert matches(pattern, {"b": 1, "d": 1})
    assert not matches(pattern, {"b": 1})


def test_a_field_that_is_named_twice_counts_as_its_last() -> None:
    assert matches({"a": [1], "$or": [{"a": [2]}, {"b": [3]}]}, {"a": 2})
    assert not matches({"$or": [{"a": [2]}, {"b": [3]}], "a": [1]}, {"a": 2})
    assert matches('{"a": [1], "a": [2]}', {"a": 2})
    assert not matches('{"a": [1], "a": [2]}', {"a": 1})


def test_what_is_no_or_is_the_name_of_a_field() -> None:
    assert matches({"$or": ["x", "y"]}, {"$or": "x"})
    assert "There must have at least 2 Objects" in refused({"$or": [{"a": ["b"]}]}).hint


def test_a_thousand_combinations_are_the_most() -> None:
    ten = [{f"a{number}": [1]} for number in range(10)]
    three = {"x": {"$or": ten}, "y": {"$or": ten}, "z": {"$or": ten}}
    assert len(parse(three).branches) == 1000
    assert "more than 1000 rule combinations" in refused({**three, "w": {"$or": ten[:2]}}).reason


# ---------------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize(("pattern", "reason", "path"), [
    ({}, "Empty objects are not allowed", ""),
    ({"detail": {}}, "Empty objects are not allowed", "detail"),
    ({"source": []}, "Empty arrays are not allowed", "source"),
    ({"source": "aws.s3"}, '"source" must be an object or an array', "source"),
    ({"detail": {"state": None}}, '"state" must be an object or an array', "detail.state"),
    ({"x": [["a"]]}, "Match value must be String, number, true, false, or null", "x[0]"),
    ({"x": ["a", {}]}, "Match expression name not found", "x[1]"),
    ({"x": [{"Prefix": "a"}]}, "Unrecognized match type Prefix", "x[0]"),
    ({"x": [{"prefix": "a", "suffix": "b"}]}, "Only one key allowed in match expression", "x[0]"),
    ({"x": [{"prefix": {"wildcard": "a"}}]}, "Unsupported prefix pattern: wildcard", "x[0].prefix"),
    ({"x": [{"suffix": {}}]}, "Suffix expression name not found", "x[0].suffix"),
    ({"x": [{"exists": "true"}]}, "exists match pattern must be either true or false.", "x[0].exists"),
    ({"x": [{"wildcard": "a**"}]}, "Consecutive wildcard characters at pos 2", "x[0].wildcard"),
    ({"x": [{"wildcard": "a\\b"}]}, "Invalid escape character at pos 2", "x[0].wildcard"),
    ({"x": [{"wildcard": "*a*b*c*d*e*f"}]}, "Rule is too complex - try using fewer wildcard characters or fewer "
     "repeating character sequences after a wildcard character", "x[0].wildcard"),
    ({"x": [{"anything-but": []}]}, "Inside anything but list, either all values are number or string, mixed type is not "
     "supported", "x[0].anything-but"),
    ({"x": [{"anything-but": ["a", 1]}]}, "Inside anything but list, either all values are number or string, mixed type "
     "is not supported", "x[0].anything-but"),
    ({"x": [{"anything-but": {"numeric": [">", 1]}}]}, "Unsupported anything-but pattern: numeric", "x[0].anything-but"),
    ({"x": [{"anything-but": {}}]}, "Anything-But expression name not found", "x[0].anything-but"),
    ({"x": [{"anything-but": {"prefix": []}}]}, "Empty arrays are not allowed", "x[0].anything-but"),
    ({"x": [{"numeric": []}]}, "Invalid member in numeric match: ]", "x[0].numeric"),
    ({"x": [{"numeric": [1]}]}, "Invalid member in numeric match: 1", "x[0].numeric"),
    ({"x": [{"numeric": ["=="]}]}, "Unrecognized numeric range operator: ==", "x[0].numeric"),
    ({"x": [{"numeric": ["="]}]}, "Value of equals must be numeric", "x[0].numeric"),
    ({"x": [{"numeric": ["=", 1, "<", 2]}]}, "Too many elements in numeric expression", "x[0].numeric"),
    ({"x": [{"numeric": [">", 1, 2]}]}, "Bad value in numeric range: 2", "x[0].numeric"),
    ({"x": [{"numeric": [">", 1, "<", 1]}]}, "Bottom must be less than top", "x[0].numeric"),
    ({"x": [{"numeric": [">", 1, "<", 2, 3]}]}, "Too many terms in numeric range expression", "x[0].numeric"),
    ({"x": [{"numeric": [">", 5_000_000_001]}]}, "Value must be between -5.0E9 and 5.0E9, inclusive", "x[0].numeric"),
    ({"x": [{"cidr": "10.0.0.0"}]}, "Malformed CIDR, one '/' required", "x[0].cidr"),
    ({"x": [{"cidr": "10.0.0.0/x"}]}, "Malformed CIDR, mask bits must be an integer", "x[0].cidr"),
    ({"x": [{"cidr": "10.0.0.0/-1"}]}, "Malformed CIDR, mask bits must not be negative", "x[0].cidr"),
    ({"x": [{"cidr": "10.0.0.0/32"}]}, "IPv4 mask bits must be < 32", "x[0].cidr"),
    ({"x": [{"cidr": "::/128"}]}, "IPv6 mask bits must be < 128", "x[0].cidr"),
    ({"x": [{"cidr": "example.com/8"}]}, "Nonstandard IP address: example.com", "x[0].cidr"),
    ("[]", "Filter is not an object", ""),
    ("", "Invalid JSON", ""),
    ('{"x": [NaN]}', "Invalid JSON", ""),
])
def test_what_eventbridge_refuses_is_told_in_its_words_with_the_place(pattern: Any, reason: str, path: str) -> None:
    found = refused(pattern)
    assert (found.reason, found.path) == (reason, path)
    assert str(found).startswith(f"Event pattern is not valid. Reason: {reason}")
    assert not path or f"\n at {path}" in str(found)


def test_reserved_names_may_not_stand_inside_or() -> None:
    assert "is Ruler reserved fieldName" in refused({"$or": [{"prefix": ["a"]}, {"b": ["c"]}]}).hint


def test_a_pattern_may_be_so_long_and_no_longer() -> None:
    overhead = len('{"x":[""]}')
    assert len(parse({"x": ["a" * (LONGEST - overhead)]}).branches) == 1
    assert "less than or equal to 4096" in refused({"x": ["a" * (LONGEST - overhead + 1)]}).hint


def test_a_pattern_without_end_is_refused_and_not_followed() -> None:
    deep: dict[str, Any] = {"x": ["a"]}
    for _ in range(150):
        deep = {"x": deep}
    assert "too deeply" in refused(deep).reason


# ---------------------------------------------------------------------------------------------- explained


@pytest.mark.parametrize(("pattern", "reason"), [
    ({"detail": {"state": ["SUCCEEDED"]}}, "detail.state holds 'FAILED'; the pattern wants a value that is 'SUCCEEDED'."),
    ({"detail": {"state": ["SUCCEEDED", {"prefix": "ST"}]}},
     "detail.state holds 'FAILED'; the pattern wants a value that is 'SUCCEEDED' or begins with 'ST'."),
    ({"detail": {"state": ["FAILED"]}}, "detail.state is 'FAILED'."),
    ({"detail": {"version": [{"numeric": [">", 3]}]}}, "detail.version holds 4.0, which is a number > 3."),
    ({"detail": {"type": ["Deploy"]}},
     "detail.type is an object, and only single values are compared; the pattern wants a value that is 'Deploy'."),
    ({"detail": {"owner": ["AWS"]}}, "detail.owner is not in the event; the pattern wants a value that is 'AWS'."),
    ({"detail": {"state": [{"exists": False}]}}, "detail.state holds 'FAILED'; the pattern wants no such field."),
    ({"detail": {"stage": [{"exists": True}]}}, "detail.stage is there: 'Prod'."),
    ({"detail": {"owner": [{"exists": False}]}}, "detail.owner is not there."),
    ({"source": ["aws.s3"], "detail": {"state": ["FAILED"]}},
     "source holds 'aws.codepipeline'; the pattern wants a value that is 'aws.s3'."),
    ({"source": ["aws.codepipeline"], "detail": {"state": ["FAILED"]}}, "All 2 fields match."),
    ({"detail": {"$or": [{"stage": ["Build"]}, {"stage": ["Test"], "state": ["STOPPED"]}]}},
     "None of the 2 combinations of $or matches; the nearest fails: detail.stage holds 'Prod'; the pattern wants a value "
     "that is 'Build'."),
])
def test_the_reason_names_the_field_that_decided(pattern: dict[str, Any], reason: str) -> None:
    assert explain(pattern, FAILED).reason == reason


def test_every_field_has_its_line() -> None:
    found = explain({"source": ["aws.codepipeline"], "detail": {"state": ["STOPPED"], "stage": [{"prefix": "P"}]}}, FAILED)
    assert [(field.path, field.matched, field.held) for field in found.fields] == [
        ("source", True, ("aws.codepipeline",)), ("detail.state", False, ("FAILED",)), ("detail.stage", True, ("Prod",))]
    assert found.fields[2].by == "begins with 'P'"
    assert found.fields[1].wanted == ("is 'STOPPED'",)
    assert str(found).splitlines()[1:] == [
        "- yes: source is 'aws.codepipeline'.",
        "- no: detail.state holds 'FAILED'; the pattern wants a value that is 'STOPPED'.",
        "- yes: detail.stage holds 'Prod', which begins with 'P'."]
    assert not found


def test_fields_that_match_apart_and_not_together_are_told() -> None:
    found = explain({"team": {"name": ["Lee"], "role": ["ops"]}}, HIRED)
    assert not found
    assert found.reason == "Each field matches, but not within the same member of an array: team.name, team.role."
    assert all(field.matched for field in found.fields)


def test_the_branch_that_matched_is_shown() -> None:
    found = explain({"$or": [{"source": ["aws.s3"]}, {"account": [{"prefix": "1111"}]}]}, FAILED)
    assert found.reason == "account holds '111122223333', which begins with '1111'."
    assert [branch.matched for branch in found.branches] == [False, True]
    apart = {"team": {"name": ["Lee"], "role": ["ops"]}}
    found = explain({"$or": [apart, {"team": {"name": ["Kim"]}}]}, HIRED)
    assert found.reason == "team.name holds 'Lee', 'Kim': one of them is 'Kim'.", "each field of the other matches as well"


def test_long_arrays_are_cut_short_in_sentences() -> None:
    found = explain({"x": ["z"]}, {"x": list("abcde")})
    assert found.reason == "x holds 'a', 'b', 'c' and 2 more; the pattern wants a value that is 'z'."


# ---------------------------------------------------------------------------------------------- CodePipeline's events


def event(level: str, state: str, **detail: Any) -> dict[str, Any]:
    return {"source": "aws.codepipeline", "detail-type": f"CodePipeline {level} Execution State Change",
            "detail": {"pipeline": "shop", "state": state, **detail}}


APPROVAL, BUILD = {"type": {"category": "Approval"}}, {"type": {"category": "Build"}}
EVENTS = {
    "pipeline failed": event("Pipeline", "FAILED"),
    "pipeline superseded": event("Pipeline", "SUPERSEDED"),
    "stage canceled": event("Stage", "CANCELED"),
    "stage resumed": event("Stage", "RESUMED"),
    "build failed": event("Action", "FAILED", **BUILD),
    "approval asked": event("Action", "STARTED", **APPROVAL),
    "approval rejected": event("Action", "FAILED", **APPROVAL),
}


@pytest.mark.parametrize(("name", "expected"), [
    ("everything", set(EVENTS)),
    ("failed-pipelines", {"pipeline failed"}),
    ("failed-builds-and-deployments", {"build failed"}),
    ("waiting-approvals", {"approval asked"}),
    ("rejected-approvals", {"approval rejected"}),
    ("canceled-stages", {"stage canceled"}),
    ("superseded-executions", {"pipeline superseded"}),
    ("every-action", {"build failed", "approval asked", "approval rejected"}),
    ("retried-stages", {"stage resumed"}),
])
def test_a_ready_pattern_takes_these_events(name: str, expected: set[str]) -> None:
    assert {title for title, one in EVENTS.items() if matches(from_codepipeline(name), one)} == expected
    assert {title for title, one in EVENTS.items() if matches(from_codepipeline(name, "shop"), one)} == expected
    assert not any(matches(from_codepipeline(name, "other"), one) for one in EVENTS.values())


def test_every_ready_pattern_is_tried_above_and_belongs_to_who_asked() -> None:
    assert len(READY) == 9
    mine = from_codepipeline("failed-pipelines")
    mine["detail"]["state"].append("STOPPED")
    assert from_codepipeline("failed-pipelines")["detail"]["state"] == ["FAILED"]
    with pytest.raises(ValueError, match="There is no ready pattern 'failed'. There are: everything, "):
        from_codepipeline("failed")


def found_events(value: Any) -> Iterator[dict[str, Any]]:
    """Every event of CodePipeline's in a recording, also in the text of an SNS message. Notification rules write
    `detailType`; it is put back."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        with suppress(ValueError):
            yield from found_events(json.loads(value))
    elif isinstance(value, dict):
        if value.get("source") == "aws.codepipeline" and "detail" in value:
            yield {**value, "detail-type": value.get("detail-type", value.get("detailType"))}
        for part in value.values():
            yield from found_events(part)
    elif isinstance(value, list):
        for part in value:
            yield from found_events(part)


def test_recorded_events_are_told_apart_by_the_ready_patterns(corpus: Path) -> None:
    recorded = [one for file in (corpus / "events").glob("*.json") for one in found_events(json.loads(file.read_text()))]
    assert len(recorded) > 40
    assert all(matches(from_codepipeline("everything"), one) for one in recorded)
    for one in recorded:
        exact = {"source": [one["source"]], "detail-type": [one["detail-type"]],
                 "detail": {"pipeline": [one["detail"]["pipeline"]], "state": [one["detail"]["state"]]}}
        assert matches(exact, one)
        assert explain(exact, one).reason == "All 4 fields match."
        is_failure = "Pipeline Execution" in one["detail-type"] and one["detail"]["state"] == "FAILED"
        assert matches(from_codepipeline("failed-pipelines"), one) == is_failure
        assert matches(from_codepipeline("every-action"), one) == ("Action Execution" in one["detail-type"])
    assert any(matches(from_codepipeline("failed-pipelines"), one) for one in recorded)
    assert any(matches(from_codepipeline("failed-builds-and-deployments"), one) for one in recorded)


def test_what_is_no_event_is_refused() -> None:
    with pytest.raises(ValueError, match="an event is a JSON object"):
        matches({"x": [1]}, "[]")
    deep: Any = 1
    for _ in range(150):
        deep = [deep]
    with pytest.raises(ValueError, match="too deeply"):
        matches({"x": [1]}, {"x": deep})
