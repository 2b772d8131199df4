"""What is known of a thing: why it is as it is, by which rule, what AWS would say of it, and its data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from ...record import ActionChanged, Record
from ...scenario import duration
from ...simulation import Simulation
from ...state import PipelineState, State
from ...views.cost import ledger
from ...views.evidence import rules
from ...views.metrics import Walk, measure, told
from ...views.why import Answer, why_action, why_execution, why_stage
from ...views.words import clock, lasting
from ..act import DECIDE
from ..things import Thing, thing
from . import data
from .answers import Desk, answers
from .heard import events_of, newest_about, trail_of

MOST = 30
"""So many events and trail records are shown of a thing, the newest."""

PANES = ("variables", "artifacts", "metrics")
HELP = (
    ("Choose", "Click anything in the picture. Act says what may be done with it now, Why? says why it is as it is."),
    ("Act", "A button is a call of AWS's API, or something that happens in the world around it; the command beside it does "
            "the same. What AWS would refuse stands below, with its exception."),
    ("Past and future", "At the end of a run an act goes on from there. In the past it begins another run at that moment; "
                        "the old future stays under Runs, to be gone back to or compared."),
    ("Stages", "A stage holds one execution at a time, but in PARALLEL mode; others wait in front of it. In SUPERSEDED mode "
               "only the newest waits."),
    ("Approvals", "The stage stays locked while an approval waits. Nobody's answer within seven days fails it."),
    ("Luck", "The same seed gives the same run. On an action, set what its next attempt comes to."),
    ("Saved pages", "A saved page plays offline, with everything but new calls."),
)


def about(
    simulation: Simulation, pipeline: str, identifier: str, k: int, *, state: State | None = None,
    follow: int | None = None,
) -> dict[str, Any]:
    """All that is known of a thing after the first `k` records, as JSON. ValueError where there is no such thing."""
    state = state if state is not None else simulation.at(k)
    here = thing(state.pipelines[pipeline], identifier)
    events = newest_about(events_of(simulation), simulation, here, k)
    trail = newest_about(trail_of(simulation), simulation, here, k)
    found: dict[str, Any] = plain({
        "thing": here.id, "k": k, "title": here.title, "clock": clock(state, state.now),
        "why": why(state, here, follow), "api": answers(Desk(state), here),
        **held(simulation, state, here, follow), "luck": luck(simulation, here, k),
        "events": list(islice(events, MOST)), "trail": list(islice(trail, MOST)), "limits": limits(here),
    })
    return found


def held(simulation: Simulation, state: State, here: Thing, follow: int | None = None) -> dict[str, Any]:
    """A thing's data: tables (caption, heads, rows) of configuration, variables and artifacts, and an approval's message."""
    execution = data.shown(here, follow)
    tables = [
        ("Configuration", ["key", "declared", "resolved"], data.configuration(state, here, execution)),
        ("Variables", ["variable", "value", "made by"], data.variables(state, here, execution)),
        ("Artifacts", ["action", "does", "artifact", "object"], data.artifacts(state, here, execution)),
    ]
    return {
        "execution": execution.number if execution is not None else None,
        "tables": [[caption, heads, _cells(rows)] for caption, heads, rows in tables if rows],
        "message": data.message(state, here, execution, simulation.records),
    }


def _cells(rows: Iterable[Mapping[str, Any]], *, whole: bool = False) -> list[list[Any]]:
    """Rows as lists of their cells; the execution is left out where it is the same in all."""
    return [[cell for name, cell in row.items() if whole or name != "execution"] for row in rows]


def limits(here: Thing) -> list[str]:
    """What AWS does not tell of such a thing."""
    if here.kind == "transition":
        return ["No event tells of a transition: CloudTrail has the calls that disabled and enabled it."]
    return ["No event tells of a condition or its rules."] if here.gate else []


# ---------------------------------------------------------------------------------------------- why


def why(state: State, here: Thing, follow: int | None = None) -> dict[str, Any]:
    """The answer to "why?", link by link, and the rules that are named in it with their evidence."""
    answer = _answer(state, here, follow)
    known = rules()
    keys = dict.fromkeys(key for key in [answer.rule, *(cause.rule for cause in answer.causes)] if key in known)
    return {
        "sentence": answer.sentence, "rule": answer.rule,
        "causes": [{"sentence": cause.sentence, "rule": cause.rule} for cause in answer.causes],
        "rules": {key: {"title": known[key].title, "says": known[key].says, "evidence": known[key].evidence,
                        "switch": known[key].switch} for key in keys},
    }


def _answer(state: State, here: Thing, follow: int | None) -> Answer:
    pipeline = here.pipeline
    if here.execution is not None:
        return why_execution(state, pipeline, here.execution)
    if here.stage is None:
        newest = next(reversed(pipeline.executions.values()), None)
        return why_execution(state, pipeline, newest) if newest is not None else Answer(
            pipeline.name, f"Nothing has started {pipeline.name} yet: a push or Release change will.")
    if here.action is not None:
        followed = pipeline.executions.get(follow) if follow is not None else None
        return why_action(state, pipeline, here.stage, here.action, followed)
    return why_stage(state, pipeline, here.stage)


# ---------------------------------------------------------------------------------------------- luck


def luck(simulation: Simulation, here: Thing, k: int) -> str:
    """What somebody has set for the next attempt of an action, as of the first `k` records; empty where chance decides."""
    if here.action is None or here.stage is None:
        return ""
    last = next((done for done in reversed(simulation.inputs)
                 if done.kind == DECIDE and done.name == here.place and done.after <= k
                 and done.arguments.get("pipeline") in ("", None, here.pipeline.name)), None)
    if last is None or _begun(simulation.records[last.after:k], here):
        return ""
    words = {"Succeeded": "will succeed", "Failed": "will fail", "": "comes to what chance decides"}
    length = last.arguments.get("duration")
    status = str(last.arguments.get("status", ""))
    if not status and length is None:
        return ""
    return f"The next attempt {words[status]}" + (f" after {lasting(duration(length))}." if length is not None else ".")


def _begun(records: Iterable[Record], here: Thing) -> bool:
    assert here.stage is not None
    assert here.action is not None
    return any(isinstance(one, ActionChanged) and (one.pipeline, one.stage, one.action, one.status) == (
        here.pipeline.name, here.stage.name, here.action.name, "InProgress") for one in records)


# ---------------------------------------------------------------------------------------------- panes


def pane(
    state: State, run: Sequence[Record] | Walk, pipeline: str, name: str, now: int | None = None
) -> list[list[Any]]:
    """The rows of a pane, cell by cell: `variables`, `artifacts`, `metrics` or `help`. The records lead to the state; a
    walk has read them."""
    owner = state.pipelines.get(pipeline)
    if name == "help":
        return [list(row) for row in HELP]
    if name not in PANES:
        raise ValueError(f"There is no pane {name!r}: {', '.join(PANES)}, help.")
    if owner is None:
        return []
    if name == "metrics":
        return _measured(state, run, owner, now)
    rows = data.all_variables(state, owner) if name == "variables" else data.all_artifacts(state, owner)
    return _cells(rows, whole=True)


def _measured(state: State, run: Sequence[Record] | Walk, pipeline: PipelineState, now: int | None) -> list[Any]:
    found = run.metrics(pipeline.name, now) if isinstance(run, Walk) else measure(run, pipeline.name, now=now)
    rows = [list(row) for row in told(found)]
    billed = [line for line in ledger(state, now=now).lines if line.pipeline == pipeline.name]
    minutes = sum(line.minutes for line in billed)
    amount = sum(line.amount + line.build_amount for line in billed)
    return [*rows, ["billed", f"{minutes} action minutes; ${amount:.2f} with builds, before free tiers"]]


def plain(value: Any) -> Any:
    """As JSON: moments in ISO 8601, as the aws command prints them."""
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value.isoformat() if isinstance(value, datetime) else value
