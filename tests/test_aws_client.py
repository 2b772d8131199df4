"""boto3 itself asks the simulation: its checks, its paginators, its exceptions, and no socket."""

from __future__ import annotations

import io
import socket
import zipfile
from datetime import UTC, datetime
from typing import Any

import botocore.exceptions
import pytest

from pipeline_sim import Simulation
from pipeline_sim.aws.cli_door import aws
from pipeline_sim.aws.client import client
from pipeline_sim.record import Called
from tests.stories import simulation

APPROVAL = {"Source": ["App"], "Build": ["Compile"], "Prod": [{"Approve": "Manual"}]}


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network, and a user whose own configuration would lead astray."""
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    for name, value in {"AWS_PROFILE": "nobody", "AWS_CONFIG_FILE": "/nowhere", "AWS_DEFAULTS_MODE": "auto",
                        "AWS_ENDPOINT_URL": "http://169.254.169.254", "AWS_DEFAULT_REGION": "ap-south-1"}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def shop() -> Simulation:
    return simulation(APPROVAL)


def waiting(shop: Simulation) -> Any:
    """A client of a pipeline that waits for an approval."""
    made = client(shop)
    made.start_pipeline_execution(name="shop")
    shop.run("10m")
    return made


def test_a_release_by_boto3(shop: Simulation) -> None:
    boto = waiting(shop)
    action = boto.get_pipeline_state(name="shop")["stageStates"][2]["actionStates"][0]["latestExecution"]
    assert action["lastStatusChange"] == datetime(2030, 1, 7, 9, 2, tzinfo=UTC)
    answer = boto.put_approval_result(pipelineName="shop", stageName="Prod", actionName="Approve", token=action["token"],
                                      result={"summary": "fine", "status": "Approved"})
    assert answer["approvedAt"] == datetime(2030, 1, 7, 9, 10, tzinfo=UTC)
    shop.run()
    found = boto.list_pipeline_executions(pipelineName="shop")["pipelineExecutionSummaries"]
    assert [one["status"] for one in found] == ["Succeeded"]


def test_the_clock_moves_only_when_told(shop: Simulation) -> None:
    boto = waiting(shop)
    for _ in range(3):
        boto.get_pipeline_state(name="shop")
    assert shop.now == 600


def test_an_exception_of_the_api_is_caught_by_its_name(shop: Simulation) -> None:
    boto = waiting(shop)
    execution = boto.list_pipeline_executions(pipelineName="shop")["pipelineExecutionSummaries"][0]["pipelineExecutionId"]
    with pytest.raises(boto.exceptions.StageNotRetryableException) as caught:
        boto.retry_stage_execution(pipelineName="shop", stageName="Prod", pipelineExecutionId=execution,
                                   retryMode="FAILED_ACTIONS")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert "when calling the RetryStageExecution operation: Prod" in str(caught.value)


def test_botocore_checks_the_parameters_before_anything_is_called(shop: Simulation) -> None:
    boto = client(shop)
    with pytest.raises(botocore.exceptions.ParamValidationError):
        boto.get_pipeline_state(nam="shop")
    assert not [record for record in shop.records if isinstance(record, Called)]


def test_a_paginator_walks_over_all_pages(shop: Simulation) -> None:
    boto = client(shop)
    started = []
    for _ in range(5):
        started.append(boto.start_pipeline_execution(name="shop")["pipelineExecutionId"])
        shop.run(shop.now + 5)
    paginator = boto.get_paginator("list_pipeline_executions")
    pages = list(paginator.paginate(pipelineName="shop", PaginationConfig={"PageSize": 2}))
    assert [len(page["pipelineExecutionSummaries"]) for page in pages] == [2, 2, 1]
    assert [one["pipelineExecutionId"] for page in pages for one in page["pipelineExecutionSummaries"]] == started[::-1]


def test_an_answer_is_the_callers_own(shop: Simulation) -> None:
    boto = client(shop)
    boto.get_pipeline(name="shop")["pipeline"]["stages"].clear()
    boto.update_pipeline(pipeline=boto.get_pipeline(name="shop")["pipeline"])["pipeline"]["stages"].clear()
    assert len(shop.records[-1].answer["pipeline"]["stages"]) == 3  # type: ignore[union-attr, index]
    assert len(boto.get_pipeline(name="shop")["pipeline"]["stages"]) == 3


def test_what_was_got_can_be_put_back_changed(shop: Simulation) -> None:
    boto = client(shop)
    definition = boto.get_pipeline(name="shop")["pipeline"]
    definition["executionMode"] = "QUEUED"
    assert boto.update_pipeline(pipeline=definition)["pipeline"]["version"] == 2


def test_the_caller_can_be_named(shop: Simulation) -> None:
    who = "arn:aws:iam::111122223333:user/ann"
    shop.client(by=who).list_pipelines()
    assert shop.records[-1].by == who  # type: ignore[union-attr]


def test_the_region_is_the_scenarios_own(shop: Simulation) -> None:
    assert client(shop).meta.region_name == shop.state.region == "eu-west-1"


def test_artifacts_are_listed_and_read(shop: Simulation) -> None:
    waiting(shop)
    store = client(shop, "s3")
    listed = store.list_objects_v2(Bucket="artifacts", Prefix="shop/")["Contents"]
    assert [one["Key"].rpartition("/")[0] for one in listed] == ["shop/App"]
    key = listed[0]["Key"]
    head, got = store.head_object(Bucket="artifacts", Key=key), store.get_object(Bucket="artifacts", Key=key)
    body = got["Body"].read()
    assert head["ContentLength"] == len(body) == listed[0]["Size"]
    assert head["LastModified"] == datetime(2030, 1, 7, 9, 1, tzinfo=UTC)
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        assert '"artifact": "App"' in packed.read("artifact.json").decode()


def test_the_artifact_that_an_action_names_is_in_the_store(shop: Simulation) -> None:
    boto = waiting(shop)
    details = boto.list_action_executions(pipelineName="shop")["actionExecutionDetails"]
    built = next(one for one in details if one["actionName"] == "Compile")
    place = built["input"]["inputArtifacts"][0]["s3location"]
    assert client(shop, "s3").head_object(Bucket=place["bucket"], Key=place["key"])["ContentLength"] > 0


def test_pages_of_objects(shop: Simulation) -> None:
    boto = waiting(shop)
    boto.start_pipeline_execution(name="shop")
    shop.run("20m")
    paginator = client(shop, "s3").get_paginator("list_objects_v2")
    pages = paginator.paginate(Bucket="artifacts", PaginationConfig={"PageSize": 1})
    assert [len(page["Contents"]) for page in pages] == [1, 1]


def test_the_artifact_buckets_are_listed(shop: Simulation) -> None:
    """Before anything lies in them, too; `aws s3 ls` asks the same."""
    found = client(shop, "s3").list_buckets()["Buckets"]
    assert [(one["Name"], one["CreationDate"]) for one in found] == [
        ("artifacts", datetime(2030, 1, 7, 9, 0, tzinfo=UTC))]
    done = aws(shop, "aws s3 ls")
    assert done.status == 0 and done.output.split()[-1] == "artifacts", done.errors


def test_a_bucket_is_looked_through_folder_by_folder(shop: Simulation) -> None:
    """As `aws s3 ls` does it, with a delimiter; a folder is one entry, on one page alone."""
    boto = waiting(shop)
    boto.start_pipeline_execution(name="shop")
    shop.run("20m")
    assert aws(shop, "aws s3 ls artifacts").output.split() == ["PRE", "shop/"]
    assert aws(shop, "aws s3 ls s3://artifacts/shop/").output.split() == ["PRE", "App/"]
    listed = aws(shop, "aws s3 ls s3://artifacts/shop/App/").output.splitlines()
    assert len(listed) == 2 and all("PRE" not in line for line in listed)
    paginator = client(shop, "s3").get_paginator("list_objects_v2")
    pages = list(paginator.paginate(Bucket="artifacts", Delimiter="/", PaginationConfig={"PageSize": 1}))
    assert [one["CommonPrefixes"] for one in pages] == [[{"Prefix": "shop/"}]]


def test_what_is_not_in_the_store(shop: Simulation) -> None:
    store = client(shop, "s3")
    with pytest.raises(store.exceptions.NoSuchKey):
        store.get_object(Bucket="artifacts", Key="shop/App/none")
    with pytest.raises(store.exceptions.NoSuchBucket):
        store.list_objects_v2(Bucket="elsewhere")
    with pytest.raises(botocore.exceptions.ClientError, match="NotImplemented"):
        store.get_object_tagging(Bucket="artifacts", Key="shop/App/none")
    with pytest.raises(botocore.exceptions.ClientError):
        store.put_object(Bucket="artifacts", Key="new", Body=b"x")


def test_the_trail_is_looked_up(shop: Simulation) -> None:
    waiting(shop)
    trail = client(shop, "cloudtrail")
    asked = [{"AttributeKey": "EventName", "AttributeValue": "StartPipelineExecution"}]
    events = trail.lookup_events(LookupAttributes=asked)["Events"]
    assert [(one["EventName"], one["EventTime"]) for one in events] == [
        ("StartPipelineExecution", datetime(2030, 1, 7, 9, 0, tzinfo=UTC))]
    later = trail.lookup_events(LookupAttributes=asked, StartTime=datetime(2030, 1, 7, 9, 5, tzinfo=UTC))
    assert later["Events"] == []


def test_the_trail_has_no_insights(shop: Simulation) -> None:
    waiting(shop)
    assert client(shop, "cloudtrail").lookup_events(EventCategory="insight")["Events"] == []


def test_a_service_that_is_not_there_says_what_is(shop: Simulation) -> None:
    with pytest.raises(NotImplementedError, match=r"no dynamodb.*codepipeline \(every operation\).*lookup_events"):
        client(shop, "dynamodb")


def test_whatever_is_done_to_a_state_the_simulation_stays(shop: Simulation) -> None:
    """The state's answer is not copied, for it shares nothing: all that can be changed in it is changed here."""
    boto = waiting(shop)
    boto.disable_stage_transition(pipelineName="shop", stageName="Prod", transitionType="Inbound", reason="freeze")
    before, asked = repr(shop.records), boto.get_pipeline_state(name="shop")

    def spoil(value: Any) -> None:
        for part in list(value.values() if isinstance(value, dict) else value):
            if isinstance(part, dict | list):
                spoil(part)
        value.clear()

    told = repr(shop.call("GetPipelineState", name="shop"))
    spoil(asked)
    assert repr(shop.call("GetPipelineState", name="shop")) == told
    assert repr(shop.records[:len(shop.records)]).startswith(before[:-1])


# ---------------------------------------------------------------------------------------------- as S3 and STS answer


def test_the_store_is_looked_at_as_s3_is(shop: Simulation) -> None:
    """Parts of an object, conditions, buckets; an answer to HEAD has no body, so an error there has no code but 404."""
    waiting(shop)
    store = client(shop, "s3")
    key = store.list_objects(Bucket="artifacts", Prefix="shop/")["Contents"][0]["Key"]
    whole = store.get_object(Bucket="artifacts", Key=key)["Body"].read()
    for asked, part in (("bytes=0-1", whole[:2]), ("bytes=5-", whole[5:]), ("bytes=-3", whole[-3:]), ("bytes=9-4", whole)):
        got = store.get_object(Bucket="artifacts", Key=key, Range=asked)
        if part != whole:
            assert (got["Body"].read(), got["ResponseMetadata"]["HTTPStatusCode"]) == (part, 206)
            assert got["ContentRange"].endswith(f"/{len(whole)}")
    with pytest.raises(botocore.exceptions.ClientError, match="InvalidRange"):
        store.get_object(Bucket="artifacts", Key=key, Range=f"bytes={len(whole)}-")
    etag = store.head_object(Bucket="artifacts", Key=key)["ETag"]
    with pytest.raises(botocore.exceptions.ClientError, match="304"):
        store.get_object(Bucket="artifacts", Key=key, IfNoneMatch=etag)
    with pytest.raises(botocore.exceptions.ClientError, match="PreconditionFailed"):
        store.get_object(Bucket="artifacts", Key=key, IfMatch='"another"')
    assert store.head_bucket(Bucket="artifacts")["BucketRegion"] == "eu-west-1"
    assert store.get_bucket_location(Bucket="artifacts")["LocationConstraint"] == "eu-west-1"
    store.get_waiter("bucket_exists").wait(Bucket="artifacts")
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        store.head_object(Bucket="artifacts", Key="none")
    assert caught.value.response["Error"]["Code"] == "404"


def test_the_store_cannot_be_written_to_and_says_so(shop: Simulation) -> None:
    store = client(shop, "s3")
    for operation, request in (("put_object", {"Bucket": "artifacts", "Key": "new", "Body": b"x"}),
                               ("delete_object", {"Bucket": "artifacts", "Key": "new"}),
                               ("create_bucket", {"Bucket": "new"})):
        with pytest.raises(botocore.exceptions.ClientError, match="can be looked at and not written to"):
            getattr(store, operation)(**request)


def test_who_asks_is_told(shop: Simulation) -> None:
    """The question with which most scripts begin."""
    who = "arn:aws:iam::111122223333:user/ann"
    told = client(shop, "sts", by=who).get_caller_identity()
    assert (told["Account"], told["Arn"], told["UserId"][:4]) == ("111122223333", who, "AIDA")
    assert aws(shop, "sts get-caller-identity --query Account --output text").output == "111122223333\n"


def test_a_refusal_has_no_member_that_its_exception_has_not(shop: Simulation) -> None:
    boto = client(shop)
    with pytest.raises(boto.exceptions.PipelineNotFoundException) as caught:
        boto.get_pipeline(name="none")
    assert set(caught.value.response) == {"Error", "ResponseMetadata"}
    with pytest.raises(boto.exceptions.InvalidTagsException) as caught:
        boto.tag_resource(resourceArn="arn:aws:codepipeline:eu-west-1:111122223333:shop",
                          tags=[{"key": "aws:x", "value": ""}])
    assert caught.value.response["message"] == caught.value.response["Error"]["Message"]
