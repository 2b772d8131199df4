"""What providers call their work and where they show it: external execution ids, URLs of consoles, log streams.

Templates follow recordings of CodePipeline and the shapes of the consoles; values from a definition are quoted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from ..ids import approval_token, attempt_id, make_id, token
from ..pipeline.model import Action
from ..record import Revision
from ..state import Attempt, ExecutionState, RuleRun, State
from .names import configuration_of, masked, region_of


class Link(NamedTuple):
    """How a provider names one piece of work (`id`), where to look at it (`url`), and at what it works on (`entity`).
    Braces hold configuration keys and `region`, `account`, `id`, or letters that stand for this work."""

    id: str = ""
    url: str = ""
    entity: str = ""


_CONSOLE = "https://console.aws.amazon.com"
_SUITE = "https://{region}.console.aws.amazon.com/codesuite"
_STACK = "arn:aws:cloudformation:{region}:{account}:stack/{StackName}/{uuid}"
_DEPLOYED = Link("d-{short}", _CONSOLE + "/codedeploy/home?region={region}#/deployments/{id}",
                 _CONSOLE + "/codedeploy/home?region={region}#/applications/{ApplicationName}"
                            "/deployment-groups/{DeploymentGroupName}")
_STACKS = _CONSOLE + "/cloudformation/home?region={region}#/stacks"
_STACK_SETS = _CONSOLE + "/cloudformation/home?region={region}#/stacksets/{StackSetName}"

LINKS: Mapping[str, Link] = {
    "CodeCommit": Link("", "", _CONSOLE + "/codecommit/home?region={region}#/repository/{RepositoryName}"
                                          "/browse/{BranchName}/--/"),
    "CodeStarSourceConnection": Link("", "", _SUITE + "/settings/connections/redirect?connectionArn={ConnectionArn}"
                                             "&referenceType=BRANCH&FullRepositoryId={FullRepositoryId}"
                                             "&Branch={BranchName}"),
    "GitHub": Link("", "", "https://github.com/{Owner}/{Repo}/tree/{Branch}"),
    "ECR": Link("", "", _CONSOLE + "/ecr/repositories/{RepositoryName}?region={region}"),
    "CodeBuild": Link("{ProjectName}:{uuid}", _CONSOLE + "/codebuild/home?region={region}#/builds/{id}/view/new",
                      _CONSOLE + "/codebuild/home?region={region}#/projects/{ProjectName}/view"),
    "CodeDeploy": _DEPLOYED,
    "CodeDeployToECS": _DEPLOYED,
    "CloudFormation": Link(_STACK, _STACKS + "/stackinfo?stackId={id}", _STACKS + "?filteringText={StackName}"),
    "CloudFormationStackSet": Link("{operation}", _STACK_SETS + "/operations/{id}", _STACK_SETS),
    "CloudFormationStackInstances": Link("{operation}", _STACK_SETS + "/operations/{id}", _STACK_SETS),
    "ECS": Link("ecs-svc/{digits}", _CONSOLE + "/ecs/home?region={region}#/clusters/{ClusterName}/services"
                                               "/{ServiceName}/deployments",
                _CONSOLE + "/ecs/home?region={region}#/clusters/{ClusterName}/services/{ServiceName}"),
    "ElasticBeanstalk": Link("{uuid}", _CONSOLE + "/elasticbeanstalk/home?region={region}#/environment/dashboard"
                                                  "?applicationName={ApplicationName}"
                                                  "&environmentName={EnvironmentName}", ""),
    "AppConfig": Link("{uuid}", "", _CONSOLE + "/systems-manager/appconfig/applications/{Application}?region={region}"),
    "ServiceCatalog": Link("{uuid}", "", _CONSOLE + "/servicecatalog/home?region={region}#admin-products/{ProductId}"),
    "DeviceFarm": Link("{uuid}", _CONSOLE + "/devicefarm/home?region={region}#/projects/{ProjectId}/runs/{id}", ""),
    "EC2": Link("{uuid}", "", ""),
    "EKS": Link("{uuid}", "", _CONSOLE + "/eks/home?region={region}#/clusters/{ClusterName}"),
    "Commands": Link("{uuid}", "", ""),
    "ECRBuildAndPublish": Link("{uuid}", "", ""),
    "InspectorScan": Link("{uuid}", "", ""),
    "LambdaInvoke": Link("{uuid}", "", _CONSOLE + "/lambda/home?region={region}#/functions/{FunctionName}"),
    "Lambda": Link("{uuid}", "", _CONSOLE + "/lambda/home?region={region}#/functions/{FunctionName}"),
    "StepFunctions": Link("{StateMachineArn}:{states}", _CONSOLE + "/states/home?region={region}"
                                                                 "#/executions/details/{id}",
                          _CONSOLE + "/states/home?region={region}#/statemachines/view/{StateMachineArn}"),
    "CodePipeline": Link("", _SUITE + "/codepipeline/pipelines/{PipelineName}/executions/{id}/timeline",
                         _SUITE + "/codepipeline/pipelines/{PipelineName}/view"),
    "CloudWatchAlarm": Link("", "", _CONSOLE + "/cloudwatch/home?region={region}#alarmsV2:alarm/{AlarmName}"),
}
_S3_ENTITY = _CONSOLE + "/s3/home?region={region}#"
_MANAGED_COMPUTE = frozenset({"Commands", "ECRBuildAndPublish", "EKS", "InspectorScan"})
_UNREACHED = frozenset({"ConfigurationError", "PermissionError"})


class _Fields(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def _fill(template: str, fields: Mapping[str, str], limit: int = 2048) -> str:
    return _filled(template, tuple(fields.items()), limit)


@lru_cache(maxsize=4096)
def _filled(template: str, fields: tuple[tuple[str, str], ...], limit: int) -> str:
    """The same few addresses are asked for again and again."""
    text = template.format_map(_Fields({key: quote(value, safe=":/.-_") for key, value in fields}))
    return text if len(text) <= limit else ""


def _name(template: str, fields: Mapping[str, str]) -> str:
    return template.format_map(_Fields(fields))[:1500]


_MADE: Mapping[str, Callable[[int, int], str]] = {
    "uuid": lambda seed, index: make_id(seed, "work", index),
    "short": lambda seed, index: token(seed, "work", index, 9).upper(),
    "digits": lambda seed, index: str(10**18 + int(make_id(seed, "work", index)[:8], 16)),
    "states": lambda seed, index: token(seed, "states", index, 12),
    "operation": lambda seed, index: token(seed, "operation", index, 12),
}
"""What providers make names of, by seed and record."""


def work_name(state: State, provider: str, configuration: Mapping[str, str], region: str, index: int) -> str:
    """What a provider calls the work that began with record `index`: `shop-build:3f0b…`, `d-1A2B3C4D5`."""
    link = LINKS.get(provider)
    if link is None or not link.id:
        return ""
    made = {key: make(state.seed, index) for key, make in _MADE.items() if f"{{{key}}}" in link.id}
    name = _name(link.id, {**configuration, **made, "region": region, "account": state.account})
    return name.replace(":stateMachine:", ":execution:", 1) if provider == "StepFunctions" else name


def reached(attempt: Attempt | RuleRun) -> bool:
    """Whether the provider was contacted at all: there was a slot, a permission, and a configuration that it could take."""
    waits = isinstance(attempt, Attempt) and attempt.began is None
    return not waits and attempt.result.code not in _UNREACHED


def external_id(state: State, execution: ExecutionState, action: Action, attempt: Attempt) -> str:
    """`externalExecutionId`: what the provider calls it; of a source its revision; of an approval the token, which in
    PARALLEL mode is the only way to it (4.7) [MODEL]. Empty where the provider was never reached."""
    result = attempt.result
    if result.external:
        return result.external
    if action.is_approval:
        return approval_token(state.seed, attempt.index)
    if action.is_source:
        return result.revision.id if result.revision and attempt.status == "Succeeded" else ""
    if action.type.owner != "AWS" or not reached(attempt):
        return ""
    settings = configuration_of(state, execution, action, attempt)
    return work_name(state, action.provider, settings, region_of(state, action), attempt.index)


def external_url(
    state: State, execution: ExecutionState, action: Action, attempt: Attempt, name: str | None = None
) -> str:
    """`externalExecutionUrl`: where the provider shows this piece of work. Empty where it shows none. `name` is its
    external id, where that has been worked out already."""
    if action.is_source:
        revision = attempt.result.revision
        return revision_url(state, action, revision) if revision and attempt.status == "Succeeded" else ""
    if name is None:
        name = external_id(state, execution, action, attempt)
    if not name:
        return ""
    configuration = masked(state, action, configuration_of(state, execution, action, attempt))
    custom = state.custom_types.get(action.type.key)
    if custom is not None:
        template = custom.get("settings", {}).get("executionUrlTemplate", "")
        return _custom(template, configuration, name) if name else ""
    link = LINKS.get(action.provider)
    if link is None or not name or not link.url:
        return ""
    return _fill(link.url, {**configuration, "region": region_of(state, action), "id": name})


def entity_url(state: State, action: Action) -> str:
    """`entityUrl`: the repository, build project, deployment group that an action works on."""
    configuration = masked(state, action, action.configuration)
    custom = state.custom_types.get(action.type.key)
    if custom is not None:
        return _custom(custom.get("settings", {}).get("entityUrlTemplate", ""), configuration, "")
    if action.provider == "S3":
        return _fill(_S3_ENTITY, {"region": region_of(state, action)})
    link = LINKS.get(action.provider)
    if link is None:
        return ""
    return _fill(link.entity, {**configuration, "region": region_of(state, action)})


_COMMIT: Mapping[str, str] = {
    "CodeCommit": _CONSOLE + "/codecommit/home?region={region}#/repository/{RepositoryName}/commit/{revision}",
    "CodeStarSourceConnection": _SUITE + "/settings/connections/redirect?connectionArn={ConnectionArn}"
                                         "&referenceType=COMMIT&FullRepositoryId={FullRepositoryId}&Commit={revision}",
    "GitHub": "https://github.com/{Owner}/{Repo}/commit/{revision}",
    "ECR": _CONSOLE + "/ecr/repositories/{RepositoryName}?region={region}",
    "S3": _CONSOLE + "/s3/home?region={region}#",
}


def revision_url(state: State, action: Action, revision: Revision) -> str:
    """Where to look at a revision."""
    template = _COMMIT.get(action.provider)
    configuration = masked(state, action, action.configuration)
    custom = state.custom_types.get(action.type.key)
    if custom is not None:
        return _custom(custom.get("settings", {}).get("revisionUrlTemplate", ""),
                       {**configuration, "RevisionId": revision.id}, "")
    if template is None:
        return ""
    return _fill(template, {**configuration, "region": region_of(state, action), "revision": revision.id})


_PLACE = re.compile(r"\{(?:Config:)?([A-Za-z0-9 _-]+)\}")


def _custom(template: str, configuration: Mapping[str, str], external: str) -> str:
    """A custom type's URL: `{Config:ProjectName}`, `{ExternalExecutionId}` [UG22:actions-create-custom-action]."""
    fields = {**configuration, "ExternalExecutionId": external}
    text = _PLACE.sub(lambda found: quote(fields.get(found[1], ""), safe=":/.-_"), template)
    return text if len(text) <= 2048 else ""


def revision_summary(action: Action, revision: Revision) -> str:
    """How a source tells its revision: the commit message, `Amazon S3 version id: …` (2.2), and for a connection
    provider and message as JSON, as recorded."""
    if action.provider == "S3":
        return f"Amazon S3 version id: {revision.id}"
    message = revision.message or f"Change {revision.number}"
    if action.provider == "CodeStarSourceConnection":
        message = json.dumps({"ProviderType": "GitHub", "CommitMessage": message}, separators=(",", ":"))
    return message[:2048]


_SAID: Mapping[tuple[str, str], str] = {
    ("CodeBuild", "Failed"): "Build terminated with state: FAILED",
    ("CodeDeploy", "Succeeded"): "Deployment Succeeded",
    ("CodeDeploy", "Failed"): "Deployment {} failed",
    ("CodeDeployToECS", "Succeeded"): "Deployment Succeeded",
    ("CodeDeployToECS", "Failed"): "Deployment {} failed",
}


def summary(
    state: State, execution: ExecutionState, action: Action, attempt: Attempt, name: str | None = None
) -> str:
    """What an attempt says of itself: what it was given to say; a source its revision's message; a build or deployment
    the words that were recorded of its provider. `name` as in `external_url`."""
    said, revision = attempt.result.summary, attempt.result.revision
    if said:
        return said
    if action.is_source and revision is not None:
        return revision_summary(action, revision)
    words = _SAID.get((action.provider, attempt.status), "")
    if words and name is None:
        name = external_id(state, execution, action, attempt)
    return words.format(name) if name else ""


def log_stream_arn(state: State, execution: ExecutionState, action: Action, attempt: Attempt) -> str:
    """Where the compute that CodePipeline itself provides writes its log (2.5)."""
    if action.provider not in _MANAGED_COMPUTE or not reached(attempt):
        return ""
    stream = attempt_id(state.seed, attempt.index)
    region = region_of(state, action)
    arn = f"arn:aws:logs:{region}:{state.account}:log-group:/aws/codepipeline/{execution.pipeline}:log-stream:{stream}"
    return arn if len(arn) <= 250 else ""


def console_url(state: State, pipeline: str) -> str:
    """The pipeline's own page in the console."""
    return _fill(_SUITE + "/codepipeline/pipelines/{name}/view?region={region}",
                 {"region": state.region, "name": pipeline})


def approval_url(state: State, pipeline: str, stage: str, action: str, attempt: Attempt) -> str:
    """Where the console asks for an answer."""
    return f"{console_url(state, pipeline)}#/{quote(stage)}/{quote(action)}/approve/" + approval_token(
        state.seed, attempt.index)
