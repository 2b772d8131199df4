"""What a template sets beside its pipelines, and a pipeline written as a template and read back."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline_sim.pipeline.cloudformation import pipelines, to_cloudformation
from pipeline_sim.pipeline.cloudformation.functions import FUNCTIONS
from pipeline_sim.pipeline.fault import Faults, Unreadable
from pipeline_sim.pipeline.found import Found

SHOP = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: codepipeline.amazonaws.com}}]}
      ManagedPolicyArns: [!Ref Own, 'arn:aws:iam::aws:policy/ReadOnlyAccess']
      Policies:
        - PolicyName: inline
          PolicyDocument: {Statement: [{Effect: Allow, Action: 's3:*', Resource: !Sub '${Bucket.Arn}/*'}]}
  Attached:
    Type: AWS::IAM::Policy
    Properties: {PolicyName: attached, Roles: [!Ref Role], PolicyDocument: {Statement: [{Action: 'sns:Publish'}]}}
  Own: {Type: 'AWS::IAM::ManagedPolicy', Properties: {PolicyDocument: {Statement: [{Action: 'lambda:*'}]}}}
  Foreign: {Type: 'AWS::IAM::Policy', Properties: {PolicyName: f, Roles: [other], PolicyDocument: {Statement: []}}}
  Bucket: {Type: 'AWS::S3::Bucket'}
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      Name: Shop
      RoleArn: !GetAtt Role.Arn
      DisableInboundStageTransitions: [{StageName: Prod, Reason: not yet}]
      Tags: [{Key: team, Value: web}, {Key: level, Value: 3}]
  Push:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [aws.codecommit], detail: {referenceName: [main], size: [{numeric: ['>', 5]}]}}
      Targets:
        - {Id: other, Arn: 'arn:aws:sns:eu-west-1:111122223333:x'}
        - {Id: it, Arn: !Sub 'arn:aws:codepipeline:${AWS::Region}:${AWS::AccountId}:${Pipeline}', RoleArn: !GetAtt Go.Arn}
  Nightly:
    Type: AWS::Events::Rule
    Properties:
      Name: nightly
      State: DISABLED
      ScheduleExpression: cron(0 2 * * ? *)
      Targets: [{Id: it, Arn: !Join [':', [arn, aws, codepipeline, !Ref 'AWS::Region', !Ref 'AWS::AccountId', Shop]]}]
  Hourly:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: rate(1 hour)
      ScheduleExpressionTimezone: Europe/Berlin
      Target:
        Arn: arn:aws:scheduler:::aws-sdk:codepipeline:startPipelineExecution
        Input: '{"Name": "Shop"}'
        RoleArn: !GetAtt Go.Arn
  Elsewhere: {Type: 'AWS::Events::Rule', Properties: {Targets: [{Id: x, Arn: 'arn:aws:lambda:::f'}]}}
  Go: {Type: 'AWS::IAM::Role', Properties: {RoleName: go}}
  Hook:
    Type: AWS::CodePipeline::Webhook
    Properties:
      TargetPipeline: !Ref Pipeline
      TargetPipelineVersion: !GetAtt Pipeline.Version
      TargetAction: Code
      Authentication: GITHUB_HMAC
      AuthenticationConfiguration: {SecretToken: '{{resolve:secretsmanager:hook:SecretString:token}}'}
      RegisterWithThirdParty: true
      Filters: [{JsonPath: $.ref, MatchEquals: 'refs/heads/{Branch}'}]
"""
ROLE = "arn:aws:iam::111122223333:role/stack-Role"


@pytest.fixture(scope="module")
def found() -> Found:
    [shop] = pipelines(SHOP)
    return shop


def test_closed_transitions_and_tags_come_along(found: Found) -> None:
    assert found.disabled_transitions == ({"stageName": "Prod", "reason": "not yet"},)
    assert found.tags == {"team": "web", "level": "3"}
    assert found.structure == {"name": "Shop", "roleArn": ROLE}


def test_rules_and_schedules_that_start_it_come_along(found: Found) -> None:
    go = "arn:aws:iam::111122223333:role/go"
    assert found.rules == (
        {"Name": "Push", "Type": "AWS::Events::Rule", "RoleArn": go, "EventPattern": {
            "source": ["aws.codecommit"], "detail": {"referenceName": ["main"], "size": [{"numeric": [">", 5]}]}}},
        {"Name": "nightly", "Type": "AWS::Events::Rule", "State": "DISABLED", "ScheduleExpression": "cron(0 2 * * ? *)"},
        {"Name": "Hourly", "Type": "AWS::Scheduler::Schedule", "RoleArn": go, "Input": '{"Name": "Shop"}',
         "ScheduleExpression": "rate(1 hour)", "ScheduleExpressionTimezone": "Europe/Berlin"})


def test_webhooks_come_along_as_put_webhook_takes_them(found: Found) -> None:
    assert found.webhooks == ({"registered": True, "definition": {
        "name": "Hook", "targetPipeline": "Shop", "targetAction": "Code", "authentication": "GITHUB_HMAC",
        "authenticationConfiguration": {"SecretToken": "hook-token"},
        "filters": [{"jsonPath": "$.ref", "matchEquals": "refs/heads/{Branch}"}]}},)
    assert any("{{resolve:secretsmanager:hook" in fault.message for fault in found.notes)


def test_the_policies_of_its_role_come_along(found: Found) -> None:
    assert found.policies == {ROLE: {
        "trust": {"Statement": [{"Effect": "Allow", "Principal": {"Service": "codepipeline.amazonaws.com"}}]},
        "managed": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        "documents": {
            "inline": {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::bucket/*"}]},
            "attached": {"Statement": [{"Action": "sns:Publish"}]},
            "Own": {"Statement": [{"Action": "lambda:*"}]}}}}


def test_the_roles_of_its_actions_count_too() -> None:
    text = SHOP.replace("      Name: Shop\n", "      Name: Shop\n      Stages: [{Actions: [{RoleArn: !GetAtt Go.Arn}]}]\n")
    [shop] = pipelines(text)
    assert set(shop.policies) == {ROLE, "arn:aws:iam::111122223333:role/go"}


# ---------------------------------------------------------------------------------------------- there and back

texts = st.one_of(st.sampled_from(["true", "012", "1_000", "yes", "~", "2012-10-17", "- a", "a: b", "#x", "!Ref x", "'", "",
                                   " x ", "${a}", "#{s.v}", "line\nbreak", "ü", "*", "&a", "1e3", "0x1", "null", "=", "<<"]),
                  st.text(max_size=8)).filter(lambda text: "{{resolve:" not in text)
names = st.text("abcXYZ-_.@1", min_size=1, max_size=8)
artifacts = st.lists(st.fixed_dictionaries({"name": names}), max_size=2)
settings_ = st.dictionaries(st.text(max_size=6), texts, max_size=3).filter(lambda one: not set(one) & set(FUNCTIONS))
kinds = st.fixed_dictionaries({"category": names, "owner": names, "provider": names, "version": names})
rules = st.fixed_dictionaries({"name": names, "ruleTypeId": kinds}, optional={"configuration": settings_})
gates = st.fixed_dictionaries({}, optional={
    "result": names, "conditions": st.lists(st.fixed_dictionaries({"result": names, "rules": st.lists(rules, max_size=2)}),
                                            max_size=1), "retryConfiguration": st.just({"retryMode": "ALL_ACTIONS"})})
actions = st.fixed_dictionaries({"name": names, "actionTypeId": kinds}, optional={
    "runOrder": st.integers(1, 999), "configuration": settings_, "inputArtifacts": artifacts, "outputArtifacts": artifacts,
    "region": names, "namespace": names, "roleArn": texts, "timeoutInMinutes": st.integers(5, 99),
    "commands": st.lists(texts, max_size=2),
    "environmentVariables": st.lists(st.fixed_dictionaries({"name": names, "value": texts}), max_size=2)})
stages = st.fixed_dictionaries({"name": names, "actions": st.lists(actions, max_size=3)}, optional={
    "beforeEntry": gates, "onSuccess": gates, "onFailure": gates, "blockers": st.just([])})
stores = st.fixed_dictionaries({"type": st.just("S3"), "location": texts}, optional={
    "encryptionKey": st.fixed_dictionaries({"id": texts, "type": st.just("KMS")})})
patterns = st.fixed_dictionaries({}, optional={
    "includes": st.lists(texts, max_size=2), "excludes": st.lists(texts, max_size=2)})
triggers = st.fixed_dictionaries({"providerType": names, "gitConfiguration": st.fixed_dictionaries(
    {"sourceActionName": names}, optional={"push": st.lists(st.fixed_dictionaries({}, optional={
        "branches": patterns, "tags": patterns, "filePaths": patterns}), max_size=2)})})
structures = st.fixed_dictionaries({"name": names, "roleArn": texts, "stages": st.lists(stages, max_size=3)}, optional={
    "artifactStore": stores, "artifactStores": st.dictionaries(names, stores, max_size=2), "pipelineType": names,
    "executionMode": names, "version": st.integers(1, 99), "triggers": st.lists(triggers, max_size=2),
    "variables": st.lists(st.fixed_dictionaries({"name": names}, optional={"defaultValue": texts}), max_size=2)})


@given(structures, st.dictionaries(names, texts, max_size=2))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_pipeline_written_as_a_template_is_read_back_the_same(structure: dict[str, Any], tags: dict[str, str]) -> None:
    closed = [{"stageName": "Prod", "reason": "r"}]
    text = to_cloudformation(structure, tags, closed)
    [found] = pipelines(text)
    assert found.structure == structure
    assert (dict(found.tags), list(found.disabled_transitions), found.notes) == (tags, closed, ())


def test_what_a_template_would_take_as_its_own_cannot_be_written() -> None:
    for value in ({"Ref": "x"}, {"a": "{{resolve:ssm:x}}"}):
        with pytest.raises(Faults, match=r"stages\[0\].configuration"):
            to_cloudformation({"name": "a", "stages": [{"configuration": value}]})


# ---------------------------------------------------------------------------------------------- junk

bits = st.sampled_from(["A", "Pipeline", "${A}", "${A.Arn}", "{{resolve:ssm:/a:1}}", "AWS::NoValue", "AWS::Region", "Arn",
                        "0", ",", "", "IsA", "10.0.0.0/16", 1, -1, True, None, 0.5])
keys = st.sampled_from([*FUNCTIONS, "Condition", "Fn::ForEach::L", "Fn::Foo", "Name", "Stages", "Actions", "Configuration",
                        "RoleArn", "ArtifactStores", "Region", "Tags", "Key", "DisableInboundStageTransitions", "Policies",
                        "PolicyDocument", "Roles", "Targets", "Arn", "Input", "TargetPipeline", "Filters", "RunOrder"])
calls = sorted(FUNCTIONS)
junk = st.recursive(bits, lambda part: st.one_of(
    st.lists(part, max_size=4), st.dictionaries(keys, part, max_size=3),
    st.dictionaries(st.sampled_from(calls), part, min_size=1, max_size=1),
    st.dictionaries(st.sampled_from(calls), st.lists(part, max_size=4), min_size=1, max_size=1)), max_leaves=12)
resources = st.one_of(junk, st.fixed_dictionaries({"Properties": junk, "Type": st.sampled_from([
    "AWS::CodePipeline::Pipeline", "AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::Events::Rule", "AWS::S3::Bucket",
    "AWS::CodePipeline::Webhook", "AWS::SSM::Parameter", "AWS::Scheduler::Schedule", 3])}, optional={"Condition": junk}))
pipeline = st.fixed_dictionaries({"Type": st.just("AWS::CodePipeline::Pipeline"), "Properties": junk},
                                 optional={"Condition": bits, "Metadata": junk})
documents = st.fixed_dictionaries(
    {"Resources": st.fixed_dictionaries({"Pipeline": pipeline}, optional={"A": resources, "Fn::ForEach::L": junk})},
    optional={"Parameters": st.fixed_dictionaries({}, optional={"A": junk}), "Conditions": st.one_of(
        junk, st.fixed_dictionaries({"IsA": junk})), "Mappings": junk, "Transform": junk})


@given(documents, st.dictionaries(st.sampled_from(["A", "AWS::Region"]), st.text(max_size=3), max_size=2))
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_junk_is_read_or_refused_and_nothing_else(document: Any, parameters: dict[str, str]) -> None:
    found: list[Found] = []
    with suppress(Faults, Unreadable):
        found = pipelines(json.dumps(document), parameters)
    for one in found:
        json.dumps([one.structure, one.rules, one.webhooks, dict(one.policies), dict(one.tags)])
        assert isinstance(one.structure["name"], str)
        assert all(fault.warning for fault in one.notes)


@given(st.lists(st.sampled_from([
    "Resources:", "\n", " ", "  P:", "- ", "&a ", "*a ", "!Ref ", "!Sub ", "!GetAtt ", "[", "]", "{", "}", ": ", "<<: ", "'",
    '"', "|\n", "Type: AWS::CodePipeline::Pipeline", "Properties:", "x", "!!int ", "!<x> ", "? ", "---\n", "#", "\t", ","])))

def test_broken_text_is_read_or_refused_and_nothing_else(pieces: list[str]) -> None:
    start = "Resources:\n  P:\n    Type: AWS::CodePipeline::Pipeline\n    Properties:\n      "
    with suppress(Faults, Unreadable):
        assert all(isinstance(found.structure["name"], str) for found in pipelines(start + "".join(pieces)))
