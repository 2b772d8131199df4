"""`pipeline-sim lab` brings the course to a folder of the student's, and never writes over what the student wrote."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.sign import NotebookNotary
from nbformat.v4 import new_code_cell, new_notebook

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


def test_jupyter_trusts_the_notebooks_that_were_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline_sim.cli import lab

    for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    new = copied(tmp_path / "course")
    lab._sign(tmp_path, new)
    notary = NotebookNotary()
    try:
        assert {notary.check_signature(nbformat.read(file, 4)) for file in new if file.suffix == ".ipynb"} == {True}
        assert not notary.check_signature(new_notebook(cells=[new_code_cell("1 + 1")]))
    finally:
        notary.store.close()
