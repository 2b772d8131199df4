"""What a saved page knows without Python: the facts of every thing, at as many moments as its size allows.

What only grows (events, trail) travels with the places of its records; what changes travels as a table, thing by thing:
from which `k` on which text is true. Equal texts travel once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from ...calm import calm
from ...record import Record
from ...simulation import Simulation
from ...state import PipelineState
from ...views.metrics import Walk
from ..things import elements, thing
from . import PANES, held, limits, luck, pane, plain, why
from .answers import Desk, answers
from .heard import events_of, trail_of

BUDGET = 4_000_000
"""Bytes of JSON that the facts of a page may take; packed they are about a twentieth of it."""
LOOKS = 6000
"""How many looks at things a page may cost to make."""
NOTHING = -1
"""What is known where the page had no room."""
SHARES = {"why": 0.25, "held": 0.2, "api": 0.4, "told": 0.15}


def embedded(simulation: Simulation, pipeline: str, budget: int = BUDGET, looks: int = LOOKS) -> dict[str, Any]:
    """The facts of a pipeline's run for a page, in at most about `budget` bytes of JSON and at the cost of about so many
    `looks`; `cut` says what is left out. Empty where not even one look at every thing is allowed."""
    writer = _Writer(budget)
    moments = _moments(simulation, pipeline, looks)
    if not moments:
        return {}
    with calm():
        _walk(simulation, pipeline, moments, writer)
    grown = {"events": _within(events_of(simulation), budget * SHARES["told"] / 2),
             "trail": _within(trail_of(simulation), budget * SHARES["told"] / 2)}
    return {"texts": list(writer.texts), "things": writer.things, "panes": writer.panes, "rules": writer.rules, **grown,
            "cut": _cut(simulation, moments, writer, grown)}


class _Writer:
    """The tables so far: by part and thing, from which `k` on which text is true."""

    def __init__(self, budget: int) -> None:
        self.texts: dict[str, int] = {}
        self.things: dict[str, dict[str, list[list[int]]]] = {"why": {}, "held": {}, "api": {}}
        self.rules: dict[str, Any] = {}
        self.panes: dict[str, list[list[int]]] = {name: [] for name in (*PANES, "help")}
        self.budget = budget
        self.left = dict.fromkeys(SHARES, 0.0)
        self.full = False

    def release(self, moments: int) -> None:
        """One more moment may take its share, and what the moments before have left."""
        for part, share in SHARES.items():
            self.left[part] += self.budget * share / moments

    def without_rules(self, why: dict[str, Any]) -> dict[str, Any]:
        """An answer whose rules are kept once for all."""
        self.rules |= why["rules"]
        return {**why, "rules": {}}

    def put(self, part: str, rows: list[list[int]], k: int, value: Any) -> None:
        """From `k` on this is true; where it no longer fits, nothing is known from then on."""
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=plain)
        if text not in self.texts and self.left[part] >= len(text):
            self.texts[text] = len(self.texts)
            self.left[part] -= len(text)
        number = self.texts.get(text, NOTHING)
        self.full = self.full or number == NOTHING
        if not rows or rows[-1][1] != number:
            rows.append([k, number])


def _moments(simulation: Simulation, pipeline: str, looks: int) -> list[int]:
    """After which records things are looked at: all, or where a run is long, the ends of evenly chosen instants."""
    records = simulation.records
    owner = simulation.state.pipelines.get(pipeline)
    width = len(list(elements(owner.definition))) + len(owner.executions) / 2 if owner else 1
    many = int(looks / width)
    if many < 1:
        return []
    if len(records) <= many:
        return list(range(1, len(records) + 1))
    ends = [k for k in range(1, len(records) + 1) if k == len(records) or records[k].time > records[k - 1].time]
    step = max(len(ends) / many, 1.0)
    return sorted({ends[min(int(number * step), len(ends) - 1)] for number in range(many)} | {ends[-1]})


def _walk(simulation: Simulation, pipeline: str, moments: Sequence[int], writer: _Writer) -> None:
    walk, at = Walk(), 0
    state, lasting = walk.state, dict[Any, Any]()
    for k in moments:
        for record in simulation.records[at:k]:
            walk.take(record)
        at = k
        owner = state.pipelines.get(pipeline)
        writer.release(len(moments))
        if owner is not None:
            _look(simulation, walk, Desk(state, lasting), owner, k, writer)


def _look(simulation: Simulation, walk: Walk, desk: Desk, owner: PipelineState, k: int, writer: _Writer) -> None:
    records, state = simulation.records[:k], walk.state
    for name in [*elements(owner.definition), *_moving(owner, records)]:
        here = thing(owner, name)
        for part, value in (
            ("why", writer.without_rules(why(state, here))),
            ("held", {**held(simulation, state, here), "luck": luck(simulation, here, k), "limits": limits(here),
                      "title": here.title}),
            ("api", answers(desk, here)),
        ):
            writer.put(part, writer.things[part].setdefault(name, []), k, value)
    for name in (*PANES, "help"):
        writer.put("held", writer.panes[name], k, pane(state, walk, owner.name, name))


def _moving(owner: PipelineState, records: Sequence[Record]) -> Iterable[str]:
    """The executions that are under way, or came to their end by now: others have not changed since the last look."""
    now = records[-1].time
    return (f"execution-{one.number}" for one in owner.executions.values() if one.active or one.updated >= now)


def _within(found: Sequence[tuple[int, dict[str, Any]]], budget: float) -> list[list[Any]]:
    """The first of them that fit."""
    rows: list[list[Any]] = []
    for index, told in found:
        text = json.dumps(told, default=plain)
        budget -= len(text) + 8
        if budget < 0:
            break
        rows.append([index, json.loads(text)])
    return rows


def _cut(simulation: Simulation, moments: Sequence[int], writer: _Writer, grown: dict[str, list[list[Any]]]) -> list[str]:
    """What the page lacks, in sentences."""
    said = []
    if len(moments) < len(simulation.records):
        said.append(f"This page holds the facts at {len(moments)} moments of the run; in between it shows those of the "
                    "moment before.")
    if writer.full:
        said.append("This page was full: of some things it holds nothing at some moments. A live console tells all.")
    for name, all_ in (("events", events_of(simulation)), ("trail", trail_of(simulation))):
        if len(grown[name]) < len(all_):
            what = "events" if name == "events" else "records of the trail"
            said.append(f"This page holds the first {len(grown[name])} of {len(all_)} {what}.")
    return said
