"""What a Lambda action comes to when its function is really there: code that is called with a job and must answer it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import botocore.exceptions
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_sim import Pipeline, Refused, Scenario, Simulation
from pipeline_sim.aws.account import of
from pipeline_sim.aws.account.jobs import AGAIN
from pipeline_sim.record import Called
from pipeline_sim.state import fold
from pipeline_sim.study.clinic.steps import Step, perform

from .stories import lines, simulation
from .test_laws import worlds

ASK = {"provider": "Lambda", "namespace": "Asked", "inputArtifacts": [{"name": "App"}],
       "outputArtifacts": [{"name": "Report"}],
       "configuration": {"FunctionName": "check", "UserParameters": "#{codepipeline.PipelineExecutionId}"}}
STAGES = {"Source": ["App"], "Check": [{"Ask": ASK}], "Prod": [{"Deploy": {
    "configuration": {"EnvironmentVariables": '[{"name": "RISK", "value": "#{Asked.Risk}"}]'}}}]}
ROLE, SESSION = "arn:aws:iam::111122223333:role/check", "arn:aws:sts::111122223333:assumed-role/check/check"


def asked(code: Callable[..., Any], world: dict[str, Any] | None = None, **function: Any) -> Simulation:
    """A pipeline whose action Check/Ask calls this function; it begins to ask after a minute."""
    sim = simulation(STAGES, {"pushes": "0s", **(world or {})})
    of(sim).function("check", code, **function)
    return sim


def job_of(event: Any) -> str:
    return str(event["CodePipeline.job"]["id"])


def succeeds(event: Any, context: Any) -> None:
    context.client().put_job_success_result(jobId=job_of(event), outputVariables={"Risk": "low"})


def silent(event: Any) -> str:
    return "done"


def told(sim: Simulation, *words: str) -> list[str]:
    return [line for line in lines(sim.records) if any(word in line for word in words or ("Check/Ask", "Put"))]


# ---------------------------------------------------------------------------------------------- it answers


def test_a_function_that_reports_success_ends_its_action() -> None:
    sim = asked(succeeds).run()
    assert told(sim, "Ask", "Put", "Deploy") == [
        "60 #1 Check/Ask InProgress", "61 PutJobSuccessResult", "61 #1 Check/Ask Succeeded", "61 #1 Prod/Deploy InProgress",
        "121 #1 Prod/Deploy Succeeded"]
    (row,) = [row for row in sim.call("ListActionExecutions", pipelineName="shop")["actionExecutionDetails"]
              if row["actionName"] == "Deploy"]
    assert "low" in row["input"]["resolvedConfiguration"]["EnvironmentVariables"]


def test_a_function_gets_its_job_as_aws_hands_it_over() -> None:
    sim = asked(succeeds).run()
    (call,) = of(sim).functions["check"].invocations
    job = call.event["CodePipeline.job"]
    assert set(job) == {"id", "accountId", "data"}
    assert set(job["data"]) == {"actionConfiguration", "inputArtifacts", "outputArtifacts", "artifactCredentials"}
    execution = sim.call("ListPipelineExecutions", pipelineName="shop")["pipelineExecutionSummaries"][0]
    assert job["data"]["actionConfiguration"] == {
        "configuration": {"FunctionName": "check", "UserParameters": execution["pipelineExecutionId"]}}
    (given,) = job["data"]["inputArtifacts"]
    assert (given["name"], given["revision"], given["location"]["type"]) == ("App", None, "S3")
    assert set(given["location"]["s3Location"]) == {"bucketName", "objectKey"}
    assert set(job["data"]["artifactCredentials"]) == {"accessKeyId", "secretAccessKey", "sessionToken"}


def test_a_function_that_reports_a_failure_fails_its_action() -> None:
    def fails(event: Any, context: Any) -> None:
        context.call("PutJobFailureResult", jobId=job_of(event),
                     failureDetails={"type": "ConfigurationError", "message": "No such page."})

    sim = asked(fails, takes="2m").run()
    assert told(sim) == ["60 #1 Check/Ask InProgress", "180 PutJobFailureResult",
                         "180 #1 Check/Ask Failed ConfigurationError"]
    assert "No such page" in sim.why("Check/Ask").sentence


def test_the_call_is_the_functions_own_and_the_trail_says_so() -> None:
    sim = asked(succeeds).run()
    trail = sim.client("cloudtrail").lookup_events(LookupAttributes=[
        {"AttributeKey": "EventName", "AttributeValue": "PutJobSuccessResult"}])["Events"]
    assert json.loads(trail[0]["CloudTrailEvent"])["userIdentity"]["arn"].endswith("assumed-role/check/check")


def test_a_client_that_the_function_brought_along_works_too() -> None:
    """As in AWS, where a client is made once, outside the handler, and has the function's role."""
    sim = simulation(STAGES, {"pushes": "0s"})
    client = sim.client()
    of(sim).function("check", lambda event: client.put_job_success_result(jobId=job_of(event)))
    sim.run("2m")
    assert told(sim)[-1] == "61 #1 Check/Ask Succeeded"
    assert [record.by for record in sim.records if isinstance(record, Called)] == [SESSION]


# ---------------------------------------------------------------------------------------------- it does not answer


def test_a_function_that_only_returns_lets_its_action_time_out() -> None:
    sim = asked(silent).run()
    assert told(sim) == ["60 #1 Check/Ask InProgress", "1260 #1 Check/Ask Failed Timeout"]
    assert "The function check reported no result" in sim.why("Check/Ask").sentence


def test_a_function_that_raises_is_called_twice_more_and_then_nobody_answers() -> None:
    sim = asked(lambda event: event["nothing"]).run("10m")
    assert sim.why("Check/Ask").causes[0].sentence.startswith("The function check raised at 09:04:03: KeyError: 'nothing'")
    sim.run()
    assert [one.time for one in of(sim).functions["check"].invocations] == [61, 122, 243]
    assert told(sim)[-1] == "1260 #1 Check/Ask Failed Timeout"


def test_what_a_function_raised_is_in_its_log() -> None:
    sim = asked(lambda event: event["nothing"]).run("90s")
    rows = sim.client("logs").filter_log_events(logGroupName="/aws/lambda/check")["events"]
    assert [row["message"].split(" RequestId")[0] for row in rows] == ["START", "[ERROR] KeyError: 'nothing'", "END"]


def test_a_function_that_fails_once_may_answer_when_it_is_called_again() -> None:
    calls = []

    def flaky(event: Any, context: Any) -> None:
        calls.append(job_of(event))
        if len(calls) == 1:
            raise OSError("The page is down.")
        succeeds(event, context)

    sim = asked(flaky).run("5m")
    assert told(sim)[-2:] == ["122 PutJobSuccessResult", "122 #1 Check/Ask Succeeded"]
    assert calls[0] == calls[1]  # the same event, and so the same job


def test_whoever_knows_the_job_may_answer_later() -> None:
    """A function hands its job on and returns; a person answers four minutes later, in its stead."""
    jobs: list[str] = []
    sim = asked(lambda event: jobs.append(job_of(event))).run("5m")
    sim.client().put_job_success_result(jobId=jobs[0])
    sim.run("6m")
    assert told(sim)[-2:] == ["300 PutJobSuccessResult", "300 #1 Check/Ask Succeeded"]


def test_an_answer_after_the_time_out_is_refused() -> None:
    jobs: list[str] = []
    sim = asked(lambda event: jobs.append(job_of(event))).run("30m")
    with pytest.raises(Refused, match="InvalidJobState"):
        sim.call("PutJobSuccessResult", jobId=jobs[0])


# ---------------------------------------------------------------------------------------------- again, and twice


def test_a_continuation_token_brings_the_function_its_next_job() -> None:
    """Each time a new job of the same attempt, which brings the token back; another twenty minutes each time."""
    seen: list[tuple[str, str]] = []

    def patient(event: Any, context: Any) -> None:
        token = event["CodePipeline.job"]["data"].get("continuationToken", "")
        seen.append((job_of(event), token))
        more = {"continuationToken": f"{token}+"} if len(token) < 2 else {}
        context.call("PutJobSuccessResult", jobId=job_of(event), **more)

    sim = asked(patient).run()
    assert [token for _, token in seen] == ["", "+", "++"]
    assert len({job for job, _ in seen}) == 3
    assert told(sim)[-1] == f"{61 + 2 * (AGAIN + 1)} #1 Check/Ask Succeeded"
    assert len(sim.state.execution("shop", 1).stages["Check"].attempts["Ask"]) == 1


def test_between_two_calls_why_says_what_the_action_waits_for() -> None:
    sim = asked(lambda event, context: context.call("PutJobSuccessResult", jobId=job_of(event), continuationToken="x"))
    sim.run("80s")
    assert "its function check, which has asked to be called again since 09:01:01" in sim.why("Check/Ask").sentence


def test_a_continuation_goes_on_for_a_day_at_most() -> None:
    sim = asked(lambda event, context: context.call("PutJobSuccessResult", jobId=job_of(event), continuationToken="x"),
                takes="14m")
    sim.run("3d")
    (attempt,) = sim.state.execution("shop", 1).stages["Check"].attempts["Ask"]
    assert (attempt.status, attempt.ended) == ("Failed", 60 + 86_400)


def test_a_second_answer_is_refused_and_changes_nothing() -> None:
    def twice(event: Any, context: Any) -> None:
        succeeds(event, context)
        with pytest.raises(Refused, match="InvalidJobState"):
            context.call("PutJobFailureResult", jobId=job_of(event), failureDetails={"type": "JobFailed", "message": "no"})

    sim = asked(twice).run()
    assert told(sim)[1:] == ["61 PutJobSuccessResult", "61 #1 Check/Ask Succeeded",
                             "61 PutJobFailureResult refused: InvalidJobStateException"]
    assert not of(sim).functions["check"].invocations[0].error


# ---------------------------------------------------------------------------------------------- it may not


def test_a_function_whose_role_may_not_answer_lets_its_action_time_out() -> None:
    """The commonest mistake: the service role may invoke the function, the function's own role may not report."""
    lets_log = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}
    sim = asked(succeeds, {"roles": {ROLE: lets_log}}).run()
    assert "61 PutJobSuccessResult refused: AccessDeniedException" in told(sim)
    assert told(sim)[-1] == "1260 #1 Check/Ask Failed Timeout"
    assert f"{SESSION} is not authorized to perform: codepipeline:PutJobSuccessResult" in str(sim.why("Check/Ask"))


def test_boto3_raises_what_it_raises_in_aws() -> None:
    errors: list[str] = []

    def careful(event: Any, context: Any) -> None:
        try:
            succeeds(event, context)
        except botocore.exceptions.ClientError as error:
            errors.append(error.response["Error"]["Code"])

    nothing: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}
    asked(careful, {"roles": {ROLE: {**nothing, "Statement": [
        {"Effect": "Deny", "Action": "codepipeline:*", "Resource": "*"}]}}}).run("2m")
    assert errors == ["AccessDeniedException"]


def test_a_role_that_lambda_cannot_take_on_runs_nothing() -> None:
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "codepipeline.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    sim = asked(succeeds, {"trust": {ROLE: trust}}).run("5m")
    assert told(sim) == ["60 #1 Check/Ask InProgress"]
    assert "cannot be assumed by Lambda" in sim.why("Check/Ask").causes[0].sentence


def test_a_service_role_that_may_not_invoke_never_calls_the_function() -> None:
    most = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "NotAction": "lambda:*", "Resource": "*"}]}
    sim = asked(succeeds, {"roles": {"arn:aws:iam::111122223333:role/pipeline": most}}).run()
    assert told(sim) == ["60 #1 Check/Ask InProgress", "61 #1 Check/Ask Failed PermissionError"]
    assert of(sim).functions["check"].invocations == []


# ---------------------------------------------------------------------------------------------- around it


def test_without_the_function_the_scenario_decides() -> None:
    sim = simulation(STAGES, {"pushes": "0s"})
    of(sim).function("another", silent)
    sim.run()
    assert told(sim) == ["60 #1 Check/Ask InProgress", "120 #1 Check/Ask Succeeded"]


def test_a_function_that_comes_later_is_called_by_the_next_attempt() -> None:
    sim = simulation(STAGES, {"pushes": ["0s", "10m"]}).run("5m")
    of(sim).function("check", succeeds)
    sim.run()
    assert told(sim, "#2 Check/Ask") == ["660 #2 Check/Ask InProgress", "661 #2 Check/Ask Succeeded"]


def test_a_function_may_be_named_by_a_variable_or_its_arn() -> None:
    ask = {**ASK, "configuration": {"FunctionName": "#{variables.Function}"}}
    for name in ("check", "arn:aws:lambda:eu-west-1:111122223333:function:check"):
        sim = simulation({**STAGES, "Check": [{"Ask": ask}]}, {"pushes": "0s"},
                         variables=[{"name": "Function", "defaultValue": name}])
        of(sim).function("check", succeeds)
        sim.run()
        assert told(sim)[-1] == "61 #1 Check/Ask Succeeded"


def test_an_abandoned_action_is_not_revived_by_its_function() -> None:
    sim = asked(succeeds, takes="5m").run("2m")
    execution = sim.call("ListPipelineExecutions", pipelineName="shop")["pipelineExecutionSummaries"][0]
    sim.call("StopPipelineExecution", pipelineName="shop", abandon=True,
             pipelineExecutionId=execution["pipelineExecutionId"])
    sim.run()
    assert told(sim, "Check/Ask", "PutJob") == ["60 #1 Check/Ask InProgress", "120 #1 Check/Ask Abandoned",
                                                "360 PutJobSuccessResult"]


def test_a_function_waits_in_line_as_any_action_does() -> None:
    sim = asked(succeeds, {"capacity": {"slot": 1}, "actions": {"Check/Ask": {"capacity": "slot"}},
                           "pushes": ["0s", "1s"]}, takes="3m")
    sim.run()
    assert [one.time for one in of(sim).functions["check"].invocations] == [240, 420]


def test_a_deleted_pipeline_calls_nobody() -> None:
    sim = asked(succeeds, takes="5m").run("2m")
    sim.call("DeletePipeline", name="shop")
    sim.run()
    assert of(sim).functions["check"].invocations == []


def test_a_function_may_delete_the_pipeline_that_calls_it() -> None:
    def deletes(event: Any, context: Any) -> None:
        context.call("DeletePipeline", name="shop")
        succeeds(event, context)

    sim = asked(deletes).run()
    (call,) = of(sim).functions["check"].invocations
    assert "JobNotFoundException" in call.error  # and there is no job left with which to call it again


@pytest.mark.parametrize(("function", "words"), [({"takes": "16m"}, "15 minutes"), ({"code": 1}, "something to call"),
                                                   ({"role": "arn:aws:iam::111122223333:user/lee"}, "works as a role")])
def test_what_is_no_function_is_told(function: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        of(simulation(STAGES)).function("check", **{"code": silent, **function})


def test_a_function_takes_no_time_but_its_own() -> None:
    sim = asked(lambda event: sim.run("1h"))
    sim.run("2m")
    assert "cannot move the clock" in of(sim).functions["check"].invocations[0].error


# ---------------------------------------------------------------------------------------------- going back


def forgetful(calls: list[int]) -> Callable[..., None]:
    """A function that counts its own calls outside of the simulation: succeeds, fails, succeeds, fails, …"""

    def code(event: Any, context: Any) -> None:
        calls.append(len(calls))
        if len(calls) % 2:
            context.call("PutJobSuccessResult", jobId=job_of(event))
        else:
            context.call("PutJobFailureResult", jobId=job_of(event), failureDetails={"type": "JobFailed", "message": "odd"})

    return code


def asked_in(sim: Simulation, execution: int) -> str:
    """How Check/Ask ended in an execution."""
    return sim.state.execution("shop", execution).stages["Check"].attempts["Ask"][-1].status


def test_a_fork_has_the_past_as_it_was_whatever_the_function_would_say_now() -> None:
    calls: list[int] = []
    sim = asked(forgetful(calls), {"pushes": ["0s", "5m", "10m"]}).run()
    assert [asked_in(sim, number) for number in (1, 2, 3)] == ["Succeeded", "Failed", "Succeeded"]
    for time in (0, 60, 61, 62, 400, sim.now):
        assert sim.fork(time).records == [record for record in sim.records if record.time <= time]
    assert sim.fork_at(len(sim.records)).records == sim.records
    assert calls == [0, 1, 2]  # nobody has called it again


def test_a_fork_of_a_fork_and_its_future() -> None:
    calls: list[int] = []
    sim = asked(forgetful(calls), {"pushes": ["0s", "5m"]}).run()
    other = sim.fork("2m").fork("2m").run()
    assert len(calls) == 3  # the fork's future is its own: there the function is called
    assert (asked_in(sim, 2), asked_in(other, 2)) == ("Failed", "Succeeded")


def test_a_function_of_a_fork_leaves_the_run_that_it_came_from_alone() -> None:
    """Its client is that of the first run; its calls belong to the fork all the same."""
    sim = simulation(STAGES, {"pushes": ["0s", "5m"]})
    client = sim.client()
    of(sim).function("check", lambda event: client.put_job_success_result(jobId=job_of(event)))
    sim.run("2m")
    before, done = list(sim.records), list(sim.inputs)
    other = sim.fork("2m").run()
    assert (sim.records, sim.inputs) == (before, done)
    assert told(other)[-1] == "361 #2 Check/Ask Succeeded"


@pytest.mark.parametrize("mode", ["SUPERSEDED", "QUEUED", "PARALLEL"])
def test_one_can_go_back_to_every_record(mode: str) -> None:
    """To just before each act of a function, too: what happens by itself happens once more, and the same."""
    calls: list[int] = []
    sim = simulation(STAGES, {"pushes": ["0s", "1m", "65s"]}, mode=mode)
    of(sim).function("check", forgetful(calls), takes=0)
    sim.run("65s")
    sim.push("App")
    sim.run()
    made = len(calls)
    for k in range(1, len(sim.records) + 1):
        assert sim.fork_at(k).records[:k] == sim.records[:k]
    assert len(calls) == made


def test_a_function_may_do_with_its_event_what_it_likes() -> None:
    def careless(event: Any, context: Any) -> None:
        context.call("PutJobSuccessResult", jobId=event.pop("CodePipeline.job")["id"])

    sim = asked(careless).run()
    assert sim.fork(sim.now).records == sim.records
    assert "CodePipeline.job" in of(sim).functions["check"].invocations[0].event


def test_a_function_that_exits_ends_nothing_but_itself() -> None:
    def exits(*arguments: Any) -> None:
        assert len(arguments) == 2
        raise SystemExit(3)

    sim = asked(exits).run("2m")
    assert of(sim).functions["check"].invocations[0].error == "SystemExit: 3"


def test_what_a_function_does_in_the_account_is_repeated_too() -> None:
    """A function that publishes to a topic, behind which another function listens."""
    heard: list[str] = []
    sim = simulation(STAGES, {"pushes": "0s"})
    sns, topic = sim.client("sns"), sim.client("sns").create_topic(Name="news")["TopicArn"]
    listener = of(sim).function("listener", lambda event: heard.append(event["Records"][0]["Sns"]["Message"]))
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=listener)
    sim.client("lambda").add_permission(FunctionName="listener", StatementId="news", Action="lambda:InvokeFunction",
                                        Principal="sns.amazonaws.com", SourceArn=topic)

    def announces(event: Any, context: Any) -> None:
        context.client("sns").publish(TopicArn=topic, Message="asked")
        succeeds(event, context)

    of(sim).function("check", announces)
    sim.run()
    other = sim.fork(sim.now)
    assert heard == ["asked"]
    assert of(other).messages("news") == of(sim).messages("news")
    assert other.records == sim.records


def test_in_a_challenge_a_function_answers_or_does_not() -> None:
    for does, end in (("answers", "61 #1 Check/Ask Succeeded"), ("fails", "61 #1 Check/Ask Failed JobFailed"),
                      ("nothing", "1260 #1 Check/Ask Failed Timeout"), ("raises", "1260 #1 Check/Ask Failed Timeout")):
        sim = simulation(STAGES, {"pushes": "0s"})
        perform(sim, Step("function", "check", {"does": does}))
        assert told(sim.run())[-1] == end


# ---------------------------------------------------------------------------------------------- what always holds


KINDS: list[dict[str, Any]] = [
    {"provider": "Lambda"}, {"provider": "Lambda", "configuration": {"FunctionName": "#{variables.Level}"}}, {},
    {"provider": "Manual"}]


def moody(moods: list[int]) -> Callable[..., None]:
    """A function that does something else each time: it answers, fails, raises, says nothing, goes on, disables Prod."""

    def code(event: Any, context: Any) -> None:
        moods.append(int(job_of(event)[:4], 16) + len(moods))
        mood = moods[-1] % 6
        if mood == 0:
            raise OSError
        if mood == 1:
            context.call("PutJobFailureResult", jobId=job_of(event), failureDetails={"type": "JobFailed", "message": "x"})
        elif mood == 2:
            context.call("PutJobSuccessResult", jobId=job_of(event), continuationToken="more")
        elif mood == 3:
            context.call("StopPipelineExecution", pipelineName="shop", pipelineExecutionId=first_of(context), abandon=True)
        elif mood > 3:
            context.call("PutJobSuccessResult", jobId=job_of(event))

    return code


def first_of(context: Any) -> str:
    found = context.call("ListPipelineExecutions", pipelineName="shop")["pipelineExecutionSummaries"]
    return str(found[-1]["pipelineExecutionId"])


def moody_world(world: Any, moods: list[int]) -> Simulation:
    body, said, seed = world
    one = Simulation(Pipeline.load(body), Scenario.load(said), seed=seed)
    for name in ("check", "1"):
        of(one).function(name, moody(moods), takes=seed % 3)
    return one


@settings(max_examples=30)
@given(worlds(KINDS), st.integers(0, 200))
def test_whatever_a_function_does_a_fork_has_the_same_past(world: Any, time: int) -> None:
    moods: list[int] = []
    one = moody_world(world, moods).run(200)
    made = len(moods)
    assert fold(one.records) == one.state
    assert one.fork(time).records == [record for record in one.records if record.time <= time]
    assert len(moods) == made


@settings(max_examples=30)
@given(worlds(KINDS))
def test_a_run_in_steps_calls_functions_as_a_run_at_once_does(world: Any) -> None:
    at_once, stepwise = moody_world(world, []).run(200), moody_world(world, [])
    while stepwise.now < 200 and stepwise.live:
        stepwise.advance()
    assert [record for record in stepwise.records if record.time <= 200] == at_once.records
