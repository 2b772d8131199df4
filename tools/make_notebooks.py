"""How do the course's notebooks come about? `docs/course/NN-name.md` is executed into `notebooks/NN-name.ipynb`.

    python tools/make_notebooks.py          # all of them
    python tools/make_notebooks.py 03 06    # these

The sources are Jupytext's Markdown: a block that is fenced as ```python is a cell of code, what stands between two
blocks is a cell of text, and two blank lines end a cell of text. The notebooks keep what their cells put out, so that
they can be read where nothing runs; whatever differs from one making to the next is left out.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
SOURCES, NOTEBOOKS = ROOT / "docs" / "course", ROOT / "notebooks"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
WIDGET = "application/vnd.jupyter.widget-view+json"
FRAME = "pls-page"  # the class of the page in which a console stands where a notebook was converted
BOXES = ("VBox", "HBox")  # what the words of a widget begin with that says nothing without a kernel
BARS = ("", "Output()")  # what a progress bar leaves, if the machine was so slow that there was one
ALIVE = "(Run this notebook to see what is here.)"
PATIENCE = 120  # seconds for one cell


def sources() -> list[Path]:
    """The course, in order."""
    return sorted(SOURCES.glob("[0-9][0-9]-*.md"))


def target(source: Path) -> Path:
    return NOTEBOOKS / f"{source.stem}.ipynb"


# ---------------------------------------------------------------------------------------------------- reading, running


def read(source: Path) -> nbformat.NotebookNode:
    """A source as a notebook that was never run."""
    cells = jupytext.reads(source.read_text("utf-8"), fmt="md").cells
    for number, cell in enumerate(cells):
        cell.id, cell.metadata = f"cell-{number:02}", nbformat.NotebookNode()
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


@contextmanager
def kernel() -> Iterator[tuple[KernelManager, Path]]:
    """A kernel in a folder of its own, beside a copy of the course's pipelines. It knows no setting of the user's."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "notebooks"
        shutil.copytree(NOTEBOOKS / "pipelines", work / "pipelines")
        paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel(cwd=str(work), env={**os.environ, "IPYTHONDIR": folder, "PYTHONHASHSEED": "0",
                                                 "PYTHONPATH": paths})
        try:
            yield manager, work
        finally:
            manager.shutdown_kernel(now=True)


def executed(notebook: nbformat.NotebookNode, manager: KernelManager, work: Path) -> nbformat.NotebookNode:
    """The notebook with its outputs. Raises nbclient's CellExecutionError where a cell raises."""
    client = NotebookClient(notebook, km=manager, timeout=PATIENCE, coalesce_streams=True,
                            resources={"metadata": {"path": str(work)}})
    try:
        client.execute()  # the kernel stays, for it is not the client's
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
    return normalised(notebook)


# ------------------------------------------------------------------------------------------------------- what is kept


def normalised(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Without times, and without widgets: of a console its still picture is left, of a drill its questions."""
    notebook.metadata.pop("widgets", None)
    count = 0
    for cell in notebook.cells:
        cell.metadata = nbformat.NotebookNode()
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
            cell.outputs = [kept(output, count) for output in cell.outputs if is_kept(output)]
    return notebook


def is_kept(output: Any) -> bool:
    """A stream, or data that can be seen without a kernel."""
    if "data" not in output:
        return True
    if set(output.data) <= {WIDGET, "text/plain", "text/html"} and output.data.get("text/plain", "").strip() in BARS:
        return False
    return FRAME not in output.data.get("text/html", "") and bool(set(output.data) - {WIDGET})


def kept(output: Any, count: int) -> Any:
    if "data" in output:
        if output.data.pop(WIDGET, None) and "text/html" not in output.data and output.data["text/plain"][:4] in BOXES:
            output.data["text/plain"] = ALIVE
        output.metadata = nbformat.NotebookNode()
    if output.output_type == "execute_result":
        output.execution_count = count
    return output


def made(source: Path) -> nbformat.NotebookNode:
    """The notebook as it has to be: run from top to bottom by a kernel that has run nothing else."""
    with kernel() as (manager, work):
        return executed(read(source), manager, work)


def main(wanted: list[str]) -> None:
    for source in sources():
        if not wanted or source.stem[:2] in wanted or source.stem in wanted:
            nbformat.write(made(source), target(source))
            print(target(source).relative_to(ROOT))


if __name__ == "__main__":
    main(sys.argv[1:])
