"""A real history is read, and looked at as a simulation: held against histories that simulations wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_sim import Faults, Pipeline, Scenario, Simulation, Unreadable, history
from pipeline_sim.console import Console
from pipeline_sim.export.aws import COMMANDS, commands, documents, write
from pipeline_sim.history.values import History
from pipeline_sim.ids import execution_id
from pipeline_sim.record import INBOUND, Called, StageChanged
from pipeline_sim.state import ExecutionState
from pipeline_sim.views.cost import ledger
from pipeline_sim.views.events import events
from pipeline_sim.views.metrics import measure, told
from pipeline_sim.views.why import places

from .stories import lines, simulation, structure
from .test_laws import run, worlds
from .test_traces import play

SHOP = Path(__file__).parent.parent / "notebooks" / "pipelines" / "web-shop.json"
BUSY: dict[str, Any] = {
    "pushes": [{"every": "50m", "for": "2d"}], "actions": {"Test/*": {"failure": "30%"}},
    "approvals": {"*": {"response": {"p50": "20m", "p95": "1h"}}}, "retry": {"after": "20m", "times": 2}}


def busy(seed: int = 1, until: str = "3d") -> Simulation:
    return Simulation(Pipeline.load(SHOP), Scenario(BUSY), seed=seed).run(until)


def saved(run: Simulation, *which: str, name: str = "web-shop") -> str:
    """What the CLI would have saved of a run."""
    found = documents(run.state, name)
    return "\n".join(json.dumps(found[command]) for command in which or COMMANDS)


def way_of(one: ExecutionState, shift: int = 0) -> Any:
    """All that a history can tell of an execution, with times moved to another clock."""
    def at(seconds: int | None) -> int | None:
        return None if seconds is None else seconds + shift

    return one.status, one.stage, {
        name: (run.status, at(run.entered), at(run.ended), run.latest_retry, {
            action: [(attempt.status, at(attempt.started), at(attempt.ended), attempt.result.code, attempt.result.by)
                     for attempt in attempts] for action, attempts in run.attempts.items()})
        for name, run in one.stages.items()}


def assert_the_same(one: Simulation, past: History, name: str) -> None:
    replay = history.Replay(past)
    shift = replay.seconds(one.scenario.start)
    mine, theirs = one.state.pipelines[name].executions, replay.state.pipelines[past.name].executions
    assert {number: way_of(found) for number, found in theirs.items()} == {
        number: way_of(found, shift) for number, found in mine.items()}


# ---------------------------------------------------------------------------------------------- there and back


@pytest.mark.parametrize("seed", range(3))
def test_a_run_that_is_exported_and_replayed_is_the_same_run(seed: int) -> None:
    one = busy(seed)
    assert_the_same(one, history.loads(saved(one)), "web-shop")


@pytest.mark.parametrize("seed", range(3))
def test_the_attempts_of_actions_alone_are_enough(seed: int) -> None:
    one = busy(seed)
    past = history.loads(saved(one, "list-action-executions"), name="web-shop")
    assert_the_same(one, past, "web-shop")
    assert [note.message[:29] for note in past.notes] == ["The definition is put togethe", "How executions began and ende"]


@given(worlds())
@settings(max_examples=60)
def test_whatever_a_run_does_is_told_again(world: Any) -> None:
    """All that the answers tell, here without conditions. They do not tell who made an execution fail that an update had
    caught in front of a stage; and who is stopped or cancelled in the very second in which it came to stand in front of a
    stage may as well have been so in the stage before. Transitions show in nothing but the waits."""
    body, said, _ = world
    for stage in body["stages"]:
        stage.pop("beforeEntry", None)
        stage.pop("onSuccess", None)
    said.get("settings", {}).pop("after_update", None)
    one = run(world)
    executions = one.state.pipelines["shop"].executions
    if executions and not any(map(ended_as_it_arrived, executions.values())):
        assert_the_same(one, history.loads(saved(one, name="shop")), "shop")


def rules_of(one: ExecutionState, shift: int = 0) -> list[Any]:
    """The runs of an execution's rules, with times moved to another clock."""
    return sorted((stage, gate, name, rule.status, rule.started + shift, None if rule.ended is None else rule.ended + shift,
                   rule.result.code) for stage, run in one.stages.items() for gate, conditions in run.gates.items()
                  for condition in conditions for name, rule in condition.rules.items())


@given(worlds())
@settings(max_examples=60)
def test_every_run_of_a_rule_is_told_again(world: Any) -> None:
    """Which condition it was of, and when, and what came of it. How a condition ended is no row of any answer."""
    one = run(world)
    executions = one.state.pipelines["shop"].executions
    if not executions:
        return
    replay = history.Replay(history.loads(saved(one, name="shop")))
    shift, theirs = replay.seconds(one.scenario.start), replay.state.pipelines["shop"].executions
    assert {number: rules_of(found) for number, found in theirs.items()} == {
        number: rules_of(found, shift) for number, found in executions.items()}
    assert {number: found.status for number, found in theirs.items()} == {
        number: found.status for number, found in executions.items()}


def gate_lines(one: Any) -> list[str]:
    """What is told of conditions, without the times: the clocks begin at different moments."""
    return [line.partition(" ")[2] for line in lines(one.records) if "_ENTRY" in line or " ON_" in line]


# a retry that asks no condition and an override look alike: actions run behind a condition that had failed
AMBIGUOUS = ("override-after-retry",)
CONDITIONS = [path for path in sorted((Path(__file__).parent / "traces").glob("*.yaml"))
              if "onditions:" in path.read_text() and path.stem not in AMBIGUOUS]


@pytest.mark.parametrize("path", CONDITIONS, ids=lambda path: path.stem)
def test_conditions_are_told_again(path: Path) -> None:
    """Those of the traces: with their stages failed, skipped and rolled back, and with who overrode them."""
    one = play(yaml.safe_load(path.read_text()))
    if len(one.state.pipelines) > 1:
        return
    past = history.loads(saved(one, name="shop"))
    assert_the_same(one, past, "shop")
    replay = history.Replay(past)
    assert gate_lines(replay) == gate_lines(one)


def ended_as_it_arrived(one: ExecutionState) -> bool:
    last = one.stages.get(one.stage)
    return (one.status in ("Stopped", "Cancelled") and last is not None and last.status == INBOUND
            and last.ended in [stage.ended for stage in one.stages.values() if stage is not last])


@given(worlds(), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_a_history_with_holes_and_unlucky_clocks_can_still_be_looked_at(world: Any, luck: Any) -> None:
    one = run(world)
    if not one.state.pipelines["shop"].executions:
        return
    found = documents(one.state, "shop")
    actions, executions = found["list-action-executions"], found["list-pipeline-executions"]
    for document, member in ((actions, "actionExecutionDetails"), (executions, "pipelineExecutionSummaries")):
        document[member] = [row for row in document[member] if luck.random() < 0.7]
        for row in document[member]:
            row["startTime"] = history.read.moment(row["startTime"], "").timestamp() + luck.random() - 0.5
    if not (actions["actionExecutionDetails"] or executions["pipelineExecutionSummaries"]):
        return
    replay = history.Replay(history.loads("\n".join(map(json.dumps, found.values()))))
    assert str(replay.timeline())
    for k in range(1, len(replay.records) + 1, 3):
        state = replay.at(k)
        assert all(history.Replay.why(replay, place).sentence for place in places(state)[:5])
    assert [record.time for record in replay.records] == sorted(record.time for record in replay.records)


# ---------------------------------------------------------------------------------------------- what it can do


def test_every_view_works_on_a_replay() -> None:
    replay = history.Replay(history.loads(saved(busy())))
    assert len(json.dumps(events(replay.records))) > 1000
    assert dict(told(measure(replay.records)))["executions"]
    assert ledger(replay.state).lines
    assert "svg" in replay._repr_mimebundle_()["text/html"]
    assert "succeeded" in str(replay.timeline())
    assert replay.why("1").sentence.startswith("Execution 1 ")
    listed = replay.call("ListPipelineExecutions", pipelineName="web-shop")["pipelineExecutionSummaries"]
    assert len(listed) == len(replay.ids) == len(replay.history.executions)


def test_a_replay_cannot_be_changed() -> None:
    replay = history.Replay(history.loads(saved(busy())))
    with pytest.raises(ValueError, match="it has happened"):
        replay.call("StartPipelineExecution", name="web-shop")
    with pytest.raises(ValueError, match="it has happened"):
        replay.push()
    with pytest.raises(ValueError, match="it has happened"):
        replay.fork("1h")


def test_a_replay_opens_in_the_console_which_looks_and_refuses_to_act() -> None:
    replay = history.Replay(history.loads(saved(busy())))
    console = replay.console(position=30)
    assert console.position == 30
    assert "executions" in str(console.ask("pane", {"name": "metrics"}))
    assert console.ask("about", {"thing": "stage-1"})["why"]["sentence"].startswith("Build ")
    assert console.ask("more", {}) == {"records": 0, "live": False}
    for k in (30, len(replay.records)):
        for thing, offer in (("pipeline", "start"), ("pipeline", "push"), ("pipeline", "seed"), ("action-1-0", "luck")):
            with pytest.raises(ValueError, match="it has happened"):
                console.ask("act", {"thing": thing, "offer": offer, "values": {}, "k": k})
    assert Console(replay).records is replay.records


def test_the_real_ids_are_kept_beside_the_numbers() -> None:
    one = busy()
    replay = history.Replay(history.loads(saved(one)))
    first = one.call("ListPipelineExecutions", pipelineName="web-shop")["pipelineExecutionSummaries"][-1]
    assert replay.ids[1] == first["pipelineExecutionId"]


def test_a_transition_that_get_pipeline_state_shows_as_disabled_is_so_at_the_end() -> None:
    one = busy()
    one.call("DisableStageTransition", pipelineName="web-shop", stageName="Prod", transitionType="Inbound", reason="freeze")
    one.run("4d")
    replay = history.Replay(history.loads(saved(one)))
    assert replay.state.pipelines["web-shop"].stages["Prod"].inbound.reason == "freeze"


def test_who_enabled_a_transition_is_told() -> None:
    one = busy()
    where = {"pipelineName": "web-shop", "stageName": "Prod", "transitionType": "Inbound"}
    one.call("DisableStageTransition", **where, reason="freeze")
    one.run(one.now + 600)
    one.call("EnableStageTransition", **where, by="arn:aws:iam::111122223333:user/ann")
    replay = history.Replay(history.loads(saved(one)))
    told = [record for record in replay.records if isinstance(record, Called)]
    assert [(record.operation, record.by.rpartition("/")[2]) for record in told] == [("EnableStageTransition", "ann")]
    assert "disabled" not in replay.why("Prod").sentence


def test_two_versions_are_two_definitions() -> None:
    one = simulation({"Source": ["App"], "Old": ["Deploy"]}, {"actions": {"*": {"duration": 5}}})
    one.call("StartPipelineExecution", name="shop")
    one.run("1m")
    one.call("UpdatePipeline", pipeline=structure({"Source": ["App"], "New": [["Deploy", "Smoke"]]}))
    one.call("StartPipelineExecution", name="shop")
    one.run("2m")
    replay = history.Replay(history.loads(saved(one, name="shop")))
    assert [[stage.name for stage in definition.stages] for definition in replay.definitions.values()] == [
        ["Source", "Old", "New"], ["Source", "New"]]
    changed = [record.stage for record in replay.records if isinstance(record, StageChanged)]
    assert changed == ["Source", "Source", "Old", "Old", "Source", "Source", "New", "New"]


def test_actions_that_ran_together_are_put_in_one_group() -> None:
    one = simulation({"Source": ["App"], "Test": [["Unit", "Lint"], "Report"]},
                     {"actions": {"*": {"duration": 5}, "Test/Lint": {"duration": 9}}})
    one.call("StartPipelineExecution", name="shop")
    one.run("1m")
    replay = history.Replay(history.loads(saved(one, "list-action-executions", name="shop"), name="shop"))
    assert [[action.name for action in group] for group in replay.pipelines[0].stage("Test").groups] == [
        ["Unit", "Lint"], ["Report"]]


def test_who_is_stopped_while_the_last_action_of_a_stage_runs_never_leaves_that_stage() -> None:
    one = simulation({"Source": ["App"], "Test": ["Unit"], "Prod": ["Deploy"]}, {"actions": {"*": {"duration": 60}}})
    one.call("StartPipelineExecution", name="shop")
    one.run("90s")
    one.call("StopPipelineExecution", pipelineName="shop", reason="wrong branch",
             pipelineExecutionId=execution_id(one.seed, "shop", 1))
    one.run("5m")
    replay = history.Replay(history.loads(saved(one, name="shop")))
    stopped = replay.state.pipelines["shop"].executions[1]
    assert (stopped.status, stopped.stage, stopped.stages["Test"].status) == ("Stopped", "Test", "Stopped")


def test_two_actions_that_fail_again_at_once_are_one_retry() -> None:
    one = simulation({"Source": ["App"], "Test": {"actions": [["Unit", "Lint"]], "onFailure": {"result": "RETRY"}}},
                     {"actions": {"*": {"duration": 0}, "Test/*": {"duration": 0, "failure": 1}}})
    one.call("StartPipelineExecution", name="shop")
    one.run("1m")
    replay = history.Replay(history.loads(saved(one, name="shop")))
    test = replay.state.pipelines["shop"].executions[1].stages["Test"]
    assert (test.automatic, test.manual, test.latest_retry) == (1, 0, "AutomatedStageRetry")


@pytest.mark.parametrize(("minutes", "retry"), [(0, "AutomatedStageRetry"), (30, "ManualStageRetry")])
def test_a_stage_that_begins_again_at_once_did_so_by_itself(minutes: int, retry: str) -> None:
    """Where the definition says RETRY; half an hour later it was a person."""
    rows = [{**ROW, "actionExecutionId": f"a{n}", "stageName": stage, "actionName": action, "status": status,
             "startTime": 1893920400 + start, "lastUpdateTime": 1893920400 + start + 60}
            for n, (stage, action, status, start) in enumerate([
                ("Source", "App", "Succeeded", 0), ("Build", "Compile", "Failed", 60),
                ("Build", "Compile", "Succeeded", 120 + minutes * 60)])]
    body = structure({"Source": ["App"], "Build": {"actions": ["Compile"], "onFailure": {"result": "RETRY"}}})
    past = history.loads("\n".join(map(json.dumps, [{"pipeline": body}, *rows])))
    build = history.Replay(past).state.pipelines["shop"].executions[1].stages["Build"]
    assert (build.latest_retry, build.status) == (retry, "Succeeded")


# ---------------------------------------------------------------------------------------------- reading


ROW = {"pipelineExecutionId": "e", "actionExecutionId": "a", "stageName": "S", "actionName": "A", "status": "Succeeded",
       "startTime": 1893920400.5, "lastUpdateTime": "2030-01-06T10:01:40+01:00"}


def test_pages_lines_lists_and_single_rows_are_the_same_history() -> None:
    rows = [ROW, {**ROW, "actionExecutionId": "b", "actionName": "B"}]
    pages = [{"actionExecutionDetails": [rows[0]], "nextToken": "more"}, {"actionExecutionDetails": [rows[1]]}]
    texts = [json.dumps({"actionExecutionDetails": rows}), json.dumps(pages), json.dumps(rows),
             "".join(json.dumps(page, indent=2) for page in pages), "\n".join(map(json.dumps, reversed(rows)))]
    found = [history.loads(text) for text in texts]
    assert {len(one.attempts) for one in found} == {2}
    assert {attempt.started.timestamp() for one in found for attempt in one.attempts} == {1893920400.5}


def test_a_page_that_is_missing_is_told() -> None:
    past = history.loads(json.dumps({"actionExecutionDetails": [ROW], "nextToken": "more"}))
    assert any("more pages of it are missing" in note.message for note in past.notes)


def test_of_pages_that_overlap_the_newer_row_counts() -> None:
    older = {**ROW, "status": "InProgress", "lastUpdateTime": 1893920400.6}
    for rows in ([older, ROW], [ROW, older]):
        [attempt] = history.loads("\n".join(map(json.dumps, rows))).attempts
        assert attempt.status == "Succeeded"


@pytest.mark.parametrize(("text", "told"), [
    ("[1]", r"the text\[0\]: it is no answer"),
    ('{"a": 1}', "none of list-action-executions"),
    ('{"actionExecutionDetails": 7}', "is a list"),
    ('{"actionExecutionDetails": []}', "holds no execution"),
    ('{"actionExecutionDetails": [{}]}', r"actionExecutionDetails\[0\]: the row has no pipelineExecutionId"),
    (json.dumps({**ROW, "startTime": "yesterday"}), r"the text.startTime: 'yesterday' is no time"),
    (json.dumps({**ROW, "startTime": 1e300}), "is no time"),
    ('{"a": ', "line 1, column"),
    ("[" * 90 + "]" * 90, "nested"),
    ("[" * 100_000, "nested"),
])
def test_what_is_no_history_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        history.loads(text)


def test_the_histories_of_two_pipelines_are_not_mixed() -> None:
    one, other = busy(), simulation({"Source": ["App"], "Test": ["Unit"]})
    text = saved(one, "get-pipeline", "list-action-executions") + saved(other, "get-pipeline", name="shop")
    with pytest.raises(Unreadable, match="several pipelines"):
        history.loads(text)


def test_a_folder_of_the_five_files_is_a_history(tmp_path: Path) -> None:
    one = busy()
    assert [path.stem for path in write(one.state, "web-shop", tmp_path / "saved")] == list(COMMANDS)
    assert_the_same(one, history.load(tmp_path / "saved"), "web-shop")
    with pytest.raises(Unreadable, match="no file in it"):
        history.load(tmp_path)


def test_the_five_commands_are_printed_and_safe_in_a_shell() -> None:
    told = commands("it's; rm -rf /", {"region": "eu-west-1", "profile": ""})
    assert len(told) == 5
    assert told[0] == ("aws codepipeline get-pipeline --name 'it'\"'\"'s; rm -rf /' --region eu-west-1 --output json "
                        "> get-pipeline.json")


@pytest.mark.parametrize("number", [12, 58])
def test_what_the_cli_documentation_shows_is_read(corpus: Path, number: int) -> None:
    file = corpus / "events" / f"aws__aws-cli__awscli-examples-codepipeline-list-action-executions.rst_L{number}.json"
    [attempt] = history.load(file).attempts
    assert (attempt.version, attempt.status) == (12, "Succeeded")


# ---------------------------------------------------------------------------------------------- what people really save


def test_a_history_that_powershell_has_written_is_read(tmp_path: Path) -> None:
    (tmp_path / "list-action-executions.json").write_text(json.dumps({"actionExecutionDetails": [ROW]}), encoding="utf-16")
    assert len(history.load(tmp_path).attempts) == 1


def test_what_was_saved_as_a_table_says_how_to_save_it() -> None:
    with pytest.raises(Unreadable, match="Save it with --output json"):
        history.loads("ACTIONEXECUTIONDETAILS\t2030-01-07")


def test_a_status_that_codepipeline_has_not_is_told_and_looked_past() -> None:
    text = saved(busy()).replace('"status": "Superseded"', '"status": "Overtaken"').replace(
        '"status": "Abandoned"', '"status": "Given up"')
    past = history.loads(text)
    assert any("'Overtaken' at the text, document 3: pipelineExecutionSummaries[" in note.message for note in past.notes)
    assert "Overtaken" not in str(history.Replay(past).timeline())


def test_a_moment_in_the_year_9999_is_no_moment_of_a_history() -> None:
    for odd in ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", 2**40):
        with pytest.raises(Unreadable, match="is no time"):
            history.loads(json.dumps({**ROW, "startTime": odd}))


def test_executions_whose_actions_are_not_there_are_told_and_blamed_on_nothing() -> None:
    run = busy()
    text = saved(run, "get-pipeline", "list-pipeline-executions")
    past = history.loads(text)
    assert any("have no action in the history" in note.message for note in past.notes)
    told = str(history.Replay(past).timeline())
    assert "because its actions are not in the history" in told and "limit of executions" not in told
    assert not [note for note in history.loads(saved(run)).notes if "no action" in note.message]


ODD = [None, 0, -1, 1.5, "", "x", [], {}, [None], {"a": 1}, True, "InProgress", "Failed", "Source", "Prod", 1893920400]
MET = Path(__file__).parent / "traces" / "failure-condition-met.yaml"
ROLLED_BACK = documents(play(yaml.safe_load(MET.read_text())).state, "shop")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.randoms(use_true_random=False), st.sampled_from(ODD)), min_size=1, max_size=5))
def test_a_history_with_anything_in_it_is_read_or_refused(changes: list[tuple[Any, Any]]) -> None:
    """Rows that a script has filtered, edited or put together wrongly: no traceback, whatever stands where."""
    found = json.loads(json.dumps(ROLLED_BACK))
    for luck, odd in changes:
        *way, last = luck.choice(steps_of(found))
        owner = found
        for step in way:
            owner = owner[step]
        if luck.random() < 0.3:
            del owner[last]
        else:
            owner[last] = odd
    try:
        past = history.loads("\n".join(map(json.dumps, found.values())))
    except (Unreadable, Faults):
        return
    replay = history.Replay(past)
    assert str(replay.timeline())
    assert [record.time for record in replay.records] == sorted(record.time for record in replay.records)


def steps_of(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each part of a document."""
    parts: list[tuple[Any, Any]] = list(value.items() if isinstance(value, dict) else
                                        enumerate(value) if isinstance(value, list) else ())
    return [one for key, part in parts for one in ((*way, key), *steps_of(part, (*way, key)))]
