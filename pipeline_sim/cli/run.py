"""`pipeline-sim run FILE`: let time pass, and print what happened and why."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace

from ..pipeline.fault import Faults, Unreadable
from ..pipeline.model import Pipeline
from ..record import as_json
from ..refused import Refused
from ..scenario import Scenario, duration
from ..scenario.beside import notes_on
from ..simulation import Simulation
from ..simulation.starts import start
from .report import console, declare_source, load, tell, tell_faults, tell_unreadable

ENDLESS = "7d"

EXAMPLES = """\
  pipeline-sim run pipeline.json
  pipeline-sim run template.yaml --parameter Env=prod --scenario s.yaml --until 2d
"""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--json", action="store_true", help="print the records")
    parser.add_argument("--alone", action="store_true", help="leave out what the template sets beside the pipeline")
    declare_run(parser)
    declare_source(parser)


def declare_run(parser: argparse.ArgumentParser) -> None:
    """The options that say how a definition is run."""
    parser.add_argument("--scenario", metavar="S.yaml", help="how the world behaves")
    parser.add_argument("--seed", type=int, default=0, help="another seed, another luck (0)")
    parser.add_argument("--until", metavar="TIME", help="how long to run, such as 90m or 2d")
    parser.add_argument("--lenient", action="store_true", help="run whatever can still be simulated")


def run(options: argparse.Namespace) -> int:
    """Exit 0 when it ran, whatever the pipeline's fate; 1 for faults, 2 for what cannot be read."""
    pipeline = load(options.file, options.lenient, options)
    if isinstance(pipeline, int):
        return pipeline
    if options.alone:
        pipeline = replace(pipeline, beside=None)
    scenario = scenario_of(options.scenario, pipeline)
    if isinstance(scenario, int):
        return scenario
    try:
        simulation = play(pipeline, scenario, options.seed, options.until)
    except ValueError as problem:
        tell(console(stderr=True), str(problem))
        return 2
    if options.json:
        print(json.dumps([as_json(record) for record in simulation.records], indent=1, default=str, ensure_ascii=False))
    else:
        _tell(simulation, pipeline)
    return 0


def scenario_of(file: str | None, pipeline: Pipeline) -> Scenario | int:
    """The scenario of a file, or the exit status after telling what is wrong with it."""
    screen = console(stderr=True)
    try:
        return Scenario.load(file, [pipeline])
    except Unreadable as problem:
        tell_unreadable(problem, screen)
        return 2
    except Faults as refused:
        tell_faults(refused.faults, file or "", screen)
        return 1


def play(pipeline: Pipeline, scenario: Scenario, seed: int, until: str | None) -> Simulation:
    """One run: where the scenario brings neither pushes nor calls, somebody releases a change at the start."""
    simulation = Simulation(pipeline, scenario, seed=seed)
    if scenario.silent:
        release(simulation, pipeline)
    limit = until or (ENDLESS if simulation.scenario.endless else None)
    return simulation.run(duration(limit) if limit else None)


def release(simulation: Simulation, pipeline: Pipeline) -> None:
    """Release a change; of a pipeline whose name no call can hold (a lenient load takes it), without a call."""
    try:
        simulation.call("StartPipelineExecution", name=pipeline.name)
    except Refused:
        start(simulation, simulation.state.pipelines[pipeline.name], "StartPipelineExecution", simulation.scenario.by)
        simulation.run(0)


def _tell(simulation: Simulation, pipeline: Pipeline) -> None:
    from .timeline import tell_run

    screen = console()
    for fault in (*pipeline.waived, *notes_on(pipeline)):
        tell(screen, f"waived: {fault}", "yellow")
    tell_run(simulation, screen)
