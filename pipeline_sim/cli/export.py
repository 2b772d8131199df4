"""`pipeline-sim export FILE --as FORM -o TARGET`: a run, a real history or a definition for other tools."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..export import RUNS, write
from ..export.definition import FORMS, to_text
from ..pipeline.fault import Faults
from ..pipeline.model import Pipeline
from ..record import Record
from .report import console, declare_source, load, tell_faults
from .run import declare_run, scenario_of
from .run import play as play_run

EXAMPLES = """\
  pipeline-sim export pipeline.json --scenario s.yaml --until 5d --as csv -o tables/
  pipeline-sim export folder/ --history --as xes -o log.xes      a real history for process mining
  pipeline-sim export template.yaml --pipeline Shop --as create-pipeline -o shop.json
"""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", nargs="+", help="a definition; with --history a history's files or folder")
    parser.add_argument("--as", dest="form", required=True, choices=[*RUNS, *FORMS],
                        help=f"a run as {', '.join(RUNS)}; a definition as {', '.join(FORMS)}")
    parser.add_argument("-o", "--output", metavar="TARGET", help="a file, or a folder for aws, csv and parquet")
    parser.add_argument("--history", action="store_true", help="FILE is a real history, as `pipeline-sim replay` reads it")
    parser.add_argument("--name", default="", help="the pipeline's name, where no file of the history says it")
    declare_run(parser)
    declare_source(parser)


def run(options: argparse.Namespace) -> int:
    """Exit 1 for faults, 2 for what cannot be read or written."""
    if options.form in FORMS:
        return _definition(options)
    if not options.output:
        return _refuse("Say where it goes: -o TARGET.")
    records = _past(options) if options.history else _run(options)
    if isinstance(records, int):
        return records
    try:
        written = write(records, options.form, options.output)
    except ModuleNotFoundError as missing:
        return _refuse(f"This needs {missing.name}: pip install 'pipeline-sim[whatif]'")
    except OSError as problem:
        return _refuse(f"{options.output}: cannot be written: {problem}")
    for path in written:
        print(path)
    return 0


def _refuse(sentence: str) -> int:
    console(stderr=True).print(sentence, markup=False)
    return 2


def _one(options: argparse.Namespace) -> Pipeline | int:
    if len(options.file) > 1:
        return _refuse("Name one definition.")
    return load(options.file[0], options.lenient, options)


def _run(options: argparse.Namespace) -> Sequence[Record] | int:
    pipeline = _one(options)
    if isinstance(pipeline, int):
        return pipeline
    scenario = scenario_of(options.scenario, pipeline)
    if isinstance(scenario, int):
        return scenario
    try:
        return play_run(pipeline, scenario, options.seed, options.until).records
    except ValueError as problem:
        return _refuse(str(problem))


def _past(options: argparse.Namespace) -> Sequence[Record] | int:
    from ..history import Replay
    from .past import read

    options.history = options.file
    found = read(options)
    return found if isinstance(found, int) else Replay(found).records


def _of_history(options: argparse.Namespace) -> Pipeline | int:
    """The definition that a history holds, or what its actions say of it."""
    from ..history import Replay
    from .past import read

    options.history = options.file
    found = read(options)
    return found if isinstance(found, int) else list(Replay(found).definitions.values())[-1]


def _definition(options: argparse.Namespace) -> int:
    pipeline = _of_history(options) if options.history else _one(options)
    if isinstance(pipeline, int):
        return pipeline
    try:
        text = to_text(pipeline, options.form)
        if options.output:
            Path(options.output).write_text(text, encoding="utf-8")
        else:
            sys.stdout.write(text)
    except Faults as refused:
        tell_faults(refused.faults, options.file[0], console(stderr=True))
        return 1
    except OSError as problem:
        if not options.output:
            raise
        return _refuse(f"{options.output}: cannot be written: {problem}")
    return 0
