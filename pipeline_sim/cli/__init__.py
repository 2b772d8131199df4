"""The `pipeline-sim` command line: one module for each command, found here and loaded when it is called."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from .. import __version__

COMMANDS = {
    "check": "say every fault of a definition, with its place and remedy",
    "run": "run a definition and print what happened",
    "whatif": "run it many times: how long, how sure, what if it were otherwise",
    "draw": "draw a definition as SVG, PNG, PDF or DOT",
    "study": "list the course's themes, check questions of your own, write cards for Anki",
    "challenge": "list the broken pipelines that there are to mend, check challenges of your own",
    "demo": "check the script of a demonstration, open a run that somebody shared",
    "diff": "say what changed between two definitions, and what an update does",
    "export": "write a run, a history or a definition for other tools",
    "commands": "print the aws commands that save a pipeline's definition and history",
    "replay": "tell what a real pipeline did, from its saved history",
    "calibrate": "make a scenario from what a real pipeline did",
    "serve": "let AWS's own tools ask the simulation over HTTP",
    "lab": "copy the course's notebooks to a folder of yours and open them in JupyterLab",
    "conformance": "say how much of the API's model is reached",
}
GOOD, FAULTY, UNREADABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status: 0 done, 1 the input has faults, 2 it cannot be read or the call is wrong."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):  # what a terminal of few characters cannot show is spelled out
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    parser = _parser(words[0] if words and words[0] in COMMANDS else None)
    options = parser.parse_args(words)
    if options.command is None:
        parser.print_help()
        return UNREADABLE
    try:
        return int(import_module(f".{options.command.replace('-', '_')}", __name__).run(options))
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - it must outlive this function
        return GOOD
    except OSError as problem:  # a full disk, a terminal that is gone
        print(f"pipeline-sim: the output cannot be written: {problem.strerror or problem}", file=sys.stderr)
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return UNREADABLE
    except KeyboardInterrupt:
        return 130


def _parser(called: str | None) -> argparse.ArgumentParser:
    """Only the called command says its options: the others stay unloaded."""
    parser = argparse.ArgumentParser(prog="pipeline-sim", description="AWS CodePipeline on a clock that you hold.")
    parser.add_argument("--version", action="version", version=f"pipeline-sim {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, help_text in COMMANDS.items():
        command = commands.add_parser(name, help=help_text, description=help_text[0].upper() + help_text[1:] + ".")
        if name == called:
            module = import_module(f".{name.replace('-', '_')}", __name__)
            module.declare(command)
            if examples := getattr(module, "EXAMPLES", ""):
                command.formatter_class, command.epilog = argparse.RawDescriptionHelpFormatter, f"examples:\n{examples}"
    return parser
