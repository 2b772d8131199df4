"""The command line: what it prints, and with which status it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline_sim.cli import main

from .corpus import corpus_files
from .stories import structure

STAGES: dict[str, Any] = {"Source": ["App"], "Test": [["Unit", "Lint"]], "Prod": [{"Approve": "Manual"}, "Deploy"]}


def written(folder: Path, body: dict[str, Any], name: str = "shop.json") -> str:
    path = folder / name
    path.write_text(json.dumps({"pipeline": body}))
    return str(path)


def scenario(folder: Path, text: str) -> str:
    path = folder / "world.yaml"
    path.write_text(text)
    return str(path)


def test_check_says_nothing_against_a_good_definition(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", written(tmp_path, structure(STAGES))]) == 0
    assert "no faults" in capsys.readouterr().out


def test_check_tells_every_fault_of_every_file_as_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = structure(STAGES)
    broken["stages"][1]["actions"][0]["inputArtifacts"] = [{"name": "app"}]
    broken["stages"][1]["actions"][1]["runOrder"] = 0
    broken["stages"][2]["actions"][1]["actionTypeId"]["provider"] = "CodeBuid"
    path = written(tmp_path, broken)
    assert main(["check", "--json", path, written(tmp_path, structure(STAGES), "good.json")]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert {tuple(sorted(row)) for row in rows} == {("error", "file", "fix", "message", "path", "where")}
    found = {row["path"]: row for row in rows}
    assert {row["file"] for row in rows} == {path}
    wrong_case = found["stages[1].actions[0].inputArtifacts[0]"]
    assert (wrong_case["error"], wrong_case["where"]) == ("InvalidStructureException", "Test/Unit")
    assert "'App'" in wrong_case["fix"] + wrong_case["message"]
    assert found["stages[1].actions[1].runOrder"]["error"] == "ValidationException"
    assert "CodeBuild" in found["stages[2].actions[1].actionTypeId"]["fix"]


@pytest.mark.parametrize(("text", "words"), [
    ("{", "line 1"), ("just words", "no pipeline"), ("a: [1\nb: 2", "line 2"), ("[]", "no pipeline"), ("", "no pipeline")])
def test_an_unreadable_file_ends_with_2_and_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    assert main(["check", str(path)]) == 2
    assert words in capsys.readouterr().err.replace("\n", " ")
    assert main(["run", str(path)]) == 2
    assert main(["run", str(tmp_path / "missing.json")]) == 2


def test_run_releases_a_change_where_the_scenario_brings_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", written(tmp_path, structure({"Source": ["App"], "Build": ["Compile"]}))]) == 0
    said = capsys.readouterr().out
    assert "Build/Compile" in said
    assert "Execution 1 succeeded" in said
    assert "\x1b[" not in said, "colours in a pipe"


def test_run_tells_the_reason_of_waits_and_failures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = scenario(tmp_path, "pushes: [0, 2m]\nactions:\n"
                               "  Test/Unit: {duration: 10m, attempts: {1: {status: Failed, message: two tests are red}}}\n"
                               "  Test/Lint: {duration: 1m}\n")
    assert main(["run", written(tmp_path, structure(STAGES)), "--scenario", world, "--seed", "3"]) == 0
    said = capsys.readouterr().out
    assert "two tests are red" in said
    assert "Test is locked by execution 1" in said


def test_run_prints_its_records_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, structure(STAGES))
    assert main(["run", path, "--json", "--until", "2d"]) == 0
    records = json.loads(capsys.readouterr().out)
    assert records[0]["record"] == "Began"
    assert {"Called", "ExecutionChanged", "StageChanged", "ActionChanged"} <= {record["record"] for record in records}
    assert main(["run", path, "--json", "--until", "2d"]) == 0
    assert json.loads(capsys.readouterr().out) == records


def test_a_wrong_scenario_is_told_like_a_wrong_definition(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, structure(STAGES))
    assert main(["run", path, "--scenario", scenario(tmp_path, "actions: {Test/Unt: {failure: 10%}}")]) == 1
    assert "Did you mean 'Test/Unit'?" in capsys.readouterr().err.replace("\n", " ")
    assert main(["run", path, "--until", "soon"]) == 2
    assert "no duration" in capsys.readouterr().err


def test_what_aws_would_refuse_runs_leniently_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, {**structure({"Source": ["App"], "Build": ["Compile"]}), "roleArn": "<role>"})
    assert main(["run", path]) == 1
    assert "--lenient" in capsys.readouterr().err
    assert main(["run", path, "--lenient"]) == 0
    said = capsys.readouterr().out
    assert "waived: roleArn" in said
    assert "Execution 1 succeeded" in said


def test_lenient_has_its_limits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--lenient", written(tmp_path, {**structure(STAGES), "stages": []})]) == 1
    assert "stages" in capsys.readouterr().err


def test_names_are_printed_and_never_understood(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = {**structure({"Source": ["App"], "Build": ["Compile"]}), "roleArn": "[red]\x1b[31m[/nothing]"}
    assert main(["check", written(tmp_path, hostile)]) == 1
    assert "[red]" in capsys.readouterr().out


@pytest.mark.parametrize("ending", ["svg", "dot"])
def test_draw_writes_a_picture(tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"shop.{ending}"
    assert main(["draw", written(tmp_path, structure(STAGES)), "-o", str(target)]) == 0
    assert "Approve" in target.read_text()


def test_draw_says_which_endings_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", written(tmp_path, structure(STAGES)), "-o", str(tmp_path / "shop.gif")]) == 2
    assert ".svg" in capsys.readouterr().err


def test_no_command_prints_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "check" in capsys.readouterr().out


@pytest.mark.parametrize("path", corpus_files("json/*.json"), ids=lambda path: path.name[-40:])
def test_each_real_definition_runs_to_its_end_and_is_drawn(path: Path, tmp_path: Path) -> None:
    assert main(["check", str(path)]) == (1 if "deploy-manage-microservices" in path.name else 0)
    assert main(["run", str(path), "--lenient"]) == 0
    assert main(["draw", str(path), "--lenient", "-o", str(tmp_path / "picture.svg")]) == 0


def test_a_definition_cannot_speak_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stage = "Prod\x1b[2J\u202eevil"
    hostile = structure({"Source": ["App"], stage: ["Compile"]})
    path = written(tmp_path, {**hostile, "name": "shop\x1b]0;title\x07"})
    assert main(["check", path]) == 1
    assert main(["run", path, "--lenient"]) == 0
    printed = capsys.readouterr()
    assert r"Prod\x1b[2J\u202eevil" in printed.out
    assert not {"\x1b", "\x07", "\u202e"} & set(printed.out + printed.err)


@pytest.mark.parametrize(("name", "text"), [
    ("circle.yaml", "Conditions: {A: !Condition B, B: !Condition A}\n"
                    "Resources: {P: {Type: AWS::CodePipeline::Pipeline, Condition: A, Properties: {Name: x}}}\n"),
    ("circle.tf", 'locals {\n  a = local.b\n  b = local.a\n}\nresource "aws_codepipeline" "x" {\n  name = local.a\n}\n')])
def test_a_template_that_needs_itself_is_a_fault_and_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    for command in ("check", "run"):
        assert main([command, str(tmp_path / name)]) == 1
        told = "".join(capsys.readouterr())
        assert "Circular" in told and ": :" not in told and "One of them must not refer to the next" in told


def test_a_reader_that_has_seen_enough_is_no_fault(tmp_path: Path) -> None:
    """As in `pipeline-sim check … | head -1`: rich would end with 1, which here says that there are faults."""
    path = written(tmp_path, structure(STAGES))
    read, write = os.pipe()
    os.close(read)
    try:
        for words in (["check", path], ["run", path], ["commands", "shop"]):
            done = subprocess.run([sys.executable, "-m", "pipeline_sim", *words], stdout=write, stderr=subprocess.PIPE)
            assert (done.returncode, done.stderr) == (0, b""), words
    finally:
        os.close(write)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_a_full_disk_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = written(tmp_path, structure(STAGES))
    for words in (["check", path], ["export", path, "--as", "yaml"], ["commands", "shop"]):
        with Path("/dev/full").open("w") as full:
            done = subprocess.run([sys.executable, "-m", "pipeline_sim", *words], stdout=full, stderr=subprocess.PIPE)
        assert done.returncode == 2, words
        assert done.stderr.startswith(b"pipeline-sim: the output cannot be written: "), done.stderr


def test_a_terminal_of_few_characters_is_no_reason_to_break_off(tmp_path: Path) -> None:
    broken = structure(STAGES)
    broken["stages"][1]["actions"][1]["runOrder"] = 0
    done = subprocess.run([sys.executable, "-m", "pipeline_sim", "check", written(tmp_path, broken)], capture_output=True,
                          env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"\\u2192 " in done.stdout


def test_one_pipeline_is_not_served_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, structure(STAGES))
    assert main(["serve", path, path, "--port", "0"]) == 2
    assert "shop is given twice" in capsys.readouterr().err


def test_a_scenario_that_cannot_be_written_names_its_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", written(tmp_path, structure(STAGES)), "--as", "aws", "-o", str(tmp_path / "saved")]) == 0
    nowhere = str(tmp_path / "nowhere" / "s.yaml")
    assert main(["calibrate", str(tmp_path / "saved"), "-o", nowhere]) == 2
    assert f"{nowhere}: cannot be written" in capsys.readouterr().err.replace("\n", "")


@pytest.mark.skipif(not Path("/dev/stdin").exists(), reason="this system has no file for what is piped in")
def test_a_definition_and_a_history_come_through_a_pipe(tmp_path: Path) -> None:
    """As in `aws codepipeline get-pipeline … | pipeline-sim check /dev/stdin`: a pipe can be read once."""
    path = written(tmp_path, structure(STAGES))
    assert main(["export", path, "--as", "aws", "-o", str(tmp_path / "saved")]) == 0
    for command, file in (("check", path), ("replay", str(tmp_path / "saved" / "list-action-executions.json"))):
        done = subprocess.run([sys.executable, "-m", "pipeline_sim", command, "/dev/stdin"], capture_output=True,
                              input=Path(file).read_bytes())
        assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no file without an end")
def test_a_file_without_an_end_is_no_definition(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "/dev/zero"]) == 2
    assert "more than the" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "run", "serve", "replay", "calibrate", "export", "diff"])
def test_the_help_of_a_command_shows_how_it_is_used(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    examples = capsys.readouterr().out.partition("examples:\n")[2]
    assert f"  pipeline-sim {command} " in examples


def test_of_several_pipelines_each_fault_says_whose_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = {f"P{number}": {"Type": "AWS::CodePipeline::Pipeline", "Properties": {
        "Name": f"p{number}", "RoleArn": "arn:aws:iam::111122223333:role/r", "Stages": [],
        "ArtifactStore": {"Type": "S3", "Location": "bucket"}}} for number in (1, 2)}
    (tmp_path / "two.json").write_text(json.dumps({"Resources": made}))
    assert main(["check", str(tmp_path / "two.json")]) == 1
    told = capsys.readouterr().out
    assert "two.json (P1): stages: " in told and "two.json (P2): stages: " in told
    assert main(["check", "--json", str(tmp_path / "two.json")]) == 1
    assert {row["pipeline"] for row in json.loads(capsys.readouterr().out)} == {"P1", "P2"}


def test_a_saved_definition_is_held_against_one_of_several_in_a_template(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--pipeline chooses where there is a choice: get-pipeline's file holds one."""
    old = written(tmp_path, structure(STAGES))
    assert main(["export", old, "--as", "cloudformation", "-o", str(tmp_path / "one.yaml")]) == 0
    one = yaml.safe_load((tmp_path / "one.yaml").read_text())
    [(name, resource)] = one["Resources"].items()
    one["Resources"]["Another"] = {**resource, "Properties": {**resource["Properties"], "Name": "another"}}
    (tmp_path / "two.json").write_text(json.dumps(one))
    assert main(["diff", old, str(tmp_path / "two.json"), "--pipeline", name]) == 0
    assert main(["diff", old, str(tmp_path / "two.json"), "--pipeline", "Another"]) == 1
    assert "called another instead of shop" in capsys.readouterr().out
    assert main(["diff", old, str(tmp_path / "none.json"), "--pipeline", "Another"]) == 2


def test_the_folder_of_a_history_says_what_reads_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = str(tmp_path / "saved")
    assert main(["export", written(tmp_path, structure(STAGES)), "--as", "aws", "-o", saved]) == 0
    assert main(["check", saved]) == 2
    assert "`export` with --history" in capsys.readouterr().err.replace("\n", " ")
    assert main(["export", saved, "--history", "--as", "create-pipeline"]) == 0
    assert json.loads(capsys.readouterr().out)["pipeline"]["name"] == "shop"


def test_a_schedule_whose_role_may_not_start_the_pipeline_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing in a timeline shows what did not happen."""
    role = "arn:aws:iam::111122223333:role/night"
    world = scenario(tmp_path, json.dumps({"schedules": [{"when": "rate(6 hours)", "role": role}], "roles": {role: [
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}]}}))
    path = written(tmp_path, structure({"Source": ["App"], "Build": ["Compile"]}))
    assert main(["run", path, "--scenario", world, "--until", "1d"]) == 0
    told = capsys.readouterr().out.replace("\n", " ")
    assert "StartPipelineExecution by night was refused at 15:00 and 3 times more: " in told
