"""How runs and pipelines leave the house: in AWS's own shapes, as tables, and as event logs of other tools."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..record import Record
from ..state import fold

Writer = Callable[[Sequence[Record], Path], list[Path]]


def _aws(records: Sequence[Record], target: Path) -> list[Path]:
    from .aws import write

    state = fold(records)
    several = len(state.pipelines) > 1
    return [path for name in state.pipelines for path in write(state, name, target / name if several else target)]


def _csv(records: Sequence[Record], target: Path) -> list[Path]:
    from .tables import write_csv

    return write_csv(records, target)


def _parquet(records: Sequence[Record], target: Path) -> list[Path]:
    from .tables import write_parquet

    return write_parquet(records, target)


def _xes(records: Sequence[Record], target: Path) -> list[Path]:
    from .xes import to_xes

    return _text(target, to_xes(records))


def _vidigi(records: Sequence[Record], target: Path) -> list[Path]:
    from .vidigi import to_csv, to_vidigi

    return _text(target, to_csv(to_vidigi(records)))


def _text(path: Path, text: str) -> list[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")
    return [path]


RUNS: Mapping[str, tuple[Writer, str]] = {
    "aws": (_aws, "folder"), "csv": (_csv, "folder"), "parquet": (_parquet, "folder"), "xes": (_xes, "file"),
    "vidigi": (_vidigi, "file")}
"""How a run can be written, and whether that makes a folder of files or one file."""


def write(records: Sequence[Record], form: str, target: str | Path) -> list[Path]:
    """Write a run in one of the forms; the files that were written. ValueError for another form, OSError where a file
    cannot be written, ModuleNotFoundError for parquet without pyarrow."""
    if form not in RUNS:
        raise ValueError(f"A run is written as {', '.join(RUNS)}, not as {form!r}.")
    return RUNS[form][0](records, Path(target))
