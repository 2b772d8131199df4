"""Any SDK and the aws CLI ask over HTTP; strangers, nonsense and broken connections do no harm."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import botocore.exceptions
import pytest
from botocore import xform_name
from botocore.config import Config

from pipeline_sim.aws.account import of
from pipeline_sim.aws.client import client
from pipeline_sim.aws.clock import Clock
from pipeline_sim.aws.conformance.samples import right
from pipeline_sim.aws.http import Server, environment, server
from pipeline_sim.aws.session import session, settings
from pipeline_sim.cli.report import console
from pipeline_sim.record import Called
from pipeline_sim.state import fold
from tests.stories import simulation, structure

APPROVAL = {"Source": ["App"], "Build": ["Compile"], "Prod": [{"Approve": "Manual"}]}
TARGET = "CodePipeline_20150709."


@pytest.fixture
def served() -> Iterator[Server]:
    """A pipeline that is served in this process, on a clock that moves only when told."""
    yield from serving(simulation(APPROVAL))


def serving(shop: Any, **options: Any) -> Iterator[Server]:
    made = server(shop, **options)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def boto(served: Server, protocol: str | None = None) -> Any:
    made = session()
    if protocol:  # botocore prefers JSON; an SDK that speaks the other protocol only is played by its model
        metadata = made.get_service_model("codepipeline").metadata
        made.get_component("data_loader").load_service_model("codepipeline", "service-2")["metadata"].update(
            {**metadata, "protocol": protocol, "protocols": [protocol]})
    return made.create_client("codepipeline", endpoint_url=served.url, config=settings("eu-west-1"))


def ask(served: Server, method: str, path: str, body: bytes | str = b"", **headers: str) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", served.server_port, timeout=10)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, given)
    answer = connection.getresponse()
    read = answer.read()
    connection.close()
    return answer.status, json.loads(read) if read[:1] == b"{" else {"text": read.decode()}


def call(served: Server, operation: str, body: bytes | str = "{}") -> tuple[int, dict[str, Any]]:
    return ask(served, "POST", "/", body, X_Amz_Target=TARGET + operation, Content_Type="application/x-amz-json-1.1")


def calls(served: Server) -> list[Called]:
    return [record for record in served.served.clock.simulation.records if isinstance(record, Called)]


# ---------------------------------------------------------------------------------------------- both protocols


@pytest.mark.parametrize("protocol", ["json", "smithy-rpc-v2-cbor"])
def test_both_protocols_give_the_same_answers(served: Server, protocol: str) -> None:
    client = boto(served, protocol)
    assert client.meta.service_model.resolved_protocol == protocol
    started = client.start_pipeline_execution(name="shop")
    ask(served, "POST", "/clock/advance", '{"by": "10m"}')
    found = client.get_pipeline_state(name="shop")
    assert found["stageStates"][0]["latestExecution"]["pipelineExecutionId"] == started["pipelineExecutionId"]
    latest = found["stageStates"][2]["actionStates"][0]["latestExecution"]
    assert latest["lastStatusChange"].isoformat().startswith("2030-01-07T")
    definition = client.get_pipeline(name="shop")["pipeline"]
    assert client.update_pipeline(pipeline=definition)["pipeline"]["version"] == 2
    assert client.delete_pipeline(name="shop")["ResponseMetadata"]["HTTPStatusCode"] == 200
    with pytest.raises(client.exceptions.PipelineNotFoundException, match="shop"):
        client.get_pipeline(name="shop")


def test_a_null_is_a_member_that_is_absent(served: Server) -> None:
    assert call(served, "GetPipeline", '{"name": "shop", "version": null}')[0] == 200


# ---------------------------------------------------------------------------------------------- the clock, the page


def test_the_clock_moves_when_told(served: Server) -> None:
    assert ask(served, "GET", "/clock")[1]["now"] == 0
    call(served, "StartPipelineExecution", '{"name": "shop"}')
    assert ask(served, "POST", "/clock/advance", "{}")[1]["now"] == 60
    assert ask(served, "POST", "/clock/advance", '{"to": "2h"}')[1]["now"] == 7200
    assert ask(served, "GET", "/clock")[1]["moment"] == "2030-01-07T11:00:00Z"


@pytest.mark.parametrize("body", ['{"by": "-5s"}', '{"to": 1}', '{"by": "never"}', '{"by": true}', '{"for": 1}', "[]", "{",
                                  '{"by": "9999d"}', '{"by": "1m", "to": "2m"}', "[" * 100_000])
def test_the_clock_says_what_it_does_not_understand(served: Server, body: str) -> None:
    ask(served, "POST", "/clock/advance", '{"by": 60}')
    status, answer = ask(served, "POST", "/clock/advance", body)
    assert (status, answer["__type"]) == (400, "ValidationException")
    assert ask(served, "GET", "/clock")[1]["now"] == 60


def test_wall_time_moves_a_clock_of_some_speed() -> None:
    shop, wall = simulation(APPROVAL), [100.0]
    clock = Clock(shop, "60x", lambda: wall[0])
    wall[0] += 2.5
    clock.catch_up()
    assert shop.now == 150
    clock.advance({"by": 50})
    wall[0] += 1
    clock.catch_up()
    assert shop.now == 260


def test_the_fastest_clock_waits_for_people_only() -> None:
    shop = simulation(APPROVAL)
    clock = Clock(shop, "max")
    shop.call("StartPipelineExecution", name="shop")
    clock.catch_up()
    clock.catch_up()
    assert shop.now == 120
    assert shop.state.execution("shop", 1).stage == "Prod"


@pytest.mark.parametrize("speed", ["fast", "-1x", "0x", "nan", "infx", ""])
def test_what_is_no_speed(speed: str) -> None:
    with pytest.raises(ValueError, match="is no speed"):
        Clock(simulation(APPROVAL), speed)


def test_the_page_shows_the_picture_and_the_log(served: Server) -> None:
    call(served, "StartPipelineExecution", '{"name": "shop"}')
    ask(served, "POST", "/clock/advance", '{"by": "10m"}')
    assert "<title>pipeline-sim</title>" in ask(served, "GET", "/")[1]["text"]
    found = ask(served, "GET", "/film")[1]
    assert (found["pipeline"], found["pipelines"], found["moment"]) == ("shop", ["shop"], "2030-01-07T09:10:00Z")
    film = json.loads(gzip.decompress(base64.b64decode(found["film"])))
    assert any("Build/Compile" in text for text in film["texts"])
    again = ask(served, "GET", f"/film?have={found['mark']}&pipeline=shop")[1]
    assert "film" not in again  # nothing has happened since


def test_the_page_may_look_at_everything_and_do_nothing(served: Server) -> None:
    call(served, "StartPipelineExecution", '{"name": "shop"}')
    ask(served, "POST", "/clock/advance", '{"by": "10m"}')

    def at(door: str, **body: Any) -> dict[str, Any]:
        return ask(served, "POST", "/ask", json.dumps({"door": door, "body": body, "pipeline": "shop"}))[1]

    assert "nobody has answered" in at("about", thing="stage-2", k=99)["answer"]["why"]["sentence"]
    offers = at("offers", thing="action-2-0", k=99)["answer"]["offers"]
    assert any("put-approval-result" in str(offer["command"]) for offer in offers)
    before = len(calls(served))
    assert "looks on" in at("act", thing="action-2-0", offer="approve", k=99)["error"]
    assert len(calls(served)) == before
    assert "error" in at("about", thing="nothing", k="x")
    for body in ("", "[]", '{"body": 3}'):
        assert ask(served, "POST", "/ask", body)[0] == 400


# ---------------------------------------------------------------------------------------------- strangers, nonsense


@pytest.mark.parametrize("headers", [
    {"Host": "evil.example"}, {"Host": "evil.example:80"}, {"Host": "127.0.0.1:1"}, {"Host": "127.0.0.1:nonsense"},
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}])
def test_a_page_of_another_site_cannot_drive_it(served: Server, headers: dict[str, str]) -> None:
    for path in ("/clock/advance", "/"):
        status, answer = ask(served, "POST", path, "{}", X_Amz_Target=TARGET + "ListPipelines", **headers)
        assert (status, answer["__type"]) == (403, "AccessDeniedException")
    assert ask(served, "GET", "/film", **headers)[0] == 403
    assert calls(served) == []


def test_its_own_page_may_ask(served: Server) -> None:
    for name in ("127.0.0.1", "localhost"):
        own = f"{name}:{served.server_port}"
        assert ask(served, "GET", "/film", Host=own, Origin=f"http://{own}", Sec_Fetch_Site="same-origin")[0] == 200


@pytest.mark.parametrize("body", ["{", "[]", "7", "\x00", '"x"', "NaN", '{"name": NaN}', "[" * 100_000, b"\xff\xfe"])
def test_a_body_that_cannot_be_read(served: Server, body: bytes | str) -> None:
    status, answer = call(served, "GetPipeline", body)
    assert (status, answer["__type"]) == (400, "SerializationException")


ENDLESS = b"\x7f" + b"\xff" * 7


@pytest.mark.parametrize("body", [b"\x01", b"\xff", b"\x5b" + ENDLESS, b"\x9b" + ENDLESS, b"\xbb" + ENDLESS,
                                  b"\x81" * 50_000, b"\xa1\x80\x01", b"\xc2\x01", b"\x62\xff\xff",
                                  b"\xc1\xfb\x7f\xf0" + b"\x00" * 6])
def test_cbor_that_cannot_be_read(served: Server, body: bytes) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.server_port, timeout=10)
    connection.request("POST", "/service/CodePipeline_20150709/operation/GetPipeline", body,
                       {"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"})
    answer = connection.getresponse()
    assert answer.status == 400
    assert b"SerializationException" in answer.read()
    connection.close()


def test_operations_that_are_not_there(served: Server) -> None:
    assert call(served, "MakeTea")[1]["__type"] == "UnknownOperationException"
    assert ask(served, "POST", "/", "{}", X_Amz_Target="Else.Do")[1]["__type"] == "UnknownOperationException"
    assert ask(served, "POST", "/", "{}")[1]["__type"] == "UnknownOperationException"
    assert call(served, "GetPipeline", '{"by": "arn:aws:iam::1:root", "name": "shop"}')[1]["__type"] == "ValidationException"
    assert call(served, "GetPipeline", '{"operation": 1, "self": 2}')[1]["__type"] == "ValidationException"
    assert call(served, "GetPipeline")[1]["__type"] == "ValidationException"


def test_requests_that_are_too_large_or_of_no_length(served: Server) -> None:
    for head, status in (("Content-Length: 99999999999999", 413), ("Content-Length: 2097153", 413),
                         ("Content-Length: -1", 411), ("Transfer-Encoding: chunked", 411)):
        with socket.create_connection(("127.0.0.1", served.server_port), timeout=10) as raw:
            raw.sendall(f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{served.server_port}\r\n{head}\r\n\r\n".encode())
            assert raw.recv(100).startswith(f"HTTP/1.1 {status} ".encode())
    assert calls(served) == []


def test_a_request_that_breaks_off_in_its_body_is_no_call(served: Server) -> None:
    head = f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{served.server_port}\r\nX-Amz-Target: {TARGET}ListPipelines\r\n"
    with socket.create_connection(("127.0.0.1", served.server_port), timeout=10) as raw:
        raw.sendall((head + "Content-Length: 500\r\n\r\n{}").encode())
        raw.shutdown(socket.SHUT_WR)
        assert raw.recv(100) == b""
    assert calls(served) == []


# ---------------------------------------------------------------------------------------------- many at once

MIXED = ("StartPipelineExecution", "GetPipelineState", "GetPipeline", "StopPipelineExecution")


def test_64_clients_and_broken_connections_leave_the_log_whole(served: Server, capfd: pytest.CaptureFixture[str]) -> None:
    def work(number: int) -> list[int]:
        connection = http.client.HTTPConnection("127.0.0.1", served.server_port, timeout=30)
        statuses = []
        for turn, operation in enumerate(MIXED):
            body = json.dumps({"name": "shop"} if turn < 3 else {"pipelineName": "shop"})
            connection.request("POST", "/", body, {"X-Amz-Target": TARGET + operation})
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        connection.close()
        kill(served, number)
        return statuses

    with ThreadPoolExecutor(64) as many:
        statuses = list(many.map(work, range(64)))
    assert all(found[1:] == [200, 200, 400] for found in statuses)
    shop = settled(served)
    named = [record.operation for record in calls(served)]
    assert named.count("GetPipelineState") == named.count("StopPipelineExecution") == 64
    assert fold(shop.records) == shop.state
    assert [record.time for record in shop.records] == sorted(record.time for record in shop.records)
    assert shop.fork(shop.now).records == shop.records
    assert "Traceback" not in capfd.readouterr().err


def settled(served: Server) -> Any:
    """The simulation when the requests of broken connections have all been answered: no more than this test's own
    threads are left, and those of connections that a client keeps open. Who is answered after them knows that the server
    has taken all of them in."""
    ask(served, "GET", "/clock")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and any("process_request" in one.name for one in threading.enumerate()):
        time.sleep(0.05)
    return served.served.clock.simulation


def kill(served: Server, number: int) -> None:
    """Break off before, within or after a request, with a reset."""
    raw = socket.create_connection(("127.0.0.1", served.server_port), timeout=30)
    head = f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{served.server_port}\r\nX-Amz-Target: {TARGET}ListPipelines\r\n"
    raw.sendall([b"POS", head.encode(), (head + "Content-Length: 500\r\n\r\n{").encode(),
                 (head + "Content-Length: 2\r\n\r\n{}").encode()][number % 4])
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    raw.close()


# ---------------------------------------------------------------------------------------------- the real aws CLI


def test_a_release_by_the_aws_cli(tmp_path: Path) -> None:
    """Create, start, state, approve, history: by the installed awscli, against `pipeline-sim serve`."""
    for name in ("shop", "other"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"pipeline": structure(APPROVAL, name=name)}))
    command = [sys.executable, "-m", "pipeline_sim", "serve", str(tmp_path / "shop.json"), "--port", "0", "--speed", "max"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            said = [process.stdout.readline() for _ in environment("", "")]
            exported = dict(re.findall(r"export (\w+)=(\S+)", "".join(said)))
            cli = {**{k: v for k, v in os.environ.items() if not k.startswith("AWS_")}, **exported, "HOME": str(tmp_path)}
            script = SCRIPT.replace("OTHER", str(tmp_path / "other.json"))
            done = subprocess.run([sys.executable, "-c", script], env=cli, capture_output=True, text=True, timeout=60)
        finally:
            process.send_signal(signal.SIGINT)
    assert done.stderr.startswith("\nAn error occurred (StageNotRetryableException)"), done.stderr + done.stdout
    assert done.stdout.split() == ["other", "Prod", "Succeeded", "255"], done.stdout
    assert process.returncode == 130


SCRIPT = r"""
import contextlib, io, sys
from awscli.clidriver import create_clidriver

driver = create_clidriver()

def aws(line, *more):
    caught = io.StringIO()
    with contextlib.redirect_stdout(caught):
        status = driver.main(["codepipeline", *line.split(), *more, "--output", "text"])
    return caught.getvalue().strip(), status

print(aws("create-pipeline --query pipeline.name --cli-input-json", "file://OTHER")[0])
execution = aws("start-pipeline-execution --name shop")[0]
state = "get-pipeline-state --name shop --query "
asks = "stageStates[?actionStates[0].latestExecution.token].[stageName,actionStates[0].latestExecution.token]"
stage, token = aws(state + asks)[0].split()
print(stage)
failed = aws(f"retry-stage-execution --pipeline-name shop --stage-name Prod --retry-mode FAILED_ACTIONS "
             f"--pipeline-execution-id {execution}")[1]
aws(f"put-approval-result --pipeline-name shop --stage-name {stage} --action-name Approve --token {token} "
    "--result summary=fine,status=Approved")
print(aws("list-pipeline-executions --pipeline-name shop --query pipelineExecutionSummaries[0].status")[0])
print(failed)
"""


# ---------------------------------------------------------------------------------------------- what stands around


def around(served: Server, service: str) -> Any:
    return session().create_client(service, endpoint_url=served.url, config=settings("eu-west-1"))


def test_topics_queues_rules_and_roles_are_asked_over_http(served: Server) -> None:
    """The JSON and the Query protocol: maps, lists and errors come through."""
    sns, sqs, events, iam = (around(served, name) for name in ("sns", "sqs", "events", "iam"))
    topic = sns.create_topic(Name="alerts", Attributes={"DisplayName": "A & B"})["TopicArn"]
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["DisplayName"] == "A & B"
    assert [one["TopicArn"] for one in sns.list_topics()["Topics"]] == [topic]
    with pytest.raises(sns.exceptions.NotFoundException):
        sns.get_topic_attributes(TopicArn=topic + "x")
    queue = sqs.create_queue(QueueName="mail")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="hello")
    assert sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "hello"
    events.put_rule(Name="failures", EventPattern='{"source": ["aws.codepipeline"]}')
    events.put_targets(Rule="failures", Targets=[{"Id": "1", "Arn": topic}])
    assert events.list_targets_by_rule(Rule="failures")["Targets"] == [{"Id": "1", "Arn": topic}]
    trust = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
    iam.create_role(RoleName="starter", AssumeRolePolicyDocument=trust)
    assert iam.get_role(RoleName="starter")["Role"]["AssumeRolePolicyDocument"] == json.loads(trust)
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName="nobody")


@pytest.mark.parametrize("body", [
    "", "Action=ListTopics", "Action=Nonsense&Version=2010-03-31", "%ff=%ff&Version=2010-05-08",
    "Action=CreateTopic&Version=2010-03-31", "Action=Subscribe&Version=2010-03-31&x.entry.a.key=1"])
def test_a_form_that_is_none_gets_an_error_in_xml(served: Server, body: str) -> None:
    status, found = ask(served, "POST", "/", body, Content_Type="application/x-www-form-urlencoded")
    assert status == 400
    assert "<ErrorResponse" in found["text"]


def test_functions_and_notification_rules_are_asked_over_http() -> None:
    """AWS's REST protocol: path, query, headers and body together are a request."""
    shop = simulation(APPROVAL)
    of(shop).function("check", lambda event, _: {"got": event})
    for served in serving(shop):
        function, notices = around(served, "lambda"), around(served, "codestar-notifications")
        assert [one["FunctionName"] for one in function.list_functions()["Functions"]] == ["check"]
        function.add_permission(FunctionName="check", StatementId="s", Action="lambda:InvokeFunction",
                                Principal="events.amazonaws.com")
        assert "events.amazonaws.com" in function.get_policy(FunctionName="check")["Policy"]
        answered = function.invoke(FunctionName="check", Payload=b'{"a": 1}')
        assert (answered["StatusCode"], json.loads(answered["Payload"].read())) == (200, {"got": {"a": 1}})
        function.remove_permission(FunctionName="check", StatementId="s")
        with pytest.raises(function.exceptions.ResourceNotFoundException) as caught:
            function.get_policy(FunctionName="check")
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
        topic = around(served, "sns").create_topic(Name="alerts")["TopicArn"]
        arn = notices.create_notification_rule(
            Name="failures", DetailType="FULL", Resource="arn:aws:codepipeline:eu-west-1:111122223333:shop",
            EventTypeIds=["codepipeline-pipeline-pipeline-execution-failed"],
            Targets=[{"TargetType": "SNS", "TargetAddress": topic}])["Arn"]
        told = notices.describe_notification_rule(Arn=arn)
        assert (told["Name"], told["CreatedTimestamp"].year) == ("failures", 2030)
        assert around(served, "sts").get_caller_identity()["Account"] == "111122223333"


def test_a_service_that_the_simulation_has_not_is_refused_and_reaches_no_account(served: Server) -> None:
    assert environment(served.url, "eu-west-1")["AWS_ENDPOINT_URL"] == served.url
    for service, asks in (("dynamodb", "list_tables"), ("apigateway", "get_rest_apis"), ("ec2", "describe_instances"),
                          ("codestar-notifications", "list_event_types")):
        with pytest.raises(botocore.exceptions.ClientError, match="UnknownOperation|InvalidAction"):
            getattr(around(served, service), asks)()


def test_the_same_refusal_in_this_process_and_over_http(served: Server) -> None:
    """Every operation, asked for what is not there."""
    near, far = client(served.served.clock.simulation), boto(served)
    for name in near.meta.service_model.operation_names:
        shape = near.meta.service_model.operation_model(name).input_shape
        told: list[dict[str, Any]] = []
        for one in (near, far):
            try:
                getattr(one, xform_name(name))(**(right(shape) if shape else {}))
                told.append({})
            except botocore.exceptions.ClientError as error:
                told.append({key: value for key, value in error.response.items() if key != "ResponseMetadata"})
        assert told[0] == told[1], name


@pytest.mark.parametrize(("request_", "status"), [
    (b"GARBAGE\r\n\r\n", 400), (b"BREW / HTTP/1.1\r\nHost: HOST\r\n\r\n", 501),
    (b"POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n{}", 400),
    (b"GET / HTTP/1.1\r\nHost: evil.example\r\nHost: HOST\r\n\r\n", 400),
    (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: HOST\r\n\r\n", 414),
    (b"GET / HTTP/1.1\r\nHost: HOST\r\n" + b"X: 1\r\n" * 200 + b"\r\n", 431),
    (b"OPTIONS / HTTP/1.1\r\nHost: HOST\r\n\r\n", 405), (b"PATCH /clock HTTP/1.1\r\nHost: HOST\r\n\r\n", 405)])
def test_what_is_no_request_is_refused_in_the_shape_of_aws(served: Server, request_: bytes, status: int) -> None:
    with socket.create_connection(("127.0.0.1", served.server_port), timeout=10) as raw:
        raw.sendall(request_.replace(b"HOST", f"127.0.0.1:{served.server_port}".encode()))
        answered = http.client.HTTPResponse(raw)
        answered.begin()
        body = answered.read()
    assert (answered.status, set(json.loads(body))) == (status, {"__type", "message"})
    assert not calls(served)


def test_head_is_answered_as_get_without_its_body(served: Server) -> None:
    for path in ("/", "/clock", "/film"):
        assert ask(served, "HEAD", path) == (200, {"text": ""})


def test_the_page_offers_what_a_command_can_do(served: Server) -> None:
    """Pushes, time and luck are nobody's command: a page that looks on does not offer them."""
    call(served, "StartPipelineExecution", '{"name": "shop"}')
    status, found = ask(served, "POST", "/ask", json.dumps({"door": "offers", "body": {"thing": "pipeline"}}))
    offered = found["answer"]["offers"]
    assert status == 200 and [one["id"] for one in offered][0] == "start"
    assert all(one["command"].startswith("aws codepipeline ") for one in offered)


def test_every_pipeline_of_a_template_is_served(tmp_path: Path) -> None:
    from argparse import Namespace

    from pipeline_sim.cli.serve import _simulation

    stages = [{"Name": "Source", "Actions": [{"Name": "App", "OutputArtifacts": [{"Name": "A"}], "ActionTypeId": {
                  "Category": "Source", "Owner": "AWS", "Provider": "S3", "Version": "1"}, "Configuration": {
                  "S3Bucket": "b", "S3ObjectKey": "k"}}]},
              {"Name": "Build", "Actions": [{"Name": "B", "InputArtifacts": [{"Name": "A"}], "ActionTypeId": {
                  "Category": "Build", "Owner": "AWS", "Provider": "CodeBuild", "Version": "1"}, "Configuration": {
                  "ProjectName": "p"}}]}]
    made = {one: {"Type": "AWS::CodePipeline::Pipeline", "Properties": {
        "Name": one, "RoleArn": "arn:aws:iam::111122223333:role/r", "Stages": stages,
        "ArtifactStore": {"Type": "S3", "Location": "bucket"}}} for one in ("web", "api")}
    (tmp_path / "two.json").write_text(json.dumps({"Resources": made}))
    said = {"files": [str(tmp_path / "two.json")], "lenient": False, "parameter": [], "scenario": None, "seed": 0}
    for chosen, served in (("", ["web", "api"]), ("api", ["api"])):
        found = _simulation(Namespace(**said, pipeline=chosen), console(stderr=True))
        assert not isinstance(found, int) and list(found.state.pipelines) == served


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_an_object_is_got_by_an_address_that_was_signed_beforehand(served: Server, version: str) -> None:
    shop = served.served.clock.simulation
    shop.call("StartPipelineExecution", name="shop")
    shop.run("10m")
    config = settings("eu-west-1").merge(Config(signature_version=version))
    store = session().create_client("s3", endpoint_url=served.url, config=config)
    key = store.list_objects(Bucket="artifacts")["Contents"][0]["Key"]
    url = store.generate_presigned_url("get_object", Params={"Bucket": "artifacts", "Key": key})
    with urlopen(url, timeout=10) as got:
        assert got.read() == store.get_object(Bucket="artifacts", Key=key)["Body"].read()
