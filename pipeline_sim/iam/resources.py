"""Which resource a call of the service role is about, made from an action's configuration.

In braces stand the configuration's keys, and `partition`, `region`, `account` and `pipeline`. What nobody has said is
`…`: the family of a task definition, a deployment's id, the suffix of a stack's ARN.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..pipeline.model import Action, Rule
from .wildcards import UNSAID

_HERE = "arn:{partition}:%s:{region}:{account}:"
_BUILD = _HERE % "codebuild" + "project/{ProjectName}"
_DEPLOYMENTS = _HERE % "codedeploy"
_STACK = _HERE % "cloudformation" + "stack/{StackName}/…"
_STACK_SET = _HERE % "cloudformation" + "stackset/{StackSetName}:…"
_CLUSTER = _HERE % "ecs"
_BEANSTALK = _HERE % "elasticbeanstalk"
_CONFIGS = _HERE % "appconfig" + "application/{Application}/environment/{Environment}"
_FUNCTION = _HERE % "lambda" + "function:{FunctionName}"
_LOGS = _HERE % "logs" + "log-group:/aws/codepipeline/{pipeline}…"
_FARM = "arn:{partition}:devicefarm:us-west-2:{account}:"
_ROLE = "arn:{partition}:iam::{account}:role/…"
_BUCKET = "arn:{partition}:s3:::{BucketName}"

RESOURCES: Mapping[str, str] = {
    "codecommit": _HERE % "codecommit" + "{RepositoryName}",
    "ecr": _HERE % "ecr" + "repository/{ECRRepositoryName}",
    "ecr:DescribeImages": _HERE % "ecr" + "repository/{RepositoryName}",
    "ecr:GetAuthorizationToken": "*",
    "ecr-public": "arn:{partition}:ecr-public::{account}:repository/{ECRRepositoryName}",
    "ecr-public:GetAuthorizationToken": "*",
    "codestar-connections": "{ConnectionArn}",
    "s3": "arn:{partition}:s3:::{S3Bucket}",
    "s3:GetObject": "arn:{partition}:s3:::{S3Bucket}/{S3ObjectKey}",
    "s3:GetObjectVersion": "arn:{partition}:s3:::{S3Bucket}/{S3ObjectKey}",
    "s3:PutObject": _BUCKET + "/{ObjectKey}",
    "s3:PutObjectAcl": _BUCKET + "/{ObjectKey}",
    "s3:PutObjectVersionAcl": _BUCKET + "/{ObjectKey}",
    "codebuild": _BUILD,
    "codedeploy": _DEPLOYMENTS + "application:{ApplicationName}",
    "codedeploy:CreateDeployment": _DEPLOYMENTS + "deploymentgroup:{ApplicationName}/{DeploymentGroupName}",
    "codedeploy:GetDeployment": _DEPLOYMENTS + "deploymentgroup:{ApplicationName}/{DeploymentGroupName}",
    "codedeploy:GetDeploymentConfig": _DEPLOYMENTS + "deploymentconfig:…",
    "cloudformation": _STACK,
    "cloudformation:ValidateTemplate": "*",
    "ecs": "*",
    "ecs:DescribeServices": _CLUSTER + "service/{ClusterName}/{ServiceName}",
    "ecs:UpdateService": _CLUSTER + "service/{ClusterName}/{ServiceName}",
    "ecs:DescribeTasks": _CLUSTER + "task/{ClusterName}/…",
    "ecs:ListTasks": _CLUSTER + "container-instance/{ClusterName}/…",
    "ecs:TagResource": _CLUSTER + "task-definition/…:…",
    "iam:PassRole": _ROLE,
    "elasticbeanstalk": _BEANSTALK + "environment/{ApplicationName}/{EnvironmentName}",
    "elasticbeanstalk:CreateApplicationVersion": _BEANSTALK + "applicationversion/{ApplicationName}/…",
    "elasticbeanstalk:DescribeApplicationVersions": _BEANSTALK + "applicationversion/{ApplicationName}/…",
    "appconfig": _CONFIGS + "/deployment/…",
    "appconfig:StartDeployment": _CONFIGS,
    "servicecatalog": _HERE % "catalog" + "product/{ProductId}",
    "opsworks": _HERE % "opsworks" + "stack/{Stack}/",
    "ec2": "*",
    "elasticloadbalancing": _HERE % "elasticloadbalancing" + "targetgroup/…",
    "elasticloadbalancing:DescribeTargetGroups": "*",
    "ssm": "*",
    "ssm:SendCommand": _HERE % "ec2" + "instance/…",
    "eks": _HERE % "eks" + "cluster/{ClusterName}",
    "logs": _LOGS,
    "lambda": _FUNCTION,
    "lambda:ListFunctions": "*",
    "lambda:GetAlias": _FUNCTION + "…",
    "lambda:UpdateAlias": _FUNCTION + "…",
    "lambda:GetProvisionedConcurrencyConfig": _FUNCTION + "…",
    "states": "{StateMachineArn}",
    "inspector-scan": "*",
    "codepipeline": _HERE % "codepipeline" + "{PipelineName}",
    "sns": "{NotificationArn}",
    "cloudwatch": _HERE % "cloudwatch" + "alarm:…",
    "devicefarm": _FARM + "project:{ProjectId}",
    "devicefarm:ListProjects": "*",
    "devicefarm:GetRun": _FARM + "run:{ProjectId}/…",
    "devicefarm:GetUpload": _FARM + "upload:{ProjectId}/…",
}
"""The resource of each IAM action, or of all actions of a service."""

_OF_PROVIDER: Mapping[tuple[str, str], str] = {
    ("CloudFormation", "iam:PassRole"): "{RoleArn}",
    ("CloudFormationStackSet", "cloudformation"): _STACK_SET,
    ("CloudFormationStackInstances", "cloudformation"): _STACK_SET,
    ("CloudWatchAlarm", "cloudwatch"): _HERE % "cloudwatch" + "alarm:{AlarmName}",
}
ALTERNATIVES: Mapping[str, tuple[str, ...]] = {
    "codestar-connections:UseConnection": ("codeconnections:UseConnection",),
}
"""The same permission under the service's other name (2.2)."""
_PASSED_TO = {"CloudFormation": "cloudformation.amazonaws.com"}
ECS_TASKS = "ecs-tasks.amazonaws.com"
_BRACES = re.compile(r"\{(\w+)\}")


def resources_of(work: Action | Rule, action: str, names: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The resources that a call is about, each with what the request says besides (`iam:PassedToService`)."""
    service = action.partition(":")[0]
    template = next(table for table in (
        _OF_PROVIDER.get((work.provider, action)), _OF_PROVIDER.get((work.provider, service)), RESOURCES.get(action),
        RESOURCES.get(service), "*") if table)
    context = {"iam:PassedToService": _PASSED_TO.get(work.provider, ECS_TASKS)} if action == "iam:PassRole" else {}
    yield _filled(template, action, names), context


def _filled(template: str, action: str, names: Mapping[str, str]) -> str:
    """The template with its braces filled in. A configuration may give a whole ARN where a name is usual; objects that
    are unpacked, and dates and ids in a key, are known only when they are written."""
    arn = _BRACES.sub(lambda found: names.get(found.group(1)) or UNSAID, template)
    inner = re.search(r"[:/](arn:aws.*)\Z", arn)
    if inner is not None:
        return inner.group(1)
    if action == "states:DescribeExecution":
        return re.sub(":stateMachine[:/]", ":execution:", arn, count=1) + f":{UNSAID}"
    if action.startswith("s3:Put") and names.get("Extract", "").lower() == "true":
        return f"{arn.removesuffix(UNSAID)}{UNSAID}"
    return re.sub(r"\{(datetime|uuid)\}", UNSAID, arn)
