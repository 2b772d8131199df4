"""`pipeline-sim conformance`: how much of the API's model is reached, tried out here and now."""

from __future__ import annotations

import argparse
import json
import sys

NEEDED = "pipeline-sim conformance reads the API's model from botocore: pip install 'pipeline-sim[aws]'"


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the numbers, and what is not reached, as JSON")


def run(options: argparse.Namespace) -> int:
    """Exit 0 where everything that can be reached is, 1 where something is not, 2 without botocore."""
    try:
        from ..aws.conformance import as_json, render, scoreboard
    except ModuleNotFoundError as missing:
        if missing.name and missing.name.partition(".")[0] == "botocore":
            print(NEEDED, file=sys.stderr)
            return 2
        raise
    board = scoreboard()
    print(json.dumps(as_json(board), indent=2) if options.json else render(board))
    return 1 if board.failures else 0
