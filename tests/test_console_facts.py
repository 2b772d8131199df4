"""What the console knows of a thing: why, by which rule, what AWS would say, events, trail, data; and what a page keeps."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_sim import Simulation
from pipeline_sim.aws.cli_door import aws
from pipeline_sim.console.facts import about, pane
from pipeline_sim.console.facts.embedded import NOTHING, embedded
from pipeline_sim.console.facts.heard import concerns, trail_of
from pipeline_sim.console.moment import moment
from pipeline_sim.console.things import elements, thing
from pipeline_sim.views.events import events
from pipeline_sim.views.evidence import rules

from .stories import simulation
from .test_laws import run, worlds

NOTIFY = {"provider": "Manual", "configuration": {"NotificationArn": "arn:aws:sns:eu-west-1:111122223333:ask",
                                                  "CustomData": "Release #{Src.CommitMessage}?"}}
SHOP = {"Source": [{"App": {"namespace": "Src"}}], "Build": [{"Compile": {"outputArtifacts": [{"name": "Built"}]}}],
        "Prod": [{"Ok": NOTIFY}, {"Deploy": {"provider": "CodeDeploy", "inputArtifacts": [{"name": "Built"}]}}]}
PUSHED = {"pushes": [{"at": 0, "message": "A <b>basket</b>"}]}


def shop(until: int = 300) -> Simulation:
    return simulation(SHOP, PUSHED).run(until)


def known(one: Simulation, what: str, k: int | None = None) -> dict[str, Any]:
    return about(one, "shop", what, len(one.records) if k is None else k)


def test_an_approval_says_why_it_waits_by_which_rule_and_what_it_sent() -> None:
    found = known(shop(), "action-2-0")
    assert found["why"]["sentence"].startswith("Nobody has answered Prod/Ok since 09:02")
    assert found["why"]["rules"]["approval-pending"]["evidence"] == rules()["approval-pending"].evidence
    assert found["message"]["topic"].endswith(":ask")
    assert found["message"]["body"]["approval"]["customData"] == "Release A <b>basket</b>?"


def test_a_configuration_is_told_as_it_is_declared_and_as_it_was_given() -> None:
    table = next(table for table in known(shop(), "action-2-0")["tables"] if table[0] == "Configuration")
    assert ["CustomData", "Release #{Src.CommitMessage}?", "Release A <b>basket</b>?"] in table[2]


def test_an_action_tells_what_it_read_and_wrote_and_an_execution_everything() -> None:
    one = shop()
    artifacts = {what: next(table for table in known(one, what)["tables"] if table[0] == "Artifacts")[2]
                 for what in ("action-1-0", "execution-1")}
    assert [(row[1], row[2]) for row in artifacts["action-1-0"]] == [("reads", "App"), ("writes", "Built")]
    assert [row[0] for row in artifacts["execution-1"]] == ["Source/App", "Build/Compile", "Build/Compile"]


def test_variables_are_named_as_they_are_referred_to() -> None:
    rows = next(table for table in known(shop(), "action-0-0")["tables"] if table[0] == "Variables")[2]
    assert ["Src.CommitMessage", "A <b>basket</b>", "Source/App"] in rows


@pytest.mark.parametrize(("what", "kind", "states"), [
    ("pipeline", "Pipeline", ["STARTED"]),
    ("stage-1", "Stage", ["SUCCEEDED", "STARTED"]),
    ("action-1-0", "Action", ["SUCCEEDED", "STARTED"]),
    ("transition-1", "", []),
])
def test_a_thing_has_its_own_events_the_newest_first(what: str, kind: str, states: list[str]) -> None:
    found = known(shop(), what)["events"]
    assert [event["detail"]["state"] for event in found] == states
    assert all(f" {kind} Execution" in event["detail-type"] for event in found)


def test_an_execution_has_all_events_of_its_own_and_none_of_another() -> None:
    one = simulation({"Source": ["App"], "Build": ["Compile"]}, {"pushes": [0, 10]}).run()
    first, second = (known(one, f"execution-{number}")["events"] for number in (1, 2))
    assert len(first) + len(second) == len(events(one.records))
    assert {event["detail"]["execution-id"] for event in first}.isdisjoint(e["detail"]["execution-id"] for e in second)


def test_a_transition_has_the_calls_that_closed_it_on_either_side() -> None:
    one = shop()
    for stage, side in (("Prod", "Inbound"), ("Build", "Outbound"), ("Prod", "Outbound")):
        one.call("DisableStageTransition", pipelineName="shop", stageName=stage, transitionType=side, reason="x")
    told = [entry["requestParameters"]["transitionType"] for entry in known(one, "transition-2")["trail"]]
    assert told == ["Outbound", "Inbound"]
    assert [entry["eventName"] for entry in known(one, "stage-1")["trail"]] == ["DisableStageTransition"]


def test_what_the_api_answers_is_what_the_shown_command_prints() -> None:
    one = shop()
    compared = 0
    for what in ("pipeline", "stage-1", "transition-2", "action-2-0", "execution-1"):
        for row in known(one, what)["api"]:
            printed = json.loads(aws(one, row["command"]).output)
            assert _in(_plain(_numbered(row["json"])), _plain(printed)), (what, row["operation"])
            compared += 1
    assert compared == 9


def _numbered(value: Any) -> Any:
    """Moments as version 1 of the aws command prints them: in seconds since 1970. Version 2 prints them as we do."""
    if isinstance(value, dict):
        return {key: _numbered(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_numbered(part) for part in value]
    return datetime.fromisoformat(value).timestamp() if isinstance(value, str) and _MOMENT.fullmatch(value) else value


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")


def _plain(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _in(part: str, whole: str) -> bool:
    return part.removeprefix("[").removesuffix("]") in whole


def test_the_past_knows_nothing_of_what_came_later() -> None:
    one = shop()
    assert known(one, "action-2-0", 3)["why"]["sentence"] == known(one.fork_at(3), "action-2-0", 3)["why"]["sentence"]
    assert known(one, "execution-1", 4)["events"] == list(reversed(events(one.records[:4])))
    one.call("DisableStageTransition", pipelineName="shop", stageName="Prod", transitionType="Inbound", reason="x")
    assert len(known(one, "transition-2")["trail"]) == 1
    assert known(one, "transition-2", len(one.records) - 1)["trail"] == []


def test_luck_that_was_set_is_told_until_an_attempt_has_used_it() -> None:
    one = simulation(SHOP)
    one.decide("Build/Compile", "Failed", duration="90s")
    assert known(one, "action-1-0")["luck"] == "The next attempt will fail after 1m 30s."
    one.push("Source/App")
    one.run(300)
    assert known(one, "action-1-0")["luck"] == ""
    assert known(one, "action-1-0", 3)["luck"] == "The next attempt will fail after 1m 30s."


def test_panes_tell_the_same_as_the_views() -> None:
    one = shop()
    rows = {name: pane(one.state, one.records, "shop", name, one.now) for name in ("variables", "artifacts", "metrics")}
    assert [1, "App", "Source/App", "Build/Compile"] in [row[:4] for row in rows["artifacts"]]
    assert [1, "Src.CommitMessage", "A <b>basket</b>", "Source/App"] in rows["variables"]
    assert ["executions", "1 InProgress"] in rows["metrics"]
    with pytest.raises(ValueError, match="no pane 'weather'"):
        pane(one.state, one.records, "shop", "weather")


@given(worlds(), st.floats(0, 1))
@settings(max_examples=15)
def test_everything_can_be_asked_about_at_every_moment(world: Any, where: float) -> None:
    one = run(world)
    k = 1 + round(where * (len(one.records) - 1))
    owner = moment(one, k).state.pipelines["shop"]
    for name in [*elements(owner.definition), *(f"execution-{number}" for number in one.at(k).pipelines["shop"].executions)]:
        found = about(one, "shop", name, k)
        assert found["why"]["sentence"].endswith((".", "?", "!"))
        json.dumps(found)


@given(worlds())
@settings(max_examples=25)
def test_every_call_that_names_the_pipeline_is_about_it(world: Any) -> None:
    one = run(world)
    whole = thing(one.state.pipelines["shop"], "pipeline")
    for behind, entry in trail_of(one):
        if entry["eventSource"] == "codepipeline.amazonaws.com" and '"shop"' in json.dumps(entry["requestParameters"]):
            assert concerns(whole, one.records[behind], one.seed)


# ---------------------------------------------------------------------------------------------- what a page keeps


def kept(facts: dict[str, Any], part: str, name: str, k: int) -> Any:
    rows = [row for row in facts["things"][part].get(name, []) if row[0] <= k]
    return json.loads(facts["texts"][rows[-1][1]]) if rows and rows[-1][1] != NOTHING else None


def test_a_page_knows_at_every_moment_what_a_live_console_tells() -> None:
    one = shop()
    facts = embedded(one, "shop")
    assert facts["cut"] == []
    for k in range(1, len(one.records) + 1):
        for name in elements(one.pipelines[0]):
            live = about(one, "shop", name, k)
            assert kept(facts, "api", name, k) == live["api"]
            held = kept(facts, "held", name, k)
            assert {part: held[part] for part in held} == {part: live[part] for part in held}
            told = kept(facts, "why", name, k)
            assert (told["sentence"], told["causes"]) == (live["why"]["sentence"], live["why"]["causes"])
            assert {key: facts["rules"][key] for key in live["why"]["rules"]} == live["why"]["rules"]


def test_a_page_that_is_full_says_so_and_tells_nothing_stale() -> None:
    one = shop()
    facts = embedded(one, "shop", budget=20_000)
    assert len(json.dumps(facts)) < 40_000
    assert any("This page was full" in sentence for sentence in facts["cut"])
    assert any("of the trail" in sentence or "events" in sentence for sentence in facts["cut"])
    for name in elements(one.pipelines[0]):
        told = kept(facts, "why", name, len(one.records))
        assert told is None or told["sentence"] == known(one, name)["why"]["sentence"]


def test_a_long_run_is_looked_at_at_fewer_moments_the_last_among_them() -> None:
    one = simulation({"Source": ["App"], "Build": ["Compile"]}, {"pushes": [{"every": "10m", "count": 40}]}).run()
    facts = embedded(one, "shop", looks=300)
    assert "This page holds the facts at" in facts["cut"][0]
    assert kept(facts, "why", "stage-1", len(one.records))["sentence"] == known(one, "stage-1")["why"]["sentence"]
    assert embedded(one, "shop", looks=1) == {}
