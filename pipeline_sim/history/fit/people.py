"""What people did: how they answered approvals, and whether they tried again what had failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ...scenario import Hours
from ..values import History, PastAttempt
from .durations import DurationFit, Observed, fit_durations
from .hours import hours_of, seconds_between, worked
from .outcomes import Interval, share_interval

NEVER_ANSWERED = ("timeout", "timed out", "time out", "time-out", "expired")


@dataclass(frozen=True)
class ApproverFit:
    """Of so many answers so many were yes. `response` counts time of the `hours`, where answers keep to any."""

    answers: int
    approved: int
    interval: Interval
    response: DurationFit
    hours: Hours | None

    @property
    def probability(self) -> float:
        return self.approved / self.answers if self.answers else 1.0


@dataclass(frozen=True)
class RetryFit:
    """Of so many stages that failed and could be tried again somebody did so with so many, after a while."""

    failed: int
    retried: int
    times: int
    mode: str
    after: DurationFit


def ran_out_of_time(row: PastAttempt) -> bool:
    """Whether an attempt failed because its time was up. AWS's words for it differ by provider."""
    said = f"{row.code} {row.message} {row.summary}".lower()
    return row.status == "Failed" and any(word in said for word in NEVER_ANSWERED)


def fit_approver(rows: Sequence[PastAttempt], history: History, zone: str = "UTC") -> ApproverFit:
    """How an approval was answered. Nobody's answer (time-out, stop, still open) took at least so long."""
    answered = [row for row in rows if row.ended is not None and row.status in ("Succeeded", "Failed")
                and not ran_out_of_time(row)]
    approved = sum(row.status == "Succeeded" for row in answered)
    start = history.begins.replace(microsecond=0)
    hours = hours_of([row.ended for row in answered if row.ended is not None], start, zone)
    there = {row.id for row in answered}
    observed = [Observed(_lasted(row, history, start, hours), row.id in there) for row in rows]
    return ApproverFit(len(answered), approved, share_interval(approved, len(answered)), fit_durations(observed), hours)


def _lasted(row: PastAttempt, history: History, start: datetime, hours: Hours | None) -> float:
    begins, ends = seconds_between(start, row.started), seconds_between(start, row.ended or history.ends)
    return worked(hours, begins, ends) if hours is not None else max(0.0, ends - begins)


def fit_retries(failures: Sequence[tuple[float, bool, str, bool]], times: int) -> RetryFit:
    """From (seconds until the retry or the end of what is known, whether it was retried, mode, whether it could still
    be): who is never retried does not count into how long it takes."""
    retried = [one for one in failures if one[1]]
    modes = [mode for _, _, mode, _ in retried]
    mode = max(set(modes), key=modes.count) if modes else "FAILED_ACTIONS"
    return RetryFit(len(failures), len(retried), times, mode, fit_durations([Observed(one[0]) for one in retried]))
