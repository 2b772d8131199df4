"""What an edit does to executions under way: UpdatePipeline on the simulation that a console shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...pipeline.check.members import plain
from ...pipeline.diff import consequences
from ...pipeline.model import Pipeline
from ...views.words import clock
from .. import company
from ..act import CALL, Act, do
from ..runs import call

if TYPE_CHECKING:
    from ..widget import Console


def applied(console: Console, pipeline: Pipeline) -> str:
    """Call it at the console's cursor: in the past another run begins there. The console then shows the moment right
    after; what comes back tells what it means. Raises Refused, and then nothing has changed."""
    simulation = console.simulation
    with company.lock_of(simulation):
        before = console.state.pipelines[console.pipeline_name].definition
        done = do(simulation, console.position, Act(CALL, "UpdatePipeline", {"pipeline": plain(pipeline.structure)}))
        told = f"UpdatePipeline: {' '.join(consequences(before, pipeline))}"
        if done.forked:
            at = clock(done.simulation.state, done.simulation.records[done.k - 1].time)
            call(done.simulation, f"after: Update the pipeline, {at}")
        console.show(done.simulation, done.k, told)
    return told
