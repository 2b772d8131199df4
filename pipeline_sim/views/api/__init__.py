"""What the API answers: pure functions of the state, by operation.

`ANSWERS` holds every operation that the state alone can answer. Each takes the state and a request that fits the model
(`shapes.validate`), and gives the answer, with datetimes for timestamps, or raises `Refused`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...state import State
from .definitions import get_pipeline, list_pipelines
from .history import get_pipeline_execution, list_action_executions, list_pipeline_executions, list_rule_executions
from .jobs import (
    acknowledge_job,
    acknowledge_third_party_job,
    get_job_details,
    get_third_party_job_details,
    poll_for_jobs,
    poll_for_third_party_jobs,
    put_job_failure,
    put_job_success,
    put_third_party_job_result,
)
from .state import get_pipeline_state
from .tags import list_tags_for_resource, tag_resource, untag_resource
from .targets import list_deploy_action_execution_targets
from .types import (
    create_custom_action_type,
    delete_custom_action_type,
    get_action_type,
    list_action_types,
    list_rule_types,
    update_action_type,
)
from .webhooks import delete_webhook, list_webhooks, put_webhook, register_webhook

Answer = Callable[[State, Mapping[str, Any]], dict[str, Any]]

ANSWERS: Mapping[str, Answer] = {
    "AcknowledgeJob": acknowledge_job,
    "AcknowledgeThirdPartyJob": acknowledge_third_party_job,
    "CreateCustomActionType": create_custom_action_type,
    "DeleteCustomActionType": delete_custom_action_type,
    "DeleteWebhook": delete_webhook,
    "DeregisterWebhookWithThirdParty": register_webhook,
    "GetActionType": get_action_type,
    "GetJobDetails": get_job_details,
    "GetPipeline": get_pipeline,
    "GetPipelineExecution": get_pipeline_execution,
    "GetPipelineState": get_pipeline_state,
    "GetThirdPartyJobDetails": get_third_party_job_details,
    "ListActionExecutions": list_action_executions,
    "ListActionTypes": list_action_types,
    "ListDeployActionExecutionTargets": list_deploy_action_execution_targets,
    "ListPipelineExecutions": list_pipeline_executions,
    "ListPipelines": list_pipelines,
    "ListRuleExecutions": list_rule_executions,
    "ListRuleTypes": list_rule_types,
    "ListTagsForResource": list_tags_for_resource,
    "ListWebhooks": list_webhooks,
    "PollForJobs": poll_for_jobs,
    "PollForThirdPartyJobs": poll_for_third_party_jobs,
    "PutJobFailureResult": put_job_failure,
    "PutJobSuccessResult": put_job_success,
    "PutThirdPartyJobFailureResult": put_third_party_job_result,
    "PutThirdPartyJobSuccessResult": put_third_party_job_result,
    "PutWebhook": put_webhook,
    "RegisterWebhookWithThirdParty": register_webhook,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "UpdateActionType": update_action_type,
}


def answer(state: State, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a call that the state alone can answer; `Refused` where AWS would refuse it."""
    return ANSWERS[operation](state, request)
