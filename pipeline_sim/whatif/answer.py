"""What a person asked and what came out: the answer in a sentence, its uncertainty, what it rests on, how to repeat it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..pipeline.model import Pipeline
from ..scenario import Scenario
from . import measures
from .compare import BETTER, OPEN, SAME, WORSE, Comparison
from .exact import Exact, NotClosed, exact
from .intervals import Estimate
from .knobs import World, changed
from .replicate import replicate
from .result import Result
from .sensitivity import Tornado, tornado
from .sweep import Sweep, sweep


@dataclass(frozen=True)
class Question:
    """What is asked: changes that hold throughout (`given`), changes to compare with the world as it is then, knobs to
    sweep over, whether to look for what matters; how many runs, or how precise; of which measure."""

    pipeline: Pipeline
    scenario: Scenario
    given: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    swept: tuple[tuple[str, tuple[str, ...]], ...] = ()
    matters: bool = False
    runs: int | None = None
    precision: str | None = None
    measure: str = "lead time"
    seed: int = 0
    workers: int = 1

    @property
    def world(self) -> World:
        """The world that is asked of. ValueError, or Faults."""
        return changed((self.pipeline, self.scenario), *self.given)


@dataclass(frozen=True)
class Answer:
    """What came out. `command` is how to ask again; `files` the names and digests of what was read."""

    question: Question
    result: Result
    comparisons: tuple[tuple[str, Comparison], ...] = ()
    sweep: Sweep | None = None
    tornado: Tornado | None = None
    exact: Exact | None = None
    command: str = ""
    files: tuple[tuple[str, str], ...] = field(default=())

    @property
    def sentences(self) -> list[str]:
        """The answer, a sentence for each thing that was asked."""
        told = [f"{words}: {said(pair, self.question.measure)}" for words, pair in self.comparisons]
        if self.sweep is not None:
            told.append(_best(self.sweep, self.question.measure))
        if self.tornado is not None and self.tornado.bars:
            told.append(_most(self.tornado))
        return told or [plainly(self.result)]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every number with its interval, for programs: one row for each measure of each world."""
        for world, result in (("base", self.result), *((words, pair.change) for words, pair in self.comparisons)):
            for name, one in result.summary().items():
                yield _row(world, "value", name, result, one)
        for words, pair in self.comparisons:
            for name in pair.names:
                yield _row(words, "difference", name, pair.base, pair.difference(name))
        for point in self.sweep.points if self.sweep else ():
            at = ", ".join(f"{knob}={value}" for knob, value in zip(self.sweep.grid, point.at, strict=True))  # type: ignore[union-attr]
            for name, one in point.estimates.items():
                yield _row(at, "value", name, self.result, one)

    def assumptions(self) -> list[str]:
        """What the numbers rest on."""
        return list(_assumptions(self.question, self.result))


def answer(question: Question, *, command: str = "", files: Sequence[tuple[str, str]] = (), progress: bool | None = None
           ) -> Answer:
    """Do what is asked. ValueError, or Faults, where the question makes no sense."""
    world = question.world
    worlds = [(words, changed(world, *words.split(";"))) for words in question.compared]  # all mistakes before any work
    measures.find(question.measure, world[0])
    base = replicate(*world, question.runs, to=question.precision, of=question.measure, seed=question.seed,
                     workers=question.workers, progress=progress)
    pairs = tuple((words, Comparison(base, replicate(*other, base.runs, seed=question.seed, workers=question.workers,
                                                     progress=progress))) for words, other in worlds)
    runs = min(base.runs, 2_000)
    swept = sweep(*world, _grid(question), runs, of=_of(question), seed=question.seed, workers=question.workers,
                  progress=progress) if question.swept else None
    storm = tornado(*world, of=question.measure, runs=runs, seed=question.seed,
                    progress=progress) if question.matters else None
    return Answer(question, base, pairs, swept, storm, _exact(*world), command, tuple(files))


def _grid(question: Question) -> dict[str, tuple[str, ...]]:
    twice = [name for name, count in Counter(name for name, _ in question.swept).items() if count > 1]
    if twice:
        raise ValueError(f"{twice[0]} is swept over twice: name all its values at once.")
    return dict(question.swept)


def _of(question: Question) -> tuple[str, ...]:
    return tuple(dict.fromkeys((question.measure, "success", "lead time", "lead time p90")))


def _exact(pipeline: Pipeline, scenario: Scenario) -> Exact | None:
    try:
        return exact(pipeline, scenario)
    except NotClosed:
        return None
    except ValueError:  # too long to be written out
        return None


# ---------------------------------------------------------------------------------------------- in sentences


def plainly(result: Result) -> str:
    """What a result says, in a sentence or two."""
    success = result.measure("success")
    if not success.count:
        return "No execution came to an end."
    chance = f"{_percent(success)} of the executions that run to an end succeed"
    if not len(result.leads.value):
        return f"{chance}; no change comes into production."
    half, most = (result.measure(f"lead time p{percent}") for percent in (50, 95))
    told = result.about("lead time").told
    return (f"{chance}. Half of the changes that come into production are there within {told(half.value)} "
            f"({told(half.low)} to {told(half.high)}), 95 % within {told(most.value)} "
            f"({told(most.low)} to {told(most.high)}).")


def _percent(one: Estimate) -> str:
    return f"{one.value:.1%} ({one.low:.1%} to {one.high:.1%})"


def said(pair: Comparison, measure: str) -> str:
    """What a comparison says of one measure: the difference, how sure, what else would be needed."""
    about, gap, verdict = pair.base.about(measure), pair.difference(measure), pair.verdict(measure)
    if verdict == SAME:
        return f"the {measure} stays as it is in every run."
    if not gap.count:
        where = "before" if not pair.base.measure(measure).count else "after"
        return f"there is no {measure} to compare: {where} the change nothing has one."
    before, after = (about.told(one.measure(measure).value) for one in (pair.base, pair.change))
    low, high = sorted((abs(gap.low), abs(gap.high)))
    if verdict == OPEN:
        needed = pair.runs_to_settle(measure)
        more = f"; some {needed:,} runs would settle it, if the difference is what it seems" if needed else ""
        return (f"whether the {measure} changes is not settled by {pair.base.runs:,} runs: from {before} to {after}, a "
                f"difference of {about.signed(gap.low)} to {about.signed(gap.high)}{more}.")
    word = {BETTER: "better", WORSE: "worse"}.get(verdict, "different")
    way = "falls" if gap.value < 0 else "rises"
    size, least, most = (about.signed(one).lstrip("+") for one in (abs(gap.value), low, high))
    return (f"the {measure} {way} by {size} ({least} to {most}), from {before} to {after}: "
            f"{word}. A single run is better with {_chance(pair, measure)}.")


def _chance(pair: Comparison, measure: str) -> str:
    one = pair.improvement(measure)
    return f"probability {one.value:.0%} ({one.low:.0%} to {one.high:.0%})" if one.count else "unknown probability"


def _most(found: Tornado) -> str:
    """Which knob matters most, and by how much; or that none is seen to."""
    about, bar = measures.find(found.measure, found.pipeline), found.bars[0]
    if not found.base.count or not bar.swing > 0:
        why = "none of these knobs is seen to change it" if found.base.count else "in these runs there is none"
        return f"What matters for the {found.measure} cannot be said: {why}."
    ends = " to ".join(f"{about.signed(one.value)} with {value}" for one, value in (
        (bar.at_low, bar.low), (bar.at_high, bar.high)))
    return f"{bar.knob} matters most for the {found.measure}: from {ends}."


def _best(found: Sweep, measure: str) -> str:
    about = measures.find(measure, found.pipeline)
    if not any(one.estimates[measure].count for one in found.points):
        return f"At no point of the grid is there a {measure} to measure."
    point = found.best(measure)
    at = " and ".join(f"{knob} = {value}" for knob, value in zip(found.grid, point.at, strict=True))
    best = "best" if about.better else "highest"
    return f"The {measure} is {best}, {about.sentence(point.estimates[measure])}, with {at}."


# ---------------------------------------------------------------------------------------------- assumptions, rows


def _assumptions(question: Question, result: Result) -> Iterator[str]:
    pipeline, scenario = result.pipeline, result.scenario
    yield f"{pipeline.name} is of type {pipeline.type} in {pipeline.mode} mode, with {len(pipeline.stages)} stages."
    for words in question.given:
        yield f"Set for this question: {words}."
    if question.world[1].silent:
        yield "The scenario brings no pushes: one change is released when the clock starts."
    yield from scenario.describe().splitlines()
    yield "Whatever is not said is as usual: durations typical of each provider, no failures, nothing shared."
    for stage, action in pipeline.walk():
        if action.is_approval and scenario.approver(stage.name, action) is None:
            yield f"Nobody answers {stage.name}/{action.name}: it times out, and fails. Say who approves under `approvals`."
    for fault in pipeline.waived:
        yield f"Passed over: {fault}"
    yield "Attempts are independent of each other and of the time of day, but for what the scenario says."
    yield f"Evaluated by {result.by}. Prices are those of us-east-1 in USD, before free tiers."


def _row(world: str, kind: str, name: str, result: Result, one: Estimate) -> dict[str, Any]:
    return {"world": world, "kind": kind, "measure": name, "unit": result.about(name).unit, "value": one.value,
            "low": one.low, "high": one.high, "observations": one.count}
