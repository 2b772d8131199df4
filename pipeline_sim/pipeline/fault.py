"""What is wrong with a file that somebody wrote: every fault at once, each with its place and its remedy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Fault:
    """One fault. `path` is where in the document (`stages[2].actions[0]`), `where` the stage and action by name
    (`Prod/Deploy`), `error` the exception that AWS would raise. A `warning` is worth saying but refuses nothing."""

    path: str
    where: str
    error: str
    message: str
    fix: str
    warning: bool = False

    def __str__(self) -> str:
        place = f"{self.path} ({self.where})" if self.where else self.path
        return f"{place or 'the document'}: {self.message} {self.fix}".strip()

    def as_row(self, file: str = "") -> Mapping[str, str]:
        """The row that `pipeline-sim check --json` prints."""
        return {"file": file, "path": self.path, "where": self.where, "error": self.error,
                "message": self.message, "fix": self.fix}


class Faults(ValueError):
    """A document was refused; `faults` says all that is wrong with it."""

    def __init__(self, faults: Iterable[Fault], file: str = "") -> None:
        self.faults = tuple(faults)
        self.file = file
        count = len(self.faults)
        title = f"{file or 'the document'} has {count} fault{'s' if count != 1 else ''}:"
        super().__init__("\n  ".join([title, *map(str, self.faults)]))


class Unreadable(ValueError):
    """A document could not be read at all: no such file, no JSON or YAML (with line and column), no pipeline in it."""


def near(name: str, names: Iterable[object]) -> str:
    """A hint at the name that was meant: `Did you mean 'Prod'?`, or nothing."""
    known = [str(one) for one in names]
    close = [one for one in known if one.lower() == name.lower()] or get_close_matches(name, known, n=1, cutoff=0.6)
    return f"Did you mean '{close[0]}'?" if close else ""
