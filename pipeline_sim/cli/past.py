"""How the command line reads a history: files or folders, told what is wrong with them."""

from __future__ import annotations

import argparse

from ..history import History, load
from ..pipeline.fault import Faults, Unreadable
from .report import console, tell_faults, tell_unreadable


def declare_history(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("history", nargs="+", metavar="HISTORY",
                        help="what `pipeline-sim commands` saves: files (JSON, JSON lines), or a folder of them")
    parser.add_argument("--name", default="", help="the pipeline's name, where no file says it")


def read(options: argparse.Namespace) -> History | int:
    """The history, or the exit status after telling what is wrong; notes are told, too."""
    screen = console(stderr=True)
    try:
        found = load(*options.history, name=options.name)
    except Unreadable as problem:
        tell_unreadable(problem, screen)
        return 2
    except Faults as refused:
        tell_faults(refused.faults, " ".join(options.history), screen)
        return 1
    tell_faults(found.notes, " ".join(options.history), screen)
    return found
