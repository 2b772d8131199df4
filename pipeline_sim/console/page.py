"""A console as one file: it plays offline from the disk, with everything but new calls."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from html import escape
from string import Template
from typing import TYPE_CHECKING, Any

from . import sources
from .columns import pack
from .facts.embedded import LOOKS, embedded

if TYPE_CHECKING:
    from .widget import Console

STILL = 900  # pixels: what a notebook's cell is wide
FEW = 100  # looks at things, for facts that are made whenever a console is shown
HEAVY = 100_000  # bytes of a picture that a page does not carry for those without scripts
_TIPS = re.compile(r"<title>[^<]*</title>")  # an image shows none
HEIGHT = 860  # of a frame, in pixels: what is inside cannot be measured from outside


def page(console: Console, looks: int = LOOKS) -> str:
    """The page. It is forbidden to ask anybody for anything, and says so to the browser. `looks` is what its facts may
    cost."""
    facts = embedded(console.simulation, console.pipeline_name, looks=looks)
    saved = {"film": base64.b64encode(console.whole()).decode(), "pictures": base64.b64encode(console.pictures).decode(),
             "position": console.position, "live": False,
             "selected": console.selected, "presenting": console.presenting, "note": console.note, "speed": console.speed,
             "facts": base64.b64encode(pack(facts)).decode() if facts else "",
             "pipeline_name": console.pipeline_name, "time": console.time, "playing": False}
    template = Template((sources.STATIC / "page.html").read_text("utf-8"))
    picture = still(console)
    text = template.substitute(title=escape(f"{console.pipeline_name} · pipeline-sim"), css=sources.sheet(),
                               module=sources.module(), saved=_inside_script(saved),
                               still=picture if len(picture) < HEAVY else escape(console.sentence()))
    return text.encode("utf-8", "replace").decode()  # a name may hold what no page can


def _inside_script(value: Mapping[str, Any]) -> str:
    """JSON that cannot end the script that it stands in."""
    return json.dumps(value).replace("<", "\\u003c")


def still(console: Console) -> str:
    """A picture of the moment as an <img> that carries it within itself; nothing where there is no pipeline."""
    if console.pipeline_name not in console.state.pipelines:
        return ""
    return image(console.svg(theme="auto", direction="LR", width=STILL), console.sentence())


def image(drawn: str, told: str) -> str:
    """A picture that is carried within the page, without its tips, which an <img> does not show."""
    picture = base64.b64encode(_TIPS.sub("", drawn).encode()).decode()
    return (f'<img alt="{escape(told)}" style="max-width:100%;height:auto" '
            f'src="data:image/svg+xml;base64,{picture}"/>')


def still_html(console: Console) -> str:
    """For where nothing runs: a notebook opened again, an untrusted one, a code host's view. A console that runs
    hides it."""
    return f'<div class="pls-still">{shown}</div>' if (shown := still(console)) else ""


def frame(console: Console) -> str:
    """The page within another one, kept from all that lies around it: for a notebook that was converted to HTML."""
    return (f"<style>.jp-OutputArea:has(.pls-page) .pls-still{{display:none}}</style>"
            f'<iframe class="pls-page" sandbox="allow-scripts" title="{escape(console.sentence())}" '
            f'style="width:100%;height:{HEIGHT}px;border:0" srcdoc="{escape(page(console, FEW), quote=True)}"></iframe>')
