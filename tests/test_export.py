"""What leaves the house: a run for other tools, a definition that reads back as itself."""

from __future__ import annotations

import csv
import json
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from pipeline_sim import Faults, Pipeline, Scenario, Simulation, history
from pipeline_sim.cli import main
from pipeline_sim.export import RUNS, write
from pipeline_sim.export.definition import FORMS, to_text
from pipeline_sim.export.tables import COLUMNS, tables, to_csv
from pipeline_sim.export.vidigi import to_vidigi
from pipeline_sim.export.xes import to_xes
from pipeline_sim.pipeline.cloudformation import pipelines
from pipeline_sim.views.api import answer
from pipeline_sim.views.timeline import rows

from .stories import simulation, structure
from .test_laws import run, worlds
from .xes_schema import schema

SHOP = Path(__file__).parent.parent / "notebooks" / "pipelines" / "web-shop.json"
SCENARIO = SHOP.with_suffix(".yaml")


@pytest.fixture(scope="module")
def shop() -> Simulation:
    pipeline = Pipeline.load(SHOP)
    return Simulation(pipeline, Scenario.load(SCENARIO, [pipeline]), seed=5).run()


# ---------------------------------------------------------------------------------------------- tables


def test_the_tables_hold_every_execution_stage_attempt_and_wait(shop: Simulation) -> None:
    found = tables(shop.records)
    executions = shop.state.pipelines["web-shop"].executions.values()
    assert [row["status"] for row in found["executions"]] == [one.status for one in executions]
    attempts = [row for row in rows(shop.records) if row.what == "action"]
    assert [(row["stage"], row["action"], row["attempt"], row["seconds"]) for row in found["actions"]] == [
        (row.stage, row.name, row.attempt, row.duration) for row in attempts]
    waits = [row for row in rows(shop.records) if row.what == "in front"]
    assert [(row["stage"], row["seconds"]) for row in found["waits"]] == [(row.stage, row.duration) for row in waits]
    assert {row["stage"] for row in found["stages"]} == {"Source", "Build", "Test", "Prod"}


@given(worlds())
@settings(max_examples=25)
def test_the_waits_are_those_of_the_timeline(world: Any) -> None:
    """There is a row for each cause; together they last as long."""
    one = run(world)
    found: Counter[tuple[int, str]] = Counter()
    for row in tables(one.records)["waits"]:
        found[row["execution"], row["stage"]] += row["seconds"] or 0
        assert row["seconds"] != 0 or row["status"] != "Entered"
    told: Counter[tuple[int, str]] = Counter()
    for line in rows(one.records):
        if line.what == "in front":
            told[line.execution, line.stage] += line.duration if line.end is not None else 0
    assert +found == +told
    assert found.keys() >= told.keys()


def test_what_is_not_over_has_no_end() -> None:
    one = simulation({"Source": ["App"], "Build": ["Compile"]}, {"actions": {"Build/Compile": {"worker": "nobody"}}})
    one.call("StartPipelineExecution", name="shop")
    one.run("1m")
    found = tables(one.records)
    assert [found[name][-1]["ended"] for name in ("executions", "stages", "actions")] == [None] * 3
    assert [found[name][-1]["seconds"] for name in ("executions", "stages", "actions")] == [None] * 3


def test_csv_and_parquet_say_the_same(shop: Simulation, tmp_path: Path) -> None:
    write(shop.records, "csv", tmp_path)
    write(shop.records, "parquet", tmp_path)
    for table, columns in COLUMNS.items():
        said = list(csv.reader((tmp_path / f"{table}.csv").read_text().splitlines()))
        typed = pq.read_table(tmp_path / f"{table}.parquet")
        assert said[0] == typed.column_names == list(columns)
        assert len(said) - 1 == typed.num_rows == len(tables(shop.records)[table])
    starts = pq.read_table(tmp_path / "executions.parquet").column("started").to_pylist()
    assert starts[0].isoformat() == said_start(tmp_path)


def said_start(folder: Path) -> str:
    with (folder / "executions.csv").open() as file:
        return next(csv.DictReader(file))["started"]


def test_a_text_that_a_spreadsheet_would_run_is_only_a_text() -> None:
    row = dict.fromkeys(COLUMNS["waits"], "") | {"reason": "=HYPERLINK(1)", "stage": "a,\"b\"\nc", "seconds": -3}
    [_, cells] = list(csv.reader(StringIO(to_csv("waits", [row]))))
    assert cells[-1] == "'=HYPERLINK(1)"
    assert cells[3] == "a,\"b\"\nc"
    assert "-3" in cells


# ---------------------------------------------------------------------------------------------- event logs


def test_the_event_log_has_the_structure_of_xes(shop: Simulation) -> None:
    text = to_xes(shop.records)
    schema().validate(text)
    log = ElementTree.fromstring(text)
    traces = log.findall("trace")
    assert len(traces) == 3
    names = [[attribute.get("value") for attribute in event if attribute.get("key") == "lifecycle:transition"]
             for event in traces[0].findall("event")]
    assert sum(name == ["start"] for name in names) == sum(name[0] in ("complete", "ate_abort") for name in names)


def test_the_check_of_the_structure_can_fail(shop: Simulation) -> None:
    text = to_xes(shop.records)
    for wrong in (text.replace("xes.version", "version"), text.replace("<date", "<string ").replace("<string ", "<date "),
                  text.replace('key="concept:name" value', 'key="concept:name" worth')):
        assert not schema().is_valid(wrong)


@given(worlds())
@settings(max_examples=25)
def test_any_run_is_a_valid_log_in_order_of_time(world: Any) -> None:
    one = run(world)
    text = to_xes(one.records)
    schema().validate(text)
    for trace in ElementTree.fromstring(text).findall("trace"):
        times = [event.find("date").get("value") for event in trace.findall("event")]  # type: ignore[union-attr]
        assert times == sorted(times)  # type: ignore[type-var]


def test_characters_that_xml_cannot_hold_are_replaced() -> None:
    one = simulation({"Source": ["App"], "Build": ["Compile"]},
                     {"actions": {"Source/App": {"failure": 1, "code": "bell\u0007<&>"}}})
    one.call("StartPipelineExecution", name="shop")
    one.run("10m")
    schema().validate(to_xes(one.records))
    assert 'value="bell\ufffd&lt;&amp;&gt;"' in to_xes(one.records)


@given(worlds())
@settings(max_examples=25)
def test_vidigi_gets_entities_that_arrive_queue_use_and_depart(world: Any) -> None:
    found = to_vidigi(run(world).records, run=3)
    assert {row["run_number"] for row in found} <= {3}
    assert [row["time"] for row in found] == sorted(row["time"] for row in found)
    in_use: dict[tuple[str, int], Any] = {}
    for row in found:
        unit = (row["event"], row["resource_id"])
        if row["event_type"] == "arrival_departure":
            assert row["event"] in ("arrival", "depart")
        elif row["event_type"] == "resource_use":
            assert unit not in in_use
            in_use[unit] = row["entity_id"]
        elif row["event_type"] == "resource_use_end":
            assert in_use.pop(unit) == row["entity_id"]
        else:
            assert row["event_type"] == "queue"


# ---------------------------------------------------------------------------------------------- definitions


@pytest.mark.parametrize("form", FORMS)
def test_a_definition_reads_back_as_itself(form: str) -> None:
    pipeline = Pipeline.load(SHOP)
    again = Pipeline.load(to_text(pipeline, form))
    assert again == pipeline
    assert again.structure == pipeline.structure


@given(worlds())
@settings(max_examples=25)
def test_any_definition_reads_back_as_itself(world: Any) -> None:
    pipeline = Pipeline.load(world[0])
    for form in FORMS:
        assert Pipeline.load(to_text(pipeline, form)).structure == pipeline.structure


def test_what_a_template_sets_beside_its_pipeline_is_in_the_template_that_is_written() -> None:
    text = to_text(Pipeline.load(SHOP), "cloudformation").replace(
        "      Stages:", "      Tags: [{Key: team, Value: shop}]\n"
        "      DisableInboundStageTransitions: [{StageName: Prod, Reason: freeze}]\n      Stages:", 1)
    [found] = pipelines(to_text(Pipeline.load(text), "cloudformation"))
    assert found.tags == {"team": "shop"}
    assert [dict(one) for one in found.disabled_transitions] == [{"stageName": "Prod", "reason": "freeze"}]


# ---------------------------------------------------------------------------------------------- the command line


@pytest.mark.parametrize("form", RUNS)
def test_a_run_is_exported(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "out"
    assert main(["export", str(SHOP), "--scenario", str(SCENARIO), "--as", form, "-o", str(target)]) == 0
    written = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert written and all(path.stat().st_size for path in written)
    assert target.is_dir() == (RUNS[form][1] == "folder")


def test_a_real_history_is_exported_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved, log = tmp_path / "saved", tmp_path / "log.xes"
    assert main(["export", str(SHOP), "--scenario", str(SCENARIO), "--as", "aws", "-o", str(saved)]) == 0
    assert main(["export", str(saved), "--history", "--as", "xes", "-o", str(log)]) == 0
    schema().validate(log.read_text())
    assert len(ElementTree.parse(log).findall("trace")) == 3


@pytest.mark.parametrize("form", FORMS)
def test_a_definition_is_printed(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(SHOP), "--as", form]) == 0
    assert Pipeline.load(capsys.readouterr().out).name == "web-shop"


@pytest.mark.parametrize(("words", "told"), [
    (["export", str(SHOP), "--as", "xes"], "Say where it goes"),
    (["export", str(SHOP), str(SHOP), "--as", "yaml"], "Name one definition"),
    (["export", str(SHOP), "--as", "csv", "-o", "/dev/null/x"], "cannot be written"),
    (["export", str(SHOP), "--history", "--as", "csv", "-o", "/tmp/x"], "holds no execution"),
    (["replay", "/no/such"], "there is no such file"),
    (["calibrate", str(SHOP)], "holds no execution"),
])
def test_what_cannot_be_is_told(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_what_cloudformation_would_take_for_a_function_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = structure({"Source": ["App"], "Build": ["Compile"]})
    body["stages"][1]["actions"][0]["configuration"] = {"ProjectName": "{{resolve:ssm:name}}"}
    file = tmp_path / "p.json"
    file.write_text(json.dumps({"pipeline": body}))
    assert main(["export", str(file), "--as", "cloudformation"]) == 1
    assert "{{resolve:…}}" in capsys.readouterr().err
    with pytest.raises(Faults):
        to_text(Pipeline.load(file), "cloudformation")


# ---------------------------------------------------------------------------------------------- replay, calibrate


@pytest.fixture
def saved(tmp_path: Path, shop: Simulation) -> str:
    write(shop.records, "aws", tmp_path / "saved")
    return str(tmp_path / "saved")


def test_a_history_is_told_like_a_run(saved: str, shop: Simulation, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", saved, "--ids"]) == 0
    told = capsys.readouterr().out
    assert "Execution 3 succeeded" in told
    assert f"Execution 1 is {history.load(saved).executions[0].id}." in told
    assert main(["replay", saved, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["record"] == "Began"


def test_a_scenario_is_made_of_a_history(saved: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target, picture = tmp_path / "s.yaml", tmp_path / "fit.png"
    assert main(["calibrate", saved, "-o", str(target), "--picture", str(picture), "--zone", "Europe/Berlin"]) == 0
    assert picture.read_bytes()[:4] == b"\x89PNG"
    assert main(["run", str(SHOP), "--scenario", str(target), "--until", "2d"]) == 0
    assert "Source/App" in capsys.readouterr().out
    assert main(["calibrate", saved, "--zone", "Mars"]) == 2
    assert "no time zone" in capsys.readouterr().err


def test_the_five_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["commands", "web-shop", "--profile", "dev"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[2] for line in lines] == ["get-pipeline", "get-pipeline-state", "list-pipeline-executions",
                                                   "list-action-executions", "list-rule-executions"]
    assert all("--profile dev" in line for line in lines)


def test_a_long_history_is_written_whole_and_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """In pages each would cost as much as all of it: a year of a busy pipeline took minutes."""
    import pipeline_sim.export.aws as export

    asked: list[str] = []
    run = Simulation(Pipeline.load(SHOP), Scenario({"pushes": {"every": "20m", "for": "3d"}}), seed=1).run("3d")

    def counted(state: Any, operation: str, request: Any) -> Any:
        asked.append(operation)
        return answer(state, operation, request)

    monkeypatch.setattr(export, "answer", counted)
    found = export.documents(run.state, "web-shop")
    assert sorted(asked) == sorted(export.COMMANDS.values())
    boto = run.client()
    for command, member in (("list_pipeline_executions", "pipelineExecutionSummaries"),
                            ("list_action_executions", "actionExecutionDetails")):
        rows = boto.get_paginator(command).paginate(pipelineName="web-shop").build_full_result()[member]
        assert len(rows) == len(found[command.replace("_", "-")][member]) > 100
