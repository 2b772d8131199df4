"""What the service role calls for actions and rules, under the eventSource of their providers (7)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ...pipeline.model import Action, Rule
from ...record import RuleChanged
from ...state import Attempt, ExecutionState, State
from ..links import external_id
from ..names import configuration_of, region_of
from ..spans import rules_of
from .entry import Entry, make_entry, service_session


class Found(NamedTuple):
    """A record of the trail and its place in it: the time, the record of the run that is behind it, and the how many-th
    of that one it is."""

    time: int
    behind: int
    place: int
    entry: Entry


class _Work(NamedTuple):
    """What the service role calls for an action: request parameters by configuration key, and the member of the answer
    that holds what the provider calls the work."""

    source: str
    name: str
    request: Mapping[str, str] = {}
    answer: str = ""
    reads: bool = False


_BUILD = _Work("codebuild.amazonaws.com", "StartBuild", {"projectName": "ProjectName"}, "build.id")
_DEPLOYMENT = _Work("codedeploy.amazonaws.com", "CreateDeployment",
                    {"applicationName": "ApplicationName", "deploymentGroupName": "DeploymentGroupName"},
                    "deploymentId")
_CONNECTION = {"connectionArn": "ConnectionArn", "fullRepositoryId": "FullRepositoryId", "branchName": "BranchName"}

WORK: Mapping[str, tuple[_Work, ...]] = {
    "CodeCommit": (_Work("codecommit.amazonaws.com", "GetBranch", {"repositoryName": "RepositoryName",
                                                                   "branchName": "BranchName"}, reads=True),
                   _Work("codecommit.amazonaws.com", "UploadArchive", {"repositoryName": "RepositoryName"})),
    "S3": (_Work("s3.amazonaws.com", "GetBucketVersioning", {"bucketName": "S3Bucket"}, reads=True),),
    "ECR": (_Work("ecr.amazonaws.com", "DescribeImages", {"repositoryName": "RepositoryName"}, reads=True),),
    "CodeStarSourceConnection": (_Work("codeconnections.amazonaws.com", "UseConnection", _CONNECTION, reads=True),),
    "CodeBuild": (_BUILD,),
    "CodeDeploy": (_DEPLOYMENT,),
    "CodeDeployToECS": (_Work("ecs.amazonaws.com", "RegisterTaskDefinition"), _DEPLOYMENT),
    "CloudFormationStackSet": (_Work("cloudformation.amazonaws.com", "UpdateStackSet",
                                     {"stackSetName": "StackSetName"}, "operationId"),),
    "CloudFormationStackInstances": (_Work("cloudformation.amazonaws.com", "CreateStackInstances",
                                           {"stackSetName": "StackSetName"}, "operationId"),),
    "ECS": (_Work("ecs.amazonaws.com", "RegisterTaskDefinition"),
            _Work("ecs.amazonaws.com", "UpdateService", {"cluster": "ClusterName", "service": "ServiceName"})),
    "ElasticBeanstalk": (_Work("elasticbeanstalk.amazonaws.com", "CreateApplicationVersion",
                               {"applicationName": "ApplicationName"}),
                         _Work("elasticbeanstalk.amazonaws.com", "UpdateEnvironment",
                               {"environmentName": "EnvironmentName"})),
    "AppConfig": (_Work("appconfig.amazonaws.com", "StartDeployment",
                        {"applicationId": "Application", "environmentId": "Environment",
                         "configurationProfileId": "ConfigurationProfile"}),),
    "ServiceCatalog": (_Work("servicecatalog.amazonaws.com", "CreateProvisioningArtifact",
                             {"productId": "ProductId"}),),
    "DeviceFarm": (_Work("devicefarm.amazonaws.com", "ScheduleRun", {"projectArn": "ProjectId"}),),
    "StepFunctions": (_Work("states.amazonaws.com", "StartExecution", {"stateMachineArn": "StateMachineArn"},
                            "executionArn"),),
    "EC2": (_Work("ssm.amazonaws.com", "SendCommand"),),
    "EKS": (_Work("eks.amazonaws.com", "DescribeCluster", {"name": "ClusterName"}, reads=True),),
    "ECRBuildAndPublish": (_Work("ecr.amazonaws.com", "PutImage", {"repositoryName": "ECRRepositoryName"}),),
    "Commands": (_Work("logs.amazonaws.com", "CreateLogStream"),),
}
_STACKS = {"CREATE_UPDATE": "UpdateStack", "REPLACE_ON_FAILURE": "UpdateStack", "DELETE_ONLY": "DeleteStack",
           "CHANGE_SET_REPLACE": "CreateChangeSet", "CHANGE_SET_EXECUTE": "ExecuteChangeSet"}
_FUNCTION = (_Work("lambda.amazonaws.com", "UpdateFunctionCode20150331v2", {"functionName": "FunctionName"}),
             _Work("lambda.amazonaws.com", "PublishVersion20150331", {"functionName": "FunctionName"}))


def _work_of(action: Action, settings: Mapping[str, str]) -> tuple[_Work, ...]:
    """What the role calls. Deploying to S3, invoking Lambda and publishing to SNS are data events."""
    if action.type.owner != "AWS":
        return ()
    if action.provider == "CloudFormation":
        name = _STACKS.get(settings.get("ActionMode", ""), "UpdateStack")
        request = {"stackName": "StackName"} | ({"changeSetName": "ChangeSetName"} if "ChangeSet" in name else {})
        return (_Work("cloudformation.amazonaws.com", name, request, "stackId"),)
    if action.provider == "Lambda":
        return _FUNCTION if action.category == "Deploy" else ()
    if action.provider == "S3" and not action.is_source:
        return ()
    return WORK.get(action.provider, ())


def of_attempt(state: State, execution: ExecutionState, action: Action, attempt: Attempt) -> Iterator[Found]:
    """The calls for one attempt, when its work began. Where the role was not let in, the one that was denied."""
    if attempt.began is None or attempt.result.code == "ConfigurationError":
        return
    settings = configuration_of(state, execution, action, attempt)
    who = service_session(state, action.role_arn or execution.definition.role_arn)
    region, time = region_of(state, action), attempt.began
    if attempt.result.code == "PermissionError":
        yield Found(time, attempt.index, 1, _denied(state, action, settings, attempt, who, region))
        return
    external = external_id(state, execution, action, attempt)
    for place, work in enumerate(_work_of(action, settings), 1):
        request = {name: settings[key] for name, key in work.request.items() if key in settings}
        yield Found(time, attempt.index, place, make_entry(
            state, time, attempt.index, work.name, work.source, who, request=request,
            answer=_answer(work.answer, external), reads=work.reads, region=region))


def _answer(path: str, external: str) -> dict[str, Any] | None:
    if not path or not external:
        return None
    outer, _, inner = path.partition(".")
    return {outer: {inner: external} if inner else external}


_PERFORM = re.compile(r"perform:? ([a-z0-9-]+):(\w+)")


def _denied(
    state: State, action: Action, settings: Mapping[str, str], attempt: Attempt, who: Mapping[str, Any], region: str
) -> Entry:
    """AccessDenied: the error's message names the permission; otherwise it is the first that the action needs."""
    named = _PERFORM.search(attempt.result.message)
    works = _work_of(action, settings)
    first = works[0] if works else _Work("s3.amazonaws.com", "GetBucketVersioning")
    source, name = (f"{named[1]}.amazonaws.com", named[2]) if named else (first.source, first.name)
    return make_entry(state, attempt.began or 0, attempt.index, name, source, who, request=None, answer=None,
                  error=("AccessDenied", attempt.result.message), region=region)


_ALARMS = _Work("monitoring.amazonaws.com", "DescribeAlarms", {"alarmNames": "AlarmName"}, reads=True)
_RULES = {"CloudWatchAlarm": _ALARMS, "CodeBuild": _BUILD}


def of_rule(state: State, record: RuleChanged, index: int) -> Iterator[Found]:
    """What the role calls for a rule of a condition."""
    execution = state.execution(record.pipeline, record.execution)
    rule = _declared(execution, record)
    work = _RULES.get(rule.provider) if rule else None
    if rule is None or work is None:
        return
    who = service_session(state, rule.role_arn or execution.definition.role_arn)
    request = {name: rule.configuration[key] for name, key in work.request.items() if key in rule.configuration}
    yield Found(record.time, index, 1, make_entry(state, record.time, index, work.name, work.source, who,
                                               request=request, answer=None, reads=work.reads))


def _declared(execution: ExecutionState, record: RuleChanged) -> Rule | None:
    rules = rules_of(execution.definition, record.stage, record.gate)
    return next((rule for rule in rules if rule.name == record.rule), None)
