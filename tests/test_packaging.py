"""What is installed is what was meant: one set of bounds for pip and conda, a whole wheel, a core that needs little."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))

# conda-forge's name for what PyPI calls otherwise. Its `graphviz` is the program dot, its `dask` a bundle.
ON_PYPI = {"python-graphviz": "graphviz", "matplotlib-base": "matplotlib", "dask-core": "dask"}
NOT_FOR_PYPI = {"python", "pip", "graphviz"}
ONLY_ON_PYPI = {"boto3", "awscli", "python-hcl2", "fsrs"}


def bounds(lines: list[str]) -> dict[str, str]:
    """Distribution → its bounds, in one spelling and order."""
    requirements = [Requirement(line) for line in lines]
    return {canonicalize_name(each.name): str(each.specifier) for each in requirements}


def of_extra(name: str) -> list[str]:
    """The lines of an extra, with those of the extras that it names in their place."""
    lines: list[str] = []
    for line in PROJECT["optional-dependencies"][name]:
        own = Requirement(line)
        lines += [each for extra in own.extras for each in of_extra(extra)] if own.name == PROJECT["name"] else [line]
    return lines


# ---------------------------------------------------------------------------------------------------- pip and conda


def test_conda_gets_the_bounds_that_pip_gets() -> None:
    lines = [line for line in ENVIRONMENT["dependencies"] if isinstance(line, str)]
    conda = {ON_PYPI.get(name, name): bound for name, bound in bounds(lines).items() if name not in NOT_FOR_PYPI}
    pip = bounds(PROJECT["dependencies"] + of_extra("all"))
    assert conda == {name: bound for name, bound in pip.items() if name not in ONLY_ON_PYPI}
    assert pip.keys() >= ONLY_ON_PYPI
    assert bounds(lines)["python"] == PROJECT["requires-python"]


def test_conda_gets_dot_and_from_pypi_the_package_with_the_rest() -> None:
    assert "graphviz" in ENVIRONMENT["dependencies"]
    assert {"pip": ["-e .[all]"]} in ENVIRONMENT["dependencies"]


def test_all_means_all_that_a_user_can_want() -> None:
    extras = PROJECT["optional-dependencies"]
    (line,) = extras["all"]
    assert Requirement(line).extras == extras.keys() - {"all", "bench", "test"}
    assert bounds(of_extra("all")).items() <= bounds(of_extra("test")).items()


def test_each_library_has_a_lower_bound() -> None:
    lines = PROJECT["dependencies"] + [line for extra in PROJECT["optional-dependencies"] for line in of_extra(extra)]
    assert [name for name, bound in bounds(lines).items() if ">=" not in bound] == []


# --------------------------------------------------------------------------------------------------------- the wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of all files in the wheel, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def carried(folder: str) -> Iterator[Path]:
    """The files of a folder that a person or a program of ours put there."""
    for path in sorted((ROOT / folder).rglob("*")):
        parts = path.relative_to(ROOT).parts
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(parts):
            yield path.relative_to(ROOT)


def test_the_wheel_has_every_file_of_the_package(wheel: set[str]) -> None:
    wanted = {path.as_posix() for path in carried("pipeline_sim")}
    assert "pipeline_sim/py.typed" in wanted
    assert wanted <= wheel


def test_the_wheel_has_the_notebooks_inside_the_package(wheel: set[str]) -> None:
    assert {f"pipeline_sim/{path.as_posix()}" for path in carried("notebooks")} <= wheel


def test_the_notebook_that_make_lab_opens_is_there_and_in_the_wheel(wheel: set[str]) -> None:
    opened = re.findall(r"notebooks/[\w.-]+\.ipynb", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert opened
    for notebook in opened:
        assert (ROOT / notebook).is_file()
        assert f"pipeline_sim/{notebook}" in wheel


def test_the_wheel_has_the_licence_and_nothing_beside_the_package(wheel: set[str]) -> None:
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel)
    assert {name.split("/")[0].split("-")[0] for name in wheel} == {"pipeline_sim"}


# ---------------------------------------------------------------------------------------------------- the core alone

STRUCTURE = {
    "pipeline": {
        "name": "web-shop",
        "roleArn": "arn:aws:iam::123456789012:role/pipeline",
        "artifactStore": {"type": "S3", "location": "web-shop-artifacts"},
        "version": 1,
        "stages": [
            {
                "name": "Source",
                "actions": [
                    {
                        "name": "Repo",
                        "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"},
                        "configuration": {"S3Bucket": "web-shop-source", "S3ObjectKey": "app.zip"},
                        "outputArtifacts": [{"name": "App"}],
                    }
                ],
            },
            {
                "name": "Build",
                "actions": [
                    {
                        "name": "Compile",
                        "actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"},
                        "configuration": {"ProjectName": "web-shop"},
                        "inputArtifacts": [{"name": "App"}],
                    }
                ],
            },
        ],
    }
}


def with_what_it_needs(names: list[str]) -> set[str]:
    """These distributions and, all the way down, those that they require here, without extras."""
    found: set[str] = set()
    waiting = [Requirement(name) for name in names]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name not in found and (requirement.marker is None or requirement.marker.evaluate({"extra": ""})):
            found.add(name)
            waiting += [Requirement(line) for line in distribution(name).requires or ()]
    return found


@pytest.fixture(scope="module")
def core_alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a process that has what `pip install .` installs, no more, and no `dot`."""
    site = tmp_path_factory.mktemp("site")
    for name in with_what_it_needs(PROJECT["dependencies"]):
        installed = distribution(name)
        tops = {file.parts[0] for file in installed.files or () if file.parts[0] not in ("..", "__pycache__")}
        for top in tops:
            (site / top).symlink_to(Path(str(installed.locate_file(top))))
    return {"PYTHONPATH": os.pathsep.join([str(ROOT), str(site)]), "PATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}


def python(core_alone: dict[str, str], *arguments: str) -> str:
    """What a Python without site-packages (-S) prints."""
    command = [sys.executable, "-S", *arguments]
    answer = subprocess.run(command, env=core_alone, capture_output=True, text=True, encoding="utf-8")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def test_the_command_works_with_the_core_alone(core_alone: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "web-shop.json"
    file.write_text(json.dumps(STRUCTURE))
    picture = tmp_path / "web-shop.svg"
    python(core_alone, "-m", "pipeline_sim", "check", str(file))
    assert "Compile" in python(core_alone, "-m", "pipeline_sim", "run", str(file), "--seed", "7")
    python(core_alone, "-m", "pipeline_sim", "draw", str(file), "-o", str(picture))
    assert "<svg" in picture.read_text(encoding="utf-8")
    assert "Compile" in picture.read_text(encoding="utf-8")


def test_a_notebook_has_its_picture_with_the_core_alone(core_alone: dict[str, str]) -> None:
    show = f"""
from pipeline_sim import Pipeline
pipeline = Pipeline.load({STRUCTURE!r})
print(*(getattr(pipeline, name)() for name in dir(pipeline) if name.startswith("_repr_")))"""
    assert "svg" in python(core_alone, "-c", show)


def test_the_core_alone_is_really_alone(core_alone: dict[str, str]) -> None:
    for absent in ("numpy", "boto3", "ipywidgets", "IPython", "pytest"):
        python(core_alone, "-c", f"import importlib.util as u; assert u.find_spec({absent!r}) is None")
    python(core_alone, "-c", "import shutil; assert shutil.which('dot') is None")
