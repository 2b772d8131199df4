"""What a call of CodePipeline's API is checked against: the resource of each operation, and what else it needs (8.2).

Levels are those of the permissions reference [UG:permissions-reference]; stage levels of transitions and rollbacks are
[knowledge] where the guide's table and its example policies differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .requirement import Requirement, partition
from .wildcards import UNSAID

Request = Mapping[str, Any]
PASSED_TO = "codepipeline.amazonaws.com"


def codepipeline_resource(operation: str, request: Request, region: str, account: str) -> list[str]:
    """The ARNs that a policy must allow the operation on. PutApprovalResult is checked against the action's ARN, so a
    policy that names the bare pipeline does not allow it."""
    start = f"arn:{partition(region)}:codepipeline:{region}:{account}:"
    names = _LEVEL[operation](request)
    return [name if name.startswith("arn:") else start + name for name in names] or ["*"]


def caller_needs(operation: str, request: Request, region: str, account: str) -> list[Requirement]:
    """Everything that the caller must be allowed: the operation on its resources; to make or change a pipeline also
    iam:PassRole on its service role, and codepipeline:TagResource where tags are given."""
    tags = request.get("tags") or ()
    context = {f"aws:RequestTag/{tag['key']}": str(tag.get("value", "")) for tag in tags if "key" in tag}
    keys = {"aws:TagKeys": tuple(str(tag["key"]) for tag in tags if "key" in tag)} if tags else {}
    resources = codepipeline_resource(operation, request, region, account)
    found = [Requirement(f"codepipeline:{operation}", resource, {**context, **keys}) for resource in resources]
    if tags and operation.startswith(("Create", "Put")):
        found += [Requirement("codepipeline:TagResource", resource, {**context, **keys}) for resource in resources]
    return found + list(_passed(operation, request))


def _passed(operation: str, request: Request) -> Iterator[Requirement]:
    role = (request.get("pipeline") or {}).get("roleArn") if operation in ("CreatePipeline", "UpdatePipeline") else None
    if role:
        yield Requirement("iam:PassRole", str(role), {"iam:PassedToService": PASSED_TO})


# ---------------------------------------------------------------------------------------------- levels


def _pipeline(request: Request) -> list[str]:
    structure = request.get("pipeline")
    name = structure.get("name") if isinstance(structure, Mapping) else request.get("name", request.get("pipelineName"))
    return [str(name or UNSAID)]


def _stage(request: Request) -> list[str]:
    return [f"{_pipeline(request)[0]}/{request.get('stageName', UNSAID)}"]


def _action(request: Request) -> list[str]:
    return [f"{_stage(request)[0]}/{request.get('actionName', UNSAID)}"]


def _type(request: Request) -> list[str]:
    """A custom type made or deleted, one asked for by its four parts, or one inside the request."""
    inside = request.get("actionTypeId") or (request.get("actionType") or {}).get("id") or request
    owner = inside.get("owner", "Custom")
    parts = (owner, *(inside.get(key, UNSAID) for key in ("category", "provider", "version")))
    return ["actiontype:" + "/".join(map(str, parts))]


def _webhook(request: Request) -> list[str]:
    return [f"webhook:{request.get('name', request.get('webhookName', UNSAID))}"]


def _new_webhook(request: Request) -> list[str]:
    hook = request.get("webhook") or {}
    return [f"webhook:{hook.get('name', UNSAID)}", str(hook.get("targetPipeline", UNSAID))]


def _tagged(request: Request) -> list[str]:
    return [str(request.get("resourceArn", UNSAID))]


_OPERATIONS: Mapping[Callable[[Request], list[str]], str] = {
    _pipeline: "CreatePipeline DeletePipeline GetPipeline UpdatePipeline GetPipelineState GetPipelineExecution "
               "ListPipelineExecutions ListActionExecutions ListRuleExecutions ListDeployActionExecutionTargets "
               "StartPipelineExecution StopPipelineExecution",
    _stage: "EnableStageTransition DisableStageTransition RetryStageExecution RollbackStage OverrideStageCondition",
    _action: "PutApprovalResult PutActionRevision",
    _type: "PollForJobs CreateCustomActionType DeleteCustomActionType GetActionType UpdateActionType",
    _webhook: "DeleteWebhook RegisterWebhookWithThirdParty DeregisterWebhookWithThirdParty",
    _new_webhook: "PutWebhook",
    _tagged: "TagResource UntagResource ListTagsForResource",
    lambda request: ["*"]: "ListPipelines",
    lambda request: ["webhook:*"]: "ListWebhooks",
    lambda request: []: "ListActionTypes ListRuleTypes AcknowledgeJob GetJobDetails PutJobSuccessResult "
                        "PutJobFailureResult AcknowledgeThirdPartyJob GetThirdPartyJobDetails PollForThirdPartyJobs "
                        "PutThirdPartyJobSuccessResult PutThirdPartyJobFailureResult",
}
_LEVEL = {name: level for level, names in _OPERATIONS.items() for name in names.split()}
