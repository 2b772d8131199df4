"""Random pipelines and worlds that arrays can do: small whole seconds and zeros, so that ties are everywhere."""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import Any

from hypothesis import strategies as st

from .stories import structure

World = tuple[dict[str, Any], dict[str, Any], int]


def _any(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


# Strategies are made once: to make one takes longer than to draw from it.
FEW = st.integers(0, 5)
ONE_OR_TWO, UP_TO_3, UP_TO_4 = (st.integers(1, most) for most in (2, 3, 4))
EVEN, SOMETIMES = st.booleans(), st.integers(0, 3).map(lambda drawn: drawn == 0)
SEEDS = st.integers(0, 2**32)
LUCK = _any(0, 0, 0, 0, 0, 0.3, 0.6)
DEFECT, OF_RULES = _any(0, 0, 0, 0.4), _any(0, 0.3, 0.6)
SAMPLES = [[0, 1], [0, 0, 4], [1, 2, 3], [0, 5], [2, 2, 3, 4], [3, 4, 5]]
"""Few, so that the tables of 65,536 quantiles are made once."""
TAKES = st.one_of(FEW, st.sampled_from(SAMPLES).map(lambda sample: {"sample": sample}))
MODES, LOCKED = _any("QUEUED", "SUPERSEDED", "PARALLEL"), _any("QUEUED", "SUPERSEDED")
TIMEOUTS, LIMITS = _any({}, {}, {"CodeBuild": 4}), _any({}, {}, {"execution_limit": 3})
EVERY = _any(0, 1, 2, 3, 5)
FAILED = _any("", "", "FAILED_ACTIONS", "ALL_ACTIONS", "ROLLBACK", "condition")
RETRIES = st.fixed_dictionaries({"after": FEW, "times": ONE_OR_TWO, "stages": _any("*", "S*"),
                                 "mode": _any("FAILED_ACTIONS", "ALL_ACTIONS")})
RULES = st.lists(_any("R0", "R1"), min_size=1, max_size=2, unique=True)
GATES = {"beforeEntry": _any("FAIL", "SKIP"), "onSuccess": _any("FAIL", "ROLLBACK"), "onFailure": st.just("ROLLBACK")}
GATES_IN_PARALLEL = {"beforeEntry": st.just("FAIL"), "onSuccess": st.just("FAIL")}

_ANSWERS = {"probability": _any(0.5, 0.7, 1), "response": TAKES}
_OFFICE = _any({"from": "09:01", "to": "10:00"}, {"days": "Mon-Sun", "from": "09:00", "to": "09:01"})
APPROVERS = st.one_of(st.just("nobody"), st.fixed_dictionaries(_ANSWERS),
                      st.fixed_dictionaries({**_ANSWERS, "hours": _OFFICE}))

_MOMENT = st.integers(0, 14)
_STREAM = st.fixed_dictionaries({"every": st.integers(1, 6), "count": st.integers(0, 8), "from": FEW},
                                optional={"until": st.integers(5, 30), "regular": EVEN})
PUSHES = st.lists(st.one_of(_MOMENT, _MOMENT, _STREAM), max_size=9)
STOPS = st.lists(st.fixed_dictionaries({
    "at": st.integers(0, 25), "operation": st.just("StopPipelineExecution"), "execution": st.integers(1, 5),
    "abandon": EVEN}), max_size=3)


@cache
def _transitions(stages: tuple[str, ...]) -> st.SearchStrategy[list[dict[str, Any]]]:
    transition = {"at": st.integers(0, 25), "stageName": st.sampled_from(stages),
                  "transitionType": _any("Inbound", "Outbound")}
    closes = {"operation": st.just("DisableStageTransition"), "reason": st.just("x"), **transition}
    opens = {"operation": st.just("EnableStageTransition"), **transition}
    return st.lists(st.one_of(st.fixed_dictionaries(closes), st.fixed_dictionaries(opens)), max_size=4)


@st.composite
def worlds(draw: st.DrawFn, capacity: bool = False) -> World:
    """A pipeline that arrays can do, how its world behaves, and the first seed. `capacity`: builds share slots."""
    mode = draw(LOCKED if capacity else MODES)
    actions: dict[str, Any] = {"Source/App": {"duration": draw(TAKES), "failure": draw(LUCK)}}
    stages: dict[str, Any] = {"Source": {"actions": ["App"], **_on_failure(draw, mode, capacity)}}
    for number in range(draw(UP_TO_4)):
        stages[f"S{number}"] = _stage(draw, f"S{number}", mode, actions, capacity)
    world: dict[str, Any] = {"actions": actions, "pushes": draw(PUSHES), "timeouts": draw(TIMEOUTS),
                             "approvals": {"*": draw(APPROVERS)}, "settings": draw(LIMITS)}
    if capacity:
        world["capacity"] = {"CodeBuild": draw(UP_TO_3)}
    else:
        _people(draw, world, tuple(stages), mode)
    body = structure(stages, mode=mode)
    if draw(SOMETIMES):
        _polled(draw, body, world)
    return body, world, draw(SEEDS)


def _polled(draw: st.DrawFn, body: dict[str, Any], world: dict[str, Any]) -> None:
    """The source is looked at every few seconds: one look finds several changes, of which arrays know no defects."""
    body["stages"][0]["actions"][0]["configuration"]["PollForSourceChanges"] = "true"
    world["polling"] = draw(EVERY)
    for behaviour in world["actions"].values():
        behaviour.pop("defect", None)


_LIMIT, _WHAT = st.integers(2, 4), st.integers(0, 3)
_NEEDS, _AT_FIRST = _any({}, {}, {"capacity": "lab"}), st.lists(st.integers(0, 6), min_size=1, max_size=3)


@cache
def _lengths(limit: int) -> st.SearchStrategy[int]:
    return _any(0, 0, 1, 2, limit - 1, limit, limit + 1)


@st.composite
def lines(draw: st.DrawFn) -> World:
    """Builds in line for few slots until their time-out, of so few lengths that attempts which left a line, attempts that
    began at once and time-outs in line come at one instant."""
    limit = draw(_LIMIT)
    lengths = _lengths(limit)
    actions: dict[str, Any] = {"Source/App": {"duration": 0}}
    stages: dict[str, Any] = {"Source": ["App"]}
    for stage in "AB"[:draw(ONE_OR_TWO)]:
        groups = [[f"{stage}{order}{place}" for place in range(draw(_LIMIT))] for order in range(draw(ONE_OR_TWO))]
        stages[stage] = {"actions": groups, **_on_failure(draw, "QUEUED", True)}
        for name in chain.from_iterable(groups):
            actions[f"{stage}/{name}"] = {"duration": draw(lengths), **draw(_NEEDS)}
    capacity = {"CodeBuild": draw(ONE_OR_TWO), "lab": 1}
    world = {"actions": actions, "pushes": draw(_AT_FIRST), "timeouts": {"CodeBuild": limit}, "capacity": capacity}
    return structure(stages, mode="QUEUED"), world, 0


def _people(draw: st.DrawFn, world: dict[str, Any], stages: tuple[str, ...], mode: str) -> None:
    """Transitions that are closed for a while; then a person who retries, or stops, or neither."""
    world["rules"] = {"*": {"duration": draw(TAKES), "failure": draw(OF_RULES)}}
    if draw(EVEN):
        world["settings"] = {**world["settings"], "conditions_on_retry": "evaluate"}
    if draw(SOMETIMES):
        world["settings"] = {**world["settings"], "on_failure_condition": "not met"}
    world["calls"] = draw(_transitions(stages[mode == "PARALLEL":]))
    what = draw(_WHAT)
    if what == 0:
        world["retry"] = draw(RETRIES)
    elif what == 1:
        world["calls"] = world["calls"] + draw(STOPS)


def _stage(draw: st.DrawFn, name: str, mode: str, actions: dict[str, Any], capacity: bool) -> dict[str, Any]:
    groups: list[Any] = []
    for order in range(draw(UP_TO_3)):
        names = [f"A{order}{letter}" for letter in "xyz"[:draw(UP_TO_3)]]
        approval = draw(SOMETIMES)
        groups.append([{one: "Manual"} if approval else one for one in names])
        for one in names:
            actions[f"{name}/{one}"] = {"duration": draw(TAKES), "failure": draw(LUCK), "defect": draw(DEFECT)}
    stage: dict[str, Any] = {"actions": groups, **_on_failure(draw, mode, capacity)}
    for gate in ("beforeEntry", "onSuccess"):
        if not capacity and draw(SOMETIMES):
            stage[gate] = {"conditions": [_condition(draw, gate, mode)]}
    return stage


def _on_failure(draw: st.DrawFn, mode: str, capacity: bool) -> dict[str, Any]:
    what = draw(FAILED)
    if what.endswith("ACTIONS"):
        return {"onFailure": {"result": "RETRY", "retryConfiguration": {"retryMode": what}}}
    if not what or capacity or mode == "PARALLEL":
        return {}
    if what == "ROLLBACK":
        return {"onFailure": {"result": "ROLLBACK"}}
    return {"onFailure": {"conditions": [_condition(draw, "onFailure", mode)]}}


def _condition(draw: st.DrawFn, gate: str, mode: str) -> dict[str, Any]:
    result = draw((GATES if mode != "PARALLEL" else GATES_IN_PARALLEL)[gate])
    names = draw(RULES)
    return {"result": result, "rules": [
        {"name": name, "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "LambdaInvoke", "version": "1"},
         "configuration": {"FunctionName": "f"}} for name in names]}
