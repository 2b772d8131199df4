"""How a JSON or YAML document is read safely: nothing in it is executed, and it cannot blow up the reader."""

from __future__ import annotations

import json
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from .fault import Unreadable

LARGEST = 8 * 1024 * 1024
DEEPEST = 60
MOST_NODES = 400_000


def read_text(path: str | Path) -> str:
    """The text of a file; Unreadable where there is none."""
    try:
        size = Path(path).stat().st_size
        if size > LARGEST:
            raise Unreadable(f"{path}: {size} bytes are more than the {LARGEST} that a definition may have.")
        return Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise Unreadable(f"{path}: there is no such file.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path}: cannot be read as text: {error}") from error


def load_document(text: str, name: str = "the document", loader: type[Any] | None = None) -> Any:
    """What a JSON or YAML text says, as dicts, lists and plain values. Raises Unreadable with line and column.

    Keys that are given twice, aliases that multiply beyond measure and nesting without end are refused.
    """
    try:
        if text.lstrip()[:1] in ("{", "["):
            return _load_json(text, name)
        return _load_yaml(text, name, loader or SafeLoader)
    except RecursionError as error:
        raise Unreadable(f"{name}: it is nested too deeply to be a definition.") from error


def _load_json(text: str, name: str) -> Any:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        try:  # YAML in flow style, JSON with comments or trailing commas
            return _load_yaml(text, name, SafeLoader)
        except Unreadable:
            raise Unreadable(f"{name}: line {error.lineno}, column {error.colno}: {error.msg}.") from error
    _measure(found, name)
    return found


def _load_yaml(text: str, name: str, loader: type[Any]) -> Any:
    try:
        found = yaml.load(text, loader)  # noqa: S506 - a safe loader, by construction
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise Unreadable(f"{name}: {place}{error.problem or error.context}.") from error
    except (yaml.YAMLError, ValueError) as error:
        raise Unreadable(f"{name}: {error}") from error
    _measure(found, name)
    return found


def _measure(found: Any, name: str) -> None:
    """Refuse what expands beyond measure: an alias is counted each time it is used."""
    nodes, level, depth = 0, [found], 0
    while level:
        nodes += len(level)
        depth += 1
        if nodes > MOST_NODES or depth > DEEPEST:
            what = f"it holds more than {MOST_NODES} values" if nodes > MOST_NODES else f"more than {DEEPEST} levels"
            raise Unreadable(f"{name}: {what}; a definition is smaller.")
        level = [part for value in level for part in _parts(value)]


def _parts(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


class SafeLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """PyYAML's safe loader that refuses a key given twice, and leaves dates as they are written."""

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


SafeLoader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))
