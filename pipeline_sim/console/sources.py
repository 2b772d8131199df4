"""What the browser is given: one ES module and one style sheet, put together from the files in `static`.

There is no build step: every file is a stretch of the same module, in the order of their names, and the last one exports.
Comments, indentation and the blanks round signs stay at home, for every cell with a console carries the module. The
editor and the mode lens are modules of their own, made of some of the console's files and of those in their folders.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from ..views.graph.style import style

STATIC = Path(__file__).parent / "static"
PANES = ("50", "60", "70")
"""The console's files that a lens, which has no panes, can do without."""
_QUOTED = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)""")
_UNSURE = re.compile(r"[`\"']|(?<! )/|/(?! )")
_BLANKS = re.compile(r"\s*([=*<>?:,;{}()|&\[\]]|!|(?<= )/|(?<![+-])[+-](?! ?[+-]))\s*")
_REMARK = " // "
_CONSTANT = re.compile(r"const[ {\[]")
_EXPORT = "export default { render };"


@cache
def module() -> str:
    """The console's."""
    return bare(_parts("js"))


def bare(parts: Iterable[str]) -> str:
    """No text in the files has a line that begins with blanks or `//`, so both can go; and none that ends as a statement
    that goes on, so that these can be one line. A block's last statement needs no sign of its end; a `}` that has a line to
    itself ends a block, and nothing need stand between it and what follows."""
    lines = [line.strip() for part in parts for line in part.splitlines()]
    bared = _joined(_tight(line) for line in lines if line and not line.startswith("//"))
    return "".join(_ended(line, after) for line, after in zip(bared, [*bared[1:], ""], strict=True))


def _joined(lines: Iterable[str]) -> list[str]:
    """Constants that stand below each other, each on a line of its own, as one statement."""
    found: list[str] = []
    for line in lines:
        if found and _CONSTANT.match(line) and _CONSTANT.match(found[-1]) and _is_one(found[-1]):
            found[-1] = f"{found[-1][:-1]},{line[5:].lstrip()}"
        else:
            found.append(line)
    return found


def _is_one(line: str) -> bool:
    return line[-1] == ";" and line.count(";") == 1 and all(line.count(a) == line.count(b) for a, b in ("()", "[]", "{}"))


def _ended(line: str, after: str) -> str:
    if "//" in line:
        return f"{line}\n"
    if after.startswith("}"):
        return line.removesuffix(";")
    closed = (line == "}" or (line.startswith("function ") and line[-1] == "}")) and not after.startswith("export")
    return line if line[-1] in "{;,([" or closed else f"{line}\n"


def _tight(line: str) -> str:
    """The line without its remark and without the blanks round its signs, but for what stands in quotes. A line on which
    a template within a template or a pattern stands is left as it is: there it would take a parser to know what is text."""
    parts = _QUOTED.split(line)
    remark = next((place for place, part in enumerate(parts) if place % 2 == 0 and _REMARK in part), None)
    if remark is not None:
        parts[remark:] = [parts[remark].partition(_REMARK)[0].rstrip()]
    if any(_UNSURE.search(part) for part in parts[::2]) or any(part.count("{") != part.count("}") for part in parts[1::2]):
        return line
    return "".join(part if place % 2 else _BLANKS.sub(r"\1", part).replace(";}", "}") for place, part in enumerate(parts))


@cache
def editor_module() -> str:
    """The editor's: its own, and the console's way to make elements and signs."""
    return bare([(STATIC / "00-dom.js").read_text("utf-8"), *_parts("js", "editor")])


@cache
def lens_module() -> str:
    """The lens': the console's film, picture, time and timeline, led by a bar of its own."""
    shared = [path.read_text("utf-8").replace(_EXPORT, "") for path in sorted(STATIC.glob("*.js"))
              if not path.name.startswith(PANES)]
    return bare([*shared, *_parts("js", "lens")])


@cache
def skeleton() -> str:
    """What is the same in every console, as HTML: buttons, fields, the sheet of keys."""
    return _html(STATIC / "console.html")


@cache
def editor_skeleton() -> str:
    """The same of an editor."""
    return _html(STATIC / "editor" / "editor.html")


def _html(path: Path) -> str:
    return "".join(line.strip() for line in path.read_text("utf-8").splitlines())


@cache
def signs() -> dict[str, str]:
    """What is drawn on buttons, in fields of 16 by 16."""
    return dict(json.loads((STATIC / "signs.json").read_text("utf-8")))


@cache
def sheet(more: str = "") -> str:
    """The colours of pictures are those of `views.graph`: theme-light and theme-dark. `more` names a folder whose sheets
    come after the console's."""
    own = _parts("css", more) if more else []
    return style("light") + style("dark") + "\n" + "".join([*_parts("css"), *own])


def _parts(kind: str, folder: str = "") -> list[str]:
    return [path.read_text("utf-8") for path in sorted((STATIC / folder).glob(f"*.{kind}"))]
