"""`pipeline-sim diff OLD NEW`: what changed between two definitions, and what an update does to executions under way."""

from __future__ import annotations

import argparse
import json

from ..pipeline.diff import consequences, diff
from .report import console, declare_source, load

COLOURS = {"new": "green", "gone": "red", "renamed": "yellow", "moved": "yellow", "changed": ""}


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="OLD", help="the definition as it is: JSON, YAML or a template")
    parser.add_argument("new", metavar="NEW", help="the definition as it shall be")
    parser.add_argument("--json", action="store_true", help="print changes and consequences as JSON")
    declare_source(parser)


def run(options: argparse.Namespace) -> int:
    """Exit 0 where nothing changed, 1 where something did (as `diff` does), 2 where a file cannot be read."""
    found = [load(file, lenient=True, options=options) for file in (options.old, options.new)]
    old, new = found
    if isinstance(old, int) or isinstance(new, int):
        return 2
    changes = diff(old, new)
    told = consequences(old, new) if changes else []
    if options.json:
        rows = [{"kind": one.kind, "place": one.place, "member": one.member, "text": one.text} for one in changes]
        print(json.dumps({"changes": rows, "consequences": told}, indent=2, ensure_ascii=False))
        return 1 if changes else 0
    screen = console()
    for change in changes:
        screen.print(change.text, style=COLOURS[change.kind], markup=False)
    if not changes:
        screen.print("Nothing changed: the two mean the same.")
        return 0
    screen.print("\nWhat UpdatePipeline does with it:")
    for sentence in told:
        screen.print(f"- {sentence}", markup=False)
    return 1
