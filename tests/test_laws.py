"""What holds for every run: random pipelines, worlds and calls, in small whole seconds so that ties abound."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_sim import Pipeline, Refused, Scenario, Simulation
from pipeline_sim.ids import execution_id
from pipeline_sim.record import INBOUND, ActionChanged, Called, ExecutionChanged, StageChanged
from pipeline_sim.shapes import errors_of
from pipeline_sim.state import State, apply, fold

from .stories import structure

HOUSE = Path(__file__).parent.parent / "pipeline_sim"
FEW = st.integers(0, 5)
MODES = st.sampled_from(["SUPERSEDED", "QUEUED", "PARALLEL"])


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], int]:
    """A pipeline of two to four stages, how its world behaves, and a seed."""
    mode = draw(MODES)
    stages: dict[str, Any] = {"Source": ["App"]}
    actions: dict[str, Any] = {"Source/App": {"duration": draw(FEW)}}
    for number in range(draw(st.integers(1, 3))):
        stages[f"S{number}"] = _stage(draw, f"S{number}", mode, actions)
    world: dict[str, Any] = {"actions": actions, "pushes": draw(st.lists(st.integers(0, 12), max_size=6)),
                             "calls": draw(st.lists(_calls(list(stages)), max_size=6)),
                             "approvals": {"*": {"probability": 0.7, "response": draw(FEW)}}}
    if draw(st.booleans()):
        world["capacity"] = {"CodeBuild": draw(st.integers(1, 2))}
    world["rules"] = {"*": {"duration": draw(FEW), "failure": draw(st.sampled_from([0, 0.5]))}}
    if draw(st.booleans()):
        world["alarms"] = [{"name": "errors", "from": draw(st.integers(0, 10)), "to": draw(st.integers(11, 30))}]
    if draw(st.booleans()):
        world["retry"] = {"after": draw(FEW), "times": draw(st.integers(1, 2))}
    return structure(stages, mode=mode), world, draw(st.integers(0, 2**32))


def _stage(draw: st.DrawFn, name: str, mode: str, actions: dict[str, Any]) -> dict[str, Any]:
    groups: list[Any] = []
    for order in range(draw(st.integers(1, 2))):
        names = [f"A{order}{letter}" for letter in "xy"[:draw(st.integers(1, 2))]]
        approval = draw(st.integers(0, 5)) == 0
        groups.append([{one: "Manual"} if approval else one for one in names])
        for one in names:
            actions[f"{name}/{one}"] = {"duration": draw(FEW), "failure": draw(st.sampled_from([0, 0, 0.3, 1]))}
    stage: dict[str, Any] = {"actions": groups}
    result = draw(st.sampled_from([None, None, "RETRY", "ROLLBACK"]))
    if result and not (result == "ROLLBACK" and mode == "PARALLEL"):
        stage["onFailure"] = {"result": result}
    for gate, results in (("beforeEntry", ["FAIL", "SKIP"]), ("onSuccess", ["FAIL", "ROLLBACK"])):
        if draw(st.integers(0, 3)) == 0:
            stage[gate] = {"conditions": [_condition(draw, draw(st.sampled_from(results)))]}
    return stage


def _condition(draw: st.DrawFn, result: str) -> dict[str, Any]:
    """A condition: a comparison that holds or not, an alarm that may be raised, work that may fail."""
    comparison = {"Variable": "#{codepipeline.PipelineExecutionId}", "Operator": draw(st.sampled_from(["EQ", "NE"])),
                  "Value": "x"}
    providers: dict[str, dict[str, str]] = {"VariableCheck": comparison, "LambdaInvoke": {"FunctionName": "f"}}
    if result != "SKIP":
        providers["CloudWatchAlarm"] = {"AlarmName": "errors", "WaitTime": draw(st.sampled_from(["0", "1"]))}
    chosen = draw(st.lists(st.sampled_from(sorted(providers)), min_size=1, max_size=2, unique=True))
    return {"result": result, "rules": [
        {"name": name, "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": name, "version": "1"},
         "configuration": providers[name]} for name in chosen]}


def _calls(stages: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    at, stage, execution = st.integers(0, 25), st.sampled_from(stages), st.integers(1, 4)
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
    said = {**said, "calls": [], "retry": None, "capacity": {}, "pushes": [0]}
    said = {key: value for key, value in said.items() if value}
    one = run((body, said, seed), None)
    other = run((body, {**said, "actions": {**said["actions"], changed: {"duration": 9}}}, seed), None)
    assert {place: draw for place, draw in _draws(one).items() if changed not in place}.items() >= {
        place: draw for place, draw in _draws(other).items() if changed not in place and place in _draws(one)}.items()


def _draws(one: Simulation) -> dict[tuple[str, int], tuple[int, str]]:
    """Duration and status of every attempt, by place and number."""
    found: dict[tuple[str, int], tuple[int, str]] = {}
    for execution in one.state.pipelines["shop"].executions.values():
        if execution.start.kind == "STANDARD":
            for stage, stage_run in execution.stages.items():
                for action, attempts in stage_run.attempts.items():
                    found |= {(f"{stage}/{action}", a.number): ((a.ended or 0) - a.started, a.status) for a in attempts}
    return found


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
    ("pipeline", "scenario", "record", "iam", "ids", "shapes", "refused", "cron", "calm"), ("state",), ("rules", "values"),
    ("views",), ("simulation",), ("console", "whatif", "aws"), ("study", "cli", "__main__", "__init__")])
    for name in names}
DOORS = {"simpy": {"simulation"}, "graphviz": {"views/graph"}, "ipywidgets": {"console", "study", "whatif/sliders"},
         "anywidget": {"console", "study/widgets/keys"}, "fsrs": {"study/memory"}, "genanki": {"study/anki"},
         "jmespath": {"aws", "study/claim"}, "boto3": {"aws"}, "botocore": {"aws"}, "numpy": {"whatif"}, "moto": {"aws"}}


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


settings.register_profile("laws", max_examples=60, deadline=None)
settings.load_profile("laws")
