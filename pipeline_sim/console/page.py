"""A console as one file: it plays offline from the disk, with everything but new calls."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from html import escape
from string import Template
from typing import TYPE_CHECKING, Any

from . import sources

if TYPE_CHECKING:
    from .widget import Console

_FRAME = ("width:100%;height:{height}px;border:0;border-radius:8px;color-scheme:normal")


def page(console: Console) -> str:
    """The page. It is forbidden to ask anybody for anything, and says so to the browser."""
    saved = {"film": base64.b64encode(console.film).decode(), "position": console.position, "live": False,
             "selected": console.selected, "presenting": console.presenting, "note": console.note, "speed": console.speed,
             "pipeline_name": console.pipeline_name, "time": console.time, "playing": False}
    template = Template((sources.STATIC / "page.html").read_text("utf-8"))
    return template.substitute(title=escape(f"{console.pipeline_name} · pipeline-sim"), css=sources.sheet(),
                               module=sources.module(), saved=_inside_script(saved), still=still(console),
                               sentence=escape(console.sentence()))


def _inside_script(value: Mapping[str, Any]) -> str:
    """JSON that cannot end the script that it stands in."""
    return json.dumps(value).replace("<", "\\u003c")


def still(console: Console) -> str:
    """A picture of the moment, as an address that an <img> carries within itself."""
    return "data:image/svg+xml;base64," + base64.b64encode(console.svg(theme="auto").encode()).decode()


def frame(console: Console, height: int = 640) -> str:
    """The page within another one, kept from all that lies around it."""
    return (f'<iframe class="pls-page" sandbox="allow-scripts" title="{escape(console.sentence())}" loading="lazy" '
            f'style="{_FRAME.format(height=height)}" srcdoc="{escape(page(console), quote=True)}"></iframe>')
