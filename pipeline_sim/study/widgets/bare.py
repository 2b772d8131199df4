"""What the console of a challenge answers: what AWS would show, no "why?", no other future, no time beyond the deadline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ...console import facts
from ...console.act import CALL, PASS, PUSH
from ...console.doors import DOORS, Body
from ...console.moment import against_call, moment
from ...console.offers import chosen, refreshed
from ..words import say

if TYPE_CHECKING:
    from ...console import Console
    from ..clinic.visit import Visit

ALLOWED = (CALL, PUSH, PASS)
Door = Callable[["Console", Body], Mapping[str, Any]]


def doors(visit: Visit, changed: Callable[[], None]) -> Mapping[str, Door]:
    """The doors that a console of this visit has instead of its own; `changed` hears of each act."""
    return {"about": lambda console, body: _about(visit, console, body),
            "offers": lambda console, body: _offers(visit, console, body),
            "act": lambda console, body: _act(visit, console, body, changed),
            "more": lambda console, body: _more(visit, console, body, changed)}


def _about(visit: Visit, console: Console, body: Body) -> Mapping[str, Any]:
    told = say("clinic.no_why", visit.language)
    return {**DOORS["about"](console, body), "luck": "",
            "why": {"sentence": told, "rule": "", "causes": [], "rules": {}}}


def _offers(visit: Visit, console: Console, body: Body) -> Mapping[str, Any]:
    found = DOORS["offers"](console, body)
    rows = [row for row in found["offers"] if _allowed(row["operation"])]
    return {**found, "offers": rows, "why": say("clinic.no_why", visit.language), "luck": ""}


def _allowed(operation: str) -> bool:
    """Whether an offer is a call (an operation's name), a push, or time that passes."""
    return operation[:1].isupper() or operation in ALLOWED or not operation


def _act(visit: Visit, console: Console, body: Body, changed: Callable[[], None]) -> Mapping[str, Any]:
    here = moment(console.simulation, int(body.get("k", console.position)))
    if not here.last:
        raise ValueError(say("clinic.past", visit.language))
    thing, name = str(body.get("thing") or "pipeline"), str(body["offer"])
    values = {str(key): str(value) for key, value in (body.get("values") or {}).items()}
    row = refreshed(here, console.pipeline_name, thing, name, values)
    made = chosen(here, console.pipeline_name, thing, name, values)
    if made.kind not in ALLOWED:
        raise ValueError(say("clinic.foul", visit.language, what=made.kind))
    answer: Mapping[str, Any] = {}
    if made.kind == CALL:
        if (refused := against_call(here, made.name, made.arguments)) is not None:
            raise refused
        answer = visit.simulation.call(made.name, **made.arguments)
    elif made.kind == PUSH:
        answer = {"revision": visit.push(made.name, **made.arguments)}
    else:
        _pass(visit, made.name)
    said = f"{row['label']}."
    console.show(visit.simulation, len(visit.simulation.records), said)
    changed()
    return {"said": said, "k": len(console.records), "forked": False, "command": row["command"],
            "python": row["python"], "answer": facts.plain(answer), "kept": 0}


def _pass(visit: Visit, how_long: str) -> None:
    if how_long == "next":
        visit.next()
    else:
        visit.wait(visit.left if how_long in ("wait", "end") else how_long)


def _more(visit: Visit, console: Console, body: Body, changed: Callable[[], None]) -> Mapping[str, Any]:
    """The run goes on at its end, to the deadline at most."""
    before = len(console.records)
    if body.get("step"):
        visit.next()
    else:
        visit.wait(max(int(body["until"]) - visit.simulation.now, 0) if "until" in body else visit.left)
    console.show(visit.simulation, console.position)
    changed()
    return {"records": len(console.records) - before, "live": visit.left > 0}
