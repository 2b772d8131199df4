"""How the views put things into words: moments, lengths of time, lists, people, errors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..record import Result
from ..state import State
from .names import moment

DAY = 86_400


def lasting(seconds: int) -> str:
    """A length of time, exact: `45s`, `3m 20s`, `1d 2h`."""
    parts = []
    for unit, size in (("d", DAY), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0s"


def clock(state: State, seconds: int) -> str:
    """A moment on the simulation's calendar: `09:20`, with its day where that is not the day of the start."""
    at, zero = moment(state, seconds), moment(state, 0)
    time = at.strftime("%H:%M:%S" if at.second else "%H:%M")
    if at.date() == zero.date():
        return time
    year = f" {at.year}" if at.year != zero.year else ""
    return f"{at:%a} {at.day} {at:%b}{year} {time}"


def listed(things: Iterable[object]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    names = [str(thing) for thing in things]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def executions(numbers: Sequence[int]) -> str:
    """`execution 4`, `executions 4, 5 and 6`; of many, the first and the count."""
    if len(numbers) > 5:
        return f"execution {numbers[0]} and {len(numbers) - 1} others"
    return f"execution{'s' if len(numbers) > 1 else ''} {listed(numbers)}"


def person(by: str) -> str:
    """Who, in short: the last part of an ARN."""
    return by.rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def error_text(result: Result) -> str:
    """`errorDetails` in one line: `JobFailed: the tests failed`."""
    message = result.message or result.summary
    if not result.code:
        return message
    return f"{result.code}: {message}" if message else result.code


def one_line(text: str, width: int = 0) -> str:
    """Text of others without line breaks or control characters, cut to a width where one is given."""
    line = text if text.isprintable() else "".join(letter if letter.isprintable() else " " for letter in text)
    line = " ".join(line.split())
    return line if not width or len(line) <= width else line[: width - 1] + "…"
