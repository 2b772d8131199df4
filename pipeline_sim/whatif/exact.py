"""The exact twin: what one execution comes to by closed forms, where nothing is in its way.

A stage is a sum of maxima on whole seconds, its automatic retry a second round for what failed (a geometric law that is
cut after one), an execution an absorbing Markov chain over its stages. The same tables of quantiles as in the simulation
are used, so what remains between both is luck alone, and the simulated interval must hold the exact value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import product
from math import prod

import numpy as np

from ..pipeline.model import PARALLEL, Pipeline
from ..scenario import Scenario
from . import measures
from .intervals import Estimate
from .laws import NONE, NOW, Law, longest
from .plan import Attempts, NotAnArray, Plan, StagePlan, plan_of
from .replicate import asked
from .result import Result
from .sums import Floats

EVERY = 1 << 32
MANY = 12
"""So many actions in a group can fail in 4,096 ways: more are not looked at."""


class NotClosed(ValueError):
    """There is no closed form; the sentence says why."""


@dataclass(frozen=True)
class Try:
    """An action: how long an attempt takes, how likely the first fails, the second after a failure, after a success."""

    takes: Law
    first: float
    again: float
    anew: float


@dataclass(frozen=True)
class StageLaw:
    """How long a stage takes when it succeeds and when it fails; the two laws' totals are the probabilities."""

    name: str
    good: Law
    bad: Law

    @property
    def success(self) -> float:
        return self.good.total


@dataclass(frozen=True)
class Exact:
    """One execution by closed forms. `alone` says that there is no other one, which could overtake it and carry its change
    (in PARALLEL mode)."""

    pipeline: Pipeline
    stages: tuple[StageLaw, ...]
    alone: bool = True

    @property
    def success(self) -> float:
        """The probability that an execution succeeds."""
        return prod(stage.success for stage in self.stages)

    @cached_property
    def lead_time(self) -> Law:
        """The law of the time from push to the last stage's end, of executions that succeed."""
        return reduce(lambda sofar, stage: sofar + stage.good, self.stages, NOW)

    @cached_property
    def chain(self) -> Floats:
        """The absorbing Markov chain: one row and column for each stage, then Succeeded, then Failed."""
        count = len(self.stages)
        matrix = np.zeros((count + 2, count + 2))
        for place, stage in enumerate(self.stages):
            matrix[place, place + 1] = stage.success  # after the last stage comes Succeeded
            matrix[place, count + 1] = 1 - stage.success
        matrix[count, count] = matrix[count + 1, count + 1] = 1
        return matrix

    @property
    def visits(self) -> Floats:
        """How often an execution comes to each stage: the first row of the fundamental matrix (I - Q)^-1."""
        count = len(self.stages)
        found: Floats = np.linalg.inv(np.eye(count) - self.chain[:count, :count])[0]
        return found

    @property
    def duration(self) -> float:
        """The mean time to the end of an execution, whichever: visits times the mean time in each stage."""
        means = [(stage.good | stage.bad).mean for stage in self.stages]
        return float(self.visits @ means)

    def values(self) -> dict[str, float]:
        """The measures that have a closed form, by their names. Lead times have none where executions overtake each other: a
        change comes into production with the first that succeeds of its own and all later ones."""
        found = {"success": self.success}
        if self.success > 0 and self.alone:
            law = self.lead_time
            found |= {"lead time": law.mean, **{f"lead time p{percent}": float(law.quantile(percent / 100))
                                               for percent in (50, 75, 90, 95)}}
        return found

    def beside(self, result: Result) -> Beside:
        """The exact values beside the simulated intervals of a result of the same world."""
        return Beside(tuple((name, value, result.measure(name)) for name, value in self.values().items()), self.pipeline)


@dataclass(frozen=True)
class Beside:
    """Exact value and simulated estimate of each measure."""

    rows: tuple[tuple[str, float, Estimate], ...]
    pipeline: Pipeline

    @property
    def agree(self) -> int:
        """How many intervals hold the exact value. At 95 % one in twenty does not."""
        return sum(one.low <= value <= one.high for _, value, one in self.rows)

    def told(self) -> Iterator[tuple[str, str, str, str]]:
        for name, value, one in self.rows:
            about = measures.find(name, self.pipeline)
            yield name, about.told(value), about.sentence(one), "held" if one.low <= value <= one.high else "missed"

    def __str__(self) -> str:
        from .told import columns

        return columns(("measure", "exact", "simulated", "by the interval"), self.told())

    def _repr_html_(self) -> str:
        from .told import STYLE, table

        return STYLE + table("Closed forms beside the simulation", ("measure", "exact", "simulated", "by the interval"),
                             self.told())


def exact(pipeline: Pipeline, scenario: Scenario) -> Exact:
    """The closed forms of one execution. NotClosed where executions are in each other's way, office hours or closed
    transitions make the time of day matter, or somebody acts from outside."""
    try:
        plan = plan_of(pipeline, asked(pipeline, scenario))
    except NotAnArray as refused:
        raise NotClosed(f"There is no closed form: {refused}") from refused
    _refuse(plan)
    return Exact(pipeline, tuple(_stage(stage) for stage in plan.stages), _alone(plan))


def _alone(plan: Plan) -> bool:
    """Whether there is one push in all."""
    return len(plan.fixed) + len(plan.streams) == 1 and all(stream.most == 1 for stream in plan.streams)


def _refuse(plan: Plan) -> None:
    if plan.mode != PARALLEL and not _alone(plan):
        raise NotClosed("There is no closed form: executions wait for each other. Push once, or use PARALLEL mode.")
    if plan.shared:
        raise NotClosed(f"There is no closed form: the capacity {plan.shared[0][0]} can be used up.")
    if plan.stops:
        raise NotClosed("There is no closed form: executions are stopped.")
    for stage in plan.stages:
        if stage.policy:
            raise NotClosed(f"There is no closed form: people retry {stage.name}.")
        if stage.before or stage.success or stage.failure:
            raise NotClosed(f"There is no closed form: {stage.name} has a condition.")
        if stage.closed:
            raise NotClosed(f"There is no closed form: the transition into {stage.name} is closed for a while.")
        if stage.by_the_clock:
            raise NotClosed(f"There is no closed form: an approver in {stage.name} keeps hours.")
        if any(len(group) > MANY for group in stage.groups):
            raise NotClosed(f"There is no closed form: more than {MANY} actions of {stage.name} run at once.")


# ---------------------------------------------------------------------------------------------- a stage


def _stage(stage: StagePlan) -> StageLaw:
    groups = [[_try(action) for action in group] for group in stage.groups]
    good, bad, before = NONE, NONE, NOW
    for place, group in enumerate(groups):
        takes = longest(one.takes for one in group)
        for fails in product((False, True), repeat=len(group)):
            chance = prod(one.first if failed else 1 - one.first for one, failed in zip(group, fails, strict=True))
            if not any(fails) or not chance:
                continue
            until = (before + takes).times(chance)
            won, lost = _second(stage.retry, groups, place, fails) if stage.retry else (NONE, NOW)
            good, bad = good | (until + won), bad | (until + lost)
        before = (before + takes).times(prod(1 - one.first for one in group))
    return StageLaw(stage.name, good | before, bad)


def _try(action: Attempts) -> Try:
    if action.duration is None:
        return Try(Law.at(action.timeout), 1, 1, 1)
    if action.duration.at(0xFFFF) > action.timeout:
        raise NotClosed(f"There is no closed form: an attempt of {action.key.partition('#')[0]} can time out.")
    flaky = 1 - action.threshold / EVERY if action.passes else action.threshold / EVERY
    broken = action.defect / EVERY
    first = broken + (1 - broken) * flaky
    again = (broken + (1 - broken) * flaky ** 2) / first if first else 0.0
    return Try(Law.of(action.duration), first, again, flaky)


def _second(mode: str, groups: list[list[Try]], failed_at: int, fails: tuple[bool, ...]) -> tuple[Law, Law]:
    """The round after the group `failed_at` in which these failed: how long until it is through, or has failed again."""
    good, bad = NOW, NONE
    for place, group in enumerate(groups):
        if place < failed_at:
            runs = [(one, one.anew) for one in group] if mode == "ALL_ACTIONS" else []
        elif place == failed_at:
            runs = [(one, one.again if failed else one.anew) for one, failed in zip(group, fails, strict=True)
                    if failed or mode == "ALL_ACTIONS"]
        else:
            runs = [(one, one.first) for one in group]
        good = good + longest(one.takes for one, _ in runs)
        passed = prod(1 - chance for _, chance in runs)
        good, bad = good.times(passed), bad | good.times(1 - passed)
    return good, bad
