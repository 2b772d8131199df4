"""What is known of an artifact: who made it of which revision, where it lies, who read it, where it was copied to (3).

An artifact is one object: what one attempt wrote under one name. A retry writes another; a rollback reads its target's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from html import escape
from typing import Any, NamedTuple

from ..pipeline.fault import near
from ..pipeline.model import Action
from ..state import Attempt, ExecutionState, PipelineState, State
from .links import revision_summary
from .names import artifact_key, bucket_of, region_of
from .words import clock, listed, one_line

MANAGED_KEY = "aws/s3"


@dataclass(frozen=True)
class Origin:
    """A revision that is in the artifact, by the source action that took it."""

    source: str
    revision: str
    summary: str


@dataclass(frozen=True)
class Reading:
    """An attempt that read it. `execution` is another one's where a rollback read it."""

    place: str
    execution: int
    attempt: int
    status: str
    at: int
    when: str
    region: str


@dataclass(frozen=True)
class Copied:
    """The object in the store of another Region, where CodePipeline put it before an action there began."""

    region: str
    bucket: str
    key: str
    at: int
    when: str


@dataclass(frozen=True, repr=False)
class Artifact:
    """One object of the artifact store. Times are seconds since the clock's start, and as text. `encryption` is the key
    that its store names, or the managed one. `newest` says whether it is what later actions of its execution read:
    after a retry they read the new one."""

    name: str
    pipeline: str
    execution: int
    made_by: str
    attempt: int
    at: int
    when: str
    region: str
    bucket: str
    key: str
    encryption: str
    revisions: tuple[Origin, ...]
    read_by: tuple[Reading, ...]
    copies: tuple[Copied, ...]
    newest: bool = True

    def as_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        again = f" (attempt {self.attempt})" if self.attempt > 1 else ""
        lines = [f"{self.name}: made by {self.made_by}{again} in execution {self.execution} of {self.pipeline}, at "
                 f"{self.when}.", f"  s3://{self.bucket}/{self.key} in {self.region}, encrypted with {self.encryption}."]
        lines += [f"  From {one.source}: {one.revision[:12]} ({one_line(one.summary, 60)})." for one in self.revisions]
        lines += [f"  Copied to s3://{one.bucket}/{one.key} in {one.region}, at {one.when}." for one in self.copies]
        lines.append(f"  Read by {listed(_told(one, self.execution) for one in self.read_by)}." if self.read_by else
                     "  Nobody has read it.")
        if not self.newest:
            lines.append("  A retry has made another one since, which later actions read.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        title, *facts = str(self).splitlines()
        told = "".join(f"<li style='overflow-wrap:anywhere'>{escape(fact.strip())}</li>" for fact in facts)
        return f"<div>{escape(title)}</div><ul style='margin:.3em 0'>{told}</ul>"


def _told(reading: Reading, execution: int) -> str:
    again = f" (attempt {reading.attempt})" if reading.attempt > 1 else ""
    other = f" of execution {reading.execution}" if reading.execution != execution else ""
    return f"{reading.place}{again}{other} at {reading.when}"


class _Made(NamedTuple):
    """An attempt with where it belongs."""

    execution: ExecutionState
    stage: str
    action: Action
    attempt: Attempt

    @property
    def place(self) -> str:
        return f"{self.stage}/{self.action.name}"


# ---------------------------------------------------------------------------------------------- finding them


def artifacts(state: State, pipeline: str = "") -> list[Artifact]:
    """All artifacts, of one pipeline or of all, in the order in which they were made."""
    pipelines = [one for one in state.pipelines.values() if pipeline in ("", one.name)]
    return [_seen(state, attempts, made, name) for one in pipelines for attempts in [_attempts(one)]
            for made in attempts.values() if made.attempt.status == "Succeeded" for name in made.action.outputs]


def artifact(state: State, place: str, execution: int | None = None) -> Artifact:
    """The newest object of an artifact (`"BuildOutput"`, `"Build/BuildOutput"`, `"shop:Build/BuildOutput"`), or that of
    an execution. ValueError with a near name where there is none, or where it has not been made."""
    named, _, rest = place.rpartition(":")
    stage, _, name = rest.rpartition("/")
    pipelines = [one for one in state.pipelines.values() if named in ("", one.name)]
    outputs = {(one.name, where.name, output) for one in pipelines for where, action in one.definition.walk()
               for output in action.outputs}
    known = {pipeline for pipeline, where, output in outputs if output == name and stage in ("", where)}
    if len(known) != 1:
        raise ValueError(_unknown(place, name, outputs, known))
    pipeline = state.pipelines[known.pop()]
    attempts = _attempts(pipeline)
    found = [made for made in attempts.values() if name in made.action.outputs and made.attempt.status == "Succeeded"
             and execution in (None, made.execution.number)]
    if not found:
        which = f"execution {execution} of {pipeline.name}" if execution else f"any execution of {pipeline.name}"
        raise ValueError(f"{name} has not been made in {which}.")
    return _seen(state, attempts, found[-1], name)


def _unknown(place: str, name: str, outputs: set[tuple[str, str, str]], known: set[str]) -> str:
    if known:
        return f"Several pipelines have an artifact {name}: write {' or '.join(f'{one}:{name}' for one in sorted(known))}."
    names = sorted({f"{stage}/{output}" for _, stage, output in outputs})
    meant = near(place.rpartition(":")[2], names) or near(name, {output for *_, output in outputs})
    return f"No artifact is called {place!r}. {meant or 'There is ' + (', '.join(names) or 'none') + '.'}"


def _attempts(pipeline: PipelineState) -> dict[int, _Made]:
    """Every attempt by the record that it began with, in that order."""
    found = {attempt.index: _Made(execution, stage, execution.definition.by_name[stage].by_name[name], attempt)
             for execution in pipeline.executions.values() for stage, run in execution.stages.items()
             for name, attempts in run.attempts.items() for attempt in attempts}
    return dict(sorted(found.items()))


# ---------------------------------------------------------------------------------------------- one of them


def _seen(state: State, attempts: dict[int, _Made], made: _Made, name: str) -> Artifact:
    execution, attempt, region = made.execution, made.attempt, region_of(state, made.action)
    at, index = attempt.ended if attempt.ended is not None else attempt.started, attempt.index
    readings = list(_readings(state, attempts, name, index))
    definition = execution.definition
    store = definition.stores.get(region) or (definition.stores.get("") if region == state.region else None)
    return Artifact(
        name, execution.pipeline, execution.number, made.place, attempt.number, at, clock(state, at), region,
        bucket_of(state, definition, region), artifact_key(state, execution.pipeline, name, index),
        (store.key_id if store else None) or MANAGED_KEY, tuple(_origins(attempts, made)),
        tuple(readings), tuple(_copies(state, made, name, readings)), execution.artifacts.get(name) == index)


def _readings(state: State, attempts: dict[int, _Made], name: str, index: int) -> Iterator[Reading]:
    for one in attempts.values():
        if (name, index) in zip(one.action.inputs, one.attempt.inputs, strict=False):
            attempt = one.attempt
            yield Reading(one.place, one.execution.number, attempt.number, attempt.status, attempt.started,
                          clock(state, attempt.started), region_of(state, one.action))


def _copies(state: State, made: _Made, name: str, readings: list[Reading]) -> Iterator[Copied]:
    """Once for each other Region in which somebody read it, when the first of them began."""
    done = {region_of(state, made.action)}
    for one in readings:
        if one.region not in done:
            done.add(one.region)
            yield Copied(one.region, bucket_of(state, made.execution.definition, one.region),
                         artifact_key(state, made.execution.pipeline, name, made.attempt.index), one.at, one.when)


def _origins(attempts: dict[int, _Made], made: _Made) -> list[Origin]:
    """The revisions that went into it, by way of what its maker read, and so on to the sources."""
    found: dict[str, Origin] = {}
    waiting, seen = [made], set[int]()
    while waiting:
        one = waiting.pop()
        revision = one.attempt.result.revision
        if one.action.is_source and revision is not None:
            said = revision.message or revision_summary(one.action, revision)
            found.setdefault(one.place, Origin(one.place, revision.id, said))
        for index in one.attempt.inputs:
            if index in attempts and index not in seen:
                seen.add(index)
                waiting.append(attempts[index])
    return [found[place] for place in sorted(found)]
