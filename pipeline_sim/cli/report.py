"""How the command line tells faults and prints: coloured on a terminal, plain when piped."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..pipeline.fault import Fault, Faults, Unreadable
from ..pipeline.model import Pipeline

if TYPE_CHECKING:
    from rich.console import Console


def console(stderr: bool = False) -> Console:
    """A rich console that never wraps what is piped."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, soft_wrap=not stream.isatty())


def tell_faults(faults: Iterable[Fault], file: str, screen: Console) -> None:
    """One fault after another: where, the exception, what, and how to mend it."""
    from rich.markup import escape

    for fault in faults:
        place = f"{fault.path} ({fault.where})" if fault.where else fault.path
        colour = "yellow" if fault.warning else "red"
        error = "warning" if fault.warning else fault.error
        screen.print(f"{escape(file)}: [bold]{escape(place)}[/]: [{colour}]{escape(error)}[/]: {escape(fault.message)}")
        if fault.fix:
            screen.print(f"    → {escape(fault.fix)}")


def tell_unreadable(problem: Unreadable, screen: Console) -> None:
    from rich.markup import escape

    screen.print(f"[red]{escape(str(problem))}[/]")


def declare_source(parser: argparse.ArgumentParser) -> None:
    """The options that say which pipeline of a file is meant, and what a template's parameters are."""
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE",
                        help="a parameter of the template (CloudFormation, or a variable of Terraform); may be repeated")
    parser.add_argument("--pipeline", default="", metavar="NAME",
                        help="which pipeline of the file: its logical id, address or name")


def parameters(options: argparse.Namespace) -> dict[str, str]:
    """What was given with --parameter. Raises Unreadable where that is no NAME=VALUE."""
    found = {}
    for one in getattr(options, "parameter", []):
        name, equals, value = one.partition("=")
        if not equals or not name.strip():
            raise Unreadable(f"--parameter {one}: write NAME=VALUE.")
        found[name.strip()] = value
    return found


def load(file: str, lenient: bool = False, options: argparse.Namespace | None = None) -> Pipeline | int:
    """A pipeline from a file, or the exit status after telling what is wrong with it."""
    screen = console(stderr=True)
    try:
        given = parameters(options) if options else {}
        return Pipeline.load(file, lenient=lenient, parameters=given, name=getattr(options, "pipeline", ""))
    except Unreadable as problem:
        tell_unreadable(problem, screen)
        return 2
    except Faults as refused:
        tell_faults(refused.faults, file, screen)
        if not lenient:
            screen.print("AWS would refuse this definition. --lenient runs whatever can still be simulated.")
        return 1
