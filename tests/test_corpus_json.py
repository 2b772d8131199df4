"""Definitions that people have published: what `get-pipeline` printed, or `create-pipeline` takes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline_sim import Faults, Pipeline
from pipeline_sim.pipeline.check import check
from pipeline_sim.pipeline.read import structures, to_json, to_yaml

PLACEHOLDERS = "amazon-archives__deploy-manage-microservices-on-ecs-and-fargate__codepipeline-codepipeline.json"
FAULTY: Mapping[str, tuple[str, ...]] = {PLACEHOLDERS: ("roleArn", "artifactStore.location")}
"""The faults that are really there: `<CodePipelineServiceRoleArn>` and the like."""


def _files(corpus: Path) -> list[Path]:
    files = sorted((corpus / "json").glob("*.json"))
    assert len(files) >= 13, f"{corpus}/json holds {len(files)} files"
    return files


def test_no_false_fault_and_no_fault_missed(corpus: Path) -> None:
    for file in _files(corpus):
        [found] = structures(file)
        faults = tuple(fault.path for fault in check(found.structure) if not fault.warning)
        assert faults == FAULTY.get(file.name, ()), file.name


def test_no_warning_is_needless(corpus: Path) -> None:
    for file in _files(corpus):
        [found] = structures(file)
        assert [fault for fault in check(found.structure) if fault.warning] == [], file.name


def test_each_loads_and_is_the_same_after_writing_it_down(corpus: Path) -> None:
    for file in _files(corpus):
        pipeline = Pipeline.load(file, lenient=True)
        assert len(pipeline.stages) >= 2
        for text in (to_json(pipeline), to_yaml(pipeline)):
            again = Pipeline.load(text, lenient=True)
            assert again == pipeline
            assert again.structure == pipeline.structure


def test_placeholders_are_told_and_waived_on_demand(corpus: Path) -> None:
    file = corpus / "json" / PLACEHOLDERS
    with pytest.raises(Faults, match="<CodePipelineServiceRoleArn>"):
        Pipeline.load(file)
    assert [fault.path for fault in Pipeline.load(file, lenient=True).waived] == ["roleArn", "artifactStore.location"]
