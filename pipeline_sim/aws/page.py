"""What a browser shows of a served simulation: the picture as it is now, the clock, and the last of the log."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..simulation import Simulation
from ..views.graph import svg
from ..views.picture import marks
from ..views.timeline import HEADINGS, cells, rows

LAST = 40
_HTML = Path(__file__).with_name("page.html")


def _hash() -> str:
    """The page's one script, by its content: no other runs."""
    script = _HTML.read_text(encoding="utf-8").partition("<script>")[2].partition("</script>")[0]
    return b64encode(sha256(script.encode()).digest()).decode()


POLICY = (f"default-src 'none'; script-src 'sha256-{_hash()}'; style-src 'unsafe-inline'; img-src data:; "
          "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")


@cache
def page() -> bytes:
    return _HTML.read_bytes()


def state(simulation: Simulation) -> dict[str, Any]:
    """What the page asks for again and again. Pictures are images to the page, so nothing in them can run."""
    many = len(simulation.state.pipelines) > 1
    told = rows(simulation.records, simulation.now)[-LAST:]
    return {"pipelines": [{"name": name, "picture": _picture(simulation, name)} for name in simulation.state.pipelines],
            "headings": list(HEADINGS), "log": [list(cells(row, many=many)) for row in told]}


def _picture(simulation: Simulation, name: str) -> str:
    drawn = svg(simulation.state.pipelines[name].definition, marks(simulation.state, name), engine="exact")
    return "data:image/svg+xml;base64," + b64encode(drawn.encode()).decode()
