"""How well a pipeline delivered in one run: lead time, the four delivery metrics, waiting by cause, utilisation.

What is counted, so that a simulation, an array of runs and a person with a stop-watch count the same:

- The *production stage* is the last one, unless another is named. A *deployment* is a visit to it by a standard
  execution in which an action other than an approval began and which ended, Succeeded or Failed; a rejected approval
  deploys nothing, a rollback is no deployment.
- A *change* is a revision that arrived at a source action of the pipeline. A successful deployment *carries* the
  changes up to the revision that its execution took, as far as none before it did; a superseded execution's changes are
  in the newer one. *Lead time* runs from the change's arrival to the end of the production stage of the deployment that
  carries it. Changes that nothing has carried yet are `pending`.
- *Deployment frequency* is successful deployments a day. *Change failure rate* is the share of deployments whose stage
  Failed at least once (also where a retry mended it) or was rolled back after a success. *Time to restore* runs from
  the first such failure to the next success in the production stage, by whomever: a retry, a newer execution, a
  rollback.
- *Waiting* is in seconds of executions: in front of stages by cause, for approvals, for capacity, for conditions.
- *Utilisation* is the share of the time in which somebody is in a stage; *load* is how many are on average.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..calm import calm
from ..record import ExecutionChanged, Record, RevisionArrived, StageChanged
from ..state import ExecutionState, PipelineState, State
from .spans import CAUSES, IN_FRONT, STAGE, WAIT, Span, Spans
from .words import DAY, lasting


@dataclass(frozen=True, slots=True)
class Deployment:
    """A visit to the production stage that deployed. `carried` are the numbers of the changes that came with it."""

    execution: int
    entered: int
    ended: int
    status: str
    carried: tuple[int, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True)
class StageUse:
    """How a stage was used. `waited` is the time that executions stood in front of it, whatever the cause."""

    stage: str
    visits: int
    utilisation: float
    load: float
    mean: float
    waited: int


@dataclass(frozen=True)
class Metrics:
    """The measures of one pipeline in one run. Times are in seconds; a rate is None where there is nothing to count."""

    pipeline: str
    production: str
    seconds: int
    statuses: Mapping[str, int]
    durations: tuple[int, ...]
    deployments: tuple[Deployment, ...]
    lead_times: tuple[int, ...]
    pending: int
    restore_times: tuple[int, ...]
    broken_since: int | None
    waits: Mapping[str, int]
    stages: tuple[StageUse, ...]

    @property
    def executions(self) -> int:
        return sum(self.statuses.values())

    @property
    def success_share(self) -> float | None:
        """Succeeded among those that have ended."""
        return _share(self.statuses.get("Succeeded", 0), self._ended)

    @property
    def superseded_share(self) -> float | None:
        """Superseded among those that have ended."""
        return _share(self.statuses.get("Superseded", 0), self._ended)

    @property
    def _ended(self) -> int:
        return sum(count for status, count in self.statuses.items() if status not in ("InProgress", "Stopping"))

    @property
    def throughput(self) -> float | None:
        """Executions that succeeded, a day."""
        return _share(self.statuses.get("Succeeded", 0) * DAY, self.seconds)

    @property
    def deployment_frequency(self) -> float | None:
        """Successful deployments a day."""
        return _share(sum(one.status == "Succeeded" for one in self.deployments) * DAY, self.seconds)

    @property
    def change_failure_rate(self) -> float | None:
        return _share(sum(one.failed for one in self.deployments), len(self.deployments))

    @property
    def lead_time(self) -> float | None:
        """The median."""
        return quantile(self.lead_times, 0.5)

    @property
    def time_to_restore(self) -> float | None:
        """The median."""
        return quantile(self.restore_times, 0.5)

    @property
    def changes_per_deployment(self) -> float | None:
        """How many changes a successful deployment carries on average."""
        done = [len(one.carried) for one in self.deployments if one.status == "Succeeded"]
        return _share(sum(done), len(done))

    @property
    def bottleneck(self) -> str | None:
        """The stage with the highest utilisation, and among equals the earliest."""
        used = max(self.stages, key=lambda stage: stage.utilisation, default=None)
        return used.stage if used is not None and used.utilisation > 0 else None


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def quantile(values: Sequence[float], share: float) -> float | None:
    """The quantile of a sample, linear between its values; None of an empty one."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


# ---------------------------------------------------------------------------------------------- measuring


def measure(
    records: Iterable[Record], pipeline: str = "", production: str = "", now: int | None = None
) -> Metrics:
    """The metrics of a run, of the pipeline that is named or the only one. `now` is where the clock stands, if not at
    the last record. ValueError for a name that is not there."""
    walk = Walk(production)
    with calm():
        for record in records:
            walk.take(record)
    return walk.metrics(pipeline, now)


class Walk:
    """Reads records one by one; `metrics` says what they come to so far."""

    def __init__(self, production: str = "") -> None:
        self.production = production
        self.spans = Spans()
        self.deliveries: dict[str, _Deliveries] = {}

    @property
    def state(self) -> State:
        return self.spans.state

    def take(self, record: Record) -> None:
        self.spans.take(record)
        if isinstance(record, RevisionArrived):
            for pipeline, action in record.targets:
                self._of(pipeline).arrived(action, record)
        elif isinstance(record, StageChanged):
            owner = self.state.pipelines[record.pipeline]
            execution = owner.executions[record.execution]
            if record.stage == (self.production or execution.definition.stages[-1].name):
                self._of(record.pipeline).moved(execution, record)
        elif isinstance(record, ExecutionChanged) and record.start is not None and record.start.stage:
            owner = self.state.pipelines[record.pipeline]
            if record.start.stage == (self.production or owner.definition.stages[-1].name):
                self._of(record.pipeline).rolled_back(record)

    def _of(self, pipeline: str) -> _Deliveries:
        return self.deliveries.setdefault(pipeline, _Deliveries())

    def metrics(self, pipeline: str = "", now: int | None = None) -> Metrics:
        """What has been read so far, of one pipeline."""
        owner = _chosen(self.state, pipeline)
        production = self.production or owner.definition.stages[-1].name
        if production not in owner.definition.by_name:
            raise ValueError(f"{owner.name} has no stage {production!r}: {', '.join(owner.definition.by_name)}.")
        at = self.state.now if now is None else now
        told, own = self._of(owner.name), [span for span in self.spans.all if span.pipeline == owner.name]
        statuses: dict[str, int] = {}
        for execution in owner.executions.values():
            statuses[execution.status] = statuses.get(execution.status, 0) + 1
        return Metrics(
            owner.name, production, at, statuses, tuple(_durations(owner)), tuple(told.deployments.values()),
            tuple(told.lead_times), len(told.pending()), tuple(told.restore_times), told.broken_since, _waits(own, at),
            tuple(_stages(owner, own, at)))


def _chosen(state: State, pipeline: str) -> PipelineState:
    if pipeline in state.pipelines:
        return state.pipelines[pipeline]
    if not pipeline and len(state.pipelines) == 1:
        return next(iter(state.pipelines.values()))
    which = "which of several" if not pipeline else f"no pipeline is called {pipeline!r}"
    raise ValueError(f"Metrics are of one pipeline ({which}): {', '.join(state.pipelines) or 'there is none'}.")


def _durations(pipeline: PipelineState) -> Iterable[int]:
    """How long the executions took that succeeded, rollbacks left out."""
    return (execution.updated - execution.started for execution in pipeline.executions.values()
            if execution.status == "Succeeded" and execution.start.kind == "STANDARD")


class _Deliveries:
    """What has come into production, with which changes, and when it was broken."""

    def __init__(self) -> None:
        self.deployments: dict[int, Deployment] = {}
        self.lead_times: list[int] = []
        self.restore_times: list[int] = []
        self.broken_since: int | None = None
        self._arrived: dict[str, deque[tuple[int, int]]] = {}
        self._carried: set[int] = set()
        self._last: int | None = None

    def arrived(self, action: str, record: RevisionArrived) -> None:
        self._arrived.setdefault(action, deque()).append((record.revision.number, record.time))

    def pending(self) -> set[int]:
        """Changes that nothing has carried yet."""
        return {number for waiting in self._arrived.values() for number, _ in waiting} - self._carried

    def moved(self, execution: ExecutionState, record: StageChanged) -> None:
        """The production stage of an execution changes its status."""
        if record.status == "Failed" and _deployed(execution, record.stage):
            self._failed(execution, record)
        elif record.status == "Succeeded":
            self._succeeded(execution, record)

    def _failed(self, execution: ExecutionState, record: StageChanged) -> None:
        if self.broken_since is None:
            self.broken_since = record.time
        if execution.start.kind == "STANDARD":
            self._write(execution, record, "Failed", (), True)

    def _succeeded(self, execution: ExecutionState, record: StageChanged) -> None:
        if self.broken_since is not None:
            self.restore_times.append(record.time - self.broken_since)
            self.broken_since = None
        if execution.start.kind == "STANDARD" and _deployed(execution, record.stage):
            before = self.deployments.get(execution.number)
            self._write(execution, record, "Succeeded", self._carry(execution, record.time),
                        before is not None and before.failed)
            self._last = execution.number

    def _write(
        self, execution: ExecutionState, record: StageChanged, status: str, carried: tuple[int, ...], failed: bool
    ) -> None:
        entered = execution.stages[record.stage].entered
        self.deployments[execution.number] = Deployment(
            execution.number, record.time if entered is None else entered, record.time, status, carried, failed)

    def _carry(self, execution: ExecutionState, now: int) -> tuple[int, ...]:
        """The changes that come into production with this execution, and their lead times."""
        carried = []
        for action, revision in execution.revisions.items():
            waiting = self._arrived.get(action, deque())
            while waiting and waiting[0][0] <= revision.number:
                number, arrived = waiting.popleft()
                if number not in self._carried:
                    self._carried.add(number)
                    carried.append(number)
                    self.lead_times.append(now - arrived)
        return tuple(sorted(carried))

    def rolled_back(self, record: ExecutionChanged) -> None:
        """A rollback of the production stage begins: after a success, that deployment has failed."""
        if self.broken_since is not None or self._last is None:
            return
        self.broken_since = record.time
        last = self.deployments[self._last]
        self.deployments[self._last] = Deployment(
            last.execution, last.entered, last.ended, last.status, last.carried, True)


def _deployed(execution: ExecutionState, stage: str) -> bool:
    """Whether an action other than an approval has begun in the stage."""
    declared = execution.definition.by_name[stage].by_name
    return any(not declared[name].is_approval for name in execution.stages[stage].attempts)


# ---------------------------------------------------------------------------------------------- waiting and use


def _waits(spans: Iterable[Span], now: int) -> dict[str, int]:
    waits = dict.fromkeys(CAUSES, 0)
    for span in spans:
        if span.kind == WAIT and span.cause:
            waits[span.cause] += span.lasted(now)
    return waits


def _stages(pipeline: PipelineState, spans: Iterable[Span], now: int) -> Iterable[StageUse]:
    visits: dict[str, list[Span]] = {stage.name: [] for stage in pipeline.definition.stages}
    waited = dict.fromkeys(visits, 0)
    for span in spans:
        if span.stage in visits and span.what == STAGE:
            visits[span.stage].append(span)
        elif span.stage in visits and span.what == IN_FRONT:
            waited[span.stage] += span.lasted(now)
    for name, own in visits.items():
        total = sum(span.lasted(now) for span in own)
        yield StageUse(name, len(own), _covered(own, now) / now if now else 0.0, total / now if now else 0.0,
                       total / len(own) if own else 0.0, waited[name])


def _covered(spans: Iterable[Span], now: int) -> int:
    """The time in which at least one of the spans lasts. They come in the order of their beginning."""
    covered, until = 0, 0
    for span in spans:
        end = now if span.end is None else span.end
        if end > until:
            covered += end - max(span.start, until)
            until = end
    return covered


# ---------------------------------------------------------------------------------------------- in words


def told(metrics: Metrics) -> list[tuple[str, str]]:
    """The metrics as pairs of a name and a text, for a table."""
    statuses = ", ".join(f"{count} {status}" for status, count in metrics.statuses.items()) or "none"
    waits = ", ".join(f"{cause} {lasting(seconds)}" for cause, seconds in metrics.waits.items() if seconds) or "none"
    use = ", ".join(f"{stage.stage} {stage.utilisation:.0%}" for stage in metrics.stages)
    return [
        ("executions", statuses),
        ("lead time (median)", _time(metrics.lead_time)),
        ("deployment frequency", _number(metrics.deployment_frequency, " a day")),
        ("change failure rate", _percent(metrics.change_failure_rate)),
        ("time to restore (median)", _time(metrics.time_to_restore)),
        ("throughput", _number(metrics.throughput, " a day")),
        ("superseded", _percent(metrics.superseded_share)),
        ("changes per deployment", _number(metrics.changes_per_deployment)),
        ("waiting", waits),
        ("stage utilisation", use),
        ("bottleneck", metrics.bottleneck or "none"),
    ]


def _time(seconds: float | None) -> str:
    return "none" if seconds is None else lasting(round(seconds))


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.0%}"


def _number(value: float | None, unit: str = "") -> str:
    return "none" if value is None else f"{value:.2f}{unit}"
