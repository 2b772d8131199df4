"""What a template sets beside its pipeline reaches the simulation: told by runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline_sim import Pipeline, Scenario, Simulation, Unreadable
from pipeline_sim.cli import main
from pipeline_sim.record import Called
from pipeline_sim.scenario import with_beside
from pipeline_sim.scenario.beside import beside, notes_on

ALLOWED = {"Effect": "Allow", "Action": ["s3:*", "codecommit:*", "codebuild:*"], "Resource": "*"}


def template(*statements: dict[str, Any], more: str = "", properties: str = "") -> str:
    """A template with a pipeline of two stages, its role and, in `more`, what else a story needs."""
    policy = yaml.safe_dump({"Version": "2012-10-17", "Statement": list(statements) or [ALLOWED]},
                            default_flow_style=True, width=9999)
    return f"""
Parameters:
  Stage: {{Type: String, Default: test}}
  Gate: {{Type: String, Default: "no"}}
Conditions:
  HasGate: !Equals [!Ref Gate, "yes"]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: {{Policies: [{{PolicyName: all, PolicyDocument: {policy}}}]}}
  Shop:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      Name: !Sub shop-${{Stage}}
      RoleArn: !GetAtt Role.Arn
      ArtifactStore: {{Type: S3, Location: !Ref Bucket}}
{properties}
      Stages:
        - Name: Source
          Actions:
            - Name: App
              ActionTypeId: {{Category: Source, Owner: AWS, Provider: CodeCommit, Version: 1}}
              Configuration: {{RepositoryName: shop, BranchName: main}}
              OutputArtifacts: [{{Name: A}}]
        - Name: Build
          Actions:
            - Name: B
              ActionTypeId: {{Category: Build, Owner: AWS, Provider: CodeBuild, Version: 1}}
              Configuration: {{ProjectName: shop}}
              InputArtifacts: [{{Name: A}}]
        - !If
          - HasGate
          - Name: Gate
            Actions: [{{Name: G, ActionTypeId: {{Category: Approval, Owner: AWS, Provider: Manual, Version: 1}}}}]
          - !Ref AWS::NoValue
  Bucket: {{Type: AWS::S3::Bucket}}
{more}"""


def rule(**properties: Any) -> str:
    """A rule of EventBridge that starts the pipeline."""
    aim = "{'Fn::Sub': 'arn:aws:codepipeline:${AWS::Region}:${AWS::AccountId}:${Shop}'}"
    said = yaml.safe_dump(properties, default_flow_style=True, width=9999).strip()[1:-1]
    return f"  Rule: {{Type: AWS::Events::Rule, Properties: {{{said}, Targets: [{{Id: a, Arn: {aim}}}]}}}}\n"


HEARS = {"source": ["aws.codecommit"], "resources": ["arn:aws:codecommit:eu-west-1:111122223333:shop"],
         "detail": {"referenceName": ["main"]}}


def story(text: str, until: str = "1h", **said: Any) -> Simulation:
    return Simulation(Pipeline.load(text), Scenario(said)).run(until)


def executions(run: Simulation, pipeline: str = "shop-test") -> list[Any]:
    return list(run.state.pipelines[pipeline].executions.values())


def test_a_transition_that_the_template_closes_holds_executions_until_somebody_opens_it() -> None:
    text = template(properties='      DisableInboundStageTransitions: [{StageName: Build, Reason: "not yet"}]')
    run = story(text, pushes=["1m"])
    assert run.why("Build").sentence.startswith("Build is free. The transition into it is disabled: not yet") or (
        "not yet" in run.why("1").sentence)
    run.call("EnableStageTransition", pipelineName="shop-test", stageName="Build", transitionType="Inbound")
    run.run("3h")
    assert executions(run)[0].status == "Succeeded"


def test_a_source_that_is_polled_and_has_a_rule_starts_twice() -> None:
    assert len(executions(story(template(), pushes=["90s"]))) == 1
    both = executions(story(template(more=rule(EventPattern=HEARS)), pushes=["90s"]))
    assert [one.start.trigger for one in both] == ["CloudWatchEvent", "PollForSourceChanges"]


@pytest.mark.parametrize("pattern", [
    {**HEARS, "source": ["aws.s3"]}, {**HEARS, "detail": {"referenceName": ["dev"]}},
    {**HEARS, "resources": ["arn:aws:codecommit:eu-west-1:111122223333:other"]}])
def test_a_rule_of_something_else_does_not_hear_of_it(pattern: dict[str, Any]) -> None:
    assert len(executions(story(template(more=rule(EventPattern=pattern)), pushes=["90s"]))) == 1


def test_a_schedule_starts_the_pipeline_at_its_hours() -> None:
    run = story(template(more=rule(ScheduleExpression="cron(0 3 * * ? *)")), until="3d")
    assert [one.started for one in executions(run)] == [18 * 3600, 42 * 3600, 66 * 3600]
    assert executions(run)[0].start.detail == "arn:aws:events:eu-west-1:111122223333:rule/Rule"
    assert run.why("1").sentence.startswith("Execution 1 succeeded")


def test_a_schedule_without_an_end_asks_how_long_to_run() -> None:
    run = Simulation(Pipeline.load(template(more=rule(ScheduleExpression="rate(1 hour)"))))
    with pytest.raises(ValueError, match="say how long to run"):
        run.run()


def test_a_schedule_starts_the_pipeline_that_it_names_and_no_other() -> None:
    text = template(more=rule(ScheduleExpression="rate(6 hours)"))
    other = Pipeline.load(text, parameters={"Stage": "other"})
    run = Simulation([Pipeline.load(text), replace(other, beside=None)]).run("1d")
    assert [len(state.executions) for state in run.state.pipelines.values()] == [4, 0]


def test_a_disabled_schedule_starts_nothing() -> None:
    text = template(more=rule(ScheduleExpression="rate(1 hour)", State="DISABLED"))
    assert executions(story(text, until="1d")) == []


def test_a_webhook_is_there_when_the_clock_starts() -> None:
    hook = """  Hook:
    Type: AWS::CodePipeline::Webhook
    Properties:
      {Authentication: GITHUB_HMAC, AuthenticationConfiguration: {SecretToken: abc}, TargetPipeline: !Ref Shop,
       Filters: [{JsonPath: "$.ref", MatchEquals: "refs/heads/main"}], TargetAction: App, TargetPipelineVersion: 1,
       RegisterWithThirdParty: true}
"""
    run = story(template(more=hook))
    assert [record.operation for record in run.records if isinstance(record, Called)] == [
        "PutWebhook", "RegisterWebhookWithThirdParty"]
    listed = run.call("ListWebhooks")["webhooks"]
    assert [one["definition"]["targetAction"] for one in listed] == ["App"]


# ---------------------------------------------------------------------------------------------- roles


def test_a_role_that_lacks_a_permission_fails_the_action_that_needs_it() -> None:
    run = story(template({**ALLOWED, "Action": ["s3:*", "codecommit:*"]}), pushes=["1m"])
    assert "codebuild:StartBuild" in run.why("1").sentence
    assert executions(story(template(), pushes=["1m"]))[0].status == "Succeeded"


def test_a_bucket_that_a_parameter_names_is_the_same_bucket_in_the_policy() -> None:
    text = template({**ALLOWED, "Action": ["codecommit:*", "codebuild:*"]},
                    {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::TheBucket/*"}).replace(
        "Location: !Ref Bucket", "Location: !Ref TheBucket").replace(
        "Parameters:", "Parameters:\n  TheBucket: {Type: String}")
    assert executions(story(text, pushes=["1m"]))[0].status == "Succeeded"


def test_what_only_the_account_knows_does_not_stand_against_the_role_and_is_told() -> None:
    text = template({**ALLOWED, "Condition": {"StringEquals": {"aws:ResourceTag/Team": "shop"}}},
                    {"Effect": "Deny", "Action": "*", "Resource": "*",
                     "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
    assert executions(story(text, pushes=["1m"]))[0].status == "Succeeded"
    told = [note.message for note in notes_on(Pipeline.load(text))]
    assert any("aws:ResourceTag/Team is taken as met" in one for one in told)
    assert any("aws:SecureTransport is left out" in one for one in told)


def test_a_role_with_a_policy_whose_text_is_not_here_may_do_everything_and_that_is_told() -> None:
    text = template().replace("{Policies:", "{ManagedPolicyArns: ['arn:aws:iam::aws:policy/Unheard'], Policies:")
    pipeline = Pipeline.load(text)
    assert "roles" not in beside([pipeline])
    assert ["may do everything" in note.message for note in notes_on(pipeline)] == [True]


NARROW = {"Effect": "Allow", "Action": "codebuild:*", "Resource": "arn:aws:codebuild:us-east-2:999988887777:project/shop"}
OTHERS = {"Effect": "Allow", "Action": ["s3:*", "codecommit:*"], "Resource": "*"}


def test_the_place_that_is_given_is_where_the_simulation_is() -> None:
    """Else what the template says of that place would be held against its own role."""
    text = template(OTHERS, {**NARROW, "Resource": {
        "Fn::Sub": "arn:aws:codebuild:${AWS::Region}:${AWS::AccountId}:project/shop"}})
    there = {"AWS::Region": "us-east-2", "AWS::AccountId": "999988887777"}
    run = Simulation(Pipeline.load(text, parameters=there), Scenario({"pushes": ["1m"]})).run("1h")
    assert (run.state.region, run.state.account) == ("us-east-2", "999988887777")
    assert executions(run)[0].status == "Succeeded"
    written = Simulation(Pipeline.load(text, parameters=there), Scenario({"region": "eu-west-3"}))
    assert (written.state.region, written.state.account) == ("eu-west-3", "999988887777")


def test_a_template_that_was_made_for_another_place_is_not_held_against_its_role_and_that_is_told() -> None:
    pipeline = Pipeline.load(template(OTHERS, NARROW))
    assert executions(Simulation(pipeline, Scenario({"pushes": ["1m"]})).run("1h"))[0].status == "Succeeded"
    assert any("the Region us-east-2 and the account 999988887777" in note.message for note in notes_on(pipeline))
    place = {"AWS::AccountId": "123456789012", "AWS::Region": "us-east-1"}
    known = Pipeline.load(template(OTHERS, NARROW), parameters=place)
    assert "codebuild:StartBuild" in Simulation(known, Scenario({"pushes": ["1m"]})).run("1h").why("1").sentence


def test_what_a_bucket_grants_to_everybody_its_own_account_has_too() -> None:
    """In one account, either side's Allow is enough; who is in an organization, only the account knows."""
    grant = """  Grant:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Statement:
          - {Effect: Allow, Principal: {AWS: "*"}, Action: "s3:GetObject", Resource: !Sub "arn:aws:s3:::${Bucket}/*",
             Condition: {StringEquals: {"aws:PrincipalOrgID": o-1}}}
"""
    own = {**ALLOWED, "Action": ["s3:PutObject", "s3:ListBucket", "s3:GetObjectVersion", "codecommit:*", "codebuild:*"]}
    assert "s3:GetObject" in story(template(own), pushes=["1m"]).why("1").sentence
    assert executions(story(template(own, more=grant), pushes=["1m"]))[0].status == "Succeeded"


# ---------------------------------------------------------------------------------------------- the scenario


def test_what_a_person_wrote_goes_before_the_template() -> None:
    pipeline = Pipeline.load(template(more=rule(EventPattern=HEARS)))
    said = with_beside(Scenario({"events": {"Source/App": False}}), [pipeline])
    assert said.events == {"Source/App": False}


def test_adding_it_twice_adds_nothing_and_a_fork_repeats_it() -> None:
    text = template(more=rule(ScheduleExpression="rate(1 hour)"),
                    properties="      DisableInboundStageTransitions: [{StageName: Build, Reason: r}]")
    run = story(text, until="5h")
    assert with_beside(run.scenario, run.pipelines) is run.scenario
    assert run.fork("5h").records == run.records


def test_an_edited_pipeline_keeps_what_is_beside_it() -> None:
    pipeline = Pipeline.load(template())
    assert pipeline.with_mode("QUEUED").beside is pipeline.beside


def test_what_is_no_schedule_does_not_come_along_and_is_told() -> None:
    pipeline = Pipeline.load(template(more=rule(ScheduleExpression="every day")))
    assert "schedules" not in beside([pipeline])
    assert any("'every day' is no schedule" in note.message for note in notes_on(pipeline))


def test_a_single_moment_in_its_zone_comes_once() -> None:
    pipeline = Pipeline.load(template(more=rule(ScheduleExpression="at(2030-01-08T09:00:00)",
                                                ScheduleExpressionTimezone="Europe/Berlin")))
    run = Simulation(pipeline).run("9d")
    assert [one.started for one in executions(run)] == [23 * 3600]


# ---------------------------------------------------------------------------------------------- the command line


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "template.yaml"
    path.write_text(template(more="  Other:\n    Type: AWS::CodePipeline::Pipeline\n    Properties: {}\n"))
    return str(path)


def test_of_several_pipelines_one_is_chosen_by_logical_id_or_name(file: str) -> None:
    assert Pipeline.load(file, name="Shop").name == Pipeline.load(file, name="shop-test").name == "shop-test"
    with pytest.raises(Unreadable, match="Did you mean 'Shop'"):
        Pipeline.load(file, name="Shp")
    with pytest.raises(Unreadable, match="say which one is meant"):
        Pipeline.load(file)


def test_parameters_turn_conditions_both_ways(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", file, "--pipeline", "Shop", "--parameter", "Stage=prod"]) == 0
    assert "Gate/G" not in capsys.readouterr().out
    assert main(["run", file, "--pipeline", "Shop", "--parameter", "Gate=yes"]) == 0
    assert "Gate/G" in capsys.readouterr().out


def test_a_wrong_parameter_is_told(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", file, "--pipeline", "Shop", "--parameter", "Gat=yes"]) == 0
    assert "Did you mean 'Gate'?" in capsys.readouterr().out
    assert main(["check", file, "--parameter", "Gate"]) == 2
    assert "write NAME=VALUE" in capsys.readouterr().err


def test_alone_leaves_out_what_the_template_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(template({**ALLOWED, "Action": "s3:*"}))
    assert main(["run", str(path)]) == 0
    assert "PermissionError" in capsys.readouterr().out
    assert main(["run", str(path), "--alone"]) == 0
    assert "Execution 1 succeeded" in capsys.readouterr().out


def test_the_picture_of_one_of_several(file: str, tmp_path: Path) -> None:
    picture = tmp_path / "p.dot"
    assert main(["draw", file, "--pipeline", "Shop", "--parameter", "Stage=eu", "-o", str(picture)]) == 0
    assert "Build" in picture.read_text()
