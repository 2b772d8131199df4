"""When a Lambda action of a pipeline calls a function of the account, and how often (2.5).

It is called when the action begins, with the job as its event; again where it raised, as Lambda does for whoever does not
wait for an answer; and with a new job where it has given a continuation token. What it says of the job is a call like any
other. A function that says nothing lets the action wait for its time-out.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ...record import ActionChanged, Called, Record
from ...simulation.jobs import function_of
from ...simulation.order import rank
from ...state import Job, State
from ...views.api.jobs import action_of, lambda_event
from .invoking import call

if TYPE_CHECKING:
    from . import Account

AGAIN = 30
"""Seconds until a function that has given a continuation token is called again [design]."""


def heard(account: Account, record: Record) -> None:
    """A record that may hand a job to a function: an attempt begins, or a job is to go on."""
    state = account.simulation.state
    job = _job(state, record)
    if job is None or (action_of(state, job).category, action_of(state, job).provider) != ("Invoke", "Lambda"):
        return
    event = lambda_event(state, job)
    name = function_of(event["CodePipeline.job"]["data"]["actionConfiguration"]["configuration"])
    if name in account.functions:
        order = rank(state.execution(job.pipeline, job.execution).definition.index[job.stage])
        wait = account.functions[name].takes + (AGAIN if job.continuation else 0)
        account.simulation.later(wait, order, partial(_due, account, name, job, event, order))


def _due(account: Account, name: str, job: Job, event: Mapping[str, Any], order: int) -> None:
    """The function has run. A pipeline that was deleted has taken its jobs with it: then nobody is called."""
    if job.number in account.simulation.state.jobs:
        call(account, name, event, order, lambda: job.number in account.simulation.state.jobs)


def _job(state: State, record: Record) -> Job | None:
    """The job that is handed out by what this record says. A job has the number of the record that made it."""
    if isinstance(record, ActionChanged) and record.status == "InProgress":
        attempt = state.execution(record.pipeline, record.execution).stages[record.stage].attempts[record.action][-1]
        return None if attempt.waits else state.jobs.get(attempt.index)
    if isinstance(record, Called) and record.operation == "PutJobSuccessResult" and record.error is None:
        return state.jobs.get(state.count - 1)
    return None
