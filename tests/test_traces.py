"""Each behaviour of CodePipeline as a trace: a pipeline, a world, some calls, and what is recorded.

`tests/traces/*.yaml` are meant to be read. A trace has a `story` and its `evidence`; the `pipeline` and the `world` in
short form (see stories.py); where wanted `functions` of Lambda, by name with what they do, and what is made in the
`account` at the start, as challenges write it (`{sqs: CreateQueue, …}`); and `expect`, the records in order. With `only`,
records that do not contain one of its words are left out. `why` asks for reasons at the end.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline_sim import Simulation
from pipeline_sim.aws.account import of
from pipeline_sim.state import fold
from pipeline_sim.study.clinic.steps import perform, steps_of

from .stories import FUNCTIONS, lines, simulation

TRACES = sorted((Path(__file__).parent / "traces").glob("*.yaml"))
TAGS = ("MODEL", "UG", "UG22", "PROBE-A", "PROBE-B", "PRICE", "WEB", "knowledge", "design")


def play(trace: dict[str, Any]) -> Simulation:
    """Run a trace's world to its end (or to `until`)."""
    said = dict(trace["pipeline"])
    run = simulation(said.pop("stages"), trace.get("world"), trace.get("seed", 0), **said)
    for name, does in trace.get("functions", {}).items():
        of(run).function(name, FUNCTIONS[does])
    for step in steps_of(trace.get("account", ()), {}):
        perform(run, step)
    return run.run(trace.get("until"))


def told(trace: dict[str, Any], run: Simulation) -> list[str]:
    only = trace.get("only")
    found = lines(run.records)
    return found if only is None else [line for line in found if any(word in line for word in only)]


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)
def test_the_story_happens_as_it_is_told(path: Path) -> None:
    trace = yaml.safe_load(path.read_text())
    run = play(trace)
    assert told(trace, run) == trace["expect"]
    for place, words in trace.get("why", {}).items():
        answer = str(run.why(place))
        assert all(word in answer for word in words), f"why({place!r}) says: {answer}"
    assert fold(run.records) == run.state


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)
def test_every_story_says_what_it_shows_and_where_that_is_known_from(path: Path) -> None:
    trace = yaml.safe_load(path.read_text())
    assert len(trace["story"]) > 20
    assert trace["evidence"], "a trace names its evidence"
    assert all(tag.split(":")[0] in TAGS for tag in trace["evidence"])
