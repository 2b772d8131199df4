"""The history of a pipeline: its executions, and the attempts of actions and rules in them, newest first (9.3 to 9.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ...ids import attempt_id, execution_id, rule_id
from ...pipeline.model import Action, Rule
from ...state import Attempt, ExecutionState, PipelineState, RuleRun, State
from ...values import output_variables
from ..links import external_id, external_url, log_stream_arn, revision_summary, revision_url, summary
from ..names import (
    artifact,
    caller_arn,
    configuration_of,
    input_artifacts,
    masked,
    moment,
    output_artifacts,
    region_of,
    trigger_detail,
)
from .find import attempts_of, execution_of, pipeline_of
from .pages import page
from .state import error_of, without_empty

KEPT = 365 * 86_400
"""How long the history is kept, in seconds: 12 months [UG22:limits]."""

# ---------------------------------------------------------------------------------------------- executions


def get_pipeline_execution(state: State, request: Mapping[str, Any]) -> dict[str, Any]:
    pipeline = pipeline_of(state, request["pipelineName"])
    execution = execution_of(state, pipeline, request["pipelineExecutionId"])
    answer: dict[str, Any] = {
        "pipelineName": pipeline.name,
        "pipelineVersion": execution.definition.version,
        "pipelineExecutionId": id_of(state, execution),
        "status": execution.status,
        "artifactRevisions": _artifact_revisions(state, execution),
    }
    if execution.definition.variables:
        answer["variables"] = [{"name": name, "resolvedValue": value}
                               for name, value in execution.start.variables.items()]
    return {"pipelineExecution": answer | _common(state, execution)}


def list_pipeline_executions(state: State, request: Mapping[str, Any]) -> dict[str, Any]:
    """Newest first. The filter `succeededInStage` lists what a stage can be rolled back to: successes there, of the
    current version (4.10)."""
    pipeline = pipeline_of(state, request["pipelineName"])
    executions = list(reversed(_kept(state, pipeline)))
    stage = request.get("filter", {}).get("succeededInStage", {}).get("stageName")
    if stage is not None:
        executions = [execution for execution in executions if _succeeded_in(pipeline, execution, stage)]
    shown, token = page(state, "ListPipelineExecutions", request, executions, lambda execution: execution.number,
                        newest_first=True)
    return without_empty(pipelineExecutionSummaries=[_summary(state, execution) for execution in shown],
                         nextToken=token)


def _kept(state: State, pipeline: PipelineState) -> list[ExecutionState]:
    """The executions of the last twelve months: older ones are not listed any more (9.4) [UG22:limits]."""
    return [one for one in pipeline.executions.values() if state.now - one.started <= KEPT]


def id_of(state: State, execution: ExecutionState) -> str:
    return execution_id(state.seed, execution.pipeline, execution.number)


def _succeeded_in(pipeline: PipelineState, execution: ExecutionState, stage: str) -> bool:
    run = execution.stages.get(stage)
    return run is not None and run.status == "Succeeded" and execution.definition is pipeline.definition


def _summary(state: State, execution: ExecutionState) -> dict[str, Any]:
    answer = {
        "pipelineExecutionId": id_of(state, execution),
        "status": execution.status,
        "startTime": moment(state, execution.started),
        "lastUpdateTime": moment(state, execution.updated),
        "sourceRevisions": _source_revisions(state, execution),
    }
    if execution.reason is not None:
        answer["stopTrigger"] = without_empty(reason=execution.reason[:200])
    return answer | _common(state, execution)


def _common(state: State, execution: ExecutionState) -> dict[str, Any]:
    start = execution.start
    answer = without_empty(
        statusSummary=execution.summary,
        trigger=without_empty(triggerType=start.trigger, triggerDetail=trigger_detail(state, execution)),
        executionMode=start.mode,
        executionType=_type(state, start.kind))
    if start.target is not None:
        target = execution_id(state.seed, execution.pipeline, start.target)
        answer["rollbackMetadata"] = {"rollbackTargetPipelineExecutionId": target}
    return answer


def _type(state: State, kind: str) -> str | None:
    """STANDARD may be left out, as one recording did (15)."""
    return None if kind == "STANDARD" and state.settings.get("execution_type") == "rollbacks only" else kind


def _source_revisions(state: State, execution: ExecutionState) -> list[dict[str, Any]]:
    return [
        without_empty(actionName=action.name, revisionId=revision.id,
                      revisionSummary=revision_summary(action, revision),
                      revisionUrl=revision_url(state, action, revision))
        for action in execution.definition.sources if (revision := execution.revisions.get(action.name)) is not None
    ]


def _artifact_revisions(state: State, execution: ExecutionState) -> list[dict[str, Any]]:
    """The same revisions by the artifact that holds them (3)."""
    return [
        without_empty(name=name, revisionId=revision.id, revisionChangeIdentifier=revision.id[:100],
                      revisionSummary=revision_summary(action, revision), created=moment(state, revision.created),
                      revisionUrl=revision_url(state, action, revision))
        for action in execution.definition.sources if (revision := execution.revisions.get(action.name)) is not None
        for name in action.outputs
    ]


# ---------------------------------------------------------------------------------------------- attempts of actions


class _Row(NamedTuple):
    """One attempt of an action, with where it belongs. `order` is when it began, and the record that says so."""

    order: int
    execution: ExecutionState
    stage: str
    name: str
    run: Attempt


def list_action_executions(state: State, request: Mapping[str, Any]) -> dict[str, Any]:
    """Every attempt, newest first. Filters: one execution; in one execution all attempts, or the newest of each action;
    given both, what is in both [PROBE-B]."""
    pipeline = pipeline_of(state, request["pipelineName"])
    rows = [_Row(attempt.index, execution, stage, action, attempt)
            for execution in _filtered(state, pipeline, request)
            for stage, action, attempt in attempts_of(execution)]
    rows = _only_latest(rows, request, lambda row: (row.stage, row.name))
    rows.sort(key=lambda row: -row.order)
    shown, token = page(state, "ListActionExecutions", request, rows, lambda row: row.order, newest_first=True)
    return without_empty(actionExecutionDetails=[_action_detail(state, row) for row in shown], nextToken=token)


def _filtered(state: State, pipeline: PipelineState, request: Mapping[str, Any]) -> list[ExecutionState]:
    """The executions that a filter names, all when there is none; PipelineExecutionNotFoundException for others."""
    given = request.get("filter", {})
    asked = [given.get("pipelineExecutionId"), given.get("latestInPipelineExecution", {}).get("pipelineExecutionId")]
    named = [execution_of(state, pipeline, identifier) for identifier in asked if identifier is not None]
    if not named:
        return _kept(state, pipeline)
    return [named[0]] if all(execution is named[0] for execution in named) else []


def _only_latest(rows: list[Any], request: Mapping[str, Any], key: Any) -> list[Any]:
    latest = request.get("filter", {}).get("latestInPipelineExecution", {})
    if latest.get("startTimeRange") != "Latest":
        return rows
    newest: dict[Any, Any] = {}
    for row in rows:
        if key(row) not in newest or row.order > newest[key(row)].order:
            newest[key(row)] = row
    return list(newest.values())


def _action_detail(state: State, row: _Row) -> dict[str, Any]:
    execution, attempt = row.execution, row.run
    action = execution.definition.stage(row.stage).action(row.name)
    changed = attempt.ended if attempt.ended is not None else attempt.started
    by = attempt.result.by
    return without_empty(
        pipelineExecutionId=id_of(state, execution),
        actionExecutionId=attempt_id(state.seed, attempt.index),
        pipelineVersion=execution.definition.version,
        stageName=row.stage,
        actionName=row.name,
        startTime=moment(state, attempt.started),
        lastUpdateTime=moment(state, changed),
        updatedBy=caller_arn(state, by) if by else None,
        status=attempt.status,
        input=_action_input(state, execution, action, attempt),
        output=_action_output(state, execution, action, attempt),
    )


def _action_input(state: State, execution: ExecutionState, action: Action, attempt: Attempt) -> dict[str, Any]:
    kind = action.type
    return without_empty(
        actionTypeId={"category": kind.category, "owner": kind.owner, "provider": kind.provider,
                      "version": kind.version},
        configuration=masked(state, action, action.configuration),
        resolvedConfiguration=masked(state, action, configuration_of(state, execution, action, attempt)),
        roleArn=action.role_arn,
        region=region_of(state, action),
        inputArtifacts=input_artifacts(state, execution, action, attempt),
        namespace=action.namespace,
    )


def _action_output(state: State, execution: ExecutionState, action: Action, attempt: Attempt) -> dict[str, Any]:
    result = without_empty(
        externalExecutionId=external_id(state, execution, action, attempt),
        externalExecutionSummary=summary(state, execution, action, attempt),
        externalExecutionUrl=external_url(state, execution, action, attempt),
        errorDetails=error_of(attempt),
        logStreamARN=log_stream_arn(state, execution, action, attempt),
    )
    done = attempt.status == "Succeeded"
    answer: dict[str, Any] = {"outputArtifacts": output_artifacts(state, execution, action, attempt)}
    if result:
        answer["executionResult"] = result
    return answer | {"outputVariables": output_variables(state, execution, action, attempt) if done else {}}


# ---------------------------------------------------------------------------------------------- runs of rules


class _RuleRow(NamedTuple):
    order: int
    execution: ExecutionState
    stage: str
    gate: str
    name: str
    run: RuleRun


def list_rule_executions(state: State, request: Mapping[str, Any]) -> dict[str, Any]:
    """Every run of a condition's rule, newest first, filtered as actions are."""
    pipeline = pipeline_of(state, request["pipelineName"])
    rows = [row for execution in _filtered(state, pipeline, request) for row in _rules_of(execution)]
    rows = _only_latest(rows, request, lambda row: (row.stage, row.gate, row.name))
    rows.sort(key=lambda row: -row.order)
    shown, token = page(state, "ListRuleExecutions", request, rows, lambda row: row.order, newest_first=True)
    return without_empty(ruleExecutionDetails=[_rule_detail(state, row) for row in shown], nextToken=token)


def _rules_of(execution: ExecutionState) -> list[_RuleRow]:
    return [_RuleRow(rule.index, execution, stage, gate, name, rule)
            for stage, run in execution.stages.items() for gate, conditions in run.gates.items()
            for condition in conditions for name, rule in condition.rules.items()]


def _declared(execution: ExecutionState, row: _RuleRow) -> Rule | None:
    condition = execution.definition.stage(row.stage).conditions.get(row.gate)
    return next((rule for rule in condition.rules if rule.name == row.name), None) if condition else None


def _rule_detail(state: State, row: _RuleRow) -> dict[str, Any]:
    execution, run = row.execution, row.run
    rule = _declared(execution, row)
    changed = run.ended if run.ended is not None else run.started
    result = without_empty(externalExecutionId=run.result.external, externalExecutionSummary=run.result.summary,
                           errorDetails=error_of(run))
    return without_empty(
        pipelineExecutionId=id_of(state, execution),
        ruleExecutionId=rule_id(state.seed, run.index),
        pipelineVersion=execution.definition.version,
        stageName=row.stage,
        ruleName=row.name,
        startTime=moment(state, run.started),
        lastUpdateTime=moment(state, changed),
        updatedBy=caller_arn(state, run.result.by) if run.result.by else None,
        status=run.status,
        input=_rule_input(state, execution, rule, run) if rule else None,
        output={"executionResult": result} if result else {},
    )


def _rule_input(state: State, execution: ExecutionState, rule: Rule, run: RuleRun) -> dict[str, Any]:
    region = rule.region or state.region
    made = [(name, execution.artifacts[name]) for name in rule.inputs if name in execution.artifacts]
    resolved = run.result.configuration if run.result.configuration is not None else rule.configuration
    return without_empty(
        ruleTypeId={"category": "Rule", "owner": "AWS", "provider": rule.provider, "version": "1"},
        configuration=dict(rule.configuration),
        resolvedConfiguration=dict(resolved),
        roleArn=rule.role_arn,
        region=region,
        inputArtifacts=[artifact(state, execution, region, name, index) for name, index in made],
    )
