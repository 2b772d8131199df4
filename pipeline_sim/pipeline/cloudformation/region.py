"""In which Region a template is meant to be, where nobody says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..standins import REGION
from .template import Template

_REGION = re.compile(r"(us|eu|ap|sa|ca|me|af|il|cn|mx)(-gov|-iso[a-z]?)?-[a-z]+-\d")


def home(template: Template) -> tuple[str, str]:
    """The Region and why, or no reason for the usual one. Another is taken where the template cannot be in the usual
    one: a mapping by Region lacks it, or a pipeline with one artifact store names a Region in its actions."""
    if "AWS::Region" in template.given:
        return template.given["AWS::Region"], ""
    for name, mapping in template.section("Mappings").items():
        by_region = isinstance(mapping, dict) and mapping and all(_REGION.fullmatch(str(key)) for key in mapping)
        if by_region and REGION not in mapping:
            return str(next(iter(mapping))), f"the mapping {name} does not know {REGION}"
    for logical_id in template.of_kind("AWS::CodePipeline::Pipeline"):
        properties = template.properties(logical_id)
        named = set(_named(properties))
        if "ArtifactStore" in properties and len(named) == 1 and named != {REGION}:
            return named.pop(), f"an action of {logical_id} names it and there is one artifact store"
    return REGION, ""


def _named(properties: Mapping[str, Any]) -> Iterator[str]:
    """The Regions that actions name in plain text."""
    for stage in _list(properties.get("Stages")):
        for action in _list(stage.get("Actions") if isinstance(stage, dict) else None):
            region = action.get("Region") if isinstance(action, dict) else None
            if isinstance(region, str) and _REGION.fullmatch(region):
                yield region


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
