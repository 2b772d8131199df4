"""Doing the runs: `replicate` for one pipeline in one world, `compare` for two of them under the same luck."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..pipeline.model import Pipeline
from ..scenario import Scenario
from . import intervals
from .intervals import Estimate
from .result import Floats, Result
from .runs import evaluated, reason_against_arrays

World = tuple[Pipeline, Scenario]


def replicate(pipeline: Pipeline, scenario: Scenario, runs: int = 10_000, *, seed: int = 0, workers: int = 1) -> Result:
    """Run a pipeline in a world many times; run *r* has the seed `seed + r`, whatever the number of `workers`
    (processes). Arrays do it where they can, otherwise the simulation, run by run. ValueError where pushes have no end."""
    if runs < 1 or workers < 1:
        raise ValueError(f"runs and workers are at least 1, not {runs} and {workers}.")
    if scenario.endless:
        raise ValueError("This scenario pushes without end: give its stream a count, until or for, such as for: 30d.")
    against = reason_against_arrays(pipeline, scenario)
    by = f"simulation ({against})" if against else "arrays"
    return Result(pipeline, scenario, runs, seed, evaluated(pipeline, scenario, runs, seed, workers), by)


@dataclass(frozen=True)
class Comparison:
    """Two worlds under the same luck, run by run."""

    base: Result
    change: Result

    def differences(self, measure: str = "lead time") -> Floats:
        """Change minus base in each run that has the measure in both."""
        both: Floats = self.change.by_run(measure) - self.base.by_run(measure)
        return both[~np.isnan(both)]

    def difference(self, measure: str = "lead time") -> Estimate:
        """By how much the measure of a run changes on average: the paired interval."""
        return intervals.mean(self.differences(measure))

    def improvement(self, measure: str = "lead time") -> Estimate:
        """How probable it is that a run is better for the change: shorter, fewer, or (success, deployments) more."""
        wanted = 1 if measure in ("success", "deployments") else -1
        found = self.differences(measure)
        return intervals.proportion(int(np.count_nonzero(found * wanted > 0)), len(found))


def compare(base: World, change: World, runs: int = 10_000, *, seed: int = 0, workers: int = 1) -> Comparison:
    """Both (pipeline, scenario) with the same seeds: what the change does not name has the same luck in both, so that
    their difference is known far better than each of them."""
    first, second = (replicate(pipeline, scenario, runs, seed=seed, workers=workers)
                     for pipeline, scenario in (base, change))
    return Comparison(first, second)
