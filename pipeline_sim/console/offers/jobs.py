"""What a job worker may do with an action that waits for one: take the job, acknowledge it, report how it went."""

from __future__ import annotations

from collections.abc import Iterator

from ...ids import job_id
from ...pipeline.model import Action, Stage
from ...state import Job, PipelineState
from ..act import CALL, Act
from ..moment import Moment
from .forms import Field, Offer
from .stages import words

FAILURES = ("JobFailed", "ConfigurationError", "PermissionError", "RevisionOutOfSync", "RevisionUnavailable",
            "SystemUnavailable")


def jobs(moment: Moment, pipeline: PipelineState, stage: Stage, action: Action) -> Iterator[Offer]:
    """The calls of a worker for the newest job of an action; a partner's worker, who has a client id, is not played."""
    held = [job for job in moment.state.jobs.values()
            if (job.pipeline, job.stage, job.action) == (pipeline.name, stage.name, action.name)]
    if not held or action.type.owner == "ThirdParty":
        return
    yield from _of_worker(action, held[-1], job_id(moment.seed, held[-1].number))
    yield from _results(job_id(moment.seed, held[-1].number))


def _of_worker(action: Action, job: Job, identifier: str) -> Iterator[Offer]:
    """A custom action's job is polled for and acknowledged first; a Lambda function is called with its job."""
    if action.type.owner != "Custom":
        return
    kind = {"category": action.type.category, "owner": action.type.owner, "provider": action.type.provider,
            "version": action.type.version}
    yield Offer("poll", "Take a job, as its worker", lambda said: Act(CALL, "PollForJobs", {"actionTypeId": kind}))
    yield Offer("acknowledge", "Acknowledge the job", lambda said: Act(CALL, "AcknowledgeJob", {
        "jobId": identifier, "nonce": str(job.polls)}))


def _results(identifier: str) -> Iterator[Offer]:
    yield Offer("job-success", "Report that the job succeeded", lambda said: Act(CALL, "PutJobSuccessResult", {
        "jobId": identifier, **({"executionDetails": words(said, "summary")} if said["summary"] else {})}),
        (Field("summary", "Summary"),))
    yield Offer("job-failure", "Report that the job failed", lambda said: Act(CALL, "PutJobFailureResult", {
        "jobId": identifier, "failureDetails": {"type": said["type"], "message": said["message"]}}),
        (Field("type", "Type", "choice", FAILURES[0], tuple((one, one) for one in FAILURES)),
         Field("message", "Message", value="The work failed.")))
