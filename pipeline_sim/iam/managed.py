"""What AWS's managed policies for CodePipeline allow, by name or ARN (8.2) [UG:managed-policies]."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_ARN = "arn:aws:iam::aws:policy/"


def _allow(actions: str, resource: str = "*", sid: str = "", **condition: Mapping[str, Any]) -> dict[str, Any]:
    """A statement; its actions are written short: `codepipeline: GetPipeline, ListPipelines`, a line for a service."""
    found = {"Sid": sid, "Effect": "Allow", "Action": list(_actions(actions)), "Resource": resource,
             "Condition": condition}
    return {key: value for key, value in found.items() if value}


def _actions(text: str) -> Iterator[str]:
    for line in text.strip().splitlines():
        service, _, names = line.partition(":")
        yield from (f"{service.strip()}:{name.strip()}" for name in names.split(","))


_FOR_PIPELINES = {"codestar-notifications:NotificationsForResource": "arn:aws:codepipeline:*"}
_BUCKETS = "arn:aws:s3::*:codepipeline-*"  # so it is printed; with a bucket's ARN, which has no account, it agrees too

_FULL = [
    _allow("""
        codepipeline: *
        cloudformation: DescribeStacks, ListStacks, ListChangeSets
        cloudtrail: DescribeTrails
        codebuild: BatchGetProjects, CreateProject, ListCuratedEnvironmentImages, ListProjects
        codecommit: ListBranches, GetReferences, ListRepositories
        codedeploy: BatchGetDeploymentGroups, ListApplications, ListDeploymentGroups
        ec2: DescribeSecurityGroups, DescribeSubnets, DescribeVpcs
        ecr: DescribeRepositories, ListImages
        ecs: ListClusters, ListServices
        elasticbeanstalk: DescribeApplications, DescribeEnvironments
        iam: ListRoles, GetRole
        lambda: ListFunctions
        events: ListRules, ListTargetsByRule, DescribeRule
        opsworks: DescribeApps, DescribeLayers, DescribeStacks
        s3: ListAllMyBuckets
        sns: ListTopics
        codestar-notifications: ListNotificationRules, ListTargets, ListTagsforResource, ListEventTypes
        states: ListStateMachines
        """, sid="CodePipelineAuthoringAccess"),
    _allow("s3: GetObject, ListBucket, GetBucketPolicy, GetBucketVersioning, GetObjectVersion, CreateBucket, "
           "PutBucketPolicy", _BUCKETS, "CodePipelineArtifactsReadWriteAccess"),
    _allow("cloudtrail: PutEventSelectors, CreateTrail, GetEventSelectors, StartLogging",
           "arn:aws:cloudtrail:*:*:trail/codepipeline-source-trail", "CodePipelineSourceTrailReadWriteAccess"),
    _allow("iam: PassRole", "arn:aws:iam::*:role/service-role/cwe-role-*", "EventsIAMPassRole",
           StringEquals={"iam:PassedToService": "events.amazonaws.com"}),
    _allow("iam: PassRole", "*", "CodePipelineIAMPassRole",
           StringEquals={"iam:PassedToService": "codepipeline.amazonaws.com"}),
    _allow("events: PutRule, PutTargets, DeleteRule, DisableRule, RemoveTargets",
           "arn:aws:events:*:*:rule/codepipeline-*", "CodePipelineEventsReadWriteAccess"),
    _allow("codestar-notifications: CreateNotificationRule, DescribeNotificationRule, UpdateNotificationRule, "
           "DeleteNotificationRule, Subscribe, Unsubscribe", "*", "CodeStarNotificationsReadWriteAccess",
           StringLike=_FOR_PIPELINES),
    _allow("sns: CreateTopic, SetTopicAttributes", "arn:aws:sns:*:*:codestar-notifications*",
           "CodeStarNotificationsSNSTopicCreateAccess"),
    _allow("chatbot: DescribeSlackChannelConfigurations, ListMicrosoftTeamsChannelConfigurations",
           sid="CodeStarNotificationsChatbotAccess"),
]
_READ_ONLY = [
    _allow("""
        codepipeline: GetPipeline, GetPipelineState, GetPipelineExecution, ListPipelineExecutions, ListActionExecutions
        codepipeline: ListActionTypes, ListPipelines, ListTagsForResource
        s3: ListAllMyBuckets
        codestar-notifications: ListNotificationRules, ListEventTypes, ListTargets
        """),
    _allow("s3: GetObject, ListBucket, GetBucketPolicy", _BUCKETS),
    _allow("codestar-notifications: DescribeNotificationRule", "*", "CodeStarNotificationsReadOnlyAccess",
           StringLike=_FOR_PIPELINES),
]
_APPROVER = [_allow("codepipeline: GetPipeline, GetPipelineState, GetPipelineExecution, ListPipelineExecutions, "
                    "ListPipelines, PutApprovalResult")]
_WORKER = [_allow("codepipeline: AcknowledgeJob, GetJobDetails, PollForJobs, PutJobFailureResult, PutJobSuccessResult")]

MANAGED_POLICIES: Mapping[str, Mapping[str, Any]] = {
    name: {"Version": "2012-10-17", "Statement": statements} for name, statements in (
        ("AWSCodePipeline_FullAccess", _FULL),
        ("AWSCodePipeline_ReadOnlyAccess", _READ_ONLY),
        ("AWSCodePipelineApproverAccess", _APPROVER),
        ("AWSCodePipelineCustomActionAccess", _WORKER),
    )
}
"""The documents by name. Their ARNs are `arn:aws:iam::aws:policy/NAME`."""


def is_managed(name: str) -> bool:
    """Whether this is the name or the ARN of one of them."""
    return name.removeprefix(_ARN) in MANAGED_POLICIES


def document_of(name: str) -> Mapping[str, Any]:
    """The document of a managed policy, by name or ARN."""
    return MANAGED_POLICIES[name.removeprefix(_ARN)]
