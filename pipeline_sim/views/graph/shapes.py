"""Of what a scene consists: cards, ways and the places of texts and tokens, in whole pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Direction = Literal["TB", "LR"]


class Point(NamedTuple):
    x: int
    y: int


class Box(NamedTuple):
    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        return self.x + self.w

    @property
    def bottom(self) -> int:
        return self.y + self.h

    @property
    def middle(self) -> Point:
        return Point(self.x + self.w // 2, self.y + self.h // 2)


class Line(NamedTuple):
    """A line of text that begins at x on the base line y; `kind` is head, name, provider or detail."""

    x: int
    y: int
    text: str
    kind: str


class ActionBox(NamedTuple):
    """`status` is the left end and the middle line of the place for a sign and a word; tokens are middles."""

    id: str
    name: str
    box: Box
    lines: tuple[Line, ...]
    status: Point
    tokens: tuple[Point, ...]


class GroupBox(NamedTuple):
    """Actions of one run order; several rows where they do not fit side by side. The box has a rim round parallel
    actions, and none round a single one."""

    id: str
    box: Box
    rows: tuple[tuple[ActionBox, ...], ...]

    @property
    def actions(self) -> tuple[ActionBox, ...]:
        return tuple(action for row in self.rows for action in row)


class ChipBox(NamedTuple):
    """A condition of a stage, or what follows its failure."""

    id: str
    box: Box
    glyph: str
    text: str
    title: str


Path = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class StageBox:
    """A stage's card. `arrows` lead from group to group; `status` and `tokens` as in an action."""

    id: str
    name: str
    box: Box
    head: Box
    lines: tuple[Line, ...]
    status: Point
    tokens: tuple[Point, ...]
    chips: tuple[ChipBox, ...]
    groups: tuple[GroupBox, ...]
    arrows: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class TransitionBox:
    """The way into a stage: an arrow with a switch on it. `word` is the place of "Disabled" (left end, middle line);
    `tokens` are the places in front of the stage, the next to enter first."""

    id: str
    into: str
    path: Path
    switch: Box
    word: Point
    tokens: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class FlowBox:
    """An artifact's way from the action that makes it to one that takes it. One artifact has one id, and one way for
    each taker."""

    id: str
    name: str
    maker: str
    taker: str
    path: Path


class LabelBox(NamedTuple):
    """The artifacts that an action takes (on its upper edge) or makes (on its lower edge)."""

    id: str
    box: Box
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Scene:
    """The whole picture. `start` is how much of it (above in TB, at the left in LR) lies before the first stage, and
    may be cut off where nobody waits there."""

    direction: Direction
    width: int
    height: int
    start: int
    stages: tuple[StageBox, ...]
    transitions: tuple[TransitionBox, ...]
    flows: tuple[FlowBox, ...] = ()
    labels: tuple[LabelBox, ...] = ()


def plain(value: Any) -> Any:
    """A scene, or a part of one, as JSON has it: points and boxes are lists of numbers, all else goes by its names."""
    if isinstance(value, (Point, Box)):
        return list(value)
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return [plain(each) for each in value]
    names = getattr(value, "_fields", None) or getattr(value, "__slots__", None)
    return {name: plain(getattr(value, name)) for name in names} if names else value
