"""What CodePipeline asks of policies: of a caller for each operation, of the service role for each action."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline_sim.iam import (
    MANAGED_POLICIES,
    UNSAID,
    caller_needs,
    codepipeline_resource,
    decide,
    fulfils,
    missing_statement,
    parse,
    requirements,
)
from pipeline_sim.pipeline.catalogue import ACTIONS
from pipeline_sim.pipeline.model import Action, ActionType, ArtifactStore, Pipeline, Rule
from pipeline_sim.shapes import operations

REGION, ACCOUNT = "eu-west-1", "111122223333"
START = f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/pipeline"
PLACE = {"pipelineName": "shop", "stageName": "Prod", "actionName": "Approve"}


# ---------------------------------------------------------------------------------------------- callers


@pytest.mark.parametrize(("operation", "request_", "names"), [
    ("GetPipeline", {"name": "shop"}, ["shop"]),
    ("StartPipelineExecution", {"name": "shop"}, ["shop"]),
    ("CreatePipeline", {"pipeline": {"name": "shop"}}, ["shop"]),
    ("ListActionExecutions", {"pipelineName": "shop"}, ["shop"]),
    ("RetryStageExecution", PLACE, ["shop/Prod"]),
    ("RollbackStage", PLACE, ["shop/Prod"]),
    ("DisableStageTransition", PLACE, ["shop/Prod"]),
    ("PutApprovalResult", PLACE, ["shop/Prod/Approve"]),
    ("PutActionRevision", PLACE, ["shop/Prod/Approve"]),
    ("PollForJobs", {"actionTypeId": {"category": "Test", "owner": "Custom", "provider": "Soap", "version": "1"}},
     ["actiontype:Custom/Test/Soap/1"]),
    ("CreateCustomActionType", {"category": "Test", "provider": "Soap", "version": "1"}, ["actiontype:Custom/Test/Soap/1"]),
    ("GetActionType", {"category": "Test", "owner": "AWS", "provider": "CodeBuild", "version": "1"},
     ["actiontype:AWS/Test/CodeBuild/1"]),
    ("UpdateActionType", {"actionType": {"id": {"category": "Test", "owner": "Custom", "provider": "Soap", "version": "1"}}},
     ["actiontype:Custom/Test/Soap/1"]),
    ("DeleteWebhook", {"name": "push"}, ["webhook:push"]),
    ("RegisterWebhookWithThirdParty", {"webhookName": "push"}, ["webhook:push"]),
    ("PutWebhook", {"webhook": {"name": "push", "targetPipeline": "shop"}}, ["webhook:push", "shop"]),
    ("ListPipelines", {}, ["*"]),
    ("ListWebhooks", {}, ["webhook:*"]),
])
def test_each_operation_is_checked_against_its_own_kind_of_resource(
    operation: str, request_: dict[str, Any], names: list[str]
) -> None:
    assert codepipeline_resource(operation, request_, REGION, ACCOUNT) == [START + name for name in names]


@pytest.mark.parametrize("operation", ["AcknowledgeJob", "GetJobDetails", "PutJobSuccessResult", "PutJobFailureResult",
                                       "PollForThirdPartyJobs", "ListRuleTypes", "ListActionTypes"])
def test_calls_of_workers_and_lists_of_types_know_no_resource(operation: str) -> None:
    assert codepipeline_resource(operation, {}, REGION, ACCOUNT) == ["*"]


def test_tagging_is_checked_against_what_is_tagged() -> None:
    for operation in ("TagResource", "UntagResource", "ListTagsForResource"):
        arn = f"{START}webhook:push"
        assert codepipeline_resource(operation, {"resourceArn": arn}, REGION, ACCOUNT) == [arn]


def test_every_operation_has_a_resource_even_for_a_request_that_says_nothing() -> None:
    assert len(operations()) == 44
    for operation in operations():
        found = codepipeline_resource(operation, {}, REGION, ACCOUNT)
        assert all(arn == "*" or arn.startswith("arn:") for arn in found)
        assert found


def test_regions_of_china_have_another_partition() -> None:
    (arn,) = codepipeline_resource("GetPipeline", {"name": "shop"}, "cn-north-1", ACCOUNT)
    assert arn == f"arn:aws-cn:codepipeline:cn-north-1:{ACCOUNT}:shop"


def test_an_approver_needs_the_actions_arn_and_not_the_pipelines() -> None:
    (arn,) = codepipeline_resource("PutApprovalResult", PLACE, REGION, ACCOUNT)

    def may(resource: str) -> bool:
        statement = {"Effect": "Allow", "Action": "codepipeline:PutApprovalResult", "Resource": resource}
        return decide([parse({"Statement": statement})], "codepipeline:PutApprovalResult", arn).allowed

    assert not may(f"{START}shop")
    assert may(f"{START}shop/Prod/Approve")
    assert may(f"{START}shop/*")
    assert may(f"{START}*/Approve")
    assert not may(f"{START}shop/Prod")


def test_list_pipelines_cannot_be_limited_to_one() -> None:
    (arn,) = codepipeline_resource("ListPipelines", {}, REGION, ACCOUNT)
    for resource, agrees in (("*", True), (f"{START}*", True), (f"{START}shop", False), (f"{START}shop*", False)):
        statement = {"Effect": "Allow", "Action": "codepipeline:ListPipelines", "Resource": resource}
        assert decide([parse({"Statement": statement})], "codepipeline:ListPipelines", arn).allowed == agrees


def test_who_makes_a_pipeline_must_be_allowed_to_pass_its_role() -> None:
    request = {"pipeline": {"name": "shop", "roleArn": ROLE}}
    make = {"Effect": "Allow", "Action": "codepipeline:*", "Resource": "*"}
    passing = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": ROLE,
               "Condition": {"StringEquals": {"iam:PassedToService": "codepipeline.amazonaws.com"}}}
    for operation in ("CreatePipeline", "UpdatePipeline"):
        needs = caller_needs(operation, request, REGION, ACCOUNT)
        assert [need.action for need in needs] == [f"codepipeline:{operation}", "iam:PassRole"]
        assert all(fulfils([parse({"Statement": [make, passing]})], need) for need in needs)
        assert not all(fulfils([parse({"Statement": [make]})], need) for need in needs)
    assert [need.action for need in caller_needs("GetPipeline", {"name": "shop"}, REGION, ACCOUNT)] == [
        "codepipeline:GetPipeline"]


def test_tags_of_a_request_are_conditions_and_need_tag_resource() -> None:
    request = {"pipeline": {"name": "shop"}, "tags": [{"key": "team", "value": "web"}]}
    needs = caller_needs("CreatePipeline", request, REGION, ACCOUNT)
    assert [need.action for need in needs] == ["codepipeline:CreatePipeline", "codepipeline:TagResource"]
    only_web = parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {
        "StringEquals": {"aws:RequestTag/team": "web"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}}})
    assert all(fulfils([only_web], need) for need in needs)
    request["tags"].append({"key": "cost", "value": "1"})  # type: ignore[attr-defined]
    assert not any(fulfils([only_web], need) for need in caller_needs("CreatePipeline", request, REGION, ACCOUNT))


# ---------------------------------------------------------------------------------------------- managed policies


def allowed(name: str) -> set[str]:
    """The operations that a managed policy allows."""
    return {operation for operation in operations()
            if all(fulfils([parse(name)], need) for need in caller_needs(operation, {}, REGION, ACCOUNT))}


def test_managed_policies_allow_what_they_are_for() -> None:
    assert allowed("AWSCodePipeline_FullAccess") == set(operations())
    assert allowed("AWSCodePipelineApproverAccess") == {
        "GetPipeline", "GetPipelineState", "GetPipelineExecution", "ListPipelineExecutions", "ListPipelines",
        "PutApprovalResult"}
    assert allowed("AWSCodePipelineCustomActionAccess") == {
        "AcknowledgeJob", "GetJobDetails", "PollForJobs", "PutJobFailureResult", "PutJobSuccessResult"}
    reads = allowed("AWSCodePipeline_ReadOnlyAccess")
    assert all(operation.startswith(("Get", "List")) for operation in reads)
    assert "GetPipelineState" in reads


def test_full_access_passes_roles_to_codepipeline_only() -> None:
    full = [parse("AWSCodePipeline_FullAccess")]
    assert decide(full, "iam:PassRole", ROLE, {"iam:PassedToService": "codepipeline.amazonaws.com"})
    assert not decide(full, "iam:PassRole", ROLE, {"iam:PassedToService": "cloudformation.amazonaws.com"})
    assert decide(full, "s3:GetObject", "arn:aws:s3:::codepipeline-eu-west-1-123456789012/shop/App/x")


def test_managed_policies_are_well_formed() -> None:
    assert len(MANAGED_POLICIES) == 4
    for name in MANAGED_POLICIES:
        assert parse(json.dumps(MANAGED_POLICIES[name])).statements == parse(name).statements


# ---------------------------------------------------------------------------------------------- the service role


def pipeline(**stores: ArtifactStore) -> Pipeline:
    return Pipeline("shop-release-of-the-web-shop", ROLE, (), stores=stores or {"": ArtifactStore("artifacts")})


def action(category: str, provider: str, owner: str = "AWS", **members: Any) -> Action:
    return Action(provider, ActionType(category, owner, provider), **members)


def needed(work: Action | Rule, of: Pipeline | None = None, region: str = REGION, **options: Any) -> dict[str, str]:
    """The resource of each IAM action that the work needs."""
    found = requirements(work, work.configuration, of or pipeline(), region, ACCOUNT, **options)
    return {need.action: need.resource for need in found}


def here(service: str, name: str, region: str = REGION) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{name}"


@pytest.mark.parametrize(("work", "expected"), [
    (action("Source", "CodeCommit", configuration={"RepositoryName": "shop"}),
     {f"codecommit:{name}": here("codecommit", "shop")
      for name in ("GetBranch", "GetCommit", "UploadArchive", "GetUploadArchiveStatus")}),
    (action("Source", "CodeCommit", configuration={"RepositoryName": "shop", "OutputArtifactFormat": "CODEBUILD_CLONE_REF"}),
     {f"codecommit:{name}": here("codecommit", "shop") for name in ("GetBranch", "GetCommit", "GetRepository")}),
    (action("Source", "S3", configuration={"S3Bucket": "src", "S3ObjectKey": "app.zip"}),
     {"s3:GetObject": "arn:aws:s3:::src/app.zip", "s3:GetObjectVersion": "arn:aws:s3:::src/app.zip",
      "s3:GetBucketVersioning": "arn:aws:s3:::src"}),
    (action("Source", "ECR", configuration={"RepositoryName": "shop"}),
     {"ecr:DescribeImages": here("ecr", "repository/shop")}),
    (action("Source", "CodeStarSourceConnection", configuration={"ConnectionArn": here("codeconnections", "connection/c")}),
     {"codestar-connections:UseConnection": here("codeconnections", "connection/c")}),
    (action("Source", "GitHub", "ThirdParty"), {}),
    (action("Build", "CodeBuild", configuration={"ProjectName": "shop"}),
     {f"codebuild:{name}": here("codebuild", "project/shop") for name in ("StartBuild", "BatchGetBuilds")}),
    (action("Build", "CodeBuild", configuration={"ProjectName": "shop", "BatchEnabled": "true"}),
     {"codebuild:StartBuildBatch": here("codebuild", "project/shop"),
      "codebuild:BatchGetBuildBatches": here("codebuild", "project/shop")}),
    (action("Deploy", "CodeDeploy", configuration={"ApplicationName": "shop", "DeploymentGroupName": "prod"}),
     {"codedeploy:CreateDeployment": here("codedeploy", "deploymentgroup:shop/prod"),
      "codedeploy:GetDeployment": here("codedeploy", "deploymentgroup:shop/prod"),
      "codedeploy:GetDeploymentConfig": here("codedeploy", f"deploymentconfig:{UNSAID}"),
      "codedeploy:GetApplicationRevision": here("codedeploy", "application:shop"),
      "codedeploy:RegisterApplicationRevision": here("codedeploy", "application:shop")}),
    (action("Deploy", "CloudFormation", configuration={"ActionMode": "CHANGE_SET_EXECUTE", "StackName": "web"}),
     {f"cloudformation:{name}": here("cloudformation", f"stack/web/{UNSAID}")
      for name in ("DescribeStacks", "DescribeChangeSet", "ExecuteChangeSet")}),
    (action("Deploy", "CloudFormation", configuration={"ActionMode": "CHANGE_SET_REPLACE", "StackName": "web"}),
     {f"cloudformation:{name}": here("cloudformation", f"stack/web/{UNSAID}")
      for name in ("DescribeStacks", "CreateChangeSet", "DescribeChangeSet")}),
    (action("Deploy", "CloudFormation", configuration={"ActionMode": "DELETE_ONLY", "StackName": "web", "RoleArn": ROLE}),
     {"iam:PassRole": ROLE, "cloudformation:DescribeStacks": here("cloudformation", f"stack/web/{UNSAID}"),
      "cloudformation:DeleteStack": here("cloudformation", f"stack/web/{UNSAID}")}),
    (action("Deploy", "ECS", configuration={"ClusterName": "c", "ServiceName": "web"}),
     {"ecs:DescribeServices": here("ecs", "service/c/web"), "ecs:UpdateService": here("ecs", "service/c/web"),
      "ecs:DescribeTaskDefinition": "*", "ecs:RegisterTaskDefinition": "*",
      "iam:PassRole": f"arn:aws:iam::{ACCOUNT}:role/{UNSAID}"}),
    (action("Deploy", "S3", configuration={"BucketName": "site", "Extract": "true", "ObjectKey": "v1"}),
     {"s3:PutObject": f"arn:aws:s3:::site/v1{UNSAID}"}),
    (action("Deploy", "S3", configuration={"BucketName": "site", "Extract": "true", "CannedACL": "private"}),
     {f"s3:{name}": f"arn:aws:s3:::site/{UNSAID}" for name in ("PutObject", "PutObjectAcl", "PutObjectVersionAcl")}),
    (action("Deploy", "S3", configuration={"BucketName": "site", "Extract": "false", "ObjectKey": "{datetime}/site.zip"}),
     {"s3:PutObject": f"arn:aws:s3:::site/{UNSAID}/site.zip"}),
    (action("Invoke", "Lambda", configuration={"FunctionName": "check"}),
     {"lambda:InvokeFunction": here("lambda", "function:check")}),
    (action("Invoke", "Lambda", configuration={"FunctionName": here("lambda", "function:check")}),
     {"lambda:InvokeFunction": here("lambda", "function:check")}),
    (action("Invoke", "StepFunctions", configuration={"StateMachineArn": here("states", "stateMachine:Tests")}),
     {"states:StartExecution": here("states", "stateMachine:Tests"),
      "states:DescribeStateMachine": here("states", "stateMachine:Tests"),
      "states:DescribeExecution": here("states", f"execution:Tests:{UNSAID}")}),
    (action("Invoke", "StepFunctions", configuration={"StateMachineArn": here("states", "stateMachine/Tests")}),
     {"states:StartExecution": here("states", "stateMachine/Tests"),
      "states:DescribeStateMachine": here("states", "stateMachine/Tests"),
      "states:DescribeExecution": here("states", f"execution:Tests:{UNSAID}")}),
    (action("Invoke", "CodePipeline", configuration={"PipelineName": "other"}),
     {"codepipeline:StartPipelineExecution": f"{START}other"}),
    (action("Approval", "Manual"), {}),
    (action("Approval", "Manual", configuration={"NotificationArn": here("sns", "approvers")}),
     {"sns:Publish": here("sns", "approvers")}),
    (action("Compute", "Commands"),
     {f"logs:{name}": here("logs", f"log-group:/aws/codepipeline/shop-release-of-the-web-shop{UNSAID}")
      for name in ("CreateLogGroup", "CreateLogStream", "PutLogEvents")}),
    (Rule("Calm", "CloudWatchAlarm", {"AlarmName": "errors"}),
     {"cloudwatch:DescribeAlarms": here("cloudwatch", "alarm:errors")}),
    (Rule("Ask", "LambdaInvoke", {"FunctionName": "check"}), {"lambda:InvokeFunction": here("lambda", "function:check")}),
    (Rule("Office", "DeploymentWindow", {"Cron": "x"}), {}),
], ids=lambda value: f"{value.provider}" if isinstance(value, Action | Rule) else "")
def test_an_action_needs_these_calls_on_these_resources(work: Action | Rule, expected: dict[str, str]) -> None:
    assert needed(work) == expected


def test_what_the_guide_lists_besides_is_told_on_request() -> None:
    work = action("Deploy", "CodeDeploy", configuration={"ApplicationName": "shop", "DeploymentGroupName": "prod"})
    assert set(needed(work, documented=True)) - set(needed(work)) == {"codedeploy:GetApplication"}


@pytest.mark.parametrize("info", ACTIONS, ids=lambda info: f"{info.type.category}-{info.type.provider}")
def test_everything_that_the_catalogue_lists_is_on_a_resource(info: Any) -> None:
    settings = {key: here("some", f"thing/{key}") if key.endswith("Arn") else f"my-{key}" for key in info.key_names}
    settings |= {"ActionMode": "", "BatchEnabled": "false", "OutputArtifactFormat": "", "RegistryType": "private"}
    work = Action("A", info.type, configuration=settings, inputs=("App",))
    found = [need for need in requirements(work, settings, pipeline(), REGION, ACCOUNT, documented=True)
             if not need.resource.startswith("arn:aws:s3:::artifacts")]
    assert [need.action for need in found] == list(info.permissions)
    for need in found:
        assert "{" not in need.resource, "every brace is filled in"
        assert fulfils([parse({"Statement": missing_statement(need.action, need.resource)})], need)


def test_passing_a_role_says_to_whom() -> None:
    stack = action("Deploy", "CloudFormation", configuration={
        "ActionMode": "CREATE_UPDATE", "StackName": "web", "RoleArn": ROLE})
    (need,) = (need for need in requirements(stack, stack.configuration, pipeline(), REGION, ACCOUNT)
               if need.action == "iam:PassRole")
    assert need.context == {"iam:PassedToService": "cloudformation.amazonaws.com"}
    to_ecs = parse({"Statement": {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": {
        "StringEqualsIfExists": {"iam:PassedToService": ["ecs-tasks.amazonaws.com"]}}}})
    assert not fulfils([to_ecs], need)
    tasks = action("Deploy", "ECS")
    (need,) = (need for need in requirements(tasks, {}, pipeline(), REGION, ACCOUNT) if need.action == "iam:PassRole")
    assert fulfils([to_ecs], need)


def test_a_connection_may_be_used_under_either_of_its_names() -> None:
    arn = here("codeconnections", "connection/c")
    source = action("Source", "CodeStarSourceConnection", configuration={"ConnectionArn": arn})
    (need,) = requirements(source, source.configuration, pipeline(), REGION, ACCOUNT)
    for name in ("codestar-connections", "codeconnections"):
        assert fulfils([parse({"Statement": {"Effect": "Allow", "Action": f"{name}:UseConnection", "Resource": "*"}})], need)
    assert not fulfils([parse({"Statement": {"Effect": "Allow", "Action": "codebuild:*", "Resource": "*"}})], need)


# ---------------------------------------------------------------------------------------------- artifacts, roles, Regions


def test_inputs_are_read_from_the_artifact_bucket_and_outputs_written_to_it() -> None:
    work = action("Deploy", "CloudFormation", configuration={"ActionMode": "DELETE_ONLY"},
                  inputs=("SourceOutput",), outputs=("Stack",))
    assert needed(work).items() >= {
        "s3:GetObject": f"arn:aws:s3:::artifacts/shop-release-of-the-/SourceOutp/{UNSAID}",
        "s3:PutObject": f"arn:aws:s3:::artifacts/shop-release-of-the-/Stack/{UNSAID}"}.items()
    assert {"s3:GetObjectVersion", "s3:GetBucketVersioning", "s3:ListBucket"} <= set(needed(work, documented=True))


def test_the_bucket_is_that_of_the_actions_region() -> None:
    stores = pipeline(**{"": ArtifactStore("home"), "us-east-1": ArtifactStore("abroad")})
    work = action("Deploy", "CloudFormation", inputs=("App",))
    assert needed(work, stores)["s3:GetObject"].startswith("arn:aws:s3:::home/")
    assert needed(work, stores, "us-east-1")["s3:GetObject"].startswith("arn:aws:s3:::abroad/")


@pytest.mark.parametrize(("key", "arn"), [
    (here("kms", "key/k"), here("kms", "key/k")), ("k", here("kms", "key/k")),
    (here("kms", "alias/mine"), here("kms", f"key/{UNSAID}")), ("alias/mine", here("kms", f"key/{UNSAID}")),
])
def test_a_customers_key_must_be_usable(key: str, arn: str) -> None:
    of = pipeline(**{"": ArtifactStore("artifacts", key)})
    read = needed(action("Deploy", "CloudFormation", inputs=("App",)), of)
    assert read["kms:Decrypt"] == arn
    assert "kms:GenerateDataKey" not in read
    assert "kms:GenerateDataKey" in needed(action("Source", "GitHub", "ThirdParty", outputs=("App",)), of)
    assert not any(name.startswith("kms:") for name in needed(action("Approval", "Manual"), of))


def test_an_action_with_a_role_of_its_own_works_in_that_roles_account() -> None:
    other = "arn:aws:iam::444455556666:role/deploy"
    work = action("Deploy", "CodeDeploy", role_arn=other, configuration={
        "ApplicationName": "shop", "DeploymentGroupName": "prod"})
    found = requirements(work, work.configuration, pipeline(), REGION, ACCOUNT)
    assume, *rest = found
    assert (assume.action, assume.resource, assume.role) == ("sts:AssumeRole", other, ROLE)
    assert {need.role for need in rest} == {other}
    assert all(":444455556666:" in need.resource for need in rest)


def test_for_a_role_only_its_own_side_is_looked_at() -> None:
    other = "arn:aws:iam::444455556666:role/deploy"
    key = here("kms", "key/k")
    work = action("Deploy", "CodeDeploy", role_arn=other, inputs=("App",), configuration={
        "ApplicationName": "shop", "DeploymentGroupName": "prod"})
    everything = [parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})]
    needs = requirements(work, work.configuration, pipeline(**{"": ArtifactStore("artifacts", key)}), REGION, ACCOUNT)
    assert {"sts:AssumeRole", "kms:Decrypt"} <= {need.action for need in needs}
    assert all(fulfils(everything, need, principal=need.role) for need in needs), "the other side is taken for granted"
    assert not any(fulfils([], need, principal=need.role) for need in needs)


def test_a_builds_artifacts_are_moved_by_the_projects_role_where_the_action_has_its_own() -> None:
    settings = {"ProjectName": "shop"}
    shared = action("Build", "CodeBuild", configuration=settings, inputs=("App",), outputs=("Built",))
    own = action("Build", "CodeBuild", configuration=settings, inputs=("App",), outputs=("Built",), role_arn=f"{ROLE}-build")
    assert {"s3:GetObject", "s3:PutObject"} <= set(needed(shared))
    assert not any(name.startswith("s3:") for name in needed(own))


def test_commands_read_the_secrets_of_their_environment() -> None:
    work = action("Compute", "Commands", environment_variables=(
        {"name": "A", "value": "plain"}, {"name": "B", "value": "db/password:key", "type": "SECRETS_MANAGER"}))
    assert needed(work)["secretsmanager:GetSecretValue"] == here("secretsmanager", f"secret:db/password{UNSAID}")


# ---------------------------------------------------------------------------------------------- real roles


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def templates(corpus: Path) -> Iterator[dict[str, Any]]:
    """The resources of each template that is JSON; most were made by the CDK."""
    for file in sorted((corpus / "cfn").glob("*.json")):
        for template in listed(json.loads(file.read_text())):
            yield template.get("Resources", {})


def statements(resources: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every statement of a policy, with the policy's properties."""
    for resource in resources.values():
        if resource.get("Type") == "AWS::IAM::Policy":
            for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                yield statement, resource["Properties"]


def role_actions(resources: dict[str, Any]) -> dict[str, list[str]]:
    """By the logical name of a role: the actions that its policies, all in the template, allow on anything at all."""
    found: dict[str, list[str]] = {}
    for statement, properties in statements(resources):
        if statement["Effect"] == "Allow":
            for role in properties.get("Roles", []):
                name = role.get("Ref", "") if isinstance(role, dict) else role
                found.setdefault(name, []).extend(listed(statement["Action"]))
    return {name: actions for name, actions in found.items()
            if not resources.get(name, {}).get("Properties", {}).get("ManagedPolicyArns")}


def real_actions(resources: dict[str, Any]) -> Iterator[tuple[Action, list[str]]]:
    """Each action whose role the template makes, with what that role is allowed."""
    roles = role_actions(resources)
    for resource in resources.values():
        if resource.get("Type") == "AWS::CodePipeline::Pipeline":
            for said in (one for stage in resource["Properties"]["Stages"] for one in stage["Actions"]):
                role = (said.get("RoleArn") or resource["Properties"]["RoleArn"]).get("Fn::GetAtt", [""])[0]
                if role in roles and isinstance(said["ActionTypeId"]["Provider"], str):
                    yield real_action(said), roles[role]


def real_action(said: dict[str, Any]) -> Action:
    kind = said["ActionTypeId"]
    settings = {key: value if isinstance(value, str) else UNSAID for key, value in said.get("Configuration", {}).items()}
    return action(kind["Category"], kind["Provider"], kind["Owner"], configuration=settings,
                  inputs=tuple("App" for _ in said.get("InputArtifacts", [])),
                  outputs=tuple("Out" for _ in said.get("OutputArtifacts", [])),
                  role_arn=f"{ROLE}-own" if "RoleArn" in said else None)


def test_roles_that_work_in_real_templates_have_what_we_require(corpus: Path) -> None:
    """If we asked for more than they have, pipelines that work would fail here."""
    seen: Counter[str] = Counter()
    lacking = []
    for resources in templates(corpus):
        for work, names in real_actions(resources):
            seen[work.provider] += 1
            role = [parse({"Statement": {"Effect": "Allow", "Action": names, "Resource": "*"}})]
            lacking += [(work.provider, need.action)
                        for need in requirements(work, work.configuration, pipeline(), REGION, ACCOUNT)
                        if need.action != "sts:AssumeRole" and not fulfils(role, need)]
    assert sum(seen.values()) > 100
    assert len(seen) > 12, f"many providers: {seen}"
    assert lacking == []


def test_policies_of_real_templates_are_read(corpus: Path) -> None:
    """Statements without CloudFormation's functions are policies as IAM takes them."""
    count = 0
    for resources in templates(corpus):
        for statement, _ in statements(resources):
            plain = {**statement, "Resource": "*"}
            if "Fn::" not in json.dumps(plain) and '"Ref"' not in json.dumps(plain):
                assert parse({"Version": "2012-10-17", "Statement": plain}).statements
                count += 1
    assert count > 500
