"""No test is skipped in silence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.corpus import ABSENT

TESTS = Path(__file__).parent


def run(folder: Path, test: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs pytest on one file, beside copies of this project's own conftest."""
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\naddopts = --import-mode=importlib\n")
    for name in ("conftest.py", "corpus.py"):
        shutil.copy(TESTS / name, folder / "tests")
    (folder / "tests" / "test_it.py").write_text(f"import pytest\nfrom tests.corpus import corpus_files\n{test}\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "tests"]
    elsewhere = os.environ | {"PIPELINE_SIM_CORPUS": str(folder / "nowhere"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=elsewhere, capture_output=True, text=True)


def test_a_run_without_skips_passes(tmp_path: Path) -> None:
    answer = run(tmp_path, "def test(): pass")
    assert answer.returncode == 0, answer.stdout
    assert answer.stdout.strip().splitlines()[-1].startswith("1 passed in ")


@pytest.mark.parametrize("options", [(), ("-p", "xdist", "-n1")], ids=["alone", "with a worker"])
def test_a_skip_fails_the_run_and_is_named(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_file.py").write_text("import pytest\npytest.importorskip('no_such_module')")
    answer = run(tmp_path, "def test_one(): pass\ndef test_two(): pytest.skip('too tired')", *options)
    assert answer.returncode == 1
    told = [line for line in answer.stdout.splitlines() if line.startswith("SKIPPED WITHOUT LEAVE")]
    assert len(told) == 2
    assert "tests/test_file.py: could not import 'no_such_module'" in told[0]
    assert "tests/test_it.py::test_two: too tired" in told[1]


def test_without_the_collection_its_tests_are_not_run_and_the_output_says_so(tmp_path: Path) -> None:
    by_fixture = "def test_one(corpus): pass"
    by_file = "@pytest.mark.parametrize('file', corpus_files('json/*.json'))\ndef test_two(file): pass"
    answer = run(tmp_path, f"{by_fixture}\n{by_file}")
    assert answer.returncode == 0
    assert f"not run: tests/test_it.py::test_one: {ABSENT}" in answer.stdout
    assert f"not run: tests/test_it.py::test_two[absent]: {ABSENT}" in answer.stdout
