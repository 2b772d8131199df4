"""`pipeline-sim lab` brings the course to a folder of the student's, and never writes over what the student wrote."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any, cast
from unittest.mock import Mock, call

import nbformat
import pytest
from nbformat.sign import NotebookNotary
from nbformat.v4 import new_code_cell, new_notebook

from pipeline_sim.cli import main
from pipeline_sim.cli.lab import FIRST, PROMPT, copied, notebooks


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


def test_no_message_of_a_kernel_is_held_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """JupyterLab is started with our class, which asks the socket for it before it lets the server go on."""
    from jupyter_server.serverapp import ServerApp
    from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
    from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
    from traitlets import import_item

    jupyterlab = Mock(return_value=0)
    monkeypatch.setattr(subprocess, "call", jupyterlab)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: None)
    assert main(["lab", str(tmp_path / "course")]) == 0
    name, _, value = next(part for part in jupyterlab.call_args.args[0] if "connection_class" in part).partition("=")
    way, wanted = import_item(value), cast(Any, ServerApp.class_traits()[name.rpartition(".")[2]])
    assert issubclass(way, wanted.klass)
    handler = Mock(spec=KernelWebsocketHandler)
    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "connect", lambda self: handler.write_message(""))
    way(websocket_handler=handler).connect()
    assert handler.mock_calls == [call.set_nodelay(True), call.write_message("")]


def test_make_lab_starts_jupyterlab_as_the_command_does() -> None:
    assert PROMPT in (Path(__file__).parents[1] / "Makefile").read_text()
