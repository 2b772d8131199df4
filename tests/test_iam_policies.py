"""A policy is read from AWS's JSON, or refused with every fault and its place."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_sim.iam import MANAGED_POLICIES, RESOURCE, TRUST, decide, parse
from pipeline_sim.pipeline.fault import Faults

ARN = "arn:aws:codepipeline:eu-west-1:111122223333:shop"


def statement(**changes: Any) -> dict[str, Any]:
    """A good statement but for the changes; None takes a member out."""
    found = {"Effect": "Allow", "Action": "codepipeline:StartPipelineExecution", "Resource": ARN, **changes}
    return {key: value for key, value in found.items() if value is not None}


def policy(*statements: Any, **members: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements), **members}


def faults(document: Any, **options: Any) -> dict[str, str]:
    """What is wrong with a document, by path."""
    with pytest.raises(Faults) as refused:
        parse(document, **options)
    assert {fault.error for fault in refused.value.faults} == {"MalformedPolicyDocument"}
    return {fault.path: f"{fault.message} {fault.fix}".strip() for fault in refused.value.faults}


def test_a_policy_is_read_with_its_statements() -> None:
    found = parse(policy(statement(Sid="Start"), statement(Effect="Deny", NotAction=["codepipeline:*"], Action=None,
                                                           NotResource="*", Resource=None)), "release")
    first, second = found.statements
    assert (found.name, first.title, second.title) == ("release", "statement 'Start'", "statement 2")
    assert first.actions.patterns == ("codepipeline:StartPipelineExecution",)
    assert not first.actions.excluded
    assert second.actions.excluded
    assert second.resources is not None
    assert second.resources.excluded


def test_one_statement_needs_no_list_and_a_policy_may_be_text() -> None:
    found = parse('{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}')
    assert len(found.statements) == 1
    assert found.version == "2008-10-17", "without a Version the oldest counts"
    assert not found.has_variables


def test_yaml_reads_a_version_as_a_date_and_that_is_no_fault() -> None:
    assert parse({**policy(statement()), "Version": date(2012, 10, 17)}).has_variables


@pytest.mark.parametrize("name", sorted(MANAGED_POLICIES))
def test_managed_policies_are_found_by_name_and_by_arn(name: str) -> None:
    assert parse(name).name == name
    assert parse(f"arn:aws:iam::aws:policy/{name}").statements == parse(name).statements


def test_an_unknown_name_is_no_policy() -> None:
    assert "neither a JSON document nor a managed policy" in faults("AWSCodePipelineAdmin")[""]


def test_text_that_is_no_json_says_where() -> None:
    assert "line 1 column 2" in faults("{")[""]


@pytest.mark.parametrize(("document", "path", "words"), [
    ([], "", "a policy is a JSON object, not a list"),
    ({"Version": "2012-10-17"}, "", "a policy needs statements"),
    (policy(statement(), Version="2024-05-01"), "Version", "Write \"2012-10-17\": a version is a fixed word"),
    ({**policy(statement()), "Statements": []}, "Statements", "Did you mean 'Statement'?"),
    (policy("Allow"), "Statement[0]", "a statement is a JSON object, not a str"),
    (policy(statement(Effect=None)), "Statement[0].Effect", "the statement has no Effect"),
    (policy(statement(Effect="allow")), "Statement[0].Effect", "Write Allow or Deny, with a capital letter."),
    (policy(statement(Sid="start it")), "Statement[0].Sid", "other characters than letters and digits"),
    (policy(statement(Sid="A"), statement(Sid="A")), "Statement[1].Sid",
     "the statement at Statement[0] has the Sid 'A' too"),
    (policy(statement(NotAction="s3:*")), "Statement[0]", "both Action and NotAction"),
    (policy(statement(Action=None)), "Statement[0]", "neither Action nor NotAction"),
    (policy(statement(NotResource="*")), "Statement[0]", "both Resource and NotResource"),
    (policy(statement(Resource=None)), "Statement[0]", "neither Resource nor NotResource"),
    (policy(statement(Principal="*")), "Statement[0].Principal", "a policy of a user or role has no Principal"),
    (policy(statement(Action=["s3:Get*", "StartBuild"])), "Statement[0].Action[1]", "'StartBuild' is no action"),
    (policy(statement(Action="code*:StartBuild")), "Statement[0].Action", "may stand in the operation only"),
    (policy(statement(Action=7)), "Statement[0].Action", "this is a int, not a text"),
    (policy(statement(Resource="shop")), "Statement[0].Resource", "neither an ARN nor \"*\""),
    (policy(statement(Resource="arn:aws:s3:bucket")), "Statement[0].Resource", "neither an ARN"),
    (policy(statement(Resource=[ARN, "arn:amazon:s3:::b"])), "Statement[0].Resource[1]", "the partition 'amazon'"),
    (policy(statement(Resource="arn:aws::::b")), "Statement[0].Resource", "names no service"),
    (policy(statement(Resorce="*")), "Statement[0].Resorce", "Did you mean 'Resource'?"),
    (policy(statement(Condition=[])), "Statement[0].Condition", "a condition maps operators to keys"),
    (policy(statement(Condition={"StringEqual": {"a": "b"}})), "Statement[0].Condition.StringEqual",
     "Did you mean 'StringEquals'?"),
    (policy(statement(Condition={"NullIfExists": {"a": "true"}})), "Statement[0].Condition.NullIfExists",
     "no condition operator"),
    (policy(statement(Condition={"ForEach:StringEquals": {"a": "b"}})), "Statement[0].Condition.ForEach:StringEquals",
     "there is no condition operator"),
    (policy(statement(Condition={"StringEquals": {}})), "Statement[0].Condition.StringEquals", "names no condition key"),
    (policy(statement(Condition={"NumericLessThan": {"a": "many"}})), "Statement[0].Condition.NumericLessThan.a",
     "'many' is nothing that NumericLessThan can compare. Write a number."),
    (policy(statement(Condition={"DateLessThan": {"a": "soon"}})), "Statement[0].Condition.DateLessThan.a", "Write a date"),
    (policy(statement(Condition={"IpAddress": {"a": "10.0.0.0/99"}})), "Statement[0].Condition.IpAddress.a",
     "203.0.113.0/24"),
    (policy(statement(Condition={"Bool": {"a": "yes"}})), "Statement[0].Condition.Bool.a", "Write true or false"),
    (policy(statement(Condition={"StringEquals": {"a": {"b": 1}}})), "Statement[0].Condition.StringEquals.a", "not a dict"),
])
def test_what_iam_refuses_is_told_with_its_place(document: Any, path: str, words: str) -> None:
    found = faults(document)
    assert words in found[path]
    assert len(found) == 1, "one mistake, one fault"


def test_all_faults_come_at_once() -> None:
    found = faults(policy(statement(Effect="no"), statement(Action=[]), statement(Resource="x", Sid="!")))
    assert set(found) == {"Statement[0].Effect", "Statement[2].Resource", "Statement[2].Sid"}


def test_empty_lists_are_allowed_and_match_nothing() -> None:
    assert parse(policy()).statements == ()
    assert parse(policy(statement(Action=[]))).statements[0].actions.patterns == ()


def test_a_resources_policy_needs_a_principal_and_a_trust_policy_no_resource() -> None:
    assert "neither Principal nor NotPrincipal" in faults(policy(statement()), kind=RESOURCE)["Statement[0]"]
    trust = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "codepipeline.amazonaws.com"}})
    assert parse(trust, kind=TRUST).statements[0].resources is None
    trust["Statement"][0]["Resource"] = "*"
    assert "a role's trust policy has no Resource" in faults(trust, kind=TRUST)["Statement[0].Resource"]


@pytest.mark.parametrize(("principal", "path", "words"), [
    ("111122223333", "Statement[0].Principal", "is no principal"),
    ({}, "Statement[0].Principal", "is no principal"),
    ({"Sevice": "x"}, "Statement[0].Principal.Sevice", "Did you mean 'Service'?"),
])
def test_a_principal_that_is_none(principal: Any, path: str, words: str) -> None:
    assert words in faults(policy(statement(Principal=principal)), kind=RESOURCE)[path]


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(
        ["Allow", "*", "s3:Get*", ARN, "StringEquals", "2012-10-17", "", "${aws:username}", "ForAnyValue:StringLike"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["Version", "Statement", "Effect", "Action", "NotAction", "Resource", "Principal", "Sid", "Condition", "AWS",
         "StringEquals", "Null", "aws:username"]), inner, max_size=5), max_leaves=15)


@settings(max_examples=60)
@given(JUNK)
def test_junk_is_a_policy_that_decides_or_it_has_faults(junk: Any) -> None:
    for kind in ("identity", RESOURCE, TRUST):
        with suppress(Faults):
            decide([parse(junk, kind=kind)], "s3:GetObject", "*", {"aws:username": "lee"})
