"""`pipeline-sim whatif`: what it answers, what it writes, and what it says to bad input."""

from __future__ import annotations

import csv
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from pipeline_sim.cli import main
from pipeline_sim.cli.whatif import _knob

from .stories import structure

STAGES: dict[str, Any] = {"Source": ["App"], "Test": ["Unit", "Lint"], "Prod": [{"Ok": "Manual"}, "Deploy"]}
WORLD = """
actions:
  CodeBuild: {duration: {p50: 2m, p95: 6m}}
  Test/Unit: {failure: 20%}
approvals: {"*": {response: {exponential: 10m}}}
"""


@pytest.fixture
def asked(tmp_path: Path) -> list[str]:
    (tmp_path / "shop.json").write_text(json.dumps({"pipeline": structure(STAGES, mode="QUEUED")}))
    (tmp_path / "world.yaml").write_text(WORLD)
    return ["whatif", str(tmp_path / "shop.json"), "--scenario", str(tmp_path / "world.yaml"), "--runs", "300"]


def told(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_it_answers_in_a_sentence_and_in_numbers(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(asked) == 0
    said = told(capsys)
    assert re.match(r"\d\d\.\d% \(\d\d\.\d% to \d\d\.\d%\) of the executions that run to an end succeed", said)
    assert "lead time p95" in said and "Bottleneck: " in said and "closed forms beside it" in said
    assert "\x1b[" not in said


def test_two_worlds_a_grid_and_what_matters(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*asked, "--set", "Test/*.duration=x2", "--compare", "parallel=Test/Unit,Test/Lint; Prod/Ok.response=1m",
                 "--sweep", "Test/Unit.failure=0%,50%", "--matters"]) == 0
    said = told(capsys)
    assert "the lead time falls by" in said and "better" in said
    assert "The lead time is best" in said and "matters most for the lead time" in said
    assert "Test/Unit.failure  lead time" in said


def test_the_report_needs_nothing_but_itself(asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "report.html"
    assert main([*asked, "--compare", "mode=PARALLEL", "--sweep", "Test/Unit.failure=0%,20%", "-o", str(out)]) == 0
    assert f"Written to {out}." in told(capsys).replace("\n", "")
    page = out.read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href)=["'](?!data:)""", page), "something is loaded from elsewhere"
    assert "<script" not in page
    assert page.count('<img class="light"') == page.count('<img class="dark"') >= 4
    for words in ("What this rests on", "How to repeat it", "seeds 0 to 299", "Test/Unit: fails in 20 % of attempts.",
                  "The scenario brings no pushes", "Checked by closed forms", "SHA-256"):
        assert words in page, words


def test_the_command_in_the_report_gives_the_same_numbers(asked: list[str], tmp_path: Path) -> None:
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    extra = ["--set", "Test/Lint.failure=10%", "--compare", "mode=PARALLEL", "--seed", "5", "--measure", "success"]
    assert main([*asked, *extra, "-o", str(first)]) == 0
    said = json.loads(first.read_text())
    assert main([*shlex.split(said["command"])[1:], "-o", str(second)]) == 0
    assert json.loads(second.read_text()) == said
    assert said["seed"] == 5 and said["runs"] == 300


@pytest.mark.parametrize("ending", ["csv", "parquet", "json"])
def test_rows_for_programs_hold_every_number(asked: list[str], tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"rows.{ending}"
    assert main([*asked, "--compare", "mode=PARALLEL", "-o", str(out)]) == 0
    if ending == "csv":
        rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    elif ending == "json":
        rows = json.loads(out.read_text(encoding="utf-8"))["rows"]
    else:
        import pandas as pd

        rows = pd.read_parquet(out).to_dict("records")
    assert set(rows[0]) == {"world", "kind", "measure", "unit", "value", "low", "high", "observations"}
    assert {(row["world"], row["kind"]) for row in rows} == {("base", "value"), ("mode=PARALLEL", "value"),
                                                             ("mode=PARALLEL", "difference")}
    assert 0.6 < float(next(row for row in rows if row["measure"] == "success")["value"]) < 0.9


def test_as_precise_as_it_is_asked_for(asked: list[str], tmp_path: Path) -> None:
    out = tmp_path / "rows.json"
    words = [word for word in asked if word not in ("--runs", "300")]
    assert main([*words, "--precision", "±2%", "-o", str(out)]) == 0
    row = next(row for row in json.loads(out.read_text())["rows"] if row["measure"] == "lead time")
    assert max(row["high"] - row["value"], row["value"] - row["low"]) <= 0.02 * row["value"]


@pytest.mark.parametrize(("extra", "status", "words"), [
    (["--set", "Tset/Unit.failure=1"], 2, "Did you mean 'Test/Unit'"), (["--set", "nonsense"], 2, "is no change"),
    (["--measure", "speed"], 2, "No measure is called 'speed'"), (["--sweep", "Test/Unit.failure"], 2, "is no grid"),
    (["--runs", "0"], 2, "at least 1"), (["-o", "report.txt"], 2, "a report ends in .html"),
    (["-o", "/nowhere/at/all/report.html"], 2, "nowhere"), (["--set", "without=Source/App"], 1, "InvalidStructureException"),
    (["--set", "pushes.every=1h"], 2, "No stream of pushes"), (["--set", "pushes={every: 1h}"], 2, "without end"),
    (["--set", "Test/Unit.failure=200%"], 1, "Test/Unit.failure=200%: actions[Test/Unit].failure: ScenarioError"),
    (["--compare", "mode=QUEUED; without=Source"], 1, "without=Source: stages[1]"),
    (["-o", "/nowhere/at/all/report.html", "--runs", "10000000"], 2, "there is no folder /nowhere/at/all"),
    (["--sweep", "Test/Unit.failure=0%", "--sweep", "Test/Unit.failure=1%"], 2, "is swept over twice"),
    (["--pipeline", "other"], 2, "other")])
def test_bad_input_is_told_without_a_traceback(
    asked: list[str], capsys: pytest.CaptureFixture[str], extra: list[str], status: int, words: str
) -> None:
    assert main([*asked, *extra]) == status
    said = capsys.readouterr()
    assert words in said.err.replace("\n", " ")
    assert "Traceback" not in said.err and not said.out


def test_where_nothing_can_be_measured_nothing_is_said_to_matter(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    never = [*asked, "--set", "Prod/Ok.probability=0", "--matters", "--sweep", "Test/Unit.failure=0%,50%"]
    assert main([*never, "--compare", "Test/Unit.failure=0%"]) == 0
    said = told(capsys)
    assert "What matters for the lead time cannot be said: in these runs there is none." in said
    assert "At no point of the grid is there a lead time to measure." in said
    assert "there is no lead time to compare: before the change nothing has one." in said


def test_a_number_is_said_with_what_it_rests_on(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*asked, "--compare", "mode=PARALLEL", "--matters"]) == 0
    said = told(capsys)
    assert "matters most for the lead time: from -" in said
    assert "Intervals of the differences hold 95 % of the time." in said
    assert "What this rests on:" in said and "The scenario brings no pushes: one change is released" in said
    assert re.search(r"A run lasts [\dm s]+ on average: what is said of a day is that pace, kept up.", said)


def test_pushes_that_are_set_for_the_question_are_what_it_rests_on(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*asked, "--set", "pushes={every: 1h, count: 5}"]) == 0
    said = told(capsys)
    assert "A push every 1h" in said and "The scenario brings no pushes" not in said


def test_a_template_with_several_pipelines_is_asked_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = {name: {"Type": "AWS::CodePipeline::Pipeline", "Properties": _as_cloudformation(name)} for name in ("One", "Two")}
    (tmp_path / "two.json").write_text(json.dumps({"Resources": made}))
    assert main(["whatif", str(tmp_path / "two.json"), "--pipeline", "Two", "--runs", "20"]) == 0
    assert "20 runs of Two, by arrays" in told(capsys)


def _as_cloudformation(name: str) -> Any:
    def upper(value: Any) -> Any:
        if isinstance(value, dict):
            return {f"{key[:1].upper()}{key[1:]}": part if key == "configuration" else upper(part)
                    for key, part in value.items()}
        return [upper(one) for one in value] if isinstance(value, list) else value

    return upper(structure({"Source": ["App"], "Build": ["Make"]}, name=name))


def test_a_scenario_that_cannot_be_read_or_is_wrong_is_told(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "world.yaml").write_text("actions: {Tset/Unit: {failure: 1%}}")
    assert main(asked) == 1
    assert "Did you mean 'Test/Unit'" in capsys.readouterr().err.replace("\n", " ")
    (tmp_path / "world.yaml").unlink()
    assert main(asked) == 2
    assert "world.yaml" in capsys.readouterr().err.replace("\n", "")


def test_an_approval_that_nobody_answers_is_among_the_assumptions(asked: list[str], tmp_path: Path) -> None:
    out = tmp_path / "rows.json"
    (tmp_path / "world.yaml").write_text("pushes: [0]")
    assert main([*asked, "-o", str(out)]) == 0
    said = json.loads(out.read_text())
    assert any(one.startswith("Nobody answers Prod/Ok: it times out, and fails.") for one in said["assumptions"])
    assert "no change comes into production" in said["answer"][0]


def test_names_of_strangers_are_escaped_in_the_report(tmp_path: Path) -> None:
    body = structure({"Source": ["App"], "Test": ["<img src=x onerror=alert(1)>"]})
    (tmp_path / "bad.json").write_text(json.dumps({"pipeline": body}))
    out = tmp_path / "r.html"
    assert main(["whatif", str(tmp_path / "bad.json"), "--lenient", "--runs", "20", "-o", str(out), "--matters"]) == 0
    page = out.read_text(encoding="utf-8")
    assert "<img src=x" not in page and "&lt;img src=x onerror=alert(1)&gt;" in page


def test_values_of_a_grid_may_hold_commas_in_brackets() -> None:
    assert _knob("a.duration={p50: 1m, p95: 2m},3m") == ("a.duration", ("{p50: 1m, p95: 2m}", "3m"))
