"""Every notebook is what its source gives when it is run, shows its pictures without a kernel, and tells nothing of a
machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import KernelManager

from tools import make_notebooks as tool

SOURCES = tool.sources()
NOTEBOOKS = sorted(tool.NOTEBOOKS.glob("*.ipynb"))

Running = tuple[KernelManager, Path]


@pytest.fixture(scope="module")
def kernel() -> Iterator[Running]:
    """One kernel for all notebooks: it is emptied before each. What is stored was run by kernels of their own."""
    with tool.kernel() as running:
        yield running


def test_every_notebook_has_a_source_and_every_source_a_notebook() -> None:
    assert [tool.target(source) for source in SOURCES] == NOTEBOOKS


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_it_runs_from_top_to_bottom_and_shows_what_it_showed_before(source: Path, kernel: Running) -> None:
    stored, fresh = nbformat.read(tool.target(source), as_version=4), run(source, *kernel)
    assert [cell.source for cell in stored.cells] == [cell.source for cell in fresh.cells], "run tools/make_notebooks.py"
    for before, after in zip(stored.cells, fresh.cells, strict=True):
        assert said(before) == said(after)


def run(source: Path, manager: KernelManager, work: Path) -> nbformat.NotebookNode:
    """As the tool does, but in a kernel that has run others: it forgets their names first."""
    for left in (*work.glob("*.json"), *work.glob("*.html")):
        left.unlink()
    notebook = tool.read(source)
    notebook.cells.insert(0, nbformat.v4.new_code_cell("%reset -f", id="reset"))
    fresh = tool.executed(notebook, manager, work)
    fresh.cells.pop(0)
    return fresh


def said(cell: nbformat.NotebookNode) -> list[str]:
    """The texts that a cell put out. Pictures are left out: graphviz's versions differ."""
    outputs = cell.get("outputs", [])
    return [str(output.get("text") or output.get("data", {}).get("text/plain", "")) for output in outputs]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_can_be_read_where_nothing_runs(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "data:image/svg+xml;base64," in text, "no stored picture"
    assert tool.WIDGET not in text
    assert len(text) < 1_500_000, "too large to be shown by a code host"
    assert not re.search(r"/(home|root|Users|tmp|work)/", re.sub(r"base64,[A-Za-z0-9+/=]+", "", text))
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            assert cell.execution_count is not None, "a cell was never run"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_emphasis_is_left_open(path: Path) -> None:
    """`**[word](link)**s` shows its asterisks: a closing `**` behind a bracket must not touch a letter."""
    assert not re.search(r"\)\*\*\w", path.read_text("utf-8"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_it_links_to_is_there(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", "".join(cell.source for cell in cells if cell.cell_type == "markdown"))
    later = {f"{number:02}" for number in range(14)} - {one.stem[:2] for one in NOTEBOOKS}
    missing = [link for link in links if not (path.parent / link).exists() and link[:2] not in later]
    assert not missing
