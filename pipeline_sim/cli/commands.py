"""`pipeline-sim commands NAME`: the five aws commands that save a pipeline's definition, state and history."""

from __future__ import annotations

import argparse

from ..export.aws import commands


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the pipeline's name in your account")
    parser.add_argument("--region", default="", help="put into the commands")
    parser.add_argument("--profile", default="", help="put into the commands")


def run(options: argparse.Namespace) -> int:
    """Print them; nothing is run, and nothing asks the network."""
    for line in commands(options.name, {"region": options.region, "profile": options.profile}):
        print(line)
    return 0
