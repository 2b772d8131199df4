"""docs/whatif.md says every measure, knob and option, and its examples are true."""

from __future__ import annotations

import argparse
import doctest
import re
import shlex
from pathlib import Path

import pytest

from pipeline_sim import whatif
from pipeline_sim.cli import main
from pipeline_sim.cli.whatif import declare
from pipeline_sim.whatif import measures
from pipeline_sim.whatif.knobs import _OF_PIPELINE, WHOLE
from pipeline_sim.whatif.pictures.style import STYLES

HOUSE = Path(__file__).parent.parent
PAGE = (HOUSE / "docs" / "whatif.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
            for line in block.splitlines()]


def test_the_python_on_the_page_gives_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HOUSE)
    results = doctest.testfile(str(HOUSE / "docs" / "whatif.md"), module_relative=False, encoding="utf-8")
    assert results.attempted > 30
    assert results.failed == 0


@pytest.mark.parametrize("number", range(len(COMMANDS)))
def test_the_commands_on_the_page_work(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(HOUSE)
    words = shlex.split(COMMANDS[number])[1:]
    if "-o" in words:
        words[-1] = str(tmp_path / words[-1])
    assert main(words) == 0
    assert "-o" not in words or Path(words[-1]).stat().st_size > 1000
    assert capsys.readouterr().out


@pytest.mark.parametrize("word", sorted({*measures.MEASURES, *(one.name for one in measures.of_causes())}
                                        - {"waiting: line"}))
def test_every_measure_is_explained(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_every_knob_option_style_and_name_is_explained() -> None:
    for word in (*_OF_PIPELINE, *STYLES):
        assert f"`{word}`" in PAGE, word
    for word in WHOLE:
        assert f"`{word}." in PAGE, word
    parser = argparse.ArgumentParser()
    declare(parser)
    said = {flag for action in parser._actions for flag in action.option_strings} - {"-h", "--help", "--output", "--lenient"}
    for flag in said:
        assert f"`{flag}" in PAGE or f", `{flag}" in PAGE, flag
    types = {"BreakEven", "Comparison", "Effects", "Estimate", "OneRun", "Result", "Steady", "Summary", "Sweep", "Tornado"}
    for name in set(whatif.__all__) - types:
        assert name in PAGE, name
