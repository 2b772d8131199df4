"""What AWS's tools cost against the simulation: boto3 in this process beside a Stubber's canned answer, and `get_pipeline`
over HTTP beside moto's server; then 10,000 mixed calls by 64 clients, after which the log must be whole.

Run it as `python benchmarks/aws.py`. What is compared is measured in turn, in one run, and the median ratio is printed.
"""

from __future__ import annotations

import http.client
import json
import logging
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.stub import Stubber
from moto.server import ThreadedMotoServer

from pipeline_sim import Pipeline, Simulation
from pipeline_sim.aws.http import Server, server
from pipeline_sim.record import Called
from pipeline_sim.state import fold

ROUNDS, CALLS, CLIENTS, MIXED = 7, 200, 64, 10_000
KEYS = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "y"}
ROLE = "arn:aws:iam::123456789012:role/pipeline"
TARGET = "CodePipeline_20150709."


def structure() -> dict[str, Any]:
    kinds = [("Source", "CodeCommit", {"RepositoryName": "shop", "BranchName": "main", "PollForSourceChanges": "false"}),
             ("Build", "CodeBuild", {"ProjectName": "shop"}), ("Approval", "Manual", {})]
    stages = []
    for category, provider, configuration in kinds:
        action: dict[str, Any] = {"name": provider, "runOrder": 1, "configuration": configuration, "actionTypeId": {
            "category": category, "owner": "AWS", "provider": provider, "version": "1"}}
        if category == "Source":
            action["outputArtifacts"] = [{"name": "App"}]
        elif category == "Build":
            action["inputArtifacts"] = [{"name": "App"}]
        stages.append({"name": category, "actions": [action]})
    return {"name": "shop", "roleArn": ROLE, "artifactStore": {"type": "S3", "location": "artifacts"}, "stages": stages}


def shop() -> Simulation:
    made = Simulation(Pipeline.load(structure()))
    made.call("StartPipelineExecution", name="shop")
    return made.run("1h")


def seconds(do: Callable[[], object], count: int = CALLS) -> float:
    """Seconds a call, over `count` calls."""
    began = time.perf_counter()
    for _ in range(count):
        do()
    return (time.perf_counter() - began) / count


def in_process() -> None:
    simulation = shop()
    ours, theirs = simulation.client(), boto3.client("codepipeline", **KEYS)
    canned = ours.get_pipeline_state(name="shop")
    del canned["ResponseMetadata"]
    pairs = []
    for _ in range(ROUNDS):
        with Stubber(theirs) as stub:
            for _ in range(CALLS):
                stub.add_response("get_pipeline_state", canned, {"name": "shop"})
            pairs.append((seconds(lambda: ours.get_pipeline_state(name="shop")),
                          seconds(lambda: theirs.get_pipeline_state(name="shop"))))
    ratio = statistics.median(mine / other for mine, other in pairs)
    print(f"boto3 in process: get_pipeline_state costs {ratio:.2f} times a Stubber's answer (at most 3)")


def serving(simulation: Simulation) -> tuple[Server, threading.Thread]:
    made = server(simulation)
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    return made, thread


def over_http() -> None:
    served, thread = serving(shop())
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each call would slow moto down unfairly
    moto = ThreadedMotoServer(port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    ours = boto3.client("codepipeline", endpoint_url=served.url, **KEYS)
    theirs = boto3.client("codepipeline", endpoint_url=f"http://{host}:{port}", **KEYS)
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                                     "Principal": {"Service": "codepipeline.amazonaws.com"}}]}
    boto3.client("iam", endpoint_url=f"http://{host}:{port}", **KEYS).create_role(
        RoleName="pipeline", AssumeRolePolicyDocument=json.dumps(trust))
    theirs.create_pipeline(pipeline=structure())
    pairs = [(seconds(lambda: ours.get_pipeline(name="shop")), seconds(lambda: theirs.get_pipeline(name="shop")))
             for _ in range(ROUNDS)]
    ratio = statistics.median(other / mine for mine, other in pairs)
    print(f"boto3 over HTTP: {ratio:.2f} times as many get_pipeline a second as moto's server (at least 1)")
    moto.stop()
    served.shutdown()
    served.server_close()
    thread.join()


def many() -> None:
    """10,000 calls by 64 clients at once: each is in the log once, and the log is the state."""
    simulation = shop()
    before = sum(isinstance(record, Called) for record in simulation.records)
    served, thread = serving(simulation)
    each = MIXED // CLIENTS + 1
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda number: _mixed(served.server_port, number, each), range(CLIENTS)))
    took = time.perf_counter() - began
    served.shutdown()
    served.server_close()
    thread.join()
    called = sum(isinstance(record, Called) for record in simulation.records) - before
    whole = called == each * CLIENTS and fold(simulation.records) == simulation.state
    print(f"{each * CLIENTS} mixed calls by {CLIENTS} clients: {each * CLIENTS / took:.0f} a second, "
          f"the log is {'whole' if whole else 'BROKEN'}")
    if not whole:
        raise SystemExit(1)


def _mixed(port: int, number: int, count: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    for turn in range(count):
        operation, request = [("GetPipelineState", {"name": "shop"}), ("GetPipeline", {"name": "shop"}),
                              ("ListPipelines", {}), ("GetPipeline", {"name": "none"}), ("GetPipelineState", {})][
                                  (number + turn) % 5]
        if turn % 40 == 39:
            operation, request = "StartPipelineExecution", {"name": "shop"}
        connection.request("POST", "/", json.dumps(request), {"X-Amz-Target": TARGET + operation})
        connection.getresponse().read()
    connection.close()


if __name__ == "__main__":
    in_process()
    over_http()
    many()
