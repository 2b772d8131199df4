"""How does one picture follow the light and the dark of the page? An SVG whose colours are variables, with a value for each.

A picture is drawn twice, in both themes, and the two differ in nothing but colours (and in the names that matplotlib makes
of them). An `<img>` follows the colour scheme of the element that holds it: JupyterLab's theme, the system's elsewhere.
"""

from __future__ import annotations

import re
from itertools import count
from typing import Any

COLOUR = re.compile(r"#[0-9a-f]{6}\b")
NAME = re.compile(r"\b[0-9a-zA-Z_]*[0-9a-f]{10}\b")
HEAD = re.compile(r"^.*?(?=<svg )|<metadata>.*?</metadata>", re.DOTALL)
FONTS: Any = {"svg.fonttype": "none", "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"]}
"""matplotlib's settings for words that stay words: half the size of their outlines, and they can be searched."""


def both(light: str, dark: str) -> str | None:
    """Two drawings of one picture as one. None where they differ in more than their colours."""
    one, other = _plain(light), _plain(dark)
    if COLOUR.split(one) != COLOUR.split(other):
        return None
    pairs = list(zip(COLOUR.findall(one), COLOUR.findall(other), strict=True))
    names = {pair: f"--c{place}" for place, pair in enumerate(dict.fromkeys(pairs))}
    found = iter(pairs)
    drawn = COLOUR.sub(lambda _: f"var({names[next(found)]})", one)
    return re.sub(r"(<svg [^>]*>)", lambda root: f"{root[1]}<style>{_style(names)}</style>", drawn, count=1)


def _style(names: dict[tuple[str, str], str]) -> str:
    light, dark = ("".join(f"{name}:{pair[theme]};" for pair, name in names.items()) for theme in (0, 1))
    return f"text{{white-space:pre}}:root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def _plain(svg: str) -> str:
    """Without what says nothing to a browser, and with names that are counted: matplotlib makes them of colours."""
    numbers, names = count(), dict[str, str]()
    text = HEAD.sub("", svg)
    return NAME.sub(lambda found: names.setdefault(found[0], f"i{next(numbers)}"), text)
