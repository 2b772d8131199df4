"""What could not be resolved in a template: each thing once, with the places where it is missing."""

from __future__ import annotations

from dataclasses import dataclass, field

from .fault import Fault

SHOWN = 3


@dataclass(frozen=True)
class Told:
    """Grows while a template is resolved. The same thing at many places is one note that names the first few."""

    places: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)

    def tell(self, path: str, message: str, fix: str = "") -> None:
        self.places.setdefault((message, fix), {})[path] = None

    def add(self, other: Told) -> None:
        """Take over what another reader was told."""
        for thing, paths in other.places.items():
            self.places.setdefault(thing, {}).update(paths)

    def notes(self) -> tuple[Fault, ...]:
        """The warnings, in the order in which they arose."""
        return tuple(Fault(next(iter(paths)), "", "", message + _also(list(paths)[1:]), fix, warning=True)
                     for (message, fix), paths in self.places.items())


def _also(paths: list[str]) -> str:
    if not paths:
        return ""
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return f" Also at {', '.join(paths[:SHOWN])}{more}."
