"""The yardstick of the benchmarks is honest: the hand-written model comes to the same ends as the simulation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline_sim import Simulation

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(BENCHMARKS)
    import model
    import reference

    return model, reference


@pytest.mark.parametrize("textbook", [False, True], ids=["idiomatic", "a process for each action"])
@pytest.mark.parametrize(("mode", "gap"), [("QUEUED", 3600), ("SUPERSEDED", 3600), ("SUPERSEDED", 900)])
def test_every_execution_ends_in_the_hand_written_model_as_in_the_simulation(
    models: Any, mode: str, gap: int, textbook: bool
) -> None:
    model, reference = models
    times = [number * gap for number in range(200)]
    run = Simulation(model.pipeline(mode), model.scenario(times), seed=2).run()
    ends = {one.number: (one.status, one.updated) for one in run.state.pipelines["shop"].executions.values()}
    assert reference.stream(2, times, mode, textbook).done == ends
    expected = {"Succeeded", "Failed"} | ({"Superseded"} if mode == "SUPERSEDED" else set())
    assert {status for status, _ in ends.values()} == expected
