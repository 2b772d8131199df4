"""When the way into a stage is closed: told by the records of a run, for arrays and for tables alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..pipeline.model import Pipeline
from ..record import Called, Record

NEVER = 1 << 62
"""A time that does not come: who never arrives arrives then, and what stays closed opens then."""
Spans = tuple[tuple[int, int], ...]


def spans_of(records: Iterable[Record], pipeline: Pipeline) -> dict[str, Spans]:
    """When each stage cannot be entered, as (from, to) with `to` excluded: its inbound transition is disabled, or the
    outbound one of the stage before."""
    calls = [record for record in records if isinstance(record, Called) and record.error is None
             and record.operation.endswith("StageTransition")]
    shut: dict[str, list[tuple[int, int]]] = {stage.name: [] for stage in pipeline.stages}
    for place, stage in enumerate(pipeline.stages):
        shut[stage.name] += _closed(calls, stage.name, "Inbound")
        if place + 1 < len(pipeline.stages):
            shut[pipeline.stages[place + 1].name] += _closed(calls, stage.name, "Outbound")
    return {name: tuple(_joined(sorted(found))) for name, found in shut.items()}


def _closed(calls: list[Called], stage: str, transition: str) -> Iterator[tuple[int, int]]:
    since: int | None = None
    for call in calls:
        if call.request.get("stageName") != stage or call.request.get("transitionType") != transition:
            continue
        if call.operation == "DisableStageTransition":
            since = call.time if since is None else since
        elif since is not None:
            yield since, call.time
            since = None
    if since is not None:
        yield since, NEVER


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that touch or overlap become one; an empty span closes nothing."""
    joined: list[tuple[int, int]] = []
    for begin, end in spans:
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        elif begin < end:
            joined.append((begin, end))
    return joined
