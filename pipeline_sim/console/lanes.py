"""Which lanes the console's timeline has: executions, stages or actions, with the spans that lie in each.

Of a large run an execution's lane shows the stages that it was in, instead of every action. Spans of one lane that
overlap lie below each other, on levels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from ..views.spans import ACTION, IN_FRONT, RULE, STAGE, Span

MANY = 1_200  # spans

_DETAIL, _FOLDED = (IN_FRONT, ACTION, RULE), (IN_FRONT, STAGE)


class Lane(NamedTuple):
    """`thing` is what a click on its label chooses; `of` the stage below which an action's lane lies, else empty.
    `spans` are numbers of spans, each followed by its level."""

    thing: str
    label: str
    of: str
    spans: list[int]


def lanes(spans: Sequence[Span], places: Sequence[str], now: int) -> dict[str, list[Lane]]:
    """Every kind of lanes. `places` are the elements of the spans (`transition-2` in front of a stage)."""
    shown = [i for i, span in enumerate(spans) if span.what != IN_FRONT or span.end != span.start]
    detail = _FOLDED if len(spans) > MANY else _DETAIL

    def made(whats: tuple[str, ...], thing: Callable[[int], str], label: Callable[[int], str]) -> list[Lane]:
        found = _grouped((i for i in shown if spans[i].what in whats and places[i]), thing)
        return [Lane(name, label(found[name][0]), "", _packed(found[name], spans, now))
                for name in sorted(found, key=_order)]

    stages = made(_FOLDED, lambda i: f"stage-{places[i].split('-')[1]}", lambda i: spans[i].stage)
    below: dict[str, list[Lane]] = {}
    for lane in made((ACTION,), lambda i: places[i], lambda i: spans[i].name):
        stage = f"stage-{lane.thing.split('-')[1]}"
        below.setdefault(stage, []).append(lane._replace(of=stage))
    return {"executions": made(detail, lambda i: f"execution-{spans[i].execution}",
                               lambda i: f"Execution {spans[i].execution}"),
            "stages": stages, "actions": [lane for stage in stages for lane in (stage, *below.get(stage.thing, ()))]}


def _grouped(numbers: Iterable[int], thing: Callable[[int], str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for i in numbers:
        found.setdefault(thing(i), []).append(i)
    return found


def _order(thing: str) -> list[int]:
    return [int(part) for part in thing.split("-")[1:]]


def _packed(numbers: Sequence[int], spans: Sequence[Span], now: int) -> list[int]:
    """Each span's number and the first level that is free when it begins."""
    ends: list[int] = []
    found: list[int] = []
    for i in numbers:
        span = spans[i]
        level = next((level for level, until in enumerate(ends) if until <= span.start), len(ends))
        ends[level:level + 1] = [max(span.start + 1, now if span.end is None else span.end)]
        found += (i, level)
    return found
