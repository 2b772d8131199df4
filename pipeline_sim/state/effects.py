"""What an answered API call changes by itself, before anything follows from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ..ids import execution_number, number_of
from ..pipeline.model import Pipeline
from ..pipeline.read import from_structure
from ..record import Called
from .values import Attempt, Job, PipelineState, StageState, State, Transition

# ---------------------------------------------------------------------------------------------- pipelines


def add_pipeline(state: State, pipeline: Pipeline) -> PipelineState:
    """A pipeline comes into the account, with every transition enabled."""
    new = PipelineState(pipeline.name, pipeline, state.now, state.now, {pipeline.version: pipeline})
    new.stages = {stage.name: StageState() for stage in pipeline.stages}
    new.first = max((gone.next for gone in state.deleted if gone.name == pipeline.name), default=1)
    state.pipelines[pipeline.name] = new
    return new


def _created(state: State, call: Called) -> None:
    assert call.answer is not None
    pipeline = add_pipeline(state, from_structure(call.answer["pipeline"]))
    pipeline.tags = {tag["key"]: tag["value"] for tag in call.request.get("tags", ())}


def _updated(state: State, call: Called) -> None:
    """The next version. Stages that keep their name keep their door and who is in them."""
    assert call.answer is not None
    definition = from_structure(call.answer["pipeline"])
    pipeline = state.pipelines[definition.name]
    pipeline.definition = pipeline.versions[definition.version] = definition
    pipeline.updated = state.now
    known = pipeline.stages
    pipeline.stages = {stage.name: known.get(stage.name) or StageState() for stage in definition.stages}


def _deleted(state: State, call: Called) -> None:
    """A pipeline goes with its jobs; its executions can still be looked at among the deleted."""
    if pipeline := state.pipelines.pop(call.request["name"], None):
        state.deleted.append(pipeline)
        state.jobs = {number: job for number, job in state.jobs.items() if job.pipeline != pipeline.name}


def _started(state: State, call: Called) -> None:
    assert call.answer is not None
    pipeline = state.pipelines[call.request["name"]]
    number = execution_number(state.seed, pipeline.name, call.answer["pipelineExecutionId"])
    if (token := call.request.get("clientRequestToken")) and number is not None:
        pipeline.tokens.setdefault(token, number)


def _transition(state: State, call: Called) -> None:
    request = call.request
    stage = state.pipelines[request["pipelineName"]].stages[request["stageName"]]
    enabled = call.operation == "EnableStageTransition"
    changed = Transition(enabled, "" if enabled else request["reason"], call.by, state.now)
    if request["transitionType"] == "Inbound":
        stage.inbound = changed
    else:
        stage.outbound = changed


# ---------------------------------------------------------------------------------------------- tags


def _labels(state: State, arn: str) -> dict[str, str]:
    """The tags of a pipeline, of `webhook:name` or of `actiontype:Owner/Category/Provider/Version`."""
    resource = arn.split(":", 5)[5]
    if resource in state.pipelines:
        return state.pipelines[resource].tags
    kind, _, name = resource.partition(":")
    return state.tags.setdefault(f"{kind.lower()}:{name}", {})


def _pairs(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in tags}


def _tagged(state: State, call: Called) -> None:
    _labels(state, call.request["resourceArn"]).update(_pairs(call.request["tags"]))


def _untagged(state: State, call: Called) -> None:
    tags = _labels(state, call.request["resourceArn"])
    for key in call.request["tagKeys"]:
        tags.pop(key, None)


# ---------------------------------------------------------------------------------------------- webhooks


def _webhook_put(state: State, call: Called) -> None:
    definition = call.request["webhook"]
    name = definition["name"]
    before = state.webhooks.get(name, {})
    state.webhooks[name] = {"registered": False, **before, "definition": definition}
    if call.request.get("tags"):
        state.tags[f"webhook:{name}"] = _pairs(call.request["tags"])


def _webhook_deleted(state: State, call: Called) -> None:
    name = call.request["name"]
    state.webhooks.pop(name, None)
    state.tags.pop(f"webhook:{name}", None)


def _webhook_registered(state: State, call: Called) -> None:
    state.webhooks[call.request["webhookName"]]["registered"] = call.operation == "RegisterWebhookWithThirdParty"


# ---------------------------------------------------------------------------------------------- action types


def _type_created(state: State, call: Called) -> None:
    request = call.request
    key = (request["category"], "Custom", request["provider"], request["version"])
    state.retired_types.pop(key, None)
    state.custom_types[key] = {name: value for name, value in request.items() if name != "tags"}
    if request.get("tags"):
        category, owner, provider, version = key
        state.tags[f"actiontype:{owner}/{category}/{provider}/{version}"] = _pairs(request["tags"])


def _type_deleted(state: State, call: Called) -> None:
    """Only marked as deleted: the version is spent, but for the same type again [MODEL]."""
    key = (call.request["category"], "Custom", call.request["provider"], call.request["version"])
    if key in state.custom_types:
        state.retired_types[key] = state.custom_types.pop(key)


def _type_updated(state: State, call: Called) -> None:
    declaration = call.request["actionType"]
    identity = declaration["id"]
    key = (identity["category"], identity["owner"], identity["provider"], identity["version"])
    state.declared_types[key] = declaration


# ---------------------------------------------------------------------------------------------- jobs


def _job(state: State, identifier: str) -> Job:
    number = number_of(state.seed, "job", identifier)
    assert number is not None
    return state.jobs[number]


def _polled(state: State, call: Called) -> None:
    """Jobs are handed out: each time under a new nonce, which is how often that was."""
    assert call.answer is not None
    for handed in call.answer["jobs"]:
        job = _job(state, handed["id"] if "id" in handed else handed["jobId"])
        job.status, job.polled = "Dispatched", state.now
        job.polls += 1


def _acknowledged(state: State, call: Called) -> None:
    job = _job(state, call.request["jobId"])
    if job.status in ("Queued", "Dispatched"):
        job.status = "InProgress"


def _job_succeeded(state: State, call: Called) -> None:
    """A job is done. With a continuation token the attempt goes on in the next job, which brings the token back."""
    request = call.request
    job = _job(state, request["jobId"])
    job.status = "Succeeded"
    attempt = _attempt(state, job)
    continuation = request.get("continuationToken", "")
    if not continuation or attempt.status != "InProgress":
        return
    details = request.get("executionDetails", {})
    state.jobs[state.count] = Job(state.count, job.attempt, job.pipeline, job.execution, job.stage, job.action,
                                  state.now, continuation=continuation, percent=details.get("percentComplete"))
    attempt.result = attempt.result._replace(
        summary=details.get("summary", attempt.result.summary),
        external=details.get("externalExecutionId", attempt.result.external))


def _attempt(state: State, job: Job) -> Attempt:
    attempts = state.execution(job.pipeline, job.execution).stages[job.stage].attempts[job.action]
    return next(attempt for attempt in attempts if attempt.index == job.attempt)


def _job_failed(state: State, call: Called) -> None:
    _job(state, call.request["jobId"]).status = "Failed"


EFFECTS: dict[str, Callable[[State, Called], None]] = {
    "CreatePipeline": _created,
    "UpdatePipeline": _updated,
    "DeletePipeline": _deleted,
    "StartPipelineExecution": _started,
    "EnableStageTransition": _transition,
    "DisableStageTransition": _transition,
    "TagResource": _tagged,
    "UntagResource": _untagged,
    "PutWebhook": _webhook_put,
    "DeleteWebhook": _webhook_deleted,
    "RegisterWebhookWithThirdParty": _webhook_registered,
    "DeregisterWebhookWithThirdParty": _webhook_registered,
    "CreateCustomActionType": _type_created,
    "DeleteCustomActionType": _type_deleted,
    "UpdateActionType": _type_updated,
    "PollForJobs": _polled,
    "PollForThirdPartyJobs": _polled,
    "AcknowledgeJob": _acknowledged,
    "AcknowledgeThirdPartyJob": _acknowledged,
    "PutJobSuccessResult": _job_succeeded,
    "PutThirdPartyJobSuccessResult": _job_succeeded,
    "PutJobFailureResult": _job_failed,
    "PutThirdPartyJobFailureResult": _job_failed,
}
