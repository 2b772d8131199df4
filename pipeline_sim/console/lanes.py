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


class Lanes:
    """Every kind of lanes, kept from one look to the next: only those are made anew in which a span is touched, which is
    one that is new, has lasted until now, or did when the lanes were looked at last."""

    def __init__(self) -> None:
        self.count = 0
        self.executions = _of_executions(_DETAIL)
        self.stages = _Kind(_FOLDED, _stage_of, lambda span: span.stage)
        self.actions = _Kind((ACTION,), lambda _, place: place, lambda span: span.name, _stage)

    def of(self, spans: Sequence[Span], places: Sequence[str], now: int, touched: set[int]) -> dict[str, list[Lane]]:
        """`places` are the elements of the spans (`transition-2` in front of a stage)."""
        if len(spans) > MANY >= self.count:
            self.executions = _of_executions(_FOLDED)
            self.executions.take(spans, places, range(self.count))
            self.executions.look(spans, now, range(self.count))
        fresh = range(self.count, len(spans))
        self.count = len(spans)
        for kind in (self.executions, self.stages, self.actions):
            kind.take(spans, places, fresh)
            kind.look(spans, now, touched.union(fresh))
        below: dict[str, list[Lane]] = {}
        for lane in self.actions.in_order():
            below.setdefault(lane.of, []).append(lane)
        stages = self.stages.in_order()
        return {"executions": self.executions.in_order(), "stages": stages,
                "actions": [lane for stage in stages for lane in (stage, *below.get(stage.thing, ()))]}


class _Kind:
    """The lanes of one kind: of the spans that are spent in `whats`, by the `thing` to whose lane each belongs."""

    def __init__(self, whats: tuple[str, ...], thing: Callable[[Span, str], str], label: Callable[[Span], str],
                 of: Callable[[str], str] = lambda _: "") -> None:
        self.whats, self.thing, self.label, self.of = whats, thing, label, of
        self.numbers: dict[str, list[int]] = {}
        self.things: dict[int, str] = {}
        self.made: dict[str, Lane] = {}
        self.order: list[str] = []

    def take(self, spans: Sequence[Span], places: Sequence[str], fresh: Iterable[int]) -> None:
        for i in fresh:
            if places[i] and spans[i].what in self.whats:
                self.things[i] = thing = self.thing(spans[i], places[i])
                self.numbers.setdefault(thing, []).append(i)

    def look(self, spans: Sequence[Span], now: int, touched: Iterable[int]) -> None:
        for thing in {self.things[i] for i in touched if i in self.things}:
            seen = [i for i in self.numbers[thing] if _is_seen(spans[i])]
            if seen:
                self.made[thing] = Lane(thing, self.label(spans[seen[0]]), self.of(thing), _packed(seen, spans, now))
            else:
                self.made.pop(thing, None)

    def in_order(self) -> list[Lane]:
        if len(self.order) != len(self.numbers):
            self.order = sorted(self.numbers, key=_places)
        return [self.made[thing] for thing in self.order if thing in self.made]


def _of_executions(whats: tuple[str, ...]) -> _Kind:
    return _Kind(whats, lambda span, _: f"execution-{span.execution}", lambda span: f"Execution {span.execution}")


def _stage_of(_: Span, place: str) -> str:
    return _stage(place)


def _stage(thing: str) -> str:
    return f"stage-{thing.split('-')[1]}"


def _is_seen(span: Span) -> bool:
    """Not who walked straight in."""
    return span.what != IN_FRONT or span.end != span.start


def _places(thing: str) -> list[int]:
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
