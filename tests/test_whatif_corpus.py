"""What-if with real definitions: most go by arrays, and come to what the simulation comes to; the others say why not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline_sim import Faults, Pipeline, Scenario, Unreadable
from pipeline_sim.pipeline.read import load_all
from pipeline_sim.whatif import replicate
from pipeline_sim.whatif.replicate import executions
from pipeline_sim.whatif.runs import planned, simulated

WORLD: dict[str, Any] = {
    "actions": {"*": {"failure": 0.1}}, "pushes": [{"every": "20m", "count": 6}, 61, 100, 119],
    "approvals": {"*": {"response": {"p50": "20m", "p95": "2h"}, "probability": 0.9}}}
WHY = {r"has several sources": 20, r"uses variables": 5, r"depends on variables": 4, r"is not allowed to": 8,
       r"shares its deployment group": 3, r"Schedules or webhooks": 4, r"in each other's way": 3, r"no value": 3,
       r"push does not start": 4, r"starts another pipeline": 3, r"is polled|several ways": 3}
"""Why the simulation must do them, and how many at most."""


def definitions(corpus: Path) -> Iterator[tuple[str, Pipeline]]:
    for kind in ("cfn", "json", "terraform"):
        for file in sorted(path for path in (corpus / kind).iterdir() if path.is_file()):
            try:
                yield from ((f"{file.name}: {one.name}", one) for one in load_all(file, lenient=True)[:1])
            except (Faults, Unreadable):
                continue


def test_nearly_every_real_definition_goes_by_arrays_as_the_simulation_does(corpus: Path) -> None:
    why: Counter[str] = Counter()
    scenario = Scenario.load(WORLD)
    for number, (name, pipeline) in enumerate(definitions(corpus)):
        world = planned(pipeline, scenario)
        if world.plan is None:
            known = [pattern for pattern in WHY if re.search(pattern, world.against)]
            assert known, f"{name}: {world.against}"
            why[known[0]] += 1
        else:
            found, told = executions(world, 1, number), simulated(pipeline, scenario, number, 0, False)
            for column, values in found.columns().items():
                assert values.tolist() == told.executions.columns()[column].tolist(), f"{name}, seed {number}: {column}"
    assert all(count <= WHY[pattern] for pattern, count in why.items()), why


def test_a_change_through_a_real_pipeline_can_be_asked_about_as_it_is(corpus: Path) -> None:
    """Nothing is said of the world: one change is released, and looked at by a source that polls."""
    pipeline = Pipeline.load(corpus / "json" / "RoyDeng__aws-lambda-ci-cd__code-pipeline.json")
    result = replicate(pipeline, Scenario(), 2_000)
    assert result.by == "arrays"
    assert result.success.value == 1
