"""docs/challenges.md says what is so: its examples run, its files pass their checks."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from pipeline_sim.cli import main
from pipeline_sim.study.clinic.reading import KEYS
from pipeline_sim.study.clinic.steps import kinds

PAGE = Path(__file__).parent.parent / "docs" / "challenges.md"
FILES = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_examples_in_python_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PAGE.parent.parent)
    found = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.attempted > 8
    assert found.failed == 0


@pytest.mark.parametrize(("command", "place"), [("challenge", 0), ("demo", 1)])
def test_the_files_pass_their_checks(command: str, place: int, tmp_path: Path) -> None:
    path = tmp_path / "page.yaml"
    path.write_text(FILES[place])
    assert main([command, "check", str(path)]) == 0


def test_every_key_and_every_kind_of_step_is_named() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [key for key in KEYS if f"`{key}`" not in text] == []
    assert [kind for kind in kinds() if not re.search(rf"`{kind}:", text)] == []
