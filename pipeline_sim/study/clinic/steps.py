"""What is done in a challenge, by its author or by a student: one step each, how it is written, done, priced and told.

A step is a mapping whose first key says its kind: `call` (an operation of CodePipeline), `update` (UpdatePipeline with
these changes to the pipeline's short form), `iam`, `sns`, `events`, … (an operation of that service), `push`, `deliver`,
`function`, `alarm`, or `wait`. The other keys are its members. `by` is the caller's ARN.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from ...aws.account import ask, of, services
from ...pipeline.fault import near
from ...scenario import duration
from ...simulation import Input, Simulation
from ...simulation.calls.personal import fill_in
from ..world import merged, structures

CALL, UPDATE, PUSH, DELIVER, FUNCTION, ALARM, WAIT = "call", "update", "push", "deliver", "function", "alarm", "wait"
AUTHOR_ONLY = (FUNCTION, ALARM)
"""What the world does, and no student can."""
OWN = (CALL, UPDATE, PUSH, DELIVER, FUNCTION, ALARM, WAIT)
READ, CHANGE = 1, 5
"""Points that a call costs."""
READING = re.compile(r"(Get|List|Describe|Lookup|Test|Simulate|Filter|PollFor)")
_IS_TEXT = re.compile(r"(Document|Pattern|policyDocument|AttributeValue|Input|Detail)$")


class Step(NamedTuple):
    """One step: its kind (a service's name, or one of `OWN`), what it names, its members, and whose call it is."""

    kind: str
    name: str
    members: Mapping[str, Any] = {}
    by: str = ""

    @property
    def cost(self) -> int:
        """Reads are cheap, changes dear; time costs nothing."""
        if self.kind in (WAIT, *AUTHOR_ONLY):
            return 0
        return READ if READING.match(self.name) and self.kind not in (PUSH, DELIVER) else CHANGE


def kinds() -> tuple[str, ...]:
    """All kinds of steps."""
    return (*OWN, *services())


def steps_of(said: Iterable[Mapping[str, Any]], stories: dict[str, Any]) -> tuple[Step, ...]:
    """Steps as they were written. `stories` are the pipelines' short forms by name; an `update` changes them."""
    return tuple(_step(one, stories) for one in said)


def _step(said: Mapping[str, Any], stories: dict[str, Any]) -> Step:
    kind = next(iter(said))
    members = {key: value for key, value in said.items() if key not in (kind, "by")}
    by = str(said.get("by", ""))
    if kind == UPDATE:
        name = str(members.get("name") or next(iter(stories)))
        stories[name] = merged(stories[name], said[kind])
        return Step(CALL, "UpdatePipeline", {"pipeline": _written(stories[name])}, by)
    if kind == CALL and isinstance(members.get("pipeline"), Mapping):
        members["pipeline"] = _written(members["pipeline"])
    return Step(kind, str(said[kind] or ""), _texts(members) if kind in services() else members, by)


def _written(short: Mapping[str, Any]) -> dict[str, Any]:
    return structures({"pipeline": short})[0]


def _texts(value: Any) -> Any:
    """Policies and patterns may be written as mappings; AWS takes them as text."""
    if isinstance(value, Mapping):
        return {key: json.dumps(one) if _IS_TEXT.search(str(key)) and isinstance(one, Mapping) else _texts(one)
                for key, one in value.items()}
    return [_texts(one) for one in value] if isinstance(value, list) else value


def against(said: Any) -> tuple[str, str] | None:
    """What is wrong with a step as it was written, and what to do; None where it can be read."""
    if not isinstance(said, Mapping) or not said:
        return "This is no step.", "Begin it with its kind, as in `- call: RetryStageExecution`."
    kind = str(next(iter(said)))
    if kind not in kinds():
        return f"'{kind}' is no kind of step.", near(kind, kinds()) or f"There are {', '.join(kinds())}."
    if kind == UPDATE and not isinstance(said[kind], Mapping):
        return "'update' says no change.", "Write what is otherwise, as in `update: {mode: QUEUED}`."
    if kind == WAIT:
        return _length(said[kind])
    if kind == FUNCTION and said.get("does", "nothing") not in CODES:
        return f"A function does not do '{said['does']}'.", near(str(said["does"]), CODES) or f"It does {', '.join(CODES)}."
    offered = services().get(kind)
    if offered is not None and said[kind] not in offered:
        return f"{kind} has no operation {said[kind]!r} here.", near(str(said[kind]), offered) or \
            f"It has {', '.join(sorted(offered))}."
    return None


def _length(said: Any) -> tuple[str, str] | None:
    try:
        duration(said)
    except ValueError as problem:
        return str(problem), "Write 90s, 10m, 2h."
    return None


# ---------------------------------------------------------------------------------------------- doing


def perform(sim: Simulation, step: Step) -> Any:
    """Do a step now; the answer, where there is one. Raises `Refused`, ValueError or LookupError."""
    members = dict(step.members)
    if step.kind == CALL:
        return sim.call(step.name, by=step.by or None, **fill_in(sim, step.name, members))
    if step.kind == PUSH:
        return sim.push(step.name, **members)
    if step.kind == DELIVER:
        return sim.deliver(step.name, **members)
    if step.kind == FUNCTION:
        return of(sim).function(step.name, CODES[str(members.get("does", "nothing"))])
    if step.kind == ALARM:
        return sim.alarm(step.name, str(members.get("status", "ALARM")))
    if step.kind == WAIT:
        return sim.run(sim.now + duration(step.name))
    return ask(sim, step.kind, step.name, members, step.by)


def _quiet(_: Any) -> str:
    """The code of a function in a challenge: it takes an event and is content."""
    return "ok"


def _answers(event: Mapping[str, Any], context: Any) -> None:
    context.call("PutJobSuccessResult", jobId=event["CodePipeline.job"]["id"])


def _fails(event: Mapping[str, Any], context: Any) -> None:
    context.call("PutJobFailureResult", jobId=event["CodePipeline.job"]["id"],
                 failureDetails={"type": "JobFailed", "message": "The check has failed."})


def _raises(_: Any) -> None:
    raise RuntimeError("The function has a fault.")


CODES: Mapping[str, Callable[..., Any]] = {"nothing": _quiet, "answers": _answers, "fails": _fails, "raises": _raises}
"""What a function may do that a pipeline, or a rule, calls."""


def done(one: Input) -> Step:
    """The step that an input of a simulation was."""
    if one.kind == "service":
        service, _, operation = one.name.partition(":")
        return Step(service, operation, one.arguments, one.by or "")
    return Step(one.kind, one.name, one.arguments, one.by or "")


# ---------------------------------------------------------------------------------------------- telling


def told(step: Step) -> str:
    """A step in one line: an aws command as far as it is one."""
    if step.kind == WAIT:
        return f"wait {step.name}"
    service = "codepipeline" if step.kind == CALL else step.kind
    if step.kind in OWN and step.kind != CALL:
        rest = " ".join(f"{key}={value}" for key, value in step.members.items())
        return " ".join(filter(None, (step.kind, step.name, rest)))
    options = " ".join(f"--{_kebab(key)} {_shell(value)}" for key, value in step.members.items())
    return f"aws {service} {_kebab(step.name)} {options}".strip()


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


def _shell(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if re.fullmatch(r"[\w.:/@-]+", text) else "'" + text.replace("'", "'\\''") + "'"
