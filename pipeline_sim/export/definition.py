"""A pipeline as a file that reads back as the same pipeline: for `create-pipeline`, as YAML, as CloudFormation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..pipeline.cloudformation import to_cloudformation
from ..pipeline.model import Pipeline
from ..pipeline.read import to_json, to_yaml


def _as_template(pipeline: Pipeline) -> str:
    """With the tags and closed transitions of the template that it is from."""
    beside = pipeline.beside
    if beside is None:
        return to_cloudformation(pipeline.structure)
    return to_cloudformation(pipeline.structure, beside.tags, beside.disabled_transitions)


FORMS: Mapping[str, Callable[[Pipeline], str]] = {
    "create-pipeline": to_json, "yaml": to_yaml, "cloudformation": _as_template}


def to_text(pipeline: Pipeline, form: str) -> str:
    """The pipeline in one of the `FORMS`. Raises Faults where CloudFormation cannot say it."""
    return FORMS[form](pipeline)
