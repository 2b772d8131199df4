"""What is wrong with a scenario: every fault at once, told like the faults of a definition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ..pipeline.document import load_document, read_text
from ..pipeline.fault import Fault, Faults, Unreadable, near
from ..pipeline.model import Pipeline
from ..shapes import operations
from .parse import (
    APPROVER_KEYS,
    PUSH_KEYS,
    STREAM_KEYS,
    approver_of,
    behaviour_keys,
    behaviour_of,
    listed,
    push_of,
    streams_of,
)
from .quantiles import duration

KEYS = ("start", "account", "region", "by", "settings", "capacity", "polling", "timeouts", "events", "roles",
        "identities", "actions", "approvals", "rules", "pushes", "calls", "transitions", "alarms", "retry")
SETTINGS = ("execution_limit", "on_failure_condition", "deployment_window", "conditions_on_retry")
Found = Iterator[Fault]


def checked(source: str | Path | Mapping[str, Any] | None, pipelines: list[Pipeline]) -> Mapping[str, Any]:
    """The document, if nothing is wrong with it. Raises Unreadable or Faults."""
    document, name = _document(source)
    faults = list(faults_of(document, pipelines))
    if faults:
        raise Faults(faults, name)
    return document


def _document(source: str | Path | Mapping[str, Any] | None) -> tuple[dict[str, Any], str]:
    if source is None:
        return {}, ""
    if isinstance(source, Mapping):
        return dict(source), ""
    text = str(source)
    name = "the scenario" if "\n" in text or ":" in text and not Path(text).exists() else text
    found = load_document(text if name == "the scenario" else read_text(text), name)
    if found is None:
        return {}, name
    if not isinstance(found, dict):
        raise Unreadable(f"{name}: a scenario is a mapping, such as `actions: …`, not a {type(found).__name__}.")
    return found, name


def faults_of(document: Mapping[str, Any], pipelines: list[Pipeline]) -> Found:
    """All faults. Names are looked for only where pipelines are given."""
    for key in document:
        if key not in KEYS:
            yield _fault(str(key), f"a scenario has no key '{key}'.", near(str(key), KEYS) or f"Keys: {', '.join(KEYS)}.")
    for key, look in _LOOKS.items():
        if document.get(key) is not None:
            yield from look(document[key], document)
    yield from _unknown_names(document, pipelines)


def _fault(path: str, message: str, fix: str = "") -> Fault:
    return Fault(path, "", "ScenarioError", message, fix)


def _tried(path: str, make: Callable[[], object]) -> Found:
    try:
        make()
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        text = f"{error} is missing." if isinstance(error, KeyError) else str(error)
        yield _fault(path, text)


def _known(path: str, said: Any, keys: Iterable[str]) -> Found:
    if not isinstance(said, Mapping):
        yield _fault(path, f"this is a {type(said).__name__}, not a mapping.", f"Keys: {', '.join(sorted(keys))}.")
        return
    for key in said:
        if key not in keys:
            yield _fault(f"{path}.{key}", f"there is no key '{key}' here.",
                         near(str(key), keys) or f"Keys: {', '.join(sorted(keys))}.")


def _start(of: Mapping[str, Any]) -> datetime:
    from .world import Scenario

    return Scenario({"start": of["start"]} if "start" in of else {}).start


def _look_at_actions(said: Any, document: Mapping[str, Any], path: str = "actions") -> Found:
    if not isinstance(said, Mapping):
        yield _fault(path, "this must map names such as Test/Unit to behaviours.")
        return
    for name, one in said.items():
        place = f"{path}[{name}]"
        wrong = list(_known(place, one, behaviour_keys()))
        yield from wrong
        if not wrong:
            yield from _tried(place, lambda one=one: behaviour_of({"duration": 1, **one}))  # type: ignore[misc]


def _look_at_rules(said: Any, document: Mapping[str, Any]) -> Found:
    yield from _look_at_actions(said, document, "rules")


def _look_at_approvals(said: Any, document: Mapping[str, Any]) -> Found:
    if not isinstance(said, Mapping):
        yield _fault("approvals", "this must map names such as Prod/Approve to approvers.")
        return
    for name, one in said.items():
        if one == "nobody":
            continue
        place = f"approvals[{name}]"
        wrong = list(_known(place, one, APPROVER_KEYS))
        yield from wrong
        if not wrong:
            yield from _tried(place, lambda one=one: approver_of(one, _start(document)))  # type: ignore[misc]


def _look_at_pushes(said: Any, document: Mapping[str, Any]) -> Found:
    for number, one in enumerate(listed(said)):
        path = f"pushes[{number}]"
        keys = STREAM_KEYS if isinstance(one, Mapping) and "every" in one else PUSH_KEYS
        wrong = list(_known(path, one, keys)) if isinstance(one, Mapping) else []
        yield from wrong
        if not wrong and keys is STREAM_KEYS:
            yield from _tried(path, lambda one=one: streams_of([one], _start(document)))  # type: ignore[misc]
        elif not wrong:
            yield from _tried(path, lambda one=one: push_of(one))  # type: ignore[misc]


def _look_at_calls(said: Any, document: Mapping[str, Any]) -> Found:
    for number, one in enumerate(listed(said)):
        path = f"calls[{number}]"
        if not isinstance(one, Mapping) or "at" not in one or "operation" not in one:
            yield _fault(path, "a call has a time and an operation.", "Write {at: 10m, operation: StopPipelineExecution}.")
            continue
        yield from _tried(f"{path}.at", lambda one=one: duration(one["at"]))  # type: ignore[misc]
        if one["operation"] not in operations():
            yield _fault(f"{path}.operation", f"the API has no operation '{one['operation']}'.",
                         near(str(one["operation"]), operations()))


def _look_at_transitions(said: Any, document: Mapping[str, Any]) -> Found:
    for number, one in enumerate(listed(said)):
        path = f"transitions[{number}]"
        yield from _known(path, one, ("stage", "from", "to", "reason", "type", "by", "pipelineName"))
        if isinstance(one, Mapping):
            if "stage" not in one:
                yield _fault(path, "it does not say which stage.", "Write stage: Prod.")
            for key in ("from", "to"):
                yield from _tried(f"{path}.{key}", lambda one=one, key=key: duration(one.get(key, 0)))  # type: ignore[misc]


def _look_at_alarms(said: Any, document: Mapping[str, Any]) -> Found:
    for number, one in enumerate(listed(said)):
        path = f"alarms[{number}]"
        wrong = list(_known(path, one, ("name", "at", "status", "from", "to")))
        yield from wrong
        if wrong:
            continue
        if "name" not in one or not {"at", "from"} & set(one):
            yield _fault(path, "an alarm has a name, and `at` with a status, or `from` and `to`.")
        for key in ("at", "from", "to"):
            yield from _tried(f"{path}.{key}", lambda one=one, key=key: duration(one.get(key, 0)))  # type: ignore[misc]
        if one.get("status", "OK") not in ("OK", "ALARM", "INSUFFICIENT_DATA"):
            yield _fault(f"{path}.status", f"'{one['status']}' is no state of an alarm.", "OK, ALARM, INSUFFICIENT_DATA.")


def _look_at_retry(said: Any, document: Mapping[str, Any]) -> Found:
    yield from _known("retry", said, ("after", "times", "mode", "stages"))
    if isinstance(said, Mapping):
        yield from _tried("retry.after", lambda: duration(said.get("after", 0)))
        yield from _tried("retry.times", lambda: int(said.get("times", 1)))
        if said.get("mode", "FAILED_ACTIONS") not in ("FAILED_ACTIONS", "ALL_ACTIONS"):
            yield _fault("retry.mode", f"'{said['mode']}' is no retry mode.", "FAILED_ACTIONS or ALL_ACTIONS.")


def _look_at_counts(said: Any, document: Mapping[str, Any]) -> Found:
    if not isinstance(said, Mapping):
        yield _fault("capacity", "this must map names such as CodeBuild to counts.")
        return
    for name, count in said.items():
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            yield _fault(f"capacity.{name}", f"{count!r} is no count of slots.", "Write a whole number, at least 1.")


def _look_at_durations(said: Any, document: Mapping[str, Any]) -> Found:
    if not isinstance(said, Mapping):
        yield _fault("timeouts", "this must map providers to durations.")
        return
    for name, value in said.items():
        yield from _tried(f"timeouts.{name}", lambda value=value: duration(value))  # type: ignore[misc]


def _look_at_settings(said: Any, document: Mapping[str, Any]) -> Found:
    yield from _known("settings", said, SETTINGS)


def _look_at_policies(key: str) -> Callable[[Any, Mapping[str, Any]], Found]:
    def look(said: Any, document: Mapping[str, Any]) -> Found:
        from ..iam import parse

        for arn, documents in said.items() if isinstance(said, Mapping) else ():
            for one in listed(documents):
                try:
                    parse(one)
                except Faults as refused:
                    for fault in refused.faults:
                        yield _fault(f"{key}[{arn}].{fault.path}", fault.message, fault.fix)

    return look


_LOOKS: dict[str, Callable[[Any, Mapping[str, Any]], Found]] = {
    "start": lambda said, document: _tried("start", lambda: _start(document)),
    "polling": lambda said, document: _tried("polling", lambda: duration(said)),
    "settings": _look_at_settings,
    "capacity": _look_at_counts,
    "timeouts": _look_at_durations,
    "actions": _look_at_actions,
    "approvals": _look_at_approvals,
    "rules": _look_at_rules,
    "pushes": _look_at_pushes,
    "calls": _look_at_calls,
    "transitions": _look_at_transitions,
    "alarms": _look_at_alarms,
    "retry": _look_at_retry,
    "roles": _look_at_policies("roles"),
    "identities": _look_at_policies("identities"),
}


def _unknown_names(document: Mapping[str, Any], pipelines: list[Pipeline]) -> Found:
    """A name or glob that no action of the pipelines answers to."""
    if not pipelines:
        return
    actions = {f"{stage.name}/{action.name}": action for pipeline in pipelines for stage, action in pipeline.walk()}
    approvals = {place: action for place, action in actions.items() if action.is_approval}
    stages = {stage.name for pipeline in pipelines for stage in pipeline.stages}
    for key, places in (("actions", actions), ("approvals", approvals)):
        providers = {action.provider for action in places.values()}
        for name in document.get(key) or {} if isinstance(document.get(key), Mapping) else ():
            if name not in providers and not any(fnmatchcase(place, str(name)) for place in places):
                yield _fault(f"{key}[{name}]", f"no {key[:-1]} of the pipeline is called '{name}'.",
                             near(str(name), [*places, *providers]) or f"There are {', '.join(places) or 'none'}.")
    for number, one in enumerate(listed(document.get("transitions"))):
        if isinstance(one, Mapping) and one.get("stage") not in stages:
            yield _fault(f"transitions[{number}].stage", f"no stage is called '{one.get('stage')}'.",
                         near(str(one.get("stage")), stages))


