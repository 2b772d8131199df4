"""What is wrong with each part of a scenario, looked at by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from ...pipeline.fault import Faults, near
from ...shapes import operations
from ..coming import (
    ALARM_KEYS,
    DELIVERY_KEYS,
    PUSH_KEYS,
    STREAM_KEYS,
    TRANSITION_KEYS,
    alarms_of,
    call_of,
    closures,
    delivery_of,
    is_stream,
    push_of,
    stream_of,
)
from ..durations import duration
from ..parse import (
    APPROVER_KEYS,
    BEHAVIOUR_KEYS,
    RETRY_KEYS,
    RULE_KEYS,
    START,
    approver_of,
    behaviour_of,
    listed,
    one_of,
    retry_of,
    start_of,
    truth,
    whole,
)
from ..schedules import SCHEDULE_KEYS, schedule_of
from .tell import REFUSALS, Found, fault, known, tabled, tried

Document = Mapping[str, Any]
Look = Callable[[str, Any, Document], Found]
LAYER_KEYS = ("actions", "approvals", "rules")

SETTINGS: Mapping[str, Callable[[Any], object]] = {
    "execution_limit": whole,
    "on_failure_condition": lambda given: one_of(given, ("met", "not met")),
    "deployment_window": lambda given: one_of(given, ("fail", "wait")),
    "conditions_on_retry": lambda given: one_of(given, ("skip", "evaluate")),
    "conditions_on_rollback": lambda given: one_of(given, ("skip", "evaluate")),
    "rollback_in_parallel": lambda given: one_of(given, ("refuse", "allow")),
    "rollback_of_source": lambda given: one_of(given, ("refuse", "allow")),
    "after_update": lambda given: one_of(given, ("Cancelled", "Failed")),
    "execution_type": lambda given: one_of(given, ("always", "rollbacks only")),
    "new_revision": lambda given: one_of(given, ("true if new", "as the model says")),
    "unresolved_variable": lambda given: one_of(given, ("ConfigurationError", "JobFailed", "InternalError")),
}
"""The points on which AWS is silent or contradicts itself and this simulation can do either (15). The first choice is the
default, and 50."""


def _start(document: Document) -> datetime:
    try:
        return start_of(document)
    except REFUSALS:
        return START  # that is told of `start` itself


# ---------------------------------------------------------------------------------------------- single values


def _each(check: Callable[[Any], object], like: str) -> Look:
    """A mapping from names, of which each value must pass."""
    def look(path: str, said: Any, document: Document) -> Found:
        yield from tabled(path, said, like)
        for name, value in said.items() if isinstance(said, Mapping) else ():
            yield from tried(f"{path}[{name}]", lambda value=value: check(value))  # type: ignore[misc]

    return look


def _written(pattern: str, like: str) -> Look:
    """A text of this form."""
    def look(path: str, said: Any, document: Document) -> Found:
        if not re.fullmatch(pattern, str(said)):
            yield fault(path, f"{said!r} is not understood.", f"Write {like}.")

    return look


def _look_at_settings(path: str, said: Any, document: Document) -> Found:
    yield from known(path, said, SETTINGS)
    for name, value in said.items() if isinstance(said, Mapping) else ():
        if name in SETTINGS:
            yield from tried(f"{path}.{name}", lambda name=name, value=value: SETTINGS[name](value))  # type: ignore[misc]


# ---------------------------------------------------------------------------------------------- actions and people


def _look_at_actions(path: str, said: Any, document: Document) -> Found:
    yield from _behaviours(path, said, BEHAVIOUR_KEYS)
    for name, one in said.items() if isinstance(said, Mapping) else ():
        yield from _unknown_capacity(f"{path}[{name}]", one, document)


def _look_at_rules(path: str, said: Any, document: Document) -> Found:
    yield from _behaviours(path, said, RULE_KEYS)


def _behaviours(path: str, said: Any, keys: frozenset[str]) -> Found:
    """Each key by itself, so that all faults of an action are told."""
    yield from tabled(path, said, f"{path}: {{Test/Unit: {{failure: 2%}}}}")
    for name, one in said.items() if isinstance(said, Mapping) else ():
        place = f"{path}[{name}]"
        yield from known(place, one, keys)
        for key, value in one.items() if isinstance(one, Mapping) else ():
            if key in keys:
                yield from tried(f"{place}.{key}",
                                 lambda key=key, value=value: behaviour_of({"duration": 1, key: value}))  # type: ignore[misc]


def _unknown_capacity(place: str, one: Any, document: Document) -> Found:
    said, shared = one.get("capacity") if isinstance(one, Mapping) else None, document.get("capacity")
    names = [str(name) for name in shared] if isinstance(shared, Mapping) else []
    if said and str(said) not in names:
        yield fault(f"{place}.capacity", f"no capacity is called '{said}'.",
                    near(str(said), names) or f"Add capacity: {{{said}: 1}}.")


def _look_at_approvals(path: str, said: Any, document: Document) -> Found:
    yield from tabled(path, said, f"{path}: {{Prod/Approve: {{response: 1h}}}}")
    for name, one in said.items() if isinstance(said, Mapping) else ():
        if one == "nobody":
            continue
        place = f"{path}[{name}]"
        yield from known(place, one, APPROVER_KEYS)
        for key, value in one.items() if isinstance(one, Mapping) else ():
            check = truth if key == "nobody" else lambda value, key=key: approver_of({key: value}, _start(document))
            if key in APPROVER_KEYS:
                yield from tried(f"{place}.{key}", lambda check=check, value=value: check(value))  # type: ignore[misc]


def _look_at_layers(path: str, said: Any, document: Document) -> Found:
    for number, layer in enumerate(listed(said)):
        yield from known(f"{path}[{number}]", layer, LAYER_KEYS)
        for key in LAYER_KEYS if isinstance(layer, Mapping) else ():
            if key in layer:
                yield from LOOKS[key](f"{path}[{number}].{key}", layer[key], document)


def _look_at_retry(path: str, said: Any, document: Document) -> Found:
    yield from known(path, said, RETRY_KEYS)
    for key, value in said.items() if isinstance(said, Mapping) else ():
        yield from tried(f"{path}.{key}", lambda key=key, value=value: retry_of({key: value}))  # type: ignore[misc]


# ---------------------------------------------------------------------------------------------- what comes when


def _listed(keys: Iterable[str], needed: tuple[str, ...], make: Callable[[Any, datetime], object]) -> Look:
    """A list of mappings with these keys."""
    def look(path: str, said: Any, document: Document) -> Found:
        for number, one in enumerate(listed(said)):
            yield from _looked(f"{path}[{number}]", one, keys, needed, make, _start(document))

    return look


def _looked(path: str, one: Any, keys: Iterable[str], needed: tuple[str, ...],
            make: Callable[[Any, datetime], object], start: datetime) -> Found:
    wrong = list(known(path, one, keys, needed))
    yield from wrong or tried(path, lambda: make(one, start))


def _look_at_pushes(path: str, said: Any, document: Document) -> Found:
    start = _start(document)
    for number, one in enumerate(listed(said)):
        place = f"{path}[{number}]"
        if not isinstance(one, Mapping):
            yield from tried(place, lambda one=one: push_of(one, start))  # type: ignore[misc]
        elif is_stream(one):
            yield from _looked(place, one, STREAM_KEYS, (), stream_of, start)
        else:
            yield from _looked(place, one, PUSH_KEYS, (), push_of, start)


def _look_at_calls(path: str, said: Any, document: Document) -> Found:
    for number, one in enumerate(listed(said)):
        place = f"{path}[{number}]"
        if not isinstance(one, Mapping) or "at" not in one or "operation" not in one:
            yield fault(place, "a call has a time and an operation.",
                        "Write {at: 10m, operation: StopPipelineExecution, execution: 1}.")
            continue
        yield from tried(place, lambda one=one: call_of(one, _start(document)))  # type: ignore[misc]
        if one["operation"] not in operations():
            yield fault(f"{place}.operation", f"the API has no operation '{one['operation']}'.",
                        near(str(one["operation"]), operations()))


# ---------------------------------------------------------------------------------------------- policies


def _policies(kind: str) -> Look:
    """Policies by ARN, of this kind: several of a role or a caller, one trust policy."""
    def look(path: str, said: Any, document: Document) -> Found:
        yield from tabled(path, said, f"{path}: {{arn:aws:iam::111122223333:role/pipeline: {{Version: …, Statement: …}}}}")
        for arn, documents in said.items() if isinstance(said, Mapping) else ():
            for one in [documents] if kind == "trust" else listed(documents):
                yield from _policy(f"{path}[{arn}]", one, kind)

    return look


def _policy(path: str, said: Any, kind: str) -> Found:
    from ...iam import parse

    try:
        parse(said, kind=kind)
    except Faults as refused:
        for found in refused.faults:
            yield fault(f"{path}.{found.path}".removesuffix("."), found.message, found.fix)
    except REFUSALS as error:
        yield fault(path, str(error))


_TOPIC = re.compile(r"(arn:aws[\w-]*:sns:[^:]+:\d{12}:)?[A-Za-z0-9_-]{1,256}(\.fifo)?\Z")


def _look_at_topics(path: str, said: Any, document: Document) -> Found:
    for place, name in enumerate(listed(said)):
        if not isinstance(name, str) or not _TOPIC.match(name):
            yield fault(f"{path}[{place}]", f"{name!r} is no topic.", "Write its name, such as approvals, or its ARN.")


def _look_at_start(path: str, said: Any, document: Document) -> Found:
    yield from tried(path, lambda: start_of(document))


LOOKS: Mapping[str, Look] = {
    "start": _look_at_start,
    "account": _written(r"\d{12}", 'twelve digits in quotes, such as "111122223333"'),
    "region": _written(r"[a-z]{2,}(-[a-z]+)+-\d", "a Region such as eu-west-1"),
    "by": _written(r"\S(.*\S)?", "an ARN such as arn:aws:iam::111122223333:user/lee"),
    "settings": _look_at_settings,
    "capacity": _each(whole, "capacity: {CodeBuild: 5}"),
    "polling": lambda path, said, document: tried(path, lambda: duration(said)),
    "timeouts": _each(duration, "timeouts: {CodeBuild: 8h}"),
    "events": _each(truth, "events: {Source/App: true}"),
    "roles": _policies("identity"),
    "trust": _policies("trust"),
    "identities": _policies("identity"),
    "topics": _look_at_topics,
    "actions": _look_at_actions,
    "approvals": _look_at_approvals,
    "rules": _look_at_rules,
    "but": _look_at_layers,
    "retry": _look_at_retry,
    "pushes": _look_at_pushes,
    "schedules": _listed(SCHEDULE_KEYS, ("when",), schedule_of),
    "deliveries": _listed(DELIVERY_KEYS, ("webhook",), delivery_of),
    "calls": _look_at_calls,
    "transitions": _listed(TRANSITION_KEYS, ("stage",), lambda one, start: list(closures(one, start))),
    "alarms": _listed(ALARM_KEYS, ("name",), alarms_of),
}
KEYS = tuple(LOOKS)
