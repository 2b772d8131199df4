"""What the browser is given: one ES module and one style sheet, put together from the files in `static`.

There is no build step: every file is a stretch of the same module, in the order of their names, and the last one exports.
Comments, indentation and the blanks round signs stay at home, for every cell with a console carries the module.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from ..views.graph.style import style

STATIC = Path(__file__).parent / "static"
_QUOTED = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`$\\]*`)""")
_UNSURE = re.compile(r"[`\"']|(?<! )/|/(?! )")
_BLANKS = re.compile(r"\s*([=*<>?:,;{}()|&\[\]])\s*")


@cache
def module() -> str:
    """No text in the files has a line that begins with blanks or `//`, so both can go."""
    return _bare(_parts("js"))


def _bare(parts: list[str]) -> str:
    lines = (line.strip() for part in parts for line in part.splitlines())
    return "".join(f"{_tight(line)}\n" for line in lines if line and not line.startswith("//"))


def _tight(line: str) -> str:
    """The line without the blanks round its signs, but for what stands in quotes. A line on which a template with
    substitutions or a pattern stands is left as it is: there it would take a parser to know what is text."""
    parts = _QUOTED.split(line)
    if any(_UNSURE.search(part) for part in parts[::2]):
        return line
    return "".join(part if place % 2 else _BLANKS.sub(r"\1", part) for place, part in enumerate(parts))


@cache
def editor_module() -> str:
    """The editor is a module of its own, made with the console's elements and signs."""
    return _bare([(STATIC / "00-dom.js").read_text("utf-8"), *_parts("js", STATIC / "editor")])


@cache
def editor_sheet() -> str:
    return sheet() + "".join(_parts("css", STATIC / "editor"))


@cache
def skeleton() -> str:
    """What is the same in every console, as HTML: buttons, fields, the sheet of keys."""
    return "".join(line.strip() for line in (STATIC / "console.html").read_text("utf-8").splitlines())


@cache
def signs() -> dict[str, str]:
    """What is drawn on buttons, in fields of 16 by 16."""
    return dict(json.loads((STATIC / "signs.json").read_text("utf-8")))


@cache
def sheet() -> str:
    """The colours of pictures are those of `views.graph`: theme-light and theme-dark."""
    return style("light") + style("dark") + "\n" + "".join(_parts("css"))


def _parts(kind: str, folder: Path = STATIC) -> list[str]:
    return [path.read_text("utf-8") for path in sorted(folder.glob(f"*.{kind}"))]
