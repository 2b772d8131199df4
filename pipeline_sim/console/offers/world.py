"""What may be done from the world's side: release a change, push, raise an alarm, set the luck, let time pass."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ...pipeline.model import Action, Stage
from ...simulation.calls.revisions import OVERRIDES
from ...state import PipelineState
from ..act import ALARM, CALL, DECIDE, PASS, PUSH, SEED, Act
from ..moment import Moment
from .forms import Field, Offer, Values
from .stages import words

NO_COMMAND = "AWS has no command for this: it sets the luck of the simulated world."
LENGTH = re.compile(r"\d+|(\d+[dhms]\s*)+")


def releases(pipeline: PipelineState) -> Iterator[Offer]:
    """Release change: with values of the pipeline's variables, and other revisions than the newest where wanted."""
    definition = pipeline.definition
    fields = [Field(f"variable-{one.name}", f"Variable {one.name}", value=one.default or "", hint=one.description or "")
              for one in definition.variables]
    sources = [action for action in definition.sources if action.provider in OVERRIDES and definition.type == "V2"]
    fields += [Field(f"revision-{action.name}", f"Revision of {action.name}", hint="Empty: the newest.")
               for action in sources]
    kinds = {action.name: OVERRIDES[action.provider][0] for action in sources}

    def make(said: Values) -> Act:
        given = [{"name": name.removeprefix("variable-"), "value": value} for name, value in said.items()
                 if name.startswith("variable-") and value]
        revisions = [{"actionName": name, "revisionType": kind, "revisionValue": said[f"revision-{name}"]}
                     for name, kind in kinds.items() if said[f"revision-{name}"]]
        return Act(CALL, "StartPipelineExecution", {"name": pipeline.name, **({"variables": given} if given else {}),
                                                    **({"sourceRevisions": revisions} if revisions else {})})

    yield Offer("start", "Release change", make, tuple(fields))


def pushes(pipeline: PipelineState, only: Action | None = None) -> Iterator[Offer]:
    """A revision arrives at a source, or at all of them."""
    first = pipeline.definition.stages[0].name
    sources = [only] if only is not None else list(pipeline.definition.sources)
    choices = tuple((f"{first}/{action.name}", f"{first}/{action.name}") for action in sources)
    if len(choices) > 1:
        choices = (("", "all sources"), *choices)
    if not choices:
        return
    fields = [Field("source", "Source", "choice", choices[0][0], choices),
              Field("message", "Message"), Field("author", "Author"),
              Field("branch", "Branch", hint="Empty: the one that the source follows."), Field("tag", "Tag"),
              Field("files", "Changed files", "lines", hint="One a line; filters of triggers look at them.")]
    if any(action.provider == "CodeStarSourceConnection" for action in sources):
        kinds = (("push", "push"), *((kind, f"pull request {kind.lower()}") for kind in ("OPEN", "UPDATED", "CLOSED")))
        fields.append(Field("event", "Event", "choice", "push", kinds))

    def make(said: Values) -> Act:
        files = [line.strip() for line in said["files"].splitlines() if line.strip()]
        event = words(said, "event") if said.get("event") != "push" else {}
        return Act(PUSH, said["source"], {**words(said, "branch", "tag", "message", "author"), **event,
                                          **({"files": files} if files else {})})

    yield Offer("push", "Push a revision", make, tuple(fields),
                "CodePipeline has no call for a push: it is what happens at the source.")


# ---------------------------------------------------------------------------------------------- alarms


def alarms(moment: Moment, pipeline: PipelineState, stage: Stage | None = None, gate: str = "") -> Iterator[Offer]:
    """Raise or clear an alarm that conditions watch (all of the pipeline's, or a condition's own)."""
    names = _watched(pipeline, stage, gate)
    if stage is None:
        names = list(dict.fromkeys([*names, *(one.name for one in moment.scenario.alarms), *moment.state.alarms]))
    if not names:
        return
    which = Field("alarm", "Alarm", "choice", names[0], tuple((name, f"{name} ({_now(moment, name)})") for name in names))
    for status, label in (("ALARM", "Raise"), ("OK", "Clear")):
        yield Offer(f"alarm-{status}", f"{label} an alarm", _to(status), (which,),
                    "An act of CloudWatch's, not of CodePipeline's.")


def _to(status: str) -> Callable[[Values], Act]:
    return lambda said: Act(ALARM, said["alarm"], {"status": status})


def _now(moment: Moment, name: str) -> str:
    return moment.state.alarms.get(name, "OK")


def _watched(pipeline: PipelineState, stage: Stage | None, gate: str) -> list[str]:
    stages = [stage] if stage is not None else list(pipeline.definition.stages)
    conditions = [condition for one in stages for which, condition in one.conditions.items() if gate in ("", which)]
    found = [rule.configuration.get("AlarmName", "") for condition in conditions
             for rule in condition.rules if rule.provider == "CloudWatchAlarm"]
    return [name for name in dict.fromkeys(found) if name and "#{" not in name]


# ---------------------------------------------------------------------------------------------- luck, seed, time

_CHANCE, _SUCCEED, _FAIL = "", "Succeeded", "Failed"


def luck(pipeline: PipelineState, stage: Stage, action: Action) -> Iterator[Offer]:
    """What the next attempt of an action comes to: chance decides, or somebody."""
    place = f"{stage.name}/{action.name}"
    outcomes = ((_CHANCE, "chance decides"), (_SUCCEED, "it is approved" if action.is_approval else "it succeeds"),
                (_FAIL, "it is rejected" if action.is_approval else "it fails"))
    fields = [Field("status", "Next attempt", "choice", _CHANCE, outcomes),
              Field("duration", "Duration", hint="Such as 5m or 1h 30m. Empty: chance decides.")]
    if not action.is_approval:
        fields.append(Field("code", "Error code", hint="Of a failure, such as JobFailed."))
    fields.append(Field("message", "Comment" if action.is_approval else "Error message"))

    def make(said: Values) -> Act:
        length, failure = _length(said["duration"]), ("code", "message") if said["status"] == _FAIL else ()
        told = ("message",) if action.is_approval else failure
        return Act(DECIDE, place, {"status": said["status"], "pipeline": pipeline.name,
                                   **words(said, *told), **({"duration": length} if length else {})})

    yield Offer("luck", f"Set the luck of {place}", make, tuple(fields), NO_COMMAND)


def _length(text: str) -> str:
    """A length of time as it was written; ValueError where it is none."""
    text = text.strip()
    if text and not LENGTH.fullmatch(text):
        raise ValueError(f"{text!r} is no length of time: write 90s, 5m, 1h 30m or 2d.")
    return text


def seeds(moment: Moment) -> Iterator[Offer]:
    """The same world and the same acts under another luck."""

    def make(said: Values) -> Act:
        if not re.fullmatch(r"\d{1,18}", said["seed"].strip()):
            raise ValueError(f"A seed is a whole number from 0 on, not {said['seed']!r}.")
        return Act(SEED, said["seed"].strip())

    yield Offer("seed", "Take another seed", make, (Field("seed", "Seed", "number", str(moment.seed)),), NO_COMMAND)


def times(moment: Moment) -> Iterator[Offer]:
    """Let more time pass, at the end of a run in which something is still to come."""
    if not moment.last or moment.simulation.live <= 0:
        return
    choices = [("next", "to the next event"), ("wait", "up to where somebody must act"), ("end", "to the very end")]
    if moment.scenario.endless:
        choices.pop()

    def make(said: Values) -> Act:
        return Act(PASS, _length(said["duration"]) or said["until"])

    yield Offer("pass", "Let time pass", make, (
        Field("until", "Until", "choice", "next", tuple(choices)),
        Field("duration", "Or for", hint="Such as 30m, 2h or 7d.")), "AWS has no command for time.")
