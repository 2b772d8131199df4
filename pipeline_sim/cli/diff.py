"""`pipeline-sim diff OLD NEW`: what changed between two definitions, and what an update does to executions under way."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from ..pipeline.diff import Change, consequences, diff
from ..pipeline.fault import Faults, Unreadable
from ..pipeline.model import Pipeline
from ..pipeline.read import structures
from .report import console, declare_source, load, parameters

COLOURS = {"new": "green", "gone": "red", "renamed": "yellow", "moved": "yellow", "changed": ""}

EXAMPLES = """\
  pipeline-sim diff old.json new.json
  pipeline-sim diff old.json new.json --history folder/          and what becomes of each execution under way
"""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="OLD", help="the definition as it is: JSON, YAML or a template")
    parser.add_argument("new", metavar="NEW", help="the definition as it shall be")
    parser.add_argument("--history", nargs="+", metavar="HISTORY", default=[],
                        help="what is under way now, as `pipeline-sim commands` saves it")
    parser.add_argument("--json", action="store_true", help="print changes and consequences as JSON")
    declare_source(parser)


def run(options: argparse.Namespace) -> int:
    """Exit 0 where nothing changed, 1 where something did (as `diff` does), 2 where a file cannot be read."""
    found = [_load(file, options) for file in (options.old, options.new)]
    old, new = found
    if isinstance(old, int) or isinstance(new, int):
        return 2
    changes = diff(old, new)
    told = consequences(old, new) if changes else []
    if changes and options.history:
        working = _under_way(options, old.name)
        if isinstance(working, int):
            return working
        told += working
    if options.json:
        rows = [{"kind": one.kind, "place": one.place, "member": one.member, "text": one.text} for one in changes]
        print(json.dumps({"changes": rows, "consequences": told}, indent=2, ensure_ascii=False))
        return 1 if changes else 0
    return _tell(changes, told)


def _load(file: str, options: argparse.Namespace) -> Pipeline | int:
    """A pipeline of a file; which one --pipeline says is a question only where there are several."""
    try:
        alone = len(structures(file, parameters(options))) == 1
    except (Unreadable, Faults):
        alone = False  # `load` tells what is wrong
    return load(file, True, argparse.Namespace(**{**vars(options), "pipeline": ""}) if alone else options)


def _under_way(options: argparse.Namespace, name: str) -> list[str] | int:
    """What the update would do to each execution that the history shows as under way."""
    from ..history import Replay
    from ..views.update import under_way
    from .past import read

    options.name = name
    past = read(options)
    return past if isinstance(past, int) else under_way(next(iter(Replay(past).state.pipelines.values())))


def _tell(changes: Sequence[Change], told: Sequence[str]) -> int:
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
