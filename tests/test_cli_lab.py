"""`pipeline-sim lab` brings the course to a folder of the student's, and never writes over what the student wrote."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, cast
from unittest.mock import Mock, call

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
