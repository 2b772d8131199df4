"""Templates: every pipeline of one, its functions resolved, what nobody knows replaced and told, nothing guessed."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest

from pipeline_sim.pipeline.check import check
from pipeline_sim.pipeline.cloudformation import pipelines
from pipeline_sim.pipeline.fault import Faults, Unreadable
from pipeline_sim.pipeline.found import Found
from pipeline_sim.pipeline.read import load_all

SHOP = """
Parameters:
  Branch: {Type: String, Default: main}
  Token: {Type: String, NoEcho: true}
  Secret: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /shop/secret}
  Zones: {Type: CommaDelimitedList, Default: 'a, b,c'}
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
Mappings:
  Sizes: {dev: {Cores: 2}, prod: {Cores: 8}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Not [!Condition IsProd]
  Both: !And [!Condition IsProd, !Condition IsDev]
  Either: !Or [!Condition IsProd, !Condition IsDev]
  Guess: !Equals [!Ref Token, abc]
Resources:
  Bucket: {Type: 'AWS::S3::Bucket'}
  Named: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Sub 'shop-${Stage}'}}
  Role:
    Type: AWS::IAM::Role
    Properties: {Path: /service/}
  Fixed: {Type: 'AWS::IAM::Role', Properties: {RoleName: fixed}}
  Topic: {Type: 'AWS::SNS::Topic'}
  Value: {Type: 'AWS::SSM::Parameter', Properties: {Value: !Sub '${Branch}-1'}}
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      Name: Shop
      RoleArn: !GetAtt Fixed.Arn
      ArtifactStore: {Type: S3, Location: !Ref Named}
      Stages:
        - Name: Source
          Actions:
            - Name: Code
              ActionTypeId: {Category: Source, Owner: AWS, Provider: CodeCommit, Version: 1}
              Configuration: {RepositoryName: shop, BranchName: main, PollForSourceChanges: false}
              OutputArtifacts: [{Name: App}]
              RunOrder: '1'
        - Name: Build
          Actions:
            - Name: Compile
              ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: '1'}
              InputArtifacts: [{Name: App}]
              Configuration:
                ProjectName: build
                EnvironmentVariables: VALUE
"""


def shop(value: str = "x", **parameters: str) -> Found:
    """The shop's pipeline, with an expression as the value of one configuration key."""
    [found] = pipelines(SHOP.replace("VALUE", value), parameters)
    return found


def worth(value: str, **parameters: str) -> Any:
    """What an expression becomes."""
    return shop(value, **parameters).structure["stages"][1]["actions"][0]["configuration"].get("EnvironmentVariables")


def told(found: Found) -> str:
    return "\n".join(map(str, found.notes))


def test_the_structure_is_what_create_pipeline_takes() -> None:
    found = shop("'[]'")
    assert found.name == "Pipeline"
    assert found.structure == {
        "name": "Shop", "roleArn": "arn:aws:iam::111122223333:role/fixed",
        "artifactStore": {"type": "S3", "location": "shop-dev"},
        "stages": [
            {"name": "Source", "actions": [{
                "name": "Code", "runOrder": 1, "outputArtifacts": [{"name": "App"}],
                "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "CodeCommit", "version": "1"},
                "configuration": {"RepositoryName": "shop", "BranchName": "main", "PollForSourceChanges": "false"}}]},
            {"name": "Build", "actions": [{
                "name": "Compile", "inputArtifacts": [{"name": "App"}],
                "actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"},
                "configuration": {"ProjectName": "build", "EnvironmentVariables": "[]"}}]}]}
    assert found.notes == ()
    assert check(found.structure) == []


@pytest.mark.parametrize(("written", "value"), [
    ("!Ref Branch", "main"),
    ("!Sub '${Branch}/${AWS::Region}/${!Literal}'", "main/eu-west-1/${Literal}"),
    ("!Sub ['${A}-${Branch}', {A: !Ref Stage}]", "dev-main"),
    ("!Join ['-', [a, !Ref Branch, 3]]", "a-main-3"),
    ("!Join ['', !Ref Zones]", "abc"),
    ("!Select [1, !Ref Zones]", "b"),
    ("!Select [1, !Split ['-', 'a-b-c']]", "b"),
    ("!FindInMap [Sizes, !Ref Stage, Cores]", "2"),
    ("!Base64 hello", "aGVsbG8="),
    ("!Select [1, !Cidr [10.0.0.0/16, 2, 8]]", "10.0.1.0/24"),
    ("{'Fn::ToJsonString': {a: [1, !Ref Branch]}}", '{"a":[1,"main"]}'),
    ("{'Fn::Length': !Ref Zones}", "3"),
    ("{'Fn::FindInMap': [Sizes, test, Cores, {DefaultValue: 1}]}", "1"),
    ("!GetAtt Value.Value", "main-1"),
    ("!GetAtt Fixed.Arn", "arn:aws:iam::111122223333:role/fixed"),
    ("!Sub 'arn:${AWS::Partition}:s3:::${Named}'", "arn:aws:s3:::shop-dev"),
    ("!If [IsProd, yes, 'no']", "no"),
    ("!If [IsDev, 'yes', 'no']", "yes"),
    ("!If [Both, 'yes', 'no']", "no"),
    ("!If [Either, 'yes', 'no']", "yes"),
    ("!If [IsProd, x, !Ref 'AWS::NoValue']", None),
    ("012", "012"), ("1_000", "1_000"), ("1.10", "1.10"), ("2012-10-17", "2012-10-17"), ("yes", "true"), ("7", "7"),
    ("'#{SourceVariables.CommitId}'", "#{SourceVariables.CommitId}"),
])
def test_a_value_that_can_be_known_is_known_for_certain(written: str, value: str | None) -> None:
    assert worth(written) == value
    assert shop(written).notes == ()


def test_conditions_go_both_ways() -> None:
    assert worth("!If [IsProd, 'yes', 'no']", Stage="prod") == "yes"
    assert worth("!FindInMap [Sizes, !Ref Stage, Cores]", Stage="prod") == "8"


@pytest.mark.parametrize(("written", "value", "note"), [
    ("!Ref Token", "Token", "parameter Token has no default; 'Token' stands for it. Give it with --parameter Token="),
    ("!Ref Secret", "Secret", "parameter Secret is read from the Parameter Store"),
    ("!Ref Bucket", "bucket", "AWS::S3::Bucket Bucket is known once the stack is made"),
    ("!GetAtt Role.Arn", "arn:aws:iam::111122223333:role/service/stack-Role", "Arn of AWS::IAM::Role Role is known once"),
    ("!Ref Topic", "arn:aws:sns:eu-west-1:111122223333:Topic", "AWS::SNS::Topic Topic"),
    ("!ImportValue 'net:Vpc'", "net-Vpc", "'net:Vpc' is exported by another stack"),
    ("!Sub '${AWS::StackName}-x'", "stack-x", "AWS::StackName is known once the stack has a name"),
    ("'{{resolve:ssm:/shop/key:1}}'", "shop-key-1", "is fetched when the stack is made"),
    ("!Ref Brunch", "Brunch", "Nothing in the template is called 'Brunch'; 'Brunch' stands for it. Did you mean 'Branch'"),
    ("!GetAtt Nobody.Arn", "Nobody-Arn", "No resource of the template is called 'Nobody'"),
    ("!FindInMap [Sizes, test, Cores]", "Sizes-test-Cores", "The mapping Sizes has no value for test, Cores"),
    ("!If [Guess, 'yes', 'no']", "no", "The condition rests on a value that is not known; it is taken as false"),
    ("!If [Nothing, 'yes', 'no']", "no", "No condition is called 'Nothing'"),
    ("!Join [a]", "Join", "Fn::Join is not written as CloudFormation takes it (the form is [separator, [texts]])"),
    ("!Select [9, !Ref Zones]", "value", "There is no value number 9 (from 0) among 3"),
    ("{'Fn::Joyn': [a]}", "Joyn", "The function Fn::Joyn is not known here"),
])
def test_what_cannot_be_known_has_a_stand_in_and_is_told(written: str, value: str, note: str) -> None:
    assert worth(written) == value
    assert note in told(shop(written))
    assert all(fault.warning for fault in shop(written).notes)


def test_a_note_names_its_place_once_with_all_others() -> None:
    [note] = shop("!Join ['', [!Ref Token, !Ref Token, !Ref Token, !Ref Token, !Ref Token, !Ref Token]]").notes
    base = "Resources.Pipeline.Properties.Stages[1].Actions[0].Configuration.EnvironmentVariables.Fn::Join[1]"
    assert note.path == f"{base}[0]"
    assert f"Also at {base}[1], {base}[2], {base}[3] and 2 more." in note.message


def test_the_default_of_an_ssm_parameter_is_a_path_and_what_is_given_is_the_value() -> None:
    assert worth("!Ref Secret", Secret="hush") == "hush"
    assert shop("!Ref Secret", Secret="hush").notes == ()


def test_given_values_are_checked() -> None:
    with pytest.raises(Faults, match=r"Parameters.Stage: 'prd' is not one of the allowed values .* Did you mean 'prod'"):
        shop(Stage="prd")
    assert "No parameter is called 'Bransh'. Did you mean 'Branch'?" in told(shop(Bransh="x"))


def test_functions_that_belong_to_the_deploy_action_stay() -> None:
    text = '\'{"Image": {"Fn::GetParam": ["App", "i.json", "URI"]}, "B": {"Fn::GetArtifactAtt": ["App", "BucketName"]}}\''
    assert worth(text) == text.strip("'")
    assert worth("{a: {'Fn::GetParam': [App, i.json, URI]}}") == '{"a":{"Fn::GetParam":["App","i.json","URI"]}}'


PLAIN = """
Resources:
  MyPipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
"""


def plain(properties: str, before: str = "", **parameters: str) -> Found:
    [found] = pipelines(before + PLAIN + indent(dedent(properties), "      "), parameters)
    return found


def test_members_of_type_v2_are_translated() -> None:
    found = plain("""
        Name: A
        PipelineType: V2
        ExecutionMode: QUEUED
        Variables: [{Name: Level, DefaultValue: 3, Description: how much}]
        Triggers:
          - ProviderType: CodeStarSourceConnection
            GitConfiguration:
              SourceActionName: Code
              Push: [{Branches: {Includes: [main], Excludes: ['x/*']}, FilePaths: {Includes: ['src/**']}}]
              PullRequest: [{Events: [OPEN], Branches: {Includes: [main]}}]
        Stages:
          - Name: Prod
            BeforeEntry:
              Conditions:
                - Result: FAIL
                  Rules:
                    - Name: Window
                      RuleTypeId: {Category: Rule, Owner: AWS, Provider: DeploymentWindow, Version: 1}
                      Configuration: {Cron: '* * * * * *', TimeZone: Europe/Berlin}
            OnFailure: {Result: RETRY, RetryConfiguration: {RetryMode: ALL_ACTIONS}}
            Actions:
              - Name: Run
                ActionTypeId: {Category: Compute, Owner: AWS, Provider: Commands, Version: 1}
                Commands: [make, echo 1]
                OutputVariables: [A]
                TimeoutInMinutes: '30'
                EnvironmentVariables: [{Name: X, Value: 5}]
                OutputArtifacts: [{Name: Out, Files: ['*']}]
        """)
    assert found.structure == {
        "name": "A", "pipelineType": "V2", "executionMode": "QUEUED",
        "variables": [{"name": "Level", "defaultValue": "3", "description": "how much"}],
        "triggers": [{"providerType": "CodeStarSourceConnection", "gitConfiguration": {
            "sourceActionName": "Code",
            "push": [{"branches": {"includes": ["main"], "excludes": ["x/*"]}, "filePaths": {"includes": ["src/**"]}}],
            "pullRequest": [{"events": ["OPEN"], "branches": {"includes": ["main"]}}]}}],
        "stages": [{
            "name": "Prod",
            "beforeEntry": {"conditions": [{"result": "FAIL", "rules": [{
                "name": "Window",
                "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "DeploymentWindow", "version": "1"},
                "configuration": {"Cron": "* * * * * *", "TimeZone": "Europe/Berlin"}}]}]},
            "onFailure": {"result": "RETRY", "retryConfiguration": {"retryMode": "ALL_ACTIONS"}},
            "actions": [{
                "name": "Run", "commands": ["make", "echo 1"], "outputVariables": ["A"], "timeoutInMinutes": 30,
                "actionTypeId": {"category": "Compute", "owner": "AWS", "provider": "Commands", "version": "1"},
                "environmentVariables": [{"name": "X", "value": "5"}],
                "outputArtifacts": [{"name": "Out", "files": ["*"]}]}]}]}


def test_artifact_stores_become_a_map() -> None:
    found = plain("""
        Name: A
        ArtifactStores:
          - {Region: eu-west-1, ArtifactStore: {Type: S3, Location: one}}
          - {Region: us-east-1, ArtifactStore: {Type: S3, Location: two, EncryptionKey: {Id: k, Type: KMS}}}
        """)
    assert found.structure["artifactStores"] == {
        "eu-west-1": {"type": "S3", "location": "one"},
        "us-east-1": {"type": "S3", "location": "two", "encryptionKey": {"id": "k", "type": "KMS"}}}


def test_stand_ins_take_the_form_that_their_member_must_have() -> None:
    found = plain("""
        RoleArn: !ImportValue base:RoleArn
        ArtifactStore: {Type: S3, Location: !ImportValue base:ArtifactBucket}
        PipelineType: !Ref Kind
        Stages:
          - Name: S
            Actions:
              - Name: A
                RunOrder: !Ref Order
                RoleArn: !Sub arn:aws:iam::${TargetAccount}:role/deploy
                Configuration: {NotificationArn: !Ref Topic, RoleArn: !Ref DeployRole}
        """, "Parameters: {Kind: {Type: String}, Order: {Type: Number}, Topic: {Type: String}, "
                  "TargetAccount: {Type: String}, DeployRole: {Type: String}}")
    action = found.structure["stages"][0]["actions"][0]
    assert found.structure["roleArn"] == "arn:aws:iam::111122223333:role/base-RoleArn"
    assert found.structure["artifactStore"]["location"] == "base-artifact-bucket"
    assert "pipelineType" not in found.structure
    assert action["runOrder"] == 1
    assert action["configuration"] == {"NotificationArn": "arn:aws:sns:eu-west-1:111122223333:Topic",
                                       "RoleArn": "arn:aws:iam::111122223333:role/DeployRole"}
    assert action["roleArn"] != plain("RoleArn: x").structure["roleArn"]
    assert not [fault for fault in check(found.structure) if "Arn" in fault.path and not fault.warning]


def test_literal_mistakes_are_not_mended() -> None:
    assert plain("RoleArn: not-an-arn").structure["roleArn"] == "not-an-arn"
    found = plain("name: A")
    assert "CloudFormation knows no member 'name'. Write Name." in told(found)


def test_a_pipeline_without_a_name_is_called_by_its_logical_id() -> None:
    found = plain("Stages: []")
    assert found.structure["name"] == "MyPipeline"
    assert "The pipeline has no name; 'MyPipeline' stands for the one that AWS would make." in told(found)


def test_the_region_follows_from_what_the_template_cannot_do_without() -> None:
    found = plain("Name: !FindInMap [ByRegion, !Ref 'AWS::Region', Name]",
                  "Mappings: {ByRegion: {us-east-2: {Name: ohio}}}")
    assert found.structure["name"] == "ohio"
    assert "AWS::Region is taken as us-east-2: the mapping ByRegion does not know eu-west-1." in told(found)
    one = plain("{ArtifactStore: {Location: b}, Stages: [{Actions: [{Region: ap-south-1}, {Region: !Ref 'AWS::Region'}]}]}")
    assert [action["region"] for action in one.structure["stages"][0]["actions"]] == ["ap-south-1", "ap-south-1"]


def test_pseudo_parameters_can_be_given() -> None:
    found = plain("Name: !Sub '${AWS::StackName}-${AWS::AccountId}-${AWS::URLSuffix}'", **{
        "AWS::StackName": "shop", "AWS::AccountId": "999988887777", "AWS::Region": "cn-north-1"})
    assert found.structure["name"] == "shop-999988887777-amazonaws.com.cn"


# ---------------------------------------------------------------------------------------------- whole templates


def test_every_pipeline_by_its_logical_id_and_those_whose_condition_holds() -> None:
    text = """
Parameters: {Host: {Type: String, Default: github}}
Conditions: {Git: !Equals [!Ref Host, github], Other: !Not [!Condition Git]}
Resources:
  A: {Type: 'AWS::CodePipeline::Pipeline', Condition: Git, Properties: {Name: a}}
  B: {Type: 'AWS::CodePipeline::Pipeline', Condition: Other, Properties: {Name: b}}
  C: {Type: 'AWS::CodePipeline::Pipeline', Properties: {Name: c}}
"""
    assert [found.name for found in pipelines(text)] == ["A", "C"]
    assert [found.name for found in pipelines(text, {"Host": "gitlab"})] == ["B", "C"]
    [only] = pipelines("\n".join(line for line in text.split("\n") if "  A:" not in line and "  C:" not in line))
    assert "The condition Other does not hold" in told(only)


def test_loops_are_written_out() -> None:
    text = """
Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList, Default: 'web,api-v2'}}
Resources:
  Fn::ForEach::Pipelines:
    - Name
    - !Ref Names
    - Pipeline&{Name}:
        Type: AWS::CodePipeline::Pipeline
        Properties:
          Name: !Sub 'shop-${Name}'
          Tags:
            - Key: n
              Value: !Ref Name
"""
    assert [(one.name, one.structure["name"], one.tags) for one in pipelines(text)] == [
        ("Pipelineweb", "shop-web", {"n": "web"}), ("Pipelineapiv2", "shop-api-v2", {"n": "api-v2"})]


def test_transforms_are_told_and_not_run() -> None:
    found = plain("""
        Name: A
        Fn::Transform: {Name: 'AWS::Include', Parameters: {Location: 's3://b/k'}}
        Stages: !Transform {Name: MyMacro}
        """, "Transform: [AWS::Serverless-2016-10-31, Company::Macro]")
    assert found.structure == {"name": "A"}
    assert "The transform Company::Macro is not run" in told(found)
    assert "The transform AWS::Include is not run: what it would put here is missing." in told(found)
    assert "Resources.MyPipeline.Properties.Stages" in told(found)
    assert "Serverless" not in told(found)


def test_json_lists_of_templates_and_byte_order_marks_are_read() -> None:
    template = {"Resources": {"P": {"Type": "AWS::CodePipeline::Pipeline", "Properties": {"Name": {"Ref": "X"}}}}}
    [found] = pipelines("\ufeff" + json.dumps([template, {"other": 1}]))
    assert found.notes[0].path == "[0].Resources.P.Properties.Name"
    [found] = pipelines('{"Resources": {"P": {"Type": "AWS::CodePipeline::Pipeline", "Properties": {"Name": "a",},},}, }')
    assert found.structure == {"name": "a"}  # trailing commas


def test_a_key_given_twice_counts_once_and_is_told() -> None:
    found = plain("Name: A\nName: B\n")
    assert found.structure["name"] == "B"
    assert "line 7, column 7: The key 'Name' is given twice; the last counts." in told(found)


def test_anchors_and_merges_are_followed() -> None:
    found = plain("""
        Name: A
        Stages:
          - &first {Name: One, Actions: []}
          - {<<: *first, Name: Two}
          - *first
        """)
    assert [stage["name"] for stage in found.structure["stages"]] == ["One", "Two", "One"]


# ---------------------------------------------------------------------------------------------- what is refused

BOMB = "A: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(66 + n)}: &{chr(98 + n)} [{', '.join('*' + chr(97 + n) for _ in range(9))}]\n" for n in range(8))


@pytest.mark.parametrize(("text", "error"), [
    ("Resources: {A: 1\n", r"line 2, column 1: did not find expected ',' or '}'"),
    ("{% if x %}\nResources: 1\n", r"line 1, column 2: .* template for a text generator .*: generate the file first"),
    ("Resources:\n  A: !!python/object:os.system x\n", r"line 2, column 6: CloudFormation knows no tag .*python"),
    ("Resources:\n  A: !Reff x\n", r"line 2, column 6: CloudFormation knows no tag !Reff"),
    ("Resources: &r\n  A: *r\n", r"line 2, column 6: the alias \*r refers to the value that it is a part of"),
    (BOMB, r"line 6, column 24: the document holds more than 400000 values, aliases counted"),
    ("Resources: " + "[" * 70 + "]" * 70 + "\n", r"line 1, column 71: more than 60 levels are nested"),
    ('{"Resources":\n' + '{"a":' * 100_000, r"nested too deeply|line 2"),
    ("Resources:\n  A: \x01\n", r"line 2, column 6: control characters are not allowed"),
    ("Resources: {}\n---\nResources: {}\n", r"line 3, column 1: a second document|line 2, column 1: a second document"),
    ("a: 1\n", r"it is no CloudFormation template: it has no mapping 'Resources'"),
    ("\n", r"it has no mapping 'Resources'"),
], ids=lambda value: repr(str(value)[:24]))
def test_what_is_no_template_is_refused_with_its_place(text: str, error: str) -> None:
    with pytest.raises(Unreadable, match=error):
        pipelines(text, name="shop.yaml")


def test_circles_are_refused() -> None:
    names = "  {0}: {{Type: 'AWS::S3::Bucket', Properties: {{BucketName: !Sub '${{{1}}}-x'}}}}\n"
    text = PLAIN + "      Name: !Ref A\n" + names.format("A", "B") + names.format("B", "A")
    with pytest.raises(Faults, match=r"Circular dependency: Resources.A.Properties.BucketName → Resources.B"):
        pipelines(text)
    conditions = "Conditions: {A: !Condition B, B: !Not [!Condition A]}"
    with pytest.raises(Faults, match=r"Circular dependency: Conditions.A → Conditions.B.* → Conditions.A"):
        plain("Name: !If [A, a, b]", conditions)


def test_texts_that_double_each_time_are_refused() -> None:
    doubled = "".join(f"  B{n}: {{Type: 'AWS::S3::Bucket', Properties: {{BucketName: !Sub '${{B{n + 1}}}${{B{n + 1}}}'}}}}\n"
                      for n in range(30))
    with pytest.raises(Unreadable, match="makes a text of .* characters"):
        pipelines(PLAIN + "      Name: !Ref B0\n" + doubled + "  B30: {Type: 'AWS::S3::Bucket'}\n")


def test_a_long_chain_of_references_is_refused() -> None:
    chain = "".join(f"  B{n}: {{Type: 'AWS::S3::Bucket', Properties: {{BucketName: !Ref B{n + 1}}}}}\n" for n in range(60))
    with pytest.raises(Unreadable, match="chain of more than 40 references"):
        pipelines(PLAIN + "      Name: !Ref B0\n" + chain + "  B60: {Type: 'AWS::S3::Bucket'}\n")


def test_loops_that_multiply_are_refused() -> None:
    loop = "{'Fn::ForEach::L': [X, [1,2,3,4,5,6,7,8,9,10], BODY]}"
    body = "{'k${X}': v}"
    for name in "ABCDEFG":
        body = loop.replace("X", name).replace("BODY", body)
    with pytest.raises(Unreadable, match="makes more than 400000 values"):
        plain(f"Stages: {body}")


def test_a_template_whose_pipeline_is_somewhere_else_says_where(tmp_path: Path) -> None:
    for resource, told in (("{Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./child.yaml}}", "./child.yaml"),
                           ("{Type: 'Acme::Ci::Pipe::MODULE'}", "--template-stage Processed")):
        (tmp_path / "t.yaml").write_text(f"Resources:\n  Other: {resource}\n")
        with pytest.raises(Unreadable, match=rf"there is no pipeline in it\. The .* Other .*{told}"):
            load_all(tmp_path / "t.yaml")


def test_the_folder_that_cdk_writes_says_which_templates_are_in_it(tmp_path: Path) -> None:
    (tmp_path / "Shop.template.json").write_text("{}")
    with pytest.raises(Unreadable, match=r"Name one of the templates in it: Shop\.template\.json"):
        load_all(tmp_path)
