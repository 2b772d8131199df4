"""Which of the calls that the guide lists for a provider are made with a given configuration, and which the work cannot
do without.

The guide's lists (8.1) are more than a deployment needs: service roles of real pipelines, and those that the CDK
writes, lack some of them and work. Each exception below is one that such roles show [design].
"""

from __future__ import annotations

from collections.abc import Mapping

from ..pipeline.catalogue import action_type, rule_type
from ..pipeline.model import Action, Rule

_STACK_CALLS: Mapping[str, tuple[str, ...]] = {
    "CREATE_UPDATE": ("DescribeStacks", "CreateStack", "UpdateStack"),
    "REPLACE_ON_FAILURE": ("DescribeStacks", "CreateStack", "UpdateStack", "DeleteStack"),
    "DELETE_ONLY": ("DescribeStacks", "DeleteStack"),
    "CHANGE_SET_REPLACE": ("DescribeStacks", "CreateChangeSet", "DescribeChangeSet"),  # to delete one, it must be there
    "CHANGE_SET_EXECUTE": ("DescribeStacks", "DescribeChangeSet", "ExecuteChangeSet"),
}
"""What CloudFormation is asked for in each ActionMode (2.4)."""

_ONLY_WITH: Mapping[tuple[str, str], str] = {
    ("CloudFormation", "iam:PassRole"): "RoleArn",
    ("CloudFormation", "cloudformation:SetStackPolicy"): "TemplateConfiguration",
    ("S3", "s3:PutObjectAcl"): "CannedACL",
    ("S3", "s3:PutObjectVersionAcl"): "CannedACL",
    ("EC2", "elasticloadbalancing:DescribeTargetGroups"): "TargetGroupNameList",
    ("EC2", "elasticloadbalancing:RegisterTargets"): "TargetGroupNameList",
    ("EC2", "elasticloadbalancing:DeregisterTargets"): "TargetGroupNameList",
    ("EKS", "ec2:CreateNetworkInterface"): "Subnets",
    ("EKS", "ec2:DescribeNetworkInterfaces"): "Subnets",
    ("EKS", "ec2:DeleteNetworkInterface"): "Subnets",
    ("Lambda", "lambda:GetAlias"): "FunctionAlias",
    ("Lambda", "lambda:UpdateAlias"): "FunctionAlias",
    ("Lambda", "lambda:GetProvisionedConcurrencyConfig"): "FunctionAlias",
    ("Lambda", "cloudwatch:DescribeAlarms"): "Alarms",
    ("Manual", "sns:Publish"): "NotificationArn",
}
"""Calls that are made only where the configuration has this key."""

_SPARE = frozenset({
    ("CodeCommit", "codecommit:CancelUploadArchive"),  # only when an action is stopped
    ("S3", "s3:GetBucketAcl"),
    ("S3", "s3:GetBucketLocation"),
    ("S3", "s3:ListBucket"),
    ("CodeDeploy", "codedeploy:GetApplication"),
    ("CodeDeployToECS", "codedeploy:GetApplication"),
    ("CloudFormation", "cloudformation:SetStackPolicy"),
    ("CloudFormation", "cloudformation:ValidateTemplate"),
    ("ECS", "ecs:DescribeTasks"),  # the guide's newer policy has neither of these two
    ("ECS", "ecs:ListTasks"),
    ("ECS", "ecs:TagResource"),  # only for a task definition with tags
    ("AppConfig", "appconfig:StopDeployment"),  # only when an action is stopped
    ("EC2", "ssm:CancelCommand"),  # only when an action is stopped
    ("Lambda", "lambda:ListFunctions"),  # the console's list of functions to choose from
})
"""Calls without which the work is done all the same."""


def calls_of(work: Action | Rule, settings: Mapping[str, str]) -> list[str]:
    """The IAM actions that the catalogue lists for the provider, as far as this configuration leads to them."""
    known = action_type(work.type) if isinstance(work, Action) else rule_type(work.provider)
    listed = _instead(work, settings) or ([] if known is None else list(known.permissions))
    return [action for action in listed if _is_made(work, action, settings)]


def _instead(work: Action | Rule, settings: Mapping[str, str]) -> list[str]:
    """Other calls than usual: a batch of builds, a full clone, a public registry [CDK]; nothing where all is usual."""
    if work.provider == "CodeBuild" and settings.get("BatchEnabled", "").lower() == "true":
        return ["codebuild:StartBuildBatch", "codebuild:BatchGetBuildBatches"]
    if work.provider == "ECRBuildAndPublish" and settings.get("RegistryType") == "public":
        return list(_PUBLIC_REGISTRY)
    if work.provider == "CodeCommit" and settings.get("OutputArtifactFormat") == "CODEBUILD_CLONE_REF":
        return ["codecommit:GetBranch", "codecommit:GetCommit", "codecommit:GetRepository"]
    return []


_PUBLIC_REGISTRY = (
    "sts:GetServiceBearerToken",
    *(f"ecr-public:{name}" for name in (
        "DescribeRepositories", "GetAuthorizationToken", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload",
        "PutImage", "BatchCheckLayerAvailability")),
    "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents",
)


def _is_made(work: Action | Rule, action: str, settings: Mapping[str, str]) -> bool:
    key = _ONLY_WITH.get((work.provider, action))
    if key is not None and not settings.get(key):
        return False
    if work.provider == "CloudFormation" and action.startswith("cloudformation:"):
        calls = _STACK_CALLS.get(settings.get("ActionMode", ""))
        return calls is None or action.partition(":")[2] in (*calls, "SetStackPolicy", "ValidateTemplate")
    return bool(work.inputs) if action == "lambda:UpdateFunctionCode" else True


def is_essential(work: Action | Rule, action: str) -> bool:
    """Whether the work cannot be done without the call."""
    return (work.provider, action) not in _SPARE
