"""What a browser sees of a run that goes on elsewhere: the console's own front end, which asks again and again.

It looks on: whatever would change something is refused, and the same command can be copied. Nothing here needs a notebook.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from string import Template
from typing import Any, cast

from ..record import Record
from ..refused import Refused
from ..simulation import Simulation
from . import sources
from .columns import pack
from .doors import about, offer, offers, pane
from .film import Filming
from .pictures import Drawing, pictures


def commands_only(watch: Any, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What may be done, as far as a command of AWS does it: pushes, time and luck are not for a page that looks on."""
    found = offers(watch, body)
    return {**found, "offers": [one for one in found["offers"] if one["command"].startswith("aws ")]}


LOOKING = {"about": about, "offers": commands_only, "offer": offer, "pane": pane}
ONLY_LOOKS = "This page looks on. Copy the command and run it in a terminal where the printed variables are set."


@dataclass
class Watch:
    """The film of one pipeline of a simulation, as far as it has come. To the doors that look it is a console."""

    simulation: Simulation
    pipeline_name: str
    filming: Filming = field(init=False)
    drawn: tuple[tuple[Drawing, ...], str] = ((), "")

    def __post_init__(self) -> None:
        self.filming = Filming(self.pipeline_name)

    @property
    def records(self) -> Sequence[Record]:
        return self.simulation.records

    @property
    def position(self) -> int:
        return len(self.records)

    def film(self, have: str = "") -> dict[str, Any]:
        """The film and its pictures in base64, each left out where the browser has it; `have` is what it was told before."""
        simulation, filming = self.simulation, self.filming
        filming.take(simulation.records[filming.patches.state.count:])
        mark = f"{len(simulation.records)}-{simulation.now}"
        if have == mark:
            return {"mark": mark}
        drawings = filming.drawings()
        if drawings != self.drawn[0] or not self.drawn[1]:
            self.drawn = drawings, _packed(pictures(drawings))
        film = filming.film(now=simulation.now, live=simulation.live > 0, pipelines=simulation.state.pipelines)
        return {"mark": mark, "film": _packed(film), "pictures": self.drawn[1], "last": len(simulation.records),
                "time": simulation.now}

    def ask(self, door: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer at a door that looks, or one sentence why there is none."""
        if door not in LOOKING:
            return {"error": ONLY_LOOKS}
        try:
            return {"answer": LOOKING[door](cast(Any, self), body)}
        except (Refused, ValueError, LookupError, TypeError) as refused:
            return {"error": str(refused)}


def _packed(value: Any) -> str:
    return base64.b64encode(pack(value)).decode()


@cache
def page() -> str:
    """The page: the console's module, and a model that is fed over HTTP."""
    template = Template((sources.STATIC / "live.html").read_text("utf-8"))
    return template.substitute(css=sources.sheet(), module=sources.module())


@cache
def policy() -> str:
    """The page's own script and no other; nobody but this server is asked."""
    script = page().partition('<script type="module">')[2].partition("</script>")[0]
    digest = base64.b64encode(sha256(script.encode()).digest()).decode()
    return (f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
            "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
