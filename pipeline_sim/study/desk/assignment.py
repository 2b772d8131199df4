"""An assignment of challenges as a notebook that nbgrader grades: a cell for each, and a locked test that gives its points.

nbgrader itself is not needed to write it: what it looks at are the cells' metadata (grade id, points, locked).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..clinic.case import Case
from ..clinic.reading import case_of

HEAD = """# Mend these pipelines

Run each cell of a challenge, look at its console, and write the calls that mend it below its line `# YOUR CODE HERE`.
The cells are run again when they are graded: what you do in the console alone is not kept."""
SCHEMA = 3
"""The version of nbgrader's cell metadata."""


def assignment(keys: Iterable[str], *, points: float = 10, language: str = "en") -> dict[str, Any]:
    """A notebook (nbformat 4.5) with a challenge for each key: what to do, a cell to do it in, a locked test.

    ValueError for a key that no challenge has.
    """
    cells = [_text("head", HEAD)]
    for number, key in enumerate(keys, 1):
        cells += _cells(case_of(key, (), language), number, points)
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}


def _cells(case: Case, number: int, points: float) -> list[dict[str, Any]]:
    name = f"c{number}"
    setting = f'from pipeline_sim.study import Challenge, grade\n\n{name} = Challenge("{case.key}", progress=None)\n{name}'
    work = f"# Such as: {name}.call(\"GetPipelineState\")\n# YOUR CODE HERE"
    return [
        _text(f"{case.key}-text", f"## {number}. {case.title}\n\n{case.complaint}"),
        _code(f"{case.key}-start", setting, grade=False, solution=False, points=None),
        _code(f"{case.key}-work", work, grade=False, solution=True, points=None),
        _code(f"{case.key}-test", f"grade({name}, points={points:g})", grade=True, solution=False, points=points),
    ]


def _text(grade_id: str, source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": grade_id, "source": source,
            "metadata": _marked(grade_id, grade=False, solution=False, points=None)}


def _code(grade_id: str, source: str, *, grade: bool, solution: bool, points: float | None) -> dict[str, Any]:
    return {"cell_type": "code", "id": grade_id, "source": source, "outputs": [], "execution_count": None,
            "metadata": _marked(grade_id, grade=grade, solution=solution, points=points)}


def _marked(grade_id: str, *, grade: bool, solution: bool, points: float | None) -> Mapping[str, Any]:
    """nbgrader's metadata: a test is locked and has points, what a student writes is a solution, the rest is read only."""
    said = {"schema_version": SCHEMA, "grade_id": grade_id, "grade": grade, "solution": solution, "locked": not solution,
            "task": False}
    return {"nbgrader": {**said, **({} if points is None else {"points": points})}}


def write(path: str | Path, keys: Iterable[str], *, points: float = 10, language: str = "en") -> Path:
    """Write an assignment into a notebook."""
    target = Path(path)
    target.write_text(json.dumps(assignment(keys, points=points, language=language), indent=1) + "\n", encoding="utf-8")
    return target
