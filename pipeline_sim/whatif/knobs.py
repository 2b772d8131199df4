"""What can be changed of a world, in words: `Test/*.failure=20%`, `Test/*.duration=x0.5`, `mode=QUEUED`.

A knob is a name before the `=`; turning it makes another (pipeline, scenario). The words are the scenario's and the
pipeline's own:

- `SELECTOR.KEY`: a key of actions (`duration`, `failure`, `defect`, …), approvals (`response`, `probability`, `hours`) or
  rules, of whatever the selector names. A value such as `x0.5` multiplies what each of them has now.
- `pushes.every`, `capacity.NAME`, `retry.KEY`, `settings.KEY`, and the scenario's keys such as `polling`.
- `mode`, `parallel` (two actions of a stage), `sequence` (the second after the first), `without` (a stage or an action),
  and `STAGE.retry` (`FAILED_ACTIONS`, `ALL_ACTIONS` or `none`): the pipeline.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml

from ..pipeline.fault import Faults, near
from ..pipeline.model import Action, Pipeline
from ..scenario import Quantiles, Scenario
from ..scenario.check import KEYS
from ..scenario.coming import is_stream
from ..scenario.parse import APPROVER_KEYS, BEHAVIOUR_KEYS, RULE_KEYS, listed
from ..scenario.selectors import names

World = tuple[Pipeline, Scenario]
_FACTOR = re.compile(r"[x×*]\s*(\d+(?:\.\d+)?)")
CHANCES = ("failure", "defect", "probability")
TIMES = ("duration", "response")
WHOLE = ("pushes", "capacity", "retry", "settings")
LIKE = "write it as Test/*.failure=20%, pushes.every=30m, capacity.CodeBuild=5, mode=QUEUED or parallel=Test/Unit,Test/Lint"


def changed(world: World, *changes: str) -> World:
    """The world after changes in words, one after another. ValueError, or Faults where AWS would refuse the pipeline or the
    scenario makes no sense then; the change at fault is its note."""
    for text in changes:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise ValueError(f"{text!r} is no change: {LIKE}.")
        try:
            world = turned(world, name.strip(), value.strip())
        except Faults as refused:
            refused.add_note(text.strip())
            raise
    return world


def turned(world: World, name: str, value: Any) -> World:
    """The world with one knob at a value: a text as a person writes it, or a number."""
    pipeline, scenario = world
    if name in _OF_PIPELINE:
        return _OF_PIPELINE[name](pipeline, str(value)), scenario
    head, dot, key = name.rpartition(".")
    if not dot:
        return pipeline, _of_whole(scenario, pipeline, name, value)
    if head in WHOLE:
        return pipeline, _of_part(scenario, pipeline, head, key, value)
    if key == "retry":
        return _with_retry(pipeline, head, str(value)), scenario
    return pipeline, _of_selector(pipeline, scenario, head, key, value)


def value_of(text: Any) -> Any:
    """A value as YAML reads it: `20%`, `3m`, `{p50: 3m, p95: 9m}`, `0.2`."""
    if not isinstance(text, str):
        return text
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as problem:
        raise ValueError(f"{text!r} cannot be read: {str(problem).splitlines()[0]}.") from problem


def factor_of(value: Any) -> float | None:
    """What `x0.5` multiplies by; None for a value that stands for itself."""
    found = _FACTOR.fullmatch(value.strip()) if isinstance(value, str) else None
    return float(found[1]) if found else None


# ---------------------------------------------------------------------------------------------- the pipeline


def _pair(value: str) -> tuple[str, str]:
    first, comma, second = value.partition(",")
    if not comma:
        raise ValueError(f"{value!r}: name two actions, as in Test/Unit,Test/Lint.")
    return first.strip(), second.strip()


def _with_mode(pipeline: Pipeline, value: str) -> Pipeline:
    if value.upper() not in ("SUPERSEDED", "QUEUED", "PARALLEL"):
        raise ValueError(f"{value!r} is no execution mode: SUPERSEDED, QUEUED or PARALLEL.")
    return pipeline.with_mode(value.upper())


_OF_PIPELINE: dict[str, Callable[[Pipeline, str], Pipeline]] = {
    "mode": _with_mode,
    "parallel": lambda pipeline, value: pipeline.parallel(*_pair(value)),
    "sequence": lambda pipeline, value: pipeline.in_sequence(*_pair(value)),
    "without": lambda pipeline, value: pipeline.without(value),
}


def _with_retry(pipeline: Pipeline, stage: str, value: str) -> Pipeline:
    if stage not in pipeline.by_name:
        raise ValueError(f"There is no stage {stage!r}. {near(stage, pipeline.by_name) or ''}".strip())
    if value not in ("FAILED_ACTIONS", "ALL_ACTIONS", "none"):
        raise ValueError(f"{value!r} is no way to retry: FAILED_ACTIONS, ALL_ACTIONS or none.")
    return pipeline.edited(_retried, stage, value)


def _retried(structure: Mapping[str, Any], stage: str, value: str) -> Mapping[str, Any]:
    failing = {"onFailure": {"result": "RETRY", "retryConfiguration": {"retryMode": value}}}
    stages = []
    for one in structure["stages"]:
        if one["name"] == stage:
            one = {key: part for key, part in one.items() if key != "onFailure"} | (failing if value != "none" else {})
        stages.append(one)
    return {**structure, "stages": stages, **({"pipelineType": "V2"} if value != "none" else {})}


# ---------------------------------------------------------------------------------------------- the whole scenario


def _of_whole(scenario: Scenario, pipeline: Pipeline, name: str, value: Any) -> Scenario:
    known = {*KEYS, *_OF_PIPELINE}
    if name not in KEYS:
        raise ValueError(f"{name!r} is no knob. {near(name, known) or LIKE[0].upper() + LIKE[1:] + '.'}")
    return checked(scenario.but(**{name: value_of(value)}), pipeline)


def _of_part(scenario: Scenario, pipeline: Pipeline, part: str, key: str, value: Any) -> Scenario:
    if part == "pushes":
        return checked(_with_pushes(scenario, key, value), pipeline)
    table = dict(scenario.data.get(part) or {})
    changes: dict[str, Any] = {part: {**table, key: value_of(value)}}
    return checked(scenario.but(**changes), pipeline)


def _with_pushes(scenario: Scenario, key: str, value: Any) -> Scenario:
    """A key of every stream of pushes."""
    pushes = listed(scenario.data.get("pushes"))
    if not any(map(is_stream, pushes)):
        raise ValueError("No stream of pushes is in this scenario: give it one, such as pushes: {every: 1h, for: 5d}.")
    factor = factor_of(value)
    streams = iter(scenario.streams)
    found = []
    for one in pushes:
        if is_stream(one):
            every = next(streams).every
            one = {**one, key: max(1, round(every * factor)) if factor is not None else value_of(value)}
        found.append(one)
    return scenario.but(pushes=found)


def checked(scenario: Scenario, pipeline: Pipeline) -> Scenario:
    """The scenario, if all its names are in the pipeline. Raises Faults."""
    return Scenario.load(scenario.data, [pipeline])


# ---------------------------------------------------------------------------------------------- actions and approvals


def _of_selector(pipeline: Pipeline, scenario: Scenario, selector: str, key: str, value: Any) -> Scenario:
    known = BEHAVIOUR_KEYS | APPROVER_KEYS | RULE_KEYS
    if key not in known:
        raise ValueError(f"{selector}.{key}: there is no key {key!r}. {near(key, known) or ''}".strip())
    places = list(matching(pipeline, selector))
    if not places and selector.count("/") < 2:
        every = [f"{stage.name}/{action.name}" for stage, action in pipeline.walk()]
        raise ValueError(f"{selector}: no action of {pipeline.name} is called so. "
                         f"{near(selector, every) or 'There are ' + ', '.join(every) + '.'}")
    factor = factor_of(value)
    if factor is None:
        return checked(scenario.but(selector, **{key: value_of(value)}), pipeline)
    now = {place: current(scenario, place, action, key) for place, action in places}
    if not any(now.values()):
        raise ValueError(f"{selector}.{key} is zero now, or is not said: a factor changes nothing. Write a value.")
    for place, value_now in now.items():
        if value_now:
            scenario = scenario.but(place, **{key: _times(value_now, factor, f"{place}.{key}")})
    return checked(scenario, pipeline)


def _times(now: Any, factor: float, name: str) -> Any:
    if isinstance(now, Quantiles):
        return now.scaled(factor) if factor else 0
    if not 0 <= now * factor <= 1:
        raise ValueError(f"{name} would be {now * factor:.0%}: a probability lies between 0 % and 100 %.")
    return now * factor


def matching(pipeline: Pipeline, selector: str) -> Iterator[tuple[str, Action]]:
    """The actions that a selector names, with their places."""
    for stage, action in pipeline.walk():
        place = f"{stage.name}/{action.name}"
        if names(selector, place, action.provider):
            yield place, action


def current(scenario: Scenario, place: str, action: Action, key: str) -> Quantiles | float | None:
    """What a time or a chance of an action is now; None where it has none."""
    stage = place.partition("/")[0]
    if action.is_approval:
        approver = scenario.approver(stage, action)
        if approver is None:
            return None
        answers: dict[str, Quantiles | float] = {"response": approver.response, "probability": approver.probability}
        return answers.get(key)
    one = scenario.behaviour(stage, action)
    works: dict[str, Quantiles | float] = {"duration": one.duration, "failure": one.failure, "defect": one.defect}
    return works.get(key)


