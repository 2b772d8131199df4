"""What the browser is given: one ES module and one style sheet, put together from the files in `static`.

There is no build step: every file is a stretch of the same module, in the order of their names, and the last one exports.
Comments and indentation stay at home, for every cell with a console carries the module.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from ..views.graph.style import style

STATIC = Path(__file__).parent / "static"


@cache
def module() -> str:
    """No text in the files has a line that begins with blanks or `//`, so both can go."""
    lines = (line.strip() for part in _parts("js") for line in part.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))


@cache
def bar() -> str:
    """The buttons, fields and keys as HTML: they are the same in every console."""
    return "".join(line.strip() for line in (STATIC / "bar.html").read_text("utf-8").splitlines())


@cache
def signs() -> dict[str, str]:
    """What is drawn on buttons, in fields of 16 by 16."""
    return dict(json.loads((STATIC / "signs.json").read_text("utf-8")))


@cache
def sheet() -> str:
    """The colours of pictures are those of `views.graph`: theme-light and theme-dark."""
    return style("light") + style("dark") + "\n" + "".join(_parts("css"))


def _parts(kind: str) -> list[str]:
    return [path.read_text("utf-8") for path in sorted(STATIC.glob(f"*.{kind}"))]
