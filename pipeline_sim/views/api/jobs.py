"""Jobs: the work that CodePipeline hands to job workers and Lambda functions, and what they report (2.5, 9.2).

A custom action's job is polled for, acknowledged with its nonce, and answered; a partner's job likewise, with a client
token; a Lambda function is handed its job with its event. A continuation token ends a job and begins the next one of
the same attempt. What an answer does to the attempt is the simulation's part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...ids import attempt_id, execution_id, job_id, make_id, number_of, token
from ...pipeline.model import Action
from ...refused import Refused
from ...state import Attempt, ExecutionState, Job, State
from ..names import artifact, configuration_of, pipeline_arn, region_of
from .state import without_empty

VARIABLES = 122_880
"""Bytes that all output variables of one action may take (3)."""

Request = Mapping[str, Any]


# ---------------------------------------------------------------------------------------------- handing out


def poll_for_jobs(state: State, request: Request) -> dict[str, Any]:
    """The oldest open jobs of a custom action type, one unless `maxBatchSize` says more. `queryParam` asks for those
    whose configuration has that value."""
    key = _asked_type(state, request, "Custom")
    wanted = dict(request.get("queryParam", {}))
    _check_query(state, key, wanted)
    jobs = [job for job in _open(state, key) if _matches(state, job, wanted)]
    return {"jobs": [{**job_details(state, job), "nonce": str(job.polls + 1)}
                     for job in jobs[:request.get("maxBatchSize", 1)]]}


def poll_for_third_party_jobs(state: State, request: Request) -> dict[str, Any]:
    """As `poll_for_jobs`, for partners: ids only, the rest by GetThirdPartyJobDetails."""
    jobs = list(_open(state, _asked_type(state, request, "ThirdParty")))
    return {"jobs": [{"clientId": client_id(state, job), "jobId": job_id(state.seed, job.number)}
                     for job in jobs[:request.get("maxBatchSize", 1)]]}


def _asked_type(state: State, request: Request, owner: str) -> tuple[str, str, str, str]:
    """The action type that a worker polls for: a declared one, or one that a pipeline uses all the same."""
    asked = request["actionTypeId"]
    key = (asked["category"], asked["owner"], asked["provider"], asked["version"])
    used = (action.type.key for pipeline in state.pipelines.values() for _, action in pipeline.definition.walk())
    known = key in state.custom_types or key in used
    if asked["owner"] != owner or not known or key in state.retired_types:
        raise Refused("ActionTypeNotFoundException",
                      f"There is no action type {'/'.join(key)} whose jobs workers of owner {owner} can poll for")
    return key


def _check_query(state: State, key: tuple[str, str, str, str], wanted: Mapping[str, str]) -> None:
    properties = state.custom_types.get(key, {}).get("configurationProperties", ())
    queryable = {entry["name"] for entry in properties if entry.get("queryable")}
    for name in wanted if key in state.custom_types else ():
        if name not in queryable:
            raise Refused("ValidationException", f"queryParam: '{name}' is not a queryable property of the action type")


def _open(state: State, key: tuple[str, str, str, str]) -> Iterator[Job]:
    """Jobs that a worker may take: each is offered to everybody, under a new nonce every time, until somebody has
    acknowledged it [our decision]."""
    for job in state.jobs.values():
        if job.status in ("Queued", "Dispatched") and action_of(state, job).type.key == key and \
                status_of(state, job) == job.status:
            yield job


def _matches(state: State, job: Job, wanted: Mapping[str, str]) -> bool:
    execution, attempt = _attempt(state, job)
    configuration = configuration_of(state, execution, action_of(state, job), attempt)
    return all(configuration.get(name) == value for name, value in wanted.items())


# ---------------------------------------------------------------------------------------------- one job


def get_job_details(state: State, request: Request) -> dict[str, Any]:
    return {"jobDetails": job_details(state, _job(state, request["jobId"], third_party=False))}


def get_third_party_job_details(state: State, request: Request) -> dict[str, Any]:
    job = _find(state, request["jobId"])
    if action_of(state, job).type.owner != "ThirdParty":
        raise Refused("InvalidJobException", f"The job {request['jobId']} is not a third party's")
    _check_client(state, job, request)
    details = job_details(state, job)
    return {"jobDetails": {"id": details["id"], "data": details["data"], "nonce": str(max(job.polls, 1))}}


def acknowledge_job(state: State, request: Request) -> dict[str, Any]:
    return _acknowledged(state, _job(state, request["jobId"], third_party=False), request)


def acknowledge_third_party_job(state: State, request: Request) -> dict[str, Any]:
    job = _job(state, request["jobId"], third_party=True)
    _check_client(state, job, request)
    return _acknowledged(state, job, request)


def _acknowledged(state: State, job: Job, request: Request) -> dict[str, Any]:
    """The nonce says which hand-out the worker speaks of: only the newest counts."""
    if request["nonce"] != str(job.polls):
        raise Refused("InvalidNonceException", f"'{request['nonce']}' is not the nonce of the job's latest hand-out")
    status = status_of(state, job)
    return {"status": "InProgress" if status in ("Queued", "Dispatched") else status}


def put_job_success(state: State, request: Request) -> dict[str, Any]:
    job = _job(state, request["jobId"], third_party=False)
    variables = request.get("outputVariables", {})
    if variables and request.get("continuationToken"):
        raise Refused("ValidationException", "outputVariables cannot be given together with a continuationToken")
    size = sum(len(name.encode()) + len(value.encode()) for name, value in variables.items())
    if size > VARIABLES:
        raise Refused("OutputVariablesSizeExceededException",
                      f"The output variables take {size} bytes; an action may have {VARIABLES}")
    return _reported(state, job)


def put_job_failure(state: State, request: Request) -> dict[str, Any]:
    return _reported(state, _job(state, request["jobId"], third_party=False))


def put_third_party_job_result(state: State, request: Request) -> dict[str, Any]:
    """A partner's success or failure."""
    job = _job(state, request["jobId"], third_party=True)
    _check_client(state, job, request)
    return _reported(state, job)


def _reported(state: State, job: Job) -> dict[str, Any]:
    """A result is taken while the job is being worked on; after an abandonment too, though it revives nothing
    [PROBE-B]."""
    status = status_of(state, job)
    if status != "InProgress" and _attempt(state, job)[1].status != "Abandoned":
        hint = "; acknowledge it first" if status in ("Queued", "Dispatched") else ""
        raise Refused("InvalidJobStateException", f"The job is {status}{hint}")
    return {}


# ---------------------------------------------------------------------------------------------- what a job is


def status_of(state: State, job: Job) -> str:
    """`Queued`, `Dispatched`, `InProgress`, `Succeeded`, `Failed` or `TimedOut`. A Lambda function's job needs no
    acknowledgement; a job whose attempt ended without it has timed out."""
    if job.status in ("Succeeded", "Failed"):
        return job.status
    if _attempt(state, job)[1].status != "InProgress":
        return "TimedOut"
    return job.status if action_of(state, job).type.owner != "AWS" else "InProgress"


def action_of(state: State, job: Job) -> Action:
    return state.execution(job.pipeline, job.execution).definition.stage(job.stage).action(job.action)


def _attempt(state: State, job: Job) -> tuple[ExecutionState, Attempt]:
    execution = state.execution(job.pipeline, job.execution)
    attempts = execution.stages[job.stage].attempts[job.action]
    return execution, next(attempt for attempt in attempts if attempt.index == job.attempt)


def client_id(state: State, job: Job) -> str:
    """Which of a partner's customers the job is for. The client token, which AWS hands over outside of the API, is the
    same text here [our decision]."""
    return make_id(state.seed, f"client:{job.pipeline}/{job.stage}/{job.action}", 0)


def _check_client(state: State, job: Job, request: Request) -> None:
    if request["clientToken"] != client_id(state, job):
        raise Refused("InvalidClientTokenException", "The client token is not that of the job's client")


def _find(state: State, identifier: str) -> Job:
    number = number_of(state.seed, "job", identifier)
    job = state.jobs.get(number) if number is not None else None
    if job is None:
        raise Refused("JobNotFoundException", f"There is no job with id '{identifier}'")
    return job


def _job(state: State, identifier: str, *, third_party: bool) -> Job:
    job = _find(state, identifier)
    if (action_of(state, job).type.owner == "ThirdParty") is not third_party:
        raise Refused("JobNotFoundException", f"There is no job with id '{identifier}'")
    return job


def job_details(state: State, job: Job) -> dict[str, Any]:
    """`id`, `accountId` and `data` of a job, its secrets included: the worker needs them (9.4)."""
    return {"id": job_id(state.seed, job.number), "accountId": state.account, "data": _data(state, job)}


def _data(state: State, job: Job) -> dict[str, Any]:
    execution, attempt = _attempt(state, job)
    action = action_of(state, job)
    kind = action.type
    context = {
        "pipelineName": job.pipeline,
        "stage": {"name": job.stage},
        "action": {"name": job.action, "actionExecutionId": attempt_id(state.seed, attempt.index)},
        "pipelineArn": pipeline_arn(state, job.pipeline),
        "pipelineExecutionId": execution_id(state.seed, job.pipeline, job.execution),
    }
    names = {"category": kind.category, "owner": kind.owner, "provider": kind.provider, "version": kind.version}
    return {"actionTypeId": names, "pipelineContext": context, **_work(state, job, execution, action, attempt)}


def _work(state: State, job: Job, execution: ExecutionState, action: Action, attempt: Attempt) -> dict[str, Any]:
    region = region_of(state, action)
    inputs = zip(action.inputs, attempt.inputs, strict=False)
    store = execution.definition.stores.get(region) or execution.definition.stores.get("")
    return without_empty(
        actionConfiguration={"configuration": dict(configuration_of(state, execution, action, attempt))},
        inputArtifacts=[_location(artifact(state, execution, region, name, index)) for name, index in inputs],
        outputArtifacts=[_location(artifact(state, execution, region, name, attempt.index)) for name in action.outputs],
        artifactCredentials=_credentials(state, job),
        continuationToken=job.continuation,
        encryptionKey={"id": store.key_id, "type": "KMS"} if store and store.key_id else None,
    )


def _location(found: Mapping[str, Any]) -> dict[str, Any]:
    place = found["s3location"]
    where = {"bucketName": place["bucket"], "objectKey": place["key"]}
    return {"name": found["name"], "location": {"type": "S3", "s3Location": where}}


def _credentials(state: State, job: Job) -> dict[str, str]:
    """Short-lived credentials for the artifacts of this job alone (3): they open nothing."""
    return {
        "accessKeyId": "ASIA" + token(state.seed, "access", job.number, 16).upper(),
        "secretAccessKey": token(state.seed, "secret", job.number, 20) * 2,
        "sessionToken": token(state.seed, "session", job.number, 20) * 4,
    }


def lambda_event(state: State, job: Job) -> dict[str, Any]:
    """The event that a Lambda function is called with (2.5). Its artifacts have a `revision` that is null
    [UG22:actions-invoke-lambda-function]."""
    details = job_details(state, job)
    data = {key: value for key, value in details["data"].items() if key not in ("actionTypeId", "pipelineContext")}
    for member in ("inputArtifacts", "outputArtifacts"):
        data[member] = [{**one, "revision": None} for one in data.get(member, ())]
    return {"CodePipeline.job": {**details, "data": data}}
