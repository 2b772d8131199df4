"""What the browser may ask: one function for each question, by name.

`about`, `offers`, `offer` and `pane` look; `act` does something; `fork_list`, `show_fork` and `fork_film` are about the
runs that were kept; `svg` is a picture of the cursor's moment. In all of them `k` is the browser's cursor.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..record import ExecutionChanged, RevisionArrived
from ..refused import Refused
from ..simulation import Simulation
from ..views.words import clock, lasting
from . import facts
from .act import CALL, SEED, Act, Done, do
from .columns import pack
from .film import filming_of, parting
from .moment import Moment, against_call, moment
from .offers import chosen, offers_at, refreshed
from .pictures import pictures
from .runs import began_by_an_act, call, name_of
from .sentences import sentence
from .things import thing

if TYPE_CHECKING:
    from .widget import Console

Body = Mapping[str, Any]
Door = Callable[["Console", Body], Mapping[str, Any]]


def _moment(console: Console, body: Body) -> Moment:
    return moment(console.simulation, int(body.get("k", console.position)))


def _values(body: Body) -> dict[str, str]:
    return {str(name): str(value) for name, value in (body.get("values") or {}).items()}


# ---------------------------------------------------------------------------------------------- looking


def about(console: Console, body: Body) -> Mapping[str, Any]:
    """All that is known of a thing."""
    k = max(1, min(int(body.get("k", console.position)), len(console.records)))
    follow = int(body.get("follow") or 0) or None
    return facts.about(console.simulation, console.pipeline_name, str(body.get("thing") or "pipeline"), k,
                       state=console.simulation.state if k == len(console.records) else None, follow=follow)


def offers(console: Console, body: Body) -> Mapping[str, Any]:
    """What may be done with a thing, and in one sentence why it is as it is."""
    here = _moment(console, body)
    found = offers_at(here, console.pipeline_name, str(body.get("thing") or "pipeline"))
    at = thing(here.state.pipelines[console.pipeline_name], found["thing"])
    return {**found, "why": facts.why(here.state, at)["sentence"], "seed": here.seed,
            "luck": facts.luck(console.simulation, at, here.at)}


def offer(console: Console, body: Body) -> Mapping[str, Any]:
    """One offer with a form filled in: its command, and what stands against it."""
    return refreshed(_moment(console, body), console.pipeline_name, str(body.get("thing") or "pipeline"),
                     str(body["offer"]), _values(body))


def pane(console: Console, body: Body) -> Mapping[str, Any]:
    """The rows of a pane."""
    k = max(0, min(int(body.get("k", console.position)), len(console.records)))
    last = k == len(console.records)
    state = console.simulation.state if last else console.simulation.at(k)
    now = console.simulation.now if last else None
    rows = facts.pane(state, console.records[:k], console.pipeline_name, str(body["name"]), now)
    return {"rows": facts.plain(rows), "cut": []}


def svg(console: Console, body: Body) -> Mapping[str, Any]:
    """The picture of a moment, to keep."""
    return {"svg": console.svg(int(body.get("k", console.position)))}


# ---------------------------------------------------------------------------------------------- acting


def act(console: Console, body: Body) -> Mapping[str, Any]:
    """Do what an offer means, and show the run that it led to with the cursor right after the act. Raises Refused, and
    then nothing has changed. `seen` is how far the browser has looked at this run: one that an act began, and that
    nobody has looked at further than here, is not kept."""
    here, name, what = _moment(console, body), str(body["offer"]), str(body.get("thing") or "pipeline")
    row = refreshed(here, console.pipeline_name, what, name, _values(body))
    made = chosen(here, console.pipeline_name, what, name, _values(body))
    if made.kind == CALL and (refused := against_call(here, made.name, made.arguments)) is not None:
        raise refused
    shown = console.simulation
    done = do(shown, here.k, made)
    unseen = began_by_an_act(shown) and int(body.get("seen", here.k + 1)) <= here.k and made.kind != SEED
    said = _told(here, str(row["label"]), done, not unseen)
    if done.forked:
        call(done.simulation, f"after: {row['label']}, {clock(here.state, here.now)}" if made.kind != SEED else
             f"seed {made.name}")
    console.show(done.simulation, done.k, said)
    if done.forked and unseen:
        console.runs.remove(shown)
    return {"said": said, "k": done.k, "forked": done.forked, "command": row["command"], "python": row["python"],
            "answer": facts.plain(done.answer), "kept": len(console.runs)}


def _told(here: Moment, label: str, done: Done, kept: bool) -> str:
    """What was done when, what came of it at once, whether the run before is kept, and how far this one goes on."""
    one = done.simulation
    at_once = [sentence(one.state, record) for record in one.records[done.before:done.k]
               if isinstance(record, RevisionArrived) or (isinstance(record, ExecutionChanged) and record.start is not None)]
    parts = [f"{label}, at {clock(here.state, here.now)}.", *(at_once[:3] if done.before else [])]
    if done.forked and kept:
        parts.append("Another run begins here; the one before is kept.")
    after = one.records[-1].time - one.records[done.k - 1].time
    if after > 0:
        parts.append(f"The run goes on for {lasting(after)}: play it.")
    return " ".join(parts)


# ---------------------------------------------------------------------------------------------- runs


def _runs(console: Console) -> list[Simulation]:
    """The shown run and those that were kept, in the order of their coming."""
    return list(dict.fromkeys([*console.runs, console.simulation]))


def fork_list(console: Console, body: Body) -> Mapping[str, Any]:
    """The runs that one can go back to."""
    runs = _runs(console)
    return {"runs": [{
        "index": index, "shown": one is console.simulation, "seed": one.seed, "records": len(one.records),
        "name": name_of(one, runs), "until": clock(one.state, one.now),
        "forks": _parting(one, console.simulation),
    } for index, one in enumerate(runs)]}


def _parting(one: Simulation, other: Simulation) -> int:
    """How many records two runs begin with in common."""
    return parting(one.records, other.records)


def _run(console: Console, body: Body) -> Simulation:
    runs, index = _runs(console), int(body["index"])
    if not 0 <= index < len(runs):
        raise ValueError(f"There is no run {index}: there are {len(runs)}.")
    return runs[index]


def show_fork(console: Console, body: Body) -> Mapping[str, Any]:
    """Show a kept run at the time at which one is."""
    one = _run(console, body)
    k = int(body.get("k", console.position))
    time = console.records[k - 1].time if 0 < k <= len(console.records) else 0
    common = k <= _parting(one, console.simulation)
    console.show(one, k if common else max(sum(record.time <= time for record in one.records), 1))
    return fork_list(console, {})


def fork_film(console: Console, body: Body) -> Mapping[str, Any]:
    """The film of a kept run, to be looked at beside the shown one; its pictures where they are not the same."""
    one = _run(console, body)
    filming = filming_of(one, console.pipeline_name, console.simulation)
    film = filming.film(now=one.now, live=one.live > 0, pipelines=one.state.pipelines)
    drawings = filming.drawings()
    return {"film": _text(pack(film)), "pictures": "" if drawings == console.drawings else _text(pack(pictures(drawings))),
            "common": _parting(one, console.simulation), "name": name_of(one, _runs(console))}


def _text(packed: bytes) -> str:
    return base64.b64encode(packed).decode()


DOORS: dict[str, Door] = {
    "about": about, "offers": offers, "offer": offer, "pane": pane, "svg": svg, "act": act, "fork_list": fork_list,
    "show_fork": show_fork, "fork_film": fork_film,
}

__all__ = ["DOORS", "Act", "Refused"]
