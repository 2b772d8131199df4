"""docs/bring-your-own.md is true: its commands are run, and print what it says."""

from __future__ import annotations

import doctest
import json
import re
import shlex
from pathlib import Path

import pytest

from pipeline_sim import Pipeline
from pipeline_sim.cli import COMMANDS, main
from pipeline_sim.export import RUNS
from pipeline_sim.export.definition import FORMS

HOUSE = Path(__file__).parent.parent
FILE = HOUSE / "docs" / "bring-your-own.md"
PAGE = FILE.read_text(encoding="utf-8")
SHOP = HOUSE / "notebooks" / "pipelines" / "web-shop.json"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of the page."""
    found = tmp_path_factory.mktemp("page")
    for name, text in re.findall(r"^```yaml (\S+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE):
        (found / name).write_text(text, encoding="utf-8")
    (found / "web-shop.json").write_text(SHOP.read_text())
    edited = Pipeline.load(SHOP).without("Test/Lint").with_mode("QUEUED")
    (found / "edited.json").write_text(json.dumps({"pipeline": dict(edited.structure)}))
    return found


def test_every_command_prints_what_the_page_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line of the page is the beginning of a line that is printed."""
    monkeypatch.chdir(folder)
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    parts = [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    assert len(parts) > 10
    for part in parts:
        command, *said = part.splitlines()
        words = shlex.split(command)
        assert words[0] == "pipeline-sim"
        assert main(words[1:]) in (0, 1), command
        printed = "".join(capsys.readouterr())
        for line in said:
            assert line == "…" or f"\n{line}" in f"\n{printed}", f"{command} does not print {line!r}, but\n{printed[-2000:]}"


def test_the_python_of_the_page_gives_what_it_says(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    if not (folder / "saved").exists():
        main(shlex.split("export web-shop.json --scenario busy.yaml --until 15d --seed 3 --as aws -o saved"))
    results = doctest.testfile(str(FILE), module_relative=False, encoding="utf-8")
    assert results.attempted > 3
    assert results.failed == 0


def test_the_numbers_of_the_page_are_those_that_its_history_teaches(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    main(shlex.split("export web-shop.json --scenario busy.yaml --until 15d --seed 3 --as aws -o saved"))
    assert main(["calibrate", "saved"]) == 0
    [said] = re.findall(r"^    Test/Unit:\n((?:      .*\n)+)", PAGE, re.MULTILINE)
    assert said.replace("\n  ", "\n").removeprefix("  ").rstrip() in capsys.readouterr().out


@pytest.mark.parametrize("word", [*RUNS, *FORMS])
def test_every_form_is_explained(word: str) -> None:
    assert f"`{word}`" in PAGE


@pytest.mark.parametrize("command", ["commands", "replay", "calibrate", "export", "diff"])
def test_every_command_of_this_page_is_one(command: str) -> None:
    assert command in COMMANDS
    assert f"pipeline-sim {command}" in PAGE
