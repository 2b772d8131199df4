"""When a Lambda action of a pipeline calls a function of the account, and how often (2.5).

It is called when the action begins, with the job as its event; again where it raised, as Lambda does for whoever does not
wait for an answer; and with a new job where it has given a continuation token. What it says of the job is a call like any
other. A function that says nothing lets the action wait for its time-out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ...record import ActionChanged, Called, Record
from ...simulation.order import rank
from ...state import Job, State
from ...views.api.jobs import action_of, lambda_event
from .invoking import invoke

if TYPE_CHECKING:
    from . import Account

AGAIN = 30
"""Seconds until a function that has given a continuation token is called again [design]."""
RETRIES = (60, 120)
"""Seconds until a function that raised is called again with the same event: twice [knowledge: asynchronous invocation]."""


def heard(account: Account, record: Record) -> None:
    """A record that may hand a job to a function: an attempt begins, or a job is to go on."""
    state = account.simulation.state
    job = _job(state, record)
    if job is None or (action_of(state, job).category, action_of(state, job).provider) != ("Invoke", "Lambda"):
        return
    event = lambda_event(state, job)
    name = name_of(event["CodePipeline.job"]["data"]["actionConfiguration"]["configuration"].get("FunctionName", ""))
    if name in account.functions:
        place = state.execution(job.pipeline, job.execution).definition.index[job.stage]
        _expect(account, name, _Call(job, event, rank(place)), AGAIN if job.continuation else 0)


class _Call(NamedTuple):
    """A call that is to come: the job, the event that the function gets, its order within the instant."""

    job: Job
    event: Mapping[str, Any]
    order: int


def _job(state: State, record: Record) -> Job | None:
    """The job that is handed out by what this record says. A job has the number of the record that made it."""
    if isinstance(record, ActionChanged) and record.status == "InProgress":
        attempt = state.execution(record.pipeline, record.execution).stages[record.stage].attempts[record.action][-1]
        return None if attempt.waits else state.jobs.get(attempt.index)
    if isinstance(record, Called) and record.operation == "PutJobSuccessResult" and record.error is None:
        return state.jobs.get(state.count - 1)
    return None


def name_of(function: str) -> str:
    """A function's name, of which the whole ARN may be given."""
    return function.split(":")[6] if function.startswith("arn:") and function.count(":") >= 6 else function


def _expect(account: Account, name: str, call: _Call, wait: int, tries: int = 0) -> None:
    simulation = account.simulation

    def due() -> None:
        if call.job.number not in simulation.state.jobs:
            return  # the pipeline has been deleted, and its jobs with it
        if invoke(account, account.functions[name], call.event).error and tries < len(RETRIES):
            _expect(account, name, call, RETRIES[tries], tries + 1)

    simulation.later(wait + account.functions[name].takes, call.order, due)
