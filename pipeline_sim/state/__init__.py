"""What is true now: the state that the first *k* records lead to. Only `fold` and `apply` change it."""

from .fold import TAKE_IN, apply, fold
from .values import (
    ACTIVE,
    NO_RESULT,
    Attempt,
    ConditionRun,
    ExecutionState,
    Job,
    PipelineState,
    RuleRun,
    StageRun,
    StageState,
    State,
    Transition,
)

__all__ = [
    "ACTIVE",
    "NO_RESULT",
    "TAKE_IN",
    "Attempt",
    "ConditionRun",
    "ExecutionState",
    "Job",
    "PipelineState",
    "RuleRun",
    "StageRun",
    "StageState",
    "State",
    "Transition",
    "apply",
    "fold",
]
