"""A call of each operation that is answered, in a world where there is something to answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .worlds import (
    ACCOUNT,
    ARN,
    JENKINS,
    SHOP,
    SNYK,
    Request,
    World,
    approving,
    attempt_of_source,
    broken,
    empty,
    finished,
    gated,
    given,
    idle,
    job_of,
    lab,
    partners_job,
    run_of,
    target_in,
    waiting,
    whole_run,
    with_webhook,
    working,
)

HOOK = {"name": "hook", "targetPipeline": "shop", "targetAction": "App", "filters": [{"jsonPath": "$.ref"}],
        "authentication": "UNAUTHENTICATED", "authenticationConfiguration": {}}
COUNTS = {"minimumCount": 0, "maximumCount": 5}
TYPE = {"category": "Build", "provider": "Make", "version": "1", "inputArtifactDetails": COUNTS,
        "outputArtifactDetails": COUNTS}
FAILURE = {"type": "JobFailed", "message": "3 tests failed"}
REVISION = {"revisionId": "abc", "revisionChangeId": "abc", "created": 1893456000}


def declared(identity: Mapping[str, str]) -> dict[str, Any]:
    """An action type as its provider declares it."""
    executor = {"type": "JobWorker", "configuration": {
        "jobWorkerExecutorConfiguration": {"pollingAccounts": [ACCOUNT]}}}
    return {"id": identity, "executor": executor, "inputArtifactDetails": COUNTS, "outputArtifactDetails": COUNTS}


_DOOR = {"pipelineName": "shop", "stageName": "Prod", "transitionType": "Inbound"}
_TAG = [{"key": "team", "value": "shop"}]

ANSWERED: Mapping[str, tuple[World, Request]] = {
    "AcknowledgeJob": (lab, job_of("Check", nonce="1")),
    "AcknowledgeThirdPartyJob": (lab, partners_job(nonce="1")),
    "CreateCustomActionType": (empty, given(**TYPE, tags=_TAG)),
    "CreatePipeline": (empty, given(pipeline=SHOP, tags=_TAG)),
    "DeleteCustomActionType": (empty, given(category="Build", provider="Make", version="1")),
    "DeletePipeline": (waiting, given(name="shop")),
    "DeleteWebhook": (with_webhook, given(name="hook")),
    "DeregisterWebhookWithThirdParty": (with_webhook, given(webhookName="hook")),
    "DisableStageTransition": (waiting, given(**_DOOR, reason="closed")),
    "EnableStageTransition": (waiting, given(**_DOOR)),
    "GetActionType": (empty, given(**SNYK)),
    "GetJobDetails": (lab, job_of("Check")),
    "GetPipeline": (finished, given(name="shop")),
    "GetPipelineExecution": (finished, whole_run),
    "GetPipelineState": (waiting, given(name="shop")),
    "GetThirdPartyJobDetails": (lab, partners_job()),
    "ListActionExecutions": (finished, given(pipelineName="shop")),
    "ListActionTypes": (empty, given()),
    "ListDeployActionExecutionTargets": (finished, lambda sim: {"actionExecutionId": attempt_of_source(sim)}),
    "ListPipelineExecutions": (finished, given(pipelineName="shop")),
    "ListPipelines": (idle, given()),
    "ListRuleExecutions": (gated, given(pipelineName="shop")),
    "ListRuleTypes": (empty, given()),
    "ListTagsForResource": (idle, given(resourceArn=ARN + "shop")),
    "ListWebhooks": (with_webhook, given()),
    "OverrideStageCondition": (gated, run_of("Build", conditionType="BEFORE_ENTRY")),
    "PollForJobs": (lab, given(actionTypeId=JENKINS)),
    "PollForThirdPartyJobs": (lab, given(actionTypeId=SNYK)),
    "PutActionRevision": (lab, given(pipelineName="shop", stageName="Source", actionName="App",
                                     actionRevision=REVISION)),
    "PutApprovalResult": (waiting, approving),
    "PutJobFailureResult": (working, job_of("Check", failureDetails=FAILURE)),
    "PutJobSuccessResult": (working, job_of("Check")),
    "PutThirdPartyJobFailureResult": (working, partners_job(failureDetails=FAILURE)),
    "PutThirdPartyJobSuccessResult": (working, partners_job()),
    "PutWebhook": (idle, given(webhook=HOOK, tags=_TAG)),
    "RegisterWebhookWithThirdParty": (with_webhook, given(webhookName="hook")),
    "RetryStageExecution": (broken, run_of("Build", retryMode="FAILED_ACTIONS")),
    "RollbackStage": (finished, target_in("Prod")),
    "StartPipelineExecution": (idle, given(name="shop")),
    "StopPipelineExecution": (waiting, whole_run),
    "TagResource": (idle, given(resourceArn=ARN + "shop", tags=_TAG)),
    "UntagResource": (idle, given(resourceArn=ARN + "shop", tagKeys=["team"])),
    "UpdateActionType": (empty, given(actionType=declared(SNYK))),
    "UpdatePipeline": (waiting, given(pipeline=SHOP)),
}
