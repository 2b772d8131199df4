"""Which types of action and rule there are, and what each takes, gives, needs and costs in time: data, not code.

From section 2 of the behaviour reference [UG:actions-valid-providers, UG:reference-action-artifacts, UG:limits,
PROBE-A]; durations from its section 12, as plausible defaults and not promises. In the lists of configuration keys `!`
marks a required one, `*` a secret, `=` stands before all the values that it may have. Permissions are those that the
guide lists; `pipeline_sim.iam` knows which of them a configuration needs, and on what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from .model import ActionType

MINUTE, HOUR, DAY = 60, 3600, 86_400


class Key(NamedTuple):
    """One configuration property of a type; `values` where AWS lists them."""

    name: str
    required: bool = False
    secret: bool = False
    values: tuple[str, ...] = ()
    queryable: bool = False


@dataclass(frozen=True)
class ActionInfo:
    """What is known of a type of action. Counts are (least, most); times are seconds.

    `timeout` ends an attempt: only an approval's can be set in the action (`timeout_settable`), a key may lower it
    (`timeout_key`, minutes), an invocation that says nothing at all ends after `reply_timeout`. `duration` is a typical
    median and 95th percentile, `durations` the same by ActionMode. `failure` is the probability that an attempt fails
    where no scenario says so: 0, as nothing is known of anybody's code. `required_by` holds the keys that the value of
    another key makes required (2.4).
    """

    type: ActionType
    inputs: tuple[int, int]
    outputs: tuple[int, int]
    timeout: int
    keys: tuple[Key, ...] = ()
    variables: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    duration: tuple[int, int] = (30, 90)
    v2_only: bool = False
    managed_compute: bool = False
    open_keys: bool = False
    failure: float = 0.0
    timeout_settable: bool = False
    timeout_key: str = ""
    reply_timeout: int | None = None
    durations: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    required_by: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(key.name for key in self.keys if key.required)

    @property
    def key_names(self) -> tuple[str, ...]:
        return tuple(key.name for key in self.keys)

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(key.name for key in self.keys if key.secret)

    @property
    def billed(self) -> bool:
        """Whether its minutes cost in a V2 pipeline: all but those of approvals and custom actions (11) [PRICE]."""
        return self.type.category != "Approval" and self.type.owner != "Custom"

    @property
    def logs(self) -> bool:
        """Whether it writes a log at /aws/codepipeline/<pipeline> (2.3 to 2.5)."""
        return "logs:PutLogEvents" in self.permissions

    def also_required(self, given: Mapping[str, object]) -> tuple[str, ...]:
        """The keys that are required because of what another one says."""
        return tuple(name for key, by_value in self.required_by.items()
                     for name in by_value.get(str(given.get(key)), ()))

    def usual(self, given: Mapping[str, str]) -> tuple[int, int]:
        """Median and 95th percentile of the duration by what the action is told to do."""
        return self.durations.get(given.get("ActionMode", ""), self.duration)


@dataclass(frozen=True)
class RuleInfo:
    """What is known of a type of rule. A rule that `may_skip` is allowed where the condition's result is SKIP."""

    provider: str
    keys: tuple[Key, ...]
    permissions: tuple[str, ...] = ()
    duration: tuple[int, int] = (5, 15)
    may_skip: bool = False
    takes_commands: bool = False
    inputs: tuple[int, int] = (0, 0)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(key.name for key in self.keys if key.required)

    @property
    def key_names(self) -> tuple[str, ...]:
        return tuple(key.name for key in self.keys)

    @property
    def managed_compute(self) -> bool:
        """Whether it runs on CodeBuild and is billed there too (11)."""
        return self.provider in ("CodeBuild", "Commands")


def _keys(text: str) -> tuple[Key, ...]:
    return tuple(_key(*word.partition("=")) for word in text.split())


def _key(marked: str, _: str, values: str) -> Key:
    return Key(marked.rstrip("!*"), "!" in marked, "*" in marked, tuple(values.split("|")) if values else ())


def _info(
    category: str, provider: str, inputs: tuple[int, int], outputs: tuple[int, int], timeout: int, keys: str = "", *,
    owner: str = "AWS", variables: str = "", permissions: str = "", duration: tuple[int, int] = (30, 90),
    v2: bool = False, managed: bool = False, open_keys: bool = False, settable: bool = False, timeout_key: str = "",
    reply: int | None = None, durations: Mapping[str, tuple[int, int]] | None = None,
    required_by: Mapping[str, Mapping[str, tuple[str, ...]]] | None = None, entity: str = "", execution: str = "",
    revision: str = "",
) -> ActionInfo:
    urls = {"entityUrlTemplate": entity, "executionUrlTemplate": execution, "revisionUrlTemplate": revision}
    return ActionInfo(
        ActionType(category, owner, provider), inputs, outputs, timeout, _keys(keys), tuple(variables.split()),
        tuple(permissions.split()), duration, v2, managed, open_keys, timeout_settable=settable,
        timeout_key=timeout_key, reply_timeout=reply, durations=durations or {}, required_by=required_by or {},
        settings={name: url for name, url in urls.items() if url})


_LOGS = " logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents"
_COMMIT = "AuthorDate BranchName CommitId CommitMessage "
_FORMAT = "OutputArtifactFormat=CODE_ZIP|CODEBUILD_CLONE_REF"
_ACLS = ("private|public-read|public-read-write|authenticated-read|aws-exec-read|bucket-owner-read|"
         "bucket-owner-full-control")
_BUILD = "ProjectName! PrimarySource BatchEnabled=true|false CombineArtifacts=true|false EnvironmentVariables"
_CODEBUILD = _BUILD + " BuildspecOverride"
_BEANSTALK = "https://console.aws.amazon.com/elasticbeanstalk/r/application/{Config:ApplicationName}"
_DEPLOYMENTS = "https://console.aws.amazon.com/codedeploy/home?#/"
_START_BUILD = "codebuild:StartBuild codebuild:BatchGetBuilds"
_CODEDEPLOY = ("codedeploy:CreateDeployment codedeploy:GetApplication codedeploy:GetApplicationRevision "
               "codedeploy:GetDeployment codedeploy:GetDeploymentConfig codedeploy:RegisterApplicationRevision")
_NETWORK = " ec2:CreateNetworkInterface ec2:DescribeNetworkInterfaces ec2:DeleteNetworkInterface"

_FOR_MODE = {  # 2.4
    "CREATE_UPDATE": ("TemplatePath", "RoleArn"),
    "REPLACE_ON_FAILURE": ("TemplatePath", "RoleArn"),
    "DELETE_ONLY": ("RoleArn",),
    "CHANGE_SET_REPLACE": ("ChangeSetName", "TemplatePath", "RoleArn"),
    "CHANGE_SET_EXECUTE": ("ChangeSetName",),
}
_BY_MODE = {"CHANGE_SET_REPLACE": (25, 60), "CHANGE_SET_EXECUTE": (180, 900), "DELETE_ONLY": (60, 300)}  # 12

ACTIONS: tuple[ActionInfo, ...] = (
    # ------------------------------------------------------------------------------------------------ sources (2.2)
    _info("Source", "CodeCommit", (0, 0), (1, 1), HOUR, "RepositoryName! BranchName! PollForSourceChanges "
          + _FORMAT, variables=_COMMIT + "CommitterDate RepositoryName", duration=(8, 15),
          permissions="codecommit:GetBranch codecommit:GetCommit codecommit:UploadArchive "
                      "codecommit:GetUploadArchiveStatus codecommit:CancelUploadArchive"),
    _info("Source", "S3", (0, 0), (1, 1), HOUR, "S3Bucket! S3ObjectKey! PollForSourceChanges "
          "AllowOverrideForS3ObjectKey=true|false", variables="ETag VersionId", duration=(3, 5),
          entity="https://console.aws.amazon.com/s3/home?#",
          permissions="s3:GetObject s3:GetObjectVersion s3:GetBucketVersioning s3:GetBucketAcl s3:GetBucketLocation "
                      "s3:ListBucket"),
    _info("Source", "ECR", (0, 0), (1, 1), HOUR, "RepositoryName! ImageTag", duration=(3, 6),
          variables="RegistryId RepositoryName ImageTag ImageDigest ImageURI", permissions="ecr:DescribeImages"),
    _info("Source", "CodeStarSourceConnection", (0, 0), (1, 1), HOUR, "ConnectionArn! FullRepositoryId! BranchName! "
          + _FORMAT + " DetectChanges=true|false", variables=_COMMIT + "ConnectionArn FullRepositoryName",
          duration=(8, 15), permissions="codestar-connections:UseConnection"),
    _info("Source", "GitHub", (0, 0), (1, 1), HOUR, "Owner! Repo! Branch! OAuthToken!* PollForSourceChanges",
          owner="ThirdParty", variables=_COMMIT + "CommitterDate CommitUrl RepositoryName", duration=(8, 15),
          entity="https://github.com/{Config:Owner}/{Config:Repo}/tree/{Config:Branch}",
          revision="https://github.com/{Config:Owner}/{Config:Repo}/commit/{RevisionId}"),
    # ------------------------------------------------------------------------------------------ build and test (2.3)
    _info("Build", "CodeBuild", (1, 5), (0, 5), 8 * HOUR, _CODEBUILD, permissions=_START_BUILD, duration=(240, 720)),
    _info("Test", "CodeBuild", (1, 5), (0, 5), 8 * HOUR, _CODEBUILD, permissions=_START_BUILD, duration=(240, 720)),
    _info("Build", "ECRBuildAndPublish", (1, 1), (0, 0), 55 * MINUTE, "ECRRepositoryName! DockerFilePath ImageTags "
          "RegistryType=private|public", variables="ECRImageDigestId ECRRepositoryName", duration=(180, 480),
          v2=True, managed=True,
          permissions="ecr:DescribeRepositories ecr:GetAuthorizationToken ecr:InitiateLayerUpload ecr:UploadLayerPart "
                      "ecr:CompleteLayerUpload ecr:PutImage ecr:GetDownloadUrlForLayer "
                      "ecr:BatchCheckLayerAvailability" + _LOGS),
    _info("Test", "DeviceFarm", (1, 1), (0, 0), HOUR, "AppType!=iOS|Android|Web ProjectId! App! DevicePoolArn! "
          "TestType! AppiumVersion!", open_keys=True, duration=(900, 1800),
          permissions="devicefarm:ListProjects devicefarm:ListDevicePools devicefarm:GetRun devicefarm:GetUpload "
                      "devicefarm:CreateUpload devicefarm:ScheduleRun"),
    _info("Test", "GhostInspector", (0, 5), (0, 5), HOUR, owner="ThirdParty", open_keys=True, duration=(120, 400)),
    _info("Test", "StormRunnerLoad", (0, 5), (0, 5), HOUR, owner="ThirdParty", open_keys=True, duration=(300, 900)),
    _info("Test", "Nouvola", (0, 5), (0, 5), HOUR, owner="ThirdParty", open_keys=True, duration=(300, 900)),
    _info("Test", "Runscope", (0, 5), (0, 5), HOUR, owner="ThirdParty", open_keys=True, duration=(60, 240)),
    _info("Test", "BlazeMeter", (0, 5), (0, 5), HOUR, owner="ThirdParty", open_keys=True, duration=(300, 900)),
    # -------------------------------------------------------------------------------------------------- deploy (2.4)
    _info("Deploy", "CodeDeploy", (1, 1), (0, 0), 5 * DAY, "ApplicationName! DeploymentGroupName!",
          permissions=_CODEDEPLOY, duration=(180, 600), entity=_DEPLOYMENTS + "applications/{Config:ApplicationName}/"
          "deployment-groups/{Config:DeploymentGroupName}",
          execution=_DEPLOYMENTS + "deployments/{ExternalExecutionId}"),
    _info("Deploy", "CodeDeployToECS", (1, 5), (0, 0), 5 * DAY, "ApplicationName! DeploymentGroupName! "
          "TaskDefinitionTemplateArtifact! AppSpecTemplateArtifact! TaskDefinitionTemplatePath AppSpecTemplatePath "
          + " ".join(f"Image{n}ArtifactName Image{n}ContainerName" for n in (1, 2, 3, 4)),
          permissions=_CODEDEPLOY + " ecs:RegisterTaskDefinition iam:PassRole", duration=(400, 900)),
    _info("Deploy", "CloudFormation", (0, 10), (0, 1), 3 * DAY, "ActionMode!=CREATE_UPDATE|REPLACE_ON_FAILURE|"
          "DELETE_ONLY|CHANGE_SET_REPLACE|CHANGE_SET_EXECUTE StackName! ChangeSetName RoleArn TemplatePath "
          "Capabilities OutputFileName ParameterOverrides TemplateConfiguration", required_by={"ActionMode": _FOR_MODE},
          duration=(120, 600), durations=_BY_MODE,
          permissions="cloudformation:CreateStack cloudformation:UpdateStack cloudformation:DeleteStack "
                      "cloudformation:DescribeStacks cloudformation:CreateChangeSet cloudformation:DeleteChangeSet "
                      "cloudformation:DescribeChangeSet cloudformation:ExecuteChangeSet cloudformation:SetStackPolicy "
                      "cloudformation:ValidateTemplate iam:PassRole"),
    _info("Deploy", "CloudFormationStackSet", (1, 3), (0, 0), 3 * DAY, "StackSetName! TemplatePath! Description "
          "Parameters Capabilities PermissionModel=SELF_MANAGED|SERVICE_MANAGED AdministrationRoleArn "
          "ExecutionRoleName OrganizationsAutoDeployment=Disabled|Enabled|EnabledWithStackRetention "
          "DeploymentTargets Regions FailureTolerancePercentage MaxConcurrentPercentage CallAs=SELF|DELEGATED_ADMIN "
          "FailureToleranceCount MaxConcurrentCount", variables="StackSetId OperationId", duration=(300, 900),
          permissions="cloudformation:CreateStackSet cloudformation:UpdateStackSet cloudformation:CreateStackInstances "
                      "cloudformation:DescribeStackSetOperation cloudformation:DescribeStackSet "
                      "cloudformation:ListStackInstances"),
    _info("Deploy", "CloudFormationStackInstances", (0, 2), (0, 0), 3 * DAY, "StackSetName! DeploymentTargets! "
          "Regions! ParameterOverrides FailureTolerancePercentage MaxConcurrentPercentage FailureToleranceCount "
          "MaxConcurrentCount CallAs=SELF|DELEGATED_ADMIN", variables="StackSetId OperationId", duration=(300, 900),
          permissions="cloudformation:CreateStackInstances cloudformation:DescribeStackSetOperation"),
    _info("Deploy", "ECS", (1, 1), (0, 0), HOUR, "ClusterName! ServiceName! FileName DeploymentTimeout",
          timeout_key="DeploymentTimeout", duration=(240, 600),
          permissions="ecs:DescribeServices ecs:DescribeTaskDefinition ecs:DescribeTasks ecs:ListTasks "
                      "ecs:RegisterTaskDefinition ecs:TagResource ecs:UpdateService iam:PassRole"),
    _info("Deploy", "ElasticBeanstalk", (1, 1), (0, 0), HOUR, "ApplicationName! EnvironmentName!", duration=(240, 600),
          entity=_BEANSTALK, execution=_BEANSTALK,
          permissions="elasticbeanstalk:CreateApplicationVersion elasticbeanstalk:UpdateEnvironment "
                      "elasticbeanstalk:DescribeApplicationVersions elasticbeanstalk:DescribeEnvironments "
                      "elasticbeanstalk:DescribeEvents"),
    _info("Deploy", "S3", (1, 1), (0, 0), 90 * MINUTE, "BucketName! Extract!=true|false ObjectKey KMSEncryptionKeyARN "
          "CannedACL=" + _ACLS + " CacheControl", duration=(15, 60),
          permissions="s3:PutObject s3:PutObjectAcl s3:PutObjectVersionAcl"),
    _info("Deploy", "AppConfig", (1, 1), (0, 0), HOUR, "Application! Environment! ConfigurationProfile! "
          "InputArtifactConfigurationPath! DeploymentStrategy!", duration=(300, 900),
          permissions="appconfig:StartDeployment appconfig:GetDeployment appconfig:StopDeployment"),
    _info("Deploy", "ServiceCatalog", (1, 1), (0, 0), HOUR, "ProductId! TemplateFilePath ProductVersionName "
          "ProductType ProductVersionDescription ConfigurationFilePath", duration=(20, 60),
          permissions="servicecatalog:ListProvisioningArtifacts servicecatalog:CreateProvisioningArtifact "
                      "servicecatalog:DescribeProvisioningArtifact servicecatalog:DeleteProvisioningArtifact "
                      "servicecatalog:UpdateProduct cloudformation:ValidateTemplate"),
    # Stack, App, Layer in the guide; StackId, AppId, DeploymentType, LayerId in templates that people use
    _info("Deploy", "OpsWorks", (1, 1), (0, 0), HOUR, "Stack App Layer", duration=(180, 500), open_keys=True,
          permissions="opsworks:CreateDeployment opsworks:DescribeApps opsworks:DescribeCommands "
                      "opsworks:DescribeDeployments opsworks:DescribeInstances opsworks:DescribeStacks "
                      "opsworks:UpdateApp opsworks:UpdateStack"),
    _info("Deploy", "EC2", (1, 1), (0, 0), HOUR, "InstanceTagKey! InstanceType!=EC2|SSM_MANAGED_NODE "
          "InstanceTagValue TargetDirectory "
          "PostScript DeploySpec PreScript MaxBatch MaxError TargetGroupNameList", duration=(120, 400), v2=True,
          permissions="ec2:DescribeInstances elasticloadbalancing:DescribeTargetGroups "
                      "elasticloadbalancing:RegisterTargets elasticloadbalancing:DeregisterTargets ssm:SendCommand "
                      "ssm:CancelCommand ssm:DescribeInstanceInformation ssm:ListCommandInvocations" + _LOGS),
    _info("Deploy", "EKS", (1, 1), (0, 0), 55 * MINUTE, "ClusterName! HelmReleaseName HelmChartLocation "
          "HelmValuesFiles ManifestFiles Namespace Subnets SecurityGroupIds EnvironmentVariables",
          variables="EKSClusterName", duration=(120, 400), v2=True, managed=True,
          permissions="eks:DescribeCluster" + _NETWORK + _LOGS),
    _info("Deploy", "Lambda", (0, 1), (0, 0), 2 * DAY, "FunctionName! FunctionAlias PublishedTargetVersion "
          "DeployStrategy Alarms", variables="FunctionVersion", duration=(30, 400), v2=True,
          permissions="lambda:GetAlias lambda:GetFunctionConfiguration lambda:GetProvisionedConcurrencyConfig "
                      "lambda:PublishVersion lambda:UpdateAlias lambda:UpdateFunctionCode "
                      "cloudwatch:DescribeAlarms" + _LOGS),
    _info("Deploy", "AlexaSkillsKit", (1, 2), (0, 0), HOUR, "ClientId! ClientSecret!* RefreshToken!* SkillId!",
          owner="ThirdParty", duration=(60, 180)),
    # ---------------------------------------------------------------------------- invoke, approval, compute (2.5)
    _info("Invoke", "Lambda", (0, 5), (0, 5), DAY, "FunctionName! UserParameters", duration=(5, 30),
          reply=20 * MINUTE, permissions="lambda:InvokeFunction lambda:ListFunctions"),
    _info("Invoke", "StepFunctions", (0, 1), (0, 1), 7 * DAY, "StateMachineArn! ExecutionNamePrefix "
          "InputType=Literal|FilePath Input", variables="StateMachineArn ExecutionArn",
          duration=(120, 600),
          permissions="states:DescribeStateMachine states:StartExecution states:DescribeExecution"),
    _info("Invoke", "InspectorScan", (0, 1), (1, 1), 55 * MINUTE, "InspectorRunMode!=SourceCodeScan|ECRImageScan "
          "ECRRepositoryName ImageTag CriticalThreshold HighThreshold MediumThreshold LowThreshold",
          required_by={"InspectorRunMode": {"ECRImageScan": ("ECRRepositoryName",)}},
          variables="HighestScannedSeverity", duration=(90, 240), managed=True,
          permissions="inspector-scan:ScanSbom" + _LOGS),
    _info("Invoke", "CodePipeline", (0, 0), (0, 0), HOUR, "PipelineName! SourceRevisions Variables", duration=(3, 6),
          v2=True, permissions="codepipeline:StartPipelineExecution"),
    _info("Invoke", "Snyk", (1, 1), (1, 1), HOUR, owner="ThirdParty", open_keys=True, duration=(60, 180)),
    _info("Approval", "Manual", (0, 0), (0, 0), 7 * DAY, "NotificationArn ExternalEntityLink CustomData "
          "IsSummaryRequired=true|false", permissions="sns:Publish", duration=(1800, 86_400), settable=True),
    _info("Compute", "Commands", (1, 10), (0, 1), 55 * MINUTE, "EnvironmentType=LINUX_CONTAINER|"
          "WINDOWS_SERVER_2022_CONTAINER ComputeType=BUILD_GENERAL1_SMALL|BUILD_GENERAL1_MEDIUM|BUILD_GENERAL1_LARGE "
          "VpcId Subnets SecurityGroupIds", duration=(60, 240), v2=True, managed=True,
          permissions="logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents"),
)
V2_WITH_A_WARNING = (("Invoke", "AWS", "InspectorScan", "1"),)
ACTION_TYPES: Mapping[tuple[str, str, str, str], ActionInfo] = {info.type.key: info for info in ACTIONS}
CUSTOM_PROVIDERS = ("Jenkins", "CloudBees", "TeamCity")
_CUSTOM = (180, 600)
CUSTOM_CATEGORIES = ("Source", "Build", "Deploy", "Test", "Invoke")

RULES: tuple[RuleInfo, ...] = (  # 1.6 [UG:rule-reference-*]
    RuleInfo("CloudWatchAlarm", _keys("AlarmName! AlarmStates WaitTime"), ("cloudwatch:DescribeAlarms",)),
    RuleInfo("CodeBuild", _keys(_BUILD), ("codebuild:StartBuild", "codebuild:BatchGetBuilds"), (120, 360),
             inputs=(0, 5)),
    RuleInfo("Commands", (), ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"), (60, 180),
             takes_commands=True, inputs=(0, 5)),
    RuleInfo("DeploymentWindow", _keys("Cron! TimeZone")),
    RuleInfo("LambdaInvoke", _keys("FunctionName! UserParameters"), ("lambda:InvokeFunction",), may_skip=True),
    RuleInfo("VariableCheck", _keys("Variable! Value! Operator!=EQ|NE|CONTAINS|MATCHES"), may_skip=True),
)
RULE_TYPES: Mapping[str, RuleInfo] = {info.provider: info for info in RULES}


@cache
def action_type(kind: ActionType) -> ActionInfo | None:
    """What is known of a type; None for one that AWS does not have. Every custom type has the limits of 2.1."""
    known = ACTION_TYPES.get(kind.key)
    if known is not None or kind.owner != "Custom":
        return known
    if kind.category not in CUSTOM_CATEGORIES:
        return None
    return ActionInfo(kind, (0, 5), (0, 5), DAY, duration=_CUSTOM, open_keys=True)


def declared_type(kind: ActionType, declared: Mapping[str, Any]) -> ActionInfo:
    """A custom type as its CreateCustomActionType request declares it: the counts and properties are its own."""
    properties = declared.get("configurationProperties") or ()
    return ActionInfo(
        kind, _counts(declared.get("inputArtifactDetails")), _counts(declared.get("outputArtifactDetails")), DAY,
        duration=_CUSTOM, settings=declared.get("settings") or {}, open_keys=not properties,
        keys=tuple(Key(one["name"], bool(one.get("required")), bool(one.get("secret")),
                       queryable=bool(one.get("queryable"))) for one in properties))


def _counts(details: Mapping[str, int] | None) -> tuple[int, int]:
    return (details or {}).get("minimumCount", 0), (details or {}).get("maximumCount", 5)


def rule_type(provider: str) -> RuleInfo | None:
    """What is known of a type of rule."""
    return RULE_TYPES.get(provider)
