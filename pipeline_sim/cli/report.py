"""How the command line tells faults and prints: coloured on a terminal, plain when piped."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NoReturn, TypeVar

from ..pipeline.fault import Fault, Faults, Unreadable
from ..pipeline.model import Pipeline

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")


def console(stderr: bool = False) -> Console:
    """A rich console that never wraps what is piped."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    made = Console(stderr=stderr, highlight=False, soft_wrap=not stream.isatty())
    setattr(made, "on_broken_pipe", _seen_enough)  # noqa: B010 - rich would end the program, as if there were faults
    return made


def _seen_enough() -> NoReturn:
    raise BrokenPipeError


_OBEYED = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"} | {
    code: f"\\u{code:04x}" for code in (0x200e, 0x200f, *range(0x202a, 0x202f), *range(0x2066, 0x206a))}


def shown(text: str) -> str:
    """What strangers wrote, as it can be printed: characters that a terminal obeys rather than shows are spelled out."""
    return text.translate(_OBEYED)


def tell(screen: Console, text: str, style: str = "") -> None:
    """Print a text as it is: its brackets are no markup, its control characters do nothing."""
    screen.print(shown(text), markup=False, style=style)


def tell_faults(faults: Iterable[Fault], file: str, screen: Console) -> None:
    """One fault after another: where, the exception, what, and how to mend it."""
    from rich.markup import escape

    for fault in faults:
        place = f"{fault.path} ({fault.where})" if fault.where else fault.path
        colour = "yellow" if fault.warning else "red"
        error = "warning" if fault.warning else fault.error
        named = f"[{colour}]{escape(error)}[/]: " if error else ""
        screen.print(shown(f"{escape(file)}: [bold]{escape(place)}[/]: {named}{escape(fault.message)}"))
        if fault.fix:
            tell(screen, f"    → {fault.fix}")


def tell_unreadable(problem: Unreadable, screen: Console) -> None:
    tell(screen, str(problem), "red")


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


def load_every(file: str, options: argparse.Namespace) -> list[Pipeline] | int:
    """Every pipeline of a file, or the one that is named; else the exit status after telling what is wrong."""
    from ..pipeline.read import load_all

    if options.pipeline:
        one = load(file, options.lenient, options)
        return one if isinstance(one, int) else [one]
    return _told(lambda: load_all(file, lenient=options.lenient, parameters=parameters(options)), file, options.lenient)


def load(file: str, lenient: bool = False, options: argparse.Namespace | None = None) -> Pipeline | int:
    """A pipeline from a file, or the exit status after telling what is wrong with it."""
    return _told(lambda: Pipeline.load(file, lenient=lenient, parameters=parameters(options) if options else {},
                                       name=getattr(options, "pipeline", "")), file, lenient)


def _told(read: Callable[[], T], file: str, lenient: bool) -> T | int:
    """What was read, or the exit status after telling what is wrong with it."""
    screen = console(stderr=True)
    try:
        return read()
    except Unreadable as problem:
        tell_unreadable(problem, screen)
        return 2
    except Faults as refused:
        tell_faults(refused.faults, file, screen)
        if not lenient:
            screen.print("AWS would refuse this definition. --lenient runs whatever can still be simulated.")
        return 1
