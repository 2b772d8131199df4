"""How durations are written, and how they are told: `1h30m` is 5,400 seconds."""

from __future__ import annotations

import re

LONGEST = 10**10
"""Seconds, some three centuries: dates end with the year 9999."""
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(seconds?|secs?|s|minutes?|mins?|m|hours?|h|days?|d|weeks?|w)\s*")
_NUMBER = re.compile(r"\d+(\.\d+)?")


def duration(text: int | float | str) -> int:
    """Whole seconds from `90`, `"90s"`, `"3m"`, `"1h30m"`, `"2d"`. Raises ValueError that says what is understood."""
    return round(seconds(text))


def seconds(text: int | float | str) -> float:
    """As `duration`, before it is rounded: `"1.5s"` is 1.5."""
    if isinstance(text, bool) or not isinstance(text, int | float | str):
        raise ValueError(f"{text!r} is no duration: write 90s, 3m, 1h30m or 2d.")
    found = _spelled(text.strip().lower()) if isinstance(text, str) else float(text)
    if not 0 <= found <= LONGEST:
        raise ValueError(f"{text!r} is no duration: it must be zero or more seconds, and less than 300 years.")
    return found


def _spelled(text: str) -> float:
    if _NUMBER.fullmatch(text):
        return float(text)
    found = _PART.findall(text)
    if not found or _PART.sub("", text):
        raise ValueError(f"{text!r} is no duration: write 90s, 3m, 1h30m or 2d.")
    return sum(float(number) * UNITS[unit[0]] for number, unit in found)


def duration_text(seconds: int, parts: int = 2) -> str:
    """`3m 20s` for 200: the largest units that matter, by default two."""
    if seconds < 0:
        return "-" + duration_text(-seconds, parts)
    told = []
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            told.append(f"{count}{unit}")
    return " ".join(told[:parts]) or "0s"


def duration_word(seconds: float) -> str | float:
    """The same moment as `seconds` reads it back, as short as it can be: `1h30m`; a number where it is not whole."""
    return duration_text(int(seconds), 4).replace(" ", "") if seconds == int(seconds) else seconds
