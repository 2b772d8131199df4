"""How long a text is and where it breaks, without asking a font: a table of widths stands for one.

The widths are those of Helvetica, Arial and Liberation Sans, which share them, in hundredths of the size.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html import escape as _escape

FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
ELLIPSIS = "…"

_WIDTHS = {25: "ijl'", 28: " !,./:;I[]ft|\\", 33: "()-`r{}", 37: '"', 40: "*", 48: "^", 50: "Jcksvxyz",
           56: "#$0123456789?L_abdeghnopqu", 59: "+<=>~", 62: "FTZ", 67: "&ABEKPSVXY", 73: "CDHNRUw", 78: "GOQ",
           84: "Mm", 89: "%", 95: "W", 102: "@", 100: ELLIPSIS}
_WIDTH = {letter: width for width, letters in _WIDTHS.items() for letter in letters}
_BOLD = 1.12
_SPARE = 0.85  # DejaVu Sans, which stands in on many a Linux, is a sixth wider than the table
# What XML cannot hold: control characters, halves of surrogate pairs, two non-characters.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_BREAK = re.compile(r"(?<=[-_./\s@:])|(?<=[a-z0-9])(?=[A-Z])")


def clean(text: str) -> str:
    """One line that XML and DOT can hold: what they cannot becomes U+FFFD, white space a single space."""
    return " ".join(_UNFIT.sub("\ufffd", text).split())


def escape(text: str) -> str:
    """For element content and quoted attributes alike."""
    return _escape(clean(text), quote=True)


@lru_cache(maxsize=4096)
def _letter(letter: str) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    if unicodedata.east_asian_width(letter) in ("W", "F"):
        return 104
    return _WIDTH.get(letter, 75)


def width(text: str, size: float, bold: bool = False) -> float:
    """Estimated pixels."""
    hundredths = sum([_WIDTH.get(letter) or _letter(letter) for letter in text])
    return hundredths * size * (_BOLD if bold else 1.0) / 100


def pressed(text: str, room: float, size: float, bold: bool = False) -> int:
    """The length to which a text that fits is to be pressed, as SVG's `textLength`: 0 where there is room for a font that
    is a sixth wider than the table, or where the table, which is broad with letters that it lacks, would stretch it."""
    long = width(text, size, bold)
    return round(long) if long > room * _SPARE and all(letter in _WIDTH for letter in text) else 0


@lru_cache(maxsize=8192)
def fit(text: str, room: float, size: float, bold: bool = False, lines: int = 1) -> tuple[str, ...]:
    """The text in at most so many lines of `room` pixels; what does not fit ends in an ellipsis.

    Breaks after hyphens, underscores, dots and slashes and before capitals, for names have no spaces; elsewhere only
    where a part is longer than a line.
    """
    rest = clean(text)
    if width(rest, size, bold) <= room:
        return (rest,)
    found: list[str] = []
    while rest and len(found) < lines - 1:
        line, rest = _split(rest, room, size, bold)
        found.append(line.rstrip())
    return (*found, _cut(rest.lstrip(), room, size, bold)) if rest else tuple(found)


def _split(text: str, room: float, size: float, bold: bool) -> tuple[str, str]:
    """The first line, and what is left."""
    end = _reach(text, room, size, bold)
    if end == len(text):
        return text, ""
    breaks = [match.start() for match in _BREAK.finditer(text, 0, end + 1) if end // 3 < match.start() <= end]
    place = breaks[-1] if breaks else end
    return text[:place], text[place:]


def _cut(text: str, room: float, size: float, bold: bool) -> str:
    if width(text, size, bold) <= room:
        return text
    end = _reach(text, room - width(ELLIPSIS, size, bold), size, bold)
    return text[:end].rstrip() + ELLIPSIS


def _reach(text: str, room: float, size: float, bold: bool) -> int:
    """How many letters fit (at least one), never between a letter and what is written above, below or joined to it."""
    left = room * 100 / size / (_BOLD if bold else 1.0)
    end = 0
    for letter in text:
        left -= _WIDTH.get(letter) or _letter(letter)
        if left < 0:
            break
        end += 1
    while 1 < end < len(text) and (_letter(text[end]) == 0 or text[end - 1] == "\u200d"):
        end -= 1
    return max(end, 1)
