"""Where the collection of real pipeline definitions is: not part of this repository, and not needed to use it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

CORPUS = Path(os.environ.get("PIPELINE_SIM_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
ABSENT = "the collection of real definitions is not here (PIPELINE_SIM_CORPUS names its folder)"


def corpus_files(pattern: str) -> list[ParameterSet]:
    """For `parametrize`: each file of the corpus, named in the test's id; one skip that says so where it is absent.

    A folder that is there and holds no such file is a mistake in the pattern.
    """
    if not CORPUS.is_dir():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"{ABSENT}: {CORPUS}"), id="absent")]
    files = sorted(CORPUS.glob(pattern))
    assert files, f"no file {pattern} in {CORPUS}"
    return [pytest.param(file, id=file.name) for file in files]
