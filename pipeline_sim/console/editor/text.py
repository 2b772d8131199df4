"""The definition as a person types it, JSON or YAML: read back, or where it cannot be read."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from ...pipeline.document import is_json
from ...pipeline.fault import Unreadable
from ...pipeline.read import structures

KINDS = ("json", "yaml")
_PLACE = re.compile(r"line (\d+), column (\d+)")


class Broken(NamedTuple):
    """A text that could not be read: which one, as typed, the sentence why, and the place (from 1; 0 where unknown)."""

    kind: str
    text: str
    sentence: str
    line: int = 0
    column: int = 0


def written(structure: Any) -> dict[str, str]:
    """A structure in both forms."""
    import yaml

    return {"json": json.dumps(structure, indent=2, ensure_ascii=False) + "\n",
            "yaml": yaml.safe_dump(structure, sort_keys=False, allow_unicode=True, width=100)}


def read(kind: str, text: str) -> Any:
    """The structure that a text holds, or why it holds none: whatever `Pipeline.load` reads from a text, and in the
    field for JSON nothing but JSON."""
    if kind == "json" and not is_json(text):
        return Broken(kind, text, "JSON begins with {.", 1, 1)
    try:
        found = structures(text if "\n" in text else text + "\n")
    except Unreadable as error:
        sentence = str(error).removeprefix("the text: ")
        place = _PLACE.search(sentence)
        return Broken(kind, text, sentence, *(map(int, place.groups()) if place else ()))
    except (ValueError, TypeError, LookupError) as error:
        return Broken(kind, text, str(error))
    if len(found) != 1:
        return Broken(kind, text, f"There are {len(found)} pipelines in it; the editor takes one.")
    return found[0].structure
