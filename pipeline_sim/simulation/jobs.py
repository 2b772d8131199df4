"""What job workers do to actions: a success, a failure or a continuation ends or prolongs the attempt (9.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..ids import number_of
from ..record import Result, Revision
from ..state import Job
from .luck import time_limit
from .revisions import revision_for, revision_of
from .work import Work, timed_out

if TYPE_CHECKING:
    from . import Simulation

SILENCE = 20 * 60
"""A Lambda function that says nothing for 20 minutes has timed out (2.5, 10)."""


def function_of(settings: Mapping[str, str]) -> str:
    """The name of the function that a Lambda action calls; its whole ARN may be given."""
    name = settings.get("FunctionName", "")
    return name.split(":")[6] if name.startswith("arn:") and name.count(":") >= 6 else name


def after(sim: Simulation, operation: str, request: Mapping[str, Any]) -> Callable[[], object] | None:
    """What follows from a job worker's call, if anything."""
    if operation in ("PutJobSuccessResult", "PutThirdPartyJobSuccessResult"):
        return lambda: _succeeded(sim, request)
    if operation in ("PutJobFailureResult", "PutThirdPartyJobFailureResult"):
        return lambda: _failed(sim, request)
    return None


def _work_of(sim: Simulation, request: Mapping[str, Any]) -> tuple[Job, Work] | None:
    """The job and its attempt; None where the attempt is over: a late result revives nothing [PROBE-B]."""
    number = number_of(sim.seed, "job", request["jobId"])
    job = sim.state.jobs[number if number is not None else -1]
    run = sim.runs.get((job.pipeline, job.execution))
    for work in run.works if run is not None else ():
        attempt = work.run.execution.stages[job.stage].attempts[work.action.name][-1]
        if work.action.name == job.action and not work.status and attempt.index == job.attempt:
            return job, work
    return None


def _succeeded(sim: Simulation, request: Mapping[str, Any]) -> None:
    found = _work_of(sim, request)
    if found is None:
        return
    _, work = found
    if request.get("continuationToken"):
        if work.action.provider == "Lambda":
            _wait_again(sim, work)
        return
    details = request.get("executionDetails", {})
    work.finish("Succeeded", Result(details.get("summary", ""), variables=dict(request.get("outputVariables", {})),
                                    revision=_revision(sim, work, request) if work.action.is_source else None,
                                    external=details.get("externalExecutionId", ""), job=True))


def _revision(sim: Simulation, work: Work, request: Mapping[str, Any]) -> Revision:
    """What the worker of a custom source has fetched: the revision that it reports, or else the one it was to fetch."""
    told, execution, name = request.get("currentRevision"), work.run.execution, work.action.name
    if not told:
        return revision_for(sim, execution, name)
    found = revision_of(sim, work.run.pipeline, told["revision"])
    return found._replace(message=told.get("revisionSummary") or found.message)


def _wait_again(sim: Simulation, work: Work) -> None:
    """The function asked to be called again: another twenty minutes, within the day that the action has (2.5)."""
    attempt = work.run.execution.stages[work.stage.name].attempts[work.action.name][-1]
    limit = time_limit(sim, work.action)
    left = attempt.started + limit - sim.now
    wait = min(SILENCE, left)
    work.plan = timed_out(work.action, SILENCE if wait == SILENCE else limit)
    work.until = sim.now + wait
    work.move(wait)


def _failed(sim: Simulation, request: Mapping[str, Any]) -> None:
    found = _work_of(sim, request)
    if found is None:
        return
    _, work = found
    details = request["failureDetails"]
    work.finish("Failed", Result("", details["type"], details["message"], job=True,
                                      external=details.get("externalExecutionId", "")))
