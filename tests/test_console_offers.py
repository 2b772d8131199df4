"""What the console offers: only what is legal, refused in AWS's words, with the command that does the same."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_sim import Pipeline, Refused, Scenario, Simulation
from pipeline_sim.aws.cli_door import aws
from pipeline_sim.console.act import CALL, do
from pipeline_sim.console.moment import moment
from pipeline_sim.console.offers import chosen, offers, offers_at, refreshed
from pipeline_sim.console.things import elements, thing
from pipeline_sim.record import Called, Record

from .stories import lines, simulation
from .test_laws import act as outside
from .test_laws import run, worlds

SHOP = {"Source": ["App"], "Build": ["Compile"], "Prod": [{"Ok": "Manual"}, "Deploy"]}


def offered(one: Simulation, what: str, k: int | None = None) -> dict[str, Any]:
    """The offers for a thing by their ids, and what stands against each."""
    here = moment(one, len(one.records) if k is None else k)
    return {row["id"]: row for row in offers_at(here, next(iter(here.state.pipelines)), what)["offers"]}


def legal(one: Simulation, what: str, k: int | None = None) -> set[str]:
    return {name for name, row in offered(one, what, k).items() if row["refused"] is None}


def test_a_waiting_approval_can_be_answered_and_one_that_was_answered_says_who_did() -> None:
    one = simulation(SHOP, {"pushes": [0]}).run(300)
    assert {"approve", "reject"} <= legal(one, "action-2-0")
    here = moment(one, len(one.records))
    done = do(one, here.k, chosen(here, "shop", "action-2-0", "approve", {"summary": "Fine"}))
    refused = offered(one, "action-2-0", done.k)["approve"]["refused"]
    assert refused["error"] == "ApprovalAlreadyCompletedException"
    assert "was answered before: Approved" in refused["message"]


def test_a_stage_that_succeeded_cannot_be_retried_and_says_so() -> None:
    one = simulation(SHOP, {"pushes": [0]}).run(300)
    assert offered(one, "stage-1")["retry-FAILED_ACTIONS-Build"]["refused"] == {
        "error": "StageNotRetryableException",
        "message": "Build is Succeeded for execution 1: there is nothing to retry."}


def test_a_failed_stage_offers_both_retries() -> None:
    one = simulation(SHOP, {"pushes": [0], "actions": {"Build/Compile": {"attempts": {1: "Failed"}}}}).run(300)
    assert {"retry-FAILED_ACTIONS-Build", "retry-ALL_ACTIONS-Build"} <= legal(one, "stage-1") & legal(one, "execution-1")


def test_a_disabled_transition_offers_to_enable_it_and_nothing_else() -> None:
    one = simulation(SHOP)
    assert legal(one, "transition-2") == {"disable-Inbound-Prod", "disable-Outbound-Build"}
    do(one, 1, chosen(moment(one, 1), "shop", "transition-2", "disable-Inbound-Prod", {"reason": "freeze"}))
    assert legal(one, "transition-2") == {"enable-Inbound-Prod", "disable-Outbound-Build"}


def test_a_condition_that_failed_can_be_overridden_and_its_alarm_cleared() -> None:
    alarm = {"name": "Errors", "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "CloudWatchAlarm",
                                              "version": "1"}, "configuration": {"AlarmName": "errors", "WaitTime": "1"}}
    gate = {"conditions": [{"result": "FAIL", "rules": [alarm]}]}
    one = simulation({"Source": ["App"], "Prod": {"actions": ["Deploy"], "beforeEntry": gate}},
                     {"pushes": [0], "alarms": [{"name": "errors", "at": 0}]}).run()
    assert {"override-BEFORE_ENTRY-Prod", "alarm-OK"} <= legal(one, "entry-1")


def test_a_function_that_somebody_else_plays_is_answered_by_its_job() -> None:
    one = simulation({"Source": ["App"], "Check": [{"Call": "Lambda"}, "Build"]},
                     {"pushes": [0], "actions": {"Check/Call": {"worker": "outside"}}}).run(90)
    assert {"job-success", "job-failure"} <= legal(one, "action-1-0")
    here = moment(one, len(one.records))
    do(one, here.k, chosen(here, "shop", "action-1-0", "job-failure", {"message": "Checks failed"}))
    assert "90 #1 Check/Call Failed JobFailed" in lines(one.records)


def test_a_job_worker_takes_a_job_before_it_reports() -> None:
    one = simulation({"Source": ["App"], "Build": [{"Jenkins": "Jenkins"}]},
                     {"pushes": [0], "actions": {"Build/Jenkins": {"worker": "outside"}}}).run(90)
    for offer in ("poll", "acknowledge", "job-success"):
        here = moment(one, len(one.records))
        assert offer in legal(one, "action-1-0"), offered(one, "action-1-0")[offer]["refused"]
        do(one, here.k, chosen(here, "shop", "action-1-0", offer, {}))
    assert lines(one.records)[-1] == "90 #1 Succeeded"


def test_a_rollback_names_the_executions_that_aws_would_list() -> None:
    one = simulation({"Source": ["App"], "Prod": ["Deploy"]}, {"pushes": [0, 600, 1200]}).run()
    field = offered(one, "stage-1")["rollback-Prod"]["fields"][0]
    assert [label for _, label in field["choices"]] == ["execution 3", "execution 2", "execution 1"]
    assert dict(field["choices"])[field["value"]] == "execution 2"  # nobody means to go back to where it stands


def test_the_pipeline_asks_for_the_values_of_its_variables() -> None:
    one = simulation(SHOP, variables=[{"name": "region", "defaultValue": "eu", "description": "Where to"}])
    fields = {field["name"]: field for field in offered(one, "pipeline")["start"]["fields"]}
    assert (fields["variable-region"]["value"], fields["variable-region"]["hint"]) == ("eu", "Where to")
    given = refreshed(moment(one, 1), "shop", "pipeline", "start", {"variable-region": "us", "revision-App": "abc"})
    assert given["command"] == (
        "aws codepipeline start-pipeline-execution --name shop --variables '[{\"name\": \"region\", \"value\": \"us\"}]' "
        "--source-revisions '[{\"actionName\": \"App\", \"revisionType\": \"COMMIT_ID\", \"revisionValue\": \"abc\"}]'")


@pytest.mark.parametrize("reason", [
    "it's \"frozen\"", "--force", "file:///etc/passwd", "two\nlines", "$(id) `id`", "снег ☃"])
def test_a_command_says_the_reason_as_it_was_typed(reason: str) -> None:
    """The real aws command, given the line as a shell would split it, does what the click does."""
    one, other = (simulation(SHOP, {"pushes": [0]}).run(70) for _ in range(2))
    here = moment(one, len(one.records))
    row = refreshed(here, "shop", "execution-1", "stop-wait-1", {"reason": reason})
    assert aws(one, row["command"]).status == 0
    do(other, here.k, chosen(here, "shop", "execution-1", "stop-wait-1", {"reason": reason}))
    assert one.state.execution("shop", 1).reason == other.state.execution("shop", 1).reason == reason


def test_each_offered_call_and_its_command_leave_the_same_records() -> None:
    one = simulation({"Source": ["App"], "Build": [["Lint", "Compile"]], "Prod": [{"Ok": "Manual"}, "Deploy"]},
                     {"pushes": [0], "actions": {"Build/Lint": {"attempts": {1: "Failed"}}}}).run(200)
    told = 0
    for what in ("pipeline", "stage-1", "transition-2", "execution-1"):
        for row in offered(one, what).values():
            if row["refused"] is None and row["command"].startswith("aws codepipeline"):
                by_click, by_command = one.fork(200), one.fork(200)
                here = moment(by_click, len(by_click.records))
                made = chosen(here, "shop", what, row["id"], {})
                by_click.call(made.name, **made.arguments)
                assert aws(by_command, row["command"]).status == 0, row["command"]
                assert [without_token(r) for r in by_command.records] == by_click.records
                told += 1
    assert told == 9


def without_token(record: Record) -> Record:
    """The record without the token that the aws command adds by itself, to be safe when it tries twice."""
    if not isinstance(record, Called):
        return record
    return record._replace(request={key: value for key, value in record.request.items() if key != "clientRequestToken"})


def test_what_aws_has_no_command_for_is_told_honestly() -> None:
    one = simulation(SHOP)
    rows = offered(one, "pipeline") | offered(one, "action-1-0")
    assert rows["push"]["command"] == "git commit --allow-empty -m 'A change' && git push origin HEAD:main"
    assert (rows["seed"]["command"], rows["luck"]["command"]) == ("", "")
    assert "AWS has no command" in rows["luck"]["note"]


def test_a_push_of_a_tag_by_an_author_is_a_line_for_git() -> None:
    one = simulation(SHOP)
    row = refreshed(moment(one, 1), "shop", "action-0-0", "push", {
        "tag": "v1; rm -rf /", "files": "a b.txt\n-x", "message": "It's", "author": "kim"})
    assert [part for part in shlex.split(row["command"]) if part != "&&"] == [
        "git", "add", "--", "a b.txt", "-x", "git", "commit", "-m", "It's", "--author=kim <kim@example.com>",
        "git", "tag", "v1; rm -rf /", "git", "push", "origin", "v1; rm -rf /"]


@pytest.mark.parametrize(("what", "offer", "values", "says"), [
    ("action-1-0", "luck", {"duration": "soon"}, "'soon' is no length of time: write 90s, 5m, 1h 30m or 2d."),
    ("action-1-0", "luck", {"status": "Exploded"}, "Next attempt: 'Exploded' is not one of the choices."),
    ("pipeline", "seed", {"seed": "-3"}, "A seed is a whole number from 0 on, not '-3'."),
])
def test_a_form_that_means_nothing_says_what_to_write(what: str, offer: str, values: dict[str, str], says: str) -> None:
    row = refreshed(moment(simulation(SHOP), 1), "shop", what, offer, values)
    assert row["refused"] == {"error": "", "message": says}


@pytest.mark.parametrize("name", ["stage-9", "action-1-7", "execution-4", "nonsense", "stage-x", "stage-1-1", "action-1"])
def test_a_thing_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(ValueError, match="shop has nothing called"):
        offers_at(moment(simulation(SHOP), 1), "shop", name)


@settings(max_examples=40)
@given(worlds(), st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["push", "start", "stop", "retry"])), max_size=3),
       st.floats(0, 1), st.data())
def test_what_is_offered_succeeds_and_what_is_refused_is_refused_in_these_words(
    world: Any, done: list[tuple[int, str]], where: float, data: st.DataObject
) -> None:
    body, said, seed = world
    one = Simulation(Pipeline.load(body), Scenario.load(said), seed=seed)
    for at, what in sorted(done):
        one.run(at)
        outside(one, what)
    one.run(60)
    here = moment(one, 1 + round(where * (len(one.records) - 1)))
    pipeline = here.state.pipelines["shop"]
    things = [*elements(pipeline.definition), *(f"execution-{number}" for number in pipeline.executions)]
    what = data.draw(st.sampled_from(things))
    for offer in offers(here, thing(pipeline, what)):
        row = refreshed(here, "shop", what, offer.id, {})
        made = chosen(here, "shop", what, offer.id, {})
        fork = one.fork_at(here.k)
        assert fork.records == one.records[:here.at]
        if made.kind == CALL:
            try:
                fork.call(made.name, **made.arguments)
                told = None
            except Refused as refused:
                told = {"error": refused.error, "message": refused.message}
            assert told == row["refused"]
            call = fork.records[here.at]
            assert isinstance(call, Called)


@given(worlds())
def test_a_moment_names_every_thing_that_it_has(world: Any) -> None:
    one = run(world)
    pipeline = one.state.pipelines["shop"]
    for name in elements(pipeline.definition):
        assert thing(pipeline, name).id == name
