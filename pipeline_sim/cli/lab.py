"""`pipeline-sim lab [FOLDER]`: the course's notebooks in a folder of yours, opened in JupyterLab.

An installed package carries its notebooks inside; they are copied where you can write. What lies there already is yours and
stays as it is. The copies are signed, so that JupyterLab shows the pictures that they bring.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from .report import console

FIRST = "00-start-here.ipynb"
PROMPT = "--ServerApp.kernel_websocket_connection_class=pipeline_sim.cli.prompt.Prompt"
_PACKAGE = Path(__file__).parents[1]


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", nargs="?", default="pipeline-sim-course",
                        help="where your copies are (pipeline-sim-course)")
    parser.add_argument("--copy-only", action="store_true", help="copy the notebooks and start nothing")


def run(options: argparse.Namespace) -> int:
    """Exit 2 where nothing can be written, or JupyterLab is not installed."""
    screen, folder = console(stderr=True), Path(options.folder)
    try:
        new = copied(folder)
    except OSError as problem:
        screen.print(f"The notebooks cannot be copied to {folder}: {problem}", markup=False)
        return 2
    screen.print(f"{folder}: {len(new)} new files; what was there is as it was.", markup=False)
    if options.copy_only:
        return 0
    if find_spec("jupyterlab") is None:
        screen.print("JupyterLab is not installed: pip install 'pipeline-sim[lab]'", markup=False)
        return 2
    _sign(folder, new)
    return subprocess.call([sys.executable, "-m", "jupyterlab", PROMPT, FIRST], cwd=folder)


def notebooks() -> Path:
    """Where the notebooks are: inside an installed package, beside it in a checkout."""
    inside = _PACKAGE / "notebooks"
    return inside if inside.is_dir() else _PACKAGE.parent / "notebooks"


def copied(folder: Path) -> list[Path]:
    """Copy what is not there yet; the new files."""
    source, new = notebooks(), []
    for file in sorted(source.rglob("*")):
        place = folder / file.relative_to(source)
        hidden = any(part.startswith((".", "__")) for part in file.relative_to(source).parts)
        if file.is_file() and not hidden and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)
            new.append(place)
    return new


def _sign(folder: Path, new: list[Path]) -> None:
    signed = [str(file.relative_to(folder)) for file in new if file.suffix == ".ipynb"]
    if signed:
        subprocess.run([sys.executable, "-m", "nbformat.sign", *signed], cwd=folder, check=False, stdout=subprocess.DEVNULL)
