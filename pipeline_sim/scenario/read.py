"""From a file, a text or a mapping to the document of a scenario: plain values, its own copy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from ..pipeline.document import load_document, read_text
from ..pipeline.fault import Fault, Faults, Unreadable
from .hours import Hours
from .quantiles import Quantiles

TEXT = "the scenario"


def read(source: str | Path | Mapping[str, Any] | None) -> tuple[dict[str, Any], str]:
    """The document, and the name of the file it is from. Raises Unreadable."""
    if source is None:
        return {}, ""
    if isinstance(source, Mapping):
        return dict(source), ""
    name = TEXT if isinstance(source, str) and _is_text(source) else str(source)
    found = load_document(str(source) if name == TEXT else read_text(source), name)
    if found is None:
        return {}, name
    if not isinstance(found, dict):
        raise Unreadable(f"{name}: a scenario is a mapping, such as `actions: …`, not a {type(found).__name__}.")
    return found, name


def _is_text(source: str) -> bool:
    """Whether this is a scenario rather than the name of a file that holds one."""
    return not source.strip() or "\n" in source or "{" in source or ": " in source


def plain(value: Any, path: str = "") -> Any:
    """A copy in the words of a document: what YAML can write. Raises Faults."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Integral | Real):
        return int(value) if isinstance(value, Integral) else float(value)
    if isinstance(value, Mapping):
        return {_key(key): plain(part, f"{path}.{key}".lstrip(".")) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(part, f"{path}[{place}]") for place, part in enumerate(value)]
    if isinstance(value, Quantiles | Hours):
        return value.as_plain()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    kind = type(value).__name__
    raise Faults([Fault(path, "", "ScenarioError", f"a scenario cannot say a {kind}.", "Write a text, a number, a list or "
                        "a mapping.")])


def _key(key: Any) -> Any:
    return int(key) if isinstance(key, Integral) and not isinstance(key, bool) else str(key)
