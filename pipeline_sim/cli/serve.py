"""`pipeline-sim serve FILE…`: AWS's own tools ask the simulation over HTTP, and a browser looks on."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ..pipeline.fault import Faults, Unreadable
from ..pipeline.model import Pipeline
from ..scenario import Scenario
from ..simulation import Simulation
from .report import console, declare_source, load_every, tell, tell_faults, tell_unreadable

if TYPE_CHECKING:
    from rich.console import Console

EXAMPLES = """\
  pipeline-sim serve pipeline.json --speed 60x > variables.sh &
  . ./variables.sh                                                     now AWS's tools ask the simulation
  aws codepipeline start-pipeline-execution --name web-shop
  curl -X POST http://127.0.0.1:4580/clock/advance -d '{"by": "10m"}'
  aws sqs list-queues --endpoint-url "$AWS_ENDPOINT_URL"               version 1 of the CLI asks SQS elsewhere without it
"""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", help="definitions; every pipeline that they hold is served")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (127.0.0.1: this machine alone)")
    parser.add_argument("--port", type=int, default=4580, help="the port; 0 takes a free one (4580)")
    parser.add_argument("--scenario", metavar="S.yaml", help="how the world behaves")
    parser.add_argument("--seed", type=int, default=0, help="another seed, another luck (0)")
    parser.add_argument("--speed", default="step", help="60x wall time, max (while something works), or step: "
                                                        "only POST /clock/advance moves the clock (step)")
    parser.add_argument("--lenient", action="store_true", help="run whatever can still be simulated")
    declare_source(parser)


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted. Exit 1 for faults, 2 for what cannot be read or a port that cannot be had."""
    screen = console(stderr=True)
    simulation = _simulation(options, screen)
    if isinstance(simulation, int):
        return simulation
    try:
        endpoint = _bound(simulation, options)
    except (ImportError, OSError, OverflowError, ValueError) as problem:
        screen.print(f"Cannot serve on {options.host}, port {options.port}: {problem}", markup=False)
        return 2
    with endpoint:
        _tell(endpoint, simulation, options)
        endpoint.serve_forever(poll_interval=0.2)
    return 0


def _bound(simulation: Simulation, options: argparse.Namespace) -> Any:
    from ..aws.http import server

    return server(simulation, host=options.host, port=options.port, speed=options.speed)


def _simulation(options: argparse.Namespace, screen: Console) -> Simulation | int:
    pipelines: list[Pipeline] = []
    for file in options.files:
        found = load_every(file, options)
        if isinstance(found, int):
            return found
        pipelines += found
    try:
        return Simulation(pipelines, Scenario.load(options.scenario, pipelines), seed=options.seed)
    except Unreadable as problem:
        tell_unreadable(problem, screen)
        return 2
    except Faults as refused:
        tell_faults(refused.faults, options.scenario or "", screen)
        return 1
    except ValueError as problem:  # two pipelines of one name
        tell(screen, str(problem), "red")
        return 2


def _tell(endpoint: Any, simulation: Simulation, options: argparse.Namespace) -> None:
    """What to set, on standard output, so that a shell can read it; what to know, beside it."""
    from ..aws.http import LOCAL, environment

    for name, value in environment(endpoint.url, simulation.state.region).items():
        print(f"export {name}={value}", flush=True)
    screen = console(stderr=True)
    if options.host not in LOCAL:
        screen.print(f"WARNING: {options.host} is not this machine alone: everybody who reaches it can drive the "
                     "simulation. Nobody is asked for a password.", style="red", markup=False)
    screen.print(f"Look at it: {endpoint.url}/   Move the clock: curl -X POST {endpoint.url}/clock/advance "
                 "-d '{\"by\": \"10m\"}'   End: Ctrl-C", markup=False)
