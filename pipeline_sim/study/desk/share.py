"""How a run is given to somebody else: a file or a link with its pipelines, scenario, seed and all that was done to it.

    link = link_of(simulation)      # "#run=…", to be put behind any address, or sent as it is
    opened(link)                    # the same run again, record by record
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from pathlib import Path
from typing import Any

from ...pipeline.fault import Unreadable
from ...pipeline.model import Pipeline
from ...scenario import Scenario
from ...simulation import Input, Simulation

VERSION, PREFIX = 1, "#run="
MOST = 4_000_000
"""Bytes: no shared run is larger when it is unpacked."""


def as_document(simulation: Simulation) -> dict[str, Any]:
    """A run as plain JSON. ValueError where something was done to it that is no data, such as a function of Python."""
    function = next((done.name for done in simulation.inputs if done.kind == "function"), None)
    if function is not None:
        raise ValueError(f"The function {function!r} is Python, and cannot be put into a file. Share the notebook instead.")
    inputs = [[done.time, done.kind, done.name, dict(done.arguments), done.by, done.after] for done in simulation.inputs]
    document = {"version": VERSION, "pipelines": [one.structure for one in simulation.pipelines],
                "scenario": dict(simulation.scenario.data), "seed": simulation.seed, "now": simulation.now,
                "inputs": inputs}
    try:
        made: dict[str, Any] = json.loads(json.dumps(document))
    except TypeError as problem:
        raise ValueError(f"This run cannot be put into a file: {problem}.") from None
    return made


def from_document(document: Any) -> Simulation:
    """The run that a document says, to the moment to which it had come. Raises Unreadable or Faults."""
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise Unreadable(f"This is no run of version {VERSION}.")
    try:
        pipelines = [Pipeline.load(one) for one in document["pipelines"]]
        simulation = Simulation(pipelines, Scenario.load(document["scenario"]), seed=document["seed"])
        for time, kind, name, arguments, by, after in document["inputs"]:
            simulation.repeat(Input(time, kind, name, arguments, by, after))
        return simulation.run(document["now"])
    except (KeyError, TypeError, AttributeError) as problem:
        raise Unreadable(f"The run is not whole: {type(problem).__name__} {problem}.") from None


def save(simulation: Simulation, path: str | Path) -> Path:
    """Write a run into a file."""
    target = Path(path)
    target.write_text(json.dumps(as_document(simulation), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return target


def link_of(simulation: Simulation) -> str:
    """A run as the last part of an address. Whoever opens an address sends this part to no server."""
    text = json.dumps(as_document(simulation), separators=(",", ":"))
    return PREFIX + base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def opened(given: str | Path) -> Simulation:
    """The run in a file or a link. Raises Unreadable where it is none, Faults where its pipeline or scenario has some."""
    text = str(given)
    return from_document(_unpacked(text.partition(PREFIX)[2]) if PREFIX in text else _read(Path(given)))


def _unpacked(text: str) -> Any:
    try:
        unpacking = zlib.decompressobj()
        data = unpacking.decompress(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), MOST)
        if unpacking.unconsumed_tail or not unpacking.eof:
            raise ValueError("it is cut off, or too large")
        return json.loads(data)
    except (binascii.Error, zlib.error, ValueError, RecursionError) as problem:
        raise Unreadable(f"The link holds no run: {problem}.") from None


def _read(path: Path) -> Any:
    try:
        if path.stat().st_size > MOST:
            raise Unreadable(f"{path} is too large for a run.")
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise Unreadable(f"{path} cannot be read: {problem}") from None
