"""A pipeline as a CloudFormation template, which `pipelines` reads back to the same structure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from ..fault import Fault, Faults
from .convert import FREE
from .functions import FUNCTIONS

METADATA = "PipelineVersion"
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def to_cloudformation(
    structure: Mapping[str, Any], tags: Mapping[str, str] | None = None,
    disabled_transitions: Iterable[Mapping[str, str]] = (),
) -> str:
    """The YAML of a template with the pipeline. Raises Faults where CloudFormation would read a text as its own
    function. The version, which CloudFormation does not know, goes into the resource's metadata."""
    if faults := list(_not_sayable(structure, "")):
        raise Faults(faults)
    version = structure.get("version")
    properties = {_upper_first(key): _member(key, value) for key, value in structure.items() if key != "version"}
    if disabled_transitions:
        properties["DisableInboundStageTransitions"] = [
            {"StageName": one["stageName"], "Reason": one.get("reason", "")} for one in disabled_transitions]
    if tags:
        properties["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    resource = {"Type": "AWS::CodePipeline::Pipeline", "Properties": properties}
    if version is not None:
        resource["Metadata"] = {METADATA: version}
    logical_id = re.sub(r"[^A-Za-z0-9]", "", str(structure.get("name", ""))) or "Pipeline"
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {logical_id: resource}}
    text: str = yaml.dump(template, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=120)
    return text


def _upper_first(key: str) -> str:
    return key[:1].upper() + key[1:]


def _member(key: str, value: Any) -> Any:
    if key == "artifactStores" and isinstance(value, Mapping):
        return [{"Region": region, "ArtifactStore": _member("", store)} for region, store in value.items()]
    if isinstance(value, Mapping):
        return dict(value) if key == FREE else {_upper_first(name): _member(name, part) for name, part in value.items()}
    return [_member(key, part) for part in value] if isinstance(value, list | tuple) else value


def _not_sayable(value: Any, path: str) -> Iterable[Fault]:
    """The texts that a template cannot hold as they are."""
    if isinstance(value, Mapping):
        if len(value) == 1 and (key := next(iter(value))) in FUNCTIONS:
            yield Fault(path, "", "", f"CloudFormation would take a lone '{key}' as its function.", "Rename the key.")
        for key, part in value.items():
            yield from _not_sayable(part, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list | tuple):
        for place, part in enumerate(value):
            yield from _not_sayable(part, f"{path}[{place}]")
    elif isinstance(value, str) and "{{resolve:" in value:
        yield Fault(path, "", "", "CloudFormation would fetch '{{resolve:…}}' when it makes the stack.",
                    "Put the value there.")
