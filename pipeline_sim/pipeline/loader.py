"""PyYAML's safe loader, with less magic and no way to blow it up."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import yaml

MOST_MERGED = 10_000


class SafeLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """PyYAML's safe loader that refuses a key given twice, and leaves as they are written: dates, times of day (`10:30`
    is no 630) and account numbers (`011122223333` is no octal)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                continue
            if key.value in seen if isinstance(key.value, str) else False:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key '{key.value}' is given twice", key.start_mark)
            if isinstance(key.value, str):
                seen.add(key.value)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return mapping

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Merge keys (`<<`), which multiply like aliases, only so far."""
        super().flatten_mapping(node)
        if len(node.value) > MOST_MERGED:
            raise yaml.constructor.ConstructorError(None, None, "it merges more keys than a definition has",
                                                    node.start_mark)


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """The loader's rules for plain scalars, but with numbers as JSON writes them."""
    numbers = {"tag:yaml.org,2002:int": re.compile(r"[-+]?(0|[1-9][0-9]*)\Z"),
               "tag:yaml.org,2002:float": re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\Z")}
    return {first: [(tag, numbers.get(tag, pattern)) for tag, pattern in rules]
            for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()}


SafeLoader.yaml_implicit_resolvers = _resolvers()
SafeLoader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))
