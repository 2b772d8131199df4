"""`pipeline-sim demo list | check FILE… | open FILE-OR-LINK`: can it be given, what did a shared run."""

from __future__ import annotations

import argparse
from importlib.util import find_spec

from ..pipeline.fault import Faults, Unreadable
from .report import console
from .study import told_of_files


def declare(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True)
    parts.add_parser("list", help="list the demonstrations that are ready")
    check = parts.add_parser("check", help="play a script from stop to stop, and say every fault")
    check.add_argument("files", nargs="+", metavar="FILE", help="a script, as YAML")
    check.add_argument("--json", action="store_true", help="print the faults as a JSON list")
    opening = parts.add_parser("open", help="run again what somebody shared, and print what happened")
    opening.add_argument("run", metavar="FILE-OR-LINK", help="a file, or a link with #run=…")


def run(options: argparse.Namespace) -> int:
    """Exit 0 done, 1 a file has faults, 2 something cannot be read or is not installed."""
    missing = [name for name in ("jmespath", "anywidget") if find_spec(name) is None]
    if missing:
        console(stderr=True).print(f"Demonstrations need {', '.join(missing)}: pip install 'pipeline-sim[lab,study]'.",
                                   markup=False)
        return 2
    if options.part == "check":
        from ..study.desk.script import faults

        return told_of_files(options, faults, "every stop is reached, every fork can be taken")
    return _open(options.run) if options.part == "open" else _list()


def _list() -> int:
    from ..study.desk.script import demos, load

    for name in demos():
        script = load(name)
        console().print(f"{name:10} {len(script.stops)} stops  {script.title}", markup=False)
    return 0


def _open(given: str) -> int:
    from ..study.desk.share import opened

    try:
        simulation = opened(given)
    except (Unreadable, Faults, ValueError) as problem:
        console(stderr=True).print(str(problem), markup=False)
        return 2
    console().print(str(simulation.timeline()), markup=False)
    return 0
