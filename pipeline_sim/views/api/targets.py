"""ListDeployActionExecutionTargets: on which instances a deploy action of provider EC2 works, and how far it is (2.4).

AWS lists the instances that carry the tag; a simulated account has none of its own, so every fleet is one of three, and
its instances go one after another in batches of `MaxBatch` [our decision]. Other deploy actions have no targets here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ...ids import token
from ...state import Attempt, State
from ..names import configuration_of, moment
from .find import attempt_of, pipeline_of
from .pages import page
from .state import without_empty

FLEET = 3


class _Target(NamedTuple):
    """One instance: `began` and `ended` are None where that is still to come."""

    id: str
    status: str
    began: int | None
    ended: int | None


def list_deploy_action_execution_targets(state: State, request: Mapping[str, Any]) -> dict[str, Any]:
    """The targets of one attempt, by id; filtered by their status."""
    name = request.get("pipelineName")
    pipelines = [pipeline_of(state, name)] if name else list(state.pipelines.values())
    execution, stage, action_name, attempt = attempt_of(state, pipelines, request["actionExecutionId"])
    action = execution.definition.stage(stage).action(action_name)
    configuration = configuration_of(state, execution, action, attempt)
    targets = _targets(state, configuration, attempt) if action.provider == "EC2" else []
    wanted = {value for filter_ in request.get("filters", ()) for value in filter_.get("values", ())}
    if wanted:
        targets = [target for target in targets if target.status in wanted]
    targets.sort(key=lambda target: target.id)
    shown, next_token = page(state, "ListDeployActionExecutionTargets", request, targets, lambda target: target.id)
    rows = [_row(state, configuration, target) for target in shown]
    return without_empty(targets=rows, nextToken=next_token)


def _targets(state: State, configuration: Mapping[str, str], attempt: Attempt) -> list[_Target]:
    tag = f"{configuration.get('InstanceTagKey', '')}={configuration.get('InstanceTagValue', '')}"
    ids = ["i-0" + token(state.seed, f"instance:{tag}", number, 16).lower() for number in range(FLEET)]
    batch = _batch(configuration.get("MaxBatch", "1"))
    return [_target(state, attempt, identifier, place // batch, -(-FLEET // batch)) for place, identifier in
            enumerate(ids)]


def _batch(text: str) -> int:
    """`MaxBatch`: a number of instances, or a share of the fleet such as `50%`."""
    number = text.rstrip("%")
    if not number.isdigit():
        return 1
    size = FLEET * int(number) // 100 if text.endswith("%") else int(number)
    return min(max(size, 1), FLEET)


def _target(state: State, attempt: Attempt, identifier: str, batch: int, batches: int) -> _Target:
    """The attempt's time is shared by its batches in turn; a failure is that of the batch it happened in, the last."""
    end = attempt.ended if attempt.ended is not None else None
    if end is None:
        return _Target(identifier, "InProgress" if batch == 0 else "Pending",
                       attempt.started if batch == 0 else None, None)
    began = attempt.started + (end - attempt.started) * batch // batches
    ended = attempt.started + (end - attempt.started) * (batch + 1) // batches
    status = "Succeeded" if attempt.status == "Succeeded" or batch < batches - 1 else attempt.status
    return _Target(identifier, status, began, ended)


def _row(state: State, configuration: Mapping[str, str], target: _Target) -> dict[str, Any]:
    times = {"startTime": None if target.began is None else moment(state, target.began),
             "endTime": None if target.ended is None else moment(state, target.ended)}
    kind = "SSM_MANAGED_NODE" if configuration.get("InstanceType") == "SSM_MANAGED_NODE" else "EC2_INSTANCE"
    declared = [name for name in ("PreScript", "PostScript") if configuration.get(name)]
    steps = declared if target.began is not None else []
    events = [without_empty(name=name, status=target.status, **times) for name in steps]
    return without_empty(targetId=target.id, targetType=kind, status=target.status, **times, events=events)
