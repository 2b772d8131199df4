"""`pipeline-sim study themes | check FILE… | anki FILE`: what is asked, whether a file is true, cards."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ..pipeline.fault import Fault, Faults, Unreadable
from .report import console, tell_unreadable

if TYPE_CHECKING:
    from rich.console import Console

NEEDED = ("jmespath", "fsrs", "genanki")


def declare(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True)
    themes = parts.add_parser("themes", help="list the themes, and how many questions each has")
    themes.add_argument("--language", default="en", help="the course's language")
    check = parts.add_parser("check", help="run the proofs of a file of questions, and say every fault")
    check.add_argument("files", nargs="+", metavar="FILE", help="questions or predictions, as YAML")
    check.add_argument("--json", action="store_true", help="print the faults as a JSON list")
    anki = parts.add_parser("anki", help="write the questions as a deck for Anki")
    anki.add_argument("output", metavar="FILE.apkg", help="where the deck is written")
    anki.add_argument("--theme", action="append", help="only this theme; may be given several times")
    anki.add_argument("--wrong", metavar="PROGRESS", help="only what was wrong last, by this file of progress")
    anki.add_argument("--language", default="en", help="the course's language")


def run(options: argparse.Namespace) -> int:
    """Exit 0 done, 1 a file has faults, 2 something cannot be read or is not installed."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        console(stderr=True).print(f"The course needs {', '.join(missing)}: pip install 'pipeline-sim[study]'.",
                                   markup=False)
        return 2
    try:
        return {"themes": _themes, "check": _check, "anki": _anki}[options.part](options)
    except (ValueError, OSError) as problem:
        console(stderr=True).print(str(problem), markup=False)
        return 2


def _themes(options: argparse.Namespace) -> int:
    from ..study.bank import questions, themes
    from ..study.proof import shown_by

    screen = console()
    for theme, count in themes(options.language).items():
        screen.print(f"{count:4}  {theme}", markup=False)
    found = Counter(shown_by(option) for one in questions(language=options.language) for option in one.options)
    told = {"run": "a run", "many": "many runs", "check": "the check of a definition", "policy": "IAM's rules",
            "catalogue": "the catalogue of actions and operations"}
    proven = ", ".join(f"{found[kind]} {what}" for kind, what in told.items())
    screen.print(f"{found.total()} answers. What proves them: {proven}; {found['evidence']} rest on evidence alone.",
                 markup=False)
    return 0


def _check(options: argparse.Namespace) -> int:
    return told_of_files(options, _faults, "every answer is as it says")


def told_of_files(options: argparse.Namespace, look: Callable[[str], list[Fault]], good: str) -> int:
    """Tell what `look` finds in each of the files, as text or as JSON; the exit status."""
    screen, errors = console(), console(stderr=True)
    rows, status = [], 0
    for file in options.files:
        try:
            faults = look(file)
        except Unreadable as problem:
            tell_unreadable(problem, errors)
            status = 2
            continue
        status = max(status, 1 if faults else 0)
        rows += [fault.as_row(file) for fault in faults]
        if not options.json:
            _tell(file, faults, screen, good)
    if options.json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    return status


def _faults(file: str) -> list[Fault]:
    """What is wrong with the form of a file; where nothing is, what its proofs say."""
    from ..study.proof import faults, prediction_faults
    from ..study.reading import load

    try:
        questions, predictions = load(file)
    except Faults as refused:
        return list(refused.faults)
    return [*faults(questions), *prediction_faults(predictions)]


def _tell(file: str, faults: list[Fault], screen: Console, good: str) -> None:
    for fault in faults:
        place = f"{fault.path} ({fault.where})" if fault.where else fault.path or "the file"
        screen.print(f"{file}: {place}: {fault.message}", markup=False)
        if fault.fix:
            screen.print(f"    → {fault.fix}", markup=False)
    count = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}" if faults else good
    screen.print(f"{file}: {count}.", markup=False)


def _anki(options: argparse.Namespace) -> int:
    from ..study.anki import export
    from ..study.bank import predictions, questions
    from ..study.progress import Progress

    wrong = set(Progress(options.wrong).wrong()) if options.wrong else None
    found = questions(options.theme, language=options.language, where=lambda one: wrong is None or one.key in wrong)
    foretold = [] if options.theme else predictions(language=options.language)
    wanted = [one for one in foretold if wrong is None or one.key in wrong]
    count = export(found, options.output, options.language, wanted)
    console().print(f"{options.output}: {count} cards.", markup=False)
    return 0
