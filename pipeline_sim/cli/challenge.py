"""`pipeline-sim challenge list | check FILE… | assignment FILE KEY…`: broken pipelines: which, whether true, as homework."""

from __future__ import annotations

import argparse
from importlib.util import find_spec

from ..pipeline.fault import Fault, Faults
from .report import console
from .study import told_of_files


def declare(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True)
    listed = parts.add_parser("list", help="list the challenges by key")
    listed.add_argument("--domain", help="only this domain of DVA-C02, such as security")
    listed.add_argument("--language", default="en", help="the course's language")
    check = parts.add_parser("check", help="run the proofs of a file of challenges, and say every fault")
    check.add_argument("files", nargs="+", metavar="FILE", help="challenges, as YAML")
    check.add_argument("--json", action="store_true", help="print the faults as a JSON list")
    written = parts.add_parser("assignment", help="write a notebook of challenges with locked tests, for nbgrader")
    written.add_argument("output", metavar="FILE.ipynb", help="where the notebook is written")
    written.add_argument("keys", nargs="+", metavar="KEY", help="the challenges, in their order")
    written.add_argument("--points", type=float, default=10, help="points for each challenge")


def run(options: argparse.Namespace) -> int:
    """Exit 0 done, 1 a file has faults, 2 something cannot be read or is not installed."""
    if find_spec("jmespath") is None:
        console(stderr=True).print("Challenges need jmespath: pip install 'pipeline-sim[study]'.", markup=False)
        return 2
    if options.part == "check":
        return told_of_files(options, _faults, "every challenge is as it says")
    try:
        return _assignment(options) if options.part == "assignment" else _list(options)
    except (ValueError, OSError) as problem:
        console(stderr=True).print(str(problem), markup=False)
        return 2


def _assignment(options: argparse.Namespace) -> int:
    from ..study.desk.assignment import write

    write(options.output, options.keys, points=options.points)
    console().print(f"{options.output}: {len(options.keys)} challenges, {options.points:g} points each.", markup=False)
    return 0


def _list(options: argparse.Namespace) -> int:
    from ..study.clinic.reading import challenges

    screen = console()
    for case in challenges(language=options.language):
        if options.domain in (None, case.domain):
            screen.print(f"{case.key:22} level {case.level}, par {case.par:3}  {case.domain:15} {case.title}", markup=False)
    return 0


def _faults(file: str) -> list[Fault]:
    from ..study.clinic.proof import faults
    from ..study.clinic.reading import load

    try:
        return faults(load(file))
    except Faults as refused:
        return list(refused.faults)
