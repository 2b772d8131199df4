"""`pipeline-sim challenge list | check FILE…`: which broken pipelines there are, and whether a teacher's own are true."""

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


def run(options: argparse.Namespace) -> int:
    """Exit 0 done, 1 a file has faults, 2 something cannot be read or is not installed."""
    if find_spec("jmespath") is None:
        console(stderr=True).print("Challenges need jmespath: pip install 'pipeline-sim[study]'.", markup=False)
        return 2
    if options.part == "check":
        return told_of_files(options, _faults, "every challenge is as it says")
    return _list(options)


def _list(options: argparse.Namespace) -> int:
    from ..study.clinic.reading import challenges

    try:
        found = challenges(language=options.language)
    except ValueError as problem:
        console(stderr=True).print(str(problem), markup=False)
        return 2
    screen = console()
    for case in found:
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
