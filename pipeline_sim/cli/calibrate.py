"""`pipeline-sim calibrate HISTORY… -o scenario.yaml`: a scenario from what a real pipeline did."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from .past import declare_history, read
from .report import console

if TYPE_CHECKING:
    from ..history.fit import Calibration

NEEDED = "This needs scipy and matplotlib: pip install 'pipeline-sim[whatif]'"

EXAMPLES = """\
  pipeline-sim calibrate folder/ -o learnt.yaml --zone Europe/Berlin --picture fit.png
  pipeline-sim run pipeline.json --scenario learnt.yaml --until 1d
"""


def declare(parser: argparse.ArgumentParser) -> None:
    declare_history(parser)
    parser.add_argument("-o", "--output", metavar="S.yaml", help="where the scenario goes (it is printed)")
    parser.add_argument("--zone", default="UTC", metavar="REGION/CITY", help="the time zone in which people work (UTC)")
    parser.add_argument("--picture", metavar="FILE", help="how well it fits: .png, .svg or .pdf")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")


def run(options: argparse.Namespace) -> int:
    """Exit 2 where the history cannot be read, nothing can be written, or a library is missing."""
    past, screen = read(options), console(stderr=True)
    if isinstance(past, int):
        return past
    try:
        from ..history.fit import calibrate
        from ..history.fit.told import to_yaml

        found = calibrate(past, options.zone)
        text = to_yaml(found)
        if options.picture:
            _draw(found, options)
        if options.output:
            Path(options.output).write_text(text, encoding="utf-8")
        else:
            print(text, end="")
    except ModuleNotFoundError as missing:
        screen.print(f"{NEEDED} ({missing.name} is not there)", markup=False)
        return 2
    except OSError as problem:
        if not problem.filename:
            raise
        screen.print(f"{problem.filename}: cannot be written: {problem.strerror}", markup=False)
        return 2
    except ValueError as problem:
        screen.print(str(problem), markup=False)
        return 2
    return 0


def _draw(found: Calibration, options: argparse.Namespace) -> None:
    from ..history.fit.picture import draw

    draw(found, options.picture, theme=options.theme)
