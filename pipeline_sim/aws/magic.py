"""How a notebook speaks the aws CLI: `%aws` for one command, `%%aws` for a cell of them, against its simulation.

`magic.register(simulation)` says which; after `%load_ext pipeline_sim.aws.magic` it is the notebook's only one. Commands
of a cell run one after another, as in a shell, whatever the ones before came to.
"""

from __future__ import annotations

import sys
from typing import Any

from ..simulation import Simulation
from .cli_door import aws, commands

_UNKNOWN = "Which simulation? Call pipeline_sim.aws.magic.register(simulation) first."


def register(simulation: Simulation, shell: Any = None) -> None:
    """Let `%aws` and `%%aws` ask this simulation. RuntimeError where no IPython runs."""
    shell = shell or _shell()
    shell.register_magic_function(_magic(shell, simulation), "line_cell", "aws")


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext pipeline_sim.aws.magic` calls."""
    shell.register_magic_function(_magic(shell, None), "line_cell", "aws")


def _shell() -> Any:
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None:
        raise RuntimeError("No notebook runs here. In plain Python: pipeline_sim.aws.cli_door.aws(simulation, command).")
    return shell


def _magic(shell: Any, chosen: Simulation | None) -> Any:
    def run(line: str, cell: str | None = None) -> None:
        simulation = chosen or _only(shell.user_ns)
        if simulation is None:
            print(_UNKNOWN, file=sys.stderr)
            return
        for command in commands(line if cell is None else f"{line}\n{cell}"):
            _show(simulation, command)

    return run


def _only(names: dict[str, Any]) -> Simulation | None:
    """The one simulation that the notebook's variables name; None where there are several, or none."""
    found = {id(value): value for name, value in names.items() if isinstance(value, Simulation) and name[:1] != "_"}
    return next(iter(found.values())) if len(found) == 1 else None


def _show(simulation: Simulation, command: str) -> None:
    try:
        done = aws(simulation, command)
    except (ImportError, ValueError) as problem:
        print(f"aws: {problem}", file=sys.stderr)
        return
    print(done.output, end="")
    print(done.errors, end="", file=sys.stderr)
