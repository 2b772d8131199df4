"""How a test gets a JupyterLab: a server of its own, and what a person does in it."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import Locator, Page

from pipeline_sim.cli.lab import PROMPT

REPOSITORY = Path(__file__).parents[2]
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
PATIENCE = 60_000  # ms, for a server or kernel on a machine that is busy


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab. `root` is the folder it serves; `home` has all that it would else keep in the user's."""

    url: str
    token: str
    root: Path
    home: Path


# ------------------------------------------------------------------------------------------------------- the server


@contextmanager
def running_lab(home: Path) -> Iterator[Lab]:
    """A JupyterLab on a free port that sees no setting of the user's, and asks nobody on the internet for news."""
    root = home / "work"
    root.mkdir(parents=True)
    token = secrets.token_hex(16)
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(
            _command(root, token), cwd=root, env=_environment(home), stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield Lab(_address(server, home), token, root, home)
    finally:
        _end(server)


def _command(root: Path, token: str) -> list[str]:
    return [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
        "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--ServerApp.root_dir={root}",
        f"--IdentityProvider.token={token}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        "--LabApp.expose_app_in_browser=True",
        PROMPT,  # as `make lab` and `pipeline-sim lab` start it
        # A run that was killed ends no server: then it goes by itself.
        "--ServerApp.shutdown_no_activity_timeout=1800", "--MappingKernelManager.cull_idle_timeout=1800",
    ]  # fmt: skip


def _environment(home: Path) -> dict[str, str]:
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    isolated = {name: str(home / folder) for name, folder in places.items()}
    return os.environ | isolated | {"PYTHONPATH": str(REPOSITORY), "JUPYTER_PLATFORM_DIRS": "1"}


def _address(server: subprocess.Popen[bytes], home: Path) -> str:
    """Waits for the file in which a running server says its port."""
    deadline = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < deadline and server.poll() is None:
        for file in home.glob("runtime/jpserver-*.json"):
            try:
                return str(json.loads(file.read_text())["url"]).rstrip("/")
            except ValueError:
                pass  # half written
        time.sleep(0.05)
    raise RuntimeError("JupyterLab did not start:\n" + (home / "server.log").read_text()[-3000:])


def _end(server: subprocess.Popen[bytes]) -> None:
    """Asked, a server ends its kernels first. Whatever of its own process group then still lives is ended for good."""
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def end_kernels(lab: Lab) -> None:
    """Ends the kernels that earlier tests left behind."""
    for session in _ask(lab, "GET", "api/sessions"):
        _ask(lab, "DELETE", f"api/sessions/{session['id']}")


def _ask(lab: Lab, method: str, path: str) -> Any:
    headers = {"Authorization": f"token {lab.token}"}
    request = urllib.request.Request(f"{lab.url}/{path}", method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or b"null")


# -------------------------------------------------------------------------------------------------------- notebooks


def write_notebook(path: Path, *cells: str) -> Path:
    """A notebook with these code cells; a cell that begins with `# ` and a capital is a heading in Markdown."""
    made = [new_markdown_cell(cell) if re.match(r"#+ [A-Z]", cell) else new_code_cell(cell) for cell in cells]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=made, metadata=KERNEL), path)
    return path


def open_notebook(page: Page, lab: Lab, path: Path, theme: str = "light") -> None:
    """Opens a notebook that lies below `lab.root` in a fresh workspace, and waits until its kernel can be used."""
    _set(lab, "themes", theme=THEMES[theme])
    _set(lab, "notification", fetchNews="false")
    workspace = f"auto-{secrets.token_hex(4)}"
    where = quote(str(path.relative_to(lab.root)))
    page.goto(f"{lab.url}/lab/workspaces/{workspace}/tree/{where}?reset&token={lab.token}")
    wait_kernel_idle(page)
    _see_through(page)


def _set(lab: Lab, group: str, **values: str) -> None:
    """Writes JupyterLab's settings of one group, as its settings editor would."""
    file = lab.home / "settings" / "@jupyterlab" / "apputils-extension" / f"{group}.jupyterlab-settings"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(values))


def wait_kernel_idle(page: Page) -> None:
    """Waits for the status bar's `Python 3 (ipykernel) | Idle`.

    The notebook's own indicator says idle before there is a kernel, and Run All is then lost in silence.
    """
    page.locator("#jp-main-statusbar").get_by_text(re.compile(r"\| Idle$")).first.wait_for(timeout=PATIENCE)


def command(page: Page, name: str, **arguments: object) -> None:
    """Executes a command of JupyterLab, as a menu would, and waits until it is done."""
    execute = "([name, given]) => window.jupyterapp.commands.execute(name, given).then(() => null)"
    page.evaluate(execute, [name, arguments])


def run_all(page: Page, *, may_fail: bool = False) -> None:
    """Runs all cells to the end. A cell that raised fails the test, unless it `may_fail`."""
    command(page, "notebook:run-all-cells")
    wait_kernel_idle(page)
    errors = cell_errors(page)
    assert may_fail or not errors, "\n".join(errors)


def cell_errors(page: Page) -> list[str]:
    """`NameError: name 'x' is not defined` for each cell of the notebook in front that raised."""
    found: list[str] = page.evaluate("""() =>
        [...window.jupyterapp.shell.currentWidget.content.model.cells]
            .flatMap(cell => cell.toJSON().outputs ?? [])
            .filter(output => output.output_type === 'error')
            .map(output => `${output.ename}: ${output.evalue}`)""")
    return found


def output(page: Page, cell: int) -> Locator:
    """What the cell with this index (Markdown cells count) shows below itself."""
    cells = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell")
    return cells.nth(cell).locator(".jp-OutputArea")


def set_theme(page: Page, theme: str) -> None:
    """Switches JupyterLab to "light" or "dark" while it runs."""
    command(page, "apputils:change-theme", theme=THEMES[theme])
    page.locator(f"body[data-jp-theme-light={json.dumps(str(theme == 'light').lower())}]").wait_for(state="attached")
    _see_through(page)


def _see_through(page: Page) -> None:
    """Waits until JupyterLab's splash screen has faded: it lies over everything."""
    page.locator("#jupyterlab-splash").wait_for(state="detached")
