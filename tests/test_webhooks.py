"""Deliveries to webhooks, and schedules: what the history, the events and `why` say of them, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_sim import Scenario, Simulation
from pipeline_sim.jsonpath import select
from pipeline_sim.pipeline.fault import Faults
from pipeline_sim.scenario.schedules import schedule_of, times
from pipeline_sim.views.events import events

from .stories import simulation

STAGES = {"Source": ["App"], "Build": ["Compile"]}
HOOK = {"name": "hook", "targetPipeline": "shop", "targetAction": "App", "authentication": "GITHUB_HMAC",
        "authenticationConfiguration": {"SecretToken": "s3cret"},
        "filters": [{"jsonPath": "$.ref", "matchEquals": "refs/heads/{BranchName}"}]}
PUSHED = {"ref": "refs/heads/main", "after": "4f2b1c", "head_commit": {"message": "Fix", "author": {"name": "kim"}}}


def world(**hook: Any) -> Simulation:
    one = simulation(STAGES)
    one.call("PutWebhook", webhook={**HOOK, **hook})
    return one


# ---------------------------------------------------------------------------------------------- deliveries


def test_a_delivery_starts_an_execution_with_the_revision_that_it_speaks_of() -> None:
    one = world()
    one.run("5m")
    assert one.deliver("hook", PUSHED, secret="s3cret") is None
    one.run()
    (summary,) = one.call("ListPipelineExecutions", pipelineName="shop")["pipelineExecutionSummaries"]
    assert summary["trigger"] == {"triggerType": "Webhook",
                                  "triggerDetail": "arn:aws:codepipeline:eu-west-1:111122223333:webhook:hook"}
    assert summary["sourceRevisions"][0]["revisionId"] == "4f2b1c"
    (item,) = one.call("ListWebhooks")["webhooks"]
    assert item["lastTriggered"] == one.scenario.moment(300)
    first = events(one.records)[0]["detail"]
    assert first["execution-trigger"]["trigger-type"] == "Webhook"


def test_what_stands_against_a_delivery_is_given_back_and_recorded() -> None:
    one = world()
    assert one.deliver("hook", PUSHED, secret="guess") == (
        "The webhook hook refuses the delivery: its signature was made with another secret.")
    assert "is refs/tags/v1, not refs/heads/main" in str(one.deliver("hook", {"ref": "refs/tags/v1"}, secret="s3cret"))
    assert "another secret" in str(one.why("push 1"))
    assert one.run().state.pipelines["shop"].executions == {}
    assert one.state.pipelines["shop"].newest == {}


def test_all_filters_must_match() -> None:
    one = world(filters=[{"jsonPath": "$.ref"}, {"jsonPath": "$.kind", "matchEquals": "release"}])
    assert "nothing at $.kind" in str(one.deliver("hook", PUSHED, secret="s3cret"))
    assert one.deliver("hook", {**PUSHED, "kind": "release"}, secret="s3cret") is None


def test_an_unknown_webhook_is_named_at_once() -> None:
    with pytest.raises(ValueError, match="No webhook is called 'hok'"):
        world().deliver("hok", PUSHED)


def test_a_webhook_whose_action_was_taken_away_starts_nothing() -> None:
    one = world()
    body = dict(one.call("GetPipeline", name="shop")["pipeline"])
    body["stages"][0]["actions"][0]["name"] = "Other"
    one.call("UpdatePipeline", pipeline=body)
    assert "not there any more" in str(one.deliver("hook", PUSHED, secret="s3cret"))


def test_a_fork_repeats_deliveries() -> None:
    one = world()
    one.run(100)
    one.deliver("hook", PUSHED, secret="s3cret")
    one.run()
    assert one.fork(one.now).records == one.records


@pytest.mark.parametrize(("path", "found"), [
    ("$", [{"a": [{"b": 1}, {"b": 2}], "c": {"b": 3}}]), ("$.c.b", [3]), ("$['c']['b']", [3]), ("$.a[1].b", [2]),
    ("$.a[*].b", [1, 2]), ("$.a.*", [{"b": 1}, {"b": 2}]), ("$..b", [1, 2, 3]), ("$.x", []), ("$.a[7]", []),
    ("$.a.b", []), ("$.c.b.x", []),
])
def test_a_json_path_selects(path: str, found: list[Any]) -> None:
    assert select(path, {"a": [{"b": 1}, {"b": 2}], "c": {"b": 3}}) == found


@pytest.mark.parametrize("path", ["a", "$.a[0:2]", "$.a[?(@.b>1)]", "$.a["])
def test_other_json_paths_are_not_understood(path: str) -> None:
    with pytest.raises(ValueError, match=r"\$"):
        select(path, {"a": []})


def test_a_filter_that_is_not_understood_lets_nothing_through() -> None:
    one = world(filters=[{"jsonPath": "$.a[?(@.b>1)]"}])
    assert "is not understood" in str(one.deliver("hook", PUSHED, secret="s3cret"))


# ---------------------------------------------------------------------------------------------- schedules


def at(said: dict[str, Any], most: int = 4, start: str = "2030-01-07T09:00:00Z") -> list[int]:
    """The first times of a schedule, in minutes."""
    moment = Scenario.load({"start": start}).start
    rule = schedule_of({"count": most, **said}, moment)
    return [seconds // 60 for seconds in times(rule, moment)]


def test_a_cron_is_in_utc_and_includes_the_first_instant() -> None:
    assert at({"when": "cron(0 9 * * ? *)"}, 2) == [0, 24 * 60]
    assert at({"when": "cron(0 9 * * ? *)"}, 1, start="2030-01-07T09:00:00+02:00") == [2 * 60]
    assert at({"when": "cron(0 11 * * ? *)", "zone": "Europe/Berlin"}, 1) == [60]
    assert at({"when": "cron(0/30 10 ? * MON *)"}, 3) == [60, 90, 7 * 24 * 60 + 60]


def test_a_cron_does_not_start_before_its_rule_begins() -> None:
    assert at({"when": "cron(0 9 * * ? *)"}, 1, start="2030-01-07T09:00:30Z") == [24 * 60 - 1]
    assert at({"when": "cron(0 9 * * ? *)", "from": "1m"}, 1) == [24 * 60]


def test_a_rate_counts_from_the_beginning_of_its_rule() -> None:
    assert at({"when": "rate(1 hour)", "from": "30m"}, 2) == [90, 150]
    assert at({"when": "rate(2 days)", "for": "5d"}, 9) == [2 * 1440, 4 * 1440]
    assert at({"when": "rate(2 days)", "until": "4d"}, 9) == [2 * 1440]


def test_a_cron_that_never_comes_ends() -> None:
    assert at({"when": "cron(0 9 31 2 ? *)"}, 1) == []


@pytest.mark.parametrize(("when", "told"), [
    ("daily", "no schedule"), ("cron(0 9 * * *)", "6 fields"), ("cron(0 9 * * * *)", "question mark"),
    ("rate(1 days)", "rate\\(1 day\\)"), ("rate(2 day)", "rate\\(2 days\\)"), ("rate(0 days)", "one or more"),
    ("cron(99 9 * * ? *)", "minutes"),
])
def test_a_schedule_that_eventbridge_would_not_take_is_a_fault(when: str, told: str) -> None:
    with pytest.raises(Faults, match=told):
        Scenario.load({"schedules": {"when": when}})


def test_a_zone_that_does_not_exist_is_a_fault() -> None:
    with pytest.raises(Faults, match="no time zone"):
        Scenario.load({"schedules": {"when": "rate(1 day)", "zone": "Mars/Base"}})


def test_a_schedule_without_an_end_wants_to_know_how_long() -> None:
    with pytest.raises(ValueError, match="say how long"):
        simulation(STAGES, {"schedules": {"when": "rate(1 day)"}}).run()


def test_the_trigger_of_a_scheduled_run_is_the_rule() -> None:
    one = simulation(STAGES, {"schedules": {"name": "nightly", "when": "rate(1 day)", "count": 1}}).run()
    (summary,) = one.call("ListPipelineExecutions", pipelineName="shop")["pipelineExecutionSummaries"]
    assert summary["trigger"] == {"triggerType": "CloudWatchEvent",
                                  "triggerDetail": "arn:aws:events:eu-west-1:111122223333:rule/nightly"}


def test_a_scheduled_run_takes_the_variables_of_its_rule() -> None:
    one = simulation(STAGES, {"schedules": {"when": "rate(1 day)", "count": 1, "variables": {"Tests": "all"}}},
                     variables=[{"name": "Tests", "defaultValue": "quick"}]).run()
    assert one.state.pipelines["shop"].executions[1].start.variables == {"Tests": "all"}


def test_a_schedule_of_a_pipeline_that_is_gone_starts_nothing() -> None:
    one = simulation(STAGES, {"schedules": {"when": "rate(1 day)", "count": 2},
                              "calls": [{"at": 0, "operation": "DeletePipeline", "name": "shop"}]}).run()
    assert one.state.pipelines == {}


def test_names_in_schedules_are_looked_for() -> None:
    with pytest.raises(Faults, match="no pipeline is called 'shpo'"):
        simulation(STAGES, {"schedules": {"when": "rate(1 day)", "count": 1, "pipelineName": "shpo"}})


def test_the_words_of_a_scenario_tell_of_both() -> None:
    told = Scenario.load({"schedules": {"name": "nightly", "when": "rate(1 day)", "count": 2},
                          "deliveries": {"at": "5m", "webhook": "hook"}}).describe()
    assert "The rule nightly starts the pipeline by rate(1 day), 2 times." in told
    assert "At 5m something is sent to the webhook hook." in told
