"""How a JSON or YAML document is read safely: nothing in it is executed, and it cannot blow up the reader."""

from __future__ import annotations

import json
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path
from typing import Any

from .fault import Unreadable

LARGEST = 8 * 1024 * 1024
DEEPEST = 60
MOST_NODES = 400_000


def read_text(path: str | Path, largest: int = LARGEST, what: str = "a definition") -> str:
    """The text of a file; Unreadable where there is none, or where it is larger than `what` may be."""
    try:
        with Path(path).open("rb") as file:  # once: what comes through a pipe cannot be read again
            found = file.read(largest + 1)
        # PowerShell's `>` writes UTF-16, and says so in the first two bytes
        text = "" if len(found) > largest else found.decode(
            "utf-16" if found[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) else "utf-8-sig")
    except FileNotFoundError as error:
        raise Unreadable(f"{path}: there is no such file.") from error
    except (OSError, ValueError) as error:
        raise Unreadable(f"{path}: cannot be read as text: {error}") from error
    if len(found) > largest:
        raise Unreadable(f"{path}: it has more than the {largest} bytes that {what} may have.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def is_json(text: str) -> bool:
    """Whether a text is meant as JSON by how it begins."""
    return text.lstrip()[:1] in ("{", "[")


def load_document(text: str, name: str = "the document", loader: type[Any] | None = None) -> Any:
    """What a JSON or YAML text says, as dicts, lists and plain values. Raises Unreadable with line and column.

    Keys that are given twice, aliases that multiply beyond measure and nesting without end are refused.
    """
    if len(text) > LARGEST:
        raise Unreadable(f"{name}: {len(text)} characters are more than the {LARGEST} that a definition may have.")
    try:
        found = _load_json(text, name) if is_json(text) else _load_yaml(text, name, loader)
    except RecursionError as error:
        raise Unreadable(f"{name}: it is nested too deeply to be a definition.") from error
    _measure(found, name)
    if "\\ud" in text.lower():
        _refuse_half_characters(found, name)
    return found


def _refuse_half_characters(found: Any, name: str) -> None:
    """Half of a pair of escapes (`\\ud800`) is no text that can be printed or sent."""
    try:
        json.dumps(found, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError as error:
        half = f"\\u{ord(error.object[error.start]):04x}"
        raise Unreadable(f"{name}: {half} is half of a character; write both halves.") from error


def _load_json(text: str, name: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_no_key_twice)
    except json.JSONDecodeError as error:
        try:  # YAML in flow style, JSON with comments or trailing commas
            return _load_yaml(text, name)
        except Unreadable:
            raise Unreadable(f"{name}: line {error.lineno}, column {error.colno}: {error.msg}.") from error
    except ValueError as error:  # a key twice (the reader of YAML says where), or a number of thousands of digits
        _load_yaml(text.replace("\t", " "), name)
        raise Unreadable(f"{name}: {str(error).partition(';')[0]}.") from error


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for place, key in enumerate(names) if key in names[:place])
        raise ValueError(f"the key '{twice}' is given twice")
    return found


def _load_yaml(text: str, name: str, loader: type[Any] | None = None) -> Any:
    import yaml  # only now: most definitions are JSON, and reading those should not wait for it

    from .loader import SafeLoader

    try:
        return yaml.load(text, loader or SafeLoader)  # noqa: S506 - a safe loader, by construction
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise Unreadable(f"{name}: {place}{error.problem or error.context}.") from error
    except (yaml.YAMLError, ValueError) as error:
        raise Unreadable(f"{name}: {str(error).partition(';')[0]}.") from error


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
