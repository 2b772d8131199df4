"""`pipeline-sim check FILE…`: every fault of each definition at once."""

from __future__ import annotations

import argparse
import json

from ..pipeline.check import check
from ..pipeline.fault import Fault, Faults, Unreadable
from ..pipeline.found import Found
from ..pipeline.read import chosen, structures
from .report import console, declare_source, parameters, tell, tell_faults, tell_unreadable

EXAMPLES = """\
  pipeline-sim check pipeline.json
  pipeline-sim check template.yaml --pipeline Shop --parameter Env=prod
  aws codepipeline get-pipeline --name web-shop | pipeline-sim check /dev/stdin
"""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="a definition: JSON, YAML or a template")
    parser.add_argument("--json", action="store_true", help="print the faults as a JSON list")
    declare_source(parser)


def run(options: argparse.Namespace) -> int:
    """Exit 0 without faults, 1 with faults, 2 where a file cannot be read."""
    screen, errors = console(), console(stderr=True)
    rows, status = [], 0
    for file in options.files:
        try:
            faults = _faults(file, options)
        except Faults as contradicts:  # the template itself, such as two parts that need each other
            faults = [("", list(contradicts.faults))]
        except Unreadable as problem:
            tell_unreadable(problem, errors)
            status = 2
            continue
        found = [fault for _, some in faults for fault in some if not fault.warning]
        status = max(status, 1 if found else 0)
        rows += [{**fault.as_row(file), **({"pipeline": name} if name else {})}
                 for name, some in faults for fault in some if not fault.warning]
        if not options.json:
            for name, some in faults:
                tell_faults(some, f"{file} ({name})" if name else file, screen)
            tell(screen, _verdict(file, found))
    if options.json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    return status


def _faults(file: str, options: argparse.Namespace) -> list[tuple[str, list[Fault]]]:
    """The faults of each pipeline by its name in the file; of a single one by no name."""
    found: list[Found] = structures(file, parameters(options))
    if options.pipeline:
        found = [chosen(found, options.pipeline, file)]
    return [(one.name if len(found) > 1 else "", [*one.notes, *check(one.structure)]) for one in found]


def _verdict(file: str, found: list[Fault]) -> str:
    if not found:
        return f"{file}: no faults."
    return f"{file}: {len(found)} fault{'s' if len(found) > 1 else ''}."
