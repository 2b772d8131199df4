"""What stands around a pipeline: rules that match, targets that are reached or silently not, roles that change."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import botocore.exceptions
import pytest

from pipeline_sim import Simulation
from pipeline_sim.aws.account import of
from tests.stories import ROLE, simulation

STAGES = {"Source": ["App"], "Build": ["Compile"], "Prod": [{"Approve": "Manual"}, {"Deploy": "CodeDeploy"}]}
ACTIONS = {"source": ["aws.codepipeline"], "detail-type": ["CodePipeline Action Execution State Change"]}
FAILED = {"source": ["aws.codepipeline"], "detail-type": ["CodePipeline Pipeline Execution State Change"],
          "detail": {"state": ["FAILED"]}}


def shop(world: dict[str, Any] | None = None, **members: Any) -> Simulation:
    return simulation(STAGES, {"pushes": ["10s"], **(world or {})}, **members)


def rule(sim: Simulation, name: str, pattern: dict[str, Any], arn: str, **target: Any) -> str:
    """A rule with one target; its ARN."""
    events = sim.client("events")
    made = events.put_rule(Name=name, EventPattern=json.dumps(pattern))["RuleArn"]
    events.put_targets(Rule=name, Targets=[{"Id": "only", "Arn": arn, **target}])
    return str(made)


def lets(service: str, action: str, resource: str, source: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource,
         "Condition": {"ArnEquals": {"aws:SourceArn": source}}}]})


# ---------------------------------------------------------------------------------------------- the exam case


def test_a_function_is_told_of_each_state_change_of_each_action() -> None:
    """The exam's case: a rule with CodePipeline as event source, and a function that notifies."""
    sim, told = shop(), list[str]()
    function = of(sim).function("notify", lambda event: told.append(
        f"{event['detail']['stage']}/{event['detail']['action']} {event['detail']['state']}"))
    arn = rule(sim, "actions", ACTIONS, function)
    sim.client("lambda").add_permission(FunctionName="notify", StatementId="events", Action="lambda:InvokeFunction",
                                        Principal="events.amazonaws.com", SourceArn=arn)
    sim.run("10m")
    assert told == ["Source/App STARTED", "Source/App SUCCEEDED", "Build/Compile STARTED", "Build/Compile SUCCEEDED",
                    "Prod/Approve STARTED"]
    assert sim.why("rule actions").sentence == "The rule actions has delivered all of its 5 events."


def test_a_statement_of_a_function_may_have_hyphens() -> None:
    """Lambda allows more in a StatementId than IAM does in a Sid of an identity's policy; a blank neither allows."""
    sim, told = shop(), list[Any]()
    arn = rule(sim, "actions", ACTIONS, of(sim).function("notify", told.append))
    lets_in = {"FunctionName": "notify", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com",
               "SourceArn": arn}
    boto = sim.client("lambda")
    with pytest.raises(botocore.exceptions.ClientError, match="ValidationException.*statementId"):
        boto.add_permission(StatementId="from the rule", **lets_in)
    boto.add_permission(StatementId="from-the_rule-1", **lets_in)
    assert json.loads(boto.get_policy(FunctionName="notify")["Policy"])["Statement"][0]["Sid"] == "from-the_rule-1"
    sim.run("10m")
    assert len(told) == 5


def test_without_a_permission_the_rule_matches_and_nobody_hears_anything() -> None:
    sim, told = shop(), list[Any]()
    arn = rule(sim, "actions", ACTIONS, of(sim).function("notify", told.append))
    sim.run("10m")
    assert told == []
    answer = sim.why("rule actions")
    assert "5 deliveries of 5 failed" in answer.sentence
    assert "lambda:InvokeFunction" in answer.causes[0].sentence
    assert arn in answer.causes[0].sentence  # the statement to add names this rule
    assert answer.rule == "target-permissions-fail-silently"


def test_a_permission_for_another_rule_is_none() -> None:
    sim, told = shop(), list[Any]()
    arn = rule(sim, "actions", ACTIONS, of(sim).function("notify", told.append))
    sim.client("lambda").add_permission(FunctionName="notify", StatementId="e", Action="lambda:InvokeFunction",
                                        Principal="events.amazonaws.com", SourceArn=arn + "-of-old")
    sim.run("10m")
    assert told == []


# ---------------------------------------------------------------------------------------------- topics, queues, logs


def test_failures_reach_a_topic_and_the_queue_behind_it() -> None:
    """"You can't use SNS for failures" is out of date: a rule takes them there (6.8)."""
    sim = shop({"actions": {"Build/Compile": {"failure": 1}}})
    sns, sqs = sim.client("sns"), sim.client("sqs")
    topic, queue = sns.create_topic(Name="alerts")["TopicArn"], sqs.create_queue(QueueName="mail")["QueueUrl"]
    address = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=address)
    arn = rule(sim, "failures", FAILED, topic, InputTransformer={
        "InputPathsMap": {"name": "$.detail.pipeline"}, "InputTemplate": '"The pipeline <name> has failed."'})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy",
                             AttributeValue=lets("events.amazonaws.com", "sns:Publish", topic, arn))
    sim.run("1m")
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={
        "Policy": lets("sns.amazonaws.com", "sqs:SendMessage", address, topic)})
    sim.run("10m")
    assert [(one.time, one.body) for one in of(sim).messages("alerts")] == [(130, "The pipeline shop has failed.")]
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(message["Body"])["Message"] == "The pipeline shop has failed."
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)  # somebody holds it
    sim.run("11m")
    (again,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=again["ReceiptHandle"])
    sim.run("20m")
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)


def test_a_topic_without_a_policy_lets_nobody_in_and_a_dead_letter_queue_keeps_what_was_dropped() -> None:
    sim = shop({"actions": {"Build/Compile": {"failure": 1}}})
    sqs = sim.client("sqs")
    topic, queue = sim.client("sns").create_topic(Name="alerts")["TopicArn"], sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = rule(sim, "failures", FAILED, topic, DeadLetterConfig={"Arn": queue_arn(sqs, queue)})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={
        "Policy": lets("events.amazonaws.com", "sqs:SendMessage", queue_arn(sqs, queue), arn)})
    sim.run("10m")
    assert of(sim).messages("alerts") == []
    assert json.loads(sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"])["detail"]["state"] == "FAILED"
    assert "sns:Publish" in sim.why("rule failures").sentence


def queue_arn(sqs: Any, url: str) -> str:
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["QueueArn"])


def test_events_are_written_to_a_log_group_that_lets_eventbridge_write() -> None:
    sim = shop()
    logs = sim.client("logs")
    logs.create_log_group(logGroupName="/aws/events/shop")
    group = logs.describe_log_groups()["logGroups"][0]["arn"]
    arn = rule(sim, "actions", ACTIONS, group)
    sim.run("90s")
    assert logs.filter_log_events(logGroupName="/aws/events/shop")["events"] == []
    document = lets("events.amazonaws.com", "logs:PutLogEvents", group, arn)
    logs.put_resource_policy(policyName="events", policyDocument=document)
    sim.run("10m")
    rows = logs.filter_log_events(logGroupName="/aws/events/shop", filterPattern="SUCCEEDED")["events"]
    assert [json.loads(row["message"])["detail"]["action"] for row in rows] == ["Compile"]
    assert rows[0]["timestamp"] == 1000 * (datetime(2030, 1, 7, 9, tzinfo=UTC).timestamp() + 130)


def test_an_approval_publishes_to_its_topic() -> None:
    topic = "arn:aws:sns:eu-west-1:111122223333:approvals"
    stages = {"Source": ["App"], "Prod": [{"Approve": {"provider": "Manual", "configuration": {"NotificationArn": topic}}}]}
    sim = simulation(stages, {"pushes": ["10s"]})
    account = of(sim)
    sim.run("5m")
    (message,) = account.messages("approvals")
    assert message.by == ROLE
    assert json.loads(message.body)["approval"]["actionName"] == "Approve"
    assert sim.client("sns").list_topics()["Topics"] == [{"TopicArn": topic}]


def test_a_notification_rule_sends_what_it_was_asked_for() -> None:
    sim = shop({"actions": {"Build/Compile": {"failure": 1}}})
    sns, notices = sim.client("sns"), sim.client("codestar-notifications")
    topic = sns.create_topic(Name="team")["TopicArn"]
    arn = notices.create_notification_rule(
        Name="failures", Resource="arn:aws:codepipeline:eu-west-1:111122223333:shop", DetailType="FULL",
        EventTypeIds=["codepipeline-pipeline-pipeline-execution-failed"],
        Targets=[{"TargetType": "SNS", "TargetAddress": topic}])["Arn"]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy",
                             AttributeValue=lets("codestar-notifications.amazonaws.com", "sns:Publish", topic, arn))
    sim.run("10m")
    (message,) = of(sim).messages("team")
    assert json.loads(message.body)["additionalAttributes"]["failedStage"] == "Build"
    assert notices.describe_notification_rule(Arn=arn)["Targets"][0]["TargetStatus"] == "ACTIVE"


def test_a_notification_rule_whose_topic_does_not_let_it_in_says_so_when_it_is_asked() -> None:
    sim = shop({"actions": {"Build/Compile": {"failure": 1}}})
    notices = sim.client("codestar-notifications")
    topic = sim.client("sns").create_topic(Name="team")["TopicArn"]
    arn = notices.create_notification_rule(
        Name="failures", Resource="arn:aws:codepipeline:eu-west-1:111122223333:shop", DetailType="BASIC",
        EventTypeIds=["codepipeline-pipeline-action-execution-failed"],
        Targets=[{"TargetType": "SNS", "TargetAddress": topic}])["Arn"]
    assert "Nothing has happened" in sim.why("rule failures").sentence
    assert notices.describe_notification_rule(Arn=arn)["Targets"][0]["TargetStatus"] == "PENDING"
    sim.run()
    assert of(sim).messages("team") == []
    assert "codestar-notifications.amazonaws.com" in sim.why("rule failures").sentence
    assert notices.describe_notification_rule(Arn=arn)["Targets"][0]["TargetStatus"] == "UNREACHABLE"


# ---------------------------------------------------------------------------------------------- pipelines and schedules


def nightly(role_may: bool) -> Simulation:
    """A pipeline that a rule is to start each hour, as a role that may or may not."""
    sim = simulation(STAGES, {})
    iam, events = sim.client("iam"), sim.client("events")
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="starter", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    if role_may:
        iam.put_role_policy(RoleName="starter", PolicyName="start", PolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "codepipeline:StartPipelineExecution", "Resource": "*"}]}))
    events.put_rule(Name="hourly", ScheduleExpression="rate(1 hour)")
    events.put_targets(Rule="hourly", Targets=[
        {"Id": "1", "Arn": "arn:aws:codepipeline:eu-west-1:111122223333:shop", "RoleArn": role}])
    return sim


def test_a_schedule_starts_a_pipeline_as_its_role() -> None:
    sim = nightly(role_may=True).run("150m")
    found = sim.client().list_pipeline_executions(pipelineName="shop")["pipelineExecutionSummaries"]
    assert [one["trigger"]["triggerType"] for one in found] == ["CloudWatchEvent"] * 2
    assert [one.start.detail.rpartition("/")[2] for one in sim.state.pipelines["shop"].executions.values()] == ["hourly"] * 2


def test_a_role_that_may_not_starts_nothing_and_says_nothing() -> None:
    sim = nightly(role_may=False).run("150m")
    assert sim.state.pipelines["shop"].executions == {}
    assert "codepipeline:StartPipelineExecution" in sim.why("rule hourly").sentence


def test_a_schedule_alone_keeps_no_run_going() -> None:
    sim = nightly(role_may=True)
    sim.run()  # and comes back
    assert sim.now == 0


def test_a_target_that_is_called_as_a_role_needs_one() -> None:
    sim = shop()
    events = sim.client("events")
    events.put_rule(Name="r", EventPattern=json.dumps(ACTIONS))
    with pytest.raises(events.exceptions.ClientError, match="RoleArn is required"):
        events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": "arn:aws:codepipeline:eu-west-1:111122223333:shop"}])


# ---------------------------------------------------------------------------------------------- roles


def test_a_role_that_gets_its_missing_policy_works_at_the_next_attempt() -> None:
    sim = shop()
    iam = sim.client("iam")
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "codepipeline.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    iam.create_role(RoleName="pipeline", AssumeRolePolicyDocument=json.dumps(trust))
    sim.run("5m")
    assert sim.state.pipelines["shop"].executions[1].status == "Failed"
    assert iam.simulate_principal_policy(PolicySourceArn=ROLE, ActionNames=["s3:GetObject"])[
        "EvaluationResults"][0]["EvalDecision"] == "implicitDeny"
    iam.put_role_policy(RoleName="pipeline", PolicyName="all", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
    identifier = sim.client().list_pipeline_executions(pipelineName="shop")["pipelineExecutionSummaries"][0]
    sim.client().retry_stage_execution(pipelineName="shop", stageName="Source", retryMode="FAILED_ACTIONS",
                                       pipelineExecutionId=identifier["pipelineExecutionId"])
    sim.run("15m")
    assert sim.state.pipelines["shop"].stages["Source"].succeeded == [1]


def test_a_broken_policy_is_refused_as_iam_refuses_it() -> None:
    iam = shop().client("iam")
    with pytest.raises(iam.exceptions.MalformedPolicyDocumentException, match="Effect"):
        iam.create_role(RoleName="r", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": [{"Action": "*"}]}')
    with pytest.raises(iam.exceptions.NoSuchEntityException, match="r cannot be found"):
        iam.get_role(RoleName="r")


# ---------------------------------------------------------------------------------------------- going back


def test_a_fork_has_the_account_as_it_was_and_goes_its_own_way() -> None:
    sim, told = shop(), list[str]()
    arn = rule(sim, "actions", ACTIONS, of(sim).function("notify", lambda event: told.append(event["id"])))
    sim.client("lambda").add_permission(FunctionName="notify", StatementId="e", Action="lambda:InvokeFunction",
                                        Principal="events.amazonaws.com", SourceArn=arn)
    sim.run("90s")
    before = list(told)
    other = sim.fork(sim.now)
    assert told == before  # the fork has it that the function was told; nobody is told twice
    assert other.records == sim.records
    assert of(other).functions["notify"].invocations == of(sim).functions["notify"].invocations
    assert of(other).why("actions").sentence == of(sim).why("actions").sentence
    sim.client("events").disable_rule(Name="actions")
    assert of(other).rules["actions"].enabled


def test_what_a_function_does_to_the_pipeline_is_done_once_in_a_fork() -> None:
    """A function that approves: it does so in the fork by itself, not because the call was kept."""
    sim = shop()

    def approve(event: Any, context: Any) -> None:
        if event["detail"]["action"] != "Approve":
            return
        state = context.call("GetPipelineState", name="shop")
        waits = state["stageStates"][2]["actionStates"][0]["latestExecution"]
        context.call("PutApprovalResult", pipelineName="shop", stageName="Prod", actionName="Approve", token=waits["token"],
                     result={"status": "Approved", "summary": "by a function"})

    started = {**ACTIONS, "detail": {"state": ["STARTED"]}}
    arn = rule(sim, "actions", started, of(sim).function("approve", approve))
    sim.client("lambda").add_permission(FunctionName="approve", StatementId="e", Action="lambda:InvokeFunction",
                                        Principal="events.amazonaws.com", SourceArn=arn)
    sim.run("10m")
    assert sim.state.pipelines["shop"].executions[1].status == "Succeeded"
    assert sim.fork("10m").records == sim.records


def test_a_function_that_raises_stops_nobody() -> None:
    sim = shop()
    account = of(sim)
    arn = rule(sim, "actions", ACTIONS, account.function("broken", lambda event: event["nothing"]))
    sim.client("lambda").add_permission(FunctionName="broken", StatementId="e", Action="lambda:InvokeFunction",
                                        Principal="events.amazonaws.com", SourceArn=arn)
    sim.run("10m")
    assert {one.error for one in account.functions["broken"].invocations} == {"KeyError: 'nothing'"}
    assert [one.time for one in account.functions["broken"].invocations][:3] == [10, 70, 70]


def test_an_event_is_told_again_to_a_function_that_raised() -> None:
    """EventBridge does not wait for the function: Lambda calls it again after one minute and after two more."""
    sim, seen = shop({"pushes": []}), list[str]()

    def raises(event: Any) -> None:
        seen.append(event["id"])
        raise OSError("no network")

    account = of(sim)
    arn = rule(sim, "mine", {"source": ["my.tool"]}, account.function("broken", raises))
    sim.client("lambda").add_permission(FunctionName="broken", StatementId="e", Action="lambda:InvokeFunction",
                                        Principal="events.amazonaws.com", SourceArn=arn)
    sim.client("events").put_events(Entries=[{"Source": "my.tool", "DetailType": "x", "Detail": "{}"}])
    sim.run()
    assert [one.time for one in account.functions["broken"].invocations] == [0, 60, 180]
    assert len(set(seen)) == 1
    assert sim.why("rule mine").sentence == "The rule mine has delivered all of its 1 event."  # it was delivered


def test_a_dead_letter_queue_without_a_policy_is_named_with_what_was_lost() -> None:
    sim = shop({"actions": {"Build/Compile": {"failure": 1}}})
    sqs = sim.client("sqs")
    dead = queue_arn(sqs, sqs.create_queue(QueueName="dead")["QueueUrl"])
    topic = sim.client("sns").create_topic(Name="alerts")["TopicArn"]
    rule(sim, "failures", FAILED, topic, DeadLetterConfig={"Arn": dead})
    sim.run()
    sentence = sim.why("rule failures").sentence
    assert "sns:Publish" in sentence
    assert "dead-letter queue did not get it either" in sentence
    assert "sqs:SendMessage" in sentence


# ---------------------------------------------------------------------------------------------- rules and patterns


def test_a_rule_that_matches_nothing_says_which_field_decided() -> None:
    sim = shop()
    rule(sim, "wrong", {**ACTIONS, "detail": {"state": ["Failed"]}}, "arn:aws:sns:eu-west-1:111122223333:t")
    sim.run("10m")
    answer = sim.why("rule wrong")
    assert answer.sentence == "The rule wrong has matched no event."
    assert "detail.state" in answer.causes[0].sentence
    with pytest.raises(ValueError, match="wrong"):
        sim.why("rule wron")


def test_rules_are_listed_described_emptied_and_deleted() -> None:
    sim = shop()
    events = sim.client("events")
    rule(sim, "b", ACTIONS, "arn:aws:sns:eu-west-1:111122223333:t")
    rule(sim, "a", FAILED, "arn:aws:sns:eu-west-1:111122223333:t")
    assert [one["Name"] for page in events.get_paginator("list_rules").paginate(PaginationConfig={"PageSize": 1})
            for one in page["Rules"]] == ["a", "b"]
    assert json.loads(events.describe_rule(Name="a")["EventPattern"]) == FAILED
    assert events.list_rule_names_by_target(TargetArn="arn:aws:sns:eu-west-1:111122223333:t")["RuleNames"] == ["a", "b"]
    with pytest.raises(events.exceptions.ClientError, match="has targets"):
        events.delete_rule(Name="a")
    events.remove_targets(Rule="a", Ids=["only"])
    events.delete_rule(Name="a")
    with pytest.raises(events.exceptions.ResourceNotFoundException):
        events.describe_rule(Name="a")
    with pytest.raises(events.exceptions.InvalidEventPatternException):
        events.put_rule(Name="c", EventPattern='{"detail": "no list"}')


@pytest.mark.parametrize(("target", "given"), [
    ({}, {"id": "1", "detail": {"state": "FAILED"}, "resources": ["x"]}),
    ({"Input": '{"a": 1}'}, {"a": 1}),
    ({"InputPath": "$.detail"}, {"state": "FAILED"}),
    ({"InputPath": "$.resources[0]"}, "x"),
    ({"InputTransformer": {"InputPathsMap": {"s": "$.detail.state"}, "InputTemplate": '{"was": <s>}'}}, {"was": "FAILED"}),
    ({"InputTransformer": {"InputPathsMap": {"s": "$.nothing"}, "InputTemplate": '"it was <s>."'}}, "it was ."),
    ({"InputTransformer": {"InputTemplate": "<aws.events.rule-name> fired"}}, '"nightly" fired'),
])
def test_what_a_target_gets(target: dict[str, Any], given: Any) -> None:
    from pipeline_sim.aws.account.targets import input_of

    event = {"id": "1", "detail": {"state": "FAILED"}, "resources": ["x"]}
    assert input_of({"Id": "1", "Arn": "", **target}, event, "arn:aws:events:eu-west-1:111122223333:rule/nightly") == given


# ---------------------------------------------------------------------------------------------- boundaries, conditions


LEE = "arn:aws:iam::111122223333:user/lee"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Resource": "*", **one} for one in statements]})


def started(sim: Simulation, by: str = LEE) -> str:
    """What a start by somebody comes to: nothing, or the refusal."""
    client = sim.client(by=by)
    try:
        client.start_pipeline_execution(name="shop")
    except client.exceptions.ClientError as refused:
        return str(refused)
    return ""


def user(sim: Simulation, allowed: str, boundary: str = "") -> Any:
    """An IAM client, after it has made the user lee with a policy and perhaps a boundary."""
    iam = sim.client("iam")
    limit = {"PermissionsBoundary": iam.create_policy(PolicyName="limit", PolicyDocument=boundary)["Policy"]["Arn"]} \
        if boundary else {}
    iam.create_user(UserName="lee", **limit)
    mine = iam.create_policy(PolicyName="mine", PolicyDocument=allowed)["Policy"]["Arn"]
    iam.attach_user_policy(UserName="lee", PolicyArn=mine)
    return iam


START = {"Effect": "Allow", "Action": "codepipeline:StartPipelineExecution"}


@pytest.mark.parametrize(("boundary", "told"), [
    (policy(START), ""),
    (policy({"Effect": "Allow", "Action": "codepipeline:Get*"}), "no permissions boundary allows"),
    (policy(START, {"Effect": "Deny", "Action": "codepipeline:Start*"}), "explicit deny in a permissions boundary"),
])
def test_a_boundary_is_a_ceiling(boundary: str, told: str) -> None:
    sim = shop()
    user(sim, policy(START), boundary)
    answer = started(sim)
    assert told in answer
    assert bool(answer) is bool(told)


def test_a_boundary_gives_nothing_and_can_be_taken_away() -> None:
    sim = shop()
    iam = user(sim, policy({"Effect": "Allow", "Action": "s3:*"}), policy({"Effect": "Allow", "Action": "*"}))
    assert "no identity-based policy allows" in started(sim)
    iam.put_user_policy(UserName="lee", PolicyName="start", PolicyDocument=policy(START))
    assert started(sim) == ""
    limit = iam.create_policy(PolicyName="none", PolicyDocument=policy({"Effect": "Deny", "Action": "*"}))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="lee", PermissionsBoundary=limit)
    assert "permissions boundary" in started(sim)
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_policy(PolicyArn=limit)
    iam.delete_user_permissions_boundary(UserName="lee")
    iam.delete_policy(PolicyArn=limit)
    assert started(sim) == ""
    assert [one["PolicyName"] for one in iam.list_policies(Scope="Local")["Policies"]] == ["limit", "mine"]


def test_a_boundary_of_the_service_role_stops_its_work() -> None:
    sim = shop()
    iam = sim.client("iam")
    trust = policy({"Effect": "Allow", "Principal": {"Service": "codepipeline.amazonaws.com"}, "Action": "sts:AssumeRole"})
    trust = trust.replace('"Resource": "*", ', "")
    limit = iam.create_policy(PolicyName="limit", PolicyDocument=policy(
        {"Effect": "Allow", "NotAction": "codebuild:*"}))["Policy"]["Arn"]
    iam.create_role(RoleName="pipeline", AssumeRolePolicyDocument=trust, PermissionsBoundary=limit)
    iam.put_role_policy(RoleName="pipeline", PolicyName="all", PolicyDocument=policy({"Effect": "Allow", "Action": "*"}))
    sim.run()
    assert "no permissions boundary allows the codebuild:StartBuild action" in sim.why("Build/Compile").sentence
    assert sim.fork(sim.now).records == sim.records


@pytest.mark.parametrize(("condition", "allowed"), [
    ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, True),
    ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, False),
    ({"Bool": {"aws:SecureTransport": "true"}}, True),
    ({"DateGreaterThan": {"aws:CurrentTime": "2030-01-07T08:59:00Z"}}, True),
    ({"DateGreaterThan": {"aws:CurrentTime": "2030-01-07T09:30:00Z"}}, False),
    ({"StringEquals": {"aws:ResourceTag/team": "shop"}}, True),
    ({"StringEquals": {"aws:ResourceTag/team": "bank"}}, False),
    ({"StringEquals": {"aws:ResourceAccount": "111122223333"}}, True),
    ({"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}, True),
    ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
    ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, False),
    ({"Null": {"aws:MultiFactorAuthPresent": "true"}}, True),
])
def test_a_request_says_where_when_and_about_what_it_is(condition: dict[str, Any], allowed: bool) -> None:
    sim = shop()
    sim.call("TagResource", resourceArn="arn:aws:codepipeline:eu-west-1:111122223333:shop",
             tags=[{"key": "team", "value": "shop"}])
    user(sim, policy({**START, "Condition": condition}))
    assert (started(sim) == "") is allowed


def test_a_guard_against_other_regions_lets_this_one_pass() -> None:
    """The usual guard is a Deny with a negated operator: it must know the Region, or it denies everything."""
    guard = {"Effect": "Deny", "Action": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}
    sim = shop({"roles": {ROLE: json.loads(policy({"Effect": "Allow", "Action": "*"}, guard))}})
    user(sim, policy(START, guard))
    sim.run("5m")
    assert sim.state.pipelines["shop"].stages["Build"].succeeded == [1]
    assert started(sim) == ""


def test_a_permission_until_tonight_ends_tonight() -> None:
    until = {"Effect": "Allow", "Action": "*", "Condition": {"DateLessThan": {"aws:CurrentTime": "2030-01-07T10:00:00Z"}}}
    sim = shop({"pushes": ["10s", "2h"], "roles": {ROLE: json.loads(policy(until))}}).run()
    ran = sim.state.pipelines["shop"].executions.values()
    assert [one.stages["Source"].status for one in ran] == ["Succeeded", "Failed"]


def test_a_topic_under_the_key_that_aws_manages_lets_no_service_in() -> None:
    """The policy is right, and nothing comes: the key's policy cannot be changed."""
    sim = shop({"actions": {"Build/Compile": {"failure": 1}}})
    sns = sim.client("sns")
    topic = sns.create_topic(Name="alerts", Attributes={"KmsMasterKeyId": "alias/aws/sns"})["TopicArn"]
    arn = rule(sim, "failures", FAILED, topic)
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy",
                             AttributeValue=lets("events.amazonaws.com", "sns:Publish", topic, arn))
    sim.run()
    assert of(sim).messages("alerts") == []
    assert "alias/aws/sns" in sim.why("rule failures").sentence


@pytest.mark.parametrize(("rule_of", "starts"), [("hourly", True), ("daily", False)])
def test_a_role_may_trust_eventbridge_for_one_rule_alone(rule_of: str, starts: bool) -> None:
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole",
         "Condition": {"ArnEquals": {"aws:SourceArn": f"arn:aws:events:eu-west-1:111122223333:rule/{rule_of}"}}}]}
    sim = nightly(role_may=True)
    sim.client("iam").update_assume_role_policy(RoleName="starter", PolicyDocument=json.dumps(trust))
    sim.run("90m")
    assert bool(sim.state.pipelines["shop"].executions) is starts


def test_a_targets_arn_must_be_that_of_the_pipeline() -> None:
    for arn, hint in (("arn:aws:codepipeline:eu-west-1:111122223333:pipeline/shop", "no pipeline/ in it"),
                      ("arn:aws:codepipeline:us-east-1:111122223333:shop", "There is no pipeline")):
        sim = shop()
        rule(sim, "again", {"source": ["my.tool"]}, arn, RoleArn=ROLE)
        sim.client("events").put_events(Entries=[{"Source": "my.tool", "DetailType": "x", "Detail": "{}"}])
        assert sim.state.pipelines["shop"].executions == {}
        assert hint in sim.why("rule again").sentence


def test_why_nothing_matched_is_told_of_the_event_that_came_nearest() -> None:
    """The last event is about the execution; the pattern is about actions, and one letter is wrong."""
    sim = shop({"actions": {"Build/Compile": {"failure": 1}}})
    rule(sim, "wrong", {**ACTIONS, "detail": {"stage": ["Build"], "state": ["FAILED"], "action": ["compile"]}},
         "arn:aws:sns:eu-west-1:111122223333:t")
    sim.run()
    assert "detail.action holds 'Compile'" in sim.why("rule wrong").causes[0].sentence


def test_a_function_behind_a_topic_may_answer_the_approval_at_once() -> None:
    """The message goes out when the approval has begun: whoever gets it may answer."""
    topic = "arn:aws:sns:eu-west-1:111122223333:approvals"
    stages = {"Source": ["App"], "Prod": [{"Approve": {"provider": "Manual", "configuration": {"NotificationArn": topic}}}]}
    sim = simulation(stages, {"pushes": ["10s"]})

    def approve(event: Any, context: Any) -> None:
        asked = json.loads(event["Records"][0]["Sns"]["Message"])["approval"]
        context.call("PutApprovalResult", result={"status": "Approved", "summary": "by a function"},
                     **{name: asked[name] for name in ("pipelineName", "stageName", "actionName", "token")})

    sim.client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=of(sim).function("approve", approve))
    sim.client("lambda").add_permission(FunctionName="approve", StatementId="sns", Action="lambda:InvokeFunction",
                                        Principal="sns.amazonaws.com", SourceArn=topic)
    sim.run()
    assert (sim.now, sim.state.pipelines["shop"].executions[1].status) == (70, "Succeeded")


# ---------------------------------------------------------------------------------------------- topics of approvals


def asking(topic: str = "approvals", **world: Any) -> Simulation:
    arn = f"arn:aws:sns:eu-west-1:111122223333:{topic}"
    stages = {"Source": ["App"], "Prod": [{"Approve": {"provider": "Manual", "configuration": {"NotificationArn": arn}}}]}
    return simulation(stages, {"pushes": ["10s"], **world})


def test_a_topic_that_nobody_speaks_of_is_there_and_one_that_is_deleted_is_not() -> None:
    sim = asking()
    sns = sim.client("sns")
    (topic,) = sns.list_topics()["Topics"]
    sns.delete_topic(**topic)
    sim.run("5m")
    assert "ConfigurationError" in sim.why("Prod/Approve").sentence
    sns.create_topic(Name="approvals")
    sim.push("App")
    sim.run("10m")
    assert len(of(sim).messages("approvals")) == 1
    assert sim.fork(sim.now).records == sim.records


def test_a_topic_of_another_name_does_not_do() -> None:
    """Somebody makes the topic, and the definition that comes later has a letter less."""
    sim = simulation({"Source": ["App"], "Build": ["Compile"]}, {})
    sim.client("sns").create_topic(Name="approvals")
    structure = asking("approval").call("GetPipeline", name="shop")["pipeline"]
    sim.call("CreatePipeline", pipeline={**structure, "name": "other"})
    sim.run("5m")
    assert "there is no topic arn:aws:sns:eu-west-1:111122223333:approval" in sim.why("other:Prod/Approve").sentence


@pytest.mark.parametrize(("effect", "status"), [("Deny", "Failed"), ("Allow", "InProgress")])
def test_a_topics_own_policy_counts_too(effect: str, status: str) -> None:
    """A Deny keeps out a role that may do everything, an Allow lets in one whose own policies say nothing of it."""
    may = {"Effect": "Allow", "NotAction": "sns:*"} if effect == "Allow" else {"Effect": "Allow", "Action": "*"}
    sim = asking(topics=["approvals"], roles={ROLE: json.loads(policy(may))})
    arn = "arn:aws:sns:eu-west-1:111122223333:approvals"
    sim.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(
        {"Version": "2012-10-17", "Statement": [
            {"Effect": effect, "Principal": {"AWS": ROLE}, "Action": "sns:Publish", "Resource": arn}]}))
    sim.run("5m")
    assert sim.state.execution("shop", 1).stages["Prod"].attempts["Approve"][0].status == status
    assert len(of(sim).messages("approvals")) == (effect == "Allow")


def test_whoever_looks_late_finds_the_messages_that_came_before() -> None:
    early, late = asking(), asking()
    of(early)
    early.run("5m")
    late.run("5m")
    assert of(late).messages("approvals") == of(early).messages("approvals") != []
    assert of(early.fork("5m")).messages("approvals") == of(early).messages("approvals")


def test_an_archive_is_not_executed_and_one_is_told_how_a_function_is_made() -> None:
    boto = shop().client("lambda")
    with pytest.raises(botocore.exceptions.ClientError, match=r"function\('check', code\)"):
        boto.create_function(FunctionName="check", Role=ROLE, Code={"ZipFile": b"PK"}, Handler="app.handler",
                             Runtime="python3.13")
