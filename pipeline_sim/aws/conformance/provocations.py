"""How each error that the API declares is provoked: small worlds, and a call in them that is refused.

`PROVOCATIONS` has one line for each: operation, error, world, request. `OUT_OF_REACH` says why the others cannot arise
in a simulation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .answered import FAILURE, HOOK, REVISION, TYPE, declared
from .samples import UUID
from .worlds import (
    ARN,
    BUILD,
    DEPLOY,
    JENKINS,
    MANY_TAGS,
    PROD,
    SHOP,
    SNYK,
    SOURCE,
    Request,
    World,
    action,
    approved,
    approving,
    attempt_of_source,
    broken,
    crowded,
    empty,
    finished,
    full,
    full_lab,
    gated_full,
    gated_overtaken,
    given,
    idle,
    job_of,
    lab,
    many,
    overtaken,
    partners_job,
    run_of,
    stage,
    stopping,
    tagged,
    target_in,
    updated,
    waiting,
    whole_run,
    worked,
)

Line = tuple[str, str, World, Request]

# ---------------------------------------------------------------------------------------------- requests

_TOO_MANY = [*MANY_TAGS, {"key": "more", "value": ""}]
_CODEBUILD = {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"}
_KEPT = [{"key": "aws:team", "value": ""}]


def _changed(structure: dict[str, Any], **stages: dict[str, Any]) -> dict[str, Any]:
    """A definition with other stages in place of its own."""
    return {**structure, "stages": [stages.get(stage["name"], stage) for stage in structure["stages"]]}


_BAD_STRUCTURE = {**SHOP, "stages": [BUILD, PROD]}
_BAD_STAGE = {**SHOP, "stages": [SOURCE, BUILD, BUILD | {"actions": [DEPLOY | {"name": "Again"}]}]}
_BAD_ACTION = _changed(SHOP, Build=stage("Build", action("Compile", "Build", "CodeBuild", inputArtifacts=["Code"],
                                                            outputArtifacts=["Binary"])))
_BLOCKED = _changed(SHOP, Build=BUILD | {"blockers": [{"name": "Night", "type": "Schedule"}]})
_HUNDREDS = [stage(f"S{number}", *(action(f"A{place}", "Approval", "Manual") for place in range(50)))
             for number in range(11)]
_BIG = {**SHOP, "stages": [*SHOP["stages"], *_HUNDREDS]}


# ---------------------------------------------------------------------------------------------- the table


def _definitions() -> list[Line]:
    create, update = "CreatePipeline", "UpdatePipeline"
    lines: list[Line] = [
        (create, "PipelineNameInUseException", idle, given(pipeline=SHOP)),
        (create, "TooManyTagsException", empty, given(pipeline=SHOP, tags=_TOO_MANY)),
        (create, "InvalidTagsException", empty, given(pipeline=SHOP, tags=_KEPT)),
        (create, "LimitExceededException", crowded, given(pipeline={**SHOP, "name": "one-more"})),
        (update, "LimitExceededException", idle, given(pipeline=_BIG)),
    ]
    for operation, world in ((create, empty), (update, idle)):
        lines += [
            (operation, "InvalidStructureException", world, given(pipeline=_BAD_STRUCTURE)),
            (operation, "InvalidStageDeclarationException", world, given(pipeline=_BAD_STAGE)),
            (operation, "InvalidActionDeclarationException", world, given(pipeline=_BAD_ACTION)),
            (operation, "InvalidBlockerDeclarationException", world, given(pipeline=_BLOCKED)),
        ]
    return lines


def _runs() -> list[Line]:
    start, stop, retry = "StartPipelineExecution", "StopPipelineExecution", "RetryStageExecution"
    back, override, approve = "RollbackStage", "OverrideStageCondition", "PutApprovalResult"
    again, entry = {"retryMode": "FAILED_ACTIONS"}, {"conditionType": "BEFORE_ENTRY"}
    limit = "ConcurrentPipelineExecutionsLimitExceededException"
    return [
        *_not_there(),
        (start, limit, full, given(name="shop")),
        (stop, "PipelineExecutionNotStoppableException", finished, whole_run),
        (stop, "DuplicatedStopRequestException", stopping, whole_run),
        (retry, "StageNotRetryableException", finished, run_of("Build", **again)),
        (retry, "NotLatestPipelineExecutionException", overtaken, run_of("Build", **again)),
        (retry, limit, full, run_of("Build", **again)),
        (back, "PipelineExecutionNotFoundException", finished,
         given(pipelineName="shop", stageName="Prod", targetPipelineExecutionId=UUID)),
        (back, "PipelineExecutionOutdatedException", updated, target_in("Prod")),
        (back, "UnableToRollbackStageException", waiting, target_in("Prod")),
        (override, "ConditionNotOverridableException", broken, run_of("Build", **entry)),
        (override, "NotLatestPipelineExecutionException", gated_overtaken, run_of("Build", **entry)),
        (override, limit, gated_full, run_of("Build", **entry)),
        (approve, "InvalidApprovalTokenException", waiting, lambda sim: {**approving(sim), "token": UUID}),
        (approve, "ApprovalAlreadyCompletedException", approved, approving),
        ("PutActionRevision", limit, full_lab,
         given(pipelineName="shop", stageName="Source", actionName="App", actionRevision=REVISION)),
    ]


def _not_there() -> list[Line]:
    """Pipelines, stages and actions that are not there, for every operation that names them."""
    nobody: dict[str, Request] = {
        "GetPipeline": given(name="nobody"), "GetPipelineState": given(name="nobody"),
        "StartPipelineExecution": given(name="nobody"),
        "GetPipelineExecution": given(pipelineName="nobody", pipelineExecutionId=UUID),
        "StopPipelineExecution": given(pipelineName="nobody", pipelineExecutionId=UUID),
        "ListActionExecutions": given(pipelineName="nobody"), "ListRuleExecutions": given(pipelineName="nobody"),
        "ListPipelineExecutions": given(pipelineName="nobody"),
        "ListDeployActionExecutionTargets": given(pipelineName="nobody", actionExecutionId=UUID),
        "PutWebhook": given(webhook={**HOOK, "targetPipeline": "nobody"}),
    }
    stages: dict[str, dict[str, Any]] = {
        "EnableStageTransition": {"transitionType": "Inbound"},
        "DisableStageTransition": {"transitionType": "Inbound", "reason": "closed"},
        "RetryStageExecution": {"pipelineExecutionId": UUID, "retryMode": "ALL_ACTIONS"},
        "RollbackStage": {"targetPipelineExecutionId": UUID},
        "OverrideStageCondition": {"pipelineExecutionId": UUID, "conditionType": "ON_SUCCESS"},
        "PutApprovalResult": {"actionName": "Approve", "token": UUID, "result": {"status": "Approved", "summary": ""}},
        "PutActionRevision": {"actionName": "App", "actionRevision": REVISION},
    }
    found: list[Line] = [(name, "PipelineNotFoundException", idle, request) for name, request in nobody.items()]
    for name, more in stages.items():
        there = {"stageName": "Prod", **more}
        found.append((name, "PipelineNotFoundException", idle, given(pipelineName="nobody", **there)))
        nowhere = {**there, "stageName": "X"}
        found.append((name, "StageNotFoundException", idle, given(pipelineName="shop", **nowhere)))
        if "actionName" in more:
            found.append((name, "ActionNotFoundException", idle,
                          given(**{"pipelineName": "shop", **there, "actionName": "X"})))
    return found


def _history() -> list[Line]:
    lines: list[Line] = [
        ("GetPipeline", "PipelineVersionNotFoundException", idle, given(name="shop", version=9)),
        ("GetPipelineExecution", "PipelineExecutionNotFoundException", idle,
         given(pipelineName="shop", pipelineExecutionId=UUID)),
        ("ListDeployActionExecutionTargets", "ActionExecutionNotFoundException", idle, given(actionExecutionId=UUID)),
        ("ListDeployActionExecutionTargets", "InvalidNextTokenException", waiting,
         lambda sim: {"actionExecutionId": attempt_of_source(sim), "nextToken": "x"}),
        ("ListPipelines", "InvalidNextTokenException", idle, given(nextToken="x")),
        ("ListPipelineExecutions", "InvalidNextTokenException", idle, given(pipelineName="shop", nextToken="x")),
        ("ListActionTypes", "InvalidNextTokenException", idle, given(nextToken="x")),
        ("ListWebhooks", "InvalidNextTokenException", idle, given(NextToken="x")),
        ("ListTagsForResource", "InvalidNextTokenException", idle, given(resourceArn=ARN + "shop", nextToken="x")),
    ]
    for operation in ("ListActionExecutions", "ListRuleExecutions"):
        lines += [
            (operation, "InvalidNextTokenException", idle, given(pipelineName="shop", nextToken="x")),
            (operation, "PipelineExecutionNotFoundException", idle,
             given(pipelineName="shop", filter={"pipelineExecutionId": UUID})),
        ]
    return lines


def _resources() -> list[Line]:
    put, create = "PutWebhook", "CreateCustomActionType"
    bad_key = {**HOOK, "filters": [{"jsonPath": "ref"}]}
    lines: list[Line] = [
        ("TagResource", "TooManyTagsException", tagged, given(resourceArn=ARN + "shop", tags=_TOO_MANY[-1:])),
        ("TagResource", "InvalidTagsException", idle, given(resourceArn=ARN + "shop", tags=_KEPT)),
        ("UntagResource", "InvalidTagsException", idle, given(resourceArn=ARN + "shop", tagKeys=["aws:team"])),
        (put, "InvalidWebhookFilterPatternException", idle, given(webhook=bad_key)),
        (put, "InvalidWebhookAuthenticationParametersException", idle,
         given(webhook={**HOOK, "authentication": "IP"})),
        (put, "TooManyTagsException", idle, given(webhook=HOOK, tags=_TOO_MANY)),
        (put, "InvalidTagsException", idle, given(webhook=HOOK, tags=_KEPT)),
        (put, "LimitExceededException", many(put, lambda n: {"webhook": {**HOOK, "name": f"hook{n}"}}, 300),
         given(webhook=HOOK)),
        (create, "TooManyTagsException", idle, given(**TYPE, tags=_TOO_MANY)),
        (create, "InvalidTagsException", idle, given(**TYPE, tags=_KEPT)),
        (create, "LimitExceededException", many(create, lambda n: {**TYPE, "version": f"v{n}"}, 50), given(**TYPE)),
        ("RegisterWebhookWithThirdParty", "WebhookNotFoundException", idle, given(webhookName="nobody")),
        ("DeregisterWebhookWithThirdParty", "WebhookNotFoundException", idle, given(webhookName="nobody")),
        ("GetActionType", "ActionTypeNotFoundException", idle, given(**{**SNYK, "version": "9"})),
        ("UpdateActionType", "ActionTypeNotFoundException", idle, given(actionType=declared({**SNYK, "version": "9"}))),
        ("UpdateActionType", "RequestFailedException", idle, given(actionType=declared(_CODEBUILD))),
    ]
    named: dict[str, dict[str, Any]] = {
        "TagResource": {"tags": []}, "UntagResource": {"tagKeys": []}, "ListTagsForResource": {}}
    for operation, more in named.items():
        lines += [
            (operation, "ResourceNotFoundException", idle, given(resourceArn=ARN + "nobody", **more)),
            (operation, "InvalidArnException", idle, given(resourceArn=ARN + "shop/Prod", **more)),
        ]
    return lines


def _jobs() -> list[Line]:
    token: dict[str, Any] = {"clientToken": "x"}
    ours, partners = "PutJobSuccessResult", "PutThirdPartyJobSuccessResult"
    lines: list[Line] = [
        ("PollForJobs", "ActionTypeNotFoundException", lab, given(actionTypeId={**JENKINS, "provider": "Nobody"})),
        ("PollForThirdPartyJobs", "ActionTypeNotFoundException", lab, given(actionTypeId={**SNYK, "version": "9"})),
        ("GetJobDetails", "JobNotFoundException", lab, given(jobId=UUID)),
        ("AcknowledgeJob", "JobNotFoundException", lab, given(jobId=UUID, nonce="1")),
        ("AcknowledgeJob", "InvalidNonceException", lab, job_of("Check", nonce="9")),
        ("AcknowledgeThirdPartyJob", "JobNotFoundException", lab, given(jobId=UUID, nonce="1", **token)),
        ("AcknowledgeThirdPartyJob", "InvalidClientTokenException", lab, job_of("Scan", nonce="1", **token)),
        ("AcknowledgeThirdPartyJob", "InvalidNonceException", lab, partners_job(nonce="9")),
        ("GetThirdPartyJobDetails", "JobNotFoundException", lab, given(jobId=UUID, **token)),
        ("GetThirdPartyJobDetails", "InvalidJobException", lab, job_of("Check", **token)),
        ("GetThirdPartyJobDetails", "InvalidClientTokenException", lab, job_of("Scan", **token)),
        (ours, "OutputVariablesSizeExceededException", lab, job_of("Check", outputVariables={"A": "x" * 200_000})),
    ]
    for operation, more in ((ours, {}), ("PutJobFailureResult", {"failureDetails": FAILURE})):
        lines += [(operation, "JobNotFoundException", lab, given(jobId=UUID, **more)),
                  (operation, "InvalidJobStateException", worked, job_of("Check", **more))]
    for operation, more in ((partners, {}), ("PutThirdPartyJobFailureResult", {"failureDetails": FAILURE})):
        lines += [(operation, "JobNotFoundException", lab, given(jobId=UUID, **token, **more)),
                  (operation, "InvalidClientTokenException", lab, job_of("Scan", **token, **more)),
                  (operation, "InvalidJobStateException", worked, partners_job(**more))]
    return lines


PROVOCATIONS: Mapping[tuple[str, str], tuple[World, Request]] = {
    (operation, error): (world, request)
    for lines in (_definitions(), _runs(), _history(), _resources(), _jobs())
    for operation, error, world, request in lines
}

_ALONE = "one clock: a call has taken effect before the next one is answered, so two never change one thing at once"
_BUSY = ("one clock: the pipeline is never in the midst of a change when a call comes; whatever stands against a call by "
         "then has an exception of its own")
OUT_OF_REACH: Mapping[str, str] = {
    "ConcurrentModificationException": _ALONE,
    "ConflictException": _BUSY,
    "ListRuleTypes/InvalidNextTokenException": "the operation's request has no member for a token",
}
"""Why an error (or an operation's error) cannot arise here."""
