"""`pipeline-sim replay HISTORY…`: what a real pipeline did, told as a simulation is."""

from __future__ import annotations

import argparse
import json

from ..history import Replay
from ..record import as_json
from .past import declare_history, read
from .report import console

EXAMPLES = """\
  pipeline-sim commands web-shop         prints the aws commands that save a history; run them in a folder, then
  pipeline-sim replay folder/            tells what happened, and why
  pipeline-sim replay folder/ --ids      which number stands for which execution of yours
"""


def declare(parser: argparse.ArgumentParser) -> None:
    declare_history(parser)
    parser.add_argument("--json", action="store_true", help="print the records")
    parser.add_argument("--ids", action="store_true", help="print the real id of each execution")


def run(options: argparse.Namespace) -> int:
    from .timeline import tell_records

    past = read(options)
    if isinstance(past, int):
        return past
    replay = Replay(past)
    if options.json:
        print(json.dumps([as_json(record) for record in replay.records], indent=1, default=str, ensure_ascii=False))
        return 0
    screen = console()
    tell_records(replay.records, replay.state, replay.now, screen)
    for number, identifier in replay.ids.items() if options.ids else ():
        screen.print(f"Execution {number} is {identifier}.", markup=False)
    return 0
