"""Random pipelines and worlds that arrays can do: small whole seconds and zeros, so that ties are everywhere."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from .stories import structure

World = tuple[dict[str, Any], dict[str, Any], int]
FEW = st.integers(0, 5)
LUCK = st.sampled_from([0, 0, 0, 0, 0, 0.3, 0.6])
SAMPLES = [[0, 1], [0, 0, 4], [1, 2, 3], [0, 5], [2, 2, 3, 4], [3, 4, 5]]
"""Few, so that the tables of 65,536 quantiles are made once."""
TAKES = st.one_of(FEW, st.sampled_from(SAMPLES).map(lambda sample: {"sample": sample}))
MODES = st.sampled_from(["QUEUED", "SUPERSEDED", "PARALLEL"])
GATES = {"beforeEntry": ["FAIL", "SKIP"], "onSuccess": ["FAIL", "ROLLBACK"], "onFailure": ["ROLLBACK"]}


@st.composite
def worlds(draw: st.DrawFn, capacity: bool = False) -> World:
    """A pipeline that arrays can do, how its world behaves, and the first seed. `capacity`: builds share slots."""
    mode = draw(st.sampled_from(["QUEUED", "SUPERSEDED"])) if capacity else draw(MODES)
    actions: dict[str, Any] = {"Source/App": {"duration": draw(TAKES), "failure": draw(LUCK)}}
    stages: dict[str, Any] = {"Source": {"actions": ["App"], **_on_failure(draw, "Source", mode, capacity)}}
    for number in range(draw(st.integers(1, 4))):
        stages[f"S{number}"] = _stage(draw, f"S{number}", mode, actions, capacity)
    world: dict[str, Any] = {
        "actions": actions, "pushes": draw(_pushes()), "timeouts": draw(st.sampled_from([{}, {}, {"CodeBuild": 4}])),
        "approvals": {"*": draw(st.one_of(st.just("nobody"), _approvers()))},
        "settings": draw(st.sampled_from([{}, {}, {"execution_limit": 3}]))}
    if capacity:
        world["capacity"] = {"CodeBuild": draw(st.integers(1, 3))}
    else:
        _people(draw, world, list(stages), mode)
    body = structure(stages, mode=mode)
    if draw(st.integers(0, 3)) == 0:
        _polled(draw, body, world)
    return body, world, draw(st.integers(0, 2**32))


def _polled(draw: st.DrawFn, body: dict[str, Any], world: dict[str, Any]) -> None:
    """The source is looked at every few seconds: one look finds several changes, of which arrays know no defects."""
    body["stages"][0]["actions"][0]["configuration"]["PollForSourceChanges"] = "true"
    world["polling"] = draw(st.sampled_from([0, 1, 2, 3, 5]))
    for behaviour in world["actions"].values():
        behaviour.pop("defect", None)


def _people(draw: st.DrawFn, world: dict[str, Any], stages: list[str], mode: str) -> None:
    """Transitions that are closed for a while; then a person who retries, or stops, or neither."""
    world["rules"] = {"*": {"duration": draw(TAKES), "failure": draw(st.sampled_from([0, 0.3, 0.6]))}}
    if draw(st.booleans()):
        world["settings"] = {**world["settings"], "conditions_on_retry": "evaluate"}
    if draw(st.integers(0, 3)) == 0:
        world["settings"] = {**world["settings"], "on_failure_condition": "not met"}
    world["calls"] = draw(st.lists(_transitions(stages[mode == "PARALLEL":]), max_size=4))
    what = draw(st.integers(0, 3))
    if what == 0:
        world["retry"] = {"after": draw(FEW), "times": draw(st.integers(1, 2)), "stages": draw(st.sampled_from(["*", "S*"])),
                          "mode": draw(st.sampled_from(["FAILED_ACTIONS", "ALL_ACTIONS"]))}
    elif what == 1:
        world["calls"] = world["calls"] + draw(st.lists(_stops(), max_size=3))


def _stage(draw: st.DrawFn, name: str, mode: str, actions: dict[str, Any], capacity: bool) -> dict[str, Any]:
    groups: list[Any] = []
    for order in range(draw(st.integers(1, 3))):
        names = [f"A{order}{letter}" for letter in "xyz"[:draw(st.integers(1, 3))]]
        approval = draw(st.integers(0, 3)) == 0
        groups.append([{one: "Manual"} if approval else one for one in names])
        for one in names:
            defect = draw(st.sampled_from([0, 0, 0, 0.4]))
            actions[f"{name}/{one}"] = {"duration": draw(TAKES), "failure": draw(LUCK), "defect": defect}
    stage: dict[str, Any] = {"actions": groups, **_on_failure(draw, name, mode, capacity)}
    for gate in ("beforeEntry", "onSuccess"):
        if not capacity and draw(st.integers(0, 3)) == 0:
            stage[gate] = {"conditions": [_condition(draw, gate, mode)]}
    return stage


def _on_failure(draw: st.DrawFn, name: str, mode: str, capacity: bool) -> dict[str, Any]:
    what = draw(st.sampled_from(["", "", "FAILED_ACTIONS", "ALL_ACTIONS", "ROLLBACK", "condition"]))
    if what.endswith("ACTIONS"):
        return {"onFailure": {"result": "RETRY", "retryConfiguration": {"retryMode": what}}}
    if not what or capacity or mode == "PARALLEL" or name == "Source":
        return {}
    if what == "ROLLBACK":
        return {"onFailure": {"result": "ROLLBACK"}}
    return {"onFailure": {"conditions": [_condition(draw, "onFailure", mode)]}}


def _condition(draw: st.DrawFn, gate: str, mode: str) -> dict[str, Any]:
    result = draw(st.sampled_from(GATES[gate] if mode != "PARALLEL" else GATES[gate][:1]))
    names = draw(st.lists(st.sampled_from(["R0", "R1"]), min_size=1, max_size=2, unique=True))
    return {"result": result, "rules": [
        {"name": name, "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "LambdaInvoke", "version": "1"},
         "configuration": {"FunctionName": "f"}} for name in names]}


def _approvers() -> st.SearchStrategy[dict[str, Any]]:
    hours = st.sampled_from([{"from": "09:01", "to": "10:00"}, {"days": "Mon-Sun", "from": "09:00", "to": "09:01"}])
    plain = {"probability": st.sampled_from([0.5, 0.7, 1]), "response": TAKES}
    return st.one_of(st.fixed_dictionaries(plain), st.fixed_dictionaries({**plain, "hours": hours}))


def _pushes() -> st.SearchStrategy[list[Any]]:
    stream = st.fixed_dictionaries({"every": st.integers(1, 6), "count": st.integers(0, 8), "from": FEW},
                                   optional={"until": st.integers(5, 30), "regular": st.booleans()})
    return st.one_of(st.lists(st.one_of(st.integers(0, 14), st.integers(0, 14), stream), max_size=9))


def _transitions(stages: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    transition = {"at": st.integers(0, 25), "stageName": st.sampled_from(stages),
                  "transitionType": st.sampled_from(["Inbound", "Outbound"])}
    closes = {"operation": st.just("DisableStageTransition"), "reason": st.just("x"), **transition}
    return st.one_of(st.fixed_dictionaries(closes), st.fixed_dictionaries(
        {"operation": st.just("EnableStageTransition"), **transition}))


def _stops() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"at": st.integers(0, 25), "operation": st.just("StopPipelineExecution"),
                                  "execution": st.integers(1, 5), "abandon": st.booleans()})
