"""What a history taught, as a scenario that a person can read and edit: each number with what it rests on.

Beside a number stands how many observations it comes from and the interval in which the truth lies with a confidence of
95 %. Few data say so; what cannot be known is not written, and then the scenario's usual behaviour holds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from ...scenario import duration_text
from ...scenario.durations import duration_word
from . import ActionFit, ApproverFit, Calibration
from .arrivals import Block
from .durations import FEW, DurationFit
from .outcomes import OutcomeFit

WIDTH = 48
UNCLEAR = 0.25
"""Where the distribution is further than this from the data, that is said."""


def to_yaml(found: Calibration) -> str:
    """The scenario, with comments."""
    parts = [_head(found), _pushes(found), _actions("actions", found.actions), _approvals(found),
             _actions("rules", found.rules), _retry(found), _waits(found)]
    return "\n".join("\n".join(lines) + "\n" for part in parts if (lines := list(part)))


def _line(text: str, comment: str = "", indent: int = 0) -> str:
    """A line of YAML with its comment beside it, or above it where the line is long."""
    line = f"{' ' * indent}{text}"
    if len(line) > WIDTH:
        return f"{' ' * indent}# {comment}\n{line}"
    return f"{line.ljust(WIDTH)}  # {comment}".rstrip() if comment else line


def _name(text: str) -> str:
    """A key as YAML must write it."""
    written: str = yaml.safe_dump(text, width=10_000, allow_unicode=True).splitlines()[0]
    return written


def _flow(value: Any) -> str:
    written: str = yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False, allow_unicode=True)
    return written.removesuffix("\n").removesuffix("\n...")


def _percent(share: float) -> str:
    return f"{share * 100:.3g}%"


def _between(low: float | None, high: float | None) -> str:
    """An interval of durations in words."""
    if low is None:
        return "interval unknown"
    return f"{duration_text(round(low))} to {'any length' if high is None else duration_text(round(high))}"


# ---------------------------------------------------------------------------------------------- the parts


def _head(found: Calibration) -> Iterator[str]:
    history = found.history
    yield f"# How the world of {found.pipeline.name} behaves, learnt from {len(history.executions)} executions and"
    yield f"# {len(history.attempts)} attempts of actions between {history.begins:%Y-%m-%d} and {history.ends:%Y-%m-%d}."
    yield "# n: on how many observations a number rests. Intervals: the truth lies in them with a confidence of 95 %."
    for note in history.notes:
        yield f"# Note: {note.message}"
    yield f"start: {_monday(found)}"


def _monday(found: Calibration) -> str:
    """The clock begins with the Monday before the history, so that the hours of a week are where they were."""
    from datetime import timedelta

    from .hours import zone_of

    local = found.history.begins.astimezone(zone_of(found.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (local - timedelta(days=local.weekday())).isoformat()


def _pushes(found: Calibration) -> Iterator[str]:
    arrivals = found.arrivals
    if not arrivals.count:
        yield "# Too few executions began to say when pushes come."
        return
    by_trigger = ", ".join(f"{count} {name}" for name, count in found.triggers)
    yield f"# What started executions: {by_trigger}. All of them count as pushes; these streams have no end."
    yield "pushes:"
    for block in arrivals.streams:
        low, high = block.interval
        few = "; few data" if block.arrived < FEW * 2 else ""
        above = None if math.isinf(high) else high
        yield _line(f"- {_flow(_stream(block, found.zone))}", f"n = {block.arrived}; {_between(low, above)}{few}", 2)


def _stream(block: Block, zone: str) -> dict[str, Any]:
    return {"every": duration_word(max(1, round(block.every))),
            "hours": {"days": block.days, "from": f"{block.begins:02d}:00", "to": f"{block.ends:02d}:00", "zone": zone}}


def _actions(title: str, found: Sequence[ActionFit]) -> Iterator[str]:
    if not found:
        return
    yield f"{title}:"
    for action in found:
        lines = [*_duration("duration", action.duration), *_outcome(action.outcome, title), *_sooner(action)]
        yield f"  {_name(action.place)}:" if any(not line.lstrip().startswith("#") for line in lines) else (
            f"  # {action.place}: nothing is known")
        yield from lines


def _duration(key: str, fit: DurationFit) -> Iterator[str]:
    if fit.distribution is None:
        yield f"    # {key}: none of {fit.censored} had an end; the usual duration holds"
        return
    censored = f" and {fit.censored} that had no end" if fit.censored else ""
    median = fit.median
    told = f"; median {_between(median.low, median.high)}" if median is not None and median.low is not None else ""
    few = "; few data" if fit.small else ""
    yield _line(f"{key}: {_flow(fit.distribution.as_plain())}", f"n = {fit.ended}{censored}{told}{few}", 4)
    if fit.distance > UNCLEAR and not fit.small:
        yield f"    # these quantiles tell it badly: up to {_percent(fit.distance)} of the observations lie elsewhere"


def _outcome(fit: OutcomeFit, title: str) -> Iterator[str]:
    if not fit.attempts:
        return
    low, high = fit.failure_interval
    yield _line(f"failure: {_percent(fit.failure)}", f"n = {fit.attempts}, {fit.failed} failed; {_percent(low)} to "
                f"{_percent(high)}{'; few data' if fit.attempts < 20 else ''}", 4)
    if fit.told_apart:
        low, high = fit.defect_interval
        yield _line(f"defect: {_percent(fit.defect)}", f"n = {fit.revisions} revisions, {fit.retried} tried again after a "
                    f"failure; {_percent(low)} to {_percent(high)}", 4)
    elif fit.failed and title == "actions":
        yield "    # flaky or broken? No failed attempt was tried again on its revision: all count as flaky."


def _sooner(action: ActionFit) -> Iterator[str]:
    median = action.duration.median
    if action.failed_median is None or median is None or action.outcome.failed < FEW or not median.value:
        return
    if not 0.5 <= action.failed_median / median.value <= 2:
        yield (f"    # failed attempts took {duration_text(round(action.failed_median))} (median), all together "
               f"{duration_text(round(median.value))}: a scenario has one duration for both")


def _approvals(found: Calibration) -> Iterator[str]:
    if not found.approvals:
        return
    yield "approvals:"
    for place, fit in found.approvals:
        if not fit.answers:
            yield _line(f"{_name(place)}: nobody", f"n = {fit.response.censored}, none of them answered", 2)
            continue
        yield f"  {_name(place)}:"
        yield from _approver(fit)


def _approver(fit: ApproverFit) -> Iterator[str]:
    low, high = fit.interval
    yield _line(f"probability: {_percent(fit.probability)}", f"n = {fit.answers} answers, {fit.approved} yes; "
                f"{_percent(low)} to {_percent(high)}{'; few data' if fit.answers < 20 else ''}", 4)
    yield from _duration("response", fit.response)
    if fit.hours is not None:
        yield _line(f"hours: {_flow(fit.hours.as_plain())}", "99 % of the answers came then", 4)
    elif fit.response.small:
        yield "    # hours: too few answers to tell"


def _retry(found: Calibration) -> Iterator[str]:
    fit = found.retries
    if not fit.failed:
        return
    told = f"n = {fit.retried} of {fit.failed} stages that failed were tried again"
    if fit.retried * 2 < fit.failed or fit.after.distribution is None or fit.after.median is None:
        yield f"# retry: {told}: too seldom to say that somebody does"
        return
    after = duration_word(max(0, round(fit.after.median.value)))
    yield _line(f"retry: {_flow({'after': after, 'times': max(1, fit.times), 'mode': fit.mode})}",
                f"{told}; a scenario tries every one again, after the median", 0)


def _waits(found: Calibration) -> Iterator[str]:
    if not found.waits:
        return
    yield "# In front of stages executions waited so (a simulation makes these itself; compare them with its own):"
    for wait in found.waits:
        told = f"{wait.waited} of {wait.entered} waited"
        more = f", {duration_text(round(wait.median))} (median), at most {duration_text(round(wait.longest))}"
        yield f"#   {wait.stage}: {told}{more if wait.waited else ''}"


