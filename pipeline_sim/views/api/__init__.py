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
from .state import get_pipeline_state

Answer = Callable[[State, Mapping[str, Any]], dict[str, Any]]

ANSWERS: Mapping[str, Answer] = {
    "GetPipeline": get_pipeline,
    "GetPipelineExecution": get_pipeline_execution,
    "GetPipelineState": get_pipeline_state,
    "ListActionExecutions": list_action_executions,
    "ListPipelineExecutions": list_pipeline_executions,
    "ListPipelines": list_pipelines,
    "ListRuleExecutions": list_rule_executions,
}


def answer(state: State, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a call that the state alone can answer; `Refused` where AWS would refuse it."""
    return ANSWERS[operation](state, request)
