"""`pipeline-sim lab` brings the course to a folder of the student's, and never writes over what the student wrote."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline_sim.cli import main
from pipeline_sim.cli.lab import FIRST, copied, notebooks


def test_the_course_is_copied_once_and_a_students_work_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "course"
    assert main(["lab", str(folder), "--copy-only"]) == 0
    assert (folder / FIRST).read_bytes() == (notebooks() / FIRST).read_bytes()
    assert (folder / "pipelines" / "web-shop.json").is_file()
    (folder / FIRST).write_text("mine")
    (folder / "pipelines" / "web-shop.json").unlink()
    assert main(["lab", str(folder), "--copy-only"]) == 0
    assert (folder / FIRST).read_text() == "mine"
    assert "1 new files" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["lab", str(tmp_path / "file"), "--copy-only"]) == 2
    assert "cannot be copied" in capsys.readouterr().err


def test_notebooks_are_signed_as_jupyter_trust_signs_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline_sim.cli import lab

    for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    lab._sign(tmp_path, copied(tmp_path / "course"))
    told = subprocess.run([sys.executable, "-m", "nbformat.sign", str(tmp_path / "course" / FIRST)], capture_output=True,
                          text=True, check=True)
    assert "already signed" in told.stdout
