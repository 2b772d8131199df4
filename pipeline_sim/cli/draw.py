"""`pipeline-sim draw FILE -o p.svg|png|pdf|dot`: the picture of a definition."""

from __future__ import annotations

import argparse

from .report import console, declare_source, load, tell


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("-o", "--output", required=True, metavar="PICTURE", help="its ending says the format")
    parser.add_argument("--artifacts", action="store_true", help="show which artifacts flow where")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--lenient", action="store_true", help="draw what AWS would refuse")
    declare_source(parser)


def run(options: argparse.Namespace) -> int:
    from ..views.graph import CannotDraw, render

    pipeline = load(options.file, options.lenient, options)
    if isinstance(pipeline, int):
        return pipeline
    screen = console(stderr=True)
    try:
        drawn = render(pipeline, options.output, artifacts=options.artifacts, theme=options.theme)
    except CannotDraw as problem:
        tell(screen, str(problem))
        return 2
    except OSError as problem:
        tell(screen, f"{options.output}: cannot be written: {problem.strerror or problem}.")
        return 2
    if drawn.hint:
        tell(screen, drawn.hint)
    return 0
