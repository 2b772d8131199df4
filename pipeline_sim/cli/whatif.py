"""`pipeline-sim whatif FILE`: many runs, two worlds, a grid; an answer with its uncertainty, as text, report or rows."""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..pipeline.fault import Faults, Unreadable
from ..pipeline.model import Pipeline
from ..scenario import Scenario
from .report import console, declare_source, load, tell, tell_faults, tell_unreadable

if TYPE_CHECKING:
    from ..whatif.answer import Answer

ENDINGS = (".html", ".csv", ".parquet", ".json")


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--scenario", metavar="S.yaml", help="how the world behaves")
    parser.add_argument("--set", metavar="CHANGE", action="append", default=[], dest="given",
                        help="another world: 'Test/*.failure=20%%', 'pushes.every=30m', 'mode=QUEUED'; again and again")
    parser.add_argument("--compare", metavar="CHANGES", action="append", default=[],
                        help="against the same with these changes: 'parallel=Test/Unit,Test/Lint; mode=QUEUED'")
    parser.add_argument("--sweep", metavar="KNOB=A,B,C", action="append", default=[],
                        help="over these values: 'Test/Unit.failure=0%%,10%%'; twice gives a heat map")
    parser.add_argument("--matters", action="store_true", help="which duration or probability matters most")
    count = parser.add_mutually_exclusive_group()
    count.add_argument("--runs", type=int, metavar="N", help="how many runs (10,000)")
    count.add_argument("--precision", metavar="P", help="as many runs as that takes: ±1%%, ±30s")
    parser.add_argument("--measure", default="lead time", metavar="NAME", help="what is in view ('lead time')")
    parser.add_argument("--seed", type=int, default=0, help="another seed, another luck (0)")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes (1)")
    parser.add_argument("-o", "--output", metavar="OUT", help="a report: .html, .csv, .parquet or .json")
    parser.add_argument("--lenient", action="store_true", help="run whatever can still be simulated")
    declare_source(parser)


def run(options: argparse.Namespace) -> int:
    """Exit 0 with an answer; 1 for faults in the definition or scenario, 2 for what cannot be read or makes no sense."""
    screen = console(stderr=True)
    if options.output and Path(options.output).suffix.lower() not in ENDINGS:
        tell(screen, f"{options.output}: a report ends in {', '.join(ENDINGS)}.")
        return 2
    if options.output and not Path(options.output).resolve().parent.is_dir():
        tell(screen, f"{options.output}: there is no folder {Path(options.output).parent}. Make it first.")
        return 2
    pipeline = load(options.file, options.lenient, options)
    if isinstance(pipeline, int):
        return pipeline
    return _answered(options, pipeline)


def _answered(options: argparse.Namespace, pipeline: Pipeline) -> int:
    screen = console(stderr=True)
    try:
        from ..whatif.answer import Question, answer

        scenario = Scenario.load(options.scenario, [pipeline])
        question = Question(pipeline, scenario, tuple(options.given), tuple(options.compare),
                            tuple(map(_knob, options.sweep)), options.matters, options.runs, options.precision,
                            options.measure, options.seed, options.workers)
        found = answer(question, command=_command(options), files=list(_files(options)))
        _told(found, options.output)
    except Unreadable as problem:
        tell_unreadable(problem, screen)
        return 2
    except Faults as refused:
        said = getattr(refused, "__notes__", [])  # by the change, if one is at fault
        tell_faults(refused.faults, said[0] if said else options.scenario or options.file, screen)
        return 1
    except ImportError as missing:
        tell(screen, f"{missing}. What-if needs more libraries: pip install 'pipeline-sim[whatif]'.")
        return 2
    except (ValueError, OSError) as problem:
        tell(screen, str(problem))
        return 2
    return 0


def _knob(text: str) -> tuple[str, tuple[str, ...]]:
    """`Test/Unit.failure=0%,10%` is a knob with its values; commas inside brackets do not part them."""
    name, equals, values = text.partition("=")
    parts, depth = [""], 0
    for sign in values:
        depth += (sign in "{[") - (sign in "}]")
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    if not equals or not all(part.strip() for part in parts):
        raise ValueError(f"{text!r} is no grid: write --sweep 'Test/Unit.failure=0%,10%,20%'.")
    return name.strip(), tuple(part.strip() for part in parts)


def _command(options: argparse.Namespace) -> str:
    """The call again, without where its report goes."""
    words = ["pipeline-sim", "whatif", options.file]
    for flag, value in (("--scenario", options.scenario), ("--runs", options.runs), ("--precision", options.precision),
                        ("--seed", options.seed or None), ("--pipeline", options.pipeline or None)):
        words += [flag, str(value)] if value is not None else []
    for flag, values in (("--parameter", options.parameter), ("--set", options.given), ("--compare", options.compare),
                         ("--sweep", options.sweep)):
        words += [word for value in values for word in (flag, value)]
    words += ["--measure", options.measure] if options.measure != "lead time" else []
    words += [flag for flag, on in (("--matters", options.matters), ("--lenient", options.lenient)) if on]
    return shlex.join(words)


def _files(options: argparse.Namespace) -> Iterator[tuple[str, str]]:
    for name in filter(None, (options.file, options.scenario)):
        yield Path(name).name, hashlib.sha256(Path(name).read_bytes()).hexdigest()[:16]


# ---------------------------------------------------------------------------------------------- what is told


def _told(found: Answer, output: str | None) -> None:
    if not output:
        _print(found)
        return
    path = Path(output)
    {".html": _html, ".csv": _csv, ".parquet": _parquet, ".json": _json}[path.suffix.lower()](found, path)
    screen = console()
    for sentence in found.sentences:
        tell(screen, sentence)
    tell(screen, f"Written to {path}.")


def _print(found: Answer) -> None:
    screen = console()
    for sentence in found.sentences:
        tell(screen, sentence, "bold")
    for _, pair in found.comparisons:
        tell(screen, f"\n{pair}")
    for part in (found.sweep, found.tornado):
        if part is not None:
            tell(screen, f"\n{part}")
    tell(screen, f"\n{found.result}")
    if found.exact is not None:
        tell(screen, f"\nclosed forms beside it:\n{found.exact.beside(found.result)}")
    tell(screen, "\nWhat this rests on:\n" + "\n".join(f"  {line}" for line in found.assumptions()))


def _html(found: Answer, path: Path) -> None:
    from ..whatif.page import page

    path.write_text(page(found), encoding="utf-8")


def _csv(found: Answer, path: Path) -> None:
    rows = list(found.rows())
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _parquet(found: Answer, path: Path) -> None:
    from pandas import DataFrame

    DataFrame(list(found.rows())).to_parquet(path, index=False)


def _json(found: Answer, path: Path) -> None:
    said = {"pipeline": found.result.pipeline.name, "command": found.command, "runs": found.result.runs,
            "seed": found.result.seed, "by": found.result.by, "answer": found.sentences, "assumptions": found.assumptions(),
            "files": [{"name": name, "sha256": digest} for name, digest in found.files],
            "rows": [{key: _finite(value) for key, value in row.items()} for row in found.rows()]}
    path.write_text(json.dumps(said, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def _finite(value: Any) -> Any:
    """JSON has no infinity: what is not bounded is null."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
