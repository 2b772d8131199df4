"""Writes pipeline_sim/shapes.json: the facts of CodePipeline's API model that the core needs, without botocore.

    python tools/make_shapes.py            writes the file
    python tools/make_shapes.py --check    says whether it is what the installed botocore says (exit 1 if not)

Kept: each operation's input, output and declared errors; the shapes of the inputs with their members, limits, patterns
and enums; the HTTP status of errors other than 400. Left out: every text.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "pipeline_sim" / "shapes.json"
FACTS = ("type", "required", "min", "max", "pattern", "enum", "sensitive")


def read_model() -> dict[str, Any]:
    """The service model of the installed botocore."""
    import botocore.loaders

    model: dict[str, Any] = botocore.loaders.Loader().load_service_model("codepipeline", "service-2")
    return model


def make(model: dict[str, Any]) -> dict[str, Any]:
    """The facts, in a stable order."""
    operations = {name: _operation(entry) for name, entry in sorted(model["operations"].items())}
    names: set[str] = set()
    for operation in operations.values():
        if operation["input"]:
            _reach(model["shapes"], operation["input"], names)
    shapes = {name: _shape(model["shapes"][name]) for name in sorted(names)}
    return {"operations": operations, "statuses": _statuses(model["shapes"]), "shapes": shapes}


def _operation(entry: dict[str, Any]) -> dict[str, Any]:
    return {"input": entry.get("input", {}).get("shape", ""), "output": entry.get("output", {}).get("shape", ""),
            "errors": sorted(error["shape"] for error in entry.get("errors", ()))}


def _statuses(shapes: dict[str, Any]) -> dict[str, int]:
    return {name: shape["error"]["httpStatusCode"] for name, shape in sorted(shapes.items()) if "error" in shape}


def _shape(shape: dict[str, Any]) -> dict[str, Any]:
    facts = {fact: shape[fact] for fact in FACTS if fact in shape}
    if "members" in shape:
        facts["members"] = {name: member["shape"] for name, member in shape["members"].items()}
    for part in ("member", "key", "value"):
        if part in shape:
            facts[part] = shape[part]["shape"]
    return facts


def _reach(shapes: dict[str, Any], name: str, names: set[str]) -> None:
    if name in names:
        return
    names.add(name)
    shape = _shape(shapes[name])
    parts = [*shape.get("members", {}).values(), *(shape[key] for key in ("member", "key", "value") if key in shape)]
    for part in parts:
        _reach(shapes, part, names)


def text_of(facts: dict[str, Any]) -> str:
    """As the file holds it: one shape or operation a line."""
    sections = []
    for section, entries in facts.items():
        lines = [f"{json.dumps(name)}: {json.dumps(entry, separators=(', ', ': '))}" for name, entry in entries.items()]
        sections.append(f"{json.dumps(section)}: {{\n " + ",\n ".join(lines) + "}")
    return "{" + ",\n".join(sections) + "}\n"


def main(arguments: list[str]) -> int:
    text = text_of(make(read_model()))
    if arguments == ["--check"]:
        return 0 if TARGET.read_text() == text else 1
    TARGET.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
