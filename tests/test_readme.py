"""What the README shows is true: its Python runs, and prints what its comments say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_the_ten_lines_of_python_run_and_say_what_their_comments_say(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    program = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0]
    exec(compile(program, "README.md", "exec"), {})  # noqa: S102 - our own text
    printed = capsys.readouterr().out
    for said in re.findall(r"# ((?:Execution 2|Prod is held)[^\n]*?)(?: \.\.\.)?\n", program):
        assert said in printed


def test_the_picture_shows_the_moment_that_its_text_tells() -> None:
    picture = (ROOT / "docs" / "picture.svg").read_text()
    assert "web-shop" in picture
    assert "Waiting for approval" in picture
    assert "docs/picture.svg" in README


def test_the_commands_that_it_names_are_there() -> None:
    from pipeline_sim.cli import COMMANDS

    block = README[README.index("## On the command line"):].split("```")[1]
    named = re.findall(r"^pipeline-sim (\w+)", block, re.MULTILINE)
    assert len(named) > 10
    assert set(named) <= COMMANDS.keys()


def test_what_it_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert len(links) > 5
    assert [link for link in links if not (ROOT / link).exists()] == []
