"""Who may do what: IAM's order of things, told as small stories of Lee, who wants to start the pipeline `shop`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_sim.iam import (
    EXPLICIT_ALLOW,
    EXPLICIT_DENY,
    IMPLICIT_DENY,
    RESOURCE,
    TRUST,
    UNSAID,
    Decision,
    Policy,
    can_assume,
    decide,
    missing_statement,
    parse,
)
from pipeline_sim.iam.wildcards import fits, may_fit, prepared

LEE = "arn:aws:iam::111122223333:user/lee"
SHOP = "arn:aws:codepipeline:eu-west-1:111122223333:shop"
START = "codepipeline:StartPipelineExecution"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:alerts"
ROLE = "arn:aws:iam::111122223333:role/service/Release"
SESSION = "arn:aws:sts::111122223333:assumed-role/Release/lee"


def allow(action: Any = "*", resource: Any = "*", **members: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **members}


def deny(action: Any = "*", resource: Any = "*", **members: Any) -> dict[str, Any]:
    return {**allow(action, resource, **members), "Effect": "Deny"}


def policy(*statements: dict[str, Any], name: str = "release", kind: str = "identity") -> Policy:
    return parse({"Version": "2012-10-17", "Statement": list(statements)}, name, kind=kind)


def start(*policies: Policy, **options: Any) -> Decision:
    return decide(policies, START, options.pop("resource", SHOP), principal=options.pop("principal", LEE), **options)


# ---------------------------------------------------------------------------------------------- allow and deny


def test_nothing_is_allowed_that_no_policy_allows() -> None:
    decision = start()
    assert (decision.allowed, decision.kind) == (False, IMPLICIT_DENY)


def test_a_statement_allows_and_is_named() -> None:
    decision = start(policy(allow("s3:*"), allow("codepipeline:Start*", SHOP, Sid="Start")))
    assert decision
    assert decision.kind == EXPLICIT_ALLOW
    assert decision.reason == "Statement 'Start' of release allows it."
    assert decision.decided_by is not None
    assert decision.decided_by.statement == "statement 'Start'"
    assert decision.remedy == ""


def test_a_deny_goes_before_every_allow_wherever_it_stands() -> None:
    for policies in ([policy(allow(), deny(START))], [policy(deny(START)), policy(allow())]):
        decision = start(*policies)
        assert (decision.allowed, decision.kind) == (False, EXPLICIT_DENY)
        assert decision.reason.endswith("denies it, and a Deny goes before every Allow.")
        assert decision.remedy.startswith("Take statement ")


def test_every_other_statement_says_why_it_does_not_apply() -> None:
    decision = start(policy(
        allow("codepipeline:Get*"), allow(START, f"{SHOP}/*"),
        {"Effect": "Allow", "NotAction": "codepipeline:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "NotResource": SHOP},
        allow(START, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        allow(START, Condition={"StringEquals": {"aws:RequestedRegion": ["us-east-1", "us-west-2"]}}),
    ), context={"aws:RequestedRegion": "eu-west-1"})
    assert [finding.because for finding in decision.others] == [
        f"its Action 'codepipeline:Get*' does not match {START}",
        f"its Resource '{SHOP}/*' does not match {SHOP}",
        f"its NotAction matches {START}",
        f"its NotResource '{SHOP}' matches {SHOP}",
        "its condition Bool aws:MultiFactorAuthPresent 'true' is not met: the request does not have it",
        "its condition StringEquals aws:RequestedRegion 'us-east-1' or 'us-west-2' is not met: the request has 'eu-west-1'",
    ]
    assert not any(finding.applies for finding in decision.others)


def test_the_statement_that_came_nearest_is_told() -> None:
    decision = start(policy(allow("codepipeline:Get*", Sid="See"), allow(START, f"{SHOP}-2", Sid="Other")))
    assert "The nearest is statement 'Other' of release, but its Resource" in decision.reason
    assert "The nearest" not in start(policy(allow("s3:*"))).reason, "nothing was near"


def test_an_explanation_is_told_in_lines() -> None:
    lines = start(policy(allow("s3:*", Sid="Buckets"))).explain().splitlines()
    assert lines[0] == f"No identity-based policy allows {START} on {SHOP}."
    assert lines[1] == f"- Statement 'Buckets' of release (Allow) does not apply: its Action 's3:*' does not match {START}."
    assert lines[2].startswith("Add to an identity-based policy: {")


def test_adding_the_missing_statement_helps() -> None:
    decision = start(policy(allow("s3:*")))
    assert json.dumps(missing_statement(START, SHOP)) in decision.remedy
    assert start(policy(allow("s3:*"), missing_statement(START, SHOP)))


def test_the_message_is_worded_as_aws_words_it() -> None:
    start_of = f"User: {LEE} is not authorized to perform: {START} on resource: {SHOP} "
    assert start().message() == f"{start_of}because no identity-based policy allows the {START} action"
    assert start(policy(deny())).message() == f"{start_of}with an explicit deny in an identity-based policy"
    assert decide([], START, SHOP).message(LEE) == start().message()


# ---------------------------------------------------------------------------------------------- matching


@pytest.mark.parametrize(("action", "agrees"), [
    ("codepipeline:startpipelineexecution", True), ("codepipeline:*", True), ("*", True), ("*:*", True),
    ("codepipeline:Start?ipeline*", True), ("codepipeline:Start", False), ("codepipeline:Get*", False), ("s3:*", False),
])
def test_actions_match_in_any_case_and_with_wildcards(action: str, agrees: bool) -> None:
    assert start(policy(allow(action))).allowed == agrees


@pytest.mark.parametrize(("resource", "agrees"), [
    (SHOP, True), ("*", True), ("arn:aws:codepipeline:*:*:shop", True), ("arn:aws:codepipeline:*", True),
    (SHOP.replace("shop", "sho?"), True), (SHOP.replace("shop", "Shop"), False), (f"{SHOP}/*", False), (f"{SHOP}*", True),
    ("arn:aws:codepipeline:eu-west-1:*", True), ("arn:aws:codepipeline:us-*:111122223333:shop", False),
])
def test_resources_match_letter_by_letter_and_a_star_crosses_colons(resource: str, agrees: bool) -> None:
    assert start(policy(allow("*", resource))).allowed == agrees


def test_a_star_crosses_slashes_too() -> None:
    assert start(policy(allow(START, "arn:aws:codepipeline:*:shop/*")), resource=f"{SHOP}/Prod/Approve")


def test_not_action_and_not_resource_mean_all_the_others() -> None:
    others = policy({"Effect": "Allow", "NotAction": ["s3:*", "iam:*"], "Resource": "*"})
    assert start(others)
    assert not decide([others], "iam:PassRole", ROLE)
    elsewhere = policy({"Effect": "Deny", "Action": "*", "NotResource": SHOP}, allow())
    assert start(elsewhere)
    assert not start(elsewhere, resource=f"{SHOP}-2")


def test_a_users_name_may_stand_in_a_resource() -> None:
    own = policy(allow(START, SHOP.replace("shop", "${aws:username}-*")))
    assert start(own, resource=SHOP.replace("shop", "lee-web"))
    assert not start(own, resource=SHOP.replace("shop", "kim-web"))
    assert not decide([own], START, SHOP.replace("shop", "-web")), "nobody has no name"


def test_a_variable_that_the_request_lacks_is_told() -> None:
    own = policy(allow(START, SHOP.replace("shop", "${aws:PrincipalTag/team}")))
    assert "of which the request lacks a variable, does not match" in start(own).others[0].because
    assert start(own, context={"aws:PrincipalTag/team": "shop"})


def test_who_asks_is_part_of_the_context() -> None:
    assert start(policy(allow(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/l*"}})))
    by_role = policy(allow(Condition={"StringEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/Release"}}))
    assert start(by_role, principal=SESSION), "a session acts under its role's ARN"
    assert start(policy(allow(Condition={"StringEquals": {"aws:PrincipalAccount": "111122223333"}})))


# ---------------------------------------------------------------------------------------------- resources partly unknown

TASK_ROLE = f"arn:aws:iam::111122223333:role/{UNSAID}"


@pytest.mark.parametrize(("pattern", "agrees"), [
    ("*", True), ("arn:aws:iam::111122223333:role/ecsTask", True), ("arn:aws:iam::*:role/ecs*", True),
    ("arn:aws:iam::444455556666:role/ecsTask", False), ("arn:aws:iam::111122223333:user/*", False),
])
def test_an_allow_applies_to_a_name_nobody_has_said_if_it_may_match(pattern: str, agrees: bool) -> None:
    assert decide([policy(allow("iam:PassRole", pattern))], "iam:PassRole", TASK_ROLE).allowed == agrees


def test_a_deny_applies_to_it_only_if_it_matches_in_any_case() -> None:
    anything = allow("iam:PassRole")
    assert decide([policy(anything, deny("iam:PassRole", "arn:aws:iam::*:role/admin"))], "iam:PassRole", TASK_ROLE)
    assert not decide([policy(anything, deny("iam:PassRole", "arn:aws:iam::*:role/*"))], "iam:PassRole", TASK_ROLE)
    others = {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:iam::*:role/ecsTask"}
    assert decide([policy(anything, others)], "iam:PassRole", TASK_ROLE), "it may be the one that is spared"


def test_what_was_not_known_is_a_wildcard_in_the_missing_statement() -> None:
    assert missing_statement("iam:PassRole", TASK_ROLE)["Resource"] == "arn:aws:iam::111122223333:role/*"


def test_a_plain_star_as_resource_is_matched_by_a_star_alone() -> None:
    assert decide([policy(allow("s3:ListAllMyBuckets"))], "s3:ListAllMyBuckets", "*")
    assert not decide([policy(allow("s3:ListAllMyBuckets", "arn:aws:s3:::*"))], "s3:ListAllMyBuckets", "*")


# ---------------------------------------------------------------------------------------------- ceilings


def test_a_boundary_allows_nothing_by_itself_and_what_it_leaves_out_is_denied() -> None:
    own = policy(allow("codepipeline:*"))
    assert not start(boundary=own)
    assert start(own, boundary=policy(allow("codepipeline:Start*", SHOP)))
    decision = start(own, boundary=policy(allow("s3:*"), name="ceiling"))
    assert decision.message().endswith(f"because no permissions boundary allows the {START} action")
    assert decision.remedy.startswith("Add to a permissions boundary:")


def test_a_deny_in_a_boundary_says_so() -> None:
    decision = start(policy(allow()), boundary=policy(allow(), deny(START)))
    assert decision.message().endswith("with an explicit deny in a permissions boundary")


def test_a_sessions_policy_narrows_the_role() -> None:
    own = policy(allow())
    assert start(own, session=policy(allow("codepipeline:*")))
    assert start(own, session=[policy(allow("s3:*")), policy(allow("codepipeline:*"))]), "one of several is enough"
    decision = start(own, session=policy(allow("s3:*")))
    assert decision.message().endswith(f"because no session policy allows the {START} action")


def test_every_level_of_the_organization_must_allow() -> None:
    full, ours = [policy(allow(), name="FullAWSAccess")], [policy(allow("codepipeline:*"), name="ou")]
    assert start(policy(allow()), scps=[full, ours])
    assert not start(scps=[full, ours]), "a control policy grants nothing"
    decision = start(policy(allow()), scps=[full, [policy(allow("s3:*"), name="ou")]])
    assert decision.message().endswith(f"because no service control policy allows the {START} action")
    decision = start(policy(allow()), scps=[[*full, policy(deny(START), name="guard")]])
    assert decision.message().endswith("with an explicit deny in a service control policy")


def test_the_root_user_needs_no_policy_but_heeds_the_organization() -> None:
    root = "arn:aws:iam::111122223333:root"
    assert start(principal=root)
    assert start(principal=root, boundary=policy()), "a boundary does not bind it"
    assert not start(principal=root, scps=[[policy(allow("s3:*"))]])


# ---------------------------------------------------------------------------------------------- resource policies


def shared(*principals: Any, effect: str = "Allow", **members: Any) -> Policy:
    statements = [{"Effect": effect, "Action": "*", "Resource": "*", "Principal": one, **members} for one in principals]
    return policy(*statements, name="topic", kind=RESOURCE)


def publish(*policies: Policy, principal: str = LEE, resource: str = TOPIC, **options: Any) -> Decision:
    return decide(policies, "sns:Publish", resource, principal=principal, **options)


def test_in_one_account_either_side_may_allow() -> None:
    assert publish(policy(allow("sns:Publish")))
    assert publish(resource_policy=shared({"AWS": LEE}))
    assert publish(policy(allow("sns:Publish")), resource_policy=shared({"AWS": "arn:aws:iam::111122223333:user/kim"}))
    assert not publish(resource_policy=shared({"AWS": "arn:aws:iam::111122223333:user/kim"}))


def test_a_deny_on_the_resource_counts_as_well() -> None:
    decision = publish(policy(allow()), resource_policy=shared("*", effect="Deny"))
    assert decision.message().endswith("with an explicit deny in a resource-based policy")


def test_trust_in_the_own_account_leaves_it_to_the_users_policies() -> None:
    account = shared({"AWS": "111122223333"}, {"AWS": "arn:aws:iam::111122223333:root"})
    assert not publish(resource_policy=account)
    assert publish(policy(allow("sns:*")), resource_policy=account)


def test_between_accounts_both_sides_must_allow() -> None:
    theirs = TOPIC.replace("111122223333", "444455556666")
    own, other = policy(allow("sns:*")), shared({"AWS": "111122223333"})
    assert publish(own, resource=theirs, resource_policy=other)
    decision = publish(own, resource=theirs)
    assert decision.message().endswith("because no resource-based policy allows the sns:Publish action")
    assert "both sides must allow it" in decision.reason
    decision = publish(resource=theirs, resource_policy=other)
    assert decision.message().endswith("because no identity-based policy allows the sns:Publish action")


def test_the_owner_of_a_bucket_is_said_beside_its_arn() -> None:
    bucket = "arn:aws:s3:::artifacts/shop/App"
    assert publish(policy(allow()), resource=bucket)
    assert not publish(policy(allow()), resource=bucket, account="444455556666")


def test_a_service_is_allowed_by_the_resource_alone() -> None:
    topic = shared({"Service": "events.amazonaws.com"},
                   Condition={"ArnEquals": {"aws:SourceArn": "arn:aws:events:*:*:rule/r"}})
    rule = {"aws:SourceArn": "arn:aws:events:eu-west-1:111122223333:rule/r"}
    assert publish(principal="events.amazonaws.com", resource_policy=topic, context=rule)
    assert not publish(principal="events.amazonaws.com", resource_policy=topic)
    assert not publish(principal="s3.amazonaws.com", resource_policy=topic, context=rule)
    missing = publish(principal="events.amazonaws.com")
    assert missing.message().endswith("because no resource-based policy allows the sns:Publish action")


def test_not_principal_means_everybody_else() -> None:
    only_lee = policy({"Effect": "Deny", "Action": "*", "Resource": "*", "NotPrincipal": {"AWS": LEE}}, kind=RESOURCE)
    assert publish(policy(allow()), resource_policy=only_lee)
    assert not publish(policy(allow()), principal=LEE.replace("lee", "kim"), resource_policy=only_lee)


# ---------------------------------------------------------------------------------------------- trust


def trusting(*principals: Any, **members: Any) -> Policy:
    return policy(*({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": one, **members} for one in principals),
                  name="trust", kind=TRUST)


def test_a_service_role_trusts_codepipeline() -> None:
    role = trusting({"Service": ["codebuild.amazonaws.com", "codepipeline.amazonaws.com"]})
    assert can_assume(role, "codepipeline.amazonaws.com")
    assert not can_assume(trusting({"Service": "codebuild.amazonaws.com"}), "codepipeline.amazonaws.com")


def test_a_trust_may_ask_for_the_pipelines_account() -> None:
    role = trusting({"Service": "codepipeline.amazonaws.com"},
                    Condition={"StringEquals": {"aws:SourceAccount": "111122223333"}})
    assert can_assume(role, "codepipeline.amazonaws.com", {"aws:SourceAccount": "111122223333"})
    decision = can_assume(role, "codepipeline.amazonaws.com", {"aws:SourceAccount": "444455556666"}, role=ROLE)
    assert "the request has '444455556666'" in decision.reason
    assert decision.message() == (
        "User: codepipeline.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: "
        f"{ROLE} because no role trust policy allows the sts:AssumeRole action")


def test_an_action_role_trusts_the_service_role_of_another_account() -> None:
    assert can_assume(trusting({"AWS": ROLE}), ROLE)
    assert can_assume(trusting({"AWS": ROLE}), SESSION), "or a session of it, whose ARN leaves the path out"
    assert not can_assume(trusting({"AWS": ROLE.replace("Release", "Other")}), SESSION)
    whole = can_assume(trusting({"AWS": "111122223333"}), ROLE)
    assert whole
    assert "a policy of the caller's own must allow sts:AssumeRole as well" in whole.reason
    assert not can_assume(trusting({"AWS": "444455556666"}), ROLE)


def test_a_trust_may_deny() -> None:
    role = policy({"Effect": "Allow", "Action": "sts:*", "Principal": "*"},
                  {"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": {"AWS": LEE}}, kind=TRUST)
    assert not can_assume(role, LEE)
    assert can_assume(role, ROLE)


# ---------------------------------------------------------------------------------------------- laws

STATEMENTS = st.lists(st.tuples(
    st.sampled_from(["Allow", "Deny"]), st.sampled_from(["*", "a:*", "a:X", "b:X", "a:?"]),
    st.sampled_from(["*", "arn:aws:a:::r", "arn:aws:a:::r*", "arn:aws:a:::s"]), st.booleans()), max_size=4)


def made(said: Sequence[tuple[str, str, str, bool]]) -> list[dict[str, Any]]:
    return [{"Effect": effect, "NotAction" if other else "Action": action, "Resource": resource}
            for effect, action, resource, other in said]


@given(STATEMENTS, STATEMENTS)
def test_more_allows_never_take_away_and_more_denies_never_give(
    said: list[tuple[str, str, str, bool]], more: list[tuple[str, str, str, bool]]
) -> None:
    before = decide([policy(*made(said))], "a:X", "arn:aws:a:::r").allowed
    for effect, worse in (("Allow", False), ("Deny", True)):
        added = [(effect, *rest) for _, *rest in more]
        after = decide([policy(*made(said), *made(added))], "a:X", "arn:aws:a:::r").allowed  # type: ignore[arg-type]
        assert after <= before if worse else after >= before


@given(STATEMENTS)
def test_the_order_of_statements_and_how_they_are_spread_over_policies_do_not_matter(
    said: list[tuple[str, str, str, bool]]
) -> None:
    together = decide([policy(*made(said))], "a:X", "arn:aws:a:::r")
    apart = decide([policy(one) for one in reversed(made(said))], "a:X", "arn:aws:a:::r")
    assert (together.allowed, together.kind) == (apart.allowed, apart.kind)
    assert len(together.others) + (together.decided_by is not None) == len(said), "every statement is told of"


def fits_naively(pattern: str, name: str) -> bool:
    if not pattern:
        return not name
    if pattern[0] == "*":
        return any(fits_naively(pattern[1:], name[skip:]) for skip in range(len(name) + 1))
    return bool(name) and pattern[0] in ("?", name[0]) and fits_naively(pattern[1:], name[1:])


@given(st.text("ab*?", max_size=7), st.text("ab:/", max_size=8))
def test_wildcards_match_what_they_say(pattern: str, name: str) -> None:
    assert fits(prepared(pattern), name) == fits_naively(pattern, name)


FILLINGS = ["".join(letters) for size in range(5) for letters in product("ab", repeat=size)]


@given(st.text("ab*?", max_size=4), st.text(f"ab{UNSAID}", max_size=4).filter(lambda name: name.count(UNSAID) <= 2))
def test_a_name_with_gaps_may_fit_exactly_if_some_filling_does(pattern: str, name: str) -> None:
    parts = name.split(UNSAID)
    names = {"".join(word for pair in zip(parts, (*fillings, ""), strict=True) for word in pair)
             for fillings in product(FILLINGS, repeat=len(parts) - 1)}
    assert may_fit(prepared(pattern), name) == any(fits(prepared(pattern), one) for one in names)


def test_a_pattern_full_of_stars_takes_no_time() -> None:
    assert not fits(prepared("*a" * 30 + "b"), "a" * 5000)
    assert not may_fit(prepared("*a" * 30 + "b"), "a" * 500 + UNSAID + "c")
