"""Every view has something to say of a run of every real definition, and it is JSON where it travels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline_sim.pipeline.model import Pipeline
from pipeline_sim.simulation import Simulation
from pipeline_sim.state import fold
from pipeline_sim.views.cloudtrail import trail
from pipeline_sim.views.cost import compare, ledger
from pipeline_sim.views.events import events
from pipeline_sim.views.metrics import measure, told
from pipeline_sim.views.notifications import EVENT_TYPES, NotificationRule, approval_messages, notifications
from pipeline_sim.views.timeline import endings, lanes, rows, text
from pipeline_sim.views.why import places, why
from tests.corpus import corpus_files


@pytest.mark.parametrize("file", corpus_files("json/*.json"))
def test_all_views_of_a_real_pipelines_run(file: Path | None) -> None:
    assert file is not None
    pipeline = Pipeline.load(file, lenient=True)
    sim = Simulation(pipeline, seed=1)
    sim.call("StartPipelineExecution", name=pipeline.name)
    sim.run("1d")
    attempts = [row for row in rows(sim.records, sim.now) if row.what == "action"]
    assert len(text(attempts).splitlines()) == len(attempts) + 1
    assert endings(sim.state)[0].sentence.startswith("Execution 1 ")
    assert len(json.loads(json.dumps(events(sim.records)))) > 2 * len(attempts)
    assert json.loads(json.dumps(trail(sim.records)))[0]["eventName"] == "StartPipelineExecution"
    assert len(ledger(sim.state).lines) == len(attempts)
    assert compare(sim.state)
    assert dict(told(measure(sim.records)))["executions"].startswith("1 ")
    assert len(lanes(sim.records)[0].spans) >= len(attempts)
    rule = NotificationRule("all", pipeline.name, EVENT_TYPES, ("somewhere",))
    assert json.dumps([one.event for one in notifications(sim.records, [rule])])
    assert all(json.loads(message.body) for message in approval_messages(sim.records))
    for k in range(2, len(sim.records), 5):
        state = fold(sim.records[:k])
        assert all(why(state, place, sim.records).sentence for place in places(state))
