"""What holds for every run: random pipelines, worlds and calls, in small whole seconds so that ties abound."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.validate import ParamValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_sim import Pipeline, Refused, Scenario, Simulation
from pipeline_sim.aws.conformance import service_model
from pipeline_sim.ids import execution_id
from pipeline_sim.record import INBOUND, ActionChanged, Called, ExecutionChanged, RuleChanged, StageChanged
from pipeline_sim.shapes import errors_of
from pipeline_sim.state import Attempt, State, apply, fold
from pipeline_sim.views.artifacts import artifacts
from pipeline_sim.views.cloudtrail import trail
from pipeline_sim.views.events import events
from pipeline_sim.views.why import why

from .stories import ROLE, structure

HOUSE = Path(__file__).parent.parent / "pipeline_sim"
FEW = st.integers(0, 5)
MODES = st.sampled_from(["SUPERSEDED", "QUEUED", "PARALLEL"])


ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
NO_BUILDS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "NotAction": "codebuild:*", "Resource": "*"}]}
HOOK = {"name": "hook", "targetPipeline": "shop", "targetAction": "App", "authentication": "GITHUB_HMAC",
        "authenticationConfiguration": {"SecretToken": "s"}, "filters": [{"jsonPath": "$.ref", "matchEquals": "main"}]}


@st.composite
def worlds(draw: st.DrawFn, kinds: list[dict[str, Any]] | None = None) -> tuple[dict[str, Any], dict[str, Any], int]:
    """A pipeline of two to four stages (with these kinds of action), how its world behaves, and a seed."""
    mode = draw(MODES)
    polled = draw(st.sampled_from(["false", "false", "true"]))
    stages: dict[str, Any] = {"Source": [{"App": {"namespace": "Src", "configuration": {"PollForSourceChanges": polled}}}]}
    actions: dict[str, Any] = {"Source/App": {"duration": draw(FEW)}}
    for number in range(draw(st.integers(1, 3))):
        stages[f"S{number}"] = _stage(draw, f"S{number}", mode, actions, kinds or KINDS)
    body = structure(stages, mode=mode, variables=[{"name": "Level", "defaultValue": "1"}])
    world: dict[str, Any] = {"actions": actions, "pushes": draw(st.lists(st.integers(0, 12), max_size=6)),
                             "calls": draw(st.lists(_calls(body), max_size=6)), "polling": draw(st.integers(1, 7)),
                             "approvals": {"*": {"probability": 0.7, "response": draw(FEW)}}}
    _some(draw, world, "capacity", {"CodeBuild": draw(st.integers(1, 2))})
    world["rules"] = {"*": {"duration": draw(FEW), "failure": draw(st.sampled_from([0, 0.5]))}}
    _some(draw, world, "alarms", [{"name": "errors", "from": draw(st.integers(0, 10)), "to": draw(st.integers(11, 30))}])
    _some(draw, world, "retry", {"after": draw(FEW), "times": draw(st.integers(1, 2))})
    _some(draw, world, "events", {"Source/App": True})
    if draw(st.integers(0, 2)) == 0:
        _rare(draw, world)
    return body, world, draw(st.integers(0, 2**32))


def _some(draw: st.DrawFn, world: dict[str, Any], key: str, value: Any) -> None:
    if draw(st.booleans()):
        world[key] = value


def _rare(draw: st.DrawFn, world: dict[str, Any]) -> None:
    """What starts executions besides pushes, what forbids, and the points that AWS leaves open."""
    _some(draw, world, "schedules", {"when": "cron(* * * * ? *)", "count": 2, "variables": {"Level": "2"},
                                     "role": draw(st.sampled_from(["", "arn:aws:iam::111122223333:role/pipeline"]))})
    _some(draw, world, "roles", {ROLE: draw(st.sampled_from([ANYTHING, NO_BUILDS]))})
    _some(draw, world, "settings", {
        "rollback_in_parallel": draw(st.sampled_from(["refuse", "allow"])), "rollback_of_source": "allow",
        "conditions_on_retry": draw(st.sampled_from(["skip", "evaluate"])), "conditions_on_rollback": "evaluate",
        "after_update": draw(st.sampled_from(["Cancelled", "Failed"])), "execution_limit": draw(st.integers(1, 3))})
    if draw(st.booleans()):
        world["calls"].append({"at": draw(st.integers(0, 3)), "operation": "PutWebhook", "webhook": HOOK})
        world["deliveries"] = [{"at": at, "webhook": "hook", "secret": secret, "payload": {"ref": ref}}
                               for at, secret, ref in draw(st.lists(st.tuples(
                                   st.integers(0, 12), st.sampled_from("sx"), st.sampled_from(["main", "topic"])),
                                   max_size=4))]


def _stage(
    draw: st.DrawFn, name: str, mode: str, actions: dict[str, Any], kinds: list[dict[str, Any]]
) -> dict[str, Any]:
    groups: list[Any] = []
    for order in range(draw(st.integers(1, 2))):
        names = [f"A{order}{letter}" for letter in "xy"[:draw(st.integers(1, 2))]]
        kind = draw(st.sampled_from(kinds))
        groups.append([{one: dict(kind)} for one in names])
        for one in names:
            actions[f"{name}/{one}"] = {"duration": draw(FEW), "failure": draw(st.sampled_from([0, 0, 0.3, 1]))}
    stage: dict[str, Any] = {"actions": groups}
    result = draw(st.sampled_from([None, None, "RETRY", "ROLLBACK", "condition"]))
    if result == "condition" and mode != "PARALLEL":
        stage["onFailure"] = {"conditions": [_condition(draw, "ROLLBACK")]}
    elif result in ("RETRY", "ROLLBACK") and not (result == "ROLLBACK" and mode == "PARALLEL"):
        stage["onFailure"] = {"result": result}
    for gate, results in (("beforeEntry", ["FAIL", "SKIP"]), ("onSuccess", ["FAIL", "ROLLBACK"])):
        if draw(st.integers(0, 3)) == 0:
            stage[gate] = {"conditions": [_condition(draw, draw(st.sampled_from(results)))]}
    return stage


KINDS: list[dict[str, Any]] = [
    {}, {}, {}, {"provider": "Manual"}, {"provider": "CodeDeploy"}, {"provider": "CloudFormation"},
    {"provider": "CloudFormation", "configuration": {"ActionMode": "CHANGE_SET_REPLACE"}},
    {"provider": "CloudFormation", "configuration": {"ActionMode": "CHANGE_SET_EXECUTE"}},
    {"provider": "Lambda", "configuration": {"UserParameters": "#{Src.CommitId} #{variables.Level}"}},
    {"provider": "Lambda", "configuration": {"UserParameters": "#{Src.Nothing}"}},
]
"""Kinds of action: builds, approvals, deployments to one group and one stack, invocations with variables."""


def _condition(draw: st.DrawFn, result: str, first: str = "") -> dict[str, Any]:
    """A condition: a comparison that holds or not, an alarm that may be raised, work that may fail; one of them `first`."""
    comparison = {"Variable": "#{codepipeline.PipelineExecutionId}", "Operator": draw(st.sampled_from(["EQ", "NE"])),
                  "Value": "x"}
    providers: dict[str, dict[str, str]] = {"VariableCheck": comparison, "LambdaInvoke": {"FunctionName": "f"}}
    if result != "SKIP":
        providers["CloudWatchAlarm"] = {"AlarmName": "errors", "WaitTime": draw(st.sampled_from(["0", "1"]))}
    chosen = draw(st.lists(st.sampled_from(sorted(providers)), min_size=1, max_size=2, unique=True))
    chosen = [first, *(name for name in chosen if name != first)] if first else chosen
    return {"result": result, "rules": [
        {"name": name, "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": name, "version": "1"},
         "configuration": providers[name]} for name in chosen]}


def _calls(body: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    stages = [one["name"] for one in body["stages"]]
    at, stage, execution = st.integers(0, 25), st.sampled_from(stages), st.integers(1, 4)
    answer = st.fixed_dictionaries({"status": st.sampled_from(["Approved", "Rejected"]),
                                    "summary": st.sampled_from(["", "x"])})
    transition = {"stageName": stage, "transitionType": st.sampled_from(["Inbound", "Outbound"])}
    return st.one_of(
        st.fixed_dictionaries({"at": at, "operation": st.just("DisableStageTransition"), "reason": st.just("x"),
                               **transition}),
        st.fixed_dictionaries({"at": at, "operation": st.just("EnableStageTransition"), **transition}),
        st.fixed_dictionaries({"at": at, "operation": st.just("StopPipelineExecution"), "execution": execution,
                               "abandon": st.booleans()}),
        st.fixed_dictionaries({"at": at, "operation": st.just("RetryStageExecution"), "execution": execution,
                               "stageName": stage, "retryMode": st.sampled_from(["FAILED_ACTIONS", "ALL_ACTIONS"])}),
        st.fixed_dictionaries({"at": at, "operation": st.just("RollbackStage"), "target": execution, "stageName": stage}),
        st.fixed_dictionaries({"at": at, "operation": st.just("StartPipelineExecution"), "name": st.just("shop")}),
        st.fixed_dictionaries({"at": at, "operation": st.just("OverrideStageCondition"), "execution": execution,
                               "stageName": stage, "conditionType": st.sampled_from(["BEFORE_ENTRY", "ON_SUCCESS"])}),
        st.fixed_dictionaries({"at": at, "operation": st.just("PutApprovalResult"), "stageName": stage, "result": answer,
                               "actionName": st.sampled_from(["A0x", "A1y", "App"])}),
        st.fixed_dictionaries({"at": at, "operation": st.just("UpdatePipeline"), "pipeline": st.just(body)}),
        st.fixed_dictionaries({"at": at, "operation": st.just("PutActionRevision"), "stageName": stage,
                               "actionName": st.sampled_from(["A0x", "App"]),
                               "actionRevision": st.just({"revisionId": "r7", "revisionChangeId": "7", "created": 0})}),
        st.fixed_dictionaries({"at": at, "operation": st.sampled_from(["GetPipelineState", "DeleteWebhook", "ListWebhooks"]),
                               "name": st.just("shop")}),
    )


def run(world: tuple[dict[str, Any], dict[str, Any], int], until: int | None = 60) -> Simulation:
    body, said, seed = world
    return Simulation(Pipeline.load(body), Scenario.load(said), seed=seed).run(until)


@given(worlds())
def test_the_records_alone_give_the_state(world: Any) -> None:
    one = run(world)
    assert fold(one.records) == one.state


@given(worlds(), st.integers(0, 40))
def test_a_fork_repeats_every_record_up_to_its_time(world: Any, time: int) -> None:
    one = run(world)
    assert one.fork(time).records == [record for record in one.records if record.time <= time]


@given(worlds(), st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["push", "start", "stop", "retry"])), max_size=5),
       st.integers(0, 40))
def test_a_fork_repeats_what_was_done_from_outside(world: Any, done: list[tuple[int, str]], time: int) -> None:
    body, said, seed = world
    one = Simulation(Pipeline.load(body), Scenario.load(said), seed=seed)
    for at, what in sorted(done):
        one.run(at)
        act(one, what)
    one.run(60)
    assert one.fork(time).records == [record for record in one.records if record.time <= time]
    assert one.fork(60).records == one.records


def act(one: Simulation, what: str) -> None:
    first = execution_id(one.seed, "shop", 1)
    try:
        if what == "push":
            one.push()
        elif what == "start":
            one.call("StartPipelineExecution", name="shop")
        elif what == "stop":
            one.call("StopPipelineExecution", pipelineName="shop", pipelineExecutionId=first)
        else:
            one.call("RetryStageExecution", pipelineName="shop", pipelineExecutionId=first, stageName="S0",
                     retryMode="FAILED_ACTIONS")
    except Refused:
        pass


@given(worlds())
def test_running_in_steps_gives_the_same_records_as_running_at_once(world: Any) -> None:
    at_once, stepwise = run(world), run(world, until=0)
    while stepwise.now < 60 and stepwise.live:
        stepwise.advance()
    assert [r for r in stepwise.records if r.time <= 60] == at_once.records


@given(worlds())
def test_a_locked_stage_holds_one_execution_and_nobody_overtakes_in_a_queue(world: Any) -> None:
    one = run(world)
    mode = world[0]["executionMode"]
    if mode == "PARALLEL":
        return
    state = State()
    for record in one.records:
        apply(state, record)
        for stage in state.pipelines["shop"].stages:
            inside = [e.number for e in state.pipelines["shop"].executions.values()
                      if stage in e.stages and e.stages[stage].status in ("InProgress", "Stopping")]
            assert len(inside) <= 1, f"{stage} holds {inside}"
    if mode == "QUEUED":
        for stage in state.pipelines["shop"].stages:
            arrived = [r.execution for r in one.records if isinstance(r, StageChanged) and r.stage == stage
                       and r.status == INBOUND]
            entered = [r.execution for r in one.records if isinstance(r, StageChanged) and r.stage == stage
                       and r.status == "InProgress" and not r.retry and r.execution in arrived]
            assert entered == [number for number in arrived if number in entered]


@given(worlds())
def test_who_is_superseded_succeeded_or_cancelled_never_moves_again(world: Any) -> None:
    over: set[int] = set()
    for record in run(world).records:
        if isinstance(record, ExecutionChanged | StageChanged | ActionChanged):
            assert record.execution not in over, record
        if isinstance(record, ExecutionChanged) and record.status in ("Superseded", "Succeeded", "Cancelled"):
            over.add(record.execution)


@given(worlds())
def test_nothing_begins_after_a_failed_action_of_an_earlier_group(world: Any) -> None:
    one = run(world)
    state = State()
    for record in one.records:
        if isinstance(record, ActionChanged) and record.status == "InProgress" and not _queued(state, record):
            execution = state.execution(record.pipeline, record.execution)
            stage = execution.definition.stage(record.stage)
            stage_run = execution.stages[record.stage]
            order = stage.action(record.action).run_order
            for earlier in (action for action in stage.actions if action.run_order < order):
                attempt = stage_run.latest(earlier.name)
                assert attempt is not None
                assert attempt.status == "Succeeded"
        apply(state, record)


def _queued(state: State, record: ActionChanged) -> bool:
    attempt = state.execution(record.pipeline, record.execution).stages[record.stage].latest(record.action)
    return attempt is not None and attempt.number == record.attempt


@given(worlds())
def test_every_refusal_is_declared_for_its_operation(world: Any) -> None:
    for record in run(world).records:
        if isinstance(record, Called) and record.error is not None:
            assert record.error[0] in errors_of(record.operation)


@given(worlds(), st.sampled_from(["S0/A0x", "Source/App"]))
def test_a_change_of_one_action_leaves_every_other_draw_as_it_was(world: Any, changed: str) -> None:
    body, said, seed = world
    said = {**said, "calls": [], "retry": None, "capacity": {}, "pushes": [0], "schedules": None, "deliveries": None}
    said = {key: value for key, value in said.items() if value}
    body = _alone(body)
    one = run((body, said, seed), None)
    other = run((body, {**said, "actions": {**said["actions"], changed: {"duration": 9}}}, seed), None)
    assert {place: draw for place, draw in _draws(one).items() if changed not in place}.items() >= {
        place: draw for place, draw in _draws(other).items() if changed not in place and place in _draws(one)}.items()


def _alone(body: dict[str, Any]) -> dict[str, Any]:
    """The same pipeline, in which no two actions work on one stack or deployment group: there they do meet."""
    stages = [{**stage, "actions": [{**action, "configuration": {
        key: f"{stage['name']}-{action['name']}" if key in ("StackName", "DeploymentGroupName") else value
        for key, value in action["configuration"].items()}} for action in stage["actions"]]} for stage in body["stages"]]
    return {**body, "stages": stages}


def _draws(one: Simulation) -> dict[tuple[str, int], tuple[int, str]]:
    """Duration and status of every attempt, by place and number."""
    found: dict[tuple[str, int], tuple[int, str]] = {}
    for execution in one.state.pipelines["shop"].executions.values():
        if execution.start.kind == "STANDARD":
            for stage, stage_run in execution.stages.items():
                for action, attempts in stage_run.attempts.items():
                    found |= {(f"{stage}/{action}", a.number): ((a.ended or 0) - a.started, a.status) for a in attempts}
    return found


# ---------------------------------------------------------------------------------------------- what it looks like


@given(worlds())
def test_every_answer_is_in_the_shape_of_the_model(world: Any) -> None:
    one = run(world)
    pipeline = one.state.pipelines["shop"]
    asked: list[tuple[str, dict[str, Any]]] = [
        ("GetPipeline", {"name": "shop"}), ("GetPipelineState", {"name": "shop"}), ("ListWebhooks", {}),
        *((operation, {"pipelineName": "shop"}) for operation in (
            "ListPipelineExecutions", "ListActionExecutions", "ListRuleExecutions"))]
    asked += [("GetPipelineExecution", {"pipelineName": "shop", "pipelineExecutionId": execution_id(one.seed, "shop", n)})
              for n in pipeline.executions]
    for operation, request in asked:
        report = ParamValidator().validate(one.call(operation, **request), _shape(operation))
        assert not report.has_errors(), f"{operation}: {report.generate_report()}"


@cache
def _shape(operation: str) -> Any:
    return service_model().operation_model(operation).output_shape


@given(worlds())
def test_every_moment_can_be_looked_at_from_every_side(world: Any) -> None:
    one = run(world)
    half = events(one.records[:len(one.records) // 2])
    assert events(one.records)[:len(half)] == half
    for number in range(0, len(one.records), 7):
        state = one.at(number)
        for pipeline in state.pipelines.values():
            for place in [*pipeline.stages, *map(str, pipeline.executions)]:
                found = why(state, place, one.records[:number])
                for text in (found.sentence, *(cause.sentence for cause in found.causes)):
                    assert text.startswith(("shop ", "lee ")) or not text[0].islower(), text  # names keep their letters
    assert len(trail(one.records)) >= sum(isinstance(record, Called) for record in one.records)


@given(worlds())
def test_an_artifact_is_read_after_it_was_made_and_only_by_its_own_execution_or_a_rollback(world: Any) -> None:
    one = run(world)
    executions = one.state.pipelines["shop"].executions
    for made in artifacts(one.state):
        for reading in made.read_by:
            assert reading.at >= made.at
            start = executions[reading.execution].start
            assert reading.execution == made.execution or start.kind == "ROLLBACK"
        assert [origin.source for origin in made.revisions] == ["Source/App"]


@given(worlds())
def test_the_attempt_in_events_counts_up_by_retries_alone(world: Any) -> None:
    one = run(world)
    seen: dict[str, float] = {}
    for event in events(one.records):
        number, attempt = event["detail"]["execution-id"], event["detail"]["pipeline-execution-attempt"]
        assert attempt - seen.get(number, 1.0) in (0.0, 1.0)
        seen[number] = attempt
    for execution in one.state.pipelines["shop"].executions.values():
        retries = sum(stage.manual + stage.automatic for stage in execution.stages.values())
        overridden = sum(isinstance(r, Called) and r.operation == "OverrideStageCondition" and r.error is None
                         for r in one.records)
        assert 1 + retries <= execution.attempt <= 1 + retries + overridden


# ---------------------------------------------------------------------------------------------- conditions and retries


@st.composite
def gated(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], int]:
    """One stage behind conditions, that fails often, and people who retry, override and stop."""
    stage: dict[str, Any] = {"actions": [["A", "B"]]}
    gates = {"beforeEntry": ["FAIL", "SKIP"], "onSuccess": ["FAIL", "ROLLBACK"], "onFailure": ["ROLLBACK"]}
    for gate in draw(st.lists(st.sampled_from(sorted(gates)), min_size=1, unique=True)):
        stage[gate] = {"conditions": [_condition(draw, draw(st.sampled_from(gates[gate])), "LambdaInvoke")]}
    body = structure({"Source": ["App"], "S0": stage})
    took = {"duration": draw(st.integers(1, 5)), "failure": 0.5}
    when = {"at": st.integers(1, 12), "execution": st.integers(1, 2)}
    again = {**when, "stageName": st.just("S0")}
    retry = {**again, "operation": st.just("RetryStageExecution"), "retryMode": st.sampled_from(REDO)}
    override = {**again, "operation": st.just("OverrideStageCondition"), "conditionType": st.sampled_from(GATES)}
    stop = {**when, "operation": st.just("StopPipelineExecution")}
    calls = st.lists(st.one_of([st.fixed_dictionaries(call) for call in (retry, retry, override, stop)]), max_size=6)
    world = {"actions": {"Source/App": {"duration": 0}, "S0/A": took, "S0/B": {**took, "duration": draw(FEW)}},
             "pushes": [0, 6], "rules": {"*": {"duration": draw(st.integers(1, 6)), "failure": 0.5}},
             "alarms": [{"name": "errors", "from": draw(FEW), "to": 9}], "calls": draw(calls),
             "settings": {"conditions_on_retry": draw(st.sampled_from(["skip", "skip", "evaluate"]))}}
    _some(draw, world, "retry", {"after": draw(FEW), "times": 2})
    return body, world, draw(st.integers(0, 2**32))


REDO = ("FAILED_ACTIONS", "FAILED_ACTIONS", "ALL_ACTIONS")
GATES = ("BEFORE_ENTRY", "ON_SUCCESS")


@settings(max_examples=300)
@given(gated())
def test_a_retry_that_is_taken_does_something_at_once(world: Any) -> None:
    """An attempt begins, a condition is asked, or the stage is through."""
    records = run(world).records
    for place, record in enumerate(records):
        if isinstance(record, StageChanged) and record.retry == "ManualStageRetry":
            after = [one for one in records[place + 1:] if getattr(one, "execution", 0) == record.execution
                     and one.time == record.time]
            assert any(_does_something(one, record.stage) for one in after), f"nothing follows {record}"


def _does_something(record: Any, stage: str) -> bool:
    begins = isinstance(record, ActionChanged | RuleChanged) and record.status == "InProgress"
    ends = isinstance(record, StageChanged) and record.status != "InProgress"
    return (begins or ends) and record.stage == stage


@settings(max_examples=100)
@given(gated())
def test_whoever_succeeds_has_answered_every_success_condition_of_his_stages(world: Any) -> None:
    """Or it was overridden; rollbacks alone are asked where a setting says so."""
    one = run(world)
    for execution in one.state.pipelines["shop"].executions.values():
        for name, visit in execution.stages.items():
            declared = execution.definition.stage(name).on_success
            if declared is None or visit.status != "Succeeded" or execution.start.kind == "ROLLBACK":
                continue
            assert any(asked.status in ("Succeeded", "Failed", "Errored", "Overridden")
                       for asked in visit.gates.get("ON_SUCCESS", ())), f"execution {execution.number} passed {name}"


# ---------------------------------------------------------------------------------------------- one thing at a time


@given(worlds(kinds=KINDS[4:8]))
def test_a_stack_and_a_deployment_group_are_worked_on_by_one_action_at_a_time(world: Any) -> None:
    for provider in ("CloudFormation", "CodeDeploy"):
        free = 0
        for began, attempt in _worked(run(world), provider):
            if attempt.result.code == "PermissionError" or any(words in attempt.result.message for words in NOT_BEGUN):
                continue
            assert began >= free, attempt
            free = attempt.ended if attempt.ended is not None and attempt.status != "Abandoned" else free


NOT_BEGUN = ("in the middle of", "already has a deployment", "has no change set")
"""With these words an action fails that never reached its provider."""


def _worked(one: Simulation, provider: str) -> list[tuple[int, Attempt]]:
    """The attempts of a provider's actions, in the order in which they began."""
    found = [(attempt.index, attempt) for execution in one.state.pipelines["shop"].executions.values()
             for name, stage in execution.stages.items() for action, attempts in stage.attempts.items()
             if execution.definition.stage(name).action(action).provider == provider for attempt in attempts]
    return [(attempt.started, attempt) for _, attempt in sorted(found, key=lambda pair: pair[0])]


@given(worlds(kinds=KINDS[6:8]))
def test_a_change_set_is_executed_once_at_the_most(world: Any) -> None:
    body, said, seed = world
    first = body["stages"][1]["actions"][0]
    first["configuration"] = {**first["configuration"], "ActionMode": "CHANGE_SET_REPLACE"}
    said["actions"] = {place: {**luck, "failure": 0} for place, luck in said["actions"].items()}
    one = run((body, said, seed))
    made = used = 0
    for _, attempt in _worked(one, "CloudFormation"):
        mode = _mode(one, attempt)
        refused = attempt.result.code == "JobFailed" and ("has no" in attempt.result.message
                                                          or "in the middle" in attempt.result.message)
        made += mode == "CHANGE_SET_REPLACE" and not refused
        used += mode == "CHANGE_SET_EXECUTE" and not refused
        assert used <= made


def _mode(one: Simulation, attempt: Attempt) -> str:
    begun = one.records[attempt.index]
    assert isinstance(begun, ActionChanged)
    execution = one.state.execution(begun.pipeline, begun.execution)
    return execution.definition.stage(begun.stage).action(begun.action).configuration["ActionMode"]


PROGRAM = """
import sys; sys.path.insert(0, {root!r})
from tests.stories import simulation
one = simulation({{"Source": ["App"], "Test": [["Lint", "Unit"]], "Prod": [{{"Ok": "Manual"}}, "Deploy"]}},
                 {{"pushes": [{{"every": "10m", "count": 20}}], "actions": {{"*": {{"duration": {{"p50": 60, "p95": 300}},
                  "failure": 0.2}}}}, "approvals": {{"*": {{"response": "5m"}}}}}}, seed=7)
one.run()
print([repr(record) for record in one.records])
"""


def test_the_same_inputs_give_the_same_records_in_another_process() -> None:
    program = PROGRAM.format(root=str(HOUSE.parent))
    answers = {subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed}, text=True,
                              capture_output=True, check=True).stdout for seed in ("1", "2")}
    assert len(answers) == 1


# ---------------------------------------------------------------------------------------------- the house

FLOORS = {name: floor for floor, names in enumerate([
    ("pipeline", "scenario", "record", "iam", "ids", "shapes", "refused", "cron", "calm",
     "jsonpath"), ("state",), ("rules", "values"),
    ("views",), ("simulation", "export", "history"), ("console", "whatif", "aws"),
    ("study", "cli", "__main__", "__init__")])
    for name in names}
DOORS = {"simpy": {"simulation"}, "graphviz": {"views/graph"}, "ipywidgets": {"console", "study", "whatif/sliders"},
         "anywidget": {"console", "study/widgets/keys"}, "fsrs": {"study/memory"}, "genanki": {"study/anki"},
         "jmespath": {"aws", "study/claim"}, "boto3": {"aws"}, "botocore": {"aws"}, "numpy": {"whatif"}, "moto": {"aws"},
         "scipy": {"whatif", "history/fit"}, "matplotlib": {"whatif/pictures", "history/fit"},
         "pyarrow": {"whatif", "export"}, "hcl2": {"pipeline/terraform"},
         "SALib": {"whatif/sensitivity"}, "joblib": {"whatif/cluster"}, "dask": {"whatif/cluster"}}


def modules() -> list[Path]:
    return sorted(HOUSE.rglob("*.py"))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(HOUSE)))
def test_imports_go_down_and_outside_libraries_have_one_door(path: Path) -> None:
    here = path.relative_to(HOUSE)
    floor = FLOORS[here.parts[0].removesuffix(".py")]
    for name, inside in _imports(path):
        if inside:
            assert FLOORS.get(name, 0) <= floor, f"{here} imports {name}"
        elif name in DOORS:
            assert any(str(here).startswith(door) for door in DOORS[name]), f"{here} imports {name}"


def _imports(path: Path) -> list[tuple[str, bool]]:
    """What a module imports when it is loaded: (first part, whether it is ours). What is imported inside a function or
    for type checkers only does not make a floor."""
    found = []
    package = ("pipeline_sim", *path.relative_to(HOUSE).parts[:-1])
    for node in _loaded(ast.parse(path.read_text()).body):
        if isinstance(node, ast.Import):
            found += [(alias.name.split(".")[0], False) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[:len(package) - node.level + 1] if node.level else ()
            full = [*base, *(node.module.split(".") if node.module else ())]
            ours = full[0] == "pipeline_sim"
            names = [full[1]] if ours and len(full) > 1 else [a.name for a in node.names] if ours else [full[0]]
            found += [(name, ours) for name in names]
    return found


def _loaded(body: list[ast.stmt]) -> list[ast.stmt]:
    inside = []
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        inside.append(node)
        for name in ("body", "orelse", "handlers"):
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) and hasattr(node, name):
                inside += _loaded(getattr(node, name))
    return inside
